//! Writing the log out, so that it proves itself far from here: what was asked for whole, the rest as hashes. Rows do not
//! change, so it is read in short steps, however long it is.

use std::collections::BTreeSet;
use std::io::Write;

use uuid::Uuid;

use super::log::{Ranked, Signed};
use super::verify::Sealed;
use crate::db::traces::trace_columns;
use crate::db::{Db, DbError};
use crate::domain::id::{OrganismId, RowId as _, TraceId};
use crate::domain::time::Timestamp;
use crate::seal::export::{Preamble, block, end, leaf, preamble, trace};
use crate::seal::tree::{BLOCK, Hash};

/// Leaves of one step: a quarter of a block.
const STEP: i64 = LEAVES / 4;
/// Leaves of a block.
const LEAVES: i64 = BLOCK.cast_signed();
/// A trace is sealed that long after it was written at most, in any order: those before are left out as hashes.
const SLACK: time::Duration = time::Duration::hours(1);

/// What is asked for whole.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Traces of that organism,
    pub organism: OrganismId,
    /// from that instant on,
    pub from: Timestamp,
    /// and before that one.
    pub to: Timestamp,
}

/// The ranks of a log among which the traces of a period are, the second one left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Nothing of the period was sealed before that one,
    pub first: i64,
    /// nor from that one on.
    pub end: i64,
}

/// The next lines of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lines {
    /// Themselves.
    pub text: String,
    /// How many traces they give whole.
    pub whole: u64,
    /// The rank that comes next.
    pub next: i64,
}

