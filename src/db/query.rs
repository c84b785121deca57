//! One statement, two native drivers: the arguments are bound for the driver at hand, nothing is translated.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments as _, Encode, FromRow, Postgres, Sqlite, Type};

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
        let args = Ok(match self {
            Self::Sqlite(_) => Args::Sqlite(SqliteArguments::default()),
            Self::Postgres(_) => Args::Postgres(PgArguments::default()),
        });
        Query { tx: self, faults, sql, args }
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

enum Args {
    Sqlite(SqliteArguments),
    Postgres(PgArguments),
}

/// A statement being filled in.
#[must_use = "a statement does nothing until it is run"]
pub struct Query<'t> {
    tx: &'t mut Tx,
    faults: &'t Faults,
    sql: &'static str,
    args: Result<Args, DbError>,
}

impl Query<'_> {
    /// Binds the next placeholder.
    pub fn bind(mut self, value: impl Value) -> Self {
        self.args = self.args.and_then(|mut args| {
            match &mut args {
                Args::Sqlite(bound) => bound.add(value),
                Args::Postgres(bound) => bound.add(value),
            }
            .map_err(|error| DbError::Defect(error.to_string()))?;
            Ok(args)
        });
        self
    }

    /// Runs it; gives the number of rows it touched.
    pub async fn execute(self) -> Result<u64, DbError> {
        let (step, sql) = (self.faults.step(), self.sql);
        if matches!(step, Step::Fail) {
            return Err(Faults::error());
        }
        let touched = match (self.tx, self.args?) {
            (Tx::Sqlite(tx), Args::Sqlite(args)) => {
                sqlx::query_with::<Sqlite, _>(sql, args).execute(&mut **tx).await?.rows_affected()
            }
            (Tx::Postgres(tx), Args::Postgres(args)) => {
                sqlx::query_with::<Postgres, _>(sql, args).execute(&mut **tx).await?.rows_affected()
            }
            _ => return Err(mixed()),
        };
        if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(touched) }
    }

    /// Runs it; gives every row. The statement bounds them: each list has a limit.
    pub async fn fetch_all<T: Record>(self) -> Result<Vec<T>, DbError> {
        let (step, sql) = (self.faults.step(), self.sql);
        if matches!(step, Step::Fail) {
            return Err(Faults::error());
        }
        let rows = match (self.tx, self.args?) {
            (Tx::Sqlite(tx), Args::Sqlite(args)) => {
                sqlx::query_as_with::<Sqlite, T, _>(sql, args).fetch_all(&mut **tx).await?
            }
            (Tx::Postgres(tx), Args::Postgres(args)) => {
                sqlx::query_as_with::<Postgres, T, _>(sql, args).fetch_all(&mut **tx).await?
            }
            _ => return Err(mixed()),
        };
        if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(rows) }
    }

    /// Runs it; gives the first row, if there is one.
    pub async fn fetch_optional<T: Record>(self) -> Result<Option<T>, DbError> {
        let (step, sql) = (self.faults.step(), self.sql);
        if matches!(step, Step::Fail) {
            return Err(Faults::error());
        }
        let row = match (self.tx, self.args?) {
            (Tx::Sqlite(tx), Args::Sqlite(args)) => {
                sqlx::query_as_with::<Sqlite, T, _>(sql, args).fetch_optional(&mut **tx).await?
            }
            (Tx::Postgres(tx), Args::Postgres(args)) => {
                sqlx::query_as_with::<Postgres, T, _>(sql, args).fetch_optional(&mut **tx).await?
            }
            _ => return Err(mixed()),
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

/// Arguments are made for the transaction's own driver, so this cannot happen.
fn mixed() -> DbError {
    DbError::Defect("arguments of the other driver".to_owned())
}
