//! Counting what was done, from the traces: each night, the days that are over, of each organism in its own zone
//! (004 art. 7). The month is counted again with them, so that a trace that came late is counted and a month knows its
//! people; nothing is written that the rows say already. One node at a time: a run that stops short is begun again, and
//! gives the same rows.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::db::statistics::{Change, Run, Whose};
use crate::db::{FromRow, Refused};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::{Day, Zone};
use crate::domain::facts::Fact;
use crate::domain::id::OrganismId;
use crate::domain::retention::Category;
use crate::domain::statistics::{counted_since, kept_since, last_countable, months_to_count};
use crate::domain::time::Timestamp;

/// Between two looks at whether a day is over.
const LOOK: Duration = Duration::from_mins(1);
/// How long a node may take: one that dies meanwhile leaves the rest to another.
const HELD: time::Duration = time::Duration::minutes(30);
/// Rows written in one go.
const AT_ONCE: usize = 200;

#[derive(Clone, Debug, FromRow)]
struct Organism {
    id: OrganismId,
    time_zone: String,
    created_at: Timestamp,
}

/// Counts until told to stop.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        if app.kit().ledger.suspended().is_none()
            && let Err(error) = count(&app).await
        {
            tracing::warn!(%error, "counting uses stopped short");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Counts what is due of every organism; gives how many rows changed.
pub async fn count(app: &App) -> Result<u64, Refused> {
    let job = app.job("statistics", None);
    let mut reader = app.read(&job).await?;
    let organisms: Vec<Organism> =
        reader.unbounded("SELECT id, time_zone, created_at FROM organism ORDER BY id").fetch_all().await?;
    drop(reader);
    let mut changed = 0;
    for organism in organisms {
        changed += count_one(app, &organism).await?;
    }
    Ok(changed)
}

async fn count_one(app: &App, organism: &Organism) -> Result<u64, Refused> {
    let zone = Zone::parse(&organism.time_zone).unwrap_or_default();
    let (now, last) = (app.now(), last_countable(app.now(), &zone));
    let months = Category::Action.months();
    let since = counted_since(zone.day(organism.created_at), last, months);
    if since > last {
        return Ok(0);
    }
    let lease = (now, now.plus(HELD));
    let Some(run) = app.db().begin_count(organism.id, (since, last), lease).await? else { return Ok(0) };
    let mut changed = 0;
    for month in months_to_count(run.since, run.counted_to, last, months) {
        let days = (month.max(run.since), month.plus_months(1).plus_days(-1).min(last));
        match count_days(app, &run, &zone, days).await? {
            Some(rows) => changed += rows,
            // Another node has it now.
            None => return Ok(changed),
        }
    }
    let mut tx = permitted(app, run.organism).await?;
    if tx.end_count(&run, last, kept_since(last)).await? {
        let from = run.counted_to.map_or(run.since, |day| day.plus_days(1));
        let _receipt = tx.commit([Fact::UsesCounted { from, to: last, rows: changed }]).await?;
    }
    Ok(changed)
}

/// Counts some days of one month; nothing when the run is not this node's any more.
async fn count_days(app: &App, run: &Run, zone: &Zone, days: (Day, Day)) -> Result<Option<u64>, Refused> {
    let job = app.job("statistics", Some(run.organism));
    let tally = app.db().tally(&job, Whose::Organism(run.organism), zone, days).await?;
    let mut spans = BTreeMap::<_, Vec<_>>::new();
    let counted = tally.counted();
    for (cell, counts) in &counted {
        spans.entry((cell.span, cell.starts_on)).or_default().push((cell, *counts));
    }
    let mut changes: Vec<Change> = Vec::new();
    for cells in spans.into_values() {
        let mut reader = app.read(&job).await?;
        changes.extend(reader.changes(run, cells).await?);
    }
    let mut written = 0;
    for some in changes.chunks(AT_ONCE) {
        let mut tx = permitted(app, run.organism).await?;
        if !tx.keep_counts(run, some).await? {
            return Ok(None);
        }
        let rows = u64::try_from(some.len()).unwrap_or(0);
        let _receipt = tx.commit([Fact::UsesCounted { from: days.0, to: days.1, rows }]).await?;
        written += rows;
    }
    Ok(Some(written))
}

async fn permitted(app: &App, organism: OrganismId) -> Result<crate::db::WriteTx, Refused> {
    let job = app.job("statistics", Some(organism));
    app.write(&job).await?.permit(Permission::CountUses, Scope::Organism(organism))
}
