//! Looking for atypical uses in what was sealed: a few dozen look-ups at a time, on one node, from where the last search
//! ended, whichever node made it. `reading` finds look-ups and asks for their files, `habits` what is usual, `filing`
//! files what rules notice, `erasing` what has had its time.
//!
//! A step moves the place and files its signals in one transaction, which goes through only from the place where it
//! began: whatever stops a node, each look-up is learnt once, and no signal is filed twice.

mod erasing;
mod filing;
mod habits;
mod reading;

use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::db::Refused;
use crate::db::use_walk::Place;
use crate::domain::time::Timestamp;
use reading::{Examined, Stretch};

pub use erasing::erase;

/// Between two searches.
const PACE: Duration = Duration::from_mins(1);
/// How long a node may be at one search; another then goes on.
const LEASE: time::Duration = time::Duration::minutes(10);
/// Steps of one search, so that the lease is never outlived.
const STEPS: u32 = 200;
/// Searches between two erasings: about an hour.
const ERASE_EVERY: u32 = 60;

/// What a search did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Searched {
    /// Look-ups learnt.
    pub look_ups: u32,
    /// Signals filed.
    pub signals: u32,
}

/// Searches until told to stop.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut searches = 0_u32;
    loop {
        if app.kit().ledger.suspended().is_none() {
            if let Err(error) = search(&app).await {
                tracing::warn!(%error, "the search for atypical uses stopped short");
            }
            if searches.is_multiple_of(ERASE_EVERY)
                && let Err(error) = erase(&app).await
            {
                tracing::warn!(%error, "erasing old signals stopped short");
            }
            searches = searches.wrapping_add(1);
        }
        tokio::select! {
            () = tokio::time::sleep(PACE) => {}
            _ = stop.changed() => return,
        }
    }
}

/// One search, up to the last sealed trace; nothing when another node is at it.
pub async fn search(app: &App) -> Result<Option<Searched>, Refused> {
    let (now, until) = (app.now(), app.now().plus(LEASE));
    let Some(place) = app.db().begin_use_walk(now, until).await? else { return Ok(None) };
    let searched = search_from(app, place, until).await;
    app.db().end_use_walk(until).await?;
    searched.map(Some)
}

async fn search_from(app: &App, mut place: Place, until: Timestamp) -> Result<Searched, Refused> {
    let mut searched = Searched::default();
    for _ in 0..STEPS {
        if app.now() >= until {
            break;
        }
        let (moved, answered) = match reading::next(app, place).await? {
            Stretch::End => break,
            Stretch::Nothing { to } => (app.db().pass_use_walk(place, to).await?.then_some(to), true),
            Stretch::LookUps { to, rows } => {
                let Examined { looked_up, unanswered } = reading::examine(app, rows).await?;
                if unanswered.is_some() && looked_up.is_empty() {
                    break;
                }
                // The files that were read are traced with what is filed, whatever the next one answers.
                let to = unanswered.map_or(to, |rank| Place { rank: rank - 1, ..place });
                searched.look_ups += u32::try_from(looked_up.len()).unwrap_or(0);
                let filed = filing::file(app, (place, to), &looked_up).await?;
                searched.signals += filed.unwrap_or(0);
                (filed.map(|_| to), unanswered.is_none())
            }
        };
        // Another node went on from there: the rest is its own.
        let Some(to) = moved.filter(|_| answered) else { break };
        place = to;
    }
    Ok(searched)
}
