//! Erasing what the law lets go of the log: which traces are due, which are held, and the three acts by which rows and
//! leaves go. Each act is guarded by the engine too: on PostgreSQL by functions of the owner, since the application's
//! role can erase nothing by itself; on SQLite by triggers. Both look at the engine's own clock, and so does the text of
//! the erasing here: neither a clock of ours that runs ahead, nor one of theirs, erases a trace before its day.
//!
//! A held row stays where it is. Moving it to a table of its own would serve whoever drops whole months; rows go one by
//! one here, and one that stays is found by the same searches, under the same guards, with the same leaf.

use super::connect::{Db, Pools};
use super::{DbError, WriteTx};
use crate::domain::day::Day;
use crate::domain::time::Timestamp;
use crate::seal::tree::BLOCK;

/// Leaves looked at, and rows erased, in one go.
pub const AT_ONCE: i64 = 500;
/// Leaves of a block.
const LEAVES: i64 = BLOCK.cast_signed();
/// Pages given back to the volume in one step, some four megabytes; and steps in a row.
const PAGES: i64 = 1_000;
const STEPS: u32 = 50;

/// Whether a hold in force keeps the trace that the text calls `t`. The guards of both schemas say the same.
macro_rules! held {
    () => {
        "EXISTS (SELECT 1 FROM legal_hold h WHERE h.organism_id = t.organism_id AND h.released_at IS NULL \
         AND (h.account_id = t.actor_id OR h.account_id = t.subject_id OR h.partner_id = t.partner_id \
         OR h.file_hash = t.file_hash OR (h.from_at <= t.at AND h.until_at > t.at)))"
    };
}

mod erasing;

pub(super) use erasing::erasing_statements;
use erasing::{Erasing, touched};

/// Rows to erase among some leaves.
const DUE: &str = concat!(
    "SELECT l.rank, l.keep_until FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
     WHERE l.log = $1 AND l.rank >= $2 AND l.rank <= $3 AND l.keep_until <= $4 AND NOT ",
    held!(),
    " ORDER BY l.rank"
);

/// Some leaves that follow one another, and what of their rows is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Span {
    /// Rank of the last of them.
    pub last: i64,
    /// The first month in which one of their traces happened.
    pub oldest_month: i32,
    /// Ranks of the first and the last row that is due and not held.
    pub due: Option<(i64, i64)>,
}

/// What was erased.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Erased {
    /// How many traces.
    pub rows: u64,
    /// The last day before which one of them could not be erased.
    pub until: Day,
}

/// A block that may be folded, or why not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Folding {
    /// All its leaves are past their day, and no row is left; that is the last day.
    Due(Day),
    /// Some leaf or row must stay.
    Stays,
}

impl Db {
    /// Begins a run of the purge, on one node at a time; `false` when it is not the hour.
    pub async fn begin_purge(&self, now: Timestamp, next: Timestamp) -> Result<bool, DbError> {
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        let taken = tx
            .query(
                &self.faults,
                "UPDATE trace_purge SET next_at = $2 WHERE id = 1 AND (next_at IS NULL OR next_at <= $1)",
            )
            .bind(now)
            .bind(next)
            .execute()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(taken == 1)
    }

    /// Notes that a run went to its end.
    pub async fn end_purge(&self, now: Timestamp) -> Result<(), DbError> {
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        tx.query(&self.faults, "UPDATE trace_purge SET done_at = $1 WHERE id = 1")
            .bind(now)
            .execute()
            .await?;
        tx.commit(&self.faults).await
    }

    /// When a run last went to its end.
    pub async fn purged_at(&self) -> Result<Option<Timestamp>, DbError> {
        let mut view = self.view().await?;
        let row: Option<(Option<Timestamp>,)> =
            view.query(&self.faults, "SELECT done_at FROM trace_purge WHERE id = 1").fetch_optional().await?;
        Ok(row.and_then(|(at,)| at))
    }

    /// The next leaves of a log from a rank on; nothing after the last one.
    pub async fn span(&self, log: i32, from: i64, today: Day) -> Result<Option<Span>, DbError> {
        let mut view = self.view().await?;
        let leaves: Vec<(i64, i32)> = view
            .query(
                &self.faults,
                "SELECT rank, month FROM trace_leaf WHERE log = $1 AND rank >= $2 ORDER BY rank LIMIT $3",
            )
            .bind(log)
            .bind(from)
            .bind(AT_ONCE)
            .fetch_all()
            .await?;
        let (Some((first, _)), Some((last, _)), Some(oldest_month)) =
            (leaves.first(), leaves.last(), leaves.iter().map(|(_, month)| *month).min())
        else {
            return Ok(None);
        };
        let due: Vec<(i64, Day)> =
            view.query(&self.faults, DUE).bind(log).bind(*first).bind(*last).bind(today).fetch_all().await?;
        let due = due.first().zip(due.last()).map(|((first, _), (last, _))| (*first, *last));
        Ok(Some(Span { last: *last, oldest_month, due }))
    }

