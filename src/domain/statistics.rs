//! Use, counted: what people of partners did in a day and in a month, by service and role, at one partner and at all of
//! them. People are counted, never named; `discretion` says which figures concern too few of them to be shown.

use std::collections::{BTreeMap, BTreeSet};

use time::Duration;

use super::day::{Day, Zone};
use super::id::{AccountId, PartnerId};
use super::time::Timestamp;

mod discretion;

pub use discretion::{FEW, Told};

/// Who may be shown what of a count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Telling {
    /// The count itself.
    pub counts: Told,
    /// How much of it was refused: it may all have been to one person, where many did something.
    pub refused: Told,
}

/// Calendar months for which counts are kept: three years. They name nobody.
pub const KEPT_MONTHS: usize = 36;
/// Months that a page shows, the present one included.
pub const SHOWN_MONTHS: usize = 13;
/// A day is counted that long after its end: what was under way at midnight is written down by then.
const SETTLED: Duration = Duration::HOUR;
/// Days that are counted again, for traces that came later still.
const AGAIN: i64 = 3;

/// What is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Matter {
    /// Signing in: done, or refused.
    SignIn,
    /// Files: read, or refused when they were looked up.
    File,
}

impl Matter {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::File => "file",
        }
    }
}

/// Over what a count goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Span {
    /// One day.
    Day,
    /// One month.
    Month,
}

impl Span {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// One thing that somebody of a partner did, or was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Use {
    /// When, for the organism.
    pub day: Day,
    /// Of which partner.
    pub partner: PartnerId,
    /// Who.
    pub person: AccountId,
    /// What.
    pub matter: Matter,
    /// By which service; empty for a sign-in.
    pub service: String,
    /// By virtue of which roles of it.
    pub roles: BTreeSet<String>,
    /// Whether it was refused.
    pub refused: bool,
}

/// What one count is about.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    /// A day or a month.
    pub span: Span,
    /// Which; of a month, its first day.
    pub starts_on: Day,
    /// At which partner; at all of them when none.
    pub partner: Option<PartnerId>,
    /// Of what.
    pub matter: Matter,
    /// By which service; by all together when empty.
    pub service: String,
    /// By which role of it; by all together when empty.
    pub role: String,
}

/// How many.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// People whom it concerns.
    pub people: u64,
    /// What was done.
    pub done: u64,
    /// What was refused.
    pub refused: u64,
}

impl Counts {
    /// What a reader is shown of it; nothing when it concerns too few people.
    pub fn shown(self, telling: Telling, of_the_partner: bool) -> Option<Shown> {
        let Self { people, done, refused } = self;
        let refused = telling.refused.shows_to(of_the_partner).then_some(refused);
        telling.counts.shows_to(of_the_partner).then_some(Shown { people, done, refused })
    }
}

/// How many, as a reader is shown it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shown {
    /// People whom it concerns.
    pub people: u64,
    /// What was done.
    pub done: u64,
    /// What was refused; nothing when it was to too few people.
    pub refused: Option<u64>,
}

impl Shown {
    /// Nobody did anything.
    pub const NOTHING: Self = Self { people: 0, done: 0, refused: Some(0) };

    /// What rows keep, as a reader is shown it: figures, then who may be shown them, then how much of them was refused.
    pub fn kept(
        (people, done, refused): (i64, i64, i64),
        (told, refused_told): (&str, &str),
        of_the_partner: bool,
    ) -> Option<Self> {
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        let counts = Counts { people: number(people), done: number(done), refused: number(refused) };
        let telling = Telling { counts: Told::parse(told), refused: Told::parse(refused_told) };
        counts.shown(telling, of_the_partner)
    }
}

/// What was gathered so far.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<Cell, Gathered>);

#[derive(Clone, Debug, Default)]
struct Gathered {
    done_by: BTreeSet<AccountId>,
    refused_to: BTreeSet<AccountId>,
    done: u64,
    refused: u64,
}

impl Gathered {
    fn people(&self) -> u64 {
        count(self.done_by.union(&self.refused_to))
    }

