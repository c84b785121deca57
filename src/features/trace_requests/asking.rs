//! «Mes traces»: what somebody asked for before, and the form that asks for more.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::commands::{self, Asking};
use super::store::{self, Request};
use super::words::{self, Asked};
use crate::app::App;
use crate::domain::day::Day;
use crate::domain::trace_requests::first_day_kept;
use crate::domain::trace_search::Period;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters::day_of;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell};
use crate::web::paths::{OwnTraceRequest, OwnTraces};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// Requests shown on the page.
const KNOWN: i64 = 20;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    du: String,
    au: String,
    motif: String,
}

#[derive(Template)]
#[template(path = "trace_requests/own.html")]
struct OwnPage {
    shell: Shell,
    key: String,
    path: OwnTraces,
    known: Vec<Known>,
    /// Whether none of them waits, so that another may be made.
    free: bool,
    first: String,
    last: String,
    since: String,
    typed: Typed,
    faults: Faults,
}

/// A request made before.
struct Known {
    href: OwnTraceRequest,
    days: String,
    asked: String,
    tone: &'static str,
    word: &'static str,
}

async fn requests(app: &App, visit: &Visit) -> Result<Vec<Request>, Problem> {
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    Ok(store::own(&mut reader, account, KNOWN).await?)
}

fn view(
    visit: &Visit,
    key: String,
    requests: &[Request],
    (typed, faults): (Typed, Faults),
    notice: Option<Notice>,
) -> OwnPage {
    let first = first_day_kept(visit.today());
    OwnPage {
        shell: visit.shell_with("Mes traces", notice),
        key,
        path: OwnTraces,
        known: requests.iter().map(|request| known(request, visit)).collect(),
        free: requests.iter().all(|request| request.closed_on.is_some()),
        first: first.to_string(),
        last: visit.today().to_string(),
        since: format!("Au plus tôt le {} : avant, tout est effacé.", day_of(first)),
        typed,
        faults,
    }
}

fn known(request: &Request, visit: &Visit) -> Known {
    let (tone, word) = words::standing(request);
    Known {
        href: OwnTraceRequest { demand: request.id },
        days: words::days(request.days()),
        asked: words::moment(request.registered_at, &visit.zone),
        tone,
        word,
    }
}

/// The page.
pub(super) async fn page(
    State(app): State<App>,
    _: OwnTraces,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let requests = requests(&app, &visit).await?;
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(words::Told::notice);
    shown(&view(&visit, new_key(&app), &requests, (Typed::default(), Faults::new()), notice))
}

/// Asks.
pub(super) async fn ask(
    State(app): State<App>,
    visit: Visit,
    _: OwnTraces,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let days = read_days(&typed.du, &typed.au, visit.today(), &mut faults);
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    if let (Some(days), true) = (days, faults.is_empty()) {
        match commands::ask(&app, &visit, &key, (days, &reason)).await? {
            Asking::Done(act) => return acted(&act),
            Asking::Waits => {}
        }
    }
    let requests = requests(&app, &visit).await?;
    refused(&view(&visit, key, &requests, (typed, faults), None))
}

/// The days asked for: none that is erased, none to come.
pub(super) fn read_days(from: &str, to: &str, today: Day, faults: &mut Faults) -> Option<Period> {
    let (from, to) = (faults.day("du", from), faults.day("au", to));
    let days = Period { from: from?, to: to? };
    let first = first_day_kept(today);
    if days.from < first {
        faults.push("du", Fault::DateBefore { earliest: day_of(first) });
    }
    if days.to > today {
        faults.push("au", Fault::DateAfter { latest: day_of(today) });
    }
    if days.to < days.from {
        faults.push("au", Fault::EndBeforeStart);
    }
    Some(days)
}
