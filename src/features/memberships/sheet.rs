//! The page of one membership: whether its service is open, what is missing, what it allows.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::store::{self, Mission, Role, Sheet};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::memberships::{Condition, Opening};
use crate::domain::territory::Perimeter;
use crate::web::answer::{Answer, Tracing, shown};
use crate::web::conditions;
use crate::web::filters;
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{Caps, CorrectMembership, CorrectPartner, Grants, Membership, Partner, Partners};
use crate::web::problem::Problem;
use crate::web::standing::State as Standing;
use crate::web::visit::Visit;

/// What has just been done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Told {
    Ouvert,
    Corrige,
    Plafonds,
}

/// What may follow the address.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    fait: Option<Told>,
}

/// One line of the list of conditions.
struct Line {
    condition: Condition,
    day: Option<Day>,
    holds: bool,
}

impl Line {
    /// How `ui::check` shows it.
    fn state(&self) -> &'static str {
        if self.holds { "yes" } else { "no" }
    }

    fn words(&self) -> &'static str {
        match self.condition {
            Condition::Formality => "Formalité de protection des données",
            Condition::Convention => "Convention signée et en vigueur",
            Condition::Contract => "Contrat de service signé",
            Condition::Membership => "Bulletin d’adhésion signé",
            Condition::Availability => "Date de mise à disposition",
        }
    }

    fn detail(&self) -> String {
        match self.day {
            None => "pas encore de date".to_owned(),
            Some(day) if self.holds => format!("depuis le {}", filters::day_of(day)),
            Some(day) => format!("le {}", filters::day_of(day)),
        }
    }
}

/// A role with its cap and its use.
struct RoleLine {
    name: String,
    description: String,
    gauge: Gauge,
    /// More people than the service itself: the cap of the service is reached first.
    beyond: bool,
}

struct Links {
    list: String,
    partner: String,
    convention: String,
    grants: String,
    correct: Option<String>,
    caps: Option<String>,
}

#[derive(Template)]
#[template(path = "memberships/membership.html")]
struct MembershipPage {
    shell: Shell,
    links: Links,
    sheet: Sheet,
    state: Standing,
    lines: Vec<Line>,
    /// What must happen for the service to open, in a sentence.
    next: String,
    places: Vec<String>,
    missions: Vec<Mission>,
    gauge: Gauge,
    roles: Vec<RoleLine>,
}

/// The page.
pub(super) async fn membership(
    State(app): State<App>,
    visit: Visit,
    path: Membership,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let Membership { partner, membership } = path;
    let today = visit.today();
    let mut reader = app.read(&visit.actor).await?;
    let select = reader.select(store::SHEET);
    let sheet = store::sheet(select, partner, membership, today).await?.ok_or(Problem::NotFound)?;
    let roles = store::roles(reader.select(store::ROLES), membership, today).await?;
    let missions = store::missions(reader.select(store::MISSIONS), membership).await?;
    drop(reader);
    let days = sheet.conditions();
    let gauge = sheet.gauge();
    let told = asked.ok().and_then(|Query(asked)| asked.fait);
    let notice = told.map(|told| notice(told, &gauge, &roles));
    let may = |permission| visit.actor.may(permission);
    let page = MembershipPage {
        shell: visit.shell_with(sheet.service_name.clone(), notice),
        links: Links {
            list: Partners.to_string(),
            partner: Partner { partner }.to_string(),
            convention: CorrectPartner { partner }.to_string(),
            grants: Grants { partner }.to_string(),
            correct: may(Permission::ManageMemberships)
                .then(|| CorrectMembership { partner, membership }.to_string()),
            caps: may(Permission::ManageCaps).then(|| Caps { partner, membership }.to_string()),
        },
        state: conditions::state(&days, today),
        lines: Condition::ALL
            .into_iter()
            .map(|condition| Line {
                condition,
                day: days.day_of(condition),
                holds: days.holds(condition, today),
            })
            .collect(),
        next: next(&days.opening(today), days.latest().filter(|day| *day > today)),
        places: sheet.perimeter.parse::<Perimeter>().map(|perimeter| perimeter.names()).unwrap_or_default(),
        missions,
        roles: roles.iter().map(|role| role_line(role, gauge.cap)).collect(),
        gauge,
        sheet,
    };
    let subject = Some(membership.to_string());
    shown(&page).reading(vec![Fact::PageRead { route: Membership::PATH.to_owned(), subject }])
}

fn role_line(role: &Role, service: Option<u32>) -> RoleLine {
    RoleLine {
        name: role.name.clone(),
        description: role.description.clone(),
        gauge: role.gauge(),
        beyond: role.fixed() > service,
    }
}

/// When the service opens, and what for.
fn next(opening: &Opening, not_before: Option<Day>) -> String {
    match (opening, not_before) {
        (Opening::Open, _) => String::new(),
        (Opening::NotBefore(day), _) => {
            format!("Tout est réuni : le service s’ouvrira de lui-même le {}.", filters::day_of(*day))
        }
        (Opening::Missing(missing), Some(day)) => format!(
            "Le service s’ouvrira au plus tôt le {}, quand sera connue {}.",
            filters::day_of(day),
            conditions::all_missing(missing)
        ),
        (Opening::Missing(missing), None) => {
            format!("Le service s’ouvrira quand sera connue {}.", conditions::all_missing(missing))
        }
    }
}

fn notice(told: Told, service: &Gauge, roles: &[Role]) -> Notice {
    let excess =
        std::iter::once(service.excess()).chain(roles.iter().map(|role| role.gauge().excess())).max();
    let (tone, title, text) = match (told, excess) {
        (Told::Ouvert, _) => (
            Tone::Ok,
            "C’est fait : le bulletin est enregistré",
            "L’administrateur principal pourra habiliter ses utilisateurs dans ces plafonds.",
        ),
        (Told::Corrige, _) => (Tone::Ok, "C’est fait : le bulletin est corrigé", ""),
        (Told::Plafonds, Some(1..)) => (
            Tone::Warn,
            "Les plafonds sont enregistrés, et l’un d’eux est dépassé",
            "Aucun accès n’a été coupé. Aucune nouvelle habilitation n’est possible tant que des places n’ont pas été \
             libérées par le partenaire, ou le plafond relevé.",
        ),
        (Told::Plafonds, _) => (Tone::Ok, "C’est fait : les plafonds sont enregistrés", ""),
    };
    let text = if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    Notice { tone, title: title.to_owned(), text, links: Vec::new() }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_page_says_when_the_service_opens() {
        let day = Day::from(date!(2026 - 12 - 01));
        let missing = Opening::Missing(vec![Condition::Contract, Condition::Membership]);
        assert_eq!(next(&Opening::Open, None), "");
        assert_eq!(
            next(&missing, Some(day)),
            "Le service s’ouvrira au plus tôt le 1er\u{a0}déc. 2026, quand sera connue la signature du contrat de \
             service et la signature du bulletin."
        );
        assert!(next(&Opening::NotBefore(day), Some(day)).ends_with("le 1er\u{a0}déc. 2026."));
    }
}
