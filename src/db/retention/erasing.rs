//! The texts by which rows go, written once for each engine: PostgreSQL's role of the application has no `DELETE` on
//! traces and leaves, and asks functions of the owner; SQLite has no such functions, and triggers say what may go.

use crate::db::connect::Engine;
use crate::db::{DbError, Query};

/// Each takes a log and ranks, or a block and a day.
pub(super) struct Erasing {
    pub(super) rows: &'static str,
    pub(super) fold: &'static str,
    pub(super) leaves: &'static str,
}

const ON_SQLITE: Erasing = Erasing {
    rows: concat!(
        "DELETE FROM trace AS t WHERE (t.month, t.id) IN (SELECT l.month, l.id FROM trace_leaf l \
         WHERE l.log = $1 AND l.rank >= $2 AND l.rank <= $3 AND l.keep_until <= min($4, date('now'))) \
         AND t.keep_until <= min($4, date('now')) AND NOT ",
        held!()
    ),
    fold: "UPDATE trace_block SET folded = $3 WHERE log = $1 AND number = $2 AND folded IS NULL",
    leaves: "DELETE FROM trace_leaf WHERE log = $1 AND rank >= $2 AND rank <= $3",
};

/// Each gives the number of rows that it touched.
const ON_POSTGRES: Erasing = Erasing {
    rows: "SELECT erase_due_traces($1, $2, $3, $4)",
    fold: "SELECT fold_due_block($1, $2, $3)",
    leaves: "SELECT erase_folded_leaves($1, $2, $3)",
};

impl Erasing {
    pub(super) fn on(engine: Engine) -> &'static Self {
        match engine {
            Engine::Sqlite => &ON_SQLITE,
            Engine::Postgres => &ON_POSTGRES,
        }
    }
}

/// Every text of this module for an engine: a test prepares each statement of the program.
pub(in crate::db) fn erasing_statements(engine: Engine) -> Vec<&'static str> {
    let Erasing { rows, fold, leaves } = Erasing::on(engine);
    vec![rows, fold, leaves]
}

/// Runs one of them; gives how many rows it touched.
pub(super) async fn touched(engine: Engine, query: Query<'_>) -> Result<u64, DbError> {
    match engine {
        Engine::Sqlite => query.execute().await,
        Engine::Postgres => {
            let rows: i64 = query.fetch_value().await?;
            Ok(u64::try_from(rows).unwrap_or(0))
        }
    }
}
