//! Traces of what changes nothing: handed over in groups, durable before the answer leaves.
//!
//! One task takes everything that waits, writes it in one transaction and only then releases the answers: the
//! batch is what arrived during the previous flush, no timer. When a trace cannot be made durable within the
//! deadline the service is suspended: no answer that needs a trace is given until the task, which tries every
//! second, has written again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::act::{Beside, GrantsUsed, OpenedConsultation};
use super::connect::{Db, Pools, damage_note};
use super::kept_forms::{self, KeptForm};
use super::query::Tx;
use super::record::{self, Row, SessionEntry};
use super::{DbError, Receipt};
use crate::domain::access::{Actor, Office};
use crate::domain::facts::Fact;
use crate::domain::id::{CorrelationId, GrantId, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace::Happening;

/// How long an answer waits for its trace.
pub const DEADLINE: Duration = Duration::from_secs(2);
/// Between two attempts to write again.
const PROBE: Duration = Duration::from_secs(1);
/// Requests that may wait; the next one is refused at once.
const QUEUE: usize = 4_096;
/// Withheld answers remembered until the log is back; beyond, they are only counted.
const REMEMBERED: usize = 10_000;

/// How traces are grouped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grouping {
    /// Everything that waits, at most that many, in one commit.
    Together(usize),
    /// Each request commits for itself (a control of the benchmark).
    Apart,
}

impl Default for Grouping {
    fn default() -> Self {
        Self::Together(256)
    }
}

/// The service is suspended: no trace can be made durable.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("no trace can be made durable")]
pub struct Suspended {
    /// Since when, as far as this node knows.
    pub since: Timestamp,
}

/// Hands traces over. Cheap to clone.
#[derive(Clone)]
pub struct Ledger {
    db: Db,
    queue: mpsc::Sender<Hand>,
    state: Arc<Mutex<State>>,
    grouping: Grouping,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger")
    }
}

#[derive(Debug, Default)]
struct State {
    suspended_since: Option<Timestamp>,
    damaged: bool,
    withheld: VecDeque<Withheld>,
}

/// An answer that was not given, whose trace may have been kept all the same.
#[derive(Clone, Debug)]
struct Withheld {
    traces: Vec<(i32, TraceId)>,
    actor: Actor,
    announced: CorrelationId,
}

struct Hand {
    rows: Vec<Row>,
    beside: Vec<Beside>,
    actor: Actor,
    done: oneshot::Sender<bool>,
}

impl Hand {
    fn withheld(&self) -> Withheld {
        Withheld {
            traces: self.rows.iter().map(|row| (row.trace.month, row.trace.id)).collect(),
            actor: self.actor.clone(),
            announced: self.actor.correlation,
        }
    }
}

