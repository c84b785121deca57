//! Writing the log out, so that it proves itself far from here: what was asked for whole, the rest as hashes. Rows do not
//! change, so it is read in short steps, however long it is.

use std::io::Write;

use uuid::Uuid;

use super::log::Ranked;
use super::verify::Sealed;
use crate::db::traces::trace_columns;
use crate::db::{Db, DbError};
use crate::domain::id::{OrganismId, RowId as _, TraceId};
use crate::domain::time::Timestamp;
use crate::seal::export::{Preamble, block, end, leaf, preamble, trace};
use crate::seal::tree::{BLOCK, Hash};

/// Leaves of one step.
const STEP: i64 = 1_000;
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
    /// Writes the log out under the last checkpoint, which `about` puts in the first line; gives how many traces are
    /// whole.
    pub async fn export(
        &self,
        wanted: Wanted,
        about: impl FnOnce(String) -> Preamble,
        out: &mut (impl Write + Send),
    ) -> Result<u64, ExportError> {
        let signed = self.last_checkpoint().await?.ok_or(ExportError::Unsigned)?;
        out.write_all(preamble(&about(signed.note)).as_bytes())?;
        let log = signed.log;
        let size = u64::try_from(signed.size).unwrap_or(0);
        let first = self.first_block(log, wanted.from, size).await?;
        let mut whole = 0;
        for number in 0..size.div_ceil(BLOCK) {
            match self.left_out(log, number, number < first).await? {
                Some(root) => out.write_all(block(number, &root).as_bytes())?,
                None => whole += self.write_leaves(log, number, size, wanted, out).await?,
            }
        }
        out.write_all(end(size).as_bytes())?;
        out.flush()?;
        Ok(whole)
    }

    /// The block where the first trace wanted may stand.
    async fn first_block(&self, log: i32, from: Timestamp, size: u64) -> Result<u64, DbError> {
        let at = from.minus(SLACK);
        let millis = u128::try_from(at.micros() / 1_000).unwrap_or(0);
        let earliest = TraceId::from_uuid(Uuid::from_u128(millis << 80));
        let mut view = self.view().await?;
        let rank: Option<(i64,)> = view
            .query(
                &self.faults,
                "SELECT rank FROM trace_leaf WHERE (month, id) >= ($2, $3) AND log = $1 ORDER BY month, id LIMIT 1",
            )
            .bind(log)
            .bind(at.month())
            .bind(earliest)
            .fetch_optional()
            .await?;
        Ok(rank.and_then(|(rank,)| u64::try_from(rank).ok()).unwrap_or(size) / BLOCK)
    }

    /// The root that stands for a block: of those before the first trace wanted, and of those that were folded.
    async fn left_out(&self, log: i32, number: u64, before: bool) -> Result<Option<Hash>, DbError> {
        let mut view = self.view().await?;
        let row: Option<(Vec<u8>,)> = view
            .query(
                &self.faults,
                "SELECT root FROM trace_block WHERE log = $1 AND number = $2 AND ($3 OR folded IS NOT NULL)",
            )
            .bind(log)
            .bind(i64::try_from(number).unwrap_or(i64::MAX))
            .bind(before)
            .fetch_optional()
            .await?;
        Ok(row.and_then(|(root,)| Hash::try_from(root).ok()))
    }

    async fn write_leaves(
        &self,
        log: i32,
        number: u64,
        size: u64,
        wanted: Wanted,
        out: &mut (impl Write + Send),
    ) -> Result<u64, ExportError> {
        let stop = i64::try_from(size.min((number + 1) * BLOCK)).unwrap_or(i64::MAX);
        let mut from = i64::try_from(number * BLOCK).unwrap_or(i64::MAX);
        let mut whole = 0;
        while from < stop {
            let to = stop.min(from + STEP);
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
            let rows: Vec<Sealed> = view
                .query(
                    &self.faults,
                    concat!(
                        "SELECT l.rank, ",
                        trace_columns!(),
                        " FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
                         WHERE l.log = $1 AND l.rank >= $2 AND l.rank < $3 \
                         AND t.organism_id = $4 AND t.at >= $5 AND t.at < $6 ORDER BY l.rank"
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
            let mut rows = rows.into_iter().peekable();
            for ranked in leaves {
                let (rank, hash) = (u64::try_from(ranked.rank).unwrap_or(0), ranked.leaf().hash());
                let line = match rows.next_if(|row| row.rank == ranked.rank) {
                    Some(row) => {
                        whole += 1;
                        trace(rank, &hash, row.kept.told())
                    }
                    None => leaf(rank, &hash),
                };
                out.write_all(line.as_bytes())?;
            }
            from = to;
        }
        Ok(whole)
    }
}
