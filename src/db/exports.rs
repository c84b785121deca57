//! Exports of traces under preparation: whose turn it is to go on with one, and the pieces of its file, each encrypted
//! for its place. A preparation goes on turn by turn, on whichever node; each turn begins where the last one that was
//! kept ended, and one that another turn has overtaken keeps nothing. What stands in a file, and who may have it, is
//! the slice's.

use super::connect::Db;
use super::query::Tx;
use super::{DbError, FromRow};
use crate::domain::id::{RowId as _, TraceExportId};
use crate::domain::time::Timestamp;

/// Pieces erased in one transaction, some eight megabytes.
const AT_ONCE: i64 = 16;

/// The right to go on with a preparation, until another turn begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, FromRow)]
pub struct Turn {
    /// Which export.
    pub id: TraceExportId,
    /// The how-many-eth turn.
    pub turn: i64,
}

/// What a turn made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// How far the preparation has come.
    pub work: Option<String>,
    /// The next bytes of the file.
    pub pieces: Vec<Vec<u8>>,
    /// How many traces the file holds by now.
    pub traces: i64,
}

/// What binds a piece to its place.
fn context(id: TraceExportId, number: i32) -> Vec<u8> {
    [&b"trace_export"[..], id.as_uuid().as_bytes(), &number.to_be_bytes()].concat()
}

impl Db {
    /// Takes the preparation that has waited longest, until that instant; nothing when none waits.
    pub async fn take_export(&self, now: Timestamp, until: Timestamp) -> Result<Option<Turn>, DbError> {
        let mut view = self.view().await?;
        let waits: Option<(TraceExportId,)> = view
            .query(
                &self.faults,
                "SELECT id FROM trace_export WHERE state = 'preparing' AND until <= $1 ORDER BY until, id LIMIT 1",
            )
            .bind(now)
            .fetch_optional()
            .await?;
        drop(view);
        // Idle, a job keeps no writer waiting.
        if waits.is_none() {
            return Ok(None);
        }
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        // Said twice: who comes second looks at the outer condition again, and finds the row taken.
        let turn = tx
            .query(
                &self.faults,
                "UPDATE trace_export SET turn = turn + 1, attempts = attempts + 1, until = $2 WHERE id = \
                 (SELECT id FROM trace_export WHERE state = 'preparing' AND until <= $1 ORDER BY until, id LIMIT 1) \
                 AND state = 'preparing' AND until <= $1 RETURNING id, turn",
            )
            .bind(now)
            .bind(until)
            .fetch_optional()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(turn)
    }

    /// Keeps what a turn made, and lets the next one begin at that instant; `false` when another turn has begun, and
    /// nothing is kept. It tells of nothing that anybody did: no fact of its own.
    pub async fn keep_export(&self, turn: Turn, made: Made, next: Timestamp) -> Result<bool, DbError> {
        let bytes: usize = made.pieces.iter().map(Vec::len).sum();
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        let before: Option<(i32,)> = tx
            .query(
                &self.faults,
                "UPDATE trace_export SET work = $3, traces = $4, bytes = bytes + $5, pieces = pieces + $6, \
                 attempts = 0, until = $7 WHERE id = $1 AND turn = $2 AND state = 'preparing' RETURNING pieces - $6",
            )
            .bind(turn.id)
            .bind(turn.turn)
            .bind(made.work)
            .bind(made.traces)
            .bind(i64::try_from(bytes).unwrap_or(i64::MAX))
            .bind(i32::try_from(made.pieces.len()).unwrap_or(i32::MAX))
            .bind(next)
            .fetch_optional()
            .await?;
        let Some((before,)) = before else { return Ok(false) };
        for (number, piece) in (before..).zip(&made.pieces) {
            self.insert_piece(&mut tx, turn.id, number, piece).await?;
        }
        tx.commit(&self.faults).await?;
        Ok(true)
    }

    async fn insert_piece(
        &self,
        tx: &mut Tx,
        id: TraceExportId,
        number: i32,
        piece: &[u8],
    ) -> Result<(), DbError> {
        let sealed =
            self.recorder.keys.seal_bytes(self.recorder.entropy.bytes(), &context(id, number), piece);
        tx.query(
            &self.faults,
            "INSERT INTO trace_export_piece (export_id, number, sealed) VALUES ($1, $2, $3)",
        )
        .bind(id)
        .bind(number)
        .bind(sealed)
        .execute()
        .await?;
        Ok(())
    }

    /// One piece of a file, read by itself: nothing is held open while somebody takes the file away.
    pub async fn export_piece(&self, id: TraceExportId, number: i32) -> Result<Vec<u8>, DbError> {
        let mut view = self.view().await?;
        let sealed: Option<(Vec<u8>,)> = view
            .query(&self.faults, "SELECT sealed FROM trace_export_piece WHERE export_id = $1 AND number = $2")
            .bind(id)
            .bind(number)
            .fetch_optional()
            .await?;
        let (sealed,) = sealed.ok_or_else(|| DbError::Unavailable("the piece was erased".to_owned()))?;
        let opened = self.recorder.keys.open_bytes(&context(id, number), &sealed);
        opened.map_err(|_| DbError::Damaged("a piece of an export is not what was written".to_owned()))
    }

    /// Erases the pieces of a file, in small batches.
    pub async fn erase_export_pieces(&self, id: TraceExportId) -> Result<(), DbError> {
        loop {
            let _turn = self.turn().await?;
            let mut tx = self.begin_write().await?;
            let erased = tx
                .query(
                    &self.faults,
                    "DELETE FROM trace_export_piece WHERE export_id = $1 AND number IN \
                     (SELECT number FROM trace_export_piece WHERE export_id = $1 ORDER BY number LIMIT $2)",
                )
                .bind(id)
                .bind(AT_ONCE)
                .execute()
                .await?;
            tx.commit(&self.faults).await?;
            if erased < AT_ONCE.unsigned_abs() {
                return Ok(());
            }
        }
    }
}
