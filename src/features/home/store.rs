//! What dashboards read of the rows of other slices: their own projections, bounded by what the actor sees.

use crate::db::{DbError, FromRow, Reader};
use crate::domain::day::Day;
use crate::domain::id::{
    AccountId, CapRequestId, JustificationId, KeptFormId, MembershipId, PartnerId, TraceRequestId,
};
use crate::domain::memberships::{Conditions, convention_holds_from};
use crate::domain::session::KEPT_FORM_LIMIT;
use crate::domain::time::Timestamp;

/// Lines of one kind that a dashboard shows; the others wait on the pages of their own.
pub(super) const MOST: i64 = 20;

/// What the reader had typed in a form that was not sent.
#[derive(FromRow)]
pub(super) struct KeptForm {
    pub(super) id: KeptFormId,
    pub(super) path: String,
    pub(super) kept_at: Timestamp,
}

pub(super) async fn kept_forms(reader: &mut Reader, now: Timestamp) -> Result<Vec<KeptForm>, DbError> {
    let account = reader.visible().account();
    reader
        .select(
            "SELECT id, path, kept_at FROM kept_form WHERE organism_id = $1 AND ($2 IS NULL OR partner_id = $2) \
             AND account_id = $3 AND kept_at > $4 ORDER BY kept_at DESC, id",
        )
        .bind(account)
        .bind(now.minus(KEPT_FORM_LIMIT))
        .fetch_all()
        .await
}

/// A request for more places that waits for its answer.
#[derive(FromRow)]
pub(super) struct OpenRequest {
    pub(super) id: CapRequestId,
    pub(super) partner: String,
    pub(super) service: String,
    pub(super) role: Option<String>,
    pub(super) wanted: i32,
    pub(super) reason: String,
    pub(super) asked_at: Timestamp,
}

pub(super) async fn open_requests(reader: &mut Reader) -> Result<Vec<OpenRequest>, DbError> {
    reader
        .select(
            "SELECT q.id, p.legal_name AS partner, s.name AS service, r.name AS role, q.wanted, q.reason, q.asked_at \
             FROM cap_request q JOIN partner p ON p.id = q.partner_id JOIN membership m ON m.id = q.membership_id \
             JOIN service s ON s.id = m.service_id LEFT JOIN service_role r ON r.id = q.role_id \
             WHERE q.organism_id = $1 AND ($2 IS NULL OR q.partner_id = $2) AND q.state = 'open' \
             ORDER BY q.asked_at, q.id LIMIT $3",
        )
        .bind(MOST)
        .fetch_all()
        .await
}

/// What the organism asks a partner to justify, and when.
#[derive(FromRow)]
pub(super) struct AwaitedJustification {
    pub(super) id: JustificationId,
    pub(super) person: String,
    pub(super) day: Day,
    pub(super) due_on: Day,
}

/// Those that the reader may still answer, the most pressing first: neither about himself, nor about what was decided
/// meanwhile.
pub(super) async fn awaited_justifications(
    reader: &mut Reader,
) -> Result<Vec<AwaitedJustification>, DbError> {
    let me = reader.visible().account();
    reader
        .select(
            "SELECT j.id, a.given_name || ' ' || a.surname AS person, j.day, j.due_on FROM justification j \
             JOIN account a ON a.id = j.account_id WHERE j.organism_id = $1 AND ($2 IS NULL OR j.partner_id = $2) \
             AND j.account_id <> $3 AND j.answered_at IS NULL AND EXISTS \
             (SELECT 1 FROM use_signal g WHERE g.id = j.signal_id AND g.decision IS NULL) \
             ORDER BY j.due_on, j.id LIMIT $4",
        )
        .bind(me)
        .bind(MOST)
        .fetch_all()
        .await
}

/// A request for traces that waits.
#[derive(FromRow)]
pub(super) struct TraceDemand {
    pub(super) id: TraceRequestId,
    pub(super) partner_id: Option<PartnerId>,
    /// The person, or the body.
    pub(super) who: String,
    pub(super) from_on: Day,
    pub(super) to_on: Day,
    pub(super) due_on: Day,
}

/// The columns of a request for traces named `q`, under a condition.
macro_rules! demands {
    ($rest:literal) => {
        concat!(
            "SELECT q.id, q.partner_id, COALESCE(q.body_name, a.given_name || ' ' || a.surname) AS who, q.from_on, \
             q.to_on, q.due_on FROM trace_request q LEFT JOIN account a ON a.id = q.account_id \
             LEFT JOIN partner p ON p.id = q.partner_id \
             WHERE q.organism_id = $1 AND ($2 IS NULL OR q.partner_id = $2) AND q.closed_on IS NULL ",
            $rest
        )
    };
}

