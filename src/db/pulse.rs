//! The pulse of the log, as rows: when it last beat, which silences there were, and how the log grew.

use time::Duration;

use super::{Db, DbError, WriteTx};
use crate::domain::day::Day;
use crate::domain::outlook::{Growth, LATELY};
use crate::domain::pulse::Silence;
use crate::domain::time::Timestamp;

/// Silences read at once.
const MOST: i64 = 50;

/// How the log beats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pulse {
    /// How many times.
    pub beats: i64,
    /// When, the last time.
    pub beat_at: Option<Timestamp>,
    /// When a node said that it stops, if no other has beaten since.
    pub stopped_at: Option<Timestamp>,
}

impl Db {
    /// How the log beats.
    pub async fn pulse(&self) -> Result<Pulse, DbError> {
        let mut view = self.view().await?;
        let row: Option<(i64, Option<Timestamp>, Option<Timestamp>)> = view
            .query(&self.faults, "SELECT beats, beat_at, stopped_at FROM trace_pulse WHERE id = 1")
            .fetch_optional()
            .await?;
        let (beats, beat_at, stopped_at) = row.ok_or_else(|| DbError::Defect("no pulse".to_owned()))?;
        Ok(Pulse { beats, beat_at, stopped_at })
    }

    /// Silences that ended after that instant, the last ones first.
    pub async fn silences(&self, after: Timestamp) -> Result<Vec<Silence>, DbError> {
        let mut view = self.view().await?;
        let rows: Vec<(Timestamp, Timestamp, bool)> = view
            .query(
                &self.faults,
                "SELECT from_at, until_at, announced FROM trace_silence WHERE until_at > $1 \
                 ORDER BY from_at DESC LIMIT $2",
            )
            .bind(after)
            .bind(MOST)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(|(from, until, announced)| Silence { from, until, announced }).collect())
    }

    /// How the log grew, read from the sizes that checkpoints signed: nothing is counted. Traces leave in the order in
    /// which they came, so that those sealed since the oldest day kept are the live ones.
    pub async fn growth(&self, now: Timestamp, oldest: Day) -> Result<Growth, DbError> {
        let oldest = Timestamp::new(oldest.date().midnight().assume_utc()).hour();
        let lately = now.minus(LATELY);
        let mut view = self.view().await?;
        let logs: Vec<(i64, Option<i64>, Option<i64>)> = view
            .query(
                &self.faults,
                "SELECT l.size, (SELECT c.size FROM trace_checkpoint c WHERE c.log = l.number AND c.hour < $1 \
                 ORDER BY c.hour DESC LIMIT 1), (SELECT c.size FROM trace_checkpoint c WHERE c.log = l.number \
                 AND c.hour <= $2 ORDER BY c.hour DESC LIMIT 1) FROM trace_log l ORDER BY l.number",
            )
            .bind(oldest)
            .bind(lately.hour())
            .fetch_all()
            .await?;
        let first: Option<(Timestamp,)> = view
            .query(&self.faults, "SELECT at FROM trace_checkpoint ORDER BY log, hour LIMIT 1")
            .fetch_optional()
            .await?;
        let since = |before: Option<i64>, size: i64| u64::try_from(size - before.unwrap_or(0)).unwrap_or(0);
        Ok(Growth {
            live: logs.iter().map(|(size, before, _)| since(*before, *size)).sum(),
            lately: logs.iter().map(|(size, _, before)| since(*before, *size)).sum(),
            over: first.map_or(Duration::ZERO, |(first,)| now.since(first).min(LATELY)),
        })
    }
}

impl WriteTx {
    /// Beats, unless another node has since `before`; gives how many times the log has beaten.
    pub async fn beat(&mut self, before: Pulse) -> Result<Option<i64>, DbError> {
        let now = self.now();
        let beaten: Option<(i64,)> = self
            .write(
                "UPDATE trace_pulse SET beats = beats + 1, beat_at = $1, stopped_at = NULL \
                 WHERE id = 1 AND beats = $2 RETURNING beats",
            )
            .bind(now)
            .bind(before.beats)
            .fetch_optional()
            .await?;
        Ok(beaten.map(|(beats,)| beats))
    }

    /// Keeps a silence, to show it.
    pub async fn keep_silence(&mut self, silence: Silence) -> Result<(), DbError> {
        self.write(
            "INSERT INTO trace_silence (from_at, until_at, announced) VALUES ($1, $2, $3) \
             ON CONFLICT (from_at) DO NOTHING",
        )
        .bind(silence.from)
        .bind(silence.until)
        .bind(silence.announced)
        .execute()
        .await?;
        Ok(())
    }

    /// Says that this node stops; gives how many times the log has beaten.
    pub async fn announce_stop(&mut self) -> Result<i64, DbError> {
        let now = self.now();
        self.write("UPDATE trace_pulse SET stopped_at = $1 WHERE id = 1 RETURNING beats")
            .bind(now)
            .fetch_value()
            .await
    }
}
