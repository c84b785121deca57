//! One request of the register, and its answer: all of it, a part of it, or nothing, for a reason.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, Verdict};
use super::handing;
use super::store::{self, Request};
use super::{document, words};
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::trace_requests::{MOST_LINES, State as Stage};
use crate::domain::trace_search::Period;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::deadline::time_left;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::{self, day_of};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell};
use crate::web::paths::{HandOver, RequestedTraces, TraceRequest, TraceRequests, Traces};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    reponse: String,
    pub(super) du: String,
    pub(super) au: String,
    motif: String,
}

#[derive(Template)]
#[template(path = "trace_requests/request.html")]
struct RequestPage {
    shell: Shell,
    key: String,
    path: TraceRequest,
    list: TraceRequests,
    requested: RequestedTraces,
    hand_over: HandOver,
    /// Where the auditor looks for what a body asks for.
    search: String,
    request: Request,
    who: String,
    state: (&'static str, &'static str),
    delay: Option<(&'static str, String)>,
    days: String,
    given: Option<String>,
    registered: String,
    passed: Option<String>,
    answered: Option<String>,
    way: Option<&'static str>,
    /// How many acts the log holds for these days, as far as an answer may go.
    count: usize,
    /// The most that an answer holds.
    most: usize,
    /// What was given can still be read again.
    kept: bool,
    answers: Vec<Choice>,
    ways: Vec<Choice>,
    today: String,
    typed: Typed,
    handing: handing::Typed,
    faults: Faults,
}

pub(super) async fn found(app: &App, visit: &Visit, path: TraceRequest) -> Result<Request, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    store::one(&mut reader, path.demand).await?.ok_or(Problem::NotFound)
}

/// What is typed in one of its two forms, what is wrong in it, and what was just done.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) typed: Typed,
    pub(super) handing: handing::Typed,
    pub(super) faults: Faults,
    pub(super) notice: Option<Notice>,
}

pub(super) async fn page(
    app: &App,
    visit: &Visit,
    key: String,
    request: Request,
    shown: Shown,
) -> Result<impl Template, Problem> {
    let path = TraceRequest { demand: request.id };
    let count = match request.account_id {
        Some(account) if request.closed_on.is_none() => {
            let mut reader = app.read(&visit.actor).await?;
            let bounds = document::bounds(visit, &request, request.days());
            store::count(&mut reader, account, bounds, visit.today()).await?
        }
        _ => 0,
    };
    let Shown { typed, handing, faults, notice } = shown;
    let Period { from, to } = request.days();
    let answers = [
        ("donner", "Donner tout ce qui est demandé", ""),
        ("en-partie", "En donner une partie", "Des jours en moins, pour un motif."),
        ("refuser", "Refuser", "Pour un motif, que le demandeur lit."),
    ];
    Ok(RequestPage {
        // Browsers keep the titles of pages: no name stands in this one.
        shell: visit.shell_with("Demande de traces", notice),
        key,
        path,
        list: TraceRequests,
        requested: RequestedTraces { demand: request.id },
        hand_over: HandOver { demand: request.id },
        search: format!("{Traces}?du={from}&au={to}"),
        who: words::asker(&request),
        state: words::standing(&request),
        delay: request.closed_on.is_none().then(|| time_left(request.due_on, visit.today())),
        days: words::days(request.days()),
        given: request.given().map(words::days),
        registered: words::moment(request.registered_at, &visit.zone),
        passed: request.passed_at.map(|at| words::moment(at, &visit.zone)),
        answered: request.answered_at.map(|at| words::moment(at, &visit.zone)),
        way: request.way.map(words::way),
        count,
        most: MOST_LINES,
        kept: request.account_id.is_some() && request.is_readable(visit.today()),
        answers: answers
            .into_iter()
            .map(|(value, label, detail)| {
                let choice = Choice::new(value, label).picked_if(value == typed.reponse);
                if detail.is_empty() { choice } else { choice.detail(detail) }
            })
            .collect(),
        ways: handing::ways(&handing),
        today: visit.today().to_string(),
        request,
        typed,
        handing,
        faults,
    })
}

/// The request.
pub(super) async fn request(
    State(app): State<App>,
    visit: Visit,
    path: TraceRequest,
    asked: Result<Query<words::Asked>, QueryRejection>,
) -> Answer {
    let request = found(&app, &visit, path).await?;
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(words::Told::notice);
    let handing = handing::Typed::at(visit.today());
    let typed =
        Typed { du: request.days().from.to_string(), au: request.days().to.to_string(), ..Typed::default() };
    let fact =
        Fact::PageRead { route: TraceRequest::PATH.to_owned(), subject: Some(path.demand.to_string()) };
    let shown_with = Shown { typed, handing, faults: Faults::new(), notice };
    shown(&page(&app, &visit, new_key(&app), request, shown_with).await?).reading(vec![fact])
}

/// The answer.
pub(super) async fn answer(
    State(app): State<App>,
    visit: Visit,
    path: TraceRequest,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let request = found(&app, &visit, path).await?;
    let mut faults = Faults::new();
    if let Some(verdict) = read(&app, &visit, &request, &typed, &mut faults).await? {
        return acted(&commands::answer(&app, &visit, path, &key, &verdict).await?);
    }
    let shown = Shown { typed, handing: handing::Typed::at(visit.today()), faults, notice: None };
    refused(&page(&app, &visit, key, request, shown).await?)
}

/// Reads an answer; what cannot be read leaves its fault.
async fn read(
    app: &App,
    visit: &Visit,
    request: &Request,
    typed: &Typed,
    faults: &mut Faults,
) -> Result<Option<Verdict>, Problem> {
    let (state, days, reason) = match typed.reponse.as_str() {
        "donner" => (Stage::Given, Some(request.days()), None),
        "en-partie" => {
            let days = part(request.days(), typed, faults);
            (Stage::Partial, days, Some(faults.paragraph("motif", &typed.motif, REASON)))
        }
        "refuser" => (Stage::Refused, None, Some(faults.paragraph("motif", &typed.motif, REASON))),
        "" => {
            faults.push("reponse", Fault::Missing);
            return Ok(None);
        }
        _ => {
            faults.push("reponse", Fault::NotOffered);
            return Ok(None);
        }
    };
    if !faults.is_empty() {
        return Ok(None);
    }
    let given = match (days, request.account_id) {
        (None, _) => None,
        (Some(days), None) => Some((days, None)),
        (Some(days), Some(account)) => {
            let Some(document) = document::build(app, visit, request, account, days).await? else {
                faults.push("reponse", Fault::TooMany { max: MOST_LINES });
                return Ok(None);
            };
            Some((days, Some(document)))
        }
    };
    Ok(Some(Verdict { state, given, reason }))
}

/// The days of a part: within those that were asked for.
fn part(asked: Period, typed: &Typed, faults: &mut Faults) -> Option<Period> {
    let (from, to) = (faults.day("du", &typed.du), faults.day("au", &typed.au));
    let days = Period { from: from?, to: to? };
    if days.to < days.from {
        faults.push("au", Fault::EndBeforeStart);
    } else if !days.is_within(asked) {
        if days.from < asked.from {
            faults.push("du", Fault::DateBefore { earliest: day_of(asked.from) });
        }
        if days.to > asked.to {
            faults.push("au", Fault::DateAfter { latest: day_of(asked.to) });
        }
    }
    Some(days)
}
