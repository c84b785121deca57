//! Pages while a whole file of files is loaded by another process, on the same database.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use compte_partenaire::clock::Clock;
use compte_partenaire::db::Patience;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::domain::day::Zone;
use compte_partenaire::domain::files::write_line;
use compte_partenaire::{operate, serve};

use crate::Failure;
use crate::arguments::Loading;
use crate::clients::after;
use crate::installation::{Installation, foundation};
use crate::pages::{open_files, prepare, read_files_until};
use crate::portal::Portal;
use crate::report::{columns, heading, note, point};
use crate::seed::{CODE, households};

const AGENTS: u32 = 4;
/// In service before the import.
const FILES: u32 = 3_000;

/// Measures, and prints: pages before the import, then until it ends.
pub(crate) async fn measure(
    installation: &Installation,
    count: u32,
    lasting: Duration,
) -> Result<(), Failure> {
    heading(&format!("{}, {AGENTS} agents who read while {count} files are loaded", installation.title()));
    let sown = prepare(installation, AGENTS, FILES).await?;
    let file = installation.folder().join("files.ndjson");
    let bytes = write_files(&file, count)?;
    note(&format!("the file is {} MB", bytes / 1_000_000));
    let portal = Portal::start(installation, Grouping::default(), installation.connections)?;
    let opened = open_files(&portal, &sown).await?;

    columns();
    let before = read_files_until(installation, &portal, &opened, after(lasting)).await?;
    point("before", 1, &before);
    let began = Instant::now();
    let mut told = None;
    let meanwhile = read_files_until(installation, &portal, &opened, async {
        told = Some(load_elsewhere(installation, &file).await);
    })
    .await?;
    let took = began.elapsed();
    point("meanwhile", 1, &meanwhile);
    told.ok_or("the load did not end")??;
    let rate = f64::from(count) / took.as_secs_f64();
    note(&format!("checked, loaded and shown in {:.1} s: {rate:.0} files/s", took.as_secs_f64()));
    let later = read_files_until(installation, &portal, &opened, after(lasting)).await?;
    point("after", 1, &later);
    if meanwhile.errors + later.errors > 0 {
        return Err("some pages were not answered during or after the import".into());
    }
    Ok(())
}

/// Writes the documented format; the files that agents have opened are among them.
fn write_files(path: &Path, count: u32) -> Result<u64, Failure> {
    let today = Zone::default().day(Clock::Machine.now());
    let mut out = BufWriter::new(File::create(path)?);
    for file in households(count, today)? {
        writeln!(out, "{}", write_line(&file))?;
    }
    out.flush()?;
    Ok(out.get_ref().metadata()?.len())
}

/// Starts the other process, and waits for it.
async fn load_elsewhere(installation: &Installation, file: &Path) -> Result<(), Failure> {
    let process = Command::new(std::env::current_exe()?)
        .arg("load")
        .args(["--url", installation.url()])
        .arg("--keys")
        .arg(installation.keys())
        .arg("--file")
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let ended = tokio::task::spawn_blocking(move || process.wait_with_output()).await??;
    if ended.status.success() { Ok(()) } else { Err("the load failed".into()) }
}

/// The role of the other process: what `import files` does.
pub(crate) async fn load(asked: &Loading) -> Result<(), Failure> {
    let store = serve::open(&foundation(&asked.url, &asked.keys, 4), Patience::Command).await?;
    let lines = || File::open(&asked.file).map(BufReader::new);
    operate::import_files(&store, CODE, lines()?, lines()?, &mut std::io::stdout()).await?;
    Ok(())
}
