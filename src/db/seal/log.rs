//! What is sealed and signed so far: the head of the log, its checkpoints, and the parts of its tree that a proof needs.

use std::collections::BTreeMap;

use crate::db::query::View;
use crate::db::traces::{Kept, trace_columns};
use crate::db::{Db, DbError, FromRow};
use crate::domain::day::Day;
use crate::domain::id::{PartnerId, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace::month_of;
use crate::seal::checkpoint::{Checkpoint, origin};
use crate::seal::leaf::Leaf;
use crate::seal::proof::Proof;
use crate::seal::tree::{BLOCK, Frontier, Hash, Parts};

/// The head of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Number of the log in this installation.
    pub log: i32,
    /// Its tree.
    pub tree: Frontier,
}

/// A leaf with its rank, as its row gives it.
#[derive(Clone, Debug, FromRow)]
pub(in crate::db) struct Ranked {
    pub(in crate::db) rank: i64,
    month: i32,
    id: TraceId,
    keep_until: Day,
    commitment: Vec<u8>,
}

impl Ranked {
    /// The leaf; a commitment of another length is no hash, and compares with none.
    pub(in crate::db) fn leaf(&self) -> Leaf {
        let commitment = self.commitment.as_slice().try_into().unwrap_or([0; 32]);
        Leaf { month: self.month, id: self.id, keep_until: self.keep_until, commitment }
    }
}

/// The last signed checkpoint, as it is shown.
#[derive(Clone, PartialEq, Eq, Debug, FromRow)]
pub struct Signed {
    /// Number of its log.
    pub log: i32,
    /// Leaves.
    pub size: i64,
    /// When it was signed.
    pub at: Timestamp,
    /// The whole text.
    pub note: String,
}

/// Blocks read at once.
const BLOCKS: i64 = 4_096;

/// What covers an act of a partner that is told long after its trace.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Covering {
    /// This checkpoint is the first that was kept of those that cover its trace.
    By(TraceId, Signed),
    /// No checkpoint covers its trace yet.
    Awaited,
    /// Its trace was erased at its day; this is the first checkpoint that was kept of those signed after it.
    Erased(Option<Signed>),
}

/// How sealing goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sealing {
    /// Traces without their seal, those set aside left out; a long wait is only long.
    pub waiting: i64,
    /// When the oldest of them was written.
    pub oldest: Option<Timestamp>,
    /// Traces that were not what was written, and never will be sealed.
    pub aside: i64,
}

/// Whether the log still begins as a checkpoint signed it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// It does.
    Holds,
    /// It has fewer leaves now.
    Shorter {
        /// How many.
        held: u64,
    },
    /// Its first leaves are others.
    Rewritten,
    /// The checkpoint ends inside leaves that were folded at their day: only roots of blocks are left.
    TooOld,
    /// It is of another installation.
    Elsewhere,
}

fn tree(size: i64, frontier: &[u8]) -> Option<Frontier> {
    Frontier::read(u64::try_from(size).ok()?, frontier)
}

/// Counted no further.
const MANY: i64 = 10_000;

impl Db {
    /// How sealing goes.
    pub async fn sealing(&self) -> Result<Sealing, DbError> {
        let mut view = self.view().await?;
        let counts: Option<(i64, i64)> = view
            .query(
                &self.faults,
                "SELECT (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM trace_unsealed \
                   WHERE refused_at IS NULL LIMIT $1) AS w), \
                 (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM trace_unsealed \
                   WHERE refused_at IS NOT NULL LIMIT $1) AS r)",
            )
            .bind(MANY)
            .fetch_optional()
            .await?;
        let oldest: Option<(Timestamp,)> = view
            .query(
                &self.faults,
                "SELECT t.at FROM trace_unsealed u JOIN trace t ON t.month = u.month AND t.id = u.id \
                 WHERE u.refused_at IS NULL ORDER BY u.month, u.id LIMIT 1",
            )
            .fetch_optional()
            .await?;
        let (waiting, aside) = counts.unwrap_or_default();
        Ok(Sealing { waiting, oldest: oldest.map(|(at,)| at), aside })
    }

    /// The head of the log that is open now.
    pub async fn head(&self) -> Result<Head, DbError> {
        let mut view = self.view().await?;
        self.head_in(&mut view).await
    }

