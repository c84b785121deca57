//! How a membership stands, in words: the same on every page that shows one.

use super::filters::day_of;
use super::standing::State;
use crate::domain::day::Day;
use crate::domain::memberships::{Condition, Conditions, Opening};

/// What is missing when this condition has no day.
pub fn missing(condition: Condition) -> &'static str {
    match condition {
        Condition::Formality => "la formalité de protection des données",
        Condition::Convention => "la signature de la convention",
        Condition::Contract => "la signature du contrat de service",
        Condition::Membership => "la signature du bulletin",
        Condition::Availability => "la date de mise à disposition",
    }
}

/// The same, joined as a sentence does: «la convention, le contrat et le bulletin».
pub fn all_missing(missing_ones: &[Condition]) -> String {
    let words: Vec<&str> = missing_ones.iter().copied().map(missing).collect();
    match words.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} et {last}", before.join(", ")),
        None => String::new(),
    }
}

/// Words an opening.
pub fn state(conditions: &Conditions, today: Day) -> State {
    match conditions.opening(today) {
        Opening::Open => State {
            tone: "ok",
            word: "Ouvert",
            detail: conditions.latest().map(|day| format!("depuis le {}", day_of(day))).unwrap_or_default(),
        },
        Opening::NotBefore(day) => {
            State { tone: "wait", word: "Pas encore ouvert", detail: format!("ouvre le {}", day_of(day)) }
        }
        Opening::Missing(missing) => {
            State { tone: "wait", word: "Pas ouvert", detail: format!("il manque {}", all_missing(&missing)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let day = Some(Day::from(date!(2026 - 11 - 21)));
        let today = Day::from(date!(2026 - 11 - 21));
        let open =
            Conditions { formality: day, convention: day, contract: day, membership: day, available_on: day };
        assert_eq!(state(&open, today).detail, "depuis le 21\u{a0}nov. 2026");
        assert_eq!(state(&open, today.plus_days(-1)).detail, "ouvre le 21\u{a0}nov. 2026");
        let partly = Conditions { convention: None, membership: None, available_on: None, ..open };
        assert_eq!(
            state(&partly, today).detail,
            "il manque la signature de la convention, la signature du bulletin et la date de mise à disposition"
        );
        assert_eq!(all_missing(&[Condition::Contract]), "la signature du contrat de service");
    }
}
