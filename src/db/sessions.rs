//! Sessions: rows that the server keeps, known only by a hash of the id that the browser holds.
//!
//! The cookie and the id are `tower-sessions`' business; who is behind a session, and whether it still lives, is
//! read here in one statement.

use async_trait::async_trait;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::connect::{Db, Pools};
use super::faults::{Faults, Step};
use super::{DbError, FromRow};
use crate::crypto::sha256;
use crate::domain::access::Office;
use crate::domain::id::{AccountId, OrganismId, PartnerId};
use crate::domain::time::Timestamp;

/// Name of the value that says whose session it is.
pub const ACCOUNT: &str = "account";
/// Name of the value that says when the person signed in.
pub const OPENED_AT: &str = "opened_at";
/// Name of the value that says from where, if it is known.
pub const SOURCE: &str = "source";
/// Name of the value that says with which family of browsers, if it is known.
pub const AGENT: &str = "agent";
/// Name of the value that says when the person had signed in before, if ever.
pub const SIGNED_IN_BEFORE_AT: &str = "signed_in_before_at";

/// The key of a session's row: a plain hash, so that reading the database gives no session away.
pub fn row_key(id: Id) -> [u8; 32] {
    sha256(&id.0.to_le_bytes())
}

/// Somebody's session, with all that a request needs to know of him.
#[derive(Clone, Debug, FromRow)]
pub struct Holder {
    /// When the person signed in.
    pub opened_at: Timestamp,
    /// When something was last asked for.
    pub last_entry_at: Timestamp,
    /// When its holder ended it from another one.
    pub ended_at: Option<Timestamp>,
    /// From where it was opened.
    pub source: Option<String>,
    /// With which family of browsers.
    pub agent: Option<String>,
    /// When the person had signed in before.
    pub signed_in_before_at: Option<Timestamp>,
    /// The account.
    pub account_id: AccountId,
    /// What the person types to sign in.
    pub identifier: String,
    /// First name.
    pub given_name: String,
    /// Name.
    pub surname: String,
    /// What the account is for.
    pub office: Office,
    /// Set while the account is suspended.
    pub suspended_at: Option<Timestamp>,
    /// No password yet: only choosing one is possible.
    pub must_choose: bool,
    /// Its organism.
    pub organism_id: OrganismId,
    /// The organism's name.
    pub organism_name: String,
    /// The organism's time zone.
    pub time_zone: String,
    /// Its partner.
    pub partner_id: Option<PartnerId>,
    /// The partner's name.
    pub partner_name: Option<String>,
}

const HOLDER: &str = "SELECT s.opened_at, s.last_entry_at, s.ended_at, s.source, s.agent, s.signed_in_before_at, \
     a.id AS account_id, a.identifier, a.given_name, a.surname, a.office, a.suspended_at, (a.password_hash IS NULL) AS must_choose, a.organism_id, o.name AS organism_name, \
     o.time_zone, a.partner_id, p.legal_name AS partner_name \
     FROM session s JOIN account a ON a.id = s.account_id JOIN organism o ON o.id = a.organism_id \
     LEFT JOIN partner p ON p.id = a.partner_id WHERE s.id_hash = $1";

const INSERT: &str = "INSERT INTO session (id_hash, account_id, opened_at, last_entry_at, source, agent, \
     signed_in_before_at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id_hash) DO NOTHING";

const DELETE: &str = "DELETE FROM session WHERE id_hash = $1";

impl Db {
    /// Who holds the session, alive or not.
    pub async fn session_holder(&self, key: [u8; 32]) -> std::result::Result<Option<Holder>, DbError> {
        if !matches!(self.faults.step(), Step::Go) {
            return Err(Faults::error());
        }
        // One statement needs no transaction: a request begins here, and round trips are what it pays for.
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => {
                sqlx::query_as(HOLDER).bind(key.to_vec()).fetch_optional(read).await?
            }
            Pools::Postgres { read, .. } => {
                sqlx::query_as(HOLDER).bind(key.to_vec()).fetch_optional(read).await?
            }
        })
    }

    async fn insert_session(&self, key: [u8; 32], new: &Opening) -> std::result::Result<bool, DbError> {
        let now = self.recorder.clock.now();
        let mut tx = self.begin_ledger().await?;
        let new = tx
            .query(&self.faults, INSERT)
            .bind(key.to_vec())
            .bind(new.account)
            .bind(new.opened_at)
            .bind(now)
            .bind(new.source.clone())
            .bind(new.agent.clone())
            .bind(new.signed_in_before_at)
            .execute()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(new == 1)
    }

    /// Ends a session: the row goes.
    pub async fn end_session(&self, key: [u8; 32]) -> std::result::Result<(), DbError> {
        let mut tx = self.begin_ledger().await?;
        tx.query(&self.faults, DELETE).bind(key.to_vec()).execute().await?;
        tx.commit(&self.faults).await
    }
}

/// What a new row says, as the values of its session tell it.
struct Opening {
    account: AccountId,
    opened_at: Timestamp,
    source: Option<String>,
    agent: Option<String>,
    signed_in_before_at: Option<Timestamp>,
}

impl Opening {
    fn of(record: &Record) -> Result<Self> {
        let text = |name: &str| record.data.get(name).and_then(|value| value.as_str()).map(str::to_owned);
        let instant = |name: &str| {
            record.data.get(name).and_then(serde_json::Value::as_i64).and_then(Timestamp::from_micros)
        };
        Ok(Self {
            account: text(ACCOUNT)
                .and_then(|id| id.parse().ok())
                .ok_or_else(|| failed("a session without an account is not kept"))?,
            opened_at: instant(OPENED_AT)
                .ok_or_else(|| failed("a session without its first instant is not kept"))?,
            source: text(SOURCE),
            agent: text(AGENT),
            signed_in_before_at: instant(SIGNED_IN_BEFORE_AT),
        })
    }
}

/// The rows behind `tower-sessions`.
#[derive(Clone, Debug)]
pub struct SessionRows(
    /// The database.
    pub Db,
);

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for SessionRows {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let new = Opening::of(record)?;
        // A new id each time: to the session that follows one that was ended, the library would give the same.
        loop {
            record.id = Id::default();
            if self.0.insert_session(row_key(record.id), &new).await.map_err(failed)? {
                return Ok(());
            }
        }
    }

    /// Nothing that a session holds changes after its creation: its last entry is written with the traces.
    async fn save(&self, _record: &Record) -> Result<()> {
        Ok(())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(holder) = self.0.session_holder(row_key(*id)).await.map_err(failed)? else {
            return Ok(None);
        };
        let data = [
            (ACCOUNT.to_owned(), serde_json::Value::from(holder.account_id.to_string())),
            (OPENED_AT.to_owned(), serde_json::Value::from(holder.opened_at.micros())),
            (SOURCE.to_owned(), serde_json::Value::from(holder.source)),
            (AGENT.to_owned(), serde_json::Value::from(holder.agent)),
            (
                SIGNED_IN_BEFORE_AT.to_owned(),
                serde_json::Value::from(holder.signed_in_before_at.map(Timestamp::micros)),
            ),
        ];
        Ok(Some(Record {
            id: *id,
            data: data.into_iter().collect(),
            expiry_date: OffsetDateTime::UNIX_EPOCH,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.end_session(row_key(*id)).await.map_err(failed)
    }
}
