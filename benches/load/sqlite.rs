//! What SQLite can commit durably on this volume: the same row alone, then in groups.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::Failure;
use crate::clients::{Client, Load, Processes, after, closed_loop};
use crate::report::{Raw, columns, heading, note, point, ratio};
use crate::rows::Rows;
use crate::volume;

/// Measures, and prints.
pub(crate) async fn limits(lasting: Duration) -> Result<Raw, Failure> {
    heading("SQLite, alone");
    let folder = tempfile::Builder::new().prefix("load-").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mut connection = open(folder.path()).await?;
    describe(&mut connection).await?;
    volume::describe(folder.path())?;
    let disk = volume::fdatasync_rate(folder.path(), lasting)?;
    sqlx::raw_sql("CREATE TABLE raw (key BLOB PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT")
        .execute(&mut connection)
        .await?;
    connection.close().await?;

    columns();
    let single = load(folder.path(), 1, lasting).await?;
    point("1 row a commit", 1, &single);
    let sixteen = load(folder.path(), 16, lasting).await?;
    point("16 rows a commit", 16, &sixteen);
    let sixty_four = load(folder.path(), 64, lasting).await?;
    point("64 rows a commit", 64, &sixty_four);
    ratio("1 row a commit, to fdatasync", single.per_second(), disk);
    ratio("16 rows a commit, to 1", 16.0 * sixteen.per_second(), single.per_second());
    ratio("64 rows a commit, to 1", 64.0 * sixty_four.per_second(), single.per_second());
    Ok(Raw { alone: single, crowds: Vec::new() })
}

async fn load(folder: &Path, rows: u32, lasting: Duration) -> Result<Load, Failure> {
    let writer = Writer::new(open(folder).await?, rows);
    closed_loop(vec![writer], after(lasting), Processes::default()).await
}

async fn open(folder: &Path) -> Result<SqliteConnection, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("raw.sqlite"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    Ok(options.connect().await?)
}

/// Says how durable a commit is, as read back from the connection.
async fn describe(connection: &mut SqliteConnection) -> Result<(), Failure> {
    let version: String = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut *connection).await?;
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await?;
    let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await?;
    note(&format!("SQLite {version}: journal_mode={journal}, synchronous={synchronous} (2 is FULL)"));
    if (journal.as_str(), synchronous) == ("wal", 2) { Ok(()) } else { Err("SQLite is not durable".into()) }
}

/// The one writer: a statement of so many rows is one commit.
struct Writer {
    connection: SqliteConnection,
    insert: String,
    group: u32,
    rows: Rows,
}

impl Writer {
    fn new(connection: SqliteConnection, group: u32) -> Self {
        let values = vec!["(?, ?, ?)"; group as usize].join(", ");
        let insert = format!("INSERT INTO raw (key, at, body) VALUES {values}");
        Self { connection, insert, group, rows: Rows::new() }
    }
}

impl Client for Writer {
    async fn act(&mut self) -> Result<(), Failure> {
        let mut insert = sqlx::query(AssertSqlSafe(self.insert.as_str()));
        for _ in 0..self.group {
            let (key, at, body) = self.rows.next();
            insert = insert.bind(key).bind(at).bind(body);
        }
        insert.execute(&mut self.connection).await?;
        Ok(())
    }
}
