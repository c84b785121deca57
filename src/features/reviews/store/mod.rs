//! The rows of reviews: `holdings` what is decided on, `verdicts` what deciding writes, `proof` what is transmitted,
//! `owed` who owes what; here, the reviews themselves.

pub(super) mod holdings;
pub(super) mod owed;
pub(super) mod proof;
pub(super) mod verdicts;

use crate::db::{DbError, FromRow, Selects, WriteTx};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, OrganismId, PartnerId, ReviewId};
use crate::domain::time::Timestamp;

/// The partner of a page: one that manages its people itself, and so has its holdings reviewed.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Employer {
    pub(super) legal_name: String,
    pub(super) siret: String,
    pub(super) organism: String,
}

pub(super) async fn employer(
    from: &mut impl Selects,
    partner: PartnerId,
) -> Result<Option<Employer>, DbError> {
    from.select(
        "SELECT p.legal_name, p.siret, o.name AS organism FROM partner p JOIN organism o ON o.id = p.organism_id \
         WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) AND p.mode = 'delegated'",
    )
    .bind(partner)
    .fetch_optional()
    .await
}

/// A review, but for its proof.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Review {
    pub(super) id: ReviewId,
    pub(super) year: i32,
    pub(super) opened_at: Timestamp,
    pub(super) opened_by: String,
    pub(super) opened_by_identifier: String,
    pub(super) transmitted_at: Option<Timestamp>,
    pub(super) transmitted_by: Option<String>,
}

/// The reviews of a partner, the one that is open first, then the newest.
pub(super) async fn all(from: &mut impl Selects, partner: PartnerId) -> Result<Vec<Review>, DbError> {
    from.select(
        "SELECT r.id, r.year, r.opened_at, b.given_name || ' ' || b.surname AS opened_by, \
         b.identifier AS opened_by_identifier, r.transmitted_at, t.given_name || ' ' || t.surname AS transmitted_by \
         FROM review r JOIN account b ON b.id = r.opened_by LEFT JOIN account t ON t.id = r.transmitted_by \
         WHERE r.organism_id = $1 AND ($2 IS NULL OR r.partner_id = $2) AND r.partner_id = $3 \
         ORDER BY CASE WHEN r.transmitted_at IS NULL THEN 0 ELSE 1 END, r.transmitted_at DESC, r.id LIMIT 30",
    )
    .bind(partner)
    .fetch_all()
    .await
}

/// The one that is open.
pub(super) async fn open(from: &mut impl Selects, partner: PartnerId) -> Result<Option<Review>, DbError> {
    Ok(all(from, partner).await?.into_iter().find(|review| review.transmitted_at.is_none()))
}

/// Opens one; `Duplicate` when one is open.
pub(super) async fn insert(
    tx: &mut WriteTx,
    review: ReviewId,
    organism: OrganismId,
    partner: PartnerId,
    year: i32,
    by: AccountId,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO review (id, organism_id, partner_id, year, opened_by, opened_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(review)
    .bind(organism)
    .bind(partner)
    .bind(year)
    .bind(by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// What is written when a review is transmitted.
pub(super) struct Frozen {
    pub(super) proof: String,
    pub(super) digest: [u8; 32],
    pub(super) key: i32,
    pub(super) mac: [u8; 32],
    pub(super) erase_on: Day,
}

/// Freezes a review, once.
pub(super) async fn freeze(
    tx: &mut WriteTx,
    review: ReviewId,
    by: AccountId,
    frozen: Frozen,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "UPDATE review SET transmitted_by = $2, transmitted_at = $3, proof = $4, digest = $5, key_number = $6, \
         mac = $7, erase_on = $8 WHERE id = $1 AND transmitted_at IS NULL",
    )
    .bind(review)
    .bind(by)
    .bind(now)
    .bind(frozen.proof)
    .bind(frozen.digest.to_vec())
    .bind(frozen.key)
    .bind(frozen.mac.to_vec())
    .bind(frozen.erase_on)
    .execute()
    .await?;
    Ok(())
}
