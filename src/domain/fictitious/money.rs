//! Quotient familial and benefits that go with a household.

use time::{Date, Duration};

use super::dice::Dice;
use super::household::Household;
use crate::domain::files::{Known, MOST_MONTHS, Month, QuotientMonth, Right, RightNature, RightState};

/// The quotient familial around which a household lives, in euros.
pub(super) fn income(dice: &mut Dice, household: &Household) -> u32 {
    let alone_with_children = !household.is_couple() && !household.children.is_empty();
    match dice.among(0..=99) {
        0..=24 => dice.among(120..=420),
        _ if alone_with_children => dice.among(350..=950),
        25..=74 => dice.among(420..=1100),
        _ => dice.among(1100..=2600),
    }
}

/// What happened to the figures of a file.
enum Story {
    Regular,
    UnknownFor(usize),
    NotComputableFor(usize),
    EndedFor(usize),
}

/// The months of a file, newest first.
pub(super) fn quotient(dice: &mut Dice, income: u32, as_of: Date) -> Vec<QuotientMonth> {
    let story = match dice.among(0..=99) {
        0..=3 => Story::UnknownFor(dice.among(1..=6)),
        4 => Story::UnknownFor(MOST_MONTHS),
        5..=6 => Story::NotComputableFor(dice.among(1..=MOST_MONTHS)),
        7..=8 => Story::EndedFor(dice.among(1..=12)),
        _ => Story::Regular,
    };
    let length = if dice.percent(80) { MOST_MONTHS } else { dice.among(1..=MOST_MONTHS) };
    let now = Month::of(as_of);
    let mut months = Vec::with_capacity(length);
    let (mut month, mut value) = (now, income);
    for place in 0..length {
        let shown = match story {
            Story::UnknownFor(months) if place < months => Known::Unknown,
            Story::NotComputableFor(months) if place < months => Known::NotComputable,
            Story::EndedFor(months) if place < months => Known::RightEnded,
            _ => Known::Known(value),
        };
        let calculated_in = if dice.percent(8) { later(month, now) } else { month };
        let reference = month.previous();
        months.push(QuotientMonth { month, value: shown, reference, calculated_in });
        // Resources are renewed in January; in between a change is rare.
        if month.number() == 1 || dice.percent(7) {
            value = value * dice.among(88..=110) / 100;
        }
        month = reference;
    }
    months
}

/// The month after, unless it has not come.
fn later(month: Month, now: Month) -> Month {
    Month::of(month.first_day() + Duration::days(31)).min(now)
}

/// The benefits of a household, as its children, its shape and its income allow.
pub(super) fn rights(dice: &mut Dice, household: &Household, income: u32) -> Vec<Right> {
    let children: Vec<Date> = household.dependants().collect();
    let under = |years: i64| {
        children.iter().filter(|born| (household.as_of - **born).whole_days() < years * 365).count()
    };
    let mut rights = Rights { dice, as_of: household.as_of, list: Vec::new() };
    let count = u32::try_from(children.len()).unwrap_or_default();
    if let [.., second, _] = children.as_slice() {
        let full = 15_105 + 19_352 * (count - 2);
        rights.add(RightNature::Af, *second, if income > 1800 { full / 2 } else { full });
    }
    match children.as_slice() {
        [youngest, _, _, ..] if under(3) == 0 && income < 1200 => {
            rights.add(RightNature::Cf, *youngest + Duration::days(3 * 366), 19_660);
        }
        [youngest, ..] if under(3) > 0 && income < 1500 => rights.add(RightNature::Paje, *youngest, 19_660),
        _ => {}
    }
    if let Some(youngest) = children.first() {
        if !household.is_couple() && rights.dice.percent(60) {
            rights.add(RightNature::Asf, *youngest, 19_919 * count);
        }
        if rights.dice.percent(3) {
            rights.add(RightNature::Aeeh, *youngest, 15_180);
        }
    }
    rights.add_by_income(income, !children.is_empty());
    rights.list
}

struct Rights<'a> {
    dice: &'a mut Dice,
    as_of: Date,
    list: Vec<Right>,
}

impl Rights<'_> {
    fn add_by_income(&mut self, income: u32, children: bool) {
        let lately = self.as_of - Duration::days(5 * 365);
        if income < 1100 && self.dice.percent(60) {
            let nature = match (self.dice.percent(50), children) {
                (true, _) => RightNature::Apl,
                (false, true) => RightNature::Alf,
                (false, false) => RightNature::Als,
            };
            let cents = self.dice.among(4_000..=38_000);
            self.add(nature, lately, cents);
        }
        let (nature, times, cents) = match income {
            0..=299 => (RightNature::Rsa, 70, 20_000..=95_000),
            300..=900 => (RightNature::Ppa, 35, 3_000..=28_000),
            _ => (RightNature::Aah, 2, 20_000..=103_332),
        };
        if self.dice.percent(times) {
            let cents = self.dice.among(cents);
            self.add(nature, lately, cents);
        }
    }

    /// A right that cannot be older than this day; most are open.
    fn add(&mut self, nature: RightNature, from: Date, cents: u32) {
        let since = Month::of(self.dice.day(from.min(self.as_of), self.as_of)).first_day();
        let (state, monthly_cents) = match self.dice.among(0..=99) {
            0..=2 => (RightState::Suspended, Known::Known(cents)),
            3 => (RightState::Suspended, Known::NotComputable),
            4..=5 => (RightState::Closed, Known::RightEnded),
            6..=7 => (RightState::Pending, Known::Unknown),
            8 => (RightState::Refused, Known::RightEnded),
            _ => (RightState::Open, Known::Known(cents)),
        };
        self.list.push(Right { nature, state, since, monthly_cents });
    }
}
