//! What a page asks by itself, and what the home page asks of what was kept.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde::Deserialize;

use super::commands;
use crate::app::App;
use crate::web::answer::{Answer, Tracing as _, done};
use crate::web::form::Sent;
use crate::web::kept_form::Typed;
use crate::web::paths::{Dashboard, EraseForm, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Keeps what is typed in a form; nothing is shown, and the session ends no later.
pub(super) async fn keep(
    State(app): State<App>,
    visit: Visit,
    Sent { key: _, fields: typed }: Sent<Typed>,
) -> Answer {
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let (fact, form) = typed.kept(app.kit(), account, visit.now).ok_or(Problem::Unreadable)?;
    Ok(StatusCode::NO_CONTENT.into_response()).reading(vec![fact]).beside(form)
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Erases what was kept.
pub(super) async fn erase(
    State(app): State<App>,
    visit: Visit,
    path: EraseForm,
    Sent { key: _, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    let receipt = commands::erase(&app, &visit.actor, path.form).await?.ok_or(Problem::NotFound)?;
    done(&receipt, &told(&Dashboard, "saisie-effacee"))
}
