//! The rows of grants: lists, one grant, who may be granted a role, and what granting and withdrawing write.

use super::offer::perimeter;
use crate::db::standing::{StandingRow, standing_columns};
use crate::db::words::{Beginning, WORDS, found_by};
use crate::db::{DbError, FromRow, Query, Reader, Selects, WriteTx};
use crate::domain::access::{Actor, Mode, Office};
use crate::domain::day::Day;
use crate::domain::facts::GroupMark;
use crate::domain::grants::{Period, Wanted};
use crate::domain::id::{AccountId, GrantId, GroupId, MembershipId, OrganismId, PartnerId, RoleId};
use crate::domain::territory::Perimeter;
use crate::domain::time::Timestamp;
use crate::domain::users::AccountState;
use crate::web::paging::{At, Page, READ};

/// The partner of a page.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Employer {
    pub(super) legal_name: String,
    pub(super) mode: Mode,
}

pub(super) async fn employer(
    from: &mut impl Selects,
    partner: PartnerId,
) -> Result<Option<Employer>, DbError> {
    from.select(
        "SELECT p.legal_name, p.mode FROM partner p \
         WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)",
    )
    .bind(partner)
    .fetch_optional()
    .await
}

/// Somebody who holds a role, or to whom one may be granted.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Person {
    #[sqlx(rename = "account_id")]
    pub(super) id: AccountId,
    pub(super) identifier: String,
    pub(super) surname: String,
    pub(super) given_name: String,
    pub(super) job: String,
    pub(super) office: Office,
    #[sqlx(flatten)]
    standing: StandingRow,
}

impl Person {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }

    pub(super) fn state(&self) -> AccountState {
        self.standing.into()
    }
}

/// Somebody to whom a role may be granted, and how many he holds already.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Candidate {
    #[sqlx(flatten)]
    pub(super) person: Person,
    pub(super) held: i64,
}

macro_rules! people {
    ($($tail:expr),+) => {
        concat!(
            "SELECT a.id AS account_id, a.identifier, a.surname, a.given_name, a.job, a.office, ",
            standing_columns!(),
            ", (SELECT CAST(count(*) AS BIGINT) FROM role_grant g WHERE g.account_id = a.id) AS held \
             FROM account a \
             WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.partner_id = $3 ",
            $($tail),+
        )
    };
}

/// One person of the partner.
pub(super) async fn person(
    from: &mut impl Selects,
    partner: PartnerId,
    account: AccountId,
) -> Result<Option<Candidate>, DbError> {
    from.select(people!("AND a.id = $4")).bind(partner).bind(account).fetch_optional().await
}

/// Of whom a list is: users, or those who administer the partner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Users,
    Administrators,
}

impl Side {
    /// Those of a partner of that mode whose rights the actor decides on.
    pub(super) fn managed_by(actor: &Actor, mode: Mode) -> Self {
        if actor.partner().is_some() || mode == Mode::Centralised {
            Self::Users
        } else {
            Self::Administrators
        }
    }
}

/// People whom a search finds; those who hold nothing come first.
pub(super) async fn people(
    reader: &mut Reader,
    partner: PartnerId,
    side: Side,
    words: &[Beginning; WORDS],
    limit: i64,
) -> Result<Vec<Candidate>, DbError> {
    let query = reader.select(people!(
        "AND (a.office = 'user') = $11 ",
        found_by!("account", "$3", "a.id", "$4", "$5", "$6", "$7", "$8", "$9"),
        "ORDER BY CASE WHEN EXISTS (SELECT 1 FROM role_grant g WHERE g.account_id = a.id) THEN 1 ELSE 0 END, \
         a.name_key, a.id LIMIT $10"
    ));
    query.bind(partner).bind_beginnings(words).bind(limit).bind(side == Side::Users).fetch_all().await
}

/// One grant, with whom and what it is about.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) id: GrantId,
    pub(super) person: Person,
    pub(super) membership: MembershipId,
    pub(super) role: RoleId,
    pub(super) service_code: String,
    pub(super) service: String,
    pub(super) role_code: String,
    pub(super) role_name: String,
    pub(super) perimeter: Perimeter,
    /// The name of the circonscription that it follows, if it follows one.
    pub(super) circonscription: Option<String>,
    pub(super) period: Period,
    /// By which group, if not directly.
    pub(super) group: Option<GroupMark>,
    pub(super) granted_by: String,
    pub(super) granted_at: Timestamp,
}

