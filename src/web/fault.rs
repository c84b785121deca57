//! What can be wrong with a field of a form: data here, worded once in `templates/components/fault.html`.
//! A new way of being wrong is a variant here and a sentence there; the compiler asks for the sentence.

use askama::Template;
use askama::filters::HtmlSafe;

use super::filters;
use crate::domain::ranges::RangeError;

/// One thing that is wrong with what a person typed. `{{ fault }}` words it, without a link.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "components/fault.html")]
pub enum Fault {
    /// Nothing was typed or chosen.
    Missing,
    /// Longer than can be kept.
    TooLong {
        /// The most characters that are kept.
        max: usize,
    },
    /// Too short to tell anything.
    TooShort {
        /// The fewest characters that are accepted.
        min: usize,
    },
    /// Characters that no name or sentence needs (controls, hidden reversals).
    Characters,
    /// Not one of the choices that were offered, or no longer.
    NotOffered,
    /// A number that is not one, or not among those that make sense.
    NumberRange {
        /// The smallest that is accepted.
        min: u32,
        /// The largest that is accepted.
        max: u32,
    },
    /// A box that must be ticked before going on.
    NotTicked,

    /// A SIRET holds something else than digits.
    SiretDigits,
    /// A SIRET of another length.
    SiretLength {
        /// How many digits were typed.
        found: usize,
    },
    /// A SIRET whose key does not fit its other digits.
    SiretKey,
    /// This organism already has this partner.
    AlreadyRegistered {
        /// Where that partner is.
        href: String,
    },
    /// Not the shape of a convention's number.
    ConventionNumber,
    /// Another partner of this organism has this convention.
    ConventionTaken {
        /// Where that partner is.
        href: String,
    },
    /// Not three letters from A to Z.
    Prefix,
    /// Not five digits.
    PostalCode,
    /// More things than can be kept.
    TooMany {
        /// The most that are kept.
        max: usize,
    },

    /// Not the text of a checkpoint of the log.
    CheckpointForm,
    /// A checkpoint of another installation.
    CheckpointElsewhere,
    /// A checkpoint that nobody here signed.
    CheckpointSignature,
    /// Not a SHA-256 in hexadecimal.
    DigestShape,

    /// No such day.
    DateFormat,
    /// A day before the earliest that makes sense, written for the reader.
    DateBefore {
        /// That earliest day.
        earliest: String,
    },
    /// A day after the latest that makes sense, written for the reader.
    DateAfter {
        /// That latest day.
        latest: String,
    },
    /// It ends before it begins.
    EndBeforeStart,

    /// Not an address of mail.
    MailShape,
    /// The address of an office, where one of a person is needed.
    MailShared,
    /// Another account has this address.
    MailTaken,
    /// Not a telephone number.
    PhoneShape,

    /// A password under the shortest length.
    PasswordShort {
        /// That length, in characters.
        min: usize,
    },
    /// A password over the longest length.
    PasswordLong {
        /// That length, in characters.
        max: usize,
    },
    /// A password that is guessed in few tries.
    PasswordGuessable,
    /// Not the password in use.
    PasswordWrong,
    /// Two entries of one password that are not the same.
    PasswordsDiffer,
    /// The password in use, where a new one is needed.
    PasswordUnchanged,

    /// No place is left for this role or this service.
    CapReached {
        /// How many people the cap allows.
        cap: u32,
        /// How many hold it now.
        used: u32,
    },
    /// A cap that is not between the smallest and the largest that can be kept.
    CapRange {
        /// The largest.
        max: u32,
    },
    /// The person already holds this role.
    AlreadyHeld,
    /// The group gives that role already.
    GroupGivesIt,
    /// Another group that serves has this name.
    GroupNameTaken,
    /// No place chosen.
    PerimeterEmpty,
    /// A département or a commune that does not exist.
    PlaceUnknown {
        /// What was typed.
        typed: String,
    },
    /// Several places have this name.
    PlaceAmbiguous {
        /// What was typed.
        typed: String,
        /// The places, each as it can be typed.
        places: Vec<String>,
    },
    /// A request for the same places waits for its answer.
    AlreadyAsked,
    /// A service given by circonscription, and none was named.
    CirconscriptionMissing,
    /// Another circonscription of the partner has this name.
    CirconscriptionTaken,
    /// Places outside what may be given.
    PerimeterOutside {
        /// Their names, for the reader.
        places: Vec<String>,
    },

