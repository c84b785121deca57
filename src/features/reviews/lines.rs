//! A right as a page of the review shows it.

use super::store::holdings::Holding;
use crate::db::DbError;
use crate::domain::day::{Day, Zone};
use crate::domain::id::{GrantId, PartnerId};
use crate::domain::reviews::stands_alone;
use crate::domain::territory::Perimeter;
use crate::domain::time::Timestamp;
use crate::web::filters::day_of;
use crate::web::paths::User;

/// Tags shown beside a name, each with its tone.
type Tags = Vec<(&'static str, &'static str)>;

/// A line.
pub(super) struct Line {
    pub(super) grant: GrantId,
    pub(super) person: String,
    pub(super) href: String,
    pub(super) job: String,
    pub(super) role: String,
    pub(super) service: String,
    pub(super) places: String,
    pub(super) period: String,
    pub(super) granted_by: String,
    /// The group that gives it, if it is not held directly.
    pub(super) group: Option<String>,
    pub(super) granted_on: Day,
    /// The day of its last use, if it served.
    pub(super) used_on: Option<Day>,
    pub(super) tags: Tags,
    pub(super) settled: bool,
    /// Whether it may only be confirmed by a choice of its own.
    pub(super) alone: bool,
}

impl Line {
    /// A holding, in a review opened at that instant.
    pub(super) fn of(
        holding: Holding,
        opened: Timestamp,
        zone: &Zone,
        today: Day,
        partner: PartnerId,
    ) -> Result<Self, DbError> {
        let used_on = holding.used_at.map(|at| zone.day(at));
        let mut tags = Tags::new();
        if holding.changed {
            tags.push(("warn", "Modifiée depuis votre décision"));
        } else if holding.granted_at >= opened {
            tags.push(("wait", "Donnée depuis l’ouverture"));
        }
        if holding.starts_on > today {
            tags.push(("wait", "À venir"));
        }
        if holding.suspended_at.is_some() {
            tags.push(("hold", "Personne suspendue"));
        }
        Ok(Self {
            grant: holding.grant_id,
            group: holding.group().map(|group| group.name),
            person: format!("{} {}", holding.surname, holding.given_name),
            href: User { partner, account: holding.account_id }.to_string(),
            alone: stands_alone(used_on, today),
            places: places(&holding.perimeter)?,
            period: period(holding.starts_on, holding.ends_on),
            granted_on: zone.day(holding.granted_at),
            job: holding.job,
            role: holding.role,
            service: holding.service,
            granted_by: holding.granted_by,
            settled: holding.settled,
            used_on,
            tags,
        })
    }
}

/// The places of a perimeter, by their names.
pub(super) fn places(perimeter: &str) -> Result<String, DbError> {
    let perimeter: Perimeter = perimeter
        .parse()
        .map_err(|_| DbError::Defect("a perimeter that its own reader refuses".to_owned()))?;
    Ok(perimeter.names().join(", "))
}

fn period(starts_on: Day, ends_on: Option<Day>) -> String {
    match ends_on {
        Some(end) => format!("du {} au {}", day_of(starts_on), day_of(end)),
        None => format!("depuis le {}, sans date de fin", day_of(starts_on)),
    }
}
