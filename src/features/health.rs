//! Health, for whoever watches the machine: alive, and ready. Neither tells anything else.

use axum::extract::State;
use axum::http::StatusCode;

use crate::app::App;
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes.get("/sante", Access::Public, live).get("/pret", Access::Public, ready)
}

/// The process answers.
async fn live() -> &'static str {
    "vivant\n"
}

/// Traces can be made durable, so requests can be served.
async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.kit().ledger.suspended().is_some() {
        (StatusCode::SERVICE_UNAVAILABLE, "service suspendu\n")
    } else {
        (StatusCode::OK, "prêt\n")
    }
}
