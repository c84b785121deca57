//! The check of the log on the database as it stands, without writing: every leaf with its row, every row with its leaf,
//! the head, and every checkpoint that is known.

use crate::db::seal::log::Ranked;
use crate::db::traces::{Kept, trace_columns};
use crate::db::{Db, DbError, FromRow};
use crate::domain::day::Day;
use crate::domain::id::{RowId as _, TraceId};
use crate::domain::pulse::Listener;
use crate::domain::time::Timestamp;
use crate::seal::check::{Checker, Content, Flaw, Report};
use crate::seal::checkpoint::{Checkpoint, every_public_key, origin};
use crate::seal::tree::{BLOCK, Hash};

/// Rows of one step.
const STEP: i64 = 1_000;
/// A trace older than that should have its leaf.
const PATIENCE: time::Duration = time::Duration::seconds(5);

/// A row beside the rank of its leaf.
#[derive(Debug, FromRow)]
pub(super) struct Sealed {
    pub(super) rank: i64,
    #[sqlx(flatten)]
    pub(super) kept: Kept,
}

#[derive(Debug, FromRow)]
struct Block {
    number: i64,
    root: Vec<u8>,
    folded: Option<Day>,
}

impl Db {
    /// Checks every log of the database against what it holds and against checkpoints kept elsewhere. The first flaws are
    /// told by rank and trace.
    pub async fn verify(&self, witnesses: &[Checkpoint]) -> Result<Vec<Report>, DbError> {
        let now = self.recorder.clock.now();
        let mut known = self.known_checkpoints().await?;
        known.extend_from_slice(witnesses);
        let last = self.head().await?.log;
        let mut reports = Vec::new();
        for log in 1..=last {
            let name = origin(&self.recorder.keys, log);
            let ours: Vec<&Checkpoint> =
                known.iter().filter(|checkpoint| checkpoint.origin == name).collect();
            let mut checker = Checker::new(Day::from(now.instant().date()), ours);
            self.walk_leaves(log, &mut checker).await?;
            if log == last {
                self.walk_rows(now, &mut checker).await?;
            }
            let claimed = self.tree_of(log).await?.map(|tree| (tree.size(), tree.root()));
            reports.push(checker.end(claimed));
        }
        Ok(reports)
    }

    async fn known_checkpoints(&self) -> Result<Vec<Checkpoint>, DbError> {
        let keys = &self.recorder.keys;
        let last = self.head().await?.log;
        let trusted = every_public_key(keys, last);
        let notes = self.checkpoints().await?;
        // One that our own keys did not sign proves nothing either way: the head and the published ones do.
        Ok(notes.iter().filter_map(|note| Checkpoint::open(note, &trusted).ok()).collect())
    }

    /// Blocks that were folded, and between them leaves, each beside its row.
    async fn walk_leaves(&self, log: i32, checker: &mut Checker) -> Result<(), DbError> {
        loop {
            let from = checker.size();
            let mut view = self.view().await?;
            let folded: Option<Block> = view
                .query(
                    &self.faults,
                    "SELECT number, root, folded FROM trace_block \
                     WHERE log = $1 AND number >= $2 AND folded IS NOT NULL ORDER BY number LIMIT 1",
                )
                .bind(log)
                .bind(i64::try_from(from.div_ceil(BLOCK)).unwrap_or(i64::MAX))
                .fetch_optional()
                .await?;
            let stop = folded.as_ref().map_or(i64::MAX, |block| {
                block.number.saturating_mul(i64::try_from(BLOCK).unwrap_or(i64::MAX))
            });
            drop(view);
            self.walk_span(log, i64::try_from(from).unwrap_or(i64::MAX), stop, checker).await?;
            let Some(Block { number, root, folded }) = folded else { return Ok(()) };
            let root = Hash::try_from(root).unwrap_or([0; 32]);
            checker.block(u64::try_from(number).unwrap_or(0), root, folded);
        }
    }

