//! The acts on a partner's people: one verb a function. Each looks the account up again inside its transaction, and
//! refuses those that are not the partner's to manage as if they did not exist.

use super::store::{self, Account, Newcomer};
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::domain::access::{Mode, Permission};
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, PartnerId, RowId as _};
use crate::domain::users::may_be_managed;
use crate::web::answer::Act;
use crate::web::paths::{User, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// How a creation ended.
pub(super) enum Creation {
    /// The account is there.
    Done(Act),
    /// Another account of the organism has this address.
    MailTaken,
}

/// Characters drawn for an identifier, after the partner's letters.
const DRAWN: usize = 6;
/// Identifiers tried before giving up: one in a billion is taken.
const TRIES: usize = 5;

/// Creates a user, and invites him.
pub(super) async fn create(
    app: &App,
    visit: &Visit,
    partner: PartnerId,
    key: &str,
    newcomer: &Newcomer,
) -> Result<Creation, Problem> {
    let draft = app.write(&visit.actor).await?;
    let mut tx = draft.permit_for(Permission::CreateUsers, partner).await?;
    let employer = store::employer(tx.select(store::EMPLOYER), partner).await?.ok_or(Problem::NotFound)?;
    let account: AccountId = tx.new_id();
    // The organism prints letters to the people whom it manages itself, and to no other user.
    let by_letter = newcomer.by_letter && employer.mode == Mode::Centralised;
    let location = told(&User { partner, account }, if by_letter { "cree-par-lettre" } else { "cree" });
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Creation::Done(Act::Before(taken)));
    }
    let mut identifier = String::new();
    for _ in 0..TRIES {
        let drawn = format!("{}-{}", employer.prefix, tx.recorder().entropy.printed(DRAWN));
        match store::insert(&mut tx, account, visit.organism, partner, &drawn, newcomer).await {
            Ok(true) => {
                identifier = drawn;
                break;
            }
            Ok(false) => {}
            Err(DbError::Duplicate) => return Ok(Creation::MailTaken),
            Err(error) => return Err(error.into()),
        }
    }
    if identifier.is_empty() {
        return Err(DbError::Defect("every identifier drawn was taken".to_owned()).into());
    }
    let words = [&newcomer.surname, &newcomer.given_name, &identifier, &newcomer.job].map(String::as_str);
    tx.index_words("account", partner.as_uuid(), account.as_uuid(), &words).await?;
    if by_letter {
        store::await_letter(&mut tx, account).await?;
    } else {
        store::invite(&mut tx, visit.organism, account).await?;
    }
    let receipt = tx.commit([Fact::UserCreated { account, identifier }]).await?;
    Ok(Creation::Done(Act::Done { receipt, location }))
}

/// Sends another code: the password and the sessions end now.
pub(super) async fn send_secret(app: &App, visit: &Visit, path: User, key: &str) -> Result<Act, Problem> {
    let draft = app.write(&visit.actor).await?;
    let mut tx = draft.permit_for(Permission::SendSecrets, path.partner).await?;
    let account = managed(&mut tx, path).await?;
    let location = told(&path, "code");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    // A code would let nobody in while the account is suspended.
    if account.state().suspended_at.is_some() {
        return Err(Problem::Stale { href: path.to_string() });
    }
    store::clear_secrets(&mut tx, account.id).await?;
    store::invite(&mut tx, visit.organism, account.id).await?;
    let fact = Fact::SecretAsked { account: account.id, partner: Some(path.partner) };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// Suspends a user: his sessions end now, what he holds is kept and counts.
pub(super) async fn suspend(
    app: &App,
    visit: &Visit,
    path: User,
    key: &str,
    reason: &str,
) -> Result<Act, Problem> {
    let draft = app.write(&visit.actor).await?;
    let mut tx = draft.permit_for(Permission::SuspendUsers, path.partner).await?;
    let account = managed(&mut tx, path).await?;
    let location = told(&path, "suspendu");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    if !tx.suspend(account.id, reason).await? {
        return Err(Problem::Stale { href: path.to_string() });
    }
    let fact = Fact::UserSuspended { account: account.id, partner: path.partner, reason: reason.to_owned() };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// Lifts a suspension. The person counted all along, so no cap is asked.
pub(super) async fn reactivate(app: &App, visit: &Visit, path: User, key: &str) -> Result<Act, Problem> {
    let draft = app.write_for(&visit.actor, path.partner).await?;
    let mut tx = draft.permit_for(Permission::SuspendUsers, path.partner).await?;
    let account = managed(&mut tx, path).await?;
    let location = told(&path, "reactive");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    if !store::reactivate(&mut tx, account.id).await? {
        return Err(Problem::Stale { href: path.to_string() });
    }
    let receipt = tx.commit([Fact::UserReactivated { account: account.id, partner: path.partner }]).await?;
    Ok(Act::Done { receipt, location })
}

/// The account, if the actor may manage it.
async fn managed(tx: &mut WriteTx, path: User) -> Result<Account, Problem> {
    let employer = store::employer(tx.select(store::EMPLOYER), path.partner).await?;
    let mode = employer.ok_or(Problem::NotFound)?.mode;
    let account = store::account(tx.select(store::ACCOUNT), path.partner, path.account).await?;
    let managed = |account: &Account| may_be_managed(tx.actor(), mode, account.id, account.office);
    account.filter(managed).ok_or(Problem::NotFound)
}
