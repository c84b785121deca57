//! What the purge costs while people work: traces of seven months ago, due by the engine's own clock, go while agents
//! read files; before and after it they read the same files with nothing to erase.

use std::time::{Duration, Instant};

use compte_partenaire::clock::{Clock, Entropy};
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::db::{Db, Patience, Recorder};
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::jobs::seal::Sealing;
use compte_partenaire::keys;
use compte_partenaire::serve::Store;

use crate::Failure;
use crate::clients::after;
use crate::installation::Installation;
use crate::pages::{open_files, prepare, read_files_until};
use crate::portal::{Portal, join};
use crate::report::{columns, heading, note, point, ratio};

const AGENTS: u32 = 64;
const FILES: u32 = 3_000;
/// Traces made by one hand, and the time from one hand to the next: what is due fills several days.
const HAND: u64 = 500;
const STEP: time::Duration = time::Duration::minutes(5);
/// A month more than the six for which traces are kept.
const AGO: time::Duration = time::Duration::days(215);
/// The code of the traces that are made to be erased.
const DUE: &str = "rows.tidied";

/// Measures, and prints.
pub(crate) async fn measure(
    installation: &Installation,
    count: u64,
    lasting: Duration,
) -> Result<(), Failure> {
    heading(&format!("{}, files that are read while {count} traces are erased", installation.title()));
    let began = Instant::now();
    make(installation, count).await?;
    note(&format!("made and sealed in {:.0} s", began.elapsed().as_secs_f64()));
    let sown = prepare(installation, AGENTS, FILES).await?;
    columns();

    installation.purge(false).await?;
    let portal = Portal::start(installation, Grouping::default(), installation.connections)?;
    let opened = open_files(&portal, &sown).await?;
    let before = read_files_until(installation, &portal, &opened, after(lasting)).await?;
    point("before", 1, &before);
    drop(portal);

    installation.purge(true).await?;
    let portal = Portal::start(installation, Grouping::default(), installation.connections)?;
    let began = Instant::now();
    let meanwhile = read_files_until(installation, &portal, &opened, purged(installation)).await?;
    let took = began.elapsed();
    point("meanwhile", 1, &meanwhile);
    let left = installation.traces(DUE).await?;
    let later = read_files_until(installation, &portal, &opened, after(lasting)).await?;
    point("after", 1, &later);
    drop(portal);

    // The portal tidies too, and says so.
    if u64::try_from(left)? >= HAND {
        return Err(format!("{left} traces that were due are still there").into());
    }
    let count = f64::from(u32::try_from(count)?);
    note(&format!("erased: {:.0} traces/s, in {:.0} s", count / took.as_secs_f64(), took.as_secs_f64()));
    let quiet = f64::midpoint(before.per_second(), later.per_second());
    ratio("meanwhile, to before and after (their mean)", meanwhile.per_second(), quiet);
    Ok(())
}

/// Makes traces as the portal would have made them then, each with its leaf.
async fn make(installation: &Installation, count: u64) -> Result<(), Failure> {
    let keys = std::sync::Arc::new(keys::read(&installation.keys()).map_err(|faults| format!("{faults:?}"))?);
    let entropy = Entropy::of_the_machine();
    let clock = Clock::by_hand(Clock::Machine.now().minus(AGO));
    let recorder = Recorder { clock: clock.clone(), entropy: entropy.clone(), keys: keys.clone() };
    let db = Db::open(installation.url(), 2, Patience::Command, recorder).await?;
    let app = join(&Store { db, keys, clock: clock.clone(), entropy }, Grouping::default())?;
    let mut sealing = Sealing::new(&app);
    let mut made = 0;
    while made < count {
        let hand = HAND.min(count - made);
        let facts = (0..hand).map(|rows| Fact::Tidied { what: "mesure".to_owned(), rows }).collect();
        let _receipt = app.kit().ledger.hand_over(&app.job("mesure", None), facts, None, Vec::new()).await?;
        sealing.round(&app).await?;
        made += hand;
        clock.advance(STEP);
    }
    // The search for atypical uses would go along all of it, beside what is measured.
    installation
        .run("UPDATE use_walk SET rank = (SELECT max(rank) FROM trace_leaf WHERE log = 1) WHERE id = 1")
        .await?;
    if installation.process().is_some() {
        installation.run("VACUUM ANALYZE").await?;
    }
    app.db().close().await;
    Ok(())
}

/// Ends when a run of the purge has. The portal looks once when it starts: no end in ten minutes is told by what is left.
async fn purged(installation: &Installation) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_mins(10) {
        if installation.purged().await.unwrap_or(false) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
