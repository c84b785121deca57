//! What a partner may grant: its memberships, their roles, caps and perimeters, and who holds what already.
//! Read for pages, and again inside the transaction that grants.

use std::collections::BTreeSet;

use crate::db::{DbError, FromRow, Selects};
use crate::domain::caps::Limits;
use crate::domain::day::Day;
use crate::domain::files::Rubric;
use crate::domain::grants::{Held, Period, Usage};
use crate::domain::id::{AccountId, GrantId, GroupId, MembershipId, PartnerId, RoleId};
use crate::domain::memberships::{Conditions, convention_holds_from};
use crate::domain::territory::Perimeter;
use crate::domain::time::Timestamp;
use crate::web::gauge::Gauge;

/// One membership of the partner.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) id: MembershipId,
    pub(super) service_code: String,
    pub(super) service: String,
    pub(super) perimeter: Perimeter,
    /// Its service is given by circonscription only.
    pub(super) by_circonscription: bool,
    pub(super) conditions: Conditions,
    pub(super) cap: u32,
    pub(super) roles: Vec<Role>,
    pub(super) held: Vec<Held>,
}

/// One role of its service.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) id: RoleId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) cap: Option<u32>,
    pub(super) rubrics: BTreeSet<Rubric>,
}

impl Membership {
    pub(super) fn limits(&self) -> Limits {
        let roles = self.roles.iter().filter_map(|role| role.cap.map(|cap| (role.id, cap))).collect();
        Limits { service: self.cap, roles }
    }

    /// How the cap of the service stands.
    pub(super) fn gauge(&self, today: Day) -> Gauge {
        gauge(Usage::of(&self.held, None, today), Some(self.cap))
    }

    /// How the cap of a role stands.
    pub(super) fn role_gauge(&self, role: &Role, today: Day) -> Gauge {
        gauge(Usage::of(&self.held, Some(role.id), today), role.cap)
    }
}

fn gauge(usage: Usage, cap: Option<u32>) -> Gauge {
    Gauge::new(usage.active, usage.waiting, cap)
}

/// The role of that id, with its membership.
pub(super) fn role_of(offer: &[Membership], role: RoleId) -> Option<(&Membership, &Role)> {
    offer
        .iter()
        .find_map(|membership| Some((membership, membership.roles.iter().find(|each| each.id == role)?)))
}

#[derive(FromRow)]
struct MembershipRow {
    id: MembershipId,
    service_code: String,
    service: String,
    perimeter: String,
    by_circonscription: bool,
    available_on: Option<Day>,
    formality_done_on: Option<Day>,
    contract_signed_on: Option<Day>,
    signed_on: Option<Day>,
    convention_signed_on: Option<Day>,
    convention_effective_on: Option<Day>,
    cap: i32,
}

#[derive(FromRow)]
struct RoleRow {
    id: RoleId,
    membership_id: MembershipId,
    code: String,
    name: String,
    description: String,
    cap: Option<i32>,
}

#[derive(FromRow)]
struct HeldRow {
    id: GrantId,
    membership_id: MembershipId,
    role_id: RoleId,
    account_id: AccountId,
    starts_on: Day,
    ends_on: Option<Day>,
    group_id: Option<GroupId>,
    has_password: bool,
    suspended_at: Option<Timestamp>,
}

/// Everything that the partner may grant.
pub(super) async fn offer(from: &mut impl Selects, partner: PartnerId) -> Result<Vec<Membership>, DbError> {
    let memberships: Vec<MembershipRow> = from
        .select(
            "SELECT m.id, s.code AS service_code, s.name AS service, m.perimeter, \
             s.by_circonscription, m.available_on, \
             m.formality_done_on, m.contract_signed_on, m.signed_on, c.signed_on AS convention_signed_on, \
             c.effective_on AS convention_effective_on, m.cap \
             FROM membership m JOIN service s ON s.id = m.service_id \
             LEFT JOIN convention c ON c.partner_id = m.partner_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) AND m.partner_id = $3 \
             ORDER BY s.name, m.id LIMIT 50",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    let roles: Vec<RoleRow> = from
        .select(
            "SELECT r.id, m.id AS membership_id, r.code, r.name, r.description, k.cap \
             FROM membership m JOIN service_role r ON r.service_id = m.service_id \
             LEFT JOIN role_cap k ON k.membership_id = m.id AND k.role_id = r.id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) AND m.partner_id = $3 \
             ORDER BY r.position, r.id",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    let rubrics: Vec<(RoleId, String)> = from
        .select(
            "SELECT b.role_id, b.rubric FROM membership m JOIN service_role r ON r.service_id = m.service_id \
             JOIN role_rubric b ON b.role_id = r.id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) AND m.partner_id = $3",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    let held: Vec<HeldRow> = from
        .select(
            "SELECT g.id, g.membership_id, g.role_id, g.account_id, g.starts_on, g.ends_on, g.group_id, \
             (a.password_hash IS NOT NULL) AS has_password, a.suspended_at \
             FROM role_grant g JOIN account a ON a.id = g.account_id \
             WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 ORDER BY g.id",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    memberships
        .into_iter()
        .map(|row| {
            let roles = roles.iter().filter(|role| role.membership_id == row.id);
            let held = held.iter().filter(|held| held.membership_id == row.id);
            Ok(Membership {
                id: row.id,
                service_code: row.service_code,
                service: row.service,
                perimeter: perimeter(&row.perimeter)?,
                by_circonscription: row.by_circonscription,
                conditions: Conditions {
                    formality: row.formality_done_on,
                    convention: convention_holds_from(row.convention_signed_on, row.convention_effective_on),
                    contract: row.contract_signed_on,
                    membership: row.signed_on,
                    available_on: row.available_on,
                },
                cap: people(row.cap),
                roles: roles.map(|role| role_of_row(role, &rubrics)).collect(),
                held: held.map(held_of_row).collect(),
            })
        })
        .collect()
}

fn role_of_row(row: &RoleRow, rubrics: &[(RoleId, String)]) -> Role {
    Role {
        id: row.id,
        code: row.code.clone(),
        name: row.name.clone(),
        description: row.description.clone(),
        cap: row.cap.map(people),
        rubrics: rubrics
            .iter()
            .filter(|(of, _)| *of == row.id)
            .filter_map(|(_, rubric)| Rubric::parse(rubric))
            .collect(),
    }
}

fn held_of_row(row: &HeldRow) -> Held {
    Held {
        grant: row.id,
        account: row.account_id,
        role: row.role_id,
        period: Period { starts_on: row.starts_on, ends_on: row.ends_on },
        group: row.group_id,
        able: row.has_password && row.suspended_at.is_none(),
    }
}

/// A perimeter as a row keeps it.
pub(super) fn perimeter(stored: &str) -> Result<Perimeter, DbError> {
    stored.parse().map_err(|_| DbError::Defect("a perimeter that its own reader refuses".to_owned()))
}

/// A column that counts people: the schema keeps it from being negative.
fn people(cap: i32) -> u32 {
    u32::try_from(cap).unwrap_or(0)
}
