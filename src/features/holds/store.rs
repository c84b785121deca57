//! The rows of legal holds, and what they keep.

use crate::db::{DbError, FromRow, Reader, Selects, WriteTx};
use crate::domain::day::{Day, Zone};
use crate::domain::facts::FileMark;
use crate::domain::holds::Matter;
use crate::domain::id::{AccountId, HoldId, OrganismId, PartnerId};
use crate::domain::time::Timestamp;

/// A hold with the names of those that it concerns.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Hold {
    pub(super) id: HoldId,
    account_id: Option<AccountId>,
    partner_id: Option<PartnerId>,
    file_hash: Option<Vec<u8>>,
    file_sealed: Option<Vec<u8>>,
    incident: Option<String>,
    from_at: Option<Timestamp>,
    until_at: Option<Timestamp>,
    pub(super) person: Option<String>,
    pub(super) partner: Option<String>,
    pub(super) basis: String,
    pub(super) reason: String,
    pub(super) review_on: Day,
    pub(super) asked_by: AccountId,
    pub(super) asked_by_name: String,
    pub(super) asked_at: Timestamp,
    pub(super) released_by_name: Option<String>,
    pub(super) released_at: Option<Timestamp>,
    pub(super) release_reason: Option<String>,
}

impl Hold {
    /// What it keeps, as its organism counts days; nothing for a row that says nothing, which the schema refuses.
    pub(super) fn matter(&self, zone: &Zone) -> Option<Matter> {
        if let Some(account) = self.account_id {
            return Some(Matter::Person(account));
        }
        if let Some(partner) = self.partner_id {
            return Some(Matter::Partner(partner));
        }
        if let (Some(hash), Some(sealed)) = (&self.file_hash, &self.file_sealed) {
            let hex = crate::crypto::hex;
            return Some(Matter::File(FileMark { hash: hex(hash), sealed: hex(sealed) }));
        }
        let (reference, from, until) = (self.incident.clone()?, self.from_at?, self.until_at?);
        let to = zone.day(until.minus(time::Duration::MICROSECOND));
        Some(Matter::Incident { reference, from: zone.day(from), to })
    }
}

/// The columns of a hold named `h`.
macro_rules! holds {
    ($rest:literal) => {
        concat!(
            "SELECT h.id, h.account_id, h.partner_id, h.file_hash, h.file_sealed, h.incident, h.from_at, h.until_at, \
             s.given_name || ' ' || s.surname || ' (' || s.identifier || ')' AS person, p.legal_name AS partner, \
             h.basis, h.reason, COALESCE((SELECT max(v.review_on) FROM legal_hold_review v WHERE v.hold_id = h.id \
             AND v.reviewed_at = (SELECT max(w.reviewed_at) FROM legal_hold_review w WHERE w.hold_id = h.id)), \
             h.review_on) AS review_on, h.asked_by, a.given_name || ' ' || a.surname AS asked_by_name, h.asked_at, \
             r.given_name || ' ' || r.surname AS released_by_name, h.released_at, h.release_reason \
             FROM legal_hold h JOIN account a ON a.id = h.asked_by LEFT JOIN account r ON r.id = h.released_by \
             LEFT JOIN account s ON s.id = h.account_id LEFT JOIN partner p ON p.id = h.partner_id \
             WHERE h.organism_id = $1 AND $2 IS NULL ",
            $rest
        )
    };
}

/// Those in force, the one to review first at the head.
pub(super) async fn in_force(reader: &mut Reader, most: i64) -> Result<Vec<Hold>, DbError> {
    reader
        .select(holds!("AND h.released_at IS NULL ORDER BY review_on, h.id LIMIT $3"))
        .bind(most)
        .fetch_all()
        .await
}

/// Those released, the last one first.
pub(super) async fn released(reader: &mut Reader, most: i64) -> Result<Vec<Hold>, DbError> {
    reader
        .select(holds!("AND h.released_at IS NOT NULL ORDER BY h.released_at DESC, h.id DESC LIMIT $3"))
        .bind(most)
        .fetch_all()
        .await
}

/// One of them.
pub(super) async fn one(rows: &mut impl Selects, id: HoldId) -> Result<Option<Hold>, DbError> {
    rows.select(holds!("AND h.id = $3")).bind(id).fetch_optional().await
}

/// The account that an identifier names.
pub(super) async fn account(reader: &mut Reader, identifier: &str) -> Result<Option<AccountId>, DbError> {
    let row: Option<(AccountId,)> = reader
        .select(
            "SELECT id FROM account WHERE organism_id = $1 AND ($2 IS NULL OR partner_id = $2) AND identifier = $3",
        )
        .bind(identifier.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|(id,)| id))
}

/// The partner that a SIRET names.
pub(super) async fn partner(reader: &mut Reader, siret: &str) -> Result<Option<PartnerId>, DbError> {
    let row: Option<(PartnerId,)> = reader
        .select("SELECT id FROM partner WHERE organism_id = $1 AND ($2 IS NULL OR id = $2) AND siret = $3")
        .bind(siret.to_owned())
        .fetch_optional()
        .await?;
    Ok(row.map(|(id,)| id))
}

/// Beyond, a page says «more than».
pub(super) const COUNTED: u32 = 10_000;