    pub(super) async fn head_in(&self, view: &mut View) -> Result<Head, DbError> {
        let row: Option<(i32, i64, Vec<u8>)> = view
            .query(&self.faults, "SELECT number, size, frontier FROM trace_log ORDER BY number DESC LIMIT 1")
            .fetch_optional()
            .await?;
        let (log, size, frontier) = row.ok_or_else(|| DbError::Defect("no log".to_owned()))?;
        let tree = tree(size, &frontier)
            .ok_or_else(|| DbError::Defect("the head of the log is no head".to_owned()))?;
        Ok(Head { log, tree })
    }

    /// The tree that a log says to have; nothing when what it says is no tree.
    pub(super) async fn tree_of(&self, log: i32) -> Result<Option<Frontier>, DbError> {
        let mut view = self.view().await?;
        let row: Option<(i64, Vec<u8>)> = view
            .query(&self.faults, "SELECT size, frontier FROM trace_log WHERE number = $1")
            .bind(log)
            .fetch_optional()
            .await?;
        Ok(row.and_then(|(size, frontier)| tree(size, &frontier)))
    }

    /// Compares a checkpoint, whose signature was checked, with the log that it names.
    pub async fn compare(&self, checkpoint: &Checkpoint) -> Result<Agreement, DbError> {
        let last = self.head().await?.log;
        let Some(log) = (1..=last).find(|log| origin(&self.recorder.keys, *log) == checkpoint.origin) else {
            return Ok(Agreement::Elsewhere);
        };
        let held = self.tree_of(log).await?.map_or(0, |tree| tree.size());
        if held < checkpoint.size {
            return Ok(Agreement::Shorter { held });
        }
        Ok(match self.root_at(log, checkpoint.size).await? {
            Some(root) if root == checkpoint.root => Agreement::Holds,
            Some(_) => Agreement::Rewritten,
            None => Agreement::TooOld,
        })
    }

    /// Whether a head is that of its leaves, and goes on from one that was known; else it was written by no sealer.
    pub(super) async fn check_head(&self, head: &Head, known: Option<&Head>) -> Result<(), DbError> {
        let forged =
            || DbError::Defect("the head of the log is not that of its leaves: nothing is sealed".to_owned());
        if self.root_at(head.log, head.tree.size()).await? != Some(head.tree.root()) {
            return Err(forged());
        }
        let Some(known) = known.filter(|known| known.log == head.log) else { return Ok(()) };
        // Nothing can be said of leaves that were folded at their day since.
        let root = self.root_at(known.log, known.tree.size()).await?;
        let goes_on =
            known.tree.size() <= head.tree.size() && root.is_none_or(|root| root == known.tree.root());
        if goes_on { Ok(()) } else { Err(forged()) }
    }

    /// Signs the head, if it moved since the last checkpoint; gives the checkpoint and its text.
    pub async fn sign_head(&self) -> Result<Option<(Checkpoint, String)>, DbError> {
        let head = self.head().await?;
        let size = i64::try_from(head.tree.size()).unwrap_or(i64::MAX);
        if size == 0
            || self.last_checkpoint().await?.is_some_and(|last| last.size >= size && last.log == head.log)
        {
            return Ok(None);
        }
        let keys = &self.recorder.keys;
        let at = self.recorder.clock.now();
        let checkpoint =
            Checkpoint { origin: origin(keys, head.log), size: head.tree.size(), root: head.tree.root(), at };
        let note = checkpoint.sign(keys);
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        tx.query(
            &self.faults,
            "INSERT INTO trace_checkpoint (log, hour, size, at, note) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (log, hour) DO UPDATE SET size = excluded.size, at = excluded.at, note = excluded.note \
             WHERE trace_checkpoint.size < excluded.size",
        )
        .bind(head.log)
        .bind(at.hour())
        .bind(size)
        .bind(at)
        .bind(note.as_str())
        .execute()
        .await?;
        tx.commit(&self.faults).await?;
        Ok(Some((checkpoint, note)))
    }

    /// The last checkpoint that was signed.
    pub async fn last_checkpoint(&self) -> Result<Option<Signed>, DbError> {
        let mut view = self.view().await?;
        view.query(
            &self.faults,
            "SELECT size, at, note, log FROM trace_checkpoint ORDER BY log DESC, hour DESC LIMIT 1",
        )
        .fetch_optional()
        .await
    }

