//! Exactly what a person would be given, as the auditor reads it before answering.

use askama::Template;
use axum::extract::{Query, State};

use super::document;
use super::reading::{Asked, Part};
use super::store;
use super::words;
use crate::app::App;
use crate::domain::facts::Fact;
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{RequestedTraces, TraceRequest, TraceRequests};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "trace_requests/requested.html")]
struct RequestedPage {
    shell: Shell,
    list: TraceRequests,
    back: TraceRequest,
    days: String,
    lines: usize,
    part: Part,
}

/// A part of it. The parts are numbered alike for the auditor and for the person.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    path: RequestedTraces,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let request = store::one(&mut reader, path.demand).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let account = request.account_id.ok_or(Problem::NotFound)?;
    let days = request.given().unwrap_or_else(|| request.days());
    let built = document::build(&app, &visit, &request, account, days).await?;
    let number = asked.part();
    let (acts, parts, lines) = match &built {
        Some(built) => {
            let at = usize::try_from(number - 1).unwrap_or(0);
            let acts = built.parts.get(at).map(|part| document::read(part)).unwrap_or_default();
            (acts, built.parts.len(), built.lines)
        }
        None => (Vec::new(), 0, 0),
    };
    let href = |number: i32| format!("{path}?partie={number}");
    let fact = Fact::RequestedTracesRead { request: request.id, account, shown: acts.len() };
    shown(&RequestedPage {
        shell: visit.shell("Ce que la personne recevrait"),
        list: TraceRequests,
        back: TraceRequest { demand: request.id },
        days: words::days(days),
        lines,
        part: Part {
            acts,
            zone: visit.zone.clone(),
            previous: (number > 1).then(|| href(number - 1)),
            next: usize::try_from(number).is_ok_and(|number| number < parts).then(|| href(number + 1)),
            range: format!("Partie {number} sur {}", parts.max(1)),
        },
    })
    .reading(vec![fact])
}