/// Those of the people whom the reader manages: of his partner, or of those that nobody of their own administers.
pub(super) async fn trace_requests_to_pass_on(reader: &mut Reader) -> Result<Vec<TraceDemand>, DbError> {
    reader
        .select(demands!(
            "AND q.state = 'asked' AND p.mode = CASE WHEN $2 IS NULL THEN 'centralised' ELSE 'delegated' END \
             ORDER BY q.due_on, q.id LIMIT $3"
        ))
        .bind(MOST)
        .fetch_all()
        .await
}

/// Those that wait for the organism, and those that are late.
pub(super) async fn trace_requests_to_answer(
    reader: &mut Reader,
    today: Day,
) -> Result<Vec<TraceDemand>, DbError> {
    reader
        .select(demands!("AND (q.state <> 'asked' OR q.due_on <= $3) ORDER BY q.due_on, q.id LIMIT $4"))
        .bind(today)
        .bind(MOST)
        .fetch_all()
        .await
}

/// A membership whose service is not open.
pub(super) struct Closed {
    pub(super) id: MembershipId,
    pub(super) partner_id: PartnerId,
    pub(super) partner: String,
    pub(super) service: String,
    pub(super) created_at: Timestamp,
    pub(super) conditions: Conditions,
}

#[derive(FromRow)]
struct ClosedRow {
    id: MembershipId,
    partner_id: PartnerId,
    partner: String,
    service: String,
    created_at: Timestamp,
    available_on: Option<Day>,
    formality_done_on: Option<Day>,
    contract_signed_on: Option<Day>,
    signed_on: Option<Day>,
    convention_signed_on: Option<Day>,
    convention_effective_on: Option<Day>,
}

/// Memberships in which a condition has no day yet.
pub(super) async fn incomplete(reader: &mut Reader) -> Result<Vec<Closed>, DbError> {
    let rows: Vec<ClosedRow> = reader
        .select(
            "SELECT m.id, m.partner_id, p.legal_name AS partner, s.name AS service, m.created_at, m.available_on, \
             m.formality_done_on, m.contract_signed_on, m.signed_on, c.signed_on AS convention_signed_on, \
             c.effective_on AS convention_effective_on \
             FROM membership m JOIN partner p ON p.id = m.partner_id JOIN service s ON s.id = m.service_id \
             LEFT JOIN convention c ON c.partner_id = m.partner_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) \
             AND (m.available_on IS NULL OR m.formality_done_on IS NULL OR m.contract_signed_on IS NULL \
               OR m.signed_on IS NULL OR c.signed_on IS NULL) \
             ORDER BY m.created_at, m.id LIMIT $3",
        )
        .bind(MOST)
        .fetch_all()
        .await?;
    let closed = |row: ClosedRow| Closed {
        id: row.id,
        partner_id: row.partner_id,
        partner: row.partner,
        service: row.service,
        created_at: row.created_at,
        conditions: Conditions {
            formality: row.formality_done_on,
            convention: convention_holds_from(row.convention_signed_on, row.convention_effective_on),
            contract: row.contract_signed_on,
            membership: row.signed_on,
            available_on: row.available_on,
        },
    };
    Ok(rows.into_iter().map(closed).collect())
}

/// A partner that nobody manages, or whose principal never signed in.
#[derive(FromRow)]
pub(super) struct Unmanaged {
    pub(super) id: PartnerId,
    pub(super) partner: String,
    pub(super) since: Timestamp,
}

pub(super) async fn without_principal(reader: &mut Reader) -> Result<Vec<Unmanaged>, DbError> {
    reader
        .select(
            "SELECT p.id, p.legal_name AS partner, p.created_at AS since FROM partner p \
             WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) AND p.mode = 'delegated' AND NOT EXISTS \
               (SELECT 1 FROM account a WHERE a.partner_id = p.id AND a.office = 'principal') \
             ORDER BY p.created_at, p.id LIMIT $3",
        )
        .bind(MOST)
        .fetch_all()
        .await
}

/// Principals created before that instant, whose first sign-in is still awaited.
pub(super) async fn silent_principals(
    reader: &mut Reader,
    before: Timestamp,
) -> Result<Vec<Unmanaged>, DbError> {
    reader
        .select(
            "SELECT p.id, p.legal_name AS partner, a.created_at AS since \
             FROM account a JOIN partner p ON p.id = a.partner_id \
             WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.office = 'principal' \
             AND a.password_hash IS NULL AND a.suspended_at IS NULL AND a.created_at < $3 \
             ORDER BY a.created_at, a.id LIMIT $4",
        )
        .bind(before)
        .bind(MOST)
        .fetch_all()
        .await
}

