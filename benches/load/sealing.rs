//! What the seal costs while people work, how often the head is signed meanwhile, and how fast the log is verified: in
//! its database, and from an export.

use std::fs::File;
use std::io::BufReader;
use std::time::{Duration, Instant};

use compte_partenaire::clock::Clock;
use compte_partenaire::crypto::sha256;
use compte_partenaire::db::Patience;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::db::seal::Wanted;
use compte_partenaire::domain::day::Zone;
use compte_partenaire::domain::id::OrganismId;
use compte_partenaire::domain::time::Timestamp;
use compte_partenaire::seal::checkpoint::{Checkpoint, PublicKey, every_public_key};
use compte_partenaire::seal::export::{self, Preamble};
use compte_partenaire::serve::{self, Store};
use compte_partenaire::witness::checkpoints_in;

use crate::Failure;
use crate::clients::Load;
use crate::installation::Installation;
use crate::pages::{Opened, open_files, prepare, read_files};
use crate::portal::Portal;
use crate::report::{columns, heading, note, point, ratio};

const AGENTS: u32 = 64;
const FILES: u32 = 3_000;
/// Rounds with the seal and without it, one after the other: what the machine does beside falls on both.
const ROUNDS: usize = 4;
/// How often each verification is done; the median counts.
const TIMES: usize = 5;

/// Measures, and prints.
pub(crate) async fn measure(installation: &Installation, lasting: Duration) -> Result<(), Failure> {
    heading(&format!("{}, files that are read while their traces are sealed, or not", installation.title()));
    let sown = prepare(installation, AGENTS, FILES).await?;
    let portal = Portal::start(installation, Grouping::default(), installation.connections)?;
    let opened = open_files(&portal, &sown).await?;
    let (mut with, mut without, mut under_load) = (Vec::new(), Vec::new(), Vec::new());
    columns();
    for round in 1..=ROUNDS {
        installation.seal(true).await?;
        let from = Clock::Machine.now();
        let sealed = read(installation, &portal, &opened, lasting).await?;
        under_load.push((from, Clock::Machine.now()));
        point(&format!("sealed, round {round}"), 1, &sealed);
        with.push(sealed.per_second());
        drain(installation).await?;
        installation.seal(false).await?;
        let bare = read(installation, &portal, &opened, lasting).await?;
        point(&format!("not sealed, round {round}"), 1, &bare);
        without.push(bare.per_second());
    }
    installation.seal(true).await?;
    drain(installation).await?;
    drop(portal);
    // What a server does by itself in the hours that these traces would have taken.
    if installation.process().is_some() {
        installation.run("VACUUM ANALYZE").await?;
    }
    ratio("sealed, to not sealed (medians)", median(&mut with), median(&mut without));
    let store = serve::open(&installation.foundation(2), Patience::Command).await?;
    let trusted = every_public_key(&store.keys, store.db.head().await?.log);
    note(&format!(
        "longest wait between two signed heads under load: {:.2} s",
        longest_wait(installation, &trusted, &under_load)?.as_seconds_f64()
    ));
    verify(installation, &store, &trusted, sown.organism).await?;
    store.db.close().await;
    Ok(())
}

async fn read(
    installation: &Installation,
    portal: &Portal,
    opened: &[Opened],
    lasting: Duration,
) -> Result<Load, Failure> {
    read_files(installation, portal, opened, opened.len(), lasting).await
}

/// Waits until everything is sealed.
async fn drain(installation: &Installation) -> Result<(), Failure> {
    let began = Instant::now();
    while installation.waiting().await? > 0 {
        if began.elapsed() > Duration::from_mins(2) {
            return Err("traces still wait for their seal after two minutes".into());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// The longest time without a newly signed head, within the rounds in which traces were sealed.
fn longest_wait(
    installation: &Installation,
    trusted: &[PublicKey],
    rounds: &[(Timestamp, Timestamp)],
) -> Result<time::Duration, Failure> {
    let mut signed = Vec::new();
    for file in std::fs::read_dir(installation.checkpoints())? {
        let path = file?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("empreintes-")) {
            for text in checkpoints_in(&path)? {
                signed.push(Checkpoint::open(&text, trusted)?.at);
            }
        }
    }
    signed.sort_unstable();
    let mut longest = time::Duration::ZERO;
    for (from, to) in rounds {
        let mut last = *from;
        for at in signed.iter().copied().filter(|at| from <= at && at <= to).chain([*to]) {
            longest = longest.max(at.since(last));
            last = at;
        }
    }
    Ok(longest)
}

/// Verifies the log where it is, then an export of it.
async fn verify(
    installation: &Installation,
    store: &Store,
    trusted: &[PublicKey],
    organism: OrganismId,
) -> Result<(), Failure> {
    let mut live = Vec::new();
    let mut rows = 0;
    for _ in 0..TIMES {
        let began = Instant::now();
        let reports = store.db.verify(&[]).await?;
        live.push(began.elapsed().as_secs_f64());
        if reports.iter().any(|report| report.flaws > 0) {
            return Err("the log does not hold".into());
        }
        rows = reports.iter().map(|report| report.rows).sum();
    }
    note(&format!(
        "verified where it is: {:.0} traces/s ({rows} traces)",
        per_second(rows, median(&mut live))
    ));
    let file = installation.folder().join("export.ndjson");
    let whole = write_out(store, organism, &file).await?;
    let today = Zone::default().day(store.clock.now());
    let mut offline = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        let reports = export::check(BufReader::new(File::open(&file)?), trusted, &[], today)?;
        offline.push(began.elapsed().as_secs_f64());
        let rows: u64 = reports.iter().map(|(_, report)| report.rows).sum();
        if reports.iter().any(|(_, report)| report.flaws > 0) || rows != whole {
            return Err(format!("the export does not hold: {reports:?}").into());
        }
    }
    let bytes = std::fs::read(&file)?;
    let mut raw = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        std::hint::black_box(sha256(&bytes));
        raw.push(began.elapsed().as_secs_f64());
    }
    let (offline, raw) = (median(&mut offline), median(&mut raw));
    note(&format!(
        "verified from an export, one thread: {:.0} traces/s ({whole} traces, {} bytes each)",
        per_second(whole, offline),
        bytes.len() / usize::try_from(whole.max(1))?
    ));
    ratio("the same, to one SHA-256 of the file", offline, raw);
    Ok(())
}

async fn write_out(store: &Store, organism: OrganismId, file: &std::path::Path) -> Result<u64, Failure> {
    let now = store.clock.now();
    let day = time::Duration::days(1);
    let wanted = Wanted { organism, from: now.minus(day), to: now.plus(day) };
    let about = |checkpoint| Preamble {
        checkpoint,
        made_for: "mesure".to_owned(),
        search: "tout".to_owned(),
        keep_until: Zone::default().day(now).to_string(),
        how_to_verify: String::new(),
        logs: None,
    };
    let mut out = std::io::BufWriter::new(File::create(file)?);
    Ok(store.db.export(wanted, about, &mut out).await?)
}

fn per_second(count: u64, seconds: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