    /// The last checkpoint of each log that has one, the first log first.
    pub async fn last_checkpoints(&self) -> Result<Vec<Signed>, DbError> {
        let mut view = self.view().await?;
        view.query(
            &self.faults,
            "SELECT c.size, c.at, c.note, c.log FROM trace_checkpoint c WHERE NOT EXISTS \
             (SELECT 1 FROM trace_checkpoint l WHERE l.log = c.log AND l.hour > c.hour) ORDER BY c.log",
        )
        .fetch_all()
        .await
    }

    /// The last checkpoint, once it was signed after that instant and covers all that was traced before: one that is
    /// signed while traces still wait for their seal misses those.
    pub async fn checkpoint_since(&self, at: Timestamp) -> Result<Option<Signed>, DbError> {
        let mut view = self.view().await?;
        let waits: Option<(TraceId,)> = view
            .query(
                &self.faults,
                "SELECT u.id FROM trace_unsealed u JOIN trace t ON t.month = u.month AND t.id = u.id \
                 WHERE u.refused_at IS NULL AND t.at < $1 ORDER BY u.month, u.id LIMIT 1",
            )
            .bind(at)
            .fetch_optional()
            .await?;
        if waits.is_some() {
            return Ok(None);
        }
        // In this order: what is sealed meanwhile is under a later checkpoint.
        let head = self.head_in(&mut view).await?;
        drop(view);
        let covers = |signed: &Signed| {
            signed.at >= at && signed.log == head.log && signed.size.unsigned_abs() >= head.tree.size()
        };
        Ok(self.last_checkpoint().await?.filter(covers))
    }

    /// The texts of every checkpoint kept, of every log: one an hour.
    pub async fn checkpoints(&self) -> Result<Vec<String>, DbError> {
        let (mut notes, mut after) = (Vec::new(), (0, i64::MIN));
        loop {
            let mut view = self.view().await?;
            let rows: Vec<(i32, i64, String)> = view
                .query(
                    &self.faults,
                    "SELECT log, hour, note FROM trace_checkpoint WHERE (log, hour) > ($1, $2) \
                     ORDER BY log, hour LIMIT 1000",
                )
                .bind(after.0)
                .bind(after.1)
                .fetch_all()
                .await?;
            let Some((log, hour, _)) = rows.last() else { return Ok(notes) };
            after = (*log, *hour);
            notes.extend(rows.into_iter().map(|(_, _, note)| note));
        }
    }

    /// The root of the first `size` leaves of a log; `None` when the leaves that it needs were folded away, or are not
    /// there yet.
    async fn root_at(&self, log: i32, size: u64) -> Result<Option<Hash>, DbError> {
        let parts = self.parts(log, size, &[]).await?;
        Ok(parts.and_then(|parts| parts.root_at(size)))
    }

    /// Whether a checkpoint covers that trace, so that it can be proved.
    pub async fn is_covered(&self, trace: TraceId) -> Result<bool, DbError> {
        let mut view = self.view().await?;
        let covered: Option<(i64,)> = view
            .query(
                &self.faults,
                "SELECT l.rank FROM trace_leaf l WHERE l.month = $1 AND l.id = $2 AND EXISTS \
                 (SELECT 1 FROM trace_checkpoint c WHERE c.log = l.log AND c.size > l.rank)",
            )
            .bind(month_of(trace))
            .bind(trace)
            .fetch_optional()
            .await?;
        Ok(covered.is_some())
    }

    /// What covers the trace that a fact left of a partner at an instant.
    pub async fn covering(
        &self,
        partner: PartnerId,
        fact: &'static str,
        at: Timestamp,
    ) -> Result<Covering, DbError> {
        let mut view = self.view().await?;
        let trace: Option<(i32, TraceId)> = view
            .query(
                &self.faults,
                "SELECT t.month, t.id FROM trace t WHERE t.partner_id = $1 AND t.at = $2 AND t.fact = $3 LIMIT 1",
            )
            .bind(partner)
            .bind(at)
            .bind(fact)
            .fetch_optional()
            .await?;
        let Some((month, id)) = trace else {
            let after = view.query(
                &self.faults,
                "SELECT log, size, at, note FROM trace_checkpoint WHERE at >= $1 ORDER BY log, hour LIMIT 1",
            );
            return Ok(Covering::Erased(after.bind(at).fetch_optional().await?));
        };
        let first: Option<Signed> = view
            .query(
                &self.faults,
                "SELECT c.log, c.size, c.at, c.note FROM trace_leaf l \
                 JOIN trace_checkpoint c ON c.log = l.log AND c.size > l.rank \
                 WHERE l.month = $1 AND l.id = $2 ORDER BY c.hour LIMIT 1",
            )
            .bind(month)
            .bind(id)
            .fetch_optional()
            .await?;
        Ok(first.map_or(Covering::Awaited, |signed| Covering::By(id, signed)))
    }

