//! The second sink, as rows: how far it has come, which node carries, what is to be carried, and the keys of bodies.

use std::time::Duration;

use uuid::Uuid;

use super::seal::Ranked;
use super::traces::{Kept, trace_columns};
use super::{Db, DbError, FromRow, WriteTx};
use crate::crypto::{hex, unhex};
use crate::domain::time::Timestamp;
use crate::seal::leaf::Leaf;

/// How long a node carries without a word: another takes over after that.
pub const CARRY_LEASE: Duration = Duration::from_secs(4);
/// Leaves of one batch: few enough for a slow sink to have taken them when it is expected to answer.
const AT_ONCE: i64 = 200;

/// How the second sink stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, FromRow)]
pub struct Carrying {
    /// Log of the next leaf to carry.
    pub log: i32,
    /// Its rank.
    pub next_rank: i64,
    /// Which node carries.
    pub node: Option<Uuid>,
    /// Until when it does without another word.
    pub until: Option<Timestamp>,
    /// Since when the sink fails.
    pub failing_since: Option<Timestamp>,
}

/// What the second sink has not got yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Lag {
    /// How many leaves.
    pub rows: u64,
    /// When the oldest of their traces was written.
    pub oldest: Option<Timestamp>,
}

/// A row beside its rank.
#[derive(Debug, FromRow)]
struct Carried {
    rank: i64,
    #[sqlx(flatten)]
    kept: Kept,
}

impl Db {
    /// How the second sink stands.
    pub async fn carrying(&self) -> Result<Carrying, DbError> {
        let mut view = self.view().await?;
        view.query(
            &self.faults,
            "SELECT log, next_rank, node, until, failing_since FROM trace_sink WHERE id = 1",
        )
        .fetch_optional()
        .await?
        .ok_or_else(|| DbError::Defect("no second sink".to_owned()))
    }

    /// Takes the carrying for a node, or keeps it, at that place; `false` when another has it.
    pub async fn carry(&self, node: Uuid, log: i32, next_rank: i64) -> Result<bool, DbError> {
        let now = self.recorder.clock.now();
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        let taken = tx
            .query(
                &self.faults,
                "UPDATE trace_sink SET node = $1, until = $2, log = $4, next_rank = $5 \
                 WHERE id = 1 AND (node IS NULL OR node = $1 OR until <= $3)",
            )
            .bind(node)
            .bind(now.plus(time::Duration::try_from(CARRY_LEASE).unwrap_or_default()))
            .bind(now)
            .bind(log)
            .bind(next_rank)
            .execute()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(taken == 1)
    }

    /// The leaves of a log from a rank on, with their ranks.
    pub async fn leaves_from(&self, log: i32, rank: i64) -> Result<Vec<(i64, Leaf)>, DbError> {
        let mut view = self.view().await?;
        let rows: Vec<Ranked> = view
            .query(
                &self.faults,
                "SELECT rank, month, id, keep_until, commitment FROM trace_leaf \
                 WHERE log = $1 AND rank >= $2 ORDER BY rank LIMIT $3",
            )
            .bind(log)
            .bind(rank)
            .bind(AT_ONCE)
            .fetch_all()
            .await?;
        Ok(rows.iter().map(|row| (row.rank, row.leaf())).collect())
    }

    /// The rows of the leaves between two ranks, each as it is given away; those that are erased are left out.
    pub async fn rows_between(&self, log: i32, first: i64, last: i64) -> Result<Vec<(i64, String)>, DbError> {
        let mut view = self.view().await?;
        let rows: Vec<Carried> = view
            .query(
                &self.faults,
                concat!(
                    "SELECT l.rank, ",
                    trace_columns!(),
                    " FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
                     WHERE l.log = $1 AND l.rank >= $2 AND l.rank <= $3 ORDER BY l.rank LIMIT $4"
                ),
            )
            .bind(log)
            .bind(first)
            .bind(last)
            .bind(AT_ONCE)
            .fetch_all()
            .await?;
        let told = |row: &Carried| serde_json::to_string(&row.kept.told());
        let told = rows.iter().map(|row| told(row).map(|told| (row.rank, told)));
        told.collect::<Result<_, _>>().map_err(|error| DbError::Defect(error.to_string()))
    }

