//! Opening a database: pools that fit each engine, and durability read back before anything is served.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, PgPool, SqlitePool};
use tokio::sync::Semaphore;

use super::faults::Faults;
use super::place::Place;
use super::query::{Tx, View};
use super::{DbError, Recorder};
use crate::domain::time::Timestamp;
use crate::metrics::Metrics;

/// Which database answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// Embedded, one file.
    Sqlite,
    /// A server that several nodes share.
    Postgres,
}

#[derive(Clone)]
pub(super) enum Pools {
    /// One connection writes, several read and cannot write.
    Sqlite { write: SqlitePool, read: SqlitePool, file: PathBuf, place: Place },
    /// Some connections write, the others read and cannot write; the ledger's are its own, so that no crowd keeps it
    /// waiting.
    Postgres { write: PgPool, read: PgPool, ledger: PgPool },
}

/// How long the one writer of an embedded database is waited for while another process has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// A page, which waits no longer than its trace would.
    Page,
    /// A command line beside a portal at work. SQLite gives its lock to whoever tries at the right instant, not in
    /// turn: of the thousands of batches of one load, some wait far longer than the others.
    Command,
}

impl Patience {
    fn limit(self) -> Duration {
        match self {
            Self::Page => ACQUIRE,
            Self::Command => Duration::from_mins(2),
        }
    }
}

/// How long a connection is waited for; a request waits no longer than its trace would.
const ACQUIRE: Duration = Duration::from_secs(2);

/// An open database. Cheap to clone: all clones share the pools.
#[derive(Clone)]
pub struct Db {
    pub(super) pools: Pools,
    /// At most one ordinary writer stands at SQLite's door, so that the ledger is always next.
    pub(super) turn: Arc<Semaphore>,
    pub(super) recorder: Recorder,
    /// Failures on purpose, in tests.
    pub faults: Faults,
    /// Since when the second sink, which is required, fails.
    pub(super) without_sink: Arc<Mutex<Option<Timestamp>>>,
    metrics: Metrics,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.engine())
    }
}

/// Why a database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is not one of ours.
    #[error("the database URL must begin with sqlite: or postgres:")]
    Url,
    /// It does not answer, or refuses us.
    #[error(transparent)]
    Db(#[from] DbError),
    /// A setting would lose acknowledged traces.
    #[error("the database does not keep what it acknowledges: {setting} is {found}, {wanted} is needed")]
    NotDurable {
        /// Which setting.
        setting: &'static str,
        /// Its value.
        found: String,
        /// The value that is needed.
        wanted: &'static str,
    },
    /// The store was left after a failed flush or with damage, and the check found it bad.
    #[error("the database file is damaged: {0}")]
    Damaged(String),
    /// The program and the schema do not match.
    #[error(
        "the schema is at version {found}, this program needs {wanted}: run « migrate » with the matching program"
    )]
    Schema {
        /// Version found.
        found: i64,
        /// Version of this program.
        wanted: i64,
    },
    /// The keys given are not those of this database.
    #[error("key {number} is not the one of this database")]
    Key {
        /// Its number.
        number: i32,
    },
}

/// Durability settings, as the engine itself tells them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Durability(
    /// Name and value of each setting.
    pub Vec<(&'static str, String)>,
);

impl Db {
    /// Opens the database at `url` with at most `connections` connections.
    pub async fn open(
        url: &str,
        connections: u32,
        patience: Patience,
        recorder: Recorder,
    ) -> Result<Self, OpenError> {
        let pools = if let Some(path) = url.strip_prefix("sqlite:") {
            open_sqlite(Path::new(path.trim_start_matches("//")), connections, patience).await?
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            open_postgres(url, connections).await?
        } else {
            return Err(OpenError::Url);
        };
        Ok(Self {
            pools,
            turn: Arc::new(Semaphore::new(1)),
            recorder,
            faults: Faults::default(),
            without_sink: Arc::default(),
            metrics: Metrics::default(),
        })
    }

