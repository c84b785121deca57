//! The parts of a file. What is not known says so; it is never a zero or an empty text.

use std::collections::BTreeSet;

use time::Date;

use super::{Income, Month, Nationality, PregnancyEnd, RightNature, RightState, Role, Rsa, Situation, Title};
use crate::domain::contact::{MailAddress, Phone};
use crate::domain::file_number::FileNumber;
use crate::domain::nir::Nir;
use crate::domain::territory::CommuneCode;

/// How many months of quotient familial a CAF keeps.
pub const MOST_MONTHS: usize = 24;

/// A value, or why there is none. Three reasons, because pages give three different sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Known<T> {
    /// The organism has it.
    Known(T),
    /// The organism does not have it (non connu).
    Unknown,
    /// The organism has not what it takes to compute it (non calculable).
    NotComputable,
    /// There is no right any more from which it would follow (plus de droit).
    RightEnded,
}

impl<T> Known<T> {
    /// The value, when there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// A beneficiary's file, as it stood on the day of its situation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its number in its CAF.
    pub number: FileNumber,
    /// Where the household lives: the perimeter is decided on it.
    pub commune: CommuneCode,
    /// The day whose situation this is.
    pub as_of: Date,
    /// Quotient familial, newest month first, at most [`MOST_MONTHS`].
    pub quotient: Vec<QuotientMonth>,
    /// Who belongs to the household.
    pub family: Family,
    /// Which benefits are due.
    pub rights: Vec<Right>,
    /// Where and how the household is reached.
    pub address: Address,
    /// The RSA of the household, if it has or had one.
    pub rsa: Option<Rsa>,
    /// What its people declared of their resources; only `Known` or `Unknown`.
    pub income: Known<Vec<Income>>,
}

/// The quotient familial of one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotientMonth {
    /// The month for which it stands.
    pub month: Month,
    /// In whole euros.
    pub value: Known<u32>,
    /// The month whose benefits it counts.
    pub reference: Month,
    /// The month in which it was computed; later than `month` when it was computed again.
    pub calculated_in: Month,
}

/// The household. Always its present state: there is no history of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The family situation.
    pub situation: Situation,
    /// Since when; only `Known` or `Unknown`.
    pub since: Known<Date>,
    /// Whether a child shares its time between two homes.
    pub shared_custody: bool,
    /// A pregnancy that was declared.
    pub pregnancy: Option<Pregnancy>,
    /// The people, at least one of whom holds the file.
    pub persons: Vec<Person>,
}

/// A pregnancy that was declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pregnancy {
    /// When it was declared.
    pub declared_on: Date,
    /// When the birth is expected.
    pub due_on: Date,
    /// When it began, where the file says it.
    pub begun_on: Option<Date>,
    /// How it ended, if it has.
    pub ended: Option<EndedPregnancy>,
}

/// The end of a pregnancy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedPregnancy {
    /// When.
    pub on: Date,
    /// How.
    pub nature: PregnancyEnd,
}

/// Someone of the household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What the person is in the file.
    pub role: Role,
    /// How the person is addressed.
    pub title: Title,
    /// Names.
    pub name: Name,
    /// Date of birth; only `Known` or `Unknown`.
    pub born: Known<Date>,
    /// Whether the person is dependent in the sense of family benefits.
    pub dependant: bool,
    /// The national number, where the file has it.
    pub nir: Option<Nir>,
    /// Nationality, where the file has it.
    pub nationality: Option<Nationality>,
    /// Rank among those born of one birth, where the file has it (rgnai).
    pub birth_rank: Option<u32>,
    /// Whether the rights and duties of RSA hold for the person, where the file has it (toppersdrodevorsa).
    pub duties: Option<bool>,
}

impl Person {
    /// The rank of somebody who was not born first of one birth.
    pub fn later_rank(&self) -> Option<u32> {
        self.birth_rank.filter(|rank| *rank > 1)
    }
}

/// What a person is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// The surname in use.
    pub surname: String,
    /// The surname at birth, when it is another.
    pub birth_surname: Option<String>,
    /// First names.
    pub given_names: String,
}

/// A benefit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// Which.
    pub nature: RightNature,
    /// How far it has come.
    pub state: RightState,
    /// Since when it is in this state.
    pub since: Date,
    /// What is due a month, in cents.
    pub monthly_cents: Known<u32>,
}

/// Where and how the household is reached. Declared by it, hence perhaps old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The present one.
    pub current: PostalAddress,
    /// Since when, where known.
    pub since: Option<Date>,
    /// The one before.
    pub previous: Option<PostalAddress>,
    /// Telephone.
    pub phone: Reach<Phone>,
    /// Mail address.
    pub mail: Reach<MailAddress>,
}

/// The lines of a postal address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostalAddress {
    /// To whom.
    pub recipient: String,
    /// Inside the building: flat, stairs.
    pub complement: Option<String>,
    /// Outside: building, entrance.
    pub geographic_complement: Option<String>,
    /// Number and street.
    pub street: Option<String>,
    /// Hamlet or box.
    pub locality: Option<String>,
    /// Five digits.
    pub postal_code: String,
    /// The commune as it is written on envelopes.
    pub city: String,
}

/// A way to reach the household. Without its consent the value is not even held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach<T> {
    /// The organism does not have it.
    Unknown,
    /// The household does not want to be reached in this way.
    Withheld,
    /// It may be used.
    Given(T),
}

impl File {
    /// The names of those who hold the file: the one responsible first, then the spouse.
    pub fn holders(&self) -> Vec<&Name> {
        let holding = |wanted: &[Role]| -> Vec<&Name> {
            self.family
                .persons
                .iter()
                .filter(|person| wanted.contains(&person.role))
                .map(|person| &person.name)
                .collect()
        };
        [holding(&[Role::Responsible, Role::Claimant]), holding(&[Role::Spouse])].concat()
    }

    /// The national numbers by which an RSA file is found: those of the people who hold it, and of nobody else.
    pub fn rsa_numbers(&self) -> BTreeSet<Nir> {
        let holds =
            |person: &&Person| matches!(person.role, Role::Responsible | Role::Claimant | Role::Spouse);
        let numbers = || self.family.persons.iter().filter(holds).filter_map(|person| person.nir);
        self.rsa.iter().flat_map(|_| numbers()).collect()
    }
}
