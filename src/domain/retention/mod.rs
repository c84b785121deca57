//! How long things are kept. Periods and the reasons for them live here; erasing is the jobs' work.

use time::Duration;

use super::day::Day;
use super::facts::Fact;

pub mod kinds;

/// Between two runs of the purge.
pub const PURGE_PACE: Duration = Duration::HOUR;
/// A purge that has not ended for so long is told: a trace may be kept a day beyond its own, not more.
pub const PURGE_LATE: Duration = Duration::hours(26);

/// What a trace tells of, as far as its period goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Category {
    /// Who signed in, tried to, signed out.
    Connection,
    /// What people did, read, asked for and were refused.
    Action,
    /// What the program did by itself: it names nobody, but stands in the same blocks of the log, which are folded
    /// whole. A longer period here would keep the leaves of everybody's traces.
    Operation,
}

impl Category {
    /// The category of a fact, by the family that its code begins with.
    pub fn of(fact: &Fact) -> Self {
        let code = fact.code();
        match code.split_once('.').map_or(code, |(family, _)| family) {
            "sign_in" | "session" | "requests" | "password" | "secret" => Self::Connection,
            "rows" | "log" | "service" | "files" | "mail" => Self::Operation,
            _ => Self::Action,
        }
    }

    /// Calendar months for which its traces are kept: six for connections and actions (001 art. 5.3.2). Where a
    /// convention says otherwise (000 art. 10), its traces are a category of their own.
    pub fn months(self) -> u16 {
        match self {
            Self::Connection | Self::Action | Self::Operation => 6,
        }
    }
}

/// The last day that so many calendar months before today have left behind: what began on it, or before, is due.
pub fn last_due(today: Day, months: u16) -> Day {
    // 31 days a month is more than enough; from there, one day after another until one is not due.
    let mut day = today.plus_days(-31 * (i64::from(months) + 1));
    while day.plus_days(1).plus_months(months) <= today {
        day = day.plus_days(1);
    }
    day
}

/// The last month, `yyyymm`, in which a trace may have happened that is due by now: nothing of a later month is.
pub fn last_due_month(today: Day) -> i32 {
    let shortest =
        [Category::Connection, Category::Action, Category::Operation].map(Category::months).into_iter().min();
    let date = today.date();
    let index = date.year() * 12 + i32::from(u8::from(date.month())) - 1 - i32::from(shortest.unwrap_or(0));
    index.div_euclid(12) * 100 + index.rem_euclid(12) + 1
}

/// The first day of that month: no trace of an earlier one is kept, but those that are held.
pub fn oldest_kept(today: Day) -> Day {
    let month = last_due_month(today);
    let name = u8::try_from(month % 100).ok().and_then(|number| time::Month::try_from(number).ok());
    let first = name.and_then(|name| time::Date::from_calendar_date(month / 100, name, 1).ok());
    first.map_or(today, Day::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn what_may_be_due_is_told_by_its_month() {
        assert_eq!(last_due_month(Day::of(date!(2027 - 05 - 31))), 202_611);
        assert_eq!(last_due_month(Day::of(date!(2027 - 06 - 01))), 202_612);
        assert_eq!(last_due_month(Day::of(date!(2027 - 01 - 01))), 202_607);
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let due = |today, months| last_due(Day::of(today), months);
        // From 31 August to the last day of February; from 29 February to the 28th.
        assert_eq!(due(date!(2027 - 02 - 27), 6), Day::of(date!(2026 - 08 - 27)));
        assert_eq!(due(date!(2027 - 02 - 28), 6), Day::of(date!(2026 - 08 - 31)));
        assert_eq!(due(date!(2028 - 02 - 28), 6), Day::of(date!(2027 - 08 - 28)));
        assert_eq!(due(date!(2028 - 02 - 29), 6), Day::of(date!(2027 - 08 - 31)));
        assert_eq!(due(date!(2034 - 02 - 27), 72), Day::of(date!(2028 - 02 - 27)));
        assert_eq!(due(date!(2034 - 02 - 28), 72), Day::of(date!(2028 - 02 - 29)));
    }

    proptest! {
        /// Not a day early, not a day late.
        #[test]
        fn what_is_due_is_what_its_months_have_left_behind(today in 0_i64..40_000, months in 1_u16..80) {
            let today = Day::of(date!(1990 - 01 - 01)).plus_days(today);
            let last = last_due(today, months);
            prop_assert!(last.plus_months(months) <= today);
            prop_assert!(last.plus_days(1).plus_months(months) > today);
        }

        /// No trace of a later month is due: the walk that stops there leaves nothing behind.
        #[test]
        fn nothing_of_a_later_month_is_due(today in 0_i64..40_000, age in 0_i64..400) {
            let today = Day::of(date!(1990 - 01 - 01)).plus_days(today);
            let happened = today.plus_days(-age);
            let month = happened.date().year() * 100 + i32::from(u8::from(happened.date().month()));
            let due = happened.plus_months(Category::Action.months()) <= today;
            prop_assert!(!due || month <= last_due_month(today));
        }
    }
}