/// Partners whose principal was sent a code that no mail could bring: the last one was given up.
pub(super) async fn unreached_principals(reader: &mut Reader) -> Result<Vec<Unmanaged>, DbError> {
    reader
        .select(
            "SELECT p.id, p.legal_name AS partner, o.created_at AS since FROM outbox o \
             JOIN account a ON a.id = o.account_id JOIN partner p ON p.id = a.partner_id \
             WHERE o.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND o.state = 'failed' \
             AND a.office <> 'user' AND a.password_hash IS NULL AND a.secret_hash IS NULL \
             AND a.suspended_at IS NULL AND NOT EXISTS (SELECT 1 FROM outbox l \
               WHERE l.account_id = o.account_id AND l.created_at > o.created_at) \
             ORDER BY o.created_at, o.id LIMIT $3",
        )
        .bind(MOST)
        .fetch_all()
        .await
}

/// How one cap stands: of a service, or of a role of it.
#[derive(FromRow)]
pub(super) struct CapUse {
    pub(super) membership: MembershipId,
    pub(super) partner_id: PartnerId,
    pub(super) partner: String,
    pub(super) service: String,
    pub(super) role: Option<String>,
    pub(super) cap: i64,
    pub(super) active: i64,
    pub(super) taken: i64,
}

/// Every cap: `$3` is today. Counted as `domain::caps` counts: distinct people, those who wait included.
macro_rules! caps {
    ($tail:literal) => {
        concat!(
            "SELECT membership, partner_id, partner, service, role, cap, active, taken FROM (\
             SELECT m.id AS membership, m.partner_id, p.legal_name AS partner, p.name_key, s.name AS service, \
               CAST(NULL AS TEXT) AS role, 0 AS position, CAST(m.cap AS BIGINT) AS cap, \
               (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
                 JOIN account a ON a.id = g.account_id WHERE g.membership_id = m.id AND g.starts_on <= $3 \
                 AND (g.ends_on IS NULL OR g.ends_on >= $3) AND a.password_hash IS NOT NULL \
                 AND a.suspended_at IS NULL) AS active, \
               (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
                 WHERE g.membership_id = m.id AND (g.ends_on IS NULL OR g.ends_on >= $3)) AS taken \
             FROM membership m JOIN partner p ON p.id = m.partner_id JOIN service s ON s.id = m.service_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) \
             UNION ALL \
             SELECT m.id AS membership, m.partner_id, p.legal_name AS partner, p.name_key, s.name AS service, \
               r.name AS role, r.position, CAST(k.cap AS BIGINT) AS cap, \
               (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
                 JOIN account a ON a.id = g.account_id WHERE g.membership_id = m.id AND g.role_id = k.role_id \
                 AND g.starts_on <= $3 AND (g.ends_on IS NULL OR g.ends_on >= $3) \
                 AND a.password_hash IS NOT NULL AND a.suspended_at IS NULL) AS active, \
               (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
                 WHERE g.membership_id = m.id AND g.role_id = k.role_id \
                 AND (g.ends_on IS NULL OR g.ends_on >= $3)) AS taken \
             FROM membership m JOIN role_cap k ON k.membership_id = m.id JOIN service_role r ON r.id = k.role_id \
             JOIN partner p ON p.id = m.partner_id JOIN service s ON s.id = m.service_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2)) AS caps ",
            $tail
        )
    };
}

/// The caps that are passed.
pub(super) async fn overdrawn(reader: &mut Reader, today: Day) -> Result<Vec<CapUse>, DbError> {
    reader
        .select(caps!("WHERE taken > cap ORDER BY name_key, service, position LIMIT $4"))
        .bind(today)
        .bind(MOST)
        .fetch_all()
        .await
}

/// Every cap of what the actor sees.
pub(super) async fn caps(reader: &mut Reader, today: Day) -> Result<Vec<CapUse>, DbError> {
    reader
        .select(caps!("ORDER BY name_key, service, position LIMIT $4"))
        .bind(today)
        .bind(MOST)
        .fetch_all()
        .await
}

/// The organism in figures.
#[derive(FromRow)]
pub(super) struct Figures {
    pub(super) partners: i64,
    pub(super) people: i64,
    pub(super) places: i64,
    pub(super) awaited: i64,
}

pub(super) async fn figures(reader: &mut Reader, today: Day) -> Result<Figures, DbError> {
    let row: Option<Figures> = reader
        .select(
            "SELECT \
             (SELECT CAST(count(*) AS BIGINT) FROM partner p \
               WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)) AS partners, \
             (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
               WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) \
               AND (g.ends_on IS NULL OR g.ends_on >= $3)) AS people, \
             (SELECT CAST(COALESCE(sum(m.cap), 0) AS BIGINT) FROM membership m \
               WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2)) AS places, \
             (SELECT CAST(count(*) AS BIGINT) FROM account a \
               WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.office = 'user' \
               AND a.password_hash IS NULL AND a.suspended_at IS NULL) AS awaited",
        )
        .bind(today)
        .fetch_optional()
        .await?;
    row.ok_or_else(|| DbError::Defect("no row of figures".to_owned()))
}

