//! Preparing the exports of traces that people ask for, and erasing them a day after. Each turn is short, and a node that
//! stops leaves the next one to another.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::features::traces::export::{erase_due, go_on};

/// Between two looks at what waits.
const PACE: Duration = Duration::from_secs(1);

/// Prepares and erases until told to stop.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        let more = app.kit().ledger.suspended().is_none() && look(&app).await;
        if *stop.borrow() {
            return;
        }
        if more {
            continue;
        }
        tokio::select! {
            () = tokio::time::sleep(PACE) => {}
            _ = stop.changed() => return,
        }
    }
}

/// One turn, and what is due; whether another turn may wait.
pub async fn look(app: &App) -> bool {
    if let Err(error) = erase_due(app).await {
        tracing::warn!(%error, "exports past their day are not all erased");
    }
    go_on(app).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the preparation of an export stopped short: it is taken up in a minute");
        false
    })
}