#[derive(FromRow)]
struct GrantRow {
    id: GrantId,
    membership_id: MembershipId,
    role_id: RoleId,
    service_code: String,
    service: String,
    role_code: String,
    role_name: String,
    perimeter: String,
    circonscription: Option<String>,
    starts_on: Day,
    ends_on: Option<Day>,
    group_id: Option<GroupId>,
    group_name: Option<String>,
    granted_by: String,
    granted_at: Timestamp,
    #[sqlx(flatten)]
    person: Person,
}

impl GrantRow {
    fn grant(self) -> Result<Grant, DbError> {
        Ok(Grant {
            id: self.id,
            person: self.person,
            membership: self.membership_id,
            role: self.role_id,
            service_code: self.service_code,
            service: self.service,
            role_code: self.role_code,
            role_name: self.role_name,
            perimeter: perimeter(&self.perimeter)?,
            circonscription: self.circonscription,
            period: Period { starts_on: self.starts_on, ends_on: self.ends_on },
            group: self.group_id.zip(self.group_name).map(|(id, name)| GroupMark { id, name }),
            granted_by: self.granted_by,
            granted_at: self.granted_at,
        })
    }
}

/// `$3` is the partner.
macro_rules! grants {
    ($($tail:expr),+) => {
        concat!(
            "SELECT g.id, g.membership_id, g.role_id, s.code AS service_code, s.name AS service, \
             r.code AS role_code, r.name AS role_name, g.perimeter, z.name AS circonscription, g.starts_on, g.ends_on, \
             g.group_id, p.name AS group_name, b.given_name || ' ' || b.surname AS granted_by, g.granted_at, \
             g.account_id, a.identifier, a.surname, a.given_name, a.job, a.office, ",
            standing_columns!(),
            " FROM role_grant g JOIN account a ON a.id = g.account_id JOIN service_role r ON r.id = g.role_id \
             JOIN service s ON s.id = r.service_id JOIN account b ON b.id = g.granted_by \
             LEFT JOIN partner_group p ON p.id = g.group_id LEFT JOIN circonscription z ON z.id = g.circonscription_id \
             WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 ",
            $($tail),+
        )
    };
}

/// One grant of the partner, made directly: what a group gives is withdrawn there.
pub(super) async fn grant(
    from: &mut impl Selects,
    partner: PartnerId,
    grant: GrantId,
) -> Result<Option<Grant>, DbError> {
    let row: Option<GrantRow> = from
        .select(grants!("AND g.id = $4 AND g.group_id IS NULL"))
        .bind(partner)
        .bind(grant)
        .fetch_optional()
        .await?;
    row.map(GrantRow::grant).transpose()
}

/// What a list of grants is about.
pub(super) struct Look {
    pub(super) partner: PartnerId,
    pub(super) role: Option<RoleId>,
    pub(super) words: [Beginning; WORDS],
}

/// `$4` the role, `$5` to `$10` three words.
macro_rules! matching {
    () => {
        concat!(
            "AND ($4 IS NULL OR g.role_id = $4) ",
            found_by!("account", "$3", "g.account_id", "$5", "$6", "$7", "$8", "$9", "$10")
        )
    };
}

fn looking<'q>(query: Query<'q>, look: &Look) -> Query<'q> {
    query.bind(look.partner).bind(look.role).bind_beginnings(&look.words)
}

/// A page of them, newest first. A line is named by its instant too, because the line itself may go.
pub(super) async fn page(
    reader: &mut Reader,
    look: &Look,
    at: At<(Timestamp, GrantId)>,
) -> Result<Page<Grant>, DbError> {
    let onward = grants!(
        matching!(),
        " AND ($11 IS NULL OR (g.granted_at, g.id) < ($11, $12)) ORDER BY g.granted_at DESC, g.id DESC LIMIT $13"
    );
    let backward =
        grants!(matching!(), " AND (g.granted_at, g.id) > ($11, $12) ORDER BY g.granted_at, g.id LIMIT $13");
    let (line, upwards) = at.beside();
    let statement = if upwards { backward } else { onward };
    let rows: Vec<GrantRow> = looking(reader.select(statement), look)
        .bind(line.map(|(granted_at, _)| granted_at))
        .bind(line.map(|(_, grant)| grant))
        .bind(READ)
        .fetch_all()
        .await?;
    Ok(Page::cut(&at, rows.into_iter().map(GrantRow::grant).collect::<Result<_, _>>()?))
}