    /// Which engine answers.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres { .. } => Engine::Postgres,
        }
    }

    /// The file of an embedded database.
    pub fn file(&self) -> Option<&Path> {
        match &self.pools {
            Pools::Sqlite { file, .. } => Some(file),
            Pools::Postgres { .. } => None,
        }
    }

    /// The clock, ids and keys with which traces are written.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// What is counted in this process.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Connections of each pool: its name, those that work, those that wait for work.
    pub fn pool_use(&self) -> Vec<(&'static str, u32, u32)> {
        fn used<D: sqlx::Database>(name: &'static str, pool: &sqlx::Pool<D>) -> (&'static str, u32, u32) {
            let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
            (name, pool.size().saturating_sub(idle), idle)
        }
        match &self.pools {
            Pools::Sqlite { write, read, .. } => vec![used("write", write), used("read", read)],
            Pools::Postgres { write, read, ledger } => {
                vec![used("write", write), used("read", read), used("ledger", ledger)]
            }
        }
    }

    /// Since when the second sink, which is required, fails: nobody's act is begun or ended meanwhile, only the
    /// program's own.
    pub(super) fn without_sink(&self) -> Option<Timestamp> {
        *self.without_sink.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every connection.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { write, read, .. } => {
                read.close().await;
                write.close().await;
            }
            Pools::Postgres { write, read, ledger } => {
                read.close().await;
                ledger.close().await;
                write.close().await;
            }
        }
    }

    /// Opens a transaction that may write. On SQLite it holds the one writer from here to its end.
    pub(super) async fn begin_write(&self) -> Result<Tx, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { write, place, .. } => begin_sqlite(write, place).await?,
            Pools::Postgres { write, .. } => Tx::Postgres(write.begin().await?),
        })
    }

    /// Opens the ledger's transaction: next in line, before every ordinary writer.
    pub(super) async fn begin_ledger(&self) -> Result<Tx, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { write, place, .. } => begin_sqlite(write, place).await?,
            Pools::Postgres { ledger, .. } => Tx::Postgres(ledger.begin().await?),
        })
    }

    /// Takes a connection on which the engine refuses writes.
    pub(super) async fn view(&self) -> Result<View, DbError> {
        Ok(match &self.pools {
            Pools::Sqlite { read, .. } => View::Sqlite(read.acquire().await?),
            Pools::Postgres { read, .. } => View::Postgres(read.acquire().await?),
        })
    }

    /// Reads the durability settings back, and refuses any that would lose an acknowledged trace.
    pub async fn check_durability(&self) -> Result<Durability, OpenError> {
        let mut settings = Vec::new();
        match &self.pools {
            Pools::Sqlite { write, .. } => {
                let mode: (String,) =
                    sqlx::query_as("PRAGMA journal_mode").fetch_one(write).await.map_err(DbError::from)?;
                let level: (i64,) =
                    sqlx::query_as("PRAGMA synchronous").fetch_one(write).await.map_err(DbError::from)?;
                let vacuum: (i64,) =
                    sqlx::query_as("PRAGMA auto_vacuum").fetch_one(write).await.map_err(DbError::from)?;
                settings.push(("journal_mode", mode.0, "wal"));
                settings.push(("synchronous", level.0.to_string(), "2"));
                // 2 = incremental: chosen before the first table, so that six months later space comes back.
                settings.push(("auto_vacuum", vacuum.0.to_string(), "2"));
            }
            Pools::Postgres { write, .. } => {
                for (name, sql) in [
                    ("fsync", "SHOW fsync"),
                    ("full_page_writes", "SHOW full_page_writes"),
                    ("synchronous_commit", "SHOW synchronous_commit"),
                ] {
                    let value: (String,) =
                        sqlx::query_as(sql).fetch_one(write).await.map_err(DbError::from)?;
                    settings.push((name, value.0, "on"));
                }
            }
        }
        for (setting, found, wanted) in &settings {
            // remote_apply waits for all that « on » waits for, and more; remote_write waits for a standby that may
            // still lose what it has not flushed.
            let stricter = *setting == "synchronous_commit" && found == "remote_apply";
            if found != wanted && !stricter {
                return Err(OpenError::NotDurable { setting, found: found.clone(), wanted });
            }
        }
        Ok(Durability(settings.into_iter().map(|(name, value, _)| (name, value)).collect()))
    }
}

async fn open_sqlite(file: &Path, connections: u32, patience: Patience) -> Result<Pools, OpenError> {
    let base = SqliteConnectOptions::new().filename(file).disable_statement_logging();
    let writer = base
        .clone()
        .create_if_missing(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("secure_delete", "FAST")
        .foreign_keys(true)
        .busy_timeout(patience.limit())
        .statement_cache_capacity(256);
    // The pool tests a connection when it comes back: testing a file again before each use finds nothing.
    let pool = |most: u32| {
        SqlitePoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE).test_before_acquire(false)
    };
    let write = pool(1)
        // After a full disk SQLite has rolled back by itself while the driver still counts a transaction: such a
        // connection could never begin again, so another takes its place.
        .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
        .connect_with(writer)
        .await
        .map_err(DbError::from)?;
    check_after_damage(file, &write).await?;
    let read = pool(connections.max(1))
        .connect_with(base.read_only(true).busy_timeout(ACQUIRE).statement_cache_capacity(256))
        .await
        .map_err(DbError::from)?;
    let place = Place::of(file).map_err(|error| DbError::Unavailable(error.to_string()))?;
    Ok(Pools::Sqlite { write, read, file: file.to_owned(), place })
}

