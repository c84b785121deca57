//! Erasing the traces whose day has come, and folding the blocks of leaves that nothing needs any more: once an hour, on
//! one node. It goes through the leaves in the order of their sealing, a few hundred at a time, so that no page waits
//! for it, and stops at the first leaves that are too young to have anything due among them.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::db::retention::{Folding, ranks_of};
use crate::db::{Db, DbError, Refused};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::retention::{PURGE_LATE, PURGE_PACE, last_due_month};
use crate::domain::time::Timestamp;

/// Between two looks at whether it is time.
const LOOK: Duration = Duration::from_mins(1);

/// What one run did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Purged {
    /// Traces erased.
    pub traces: u64,
    /// Blocks folded into their roots.
    pub blocks: u64,
    /// Leaves of blocks folded before, erased.
    pub leaves: u64,
}

/// Purges until told to stop.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        if app.kit().ledger.suspended().is_none() {
            look(&app).await;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => return,
        }
    }
}

/// One look: a run if it is time, and what the operator must know.
pub async fn look(app: &App) {
    match purge(app).await {
        Ok(Some(purged)) if purged != Purged::default() => {
            tracing::info!(?purged, "traces past their day are erased");
        }
        Ok(_) => {}
        Err(error) => {
            app.db().metrics().purge_failed();
            tracing::error!(%error, "the purge of traces stopped short: some are kept beyond their day");
        }
    }
    match app.db().purged_at().await {
        Ok(Some(at)) if is_late(at, app.now()) => {
            tracing::error!(last = %at.instant(), "the purge of traces is late: some may be kept beyond their day");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "when traces were last purged is not known"),
    }
}

/// Whether a purge that last ended then should have ended again.
pub fn is_late(last: Timestamp, now: Timestamp) -> bool {
    now.since(last) > PURGE_LATE
}

/// One run; nothing when it is not the hour, or when another node has it.
pub async fn purge(app: &App) -> Result<Option<Purged>, Refused> {
    let db = app.db();
    let now = app.now();
    if !db.begin_purge(now, now.plus(PURGE_PACE)).await? {
        return Ok(None);
    }
    let today = Day::from(now.instant().date());
    let mut purged = Purged::default();
    for log in 1..=db.head().await?.log {
        // Leaves of blocks that were folded by the run before: whoever was reading them an hour ago has ended.
        purged.leaves += erase_leaves(db, log).await?;
        purged.traces += erase_traces(app, log, today).await?;
        purged.blocks += fold_blocks(app, log, today).await?;
    }
    destroy_sink_keys(app, today).await?;
    db.give_space_back().await?;
    db.end_purge(app.now()).await?;
    Ok(Some(purged))
}

async fn erase_traces(app: &App, log: i32, today: Day) -> Result<u64, Refused> {
    let (mut from, mut erased) = (0, 0);
    while let Some(span) = app.db().span(log, from, today).await? {
        if let Some(ranks) = span.due {
            let job = app.job("purge", None);
            let mut tx = app.write(&job).await?.permit(Permission::PurgeTraces, Scope::Installation)?;
            if let Some(gone) = tx.erase_due(log, ranks, today).await? {
                let (first, last) = ranks;
                let fact = Fact::TracesErased { log, first, last, rows: gone.rows, until: gone.until };
                let _receipt = tx.commit([fact]).await?;
                erased += gone.rows;
            }
        }
        if span.oldest_month > last_due_month(today) {
            break;
        }
        from = span.last + 1;
    }
    Ok(erased)
}

async fn fold_blocks(app: &App, log: i32, today: Day) -> Result<u64, Refused> {
    let (mut after, mut folded) = (-1, 0);
    loop {
        let numbers = app.db().blocks(log, after, false).await?;
        let Some(last) = numbers.last() else { return Ok(folded) };
        after = *last;
        for number in numbers {
            let Folding::Due(until) = app.db().folding(log, number, today).await? else { continue };
            let job = app.job("purge", None);
            let mut tx = app.write(&job).await?.permit(Permission::PurgeTraces, Scope::Installation)?;
            if tx.fold(log, number, until).await? {
                let (first, last) = ranks_of(number);
                let _receipt = tx.commit([Fact::LeavesFolded { log, first, last, until }]).await?;
                folded += 1;
            }
        }
    }
}

/// Destroys the keys by which bodies at the second sink are read, of each month whose last trace is past its day. What a
/// hold keeps is kept here.
async fn destroy_sink_keys(app: &App, today: Day) -> Result<(), Refused> {
    while let Some(month) = app.db().oldest_month_key(last_due_month(today)).await? {
        let job = app.job("purge", None);
        let mut tx = app.write(&job).await?.permit(Permission::PurgeTraces, Scope::Installation)?;
        if tx.destroy_month_key(month).await? {
            let _receipt = tx.commit([Fact::SinkKeyDestroyed { month }]).await?;
        }
    }
    Ok(())
}

async fn erase_leaves(db: &Db, log: i32) -> Result<u64, DbError> {
    let (mut after, mut erased) = (-1, 0);
    loop {
        let numbers = db.blocks(log, after, true).await?;
        let Some(last) = numbers.last() else { return Ok(erased) };
        after = *last;
        for number in numbers {
            erased += db.erase_folded_leaves(log, number).await?;
        }
    }
}
