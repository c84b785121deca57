//! Asking for places and answering. Both take the partner's row first, so that one partner's requests and caps change
//! one at a time.

use super::standing;
use super::store::{self, Closing, NewRequest, Request};
use crate::app::App;
use crate::domain::access::{Permission, Scope};
use crate::domain::caps::{RequestState, least_to_accept, least_to_ask};
use crate::domain::facts::Fact;
use crate::domain::id::{CapRequestId, PartnerId, RoleId};
use crate::web::answer::Act;
use crate::web::paths::{AskPlaces, CapRequest, CapRequests, Grants, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What a partner asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// One role, or the service as a whole.
    pub(super) role: Option<RoleId>,
    pub(super) wanted: u32,
    pub(super) reason: String,
}

/// How asking ended.
pub(super) enum Asking {
    Done(Act),
    /// This many are needed at least: the cap was raised meanwhile.
    TooFew {
        least: u32,
    },
    /// There is no such cap to raise.
    NoCap,
    /// This one waits already.
    Waits(Box<Request>),
}

/// Asks the organism for more places.
pub(super) async fn ask(
    app: &App,
    visit: &Visit,
    path: AskPlaces,
    key: &str,
    wish: &Wish,
) -> Result<Asking, Problem> {
    let AskPlaces { partner, membership } = path;
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::RequestCap, partner).await?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let standing = standing::one(&mut tx, partner, membership).await?.ok_or(Problem::NotFound)?;
    let location = told(&Grants { partner }, "places-demandees");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Asking::Done(Act::Before(taken)));
    }
    if let Some(request) = store::waiting(&mut tx, membership, wish.role).await? {
        return Ok(Asking::Waits(Box::new(request)));
    }
    match least_to_ask(standing.cap_of(wish.role)) {
        None => return Ok(Asking::NoCap),
        Some(least) if wish.wanted < least => return Ok(Asking::TooFew { least }),
        Some(_) => {}
    }
    let request: CapRequestId = tx.new_id();
    let new = NewRequest {
        id: request,
        organism: visit.organism,
        partner,
        membership,
        role: wish.role,
        wanted: wish.wanted,
        reason: &wish.reason,
        by,
    };
    store::insert(&mut tx, &new).await?;
    let fact = Fact::CapRequested {
        request,
        membership,
        service: standing.service_code,
        role: wish.role,
        wanted: wish.wanted,
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Asking::Done(Act::Done { receipt, location }))
}

/// What the organism decides.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// The cap becomes this one.
    Accept(u32),
    /// For this reason.
    Refuse(String),
}

/// How answering ended.
pub(super) enum Answering {
    Done(Act),
    /// Nothing less would give places: the cap is no longer what the form showed.
    TooFew {
        least: u32,
    },
}

/// Answers a request. Accepting raises the cap in the same act.
pub(super) async fn answer(
    app: &App,
    visit: &Visit,
    partner: PartnerId,
    path: CapRequest,
    key: &str,
    verdict: &Verdict,
) -> Result<Answering, Problem> {
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit(Permission::ManageCaps, Scope::Partner(visit.organism, partner))?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let location = match verdict {
        Verdict::Accept(_) => told(&CapRequests, "acceptee"),
        Verdict::Refuse(_) => told(&CapRequests, "refusee"),
    };
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Answering::Done(Act::Before(taken)));
    }
    let stale = || Problem::Stale { href: path.to_string() };
    let request = store::request(&mut tx, path.request).await?.ok_or(Problem::NotFound)?;
    let standing = standing::one(&mut tx, partner, request.membership_id).await?.ok_or(Problem::NotFound)?;
    let before = standing.cap_of(request.role_id);
    let closing = match verdict {
        Verdict::Accept(cap) => {
            Closing { state: RequestState::Accepted, by, answer: None, fixed: Some(*cap) }
        }
        Verdict::Refuse(reason) => {
            Closing { state: RequestState::Refused, by, answer: Some(reason), fixed: None }
        }
    };
    if !store::close(&mut tx, request.id, &closing).await? {
        return Err(stale());
    }
    let mut facts = Vec::new();
    if let Verdict::Accept(cap) = verdict {
        let least = least_to_accept(before, request.wanted());
        if *cap < least {
            return Ok(Answering::TooFew { least });
        }
        if before != Some(*cap) {
            store::fix_cap(&mut tx, request.membership_id, request.role_id, *cap).await?;
            facts.push(Fact::CapFixed {
                membership: request.membership_id,
                partner,
                service: standing.service_code,
                role: request.role_id,
                before,
                after: Some(*cap),
            });
        }
    }
    let accepted = matches!(verdict, Verdict::Accept(_));
    facts.push(Fact::CapRequestAnswered { request: request.id, partner, accepted });
    let receipt = tx.commit(facts).await?;
    Ok(Answering::Done(Act::Done { receipt, location }))
}
