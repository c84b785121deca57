//! An export of the log as a file that proves itself: a line of JSON each. The first says which log, under which
//! checkpoint; then come, from rank 0 to the end, whole blocks by their root, leaves by their hash, and the traces that
//! were asked for, whole; the last says that nothing is missing. What its reader may not see is there as a hash only.
//!
//! Lines are made here, and `check` reads them back far from the database: neither knows where they are kept.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::check::{Checker, Finding, Flaw, Report};
use super::checkpoint::{Checkpoint, PublicKey};
use super::proof::Told;
use super::tree::Hash;
use crate::domain::day::Day;

/// The command that checks an export, as its first line says it.
pub const HOW_TO_VERIFY: &str =
    "compte-partenaire traces verify --export CE_FICHIER --keys cles.txt --checkpoint EMPREINTE_GARDEE";

/// A line is no longer than the longest trace.
const LONGEST_LINE: usize = 1_024 * 1_024;

/// The first line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preamble {
    /// The signed checkpoint under which everything stands.
    pub checkpoint: String,
    /// For whom it was made, in words.
    pub made_for: String,
    /// What was asked, in words.
    pub search: String,
    /// The day until which it may be kept.
    pub keep_until: String,
    /// The command that checks it, for who holds nothing else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub how_to_verify: String,
    /// How many logs the file tells, one after the other, when there are several: each has its own first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logs: Option<usize>,
}

/// A line after the first: exactly one of its parts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'r> {
    /// Root of the block of that number.
    #[serde(skip_serializing_if = "Option::is_none")]
    block: Option<u64>,
    /// Rank of a leaf.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<u64>,
    /// The hash of that block or leaf, in base 64: beside a trace too, so that an altered one is named.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    hash: Option<std::borrow::Cow<'r, str>>,
    /// The trace of that rank.
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    trace: Option<Told<'r>>,
    /// How many leaves in all: the last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<u64>,
}

/// The line of a whole block.
pub fn block(number: u64, root: &Hash) -> String {
    line(&Line { block: Some(number), hash: Some(BASE64.encode(root).into()), ..Line::default() })
}

/// The line of a leaf whose trace is not given.
pub fn leaf(rank: u64, hash: &Hash) -> String {
    line(&Line { rank: Some(rank), hash: Some(BASE64.encode(hash).into()), ..Line::default() })
}

/// The line of a trace, beside the hash of its leaf.
pub fn trace(rank: u64, hash: &Hash, told: Told<'_>) -> String {
    line(&Line {
        rank: Some(rank),
        hash: Some(BASE64.encode(hash).into()),
        trace: Some(told),
        ..Line::default()
    })
}

/// The last line.
pub fn end(size: u64) -> String {
    line(&Line { end: Some(size), ..Line::default() })
}

/// The first line.
pub fn preamble(preamble: &Preamble) -> String {
    line(preamble)
}

fn line(value: &impl Serialize) -> String {
    // Numbers and texts always have a form in JSON.
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}

/// Why an export cannot be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum ExportFault {
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The line of that number is none of ours.
    #[error("line {0} is not a line of an export")]
    Line(u64),
    /// Its checkpoint is not signed by a key that is trusted.
    #[error("its checkpoint is not signed by a key that is trusted")]
    Checkpoint,
}

/// Checks an export against public keys and checkpoints kept elsewhere: the number of each log, and its report. Memory does not grow with it.
pub fn check(
    mut export: impl BufRead,
    trusted: &[PublicKey],
    witnesses: &[Checkpoint],
    today: Day,
) -> Result<Vec<(i32, Report)>, ExportFault> {
    let (mut text, mut number) = (String::new(), 1);
    let (mut reports, mut told, mut logs) = (Vec::new(), 1, Vec::new());
    next(&mut export, &mut text, number)?;
    while reports.is_empty() || !text.is_empty() {
        let preamble: Preamble = serde_json::from_str(&text).map_err(|_| ExportFault::Line(number))?;
        if reports.is_empty() {
            told = preamble.logs.unwrap_or(1);
        }
        let checkpoint =
            Checkpoint::open(&preamble.checkpoint, trusted).map_err(|_| ExportFault::Checkpoint)?;
        // One log after another: none stands twice.
        if logs.last().is_some_and(|last| *last >= checkpoint.log()) {
            return Err(ExportFault::Line(number));
        }
        let same_log = witnesses.iter().filter(|witness| witness.origin == checkpoint.origin);
        let checker = Checker::new(today, same_log);
        let checker = check_log(&mut export, &mut text, &mut number, checker)?;
        reports.push((checkpoint.log(), checker.end(Some((checkpoint.size, checkpoint.root)))));
        logs.push(checkpoint.log());
        number += 1;
        next(&mut export, &mut text, number)?;
    }
    // Nothing signs how many logs there are: a checkpoint of one that is not there tells that the file is not whole.
    let absent: BTreeSet<i32> =
        witnesses.iter().map(Checkpoint::log).filter(|log| !logs.contains(log)).collect();
    let cut_off = usize::from(told > reports.len());
    if let Some((_, last)) = reports.last_mut() {
        for _ in 0..absent.len().max(cut_off) {
            last.flaws += 1;
            last.findings.push(Finding { rank: None, id: None, flaw: Flaw::Missing });
        }
    }
    Ok(reports)
}

