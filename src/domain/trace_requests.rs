//! Requests for traces: a person's own, asked through the superior and answered by the organism (001 art. 5.3.4), and
//! those of another body (000 art. 10). How they move, by when they are answered, and who may decide.

use super::day::Day;
use super::id::AccountId;
use super::retention::{Category, last_due};

/// Days within which traces are communicated: fewer than these, from the receipt of the request (000 art. 10).
const DAYS: i64 = 15;
/// Days during which a person reads on his page what he was given.
const READABLE: i64 = 30;
/// Lines that one answer may hold: six months of somebody who works all day.
pub const MOST_LINES: usize = 20_000;

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It waits for the superior.
    Asked,
    /// The superior did not pass it on.
    Declined,
    /// It waits for the organism's answer.
    Open,
    /// What was asked for is given.
    Given,
    /// A part of it is.
    Partial,
    /// Nothing is.
    Refused,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Asked, Self::Declined, Self::Open, Self::Given, Self::Partial, Self::Refused];

    /// The word of its row.
    pub fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Declined => "declined",
            Self::Open => "open",
            Self::Given => "given",
            Self::Partial => "partial",
            Self::Refused => "refused",
        }
    }

    /// The state that a row tells.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether something was given, or is about to be.
    pub fn gives(self) -> bool {
        matches!(self, Self::Given | Self::Partial)
    }
}

/// How traces were handed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// On the person's own page here.
    Portal,
    /// By a mail that only its addressee opens.
    SecureMail,
    /// By registered post.
    RegisteredPost,
    /// Into somebody's hands.
    InPerson,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Portal, Self::SecureMail, Self::RegisteredPost, Self::InPerson];

    /// The word of its row, and of forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Portal => "portal",
            Self::SecureMail => "secure_mail",
            Self::RegisteredPost => "registered_post",
            Self::InPerson => "in_person",
        }
    }

    /// The way that a row tells.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.code() == code)
    }
}

/// The day before which a request received on that day is answered.
pub fn due_on(received: Day) -> Day {
    received.plus_days(DAYS)
}

/// The last day on which an answer given on that day is read.
pub fn readable_until(answered: Day) -> Day {
    answered.plus_days(READABLE)
}

/// The first day whose traces are still there: what is older is erased.
pub fn first_day_kept(today: Day) -> Day {
    last_due(today, Category::Action.months()).plus_days(1)
}

/// When somebody is reminded of a request that waits, the last time at the end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reminder {
    /// Seven days before.
    Week,
    /// Three days before.
    ThreeDays,
    /// The day before.
    Eve,
    /// It is late.
    Late,
}

impl Reminder {
    /// The number kept in rows; 0 stands for none.
    pub fn number(self) -> i32 {
        match self {
            Self::Week => 1,
            Self::ThreeDays => 2,
            Self::Eve => 3,
            Self::Late => 4,
        }
    }
}

/// The reminder to send today of a request that is due before that day, if one is, and was not sent: a job that was
/// stopped for days sends the last one only.
pub fn reminder(due: Day, today: Day, sent: i32) -> Option<Reminder> {
    let now = match due.days_since(today) {
        ..=0 => Reminder::Late,
        1 => Reminder::Eve,
        2..=3 => Reminder::ThreeDays,
        4..=7 => Reminder::Week,
        _ => return None,
    };
    (now.number() > sent).then_some(now)
}

/// Whether a request due before that day is late.
pub fn is_late(due: Day, today: Day) -> bool {
    due <= today
}

/// Whether that person may pass a request on, or answer it: anybody who has the right to, but who made it.
pub fn may_decide(asked_by: Option<AccountId>, by: AccountId) -> bool {
    asked_by != Some(by)
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
    fn an_answer_comes_in_fewer_than_fifteen_days() {
        let due = due_on(TODAY);
        assert_eq!(due, Day::of(date!(2026 - 12 - 08)));
        assert!(!is_late(due, TODAY.plus_days(14)));
        assert!(is_late(due, TODAY.plus_days(15)));
    }

    #[test]
    fn four_reminders_are_sent_each_once() {
        let due = due_on(TODAY);
        let mut sent = 0;
        let mut told = Vec::new();
        for days in 0..40 {
            if let Some(reminder) = reminder(due, TODAY.plus_days(days), sent) {
                sent = reminder.number();
                told.push((days, reminder));
            }
        }
        assert_eq!(
            told,
            [(8, Reminder::Week), (12, Reminder::ThreeDays), (14, Reminder::Eve), (15, Reminder::Late)]
        );
        assert_eq!(
            reminder(due, TODAY.plus_days(20), 1),
            Some(Reminder::Late),
            "those that were missed are not sent"
        );
    }

    #[test]
    fn states_and_ways_come_back_from_their_words() {
        assert!(State::ALL.into_iter().all(|state| State::parse(state.code()) == Some(state)));
        assert!(Way::ALL.into_iter().all(|way| Way::parse(way.code()) == Some(way)));
    }

    proptest! {
        #[test]
        fn nobody_decides_on_his_own_request(asked in any::<u128>(), by in any::<u128>()) {
            let id = |n| AccountId::from_uuid(Uuid::from_u128(n));
            prop_assert!(!may_decide(Some(id(asked)), id(asked)));
            prop_assert_eq!(may_decide(Some(id(asked)), id(by)), asked != by);
            prop_assert!(may_decide(None, id(by)));
        }

        /// What may be asked for is what is kept: not a day more, not a day less.
        #[test]
        fn the_first_day_kept_is_the_first_whose_traces_are_there(days in 0_i64..40_000) {
            let today = Day::of(date!(1990 - 01 - 01)).plus_days(days);
            let first = first_day_kept(today);
            let months = Category::Action.months();
            prop_assert!(first.plus_months(months) > today);
            prop_assert!(first.plus_days(-1).plus_months(months) <= today);
        }
    }
}