impl Ledger {
    /// Starts the task that writes. It ends when the last handle is dropped.
    pub fn start(db: Db, grouping: Grouping) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let state = Arc::new(Mutex::new(State::default()));
        let most = match grouping {
            Grouping::Together(most) => most.max(1),
            Grouping::Apart => 1,
        };
        tokio::spawn(Writer { db: db.clone(), state: state.clone(), most }.run(waiting));
        Self { db, queue, state, grouping }
    }

    /// Since when the service is suspended, if it is.
    pub fn suspended(&self) -> Option<Suspended> {
        self.own_suspension().or(self.db.without_sink()).map(|since| Suspended { since })
    }

    fn own_suspension(&self) -> Option<Timestamp> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).suspended_since
    }

    /// Suspends the service while the second sink, which is required, fails, or lets it go on.
    pub fn need_sink(&self, failing: Option<Timestamp>) {
        let mut known = self.db.without_sink.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *known, failing);
        if before.is_some() != failing.is_some() {
            tracing::warn!(suspended = failing.is_some(), "service and second sink");
        }
    }

    /// Whether it is the second sink that suspends the service.
    pub fn needs_sink(&self) -> bool {
        self.db.without_sink().is_some()
    }

    /// Makes facts durable, with what goes beside them, before anything is answered.
    pub async fn hand_over(
        &self,
        actor: &Actor,
        facts: Vec<Fact>,
        took: Option<time::Duration>,
        beside: Vec<Beside>,
    ) -> Result<Receipt, Suspended> {
        // Without the second sink the program still says what it does by itself.
        let sink = self.db.without_sink().filter(|_| actor.office() != Office::System);
        if let Some(since) = self.own_suspension().or(sink) {
            return Err(Suspended { since });
        }
        let now = self.db.recorder.clock.now();
        let mut rows = Vec::with_capacity(facts.len());
        for fact in facts {
            let happening = Happening { actor: actor.clone(), fact, partner: None, at: now, took };
            rows.push(self.db.recorder.row(&happening).map_err(|_| Suspended { since: now })?);
        }
        let traces: Vec<TraceId> = rows.iter().map(|row| row.trace.id).collect();
        let (done, answer) = oneshot::channel();
        let hand = Hand { rows, beside, actor: actor.clone(), done };
        let withheld = hand.withheld();
        if self.grouping == Grouping::Apart {
            return match write(&self.db, Way::Own, std::slice::from_ref(&hand), &[]).await {
                Ok(()) => Ok(Receipt { traces }),
                Err(_) => Err(Suspended { since: now }),
            };
        }
        let durable = tokio::time::timeout(DEADLINE, async {
            self.queue.send(hand).await.is_ok() && answer.await.unwrap_or(false)
        })
        .await;
        match durable {
            Ok(true) => Ok(Receipt { traces }),
            // The task remembered the withheld answer itself.
            Ok(false) => Err(self.suspended().unwrap_or(Suspended { since: now })),
            Err(_late) => {
                remember(&self.state, [withheld]);
                Err(self.suspended().unwrap_or(Suspended { since: now }))
            }
        }
    }
}

impl Ledger {
    /// Stops the service for good: what was published outside contradicts the database, and only an operator can say
    /// what happened.
    pub fn stop(&self) {
        let since = self.db.recorder.clock.now();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).suspended_since.get_or_insert(since);
        tracing::error!("service stopped: the log is not the one that was published");
    }

    /// Tries to write, without a trace: somebody met a store that failed, and whether the service is suspended must
    /// be known before the next trace is lost waiting.
    pub async fn look(&self) {
        let recorder = &self.db.recorder;
        let actor = Actor::system("ledger", None, recorder.entropy.id(recorder.clock.now()));
        // What it finds is kept in the state.
        let _ = self.hand_over(&actor, Vec::new(), None, Vec::new()).await;
    }
}

fn remember(state: &Mutex<State>, withheld: impl IntoIterator<Item = Withheld>) {
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    for answer in withheld {
        if state.withheld.len() < REMEMBERED {
            state.withheld.push_back(answer);
        } else {
            tracing::warn!(correlation = %answer.announced, "withheld answer not remembered: too many");
        }
    }
}

struct Writer {
    db: Db,
    state: Arc<Mutex<State>>,
    most: usize,
}

impl Writer {
    async fn run(self, mut waiting: mpsc::Receiver<Hand>) {
        let mut batch = Vec::with_capacity(self.most);
        while waiting.recv_many(&mut batch, self.most).await > 0 {
            // Nobody waits any more for an answer that was refused at its deadline: it is not announced at all.
            batch.retain(|hand| !hand.done.is_closed());
            let withheld = self.take_withheld();
            match write(&self.db, Way::First, &batch, &withheld).await {
                Ok(()) => {
                    for hand in batch.drain(..) {
                        // The requester may have gone meanwhile; its trace stands.
                        let _ = hand.done.send(true);
                    }
                }
                Err(error) => {
                    remember(&self.state, withheld);
                    self.suspend(&error);
                    for hand in batch.drain(..) {
                        remember(&self.state, [hand.withheld()]);
                        let _ = hand.done.send(false);
                    }
                    self.come_back(&mut waiting).await;
                }
            }
        }
    }

