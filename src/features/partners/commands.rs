//! The acts on partners: registering, correcting, naming the principal, sending him another secret.

use super::form::Identity;
use super::store;
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::domain::access::{Actor, Mode, Permission, Scope};
use crate::domain::contact::MailAddress;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, OrganismId, PartnerId, RowId as _};
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

/// Somebody who is about to manage a partner's people.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) surname: String,
    pub(crate) given_name: String,
    pub(crate) job: String,
    pub(crate) mail: MailAddress,
    /// Empty when it is not known.
    pub(crate) phone: String,
    /// The code goes by a letter that the organism prints.
    pub(crate) by_letter: bool,
}

/// Two identifiers in a thousand million are the same: drawing again is enough.
const DRAWS: usize = 4;

/// Names the principal of a partner. His identifier can be printed; his secret goes by mail, to him alone.
pub(crate) async fn name_principal(
    app: &App,
    actor: &Actor,
    key: &str,
    partner: PartnerId,
    person: &Person,
) -> Result<Registered, Problem> {
    let organism = organism_of(actor)?;
    let mut tx = app.write(actor).await?.permit_for(Permission::ManagePrincipals, partner).await?;
    let word = if person.by_letter { "principal-par-lettre" } else { "principal" };
    let location = told(&Partner { partner }, word);
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Registered::Act(Act::Before(taken)));
    }
    let before = store::sheet(tx.select(store::SHEET), partner).await?.ok_or(Problem::NotFound)?;
    let identifier = free_identifier(&mut tx, &before.prefix).await?;
    let account: AccountId = tx.new_id();
    match store::principal::insert(&mut tx, account, organism, partner, &identifier, person).await {
        Err(DbError::Duplicate) => return Ok(Registered::Taken),
        inserted => inserted?,
    }
    if !person.by_letter {
        store::principal::invite(&mut tx, account, organism).await?;
    }
    tx.index_words(
        "account",
        partner.as_uuid(),
        account.as_uuid(),
        &[&identifier, &person.surname, &person.given_name, &person.job],
    )
    .await?;
    let receipt = tx.commit([Fact::PrincipalCreated { account, partner, identifier }]).await?;
    Ok(Registered::Act(Act::Done { receipt, location }))
}

async fn free_identifier(tx: &mut WriteTx, prefix: &str) -> Result<String, Problem> {
    let prefix: Prefix = prefix.parse().unwrap_or_else(|_| Prefix::proposed(prefix));
    for _ in 0..DRAWS {
        let identifier = prefix.identifier(&tx.recorder().entropy.printed(6));
        if store::principal::is_free(tx, &identifier).await? {
            return Ok(identifier);
        }
    }
    Err(DbError::Defect("every identifier that was drawn is taken".to_owned()).into())
}

/// Asks for another secret: what let the principal in until now no longer does.
pub(crate) async fn send_secret(
    app: &App,
    actor: &Actor,
    key: &str,
    partner: PartnerId,
) -> Result<Act, Problem> {
    let organism = organism_of(actor)?;
    let mut tx = app.write(actor).await?.permit_for(Permission::ManagePrincipals, partner).await?;
    let location = told(&Partner { partner }, "code");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let select = tx.select(store::principal::OF_PARTNER);
    let principal = store::principal::of(select, partner).await?.ok_or(Problem::NotFound)?;
    store::principal::forget_secrets(&mut tx, principal.id).await?;
    store::principal::invite(&mut tx, principal.id, organism).await?;
    let receipt = tx.commit([Fact::SecretAsked { account: principal.id, partner: Some(partner) }]).await?;
    Ok(Act::Done { receipt, location })
}
