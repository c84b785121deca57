//! Requests for traces that wait for who is signed in: to pass on, or to answer.

use super::Decision;
use super::store::{self, TraceDemand};
use crate::db::{DbError, Reader};
use crate::web::deadline::time_left;
use crate::web::filters::day_of;
use crate::web::paths::{PartnerTraceRequest, TraceRequest};
use crate::web::visit::Visit;

/// Those that wait for the superior.
pub(super) async fn to_pass_on(reader: &mut Reader, visit: &Visit) -> Result<Vec<Decision>, DbError> {
    let demands = store::trace_requests_to_pass_on(reader).await?;
    let decision = |demand: &TraceDemand| {
        let href = PartnerTraceRequest { partner: demand.partner_id?, demand: demand.id }.to_string();
        Some(decision(demand, visit, href, "Décider"))
    };
    Ok(demands.iter().filter_map(decision).collect())
}

/// Those that wait for the organism's answer, and those that are late, wherever they wait.
pub(super) async fn to_answer(reader: &mut Reader, visit: &Visit) -> Result<Vec<Decision>, DbError> {
    let demands = store::trace_requests_to_answer(reader, visit.today()).await?;
    let decision = |demand: &TraceDemand| {
        decision(demand, visit, TraceRequest { demand: demand.id }.to_string(), "Ouvrir la demande")
    };
    Ok(demands.iter().map(decision).collect())
}

fn decision(demand: &TraceDemand, visit: &Visit, href: String, act: &'static str) -> Decision {
    let (tone, delay) = time_left(demand.due_on, visit.today());
    Decision {
        tone,
        delay,
        kind: "Demande de traces",
        fact: format!("{} : du {} au {}", demand.who, day_of(demand.from_on), day_of(demand.to_on)),
        cause: format!("Réponse due avant le {}.", day_of(demand.due_on)),
        href,
        act,
    }
}