    /// Whether a block was folded, so that its leaves are lawfully gone.
    pub async fn is_folded(&self, log: i32, number: i64) -> Result<bool, DbError> {
        let mut view = self.view().await?;
        let row: Option<(i64,)> = view
            .query(
                &self.faults,
                "SELECT number FROM trace_block WHERE log = $1 AND number = $2 AND folded IS NOT NULL",
            )
            .bind(log)
            .bind(number)
            .fetch_optional()
            .await?;
        Ok(row.is_some())
    }

    /// What the second sink has not got yet.
    pub async fn sink_lag(&self) -> Result<Lag, DbError> {
        let Carrying { log, next_rank, .. } = self.carrying().await?;
        let mut view = self.view().await?;
        let logs: Vec<(i32, i64)> = view
            .query(&self.faults, "SELECT number, size FROM trace_log WHERE number >= $1 ORDER BY number")
            .bind(log)
            .fetch_all()
            .await?;
        let rows =
            logs.iter().map(|(number, size)| if *number == log { size - next_rank } else { *size }).sum();
        let oldest: Option<(Timestamp,)> = view
            .query(
                &self.faults,
                "SELECT t.at FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
                 WHERE l.log = $1 AND l.rank >= $2 ORDER BY l.rank LIMIT 1",
            )
            .bind(log)
            .bind(next_rank)
            .fetch_optional()
            .await?;
        let rows: i64 = rows;
        Ok(Lag { rows: u64::try_from(rows).unwrap_or(0), oldest: oldest.map(|(at,)| at) })
    }

    /// The key of a month's bodies, made at its first use. It is encrypted under the numbered key.
    pub async fn month_key(&self, month: i32) -> Result<[u8; 32], DbError> {
        let recorder = &self.recorder;
        let context = format!("sink/{month}");
        for _ in 0..2 {
            let mut view = self.view().await?;
            let known: Option<(Vec<u8>,)> = view
                .query(&self.faults, "SELECT sealed FROM trace_sink_key WHERE month = $1")
                .bind(month)
                .fetch_optional()
                .await?;
            drop(view);
            if let Some((sealed,)) = known {
                let opened =
                    recorder.keys.open(context.as_bytes(), &sealed).ok().and_then(|text| unhex(&text));
                return opened.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| {
                    DbError::Defect("a key of the second sink that does not open".to_owned())
                });
            }
            let new: [u8; 32] = recorder.entropy.bytes();
            let sealed = recorder.keys.seal(recorder.entropy.bytes(), context.as_bytes(), &hex(&new));
            let _turn = self.turn().await?;
            let mut tx = self.begin_write().await?;
            tx.query(
                &self.faults,
                "INSERT INTO trace_sink_key (month, sealed) VALUES ($1, $2) ON CONFLICT (month) DO NOTHING",
            )
            .bind(month)
            .bind(sealed)
            .execute()
            .await?;
            tx.commit(&self.faults).await?;
        }
        Err(DbError::Defect("a key of the second sink that does not stay".to_owned()))
    }

    /// The oldest month before that one whose key is still there.
    pub async fn oldest_month_key(&self, before: i32) -> Result<Option<i32>, DbError> {
        let mut view = self.view().await?;
        let row: Option<(i32,)> = view
            .query(&self.faults, "SELECT month FROM trace_sink_key WHERE month < $1 ORDER BY month LIMIT 1")
            .bind(before)
            .fetch_optional()
            .await?;
        Ok(row.map(|(month,)| month))
    }
}

impl WriteTx {
    /// Notes that the sink fails, and leaves the carrying to any node; `false` when it was known already.
    pub async fn sink_fails(&mut self) -> Result<bool, DbError> {
        let now = self.now();
        let noted = self
            .write("UPDATE trace_sink SET failing_since = $1, node = NULL WHERE id = 1 AND failing_since IS NULL")
            .bind(now)
            .execute()
            .await?;
        Ok(noted == 1)
    }

    /// Notes that the sink takes what it is given; `false` when that was known already.
    pub async fn sink_returns(&mut self) -> Result<bool, DbError> {
        let noted = self
            .write("UPDATE trace_sink SET failing_since = NULL WHERE id = 1 AND failing_since IS NOT NULL")
            .execute()
            .await?;
        Ok(noted == 1)
    }

    /// Destroys the key of a month's bodies.
    pub async fn destroy_month_key(&mut self, month: i32) -> Result<bool, DbError> {
        let gone = self.write("DELETE FROM trace_sink_key WHERE month = $1").bind(month).execute().await?;
        Ok(gone == 1)
    }
}
