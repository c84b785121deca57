//! The acts on requests: asking, accepting, refusing. Each takes its partner's row first.

use super::store::{self, Request, Wanted};
use crate::app::App;
use crate::db::WriteTx;
use crate::domain::access::{Actor, Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, CapRequestId, OrganismId};
use crate::web::answer::Act;
use crate::web::paths::{AskPlaces, CapRequests, told};
use crate::web::problem::Problem;

/// How asking ended.
pub(super) enum Asked {
    /// It is asked.
    Act(Act),
    /// The same was asked before, and waits.
    Already,
}

fn organism_of(actor: &Actor) -> Result<OrganismId, Problem> {
    actor.organism().ok_or(Problem::NotFound)
}

fn account_of(actor: &Actor) -> Result<AccountId, Problem> {
    actor.account().map(|account| account.id).ok_or(Problem::NotFound)
}

/// Asks the organism for a higher cap.
pub(super) async fn ask(
    app: &App,
    actor: &Actor,
    key: &str,
    path: AskPlaces,
    today: Day,
    wanted: &Wanted,
) -> Result<Asked, Problem> {
    let AskPlaces { partner, membership } = path;
    let organism = organism_of(actor)?;
    let scope = Scope::Partner(organism, partner);
    let mut tx = app.write_for(actor, partner).await?.permit(Permission::RequestCap, scope)?;
    let location = told(&path, "demande");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Asked::Act(Act::Before(taken)));
    }
    let select = tx.select(store::MEMBERSHIP);
    let row = store::membership(select, partner, membership, today).await?.ok_or(Problem::NotFound)?;
    if store::waits(&mut tx, membership, wanted.role).await? {
        return Ok(Asked::Already);
    }
    let request: CapRequestId = tx.new_id();
    store::insert(&mut tx, request, (organism, partner, membership), account_of(actor)?, wanted).await?;
    let fact = Fact::CapRequested {
        request,
        membership,
        service: row.service_code,
        role: wanted.role,
        wanted: wanted.people,
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Asked::Act(Act::Done { receipt, location }))
}

/// What the organism answers.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// So many people from now on, with a word if there is one.
    Accept(u32, Option<String>),
    /// No, and why.
    Refuse(String),
}

/// Answers a request. A cap that is accepted is fixed in the same act.
pub(super) async fn answer(
    app: &App,
    actor: &Actor,
    key: &str,
    seen: &Request,
    today: Day,
    decision: &Decision,
) -> Result<Act, Problem> {
    let partner = seen.partner_id;
    let scope = Scope::Partner(organism_of(actor)?, partner);
    let mut tx = app.write_for(actor, partner).await?.permit(Permission::ManageCaps, scope)?;
    let word = if matches!(decision, Decision::Accept(..)) { "accordee" } else { "refusee" };
    let location = told(&CapRequests, word);
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let stale = || Problem::Stale { href: CapRequests.to_string() };
    let request = store::one(tx.select(store::ONE), seen.id, today).await?.ok_or(Problem::NotFound)?;
    let by = account_of(actor)?;
    let answered = |accepted| Fact::CapRequestAnswered { request: request.id, partner, accepted };
    let facts = match decision {
        Decision::Accept(cap, note) => {
            // The cap was raised otherwise since the page was shown: it is looked at again.
            if request.limit().is_some_and(|limit| *cap <= limit) {
                return Err(stale());
            }
            close(&mut tx, &request, "accepted", by, note.as_deref()).await?;
            store::raise(&mut tx, &request, *cap).await?;
            let fixed = Fact::CapFixed {
                membership: request.membership_id,
                partner,
                service: request.service_code.clone(),
                role: request.role_id,
                before: request.limit(),
                after: Some(*cap),
            };
            vec![fixed, answered(true)]
        }
        Decision::Refuse(reason) => {
            close(&mut tx, &request, "refused", by, Some(reason)).await?;
            vec![answered(false)]
        }
    };
    let receipt = tx.commit(facts).await?;
    Ok(Act::Done { receipt, location })
}

/// Two administrators answer one request: the second is told that it has an answer.
async fn close(
    tx: &mut WriteTx,
    request: &Request,
    state: &'static str,
    by: AccountId,
    answer: Option<&str>,
) -> Result<(), Problem> {
    if store::close(tx, request.id, state, by, answer).await? {
        Ok(())
    } else {
        Err(Problem::Stale { href: CapRequests.to_string() })
    }
}
