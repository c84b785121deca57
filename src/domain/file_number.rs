//! The number of a file (numéro allocataire): one to seven digits, meaningful inside one CAF only.
//! It never shows in a debug output.

use std::fmt;
use std::str::FromStr;

const LENGTH: usize = 7;

/// A file's number, padded with zeros. Some papers print a key letter after it: accepted, and not kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileNumber([u8; LENGTH]);

/// Why a text is not the number of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileNumberError {
    /// Nothing was given.
    #[error("empty")]
    Empty,
    /// Something else than digits and one letter at the end.
    #[error("not digits and an optional letter")]
    Shape,
    /// More than seven digits.
    #[error("{found} digits, seven at most")]
    Length {
        /// How many were given.
        found: usize,
    },
    /// Zero, which is nobody's.
    #[error("zero")]
    Zero,
}

impl FileNumber {
    /// The seven digits.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for FileNumber {
    type Err = FileNumberError;

    fn from_str(text: &str) -> Result<Self, FileNumberError> {
        let typed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let digits = typed.strip_suffix(|c: char| c.is_ascii_alphabetic()).unwrap_or(&typed);
        if typed.is_empty() {
            return Err(FileNumberError::Empty);
        }
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(FileNumberError::Shape);
        }
        if digits.len() > LENGTH {
            return Err(FileNumberError::Length { found: digits.len() });
        }
        digits.parse::<u32>().map_err(|_| FileNumberError::Shape)?.try_into()
    }
}

impl TryFrom<u32> for FileNumber {
    type Error = FileNumberError;

    fn try_from(number: u32) -> Result<Self, FileNumberError> {
        if number == 0 {
            return Err(FileNumberError::Zero);
        }
        let digits = format!("{number:07}");
        let bytes =
            digits.as_bytes().try_into().map_err(|_| FileNumberError::Length { found: digits.len() })?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for FileNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for FileNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileNumber(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_what_people_type() {
        for typed in ["42317", "0042317", "0042317K", " 00 42 317 k ", "0042\u{a0}317"] {
            assert_eq!(typed.parse::<FileNumber>().unwrap().to_string(), "0042317");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let wrong = |text: &str| text.parse::<FileNumber>().unwrap_err();
        assert_eq!(wrong("  "), FileNumberError::Empty);
        assert_eq!(wrong("K"), FileNumberError::Shape);
        assert_eq!(wrong("12AB"), FileNumberError::Shape);
        assert_eq!(wrong("-12"), FileNumberError::Shape);
        assert_eq!(wrong("12345678"), FileNumberError::Length { found: 8 });
        assert_eq!(wrong("0000"), FileNumberError::Zero);
        assert_eq!(FileNumber::try_from(10_000_000), Err(FileNumberError::Length { found: 8 }));
    }

    #[test]
    fn does_not_show_in_debug_output() {
        assert_eq!(format!("{:?}", FileNumber::try_from(42).unwrap()), "FileNumber(…)");
    }

    proptest! {
        #[test]
        fn reads_back_what_it_shows(number in 1..10_000_000_u32) {
            let file = FileNumber::try_from(number).unwrap();
            prop_assert_eq!(file.to_string().parse(), Ok(file));
            prop_assert_eq!(number.to_string().parse(), Ok(file));
        }

        #[test]
        fn never_panics(text in "\\PC{0,12}") {
            let _ = text.parse::<FileNumber>();
        }
    }
}
