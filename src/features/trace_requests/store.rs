//! The rows of requests for traces, what is given in answer, and the acts of a person in the log.

use crate::db::{DbError, FromRow, Reader, Selects, WriteTx};
use crate::domain::access::Mode;
use crate::domain::day::Day;
use crate::domain::id::{AccountId, OrganismId, PartnerId, TraceId, TraceRequestId};
use crate::domain::time::Timestamp;
use crate::domain::trace_requests::{MOST_LINES, State, Way};
use crate::domain::trace_search::{Period, Place};

/// A request with the names of those that it concerns.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Request {
    pub(super) id: TraceRequestId,
    pub(super) partner_id: Option<PartnerId>,
    pub(super) partner: Option<String>,
    pub(super) account_id: Option<AccountId>,
    pub(super) person: Option<String>,
    pub(super) identifier: Option<String>,
    pub(super) body_name: Option<String>,
    pub(super) body_code: Option<String>,
    pub(super) contact_name: Option<String>,
    pub(super) contact_mail: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) basis: Option<String>,
    pub(super) reason: String,
    from_on: Day,
    to_on: Day,
    pub(super) registered_at: Timestamp,
    pub(super) received_on: Day,
    pub(super) due_on: Day,
    pub(super) state: State,
    pub(super) passed_by: Option<String>,
    pub(super) passed_at: Option<Timestamp>,
    pub(super) pass_reason: Option<String>,
    pub(super) answered_by: Option<String>,
    pub(super) answered_at: Option<Timestamp>,
    pub(super) answer: Option<String>,
    given_from: Option<Day>,
    given_to: Option<Day>,
    pub(super) way: Option<Way>,
    pub(super) handed_to: Option<String>,
    pub(super) handed_on: Option<Day>,
    pub(super) lines: Option<i32>,
    digest: Option<Vec<u8>>,
    pub(super) checkpoint: Option<String>,
    pub(super) readable_until: Option<Day>,
    pub(super) closed_on: Option<Day>,
}

impl Request {
    /// The days that are asked for.
    pub(super) fn days(&self) -> Period {
        Period { from: self.from_on, to: self.to_on }
    }

    /// The days that are given.
    pub(super) fn given(&self) -> Option<Period> {
        Some(Period { from: self.given_from?, to: self.given_to? })
    }

    /// SHA-256 of what was handed over, in hexadecimal.
    pub(super) fn digest(&self) -> Option<String> {
        self.digest.as_deref().map(crate::crypto::hex)
    }

    /// Whether its author still reads there what he was given.
    pub(super) fn is_readable(&self, today: Day) -> bool {
        self.readable_until.is_some_and(|last| today <= last)
    }
}

/// The columns of a request named `q`, under a condition.
macro_rules! requests {
    ($rest:literal) => {
        concat!(
            "SELECT q.id, q.partner_id, p.legal_name AS partner, q.account_id, \
             a.given_name || ' ' || a.surname AS person, a.identifier, q.body_name, q.body_code, q.contact_name, \
             q.contact_mail, q.subject, q.basis, q.reason, q.from_on, q.to_on, q.registered_at, q.received_on, \
             q.due_on, q.state, s.given_name || ' ' || s.surname AS passed_by, q.passed_at, q.pass_reason, \
             b.given_name || ' ' || b.surname AS answered_by, q.answered_at, q.answer, q.given_from, q.given_to, \
             q.way, q.handed_to, q.handed_on, q.lines, q.digest, q.checkpoint, q.readable_until, q.closed_on \
             FROM trace_request q LEFT JOIN partner p ON p.id = q.partner_id \
             LEFT JOIN account a ON a.id = q.account_id LEFT JOIN account s ON s.id = q.passed_by \
             LEFT JOIN account b ON b.id = q.answered_by \
             WHERE q.organism_id = $1 AND ($2 IS NULL OR q.partner_id = $2) ",
            $rest
        )
    };
}

