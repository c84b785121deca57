//! What sealing writes many of at once: leaves, and the ids that wait no more. Fixed texts of 1 to 64 rows on SQLite,
//! arrays on PostgreSQL.

use std::sync::LazyLock;

use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, Sqlite};

use crate::db::DbError;
use crate::db::connect::Engine;
use crate::db::query::Tx;
use crate::db::record::placeholders;
use crate::domain::id::RowId as _;
use crate::seal::leaf::Leaf;

struct Texts {
    rows: usize,
    leaves: String,
    waiting: String,
}

static TEXTS: LazyLock<[Texts; 7]> = LazyLock::new(|| {
    [64, 32, 16, 8, 4, 2, 1].map(|rows| Texts {
        rows,
        leaves: format!(
            "INSERT INTO trace_leaf (log, rank, month, id, keep_until, commitment) VALUES {}",
            placeholders(rows, 6)
        ),
        waiting: format!(
            "DELETE FROM trace_unsealed WHERE (month, id) IN (VALUES {})",
            placeholders(rows, 2)
        ),
    })
});

const LEAVES_ARRAYS: &str = "INSERT INTO trace_leaf (log, rank, month, id, keep_until, commitment) \
     SELECT * FROM UNNEST($1::int[], $2::bigint[], $3::int[], $4::uuid[], $5::date[], $6::bytea[])";
const WAITING_ARRAYS: &str = "DELETE FROM trace_unsealed u USING UNNEST($1::int[], $2::uuid[]) AS s (month, id) \
     WHERE u.month = s.month AND u.id = s.id";

/// Writes leaves one after the other from `first`, and takes their traces out of those that wait.
pub(super) async fn seal(tx: &mut Tx, log: i32, first: i64, leaves: &[Leaf]) -> Result<(), DbError> {
    match tx {
        Tx::Sqlite(tx) => {
            let (mut rest, mut rank) = (leaves, first);
            while let Some(texts) = TEXTS.iter().find(|texts| texts.rows <= rest.len()) {
                let (now, later) = rest.split_at(texts.rows);
                let (mut full, mut ids) = (SqliteArguments::default(), SqliteArguments::default());
                for leaf in now {
                    bind(&mut full, &mut ids, log, rank, leaf)
                        .map_err(|error| DbError::Defect(error.to_string()))?;
                    rank += 1;
                }
                sqlx::query_with::<Sqlite, _>(texts.leaves.as_str(), full).execute(&mut **tx).await?;
                sqlx::query_with::<Sqlite, _>(texts.waiting.as_str(), ids).execute(&mut **tx).await?;
                rest = later;
            }
        }
        Tx::Postgres(tx) => {
            let (months, ids): (Vec<i32>, Vec<_>) =
                leaves.iter().map(|leaf| (leaf.month, leaf.id.as_uuid())).unzip();
            sqlx::query(LEAVES_ARRAYS)
                .bind(vec![log; leaves.len()])
                .bind((first..).take(leaves.len()).collect::<Vec<i64>>())
                .bind(&months)
                .bind(&ids)
                .bind(leaves.iter().map(|leaf| leaf.keep_until.date()).collect::<Vec<_>>())
                .bind(leaves.iter().map(|leaf| leaf.commitment.to_vec()).collect::<Vec<_>>())
                .execute(&mut **tx)
                .await?;
            sqlx::query(WAITING_ARRAYS).bind(&months).bind(&ids).execute(&mut **tx).await?;
        }
    }
    Ok(())
}

fn bind(
    full: &mut SqliteArguments,
    ids: &mut SqliteArguments,
    log: i32,
    rank: i64,
    leaf: &Leaf,
) -> Result<(), sqlx::error::BoxDynError> {
    full.add(log)?;
    full.add(rank)?;
    full.add(leaf.month)?;
    full.add(leaf.id)?;
    full.add(leaf.keep_until)?;
    full.add(leaf.commitment.to_vec())?;
    ids.add(leaf.month)?;
    ids.add(leaf.id)
}

/// Every text of this module for an engine: a test prepares each statement of the program.
pub fn batch_statements(engine: Engine) -> Vec<&'static str> {
    match engine {
        Engine::Sqlite => TEXTS.iter().flat_map(|texts| [&*texts.leaves, &*texts.waiting]).collect(),
        Engine::Postgres => vec![LEAVES_ARRAYS, WAITING_ARRAYS],
    }
}