/// Opens a transaction in the file that was opened, and in no other.
async fn begin_sqlite(write: &SqlitePool, place: &Place) -> Result<Tx, DbError> {
    let tx = write.begin_with("BEGIN IMMEDIATE").await?;
    place.check()?;
    Ok(Tx::Sqlite(tx))
}

async fn open_postgres(url: &str, connections: u32) -> Result<Pools, OpenError> {
    let options: PgConnectOptions = url.parse().map_err(DbError::from)?;
    let options = options
        .disable_statement_logging()
        .application_name("compte-partenaire")
        .statement_cache_capacity(256)
        // A statement that waits longer than a trace may wait is ended by the server.
        .options([("statement_timeout", "2000"), ("idle_in_transaction_session_timeout", "10000")]);
    let pool = |most: u32| PgPoolOptions::new().max_connections(most).acquire_timeout(ACQUIRE);
    // Pages read far more than they write.
    let writers = (connections / 4).max(1);
    let readers = connections.saturating_sub(writers).max(1);
    let read_only = options.clone().options([("default_transaction_read_only", "on")]);
    let ledger = pool(2).connect_with(options.clone()).await.map_err(DbError::from)?;
    let write = pool(writers).connect_with(options).await.map_err(DbError::from)?;
    let read = pool(readers).connect_with(read_only).await.map_err(DbError::from)?;
    Ok(Pools::Postgres { write, read, ledger })
}

/// Where a damaged store leaves a note for its next opening.
pub(super) fn damage_note(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".a-verifier");
    PathBuf::from(name)
}

/// After a failed flush or damage the store is believed again only once it was reopened and checked whole.
async fn check_after_damage(file: &Path, write: &SqlitePool) -> Result<(), OpenError> {
    let note = damage_note(file);
    if !note.exists() {
        return Ok(());
    }
    let found: Vec<(String,)> =
        sqlx::query_as("PRAGMA integrity_check(5)").fetch_all(write).await.map_err(DbError::from)?;
    if found.iter().any(|(line,)| line != "ok") {
        let lines: Vec<String> = found.into_iter().map(|(line,)| line).collect();
        return Err(OpenError::Damaged(lines.join("; ")));
    }
    std::fs::remove_file(&note).map_err(|error| OpenError::Damaged(error.to_string()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::clock::{Clock, Entropy};
    use crate::crypto::{Key, Keys};

    fn recorder() -> Recorder {
        Recorder {
            clock: Clock::by_hand(Timestamp::new(time::macros::datetime!(2026-11-23 08:30 UTC))),
            entropy: Entropy::seeded(1),
            keys: Arc::new(Keys::only(Key::new(1, &[7; 32]).unwrap())),
        }
    }

    /// A load of half a million files once lost the race for the lock for two seconds, and stopped there.
    #[tokio::test]
    async fn a_command_waits_for_the_writer_longer_than_a_page() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("essai.db").display());
        for (patience, wanted) in [(Patience::Page, 2_000_i64), (Patience::Command, 120_000)] {
            let db = Db::open(&url, 1, patience, recorder()).await.unwrap();
            let Pools::Sqlite { write, .. } = &db.pools else { panic!("another engine") };
            let waits: (i64,) = sqlx::query_as("PRAGMA busy_timeout").fetch_one(write).await.unwrap();
            assert_eq!(waits.0, wanted, "{patience:?}");
        }
    }

    /// Nothing outside of a connection can weaken SQLite's: the settings are read back all the same.
    #[tokio::test]
    async fn a_connection_that_does_not_flush_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("essai.db");
        let url = format!("sqlite:{}", file.display());
        let mut db = Db::open(&url, 2, Patience::Page, recorder()).await.unwrap();
        db.check_durability().await.unwrap();
        for (pragma, setting) in [("synchronous=NORMAL", "synchronous"), ("synchronous=OFF", "synchronous")] {
            let options = SqliteConnectOptions::new().filename(&file);
            let weak = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA {pragma}"))).execute(&weak).await.unwrap();
            let Pools::Sqlite { write, .. } = &mut db.pools else { panic!("another engine") };
            *write = weak;
            match db.check_durability().await {
                Err(OpenError::NotDurable { setting: found, .. }) => assert_eq!(found, setting),
                other => panic!("{pragma}: {other:?}"),
            }
        }
    }
}
