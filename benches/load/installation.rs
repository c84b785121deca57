//! A database of the portal's own, with its keys, gone when the measures end.

use std::path::{Path, PathBuf};

use compte_partenaire::clock::Entropy;
use compte_partenaire::config::{Foundation, SecretUrl};
use compte_partenaire::telemetry::{LogFormat, LogSettings};
use compte_partenaire::{keys, serve};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use tempfile::TempDir;

use crate::Failure;
use crate::postgres::server_process;

/// What every process of the portal stands on.
pub(crate) fn foundation(url: &str, keys: &Path, connections: u32) -> Foundation {
    Foundation {
        database_url: SecretUrl::new(url),
        owner_url: None,
        connections,
        keys: keys.to_owned(),
        checkpoints: None,
        log: LogSettings { filter: "info".to_owned(), format: LogFormat::Json },
    }
}

/// A migrated database, its keys, a folder.
pub(crate) struct Installation {
    folder: TempDir,
    url: String,
    engine: Engine,
    /// Those of the portal, beside the ledger's.
    pub(crate) connections: u32,
}

enum Engine {
    Sqlite,
    Postgres { administrator: Box<PgConnectOptions>, name: String, process: u32 },
}

impl Installation {
    /// Embedded, on the volume of the raw measures.
    pub(crate) async fn sqlite(connections: u32) -> Result<Self, Failure> {
        let folder = folder()?;
        let url = format!("sqlite:{}", folder.path().join("portal.db").display());
        let installation = Self { folder, url, engine: Engine::Sqlite, connections };
        installation.prepare(None).await?;
        Ok(installation)
    }

    /// A database of that server; `server` is a superuser's.
    pub(crate) async fn postgres(server: &str, connections: u32) -> Result<Self, Failure> {
        let administrator: PgConnectOptions = server.parse()?;
        let name = format!("load_portal_{}", std::process::id());
        let mut connection = administrator.connect().await?;
        let process = server_process(&mut connection).await?;
        run(&mut connection, format!("CREATE DATABASE {name}")).await?;
        // The portal never connects as the owner: its role may not change a trace.
        let url =
            administrator.clone().username(&name).password(&name).database(&name).to_url_lossy().to_string();
        let owner = administrator.clone().database(&name).to_url_lossy().to_string();
        let login =
            format!("CREATE ROLE {name} LOGIN PASSWORD '{name}' IN ROLE compte_partenaire_application");
        let engine = Engine::Postgres { administrator: Box::new(administrator), name, process };
        let installation = Self { folder: folder()?, url, engine, connections };
        // The first migrations make the role that this one belongs to.
        installation.prepare(Some(SecretUrl::new(owner))).await?;
        run(&mut connection, login).await?;
        connection.close().await?;
        Ok(installation)
    }

    async fn prepare(&self, owner_url: Option<SecretUrl>) -> Result<(), Failure> {
        keys::generate(&self.keys(), &Entropy::of_the_machine())?;
        serve::prepare(&Foundation { owner_url, ..self.foundation(1) }).await?;
        Ok(())
    }

    /// What this process opens it with.
    pub(crate) fn foundation(&self, connections: u32) -> Foundation {
        foundation(&self.url, &self.keys(), connections)
    }

    /// Where the portal finds it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The folder of its keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// The folder of its checkpoints.
    pub(crate) fn checkpoints(&self) -> PathBuf {
        self.folder.path().join("checkpoints")
    }

