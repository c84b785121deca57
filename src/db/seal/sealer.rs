//! Sealing: traces that were written become leaves of the log, within a second or so, by one node at a time. No act
//! waits for it: it reads what is committed, and writes leaves that no act reads.

use std::time::Duration;

use uuid::Uuid;

use super::{Head, batch};
use crate::db::traces::{Kept, trace_columns};
use crate::db::{Db, DbError, record};
use crate::domain::access::Actor;
use crate::domain::facts::Fact;
use crate::domain::id::TraceId;
use crate::domain::time::Timestamp;
use crate::domain::trace::Happening;
use crate::seal::leaf::Leaf;
use crate::seal::tree::Frontier;

/// How long a node keeps the sealing without a word: another takes over after that.
pub const LEASE: Duration = Duration::from_secs(3);
/// Traces sealed in one transaction: on SQLite acts wait that long at most.
const AT_ONCE: i64 = 1_000;

/// One node's hand on the seal.
#[derive(Debug)]
pub struct Sealer {
    db: Db,
    node: Uuid,
    /// The head that this node made last. One that it does not know is compared with its leaves before it is extended:
    /// what somebody wrote into the database is not signed for that alone.
    known: Option<Head>,
}

/// What one pass did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Pass {
    /// Another node seals.
    NotOurs,
    /// Nothing waits.
    Idle,
    /// So many traces were sealed; those that do not hold were set aside.
    Sealed {
        /// How many.
        leaves: u64,
        /// Whether more may wait.
        more: bool,
        /// Those that will never be.
        refused: Vec<Unsealable>,
    },
}

/// A trace that is not what was written, before it could be sealed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unsealable {
    /// Which.
    pub id: TraceId,
    /// What does not hold.
    pub what: &'static str,
}

impl Db {
    /// Opens another log. Its first leaf is the trace that says so; what waits for its seal goes there after it.
    pub async fn open_log(&self, published: u64, reason: &str) -> Result<(), DbError> {
        let head = self.head().await?;
        let recorder = &self.recorder;
        let at = recorder.clock.now();
        let fact = Fact::LogOpened {
            before: head.log,
            held: head.tree.size(),
            root: crate::crypto::hex(&head.tree.root()),
            published,
            reason: reason.to_owned(),
        };
        let actor = Actor::system("open_log", None, recorder.entropy.id(at));
        let row = recorder.row(&Happening { actor, fact, partner: None, at, took: None })?;
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        let new = tx
            .query(
                &self.faults,
                "INSERT INTO trace_log (number, size, frontier, epoch) \
                 SELECT number + 1, 1, $3, 0 FROM trace_log WHERE number = $1 AND size = $2",
            )
            .bind(head.log)
            .bind(i64::try_from(head.tree.size()).unwrap_or(i64::MAX))
            .bind({
                let mut tree = Frontier::default();
                tree.push(row.leaf().hash());
                tree.written()
            })
            .execute()
            .await?;
        if new != 1 {
            return Err(DbError::Unavailable("the log grew meanwhile: stop the portal first".to_owned()));
        }
        record::insert(&mut tx, &self.faults, std::slice::from_ref(&row)).await?;
        batch::seal(&mut tx, head.log + 1, 0, &[row.leaf()]).await?;
        tx.commit(&self.faults).await
    }
}

impl Sealer {
    /// A hand for this node.
    pub fn new(db: Db) -> Self {
        let node = Uuid::from_bytes(db.recorder.entropy.bytes());
        Self { db, node, known: None }
    }

