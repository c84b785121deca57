//! The yearly review of who holds what (001 art. 2.2.2): when it is owed, what must be looked at by itself, what a
//! decision is, and how a transmitted review is written down for ever.

use serde::{Deserialize, Serialize};

use super::day::Day;

/// Days before its term during which a review is announced.
pub const NOTICE_DAYS: i64 = 60;
/// Months after which a right that nobody used is asked about by itself.
const QUIET_MONTHS: u16 = 6;

/// Where a partner stands with its yearly review.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owed {
    /// No service has opened to it: nobody can have used anything.
    Nothing,
    /// By that day, which is far.
    Later(Day),
    /// By that day, which is near.
    Soon(Day),
    /// It was owed by that day.
    Late(Day),
}

impl Owed {
    /// A year after the last review that was transmitted, or after the day the first service opened.
    pub fn of(opened_on: Option<Day>, transmitted_on: Option<Day>, today: Day) -> Self {
        let Some(start) = transmitted_on.or(opened_on) else { return Self::Nothing };
        let due = start.plus_years(1);
        if due < today {
            Self::Late(due)
        } else if due.days_since(today) <= NOTICE_DAYS {
            Self::Soon(due)
        } else {
            Self::Later(due)
        }
    }

    /// The day by which it is owed.
    pub fn due_on(self) -> Option<Day> {
        match self {
            Self::Nothing => None,
            Self::Later(day) | Self::Soon(day) | Self::Late(day) => Some(day),
        }
    }
}

/// The first day from which a year ends on `day` or later: what began before is late that day. Lists of late partners
/// are looked up with it.
pub fn in_time_since(day: Day) -> Day {
    let mut start = day.plus_days(-367);
    while start.plus_years(1) < day {
        start = start.plus_days(1);
    }
    start
}

/// Whether a right may only be kept by a decision of its own: never used, or not for six months.
pub fn stands_alone(used_on: Option<Day>, today: Day) -> bool {
    used_on.is_none_or(|day| day < used_since(today))
}

/// The first day whose use still counts as recent.
pub fn used_since(today: Day) -> Day {
    let mut day = today.plus_days(-186);
    while day.plus_months(QUIET_MONTHS) < today {
        day = day.plus_days(1);
    }
    day
}

/// What is decided on a holding.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is still needed.
    Confirmed,
    /// It is not: it ended when this was decided.
    Withdrawn,
}

impl Verdict {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The verdict written in a row.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Confirmed, Self::Withdrawn].into_iter().find(|verdict| verdict.code() == code)
    }
}

/// The reason that the history of grants keeps of a right withdrawn in a review.
pub fn reason(year: i32) -> String {
    format!("revue inverse {year}")
}

/// What a transmitted review says, for ever. Instants are written as clocks of the organism showed them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// How this text is made up: 1.
    pub version: u8,
    /// Who receives it.
    pub organism: String,
    /// The partner.
    pub partner: String,
    /// Its SIRET.
    pub siret: String,
    /// Of which year.
    pub year: i32,
    /// Who began it, and when.
    pub opened: Act,
    /// Who transmitted it, and when.
    pub transmitted: Act,
    /// What was decided, holding by holding.
    pub decisions: Vec<Line>,
    /// What was held during the review and not decided on in it.
    pub aside: Vec<Aside>,
}

/// Who did something, and when.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Act {
    /// First name, then name.
    pub by: String,
    /// The identifier of the account.
    pub identifier: String,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: time::OffsetDateTime,
}

/// A right that somebody held.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Right {
    /// Name, then first name.
    pub person: String,
    /// The identifier of the account.
    pub identifier: String,
    /// The person's job.
    pub job: String,
    /// The service.
    pub service: String,
    /// The role.
    pub role: String,
    /// Where: codes of départements and communes.
    pub perimeter: String,
    /// Its first day.
    pub starts_on: String,
    /// Its last day.
    pub ends_on: Option<String>,
    /// By whom it was given.
    pub granted_by: String,
    /// On what day it was given.
    pub granted_on: String,
    /// The last day on which it served.
    pub used_on: Option<String>,
}

/// One decision.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Line {
    /// On what.
    pub right: Right,
    /// Which.
    pub verdict: Verdict,
    /// Whose, and when.
    pub decided: Act,
    /// The day on which a confirmed right went all the same, before the review was transmitted.
    pub gone_on: Option<String>,
}

/// A right that was not decided on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Aside {
    /// Which.
    pub right: Right,
    /// Why not.
    pub why: Why,
}

/// Why a right was not decided on.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its holder manages the partner: the organism reviews it.
    OfTheOrganism,
    /// It was withdrawn during the review, by another way.
    WithdrawnApart,
    /// Its last day passed during the review.
    Ended,
}

