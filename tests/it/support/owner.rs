//! The owner of a database, who asks it directly: what tests read behind the program's back.

use compte_partenaire::domain::id::RowId;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

use super::{Backend, TestApp};

/// A connection of its own, on either engine.
pub enum Owner {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Owner {
    pub async fn of(app: &TestApp) -> Self {
        Self::at(app.backend, &app.database.owner_url).await
    }

    /// Somebody else: whoever the URL names.
    pub async fn at(backend: Backend, url: &str) -> Self {
        match backend {
            Backend::Sqlite => Self::Sqlite(SqliteConnection::connect(url).await.unwrap()),
            Backend::Postgres => Self::Postgres(PgConnection::connect(url).await.unwrap()),
        }
    }

    /// The single column of a statement, as texts, in order.
    pub async fn lines(&mut self, sql: &str) -> Vec<String> {
        let text = AssertSqlSafe(sql.to_owned());
        let mut lines: Vec<String> = match self {
            Self::Sqlite(connection) => {
                let rows = sqlx::query(text).fetch_all(connection).await;
                rows.unwrap_or_else(|error| panic!("{error}: {sql}")).iter().map(|row| row.get(0)).collect()
            }
            Self::Postgres(connection) => {
                let rows = sqlx::query(text).fetch_all(connection).await;
                rows.unwrap_or_else(|error| panic!("{error}: {sql}")).iter().map(|row| row.get(0)).collect()
            }
        };
        lines.sort();
        lines
    }

    /// Runs a statement; the engine's words when it refuses.
    pub async fn run(&mut self, sql: &str) -> Result<(), String> {
        let text = AssertSqlSafe(sql.to_owned());
        let run = match self {
            Self::Sqlite(connection) => connection.execute(text).await.map(|_| ()),
            Self::Postgres(connection) => connection.execute(text).await.map(|_| ()),
        };
        run.map_err(|error| error.to_string())
    }

    /// An id, as the engine's texts write it.
    pub fn id(&self, id: impl RowId) -> String {
        match self {
            Self::Sqlite(_) => format!("X'{}'", id.as_uuid().simple()),
            Self::Postgres(_) => format!("'{id}'::uuid"),
        }
    }

    /// Every table, but the one that keeps the migrations.
    pub async fn tables(&mut self) -> Vec<String> {
        self.lines(match self {
            Self::Sqlite(_) => {
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('_sqlx_migrations', 'sqlite_sequence')"
            }
            Self::Postgres(_) => {
                "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'"
            }
        })
        .await
    }

    /// The names of a table's columns.
    pub async fn columns(&mut self, table: &str) -> Vec<String> {
        self.lines(&match self {
            Self::Sqlite(_) => format!("SELECT name FROM pragma_table_info('{table}')"),
            Self::Postgres(_) => format!(
                "SELECT column_name::text FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}'"
            ),
        })
        .await
    }

    /// Every row of a table that keeps a condition, each as one text.
    pub async fn rows(&mut self, table: &str, condition: &str) -> Vec<String> {
        let sql = if let Self::Postgres(_) = self {
            format!("SELECT to_jsonb(t)::text FROM {table} t WHERE {condition}")
        } else {
            let columns = self.columns(table).await;
            let quoted: Vec<String> =
                columns.iter().map(|column| format!("'{column}', quote({column})")).collect();
            format!("SELECT json_object({}) FROM {table} t WHERE {condition}", quoted.join(", "))
        };
        self.lines(&sql).await
    }
}
