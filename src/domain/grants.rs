//! Grants: from when to when a role is held.

use super::day::Day;

/// The days on which a grant holds, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// First day.
    pub starts_on: Day,
    /// Last day; none when it lasts until it is withdrawn.
    pub ends_on: Option<Day>,
}

impl Period {
    /// A period whose days follow one another.
    pub fn new(starts_on: Day, ends_on: Option<Day>) -> Option<Self> {
        ends_on.is_none_or(|end| end >= starts_on).then_some(Self { starts_on, ends_on })
    }

    /// Whether it holds on a day: decided then, never by a job.
    pub fn holds_on(&self, day: Day) -> bool {
        self.starts_on <= day && self.ends_on.is_none_or(|end| day <= end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    proptest! {
        #[test]
        fn a_grant_holds_on_its_days_and_no_other(start in -9..9_i64, length in 0..9_i64, on in -20..20_i64) {
            let today = Day::from(date!(2026 - 11 - 21));
            let period = Period::new(today.plus_days(start), Some(today.plus_days(start + length)));
            prop_assert!(period.is_some_and(|period| {
                period.holds_on(today.plus_days(on)) == (start <= on && on <= start + length)
            }));
        }
    }
}