    /// How many people what was done concerns, the fewest that may be told by it.
    fn doers(&self) -> u64 {
        if self.done == 0 { self.people() } else { count(&self.done_by) }
    }
}

impl Tally {
    /// Adds one use to every count that it is part of.
    pub fn add(&mut self, used: &Use) {
        for (span, starts_on) in [(Span::Day, used.day), (Span::Month, used.day.first_of_month())] {
            for partner in [None, Some(used.partner)] {
                let cell = |service: &str, role: &str| Cell {
                    span,
                    starts_on,
                    partner,
                    matter: used.matter,
                    service: service.to_owned(),
                    role: role.to_owned(),
                };
                self.gather(cell("", ""), used);
                if !used.service.is_empty() {
                    self.gather(cell(&used.service, ""), used);
                    for role in &used.roles {
                        self.gather(cell(&used.service, role), used);
                    }
                }
            }
        }
    }

    fn gather(&mut self, cell: Cell, used: &Use) {
        let gathered = self.0.entry(cell).or_default();
        if used.refused {
            gathered.refused_to.insert(used.person);
            gathered.refused += 1;
        } else {
            gathered.done_by.insert(used.person);
            gathered.done += 1;
        }
    }

    /// The counts, each with who may be shown what of it.
    pub fn counted(&self) -> BTreeMap<Cell, (Counts, Telling)> {
        let doers = self.0.iter().map(|(cell, gathered)| (cell.clone(), gathered.doers())).collect();
        // Where nothing was refused, that says nothing of anybody.
        let refused = self.0.iter().filter(|(_, gathered)| gathered.refused > 0);
        let refused = refused.map(|(cell, gathered)| (cell.clone(), count(&gathered.refused_to))).collect();
        let (told, told_refused) = (discretion::told(&doers), discretion::told(&refused));
        let counts = self.0.iter().map(|(cell, gathered)| {
            let Gathered { done, refused, .. } = *gathered;
            let counts = told.get(cell).copied().unwrap_or(Told::Nobody);
            let of_refused = told_refused.get(cell).copied().unwrap_or(Told::All);
            let telling = Telling { counts, refused: counts.max(of_refused) };
            (cell.clone(), (Counts { people: gathered.people(), done, refused }, telling))
        });
        counts.collect()
    }
}

fn count<'p>(people: impl IntoIterator<Item = &'p AccountId>) -> u64 {
    u64::try_from(people.into_iter().count()).unwrap_or(u64::MAX)
}

/// The last day that is over and may be counted.
pub fn last_countable(now: Timestamp, zone: &Zone) -> Day {
    zone.day(now.minus(SETTLED)).plus_days(-1)
}

/// The first days of the months to count: those of the days after `counted_to`, and of a few before, that are not older
/// than `since`. A month of which a trace may have been erased by now stays as it was counted.
pub fn months_to_count(since: Day, counted_to: Option<Day>, last: Day, trace_months: u16) -> Vec<Day> {
    let from = counted_to.map_or(since, |day| day.plus_days(1 - AGAIN)).max(since);
    let mut month = from.first_of_month();
    let mut months = Vec::new();
    while month <= last {
        if month.plus_months(trace_months) > last.plus_days(1) {
            months.push(month);
        }
        month = month.plus_months(1);
    }
    months
}

/// The first day from which an organism founded that day is counted: nothing older is whole.
pub fn counted_since(founded: Day, last: Day, trace_months: u16) -> Day {
    let mut month = last.first_of_month();
    for _ in 1..trace_months {
        month = month.month_before();
    }
    founded.max(month)
}

/// The first days of the months that a page shows, the oldest first.
pub fn shown_months(today: Day) -> Vec<Day> {
    let mut months = vec![today.first_of_month()];
    while let Some(month) = months.last().filter(|_| months.len() < SHOWN_MONTHS) {
        months.push(month.month_before());
    }
    months.reverse();
    months
}

/// The first month that is still kept.
pub fn kept_since(today: Day) -> Day {
    (0..KEPT_MONTHS).fold(today.first_of_month(), |month, _| month.month_before())
}

#[cfg(test)]
mod tests;
