//! The three ways in: a [`Reader`] reads what its actor may see; a [`Draft`] looks before it decides; a
//! [`WriteTx`], had only against a permit, writes and ends by committing facts. No fact, no commit.

use tokio::sync::OwnedSemaphorePermit;

use super::connect::{Db, Engine};
use super::kept_forms::{KeptForm, forget};
use super::query::{Query, Tx, View};
use super::{DbError, Recorder, Refused, record};
use crate::domain::access::{Actor, Denied, Mode, Office, Permission, Permit, Scope, Visible};
use crate::domain::facts::{Fact, KeptFormEnd};
use crate::domain::id::{
    AccountId, ConsultationId, GrantId, MembershipId, MissionId, OrganismId, PartnerId, RowId, TraceId,
};
use crate::domain::time::Timestamp;
use crate::domain::trace::Happening;

/// A read-only view, bounded by what one actor may see. The engine itself refuses writes. Two statements of one reader
/// may see what was committed between them: nothing may rest on their agreeing.
pub struct Reader {
    view: View,
    db: Db,
    visible: Visible,
}

impl Reader {
    /// A statement whose `$1` and `$2` are already bound: the organism and the partner whose rows exist for the
    /// actor (`$2` is NULL when every partner of the organism does). The text must use both.
    pub fn select(&mut self, sql: &'static str) -> Query<'_> {
        self.view.query(&self.db.faults, sql).bind(self.visible.organism()).bind(self.visible.partner())
    }

    /// A statement that nothing bounds yet: for who has not signed in, and for jobs.
    pub fn unbounded(&mut self, sql: &'static str) -> Query<'_> {
        self.view.query(&self.db.faults, sql)
    }

    /// Where a form that the actor sent before led, if this is its second sending: what it asks for may no longer
    /// be there to be asked.
    pub async fn sent_before(&mut self, key: &str) -> Result<Option<Taken>, DbError> {
        let account = self.visible.account();
        let row: Option<(String,)> = self
            .unbounded("SELECT location FROM form_sent WHERE account_id = $1 AND form_key = $2")
            .bind(account)
            .bind(key.to_owned())
            .fetch_optional()
            .await?;
        Ok(row.map(|(location,)| Taken { location }))
    }

    /// The bounds.
    pub fn visible(&self) -> Visible {
        self.visible
    }
}

/// A transaction in which nothing was decided yet: it reads, and its instant is fixed.
pub struct Draft {
    inner: Inner,
}

/// A transaction that may write, because a permit was shown. It ends by [`WriteTx::commit`], or nothing happened.
#[must_use = "a write that is not committed with its facts is rolled back"]
pub struct WriteTx {
    inner: Inner,
    permit: Permit,
}

struct Inner {
    tx: Tx,
    db: Db,
    actor: Actor,
    now: Timestamp,
    /// Kept until the end on SQLite: the next ordinary writer may come.
    _turn: Option<OwnedSemaphorePermit>,
}

/// Proof that the traces of an act are durable: only now may it be answered.
#[must_use = "an act is answered with its receipt"]
#[derive(Debug)]
pub struct Receipt {
    /// The traces, in the order of their facts.
    pub traces: Vec<TraceId>,
}

/// This form was already sent: what it did stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Where the first sending led.
    pub location: String,
}

/// What reads rows within what its actor sees: a page's view, or the transaction that looks again before it decides.
pub trait Selects: Send {
    /// As [`Reader::select`].
    fn select(&mut self, sql: &'static str) -> Query<'_>;
}

impl Selects for Reader {
    fn select(&mut self, sql: &'static str) -> Query<'_> {
        Self::select(self, sql)
    }
}

impl Selects for WriteTx {
    fn select(&mut self, sql: &'static str) -> Query<'_> {
        Self::select(self, sql)
    }
}

/// What is written in the same batch as a read's trace.
#[derive(Clone, Debug)]
pub enum Beside {
    /// The session had an entry.
    Entry {
        /// Hash of the session's id.
        session: [u8; 32],
        /// When.
        at: Timestamp,
    },
    /// A consultation was opened.
    Consultation(OpenedConsultation),
    /// What was typed in a form is kept.
    KeptForm(KeptForm),
    /// A consultation's file was read for the first time.
    FirstRead {
        /// The consultation.
        consultation: ConsultationId,
        /// When.
        at: Timestamp,
    },
    /// Grants served, for the first time of their day.
    Use(GrantsUsed),
}

/// Grants that served together.
#[derive(Clone, Debug)]
pub struct GrantsUsed {
    /// Which.
    pub grants: Vec<GrantId>,
    /// Who used them.
    pub account: AccountId,
    /// Of which organism.
    pub organism: OrganismId,
    /// When.
    pub at: Timestamp,
}

/// A consultation as its row keeps it: a number valid in one session.
#[derive(Clone, Debug)]
pub struct OpenedConsultation {
    /// The opaque number.
    pub id: ConsultationId,
    /// Hash of the session's id.
    pub session: [u8; 32],
    /// Who.
    pub account: AccountId,
    /// Of which organism.
    pub organism: OrganismId,
    /// For which partner.
    pub partner: PartnerId,
    /// Under which membership.
    pub membership: MembershipId,
    /// For which mission.
    pub mission: MissionId,
    /// The file's number, encrypted.
    pub number_sealed: Vec<u8>,
    /// When.
    pub opened_at: Timestamp,
}

impl Db {
    /// Opens a view for an actor.
    pub async fn read(&self, actor: &Actor) -> Result<Reader, DbError> {
        Ok(Reader { view: self.view().await?, db: self.clone(), visible: actor.sees() })
    }

