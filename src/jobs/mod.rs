//! What runs by itself: each job is an actor of its own, goes through permits and leaves traces like anyone.
//! A job never decides what a date means: rules look at dates when they are asked.

pub mod carry;
pub mod expiry;
pub mod exports;
pub mod mail;
pub mod pulse;
pub mod purge;
pub mod seal;
pub mod statements;
pub mod statistics;
pub mod tidy;
pub mod trace_requests;
pub mod usage;

use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::domain::facts::Fact;

/// Between two looks at what waits.
const PACE: Duration = Duration::from_secs(2);
/// Looks between two tidyings: about an hour.
const TIDY_EVERY: u32 = 1_800;

/// Looks between two searches for what was kept long enough: about a day.
const EXPIRE_EVERY: u32 = 43_200;

/// Runs the jobs until told to stop. Several nodes may run them at once: each row is taken once.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut looks = 0_u32;
    loop {
        app.space().look();
        if app.kit().ledger.suspended().is_none() {
            if let Err(error) = mail::send_due(&app).await {
                tracing::warn!(%error, "mail job stopped short");
            }
            if let Err(error) = trace_requests::send_due(&app).await {
                tracing::warn!(%error, "mails about requests for traces stopped short");
            }
            if looks.is_multiple_of(TIDY_EVERY)
                && let Err(error) = trace_requests::remind(&app).await
            {
                tracing::warn!(%error, "reminding of requests for traces stopped short");
            }
            if looks.is_multiple_of(TIDY_EVERY)
                && let Err(error) = tidy::tidy(&app).await
            {
                tracing::warn!(%error, "tidying stopped short");
            }
            if looks.is_multiple_of(EXPIRE_EVERY)
                && let Err(error) = expiry::expire(&app).await
            {
                tracing::error!(%error, "what was kept long enough is not all erased");
            }
            report_refused(&app).await;
            looks = looks.wrapping_add(1);
        }
        tokio::select! {
            () = tokio::time::sleep(PACE) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Traces what was refused and nobody told yet: a burst that stops leaves its count too.
pub async fn report_refused(app: &App) {
    for (source, count) in app.sources().unreported(app.now()) {
        let mut actor = app.job("sign_in", None);
        actor.origin.source = source;
        let fact = Fact::SignInsThrottled { count };
        if app.kit().ledger.hand_over(&actor, vec![fact], None, Vec::new()).await.is_err() {
            tracing::warn!(count, "refused sign-ins not traced: the service is suspended");
        }
    }
    for (session, count) in app.kit().sessions.unreported(app.now()) {
        let actor = session.map_or_else(|| app.job("requests", None), |(_, actor)| actor);
        let fact = Fact::RequestsThrottled { count };
        if app.kit().ledger.hand_over(&actor, vec![fact], None, Vec::new()).await.is_err() {
            tracing::warn!(count, "refused requests not traced: the service is suspended");
        }
    }
}