impl Proof {
    /// The canonical text: keys sorted at every level, no spaces. `None` never comes, for these types.
    pub fn canonical(&self) -> Option<String> {
        serde_json::to_value(self).ok().map(|value| value.to_string())
    }

    /// Reads a canonical text back.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// How many rights were decided on in that way.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.decisions.iter().filter(|line| line.verdict == verdict).count()
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use proptest::prelude::*;
    use time::macros::{date, datetime};

    use super::*;

    fn epoch() -> Day {
        Day::from(date!(2024 - 01 - 01))
    }

    fn days() -> impl Strategy<Value = Day> {
        (0..3_000_i64).prop_map(|days| epoch().plus_days(days))
    }

    proptest! {
        /// Late exactly when the year has passed; announced in the sixty days before; never both, never a gap.
        #[test]
        fn a_review_is_owed_a_year_later(start in days(), today in days()) {
            let due = start.plus_years(1);
            match Owed::of(Some(start), None, today) {
                Owed::Late(day) => prop_assert!(day == due && today > due),
                Owed::Soon(day) => prop_assert!(day == due && today <= due && today >= due.plus_days(-NOTICE_DAYS)),
                Owed::Later(day) => prop_assert!(day == due && today < due.plus_days(-NOTICE_DAYS)),
                Owed::Nothing => prop_assert!(false),
            }
        }

        /// Transmitting settles the debt whatever was owed before, and what the opening was no longer matters.
        #[test]
        fn transmitting_starts_another_year(opened in prop::option::of(days()), today in days()) {
            let settled = Owed::of(opened, Some(today), today);
            prop_assert_eq!(settled, Owed::Later(today.plus_years(1)));
            prop_assert_eq!(Owed::of(opened, Some(today), today.plus_days(367)), Owed::Late(today.plus_years(1)));
        }

        /// The bound by which lists are looked up says the same as the rule.
        #[test]
        fn the_bound_of_lists_is_the_rule(start in days(), today in days()) {
            let late = matches!(Owed::of(Some(start), None, today), Owed::Late(_));
            prop_assert_eq!(late, start < in_time_since(today));
            let near = matches!(Owed::of(Some(start), None, today), Owed::Late(_) | Owed::Soon(_));
            prop_assert_eq!(near, start < in_time_since(today.plus_days(NOTICE_DAYS + 1)));
        }

        /// What was used within six months may be kept together; the rest may not.
        #[test]
        fn what_sleeps_is_asked_about_by_itself(used in prop::option::of(days()), today in days()) {
            let sleeps = used.is_none_or(|day| day.plus_months(6) < today);
            prop_assert_eq!(stands_alone(used, today), sleeps);
        }
    }

    #[test]
    fn nothing_is_owed_before_a_service_opens() {
        assert_eq!(Owed::of(None, None, epoch()), Owed::Nothing);
        assert_eq!(Owed::Nothing.due_on(), None);
    }

    #[test]
    fn a_proof_is_read_back_and_has_one_text() {
        let act = |by: &str| Act {
            by: by.to_owned(),
            identifier: "BRU-4K7TQ2".to_owned(),
            at: datetime!(2026-12-01 10:02 +1),
        };
        let right = Right {
            person: "Marsilhe Ewen".to_owned(),
            identifier: "BRU-6R4ZB8".to_owned(),
            job: "Animateur".to_owned(),
            service: "CDAP".to_owned(),
            role: "Quotient familial".to_owned(),
            perimeter: "59410".to_owned(),
            starts_on: "2026-01-05".to_owned(),
            ends_on: None,
            granted_by: "Maëlle Tournesac".to_owned(),
            granted_on: "2026-01-04".to_owned(),
            used_on: None,
        };
        let proof = Proof {
            version: 1,
            organism: "Caf".to_owned(),
            partner: "Commune".to_owned(),
            siret: "21590410300011".to_owned(),
            year: 2026,
            opened: act("Maëlle Tournesac"),
            transmitted: act("Maëlle Tournesac"),
            decisions: vec![Line {
                right: right.clone(),
                verdict: Verdict::Withdrawn,
                decided: act("Maëlle Tournesac"),
                gone_on: None,
            }],
            aside: vec![Aside { right, why: Why::OfTheOrganism }],
        };
        let text = proof.canonical().unwrap();
        assert!(text.starts_with(r#"{"aside":[{"right":{"ends_on":null,"granted_by":"#), "{text}");
        assert!(text.contains(r#""at":"2026-12-01T10:02:00+01:00""#), "{text}");
        assert_eq!(Proof::read(&text).unwrap(), proof);
        assert_eq!(Proof::read(&text).unwrap().canonical().unwrap(), text);
        assert_eq!((proof.count(Verdict::Withdrawn), proof.count(Verdict::Confirmed)), (1, 0));
    }
}