/// Somebody's own, the last one first.
pub(super) async fn own(
    rows: &mut impl Selects,
    account: AccountId,
    most: i64,
) -> Result<Vec<Request>, DbError> {
    rows.select(requests!("AND q.account_id = $3 ORDER BY q.registered_at DESC, q.id DESC LIMIT $4"))
        .bind(account)
        .bind(most)
        .fetch_all()
        .await
}

/// One of somebody's own.
pub(super) async fn own_one(
    rows: &mut impl Selects,
    account: AccountId,
    id: TraceRequestId,
) -> Result<Option<Request>, DbError> {
    rows.select(requests!("AND q.account_id = $3 AND q.id = $4"))
        .bind(account)
        .bind(id)
        .fetch_optional()
        .await
}

/// Those of a partner's people, what waits for the superior at the head.
pub(super) async fn of_partner(
    rows: &mut impl Selects,
    partner: PartnerId,
    most: i64,
) -> Result<Vec<Request>, DbError> {
    rows.select(requests!(
        "AND q.partner_id = $3 ORDER BY CASE q.state WHEN 'asked' THEN 0 ELSE 1 END, q.registered_at DESC, q.id DESC \
         LIMIT $4"
    ))
    .bind(partner)
    .bind(most)
    .fetch_all()
    .await
}

/// One of a partner's people.
pub(super) async fn one_of_partner(
    rows: &mut impl Selects,
    partner: PartnerId,
    id: TraceRequestId,
) -> Result<Option<Request>, DbError> {
    rows.select(requests!("AND q.partner_id = $3 AND q.id = $4"))
        .bind(partner)
        .bind(id)
        .fetch_optional()
        .await
}

/// Those that wait, the most pressing first.
pub(super) async fn pending(rows: &mut impl Selects, most: i64) -> Result<Vec<Request>, DbError> {
    rows.select(requests!("AND q.closed_on IS NULL ORDER BY q.due_on, q.id LIMIT $3"))
        .bind(most)
        .fetch_all()
        .await
}

/// Those that are closed, the last one first.
pub(super) async fn closed(rows: &mut impl Selects, most: i64) -> Result<Vec<Request>, DbError> {
    rows.select(requests!("AND q.closed_on IS NOT NULL ORDER BY q.closed_on DESC, q.id DESC LIMIT $3"))
        .bind(most)
        .fetch_all()
        .await
}

/// One of the register.
pub(super) async fn one(rows: &mut impl Selects, id: TraceRequestId) -> Result<Option<Request>, DbError> {
    rows.select(requests!("AND q.id = $3")).bind(id).fetch_optional().await
}

/// The name of a partner and who manages its people.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Employer {
    pub(super) legal_name: String,
    pub(super) mode: Mode,
}

pub(super) async fn employer(reader: &mut Reader, partner: PartnerId) -> Result<Option<Employer>, DbError> {
    reader
        .select(
            "SELECT p.legal_name, p.mode FROM partner p \
             WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) AND p.id = $3",
        )
        .bind(partner)
        .fetch_optional()
        .await
}

/// A request about to be written.
pub(super) struct NewRequest<'a> {
    pub(super) id: TraceRequestId,
    pub(super) organism: OrganismId,
    /// Whose own traces are asked for, and at which partner.
    pub(super) own: Option<(AccountId, PartnerId)>,
    /// The body that asks.
    pub(super) body: Option<&'a Body>,
    pub(super) reason: &'a str,
    pub(super) days: Period,
    pub(super) by: AccountId,
    pub(super) received_on: Day,
    pub(super) due_on: Day,
}

/// A body that asks, and what for.
#[derive(Clone, Debug)]
pub(super) struct Body {
    pub(super) name: String,
    pub(super) code: String,
    pub(super) contact_name: String,
    pub(super) contact_mail: String,
    pub(super) subject: String,
    pub(super) basis: String,
}

