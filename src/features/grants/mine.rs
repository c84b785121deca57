//! What I hold: services, roles, rubrics, perimeters, missions.

use askama::Template;
use axum::extract::State;

use super::offer::{self, Membership, role_of};
use super::store::{self, Grant};
use crate::app::App;
use crate::domain::files::Rubric;
use crate::domain::grants::Phase;
use crate::domain::memberships::Opening;
use crate::web::answer::{Answer, shown};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::LookUp;
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "grants/mine.html")]
struct MyGrantsPage {
    shell: Shell,
    services: Vec<Service>,
    /// Something can be consulted today.
    able: bool,
}

struct Service {
    id: String,
    name: String,
    opening: Opening,
    missions: Vec<String>,
    held: Vec<Held>,
}

struct Held {
    grant: Grant,
    phase: Phase,
    description: String,
    rubrics: Vec<Rubric>,
}

impl Held {
    fn places(&self) -> String {
        let names = self.grant.perimeter.names().join(", ");
        match &self.grant.circonscription {
            Some(circonscription) => format!("Circonscription {circonscription} : {names}"),
            None => names,
        }
    }
}

/// The page.
pub(super) async fn mine(State(app): State<App>, visit: Visit) -> Answer {
    let today = visit.today();
    let partner = visit.own_partner()?;
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let grants = store::held_by(&mut reader, partner, account).await?;
    let offer = offer::offer(&mut reader, partner).await?;
    let missions = store::missions(&mut reader, partner).await?;
    drop(reader);

    let service = |membership: &Membership| {
        let held: Vec<Held> = grants
            .iter()
            .filter(|grant| grant.membership == membership.id)
            .filter_map(|grant| {
                let (_, role) = role_of(&offer, grant.role)?;
                Some(Held {
                    phase: grant.period.phase(today),
                    description: role.description.clone(),
                    rubrics: role.rubrics.iter().copied().collect(),
                    grant: grant.clone(),
                })
            })
            .collect();
        let labels = missions.iter().filter(|(of, _)| *of == membership.id);
        (!held.is_empty()).then(|| Service {
            id: format!("service-{}", membership.id),
            name: membership.service.clone(),
            opening: membership.conditions.opening(today),
            missions: labels.map(|(_, label)| label.clone()).collect(),
            held,
        })
    };
    let services: Vec<Service> = offer.iter().filter_map(service).collect();
    let able = services.iter().any(|service| {
        service.opening.is_open() && service.held.iter().any(|held| held.phase == Phase::InForce)
    });
    shown(&MyGrantsPage { shell: visit.shell("Mes habilitations"), services, able })
}
