//! Reading the second sink against the log: what the database lost shows there.

use std::collections::BTreeMap;
use std::path::Path;

use crate::db::Db;
use crate::domain::id::TraceId;
use crate::seal::checkpoint::{Checkpoint, PublicKey};
use crate::seal::leaf::Leaf;
use crate::seal::tree::{BLOCK, Frontier, Hash};
use crate::sink::{CopiedLeaf, Entry, Line, lines};

/// Leaves compared with the database at once.
const AT_ONCE: usize = 500;
/// Leaves of a block.
const LEAVES: i64 = BLOCK.cast_signed();
/// Flaws that are told one by one; the others are counted.
const TOLD: usize = 100;

/// What the copy shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// The database has no such leaf any more.
    Lost,
    /// The database has another in its place.
    Other,
    /// The line is no leaf.
    NoLeaf,
    /// The leaves of the copy do not make the root of a checkpoint.
    Disagrees,
}

/// What was read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CopyReport {
    /// Leaves, each once.
    pub leaves: u64,
    /// Lines that no program of ours wrote whole.
    pub unreadable: u64,
    /// Checkpoints signed by a key that is trusted.
    pub checkpoints: Vec<Checkpoint>,
    /// Those that the leaves of the copy make.
    pub held: u64,
    /// Leaves that the copy jumps over.
    pub jumped: u64,
    /// What does not hold: log, rank, trace.
    pub findings: Vec<(i32, i64, Option<TraceId>, Flaw)>,
    /// How many in all.
    pub flaws: u64,
}

/// A reading under way.
struct Reading<'k> {
    trusted: &'k [PublicKey],
    report: CopyReport,
    /// The tree of each log, as far as its leaves follow one another.
    trees: BTreeMap<i32, Grown>,
    /// Leaves to compare with the database.
    batch: Vec<CopiedLeaf>,
    /// The last block met that was folded: its leaves are lawfully gone from the database.
    folded: Option<(i32, i64)>,
}

#[derive(Default)]
struct Grown {
    tree: Frontier,
    next: i64,
    broken: bool,
    /// Roots that the last leaves made, by size.
    roots: BTreeMap<u64, Hash>,
}

/// Reads a copy whole; with a database, compares each leaf with it.
pub async fn read(folder: &Path, trusted: &[PublicKey], db: Option<&Db>) -> Result<CopyReport, String> {
    let mut reading = Reading {
        trusted,
        report: CopyReport::default(),
        trees: BTreeMap::new(),
        batch: Vec::new(),
        folded: None,
    };
    for line in lines(folder).map_err(|fault| fault.to_string())? {
        match line.map_err(|fault| fault.to_string())? {
            Line::Unreadable => reading.report.unreadable += 1,
            Line::Entry(Entry::Leaf(leaf)) => reading.leaf(leaf),
            Line::Entry(Entry::Checkpoint(copied)) => reading.checkpoint(&copied.note),
        }
        if reading.batch.len() >= AT_ONCE {
            reading.compare(db).await.map_err(|error| error.to_string())?;
        }
    }
    reading.compare(db).await.map_err(|error| error.to_string())?;
    Ok(reading.report)
}

impl Reading<'_> {
    fn leaf(&mut self, copied: CopiedLeaf) {
        let Some(leaf) = copied.leaf() else { return self.note(&copied, Flaw::NoLeaf) };
        let grown = self.trees.entry(copied.log).or_default();
        // Said again on a new connection: it is compared with the database as the first time.
        if copied.rank >= grown.next {
            self.report.leaves += 1;
            self.report.jumped += u64::try_from(copied.rank - grown.next).unwrap_or(0);
            grown.broken |= copied.rank > grown.next;
            grown.next = copied.rank + 1;
            if !grown.broken {
                grown.tree.push(leaf.hash());
                grown.roots.insert(grown.tree.size(), grown.tree.root());
                // A checkpoint comes within a batch of the leaves that it counts.
                while grown.roots.len() > 16_384 {
                    grown.roots.pop_first();
                }
            }
        }
        self.batch.push(copied);
    }

    fn checkpoint(&mut self, note: &str) {
        let Ok(checkpoint) = Checkpoint::open(note, self.trusted) else {
            self.report.unreadable += 1;
            return;
        };
        let log = checkpoint.origin.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        match self.trees.get(&log).and_then(|grown| grown.roots.get(&checkpoint.size)) {
            Some(root) if *root == checkpoint.root => self.report.held += 1,
            Some(_) => {
                self.report.flaws += 1;
                let rank = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
                self.report.findings.push((log, rank, None, Flaw::Disagrees));
            }
            None => {}
        }
        self.report.checkpoints.push(checkpoint);
    }

    /// Compares what was read lately with the database. Leaves that follow one another are asked for together.
    async fn compare(&mut self, db: Option<&Db>) -> Result<(), crate::db::DbError> {
        let batch = std::mem::take(&mut self.batch);
        let Some(db) = db else { return Ok(()) };
        let mut known: BTreeMap<(i32, i64), Leaf> = BTreeMap::new();
        for copied in batch {
            let place = (copied.log, copied.rank);
            let block = (copied.log, copied.rank / LEAVES);
            if self.folded == Some(block) {
                continue;
            }
            if !known.contains_key(&place) {
                let leaves = db.leaves_from(copied.log, copied.rank).await?;
                known = leaves.into_iter().map(|(rank, leaf)| ((copied.log, rank), leaf)).collect();
            }
            match known.get(&place) {
                Some(leaf) if copied.leaf() == Some(*leaf) => {}
                Some(_) => self.note(&copied, Flaw::Other),
                None if db.is_folded(copied.log, block.1).await? => self.folded = Some(block),
                None => self.note(&copied, Flaw::Lost),
            }
        }
        Ok(())
    }

    fn note(&mut self, copied: &CopiedLeaf, flaw: Flaw) {
        self.report.flaws += 1;
        if self.report.findings.len() < TOLD {
            self.report.findings.push((copied.log, copied.rank, Some(copied.id), flaw));
        }
    }
}

/// What was read, for who reads a terminal.
pub fn told(report: &CopyReport) -> Result<String, String> {
    let CopyReport { leaves, unreadable, held, jumped, findings, flaws, .. } = report;
    let mut lines = vec![format!(
        "Copie extérieure : {leaves} rangs, {held} empreintes concordantes, {jumped} rangs absents, {unreadable} lignes illisibles."
    )];
    lines.extend(findings.iter().map(|(log, rank, id, flaw)| {
        let what = match flaw {
            Flaw::Lost => "connue de la copie, perdue par la base",
            Flaw::Other => "différente dans la base et dans la copie",
            Flaw::NoLeaf => "ligne de la copie qui n’est pas celle d’un rang",
            Flaw::Disagrees => "la copie elle-même ne fait pas cette empreinte : elle a été modifiée",
        };
        let trace = id.map_or_else(String::new, |id| format!(", trace {id}"));
        format!("  ANOMALIE journal {log}, rang {rank}{trace} : {what}")
    }));
    let more = flaws.saturating_sub(u64::try_from(findings.len()).unwrap_or(0));
    if more > 0 {
        lines.push(format!("  … et {more} autres."));
    }
    let text = lines.join("\n");
    if *flaws == 0 { Ok(text) } else { Err(text) }
}
