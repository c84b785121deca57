//! The rows of consulting: what the agent holds, his missions, his consultations of this session.

use std::collections::BTreeSet;

use crate::db::{DbError, FromRow, Reader};
use crate::domain::consultation::Holding;
use crate::domain::day::Day;
use crate::domain::file_key::KeyKind;
use crate::domain::files::Rubric;
use crate::domain::grants::Period;
use crate::domain::id::{ConsultationId, GrantId, MembershipId, MissionId, RoleId};
use crate::domain::memberships::{Conditions, convention_holds_from};
use crate::domain::opening_hours::Hours;
use crate::domain::territory::Perimeter;
use crate::domain::time::Timestamp;

#[derive(FromRow)]
struct HoldingRow {
    id: GrantId,
    membership_id: MembershipId,
    role_id: RoleId,
    perimeter: String,
    starts_on: Day,
    ends_on: Option<Day>,
    within: String,
    available_on: Option<Day>,
    formality_done_on: Option<Day>,
    contract_signed_on: Option<Day>,
    signed_on: Option<Day>,
    convention_signed_on: Option<Day>,
    convention_effective_on: Option<Day>,
    used_at: Option<Timestamp>,
}

/// Something that somebody holds.
pub(super) struct Held {
    /// Under which membership.
    pub(super) membership: MembershipId,
    /// What decides.
    pub(super) holding: Holding,
    /// Its last use: the first one of that day.
    pub(super) used_at: Option<Timestamp>,
}

/// What somebody holds, grant by grant.
pub(super) async fn holdings(reader: &mut Reader, today: Day) -> Result<Vec<Held>, DbError> {
    let account = reader.visible().account();
    let rows: Vec<HoldingRow> = reader
        .select(
            "SELECT g.id, g.membership_id, g.role_id, g.perimeter, g.starts_on, g.ends_on, m.perimeter AS within, \
             m.available_on, m.formality_done_on, m.contract_signed_on, m.signed_on, \
             c.signed_on AS convention_signed_on, c.effective_on AS convention_effective_on, u.used_at \
             FROM role_grant g JOIN membership m ON m.id = g.membership_id \
             JOIN convention c ON c.partner_id = g.partner_id \
             LEFT JOIN grant_use u ON u.grant_id = g.id AND u.account_id = g.account_id \
             WHERE g.organism_id = $1 AND g.partner_id = $2 AND g.account_id = $3 ORDER BY g.id LIMIT 200",
        )
        .bind(account)
        .fetch_all()
        .await?;
    let shown: Vec<(RoleId, String)> = reader
        .select(
            "SELECT DISTINCT r.role_id, r.rubric FROM role_rubric r JOIN role_grant g ON g.role_id = r.role_id \
             WHERE g.organism_id = $1 AND g.partner_id = $2 AND g.account_id = $3",
        )
        .bind(account)
        .fetch_all()
        .await?;
    let rubrics = |role: RoleId| -> BTreeSet<Rubric> {
        shown.iter().filter(|(of, _)| *of == role).filter_map(|(_, code)| Rubric::parse(code)).collect()
    };
    let unreadable = |_| DbError::Defect("a perimeter that its own reader refuses".to_owned());
    rows.into_iter()
        .map(|row| {
            let conditions = Conditions {
                formality: row.formality_done_on,
                convention: convention_holds_from(row.convention_signed_on, row.convention_effective_on),
                contract: row.contract_signed_on,
                membership: row.signed_on,
                available_on: row.available_on,
            };
            let holding = Holding {
                grant: row.id,
                rubrics: rubrics(row.role_id),
                perimeter: row.perimeter.parse::<Perimeter>().map_err(unreadable)?,
                within: row.within.parse::<Perimeter>().map_err(unreadable)?,
                period: Period { starts_on: row.starts_on, ends_on: row.ends_on },
                open: conditions.opening(today).is_open(),
            };
            Ok(Held { membership: row.membership_id, holding, used_at: row.used_at })
        })
        .collect()
}

