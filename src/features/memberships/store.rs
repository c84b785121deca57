//! The rows of memberships.

use super::form::{CapsAsked, Terms, kept};
use crate::db::{DbError, FromRow, Query, Reader, WriteTx};
use crate::domain::day::Day;
use crate::domain::id::{MembershipId, MissionId, OrganismId, PartnerId, RoleId, ServiceId};
use crate::domain::memberships::{Conditions, convention_holds_from};
use crate::web::gauge::Gauge;

/// What a membership is opened for: the partner, and what its organism may give.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Partner {
    pub(super) legal_name: String,
    pub(super) territory: String,
}

pub(super) async fn partner(reader: &mut Reader, partner: PartnerId) -> Result<Option<Partner>, DbError> {
    reader
        .select(
            "SELECT p.legal_name, o.territory FROM partner p JOIN organism o ON o.id = p.organism_id \
             WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)",
        )
        .bind(partner)
        .fetch_optional()
        .await
}

/// A service that may be joined.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Service {
    pub(super) id: ServiceId,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) description: String,
}

/// The services of the organism's kind that the partner has not joined; its id is still to be bound.
pub(super) const OFFERED: &str = "SELECT s.id, s.code, s.name, s.description \
     FROM partner p JOIN organism o ON o.id = p.organism_id JOIN service s ON s.organism_kind = o.kind \
     WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) \
     AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.partner_id = p.id AND m.service_id = s.id) \
     ORDER BY s.name, s.id LIMIT 100";

pub(super) async fn offered(select: Query<'_>, partner: PartnerId) -> Result<Vec<Service>, DbError> {
    select.bind(partner).fetch_all().await
}

/// A role of a service, with its cap and its use when they are known.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Role {
    pub(super) id: RoleId,
    pub(super) service_id: ServiceId,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) cap: Option<i32>,
    pub(super) taken: i64,
    pub(super) active: i64,
}

impl Role {
    /// How it stands; without a cap there is only a use.
    pub(super) fn gauge(&self) -> Gauge {
        gauge(self.taken, self.active, self.cap)
    }

    /// Its cap, where the organism fixed one.
    pub(super) fn fixed(&self) -> Option<u32> {
        self.cap.and_then(|cap| u32::try_from(cap).ok())
    }

    /// A role that nobody holds, for tests.
    #[cfg(test)]
    pub(super) fn plain(id: RoleId, name: &str) -> Self {
        let service_id = crate::domain::id::RowId::from_uuid(uuid::Uuid::nil());
        Self {
            id,
            service_id,
            name: name.to_owned(),
            description: String::new(),
            cap: None,
            taken: 0,
            active: 0,
        }
    }
}

fn gauge(taken: i64, active: i64, cap: Option<i32>) -> Gauge {
    let people = |count: i64| u32::try_from(count).unwrap_or_default();
    Gauge::new(people(active), people(taken - active), cap.and_then(|cap| u32::try_from(cap).ok()))
}

/// The roles of the services that the partner has not joined.
pub(super) const OFFERED_ROLES: &str = "SELECT r.id, r.service_id, r.name, r.description, CAST(NULL AS INTEGER) AS cap, \
     CAST(0 AS BIGINT) AS taken, CAST(0 AS BIGINT) AS active \
     FROM partner p JOIN organism o ON o.id = p.organism_id JOIN service s ON s.organism_kind = o.kind \
     JOIN service_role r ON r.service_id = s.id \
     WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) \
     AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.partner_id = p.id AND m.service_id = s.id) \
     ORDER BY r.service_id, r.position LIMIT 500";

/// The roles of a membership's service. Whoever holds a grant that has not ended takes a place.
pub(super) const ROLES: &str = "SELECT r.id, r.service_id, r.name, r.description, c.cap, \
     (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
     WHERE g.membership_id = m.id AND g.role_id = r.id AND (g.ends_on IS NULL OR g.ends_on >= $4)) AS taken, \
     (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g JOIN account a ON a.id = g.account_id \
     WHERE g.membership_id = m.id AND g.role_id = r.id AND (g.ends_on IS NULL OR g.ends_on >= $4) \
     AND g.starts_on <= $4 AND a.suspended_at IS NULL AND a.password_hash IS NOT NULL) AS active \
     FROM membership m JOIN service_role r ON r.service_id = m.service_id \
     LEFT JOIN role_cap c ON c.membership_id = m.id AND c.role_id = r.id \
     WHERE m.id = $3 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) ORDER BY r.position, r.id LIMIT 500";