/// Checks the lines of one log, up to its last one.
fn check_log(
    export: &mut impl BufRead,
    text: &mut String,
    number: &mut u64,
    mut checker: Checker,
) -> Result<Checker, ExportFault> {
    let mut ended = None;
    while ended.is_none() {
        *number += 1;
        if next(export, text, *number)? == 0 {
            break;
        }
        let Line { block, rank, hash, trace, end } =
            serde_json::from_str(text).map_err(|_| ExportFault::Line(*number))?;
        let hash =
            hash.and_then(|hash| BASE64.decode(&*hash).ok()).and_then(|hash| Hash::try_from(hash).ok());
        match (block, rank, hash, trace, end) {
            (Some(block), None, Some(root), None, None) => checker.block(block, root, None),
            (None, Some(rank), Some(hash), None, None) => checker.bare(rank, hash),
            (None, Some(rank), Some(hash), Some(told), None) => {
                checker.told(rank, hash, &told.leaf().ok_or(ExportFault::Line(*number))?);
            }
            (None, None, None, None, Some(size)) => ended = Some(size),
            _ => return Err(ExportFault::Line(*number)),
        }
    }
    if ended != Some(checker.size()) {
        let size = checker.size();
        checker.note(Some(size), None, Flaw::Missing);
    }
    Ok(checker)
}

