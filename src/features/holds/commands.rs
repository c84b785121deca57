//! Placing a hold, and releasing it. Placing takes the row that batches of the purge take: what is held when the answer
//! leaves is held.

use super::store::{self, NewHold};
use crate::app::App;
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::holds::{Matter, may_release};
use crate::domain::id::HoldId;
use crate::web::answer::Act;
use crate::web::paths::{Hold, Holds, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What somebody asks to keep.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) matter: Matter,
    /// On what ground.
    pub(super) basis: String,
    pub(super) reason: String,
    pub(super) review_on: Day,
}

/// Places a hold.
pub(super) async fn place(app: &App, visit: &Visit, key: &str, asked: &Asked) -> Result<Act, Problem> {
    let mut tx =
        app.write(&visit.actor).await?.permit(Permission::HoldTraces, Scope::Organism(visit.organism))?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let hold: HoldId = tx.new_id();
    let location = told(&Hold { hold }, "posee");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    tx.take_purge().await?;
    let Asked { matter, basis, reason, review_on } = asked;
    let new =
        NewHold { id: hold, organism: visit.organism, matter, basis, reason, review_on: *review_on, by };
    store::insert(&mut tx, &new, &visit.zone).await?;
    let fact = Fact::HoldPlaced {
        hold,
        matter: matter.clone(),
        basis: basis.clone(),
        reason: reason.clone(),
        review_on: *review_on,
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// Prolongs a hold, up to its next review.
pub(super) async fn prolong(
    app: &App,
    visit: &Visit,
    hold: HoldId,
    key: &str,
    (review_on, reason): (Day, &str),
) -> Result<Act, Problem> {
    let mut tx =
        app.write(&visit.actor).await?.permit(Permission::HoldTraces, Scope::Organism(visit.organism))?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let found = store::one(&mut tx, hold).await?.ok_or(Problem::NotFound)?;
    let location = told(&Hold { hold }, "prolongee");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    if found.released_at.is_some() {
        return Err(Problem::Stale { href: Hold { hold }.to_string() });
    }
    store::prolong(&mut tx, (hold, visit.organism), by, (review_on, reason)).await?;
    let fact = Fact::HoldProlonged { hold, reason: reason.to_owned(), review_on };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// How releasing ended.
pub(super) enum Releasing {
    Done(Act),
    /// Who asked for a hold does not release it.
    OwnHold,
}

/// Releases a hold that somebody else asked for.
pub(super) async fn release(
    app: &App,
    visit: &Visit,
    hold: HoldId,
    key: &str,
    reason: &str,
) -> Result<Releasing, Problem> {
    let mut tx =
        app.write(&visit.actor).await?.permit(Permission::HoldTraces, Scope::Organism(visit.organism))?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let found = store::one(&mut tx, hold).await?.ok_or(Problem::NotFound)?;
    let location = told(&Holds, "levee");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Releasing::Done(Act::Before(taken)));
    }
    if !may_release(found.asked_by, by) {
        return Ok(Releasing::OwnHold);
    }
    if !store::release(&mut tx, hold, by, reason).await? {
        return Err(Problem::Stale { href: Hold { hold }.to_string() });
    }
    let fact = Fact::HoldReleased { hold, asked_by: found.asked_by, reason: reason.to_owned() };
    let receipt = tx.commit([fact]).await?;
    Ok(Releasing::Done(Act::Done { receipt, location }))
}
