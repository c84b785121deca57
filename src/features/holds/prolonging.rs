//! Prolonging a hold: it was looked at again, and still serves. What is written beside it is never rewritten.

use askama::Template;
use axum::extract::State;
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands;
use super::pages::readable;
use super::store;
use super::words::matter;
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::holds::review_bounds;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters::{self, day_of};
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{Hold, Holds, ProlongHold};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    reexamen: String,
    motif: String,
}

#[derive(Template)]
#[template(path = "holds/prolong.html")]
struct ProlongPage {
    shell: Shell,
    key: String,
    path: ProlongHold,
    list: Holds,
    back: Hold,
    kind: &'static str,
    matter: String,
    review_on: crate::domain::day::Day,
    open: bool,
    until: String,
    first: String,
    last: String,
    typed: Typed,
    faults: Faults,
}

async fn page(
    app: &App,
    visit: &Visit,
    path: ProlongHold,
    key: String,
    (typed, faults): (Typed, Faults),
) -> Result<ProlongPage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let hold = store::one(&mut reader, path.hold).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let (kind, matter) = matter(&hold, &visit.zone, readable(app, visit));
    let (first, last) = review_bounds(visit.today());
    Ok(ProlongPage {
        shell: visit.shell("Prolonger cette conservation"),
        key,
        path,
        list: Holds,
        back: Hold { hold: path.hold },
        kind,
        matter,
        review_on: hold.review_on,
        open: hold.released_at.is_none(),
        until: format!("Un an au plus : le {} au plus tard.", day_of(last)),
        first: first.to_string(),
        last: last.to_string(),
        typed,
        faults,
    })
}

/// Until when, and why.
pub(super) async fn ask(State(app): State<App>, visit: Visit, path: ProlongHold) -> Answer {
    let fact = Fact::PageRead { route: ProlongHold::PATH.to_owned(), subject: Some(path.hold.to_string()) };
    shown(&page(&app, &visit, path, new_key(&app), (Typed::default(), Faults::new())).await?)
        .reading(vec![fact])
}

/// Prolongs it.
pub(super) async fn prolong(
    State(app): State<App>,
    visit: Visit,
    path: ProlongHold,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let (first, last) = review_bounds(visit.today());
    let review_on = faults.day("reexamen", &typed.reexamen);
    match review_on {
        Some(day) if day < first => faults.push("reexamen", Fault::DateBefore { earliest: day_of(first) }),
        Some(day) if day > last => faults.push("reexamen", Fault::DateAfter { latest: day_of(last) }),
        _ => {}
    }
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    match review_on {
        Some(day) if faults.is_empty() => {
            acted(&commands::prolong(&app, &visit, path.hold, &key, (day, &reason)).await?)
        }
        _ => refused(&page(&app, &visit, path, key, (typed, faults)).await?),
    }
}
