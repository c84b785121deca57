//! The register: what waits, the most pressing first, then what was answered.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};

use super::store::{self, Request};
use super::words;
use crate::app::App;
use crate::domain::trace_requests::State as Stage;
use crate::web::answer::{Answer, shown};
use crate::web::deadline::time_left;
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{NewTraceRequest, TraceRequest, TraceRequests};
use crate::web::visit::Visit;

/// Requests shown at once: answering them brings the others.
const PENDING: i64 = 100;
/// Answers kept in sight.
const CLOSED: i64 = 100;

#[derive(Template)]
#[template(path = "trace_requests/register.html")]
struct RegisterPage {
    shell: Shell,
    new: NewTraceRequest,
    pending: Vec<Line>,
    closed: Vec<Line>,
}

struct Line {
    href: TraceRequest,
    /// Who asks, and for whom he acts.
    who: String,
    of: String,
    kind: &'static str,
    days: String,
    received: crate::domain::day::Day,
    delay: (&'static str, String),
    state: (&'static str, &'static str),
    act: &'static str,
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    _: TraceRequests,
    visit: Visit,
    asked: Result<Query<words::Asked>, QueryRejection>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let pending = store::pending(&mut reader, PENDING).await?;
    let closed = store::closed(&mut reader, CLOSED).await?;
    drop(reader);
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(words::Told::notice);
    let lines = |requests: &[Request]| requests.iter().map(|request| line(request, &visit)).collect();
    shown(&RegisterPage {
        shell: visit.shell_with("Demandes de traces", notice),
        new: NewTraceRequest,
        pending: lines(&pending),
        closed: lines(&closed),
    })
}

fn line(request: &Request, visit: &Visit) -> Line {
    let own = request.account_id.is_some();
    Line {
        href: TraceRequest { demand: request.id },
        who: words::asker(request),
        of: request.partner.clone().or_else(|| request.body_code.clone()).unwrap_or_default(),
        kind: if own { "Ses propres traces" } else { "Autre organisme" },
        days: words::days(request.days()),
        received: request.received_on,
        delay: time_left(request.due_on, visit.today()),
        state: words::standing(request),
        act: match request.state {
            Stage::Asked => "Ouvrir",
            Stage::Given | Stage::Partial => "Écrire la remise",
            _ => "Répondre",
        },
    }
}
