//! The listener of figures: for whoever watches, never for people. It answers even while the service is suspended.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::app::App;
use crate::db::{DbError, FromRow};
use crate::metrics::{Sample, Stored};
use crate::tls::Served;

/// Beyond, a backlog is only long: counting it further would cost what the sealing of it needs.
const MOST: i64 = 100_000;

/// What figures are read from.
#[derive(Clone)]
struct Watched {
    app: App,
    certificate: Option<Arc<Served>>,
}

/// Answers who asks for figures, until the process ends.
pub async fn answer(app: App, certificate: Option<Arc<Served>>, listener: TcpListener) {
    let routes = Router::new().route("/metrics", get(figures)).with_state(Watched { app, certificate });
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "the listener of figures failed");
    }
}

async fn figures(State(watched): State<Watched>) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let app = &watched.app;
    let stored = match stored(app).await {
        Ok(stored) => Some(stored),
        Err(error) => {
            tracing::warn!(%error, "figures of the database not read");
            None
        }
    };
    let sample = Sample {
        suspended: app.kit().ledger.suspended().is_some(),
        stored,
        pools: app.db().pool_use(),
        space: app.space().measure(),
        certificate: watched.certificate.as_ref().map(|served| served.not_after().unix_timestamp()),
    };
    match app.db().metrics().told(&sample) {
        Ok(told) => ([(header::CONTENT_TYPE, OPEN_METRICS)], told).into_response(),
        Err(error) => {
            tracing::error!(%error, "figures not written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[derive(FromRow)]
struct Backlog {
    unsealed: i64,
    mails_waiting: i64,
    mails_failed: i64,
}

async fn stored(app: &App) -> Result<Stored, DbError> {
    let mut reader = app.read(&app.job("metrics", None)).await?;
    let backlog: Option<Backlog> = reader
        .unbounded(
            "SELECT (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM trace_unsealed LIMIT $1) AS u) AS unsealed, \
             (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM outbox WHERE state IN ('waiting', 'sending') \
               LIMIT $1) AS w) AS mails_waiting, \
             (SELECT CAST(count(*) AS BIGINT) FROM (SELECT o.id FROM outbox o WHERE o.state = 'failed' \
               AND NOT EXISTS (SELECT 1 FROM outbox l WHERE l.account_id = o.account_id \
                 AND l.created_at > o.created_at) LIMIT $1) AS f) AS mails_failed",
        )
        .bind(MOST)
        .fetch_optional()
        .await?;
    let Backlog { unsealed, mails_waiting, mails_failed } =
        backlog.ok_or_else(|| DbError::Defect("no row of backlog".to_owned()))?;
    Ok(Stored { unsealed, mails_waiting, mails_failed })
}
