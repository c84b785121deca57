//! Where the search for atypical uses has come to in the sealed log, and which node is at it. Leaves follow one another
//! in the order of sealing: whoever goes along them meets every trace once, whenever it was committed.

use super::connect::Db;
use super::{DbError, FromRow, WriteTx};
use crate::domain::time::Timestamp;

/// A place in the log: everything up to there was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug, FromRow)]
pub struct Place {
    /// Number of the log.
    pub log: i32,
    /// Rank of the last leaf that was looked at.
    pub rank: i64,
}

/// Goes from one place to another, unless another node did.
const ADVANCE: &str = "UPDATE use_walk SET log = $3, rank = $4 WHERE id = 1 AND log = $1 AND rank = $2";

impl Db {
    /// Begins a search, on one node at a time; `None` when another node is at it.
    pub async fn begin_use_walk(&self, now: Timestamp, until: Timestamp) -> Result<Option<Place>, DbError> {
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        let place = tx
            .query(
                &self.faults,
                "UPDATE use_walk SET lease_until = $2 WHERE id = 1 AND (lease_until IS NULL OR lease_until <= $1) \
                 RETURNING log, rank",
            )
            .bind(now)
            .bind(until)
            .fetch_optional()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(place)
    }

    /// Ends the search whose lease goes until then: another node may begin. A lease that another node took stays.
    pub async fn end_use_walk(&self, until: Timestamp) -> Result<(), DbError> {
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        tx.query(&self.faults, "UPDATE use_walk SET lease_until = NULL WHERE id = 1 AND lease_until = $1")
            .bind(until)
            .execute()
            .await?;
        tx.commit(&self.faults).await
    }

    /// Goes past leaves among which there is nothing to look at; `false` when another node went on from there.
    pub async fn pass_use_walk(&self, from: Place, to: Place) -> Result<bool, DbError> {
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        let moved = tx
            .query(&self.faults, ADVANCE)
            .bind(from.log)
            .bind(from.rank)
            .bind(to.log)
            .bind(to.rank)
            .execute()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(moved == 1)
    }
}

impl WriteTx {
    /// The same in the transaction of what was found there.
    pub async fn advance_use_walk(&mut self, from: Place, to: Place) -> Result<bool, DbError> {
        let moved =
            self.write(ADVANCE).bind(from.log).bind(from.rank).bind(to.log).bind(to.rank).execute().await?;
        Ok(moved == 1)
    }
}
