//! The acts of signing in and of choosing a password.

use crate::app::App;
use crate::db::{Receipt, Refused};
use crate::domain::access::{AccountRef, Actor, Permission, Scope};
use crate::domain::facts::{Fact, SignInRefusal};
use crate::domain::id::{AccountId, OrganismId};
use crate::domain::sign_in::Attempt as Heard;
use crate::domain::time::Timestamp;
use crate::web::arrival::Arrival;

use super::store::{self, Candidate};

/// How an attempt ended.
pub(super) enum Attempt {
    /// The person is who he says.
    SignedIn { account: AccountId, one_time: bool, before: Option<Timestamp> },
    /// He is told nothing more than that.
    Refused,
}

/// What is typed as an identifier, as identifiers are written: capitals, no spaces.
pub(super) fn written(typed: &str) -> String {
    typed.chars().filter(|sign| !sign.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// A one-time secret as it was made, however it was copied: capitals, no spaces, no dashes.
fn one_time(typed: &str) -> String {
    typed.chars().filter(char::is_ascii_alphanumeric).flat_map(char::to_uppercase).collect()
}

/// Checks an identifier and a secret. The work is the same whatever is wrong: one look-up, one Argon2, one write.
pub(super) async fn attempt(
    app: &App,
    arrival: &Arrival,
    identifier: &str,
    secret: String,
) -> Result<Attempt, AttemptFailed> {
    let stranger = Actor::stranger(arrival.correlation).from(arrival.origin.clone());
    let identifier = written(identifier);
    let mut reader = app.read(&stranger).await.map_err(Refused::from)?;
    let candidate = store::candidate(&mut reader, &identifier).await.map_err(Refused::from)?;
    let only = store::only_organism(&mut reader).await.map_err(Refused::from)?;
    drop(reader);
    let hash = candidate.as_ref().and_then(|found| found.password_hash.clone().or(found.secret_hash.clone()));
    let secret = match &candidate {
        Some(found) if found.password_hash.is_none() => one_time(&secret),
        _ => secret,
    };
    let right = app.passwords().verify(secret, hash).await.map_err(|_| AttemptFailed::Busy)?;
    let marked = app.kit().keys.hash("identifier", identifier.as_bytes());
    let cause = match &candidate {
        None => Some(SignInRefusal::UnknownIdentifier),
        Some(_) if !right => Some(SignInRefusal::WrongSecret),
        Some(found) if found.suspended_at.is_some() => Some(SignInRefusal::Suspended),
        Some(found)
            if found.password_hash.is_none() && found.secret_expires_at.is_none_or(|end| app.now() > end) =>
        {
            Some(SignInRefusal::SecretExpired)
        }
        Some(_) => None,
    };
    let cause = match (cause, candidate.as_ref()) {
        (None, Some(found)) => match accept(app, arrival, found, &marked).await? {
            Ok(attempt) => return Ok(attempt),
            Err(cause) => cause,
        },
        (cause, _) => cause.unwrap_or(SignInRefusal::UnknownIdentifier),
    };
    refuse(app, &stranger, candidate.as_ref(), only, &marked, cause).await
}

/// An attempt that could not be judged.
#[derive(Debug, thiserror::Error)]
pub(super) enum AttemptFailed {
    /// Too many passwords are being checked.
    #[error("too many passwords at once")]
    Busy,
    /// The database refused.
    #[error(transparent)]
    Refused(#[from] Refused),
}

async fn accept(
    app: &App,
    arrival: &Arrival,
    found: &Candidate,
    marked: &[u8; 32],
) -> Result<Result<Attempt, SignInRefusal>, AttemptFailed> {
    let account = AccountRef {
        id: found.id,
        identifier: found.identifier.clone(),
        name: format!("{} {}", found.given_name, found.surname),
    };
    let actor =
        Actor::person(found.office, found.organism_id, found.partner_id, account, arrival.correlation)
            .from(arrival.origin.clone());
    let draft = match app.write(&actor).await {
        Ok(draft) => draft,
        Err(Refused::Ended) => return Ok(Err(SignInRefusal::Suspended)),
        Err(refused) => return Err(refused.into()),
    };
    let mut tx = draft.permit(Permission::KeepOwnAccount, Scope::Own)?;
    let db = Refused::from;
    // Guesses sent all at once were all let in; here they come one at a time, and the wait counts again.
    let now = tx.now();
    match store::take_budget(&mut tx, marked).await.map_err(db)?.attempt(now) {
        Heard::Refused { .. } => return Ok(Err(SignInRefusal::Delayed)),
        Heard::Heard(counted) => {
            store::keep_budget(&mut tx, marked, &counted.succeeded(now)).await.map_err(db)?;
        }
    }
    if !store::note_sign_in(&mut tx, found).await.map_err(db)? {
        return Ok(Err(SignInRefusal::WrongSecret));
    }
    let one_time = found.password_hash.is_none();
    let _receipt = tx.commit([Fact::SignedIn { one_time }]).await.map_err(db)?;
    Ok(Ok(Attempt::SignedIn { account: found.id, one_time, before: found.last_sign_in_at }))
}

async fn refuse(
    app: &App,
    stranger: &Actor,
    candidate: Option<&Candidate>,
    only: Option<OrganismId>,
    marked: &[u8; 32],
    cause: SignInRefusal,
) -> Result<Attempt, AttemptFailed> {
    let db = Refused::from;
    let mut tx = app.write(stranger).await?.permit(Permission::AttemptSignIn, Scope::Installation)?;
    let now = tx.now();
    let cause = match store::take_budget(&mut tx, marked).await.map_err(db)?.attempt(now) {
        Heard::Refused { .. } => SignInRefusal::Delayed,
        Heard::Heard(counted) => {
            store::keep_budget(&mut tx, marked, &counted).await.map_err(db)?;
            cause
        }
    };
    let fact = Fact::SignInRefused {
        account: candidate.map(|found| found.id),
        partner: candidate.and_then(|found| found.partner_id),
        organism: candidate.map(|found| found.organism_id).or(only),
        identifier_hash: crate::crypto::hex(marked),
        cause,
    };
    let _receipt = tx.commit([fact]).await.map_err(db)?;
    Ok(Attempt::Refused)
}

/// Keeps the password that somebody chose for himself.
pub(super) async fn choose_password(
    app: &App,
    actor: &Actor,
    hash: &str,
    first: bool,
) -> Result<Receipt, Refused> {
    let account = actor.account().map(|account| account.id).ok_or(Refused::Ended)?;
    let mut tx = app.write(actor).await?.permit(Permission::KeepOwnAccount, Scope::Own)?;
    store::keep_password(&mut tx, account, hash, actor.origin.session_row).await?;
    Ok(tx.commit([Fact::PasswordChosen { first }]).await?)
}
