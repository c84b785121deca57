//! The listener of figures: for whoever watches, never for people. It answers even while the service is suspended.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::app::App;
use crate::db::DbError;
use crate::metrics::{LogSample, Sample, SinkSample};
use crate::tls::Served;

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
    let stored = match app.db().stored().await {
        Ok(stored) => Some(stored),
        Err(error) => {
            tracing::warn!(%error, "figures of the database not read");
            None
        }
    };
    let log = match of_the_log(app).await {
        Ok(log) => Some(log),
        Err(error) => {
            tracing::warn!(%error, "figures of the log not read");
            None
        }
    };
    let sample = Sample {
        log,
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

async fn of_the_log(app: &App) -> Result<LogSample, DbError> {
    let (db, now) = (app.db(), app.now());
    let pulse = db.pulse().await?;
    let ahead = app.outlook().await?;
    let sink = if app.sink().is_some() {
        let lag = db.sink_lag().await?;
        Some(SinkSample {
            failing: db.carrying().await?.failing_since.is_some(),
            suspends: app.kit().ledger.needs_sink(),
            lag_traces: lag.rows,
            lag_seconds: lag.oldest.map_or(0, |oldest| now.since(oldest).whole_seconds()),
        })
    } else {
        None
    };
    Ok(LogSample {
        beat_age: pulse.beat_at.map(|at| now.since(at).whole_seconds()),
        live: ahead.live,
        a_day: ahead.a_day,
        days_left: ahead.days_left,
        sink,
    })
}
