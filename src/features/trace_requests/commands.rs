//! Asking, passing on, registering, answering, handing over: one transaction each, which leaves its trace.

use super::document::Document;
use super::store::{self, Answer, Body, Handing, NewRequest};
use crate::app::App;
use crate::crypto::hex;
use crate::db::WriteTx;
use crate::db::trace_notices::TraceNotice;
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, PartnerId, TraceRequestId};
use crate::domain::trace_requests::{State, Way, due_on, may_decide, readable_until};
use crate::domain::trace_search::Period;
use crate::web::answer::Act;
use crate::web::paths::{
    HandOver, OwnTraces, PartnerTraceRequest, PartnerTraceRequests, TraceRequest, TraceRequests, told,
};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

fn author(tx: &WriteTx) -> Result<AccountId, Problem> {
    tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)
}

/// How asking ended.
pub(super) enum Asking {
    Done(Act),
    /// Another of his requests waits.
    Waits,
}

/// Asks for one's own traces.
pub(super) async fn ask(
    app: &App,
    visit: &Visit,
    key: &str,
    (days, reason): (Period, &str),
) -> Result<Asking, Problem> {
    let partner = visit.own_partner()?;
    let scope = Scope::Partner(visit.organism, partner);
    let mut tx = app.write_for(&visit.actor, partner).await?.permit(Permission::RequestOwnTraces, scope)?;
    let by = author(&tx)?;
    let location = told(&OwnTraces, "demandees");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Asking::Done(Act::Before(taken)));
    }
    let known = store::own(&mut tx, by, 1).await?;
    if known.iter().any(|request| request.closed_on.is_none()) {
        return Ok(Asking::Waits);
    }
    let id: TraceRequestId = tx.new_id();
    let today = visit.today();
    let new = NewRequest {
        id,
        organism: visit.organism,
        own: Some((by, partner)),
        body: None,
        reason,
        days,
        by,
        received_on: today,
        due_on: due_on(today),
    };
    store::insert(&mut tx, &new).await?;
    let superiors = tx.superiors_of(partner).await?;
    tx.queue_trace_notices((visit.organism, id), &superiors, TraceNotice::Waits).await?;
    let Period { from, to } = days;
    let receipt = tx.commit([Fact::OwnTracesRequested { request: id, from, to }]).await?;
    Ok(Asking::Done(Act::Done { receipt, location }))
}

/// Passes a request on, or declines it for a reason.
pub(super) async fn pass(
    app: &App,
    visit: &Visit,
    path: PartnerTraceRequest,
    key: &str,
    declined: Option<&str>,
) -> Result<Act, Problem> {
    let PartnerTraceRequest { partner, demand: id } = path;
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::PassTraceRequestsOn, partner).await?;
    let by = author(&tx)?;
    let request = store::one_of_partner(&mut tx, partner, id).await?.ok_or(Problem::NotFound)?;
    let account =
        request.account_id.filter(|account| may_decide(Some(*account), by)).ok_or(Problem::NotFound)?;
    let word = if declined.is_some() { "declinee" } else { "transmise" };
    let location = told(&PartnerTraceRequests { partner }, word);
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    if !store::pass(&mut tx, id, by, (declined, visit.today())).await? {
        return Err(Problem::Stale { href: path.to_string() });
    }
    if declined.is_some() {
        tx.queue_trace_notices((visit.organism, id), &[account], TraceNotice::Closed).await?;
    } else {
        let auditors = tx.auditors_of(visit.organism).await?;
        tx.queue_trace_notices((visit.organism, id), &auditors, TraceNotice::Waits).await?;
    }
    let fact = Fact::TraceRequestPassedOn { request: id, account, partner, accepted: declined.is_none() };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// Enters the request of another body in the register.