pub(super) async fn offered_roles(select: Query<'_>, partner: PartnerId) -> Result<Vec<Role>, DbError> {
    select.bind(partner).fetch_all().await
}

pub(super) async fn roles(
    select: Query<'_>,
    membership: MembershipId,
    today: Day,
) -> Result<Vec<Role>, DbError> {
    select.bind(membership).bind(today).fetch_all().await
}

/// A membership whole.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Sheet {
    pub(super) partner_name: String,
    pub(super) service_code: String,
    pub(super) service_name: String,
    pub(super) service_description: String,
    pub(super) perimeter: String,
    pub(super) available_on: Option<Day>,
    pub(super) formality_done_on: Option<Day>,
    pub(super) contract_signed_on: Option<Day>,
    pub(super) signed_on: Option<Day>,
    pub(super) cap: i32,
    pub(super) version: i64,
    pub(super) convention_signed_on: Option<Day>,
    pub(super) convention_effective_on: Option<Day>,
    pub(super) territory: String,
    pub(super) taken: i64,
    pub(super) active: i64,
}

impl Sheet {
    /// The days of its conditions.
    pub(super) fn conditions(&self) -> Conditions {
        Conditions {
            formality: self.formality_done_on,
            convention: convention_holds_from(self.convention_signed_on, self.convention_effective_on),
            contract: self.contract_signed_on,
            membership: self.signed_on,
            available_on: self.available_on,
        }
    }

    /// How the cap of the service stands.
    pub(super) fn gauge(&self) -> Gauge {
        gauge(self.taken, self.active, Some(self.cap))
    }
}

/// One membership of one partner: both ids, then the day, are still to be bound.
pub(super) const SHEET: &str = "SELECT p.legal_name AS partner_name, s.code AS service_code, \
     s.name AS service_name, s.description AS service_description, m.perimeter, m.available_on, \
     m.formality_done_on, m.contract_signed_on, m.signed_on, m.cap, m.version, \
     c.signed_on AS convention_signed_on, c.effective_on AS convention_effective_on, o.territory, \
     (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
     WHERE g.membership_id = m.id AND (g.ends_on IS NULL OR g.ends_on >= $5)) AS taken, \
     (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g JOIN account a ON a.id = g.account_id \
     WHERE g.membership_id = m.id AND (g.ends_on IS NULL OR g.ends_on >= $5) AND g.starts_on <= $5 \
     AND a.suspended_at IS NULL AND a.password_hash IS NOT NULL) AS active \
     FROM membership m JOIN partner p ON p.id = m.partner_id JOIN service s ON s.id = m.service_id \
     JOIN convention c ON c.partner_id = m.partner_id JOIN organism o ON o.id = m.organism_id \
     WHERE m.partner_id = $3 AND m.id = $4 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2)";

pub(super) async fn sheet(
    select: Query<'_>,
    partner: PartnerId,
    membership: MembershipId,
    today: Day,
) -> Result<Option<Sheet>, DbError> {
    select.bind(partner).bind(membership).bind(today).fetch_optional().await
}

/// A mission, open or closed.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Mission {
    pub(super) id: MissionId,
    pub(super) label: String,
    pub(super) closed: bool,
}

/// The missions of a membership, whose id is still to be bound.
pub(super) const MISSIONS: &str = "SELECT n.id, n.label, n.closed FROM membership_mission n \
     JOIN membership m ON m.id = n.membership_id \
     WHERE m.id = $3 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) \
     ORDER BY n.closed, n.position, n.id LIMIT 200";

pub(super) async fn missions(select: Query<'_>, membership: MembershipId) -> Result<Vec<Mission>, DbError> {
    select.bind(membership).fetch_all().await
}

