//! The rows of organisms and of their staff.

use super::commands::{NewOrganism, NewStaff};
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::domain::access::Office;
use crate::domain::day::Zone;
use crate::domain::id::{AccountId, MailId, OrganismId};
use crate::domain::text::fold;

pub(super) async fn insert_organism(
    tx: &mut WriteTx,
    id: OrganismId,
    new: &NewOrganism,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO organism (id, kind, code, name, territory, time_zone, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(new.kind.code())
    .bind(new.code.clone())
    .bind(new.name.clone())
    .bind(new.territory.to_string())
    .bind(new.time_zone.name().to_owned())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

pub(super) async fn insert_staff(
    tx: &mut WriteTx,
    id: AccountId,
    organism: OrganismId,
    office: Office,
    identifier: &str,
    new: &NewStaff,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, job, \
         mail, phone, created_at) VALUES ($1, $2, NULL, $3, $4, $5, $6, $7, $8, $9, '', $10)",
    )
    .bind(id)
    .bind(organism)
    .bind(office)
    .bind(identifier.to_owned())
    .bind(new.surname.clone())
    .bind(new.given_name.clone())
    .bind(fold(&format!("{} {}", new.surname, new.given_name)))
    .bind(new.job.clone())
    .bind(new.mail.as_str().to_owned())
    .bind(now)
    .execute()
    .await?;
    let mail: MailId = tx.new_id();
    tx.write(
        "INSERT INTO outbox (id, organism_id, account_id, kind, state, attempts, not_before, created_at) \
         VALUES ($1, $2, $3, 'invitation', 'waiting', 0, $4, $4)",
    )
    .bind(mail)
    .bind(organism)
    .bind(id)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The organism of that code: its id, its name and its time zone.
pub async fn by_code(app: &App, code: &str) -> Result<Option<(OrganismId, String, Zone)>, DbError> {
    let job = app.job("organisms", None);
    let mut reader = app.read(&job).await?;
    let row: Option<(OrganismId, String, String)> = reader
        .unbounded("SELECT id, name, time_zone FROM organism WHERE code = $1")
        .bind(code.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|(id, name, zone)| (id, name, Zone::parse(&zone).unwrap_or_default())))
}
