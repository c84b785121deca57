//! What a person is answered about his own traces, and what he is given: read here until its day, and taken away. Each
//! reading is traced.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::IntoResponse as _;
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::document;
use super::store::{self, Request};
use super::words;
use crate::app::App;
use crate::db::{DbError, Reader};
use crate::domain::day::Zone;
use crate::domain::facts::Fact;
use crate::domain::id::TraceRequestId;
use crate::domain::own_acts::OwnAct;
use crate::domain::trace_export::Format;
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::filters::{self, moment_of};
use crate::web::page::Shell;
use crate::web::paths::{OwnTraceDocument, OwnTraceRequest, OwnTraceTable, OwnTraces};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "trace_requests/own_one.html")]
struct OwnOnePage {
    shell: Shell,
    list: OwnTraces,
    document: OwnTraceDocument,
    table: OwnTraceTable,
    request: Request,
    state: (&'static str, &'static str),
    days: String,
    given: Option<String>,
    asked: String,
    passed: Option<String>,
    answered: Option<String>,
    /// What was given, while it can be read.
    acts: Option<Part>,
}

/// A part of what was given.
pub(super) struct Part {
    pub(super) acts: Vec<OwnAct>,
    pub(super) zone: Zone,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    pub(super) range: String,
}

impl Part {
    /// When an act was, as clocks of the organism show it.
    pub(super) fn when(&self, act: &OwnAct) -> String {
        act.instant().map_or_else(|| act.at.clone(), |at| moment_of(self.zone.local(at)))
    }

    /// A part of what was given, letter for letter, as a page that stands at that address shows it.
    pub(super) async fn kept(
        reader: &mut Reader,
        (request, number): (&Request, i32),
        zone: &Zone,
        path: &str,
    ) -> Result<Self, DbError> {
        let body = store::part(reader, request.id, number).await?.unwrap_or_default();
        let more = store::part(reader, request.id, number.saturating_add(1)).await?.is_some();
        let href = |number: i32| format!("{path}?partie={number}");
        Ok(Self {
            acts: document::read(&body),
            zone: zone.clone(),
            previous: (number > 1).then(|| href(number - 1)),
            next: more.then(|| href(number.saturating_add(1))),
            range: format!("Partie {number}"),
        })
    }
}

/// Which part is asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    pub(super) partie: String,
}

impl Asked {
    /// Its number: the first, unless another is named.
    pub(super) fn part(&self) -> i32 {
        self.partie.parse().unwrap_or(1).max(1)
    }
}

async fn found(app: &App, visit: &Visit, id: TraceRequestId) -> Result<Request, Problem> {
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    store::own_one(&mut reader, account, id).await?.ok_or(Problem::NotFound)
}

/// One request, with a part of what was given.
pub(super) async fn request(
    State(app): State<App>,
    visit: Visit,
    path: OwnTraceRequest,
    Query(asked): Query<Asked>,
) -> Answer {
    let request = found(&app, &visit, path.demand).await?;
    let part = asked.part();
    let acts = if request.is_readable(visit.today()) {
        let mut reader = app.read(&visit.actor).await?;
        Some(Part::kept(&mut reader, (&request, part), &visit.zone, &path.to_string()).await?)
    } else {
        None
    };
    let fact = match &acts {
        Some(_) => Fact::OwnTracesRead { request: request.id, part },
        None => {
            Fact::PageRead { route: OwnTraceRequest::PATH.to_owned(), subject: Some(request.id.to_string()) }
        }
    };
    shown(&OwnOnePage {
        shell: visit.shell(format!("Mes traces {}", words::days(request.days()))),
        list: OwnTraces,
        document: OwnTraceDocument { demand: request.id },
        table: OwnTraceTable { demand: request.id },
        state: words::standing(&request),
        days: words::days(request.days()),
        given: request.given().filter(|given| *given != request.days()).map(words::days),
        asked: words::moment(request.registered_at, &visit.zone),
        passed: request.passed_at.map(|at| words::moment(at, &visit.zone)),
        answered: request.answered_at.map(|at| words::moment(at, &visit.zone)),
        acts,
        request,
    })
    .reading(vec![fact])
}

/// One of his own requests, with the digest of what was given and its whole text, as long as it can be read.
pub(super) async fn kept(
    app: &App,
    visit: &Visit,
    id: TraceRequestId,
) -> Result<(Request, String, String), Problem> {
    let request = found(app, visit, id).await?;
    let digest = request.digest().filter(|_| request.is_readable(visit.today())).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let mut text = String::new();
    for position in 1.. {
        let Some(part) = store::part(&mut reader, request.id, position).await? else { break };
        text.push_str(&part);
    }
    Ok((request, digest, text))
}

/// What was given, to keep: letter for letter what its digest is of.
pub(super) async fn document(State(app): State<App>, visit: Visit, path: OwnTraceDocument) -> Answer {
    let (request, digest, text) = kept(&app, &visit, path.demand).await?;
    let name = format!("mes-traces-{}-{}.ndjson", request.days().from, request.days().to);
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let answer: Answer = Ok((headers, text).into_response());
    answer.reading(vec![Fact::OwnTracesTaken { request: request.id, digest, format: Format::Proof }])
}
