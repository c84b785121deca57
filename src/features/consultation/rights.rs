//! What an agent may do here: what he holds, the missions that he may declare, and whether their services are open.

use super::store::{self, Held, Mission};
use crate::db::Reader;
use crate::domain::consultation::Holding;
use crate::domain::day::{Day, Zone};
use crate::domain::file_key::KeyKind;
use crate::domain::id::{GrantId, MembershipId};
use crate::domain::opening_hours::{Hours, Now};
use crate::domain::territory::Perimeter;
use crate::domain::time::Timestamp;
use crate::web::choice::Choice;
use crate::web::fault::Faults;
use crate::web::filters::{day_of, hour_of};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// The form that is always at hand.
pub(super) struct LookUpForm {
    pub(super) number: String,
    /// A national number is asked for, rather than the number of a file.
    by_nir: bool,
    pub(super) missions: Vec<Choice>,
    pub(super) faults: Faults,
    pub(super) perimeter: String,
}

impl LookUpForm {
    /// What the number is called.
    pub(super) fn label(&self) -> &'static str {
        if self.by_nir { "Numéro de Sécurité sociale (NIR)" } else { "Numéro d’allocataire" }
    }

    /// The same, once a file is open.
    pub(super) fn other(&self) -> &'static str {
        if self.by_nir {
            "Autre numéro de Sécurité sociale (NIR)"
        } else {
            "Autre numéro d’allocataire"
        }
    }

    /// How it is written.
    pub(super) fn hint(&self) -> &'static str {
        if self.by_nir {
            "13 caractères puis la clé de 2 chiffres. Les espaces ne comptent pas."
        } else {
            ""
        }
    }

    /// The most characters that it has.
    pub(super) fn longest(&self) -> u32 {
        if self.by_nir { 24 } else { 16 }
    }
}

/// What the agent may do here: what he holds, and the missions that he may declare.
pub(super) struct Rights {
    holdings: Vec<Held>,
    pub(super) missions: Vec<Mission>,
    zone: Zone,
}

pub(super) async fn rights(reader: &mut Reader, visit: &Visit) -> Result<Rights, Problem> {
    let holdings = store::holdings(reader, visit.today()).await?;
    Ok(Rights { holdings, missions: store::missions(reader).await?, zone: visit.zone.clone() })
}

impl Rights {
    pub(super) fn form(&self, number: &str, mission: &str, faults: Faults) -> LookUpForm {
        let several = self
            .missions
            .iter()
            .any(|one| self.missions.iter().any(|other| other.service_code != one.service_code));
        let missions = self
            .missions
            .iter()
            .map(|one| {
                let label = if several {
                    format!("{} – {}", one.service_name, one.label)
                } else {
                    one.label.clone()
                };
                let picked = mission == one.id.to_string() || self.missions.len() == 1;
                Choice::new(one.id.to_string(), label).picked_if(picked)
            })
            .collect();
        let by_nir = self.missions.iter().any(|one| one.file_key == KeyKind::Nir);
        LookUpForm { number: number.to_owned(), by_nir, missions, faults, perimeter: self.perimeter() }
    }

    /// The mission of that id, if it may be declared.
    pub(super) fn mission(&self, id: &str) -> Option<&Mission> {
        self.missions.iter().find(|one| one.id.to_string() == id)
    }

    /// Why nothing can be looked up at that instant, when every service is closed for now: the first to open says
    /// when.
    pub(super) fn closed(&self, now: Timestamp) -> Option<Problem> {
        let closures: Option<Vec<(Hours, Timestamp)>> =
            self.missions.iter().map(|mission| until(mission.hours(), now, &self.zone)).collect();
        let (hours, until) = closures?.into_iter().min_by_key(|(_, until)| *until)?;
        Some(out_of_hours(hours, until, now, &self.zone))
    }

    /// Where the agent may read, in words.
    fn perimeter(&self) -> String {
        let mut all = Perimeter::default();
        for Held { holding, .. } in &self.holdings {
            all.departements.extend(holding.perimeter.departements.iter().copied());
            all.communes.extend(holding.perimeter.communes.iter().copied());
        }
        let names = all.names();
        match names.len() {
            0 => "aucun".to_owned(),
            1..=3 => names.join(", "),
            more => format!(
                "{} et {} autres",
                names.iter().take(2).cloned().collect::<Vec<_>>().join(", "),
                more - 2
            ),
        }
    }

    pub(super) fn of(&self, membership: MembershipId) -> Vec<Holding> {
        let under = |held: &&Held| held.membership == membership;
        self.holdings.iter().filter(under).map(|held| held.holding.clone()).collect()
    }

    /// Those of these grants that serve for the first time of the day: their last use is kept to the day.
    pub(super) fn unused_today(&self, grants: &[GrantId], visit: &Visit) -> Vec<GrantId> {
        let today = visit.today();
        let used = |held: &Held| held.used_at.is_some_and(|at| visit.zone.day(at) >= today);
        let fresh = self.holdings.iter().filter(|held| !used(held)).map(|held| held.holding.grant);
        fresh.filter(|grant| grants.contains(grant)).collect()
    }
}

/// Until when a service of those hours is closed, if it is.
pub(super) fn until(hours: Option<Hours>, now: Timestamp, zone: &Zone) -> Option<(Hours, Timestamp)> {
    let hours = hours?;
    match hours.at(now, zone) {
        Now::Open => None,
        Now::Closed { until } => Some((hours, until)),
    }
}

/// The page that says when a service opens again.
pub(super) fn out_of_hours(hours: Hours, until: Timestamp, now: Timestamp, zone: &Zone) -> Problem {
    let clock = zone.local(until);
    let when = match Day::from(clock.date()).days_since(zone.day(now)) {
        0 => format!("aujourd’hui à {}", hour_of(clock)),
        1 => format!("demain à {}", hour_of(clock)),
        _ => format!("le {} à {}", day_of(clock), hour_of(clock)),
    };
    Problem::OutOfHours {
        opens: hours.opens(),
        closes: hours.closes(),
        when,
        retry_after_s: u32::try_from(until.since(now).whole_seconds()).unwrap_or(0).saturating_add(1),
    }
}
