//! The rows of exports, and the traces that stand in one, by ranges of the sealed log.

use super::sought::Sought;
use crate::db::exports::Turn;
use crate::db::{DbError, FromRow, Reader, WriteTx};
use crate::domain::access::Office;
use crate::domain::day::{Day, Zone};
use crate::domain::id::{AccountId, OrganismId, PartnerId, RoleId, TraceExportId, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace_export::{Failure, Format, KEPT};

/// An export.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Export {
    pub(super) id: TraceExportId,
    pub(super) organism_id: OrganismId,
    pub(super) partner_id: Option<PartnerId>,
    pub(super) account_id: AccountId,
    pub(super) format: Format,
    pub(super) from_day: Day,
    pub(super) to_day: Day,
    pub(super) search: String,
    pub(super) words: String,
    pub(super) reason: String,
    pub(super) asked_at: Timestamp,
    pub(super) state: String,
    pub(super) cause: Option<String>,
    pub(super) work: Option<String>,
    pub(super) traces: i64,
    pub(super) bytes: i64,
    pub(super) pieces: i32,
    pub(super) attempts: i32,
    pub(super) expires_at: Option<Timestamp>,
}

/// The columns of an export named `e`.
macro_rules! exports {
    ($rest:literal) => {
        concat!(
            "SELECT e.id, e.organism_id, e.partner_id, e.account_id, e.format, e.from_day, e.to_day, e.search, \
             e.words, e.reason, e.asked_at, e.state, e.cause, e.work, e.traces, e.bytes, e.pieces, e.attempts, \
             e.expires_at FROM trace_export e WHERE ",
            $rest
        )
    };
}

/// Those of one person, the last one first. Past its day one is gone, though a job has not erased it yet.
pub(super) async fn own(
    reader: &mut Reader,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<Export>, DbError> {
    reader
        .select(exports!(
            "e.organism_id = $1 AND ($2 IS NULL OR e.partner_id = $2) AND e.account_id = $3 \
             AND (e.expires_at IS NULL OR e.expires_at > $4) ORDER BY e.asked_at DESC, e.id DESC LIMIT 50"
        ))
        .bind(account)
        .bind(now)
        .fetch_all()
        .await
}

/// One of them.
pub(super) async fn one(
    reader: &mut Reader,
    id: TraceExportId,
    account: AccountId,
    now: Timestamp,
) -> Result<Option<Export>, DbError> {
    reader
        .select(exports!(
            "e.organism_id = $1 AND ($2 IS NULL OR e.partner_id = $2) AND e.account_id = $3 AND e.id = $4 \
             AND (e.expires_at IS NULL OR e.expires_at > $5)"
        ))
        .bind(account)
        .bind(id)
        .bind(now)
        .fetch_optional()
        .await
}

/// The one whose turn it is.
pub(super) async fn of_turn(reader: &mut Reader, turn: Turn) -> Result<Option<Export>, DbError> {
    reader
        .unbounded(exports!("e.id = $1 AND e.turn = $2 AND e.state = 'preparing'"))
        .bind(turn.id)
        .bind(turn.turn)
        .fetch_optional()
        .await
}

/// How many exports somebody has: under preparation, and in all.
pub(super) async fn counts(
    tx: &mut WriteTx,
    account: AccountId,
    now: Timestamp,
) -> Result<(i64, i64), DbError> {
    let counts: Option<(i64, i64)> = tx
        .select(
            "SELECT CAST(count(CASE WHEN state = 'preparing' THEN 1 END) AS BIGINT), CAST(count(*) AS BIGINT) \
             FROM trace_export WHERE organism_id = $1 AND ($2 IS NULL OR partner_id = $2) AND account_id = $3 \
             AND (expires_at IS NULL OR expires_at > $4)",
        )
        .bind(account)
        .bind(now)
        .fetch_optional()
        .await?;
    Ok(counts.unwrap_or_default())
}

/// An export that is asked for.
pub(super) struct New<'a> {
    pub(super) id: TraceExportId,
    pub(super) account: AccountId,
    pub(super) format: Format,
    pub(super) sought: &'a Sought,
    pub(super) words: &'a str,
    pub(super) reason: &'a str,
}

