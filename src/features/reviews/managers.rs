//! What those who manage a partner hold: nobody decides on his own rights, so the organism reviews them.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::commands;
use super::lines::Line;
use super::store;
use super::store::holdings::{self, Side};
use crate::app::App;
use crate::domain::id::GrantId;
use crate::domain::reviews::Verdict;
use crate::web::answer::{Answer, acted, see_other, shown};
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{ManagersReview, Reviews, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "reviews/managers.html")]
struct ManagersPage {
    shell: Shell,
    path: ManagersReview,
    crumbs: Vec<(String, String)>,
    partner: String,
    /// A review was opened: decisions are part of it.
    year: Option<i32>,
    /// Each with the key of its own form.
    lines: Vec<(String, Line)>,
}

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

/// What they hold, each with its two buttons.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    path: ManagersReview,
    Query(asked): Query<Asked>,
) -> Answer {
    let partner = path.partner;
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let review = store::all(&mut reader, partner).await?.into_iter().next();
    let holdings = match &review {
        Some(review) => {
            let look = commands::look(partner, review, &visit.zone, visit.now);
            holdings::of_managers(&mut reader, &look).await?
        }
        None => Vec::new(),
    };
    drop(reader);
    let opened = review.as_ref().map_or(visit.now, |review| review.opened_at);
    let line = |holding| {
        Line::of(holding, opened, &visit.zone, visit.today(), partner).map(|line| (new_key(&app), line))
    };
    let notice = (asked.fait == "decide").then(|| Notice {
        tone: Tone::Ok,
        title: "C’est fait : votre décision est enregistrée".to_owned(),
        text: vec!["Ce qui est retiré a cessé aussitôt.".to_owned()],
        links: Vec::new(),
    });
    let mut crumbs = visit.way_to(partner, &employer.legal_name);
    crumbs.push(("Revues inverses".to_owned(), Reviews.to_string()));
    shown(&ManagersPage {
        shell: visit.shell_with("Habilitations des gestionnaires", notice),
        path,
        crumbs,
        partner: employer.legal_name,
        year: review.map(|review| review.year),
        lines: holdings.into_iter().map(line).collect::<Result<_, _>>()?,
    })
}

/// One decision.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Decided {
    habilitation: String,
    decision: String,
}

/// Keeps it.
pub(super) async fn decide(
    State(app): State<App>,
    visit: Visit,
    path: ManagersReview,
    Sent { key, fields }: Sent<Decided>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    store::employer(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let verdict = match fields.decision.as_str() {
        "confirmer" => Verdict::Confirmed,
        "retirer" => Verdict::Withdrawn,
        _ => return Err(Problem::Unreadable),
    };
    let grant: GrantId = fields.habilitation.parse().map_err(|_| Problem::Unreadable)?;
    let location = told(&path, "decide");
    let wishes = [(grant, verdict)];
    let kept = commands::decide(&app, &visit, Side::Managers, path.partner, &key, (&wishes, location));
    match kept.await? {
        Some(act) => acted(&act),
        None => see_other(&path.to_string()),
    }
}
