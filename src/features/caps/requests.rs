//! The requests that an organism has received: those that wait, the oldest first, then the last ones that it answered.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::standing::{self, Standing};
use super::store::{self, Request};
use super::words::{Told, beginning, outcome, subject, waited};
use crate::app::App;
use crate::web::answer::{Answer, shown};
use crate::web::filters::counted;
use crate::web::page::Shell;
use crate::web::paths::{CapRequest, CapRequests, Partners};
use crate::web::visit::Visit;

/// Requests shown at once: answering them brings the others.
const WAITING: i64 = 100;
/// Answers kept in sight.
const ANSWERED: i64 = 50;
/// Characters of a reason in a list.
const SHORT: usize = 240;

#[derive(Template)]
#[template(path = "caps/requests.html")]
struct RequestsPage {
    shell: Shell,
    count: i64,
    /// Whether some wait beyond those that are shown.
    more: bool,
    waiting: Vec<Waiting>,
    answered: Vec<Answered>,
    partners: Partners,
}

/// A request that waits.
struct Waiting {
    tone: &'static str,
    since: String,
    kind: &'static str,
    fact: String,
    standing: String,
    reason: String,
    asked_by: String,
    href: CapRequest,
}

/// A request that was answered.
struct Answered {
    partner: String,
    about: String,
    service: String,
    href: CapRequest,
    wanted: u32,
    tone: &'static str,
    word: &'static str,
    detail: String,
    by: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    fait: Option<Told>,
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    _: CapRequests,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let open = store::open(&mut reader, WAITING).await?;
    let count = store::count_open(&mut reader).await?;
    let standings = standing::awaited(&mut reader).await?;
    let answered = store::answered(&mut reader, ANSWERED).await?;
    drop(reader);
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(Told::notice);
    shown(&RequestsPage {
        shell: visit.shell_with("Demandes de places", notice),
        count,
        more: count > WAITING,
        waiting: open.iter().map(|request| waiting(request, &standings, &visit)).collect(),
        answered: answered.into_iter().map(|request| answer(request, &visit)).collect(),
        partners: Partners,
    })
}

fn waiting(request: &Request, standings: &[Standing], visit: &Visit) -> Waiting {
    let today = visit.today();
    let (tone, since) = waited(visit.zone.day(request.asked_at), today);
    let standing = standings
        .iter()
        .find(|standing| standing.membership == request.membership_id)
        .map(|standing| standing.gauge(request.role_id, today))
        .map(|gauge| match gauge.cap {
            Some(cap) => {
                format!("{} pour {} aujourd’hui.", counted(gauge.taken(), "personne"), counted(cap, "place"))
            }
            None => format!("{} aujourd’hui, sans plafond.", counted(gauge.taken(), "personne")),
        })
        .unwrap_or_default();
    Waiting {
        tone,
        since,
        kind: if request.role_id.is_some() { "Plafond d’un rôle" } else { "Plafond du service" },
        fact: format!(
            "{} : {} pour {}",
            request.partner,
            counted(request.wanted(), "place"),
            subject(request.role.as_deref())
        ),
        standing,
        reason: beginning(&request.reason, SHORT),
        asked_by: format!("{}, {}", request.asked_by, request.asked_by_job),
        href: CapRequest { request: request.id },
    }
}

fn answer(request: Request, visit: &Visit) -> Answered {
    let (tone, word, detail) = outcome(&request, &visit.zone);
    Answered {
        about: request.role.clone().unwrap_or_else(|| "Tout le service".to_owned()),
        wanted: request.wanted(),
        href: CapRequest { request: request.id },
        tone,
        word,
        detail,
        partner: request.partner,
        service: request.service,
        by: request.answered_by.unwrap_or_default(),
    }
}
