//! The superior's part: what the people of his partner ask for, and passing it on or saying why not. He reads none of
//! what is given.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, passes_for};
use super::store::{self, Request};
use super::words;
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::trace_requests::State as Stage;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::deadline::time_left;
use crate::web::fault::Faults;
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{PartnerTraceRequest, PartnerTraceRequests};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// Requests shown on the list.
const SHOWN: i64 = 100;

#[derive(Template)]
#[template(path = "trace_requests/of_partner.html")]
struct ListPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    waiting: Vec<Line>,
    others: Vec<Line>,
}

struct Line {
    href: PartnerTraceRequest,
    who: String,
    identifier: String,
    days: String,
    asked: String,
    reason: String,
    delay: (&'static str, String),
    state: (&'static str, &'static str),
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    path: PartnerTraceRequests,
    asked: Result<Query<words::Asked>, QueryRejection>,
) -> Answer {
    let name = passes_for(&app, &visit, path.partner).await?;
    let mut reader = app.read(&visit.actor).await?;
    let requests = store::of_partner(&mut reader, path.partner, SHOWN).await?;
    drop(reader);
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(words::Told::notice);
    let (waiting, others): (Vec<Request>, Vec<Request>) =
        requests.into_iter().partition(|request| request.state == Stage::Asked);
    let lines =
        |requests: Vec<Request>| requests.into_iter().map(|request| line(request, path, &visit)).collect();
    shown(&ListPage {
        shell: visit.shell_with("Demandes de traces", notice),
        trail: visit.way_to(path.partner, &name),
        waiting: lines(waiting),
        others: lines(others),
    })
}

fn line(request: Request, path: PartnerTraceRequests, visit: &Visit) -> Line {
    Line {
        href: PartnerTraceRequest { partner: path.partner, demand: request.id },
        days: words::days(request.days()),
        asked: words::moment(request.registered_at, &visit.zone),
        delay: time_left(request.due_on, visit.today()),
        state: words::standing(&request),
        who: request.person.unwrap_or_default(),
        identifier: request.identifier.unwrap_or_default(),
        reason: request.reason,
    }
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    decision: String,
    motif: String,
}

#[derive(Template)]
#[template(path = "trace_requests/pass.html")]
struct PassPage {
    shell: Shell,
    key: String,
    path: PartnerTraceRequest,
    trail: Vec<(String, String)>,
    request: Request,
    state: (&'static str, &'static str),
    days: String,
    asked: String,
    passed: Option<String>,
    typed: Typed,
    faults: Faults,
}

async fn found(app: &App, visit: &Visit, path: PartnerTraceRequest) -> Result<(String, Request), Problem> {
    let name = passes_for(app, visit, path.partner).await?;
    let mut reader = app.read(&visit.actor).await?;
    let request = store::one_of_partner(&mut reader, path.partner, path.demand).await?;
    Ok((name, request.ok_or(Problem::NotFound)?))
}

fn page(
    visit: &Visit,
    path: PartnerTraceRequest,
    key: String,
    (name, request): (String, Request),
    (typed, faults): (Typed, Faults),
) -> PassPage {
    let list = PartnerTraceRequests { partner: path.partner };
    let mut trail = visit.way_to(path.partner, &name);
    trail.push(("Demandes de traces".to_owned(), list.to_string()));
    PassPage {
        // Browsers keep the titles of pages: no name stands in this one.
        shell: visit.shell("Une demande de traces"),
        key,
        path,
        trail,
        state: words::standing(&request),
        days: words::days(request.days()),
        asked: words::moment(request.registered_at, &visit.zone),
        passed: request.passed_at.map(|at| words::moment(at, &visit.zone)),
        request,
        typed,
        faults,
    }
}

/// One request.
pub(super) async fn request(State(app): State<App>, visit: Visit, path: PartnerTraceRequest) -> Answer {
    let found = found(&app, &visit, path).await?;
    let subject = Some(path.demand.to_string());
    let fact = Fact::PageRead { route: PartnerTraceRequest::PATH.to_owned(), subject };
    shown(&page(&visit, path, new_key(&app), found, (Typed::default(), Faults::new()))).reading(vec![fact])
}

/// Passes it on, or not.
pub(super) async fn pass(
    State(app): State<App>,
    visit: Visit,
    path: PartnerTraceRequest,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let found = found(&app, &visit, path).await?;
    let mut faults = Faults::new();
    let declined = match typed.decision.as_str() {
        "transmettre" => None,
        "ne-pas-transmettre" => Some(faults.paragraph("motif", &typed.motif, REASON)),
        _ => return Err(Problem::Unreadable),
    };
    if !faults.is_empty() {
        return refused(&page(&visit, path, key, found, (typed, faults)));
    }
    acted(&commands::pass(&app, &visit, path, &key, declined.as_deref()).await?)
}
