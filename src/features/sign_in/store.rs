//! The rows of signing in. Nobody is signed in yet, so these statements are bounded by the identifier alone.

use crate::db::{DbError, FromRow, Reader, WriteTx};
use crate::domain::access::Office;
use crate::domain::id::{AccountId, OrganismId, PartnerId};
use crate::domain::sign_in::IdentifierBudget;
use crate::domain::time::Timestamp;

/// An account as signing in needs it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Candidate {
    pub(super) id: AccountId,
    pub(super) organism_id: OrganismId,
    pub(super) partner_id: Option<PartnerId>,
    pub(super) office: Office,
    pub(super) identifier: String,
    pub(super) given_name: String,
    pub(super) surname: String,
    pub(super) password_hash: Option<String>,
    pub(super) secret_hash: Option<String>,
    pub(super) secret_expires_at: Option<Timestamp>,
    pub(super) suspended_at: Option<Timestamp>,
    pub(super) last_sign_in_at: Option<Timestamp>,
}

pub(super) async fn candidate(reader: &mut Reader, identifier: &str) -> Result<Option<Candidate>, DbError> {
    reader
        .unbounded(
            "SELECT id, organism_id, partner_id, office, identifier, given_name, surname, password_hash, \
             secret_hash, secret_expires_at, suspended_at, last_sign_in_at FROM account WHERE identifier = $1",
        )
        .bind(identifier.to_owned())
        .fetch_optional()
        .await
}

/// The organism of an installation that has only one: attempts that name nobody are its own to watch.
pub(super) async fn only_organism(reader: &mut Reader) -> Result<Option<OrganismId>, DbError> {
    let found: Vec<(OrganismId,)> =
        reader.unbounded("SELECT id FROM organism ORDER BY id LIMIT 2").fetch_all().await?;
    Ok(match found.as_slice() {
        [(only,)] => Some(*only),
        _ => None,
    })
}

/// The words that a person's password may not be made of.
#[derive(Clone, Debug, FromRow)]
pub(super) struct OwnWords {
    pub(super) identifier: String,
    pub(super) given_name: String,
    pub(super) surname: String,
    pub(super) mail: String,
    pub(super) partner: Option<String>,
    pub(super) city: Option<String>,
    pub(super) organism: String,
    pub(super) password_hash: Option<String>,
}

pub(super) async fn own_words(reader: &mut Reader, account: AccountId) -> Result<Option<OwnWords>, DbError> {
    reader
        .select(
            "SELECT a.identifier, a.given_name, a.surname, a.mail, p.legal_name AS partner, p.city AS city, \
             o.name AS organism, a.password_hash \
             FROM account a JOIN organism o ON o.id = a.organism_id LEFT JOIN partner p ON p.id = a.partner_id \
             WHERE a.id = $3 AND a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2)",
        )
        .bind(account)
        .fetch_optional()
        .await
}

#[derive(FromRow)]
struct BudgetRow {
    failures: i32,
    day_failures: i32,
    day_began_at: Timestamp,
    blocked_until: Timestamp,
}

/// Takes the row of an identifier's budget, made if there is none: attempts on one identifier come one at a time.
pub(super) async fn take_budget(
    tx: &mut WriteTx,
    identifier: &[u8; 32],
) -> Result<IdentifierBudget, DbError> {
    let now = tx.now();
    let row: Option<BudgetRow> = tx
        .write(
            "INSERT INTO sign_in_budget (identifier_hash, failures, day_failures, day_began_at, blocked_until) \
             VALUES ($1, 0, 0, $2, $2) \
             ON CONFLICT (identifier_hash) DO UPDATE SET failures = sign_in_budget.failures \
             RETURNING failures, day_failures, day_began_at, blocked_until",
        )
        .bind(identifier.to_vec())
        .bind(now)
        .fetch_optional()
        .await?;
    Ok(row.map_or_else(
        || IdentifierBudget::fresh(now),
        |row| IdentifierBudget {
            failures: u32::try_from(row.failures).unwrap_or(0),
            day_failures: u32::try_from(row.day_failures).unwrap_or(0),
            day_began_at: row.day_began_at,
            blocked_until: row.blocked_until,
        },
    ))
}

pub(super) async fn keep_budget(
    tx: &mut WriteTx,
    identifier: &[u8; 32],
    budget: &IdentifierBudget,
) -> Result<(), DbError> {
    tx.write(
        "UPDATE sign_in_budget SET failures = $2, day_failures = $3, day_began_at = $4, blocked_until = $5 \
         WHERE identifier_hash = $1",
    )
    .bind(identifier.to_vec())
    .bind(i32::try_from(budget.failures).unwrap_or(i32::MAX))
    .bind(i32::try_from(budget.day_failures).unwrap_or(i32::MAX))
    .bind(budget.day_began_at)
    .bind(budget.blocked_until)
    .execute()
    .await?;
    Ok(())
}

/// Notes the sign-in, provided that nothing of the account changed since it was looked at.
pub(super) async fn note_sign_in(tx: &mut WriteTx, candidate: &Candidate) -> Result<bool, DbError> {
    let now = tx.now();
    let noted = tx
        .write(
            "UPDATE account SET last_sign_in_at = $2 WHERE id = $1 AND suspended_at IS NULL \
             AND (password_hash = $3 OR (password_hash IS NULL AND secret_hash = $4))",
        )
        .bind(candidate.id)
        .bind(now)
        .bind(candidate.password_hash.clone())
        .bind(candidate.secret_hash.clone())
        .execute()
        .await?;
    Ok(noted == 1)
}

/// Puts a password in place of what was there, and ends the account's other sessions, which their next request tells.
pub(super) async fn keep_password(
    tx: &mut WriteTx,
    account: AccountId,
    hash: &str,
    session: Option<[u8; 32]>,
) -> Result<(), DbError> {
    tx.write(
        "UPDATE account SET password_hash = $2, secret_hash = NULL, secret_expires_at = NULL WHERE id = $1",
    )
    .bind(account)
    .bind(hash.to_owned())
    .execute()
    .await?;
    let now = tx.now();
    tx.write("UPDATE session SET ended_at = $3 WHERE account_id = $1 AND id_hash <> $2 AND ended_at IS NULL")
        .bind(account)
        .bind(session.map(|session| session.to_vec()).unwrap_or_default())
        .bind(now)
        .execute()
        .await?;
    Ok(())
}
