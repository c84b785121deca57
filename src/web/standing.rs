//! How an account stands, in words: the same on every page that shows one.

use super::filters::{day_of, hour_of};
use crate::domain::day::{Day, Zone};
use crate::domain::time::Timestamp;
use crate::domain::users::{Code, Standing};

/// A state as `ui::status` shows it, with what completes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// Its tone in the style sheet.
    pub tone: &'static str,
    /// The state.
    pub word: &'static str,
    /// What completes it; empty when nothing does.
    pub detail: String,
}

/// Words a standing.
pub fn state(standing: &Standing, zone: &Zone) -> State {
    let day = |at: Timestamp| day_of(zone.local(at));
    match standing {
        Standing::Suspended { since } => {
            State { tone: "hold", word: "Suspendu", detail: format!("depuis le {}", day(*since)) }
        }
        Standing::Awaited { code, again } => {
            let word = if *again { "Nouveau code" } else { "Première connexion" };
            match code {
                Code::OnItsWay => {
                    State { tone: "wait", word, detail: "le code va partir par courriel".to_owned() }
                }
                Code::ValidUntil(end) => {
                    State { tone: "wait", word, detail: format!("code valable jusqu’au {}", day(*end)) }
                }
                Code::ExpiredAt(end) => {
                    State { tone: "warn", word, detail: format!("code périmé le {}", day(*end)) }
                }
                Code::ToPrint => {
                    State { tone: "wait", word, detail: "lettre à imprimer par l’organisme".to_owned() }
                }
                Code::NotDelivered => {
                    State { tone: "bad", word, detail: "le courriel n’est pas parti".to_owned() }
                }
            }
        }
        Standing::Active { .. } => State { tone: "ok", word: "Actif", detail: String::new() },
    }
}

/// An instant as lists say it: «aujourd’hui, 9 h 12», «hier, 16 h 40», «4 avril 2026».
pub fn moment(at: Timestamp, zone: &Zone, today: Day) -> String {
    let clock = zone.local(at);
    match today.days_since(Day::from(clock.date())) {
        0 => format!("aujourd’hui, {}", hour_of(clock)),
        1 => format!("hier, {}", hour_of(clock)),
        _ => day_of(clock),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn an_instant_is_told_from_today() {
        let zone = Zone::default();
        let told = |at| moment(Timestamp::new(at), &zone, Day::from(date!(2026 - 11 - 21)));
        assert_eq!(told(datetime!(2026-11-20 23:30 UTC)), "aujourd’hui, 0\u{a0}h\u{a0}30");
        assert_eq!(told(datetime!(2026-11-20 08:05 UTC)), "hier, 9\u{a0}h\u{a0}05");
        assert_eq!(told(datetime!(2026-04-04 08:05 UTC)), "4\u{a0}avril 2026");
    }

    #[test]
    fn a_code_says_until_when_it_serves() {
        let end = Timestamp::new(datetime!(2026-12-01 10:00 UTC));
        let awaited = |code| state(&Standing::Awaited { code, again: false }, &Zone::default());
        assert_eq!(awaited(Code::ValidUntil(end)).detail, "code valable jusqu’au 1er\u{a0}déc. 2026");
        assert_eq!(awaited(Code::NotDelivered).tone, "bad");
    }
}
