//! Writing traces down: salt, key, MAC, search columns, and the batch insert.
//!
//! Batches are the statements written once for each engine: fixed texts of 1 to 64 rows on SQLite, arrays on
//! PostgreSQL. The entries of sessions, which are written with the traces, are here too.

use std::sync::{Arc, LazyLock};

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Sqlite};

use super::DbError;
use super::connect::Engine;
use super::faults::{Faults, Step};
use super::query::Tx;
use crate::clock::{Clock, Entropy};
use crate::crypto::{Keys, Purpose};
use crate::domain::id::{RowId as _, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace::{Happening, SearchColumns, Trace};
use crate::seal::leaf::{Leaf, commitment};

/// What every trace needs beside its fact: an instant, an id, a salt, a key.
#[derive(Clone, Debug)]
pub struct Recorder {
    /// The clock.
    pub clock: Clock,
    /// Ids and salts.
    pub entropy: Entropy,
    /// The keys of the MAC.
    pub keys: Arc<Keys>,
}

/// A trace in its final form, ready to be inserted.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) trace: Trace,
    salt: [u8; 16],
    key: i32,
    mac: [u8; 32],
    columns: SearchColumns,
}

impl Row {
    /// The leaf that it will be.
    pub(super) fn leaf(&self) -> Leaf {
        Leaf {
            month: self.trace.month,
            id: self.trace.id,
            keep_until: self.trace.keep_until,
            commitment: commitment(&self.trace.header(&self.salt, self.key), &self.trace.body, &self.mac),
        }
    }
}

impl Recorder {
    /// Gives a happening its final form.
    pub(super) fn row(&self, happening: &Happening) -> Result<Row, DbError> {
        let id: TraceId = self.entropy.id(happening.at);
        let trace = Trace::of(id, happening);
        let salt: [u8; 16] = self.entropy.bytes();
        let key = self.keys.current().number();
        let mac = self.keys.mac(Purpose::Traces, &[&trace.header(&salt, key), trace.body.as_bytes()]);
        let columns = SearchColumns::of(&trace.body)
            .ok_or_else(|| DbError::Defect("a body that its own reader refuses".to_owned()))?;
        Ok(Row { trace, salt, key, mac, columns })
    }
}

/// Texts of a batch on SQLite, which has no arrays: as many of the largest as fit, then of the next one. Halving leaves
/// at most one of each, and each costs a message to the thread that holds the file.
struct Texts {
    rows: usize,
    traces: String,
    unsealed: String,
    entries: String,
}

static TEXTS: LazyLock<[Texts; 7]> = LazyLock::new(|| [64, 32, 16, 8, 4, 2, 1].map(Texts::of));

impl Texts {
    fn of(rows: usize) -> Self {
        Self {
            rows,
            traces: format!(
                "INSERT INTO trace (month, id, at, fact, audience, organism_id, partner_id, keep_until, salt, body, \
                 key_number, mac, actor_id, subject_id, session_hash, file_hash, outcome, service, source, \
                 correlation) VALUES {}",
                placeholders(rows, 20)
            ),
            unsealed: format!("INSERT INTO trace_unsealed (month, id) VALUES {}", placeholders(rows, 2)),
            entries: format!(
                "UPDATE session SET last_entry_at = entry.column2 FROM (VALUES {}) AS entry \
                 WHERE session.id_hash = entry.column1 AND session.last_entry_at < entry.column2",
                placeholders(rows, 2)
            ),
        }
    }

    /// The largest of at most that many rows; nothing for no row.
    fn fitting(rows: usize) -> Option<&'static Self> {
        TEXTS.iter().find(|texts| texts.rows <= rows)
    }
}

/// `($1, $2), ($3, $4)` for two rows of two columns.
pub(super) fn placeholders(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let names: Vec<String> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", names.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Both inserts in one round trip.
const TRACES_ARRAYS: &str = "WITH kept AS (\
     INSERT INTO trace (month, id, at, fact, audience, organism_id, partner_id, keep_until, salt, body, \
     key_number, mac, actor_id, subject_id, session_hash, file_hash, outcome, service, source, correlation) \
     SELECT * FROM UNNEST($1::int[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[], \
     $7::uuid[], $8::date[], $9::bytea[], $10::text[], $11::int[], $12::bytea[], $13::uuid[], $14::uuid[], \
     $15::bytea[], $16::bytea[], $17::text[], $18::text[], $19::text[], $20::uuid[]) RETURNING month, id) \
     INSERT INTO trace_unsealed (month, id) SELECT month, id FROM kept";

/// Rows are taken in the order of their ids: two nodes cannot wait for one another.
const ENTRIES_ARRAYS: &str = "WITH taken AS (SELECT s.id_hash, entry.at \
     FROM session s JOIN UNNEST($1::bytea[], $2::timestamptz[]) AS entry (id_hash, at) ON entry.id_hash = s.id_hash \
     WHERE s.last_entry_at < entry.at ORDER BY s.id_hash FOR UPDATE OF s) \
     UPDATE session SET last_entry_at = taken.at FROM taken WHERE session.id_hash = taken.id_hash";

/// Inserts traces, and their ids among those to seal, in the transaction at hand.
pub(super) async fn insert(tx: &mut Tx, faults: &Faults, rows: &[Row]) -> Result<(), DbError> {
    let step = faults.step();
    if matches!(step, Step::Fail) {
        return Err(Faults::error());
    }
    match tx {
        Tx::Sqlite(tx) => insert_sqlite(tx, rows).await?,
        Tx::Postgres(tx) => insert_postgres(tx, rows).await?,
    }
    if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(()) }
}

