//! The words of this slice: what a hold keeps, how its review stands, what was just done.

use serde::Deserialize;

use super::store::{COUNTED, Hold};
use crate::crypto::Keys;
use crate::domain::day::{Day, Zone};
use crate::domain::holds::{Matter, Review, review};
use crate::web::file_mark;
use crate::web::filters::{counted, day_of};
use crate::web::page::{Notice, Tone};

/// What has just been done, as the address tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Told {
    Posee,
    Prolongee,
    Levee,
}

impl Told {
    /// The notice at the head of the page.
    pub(super) fn notice(self) -> Notice {
        let (title, text) = match self {
            Self::Posee => (
                "C’est fait : ces traces sont gardées",
                "Elles le restent jusqu’à ce qu’une autre personne que vous lève la conservation.",
            ),
            Self::Prolongee => (
                "C’est fait : la conservation est prolongée",
                "Son prochain réexamen est inscrit, avec votre nom et votre motif.",
            ),
            Self::Levee => (
                "C’est fait : la conservation est levée",
                "Les traces dont le terme est passé, et que rien d’autre ne garde, sont effacées dans l’heure.",
            ),
        };
        Notice { tone: Tone::Ok, title: title.to_owned(), text: vec![text.to_owned()], links: Vec::new() }
    }
}

/// What kind of matter it is, and which: «Personne», «Maëlle Tournesac (BRU-7QK4MZ)». The number of a file is for who
/// reads traces.
pub(super) fn matter(hold: &Hold, zone: &Zone, keys: Option<&Keys>) -> (&'static str, String) {
    match hold.matter(zone) {
        Some(Matter::Person(_)) => ("Personne", hold.person.clone().unwrap_or_default()),
        Some(Matter::Partner(_)) => ("Partenaire", hold.partner.clone().unwrap_or_default()),
        Some(Matter::File(mark)) => {
            let number = keys.and_then(|keys| file_mark::read(keys, &mark.sealed));
            ("Dossier", number.unwrap_or_else(|| "Numéro réservé à l’auditeur".to_owned()))
        }
        Some(Matter::Incident { reference, from, to }) => {
            ("Incident", format!("{reference}, du {} au {}", day_of(from), day_of(to)))
        }
        None => ("", String::new()),
    }
}

/// How the review of a hold stands: its tone, and the words.
pub(super) fn standing(on: Day, today: Day) -> (&'static str, String) {
    let days = on.days_since(today);
    match review(on, today) {
        Review::Past => ("bad", format!("Réexamen dépassé de {}", in_days(-days))),
        Review::Near if days == 0 => ("warn", "À réexaminer aujourd’hui".to_owned()),
        Review::Near => ("warn", format!("À réexaminer dans {}", in_days(days))),
        Review::Later => ("hold", format!("Réexamen le {}", day_of(on))),
    }
}

fn in_days(days: i64) -> String {
    counted(u32::try_from(days).unwrap_or(u32::MAX), "jour")
}

/// A number of traces, as far as it was counted.
pub(super) fn traces(count: u32) -> String {
    if count > COUNTED { "Plus de 10 000 traces".to_owned() } else { counted(count, "trace") }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_hold_says_when_it_must_be_looked_at() {
        let today = Day::from(date!(2026 - 11 - 23));
        let told = |days: i64| standing(today.plus_days(days), today);
        assert_eq!(told(-1), ("bad", "Réexamen dépassé de 1 jour".to_owned()));
        assert_eq!(told(0), ("warn", "À réexaminer aujourd’hui".to_owned()));
        assert_eq!(told(12), ("warn", "À réexaminer dans 12 jours".to_owned()));
        assert_eq!(told(31).0, "hold");
    }

    #[test]
    fn many_traces_are_not_counted_to_the_last() {
        assert_eq!(traces(1), "1 trace");
        assert_eq!(traces(10_001), "Plus de 10 000 traces");
    }
}
