//! The words of this slice: how a request stands, who asks, what was just done.

use serde::Deserialize;

use super::store::Request;
use crate::domain::day::Zone;
use crate::domain::time::Timestamp;
use crate::domain::trace_requests::{State, Way};
use crate::domain::trace_search::Period;
use crate::web::filters::{day_of, moment_of};
use crate::web::page::{Notice, Tone};

/// What has just been done, as the address tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Told {
    Demandees,
    Transmise,
    Declinee,
    Enregistree,
    Repondue,
    Remise,
}

/// The notice that an address asks for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub(super) fait: Option<Told>,
}

impl Told {
    /// The notice at the head of the page.
    pub(super) fn notice(self) -> Notice {
        let (title, text) = match self {
            Self::Demandees => (
                "C’est fait : votre demande est partie",
                "Qui administre votre structure la transmet à l’organisme, ou vous dit pourquoi non. La réponse se \
                 lira ici.",
            ),
            Self::Transmise => (
                "C’est fait : la demande est transmise",
                "L’organisme répond à la personne, sur sa page. Vous n’avez plus rien à faire.",
            ),
            Self::Declinee => ("C’est fait : la demande n’est pas transmise", "La personne lit votre motif."),
            Self::Enregistree => {
                ("C’est fait : la demande est au registre", "Le délai court depuis sa réception.")
            }
            Self::Repondue => ("C’est fait : la réponse est enregistrée", "Elle ne se modifie plus."),
            Self::Remise => ("C’est fait : la remise est enregistrée", "Sa preuve ne se modifie plus."),
        };
        Notice { tone: Tone::Ok, title: title.to_owned(), text: vec![text.to_owned()], links: Vec::new() }
    }
}

/// How a request stands: its tone, and the word.
pub(super) fn standing(request: &Request) -> (&'static str, &'static str) {
    match request.state {
        State::Asked => ("wait", "À transmettre"),
        State::Declined => ("off", "Non transmise"),
        State::Open => ("wait", "À répondre"),
        State::Given if request.handed_on.is_none() => ("wait", "À remettre"),
        State::Partial if request.handed_on.is_none() => ("wait", "À remettre, en partie"),
        State::Given => ("ok", "Remise"),
        State::Partial => ("ok", "Remise en partie"),
        State::Refused => ("bad", "Refusée"),
    }
}

/// Who asks.
pub(super) fn asker(request: &Request) -> String {
    request.person.clone().or_else(|| request.body_name.clone()).unwrap_or_default()
}

/// «du 3 nov. 2026 au 12 nov. 2026», or the one day.
pub(super) fn days(days: Period) -> String {
    if days.from == days.to {
        return format!("du {}", day_of(days.from));
    }
    format!("du {} au {}", day_of(days.from), day_of(days.to))
}

/// «le 3 nov. 2026, 8 h 30».
pub(super) fn moment(at: Timestamp, zone: &Zone) -> String {
    moment_of(zone.local(at))
}

/// How traces were handed over.
pub(super) fn way(way: Way) -> &'static str {
    match way {
        Way::Portal => "Sur sa page du portail",
        Way::SecureMail => "Messagerie sécurisée",
        Way::RegisteredPost => "Lettre recommandée",
        Way::InPerson => "En main propre",
    }
}
