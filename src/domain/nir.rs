//! NIR: the number of a person in the national register (numéro de sécurité sociale), with its key.
//! It never shows in a debug output, hence neither in a log nor in a failed assertion of a careless caller.

use std::fmt;
use std::str::FromStr;

const LENGTH: usize = 15;
/// Printed on specimens of the card: a valid key, nobody's number.
const SPECIMEN: &str = "269054958815780";

/// A NIR of fifteen characters whose key is right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nir([u8; LENGTH]);

/// Why a text is not a NIR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NirError {
    /// Another number of characters than expected.
    #[error("{found} characters instead of 15")]
    Length {
        /// How many were given, spaces aside.
        found: usize,
    },
    /// Letters elsewhere than in 2A and 2B, or other signs.
    #[error("not a NIR")]
    Shape,
    /// The first digit is not one of 1, 2, 3, 4, 7, 8.
    #[error("wrong first digit")]
    Sex,
    /// The fourth and fifth digits are neither a month nor a code of an incomplete civil status.
    #[error("wrong month")]
    Month,
    /// The last two digits do not agree with the others.
    #[error("key {found:02} instead of {expected:02}")]
    Key {
        /// What the first thirteen characters give.
        expected: u32,
        /// What was typed.
        found: u32,
    },
    /// The number of the specimen card.
    #[error("number of the specimen card")]
    Specimen,
}

impl Nir {
    /// The fifteen characters, key included: for storage, never for a log.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The NIR that begins with these thirteen characters.
    pub fn with_key(first13: &str) -> Result<Self, NirError> {
        if first13.len() != 13 {
            return Err(NirError::Length { found: first13.chars().count() });
        }
        let number = value(first13)?;
        format!("{first13}{:02}", key(number)).parse()
    }
}

impl FromStr for Nir {
    type Err = NirError;

    fn from_str(text: &str) -> Result<Self, NirError> {
        let typed: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-'))
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let found = typed.chars().count();
        let bytes: [u8; LENGTH] = match typed.as_bytes().try_into() {
            Ok(bytes) => bytes,
            Err(_) if found == LENGTH => return Err(NirError::Shape),
            Err(_) => return Err(NirError::Length { found }),
        };
        let (Some(first13), Some(last2)) = (typed.get(..13), typed.get(13..)) else {
            return Err(NirError::Shape);
        };
        let number = value(first13)?;
        if !last2.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NirError::Shape);
        }
        let found: u32 = last2.parse().map_err(|_| NirError::Shape)?;
        if !matches!(bytes.first(), Some(b'1'..=b'4' | b'7' | b'8')) {
            return Err(NirError::Sex);
        }
        // Beyond twelve: codes for a civil status whose month is not known.
        if !matches!(first13.get(3..5).and_then(|month| month.parse().ok()), Some(1..=12 | 20..=42 | 50..=99))
        {
            return Err(NirError::Month);
        }
        let expected = key(number);
        if found != expected {
            return Err(NirError::Key { expected, found });
        }
        if typed == SPECIMEN {
            return Err(NirError::Specimen);
        }
        Ok(Self(bytes))
    }
}

/// The thirteen characters as the number of which the key is made: Corsica counts as 19 and 18.
fn value(first13: &str) -> Result<u64, NirError> {
    let number = match first13.get(5..7) {
        Some("2A") => replaced(first13, "19"),
        Some("2B") => replaced(first13, "18"),
        _ => first13.to_owned(),
    };
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NirError::Shape);
    }
    number.parse().map_err(|_| NirError::Shape)
}

fn replaced(first13: &str, departement: &str) -> String {
    let (before, after) = (first13.get(..5), first13.get(7..));
    [before.unwrap_or_default(), departement, after.unwrap_or_default()].concat()
}

fn key(number: u64) -> u32 {
    u32::try_from(97 - number % 97).unwrap_or_default()
}

impl fmt::Display for Nir {
    /// As on the card: 2 95 10 99 126 111 93, with spaces that do not break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, c) in self.as_str().chars().enumerate() {
            if matches!(place, 1 | 3 | 5 | 7 | 10 | 13) {
                f.write_str("\u{a0}")?;
            }
            write!(f, "{c}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Nir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nir(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_known_numbers() {
        for known in ["295109912611193", "253072B07300470", "253072A07300443"] {
            let nir: Nir = known.parse().unwrap();
            assert_eq!(nir.as_str(), known);
            assert_eq!(Nir::with_key(&known[..13]), Ok(nir));
        }
        let typed: Nir = "2 95 10 99 126 111 93".parse().unwrap();
        assert_eq!(typed.to_string(), "2\u{a0}95\u{a0}10\u{a0}99\u{a0}126\u{a0}111\u{a0}93");
        assert_eq!("253072b07300470".parse::<Nir>().unwrap().as_str(), "253072B07300470");
    }

    #[test]
    fn says_what_is_wrong() {
        let wrong = |text: &str| text.parse::<Nir>().unwrap_err();
        assert_eq!(wrong("2951099126111"), NirError::Length { found: 13 });
        assert_eq!(wrong("29510991261119X"), NirError::Shape);
        assert_eq!(wrong("2951099126é1193"), NirError::Shape);
        assert_eq!(wrong("2A5109912611193"), NirError::Shape);
        assert_eq!(wrong("+95109912611193"), NirError::Shape);
        assert_eq!(wrong("2951099126111+3"), NirError::Shape);
        assert_eq!(wrong("595109912611193"), NirError::Sex);
        assert_eq!(wrong("295139912611193"), NirError::Month);
        assert_eq!(wrong("295009912611193"), NirError::Month);
        assert_eq!(wrong("295109912611194"), NirError::Key { expected: 93, found: 94 });
        assert_eq!(wrong("269054958815780"), NirError::Specimen);
    }

    #[test]
    fn does_not_show_in_debug_output() {
        let nir: Nir = "295109912611193".parse().unwrap();
        assert_eq!(format!("{nir:?}"), "Nir(…)");
    }

    proptest! {
        #[test]
        fn a_made_number_is_right_and_no_other_key_is(
            first13 in "[12][0-9]{2}(0[1-9]|1[0-2])(2A|2B|[0-9]{2})[0-9]{6}", other in 0..100_u32,
        ) {
            let nir = Nir::with_key(&first13).unwrap();
            prop_assert_eq!(nir.to_string().parse(), Ok(nir));
            let retyped = format!("{first13}{other:02}");
            prop_assert_eq!(retyped.parse::<Nir>().is_ok(), nir.as_str() == retyped);
        }

        #[test]
        fn never_panics(text in "\\PC{0,20}|[0-9AB]{13,15}") {
            let _ = text.parse::<Nir>();
            let _ = Nir::with_key(&text);
        }
    }
}
