//! The rows of requests, and what answering one writes.

use super::standing::people;
use crate::db::{DbError, FromRow, Query, Selects, WriteTx};
use crate::domain::caps::RequestState;
use crate::domain::id::{AccountId, CapRequestId, MembershipId, OrganismId, PartnerId, RoleId};
use crate::domain::time::Timestamp;

/// A request with the names of those that it concerns.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Request {
    pub(super) id: CapRequestId,
    pub(super) partner_id: PartnerId,
    pub(super) partner: String,
    pub(super) membership_id: MembershipId,
    pub(super) service: String,
    pub(super) role_id: Option<RoleId>,
    pub(super) role: Option<String>,
    wanted: i32,
    pub(super) reason: String,
    pub(super) asked_by: String,
    pub(super) asked_by_job: String,
    pub(super) asked_at: Timestamp,
    pub(super) state: RequestState,
    pub(super) answered_by: Option<String>,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) answer: Option<String>,
    fixed: Option<i32>,
}

impl Request {
    /// How many people are asked for.
    pub(super) fn wanted(&self) -> u32 {
        people(self.wanted)
    }

    /// The cap that was fixed in answer.
    pub(super) fn fixed(&self) -> Option<u32> {
        self.fixed.map(people)
    }
}

macro_rules! requests {
    ($tail:literal) => {
        concat!(
            "SELECT q.id, q.partner_id, p.legal_name AS partner, q.membership_id, s.name AS service, q.role_id, \
             r.name AS role, q.wanted, q.reason, a.given_name || ' ' || a.surname AS asked_by, \
             a.job AS asked_by_job, q.asked_at, q.state, b.given_name || ' ' || b.surname AS answered_by, \
             q.answered_at, q.answer, q.fixed \
             FROM cap_request q JOIN partner p ON p.id = q.partner_id JOIN membership m ON m.id = q.membership_id \
             JOIN service s ON s.id = m.service_id JOIN account a ON a.id = q.asked_by \
             LEFT JOIN service_role r ON r.id = q.role_id LEFT JOIN account b ON b.id = q.answered_by \
             WHERE q.organism_id = $1 AND ($2 IS NULL OR q.partner_id = $2) ",
            $tail
        )
    };
}

/// One request.
pub(super) async fn request(from: &mut impl Selects, id: CapRequestId) -> Result<Option<Request>, DbError> {
    from.select(requests!("AND q.id = $3")).bind(id).fetch_optional().await
}

/// Those that wait, the oldest first.
pub(super) async fn open(from: &mut impl Selects, limit: i64) -> Result<Vec<Request>, DbError> {
    from.select(requests!("AND q.state = 'open' ORDER BY q.asked_at, q.id LIMIT $3"))
        .bind(limit)
        .fetch_all()
        .await
}

/// How many wait.
pub(super) async fn count_open(from: &mut impl Selects) -> Result<i64, DbError> {
    from.select(
        "SELECT CAST(count(*) AS BIGINT) FROM cap_request q \
         WHERE q.organism_id = $1 AND ($2 IS NULL OR q.partner_id = $2) AND q.state = 'open'",
    )
    .fetch_value()
    .await
}

/// Those that were answered, the last answer first.
pub(super) async fn answered(from: &mut impl Selects, limit: i64) -> Result<Vec<Request>, DbError> {
    from.select(requests!("AND q.state <> 'open' ORDER BY q.answered_at DESC, q.id DESC LIMIT $3"))
        .bind(limit)
        .fetch_all()
        .await
}

/// Those of one membership: what waits, then the last answers.
pub(super) async fn of_membership(
    from: &mut impl Selects,
    membership: MembershipId,
    limit: i64,
) -> Result<Vec<Request>, DbError> {
    from.select(requests!(
        "AND q.membership_id = $3 \
         ORDER BY CASE WHEN q.state = 'open' THEN 0 ELSE 1 END, q.asked_at DESC, q.id DESC LIMIT $4"
    ))
    .bind(membership)
    .bind(limit)
    .fetch_all()
    .await
}

/// The request that waits for one role, or for the service as a whole.
pub(super) async fn waiting(
    from: &mut impl Selects,
    membership: MembershipId,
    role: Option<RoleId>,
) -> Result<Option<Request>, DbError> {
    let query: Query<'_> = match role {
        None => from.select(requests!("AND q.membership_id = $3 AND q.state = 'open' AND q.role_id IS NULL")),
        Some(_) => from.select(requests!("AND q.membership_id = $3 AND q.state = 'open' AND q.role_id = $4")),
    };
    let query = query.bind(membership);
    match role {
        None => query.fetch_optional().await,
        Some(role) => query.bind(role).fetch_optional().await,
    }
}

/// A request about to be written.
pub(super) struct NewRequest<'a> {
    pub(super) id: CapRequestId,
    pub(super) organism: OrganismId,
    pub(super) partner: PartnerId,
    pub(super) membership: MembershipId,
    pub(super) role: Option<RoleId>,
    pub(super) wanted: u32,
    pub(super) reason: &'a str,
    pub(super) by: AccountId,
}

pub(super) async fn insert(tx: &mut WriteTx, new: &NewRequest<'_>) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO cap_request (id, organism_id, partner_id, membership_id, role_id, wanted, reason, asked_by, \
         asked_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open')",
    )
    .bind(new.id)
    .bind(new.organism)
    .bind(new.partner)
    .bind(new.membership)
    .bind(new.role)
    .bind(kept(new.wanted))
    .bind(new.reason.to_owned())
    .bind(new.by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// What a request is answered.
pub(super) struct Closing<'a> {
    pub(super) state: RequestState,
    pub(super) by: AccountId,
    pub(super) answer: Option<&'a str>,
    pub(super) fixed: Option<u32>,
}

/// Closes a request that waits; `false` when it no longer did.
pub(super) async fn close(
    tx: &mut WriteTx,
    id: CapRequestId,
    closing: &Closing<'_>,
) -> Result<bool, DbError> {
    let now = tx.now();
    let closed = tx
        .write(
            "UPDATE cap_request SET state = $2, answered_by = $3, answered_at = $4, answer = $5, fixed = $6 \
             WHERE id = $1 AND state = 'open'",
        )
        .bind(id)
        .bind(closing.state)
        .bind(closing.by)
        .bind(now)
        .bind(closing.answer.map(str::to_owned))
        .bind(closing.fixed.map(kept))
        .execute()
        .await?;
    Ok(closed == 1)
}

/// Fixes the cap of the service, or of one of its roles. A form that shows the old ones is out of date.
pub(super) async fn fix_cap(
    tx: &mut WriteTx,
    membership: MembershipId,
    role: Option<RoleId>,
    cap: u32,
) -> Result<(), DbError> {
    let Some(role) = role else {
        tx.write("UPDATE membership SET cap = $2, version = version + 1 WHERE id = $1")
            .bind(membership)
            .bind(kept(cap))
            .execute()
            .await?;
        return Ok(());
    };
    tx.write(
        "INSERT INTO role_cap (membership_id, role_id, cap) VALUES ($1, $2, $3) \
         ON CONFLICT (membership_id, role_id) DO UPDATE SET cap = excluded.cap",
    )
    .bind(membership)
    .bind(role)
    .bind(kept(cap))
    .execute()
    .await?;
    tx.write("UPDATE membership SET version = version + 1 WHERE id = $1").bind(membership).execute().await?;
    Ok(())
}

/// A number of people as a column keeps it; forms are bounded far below.
fn kept(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