    /// Seals what waits, at most a thousand traces. Their order is that of their sealing, not of acts.
    pub async fn pass(&mut self) -> Result<Pass, DbError> {
        let db = self.db.clone();
        let now = db.recorder.clock.now();
        let mut view = db.view().await?;
        let holder: Option<(Option<Uuid>, Option<Timestamp>)> = view
            .query(&db.faults, "SELECT node, until FROM trace_sealer WHERE id = 1")
            .fetch_optional()
            .await?;
        if let Some((Some(node), Some(until))) = holder
            && node != self.node
            && until > now
        {
            return Ok(Pass::NotOurs);
        }
        let waiting: Vec<Kept> = view
            .query(
                &db.faults,
                concat!(
                    "SELECT ",
                    trace_columns!(),
                    " FROM trace_unsealed u JOIN trace t ON t.month = u.month AND t.id = u.id \
                     WHERE u.refused_at IS NULL ORDER BY u.month, u.id LIMIT $1"
                ),
            )
            .bind(AT_ONCE)
            .fetch_all()
            .await?;
        if waiting.is_empty() {
            return Ok(Pass::Idle);
        }
        let more = i64::try_from(waiting.len()) == Ok(AT_ONCE);
        let (mut leaves, mut refused): (Vec<Leaf>, Vec<(i32, Unsealable)>) = (Vec::new(), Vec::new());
        for kept in &waiting {
            match kept.fault(&db.recorder.keys) {
                None => leaves.push(kept.leaf()),
                Some(what) => refused.push((kept.month, Unsealable { id: kept.id, what })),
            }
        }
        let head = db.head_in(&mut view).await?;
        drop(view);
        if self.known.as_ref() != Some(&head) {
            db.check_head(&head, self.known.as_ref()).await?;
        }
        let Some(made) = self.write(head, &leaves, &refused, now).await? else { return Ok(Pass::NotOurs) };
        self.known = Some(made);
        let refused = refused.into_iter().map(|(_, unsealable)| unsealable).collect();
        Ok(Pass::Sealed { leaves: u64::try_from(leaves.len()).unwrap_or(0), more, refused })
    }

    /// Writes it all in one transaction, and gives the new head; or nothing: whoever moved the head meanwhile made these
    /// ranks his.
    async fn write(
        &self,
        head: Head,
        leaves: &[Leaf],
        refused: &[(i32, Unsealable)],
        now: Timestamp,
    ) -> Result<Option<Head>, DbError> {
        let db = &self.db;
        let (log, first) = (head.log, i64::try_from(head.tree.size()).unwrap_or(i64::MAX));
        let mut tree = head.tree;
        let blocks: Vec<(u64, [u8; 32])> = leaves
            .iter()
            .filter_map(|leaf| {
                tree.push(leaf.hash()).map(|root| (tree.size() / crate::seal::tree::BLOCK - 1, root))
            })
            .collect();
        let _turn = db.turn().await?;
        let mut tx = db.begin_write().await?;
        let taken: Option<(i64,)> = tx
            .query(
                &db.faults,
                "UPDATE trace_sealer SET epoch = epoch + CASE WHEN node = $1 THEN 0 ELSE 1 END, node = $1, until = $2 \
                 WHERE id = 1 AND (node IS NULL OR node = $1 OR until <= $3) RETURNING epoch",
            )
            .bind(self.node)
            .bind(now.plus(time::Duration::try_from(LEASE).unwrap_or_default()))
            .bind(now)
            .fetch_optional()
            .await?;
        let Some((epoch,)) = taken else { return Ok(None) };
        let moved = tx
            .query(
                &db.faults,
                "UPDATE trace_log SET size = $3, frontier = $4, epoch = $5 \
                 WHERE number = $1 AND size = $2 AND epoch <= $5 \
                 AND number = (SELECT max(number) FROM trace_log)",
            )
            .bind(log)
            .bind(first)
            .bind(i64::try_from(tree.size()).unwrap_or(i64::MAX))
            .bind(tree.written())
            .bind(epoch)
            .execute()
            .await?;
        if moved != 1 {
            return Ok(None);
        }
        batch::seal(&mut tx, log, first, leaves).await?;
        for (number, root) in blocks {
            tx.query(&db.faults, "INSERT INTO trace_block (log, number, root) VALUES ($1, $2, $3)")
                .bind(log)
                .bind(i64::try_from(number).unwrap_or(i64::MAX))
                .bind(root.to_vec())
                .execute()
                .await?;
        }
        for (month, unsealable) in refused {
            tx.query(&db.faults, "UPDATE trace_unsealed SET refused_at = $3 WHERE month = $1 AND id = $2")
                .bind(*month)
                .bind(unsealable.id)
                .bind(now)
                .execute()
                .await?;
        }
        tx.commit(&db.faults).await?;
        Ok(Some(Head { log, tree }))
    }
}