    /// Room for files of the measures.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The engine, in a title.
    pub(crate) fn title(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres { .. } => "PostgreSQL",
        }
    }

    /// The database's own process, where it has one.
    pub(crate) fn process(&self) -> Option<u32> {
        match self.engine {
            Engine::Sqlite => None,
            Engine::Postgres { process, .. } => Some(process),
        }
    }

    /// How many traces of a fact are kept.
    pub(crate) async fn traces(&self, fact: &str) -> Result<i64, Failure> {
        self.count("SELECT CAST(count(*) AS BIGINT) FROM trace WHERE fact = $1", fact).await
    }

    /// How many traces wait for their seal.
    pub(crate) async fn waiting(&self) -> Result<i64, Failure> {
        self.count("SELECT CAST(count(*) AS BIGINT) FROM trace_unsealed WHERE $1 = ''", "").await
    }

    async fn count(&self, sql: &'static str, of: &str) -> Result<i64, Failure> {
        Ok(match &self.engine {
            Engine::Sqlite => {
                let file = self.url.trim_start_matches("sqlite:");
                let mut connection =
                    SqliteConnectOptions::new().filename(file).read_only(true).connect().await?;
                sqlx::query_scalar(sql).bind(of).fetch_one(&mut connection).await?
            }
            Engine::Postgres { administrator, name, .. } => {
                let mut connection = administrator.clone().database(name).connect().await?;
                let count = sqlx::query_scalar(sql).bind(of).fetch_one(&mut connection).await?;
                connection.close().await?;
                count
            }
        })
    }

    /// Lets the portal seal, or holds the seal for somebody who never does.
    pub(crate) async fn seal(&self, on: bool) -> Result<(), Failure> {
        let (nobody, far, past) = match self.engine {
            Engine::Sqlite => ("zeroblob(16)", "9000000000000000", "0"),
            Engine::Postgres { .. } => (
                "'00000000-0000-0000-0000-000000000000'",
                "TIMESTAMPTZ '2200-01-01'",
                "TIMESTAMPTZ '2000-01-01'",
            ),
        };
        let until = if on { past } else { far };
        self.run(&format!("UPDATE trace_sealer SET node = {nobody}, until = {until}, epoch = epoch + 1"))
            .await
    }

    /// Lets the portal begin a run of the purge as soon as it starts, or for years not.
    pub(crate) async fn purge(&self, on: bool) -> Result<(), Failure> {
        let far = match self.engine {
            Engine::Sqlite => "9000000000000000",
            Engine::Postgres { .. } => "TIMESTAMPTZ '2200-01-01'",
        };
        let next = if on { "NULL" } else { far };
        self.run(&format!("UPDATE trace_purge SET next_at = {next}, done_at = NULL WHERE id = 1")).await
    }

    /// Whether a run of the purge went to its end.
    pub(crate) async fn purged(&self) -> Result<bool, Failure> {
        let sql = "SELECT CAST(count(*) AS BIGINT) FROM trace_purge WHERE done_at IS NOT NULL AND $1 = ''";
        Ok(self.count(sql, "").await? > 0)
    }

    /// Runs a statement as the owner of the database.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), Failure> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.engine {
            Engine::Sqlite => {
                let file = self.url.trim_start_matches("sqlite:");
                let mut connection = SqliteConnectOptions::new().filename(file).connect().await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await?;
            }
            Engine::Postgres { administrator, name, .. } => {
                let mut connection = administrator.clone().database(name).connect().await?;
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// How many connections the portal holds, where they cost the server a process each.
    pub(crate) async fn connections_held(&self) -> Result<Option<i64>, Failure> {
        let Engine::Postgres { administrator, name, .. } = &self.engine else { return Ok(None) };
        let mut connection = administrator.connect().await?;
        let count =
            sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND usename = $1")
                .bind(name)
                .fetch_one(&mut connection)
                .await?;
        connection.close().await?;
        Ok(Some(count))
    }

    /// Leaves nothing on the server. The folder goes by itself.
    pub(crate) async fn erase(self) -> Result<(), Failure> {
        let Engine::Postgres { administrator, name, .. } = self.engine else { return Ok(()) };
        let mut connection = administrator.connect().await?;
        run(&mut connection, format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        run(&mut connection, format!("DROP ROLE {name}")).await?;
        Ok(())
    }
}

fn folder() -> Result<TempDir, Failure> {
    Ok(tempfile::Builder::new().prefix("portal-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), Failure> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}
