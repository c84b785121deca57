//! What a CAF or an MSA opens to its partners of a beneficiary's file, block by block (rubrics), and the format in which
//! files are imported. Whoever may see which rubric is decided elsewhere; here a view simply lacks the others.

mod codes;
mod faults;
mod fields;
mod file;
mod json;
mod month;
mod reading;
mod resources;
mod rsa;
mod rsa_codes;
mod shown;
mod values;
mod writing;

pub use codes::{RightNature, RightState, Role, Rubric, Situation, Title};
pub use faults::{Cause, Kind, LineFault};
pub use file::{
    Address, EndedPregnancy, Family, File, Known, MOST_MONTHS, Name, Person, PostalAddress, Pregnancy,
    QuotientMonth, Reach, Right,
};
pub use month::Month;
pub use reading::{LONGEST_LINE, read_line};
pub use rsa::{Demand, Income, IncomeLine, IncomeMonth, Rsa, RsaBenefit, Since, Transfer};
pub use rsa_codes::{
    ClosingMotive, DemandOrigin, DemandStatus, Fund, IncomeNature, Nationality, PaymentHold, PregnancyEnd,
    RightHold, RsaNature, RsaState,
};
pub use shown::Shown;
pub use writing::write_line;

#[cfg(test)]
mod tests;
