//! The check of a log, leaf by leaf: the same machine for a live database and for an export read far from it. It keeps
//! nothing but the frontier of the tree and what it found, whatever the size of the log.

use std::collections::BTreeMap;

use super::checkpoint::Checkpoint;
use super::leaf::Leaf;
use super::tree::{BLOCK, Frontier, Hash};
use crate::domain::day::Day;
use crate::domain::id::TraceId;
use crate::domain::pulse::Silence;

/// Flaws that are told one by one; the others are counted.
const TOLD: usize = 100;

/// What does not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// The row is not what was sealed.
    Altered(&'static str),
    /// The row is gone before its day.
    Removed,
    /// A block was folded before the day of one of its leaves.
    FoldedEarly,
    /// The log jumps over ranks.
    Missing,
    /// A rank, or a trace, stands twice.
    Repeated,
    /// A trace that was never sealed, though it is older than the sealing takes.
    Unsealed,
    /// The log is shorter than a checkpoint says: its end was cut, or it was put back to an older state.
    CutShort {
        /// Leaves that the checkpoint counted.
        witnessed: u64,
    },
    /// The leaves do not make the root of a checkpoint: something changed between these two ranks.
    Rewritten {
        /// All is as sealed before this rank.
        from: u64,
        /// The checkpoint that disagrees counted so many leaves.
        to: u64,
    },
    /// The head of the log is not that of its leaves.
    Head,
}

/// A flaw, and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rank in the log, from 0.
    pub rank: Option<u64>,
    /// The trace.
    pub id: Option<TraceId>,
    /// What does not hold.
    pub flaw: Flaw,
}

/// What stands beside a leaf.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// The row; this is the leaf that it makes.
    Row(Leaf),
    /// No row: its content was erased.
    Erased,
}

/// What a check read and found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Leaves in the tree.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// Rows compared with their leaf.
    pub rows: u64,
    /// Leaves whose content was lawfully erased, folded ones included.
    pub erased: u64,
    /// Checkpoints that hold.
    pub held: u64,
    /// Checkpoints that could not be compared: the parts that they need were not given.
    pub untold: u64,
    /// The first flaws found.
    pub findings: Vec<Finding>,
    /// How many flaws in all.
    pub flaws: u64,
    /// Times when the log did not beat: no flaw of the seal, and yet worth a look.
    pub silences: Vec<Silence>,
}

/// A check under way.
#[derive(Debug)]
pub struct Checker {
    today: Day,
    /// The rank that comes next.
    next: u64,
    tree: Frontier,
    /// Roots that checkpoints give, by size.
    witnessed: BTreeMap<u64, Vec<Hash>>,
    /// The largest size at which all agreed.
    agreed: u64,
    /// A gap was met: what follows has no place any more.
    broken: bool,
    rows: u64,
    erased: u64,
    held: u64,
    untold: u64,
    findings: Vec<Finding>,
    flaws: u64,
    silences: Vec<Silence>,
}