/// Why nothing was written out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// No checkpoint was signed yet.
    #[error("no checkpoint was signed yet")]
    Unsigned,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The file.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Db {
    /// Writes every log out, each under its last checkpoint, which `about` puts in its first line; gives how many traces
    /// are whole.
    pub async fn export(
        &self,
        wanted: Wanted,
        about: impl Fn(String) -> Preamble + Send,
        out: &mut (impl Write + Send),
    ) -> Result<u64, ExportError> {
        let logs = self.last_checkpoints().await?;
        if logs.is_empty() {
            return Err(ExportError::Unsigned);
        }
        let (several, mut whole) = ((logs.len() > 1).then_some(logs.len()), 0);
        for Signed { log, size, note, .. } in logs {
            out.write_all(preamble(&Preamble { logs: several, ..about(note) }).as_bytes())?;
            let first = self.extent(log, wanted.from, wanted.to).await?.first;
            let mut rank = 0;
            while rank < size {
                let lines = self.lines(log, rank, (first, size), wanted, None).await?;
                out.write_all(lines.text.as_bytes())?;
                rank = lines.next;
                whole += lines.whole;
            }
            out.write_all(end(u64::try_from(size).unwrap_or(0)).as_bytes())?;
        }
        out.flush()?;
        Ok(whole)
    }

    /// Where the traces of a period stand in a log.
    pub async fn extent(&self, log: i32, from: Timestamp, to: Timestamp) -> Result<Extent, DbError> {
        let (from, to) = (from.minus(SLACK), to.plus(SLACK));
        let mut view = self.view().await?;
        let before: Option<(i64,)> = view
            .query(
                &self.faults,
                "SELECT rank FROM trace_leaf WHERE (month, id) < ($2, $3) AND log = $1 \
                 ORDER BY month DESC, id DESC LIMIT 1",
            )
            .bind(log)
            .bind(from.month())
            .bind(earliest_at(from))
            .fetch_optional()
            .await?;
        let after: Option<(i64,)> = view
            .query(
                &self.faults,
                "SELECT rank FROM trace_leaf WHERE (month, id) >= ($2, $3) AND log = $1 ORDER BY month, id LIMIT 1",
            )
            .bind(log)
            .bind(to.month())
            .bind(earliest_at(to))
            .fetch_optional()
            .await?;
        let size: i64 = view
            .query(&self.faults, "SELECT size FROM trace_log WHERE number = $1")
            .bind(log)
            .fetch_value()
            .await?;
        Ok(Extent {
            first: before.map_or(0, |(rank,)| rank + 1),
            end: after.map_or(size, |(rank,)| rank.min(size)),
        })
    }

    /// The next lines of a log from a rank on, below `(first, size)`: blocks that end before the first rank are left
    /// out, and so are those that were folded. Of the traces wanted, `only` those of these ranks are given whole.
    pub async fn lines(
        &self,
        log: i32,
        rank: i64,
        (first, size): (i64, i64),
        wanted: Wanted,
        only: Option<&BTreeSet<i64>>,
    ) -> Result<Lines, DbError> {
        if rank % LEAVES == 0 && rank + LEAVES <= size {
            let number = rank / LEAVES;
            if let Some(root) = self.left_out(log, number, rank + LEAVES <= first).await? {
                let text = block(u64::try_from(number).unwrap_or(0), &root);
                return Ok(Lines { text, whole: 0, next: rank + LEAVES });
            }
        }
        self.leaves(log, rank, size.min(rank + STEP - rank % STEP), wanted, only).await
    }

    /// The root that stands for a block: of those before the first trace wanted, and of those that were folded.
    async fn left_out(&self, log: i32, number: i64, before: bool) -> Result<Option<Hash>, DbError> {
        let mut view = self.view().await?;
        let row: Option<(Vec<u8>,)> = view
            .query(
                &self.faults,
                "SELECT root FROM trace_block WHERE log = $1 AND number = $2 AND ($3 OR folded IS NOT NULL)",
            )
            .bind(log)
            .bind(number)
            .bind(before)
            .fetch_optional()
            .await?;
        Ok(row.and_then(|(root,)| Hash::try_from(root).ok()))
    }

    async fn leaves(
        &self,
        log: i32,
        from: i64,
        to: i64,
        wanted: Wanted,
        only: Option<&BTreeSet<i64>>,
    ) -> Result<Lines, DbError> {
        let mut view = self.view().await?;
        let leaves: Vec<Ranked> = view
            .query(
                &self.faults,
                "SELECT rank, month, id, keep_until, commitment FROM trace_leaf \
                 WHERE log = $1 AND rank >= $2 AND rank < $3 ORDER BY rank LIMIT 4096",
            )
            .bind(log)
            .bind(from)
            .bind(to)
            .fetch_all()
            .await?;
        if i64::try_from(leaves.len()) != Ok(to - from) {
            return Err(DbError::Unavailable("leaves were folded meanwhile".to_owned()));
        }
        // A `CASE` is asked of each row of these ranks: no engine begins with every trace of the period instead.
        let rows: Vec<Sealed> = view
            .query(
                &self.faults,
                concat!(
                    "SELECT l.rank, ",
                    trace_columns!(),
                    " FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
                     WHERE l.log = $1 AND l.rank >= $2 AND l.rank < $3 \
                     AND CASE WHEN t.organism_id = $4 THEN t.at >= $5 AND t.at < $6 ELSE FALSE END ORDER BY l.rank"
                ),
            )
            .bind(log)
            .bind(from)
            .bind(to)
            .bind(wanted.organism)
            .bind(wanted.from)
            .bind(wanted.to)
            .fetch_all()
            .await?;
        drop(view);
        let mut rows =
            rows.into_iter().filter(|row| only.is_none_or(|only| only.contains(&row.rank))).peekable();
        let mut lines = Lines { text: String::new(), whole: 0, next: to };
        for ranked in leaves {
            let (rank, hash) = (u64::try_from(ranked.rank).unwrap_or(0), ranked.leaf().hash());
            if let Some(row) = rows.next_if(|row| row.rank == ranked.rank) {
                lines.text.push_str(&trace(rank, &hash, row.kept.told()));
                lines.whole += 1;
            } else {
                lines.text.push_str(&leaf(rank, &hash));
            }
        }
        Ok(lines)
    }
}

/// Before every id that was made at that instant.
fn earliest_at(at: Timestamp) -> TraceId {
    let millis = u128::try_from(at.micros() / 1_000).unwrap_or(0);
    TraceId::from_uuid(Uuid::from_u128(millis << 80))
}
