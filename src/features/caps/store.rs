//! The rows of requests for more places, with the cap that each is about as it stands.

use crate::db::{DbError, FromRow, Query, Reader, WriteTx};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, CapRequestId, MembershipId, OrganismId, PartnerId, RoleId};
use crate::domain::time::Timestamp;
use crate::web::gauge::Gauge;

/// A request.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Request {
    pub(super) id: CapRequestId,
    pub(super) partner_id: PartnerId,
    pub(super) membership_id: MembershipId,
    pub(super) role_id: Option<RoleId>,
    pub(super) partner: String,
    pub(super) service: String,
    pub(super) service_code: String,
    pub(super) role: Option<String>,
    pub(super) wanted: i32,
    pub(super) reason: String,
    pub(super) given_name: String,
    pub(super) surname: String,
    pub(super) asked_at: Timestamp,
    pub(super) state: String,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) answer: Option<String>,
    pub(super) service_cap: i32,
    pub(super) cap: Option<i32>,
    pub(super) taken: i64,
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stage {
    Open,
    Accepted,
    Refused,
}

impl Request {
    pub(super) fn stage(&self) -> Stage {
        match self.state.as_str() {
            "accepted" => Stage::Accepted,
            "refused" => Stage::Refused,
            _ => Stage::Open,
        }
    }

    /// How the cap that it is about stands.
    pub(super) fn gauge(&self) -> Gauge {
        Gauge::new(u32::try_from(self.taken).unwrap_or_default(), 0, self.limit())
    }

    /// That cap, where there is one.
    pub(super) fn limit(&self) -> Option<u32> {
        self.cap.and_then(|cap| u32::try_from(cap).ok())
    }

    /// What it is about, in words.
    pub(super) fn about(&self) -> String {
        match &self.role {
            Some(role) => format!("{}, rôle « {role} »", self.service),
            None => self.service.clone(),
        }
    }
}

/// $3 is the day on which places are counted.
macro_rules! request {
    () => {
        "SELECT r.id, r.partner_id, r.membership_id, r.role_id, p.legal_name AS partner, s.name AS service, \
         s.code AS service_code, l.name AS role, r.wanted, r.reason, a.given_name, a.surname, r.asked_at, r.state, \
         r.answered_at, r.answer, m.cap AS service_cap, \
         CASE WHEN r.role_id IS NULL THEN m.cap ELSE (SELECT c.cap FROM role_cap c \
         WHERE c.membership_id = r.membership_id AND c.role_id = r.role_id) END AS cap, \
         (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
         WHERE g.membership_id = r.membership_id AND (r.role_id IS NULL OR g.role_id = r.role_id) \
         AND (g.ends_on IS NULL OR g.ends_on >= $3)) AS taken \
         FROM cap_request r JOIN partner p ON p.id = r.partner_id JOIN membership m ON m.id = r.membership_id \
         JOIN service s ON s.id = m.service_id JOIN account a ON a.id = r.asked_by \
         LEFT JOIN service_role l ON l.id = r.role_id \
         WHERE r.organism_id = $1 AND ($2 IS NULL OR r.partner_id = $2) "
    };
}

/// One request; the day, then its id, are still to be bound.
pub(super) const ONE: &str = concat!(request!(), "AND r.id = $4");

pub(super) async fn one(
    select: Query<'_>,
    request: CapRequestId,
    today: Day,
) -> Result<Option<Request>, DbError> {
    select.bind(today).bind(request).fetch_optional().await
}

/// Those that wait, the oldest first.
pub(super) async fn open(reader: &mut Reader, today: Day) -> Result<Vec<Request>, DbError> {
    reader
        .select(concat!(request!(), "AND r.state = 'open' ORDER BY r.asked_at, r.id LIMIT 200"))
        .bind(today)
        .fetch_all()
        .await
}

/// How many answered requests a page shows.
pub(super) const PAGE: usize = 25;

/// Those that were answered, the latest first, after one of them.
pub(super) async fn answered(
    reader: &mut Reader,
    today: Day,
    after: Option<CapRequestId>,
) -> Result<Vec<Request>, DbError> {
    reader
        .select(concat!(
            request!(),
            "AND r.state <> 'open' AND ($4 IS NULL OR (r.answered_at, r.id) < \
             (SELECT q.answered_at, q.id FROM cap_request q WHERE q.id = $4)) \
             ORDER BY r.answered_at DESC, r.id DESC LIMIT 26"
        ))
        .bind(today)
        .bind(after)
        .fetch_all()
        .await
}

/// The latest requests about one membership.
pub(super) async fn of_membership(
    reader: &mut Reader,
    membership: MembershipId,
    today: Day,
) -> Result<Vec<Request>, DbError> {
    reader
        .select(concat!(request!(), "AND r.membership_id = $4 ORDER BY r.asked_at DESC, r.id DESC LIMIT 10"))
        .bind(today)
        .bind(membership)
        .fetch_all()
        .await
}

/// A membership as asking for more sees it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Membership {
    pub(super) service: String,
    pub(super) service_code: String,
    pub(super) organism: String,
    pub(super) cap: i32,
    pub(super) taken: i64,
}

