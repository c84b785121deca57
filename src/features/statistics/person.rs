//! What one person did, counted from his traces when an auditor says why he asks. Nothing is kept of it but the trace of
//! his asking, under that person's name.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::store;
use crate::app::App;
use crate::db::statistics::Whose;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::AccountId;
use crate::domain::retention::Category;
use crate::domain::statistics::{Counts, Matter, Span};
use crate::web::answer::{Answer, Tracing as _, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters::{self, day_of};
use crate::web::form::Sent;
use crate::web::page::Shell;
use crate::web::paths::{PersonStatistics, Statistics};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    identifiant: String,
    du: String,
    au: String,
    motif: String,
}

#[derive(Template)]
#[template(path = "statistics/person.html")]
struct PersonPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    typed: Typed,
    faults: Faults,
    found: Option<Found>,
}

/// What was counted.
struct Found {
    name: String,
    from: Day,
    to: Day,
    /// By month: sign-ins, then files.
    months: Vec<(Day, Counts, Counts)>,
    total: (Counts, Counts),
}

fn page(visit: &Visit, typed: Typed, faults: Faults, found: Option<Found>) -> PersonPage {
    PersonPage {
        // Browsers keep the titles of pages: no name stands in this one.
        shell: visit.shell("Usage d’une personne"),
        trail: vec![("Statistiques".to_owned(), Statistics.to_string())],
        typed,
        faults,
        found,
    }
}

/// Asks whose, when and why.
pub(super) async fn ask(visit: Visit, _: PersonStatistics) -> Answer {
    let today = visit.today();
    let typed = Typed { du: today.first_of_month().to_string(), au: today.to_string(), ..Typed::default() };
    shown(&page(&visit, typed, Faults::new(), None))
}

/// Counts.
pub(super) async fn count(
    State(app): State<App>,
    visit: Visit,
    Sent { key: _, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let identifier = faults.line("identifiant", &typed.identifiant, 20).to_uppercase();
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    let days = days(&typed, visit.today(), &mut faults);
    let mut reader = app.read(&visit.actor).await?;
    let person = store::person(&mut reader, &identifier).await?;
    drop(reader);
    if person.is_none() && faults.get("identifiant").is_none() {
        faults.push("identifiant", Fault::IdentifierUnknown);
    }
    let (Some((account, name)), Some((from, to)), true) = (person, days, faults.is_empty()) else {
        return refused(&page(&visit, typed, faults, None));
    };
    let found = found(&app, &visit, (account, name), (from, to)).await?;
    let fact = Fact::PersonCounted { account, from, to, reason };
    shown(&page(&visit, typed, faults, Some(found))).reading(vec![fact])
}

/// The days asked for, among those whose traces are kept.
fn days(typed: &Typed, today: Day, faults: &mut Faults) -> Option<(Day, Day)> {
    let (from, to) = (faults.day("du", &typed.du)?, faults.day("au", &typed.au)?);
    if to < from {
        faults.push("du", Fault::EndBeforeStart);
        return None;
    }
    // Before, no trace is left; and none is there of days to come.
    let oldest = (0..=Category::Action.months()).fold(today, |day, _| day.month_before());
    if from > today {
        faults.push("du", Fault::DateAfter { latest: day_of(today) });
    }
    if to < oldest {
        faults.push("au", Fault::DateBefore { earliest: day_of(oldest) });
    }
    (from <= today && oldest <= to).then(|| (from.max(oldest), to.min(today)))
}

async fn found(
    app: &App,
    visit: &Visit,
    (account, name): (AccountId, String),
    days: (Day, Day),
) -> Result<Found, Problem> {
    let mut months = BTreeMap::<Day, (Counts, Counts)>::new();
    let mut total = (Counts::default(), Counts::default());
    for whose in [Whose::Actor(account), Whose::Subject(account)] {
        let tally = app.db().tally(&visit.actor, whose, &visit.zone, days).await?;
        for (cell, (counts, _)) in tally.counted() {
            let whole = cell.partner.is_none() && cell.service.is_empty();
            if cell.span == Span::Month && whole {
                let month = months.entry(cell.starts_on).or_default();
                let [of_month, of_all] = match cell.matter {
                    Matter::SignIn => [&mut month.0, &mut total.0],
                    Matter::File => [&mut month.1, &mut total.1],
                };
                for sum in [of_month, of_all] {
                    sum.done += counts.done;
                    sum.refused += counts.refused;
                }
            }
        }
    }
    let months = months.into_iter().map(|(month, (sign_ins, files))| (month, sign_ins, files)).collect();
    Ok(Found { name, from: days.0, to: days.1, months, total })
}
