//! Writing traces down: salt, key, MAC, search columns, and the batch insert.
//!
//! The batch insert is the one statement written once for each engine: fixed texts of 1, 8 and 64 rows on SQLite,
//! arrays on PostgreSQL.

use std::sync::{Arc, LazyLock};

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Sqlite};
use uuid::Uuid;

use super::DbError;
use super::connect::Engine;
use super::faults::{Faults, Step};
use super::query::Tx;
use crate::clock::{Clock, Entropy};
use crate::crypto::{Keys, Purpose};
use crate::domain::facts::{Happening, SearchColumns, Trace};
use crate::domain::id::{RowId as _, TraceId};

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

const COLUMNS: usize = 20;

/// `INSERT INTO trace (…) VALUES (…), (…)` for `rows` rows.
fn insert_traces(rows: usize) -> String {
    let values: Vec<String> = (0..rows).map(|row| placeholders(row * COLUMNS, COLUMNS)).collect();
    format!(
        "INSERT INTO trace (month, id, at, fact, audience, organism_id, partner_id, keep_until, salt, body, \
         key_number, mac, actor_id, subject_id, session_hash, file_hash, outcome, service, source, correlation) \
         VALUES {}",
        values.join(", ")
    )
}

/// `INSERT INTO trace_unsealed (…) VALUES (…), (…)` for `rows` rows.
fn insert_unsealed(rows: usize) -> String {
    let values: Vec<String> = (0..rows).map(|row| placeholders(row * 2, 2)).collect();
    format!("INSERT INTO trace_unsealed (month, id) VALUES {}", values.join(", "))
}

fn placeholders(first: usize, count: usize) -> String {
    let names: Vec<String> = (1..=count).map(|n| format!("${}", first + n)).collect();
    format!("({})", names.join(", "))
}

static TRACES_1: LazyLock<String> = LazyLock::new(|| insert_traces(1));
static TRACES_8: LazyLock<String> = LazyLock::new(|| insert_traces(8));
static TRACES_64: LazyLock<String> = LazyLock::new(|| insert_traces(64));
static UNSEALED_1: LazyLock<String> = LazyLock::new(|| insert_unsealed(1));
static UNSEALED_8: LazyLock<String> = LazyLock::new(|| insert_unsealed(8));
static UNSEALED_64: LazyLock<String> = LazyLock::new(|| insert_unsealed(64));

const TRACES_ARRAYS: &str = "INSERT INTO trace (month, id, at, fact, audience, organism_id, partner_id, keep_until, salt, body, \
     key_number, mac, actor_id, subject_id, session_hash, file_hash, outcome, service, source, correlation) \
     SELECT * FROM UNNEST($1::int[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::uuid[], \
     $7::uuid[], $8::date[], $9::bytea[], $10::text[], $11::int[], $12::bytea[], $13::uuid[], $14::uuid[], \
     $15::bytea[], $16::bytea[], $17::text[], $18::text[], $19::text[], $20::uuid[])";
const UNSEALED_ARRAYS: &str =
    "INSERT INTO trace_unsealed (month, id) SELECT * FROM UNNEST($1::int[], $2::uuid[])";

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
    while !rest.is_empty() {
        let (size, traces, unsealed) = match rest.len() {
            64.. => (64, TRACES_64.as_str(), UNSEALED_64.as_str()),
            8.. => (8, TRACES_8.as_str(), UNSEALED_8.as_str()),
            _ => (1, TRACES_1.as_str(), UNSEALED_1.as_str()),
        };
        let (now, later) = rest.split_at(size);
        let (mut full, mut ids) = (SqliteArguments::default(), SqliteArguments::default());
        for row in now {
            bind(&mut full, row).map_err(|error| DbError::Defect(error.to_string()))?;
            bind_id(&mut ids, row).map_err(|error| DbError::Defect(error.to_string()))?;
        }
        sqlx::query_with::<Sqlite, _>(traces, full).execute(&mut **tx).await?;
        sqlx::query_with::<Sqlite, _>(unsealed, ids).execute(&mut **tx).await?;
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
    let months = each(rows, |row| row.trace.month);
    let ids: Vec<Uuid> = each(rows, |row| row.trace.id.as_uuid());
    sqlx::query(TRACES_ARRAYS)
        .bind(&months)
        .bind(&ids)
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
    sqlx::query(UNSEALED_ARRAYS).bind(&months).bind(&ids).execute(&mut **tx).await?;
    Ok(())
}

/// Every text of this module for an engine: a test prepares each statement of the program.
pub fn batch_statements(engine: Engine) -> Vec<&'static str> {
    match engine {
        Engine::Sqlite => vec![
            TRACES_1.as_str(),
            TRACES_8.as_str(),
            TRACES_64.as_str(),
            UNSEALED_1.as_str(),
            UNSEALED_8.as_str(),
            UNSEALED_64.as_str(),
        ],
        Engine::Postgres => vec![TRACES_ARRAYS, UNSEALED_ARRAYS],
    }
}
