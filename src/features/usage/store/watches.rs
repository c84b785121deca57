//! Surveillances, and what the rules are set to.

use crate::db::{DbError, FromRow, Reader, Selects, WriteTx};
use crate::domain::atypical::{Setting, Thresholds};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, OrganismId, PartnerId, ServiceId, SurveillanceId};
use crate::domain::time::Timestamp;

/// A surveillance, with the names of those that it concerns.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::usage) struct Watch {
    pub(in crate::features::usage) id: SurveillanceId,
    pub(in crate::features::usage) account_id: AccountId,
    pub(in crate::features::usage) person: String,
    pub(in crate::features::usage) identifier: String,
    pub(in crate::features::usage) partner: String,
    pub(in crate::features::usage) reason: String,
    pub(in crate::features::usage) from_at: Timestamp,
    pub(in crate::features::usage) until_on: Day,
    pub(in crate::features::usage) asked_by: String,
    pub(in crate::features::usage) ended_by: Option<String>,
    pub(in crate::features::usage) ended_at: Option<Timestamp>,
    pub(in crate::features::usage) end_reason: Option<String>,
}

macro_rules! watches {
    ($rest:literal) => {
        concat!(
            "SELECT w.id, w.account_id, a.given_name || ' ' || a.surname AS person, a.identifier, \
             p.legal_name AS partner, w.reason, w.from_at, w.until_on, \
             b.given_name || ' ' || b.surname AS asked_by, \
             (SELECT e.given_name || ' ' || e.surname FROM account e WHERE e.id = w.ended_by) AS ended_by, \
             w.ended_at, w.end_reason \
             FROM surveillance w JOIN account a ON a.id = w.account_id JOIN partner p ON p.id = w.partner_id \
             JOIN account b ON b.id = w.asked_by WHERE w.organism_id = $1 AND ($2 IS NULL OR w.partner_id = $2) ",
            $rest
        )
    };
}

/// Those in force that day, the one that ends first at the head.
pub(in crate::features::usage) async fn in_force(
    reader: &mut Reader,
    today: Day,
) -> Result<Vec<Watch>, DbError> {
    reader
        .select(watches!("AND w.ended_at IS NULL AND w.until_on >= $3 ORDER BY w.until_on, w.id LIMIT 200"))
        .bind(today)
        .fetch_all()
        .await
}

/// Those that ended, the one that was to last longest first.
pub(in crate::features::usage) async fn past(reader: &mut Reader, today: Day) -> Result<Vec<Watch>, DbError> {
    reader
        .select(watches!(
            "AND (w.ended_at IS NOT NULL OR w.until_on < $3) ORDER BY w.until_on DESC, w.id DESC LIMIT 50"
        ))
        .bind(today)
        .fetch_all()
        .await
}

/// One of them.
pub(in crate::features::usage) async fn one(
    rows: &mut impl Selects,
    id: SurveillanceId,
) -> Result<Option<Watch>, DbError> {
    rows.select(watches!("AND w.id = $3")).bind(id).fetch_optional().await
}

/// That of an account, if it has not been ended.
pub(in crate::features::usage) async fn of(
    rows: &mut impl Selects,
    account: AccountId,
) -> Result<Option<Watch>, DbError> {
    rows.select(watches!("AND w.account_id = $3 AND w.ended_at IS NULL")).bind(account).fetch_optional().await
}

/// A surveillance about to be written.
pub(in crate::features::usage) struct NewWatch<'a> {
    pub(in crate::features::usage) id: SurveillanceId,
    pub(in crate::features::usage) organism: OrganismId,
    pub(in crate::features::usage) partner: PartnerId,
    pub(in crate::features::usage) account: AccountId,
    pub(in crate::features::usage) reason: &'a str,
    pub(in crate::features::usage) until: Day,
    pub(in crate::features::usage) by: AccountId,
}

/// Begins one.
pub(in crate::features::usage) async fn begin(tx: &mut WriteTx, new: &NewWatch<'_>) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO surveillance (id, organism_id, partner_id, account_id, reason, from_at, until_on, asked_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(new.id)
    .bind(new.organism)
    .bind(new.partner)
    .bind(new.account)
    .bind(new.reason.to_owned())
    .bind(now)
    .bind(new.until)
    .bind(new.by)
    .execute()
    .await?;
    Ok(())
}

/// Prolongs one; `false` when it was ended meanwhile.
pub(in crate::features::usage) async fn prolong(
    tx: &mut WriteTx,
    id: SurveillanceId,
    until: Day,
    reason: &str,
) -> Result<bool, DbError> {
    let prolonged = tx
        .write("UPDATE surveillance SET until_on = $2, reason = $3 WHERE id = $1 AND ended_at IS NULL")
        .bind(id)
        .bind(until)
        .bind(reason.to_owned())
        .execute()
        .await?;
    Ok(prolonged == 1)
}

/// Ends one, or puts one away whose day has passed; `false` when it was ended meanwhile.
pub(in crate::features::usage) async fn end(
    tx: &mut WriteTx,
    id: SurveillanceId,
    by: AccountId,
    reason: &str,
) -> Result<bool, DbError> {
    let now = tx.now();
    let ended = tx
        .write(
            "UPDATE surveillance SET ended_by = $2, ended_at = $3, end_reason = $4 WHERE id = $1 AND ended_at IS NULL",
        )
        .bind(id)
        .bind(by)
        .bind(now)
        .bind(reason.to_owned())
        .execute()
        .await?;
    Ok(ended == 1)
}

/// What is set for a service.
pub(in crate::features::usage) async fn thresholds(
    rows: &mut impl Selects,
    service: ServiceId,
) -> Result<Thresholds, DbError> {
    let rows: Vec<(String, i32)> = rows
        .select(
            "SELECT t.setting, t.value FROM use_threshold t \
             WHERE t.organism_id = $1 AND $2 IS NULL AND t.service_id = $3",
        )
        .bind(service)
        .fetch_all()
        .await?;
    Ok(Thresholds::kept(rows))
}

/// Sets one number.
pub(in crate::features::usage) async fn set(
    tx: &mut WriteTx,
    organism: OrganismId,
    service: ServiceId,
    (setting, value): (Setting, u32),
) -> Result<(), DbError> {
    tx.write(
        "INSERT INTO use_threshold (organism_id, service_id, setting, value) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (organism_id, service_id, setting) DO UPDATE SET value = EXCLUDED.value",
    )
    .bind(organism)
    .bind(service)
    .bind(setting.code())
    .bind(i32::try_from(value).unwrap_or(i32::MAX))
    .execute()
    .await?;
    Ok(())
}
