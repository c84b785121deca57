//! Searching the log: the period that every search has, and the bounded steps in which the log is walked, newest
//! first. What a step gives is decided here; how it is read is the store's.

use std::fmt;
use std::str::FromStr;

use super::day::Day;
use super::id::{RowId as _, TraceId};
use super::time::Timestamp;

/// Days searched when no period is given.
pub const DAYS: i64 = 7;

/// Traces on one page.
pub const LINES: usize = 50;

/// Traces that one step along a whole log may look at, when a filter has no index of its own.
pub const STEP: i64 = 10_000;
/// The same along what concerns one partner, person or file: each of its rows may have to be fetched from another page
/// of the volume.
pub const SCATTERED_STEP: i64 = 4_000;

/// Searches that one person may keep.
pub const MOST_KEPT: usize = 30;

/// The days that a search covers, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
}

impl Period {
    /// The days given; without an end it ends today, without a beginning it lasts [`DAYS`].
    pub fn given(from: Option<Day>, to: Option<Day>, today: Day) -> Self {
        let to = to.unwrap_or(today);
        Self { from: from.unwrap_or_else(|| to.plus_days(1 - DAYS)), to }
    }

    /// Whether it ends before it begins.
    pub fn is_upside_down(self) -> bool {
        self.from > self.to
    }

    /// Whether it stands within another: what is given in part is a part of what was asked for.
    pub fn is_within(self, asked: Self) -> bool {
        asked.from <= self.from && self.from <= self.to && self.to <= asked.to
    }
}

/// Where a trace stands in the log: by its instant, then by its id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Its instant.
    pub at: Timestamp,
    /// Its id.
    pub id: TraceId,
}

impl Place {
    /// Before everything that happened at that instant.
    pub fn first_of(at: Timestamp) -> Self {
        Self { at, id: TraceId::from_uuid(uuid::Uuid::nil()) }
    }
}

/// As addresses carry it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.micros(), self.id)
    }
}

/// The text names no place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (micros, id) = text.split_once('_').ok_or(NoPlace)?;
        let at = micros.parse().ok().and_then(Timestamp::from_micros).ok_or(NoPlace)?;
        Ok(Self { at, id: id.parse().map_err(|_| NoPlace)? })
    }
}

/// Something that stands in the log.
pub trait Placed {
    /// Where.
    fn place(&self) -> Place;
}

/// What one step along one index gave.
#[derive(Clone, Debug)]
pub struct Step<T> {
    /// What it found, newest first: one more than a page at most, which tells that there are others.
    pub found: Vec<T>,
    /// How far it looked, that place included; nothing when it came to the end of the period.
    pub looked_to: Option<Place>,
}

impl<T: Placed> Step<T> {
    /// How far the step knows all that there is to find.
    fn knows_to(&self) -> Option<Place> {
        self.found.get(LINES).map(Placed::place).or(self.looked_to)
    }
}

/// What comes after a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Then {
    /// Nothing: the period was searched to its end.
    Nothing,
    /// Other traces, older than this place.
    Older(Place),
    /// Nobody knows yet: older than this place nothing was looked at.
    Unsearched(Place),
}

/// A page of what a search found.
#[derive(Clone, Debug)]
pub struct Found<T> {
    /// At most [`LINES`], newest first.
    pub lines: Vec<T>,
    /// What comes after.
    pub then: Then,
}

