//! One statement, two native drivers: the arguments are bound for the driver at hand, nothing is translated.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, Encode, FromRow, PgConnection, Postgres, Sqlite, SqliteConnection, Type};

use super::DbError;
use super::faults::{Faults, Step};

/// A value that both databases can keep.
pub trait Value:
    Type<Sqlite> + Type<Postgres> + for<'q> Encode<'q, Sqlite> + for<'q> Encode<'q, Postgres> + Send
{
}
impl<T> Value for T where
    T: Type<Sqlite> + Type<Postgres> + for<'q> Encode<'q, Sqlite> + for<'q> Encode<'q, Postgres> + Send
{
}

/// A row that both databases can give: `#[derive(FromRow)]` is enough.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// An open transaction on one of the two engines.
pub(super) enum Tx {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Tx {
    pub(super) fn query<'t>(&'t mut self, faults: &'t Faults, sql: &'static str) -> Query<'t> {
        match self {
            Self::Sqlite(tx) => Query::on_sqlite(tx, faults, sql),
            Self::Postgres(tx) => Query::on_postgres(tx, faults, sql),
        }
    }

    pub(super) async fn commit(self, faults: &Faults) -> Result<(), DbError> {
        let step = faults.step();
        if matches!(step, Step::Fail) {
            return Err(Faults::error());
        }
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(()) }
    }
}

/// A connection on which the engine refuses writes. Each statement is by itself: it sees what is committed when it
/// runs, which is all that PostgreSQL's usual transactions would give, without the two round trips of one.
pub(super) enum View {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl View {
    pub(super) fn query<'t>(&'t mut self, faults: &'t Faults, sql: &'static str) -> Query<'t> {
        match self {
            Self::Sqlite(connection) => Query::on_sqlite(connection, faults, sql),
            Self::Postgres(connection) => Query::on_postgres(connection, faults, sql),
        }
    }
}

/// Where a statement runs, and what is bound to it, for the driver at hand.
enum Bound<'t> {
    Sqlite(&'t mut SqliteConnection, SqliteArguments),
    Postgres(&'t mut PgConnection, PgArguments),
}

/// A statement being filled in.
#[must_use = "a statement does nothing until it is run"]
pub struct Query<'t> {
    faults: &'t Faults,
    sql: &'static str,
    bound: Result<Bound<'t>, DbError>,
    /// Whether the connection keeps it prepared.
    kept: bool,
}

impl<'t> Query<'t> {
    fn on_sqlite(connection: &'t mut SqliteConnection, faults: &'t Faults, sql: &'static str) -> Self {
        Self { faults, sql, bound: Ok(Bound::Sqlite(connection, SqliteArguments::default())), kept: true }
    }

    fn on_postgres(connection: &'t mut PgConnection, faults: &'t Faults, sql: &'static str) -> Self {
        Self { faults, sql, bound: Ok(Bound::Postgres(connection, PgArguments::default())), kept: true }
    }

    /// Binds the next placeholder.
    pub fn bind(mut self, value: impl Value) -> Self {
        self.bound = self.bound.and_then(|mut bound| {
            match &mut bound {
                Bound::Sqlite(_, args) => args.add(value),
                Bound::Postgres(_, args) => args.add(value),
            }
            .map_err(|error| DbError::Defect(error.to_string()))?;
            Ok(bound)
        });
        self
    }

    /// Has it planned for the values bound, each time. Of a statement that it keeps, PostgreSQL ends by making one
    /// plan for all values: where most filters are NULL, that plan believes that they leave nothing, and sorts.
    pub fn planned_for_its_values(mut self) -> Self {
        self.kept = false;
        self
    }

    /// Runs it; gives the number of rows it touched.
    pub async fn execute(self) -> Result<u64, DbError> {
        let (step, sql) = (self.faults.step(), self.sql);
        if matches!(step, Step::Fail) {
            return Err(Faults::error());
        }
        let touched = match self.bound? {
            Bound::Sqlite(connection, args) => {
                sqlx::query_with::<Sqlite, _>(sql, args).execute(connection).await?.rows_affected()
            }
            Bound::Postgres(connection, args) => {
                sqlx::query_with::<Postgres, _>(sql, args).execute(connection).await?.rows_affected()
            }
        };
        if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(touched) }
    }

    /// Runs it; gives every row. The statement bounds them: each list has a limit.
    pub async fn fetch_all<T: Record>(self) -> Result<Vec<T>, DbError> {
        let (step, sql, kept) = (self.faults.step(), self.sql, self.kept);
        if matches!(step, Step::Fail) {
            return Err(Faults::error());
        }
        let rows = match self.bound? {
            Bound::Sqlite(connection, args) => {
                sqlx::query_as_with::<Sqlite, T, _>(sql, args).persistent(kept).fetch_all(connection).await?
            }
            Bound::Postgres(connection, args) => {
                sqlx::query_as_with::<Postgres, T, _>(sql, args)
                    .persistent(kept)
                    .fetch_all(connection)
                    .await?
            }
        };
        if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(rows) }
    }

    /// Runs it; gives the first row, if there is one.
    pub async fn fetch_optional<T: Record>(self) -> Result<Option<T>, DbError> {
        let (step, sql, kept) = (self.faults.step(), self.sql, self.kept);
        if matches!(step, Step::Fail) {
            return Err(Faults::error());
        }
        let row = match self.bound? {
            Bound::Sqlite(connection, args) => {
                sqlx::query_as_with::<Sqlite, T, _>(sql, args)
                    .persistent(kept)
                    .fetch_optional(connection)
                    .await?
            }
            Bound::Postgres(connection, args) => {
                sqlx::query_as_with::<Postgres, T, _>(sql, args)
                    .persistent(kept)
                    .fetch_optional(connection)
                    .await?
            }
        };
        if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(row) }
    }

    /// Runs it; gives the single value of its single row.
    pub async fn fetch_value<V>(self) -> Result<V, DbError>
    where
        (V,): Record,
    {
        let row: Option<(V,)> = self.fetch_optional().await?;
        row.map(|(value,)| value).ok_or_else(|| DbError::Defect("no row where one is sure".to_owned()))
    }
}
