//! What leaves when a role is withdrawn, for every slice that withdraws one: its row moves to the history, where it
//! waits for its erasure. What is granted, and by whom it may be, is not looked at here.

use super::{DbError, FromRow, WriteTx};
use crate::domain::day::Day;
use crate::domain::facts::{Fact, GroupMark};
use crate::domain::id::{AccountId, GrantId, GroupId, PartnerId, RoleId};

/// Why, by whom, and until when its history is kept.
#[derive(Clone, Copy, Debug)]
pub struct Withdrawal<'a> {
    /// Who withdraws.
    pub by: AccountId,
    /// Why.
    pub reason: &'a str,
    /// The day from which the history is erased.
    pub erase_on: Day,
}

/// Which roles held by groups: all those that keep every bound that is set.
#[derive(Clone, Copy, Default, Debug)]
pub struct ByGroup {
    /// By this group.
    pub group: Option<GroupId>,
    /// By this person.
    pub account: Option<AccountId>,
    /// This role.
    pub role: Option<RoleId>,
}

#[derive(FromRow)]
struct Held {
    id: GrantId,
    account_id: AccountId,
    service: String,
    role: String,
    group_id: GroupId,
    group_name: String,
}

impl WriteTx {
    /// Moves a grant to the history.
    pub async fn retire(&mut self, grant: GrantId, withdrawal: &Withdrawal<'_>) -> Result<(), DbError> {
        let now = self.now();
        self.write(
            "INSERT INTO role_grant_history (id, organism_id, partner_id, membership_id, role_id, account_id, \
             perimeter, starts_on, ends_on, granted_by, granted_at, group_id, circonscription_id, revoked_by, \
             revoked_at, reason, erase_on) \
             SELECT id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, starts_on, ends_on, \
             granted_by, granted_at, group_id, circonscription_id, $2, $3, $4, $5 FROM role_grant WHERE id = $1",
        )
        .bind(grant)
        .bind(withdrawal.by)
        .bind(now)
        .bind(withdrawal.reason.to_owned())
        .bind(withdrawal.erase_on)
        .execute()
        .await?;
        self.write("DELETE FROM role_grant WHERE id = $1").bind(grant).execute().await?;
        Ok(())
    }

    /// Moves to the history what people of a partner hold by groups; gives the fact of each.
    pub async fn retire_by_group(
        &mut self,
        partner: PartnerId,
        which: ByGroup,
        withdrawal: &Withdrawal<'_>,
    ) -> Result<Vec<Fact>, DbError> {
        let held: Vec<Held> = self
            .select(
                "SELECT g.id, g.account_id, s.code AS service, r.code AS role, g.group_id, p.name AS group_name \
                 FROM role_grant g JOIN service_role r ON r.id = g.role_id JOIN service s ON s.id = r.service_id \
                 JOIN partner_group p ON p.id = g.group_id \
                 WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 \
                 AND ($4 IS NULL OR g.group_id = $4) AND ($5 IS NULL OR g.account_id = $5) \
                 AND ($6 IS NULL OR g.role_id = $6) ORDER BY g.id",
            )
            .bind(partner)
            .bind(which.group)
            .bind(which.account)
            .bind(which.role)
            .fetch_all()
            .await?;
        let mut facts = Vec::new();
        for each in held {
            self.retire(each.id, withdrawal).await?;
            facts.push(Fact::RoleRevoked {
                grant: each.id,
                account: each.account_id,
                partner,
                service: each.service,
                role: each.role,
                reason: withdrawal.reason.to_owned(),
                group: Some(GroupMark { id: each.group_id, name: each.group_name }),
            });
        }
        Ok(facts)
    }
}
