//! Fields of forms read into the domain's types. A field that cannot be read leaves its fault, and the page is shown
//! again with what was typed.

use std::str::FromStr;

use super::fault::{Fault, Faults};
use crate::domain::contact::{MailAddress, MailError, Phone, PhoneError};
use crate::domain::convention_number::ConventionNumberError;
use crate::domain::day::Day;
use crate::domain::file_key::FileKeyError;
use crate::domain::file_number::FileNumberError;
use crate::domain::nir::NirError;
use crate::domain::partners::PrefixError;
use crate::domain::ranges::RangeError;
use crate::domain::siret::SiretError;
use crate::domain::territory::PlacesError;
use crate::domain::text::{self, LineError};

/// The longest name of a person or of a thing.
pub const NAME: usize = 120;
/// The longest reason.
pub const REASON: usize = 500;
/// The largest cap that can be kept.
pub const LARGEST_CAP: u32 = 10_000;

impl Faults {
    /// A line that must be there. What could not be read gives an empty text and a fault.
    pub fn line(&mut self, field: &'static str, typed: &str, max: usize) -> String {
        self.take(field, text::line(typed, max)).unwrap_or_default()
    }

    /// A line that may be left empty.
    pub fn optional_line(&mut self, field: &'static str, typed: &str, max: usize) -> String {
        if typed.trim().is_empty() { String::new() } else { self.line(field, typed, max) }
    }

    /// A text on several lines that must be there.
    pub fn paragraph(&mut self, field: &'static str, typed: &str, max: usize) -> String {
        self.take(field, text::paragraph(typed, max)).unwrap_or_default()
    }

    /// A value with a form of its own.
    pub fn value<T: FromStr<Err: Into<Fault>>>(&mut self, field: &'static str, typed: &str) -> Option<T> {
        if typed.trim().is_empty() {
            self.push(field, Fault::Missing);
            return None;
        }
        self.take(field, typed.parse::<T>())
    }

    /// The mail address of one person, where a secret may be sent.
    pub fn own_mail(&mut self, field: &'static str, typed: &str) -> Option<MailAddress> {
        let mail: MailAddress = self.value(field, typed)?;
        if mail.is_shared() {
            self.push(field, Fault::MailShared);
            return None;
        }
        Some(mail)
    }

    /// A telephone number that may be left empty; kept as it is dialled from anywhere.
    pub fn optional_phone(&mut self, field: &'static str, typed: &str) -> String {
        if typed.trim().is_empty() {
            return String::new();
        }
        self.value::<Phone>(field, typed).map(|phone| phone.as_str().to_owned()).unwrap_or_default()
    }

    /// A day that may be left empty.
    pub fn optional_day(&mut self, field: &'static str, typed: &str) -> Option<Day> {
        if typed.trim().is_empty() {
            return None;
        }
        let day = Day::parse(typed);
        if day.is_none() {
            self.push(field, Fault::DateFormat);
        }
        day
    }

    /// A day that must be there.
    pub fn day(&mut self, field: &'static str, typed: &str) -> Option<Day> {
        let day = self.optional_day(field, typed);
        if day.is_none() {
            self.push(field, Fault::Missing);
        }
        day
    }

    /// A number of people that must be there, 0 included.
    pub fn cap(&mut self, field: &'static str, typed: &str) -> Option<u32> {
        let cap = self.optional_cap(field, typed);
        if cap.is_none() {
            self.push(field, Fault::Missing);
        }
        cap
    }

    /// A number of people that may be left empty.
    pub fn optional_cap(&mut self, field: &'static str, typed: &str) -> Option<u32> {
        let digits: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
        if digits.is_empty() {
            return None;
        }
        match whole(&digits) {
            Some(cap) if cap <= LARGEST_CAP => Some(cap),
            _ => {
                self.push(field, Fault::CapRange { max: LARGEST_CAP });
                None
            }
        }
    }

    /// A number that must be there, inside bounds.
    pub fn number(&mut self, field: &'static str, typed: &str, min: u32, max: u32) -> Option<u32> {
        let digits: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
        if digits.is_empty() {
            self.push(field, Fault::Missing);
            return None;
        }
        match whole(&digits) {
            Some(number) if (min..=max).contains(&number) => Some(number),
            _ => {
                self.push(field, Fault::NumberRange { min, max });
                None
            }
        }
    }
}

