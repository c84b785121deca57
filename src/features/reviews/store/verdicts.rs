//! What deciding writes.

use super::holdings::Holding;
use crate::db::{DbError, WriteTx};
use crate::domain::id::{AccountId, GroupId, OrganismId, ReviewId};
use crate::domain::reviews::Verdict;

/// Writes a decision, in place of the one that no longer stands.
pub(in crate::features::reviews) async fn keep(
    tx: &mut WriteTx,
    review: ReviewId,
    organism: OrganismId,
    holding: &Holding,
    verdict: Verdict,
    by: AccountId,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO review_decision (review_id, grant_id, account_id, organism_id, verdict, decided_by, decided_at, \
         membership_id, role_id, perimeter, starts_on, ends_on, granted_by, granted_at, used_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         ON CONFLICT (review_id, grant_id, account_id) DO UPDATE SET verdict = excluded.verdict, \
         decided_by = excluded.decided_by, decided_at = excluded.decided_at, perimeter = excluded.perimeter, \
         starts_on = excluded.starts_on, ends_on = excluded.ends_on, used_at = excluded.used_at",
    )
    .bind(review)
    .bind(holding.grant_id)
    .bind(holding.account_id)
    .bind(organism)
    .bind(verdict)
    .bind(by)
    .bind(now)
    .bind(holding.membership_id)
    .bind(holding.role_id)
    .bind(holding.perimeter.clone())
    .bind(holding.starts_on)
    .bind(holding.ends_on)
    .bind(holding.granted_by_id)
    .bind(holding.granted_at)
    .bind(holding.used_at)
    .execute()
    .await?;
    Ok(())
}

/// Takes somebody out of a group.
pub(in crate::features::reviews) async fn leave(
    tx: &mut WriteTx,
    group: GroupId,
    account: AccountId,
) -> Result<(), DbError> {
    tx.write("DELETE FROM group_member WHERE group_id = $1 AND account_id = $2")
        .bind(group)
        .bind(account)
        .execute()
        .await?;
    Ok(())
}
