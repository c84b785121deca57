//! The rows of groups, of their members and of what they give.

use crate::db::standing::{StandingRow, standing_columns};
use crate::db::words::{Beginning, WORDS, found_by};
use crate::db::{DbError, FromRow, Reader, Selects, WriteTx};
use crate::domain::day::Day;
use crate::domain::facts::GroupMark;
use crate::domain::grants::Period;
use crate::domain::groups::{Given, Wanted};
use crate::domain::id::{
    AccountId, CirconscriptionId, GroupGrantId, GroupId, MembershipId, PartnerId, RoleId,
};
use crate::domain::territory::Perimeter;
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::domain::users::AccountState;
use crate::features::grants::offer::perimeter;
use crate::features::grants::store::Place;

/// A group.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Group {
    pub(super) id: GroupId,
    pub(super) name: String,
    pub(super) purpose: String,
    pub(super) created_by: String,
    pub(super) created_at: Timestamp,
    pub(super) archived_at: Option<Timestamp>,
    pub(super) version: i64,
    pub(super) members: i64,
    pub(super) roles: i64,
}

impl Group {
    /// As traces keep it.
    pub(super) fn mark(&self) -> GroupMark {
        GroupMark { id: self.id, name: self.name.clone() }
    }
}

macro_rules! groups {
    ($tail:literal) => {
        concat!(
            "SELECT p.id, p.name, p.purpose, b.given_name || ' ' || b.surname AS created_by, p.created_at, \
             p.archived_at, p.version, \
             (SELECT CAST(count(*) AS BIGINT) FROM group_member m WHERE m.group_id = p.id) AS members, \
             (SELECT CAST(count(*) AS BIGINT) FROM group_grant x WHERE x.group_id = p.id) AS roles \
             FROM partner_group p JOIN account b ON b.id = p.created_by \
             WHERE p.organism_id = $1 AND ($2 IS NULL OR p.partner_id = $2) AND p.partner_id = $3 ",
            $tail
        )
    };
}

/// One group of the partner.
pub(super) async fn group(
    from: &mut impl Selects,
    partner: PartnerId,
    group: GroupId,
) -> Result<Option<Group>, DbError> {
    from.select(groups!("AND p.id = $4")).bind(partner).bind(group).fetch_optional().await
}

/// The groups of the partner, by name: those that serve, or those that were put away.
pub(super) async fn list(
    from: &mut impl Selects,
    partner: PartnerId,
    archived: bool,
) -> Result<Vec<Group>, DbError> {
    from.select(groups!("AND (p.archived_at IS NOT NULL) = $4 ORDER BY p.name_key, p.id LIMIT 500"))
        .bind(partner)
        .bind(archived)
        .fetch_all()
        .await
}

/// Somebody in a group, or who could be.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Member {
    pub(super) id: AccountId,
    pub(super) identifier: String,
    pub(super) surname: String,
    pub(super) given_name: String,
    pub(super) job: String,
    #[sqlx(flatten)]
    standing: StandingRow,
}

impl Member {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }

    /// Whether the person can sign in.
    pub(super) fn able(&self) -> bool {
        self.state().is_able()
    }

    pub(super) fn state(&self) -> AccountState {
        self.standing.into()
    }
}

/// People whom a group may have: users of the partner.
macro_rules! people {
    ($($tail:expr),+) => {
        concat!(
            "SELECT a.id, a.identifier, a.surname, a.given_name, a.job, ",
            standing_columns!(),
            " FROM account a WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.partner_id = $3 \
             AND a.office = 'user' ",
            $($tail),+
        )
    };
}

/// Who is in a group, by name.
pub(super) async fn members(
    from: &mut impl Selects,
    partner: PartnerId,
    group: GroupId,
) -> Result<Vec<Member>, DbError> {
    from.select(people!(
        "AND EXISTS (SELECT 1 FROM group_member m WHERE m.account_id = a.id AND m.group_id = $4) \
         ORDER BY a.name_key, a.id"
    ))
    .bind(partner)
    .bind(group)
    .fetch_all()
    .await
}

/// Somebody who could be in a group, whether he is or not.
pub(super) async fn person(
    from: &mut impl Selects,
    partner: PartnerId,
    account: AccountId,
) -> Result<Option<Member>, DbError> {
    from.select(people!("AND a.id = $4")).bind(partner).bind(account).fetch_optional().await
}

/// People whom a search finds and who are not in a group.
pub(super) async fn outside(
    reader: &mut Reader,
    partner: PartnerId,
    group: GroupId,
    words: &[Beginning; WORDS],
    limit: i64,
) -> Result<Vec<Member>, DbError> {
    let query = reader
        .select(people!(
            "AND NOT EXISTS (SELECT 1 FROM group_member m WHERE m.account_id = a.id AND m.group_id = $4) ",
            found_by!("account", "$3", "a.id", "$5", "$6", "$7", "$8", "$9", "$10"),
            "ORDER BY a.name_key, a.id LIMIT $11"
        ))
        .bind(partner)
        .bind(group);
    query.bind_beginnings(words).bind(limit).fetch_all().await
}

/// A role that a group gives.
#[derive(Clone, Debug)]
pub(super) struct GroupRole {
    pub(super) id: GroupGrantId,
    pub(super) membership: MembershipId,
    pub(super) role: RoleId,
    pub(super) service_code: String,
    pub(super) service: String,
    pub(super) role_code: String,
    pub(super) role_name: String,
    pub(super) perimeter: Perimeter,
    /// The circonscription that it follows, if it follows one.
    pub(super) circonscription: Option<CirconscriptionId>,
    pub(super) circonscription_name: Option<String>,
    pub(super) period: Period,
    pub(super) granted_by: String,
}

