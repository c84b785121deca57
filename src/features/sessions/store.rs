//! The rows of one's own sessions.

use crate::db::{DbError, FromRow, Selects, WriteTx};
use crate::domain::id::AccountId;
use crate::domain::session::{SessionState, session_state};
use crate::domain::time::Timestamp;

/// A session that lives.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Session {
    id_hash: Vec<u8>,
    pub(super) opened_at: Timestamp,
    pub(super) last_entry_at: Timestamp,
    pub(super) source: Option<String>,
    pub(super) agent: Option<String>,
}

impl Session {
    /// The key of its row.
    pub(super) fn row(&self) -> &[u8] {
        &self.id_hash
    }
}

/// The sessions of the actor that live at that instant, the one that served last first.
pub(super) async fn living(
    from: &mut impl Selects,
    account: AccountId,
    now: Timestamp,
) -> Result<Vec<Session>, DbError> {
    let all: Vec<Session> = from
        .select(
            "SELECT s.id_hash, s.opened_at, s.last_entry_at, s.source, s.agent FROM session s \
             JOIN account a ON a.id = s.account_id \
             WHERE a.id = $3 AND a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND s.ended_at IS NULL \
             ORDER BY s.last_entry_at DESC, s.id_hash",
        )
        .bind(account)
        .fetch_all()
        .await?;
    let lives = |session: &Session| {
        matches!(session_state(session.opened_at, session.last_entry_at, now), SessionState::Alive { .. })
    };
    Ok(all.into_iter().filter(lives).collect())
}

/// Ends a session of the account: its next request is told.
pub(super) async fn end(tx: &mut WriteTx, account: AccountId, row: &[u8]) -> Result<(), DbError> {
    let now = tx.now();
    tx.write("UPDATE session SET ended_at = $3 WHERE account_id = $1 AND id_hash = $2 AND ended_at IS NULL")
        .bind(account)
        .bind(row.to_vec())
        .bind(now)
        .execute()
        .await?;
    Ok(())
}
