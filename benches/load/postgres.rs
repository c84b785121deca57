//! What PostgreSQL can commit durably on this volume: it groups the commits of its clients by itself.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::Failure;
use crate::clients::{Client, Load, Processes, after, closed_loop};
use crate::report::{Raw, columns, heading, note, point, ratio};
use crate::rows::Rows;
use crate::volume;

/// Settings that say what a commit is worth.
const DURABILITY: [&str; 3] = ["fsync", "synchronous_commit", "full_page_writes"];

/// Measures, and prints. `url` is a superuser's: the measures have a database of their own.
pub(crate) async fn limits(url: &str, lasting: Duration) -> Result<Raw, Failure> {
    heading("PostgreSQL, alone");
    let server: PgConnectOptions = url.parse()?;
    let mut administrator = server.connect().await?;
    let process = describe(&mut administrator).await?;

    let database = format!("load_{}", std::process::id());
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {database}"))).execute(&mut administrator).await?;
    let measured = measure(&server.database(&database), process, lasting).await;
    sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE {database}"))).execute(&mut administrator).await?;
    administrator.close().await?;
    measured
}

async fn measure(database: &PgConnectOptions, process: u32, lasting: Duration) -> Result<Raw, Failure> {
    let mut connection = database.connect().await?;
    sqlx::raw_sql("CREATE TABLE raw (key BYTEA PRIMARY KEY, at BIGINT NOT NULL, body TEXT NOT NULL)")
        .execute(&mut connection)
        .await?;
    connection.close().await?;

    columns();
    let load = async |clients, rows| load(database, clients, rows, process, lasting).await;
    let alone = load(1, 1).await?;
    point("1 row a commit, 1 client", 1, &alone);
    let sixteen = load(16, 1).await?;
    point("1 row a commit, 16 clients", 1, &sixteen);
    let sixty_four = load(64, 1).await?;
    point("1 row a commit, 64 clients", 1, &sixty_four);
    let grouped = load(1, 64).await?;
    point("64 rows a commit, 1 client", 64, &grouped);
    ratio("16 clients, to 1", sixteen.per_second(), alone.per_second());
    ratio("64 clients, to 1", sixty_four.per_second(), alone.per_second());
    ratio(
        "64 rows a commit by 1 client, to 64 clients",
        64.0 * grouped.per_second(),
        sixty_four.per_second(),
    );
    let one = alone.per_second();
    Ok(Raw { alone, crowds: vec![(1, one), (16, sixteen.per_second()), (64, sixty_four.per_second())] })
}

async fn load(
    database: &PgConnectOptions,
    clients: u32,
    rows: u32,
    process: u32,
    lasting: Duration,
) -> Result<Load, Failure> {
    let mut writers = Vec::new();
    for _ in 0..clients {
        writers.push(Writer::new(database.connect().await?, rows));
    }
    closed_loop(writers, after(lasting), Processes { database: Some(process), ..Processes::default() }).await
}

/// Says how durable a commit is, as read back from the server, and returns the server's process.
async fn describe(connection: &mut PgConnection) -> Result<u32, Failure> {
    let mut settings = Vec::new();
    for name in DURABILITY {
        let value = setting(connection, name).await?;
        if value != "on" {
            return Err(format!("PostgreSQL is not durable: {name}={value}").into());
        }
        settings.push(format!("{name}={value}"));
    }
    let version = setting(connection, "server_version").await?;
    let method = setting(connection, "wal_sync_method").await?;
    note(&format!("PostgreSQL {version}: {}, wal_sync_method={method}", settings.join(", ")));
    volume::describe(Path::new(&setting(connection, "data_directory").await?))?;

    server_process(connection).await
}

/// The process that is the parent of every connection's.
pub(crate) async fn server_process(connection: &mut PgConnection) -> Result<u32, Failure> {
    let first_line = "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)";
    let process: String = sqlx::query_scalar(first_line).fetch_one(connection).await?;
    Ok(process.parse()?)
}

async fn setting(connection: &mut PgConnection, name: &str) -> Result<String, Failure> {
    Ok(sqlx::query_scalar("SELECT current_setting($1)").bind(name).fetch_one(connection).await?)
}

/// A client with its own connection: a statement of so many rows is one commit.
struct Writer {
    connection: PgConnection,
    group: u32,
    rows: Rows,
}

impl Writer {
    fn new(connection: PgConnection, group: u32) -> Self {
        Self { connection, group, rows: Rows::new() }
    }
}

impl Client for Writer {
    async fn act(&mut self) -> Result<(), Failure> {
        let (mut keys, mut instants, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.group {
            let (key, at, body) = self.rows.next();
            keys.push(key);
            instants.push(at);
            bodies.push(body);
        }
        sqlx::query(
            "INSERT INTO raw (key, at, body) SELECT * FROM UNNEST($1::bytea[], $2::bigint[], $3::text[])",
        )
        .bind(keys)
        .bind(instants)
        .bind(bodies)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }
}
