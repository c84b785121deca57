//! The acts on partners: registering and correcting.

use super::form::Identity;
use super::store;
use crate::app::App;
use crate::db::DbError;
use crate::domain::access::{Actor, Mode, Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::id::{OrganismId, PartnerId};
use crate::domain::partners::Prefix;
use crate::domain::siret::Siret;
use crate::web::answer::Act;
use crate::web::paths::{CorrectPartner, Partner, told};
use crate::web::problem::Problem;

/// How an act that needs something of its own ended.
#[derive(Debug)]
pub(crate) enum Registered {
    /// It is done.
    Act(Act),
    /// Somebody has that already: whose it is must be looked up.
    Taken,
}

fn organism_of(actor: &Actor) -> Result<OrganismId, Problem> {
    actor.organism().ok_or(Problem::NotFound)
}

/// Registers a partner with its convention. Nobody has a right there yet.
pub(crate) async fn register(
    app: &App,
    actor: &Actor,
    key: &str,
    siret: Siret,
    prefix: &Prefix,
    mode: Mode,
    identity: &Identity,
) -> Result<Registered, Problem> {
    let organism = organism_of(actor)?;
    let mut tx = app.write(actor).await?.permit(Permission::RegisterPartner, Scope::Organism(organism))?;
    let partner: PartnerId = tx.new_id();
    let location = told(&Partner { partner }, "enregistre");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Registered::Act(Act::Before(taken)));
    }
    // Two registrations at once: the second finds the row of the first in its way.
    match store::insert(&mut tx, organism, partner, siret, prefix, mode, identity).await {
        Err(DbError::Duplicate) => return Ok(Registered::Taken),
        inserted => inserted?,
    }
    store::index(&mut tx, organism, partner, siret.as_str(), identity).await?;
    let fact = Fact::PartnerRegistered {
        partner,
        siret: siret.as_str().to_owned(),
        convention: identity.convention.to_string(),
        mode,
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Registered::Act(Act::Done { receipt, location }))
}

/// Corrects what a partner is. The form says which version it was shown from.
pub(crate) async fn correct(
    app: &App,
    actor: &Actor,
    key: &str,
    partner: PartnerId,
    version: i64,
    identity: &Identity,
) -> Result<Registered, Problem> {
    let organism = organism_of(actor)?;
    let scope = Scope::Partner(organism, partner);
    // Its convention decides which of its services are open.
    let mut tx = app.write_for(actor, partner).await?.permit(Permission::RegisterPartner, scope)?;
    let location = told(&Partner { partner }, "corrige");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Registered::Act(Act::Before(taken)));
    }
    let before = store::sheet(tx.select(store::SHEET), partner).await?.ok_or(Problem::NotFound)?;
    match store::update(&mut tx, partner, version, identity).await {
        Err(DbError::Duplicate) => return Ok(Registered::Taken),
        Ok(false) => return Err(Problem::Stale { href: CorrectPartner { partner }.to_string() }),
        updated => updated?,
    };
    store::index(&mut tx, organism, partner, &before.siret, identity).await?;
    let receipt = tx.commit([Fact::PartnerCorrected { partner, changes: before.changes(identity) }]).await?;
    Ok(Registered::Act(Act::Done { receipt, location }))
}
