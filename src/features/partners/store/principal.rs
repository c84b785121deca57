//! The account of a principal, its secrets and its invitation.

use crate::db::{DbError, FromRow, Query, Reader, WriteTx};
use crate::domain::id::{AccountId, MailId, OrganismId, PartnerId};
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::features::partners::commands::Person;

/// The principal of a partner.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::partners) struct Principal {
    pub(in crate::features::partners) id: AccountId,
    pub(in crate::features::partners) identifier: String,
    pub(in crate::features::partners) surname: String,
    pub(in crate::features::partners) given_name: String,
    pub(in crate::features::partners) job: String,
    pub(in crate::features::partners) mail: String,
    pub(in crate::features::partners) phone: String,
    pub(in crate::features::partners) awaited: bool,
    pub(in crate::features::partners) secret_expires_at: Option<Timestamp>,
    pub(in crate::features::partners) suspended_at: Option<Timestamp>,
    pub(in crate::features::partners) last_sign_in_at: Option<Timestamp>,
    pub(in crate::features::partners) mail_failed: bool,
    pub(in crate::features::partners) by_letter: bool,
}

/// The principal of one partner, whose id is still to be bound.
pub(in crate::features::partners) const OF_PARTNER: &str = "SELECT a.id, a.identifier, a.surname, a.given_name, a.job, \
     a.mail, a.phone, (a.password_hash IS NULL) AS awaited, a.secret_expires_at, a.suspended_at, \
     a.last_sign_in_at, \
     (COALESCE((SELECT b.state FROM outbox b WHERE b.account_id = a.id ORDER BY b.created_at DESC, b.id DESC LIMIT 1), \
     'sent') = 'failed') AS mail_failed, (a.secret_way = 'letter') AS by_letter \
     FROM account a WHERE a.partner_id = $3 AND a.office = 'principal' AND a.organism_id = $1 \
     AND ($2 IS NULL OR a.partner_id = $2)";

pub(in crate::features::partners) async fn of(
    select: Query<'_>,
    partner: PartnerId,
) -> Result<Option<Principal>, DbError> {
    select.bind(partner).fetch_optional().await
}

/// Whether an identifier was never drawn.
pub(in crate::features::partners) async fn is_free(
    tx: &mut WriteTx,
    identifier: &str,
) -> Result<bool, DbError> {
    let taken: i64 = tx
        .write("SELECT CAST(count(*) AS BIGINT) FROM account WHERE identifier = $1")
        .bind(identifier.to_owned())
        .fetch_value()
        .await?;
    Ok(taken == 0)
}

pub(in crate::features::partners) async fn insert(
    tx: &mut WriteTx,
    account: AccountId,
    organism: OrganismId,
    partner: PartnerId,
    identifier: &str,
    person: &Person,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, job, \
         mail, phone, created_at, secret_way) VALUES ($1, $2, $3, 'principal', $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(account)
    .bind(organism)
    .bind(partner)
    .bind(identifier.to_owned())
    .bind(person.surname.clone())
    .bind(person.given_name.clone())
    .bind(fold(&format!("{} {}", person.surname, person.given_name)))
    .bind(person.job.clone())
    .bind(person.mail.as_str().to_lowercase())
    .bind(person.phone.clone())
    .bind(now)
    .bind(if person.by_letter { "letter" } else { "mail" })
    .execute()
    .await?;
    Ok(())
}

/// Puts an invitation in the outbox, unless one already waits there. The secret is made when it leaves.
pub(in crate::features::partners) async fn invite(
    tx: &mut WriteTx,
    account: AccountId,
    organism: OrganismId,
) -> Result<(), DbError> {
    let (mail, now): (MailId, Timestamp) = (tx.new_id(), tx.now());
    let waiting: i64 = tx
        .write("SELECT CAST(count(*) AS BIGINT) FROM outbox WHERE account_id = $1 AND state = 'waiting'")
        .bind(account)
        .fetch_value()
        .await?;
    if waiting > 0 {
        return Ok(());
    }
    tx.write(
        "INSERT INTO outbox (id, organism_id, account_id, kind, state, attempts, not_before, created_at) \
         VALUES ($1, $2, $3, 'invitation', 'waiting', 0, $4, $4)",
    )
    .bind(mail)
    .bind(organism)
    .bind(account)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Nothing that let somebody in until now does any more.
pub(in crate::features::partners) async fn forget_secrets(
    tx: &mut WriteTx,
    account: AccountId,
) -> Result<(), DbError> {
    tx.write(
        "UPDATE account SET password_hash = NULL, secret_hash = NULL, secret_expires_at = NULL, \
         secret_way = 'mail' WHERE id = $1",
    )
    .bind(account)
    .execute()
    .await?;
    tx.shut_out(account).await
}

/// Whether an address of mail is that of an account of the partner.
pub(in crate::features::partners) async fn mail_is_taken(
    reader: &mut Reader,
    partner: PartnerId,
    mail: &str,
) -> Result<bool, DbError> {
    let accounts: i64 = reader
        .select(
            "SELECT CAST(count(*) AS BIGINT) FROM account a \
             WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.mail = $3 \
             AND a.partner_id = $4",
        )
        .bind(mail.to_lowercase())
        .bind(partner)
        .fetch_value()
        .await?;
    Ok(accounts > 0)
}
