//! The answer of a partner to the organism, about one of its people: what it was asked, and what it says. It reads
//! neither the rule nor a file, and nobody answers for himself.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands;
use super::store::asked::{self, Request};
use super::words::Told;
use crate::app::App;
use crate::domain::facts::Fact;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::fault::Faults;
use crate::web::filters::{self, moment_of};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell};
use crate::web::paths::{Dashboard, Justification};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    fait: Option<Told>,
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    reponse: String,
}

#[derive(Template)]
#[template(path = "usage/justify.html")]
struct JustifyPage {
    shell: Shell,
    key: String,
    path: Justification,
    home: Dashboard,
    organism: String,
    request: Request,
    asked_on: String,
    answered: String,
    typed: Typed,
    faults: Faults,
}

async fn page(
    app: &App,
    visit: &Visit,
    path: Justification,
    (key, typed, faults, notice): (String, Typed, Faults, Option<Notice>),
) -> Result<JustifyPage, Problem> {
    let me = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let request = asked::one(&mut reader, path.justification, me).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let moment = |at| moment_of(visit.zone.local(at));
    Ok(JustifyPage {
        shell: visit.shell_with("Demande de justification", notice),
        key,
        path,
        home: Dashboard,
        organism: visit.organism_name.clone(),
        asked_on: moment(request.asked_at),
        answered: request.answered_at.map(moment).unwrap_or_default(),
        request,
        typed,
        faults,
    })
}

/// What is asked, and the form; or the answer that was given.
pub(super) async fn form(
    State(app): State<App>,
    visit: Visit,
    path: Justification,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(Told::notice);
    let subject = Some(path.justification.to_string());
    let fact = Fact::PageRead { route: Justification::PATH.to_owned(), subject };
    let blank = (new_key(&app), Typed::default(), Faults::new(), notice);
    shown(&page(&app, &visit, path, blank).await?).reading(vec![fact])
}

/// Answers.
pub(super) async fn answer(
    State(app): State<App>,
    visit: Visit,
    path: Justification,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let words = faults.paragraph("reponse", &typed.reponse, REASON);
    if faults.is_empty() {
        return acted(&commands::answer(&app, &visit, path.justification, &key, &words).await?);
    }
    refused(&page(&app, &visit, path, (key, typed, faults, None)).await?)
}