    fn suspend(&self, error: &DbError) {
        let since = self.db.recorder.clock.now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.suspended_since.get_or_insert(since);
        tracing::error!(%error, "service suspended: traces cannot be made durable");
        if matches!(error, DbError::Damaged(_)) {
            state.damaged = true;
            if let Pools::Sqlite { file, .. } = &self.db.pools
                && let Err(error) = std::fs::write(damage_note(file), error_note())
            {
                tracing::error!(%error, "the note for the next start could not be written");
            }
        }
    }

    fn take_withheld(&self) -> Vec<Withheld> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).withheld.drain(..).collect()
    }

    /// Tries to write every second, refusing meanwhile what still arrives. A damaged store is not tried again: it
    /// must be reopened, which checks it.
    async fn come_back(&self, waiting: &mut mpsc::Receiver<Hand>) {
        loop {
            tokio::time::sleep(PROBE).await;
            while let Ok(hand) = waiting.try_recv() {
                let _ = hand.done.send(false);
            }
            if waiting.is_closed() && waiting.is_empty() {
                return;
            }
            let (since, damaged) = {
                let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                (state.suspended_since, state.damaged)
            };
            let Some(since) = since else { return };
            if damaged {
                continue;
            }
            let withheld = self.take_withheld();
            match self.resume(since, &withheld).await {
                Ok(()) => {
                    self.state.lock().unwrap_or_else(PoisonError::into_inner).suspended_since = None;
                    tracing::warn!("service resumed: traces are durable again");
                    return;
                }
                Err(error) => {
                    remember(&self.state, withheld);
                    tracing::warn!(%error, "still suspended");
                }
            }
        }
    }

    async fn resume(&self, since: Timestamp, withheld: &[Withheld]) -> Result<(), DbError> {
        let now = self.db.recorder.clock.now();
        let actor = Actor::system("ledger", None, self.db.recorder.entropy.id(now));
        let fact = Fact::ServiceResumed {
            suspended_at: since.instant().to_string(),
            withheld: u32::try_from(withheld.len()).unwrap_or(u32::MAX),
        };
        let row = self.db.recorder.row(&Happening {
            actor: actor.clone(),
            fact,
            partner: None,
            at: now,
            took: None,
        })?;
        let (done, _) = oneshot::channel();
        let hand = Hand { rows: vec![row], beside: Vec::new(), actor, done };
        write(&self.db, Way::First, &[hand], withheld).await
    }
}

fn error_note() -> &'static str {
    "Une écriture durable a échoué. Le fichier est vérifié en entier au prochain démarrage.\n"
}

/// By which connection a batch is written.
#[derive(Clone, Copy)]
enum Way {
    /// The ledger's, before every ordinary writer.
    First,
    /// One of those that ordinary writers share: for requests that commit apart.
    Own,
}

/// Writes a batch in one transaction, within the deadline.
async fn write(db: &Db, way: Way, batch: &[Hand], withheld: &[Withheld]) -> Result<(), DbError> {
    if batch.is_empty() && withheld.is_empty() {
        return Ok(());
    }
    tokio::time::timeout(DEADLINE, write_now(db, way, batch, withheld))
        .await
        .unwrap_or_else(|_| Err(DbError::Unavailable("no answer within the deadline".to_owned())))
}