/// Digits and nothing else: a sign is not one.
fn whole(digits: &str) -> Option<u32> {
    if digits.bytes().all(|digit| digit.is_ascii_digit()) { digits.parse().ok() } else { None }
}

impl From<LineError> for Fault {
    fn from(error: LineError) -> Self {
        match error {
            LineError::Empty => Self::Missing,
            LineError::TooLong { max, found: _ } => Self::TooLong { max },
            LineError::Forbidden(_) => Self::Characters,
        }
    }
}

impl From<FileNumberError> for Fault {
    fn from(error: FileNumberError) -> Self {
        match error {
            FileNumberError::Empty => Self::Missing,
            _ => Self::FileNumber,
        }
    }
}

impl From<SiretError> for Fault {
    fn from(error: SiretError) -> Self {
        match error {
            SiretError::NotDigits => Self::SiretDigits,
            SiretError::Length { found } => Self::SiretLength { found },
            SiretError::Key => Self::SiretKey,
        }
    }
}

impl From<ConventionNumberError> for Fault {
    fn from(_: ConventionNumberError) -> Self {
        Self::ConventionNumber
    }
}

impl From<PrefixError> for Fault {
    fn from(_: PrefixError) -> Self {
        Self::Prefix
    }
}

impl From<MailError> for Fault {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Empty => Self::Missing,
            MailError::TooLong => Self::TooLong { max: 254 },
            MailError::At | MailError::Local | MailError::Domain => Self::MailShape,
        }
    }
}

impl From<PhoneError> for Fault {
    fn from(error: PhoneError) -> Self {
        match error {
            PhoneError::Empty => Self::Missing,
            PhoneError::Characters | PhoneError::Length { .. } | PhoneError::Country => Self::PhoneShape,
        }
    }
}

impl From<FileKeyError> for Fault {
    fn from(error: FileKeyError) -> Self {
        match error {
            FileKeyError::Empty | FileKeyError::Number(FileNumberError::Empty) => Self::Missing,
            FileKeyError::Number(_) => Self::FileNumber,
            FileKeyError::Nir(NirError::Length { found }) => Self::NirLength { found },
            FileKeyError::Nir(_) => Self::Nir,
        }
    }
}

impl From<PlacesError> for Fault {
    fn from(error: PlacesError) -> Self {
        match error {
            PlacesError::Empty => Self::PerimeterEmpty,
            PlacesError::Unknown(typed) => Self::PlaceUnknown { typed },
            PlacesError::Ambiguous { typed, places } => Self::PlaceAmbiguous { typed, places },
            PlacesError::Outside(places) => Self::PerimeterOutside { places },
        }
    }
}

impl From<Vec<(String, RangeError)>> for Fault {
    fn from(wrong: Vec<(String, RangeError)>) -> Self {
        Self::Ranges { wrong }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::siret::Siret;

    #[test]
    fn a_field_left_empty_is_missing_only_where_it_must_be_there() {
        let mut faults = Faults::new();
        assert_eq!(faults.optional_line("rue", "  ", 9), "");
        assert_eq!(faults.optional_phone("telephone", " "), "");
        assert_eq!(faults.optional_day("le", ""), None);
        assert_eq!(faults.optional_cap("plafond", ""), None);
        assert!(faults.is_empty());
        assert_eq!(faults.value::<Siret>("siret", " "), None);
        assert_eq!(faults.cap("places", ""), None);
        assert_eq!(faults.line("nom", "", 9), "");
        assert_eq!(faults.get("siret"), Some(&Fault::Missing));
        assert_eq!((faults.len(), faults.get("nom")), (3, Some(&Fault::Missing)));
    }

    #[test]
    fn a_cap_is_a_whole_number_of_people() {
        let read = |typed: &str| {
            let mut faults = Faults::new();
            let cap = faults.cap("plafond", typed);
            (cap, faults.is_empty())
        };
        assert_eq!(read("0"), (Some(0), true));
        assert_eq!(read("10 000"), (Some(10_000), true));
        for wrong in ["10001", "-1", "+1", "2,5", "douze", "99999999999"] {
            assert_eq!(read(wrong), (None, false), "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_not_sent_to_an_office() {
        let mut faults = Faults::new();
        assert!(faults.own_mail("courriel", "maelle.tournesac@brumeval.example").is_some());
        assert!(faults.own_mail("courriel", "accueil@brumeval.example").is_none());
        assert_eq!(faults.get("courriel"), Some(&Fault::MailShared));
    }
}
