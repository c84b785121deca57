//! Who sits in the two seats of a partner: their accounts, their invitation, and who could come after them.

use crate::db::standing::{StandingRow, standing_columns};
use crate::db::{DbError, FromRow, Query, Reader, Selects, WriteTx};
use crate::domain::access::Office;
use crate::domain::id::{AccountId, GroupId, MailId, OrganismId, PartnerId};
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::users::AccountState;
use crate::features::partners::appoint::Newcomer;

/// Who sits in a seat.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::partners) struct Seated {
    pub(in crate::features::partners) id: AccountId,
    pub(in crate::features::partners) office: Office,
    pub(in crate::features::partners) identifier: String,
    pub(in crate::features::partners) surname: String,
    pub(in crate::features::partners) given_name: String,
    pub(in crate::features::partners) job: String,
    pub(in crate::features::partners) mail: String,
    pub(in crate::features::partners) phone: String,
    #[sqlx(flatten)]
    standing: StandingRow,
}

impl Seated {
    pub(in crate::features::partners) fn state(&self) -> AccountState {
        self.standing.into()
    }

    pub(in crate::features::partners) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }
}

/// The principal and the deputy of one partner, whose id is still to be bound.
pub(in crate::features::partners) const SEATED: &str = concat!(
    "SELECT a.id, a.office, a.identifier, a.surname, a.given_name, a.job, a.mail, a.phone, ",
    standing_columns!(),
    " FROM account a WHERE a.partner_id = $3 AND a.office IN ('principal', 'deputy') AND a.organism_id = $1 \
     AND ($2 IS NULL OR a.partner_id = $2)"
);

pub(in crate::features::partners) async fn seated(
    select: Query<'_>,
    partner: PartnerId,
) -> Result<Vec<Seated>, DbError> {
    select.bind(partner).fetch_all().await
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
    (organism, partner): (OrganismId, PartnerId),
    office: Office,
    identifier: &str,
    person: &Newcomer,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, job, \
         mail, phone, created_at, secret_way) VALUES ($1, $2, $3, $12, $4, $5, $6, $7, $8, $9, $10, $11, $13)",
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
    .bind(office)
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

/// Whoever sat there is a user like others, and waits: he is shut out now.
pub(in crate::features::partners) async fn unseat(
    tx: &mut WriteTx,
    account: AccountId,
    reason: &str,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "UPDATE account SET office = 'user', suspended_at = COALESCE(suspended_at, $2), suspension_reason = $3 \
         WHERE id = $1",
    )
    .bind(account)
    .bind(now)
    .bind(reason.to_owned())
    .execute()
    .await?;
    tx.shut_out(account).await
}

/// Somebody of the partner comes to an office: he is shut out, because his sessions were for another.
pub(in crate::features::partners) async fn seat(
    tx: &mut WriteTx,
    account: AccountId,
    office: Office,
) -> Result<(), DbError> {
    tx.write("UPDATE account SET office = $2 WHERE id = $1").bind(account).bind(office).execute().await?;
    tx.shut_out(account).await
}

/// The groups of somebody: id, then name.
pub(in crate::features::partners) async fn groups(
    tx: &mut WriteTx,
    partner: PartnerId,
    account: AccountId,
) -> Result<Vec<(GroupId, String)>, DbError> {
    tx.select(
        "SELECT p.id, p.name FROM group_member m JOIN partner_group p ON p.id = m.group_id \
         WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) AND m.partner_id = $3 AND m.account_id = $4 \
         ORDER BY p.name_key, p.id",
    )
    .bind(partner)
    .bind(account)
    .fetch_all()
    .await
}

/// He is in none any more.
pub(in crate::features::partners) async fn leave_groups(
    tx: &mut WriteTx,
    account: AccountId,
) -> Result<(), DbError> {
    tx.write("DELETE FROM group_member WHERE account_id = $1").bind(account).execute().await?;
    Ok(())
}

/// Somebody of the partner who could come to a seat.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::partners) struct Known {
    pub(in crate::features::partners) id: AccountId,
    pub(in crate::features::partners) identifier: String,
    pub(in crate::features::partners) surname: String,
    pub(in crate::features::partners) given_name: String,
    pub(in crate::features::partners) job: String,
    pub(in crate::features::partners) office: Office,
    pub(in crate::features::partners) suspended_at: Option<Timestamp>,
}

impl Known {
    pub(in crate::features::partners) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }
}

macro_rules! known {
    ($tail:literal) => {
        concat!(
            "SELECT a.id, a.identifier, a.surname, a.given_name, a.job, a.office, a.suspended_at FROM account a \
             WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.partner_id = $3 ",
            $tail
        )
    };
}

/// Somebody of the partner.
pub(in crate::features::partners) async fn known(
    from: &mut impl Selects,
    partner: PartnerId,
    account: AccountId,
) -> Result<Option<Known>, DbError> {
    from.select(known!("AND a.id = $4")).bind(partner).bind(account).fetch_optional().await
}

/// Whoever of the partner has that address.
pub(in crate::features::partners) async fn with_mail(
    reader: &mut Reader,
    partner: PartnerId,
    mail: &str,
) -> Result<Option<Known>, DbError> {
    reader.select(known!("AND a.mail = $4")).bind(partner).bind(mail.to_lowercase()).fetch_optional().await
}
