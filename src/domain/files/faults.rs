//! What can be wrong in a line of a file to import, as data. Values are never repeated: a report of faults may be
//! read by people who may not read files.

use crate::domain::contact::{MailError, PhoneError};
use crate::domain::file_number::FileNumberError;
use crate::domain::nir::NirError;
use crate::domain::text::LineError;

/// One fault of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// Where, as a dotted path of the documented format (`famille.personnes.2.nir`); empty for the line itself.
    pub field: String,
    /// What.
    pub cause: Cause,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// The line is longer than a file can be.
    LineTooLong {
        /// Bytes allowed.
        max: usize,
        /// Bytes found.
        found: usize,
    },
    /// The line is not JSON, from this column on (counted from 1).
    NotJson {
        /// Where reading stopped.
        column: usize,
    },
    /// A key stands twice in one object, up to this column: which one counts is anybody's guess.
    RepeatedKey {
        /// Where reading stopped.
        column: usize,
    },
    /// A key that the format demands is not there.
    Missing,
    /// A key that the format does not know.
    UnknownKey,
    /// Another kind of value than the format says.
    Kind {
        /// What was expected.
        expected: Kind,
    },
    /// A text that cannot be kept: empty, too long, or with a hidden character.
    Text(LineError),
    /// None of the codes of a closed list.
    Code {
        /// The list.
        allowed: &'static [&'static str],
    },
    /// A number outside its bounds.
    Range {
        /// The least allowed.
        min: u32,
        /// The most allowed.
        max: u32,
    },
    /// Not a day that exists, written AAAA-MM-JJ.
    Date,
    /// A day or month later than the day of the situation.
    AfterSituation,
    /// A day that comes before the one it must follow.
    Order,
    /// Not the number of a file.
    FileNumber(FileNumberError),
    /// The code of no commune.
    Commune,
    /// Not five digits.
    PostalCode,
    /// Not a NIR.
    Nir(NirError),
    /// Not a telephone number.
    Phone(PhoneError),
    /// Not a mail address.
    Mail(MailError),
    /// More elements than a list may hold.
    TooMany {
        /// The most allowed.
        max: usize,
        /// How many there are.
        found: usize,
    },
    /// A month that the list already has, or a number that another line has.
    Duplicate,
    /// Nobody in the household holds the file (role RDO or DEM).
    NoHolder,
    /// An RSA file none of whose holders has a NIR: nobody could find it.
    NoNumber,
}

/// A kind of JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object.
    Object,
    /// A list.
    List,
    /// A text.
    Text,
    /// A whole number.
    Whole,
    /// `true` or `false`.
    Boolean,
    /// A whole number, or one of the words for an absent one.
    WholeOrWord,
}

impl Cause {
    /// The name of the cause in the documentation of the format.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LineTooLong { .. } => "ligne_trop_longue",
            Self::NotJson { .. } => "json_illisible",
            Self::RepeatedKey { .. } => "cle_repetee",
            Self::Missing => "absent",
            Self::UnknownKey => "cle_inconnue",
            Self::Kind { .. } => "nature",
            Self::Text(LineError::Empty) => "texte_vide",
            Self::Text(LineError::TooLong { .. }) => "texte_trop_long",
            Self::Text(LineError::Forbidden(_)) => "caractere_refuse",
            Self::Code { .. } => "code",
            Self::Range { .. } => "bornes",
            Self::Date => "date",
            Self::AfterSituation => "apres_situation",
            Self::Order => "ordre",
            Self::FileNumber(_) => "numero_allocataire",
            Self::Commune => "commune",
            Self::PostalCode => "code_postal",
            Self::Nir(_) => "nir",
            Self::Phone(_) => "telephone",
            Self::Mail(_) => "courriel",
            Self::TooMany { .. } => "trop",
            Self::Duplicate => "doublon",
            Self::NoHolder => "sans_titulaire",
            Self::NoNumber => "sans_nir",
        }
    }
}
