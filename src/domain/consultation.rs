//! Whether a file may be read, and what of it: grant by grant, never the rubrics of one with the perimeter of
//! another (001 art. 2.2.1, 004 art. 7).

use std::collections::BTreeSet;

use super::day::Day;
use super::files::Rubric;
use super::grants::Period;
use super::id::GrantId;
use super::territory::{CommuneCode, Perimeter};

/// One grant as a look-up needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding {
    /// The grant.
    pub grant: GrantId,
    /// What its role shows.
    pub rubrics: BTreeSet<Rubric>,
    /// Where the grant reaches.
    pub perimeter: Perimeter,
    /// Where the membership reaches now: a grant made before it was narrowed reaches no further.
    pub within: Perimeter,
    /// When it holds.
    pub period: Period,
    /// Whether the service is open to the partner today.
    pub open: bool,
}

/// What was decided. Whoever asked sees one answer for all that is not [`Decision::Read`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Decision {
    /// No such file.
    Unknown,
    /// Outside every perimeter that counts today.
    OutsidePerimeter,
    /// No grant counts today, or the service is closed.
    ServiceClosed,
    /// It may be read.
    Read {
        /// What of it.
        rubrics: BTreeSet<Rubric>,
        /// By which grants.
        grants: Vec<GrantId>,
    },
}

/// Decides for a file whose family lives in `commune`; no commune when there is no such file.
pub fn decide(holdings: &[Holding], commune: Option<&CommuneCode>, today: Day) -> Decision {
    let counting = || holdings.iter().filter(|holding| holding.open && holding.period.holds_on(today));
    let Some(commune) = commune else { return Decision::Unknown };
    if counting().next().is_none() {
        return Decision::ServiceClosed;
    }
    let covering: Vec<&Holding> = counting()
        .filter(|holding| holding.perimeter.covers(commune) && holding.within.covers(commune))
        .collect();
    if covering.is_empty() {
        return Decision::OutsidePerimeter;
    }
    Decision::Read {
        rubrics: covering.iter().flat_map(|holding| holding.rubrics.iter().copied()).collect(),
        grants: covering.iter().map(|holding| holding.grant).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;
    use time::macros::date;
    use uuid::Uuid;

    use super::super::id::RowId;
    use super::*;

    const PLACES: [&str; 4] = ["59410", "59350", "62041", "62160"];

    fn today() -> Day {
        Day::from(date!(2026 - 11 - 21))
    }

    fn holding(number: u8, perimeter: &str, rubric: Rubric, open: bool) -> Holding {
        Holding {
            grant: GrantId::from_uuid(Uuid::from_u128(number.into())),
            rubrics: BTreeSet::from([rubric]),
            perimeter: perimeter.parse().unwrap(),
            within: "59 62".parse().unwrap(),
            period: Period { starts_on: today(), ends_on: None },
            open,
        }
    }

    proptest! {
        /// What is shown is exactly what the covering grants show: nothing leaks from one perimeter to another.
        #[test]
        fn rubrics_come_only_from_grants_that_cover_the_family(
            held in prop::collection::vec((0..4_usize, 0..Rubric::ALL.len(), any::<bool>()), 0..6),
            home in 0..4_usize,
        ) {
            let holdings: Vec<Holding> = held
                .iter()
                .enumerate()
                .map(|(n, (place, rubric, open))| {
                    holding(u8::try_from(n).unwrap(), PLACES[*place], Rubric::ALL[*rubric], *open)
                })
                .collect();
            let expected: BTreeSet<Rubric> = held
                .iter()
                .filter(|(place, _, open)| *open && *place == home)
                .map(|(_, rubric, _)| Rubric::ALL[*rubric])
                .collect();
            let commune: CommuneCode = PLACES[home].parse().unwrap();
            match decide(&holdings, Some(&commune), today()) {
                Decision::Read { rubrics, .. } => prop_assert_eq!(rubrics, expected),
                _ => prop_assert!(expected.is_empty()),
            }
        }
    }

    #[test]
    fn a_narrowed_membership_narrows_its_grants() {
        let mut held = holding(1, "59", Rubric::Adresse, true);
        let lille: CommuneCode = "59350".parse().unwrap();
        assert!(matches!(decide(&[held.clone()], Some(&lille), today()), Decision::Read { .. }));
        held.within = "59410".parse().unwrap();
        assert_eq!(decide(&[held], Some(&lille), today()), Decision::OutsidePerimeter);
    }

    #[test]
    fn a_grant_counts_on_its_days_only() {
        let lille: CommuneCode = "59350".parse().unwrap();
        let on = |starts_in: i64, ends_in: Option<i64>| {
            let mut held = holding(1, "59", Rubric::Adresse, true);
            held.period = Period {
                starts_on: today().plus_days(starts_in),
                ends_on: ends_in.map(|days| today().plus_days(days)),
            };
            decide(&[held], Some(&lille), today())
        };
        for (starts_in, ends_in) in [(0, None), (-9, Some(0)), (0, Some(0))] {
            assert!(matches!(on(starts_in, ends_in), Decision::Read { .. }), "{starts_in} {ends_in:?}");
        }
        for (starts_in, ends_in) in [(1, None), (-9, Some(-1)), (1, Some(9))] {
            assert_eq!(on(starts_in, ends_in), Decision::ServiceClosed, "{starts_in} {ends_in:?}");
        }
    }

    #[test]
    fn an_unknown_number_is_unknown_whatever_is_held() {
        assert_eq!(decide(&[], None, today()), Decision::Unknown);
        assert_eq!(decide(&[holding(1, "59", Rubric::Famille, true)], None, today()), Decision::Unknown);
    }
}