/// Puts the steps of one search together, each along an index of its own: only what all of them have looked at is
/// told, so that going on from there meets every trace once.
pub fn join<T: Placed>(steps: Vec<Step<T>>) -> Found<T> {
    let known_to = steps.iter().filter_map(Step::knows_to).max();
    let known = |line: &T| known_to.is_none_or(|end| line.place() >= end);
    let mut lines: Vec<T> = steps.into_iter().flat_map(|step| step.found).filter(known).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.place()));
    lines.dedup_by_key(|line| line.place());
    let then = if lines.len() > LINES {
        lines.truncate(LINES);
        lines.last().map_or(Then::Nothing, |last| Then::Older(last.place()))
    } else {
        known_to.map_or(Then::Nothing, Then::Unsearched)
    };
    Found { lines, then }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests say what they expect by failing")]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;
    use uuid::Uuid;

    use super::super::id::RowId;
    use super::*;

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    struct Line(u32);

    impl Placed for Line {
        fn place(&self) -> Place {
            // Several traces share an instant.
            let at = Timestamp::from_micros(i64::from(self.0 / 4)).unwrap();
            Place { at, id: TraceId::from_uuid(Uuid::from_u128(u128::from(self.0))) }
        }
    }

    /// What an index holds, newest first, and whether the filter keeps it.
    type Index = Vec<(Line, bool)>;

    /// A step of that many traces, as the store makes one.
    fn step(index: &Index, before: Option<Place>, size: usize) -> Step<Line> {
        let rest: Vec<_> =
            index.iter().filter(|(line, _)| before.is_none_or(|before| line.place() < before)).collect();
        let looked_to = rest.get(size - 1).map(|(line, _)| line.place());
        let found = rest.iter().take(size).filter(|(_, kept)| *kept).map(|(line, _)| *line);
        Step { found: found.take(LINES + 1).collect(), looked_to }
    }

    proptest! {
        #[test]
        fn every_trace_is_met_once_in_order_whatever_the_steps(
            all in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 0..600),
            size in 1_usize..300,
        ) {
            // The same trace may stand in both indexes.
            let of = |pick: fn(&(bool, bool, bool)) -> bool| -> Index {
                let lines = (0..600_u32).zip(&all).filter(|(_, trace)| pick(trace));
                lines.map(|(n, trace)| (Line(n), trace.2)).rev().collect()
            };
            let (first, second) = (of(|trace| trace.0), of(|trace| trace.1));
            let expected: Vec<Line> = (0..600_u32).zip(&all)
                .filter(|(_, trace)| (trace.0 || trace.1) && trace.2)
                .map(|(n, _)| Line(n)).rev().collect();
            let (mut met, mut before) = (Vec::new(), None);
            loop {
                let found = join(vec![step(&first, before, size), step(&second, before, size)]);
                prop_assert!(found.lines.len() <= LINES);
                met.extend(found.lines);
                let next = match found.then {
                    Then::Nothing => break,
                    Then::Older(place) | Then::Unsearched(place) => place,
                };
                prop_assert!(before.is_none_or(|before| next < before), "it goes on");
                before = Some(next);
            }
            prop_assert_eq!(met, expected);
        }

        #[test]
        fn a_part_is_within_what_was_asked_for(from in 0_i64..40, length in 0_i64..40, before in 0_i64..3, after in 0_i64..3) {
            let today = Day::from(date!(2026 - 11 - 23));
            let asked = Period { from: today.plus_days(from), to: today.plus_days(from + length) };
            prop_assert!(asked.is_within(asked));
            let wider = Period { from: asked.from.plus_days(-before), to: asked.to.plus_days(after) };
            prop_assert_eq!(wider.is_within(asked), before == 0 && after == 0);
            let upside_down = Period { from: asked.to.plus_days(1), to: asked.from };
            prop_assert!(!upside_down.is_within(asked));
        }

        #[test]
        fn a_place_comes_back_from_an_address(micros in 0..4_000_000_000_000_000_i64, id in any::<u128>()) {
            let place = Place {
                at: Timestamp::from_micros(micros).unwrap(),
                id: TraceId::from_uuid(Uuid::from_u128(id)),
            };
            prop_assert_eq!(place.to_string().parse(), Ok(place));
        }
    }

    #[test]
    fn a_search_always_has_a_period() {
        let day = Day::from;
        let today = day(date!(2026 - 11 - 23));
        assert_eq!(Period::given(None, None, today), Period { from: day(date!(2026 - 11 - 17)), to: today });
        let end = Some(day(date!(2026 - 10 - 10)));
        assert_eq!(Period::given(None, end, today).from, day(date!(2026 - 10 - 04)));
        assert!(Period::given(Some(today), end, today).is_upside_down());
    }

    #[test]
    fn what_names_no_place_is_none() {
        for text in ["", "12", "12_", "x_01900000-0000-7000-8000-000000000001", "12_x"] {
            assert_eq!(text.parse::<Place>(), Err(NoPlace), "{text}");
        }
    }
}
