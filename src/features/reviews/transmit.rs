//! The end of a review: a summary of what will be transmitted, then the transmission, which nothing undoes.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands::{self, Transmitting};
use super::proof::{self, Frame};
use super::report::{Row, rows};
use super::store;
use super::store::holdings::{self, Figures};
use crate::app::App;
use crate::domain::reviews::{Proof, Verdict};
use crate::web::answer::{Answer, acted, refused, see_other, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{Review, TransmitReview};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "reviews/transmit.html")]
struct TransmitPage {
    shell: Shell,
    key: String,
    path: TransmitReview,
    year: i32,
    organism: String,
    figures: Figures,
    withdrawn: Vec<Row>,
    confirmed: Vec<Row>,
    aside: Vec<Row>,
    faults: Faults,
}

impl TransmitPage {
    fn back(&self) -> Review {
        Review { partner: self.path.partner }
    }
}

async fn page(
    app: &App,
    visit: &Visit,
    path: TransmitReview,
    key: String,
    faults: Faults,
) -> Result<Option<TransmitPage>, Problem> {
    let partner = path.partner;
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let Some(review) = store::open(&mut reader, partner).await? else { return Ok(None) };
    let look = commands::look(partner, &review, &visit.zone, visit.now);
    let figures = holdings::figures(&mut reader, &look).await?;
    let by = visit.actor.account().ok_or(Problem::NotFound)?;
    let frame = Frame { partner, employer: &employer, by, at: visit.now, zone: &visit.zone };
    let proof: Proof = proof::of(&mut reader, &review, &frame).await?;
    drop(reader);
    let decided = |verdict| rows(&proof, Some(verdict));
    Ok(Some(TransmitPage {
        shell: visit.shell(format!("Transmettre la revue inverse {}", review.year)),
        key,
        path,
        year: review.year,
        organism: employer.organism,
        figures,
        withdrawn: decided(Verdict::Withdrawn),
        confirmed: decided(Verdict::Confirmed),
        aside: rows(&proof, None),
        faults,
    }))
}

/// What will be transmitted.
pub(super) async fn ask(State(app): State<App>, visit: Visit, path: TransmitReview) -> Answer {
    match page(&app, &visit, path, new_key(&app), Faults::new()).await? {
        Some(page) => shown(&page),
        None => see_other(&Review { partner: path.partner }.to_string()),
    }
}

/// What the principal says of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    verifie: String,
}

/// Transmits.
pub(super) async fn transmit(
    State(app): State<App>,
    visit: Visit,
    path: TransmitReview,
    Sent { key, fields: said }: Sent<Said>,
) -> Answer {
    let mut faults = Faults::new();
    if said.verifie != "oui" {
        faults.push("verifie", Fault::NotTicked);
    }
    if faults.is_empty() {
        // Otherwise something waits for a decision, given since the page was shown: the page says what.
        if let Transmitting::Done(act) = commands::transmit(&app, &visit, path.partner, &key).await? {
            return acted(&act);
        }
    }
    match page(&app, &visit, path, key, faults).await? {
        Some(page) => refused(&page),
        None => see_other(&Review { partner: path.partner }.to_string()),
    }
}