    /// Opens a transaction for an actor, whose own rights are read again inside it.
    pub async fn write(&self, actor: &Actor) -> Result<Draft, Refused> {
        self.check_sink(actor)?;
        let turn = self.turn().await?;
        let tx = self.begin_write().await?;
        let now = self.recorder.clock.now();
        let mut inner = Inner { tx, db: self.clone(), actor: actor.clone(), now, _turn: turn };
        inner.check_actor().await?;
        Ok(Draft { inner })
    }

    /// Without the second sink, where it is required, people do nothing: the program alone goes on, to bring it back.
    fn check_sink(&self, actor: &Actor) -> Result<(), DbError> {
        if actor.office() != Office::System && self.without_sink().is_some() {
            return Err(DbError::Unavailable("the second sink fails".to_owned()));
        }
        Ok(())
    }

    /// The same, after having taken the row of that partner's habilitations: one partner's rights change one at a
    /// time. A partner that the actor does not see is not taken, and not found afterwards either.
    pub async fn write_for(&self, actor: &Actor, partner: PartnerId) -> Result<Draft, Refused> {
        let mut draft = self.write(actor).await?;
        draft
            .select(
                "UPDATE partner_habilitations SET version = version + 1 \
                 WHERE partner_id = $3 AND organism_id = $1 AND ($2 IS NULL OR partner_id = $2) RETURNING version",
            )
            .bind(partner)
            .fetch_optional::<(i64,)>()
            .await?;
        Ok(draft)
    }