fn next(export: &mut impl BufRead, text: &mut String, number: u64) -> Result<usize, ExportFault> {
    text.clear();
    let most = u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX);
    let read = io::Read::take(&mut *export, most).read_line(text)?;
    if read == LONGEST_LINE { Err(ExportFault::Line(number)) } else { Ok(read) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use time::macros::{date, datetime};
    use uuid::Uuid;

    use super::*;
    use crate::crypto::{Key, Keys};
    use crate::domain::id::{RowId as _, TraceId};
    use crate::domain::time::Timestamp;
    use crate::seal::checkpoint::{origin, public_keys};
    use crate::seal::tree::{BLOCK, Frontier};

    const TODAY: Day = Day::of(date!(2026 - 11 - 23));

    fn told(number: u64) -> Told<'static> {
        Told {
            id: TraceId::from_uuid(Uuid::from_u128(u128::from(number))),
            at: Timestamp::new(datetime!(2026-11-22 08:30 UTC)).micros() + i64::try_from(number).unwrap(),
            fact: "page.read".into(),
            audience: "partner".into(),
            organism: None,
            partner: None,
            keep_until: "2027-05-22".into(),
            salt: BASE64.encode([1; 16]).into(),
            body: format!("{{\"n\":{number}}}").into(),
            key: 1,
            mac: BASE64.encode([2; 32]).into(),
        }
    }

    fn keys() -> Keys {
        Keys::only(Key::new(1, &[7; 32]).unwrap())
    }

    /// One block by its root, then ten leaves of which the odd ones are given; the checkpoint of it, and of the first
    /// `early` leaves.
    fn export(early: u64) -> (Vec<String>, Checkpoint) {
        let (keys, mut tree) = (keys(), Frontier::default());
        let mut lines = vec![String::new()];
        let mut old = None;
        for rank in 0..BLOCK + 10 {
            let hash = told(rank).leaf().unwrap().hash();
            if let Some(root) = tree.push(hash) {
                lines.push(block(0, &root));
            } else if rank >= BLOCK {
                lines.push(if rank % 2 == 1 { trace(rank, &hash, told(rank)) } else { leaf(rank, &hash) });
            }
            if tree.size() == early {
                old = Some(signed(&keys, &tree));
            }
        }
        lines.push(end(tree.size()));
        lines[0] = preamble(&Preamble {
            checkpoint: signed(&keys, &tree).sign(&keys),
            made_for: "Basile Rochedieu".to_owned(),
            search: "novembre 2026".to_owned(),
            keep_until: "2027-05-22".to_owned(),
            how_to_verify: String::new(),
            logs: None,
        });
        (lines, old.unwrap())
    }

    fn signed(keys: &Keys, tree: &Frontier) -> Checkpoint {
        let at = Timestamp::new(datetime!(2026-11-22 09:30 UTC));
        Checkpoint { origin: origin(keys, 1), size: tree.size(), root: tree.root(), at }
    }

    fn checked(lines: &[String], witness: Checkpoint) -> Result<Report, ExportFault> {
        let keys = keys();
        let checked =
            check(lines.concat().as_bytes(), &public_keys(&keys, &origin(&keys, 1)), &[witness], TODAY);
        checked.map(|mut reports| reports.remove(0).1)
    }

    #[test]
    fn a_true_export_is_believed_with_an_older_checkpoint() {
        let (lines, old) = export(BLOCK + 4);
        let report = checked(&lines, old).unwrap();
        assert_eq!((report.flaws, report.held, report.rows, report.size), (0, 1, 5, BLOCK + 10));
    }

    #[test]
    fn each_tampering_of_an_export_is_found() {
        let (lines, old) = export(BLOCK + 4);
        let of = |at: usize, from: &str, to: &str| {
            let mut lines = lines.clone();
            assert!(lines[at].contains(from), "{}", lines[at]);
            lines[at] = lines[at].replacen(from, to, 1);
            checked(&lines, old.clone()).unwrap()
        };
        // Line 3 is the first trace, of rank 4,097.
        let edited = of(3, "page.read", "file.read");
        assert_eq!(edited.findings[0].flaw, Flaw::Altered("the seal"));
        assert_eq!(edited.findings[0].rank, Some(BLOCK + 1));
        let mut removed = lines.clone();
        removed.remove(3);
        assert_eq!(checked(&removed, old.clone()).unwrap().findings[0].flaw, Flaw::Missing);
        let mut twice = lines.clone();
        twice.insert(4, lines[3].clone());
        assert_eq!(checked(&twice, old.clone()).unwrap().findings[0].flaw, Flaw::Repeated);
        let cut = checked(&lines[..lines.len() - 3], old.clone()).unwrap();
        assert!(cut.findings.iter().any(|finding| finding.flaw == Flaw::Missing), "{:?}", cut.findings);
        let mut swapped = lines.clone();
        swapped.swap(2, 4);
        assert!(checked(&swapped, old.clone()).unwrap().flaws > 0);
        assert!(matches!(checked(&lines[1..], old.clone()), Err(ExportFault::Line(1))));
        let mut unsigned = lines.clone();
        unsigned[0] = unsigned[0].replacen("\\n4106\\n", "\\n4107\\n", 1);
        assert!(matches!(checked(&unsigned, old), Err(ExportFault::Checkpoint)));
    }

    #[test]
    fn a_checkpoint_of_a_log_that_is_not_there_says_that_it_is_missing() {
        let (lines, old) = export(BLOCK + 4);
        let report = checked(&lines, Checkpoint { origin: origin(&keys(), 2), ..old }).unwrap();
        assert_eq!((report.flaws, report.held), (1, 0));
        assert_eq!(report.findings[0].flaw, Flaw::Missing);
    }

    #[test]
    fn a_log_does_not_stand_twice() {
        let (mut lines, old) = export(BLOCK + 4);
        lines.extend(lines.clone());
        assert!(matches!(checked(&lines, old), Err(ExportFault::Line(_))));
    }

    /// Whoever holds the database and lets the portal sign his forgery cannot change what was signed before.
    #[test]
    fn a_log_forged_and_signed_again_contradicts_the_older_checkpoint() {
        let (lines, old) = export(BLOCK + 4);
        let forged = Checkpoint { root: [5; 32], ..old };
        let report = checked(&lines, forged).unwrap();
        assert_eq!(report.findings[0].flaw, Flaw::Rewritten { from: 0, to: BLOCK + 4 });
    }
}
