//! How the caps of memberships stand: what is fixed, and who takes a place. Read for pages, and again inside the
//! transaction that decides.

use crate::db::{DbError, FromRow, Selects};
use crate::domain::day::Day;
use crate::domain::grants::{Held, Period, Usage};
use crate::domain::id::{AccountId, GrantId, GroupId, MembershipId, PartnerId, RoleId};
use crate::web::gauge::Gauge;

/// The caps of one membership, and its grants.
#[derive(Clone, Debug)]
pub(super) struct Standing {
    pub(super) membership: MembershipId,
    pub(super) service_code: String,
    pub(super) service: String,
    pub(super) cap: u32,
    pub(super) roles: Vec<Role>,
    held: Vec<Held>,
}

/// A role of its service.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) id: RoleId,
    pub(super) name: String,
    pub(super) cap: Option<u32>,
}

impl Standing {
    /// The cap of a role, if one was fixed, or of the service as a whole.
    pub(super) fn cap_of(&self, role: Option<RoleId>) -> Option<u32> {
        match role {
            None => Some(self.cap),
            Some(role) => self.roles.iter().find(|known| known.id == role).and_then(|known| known.cap),
        }
    }

    /// How that cap stands today.
    pub(super) fn gauge(&self, role: Option<RoleId>, today: Day) -> Gauge {
        let usage = Usage::of(&self.held, role, today);
        Gauge::new(usage.active, usage.waiting, self.cap_of(role))
    }
}

#[derive(FromRow)]
struct MembershipRow {
    id: MembershipId,
    service_code: String,
    service: String,
    cap: i32,
}

#[derive(FromRow)]
struct RoleRow {
    membership_id: MembershipId,
    id: RoleId,
    name: String,
    cap: Option<i32>,
}

#[derive(FromRow)]
struct HeldRow {
    membership_id: MembershipId,
    id: GrantId,
    role_id: RoleId,
    account_id: AccountId,
    starts_on: Day,
    ends_on: Option<Day>,
    group_id: Option<GroupId>,
    able: bool,
}

macro_rules! memberships {
    ($which:literal) => {
        concat!(
            "SELECT m.id, s.code AS service_code, s.name AS service, m.cap \
             FROM membership m JOIN service s ON s.id = m.service_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) ",
            $which
        )
    };
}

macro_rules! roles {
    ($which:literal) => {
        concat!(
            "SELECT m.id AS membership_id, r.id, r.name, k.cap \
             FROM membership m JOIN service_role r ON r.service_id = m.service_id \
             LEFT JOIN role_cap k ON k.membership_id = m.id AND k.role_id = r.id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) ",
            $which,
            " ORDER BY r.position, r.id"
        )
    };
}

macro_rules! held {
    ($which:literal) => {
        concat!(
            "SELECT g.membership_id, g.id, g.role_id, g.account_id, g.starts_on, g.ends_on, g.group_id, \
             (a.password_hash IS NOT NULL AND a.suspended_at IS NULL) AS able \
             FROM membership m JOIN role_grant g ON g.membership_id = m.id JOIN account a ON a.id = g.account_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) ",
            $which
        )
    };
}

/// One membership of one partner.
pub(super) async fn one(
    from: &mut impl Selects,
    partner: PartnerId,
    membership: MembershipId,
) -> Result<Option<Standing>, DbError> {
    let memberships = from
        .select(memberships!("AND m.partner_id = $3 AND m.id = $4"))
        .bind(partner)
        .bind(membership)
        .fetch_all()
        .await?;
    let roles = from
        .select(roles!("AND m.partner_id = $3 AND m.id = $4"))
        .bind(partner)
        .bind(membership)
        .fetch_all()
        .await?;
    let held = from
        .select(held!("AND m.partner_id = $3 AND m.id = $4"))
        .bind(partner)
        .bind(membership)
        .fetch_all()
        .await?;
    Ok(joined(memberships, &roles, &held).pop())
}

/// The memberships for which a request waits.
pub(super) async fn awaited(from: &mut impl Selects) -> Result<Vec<Standing>, DbError> {
    let memberships = from
        .select(memberships!(
            "AND m.id IN (SELECT q.membership_id FROM cap_request q WHERE q.organism_id = $1 AND q.state = 'open')"
        ))
        .fetch_all()
        .await?;
    let roles = from
        .select(roles!(
            "AND m.id IN (SELECT q.membership_id FROM cap_request q WHERE q.organism_id = $1 AND q.state = 'open')"
        ))
        .fetch_all()
        .await?;
    let held = from
        .select(held!(
            "AND m.id IN (SELECT q.membership_id FROM cap_request q WHERE q.organism_id = $1 AND q.state = 'open')"
        ))
        .fetch_all()
        .await?;
    Ok(joined(memberships, &roles, &held))
}

fn joined(memberships: Vec<MembershipRow>, roles: &[RoleRow], held: &[HeldRow]) -> Vec<Standing> {
    let role = |row: &RoleRow| Role { id: row.id, name: row.name.clone(), cap: row.cap.map(people) };
    let holding = |row: &HeldRow| Held {
        grant: row.id,
        account: row.account_id,
        role: row.role_id,
        period: Period { starts_on: row.starts_on, ends_on: row.ends_on },
        group: row.group_id,
        able: row.able,
    };
    memberships
        .into_iter()
        .map(|row| Standing {
            membership: row.id,
            service_code: row.service_code,
            service: row.service,
            cap: people(row.cap),
            roles: roles.iter().filter(|role| role.membership_id == row.id).map(role).collect(),
            held: held.iter().filter(|held| held.membership_id == row.id).map(holding).collect(),
        })
        .collect()
}

/// A column that counts people: the schema keeps it from being negative.
pub(super) fn people(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}
