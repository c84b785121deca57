//! Carrying what is sealed to the second sink, by one node at a time. The log itself is the spool: what the sink has not
//! got waits there, so that nothing is lost while it is away. Where the sink is required, no node serves while it fails.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use crate::app::App;
use crate::db::sink::{CARRY_LEASE, Carrying};
use crate::db::{DbError, Refused, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::retention::last_due_month;
use crate::domain::time::Timestamp;
use crate::seal::leaf::Leaf;
use crate::sink::{
    Command, CopiedLeaf, CopiedNote, Entry, Hand, MonthKey, Outlet, Position, SinkFault, SinkMode,
};

/// Between two looks: a sink that was taken away is noticed within that time and its deadline.
const PACE: Duration = Duration::from_millis(500);
/// A round ends after so many batches, or once it has lasted that long: what is left of a long backlog is the next one's.
const BATCHES: u32 = 40;
const ROUND: Duration = Duration::from_secs(2);
/// A sink that stays behind for longer is told every minute, deferred or not; so is one that lacks more.
const LONGEST: time::Duration = time::Duration::HOUR;
const MOST: u64 = 100_000;
const TOLD_EVERY: time::Duration = time::Duration::MINUTE;
/// A lease that ends sooner is renewed.
const RENEWED: time::Duration = time::Duration::seconds(2);

/// One node's part in carrying.
#[derive(Debug)]
pub struct Carrier {
    node: Uuid,
    hand: Hand,
    mode: SinkMode,
    bodies: bool,
    /// Where the sink that this node opened has come.
    at: Option<Position>,
    /// Log and size of the last checkpoint carried here.
    signed: (i32, i64),
    told: Option<Timestamp>,
    /// How it failed when the operator was last told.
    fault: Option<SinkFault>,
    /// When a round last went to its end, whatever it found.
    well: Timestamp,
}

/// Why a round stopped.
enum Stop {
    Sink(SinkFault),
    Db(DbError),
    /// Another node carries.
    NotOurs,
}

impl From<SinkFault> for Stop {
    fn from(fault: SinkFault) -> Self {
        Self::Sink(fault)
    }
}

impl From<DbError> for Stop {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

/// Carries until told to stop, then once more.
pub async fn run(app: App, mut carrier: Carrier, mut stop: watch::Receiver<bool>) {
    loop {
        if let Err(error) = carrier.round(&app).await {
            tracing::warn!(%error, "nothing was carried to the second sink");
        }
        tokio::select! {
            () = tokio::time::sleep(PACE) => {}
            _ = stop.changed() => break,
        }
    }
    if let Err(error) = carrier.round(&app).await {
        tracing::warn!(%error, "the last traces are not at the second sink yet");
    }
}

impl Carrier {
    /// Begins.
    pub fn new(app: &App, outlet: Box<dyn Outlet>, mode: SinkMode, bodies: bool) -> std::io::Result<Self> {
        let node = Uuid::from_bytes(app.kit().entropy.bytes());
        let hand = Hand::on(outlet)?;
        let well = app.now();
        Ok(Self { node, hand, mode, bodies, at: None, signed: (0, 0), told: None, fault: None, well })
    }

    /// Carries what waits, or looks whether the sink still stands; suspends the service or lets it go on. A database that
    /// answers everybody but the carrier is no excuse: past the time of a lease, nobody knows whether the sink stands.
    pub async fn round(&mut self, app: &App) -> Result<(), Refused> {
        let ended = self.go_round(app).await;
        if ended.is_ok() {
            self.well = app.now();
        } else if app.now().since(self.well) >= CARRY_LEASE {
            self.follow(app, Some(self.well));
        }
        ended
    }

    async fn go_round(&mut self, app: &App) -> Result<(), Refused> {
        let known = match app.db().carrying().await {
            Ok(known) => known,
            Err(error) => {
                if !error.may_pass() {
                    self.follow(app, Some(app.now()));
                }
                return Err(error.into());
            }
        };
        let now = app.now();
        let other =
            known.node.is_some_and(|node| node != self.node) && known.until.is_some_and(|until| until > now);
        if other {
            self.at = None;
            self.follow(app, known.failing_since);
        } else {
            match self.carry(app, known).await {
                Ok(()) => self.returned(app, known).await?,
                Err(Stop::NotOurs) => self.at = None,
                Err(Stop::Sink(fault)) => self.failed(app, known, fault).await?,
                Err(Stop::Db(error)) => {
                    // The sink may have got more than is noted here: it is opened again.
                    self.at = None;
                    if error.may_pass() {
                        return Err(error.into());
                    }
                    if known.failing_since.is_none() {
                        tracing::error!(%error, "what is to be carried cannot be read in the database");
                    }
                    self.failed(app, known, SinkFault::Unread).await?;
                }
            }
        }
        self.tell_lag(app).await?;
        Ok(())
    }

    async fn carry(&mut self, app: &App, known: Carrying) -> Result<(), Stop> {
        let db = app.db();
        let mut at = match self.at {
            Some(at) => at,
            None => self.open(app, Position { log: known.log, rank: known.next_rank }).await?,
        };
        let place = Position { log: known.log, rank: known.next_rank };
        let kept = known.until.is_some_and(|until| until > app.now().plus(RENEWED));
        if at != place || known.node != Some(self.node) || !kept {
            self.keep(app, at.max(place)).await?;
        }
        let head = db.head().await?;
        let began = Instant::now();
        let mut wrote = false;
        for _ in 0..BATCHES {
            if began.elapsed() > ROUND {
                break;
            }
            let leaves = db.leaves_from(at.log, at.rank).await?;
            let Some((last, _)) = leaves.last() else {
                if at.log >= head.log {
                    break;
                }
                at = Position { log: at.log + 1, rank: 0 };
                continue;
            };
            let next = Position { rank: last + 1, ..at };
            let entries = self.entries(app, at.log, &leaves).await?;
            self.ask(Command::Write(entries)).await?;
            (at, wrote) = (next, true);
            // What is sent again was carried before: a sink that is opened twice does not drift back.
            self.keep(app, at.max(place)).await?;
        }
        wrote |= self.carry_checkpoint(app, at).await?;
        if !wrote {
            self.ask(Command::Look).await?;
        }
        self.at = Some(at);
        Ok(())
    }

    /// Opens the sink. One that goes further than the log has what the database lost.
    async fn open(&mut self, app: &App, known: Position) -> Result<Position, Stop> {
        self.signed = (0, 0);
        let at = self.ask(Command::Open(known)).await?.unwrap_or(known);
        let head = app.db().head().await?;
        let end = Position { log: head.log, rank: i64::try_from(head.tree.size()).unwrap_or(i64::MAX) };
        if at > end { Err(SinkFault::Ahead.into()) } else { Ok(at) }
    }

    async fn ask(&mut self, command: Command) -> Result<Option<Position>, Stop> {
        let answer = self.hand.ask(command).await;
        if answer.is_err() {
            // What it has is known again once it is opened again.
            self.at = None;
        }
        Ok(answer?)
    }

    async fn keep(&mut self, app: &App, at: Position) -> Result<(), Stop> {
        if app.db().carry(self.node, at.log, at.rank).await? { Ok(()) } else { Err(Stop::NotOurs) }
    }

    async fn entries(&self, app: &App, log: i32, leaves: &[(i64, Leaf)]) -> Result<Vec<Entry>, Stop> {
        let mut bodies =
            if self.bodies { bodies(app, log, leaves).await? } else { Vec::new() }.into_iter().peekable();
        let copied = leaves.iter().map(|(rank, leaf)| {
            let body = bodies.next_if(|(of, _)| of == rank).map(|(_, body)| body);
            Entry::Leaf(CopiedLeaf::new(Position { log, rank: *rank }, leaf, body))
        });
        Ok(copied.collect())
    }

    /// The last checkpoint, once all its leaves are there.
    async fn carry_checkpoint(&mut self, app: &App, at: Position) -> Result<bool, Stop> {
        let Some(last) = app.db().last_checkpoint().await? else { return Ok(false) };
        let size = (last.log, last.size);
        if size <= self.signed || (Position { log: last.log, rank: last.size }) > at {
            return Ok(false);
        }
        self.ask(Command::Write(vec![Entry::Checkpoint(CopiedNote { note: last.note })])).await?;
        self.signed = size;
        Ok(true)
    }

    /// Where the sink is required, this node serves only while it does not fail, whichever node carries.
    fn follow(&self, app: &App, failing: Option<Timestamp>) {
        if self.mode == SinkMode::Required {
            app.kit().ledger.need_sink(failing);
        }
    }

    async fn returned(&mut self, app: &App, known: Carrying) -> Result<(), Refused> {
        self.fault = None;
        if let Some(since) = known.failing_since {
            let mut tx = watching(app).await?;
            if tx.sink_returns().await? {
                let fact = Fact::SinkReturned { failed_at: since.instant().to_string() };
                let _receipt = tx.commit([fact]).await?;
                tracing::warn!("the second sink takes what it is given again");
            }
        }
        self.follow(app, None);
        Ok(())
    }

    async fn failed(&mut self, app: &App, known: Carrying, fault: SinkFault) -> Result<(), Refused> {
        // First what protects, then what tells: the database may fail too.
        self.follow(app, Some(known.failing_since.unwrap_or_else(|| app.now())));
        // It may fail otherwise than at first: a server that left, then shows another certificate.
        if self.fault.replace(fault) != Some(fault) {
            tracing::error!(%fault, mode = ?self.mode, "the second sink fails");
        }
        if known.failing_since.is_none() {
            app.db().metrics().sink_failed();
            let mut tx = watching(app).await?;
            if tx.sink_fails().await? {
                let _receipt = tx.commit([Fact::SinkFailed { cause: fault.code().to_owned() }]).await?;
            }
        }
        Ok(())
    }

    /// A sink that lacks too much, or for too long, is told every minute until it has it.
    async fn tell_lag(&mut self, app: &App) -> Result<(), Refused> {
        let now = app.now();
        if self.told.is_some_and(|at| now.since(at) < TOLD_EVERY) {
            return Ok(());
        }
        let lag = app.db().sink_lag().await?;
        self.told = Some(now);
        if lag.rows > MOST || lag.oldest.is_some_and(|oldest| now.since(oldest) > LONGEST) {
            tracing::error!(traces = lag.rows, "the second sink is far behind the log");
        }
        Ok(())
    }
}

async fn watching(app: &App) -> Result<WriteTx, Refused> {
    app.write(&app.job("carry", None)).await?.permit(Permission::WatchLog, Scope::Installation)
}

/// The rows of these leaves, each encrypted under the key of its month. A month whose traces are all past their day has
/// no key any more, and gets none.
async fn bodies(app: &App, log: i32, leaves: &[(i64, Leaf)]) -> Result<Vec<(i64, String)>, DbError> {
    let (Some((first, _)), Some((last, _))) = (leaves.first(), leaves.last()) else { return Ok(Vec::new()) };
    let due = last_due_month(Day::from(app.now().instant().date()));
    let months: BTreeMap<i64, i32> = leaves.iter().map(|(rank, leaf)| (*rank, leaf.month)).collect();
    let mut sealed = Vec::new();
    let mut key: Option<(i32, MonthKey)> = None;
    for (rank, body) in app.db().rows_between(log, *first, *last).await? {
        let Some(month) = months.get(&rank).copied().filter(|month| *month >= due) else { continue };
        if key.as_ref().is_none_or(|(of, _)| *of != month) {
            let bytes = app.db().month_key(month).await?;
            key = MonthKey::new(&bytes).map(|key| (month, key));
        }
        let nonce = app.kit().entropy.bytes();
        let body = key.as_ref().and_then(|(_, key)| key.seal(nonce, Position { log, rank }, &body));
        sealed.extend(body.map(|body| (rank, body)));
    }
    Ok(sealed)
}