    /// The proof that a trace is in the log, under the last checkpoint; `None` when none covers it yet.
    pub async fn prove(&self, trace: TraceId) -> Result<Option<String>, DbError> {
        let mut view = self.view().await?;
        let kept: Option<Kept> = view
            .query(
                &self.faults,
                concat!("SELECT ", trace_columns!(), " FROM trace t WHERE t.month = $1 AND t.id = $2"),
            )
            .bind(month_of(trace))
            .bind(trace)
            .fetch_optional()
            .await?;
        let Some(kept) = kept else { return Ok(None) };
        let place: Option<(i32, i64)> = view
            .query(&self.faults, "SELECT log, rank FROM trace_leaf WHERE month = $1 AND id = $2")
            .bind(kept.month)
            .bind(trace)
            .fetch_optional()
            .await?;
        let Some((log, rank)) = place else { return Ok(None) };
        let signed: Option<(i64, String)> = view
            .query(
                &self.faults,
                "SELECT size, note FROM trace_checkpoint WHERE log = $1 AND size > $2 ORDER BY hour DESC LIMIT 1",
            )
            .bind(log)
            .bind(rank)
            .fetch_optional()
            .await?;
        drop(view);
        let Some((size, note)) = signed else { return Ok(None) };
        let (size, rank) = (u64::try_from(size).unwrap_or(0), u64::try_from(rank).unwrap_or(0));
        let Some(path) = self.parts(log, size, &[rank]).await?.and_then(|parts| parts.path(rank)) else {
            return Ok(None);
        };
        let proof = Proof::new(kept.told(), rank, &path, note);
        serde_json::to_string_pretty(&proof).map(Some).map_err(|error| DbError::Defect(error.to_string()))
    }

    /// What is at hand of the first `size` leaves: every block, the leaves after the last block, and those of the
    /// blocks where `ranks` are.
    async fn parts(&self, log: i32, size: u64, ranks: &[u64]) -> Result<Option<Parts>, DbError> {
        let mut parts = Parts { size, ..Parts::default() };
        let whole = size / BLOCK;
        while u64::try_from(parts.blocks.len()).unwrap_or(u64::MAX) < whole {
            let from = i64::try_from(parts.blocks.len()).unwrap_or(i64::MAX);
            let mut view = self.view().await?;
            let rows: Vec<(i64, Vec<u8>)> = view
                .query(
                    &self.faults,
                    "SELECT number, root FROM trace_block WHERE log = $1 AND number >= $2 AND number < $3 \
                     ORDER BY number LIMIT $4",
                )
                .bind(log)
                .bind(from)
                .bind(i64::try_from(whole).unwrap_or(i64::MAX))
                .bind(BLOCKS)
                .fetch_all()
                .await?;
            if rows.is_empty() {
                return Ok(None);
            }
            for ((number, root), expected) in rows.into_iter().zip(from..) {
                let (true, Ok(root)) = (number == expected, Hash::try_from(root)) else { return Ok(None) };
                parts.blocks.push(root);
            }
        }
        let mut wanted: Vec<u64> = ranks.iter().map(|rank| rank / BLOCK).collect();
        wanted.push(whole);
        wanted.sort_unstable();
        wanted.dedup();
        for block in wanted {
            parts.leaves.extend(self.leaves_of(log, block).await?);
        }
        Ok(Some(parts))
    }

    async fn leaves_of(&self, log: i32, block: u64) -> Result<BTreeMap<u64, Hash>, DbError> {
        let from = i64::try_from(block.saturating_mul(BLOCK)).unwrap_or(i64::MAX);
        let mut view = self.view().await?;
        let leaves: Vec<Ranked> = view
            .query(
                &self.faults,
                "SELECT rank, month, id, keep_until, commitment FROM trace_leaf \
                 WHERE log = $1 AND rank >= $2 AND rank < $3 ORDER BY rank LIMIT 4096",
            )
            .bind(log)
            .bind(from)
            .bind(from.saturating_add(4_096))
            .fetch_all()
            .await?;
        Ok(leaves.iter().map(|row| (u64::try_from(row.rank).unwrap_or(0), row.leaf().hash())).collect())
    }
}
