//! One trace in full: who, for whom, when, what, on what, how it ended, from where, with what, and until when it is
//! kept; and the other traces of the same request.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use serde_json::Value;
use time::OffsetDateTime;

use super::details::{Detail, Told, details};
use super::line::{Eyes, Line, rubrics, text};
use super::store::{self, Whole};
use super::walk;
use crate::app::App;
use crate::db::Reader;
use crate::domain::access::Permission;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::retention::Category;
use crate::web::answer::{Answer, Tracing, see_other, shown};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{Trace, TraceFile, TraceProof, TraceSession, Traces};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "traces/trace.html")]
struct TracePage {
    shell: Shell,
    trail: Vec<(String, String)>,
    fact: String,
    outcome: String,
    at: OffsetDateTime,
    milliseconds: String,
    zone: String,
    who: String,
    identifier: String,
    /// Code of the office.
    office: String,
    behalf: Option<String>,
    about: Option<String>,
    group: Option<String>,
    file: Option<String>,
    mission: Option<String>,
    rubrics: Vec<String>,
    cause: Option<String>,
    details: Vec<Detail>,
    rows: Vec<Detail>,
    source: Option<String>,
    agent: Option<String>,
    took: Option<String>,
    keep_until: Day,
    number: String,
    session: Option<TraceSession>,
    of_file: Option<String>,
    proving: Proving,
    proof: TraceProof,
    sisters: Vec<Line>,
    /// Whether there are more sisters than are shown.
    more: bool,
}

/// What the page says of the proof.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proving {
    /// Not for this reader.
    Untold,
    /// No checkpoint covers the trace yet.
    Soon,
    /// It is there to take away.
    Ready,
}

/// Sisters that are shown.
const SISTERS: usize = 20;

/// The trace.
pub(super) async fn read(State(app): State<App>, visit: Visit, path: Trace) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let whole = store::whole(&mut reader, path.trace, visit.today()).await?.ok_or(Problem::NotFound)?;
    let mut sisters = match whole.correlation {
        Some(correlation) => walk::of_one_request(&mut reader, correlation, visit.today()).await?,
        None => Vec::new(),
    };
    let body: Value = serde_json::from_str(&whole.body).unwrap_or(Value::Null);
    let role = role(&mut reader, &body).await?;
    drop(reader);
    let more = sisters.len() > SISTERS;
    sisters.truncate(SISTERS);
    let eyes = Eyes::of(&visit.actor, &app.kit().keys, &visit.zone);
    let mut page = page(&visit, &whole, &body, eyes);
    if let Some(role) = role {
        for detail in page.details.iter_mut().chain(&mut page.rows).filter(|detail| detail.name == "role") {
            detail.value = Told::Words(role.clone());
        }
    }
    page.sisters =
        sisters.iter().map(|row| Line { current: row.id == whole.id, ..Line::read(row, eyes) }).collect();
    page.more = more;
    if visit.actor.may(Permission::ProveTraces) {
        page.proving = if app.db().is_covered(path.trace).await? { Proving::Ready } else { Proving::Soon };
    }
    shown(&page).reading(vec![Fact::TraceRead { trace: path.trace }])
}

/// The trace with the proof that it is in the log, as a file; its page says so while there is none.
pub(super) async fn proof(State(app): State<App>, visit: Visit, path: TraceProof) -> Answer {
    let trace = path.trace;
    let mut reader = app.read(&visit.actor).await?;
    store::whole(&mut reader, trace, visit.today()).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let Some(proof) = app.db().prove(trace).await? else {
        return see_other(&Trace { trace }.to_string());
    };
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"preuve-{trace}.json\"")),
    ];
    Ok((headers, proof).into_response()).reading(vec![Fact::TraceRead { trace }])
}

/// The name of the role that a body names.
async fn role(reader: &mut Reader, body: &Value) -> Result<Option<String>, Problem> {
    match (text(body, "/object/service"), text(body, "/object/role")) {
        (Some(service), Some(role)) => Ok(store::role_name(reader, &service, &role).await?),
        _ => Ok(None),
    }
}

fn page(visit: &Visit, whole: &Whole, body: &Value, eyes: Eyes<'_>) -> TracePage {
    let at = visit.zone.local(whole.at);
    let trace = whole.id;
    let (details, rows) = details(body);
    let took = body.pointer("/took_us").and_then(Value::as_i64).filter(|_| !eyes.of_a_partner);
    let about = whole.subject_name.as_ref().zip(whole.subject_identifier.as_ref());
    TracePage {
        shell: visit.shell("Une trace"),
        trail: vec![("Traces".to_owned(), Traces.to_string())],
        fact: whole.fact.clone(),
        outcome: whole.outcome.clone(),
        at,
        milliseconds: format!("{:03}", at.millisecond()),
        zone: visit.zone.name().to_owned(),
        who: text(body, "/actor/name").or_else(|| text(body, "/actor/job")).unwrap_or_default(),
        identifier: text(body, "/actor/identifier").unwrap_or_default(),
        office: text(body, "/actor/office").unwrap_or_default(),
        behalf: whole.partner_name.clone(),
        about: about.map(|(name, identifier)| format!("{name}, {identifier}")),
        group: text(body, "/object/group/name"),
        file: eyes.file_number(body),
        mission: text(body, "/object/mission"),
        rubrics: rubrics(body),
        cause: eyes.cause(&whole.fact, &whole.outcome, body),
        details,
        rows,
        source: text(body, "/origin/source"),
        agent: text(body, "/origin/agent").filter(|agent| agent != "autre"),
        took: took.map(|micros| format!("{},{} ms", micros / 1_000, micros / 100 % 10)),
        keep_until: whole.keep_until,
        number: trace.to_string(),
        session: whole.session_hash.as_ref().map(|_| TraceSession { trace }),
        of_file: whole.file_hash.as_ref().and_then(|_| of_file(visit, whole, eyes, body)),
        proving: Proving::Untold,
        proof: TraceProof { trace },
        sisters: Vec::new(),
        more: false,
    }
}

/// The way to all that was done with the file, as long as traces are kept.
fn of_file(visit: &Visit, whole: &Whole, eyes: Eyes<'_>, body: &Value) -> Option<String> {
    eyes.file_number(body)?;
    let today = visit.today();
    let from = today.plus_days(-31 * i64::from(Category::Action.months()));
    Some(format!("{}?du={from}&au={today}", TraceFile { trace: whole.id }))
}
