//! Legal holds: what an investigation keeps beyond its day, who may end that, and when it must be looked at again.

use serde::Serialize;

use super::day::Day;
use super::facts::FileMark;
use super::id::{AccountId, PartnerId};

/// What a hold keeps: every trace of its organism that concerns it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// What one person did, and what was done on his account.
    Person(AccountId),
    /// What concerns one partner.
    Partner(PartnerId),
    /// Who looked one file up, and read it.
    File(FileMark),
    /// All that happened during an incident.
    Incident {
        /// How the organism calls it.
        reference: String,
        /// Its first day.
        from: Day,
        /// Its last day, included.
        to: Day,
    },
}

impl Matter {
    /// The word kept in rows.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Partner(_) => "partner",
            Self::File(_) => "file",
            Self::Incident { .. } => "incident",
        }
    }
}

/// Days before the review of a hold from which its list says so.
const NEAR: i64 = 30;

/// How the review of a hold stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Review {
    /// Its day has come and gone.
    Past,
    /// It comes soon.
    Near,
    /// It comes later.
    Later,
}

/// How the review stands today.
pub fn review(on: Day, today: Day) -> Review {
    match on.days_since(today) {
        ..0 => Review::Past,
        0..=NEAR => Review::Near,
        _ => Review::Later,
    }
}

/// The first and the last day on which a hold that begins today may be reviewed: nothing is held for more than a year
/// without somebody looking at it again.
pub fn review_bounds(today: Day) -> (Day, Day) {
    (today.plus_days(1), today.plus_years(1))
}

/// Whether that person may end it: anybody but who asked for it.
pub fn may_release(asked_by: AccountId, by: AccountId) -> bool {
    asked_by != by
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;
    use uuid::Uuid;

    use super::super::id::RowId as _;
    use super::*;

    const TODAY: Day = Day::of(date!(2026 - 11 - 23));

    #[test]
    fn a_review_is_told_before_its_day() {
        for (days, expected) in
            [(-1, Review::Past), (0, Review::Near), (30, Review::Near), (31, Review::Later)]
        {
            assert_eq!(review(TODAY.plus_days(days), TODAY), expected, "{days}");
        }
    }

    proptest! {
        #[test]
        fn who_asked_never_releases(asked in any::<u128>(), by in any::<u128>()) {
            let id = |n| AccountId::from_uuid(Uuid::from_u128(n));
            prop_assert!(!may_release(id(asked), id(asked)));
            prop_assert_eq!(may_release(id(asked), id(by)), asked != by);
        }

        #[test]
        fn what_may_be_chosen_is_neither_past_nor_far(days in 0_i64..20_000) {
            let today = TODAY.plus_days(days);
            let (first, last) = review_bounds(today);
            prop_assert!(first > today && last.days_since(today) <= 366);
        }
    }
}