async fn write_now(db: &Db, way: Way, batch: &[Hand], withheld: &[Withheld]) -> Result<(), DbError> {
    let began = db.recorder.clock.now();
    let mut tx = match way {
        Way::First => db.begin_ledger().await?,
        Way::Own => db.begin_write().await?,
    };
    let mut rows: Vec<Row> = batch.iter().flat_map(|hand| hand.rows.iter().cloned()).collect();
    for answer in withheld {
        if was_announced(&mut tx, db, answer).await? {
            let fact = Fact::AnswerWithheld { announced: answer.announced };
            let at = db.recorder.clock.now();
            rows.push(db.recorder.row(&Happening {
                actor: answer.actor.clone(),
                fact,
                partner: None,
                at,
                took: None,
            })?);
        }
    }
    record::insert(&mut tx, &db.faults, &rows).await?;
    let mut entries: Vec<SessionEntry> = Vec::new();
    let mut served: Vec<(GrantId, &GrantsUsed)> = Vec::new();
    let mut forms: Vec<&KeptForm> = Vec::new();
    for beside in batch.iter().flat_map(|hand| &hand.beside) {
        match beside {
            Beside::Entry { session, at } => entries.push((*session, *at)),
            Beside::Use(used) => served.extend(used.grants.iter().map(|grant| (*grant, used))),
            Beside::Consultation(consultation) => insert_consultation(&mut tx, db, consultation).await?,
            Beside::KeptForm(form) => forms.push(form),
            Beside::FirstRead { consultation, at } => {
                tx.query(
                    &db.faults,
                    "UPDATE consultation SET first_read_at = $2 WHERE id = $1 AND first_read_at IS NULL",
                )
                .bind(*consultation)
                .bind(*at)
                .execute()
                .await?;
            }
        }
    }
    // As sessions, in one order on every node.
    forms.sort_by_key(|form| (form.account, form.path.as_str()));
    for form in forms {
        kept_forms::keep(&mut tx, db, form).await?;
    }
    // Of several entries of one session, the last one stays.
    entries.sort_unstable_by(|left, right| left.0.cmp(&right.0).then(right.1.cmp(&left.1)));
    entries.dedup_by_key(|(session, _)| *session);
    if !entries.is_empty() {
        record::enter(&mut tx, &db.faults, &entries).await?;
    }
    note_uses(&mut tx, db, served).await?;
    tx.commit(&db.faults).await?;
    for row in &rows {
        db.metrics().traced(row.trace.fact);
    }
    db.metrics().committed(rows.len(), db.recorder.clock.now().since(began));
    Ok(())
}

/// Keeps the last use of grants. They are taken in the order of their ids: two nodes cannot wait for one another.
async fn note_uses(tx: &mut Tx, db: &Db, mut served: Vec<(GrantId, &GrantsUsed)>) -> Result<(), DbError> {
    served.sort_unstable_by_key(|(grant, used)| (*grant, used.account, used.at));
    for (grant, used) in served {
        tx.query(
            &db.faults,
            "INSERT INTO grant_use (grant_id, account_id, organism_id, used_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (grant_id, account_id) DO UPDATE SET used_at = excluded.used_at \
             WHERE grant_use.used_at < excluded.used_at",
        )
        .bind(grant)
        .bind(used.account)
        .bind(used.organism)
        .bind(used.at)
        .execute()
        .await?;
    }
    Ok(())
}

/// Whether a trace of the withheld answer was kept although its writing was reported as failed.
async fn was_announced(tx: &mut Tx, db: &Db, answer: &Withheld) -> Result<bool, DbError> {
    for (month, id) in &answer.traces {
        let found: Option<(i32,)> = tx
            .query(&db.faults, "SELECT month FROM trace WHERE month = $1 AND id = $2")
            .bind(*month)
            .bind(*id)
            .fetch_optional()
            .await?;
        if found.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn insert_consultation(tx: &mut Tx, db: &Db, opened: &OpenedConsultation) -> Result<(), DbError> {
    tx.query(
        &db.faults,
        "INSERT INTO consultation (id, session_hash, account_id, organism_id, partner_id, membership_id, mission_id, \
         number_sealed, opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(opened.id)
    .bind(opened.session.to_vec())
    .bind(opened.account)
    .bind(opened.organism)
    .bind(opened.partner)
    .bind(opened.membership)
    .bind(opened.mission)
    .bind(opened.number_sealed.clone())
    .bind(opened.opened_at)
    .execute()
    .await?;
    Ok(())
}
