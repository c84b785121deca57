//! By what a beneficiary is looked up: the number of his file (CAF), or his national number (MSA, 004 art. 4).
//! It never shows in a debug output.

use super::file_number::{FileNumber, FileNumberError};
use super::nir::{Nir, NirError};

/// What a service looks files up by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyKind {
    /// The number of the file.
    FileNumber,
    /// The national number of a person who holds it.
    Nir,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::FileNumber, Self::Nir];

    /// What somebody meant who was not asked for one kind: the number of a file is far shorter than a national number.
    pub fn likely(typed: &str) -> Self {
        let digits = typed.chars().filter(char::is_ascii_digit).count();
        if digits > 10 { Self::Nir } else { Self::FileNumber }
    }

    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::FileNumber => "file_number",
            Self::Nir => "nir",
        }
    }

    /// The kind written in a row.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What was typed, read as this kind.
    pub fn read(self, typed: &str) -> Result<FileKey, FileKeyError> {
        match self {
            Self::FileNumber => typed.parse().map(FileKey::Number).map_err(FileKeyError::Number),
            Self::Nir if typed.trim().is_empty() => Err(FileKeyError::Empty),
            Self::Nir => typed.parse().map(FileKey::Nir).map_err(FileKeyError::Nir),
        }
    }
}

/// What a file is looked up by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileKey {
    /// The number of the file.
    Number(FileNumber),
    /// The national number of a person who holds it.
    Nir(Nir),
}

impl FileKey {
    /// Its characters, for storage and for what is sealed: never for a log.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Number(number) => number.as_str(),
            Self::Nir(nir) => nir.as_str(),
        }
    }
}

/// Why what was typed is not a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FileKeyError {
    /// Nothing was typed.
    #[error("empty")]
    Empty,
    /// Not the number of a file.
    #[error(transparent)]
    Number(FileNumberError),
    /// Not a national number.
    #[error(transparent)]
    Nir(NirError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_reads_its_own() {
        let read = |kind: KeyKind, typed: &str| kind.read(typed).map(|key| key.as_str().to_owned());
        assert_eq!(read(KeyKind::FileNumber, "42317 K").as_deref(), Ok("0042317"));
        assert_eq!(read(KeyKind::Nir, "2 95 10 99 126 111 93").as_deref(), Ok("295109912611193"));
        assert_eq!(read(KeyKind::Nir, " "), Err(FileKeyError::Empty));
        let wrong = NirError::Key { expected: 93, found: 94 };
        assert_eq!(read(KeyKind::Nir, "295109912611194"), Err(FileKeyError::Nir(wrong)));
        assert!(read(KeyKind::FileNumber, "295109912611193").is_err());
        for number in ["42317 K", "quarante-deux", ""] {
            assert_eq!(KeyKind::likely(number), KeyKind::FileNumber);
        }
        assert_eq!(KeyKind::likely("2 95 10 99 126 111 93"), KeyKind::Nir);
        for kind in KeyKind::ALL {
            assert_eq!(KeyKind::parse(kind.code()), Some(kind));
        }
    }

    #[test]
    fn it_does_not_show_in_debug_output() {
        let shown = format!("{:?}", KeyKind::Nir.read("295109912611193"));
        assert!(!shown.contains("295109912611193"), "{shown}");
    }
}