async fn insert_sqlite(tx: &mut sqlx::Transaction<'static, Sqlite>, rows: &[Row]) -> Result<(), DbError> {
    let mut rest = rows;
    while let Some(texts) = Texts::fitting(rest.len()) {
        let (now, later) = rest.split_at(texts.rows);
        let (mut full, mut ids) = (SqliteArguments::default(), SqliteArguments::default());
        for row in now {
            bind(&mut full, row).map_err(|error| DbError::Defect(error.to_string()))?;
            bind_id(&mut ids, row).map_err(|error| DbError::Defect(error.to_string()))?;
        }
        sqlx::query_with::<Sqlite, _>(texts.traces.as_str(), full).execute(&mut **tx).await?;
        sqlx::query_with::<Sqlite, _>(texts.unsealed.as_str(), ids).execute(&mut **tx).await?;
        rest = later;
    }
    Ok(())
}

fn bind_id(args: &mut SqliteArguments, row: &Row) -> Result<(), sqlx::error::BoxDynError> {
    args.add(row.trace.month)?;
    args.add(row.trace.id)
}

fn bind(args: &mut SqliteArguments, row: &Row) -> Result<(), sqlx::error::BoxDynError> {
    let Row { trace, salt, key, mac, columns } = row;
    bind_id(args, row)?;
    args.add(trace.at)?;
    args.add(trace.fact)?;
    args.add(trace.audience.code())?;
    args.add(trace.organism)?;
    args.add(trace.partner)?;
    args.add(trace.keep_until)?;
    args.add(salt.to_vec())?;
    args.add(trace.body.as_str())?;
    args.add(key)?;
    args.add(mac.to_vec())?;
    args.add(columns.actor)?;
    args.add(columns.subject)?;
    args.add(columns.session.clone())?;
    args.add(columns.file.clone())?;
    args.add(columns.outcome.as_str())?;
    args.add(columns.service.clone())?;
    args.add(columns.source.clone())?;
    args.add(columns.correlation)
}

async fn insert_postgres(
    tx: &mut sqlx::Transaction<'static, sqlx::Postgres>,
    rows: &[Row],
) -> Result<(), DbError> {
    fn each<'r, T>(rows: &'r [Row], column: impl Fn(&'r Row) -> T) -> Vec<T> {
        rows.iter().map(column).collect()
    }
    sqlx::query(TRACES_ARRAYS)
        .bind(each(rows, |row| row.trace.month))
        .bind(each(rows, |row| row.trace.id.as_uuid()))
        .bind(each(rows, |row| row.trace.at.instant()))
        .bind(each(rows, |row| row.trace.fact))
        .bind(each(rows, |row| row.trace.audience.code()))
        .bind(each(rows, |row| row.trace.organism.map(crate::domain::id::RowId::as_uuid)))
        .bind(each(rows, |row| row.trace.partner.map(crate::domain::id::RowId::as_uuid)))
        .bind(each(rows, |row| row.trace.keep_until.date()))
        .bind(each(rows, |row| row.salt.to_vec()))
        .bind(each(rows, |row| row.trace.body.as_str()))
        .bind(each(rows, |row| row.key))
        .bind(each(rows, |row| row.mac.to_vec()))
        .bind(each(rows, |row| row.columns.actor.map(crate::domain::id::RowId::as_uuid)))
        .bind(each(rows, |row| row.columns.subject.map(crate::domain::id::RowId::as_uuid)))
        .bind(each(rows, |row| row.columns.session.clone()))
        .bind(each(rows, |row| row.columns.file.clone()))
        .bind(each(rows, |row| row.columns.outcome.as_str()))
        .bind(each(rows, |row| row.columns.service.clone()))
        .bind(each(rows, |row| row.columns.source.clone()))
        .bind(each(rows, |row| row.columns.correlation.map(crate::domain::id::RowId::as_uuid)))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// An entry of a session: the hash of its id, and when.
pub(super) type SessionEntry = ([u8; 32], Timestamp);

/// Moves the last entries of sessions forward, never back; a session stands once in `entries`.
pub(super) async fn enter(tx: &mut Tx, faults: &Faults, entries: &[SessionEntry]) -> Result<(), DbError> {
    let step = faults.step();
    if matches!(step, Step::Fail) {
        return Err(Faults::error());
    }
    match tx {
        Tx::Sqlite(tx) => {
            let mut rest = entries;
            while let Some(texts) = Texts::fitting(rest.len()) {
                let (now, later) = rest.split_at(texts.rows);
                let mut query = sqlx::query::<Sqlite>(texts.entries.as_str());
                for (session, at) in now {
                    query = query.bind(session.to_vec()).bind(*at);
                }
                query.execute(&mut **tx).await?;
                rest = later;
            }
        }
        Tx::Postgres(tx) => {
            let (sessions, instants): (Vec<_>, Vec<_>) =
                entries.iter().map(|(session, at)| (session.to_vec(), at.instant())).unzip();
            sqlx::query(ENTRIES_ARRAYS).bind(sessions).bind(instants).execute(&mut **tx).await?;
        }
    }
    if matches!(step, Step::GoThenFail) { Err(Faults::error()) } else { Ok(()) }
}

/// Every text of this module for an engine: a test prepares each statement of the program.
pub(super) fn batch_statements(engine: Engine) -> Vec<&'static str> {
    match engine {
        Engine::Sqlite => {
            TEXTS.iter().flat_map(|texts| [&*texts.traces, &*texts.unsealed, &*texts.entries]).collect()
        }
        Engine::Postgres => vec![TRACES_ARRAYS, ENTRIES_ARRAYS],
    }
}