pub(super) async fn insert(tx: &mut WriteTx, new: &NewRequest<'_>) -> Result<(), DbError> {
    let now = tx.now();
    let (account, partner) = new.own.unzip();
    let body = new.body;
    let state = if new.own.is_some() { State::Asked } else { State::Open };
    tx.write(
        "INSERT INTO trace_request (id, organism_id, kind, partner_id, account_id, body_name, body_code, contact_name, \
         contact_mail, subject, basis, reason, from_on, to_on, registered_by, registered_at, received_on, due_on, \
         state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(new.id)
    .bind(new.organism)
    .bind(if new.own.is_some() { "own" } else { "body" })
    .bind(partner)
    .bind(account)
    .bind(body.map(|body| body.name.clone()))
    .bind(body.map(|body| body.code.clone()))
    .bind(body.map(|body| body.contact_name.clone()))
    .bind(body.map(|body| body.contact_mail.clone()))
    .bind(body.map(|body| body.subject.clone()))
    .bind(body.map(|body| body.basis.clone()))
    .bind(new.reason.to_owned())
    .bind(new.days.from)
    .bind(new.days.to)
    .bind(new.by)
    .bind(now)
    .bind(new.received_on)
    .bind(new.due_on)
    .bind(state)
    .execute()
    .await?;
    Ok(())
}

/// Passes a request on, or declines it; `false` when it no longer waited.
pub(super) async fn pass(
    tx: &mut WriteTx,
    id: TraceRequestId,
    by: AccountId,
    (declined, today): (Option<&str>, Day),
) -> Result<bool, DbError> {
    let now = tx.now();
    let passed = tx
        .write(
            "UPDATE trace_request SET state = $2, passed_by = $3, passed_at = $4, pass_reason = $5, closed_on = $6, \
             reminded = 0 WHERE id = $1 AND state = 'asked'",
        )
        .bind(id)
        .bind(if declined.is_some() { State::Declined } else { State::Open })
        .bind(by)
        .bind(now)
        .bind(declined.map(str::to_owned))
        .bind(declined.map(|_| today))
        .execute()
        .await?;
    Ok(passed == 1)
}

/// An answer about to be written.
pub(super) struct Answer<'a> {
    pub(super) state: State,
    pub(super) by: AccountId,
    pub(super) reason: Option<&'a str>,
    pub(super) given: Option<Period>,
    /// Nothing waits any more from that day on.
    pub(super) closed_on: Option<Day>,
}

/// Answers a request; `false` when it no longer waited.
pub(super) async fn answer(
    tx: &mut WriteTx,
    id: TraceRequestId,
    answer: &Answer<'_>,
) -> Result<bool, DbError> {
    let now = tx.now();
    let answered = tx
        .write(
            "UPDATE trace_request SET state = $2, answered_by = $3, answered_at = $4, answer = $5, given_from = $6, \
             given_to = $7, closed_on = $8 WHERE id = $1 AND state = 'open'",
        )
        .bind(id)
        .bind(answer.state)
        .bind(answer.by)
        .bind(now)
        .bind(answer.reason.map(str::to_owned))
        .bind(answer.given.map(|days| days.from))
        .bind(answer.given.map(|days| days.to))
        .bind(answer.closed_on)
        .execute()
        .await?;
    Ok(answered == 1)
}

/// What was handed over, and how.
pub(super) struct Handing<'a> {
    pub(super) way: Way,
    pub(super) to: &'a str,
    pub(super) on: Day,
    pub(super) lines: Option<i32>,
    pub(super) digest: [u8; 32],
    pub(super) checkpoint: Option<String>,
    pub(super) readable_until: Option<Day>,
    pub(super) closed_on: Day,
}

