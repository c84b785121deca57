//! The group of the demonstration: somebody holds a role by it, beside the one that was given to him.

use crate::app::App;
use crate::db::{DbError, FromRow, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::{Fact, GroupMark};
use crate::domain::id::{
    AccountId, GrantId, GroupGrantId, GroupId, MembershipId, OrganismId, PartnerId, RoleId,
};
use crate::domain::text::fold;

use super::DemoError;
use super::cast::Group;

/// Who is there already.
#[derive(FromRow)]
struct Found {
    principal: AccountId,
    member: AccountId,
    membership: MembershipId,
    perimeter: String,
    service: String,
    role: RoleId,
}

/// Makes it. Each act leaves its trace, as it would in service.
pub(super) async fn sow(
    app: &App,
    (organism, partner): (OrganismId, PartnerId),
    of: &Group,
    today: Day,
) -> Result<(), DemoError> {
    let job = app.job("demo", Some(organism));
    let draft = app.write(&job).await?;
    let mut tx = draft.permit(Permission::FoundOrganism, Scope::Organism(organism))?;
    let found: Option<Found> = tx
        .write(
            "SELECT a.id AS principal, u.id AS member, m.id AS membership, m.perimeter, s.code AS service, r.id AS role \
             FROM account a JOIN account u ON u.partner_id = a.partner_id AND u.identifier = $2 \
             JOIN membership m ON m.partner_id = a.partner_id JOIN service s ON s.id = m.service_id \
             JOIN service_role r ON r.service_id = s.id AND r.code = $3 \
             WHERE a.partner_id = $1 AND a.office = 'principal'",
        )
        .bind(partner)
        .bind(of.member)
        .bind(of.role)
        .fetch_optional()
        .await?;
    let found = found.ok_or_else(|| DbError::Defect("nobody to put in a group".to_owned()))?;
    let (group, given, grant): (GroupId, GroupGrantId, GrantId) = (tx.new_id(), tx.new_id(), tx.new_id());
    write_group(&mut tx, (organism, partner, group), of, &found).await?;
    write_role(&mut tx, (organism, partner, group), &found, (given, grant), today).await?;
    let mark = GroupMark { id: group, name: of.name.to_owned() };
    let (service, role, perimeter) = (found.service, of.role.to_owned(), found.perimeter);
    let facts = [
        Fact::GroupCreated { group: mark.clone(), purpose: of.purpose.to_owned() },
        Fact::GroupJoined { group: mark.clone(), account: found.member },
        Fact::GroupRoleGranted {
            grant: given,
            group: mark.clone(),
            membership: found.membership,
            service: service.clone(),
            role: role.clone(),
            perimeter: perimeter.clone(),
            starts_on: today,
            ends_on: None,
        },
        Fact::RoleGranted {
            grant,
            account: found.member,
            partner,
            membership: found.membership,
            service,
            role,
            perimeter,
            starts_on: today,
            ends_on: None,
            group: Some(mark),
        },
    ];
    let _receipt = tx.commit(facts).await?;
    Ok(())
}

async fn write_group(
    tx: &mut WriteTx,
    (organism, partner, group): (OrganismId, PartnerId, GroupId),
    of: &Group,
    found: &Found,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO partner_group (id, organism_id, partner_id, name, name_key, purpose, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(group)
    .bind(organism)
    .bind(partner)
    .bind(of.name)
    .bind(fold(of.name))
    .bind(of.purpose)
    .bind(found.principal)
    .bind(now)
    .execute()
    .await?;
    tx.write(
        "INSERT INTO group_member (group_id, account_id, organism_id, partner_id, added_by, added_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(group)
    .bind(found.member)
    .bind(organism)
    .bind(partner)
    .bind(found.principal)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

async fn write_role(
    tx: &mut WriteTx,
    (organism, partner, group): (OrganismId, PartnerId, GroupId),
    found: &Found,
    (given, grant): (GroupGrantId, GrantId),
    today: Day,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO group_grant (id, organism_id, partner_id, group_id, membership_id, role_id, perimeter, \
         starts_on, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(given)
    .bind(organism)
    .bind(partner)
    .bind(group)
    .bind(found.membership)
    .bind(found.role)
    .bind(found.perimeter.clone())
    .bind(today)
    .bind(found.principal)
    .bind(now)
    .execute()
    .await?;
    tx.write(
        "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
         starts_on, granted_by, granted_at, group_id) \
         SELECT $2, organism_id, partner_id, membership_id, role_id, $3, perimeter, starts_on, granted_by, granted_at, \
         group_id FROM group_grant WHERE id = $1",
    )
    .bind(given)
    .bind(grant)
    .bind(found.member)
    .execute()
    .await?;
    Ok(())
}
