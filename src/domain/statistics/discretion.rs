//! Which figures may be shown: never one that concerns one person or two, nor one that such a figure could be
//! subtracted from. Figures stand in lines, a total and its parts: partners of an organism, services of a partner, roles
//! of a service, days of a month. Where a part is withheld, at least one other part of the line is too, or the total.
//! This guards against a subtraction along any one line. What was done is weighed by who did it, what was refused by whom
//! it was refused to: of many people, one may have had all the refusals.

use std::collections::{BTreeMap, BTreeSet};

use super::{Cell, Span};

/// The fewest people whom a figure may concern.
pub const FEW: u64 = 3;

/// Who may be shown a figure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Told {
    /// Its partner and the organism.
    All,
    /// Its partner alone: the organism could subtract it from a total of its own.
    Partner,
    /// Nobody.
    Nobody,
}

impl Told {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Partner => "partner",
            Self::Nobody => "nobody",
        }
    }

    /// The word of a row; a word that nobody wrote is told to nobody.
    pub fn parse(code: &str) -> Self {
        [Self::All, Self::Partner].into_iter().find(|told| told.code() == code).unwrap_or(Self::Nobody)
    }

    /// Whether a reader may be shown it.
    pub fn shows_to(self, of_the_partner: bool) -> bool {
        self == Self::All || (self == Self::Partner && of_the_partner)
    }
}

/// A total and its parts.
type Line = (Cell, Vec<Cell>);

/// Who may be shown each figure, from the number of people whom each concerns.
pub(super) fn told(people: &BTreeMap<Cell, u64>) -> BTreeMap<Cell, Told> {
    let few: BTreeSet<Cell> =
        people.iter().filter(|(_, people)| **people < FEW).map(|(cell, _)| cell.clone()).collect();
    let (within, across) = lines(people);
    let at_the_partner = withheld(people, &within, few);
    let at_the_organism = withheld(people, &[within, across].concat(), at_the_partner.clone());
    let told = |cell: &Cell| match (at_the_partner.contains(cell), at_the_organism.contains(cell)) {
        (true, _) => Told::Nobody,
        (false, true) => Told::Partner,
        (false, false) => Told::All,
    };
    people.keys().map(|cell| (cell.clone(), told(cell))).collect()
}

/// The lines inside each body, and those of partners inside their organism.
fn lines(people: &BTreeMap<Cell, u64>) -> (Vec<Line>, Vec<Line>) {
    let (mut within, mut across) = (BTreeMap::<Cell, Vec<Cell>>::new(), BTreeMap::<Cell, Vec<Cell>>::new());
    let mut days = BTreeMap::<Cell, Vec<Cell>>::new();
    for cell in people.keys() {
        if !cell.role.is_empty() {
            within.entry(Cell { role: String::new(), ..cell.clone() }).or_default().push(cell.clone());
        } else if !cell.service.is_empty() {
            within.entry(Cell { service: String::new(), ..cell.clone() }).or_default().push(cell.clone());
        }
        if cell.partner.is_some() {
            across.entry(Cell { partner: None, ..cell.clone() }).or_default().push(cell.clone());
        }
        if cell.span == Span::Day {
            let month =
                Cell { span: Span::Month, starts_on: cell.starts_on.first_of_month(), ..cell.clone() };
            days.entry(month).or_default().push(cell.clone());
        }
    }
    (within.into_iter().chain(days).collect(), across.into_iter().collect())
}

/// Withholds more until every line holds.
fn withheld(people: &BTreeMap<Cell, u64>, lines: &[Line], mut held: BTreeSet<Cell>) -> BTreeSet<Cell> {
    loop {
        let mut quiet = true;
        for line in lines {
            while let Some(next) = next_to_withhold(people, line, &held) {
                held.insert(next);
                quiet = false;
            }
        }
        if quiet {
            return held;
        }
    }
}

/// What else of a line must be withheld; nothing when it holds.
fn next_to_withhold(
    people: &BTreeMap<Cell, u64>,
    (total, parts): &Line,
    held: &BTreeSet<Cell>,
) -> Option<Cell> {
    let of = |cell: &&Cell| people.get(*cell).copied().unwrap_or(0);
    let (hidden, shown): (Vec<&Cell>, Vec<&Cell>) = parts.iter().partition(|part| held.contains(*part));
    let smallest = shown.into_iter().min_by_key(of);
    if held.contains(total) {
        // A total is the sum of its parts: one of them goes with it.
        return if hidden.is_empty() { smallest.cloned() } else { None };
    }
    let guarded = hidden.is_empty() || (hidden.len() > 1 && hidden.iter().map(of).sum::<u64>() >= FEW);
    if guarded { None } else { Some(smallest.unwrap_or(total).clone()) }
}
