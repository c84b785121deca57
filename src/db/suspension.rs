//! Suspending an account, whoever asks for it: its sessions end, what it holds is kept.

use super::{DbError, WriteTx};
use crate::domain::id::AccountId;

impl WriteTx {
    /// Suspends, unless it was done meanwhile.
    pub async fn suspend(&mut self, account: AccountId, reason: &str) -> Result<bool, DbError> {
        let now = self.now();
        let suspended = self
            .write(
                "UPDATE account SET suspended_at = $2, suspension_reason = $3 \
                 WHERE id = $1 AND suspended_at IS NULL",
            )
            .bind(account)
            .bind(now)
            .bind(reason.to_owned())
            .execute()
            .await?;
        if suspended == 1 {
            self.shut_out(account).await?;
        }
        Ok(suspended == 1)
    }
}
