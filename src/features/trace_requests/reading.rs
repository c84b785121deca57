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
use crate::domain::day::Zone;
use crate::domain::facts::Fact;
use crate::domain::id::TraceRequestId;
use crate::domain::own_acts::OwnAct;
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{OwnTraceDocument, OwnTraceRequest, OwnTraces};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "trace_requests/own_one.html")]
struct OwnOnePage {
    shell: Shell,
    list: OwnTraces,
    document: OwnTraceDocument,
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
        let at = time::OffsetDateTime::parse(&act.at, &time::format_description::well_known::Rfc3339);
        at.map_or_else(
            |_| act.at.clone(),
            |at| {
                let at = self.zone.local(crate::domain::time::Timestamp::new(at));
                format!("{}, {}", filters::day_of(at), filters::hour_of(at))
            },
        )
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
        let body = store::part(&mut reader, request.id, part).await?.unwrap_or_default();
        let more = store::part(&mut reader, request.id, part.saturating_add(1)).await?.is_some();
        let href = |number: i32| format!("{path}?partie={number}");
        Some(Part {
            acts: document::read(&body),
            zone: visit.zone.clone(),
            previous: (part > 1).then(|| href(part - 1)),
            next: more.then(|| href(part.saturating_add(1))),
            range: format!("Partie {part}"),
        })
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

/// What was given, to keep: letter for letter what its digest is of.
pub(super) async fn document(State(app): State<App>, visit: Visit, path: OwnTraceDocument) -> Answer {
    let request = found(&app, &visit, path.demand).await?;
    let digest = request.digest().filter(|_| request.is_readable(visit.today())).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let mut text = String::new();
    for position in 1.. {
        let Some(part) = store::part(&mut reader, request.id, position).await? else { break };
        text.push_str(&part);
    }
    drop(reader);
    let name = format!("mes-traces-{}-{}.ndjson", request.days().from, request.days().to);
    let headers = [
        (header::CONTENT_TYPE, "application/x-ndjson; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let answer: Answer = Ok((headers, text).into_response());
    answer.reading(vec![Fact::OwnTracesTaken { request: request.id, digest }])
}
