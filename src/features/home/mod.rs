//! What waits for whoever is signed in: decisions first, then how things are. One page an office.

mod auditor;
mod justifications;
mod organism;
mod principal;
mod reviews;
mod store;
mod trace_requests;
mod user;
mod welcome;

use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use crate::app::App;
use crate::domain::access::Office;
use crate::web::answer::Answer;
use crate::web::page::{Notice, Tone};
use crate::web::paths::Dashboard;
use crate::web::problem::Problem;
use crate::web::routes::{Access, Routes};
use crate::web::visit::Visit;

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes.get(Dashboard::PATH, Access::SignedIn, dashboard)
}

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    fait: String,
}

impl Asked {
    fn notice(&self) -> Option<Notice> {
        let (title, text) = match self.fait.as_str() {
            "mot-de-passe" => (
                "C’est fait : votre mot de passe est enregistré",
                "Vos autres sessions, s’il y en avait, sont fermées.",
            ),
            "saisie-effacee" => ("C’est fait : la saisie est effacée", "Rien n’en avait été enregistré."),
            _ => return None,
        };
        Some(Notice {
            tone: Tone::Ok,
            title: title.to_owned(),
            text: vec![text.to_owned()],
            links: Vec::new(),
        })
    }
}

async fn dashboard(
    State(app): State<App>,
    visit: Visit,
    _path: Dashboard,
    Query(asked): Query<Asked>,
) -> Answer {
    let notice = asked.notice();
    match visit.actor.office() {
        Office::OrganismAdministrator => organism::show(&app, &visit, notice).await,
        Office::OrganismAuditor => auditor::show(&app, &visit, notice).await,
        Office::Principal | Office::Deputy => principal::show(&app, &visit, notice).await,
        Office::User => user::show(&app, &visit, notice).await,
        Office::System | Office::Stranger => Err(Problem::NotFound),
    }
}

/// One thing that waits for a decision, as `ui::docket` shows it.
struct Decision {
    tone: &'static str,
    delay: String,
    kind: &'static str,
    fact: String,
    cause: String,
    href: String,
    act: &'static str,
}

/// How long something has waited.
fn since(days: i64) -> String {
    match days {
        ..=0 => "Aujourd’hui".to_owned(),
        1 => "Depuis hier".to_owned(),
        days => format!("{days} jours"),
    }
}