    /// No account of this organism has that identifier.
    IdentifierUnknown,
    /// No partner of this organism has that SIRET.
    PartnerUnknown,

    /// Not the shape of a file's number.
    FileNumber,
    /// A social-security number of another length.
    NirLength {
        /// How many characters were typed, spaces aside.
        found: usize,
    },
    /// Not the shape of a social-security number, or a wrong key.
    Nir,
    /// Not the address of a computer.
    SourceShape,
    /// What is decided on tells more than when the form was shown.
    Grown,
    /// Lines that are no ranges of addresses.
    Ranges {
        /// Each of them, and why.
        wrong: Vec<(String, RangeError)>,
    },
    /// As many exports as may be are under preparation for this person.
    ExportsUnderWay {
        /// How many that is.
        most: i64,
    },
    /// As many exports as may be are kept for this person.
    ExportsKept {
        /// How many that is.
        most: i64,
    },
    /// Another search that is kept has this name.
    SearchNameTaken,
}

/// The template has already escaped what it must.
impl HtmlSafe for Fault {}

impl Fault {
    /// Where the way out is, if it is a page.
    pub fn href(&self) -> Option<&str> {
        match self {
            Self::AlreadyRegistered { href } | Self::ConventionTaken { href } => Some(href),
            _ => None,
        }
    }
}

/// The faults of a form, in the order of its fields; empty when it can be accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<(&'static str, Fault)>);

impl Faults {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what is wrong with `field`. A field says one thing at a time: the first.
    pub fn push(&mut self, field: &'static str, fault: Fault) {
        if self.get(field).is_none() {
            self.0.push((field, fault));
        }
    }

    /// Keeps a value that was read well; of one that was not, keeps what is wrong with `field`.
    pub fn take<T, E: Into<Fault>>(&mut self, field: &'static str, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.push(field, error.into())).ok()
    }

    /// What is wrong with `field`. Accepts whatever a template calls a name.
    pub fn get(&self, field: impl AsRef<str>) -> Option<&Fault> {
        self.0.iter().find(|(name, _)| *name == field.as_ref()).map(|(_, fault)| fault)
    }

    /// Whether the form can be accepted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many fields are wrong.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Each field and what is wrong with it.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Fault)> {
        self.0.iter().map(|(field, fault)| (*field, fault))
    }
}

/// The name of `field` in the list that a form gives for its summary.
pub fn name_of<'names>(names: &[(&str, &'names str)], field: &str) -> Option<&'names str> {
    names.iter().find(|(known, _)| *known == field).map(|(_, name)| *name)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests say what they expect by failing")]
mod tests {
    use super::*;

    #[test]
    fn a_field_says_one_thing_at_a_time() {
        let mut faults = Faults::new();
        assert!(faults.is_empty());
        faults.push("siret", Fault::SiretLength { found: 13 });
        faults.push("siret", Fault::SiretKey);
        faults.push("nom", Fault::Missing);
        assert_eq!(faults.get("siret"), Some(&Fault::SiretLength { found: 13 }));
        assert_eq!(faults.len(), 2);
        assert_eq!(faults.get("courriel"), None);
        assert_eq!(faults.take("nombre", Ok::<u8, Fault>(3)), Some(3));
        assert_eq!(faults.take("fin", Err::<u8, Fault>(Fault::DateFormat)), None);
        assert_eq!(faults.get("fin"), Some(&Fault::DateFormat));
    }

    #[test]
    fn a_fault_words_itself_and_escapes_what_was_typed() {
        assert_eq!(
            Fault::SiretLength { found: 13 }.render().unwrap(),
            "Un SIRET compte 14 chiffres, vous en avez saisi 13."
        );
        let words = Fault::PlaceUnknown { typed: "<b>".to_owned() }.render().unwrap();
        assert!(!words.contains('<') && !words.contains('\n'), "{words}");
    }
}