    async fn walk_span(&self, log: i32, from: i64, stop: i64, checker: &mut Checker) -> Result<(), DbError> {
        let mut from = from;
        loop {
            let mut view = self.view().await?;
            let leaves: Vec<Ranked> = view
                .query(
                    &self.faults,
                    "SELECT rank, month, id, keep_until, commitment FROM trace_leaf \
                     WHERE log = $1 AND rank >= $2 AND rank < $3 ORDER BY rank LIMIT $4",
                )
                .bind(log)
                .bind(from)
                .bind(stop)
                .bind(STEP)
                .fetch_all()
                .await?;
            let Some(last) = leaves.last().map(|leaf| leaf.rank) else { return Ok(()) };
            let rows: Vec<Sealed> = view
                .query(
                    &self.faults,
                    concat!(
                        "SELECT l.rank, ",
                        trace_columns!(),
                        " FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
                         WHERE l.log = $1 AND l.rank >= $2 AND l.rank <= $3 ORDER BY l.rank"
                    ),
                )
                .bind(log)
                .bind(from)
                .bind(last)
                .fetch_all()
                .await?;
            drop(view);
            let mut rows = rows.into_iter().peekable();
            for leaf in leaves {
                let rank = u64::try_from(leaf.rank).unwrap_or(0);
                let row = rows.next_if(|row| row.rank == leaf.rank);
                let content = row.as_ref().map_or(Content::Erased, |row| Content::Row(row.kept.leaf()));
                checker.leaf(rank, &leaf.leaf(), content);
                if let Some(what) = row.and_then(|row| row.kept.fault(&self.recorder.keys))
                    && content == Content::Row(leaf.leaf())
                {
                    checker.note(Some(rank), Some(leaf.leaf().id), Flaw::Altered(what));
                }
                while let Some(twice) = rows.next_if(|row| row.rank == leaf.rank) {
                    checker.note(Some(rank), Some(twice.kept.id), Flaw::Repeated);
                }
            }
            from = last.saturating_add(1);
        }
    }

    /// Rows that no leaf speaks of, though they are old enough; ids that wait for a row that is gone; rows set aside.
    async fn walk_rows(&self, now: Timestamp, checker: &mut Checker) -> Result<(), DbError> {
        let before = now.minus(PATIENCE);
        let mut listener = Listener::default();
        let mut after: (i32, TraceId) = (0, TraceId::from_uuid(uuid::Uuid::nil()));
        loop {
            let mut view = self.view().await?;
            let rows: Vec<(i32, TraceId, Timestamp, String, Option<i64>)> = view
                .query(
                    &self.faults,
                    "SELECT t.month, t.id, t.at, t.fact, l.rank FROM trace t \
                     LEFT JOIN trace_leaf l ON l.month = t.month AND l.id = t.id \
                     WHERE (t.month, t.id) > ($1, $2) ORDER BY t.month, t.id LIMIT $3",
                )
                .bind(after.0)
                .bind(after.1)
                .bind(STEP)
                .fetch_all()
                .await?;
            let Some((month, id, ..)) = rows.last() else { break };
            after = (*month, *id);
            for (_, id, at, fact, rank) in rows {
                listener.hear(&fact, at);
                if rank.is_none() && at < before {
                    checker.note(None, Some(id), Flaw::Unsealed);
                }
            }
        }
        let mut view = self.view().await?;
        let gone: Vec<(TraceId,)> = view
            .query(
                &self.faults,
                "SELECT u.id FROM trace_unsealed u LEFT JOIN trace t ON t.month = u.month AND t.id = u.id \
                 WHERE t.id IS NULL ORDER BY u.month, u.id LIMIT 100",
            )
            .fetch_all()
            .await?;
        for (id,) in gone {
            checker.note(None, Some(id), Flaw::Removed);
        }
        checker.silent(listener.end(now));
        Ok(())
    }
}