/// A partner's people in figures.
#[derive(FromRow)]
pub(super) struct Staff {
    pub(super) people: i64,
    pub(super) awaited: i64,
    pub(super) expired: i64,
    pub(super) unreached: i64,
    pub(super) without_grant: i64,
}

pub(super) async fn staff(reader: &mut Reader, today: Day, now: Timestamp) -> Result<Staff, DbError> {
    let row: Option<Staff> = reader
        .select(
            "SELECT CAST(count(*) AS BIGINT) AS people, \
             CAST(COALESCE(sum(CASE WHEN a.password_hash IS NULL AND a.suspended_at IS NULL THEN 1 ELSE 0 END), 0) \
               AS BIGINT) AS awaited, \
             CAST(COALESCE(sum(CASE WHEN a.password_hash IS NULL AND a.suspended_at IS NULL \
               AND a.secret_expires_at < $4 THEN 1 ELSE 0 END), 0) AS BIGINT) AS expired, \
             CAST(COALESCE(sum(CASE WHEN a.password_hash IS NULL AND a.suspended_at IS NULL AND a.secret_hash IS NULL \
               AND EXISTS (SELECT 1 FROM outbox o WHERE o.account_id = a.id AND o.state = 'failed' AND NOT EXISTS \
                 (SELECT 1 FROM outbox l WHERE l.account_id = a.id AND l.created_at > o.created_at)) \
               THEN 1 ELSE 0 END), 0) AS BIGINT) AS unreached, \
             CAST(COALESCE(sum(CASE WHEN NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = a.id \
               AND (g.ends_on IS NULL OR g.ends_on >= $3)) THEN 1 ELSE 0 END), 0) AS BIGINT) AS without_grant \
             FROM account a \
             WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.office = 'user'",
        )
        .bind(today)
        .bind(now)
        .fetch_optional()
        .await?;
    row.ok_or_else(|| DbError::Defect("no row of staff".to_owned()))
}

/// A role that somebody holds today.
#[derive(FromRow)]
pub(super) struct OwnRole {
    pub(super) membership: MembershipId,
    pub(super) service: String,
    pub(super) role: String,
    pub(super) opens_at: Option<i32>,
    pub(super) closes_at: Option<i32>,
    pub(super) perimeter: String,
    pub(super) ends_on: Option<Day>,
    pub(super) available_on: Option<Day>,
    pub(super) formality_done_on: Option<Day>,
    pub(super) contract_signed_on: Option<Day>,
    pub(super) signed_on: Option<Day>,
    pub(super) convention_signed_on: Option<Day>,
    pub(super) convention_effective_on: Option<Day>,
}

pub(super) async fn own_roles(
    reader: &mut Reader,
    account: AccountId,
    today: Day,
) -> Result<Vec<OwnRole>, DbError> {
    reader
        .select(
            "SELECT m.id AS membership, s.name AS service, r.name AS role, s.opens_at, s.closes_at, \
             g.perimeter, g.ends_on, m.available_on, \
             m.formality_done_on, m.contract_signed_on, m.signed_on, c.signed_on AS convention_signed_on, \
             c.effective_on AS convention_effective_on \
             FROM role_grant g JOIN membership m ON m.id = g.membership_id JOIN service s ON s.id = m.service_id \
             JOIN service_role r ON r.id = g.role_id LEFT JOIN convention c ON c.partner_id = m.partner_id \
             WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.account_id = $3 \
             AND g.starts_on <= $4 AND (g.ends_on IS NULL OR g.ends_on >= $4) \
             ORDER BY s.name, r.position, g.id LIMIT 100",
        )
        .bind(account)
        .bind(today)
        .fetch_all()
        .await
}

/// How many traces of a kind.
#[derive(FromRow)]
pub(super) struct Tally {
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) count: i64,
}

/// The traces since an instant, counted by kind.
pub(super) async fn tallies(reader: &mut Reader, since: Timestamp) -> Result<Vec<Tally>, DbError> {
    reader
        .select(
            "SELECT t.fact, t.outcome, CAST(count(*) AS BIGINT) AS count FROM trace t \
             WHERE t.organism_id = $1 AND ($2 IS NULL OR t.partner_id = $2) AND t.at >= $3 \
             GROUP BY t.fact, t.outcome",
        )
        .bind(since)
        .fetch_all()
        .await
}

/// Signals of atypical use that wait for the auditor.
pub(super) async fn waiting_signals(reader: &mut Reader) -> Result<i64, DbError> {
    reader
        .select(
            "SELECT CAST(count(*) AS BIGINT) FROM use_signal WHERE organism_id = $1 \
             AND ($2 IS NULL OR partner_id = $2) AND state IN ('open', 'answered')",
        )
        .fetch_value()
        .await
}
