//! What an operator, or a stranger with a copy, asks of the log: checking it, and opening another after a database was put
//! back to an older state.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use super::copy;
use crate::app::App;
use crate::cli::{Export, OpenLog, Verify};
use crate::clock::Clock;
use crate::db::seal::{ExportError, Wanted};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::OrganismId;
use crate::domain::pulse::Silence;
use crate::domain::retention::Category;
use crate::domain::time::Timestamp;
use crate::features::organisms;
use crate::seal::check::{Finding, Flaw, Report};
use crate::seal::checkpoint::{Checkpoint, PublicKey, every_public_key};
use crate::seal::export::{self, ExportFault, HOW_TO_VERIFY, Preamble};
use crate::seal::proof::Proof;
use crate::serve::Store;
use crate::witness::{self, Witness};

/// Far longer than the proof of one trace.
const LONGEST_PROOF: u64 = 1_024 * 1_024;

/// Checks the log of an open database against the checkpoints of these files; what does not hold is an error.
pub async fn verify(store: &Store, asked: &Verify) -> Result<String, String> {
    let keys = &store.keys;
    let last = store.db.head().await.map_err(worded)?.log;
    let trusted = every_public_key(keys, last);
    let mut witnesses = witnesses(&asked.checkpoints, &trusted)?;
    let began = store.clock.now();
    let copy = match &asked.sink {
        Some(folder) => Some(copy::read(folder, &trusted, Some(&store.db)).await?),
        None => None,
    };
    witnesses.extend(copy.iter().flat_map(|copy| copy.checkpoints.iter().cloned()));
    let reports: Vec<_> = (1..).zip(store.db.verify(&witnesses).await.map_err(worded)?).collect();
    let took = store.clock.now().since(began).as_seconds_f64();
    both(copy.as_ref().map(copy::told), told(&reports, took))
}

/// Reads a copy of the log far from its database: what it has of it, and whether that is what was signed.
pub async fn verify_copy(folder: &Path, keys: &Path) -> Result<String, String> {
    copy::told(&copy::read(folder, &read_keys(keys)?, None).await?)
}

/// What two checks found: an error of one is an error.
fn both(copy: Option<Result<String, String>>, log: Result<String, String>) -> Result<String, String> {
    match (copy, log) {
        (None, log) => log,
        (Some(Ok(copy)), Ok(log)) => Ok(format!("{copy}\n{log}")),
        (Some(Ok(copy) | Err(copy)), Ok(log) | Err(log)) => Err(format!("{copy}\n{log}")),
    }
}

/// Checks the proof of one trace, far from its database, with public keys.
pub fn verify_proof(file: &Path, keys: &Path) -> Result<String, String> {
    let trusted = read_keys(keys)?;
    let length = std::fs::metadata(file).map_err(|error| unreadable(file, &error))?.len();
    if length > LONGEST_PROOF {
        return Err(format!("{} : trop long pour être la preuve d’une trace", file.display()));
    }
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    let proof: Proof<'_> = serde_json::from_str(&text)
        .map_err(|_| format!("{} : ce n’est pas la preuve d’une trace", file.display()))?;
    match proof.check(&trusted) {
        Ok(checkpoint) => Ok(format!(
            "La trace {} est bien celle qui a été scellée au rang {} du journal {} ({} traces).",
            proof.trace.id, proof.rank, checkpoint.origin, checkpoint.size
        )),
        Err(_) => Err(format!(
            "La trace {} n’est pas prouvée : elle a changé, ou l’empreinte n’est pas signée par ces clés.",
            proof.trace.id
        )),
    }
}

/// Checks an export, far from its database, with public keys and checkpoints that somebody kept.
pub async fn verify_export(
    file: &Path,
    keys: &Path,
    checkpoints: &[PathBuf],
    sink: Option<&Path>,
) -> Result<String, String> {
    let trusted = read_keys(keys)?;
    let mut witnesses = witnesses(checkpoints, &trusted)?;
    let copy = match sink {
        Some(folder) => Some(copy::read(folder, &trusted, None).await?),
        None => None,
    };
    witnesses.extend(copy.iter().flat_map(|copy| copy.checkpoints.iter().cloned()));
    let opened = File::open(file).map_err(|error| unreadable(file, &error))?;
    let began = Clock::Machine.now();
    let today = Day::from(began.instant().date());
    let reports = export::check(BufReader::new(opened), &trusted, &witnesses, today)
        .map_err(|fault| worded_export(file, &fault))?;
    let took = Clock::Machine.now().since(began).as_seconds_f64();
    both(copy.as_ref().map(copy::told), told(&reports, took))
}