pub(super) async fn insert(
    tx: &mut WriteTx,
    membership: MembershipId,
    organism: OrganismId,
    partner: PartnerId,
    service: ServiceId,
    terms: &Terms,
    caps: &CapsAsked,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO membership (id, organism_id, partner_id, service_id, perimeter, available_on, \
         formality_done_on, contract_signed_on, signed_on, cap, created_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)",
    )
    .bind(membership)
    .bind(organism)
    .bind(partner)
    .bind(service)
    .bind(terms.perimeter.to_string())
    .bind(terms.available_on)
    .bind(terms.formality_done_on)
    .bind(terms.contract_signed_on)
    .bind(terms.signed_on)
    .bind(kept(caps.service))
    .bind(now)
    .execute()
    .await?;
    for (role, cap) in &caps.roles {
        set_role_cap(tx, membership, *role, *cap).await?;
    }
    Ok(())
}

/// Writes over a version of a membership; `false` when it is no longer the present one.
pub(super) async fn update(
    tx: &mut WriteTx,
    membership: MembershipId,
    version: i64,
    terms: &Terms,
) -> Result<bool, DbError> {
    let updated = tx
        .write(
            "UPDATE membership SET perimeter = $3, available_on = $4, formality_done_on = $5, \
             contract_signed_on = $6, signed_on = $7, version = version + 1 WHERE id = $1 AND version = $2",
        )
        .bind(membership)
        .bind(version)
        .bind(terms.perimeter.to_string())
        .bind(terms.available_on)
        .bind(terms.formality_done_on)
        .bind(terms.contract_signed_on)
        .bind(terms.signed_on)
        .execute()
        .await?;
    Ok(updated == 1)
}

/// Adds a mission after those that are there.
pub(super) async fn add_mission(
    tx: &mut WriteTx,
    membership: MembershipId,
    label: &str,
) -> Result<(), DbError> {
    let mission: MissionId = tx.new_id();
    tx.write(
        "INSERT INTO membership_mission (id, membership_id, label, position, closed) VALUES ($1, $2, $3, \
         (SELECT CAST(COALESCE(max(n.position), 0) + 1 AS INTEGER) FROM membership_mission n \
         WHERE n.membership_id = $2), FALSE)",
    )
    .bind(mission)
    .bind(membership)
    .bind(label.to_owned())
    .execute()
    .await?;
    Ok(())
}

/// Closes a mission: it can no longer be declared, and what was declared under it keeps its name.
pub(super) async fn close_mission(
    tx: &mut WriteTx,
    membership: MembershipId,
    mission: MissionId,
) -> Result<(), DbError> {
    tx.write("UPDATE membership_mission SET closed = TRUE WHERE id = $1 AND membership_id = $2")
        .bind(mission)
        .bind(membership)
        .execute()
        .await?;
    Ok(())
}

/// Fixes the cap of the service over a version of the membership; `false` when it is no longer the present one.
pub(super) async fn set_cap(
    tx: &mut WriteTx,
    membership: MembershipId,
    version: i64,
    cap: u32,
) -> Result<bool, DbError> {
    let updated = tx
        .write("UPDATE membership SET cap = $3, version = version + 1 WHERE id = $1 AND version = $2")
        .bind(membership)
        .bind(version)
        .bind(kept(cap))
        .execute()
        .await?;
    Ok(updated == 1)
}

/// Fixes the cap of a role, or takes it away.
pub(super) async fn set_role_cap(
    tx: &mut WriteTx,
    membership: MembershipId,
    role: RoleId,
    cap: Option<u32>,
) -> Result<(), DbError> {
    let statement = match cap {
        None => tx.write("DELETE FROM role_cap WHERE membership_id = $1 AND role_id = $2"),
        Some(_) => tx.write(
            "INSERT INTO role_cap (membership_id, role_id, cap) VALUES ($1, $2, $3) \
             ON CONFLICT (membership_id, role_id) DO UPDATE SET cap = excluded.cap",
        ),
    };
    let statement = statement.bind(membership).bind(role);
    match cap {
        None => statement,
        Some(cap) => statement.bind(kept(cap)),
    }
    .execute()
    .await?;
    Ok(())
}
