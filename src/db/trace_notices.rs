//! Mails about requests for traces: to whom they go, their queue, and taking one for an attempt, on one node at a time. Its
//! traces tell how the attempt ended.

use super::connect::Db;
use super::{DbError, WriteTx};
use crate::domain::id::{AccountId, OrganismId, PartnerId, TraceNoticeId, TraceRequestId};
use crate::domain::time::Timestamp;

/// What a mail about a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TraceNotice {
    /// It waits for its addressee.
    Waits,
    /// Nothing of it waits any more.
    Closed,
}

impl TraceNotice {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waits => "waits",
            Self::Closed => "closed",
        }
    }
}

impl WriteTx {
    /// Who is told that a request of a partner's people waits: whoever administers it there, or the administrators of the
    /// organism when nobody of its own does.
    pub async fn superiors_of(&mut self, partner: PartnerId) -> Result<Vec<AccountId>, DbError> {
        let rows: Vec<(AccountId,)> = self
            .write(
                "SELECT a.id FROM account a JOIN partner p ON p.id = $1 WHERE a.organism_id = p.organism_id \
                 AND a.suspended_at IS NULL \
                 AND ((p.mode = 'delegated' AND a.partner_id = p.id AND a.office IN ('principal', 'deputy')) \
                 OR (p.mode = 'centralised' AND a.office = 'organism_administrator')) ORDER BY a.id LIMIT 20",
            )
            .bind(partner)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// The auditors of an organism.
    pub async fn auditors_of(&mut self, organism: OrganismId) -> Result<Vec<AccountId>, DbError> {
        let rows: Vec<(AccountId,)> = self
            .write(
                "SELECT id FROM account WHERE organism_id = $1 AND office = 'organism_auditor' \
                 AND suspended_at IS NULL ORDER BY id LIMIT 20",
            )
            .bind(organism)
            .fetch_all()
            .await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Has a mail about a request sent to each of these people.
    pub async fn queue_trace_notices(
        &mut self,
        (organism, request): (OrganismId, TraceRequestId),
        to: &[AccountId],
        notice: TraceNotice,
    ) -> Result<(), DbError> {
        let now = self.now();
        for account in to {
            let id: TraceNoticeId = self.new_id();
            self.write(
                "INSERT INTO trace_request_notice (id, organism_id, request_id, account_id, kind, state, attempts, \
                 not_before, created_at) VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6)",
            )
            .bind(id)
            .bind(organism)
            .bind(request)
            .bind(*account)
            .bind(notice.code())
            .bind(now)
            .execute()
            .await?;
        }
        Ok(())
    }
}

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
