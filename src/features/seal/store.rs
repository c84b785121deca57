//! What the log tells of itself, as rows. It is of no organism, and names nobody.

use crate::db::{DbError, FromRow, Reader};
use crate::domain::day::Day;
use crate::domain::id::TraceId;
use crate::domain::time::Timestamp;
use crate::domain::trace::month_of;
use crate::domain::trace_search::Place;

/// Events on one page; one more tells that there are others.
pub(super) const LINES: usize = 25;

/// An event, with the rank of its own leaf once it is sealed.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) id: TraceId,
    pub(super) at: Timestamp,
    pub(super) fact: String,
    pub(super) body: String,
    pub(super) rank: Option<i64>,
}

/// The events, under a condition more. The list is that of their index, word for word.
macro_rules! events {
    ($condition:literal) => {
        concat!(
            "SELECT t.id, t.at, t.fact, t.body, \
             (SELECT l.rank FROM trace_leaf l WHERE l.month = t.month AND l.id = t.id) AS rank \
             FROM trace t WHERE t.fact IN ('log.erased', 'log.folded', 'log.seal_refused', 'log.opened', 'log.silent', \
             'log.sink_failed', 'log.sink_returned', 'log.sink_key_destroyed', 'service.stopped', 'service.resumed') ",
            $condition
        )
    };
}

/// A page of them, newest first: older than a place, not older than an instant.
pub(super) async fn events(reader: &mut Reader, before: Place, from: Timestamp) -> Result<Vec<Row>, DbError> {
    reader
        .unbounded(events!(
            "AND (t.at, t.id) < ($1, $2) AND t.at >= $3 ORDER BY t.at DESC, t.id DESC LIMIT 26"
        ))
        .bind(before.at)
        .bind(before.id)
        .bind(from)
        .planned_for_its_values()
        .fetch_all()
        .await
}

/// One of them.
pub(super) async fn event(reader: &mut Reader, id: TraceId) -> Result<Option<Row>, DbError> {
    reader
        .unbounded(events!("AND t.month = $1 AND t.id = $2"))
        .bind(month_of(id))
        .bind(id)
        .fetch_optional()
        .await
}

/// What is left of some ranks of a log.
#[derive(Clone, Copy, Debug, FromRow)]
pub(super) struct Left {
    /// Leaves.
    pub(super) leaves: i64,
    /// Traces that are still there.
    pub(super) traces: i64,
    /// The first day of the leaves,
    pub(super) first_day: Option<Day>,
    /// and their last.
    pub(super) last_day: Option<Day>,
}

/// Counts it, and reads the days.
pub(super) async fn left(reader: &mut Reader, log: i32, (first, last): (i64, i64)) -> Result<Left, DbError> {
    let left: Option<Left> = reader
        .unbounded(
            "SELECT CAST(count(*) AS BIGINT) AS leaves, CAST(count(t.id) AS BIGINT) AS traces, \
             min(l.keep_until) AS first_day, max(l.keep_until) AS last_day FROM trace_leaf l \
             LEFT JOIN trace t ON t.month = l.month AND t.id = l.id \
             WHERE l.log = $1 AND l.rank >= $2 AND l.rank <= $3",
        )
        .bind(log)
        .bind(first)
        .bind(last)
        .fetch_optional()
        .await?;
    Ok(left.unwrap_or(Left { leaves: 0, traces: 0, first_day: None, last_day: None }))
}

/// The first checkpoint kept that covers a rank: when it was signed, and how many leaves it counts.
pub(super) async fn covering(
    reader: &mut Reader,
    log: i32,
    rank: i64,
) -> Result<Option<(Timestamp, i64)>, DbError> {
    reader
        .unbounded("SELECT at, size FROM trace_checkpoint WHERE log = $1 AND size > $2 ORDER BY hour LIMIT 1")
        .bind(log)
        .bind(rank)
        .fetch_optional()
        .await
}