/// How many grants a look finds.
pub(super) async fn count(reader: &mut Reader, look: &Look) -> Result<i64, DbError> {
    let statement = concat!(
        "SELECT CAST(count(*) AS BIGINT) FROM role_grant g \
         WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 ",
        matching!()
    );
    looking(reader.select(statement), look).fetch_value().await
}

/// The places that have served least, by whoever signed in longest ago, or never. With a role, its places; without,
/// those of the service: of people who hold it by one grant only, since withdrawing one of several frees nothing.
pub(super) async fn least_used(
    reader: &mut Reader,
    partner: PartnerId,
    membership: MembershipId,
    role: Option<RoleId>,
    side: Side,
    today: Day,
    limit: i64,
) -> Result<Vec<Grant>, DbError> {
    let rows: Vec<GrantRow> = reader
        .select(grants!(
            "AND g.membership_id = $4 AND (a.office = 'user') = $8 AND (g.ends_on IS NULL OR g.ends_on >= $6) \
             AND ($5 IS NULL OR g.role_id = $5) AND NOT EXISTS (SELECT 1 FROM role_grant o \
               WHERE o.membership_id = g.membership_id AND o.account_id = g.account_id AND o.id <> g.id \
               AND ($5 IS NULL OR o.role_id = $5) AND (o.ends_on IS NULL OR o.ends_on >= $6)) \
             ORDER BY CASE WHEN a.last_sign_in_at IS NULL THEN 0 ELSE 1 END, a.last_sign_in_at, a.name_key, g.id \
             LIMIT $7"
        ))
        .bind(partner)
        .bind(membership)
        .bind(role)
        .bind(today)
        .bind(limit)
        .bind(side == Side::Users)
        .fetch_all()
        .await?;
    rows.into_iter().map(GrantRow::grant).collect()
}

/// What one person holds.
pub(super) async fn held_by(
    reader: &mut Reader,
    partner: PartnerId,
    account: AccountId,
) -> Result<Vec<Grant>, DbError> {
    let rows: Vec<GrantRow> = reader
        .select(grants!("AND g.account_id = $4 ORDER BY s.name, r.position, g.id LIMIT 100"))
        .bind(partner)
        .bind(account)
        .fetch_all()
        .await?;
    rows.into_iter().map(GrantRow::grant).collect()
}

/// The missions of the partner's memberships that may still be declared.
pub(super) async fn missions(
    reader: &mut Reader,
    partner: PartnerId,
) -> Result<Vec<(MembershipId, String)>, DbError> {
    reader
        .select(
            "SELECT i.membership_id, i.label FROM membership_mission i JOIN membership m ON m.id = i.membership_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) AND m.partner_id = $3 \
             AND i.closed = FALSE ORDER BY i.position, i.id LIMIT 200",
        )
        .bind(partner)
        .fetch_all()
        .await
}

/// Where a grant is written.
pub(super) struct Place {
    pub(super) organism: OrganismId,
    pub(super) partner: PartnerId,
    pub(super) membership: MembershipId,
}

/// Writes a grant, made directly or by a group.
pub(super) async fn insert(
    tx: &mut WriteTx,
    id: GrantId,
    place: &Place,
    wanted: &Wanted,
    group: Option<GroupId>,
    by: AccountId,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
         starts_on, ends_on, granted_by, granted_at, group_id, circonscription_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(id)
    .bind(place.organism)
    .bind(place.partner)
    .bind(place.membership)
    .bind(wanted.role)
    .bind(wanted.account)
    .bind(wanted.perimeter.to_string())
    .bind(wanted.period.starts_on)
    .bind(wanted.period.ends_on)
    .bind(by)
    .bind(now)
    .bind(group)
    .bind(wanted.circonscription)
    .execute()
    .await?;
    Ok(())
}