/// Writes the traces of an organism out, and leaves a trace of it.
pub async fn export(store: &Store, asked: &Export) -> Result<String, String> {
    let app = super::app(store)?;
    let (organism, name, zone) = organisms::by_code(&app, &asked.organism)
        .await
        .map_err(worded)?
        .ok_or_else(|| format!("Aucun organisme n’a le code {}.", asked.organism))?;
    if asked.to < asked.from {
        return Err("Le dernier jour précède le premier.".to_owned());
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut out = BufWriter::new(options.open(&asked.file).map_err(|error| unreadable(&asked.file, &error))?);
    let wanted =
        Wanted { organism, from: zone.start_of(asked.from), to: zone.start_of(asked.to.plus_days(1)) };
    let about = |checkpoint| Preamble {
        checkpoint,
        made_for: asked.recipient.clone(),
        search: format!("{name}, du {} au {}", asked.from, asked.to),
        keep_until: asked.from.plus_months(Category::Action.months()).to_string(),
        how_to_verify: HOW_TO_VERIFY.to_owned(),
        logs: None,
    };
    let written = store.db.export(wanted, about, &mut out).await.map_err(|error| match error {
        ExportError::Unsigned => {
            "Aucune empreinte n’a encore été signée : servez d’abord le portail.".to_owned()
        }
        other => other.to_string(),
    });
    let told = match written {
        Ok(traces) => tell_export(&app, organism, asked, traces).await.map(|()| traces),
        Err(error) => Err(error),
    };
    // Neither half a file, nor one that no trace speaks of.
    let traces = told.inspect_err(|_| drop(std::fs::remove_file(&asked.file)))?;
    Ok(format!("{} : {traces} traces entières, et l’empreinte de toutes les autres.", asked.file.display()))
}

async fn tell_export(app: &App, organism: OrganismId, asked: &Export, traces: u64) -> Result<(), String> {
    let fact = Fact::TracesExported { organism, from: asked.from, to: asked.to, traces };
    let job = app.job("export", Some(organism));
    let _receipt = app.kit().ledger.hand_over(&job, vec![fact], None, Vec::new()).await.map_err(worded)?;
    Ok(())
}

/// Opens another log, whose first leaf tells what became of the one before.
pub async fn open_log(store: &Store, witness: Option<&Witness>, asked: &OpenLog) -> Result<String, String> {
    let keys = &store.keys;
    let head = store.db.head().await.map_err(worded)?;
    let trusted = every_public_key(keys, head.log);
    let note = witness.map(Witness::last).transpose().map_err(worded)?.flatten();
    let published =
        note.and_then(|note| Checkpoint::open(&note, &trusted).ok()).map(|checkpoint| checkpoint.size);
    store.db.open_log(published.unwrap_or(0), &asked.because).await.map_err(worded)?;
    Ok(format!(
        "Le journal {} est ouvert. Sa première trace dit que le précédent s’arrête à {} traces{}.",
        head.log + 1,
        head.tree.size(),
        published.map_or_else(String::new, |size| format!(", quand {size} avaient été publiées")),
    ))
}

/// The checkpoints of files, each signed by a key that is trusted; a file without one is a mistake of whoever gave it.
pub(super) fn witnesses(files: &[PathBuf], trusted: &[PublicKey]) -> Result<Vec<Checkpoint>, String> {
    let mut all = Vec::new();
    for file in files {
        let notes = witness::checkpoints_in(file).map_err(|error| unreadable(file, &error))?;
        let signed: Vec<Checkpoint> =
            notes.iter().filter_map(|note| Checkpoint::open(note, trusted).ok()).collect();
        if signed.is_empty() {
            return Err(format!(
                "{} : aucune empreinte de ce journal, signée par une clé connue",
                file.display()
            ));
        }
        all.extend(signed);
    }
    Ok(all)
}

/// The public keys of a file.
pub(super) fn read_keys(file: &Path) -> Result<Vec<PublicKey>, String> {
    let keys = witness::keys_in(file).map_err(|error| unreadable(file, &error))?;
    if keys.is_empty() { Err(format!("{} : aucune clé publique", file.display())) } else { Ok(keys) }
}

/// What a check found, for who reads a terminal.
pub(super) fn told(reports: &[(i32, Report)], took: f64) -> Result<String, String> {
    let mut lines = Vec::new();
    for (number, report) in reports {
        let Report { size, rows, erased, held, untold, .. } = report;
        lines.push(format!(
            "Journal {number} : {size} rangs, {rows} traces comparées à leur sceau, {erased} effacées à leur date, \
             {held} empreintes concordantes{}.",
            if *untold == 0 { String::new() } else { format!(", {untold} trop anciennes pour être comparées") }
        ));
        lines.extend(report.findings.iter().map(|finding| format!("  ANOMALIE {}", worded_finding(finding))));
        lines.extend(report.silences.iter().map(|Silence { from, until, announced }| {
            let why = if *announced { "arrêt annoncé" } else { "ATTENTION, aucun arrêt annoncé" };
            format!("  le journal s’est tu du {} au {} : {why}", minute(*from), minute(*until))
        }));
        let more = report.flaws.saturating_sub(u64::try_from(report.findings.len()).unwrap_or(0));
        if more > 0 {
            lines.push(format!("  … et {more} autres."));
        }
    }
    let rows: u64 = reports.iter().map(|(_, report)| report.rows).sum();
    let flaws: u64 = reports.iter().map(|(_, report)| report.flaws).sum();
    if took > 0.0 {
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let rate = rows as f64 / took;
        lines.push(format!("{rows} traces en {took:.1} s, {rate:.0} par seconde."));
    }
    if flaws == 0 {
        lines.push("Rien n’a été modifié, ajouté ni retiré.".to_owned());
        return Ok(lines.join("\n"));
    }
    lines.push("Le journal n’est pas tel qu’il a été scellé.".to_owned());
    Err(lines.join("\n"))
}

fn minute(at: Timestamp) -> String {
    let at = at.instant();
    format!("{} à {:02}:{:02} UTC", at.date(), at.hour(), at.minute())
}

fn worded_finding(finding: &Finding) -> String {
    let place = match (finding.rank, finding.id) {
        (Some(rank), Some(id)) => format!("rang {rank}, trace {id}"),
        (Some(rank), None) => format!("rang {rank}"),
        (None, Some(id)) => format!("trace {id}"),
        (None, None) => "journal".to_owned(),
    };
    let what = match &finding.flaw {
        Flaw::Altered("the seal") => "modifiée depuis son sceau".to_owned(),
        Flaw::Altered("the MAC") => "non écrite par le portail : son code d’authenticité est faux".to_owned(),
        Flaw::Altered("the month") => "mois de rangement modifié".to_owned(),
        Flaw::Altered(_) => "colonne de recherche modifiée".to_owned(),
        Flaw::Removed => "retirée avant sa date".to_owned(),
        Flaw::FoldedEarly => "bloc replié avant la date d’une de ses traces".to_owned(),
        Flaw::Missing => "rangs manquants à partir d’ici".to_owned(),
        Flaw::Repeated => "présente deux fois".to_owned(),
        Flaw::Unsealed => {
            "jamais scellée : ajoutée, mise à l’écart, ou écrite pendant que le portail était arrêté"
                .to_owned()
        }
        Flaw::CutShort { witnessed } => {
            format!("fin coupée, ou base remise à un état ancien : une empreinte comptait {witnessed} traces")
        }
        Flaw::Rewritten { from, to } => {
            format!("réécrit entre les rangs {from} et {to} : une empreinte signée ne correspond plus")
        }
        Flaw::Head => "tête du journal différente de ses feuilles".to_owned(),
    };
    format!("{place} : {what}")
}

fn worded_export(file: &Path, fault: &ExportFault) -> String {
    match fault {
        ExportFault::Io(error) => unreadable(file, error),
        ExportFault::Line(line) => {
            format!("{} : la ligne {line} n’est pas celle d’un export", file.display())
        }
        ExportFault::Checkpoint => {
            format!("{} : son empreinte n’est pas signée par ces clés", file.display())
        }
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> String {
    format!("{} : {error}", file.display())
}

fn worded(error: impl std::fmt::Display) -> String {
    error.to_string()
}
