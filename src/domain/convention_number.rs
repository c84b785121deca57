//! The number of a convention d'accès, in the two forms that conventions bear.

use std::fmt;
use std::str::FromStr;

/// A convention's number: `2017-21590410300011` (year, SIRET) or `2016-12-227700010` (year, order, SIREN).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConventionNumber(String);

/// Why a text is not the number of a convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConventionNumberError {
    /// Neither of the two forms.
    #[error("neither year-SIRET nor year-order-SIREN")]
    Shape,
    /// A year outside 1990–2100.
    #[error("year {found} is outside 1990–2100")]
    Year {
        /// The year that was read.
        found: u16,
    },
}

impl ConventionNumber {
    /// The number, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ConventionNumber {
    type Err = ConventionNumberError;

    fn from_str(text: &str) -> Result<Self, ConventionNumberError> {
        let typed: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            // Word processors change a typed hyphen.
            .map(|c| if matches!(c, '\u{2010}'..='\u{2013}') { '-' } else { c })
            .collect();
        let parts: Vec<&str> = typed.split('-').collect();
        let known = match parts.as_slice() {
            [year, siret] => digits(year, 4, 4) && digits(siret, 14, 14),
            [year, order, siren] => digits(year, 4, 4) && digits(order, 1, 4) && digits(siren, 9, 9),
            _ => false,
        };
        let year = typed.get(..4).and_then(|year| year.parse().ok());
        match year {
            Some(1990..=2100) if known => Ok(Self(typed)),
            Some(found) if known => Err(ConventionNumberError::Year { found }),
            _ => Err(ConventionNumberError::Shape),
        }
    }
}

fn digits(part: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
}

impl fmt::Display for ConventionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<String, ConventionNumberError> {
        text.parse().map(|number: ConventionNumber| number.to_string())
    }

    #[test]
    fn reads_both_forms() {
        assert_eq!(read("2017-21590410300011").as_deref(), Ok("2017-21590410300011"));
        assert_eq!(read(" 2016-12-227 700 010 ").as_deref(), Ok("2016-12-227700010"));
        assert_eq!(read("2016–1–227700010").as_deref(), Ok("2016-1-227700010"));
    }

    #[test]
    fn says_what_is_wrong() {
        use ConventionNumberError::{Shape, Year};
        for wrong in [
            "",
            "2017",
            "2017-2159041030001",
            "2017-12345-227700010",
            "17-21590410300011",
            "2017-1-2-3",
            "2017-+1-227700010",
        ] {
            assert_eq!(read(wrong), Err(Shape), "{wrong}");
        }
        assert_eq!(read("1989-21590410300011"), Err(Year { found: 1989 }));
        assert_eq!(read("2101-1-227700010"), Err(Year { found: 2101 }));
    }

    proptest! {
        #[test]
        fn reads_back_what_it_shows(text in "\\PC{0,24}|(19[89]|20[0-9]|210)[0-9]-([0-9]{14}|[0-9]{1,4}-[0-9]{9})") {
            if let Ok(number) = read(&text) {
                prop_assert_eq!(read(&number), Ok(number));
            }
        }
    }
}
