//! The words of this slice: what a request is about, since when it waits, what a page says was just done.

use serde::Deserialize;

use super::store::Request;
use crate::domain::caps::RequestState;
use crate::domain::day::{Day, Zone};
use crate::web::filters::{counted, day_of};
use crate::web::page::{Notice, Tone};

/// Days after which a request has waited long.
const LONG: i64 = 10;

/// What has just been done, as the address of the list tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Told {
    Acceptee,
    Refusee,
}

impl Told {
    /// The notice at the head of the page.
    pub(super) fn notice(self) -> Notice {
        let (title, text) = match self {
            Self::Acceptee => (
                "C’est fait : le plafond est relevé",
                "Le partenaire peut habiliter davantage de personnes dès maintenant.",
            ),
            Self::Refusee => (
                "C’est fait : la demande est refusée",
                "Le plafond ne change pas. Le partenaire lit votre motif.",
            ),
        };
        Notice { tone: Tone::Ok, title: title.to_owned(), text: vec![text.to_owned()], links: Vec::new() }
    }
}

/// What a request is about: «le rôle « Adresse »», or «tout le service».
pub(super) fn subject(role: Option<&str>) -> String {
    role.map_or_else(|| "tout le service".to_owned(), |role| format!("le rôle « {role} »"))
}

/// For how long a request has waited: its tone, and the words.
pub(super) fn waited(asked: Day, today: Day) -> (&'static str, String) {
    let days = today.days_since(asked);
    let words = match days {
        ..=0 => "Aujourd’hui".to_owned(),
        1 => "Depuis hier".to_owned(),
        days => format!("Depuis {days} jours"),
    };
    (if days > LONG { "warn" } else { "wait" }, words)
}

/// How a request ended, as its state is shown: tone, word, what completes it.
pub(super) fn outcome(request: &Request, zone: &Zone) -> (&'static str, &'static str, String) {
    let on = request.answered_at.map(|at| format!("le {}", day_of(zone.local(at)))).unwrap_or_default();
    match request.state {
        RequestState::Open => {
            ("wait", "En attente", format!("depuis le {}", day_of(zone.local(request.asked_at))))
        }
        RequestState::Accepted => {
            let fixed = request.fixed().map(|cap| format!("{}, ", counted(cap, "place"))).unwrap_or_default();
            ("ok", "Acceptée", format!("{fixed}{on}"))
        }
        RequestState::Refused => ("bad", "Refusée", on),
    }
}

/// The beginning of a text, cut between two words.
pub(super) fn beginning(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most).collect();
    let whole = cut.rsplit_once(char::is_whitespace).map_or(cut.as_str(), |(whole, _)| whole);
    format!("{} …", whole.trim_end_matches([',', ';', ':', '.']))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_request_says_for_how_long_it_has_waited() {
        let today = Day::from(date!(2026 - 11 - 23));
        let told = |days: i64| waited(today.plus_days(-days), today);
        assert_eq!(told(0), ("wait", "Aujourd’hui".to_owned()));
        assert_eq!(told(1), ("wait", "Depuis hier".to_owned()));
        assert_eq!(told(10), ("wait", "Depuis 10 jours".to_owned()));
        assert_eq!(told(11), ("warn", "Depuis 11 jours".to_owned()));
    }

    #[test]
    fn a_long_reason_is_cut_between_two_words() {
        assert_eq!(beginning("Deux guichets de plus.", 30), "Deux guichets de plus.");
        assert_eq!(beginning("Deux guichets, et trois crèches.", 16), "Deux guichets …");
    }
}
