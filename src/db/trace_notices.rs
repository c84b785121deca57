//! Taking a mail about a request for traces for one attempt, on one node at a time. Its traces tell how the attempt
//! ended.

use super::DbError;
use super::connect::Db;
use crate::domain::id::TraceNoticeId;
use crate::domain::time::Timestamp;

impl Db {
    /// Takes it until an instant, and gives which attempt this is; nothing when another node took it.
    pub async fn take_trace_notice(
        &self,
        id: TraceNoticeId,
        now: Timestamp,
        held_until: Timestamp,
    ) -> Result<Option<i32>, DbError> {
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        let taken: Option<(i32,)> = tx
            .query(
                &self.faults,
                "UPDATE trace_request_notice SET attempts = attempts + 1, not_before = $3 \
                 WHERE id = $1 AND state = 'waiting' AND not_before <= $2 RETURNING attempts",
            )
            .bind(id)
            .bind(now)
            .bind(held_until)
            .fetch_optional()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(taken.map(|(attempts,)| attempts))
    }
}
