//! What a partner joined, as its page shows it: conditions, and how the caps stand.

use crate::db::{DbError, FromRow, Reader};
use crate::domain::day::Day;
use crate::domain::id::{MembershipId, PartnerId};
use crate::domain::memberships::{Conditions, convention_holds_from};
use crate::web::gauge::Gauge;

/// A membership of the partner.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::partners) struct Joined {
    pub(in crate::features::partners) id: MembershipId,
    pub(in crate::features::partners) service: String,
    pub(in crate::features::partners) roles: i64,
    pub(in crate::features::partners) available_on: Option<Day>,
    pub(in crate::features::partners) formality_done_on: Option<Day>,
    pub(in crate::features::partners) contract_signed_on: Option<Day>,
    pub(in crate::features::partners) signed_on: Option<Day>,
    pub(in crate::features::partners) cap: i32,
    pub(in crate::features::partners) taken: i64,
    pub(in crate::features::partners) active: i64,
}

impl Joined {
    /// The days of its conditions, one of which is the convention's.
    pub(in crate::features::partners) fn conditions(
        &self,
        convention_signed_on: Option<Day>,
        convention_effective_on: Option<Day>,
    ) -> Conditions {
        Conditions {
            formality: self.formality_done_on,
            convention: convention_holds_from(convention_signed_on, convention_effective_on),
            contract: self.contract_signed_on,
            membership: self.signed_on,
            available_on: self.available_on,
        }
    }

    /// How the cap of the service stands.
    pub(in crate::features::partners) fn gauge(&self) -> Gauge {
        gauge(self.taken, self.active, self.cap)
    }
}

/// A cap of one role.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::partners) struct Capped {
    pub(in crate::features::partners) membership_id: MembershipId,
    pub(in crate::features::partners) role: String,
    pub(in crate::features::partners) cap: i32,
    pub(in crate::features::partners) taken: i64,
    pub(in crate::features::partners) active: i64,
}

impl Capped {
    /// How it stands.
    pub(in crate::features::partners) fn gauge(&self) -> Gauge {
        gauge(self.taken, self.active, self.cap)
    }
}

fn gauge(taken: i64, active: i64, cap: i32) -> Gauge {
    let people = |count: i64| u32::try_from(count).unwrap_or_default();
    Gauge::new(people(active), people(taken - active), u32::try_from(cap).ok())
}

/// The memberships of a partner, by service. Whoever holds a grant that has not ended takes a place.
pub(in crate::features::partners) async fn joined(
    reader: &mut Reader,
    partner: PartnerId,
    today: Day,
) -> Result<Vec<Joined>, DbError> {
    reader
        .select(
            "SELECT m.id, s.name AS service, \
             (SELECT CAST(count(*) AS BIGINT) FROM service_role r WHERE r.service_id = s.id) AS roles, \
             m.available_on, m.formality_done_on, m.contract_signed_on, m.signed_on, m.cap, \
             (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
             WHERE g.membership_id = m.id AND (g.ends_on IS NULL OR g.ends_on >= $4)) AS taken, \
             (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
             JOIN account a ON a.id = g.account_id \
             WHERE g.membership_id = m.id AND (g.ends_on IS NULL OR g.ends_on >= $4) AND g.starts_on <= $4 \
             AND a.suspended_at IS NULL AND a.password_hash IS NOT NULL) AS active \
             FROM membership m JOIN service s ON s.id = m.service_id \
             WHERE m.partner_id = $3 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) \
             ORDER BY s.name, m.id LIMIT 100",
        )
        .bind(partner)
        .bind(today)
        .fetch_all()
        .await
}

/// The caps of roles, service by service.
pub(in crate::features::partners) async fn capped(
    reader: &mut Reader,
    partner: PartnerId,
    today: Day,
) -> Result<Vec<Capped>, DbError> {
    reader
        .select(
            "SELECT c.membership_id, r.name AS role, c.cap, \
             (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
             WHERE g.membership_id = m.id AND g.role_id = r.id AND (g.ends_on IS NULL OR g.ends_on >= $4)) AS taken, \
             (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
             JOIN account a ON a.id = g.account_id \
             WHERE g.membership_id = m.id AND g.role_id = r.id AND (g.ends_on IS NULL OR g.ends_on >= $4) \
             AND g.starts_on <= $4 AND a.suspended_at IS NULL AND a.password_hash IS NOT NULL) AS active \
             FROM role_cap c JOIN membership m ON m.id = c.membership_id JOIN service_role r ON r.id = c.role_id \
             WHERE m.partner_id = $3 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) \
             ORDER BY m.id, r.position LIMIT 500",
        )
        .bind(partner)
        .bind(today)
        .fetch_all()
        .await
}
