//! Bringing a schema up, and refusing to serve on another one.
//!
//! Migrations run under the owner's URL; the application's role can neither create a table nor touch a trace.

use std::path::Path;

use sqlx::migrate::Migrator;
use sqlx::{Connection as _, PgConnection};

use super::connect::{Db, OpenError, Patience, Pools};
use super::{DbError, Recorder};
use crate::crypto::Keys;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The version that this program serves on.
pub fn wanted() -> i64 {
    POSTGRES.iter().map(|migration| migration.version).max().unwrap_or(0)
}

/// Applies what is missing to the database at `owner_url`.
pub async fn migrate(owner_url: &str, recorder: Recorder) -> Result<(), OpenError> {
    if let Some(path) = owner_url.strip_prefix("sqlite:") {
        let path = Path::new(path.trim_start_matches("//"));
        let db = Db::open(&format!("sqlite:{}", path.display()), 1, Patience::Command, recorder).await?;
        if let Pools::Sqlite { write, .. } = &db.pools {
            SQLITE.run(write).await.map_err(|error| failed(&error))?;
        }
        db.close().await;
    } else {
        let mut owner = PgConnection::connect(owner_url).await.map_err(DbError::from)?;
        POSTGRES.run(&mut owner).await.map_err(|error| failed(&error))?;
        owner.close().await.map_err(DbError::from)?;
    }
    Ok(())
}

fn failed(error: &sqlx::migrate::MigrateError) -> OpenError {
    OpenError::Db(DbError::Defect(error.to_string()))
}

impl Db {
    /// Refuses a schema that is not this program's.
    pub async fn check_schema(&self) -> Result<(), OpenError> {
        const VERSION: &str = "SELECT max(version) FROM _sqlx_migrations WHERE success";
        let found: Result<Option<(Option<i64>,)>, sqlx::Error> = match &self.pools {
            Pools::Sqlite { write, .. } => sqlx::query_as(VERSION).fetch_optional(write).await,
            Pools::Postgres { write, .. } => sqlx::query_as(VERSION).fetch_optional(write).await,
        };
        let found = match found {
            Ok(row) => row.and_then(|(version,)| version).unwrap_or(0),
            // No table of migrations: an empty database.
            Err(sqlx::Error::Database(_)) => 0,
            Err(error) => return Err(DbError::from(error).into()),
        };
        if found == wanted() { Ok(()) } else { Err(OpenError::Schema { found, wanted: wanted() }) }
    }

    /// Records the fingerprints of keys not seen before; refuses a key that is not the one recorded.
    pub async fn check_keys(&self, keys: &Keys) -> Result<(), OpenError> {
        let mut tx = self.begin_write().await?;
        for key in keys.all() {
            tx.query(
                &self.faults,
                "INSERT INTO trace_key (number, fingerprint) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING",
            )
            .bind(key.number())
            .bind(key.fingerprint().to_vec())
            .execute()
            .await?;
            let kept: Vec<u8> = tx
                .query(&self.faults, "SELECT fingerprint FROM trace_key WHERE number = $1")
                .bind(key.number())
                .fetch_value()
                .await?;
            if kept != key.fingerprint() {
                return Err(OpenError::Key { number: key.number() });
            }
        }
        tx.commit(&self.faults).await?;
        Ok(())
    }
}