/// One membership of one partner: both ids, then the day, are still to be bound.
pub(super) const MEMBERSHIP: &str = "SELECT s.name AS service, s.code AS service_code, o.name AS organism, m.cap, \
     (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
     WHERE g.membership_id = m.id AND (g.ends_on IS NULL OR g.ends_on >= $5)) AS taken \
     FROM membership m JOIN service s ON s.id = m.service_id JOIN organism o ON o.id = m.organism_id \
     WHERE m.partner_id = $3 AND m.id = $4 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2)";

pub(super) async fn membership(
    select: Query<'_>,
    partner: PartnerId,
    membership: MembershipId,
    today: Day,
) -> Result<Option<Membership>, DbError> {
    select.bind(partner).bind(membership).bind(today).fetch_optional().await
}

/// A role that has a cap of its own.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Role {
    pub(super) id: RoleId,
    pub(super) name: String,
    pub(super) cap: i32,
    pub(super) taken: i64,
}

/// The capped roles of a membership, whose id, then the day, are still to be bound.
pub(super) const ROLES: &str = "SELECT r.id, r.name, c.cap, \
     (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
     WHERE g.membership_id = m.id AND g.role_id = r.id AND (g.ends_on IS NULL OR g.ends_on >= $4)) AS taken \
     FROM membership m JOIN role_cap c ON c.membership_id = m.id JOIN service_role r ON r.id = c.role_id \
     WHERE m.id = $3 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) ORDER BY r.position, r.id LIMIT 200";

pub(super) async fn roles(
    select: Query<'_>,
    membership: MembershipId,
    today: Day,
) -> Result<Vec<Role>, DbError> {
    select.bind(membership).bind(today).fetch_all().await
}

/// A gauge of people who take a place, whatever their state.
pub(super) fn gauge(taken: i64, cap: i32) -> Gauge {
    Gauge::new(u32::try_from(taken).unwrap_or_default(), 0, u32::try_from(cap).ok())
}

/// Whether a request for the same places waits. Its partner's row is taken: no other can come meanwhile.
pub(super) async fn waits(
    tx: &mut WriteTx,
    membership: MembershipId,
    role: Option<RoleId>,
) -> Result<bool, DbError> {
    let open: i64 = tx
        .write(
            "SELECT CAST(count(*) AS BIGINT) FROM cap_request WHERE membership_id = $1 AND state = 'open' \
             AND ((role_id IS NULL AND $2 IS NULL) OR role_id = $2)",
        )
        .bind(membership)
        .bind(role)
        .fetch_value()
        .await?;
    Ok(open > 0)
}

/// What is asked.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) role: Option<RoleId>,
    pub(super) people: u32,
    pub(super) reason: String,
}

pub(super) async fn insert(
    tx: &mut WriteTx,
    request: CapRequestId,
    (organism, partner, membership): (OrganismId, PartnerId, MembershipId),
    by: AccountId,
    wanted: &Wanted,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO cap_request (id, organism_id, partner_id, membership_id, role_id, wanted, reason, asked_by, \
         asked_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open')",
    )
    .bind(request)
    .bind(organism)
    .bind(partner)
    .bind(membership)
    .bind(wanted.role)
    .bind(i32::try_from(wanted.people).unwrap_or(i32::MAX))
    .bind(wanted.reason.clone())
    .bind(by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Closes a request with its answer; `false` when it has one already.
pub(super) async fn close(
    tx: &mut WriteTx,
    request: CapRequestId,
    state: &'static str,
    by: AccountId,
    answer: Option<&str>,
) -> Result<bool, DbError> {
    let now = tx.now();
    let closed = tx
        .write(
            "UPDATE cap_request SET state = $2, answered_by = $3, answered_at = $4, answer = $5 \
             WHERE id = $1 AND state = 'open'",
        )
        .bind(request)
        .bind(state)
        .bind(by)
        .bind(now)
        .bind(answer.map(str::to_owned))
        .execute()
        .await?;
    Ok(closed == 1)
}

/// Raises the cap that a request is about. Whoever has the form of caps open sees that they changed.
pub(super) async fn raise(tx: &mut WriteTx, request: &Request, cap: u32) -> Result<(), DbError> {
    let cap = i32::try_from(cap).unwrap_or(i32::MAX);
    match request.role_id {
        None => {
            tx.write("UPDATE membership SET cap = $2, version = version + 1 WHERE id = $1")
                .bind(request.membership_id)
                .bind(cap)
                .execute()
                .await?;
        }
        Some(role) => {
            tx.write("UPDATE membership SET version = version + 1 WHERE id = $1")
                .bind(request.membership_id)
                .execute()
                .await?;
            tx.write(
                "INSERT INTO role_cap (membership_id, role_id, cap) VALUES ($1, $2, $3) \
                 ON CONFLICT (membership_id, role_id) DO UPDATE SET cap = excluded.cap",
            )
            .bind(request.membership_id)
            .bind(role)
            .bind(cap)
            .execute()
            .await?;
        }
    }
    Ok(())
}