/// A mission that somebody may declare.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Mission {
    pub(super) id: MissionId,
    pub(super) membership_id: MembershipId,
    pub(super) label: String,
    pub(super) service_code: String,
    pub(super) service_name: String,
    pub(super) file_key: KeyKind,
    opens_at: Option<i32>,
    closes_at: Option<i32>,
}

impl Mission {
    /// The hours of its service, when it is not open all day.
    pub(super) fn hours(&self) -> Option<Hours> {
        Hours::kept(self.opens_at, self.closes_at)
    }
}

/// The missions of the memberships of which somebody holds a role.
pub(super) async fn missions(reader: &mut Reader) -> Result<Vec<Mission>, DbError> {
    let account = reader.visible().account();
    reader
        .select(
            "SELECT i.id, i.membership_id, i.label, s.code AS service_code, s.name AS service_name, \
             s.file_key, s.opens_at, s.closes_at \
             FROM membership_mission i JOIN membership m ON m.id = i.membership_id \
             JOIN service s ON s.id = m.service_id \
             WHERE m.organism_id = $1 AND m.partner_id = $2 AND i.closed = FALSE \
             AND EXISTS (SELECT 1 FROM role_grant g WHERE g.membership_id = m.id AND g.account_id = $3) \
             ORDER BY s.name, i.position, i.id LIMIT 100",
        )
        .bind(account)
        .fetch_all()
        .await
}

/// A consultation of this session.
#[derive(Clone, Debug, FromRow)]
pub(super) struct InSession {
    pub(super) id: ConsultationId,
    pub(super) membership_id: MembershipId,
    pub(super) mission_id: MissionId,
    pub(super) mission: String,
    pub(super) service_code: String,
    pub(super) file_key: KeyKind,
    opens_at: Option<i32>,
    closes_at: Option<i32>,
    pub(super) number_sealed: Vec<u8>,
    pub(super) opened_at: Timestamp,
    pub(super) first_read_at: Option<Timestamp>,
}

impl InSession {
    /// The hours of its service, when it is not open all day.
    pub(super) fn hours(&self) -> Option<Hours> {
        Hours::kept(self.opens_at, self.closes_at)
    }
}

/// One consultation, if it is of this session.
pub(super) async fn opened(
    reader: &mut Reader,
    id: ConsultationId,
    session: [u8; 32],
) -> Result<Option<InSession>, DbError> {
    let account = reader.visible().account();
    reader
        .select(
            "SELECT c.id, c.membership_id, c.mission_id, i.label AS mission, s.code AS service_code, \
             s.file_key, s.opens_at, s.closes_at, c.number_sealed, c.opened_at, c.first_read_at \
             FROM consultation c JOIN membership_mission i ON i.id = c.mission_id \
             JOIN membership m ON m.id = c.membership_id JOIN service s ON s.id = m.service_id \
             WHERE c.organism_id = $1 AND c.partner_id = $2 AND c.account_id = $3 AND c.session_hash = $4 \
             AND c.id = $5",
        )
        .bind(account)
        .bind(session.to_vec())
        .bind(id)
        .fetch_optional()
        .await
}

/// The last consultations of this session, newest first.
pub(super) async fn recent(reader: &mut Reader, session: [u8; 32]) -> Result<Vec<InSession>, DbError> {
    let account = reader.visible().account();
    reader
        .select(
            "SELECT c.id, c.membership_id, c.mission_id, i.label AS mission, s.code AS service_code, \
             s.file_key, s.opens_at, s.closes_at, c.number_sealed, c.opened_at, c.first_read_at \
             FROM consultation c JOIN membership_mission i ON i.id = c.mission_id \
             JOIN membership m ON m.id = c.membership_id JOIN service s ON s.id = m.service_id \
             WHERE c.organism_id = $1 AND c.partner_id = $2 AND c.account_id = $3 AND c.session_hash = $4 \
             ORDER BY c.opened_at DESC, c.id DESC LIMIT 10",
        )
        .bind(account)
        .bind(session.to_vec())
        .fetch_all()
        .await
}
