//! Exactly what a person would be given, as the auditor reads it before answering; afterwards, exactly what was given, for
//! as long as it is kept.

use askama::Template;
use axum::extract::{Query, State};

use super::document;
use super::reading::{Asked, Part};
use super::store::{self, Request};
use super::words;
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::id::AccountId;
use crate::domain::trace_requests::State as Stage;
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
    let account = request.account_id.ok_or(Problem::NotFound)?;
    let number = asked.part();
    let (title, lines, part) = if request.state == Stage::Open {
        drop(reader);
        let (lines, part) = to_come(&app, &visit, &request, (account, number)).await?;
        ("Ce que la personne recevrait", lines, part)
    } else if request.is_readable(visit.today()) {
        // Not the log again, which has grown and been purged since.
        let part = Part::kept(&mut reader, (&request, number), &visit.zone, &path.to_string()).await?;
        drop(reader);
        let lines = request.lines.and_then(|lines| usize::try_from(lines).ok()).unwrap_or(0);
        ("Ce que la personne a reçu", lines, part)
    } else {
        return Err(Problem::NotFound);
    };
    let fact = Fact::RequestedTracesRead { request: request.id, account, shown: part.acts.len() };
    shown(&RequestedPage {
        shell: visit.shell(title),
        list: TraceRequests,
        back: TraceRequest { demand: request.id },
        days: words::days(request.given().unwrap_or_else(|| request.days())),
        lines,
        part,
    })
    .reading(vec![fact])
}

/// A part of what the log would give today, and how many lines there are in all.
async fn to_come(
    app: &App,
    visit: &Visit,
    request: &Request,
    (account, number): (AccountId, i32),
) -> Result<(usize, Part), Problem> {
    let built = document::build(app, visit, request, account, request.days()).await?;
    let at = usize::try_from(number - 1).unwrap_or(0);
    let (acts, parts, lines) = match &built {
        Some(built) => {
            let acts = built.parts.get(at).map(|part| document::read(part)).unwrap_or_default();
            (acts, built.parts.len(), built.lines)
        }
        None => (Vec::new(), 0, 0),
    };
    let path = RequestedTraces { demand: request.id };
    let href = |number: i32| format!("{path}?partie={number}");
    let part = Part {
        acts,
        zone: visit.zone.clone(),
        previous: (number > 1).then(|| href(number - 1)),
        next: usize::try_from(number).is_ok_and(|number| number < parts).then(|| href(number + 1)),
        range: format!("Partie {number} sur {}", parts.max(1)),
    };
    Ok((lines, part))
}