impl Checker {
    /// Begins, with the checkpoints that the log must agree with: their signatures were checked already.
    pub fn new<'c>(today: Day, checkpoints: impl IntoIterator<Item = &'c Checkpoint>) -> Self {
        let mut witnessed: BTreeMap<u64, Vec<Hash>> = BTreeMap::new();
        for checkpoint in checkpoints {
            witnessed.entry(checkpoint.size).or_default().push(checkpoint.root);
        }
        Self {
            today,
            next: 0,
            tree: Frontier::default(),
            witnessed,
            agreed: 0,
            broken: false,
            rows: 0,
            erased: 0,
            held: 0,
            untold: 0,
            findings: Vec::new(),
            flaws: 0,
            silences: Vec::new(),
        }
    }

    /// How many leaves were taken so far: the rank of the next one.
    pub fn size(&self) -> u64 {
        self.next
    }

    /// Notes a flaw that the caller found.
    pub fn note(&mut self, rank: Option<u64>, id: Option<TraceId>, flaw: Flaw) {
        self.flaws += 1;
        if self.findings.len() < TOLD {
            self.findings.push(Finding { rank, id, flaw });
        }
    }

    /// Keeps the silences that the caller heard.
    pub fn silent(&mut self, silences: Vec<Silence>) {
        self.silences = silences;
    }

    /// Takes a block whose leaves are not given one by one. `folded` is the last day of its leaves when they were
    /// erased for good, nothing when they were only left out.
    pub fn block(&mut self, number: u64, root: Hash, folded: Option<Day>) {
        let rank = number.saturating_mul(BLOCK);
        if !self.follows(rank, None) {
            return;
        }
        if let Some(last) = folded {
            self.erased += BLOCK;
            if last > self.today {
                self.note(Some(rank), None, Flaw::FoldedEarly);
            }
        }
        // Blocks begin where the last one ended, or the gap was noted.
        self.broken |= !self.tree.push_block(root);
        self.next = rank + BLOCK;
        // A checkpoint inside the block cannot be compared without its leaves.
        let inside: Vec<u64> = self.witnessed.range(rank + 1..self.next).map(|(size, _)| *size).collect();
        for size in inside {
            self.untold += u64::try_from(self.witnessed.remove(&size).unwrap_or_default().len()).unwrap_or(0);
        }
        self.compare();
    }

    /// Takes the next leaf, with what stands beside it.
    pub fn leaf(&mut self, rank: u64, leaf: &Leaf, content: Content) {
        if !self.follows(rank, Some(leaf.id)) {
            return;
        }
        match content {
            Content::Row(row) => {
                self.rows += 1;
                if row != *leaf {
                    self.note(Some(rank), Some(leaf.id), Flaw::Altered("the seal"));
                }
            }
            Content::Erased => {
                self.erased += 1;
                if leaf.keep_until > self.today {
                    self.note(Some(rank), Some(leaf.id), Flaw::Removed);
                }
            }
        }
        self.grow(rank, leaf.hash());
    }

    /// Takes the next leaf by its hash, with the trace that is said to be behind it.
    pub fn told(&mut self, rank: u64, hash: Hash, trace: &Leaf) {
        if !self.follows(rank, Some(trace.id)) {
            return;
        }
        self.rows += 1;
        if trace.hash() != hash {
            self.note(Some(rank), Some(trace.id), Flaw::Altered("the seal"));
        }
        self.grow(rank, hash);
    }

    /// Takes the next leaf by its hash alone: neither its day nor its trace was given.
    pub fn bare(&mut self, rank: u64, hash: Hash) {
        if self.follows(rank, None) {
            self.grow(rank, hash);
        }
    }

    fn grow(&mut self, rank: u64, hash: Hash) {
        self.tree.push(hash);
        self.next = rank + 1;
        self.compare();
    }

    /// Ends; `head` is the size and root that the log itself claims.
    pub fn end(mut self, head: Option<(u64, Hash)>) -> Report {
        let (size, root) = (self.next, self.tree.root());
        if !self.broken && head.is_some_and(|head| head != (size, root)) {
            self.note(Some(size), None, Flaw::Head);
        }
        let beyond: Vec<u64> = self.witnessed.range(size + 1..).map(|(size, _)| *size).collect();
        for witnessed in beyond {
            self.note(Some(size), None, Flaw::CutShort { witnessed });
        }
        let Self { rows, erased, held, untold, mut findings, flaws, silences, .. } = self;
        // The first one is what matters; those of no rank come last.
        findings.sort_by_key(|finding| finding.rank.unwrap_or(u64::MAX));
        Report { size, root, rows, erased, held, untold, findings, flaws, silences }
    }

    /// Whether that rank is still to come. After a gap rows are compared with their leaves all the same, but roots have
    /// no meaning any more.
    fn follows(&mut self, rank: u64, id: Option<TraceId>) -> bool {
        if rank < self.next {
            self.note(Some(rank), id, Flaw::Repeated);
            return false;
        }
        if rank > self.next {
            self.note(Some(self.next), None, Flaw::Missing);
            self.broken = true;
            self.next = rank;
        }
        true
    }

    fn compare(&mut self) {
        let size = self.next;
        let Some(roots) = self.witnessed.remove(&size) else { return };
        if self.broken {
            self.untold += u64::try_from(roots.len()).unwrap_or(0);
            return;
        }
        let root = self.tree.root();
        for witnessed in roots {
            if witnessed == root {
                self.held += 1;
                self.agreed = size;
            } else {
                let from = self.agreed;
                self.note(Some(from), None, Flaw::Rewritten { from, to: size });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;
    use time::macros::{date, datetime};
    use uuid::Uuid;

    use super::*;
    use crate::domain::id::RowId as _;
    use crate::domain::time::Timestamp;

    const TODAY: Day = Day::of(date!(2027 - 06 - 01));

    fn leaf(number: u8) -> Leaf {
        Leaf {
            month: 202_611,
            id: TraceId::from_uuid(Uuid::from_u128(u128::from(number))),
            keep_until: Day::of(date!(2027 - 05 - 24)),
            commitment: [number; 32],
        }
    }

    fn young(number: u8) -> Leaf {
        Leaf { keep_until: Day::of(date!(2027 - 06 - 02)), ..leaf(number) }
    }

    fn root(leaves: &[Leaf]) -> Hash {
        let mut tree = Frontier::default();
        for leaf in leaves {
            tree.push(leaf.hash());
        }
        tree.root()
    }

    fn checkpoint(leaves: &[Leaf]) -> Checkpoint {
        Checkpoint {
            origin: "essai".to_owned(),
            size: u64::try_from(leaves.len()).unwrap_or(0),
            root: root(leaves),
            at: Timestamp::new(datetime!(2026-11-23 08:30 UTC)),
        }
    }

    fn check(sealed: &[Leaf], found: &[(u64, Leaf, Content)], sizes: &[usize]) -> Report {
        let checkpoints: Vec<Checkpoint> = sizes.iter().map(|size| checkpoint(&sealed[..*size])).collect();
        let mut checker = Checker::new(TODAY, &checkpoints);
        for (rank, leaf, content) in found {
            checker.leaf(*rank, leaf, *content);
        }
        checker.end(None)
    }

    fn whole(leaves: &[Leaf]) -> Vec<(u64, Leaf, Content)> {
        (0..).zip(leaves).map(|(rank, leaf)| (rank, *leaf, Content::Row(*leaf))).collect()
    }

    fn flaws(report: &Report) -> Vec<(Option<u64>, Flaw)> {
        report.findings.iter().map(|finding| (finding.rank, finding.flaw.clone())).collect()
    }

    fn ten() -> Vec<Leaf> {
        (0..10).map(leaf).collect()
    }

    #[test]
    fn a_true_log_is_believed() {
        let report = check(&ten(), &whole(&ten()), &[3, 10]);
        assert_eq!((report.flaws, report.held, report.rows, report.size), (0, 2, 10, 10));
        assert_eq!(report.root, root(&ten()));
    }

    #[test]
    fn each_tampering_is_named_where_it_is() {
        let sealed = ten();
        let mut row = whole(&sealed);
        row[4].2 = Content::Row(leaf(99));
        assert_eq!(flaws(&check(&sealed, &row, &[10])), [(Some(4), Flaw::Altered("the seal"))]);

        // Row and leaf together: only a checkpoint tells, and between which ranks.
        let mut both = sealed.clone();
        both[4] = leaf(99);
        let rewritten = Flaw::Rewritten { from: 3, to: 10 };
        assert_eq!(flaws(&check(&sealed, &whole(&both), &[3, 10])), [(Some(3), rewritten.clone())]);
        let mut swapped = sealed.clone();
        swapped.swap(4, 7);
        assert_eq!(flaws(&check(&sealed, &whole(&swapped), &[3, 10])), [(Some(3), rewritten)]);

        let mut gap = whole(&sealed);
        gap.remove(4);
        assert_eq!(flaws(&check(&sealed, &gap, &[3])), [(Some(4), Flaw::Missing)]);
        let mut twice = whole(&sealed);
        twice.insert(5, twice[4]);
        assert_eq!(flaws(&check(&sealed, &twice, &[10])), [(Some(4), Flaw::Repeated)]);
        let cut = Flaw::CutShort { witnessed: 10 };
        assert_eq!(flaws(&check(&sealed, &whole(&sealed[..8]), &[3, 10])), [(Some(8), cut)]);
    }

    #[test]
    fn an_erasure_that_was_due_is_told_from_one_that_was_not() {
        let sealed = [leaf(0), young(1), leaf(2)];
        let mut found = whole(&sealed);
        found[0].2 = Content::Erased;
        let report = check(&sealed, &found, &[3]);
        assert_eq!((report.flaws, report.erased, report.rows), (0, 1, 2));
        found[1].2 = Content::Erased;
        assert_eq!(flaws(&check(&sealed, &found, &[3])), [(Some(1), Flaw::Removed)]);
    }

    #[test]
    fn a_head_that_is_not_that_of_the_leaves_is_found() {
        for (head, told) in [((10, root(&ten())), 0), ((11, root(&ten())), 1), ((10, [0; 32]), 1)] {
            let mut checker = Checker::new(TODAY, []);
            for (rank, leaf, content) in whole(&ten()) {
                checker.leaf(rank, &leaf, content);
            }
            assert_eq!(checker.end(Some(head)).flaws, told, "{head:?}");
        }
    }

    #[test]
    fn blocks_stand_for_their_leaves() {
        let leaves: Vec<Leaf> =
            (0..BLOCK + 3).map(|number| leaf(u8::try_from(number % 251).unwrap_or(0))).collect();
        let mut tree = Frontier::default();
        let block: Vec<Hash> = leaves.iter().filter_map(|leaf| tree.push(leaf.hash())).collect();
        let all = [checkpoint(&leaves), checkpoint(&leaves[..100])];
        for (folded, told) in [(None, 0), (Some(TODAY), 0), (Some(TODAY.plus_days(1)), 1)] {
            let mut checker = Checker::new(TODAY, &all);
            checker.block(0, block[0], folded);
            for (rank, leaf) in (BLOCK..).zip(&leaves[4_096..]) {
                checker.leaf(rank, leaf, Content::Row(*leaf));
            }
            let report = checker.end(Some((tree.size(), tree.root())));
            assert_eq!((report.flaws, report.held, report.untold), (told, 1, 1), "{folded:?}");
        }
    }

    proptest! {
        /// Whatever is changed in what was sealed, a checkpoint over it tells.
        #[test]
        fn any_other_list_of_leaves_is_found(size in 1_usize..40, found in prop::collection::vec(0_u8..40, 0..40)) {
            let sealed: Vec<Leaf> = (0..size).map(|number| leaf(u8::try_from(number).unwrap_or(0))).collect();
            let found: Vec<Leaf> = found.into_iter().map(leaf).collect();
            let same = found.len() >= size && found[..size] == sealed[..];
            prop_assert_eq!(check(&sealed, &whole(&found), &[size]).flaws == 0, same);
        }
    }
}
