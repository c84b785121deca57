//! What a proof is made from, and the proof as it was frozen.

use crate::db::{DbError, FromRow, Selects};
use crate::domain::day::Day;
use crate::domain::id::{PartnerId, ReviewId};
use crate::domain::reviews::Verdict;
use crate::domain::time::Timestamp;

/// A right as a proof words it.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::reviews) struct RightRow {
    pub(in crate::features::reviews) identifier: String,
    pub(in crate::features::reviews) person: String,
    pub(in crate::features::reviews) job: String,
    pub(in crate::features::reviews) service: String,
    pub(in crate::features::reviews) role: String,
    pub(in crate::features::reviews) perimeter: String,
    pub(in crate::features::reviews) starts_on: Day,
    pub(in crate::features::reviews) ends_on: Option<Day>,
    pub(in crate::features::reviews) granted_by: String,
    pub(in crate::features::reviews) granted_at: Timestamp,
    pub(in crate::features::reviews) used_at: Option<Timestamp>,
}

/// A decision.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::reviews) struct DecisionRow {
    #[sqlx(flatten)]
    pub(in crate::features::reviews) right: RightRow,
    pub(in crate::features::reviews) verdict: Verdict,
    pub(in crate::features::reviews) decided_by: String,
    pub(in crate::features::reviews) decided_by_identifier: String,
    pub(in crate::features::reviews) decided_at: Timestamp,
    /// When a confirmed right was withdrawn all the same.
    pub(in crate::features::reviews) revoked_at: Option<Timestamp>,
}

/// Every decision of a review on the people of the partner, by name.
pub(in crate::features::reviews) async fn decisions(
    from: &mut impl Selects,
    partner: PartnerId,
    review: ReviewId,
) -> Result<Vec<DecisionRow>, DbError> {
    from.select(
        "SELECT a.identifier, a.surname || ' ' || a.given_name AS person, a.job, s.name AS service, o.name AS role, \
         d.perimeter, d.starts_on, d.ends_on, b.given_name || ' ' || b.surname AS granted_by, d.granted_at, d.used_at, \
         d.verdict, c.given_name || ' ' || c.surname AS decided_by, c.identifier AS decided_by_identifier, \
         d.decided_at, (SELECT h.revoked_at FROM role_grant_history h WHERE h.id = d.grant_id) AS revoked_at \
         FROM review_decision d JOIN review r ON r.id = d.review_id JOIN account a ON a.id = d.account_id \
         JOIN service_role o ON o.id = d.role_id JOIN service s ON s.id = o.service_id \
         JOIN account b ON b.id = d.granted_by JOIN account c ON c.id = d.decided_by \
         WHERE r.organism_id = $1 AND ($2 IS NULL OR r.partner_id = $2) AND r.partner_id = $3 AND r.id = $4 \
         AND a.office = 'user' ORDER BY a.name_key, s.name, o.position, d.grant_id LIMIT 20000",
    )
    .bind(partner)
    .bind(review)
    .fetch_all()
    .await
}

/// A right that was held during the review, and not decided on.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::reviews) struct AsideRow {
    #[sqlx(flatten)]
    pub(in crate::features::reviews) right: RightRow,
    /// Its holder manages the partner.
    pub(in crate::features::reviews) of_manager: bool,
}

/// What is still in a row and not decided on: rights of those who manage the partner, and rights that ended since.
pub(in crate::features::reviews) async fn not_decided(
    from: &mut impl Selects,
    partner: PartnerId,
    review: ReviewId,
    since: Day,
    today: Day,
) -> Result<Vec<AsideRow>, DbError> {
    from.select(
        "SELECT a.identifier, a.surname || ' ' || a.given_name AS person, a.job, s.name AS service, o.name AS role, \
         g.perimeter, g.starts_on, g.ends_on, b.given_name || ' ' || b.surname AS granted_by, g.granted_at, \
         u.used_at, (a.office <> 'user') AS of_manager \
         FROM role_grant g JOIN account a ON a.id = g.account_id JOIN service_role o ON o.id = g.role_id \
         JOIN service s ON s.id = o.service_id JOIN account b ON b.id = g.granted_by \
         LEFT JOIN grant_use u ON u.grant_id = g.id AND u.account_id = g.account_id \
         WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 \
         AND (a.office <> 'user' OR (g.ends_on < $6 AND g.ends_on >= $5 AND NOT EXISTS (SELECT 1 \
           FROM review_decision d WHERE d.review_id = $4 AND d.grant_id = g.id AND d.account_id = g.account_id))) \
         AND (g.ends_on IS NULL OR g.ends_on >= $5) ORDER BY a.name_key, s.name, o.position, g.id LIMIT 2000",
    )
    .bind(partner)
    .bind(review)
    .bind(since)
    .bind(today)
    .fetch_all()
    .await
}

/// What was withdrawn since the review was opened by another way than the review, and not decided on in it.
pub(in crate::features::reviews) async fn withdrawn_apart(
    from: &mut impl Selects,
    partner: PartnerId,
    review: ReviewId,
    since: Timestamp,
) -> Result<Vec<RightRow>, DbError> {
    from.select(
        "SELECT a.identifier, a.surname || ' ' || a.given_name AS person, a.job, s.name AS service, o.name AS role, \
         h.perimeter, h.starts_on, h.ends_on, b.given_name || ' ' || b.surname AS granted_by, h.granted_at, u.used_at \
         FROM role_grant_history h JOIN account a ON a.id = h.account_id JOIN service_role o ON o.id = h.role_id \
         JOIN service s ON s.id = o.service_id JOIN account b ON b.id = h.granted_by \
         LEFT JOIN grant_use u ON u.grant_id = h.id AND u.account_id = h.account_id \
         WHERE h.organism_id = $1 AND ($2 IS NULL OR h.partner_id = $2) AND h.partner_id = $3 \
         AND h.revoked_at >= $5 AND NOT EXISTS (SELECT 1 FROM review_decision d WHERE d.review_id = $4 \
           AND d.grant_id = h.id AND d.account_id = h.account_id) \
         ORDER BY a.name_key, s.name, o.position, h.id LIMIT 2000",
    )
    .bind(partner)
    .bind(review)
    .bind(since)
    .fetch_all()
    .await
}

/// A proof as it was frozen.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::reviews) struct Kept {
    pub(in crate::features::reviews) proof: String,
    pub(in crate::features::reviews) digest: Vec<u8>,
    pub(in crate::features::reviews) key_number: i32,
    pub(in crate::features::reviews) mac: Vec<u8>,
}

/// The proof of a transmitted review.
pub(in crate::features::reviews) async fn kept(
    from: &mut impl Selects,
    partner: PartnerId,
    review: ReviewId,
) -> Result<Option<Kept>, DbError> {
    from.select(
        "SELECT r.proof, r.digest, r.key_number, r.mac FROM review r \
         WHERE r.organism_id = $1 AND ($2 IS NULL OR r.partner_id = $2) AND r.partner_id = $3 AND r.id = $4 \
         AND r.transmitted_at IS NOT NULL",
    )
    .bind(partner)
    .bind(review)
    .fetch_optional()
    .await
}