impl GroupRole {
    /// As rules see it.
    pub(super) fn given(&self) -> Given {
        Given { grant: self.id, role: self.role, period: self.period }
    }
}

#[derive(FromRow)]
struct GroupRoleRow {
    id: GroupGrantId,
    membership_id: MembershipId,
    role_id: RoleId,
    service_code: String,
    service: String,
    role_code: String,
    role_name: String,
    perimeter: String,
    circonscription_id: Option<CirconscriptionId>,
    circonscription_name: Option<String>,
    starts_on: Day,
    ends_on: Option<Day>,
    granted_by: String,
}

/// What a group gives, role by role.
pub(super) async fn roles(
    from: &mut impl Selects,
    partner: PartnerId,
    group: GroupId,
) -> Result<Vec<GroupRole>, DbError> {
    let rows: Vec<GroupRoleRow> = from
        .select(
            "SELECT x.id, x.membership_id, x.role_id, s.code AS service_code, s.name AS service, \
             r.code AS role_code, r.name AS role_name, x.perimeter, x.circonscription_id, \
             z.name AS circonscription_name, x.starts_on, x.ends_on, b.given_name || ' ' || b.surname AS granted_by \
             FROM group_grant x JOIN service_role r ON r.id = x.role_id JOIN service s ON s.id = r.service_id \
             JOIN account b ON b.id = x.granted_by LEFT JOIN circonscription z ON z.id = x.circonscription_id \
             WHERE x.organism_id = $1 AND ($2 IS NULL OR x.partner_id = $2) AND x.partner_id = $3 \
             AND x.group_id = $4 ORDER BY s.name, r.position, x.id",
        )
        .bind(partner)
        .bind(group)
        .fetch_all()
        .await?;
    let role = |row: GroupRoleRow| {
        Ok(GroupRole {
            id: row.id,
            membership: row.membership_id,
            role: row.role_id,
            service_code: row.service_code,
            service: row.service,
            role_code: row.role_code,
            role_name: row.role_name,
            perimeter: perimeter(&row.perimeter)?,
            circonscription: row.circonscription_id,
            circonscription_name: row.circonscription_name,
            period: Period { starts_on: row.starts_on, ends_on: row.ends_on },
            granted_by: row.granted_by,
        })
    };
    rows.into_iter().map(role).collect()
}

/// Writes a group.
pub(super) async fn insert(
    tx: &mut WriteTx,
    group: GroupId,
    partner: PartnerId,
    (name, purpose): (&str, &str),
    by: AccountId,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO partner_group (id, organism_id, partner_id, name, name_key, purpose, created_by, created_at) \
         SELECT $1, p.organism_id, p.id, $3, $4, $5, $6, $7 FROM partner p WHERE p.id = $2",
    )
    .bind(group)
    .bind(partner)
    .bind(name.to_owned())
    .bind(fold(name))
    .bind(purpose.to_owned())
    .bind(by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Names and describes it anew; `false` when it is no longer as the form showed it.
pub(super) async fn update(
    tx: &mut WriteTx,
    group: GroupId,
    version: i64,
    (name, purpose): (&str, &str),
) -> Result<bool, DbError> {
    let updated = tx
        .write(
            "UPDATE partner_group SET name = $3, name_key = $4, purpose = $5, version = version + 1 \
             WHERE id = $1 AND version = $2 AND archived_at IS NULL",
        )
        .bind(group)
        .bind(version)
        .bind(name.to_owned())
        .bind(fold(name))
        .bind(purpose.to_owned())
        .execute()
        .await?;
    Ok(updated == 1)
}

/// Puts it away.
pub(super) async fn archive(tx: &mut WriteTx, group: GroupId) -> Result<(), DbError> {
    let now = tx.now();
    tx.write("UPDATE partner_group SET archived_at = $2, version = version + 1 WHERE id = $1")
        .bind(group)
        .bind(now)
        .execute()
        .await?;
    Ok(())
}

/// Brings somebody in.
pub(super) async fn add_member(
    tx: &mut WriteTx,
    group: GroupId,
    account: AccountId,
    by: AccountId,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO group_member (group_id, account_id, organism_id, partner_id, added_by, added_at) \
         SELECT p.id, $2, p.organism_id, p.partner_id, $3, $4 FROM partner_group p WHERE p.id = $1",
    )
    .bind(group)
    .bind(account)
    .bind(by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Takes somebody out.
pub(super) async fn remove_member(
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

/// Writes what a group gives.
pub(super) async fn insert_role(
    tx: &mut WriteTx,
    grant: GroupGrantId,
    group: GroupId,
    place: &Place,
    wanted: &Wanted,
    by: AccountId,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO group_grant (id, organism_id, partner_id, group_id, membership_id, role_id, perimeter, \
         starts_on, ends_on, granted_by, granted_at, circonscription_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(grant)
    .bind(place.organism)
    .bind(place.partner)
    .bind(group)
    .bind(place.membership)
    .bind(wanted.role)
    .bind(wanted.perimeter.to_string())
    .bind(wanted.period.starts_on)
    .bind(wanted.period.ends_on)
    .bind(by)
    .bind(now)
    .bind(wanted.circonscription)
    .execute()
    .await?;
    Ok(())
}

/// It gives it no more.
pub(super) async fn delete_role(tx: &mut WriteTx, grant: GroupGrantId) -> Result<(), DbError> {
    tx.write("DELETE FROM group_grant WHERE id = $1").bind(grant).execute().await?;
    Ok(())
}