/// Writes it down.
pub(super) async fn insert(tx: &mut WriteTx, new: &New<'_>) -> Result<(), DbError> {
    let (now, visible) = (tx.now(), tx.actor().sees());
    let search = serde_json::to_string(new.sought).map_err(|error| DbError::Defect(error.to_string()))?;
    tx.write(
        "INSERT INTO trace_export (id, organism_id, partner_id, account_id, format, from_day, to_day, search, words, \
         reason, asked_at, state, traces, bytes, pieces, turn, attempts, until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'preparing', 0, 0, 0, 0, 0, $12)",
    )
    .bind(new.id)
    .bind(visible.organism())
    .bind(visible.partner())
    .bind(new.account)
    .bind(new.format)
    .bind(new.sought.period().from)
    .bind(new.sought.period().to)
    .bind(search)
    .bind(new.words.to_owned())
    .bind(new.reason.to_owned())
    .bind(now)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Ends the preparation, well or badly; `false` when another turn has begun.
pub(super) async fn end(tx: &mut WriteTx, turn: Turn, failure: Option<Failure>) -> Result<bool, DbError> {
    let now = tx.now();
    let state = if failure.is_some() { "failed" } else { "ready" };
    let ended = tx
        .write(
            "UPDATE trace_export SET state = $3, cause = $4, ended_at = $5, expires_at = $6 \
             WHERE id = $1 AND turn = $2 AND state = 'preparing'",
        )
        .bind(turn.id)
        .bind(turn.turn)
        .bind(state)
        .bind(failure.map(|failure| failure.code().to_owned()))
        .bind(now)
        .bind(now.plus(KEPT))
        .execute()
        .await?;
    Ok(ended == 1)
}

/// Exports whose day has passed.
pub(super) async fn expired(reader: &mut Reader, now: Timestamp) -> Result<Vec<Export>, DbError> {
    reader
        .unbounded(exports!(
            "e.state <> 'preparing' AND e.expires_at <= $1 ORDER BY e.expires_at, e.id LIMIT 20"
        ))
        .bind(now)
        .fetch_all()
        .await
}

/// Exports that failed, of which pieces are left.
pub(super) async fn left_by_failures(reader: &mut Reader) -> Result<Vec<(TraceExportId,)>, DbError> {
    reader
        .unbounded(
            "SELECT e.id FROM trace_export e WHERE e.state = 'failed' AND EXISTS \
             (SELECT 1 FROM trace_export_piece p WHERE p.export_id = e.id) ORDER BY e.id LIMIT 20",
        )
        .fetch_all()
        .await
}

/// Erases an export whose pieces are gone; `false` when another node did.
pub(super) async fn erase(tx: &mut WriteTx, id: TraceExportId) -> Result<bool, DbError> {
    Ok(tx.write("DELETE FROM trace_export WHERE id = $1").bind(id).execute().await? == 1)
}

/// Who asked, as he stands now.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Asker {
    pub(super) office: Office,
    pub(super) organism_id: OrganismId,
    pub(super) partner_id: Option<PartnerId>,
    pub(super) identifier: String,
    pub(super) name: String,
    pub(super) suspended_at: Option<Timestamp>,
    pub(super) organism: String,
    time_zone: String,
    pub(super) partner: Option<String>,
}

impl Asker {
    /// The zone in which his days are counted.
    pub(super) fn zone(&self) -> Zone {
        Zone::parse(&self.time_zone).unwrap_or_default()
    }
}

/// Reads him.
pub(super) async fn asker(reader: &mut Reader, account: AccountId) -> Result<Option<Asker>, DbError> {
    reader
        .unbounded(
            "SELECT a.office, a.organism_id, a.partner_id, a.identifier, a.given_name || ' ' || a.surname AS name, \
             a.suspended_at, o.name AS organism, o.time_zone, \
             (SELECT p.legal_name FROM partner p WHERE p.id = a.partner_id) AS partner \
             FROM account a JOIN organism o ON o.id = a.organism_id WHERE a.id = $1",
        )
        .bind(account)
        .fetch_optional()
        .await
}