    /// Blocks of a log after one of them, that are folded or not.
    pub async fn blocks(&self, log: i32, after: i64, folded: bool) -> Result<Vec<i64>, DbError> {
        let mut view = self.view().await?;
        let rows: Vec<(i64,)> = view
            .query(
                &self.faults,
                "SELECT number FROM trace_block WHERE log = $1 AND number > $2 AND (folded IS NOT NULL) = $3 \
                 ORDER BY number LIMIT $4",
            )
            .bind(log)
            .bind(after)
            .bind(folded)
            .bind(AT_ONCE)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(|(number,)| number).collect())
    }

    /// Whether a block may be folded.
    pub async fn folding(&self, log: i32, number: i64, today: Day) -> Result<Folding, DbError> {
        let (first, last) = ranks_of(number);
        let mut view = self.view().await?;
        let latest: Option<(Day,)> = view
            .query(
                &self.faults,
                "SELECT keep_until FROM trace_leaf WHERE log = $1 AND rank >= $2 AND rank <= $3 \
                 ORDER BY keep_until DESC LIMIT 1",
            )
            .bind(log)
            .bind(first)
            .bind(last)
            .fetch_optional()
            .await?;
        let Some((latest,)) = latest.filter(|(latest,)| *latest <= today) else { return Ok(Folding::Stays) };
        let row: Option<(i64,)> = view
            .query(
                &self.faults,
                "SELECT l.rank FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
                 WHERE l.log = $1 AND l.rank >= $2 AND l.rank <= $3 LIMIT 1",
            )
            .bind(log)
            .bind(first)
            .bind(last)
            .fetch_optional()
            .await?;
        Ok(if row.is_none() { Folding::Due(latest) } else { Folding::Stays })
    }

    /// Erases the leaves of a block that is folded, in small batches; gives how many were left. They say nothing of
    /// anybody, and its fold was traced: no fact of their own.
    pub async fn erase_folded_leaves(&self, log: i32, number: i64) -> Result<u64, DbError> {
        let (first, last) = ranks_of(number);
        let mut view = self.view().await?;
        let left: Option<(i64,)> = view
            .query(
                &self.faults,
                "SELECT rank FROM trace_leaf WHERE log = $1 AND rank >= $2 AND rank <= $3 ORDER BY rank LIMIT 1",
            )
            .bind(log)
            .bind(first)
            .bind(last)
            .fetch_optional()
            .await?;
        drop(view);
        let Some((mut from,)) = left else { return Ok(0) };
        let mut erased = 0;
        while from <= last {
            let to = last.min(from.saturating_add(AT_ONCE - 1));
            let _turn = self.turn().await?;
            let mut tx = self.begin_write().await?;
            let text = Erasing::on(self.engine()).leaves;
            let query = tx.query(&self.faults, text).bind(log).bind(from).bind(to);
            erased += touched(self.engine(), query).await?;
            tx.commit(&self.faults).await?;
            from = to + 1;
        }
        Ok(erased)
    }

    /// Gives pages that erased rows left empty back to the volume, a few megabytes at a time; PostgreSQL fills them
    /// again by itself.
    pub async fn give_space_back(&self) -> Result<(), DbError> {
        let Pools::Sqlite { write, .. } = &self.pools else { return Ok(()) };
        for _ in 0..STEPS {
            let _turn = self.turn().await?;
            let empty: (i64,) = sqlx::query_as("PRAGMA freelist_count").fetch_one(write).await?;
            if empty.0 == 0 {
                return Ok(());
            }
            let step = format!("PRAGMA incremental_vacuum({})", empty.0.min(PAGES));
            sqlx::query(sqlx::AssertSqlSafe(step)).execute(write).await?;
        }
        Ok(())
    }
}

impl WriteTx {
    /// Erases what is due and not held between two ranks, and nothing else. A new hold waits for this transaction, or
    /// this transaction for it.
    pub async fn erase_due(
        &mut self,
        log: i32,
        ranks: (i64, i64),
        today: Day,
    ) -> Result<Option<Erased>, DbError> {
        self.take_purge().await?;
        let due: Vec<(i64, Day)> =
            self.write(DUE).bind(log).bind(ranks.0).bind(ranks.1).bind(today).fetch_all().await?;
        let engine = self.engine();
        let text = Erasing::on(engine).rows;
        let query = self.write(text).bind(log).bind(ranks.0).bind(ranks.1).bind(today);
        let rows = touched(engine, query).await?;
        let until = due.into_iter().map(|(_, day)| day).max();
        Ok(until.filter(|_| rows > 0).map(|until| Erased { rows, until }))
    }

    /// Folds a block into its root; `false` when another node did.
    pub async fn fold(&mut self, log: i32, number: i64, until: Day) -> Result<bool, DbError> {
        let engine = self.engine();
        let text = Erasing::on(engine).fold;
        let query = self.write(text).bind(log).bind(number).bind(until);
        Ok(touched(engine, query).await? == 1)
    }

    /// Takes the row that a batch of the purge and a new hold both need: what one decides, the other has not begun or
    /// has ended.
    pub async fn take_purge(&mut self) -> Result<(), DbError> {
        self.write("UPDATE trace_purge SET turn = turn + 1 WHERE id = 1").execute().await?;
        Ok(())
    }
}

/// Ranks of the first and the last leaf of a block.
pub fn ranks_of(block: i64) -> (i64, i64) {
    let first = block.saturating_mul(LEAVES);
    (first, first.saturating_add(LEAVES - 1))
}