    /// The turn of an ordinary writer, on SQLite, whose one writer must be free for the ledger between two of them.
    pub(super) async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>, DbError> {
        if self.engine() == Engine::Postgres {
            return Ok(None);
        }
        let wait = std::time::Duration::from_secs(2);
        match tokio::time::timeout(wait, self.turn.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Some(permit)),
            _ => Err(DbError::Unavailable("the writer is taken".to_owned())),
        }
    }
}

impl Inner {
    /// A right withdrawn since the request began stops here.
    async fn check_actor(&mut self) -> Result<(), Refused> {
        let Some(account) = self.actor.account() else { return Ok(()) };
        let (id, office, partner) = (account.id, self.actor.office(), self.actor.partner());
        let row: Option<(Office, Option<PartnerId>, Option<Timestamp>)> = self
            .tx
            .query(&self.db.faults, "SELECT office, partner_id, suspended_at FROM account WHERE id = $1")
            .bind(id)
            .fetch_optional()
            .await?;
        match row {
            Some((now_office, now_partner, None)) if now_office == office && now_partner == partner => Ok(()),
            _ => Err(Refused::Ended),
        }
    }
}

impl Draft {
    /// A statement within what the actor sees, as [`Reader::select`].
    pub fn select(&mut self, sql: &'static str) -> Query<'_> {
        self.inner.select(sql)
    }

    /// The instant of the act.
    pub fn now(&self) -> Timestamp {
        self.inner.now
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        &self.inner.actor
    }

    /// Shows a permit: the transaction may write.
    pub fn permit(self, permission: Permission, scope: Scope) -> Result<WriteTx, Refused> {
        let permit = self.inner.actor.require(permission, scope)?;
        Ok(WriteTx { inner: self.inner, permit })
    }

    /// The same for an act on the people of a partner: who manages them is read here, in the transaction.
    pub async fn permit_for(
        mut self,
        permission: Permission,
        partner: PartnerId,
    ) -> Result<WriteTx, Refused> {
        let row: Option<(OrganismId, Mode)> = self
            .select(
                "SELECT p.organism_id, p.mode FROM partner p \
                 WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)",
            )
            .bind(partner)
            .fetch_optional()
            .await?;
        let (organism, mode) = row.ok_or(Denied { permission })?;
        self.permit(permission, Scope::People(organism, partner, mode))
    }
}

impl WriteTx {
    /// A statement within what the actor sees, as [`Reader::select`].
    pub fn select(&mut self, sql: &'static str) -> Query<'_> {
        self.inner.select(sql)
    }

    /// A statement that writes; nothing is bound yet.
    pub fn write(&mut self, sql: &'static str) -> Query<'_> {
        self.inner.tx.query(&self.inner.db.faults, sql)
    }

    /// The instant of the act.
    pub fn now(&self) -> Timestamp {
        self.inner.now
    }

    /// The actor.
    pub fn actor(&self) -> &Actor {
        &self.inner.actor
    }

    /// What was allowed, and where.
    pub fn permit(&self) -> Permit {
        self.permit
    }

    /// Clock, ids and keys.
    pub fn recorder(&self) -> &Recorder {
        &self.inner.db.recorder
    }

    /// Which engine answers: for the few statements that are written once for each.
    pub(super) fn engine(&self) -> Engine {
        self.inner.db.engine()
    }

    /// A new id.
    pub fn new_id<I: RowId>(&self) -> I {
        self.inner.db.recorder.entropy.id(self.inner.now)
    }

    /// Claims the key of a form, so that sending it twice does it once. `location` is where the act leads.
    pub async fn claim(&mut self, key: &str, location: &str) -> Result<Option<Taken>, DbError> {
        let Some(account) = self.inner.actor.account().map(|account| account.id) else { return Ok(None) };
        let now = self.now();
        let new = self
            .write(
                "INSERT INTO form_sent (account_id, form_key, sent_at, location) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (account_id, form_key) DO NOTHING",
            )
            .bind(account)
            .bind(key)
            .bind(now)
            .bind(location)
            .execute()
            .await?;
        if new == 1 {
            return Ok(None);
        }
        let location: String = self
            .write("SELECT location FROM form_sent WHERE account_id = $1 AND form_key = $2")
            .bind(account)
            .bind(key)
            .fetch_value()
            .await?;
        Ok(Some(Taken { location }))
    }

    /// Writes the traces and commits, and erases what was kept of the form that asked for the act. There is no other
    /// way to end a write.
    pub async fn commit(self, facts: impl IntoIterator<Item = Fact>) -> Result<Receipt, DbError> {
        let partner = self.permit.partner();
        let Inner { mut tx, db, actor, now, _turn } = self.inner;
        let mut facts: Vec<Fact> = facts.into_iter().collect();
        if facts.is_empty() {
            return Err(DbError::Defect("an act without a fact".to_owned()));
        }
        db.check_sink(&actor)?;
        if let (Some(form), Some(account)) = (&actor.origin.form, actor.account())
            && forget(&mut tx, &db, account.id, &form.path).await?
        {
            let route = form.route.to_owned();
            facts.push(Fact::FormErased { route, cause: KeptFormEnd::Sent });
        }
        let mut rows = Vec::with_capacity(facts.len());
        for fact in facts {
            let happening = Happening { actor: actor.clone(), fact, partner, at: now, took: None };
            rows.push(db.recorder.row(&happening)?);
        }
        record::insert(&mut tx, &db.faults, &rows).await?;
        if let Some(session) = actor.origin.session_row {
            record::enter(&mut tx, &db.faults, &[(session, now)]).await?;
        }
        tx.commit(&db.faults).await?;
        for row in &rows {
            db.metrics().traced(row.trace.fact);
        }
        let traces = rows.iter().map(|row| row.trace.id).collect();
        Ok(Receipt { traces })
    }
}

impl Inner {
    fn select(&mut self, sql: &'static str) -> Query<'_> {
        let visible = self.actor.sees();
        self.tx.query(&self.db.faults, sql).bind(visible.organism()).bind(visible.partner())
    }
}