/// The names of roles, by service and by what bodies call them.
pub(super) async fn roles(reader: &mut Reader) -> Result<Vec<(String, String, RoleId, String)>, DbError> {
    reader
        .unbounded(
            "SELECT s.code, r.code, r.id, r.name FROM service_role r JOIN service s ON s.id = r.service_id \
             ORDER BY s.code, r.code",
        )
        .fetch_all()
        .await
}

/// Some ranks of a log, the second one left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Span {
    pub(super) log: i32,
    pub(super) from: i64,
    pub(super) to: i64,
}

/// Of some leaves, the traces sought, as far as the actor may read them. A `CASE` is asked of each row of these ranks: no
/// engine begins with every trace of the organism instead.
macro_rules! sealed {
    ($what:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $what,
            " FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
             WHERE l.log = $3 AND l.rank >= $4 AND l.rank < $5 AND CASE WHEN t.organism_id = $1 \
             AND ($2 IS NULL OR (t.partner_id = $2 AND t.audience = 'partner' AND t.keep_until > $6)) \
             THEN t.at >= $7 AND t.at < $8 ELSE FALSE END AND ($9 IS NULL OR t.actor_id = $9 OR t.subject_id = $9) \
             AND ($10 IS NULL OR (t.fact >= $10 AND t.fact < $11)) AND ($12 IS NULL OR t.outcome = $12) \
             AND ($13 IS NULL OR t.service = $13) AND ($14 IS NULL OR t.source = $14) \
             AND ($15 IS NULL OR t.partner_id = $15) AND ($16 IS NULL OR replace(t.body, $16, '') <> t.body) \
             AND ($17 IS NULL OR replace(t.body, $17, '') <> t.body) \
             AND ($18 IS NULL OR t.file_hash = $18) AND ($19 IS NULL OR t.session_hash = $19) ",
            $rest
        )
    };
}

/// What a count finds.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Count {
    pub(super) traces: i64,
    /// Past their day, kept for an investigation.
    pub(super) held: i64,
    /// The first day before which one of the others may not be erased.
    pub(super) earliest: Option<Day>,
}

/// Who seeks what, since when.
#[derive(Clone, Copy)]
pub(super) struct Seeking<'a> {
    pub(super) sought: &'a Sought,
    pub(super) zone: &'a Zone,
    pub(super) today: Day,
}

impl Seeking<'_> {
    /// Counts the traces sought.
    pub(super) async fn count(self, reader: &mut Reader, span: Span) -> Result<Option<Count>, DbError> {
        let query = reader
            .select(sealed!(
                "CAST(count(*) AS BIGINT) AS traces, CAST(count(CASE WHEN t.keep_until <= $6 THEN 1 END) AS BIGINT) \
                 AS held, min(CASE WHEN t.keep_until > $6 THEN t.keep_until END) AS earliest",
                ""
            ))
            .bind(span.log)
            .bind(span.from)
            .bind(span.to);
        self.sought.bind(query, self.zone, self.today).planned_for_its_values().fetch_optional().await
    }

    /// Reads them.
    pub(super) async fn rows(self, reader: &mut Reader, span: Span) -> Result<Vec<Row>, DbError> {
        let query = reader
            .select(sealed!(
                "l.rank, t.id, t.at, t.fact, t.outcome, t.service, t.body, t.keep_until, \
                 (SELECT p.legal_name FROM partner p WHERE p.id = t.partner_id) AS partner_name, \
                 (SELECT s.given_name || ' ' || s.surname || ', ' || s.identifier FROM account s \
                 WHERE s.id = t.subject_id) AS subject_name",
                "ORDER BY l.rank"
            ))
            .bind(span.log)
            .bind(span.from)
            .bind(span.to);
        self.sought.bind(query, self.zone, self.today).planned_for_its_values().fetch_all().await
    }
}

/// A trace, with its rank in its log.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) rank: i64,
    pub(super) id: TraceId,
    pub(super) at: Timestamp,
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) service: Option<String>,
    pub(super) body: String,
    pub(super) keep_until: Day,
    pub(super) partner_name: Option<String>,
    pub(super) subject_name: Option<String>,
}
