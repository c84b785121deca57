//! The RSA of a household, and the resources on which it is computed, with the figures of the national flows.

use time::Date;

use super::{
    ClosingMotive, DemandOrigin, DemandStatus, Fund, IncomeNature, Known, Month, PaymentHold, RightHold,
    RsaNature, RsaState,
};

/// The RSA of a household.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rsa {
    /// What was asked, and from whom.
    pub demand: Demand,
    /// How far the file has come (etatdosrsa).
    pub state: RsaState,
    /// Which kinds of RSA are due.
    pub benefits: Vec<RsaBenefit>,
    /// What the household is entitled to in all, in cents (mttotdrorsa).
    pub entitled_cents: Known<u32>,
    /// What was last paid, in cents (mtrsavers).
    pub paid_cents: Known<u32>,
    /// When; only `Known` or `Unknown` (dtderrsavers).
    pub last_paid_on: Known<Date>,
    /// Children and others who depend on the household (nbenfautcha).
    pub dependants: Known<u32>,
    /// Whether the household has no fixed home (topsansdomfixe).
    pub homeless: bool,
    /// Why payment is held, if it is.
    pub payment_hold: Option<Since<PaymentHold>>,
    /// Why the right itself is held, if it is.
    pub right_hold: Option<Since<RightHold>>,
    /// Why the file is closed, if it is.
    pub closing: Option<Since<ClosingMotive>>,
}

/// A motive, and the day from which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since<T> {
    /// Why.
    pub motive: T,
    /// From that day.
    pub since: Date,
}

/// The application for RSA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Its number (numdemrsa).
    pub number: Option<String>,
    /// The day on which it was made; only `Known` or `Unknown` (dtdemrsa).
    pub made_on: Known<Date>,
    /// The fund that pays (fonorg).
    pub fund: Fund,
    /// Its number (numorg).
    pub fund_number: String,
    /// What that fund calls the household (matricule).
    pub matricule: Option<String>,
    /// What the claimant was for the funds (statudemrsa).
    pub status: DemandStatus,
    /// How the application came to be (oridemrsa).
    pub origin: DemandOrigin,
    /// Where the file came from, if another fund had it before.
    pub transfer: Option<Transfer>,
}

/// The coming of a file from another fund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// When.
    pub on: Date,
    /// The number of the fund that gave it over.
    pub from: String,
}

/// A kind of RSA that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RsaBenefit {
    /// Which (natpf).
    pub nature: RsaNature,
    /// Since when.
    pub since: Date,
    /// What is due a month, in cents.
    pub monthly_cents: Known<u32>,
}

/// What one person declared of a quarter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Income {
    /// The rank of the person in the household, from 1.
    pub person: u32,
    /// First day of the quarter (ddress).
    pub from: Date,
    /// Last day of the quarter (dfress).
    pub to: Date,
    /// Whether the person declared to have had nothing (topressnul): known, and not the same as «non connu».
    pub none: bool,
    /// The monthly mean that counts for RSA, in cents (mtpersressmenrsa).
    pub mean_cents: Known<u32>,
    /// Month by month, oldest first.
    pub months: Vec<IncomeMonth>,
}

/// What one person had in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomeMonth {
    /// Which (moisress).
    pub month: Month,
    /// Hours of work (nbheumentra).
    pub hours: Known<u32>,
    /// What is left out of account, in cents (mtabaneu).
    pub left_out_cents: Known<u32>,
    /// From what it came.
    pub lines: Vec<IncomeLine>,
}

/// A source of income.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IncomeLine {
    /// Which (natress).
    pub nature: IncomeNature,
    /// How much, in cents (mtnatressmen).
    pub cents: Known<u32>,
}