/// Writes down that what is given was handed over; `false` when it had been, or nothing is given.
pub(super) async fn hand_over(
    tx: &mut WriteTx,
    id: TraceRequestId,
    handing: &Handing<'_>,
) -> Result<bool, DbError> {
    let handed = tx
        .write(
            "UPDATE trace_request SET way = $2, handed_to = $3, handed_on = $4, lines = $5, digest = $6, \
             checkpoint = $7, readable_until = $8, closed_on = $9 \
             WHERE id = $1 AND state IN ('given', 'partial') AND handed_on IS NULL",
        )
        .bind(id)
        .bind(handing.way)
        .bind(handing.to.to_owned())
        .bind(handing.on)
        .bind(handing.lines)
        .bind(handing.digest.to_vec())
        .bind(handing.checkpoint.clone())
        .bind(handing.readable_until)
        .bind(handing.closed_on)
        .execute()
        .await?;
    Ok(handed == 1)
}

/// Keeps a part of what a person is given.
pub(super) async fn keep_part(
    tx: &mut WriteTx,
    (organism, request, position): (OrganismId, TraceRequestId, i32),
    body: &str,
) -> Result<(), DbError> {
    tx.write(
        "INSERT INTO trace_request_part (request_id, position, organism_id, body) VALUES ($1, $2, $3, $4)",
    )
    .bind(request)
    .bind(position)
    .bind(organism)
    .bind(body.to_owned())
    .execute()
    .await?;
    Ok(())
}

/// A part of what a person was given.
pub(super) async fn part(
    reader: &mut Reader,
    request: TraceRequestId,
    position: i32,
) -> Result<Option<String>, DbError> {
    let row: Option<(String,)> = reader
        .select(
            "SELECT r.body FROM trace_request_part r JOIN trace_request q ON q.id = r.request_id \
             WHERE r.organism_id = $1 AND ($2 IS NULL OR q.partner_id = $2) AND r.request_id = $3 AND r.position = $4",
        )
        .bind(request)
        .bind(position)
        .fetch_optional()
        .await?;
    Ok(row.map(|(body,)| body))
}

/// An act of somebody in the log.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Act {
    pub(super) id: TraceId,
    pub(super) at: Timestamp,
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) body: String,
}

/// What somebody did between two instants, in order, after a place. What is past its day is not his to read any more,
/// though an investigation still keeps it: that it does would tell him of it.
pub(super) async fn acts(
    reader: &mut Reader,
    account: AccountId,
    (after, until): (Place, Timestamp),
    today: Day,
    most: i64,
) -> Result<Vec<Act>, DbError> {
    reader
        .select(
            "SELECT t.id, t.at, t.fact, t.outcome, t.body FROM trace t WHERE t.organism_id = $1 \
             AND ($2 IS NULL OR t.partner_id = $2) AND t.actor_id = $3 AND (t.at, t.id) > ($4, $5) AND t.at < $6 \
             AND t.keep_until > $7 ORDER BY t.at, t.id LIMIT $8",
        )
        .bind(account)
        .bind(after.at)
        .bind(after.id)
        .bind(until)
        .bind(today)
        .bind(most)
        .planned_for_its_values()
        .fetch_all()
        .await
}

/// How many there are, counted to one more than an answer holds.
pub(super) async fn count(
    reader: &mut Reader,
    account: AccountId,
    (from, until): (Timestamp, Timestamp),
    today: Day,
) -> Result<usize, DbError> {
    let count: i64 = reader
        .select(
            "SELECT CAST(count(*) AS BIGINT) FROM (SELECT t.id FROM trace t WHERE t.organism_id = $1 \
             AND ($2 IS NULL OR t.partner_id = $2) AND t.actor_id = $3 AND t.at >= $4 AND t.at < $5 \
             AND t.keep_until > $6 LIMIT $7) AS k",
        )
        .bind(account)
        .bind(from)
        .bind(until)
        .bind(today)
        .bind(i64::try_from(MOST_LINES + 1).unwrap_or(i64::MAX))
        .planned_for_its_values()
        .fetch_value()
        .await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}