/// How many traces a hold keeps, whose day came by `until`; one more than [`COUNTED`] at most.
pub(super) async fn count(reader: &mut Reader, hold: &Hold, until: Day) -> Result<u32, DbError> {
    let statement = if hold.account_id.is_some() {
        reader.select(
            "SELECT CAST(count(*) AS BIGINT) FROM (SELECT t.id FROM trace t JOIN legal_hold h ON h.id = $3 \
             WHERE t.organism_id = $1 AND $2 IS NULL AND (t.actor_id = h.account_id OR t.subject_id = h.account_id) \
             AND t.keep_until <= $4 LIMIT 10001) AS k",
        )
    } else if hold.partner_id.is_some() {
        reader.select(
            "SELECT CAST(count(*) AS BIGINT) FROM (SELECT t.id FROM trace t JOIN legal_hold h ON h.id = $3 \
             WHERE t.organism_id = $1 AND $2 IS NULL AND t.partner_id = h.partner_id \
             AND t.keep_until <= $4 LIMIT 10001) AS k",
        )
    } else if hold.file_hash.is_some() {
        reader.select(
            "SELECT CAST(count(*) AS BIGINT) FROM (SELECT t.id FROM trace t JOIN legal_hold h ON h.id = $3 \
             WHERE t.organism_id = $1 AND $2 IS NULL AND t.file_hash = h.file_hash \
             AND t.keep_until <= $4 LIMIT 10001) AS k",
        )
    } else {
        reader.select(
            "SELECT CAST(count(*) AS BIGINT) FROM (SELECT t.id FROM trace t JOIN legal_hold h ON h.id = $3 \
             WHERE t.organism_id = $1 AND $2 IS NULL AND t.at >= h.from_at AND t.at < h.until_at \
             AND t.keep_until <= $4 LIMIT 10001) AS k",
        )
    };
    let count: i64 = statement.bind(hold.id).bind(until).fetch_value().await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A hold about to be written.
pub(super) struct NewHold<'a> {
    pub(super) id: HoldId,
    pub(super) organism: OrganismId,
    pub(super) matter: &'a Matter,
    pub(super) basis: &'a str,
    pub(super) reason: &'a str,
    pub(super) review_on: Day,
    pub(super) by: AccountId,
}

pub(super) async fn insert(tx: &mut WriteTx, new: &NewHold<'_>, zone: &Zone) -> Result<(), DbError> {
    let now = tx.now();
    let bytes = |hex: &str| crate::crypto::unhex(hex);
    let (account, partner, file, incident) = match new.matter {
        Matter::Person(account) => (Some(*account), None, None, None),
        Matter::Partner(partner) => (None, Some(*partner), None, None),
        Matter::File(mark) => (None, None, Some((bytes(&mark.hash), bytes(&mark.sealed))), None),
        Matter::Incident { reference, from, to } => {
            let period = (zone.start_of(*from), zone.start_of(to.plus_days(1)));
            (None, None, None, Some((reference.clone(), period)))
        }
    };
    let (hash, sealed) = file.unwrap_or_default();
    let (incident, period) = incident.unzip();
    let (from_at, until_at) = period.unzip();
    tx.write(
        "INSERT INTO legal_hold (id, organism_id, kind, account_id, partner_id, file_hash, file_sealed, incident, \
         from_at, until_at, basis, reason, review_on, asked_by, asked_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(new.id)
    .bind(new.organism)
    .bind(new.matter.code())
    .bind(account)
    .bind(partner)
    .bind(hash)
    .bind(sealed)
    .bind(incident)
    .bind(from_at)
    .bind(until_at)
    .bind(new.basis.to_owned())
    .bind(new.reason.to_owned())
    .bind(new.review_on)
    .bind(new.by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Prolongs a hold.
pub(super) async fn prolong(
    tx: &mut WriteTx,
    (hold, organism): (HoldId, OrganismId),
    by: AccountId,
    (review_on, reason): (Day, &str),
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO legal_hold_review (hold_id, reviewed_at, organism_id, reviewed_by, reason, review_on) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(hold)
    .bind(now)
    .bind(organism)
    .bind(by)
    .bind(reason.to_owned())
    .bind(review_on)
    .execute()
    .await?;
    Ok(())
}

/// A review of a hold that prolonged it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Prolonged {
    pub(super) at: Timestamp,
    pub(super) by: String,
    pub(super) reason: String,
    pub(super) review_on: Day,
}

/// Those of a hold, the last one first.
pub(super) async fn prolonged(
    reader: &mut Reader,
    hold: HoldId,
    most: i64,
) -> Result<Vec<Prolonged>, DbError> {
    reader
        .select(
            "SELECT v.reviewed_at AS at, a.given_name || ' ' || a.surname AS by, v.reason, v.review_on \
             FROM legal_hold_review v JOIN account a ON a.id = v.reviewed_by \
             WHERE v.organism_id = $1 AND $2 IS NULL AND v.hold_id = $3 ORDER BY v.reviewed_at DESC LIMIT $4",
        )
        .bind(hold)
        .bind(most)
        .fetch_all()
        .await
}

/// Releases a hold; `false` when it no longer was in force.
pub(super) async fn release(
    tx: &mut WriteTx,
    id: HoldId,
    by: AccountId,
    reason: &str,
) -> Result<bool, DbError> {
    let now = tx.now();
    let released = tx
        .write(
            "UPDATE legal_hold SET released_by = $2, released_at = $3, release_reason = $4 \
             WHERE id = $1 AND released_at IS NULL",
        )
        .bind(id)
        .bind(by)
        .bind(now)
        .bind(reason.to_owned())
        .execute()
        .await?;
    Ok(released == 1)
}
