//! SIRET: the number of one establishment of a legal entity, whose first nine digits are its SIREN.

use std::fmt;
use std::str::FromStr;

const LENGTH: usize = 14;
/// La Poste has more offices than keys: theirs are checked by another sum.
const LA_POSTE: &[u8] = b"356000000";

/// A SIRET whose keys are right. It says nothing about whether the establishment is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siret([u8; LENGTH]);

/// Why a text is not a SIRET.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SiretError {
    /// Something else than digits, spaces and dots.
    #[error("not only digits")]
    NotDigits,
    /// Another number of digits than fourteen.
    #[error("{found} digits instead of 14")]
    Length {
        /// How many digits were given.
        found: usize,
    },
    /// The digits do not agree with each other: one was mistyped.
    #[error("wrong key")]
    Key,
}

impl Siret {
    /// The fourteen digits.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The nine digits of the legal entity.
    pub fn siren(&self) -> &str {
        self.as_str().get(..9).unwrap_or_default()
    }
}

impl FromStr for Siret {
    type Err = SiretError;

    fn from_str(text: &str) -> Result<Self, SiretError> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
        if !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SiretError::NotDigits);
        }
        let digits: [u8; LENGTH] =
            digits.as_bytes().try_into().map_err(|_| SiretError::Length { found: digits.len() })?;
        let (siren, _) = digits.split_at(9);
        let post_office = siren == LA_POSTE && plain_sum(&digits).is_multiple_of(5);
        let keys = luhn(siren) && (luhn(&digits) || post_office);
        // Zeros satisfy every sum and name nobody.
        let somebody = siren.iter().any(|b| *b != b'0');
        if keys && somebody { Ok(Self(digits)) } else { Err(SiretError::Key) }
    }
}

impl fmt::Display for Siret {
    /// As people read it: 215 904 103 00011, with spaces that do not break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, digit) in self.as_str().chars().enumerate() {
            if matches!(place, 3 | 6 | 9) {
                f.write_str("\u{a0}")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

fn value(digit: u8) -> u32 {
    u32::from(digit.wrapping_sub(b'0'))
}

fn plain_sum(digits: &[u8]) -> u32 {
    digits.iter().map(|digit| value(*digit)).sum()
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| match value(*digit) {
            value if place % 2 == 0 => value,
            value if value > 4 => value * 2 - 9,
            value => value * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops where it is wrong")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_known_numbers() {
        for known in ["21590410300011", "73282932000074", "13002526500013"] {
            assert_eq!(known.parse::<Siret>().unwrap().as_str(), known);
        }
        let typed: Siret = " 215.904.103\u{a0}000 11".parse().unwrap();
        assert_eq!(typed.siren(), "215904103");
        assert_eq!(typed.to_string(), "215\u{a0}904\u{a0}103\u{a0}00011");
    }

    #[test]
    fn la_poste_has_its_own_sum() {
        assert!("35600000000048".parse::<Siret>().is_ok(), "its seat follows the common rule");
        assert!("35600000049837".parse::<Siret>().is_ok(), "an office follows its own");
        assert_eq!("35600000049838".parse::<Siret>(), Err(SiretError::Key));
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!("2159041030001A".parse::<Siret>(), Err(SiretError::NotDigits));
        assert_eq!("２1590410300011".parse::<Siret>(), Err(SiretError::NotDigits));
        assert_eq!("215904103".parse::<Siret>(), Err(SiretError::Length { found: 9 }));
        assert_eq!("".parse::<Siret>(), Err(SiretError::Length { found: 0 }));
        assert_eq!("21590410300012".parse::<Siret>(), Err(SiretError::Key));
        assert_eq!("00000000000000".parse::<Siret>(), Err(SiretError::Key));
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_seen(place in 0..14_usize, other in 0..10_u8) {
            let mut digits = *b"21590410300011";
            let right = digits[place];
            digits[place] = b'0' + other;
            let found = str::from_utf8(&digits).unwrap().parse::<Siret>();
            prop_assert_eq!(found.is_ok(), digits[place] == right);
        }

        #[test]
        fn never_panics_and_reads_back_what_it_shows(text in "\\PC{0,20}|[0-9]{14}") {
            if let Ok(siret) = text.parse::<Siret>() {
                prop_assert_eq!(siret.to_string().parse(), Ok(siret));
            }
        }
    }
}