pub(super) async fn register(
    app: &App,
    visit: &Visit,
    key: &str,
    body: &Body,
    (days, received_on, reason): (Period, Day, &str),
) -> Result<Act, Problem> {
    let mut tx = answering(app, visit).await?;
    let by = author(&tx)?;
    let id: TraceRequestId = tx.new_id();
    let location = told(&TraceRequest { demand: id }, "enregistree");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let new = NewRequest {
        id,
        organism: visit.organism,
        own: None,
        body: Some(body),
        reason,
        days,
        by,
        received_on,
        due_on: due_on(received_on),
    };
    store::insert(&mut tx, &new).await?;
    let Period { from, to } = days;
    let fact = Fact::TraceRequestRegistered { request: id, name: body.name.clone(), from, to, received_on };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

async fn answering(app: &App, visit: &Visit) -> Result<WriteTx, Problem> {
    let draft = app.write(&visit.actor).await?;
    Ok(draft.permit(Permission::AnswerTraceRequests, Scope::Organism(visit.organism))?)
}

/// What is answered.
pub(super) struct Verdict {
    pub(super) state: State,
    /// What is given, with the document of it when a person reads it here.
    pub(super) given: Option<(Period, Option<Document>)>,
    pub(super) reason: Option<String>,
}

/// Answers. What a person of the portal is given is handed over in the same act.
pub(super) async fn answer(
    app: &App,
    visit: &Visit,
    path: TraceRequest,
    key: &str,
    verdict: &Verdict,
) -> Result<Act, Problem> {
    let id = path.demand;
    let checkpoint = app.db().last_checkpoint().await?.map(|last| last.note);
    let mut tx = answering(app, visit).await?;
    let by = author(&tx)?;
    let request = store::one(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    if !may_decide(request.account_id, by) {
        return Err(Problem::NotFound);
    }
    let location = told(&path, "repondue");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let today = visit.today();
    let document = verdict.given.as_ref().and_then(|(_, document)| document.as_ref());
    let to_hand_over = verdict.state.gives();
    let answer = Answer {
        state: verdict.state,
        by,
        reason: verdict.reason.as_deref(),
        given: verdict.given.as_ref().map(|(days, _)| *days),
        closed_on: (!to_hand_over).then_some(today),
    };
    if !store::answer(&mut tx, id, &answer).await? {
        return Err(Problem::Stale { href: path.to_string() });
    }
    if let Some(document) = document {
        for (position, part) in (1_i32..).zip(&document.parts) {
            store::keep_part(&mut tx, (visit.organism, id, position), part).await?;
        }
        let handing = Handing {
            way: Way::Portal,
            to: request.person.as_deref().unwrap_or_default(),
            on: today,
            lines: i32::try_from(document.lines).ok(),
            digest: document.digest,
            checkpoint,
            readable_until: Some(readable_until(today)),
            closed_on: today,
        };
        store::hand_over(&mut tx, id, &handing).await?;
    }
    if let Some(account) = request.account_id {
        tx.queue_trace_notices((visit.organism, id), &[account], TraceNotice::Closed).await?;
    }
    let fact = Fact::TraceRequestAnswered {
        request: id,
        account: request.account_id,
        partner: request.partner_id,
        answer: verdict.state.code(),
        digest: document.map(|document| hex(&document.digest)),
        lines: document.map(|document| document.lines),
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// How what a body asked for was handed over.
pub(super) struct Handed {
    pub(super) way: Way,
    pub(super) to: String,
    pub(super) on: Day,
    pub(super) digest: [u8; 32],
}

/// Writes down that what a body asked for was handed over.
pub(super) async fn hand_over(
    app: &App,
    visit: &Visit,
    path: HandOver,
    key: &str,
    handed: &Handed,
) -> Result<Act, Problem> {
    let id = path.demand;
    let checkpoint = app.db().last_checkpoint().await?.map(|last| last.note);
    let mut tx = answering(app, visit).await?;
    store::one(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    let page = TraceRequest { demand: id };
    let location = told(&TraceRequests, "remise");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let handing = Handing {
        way: handed.way,
        to: &handed.to,
        on: handed.on,
        lines: None,
        digest: handed.digest,
        checkpoint,
        readable_until: None,
        closed_on: visit.today(),
    };
    if !store::hand_over(&mut tx, id, &handing).await? {
        return Err(Problem::Stale { href: page.to_string() });
    }
    let fact = Fact::TracesHandedOver {
        request: id,
        way: handed.way.code(),
        handed_on: handed.on,
        digest: hex(&handed.digest),
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// Whether that partner is one whose people's requests the visitor passes on.
pub(super) async fn passes_for(app: &App, visit: &Visit, partner: PartnerId) -> Result<String, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    if !visit.actor.may_at(Permission::PassTraceRequestsOn, employer.mode) {
        return Err(Problem::NotFound);
    }
    Ok(employer.legal_name)
}
