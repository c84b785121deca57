//! What can go wrong with a database, as the rest of the program needs to tell it apart.

use crate::domain::access::Denied;

/// A statement or a commit failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A unique constraint refused the row.
    #[error("already there")]
    Duplicate,
    /// The store cannot write now, and may again: full disk, lock, lost connection, time-out.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// The store cannot be believed any more: failed flush, damaged page. It must be reopened and checked.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A statement is wrong, or a row cannot be read: a defect of the program.
    #[error("defect: {0}")]
    Defect(String),
}

impl DbError {
    /// Whether it may be over by itself at the next attempt.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// SQLite's extended codes for a failed flush, and for damage.
const DAMAGED: [i32; 8] = [
    11,   // CORRUPT
    26,   // NOTADB
    1034, // IOERR_FSYNC
    1290, // IOERR_DIR_FSYNC
    267,  // CORRUPT_VTAB
    523,  // CORRUPT_SEQUENCE
    779,  // CORRUPT_INDEX
    8458, // IOERR_CORRUPTFS
];

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        match &error {
            sqlx::Error::Database(database) => {
                if database.is_unique_violation() {
                    return Self::Duplicate;
                }
                let code = database.code().unwrap_or_default().into_owned();
                if let Ok(code) = code.parse::<i32>()
                    && database.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some()
                {
                    return match code {
                        code if DAMAGED.contains(&code) => Self::Damaged(text),
                        // BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN
                        code if matches!(code & 0xff, 5 | 6 | 7 | 8 | 9 | 10 | 13 | 14) => {
                            Self::Unavailable(text)
                        }
                        _ => Self::Defect(text),
                    };
                }
                match code.get(..2) {
                    // Connection exceptions, resources, operator intervention, system errors, serialization.
                    Some("08" | "53" | "57" | "58" | "40" | "55") => Self::Unavailable(text),
                    // A standby or a read-only server refuses writes for a while.
                    _ if code == "25006" => Self::Unavailable(text),
                    Some("XX") => Self::Damaged(text),
                    _ => Self::Defect(text),
                }
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(text),
            _ => Self::Defect(text),
        }
    }
}

/// Why an act did not begin.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The actor may not, or may not any more.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The actor's account no longer allows anything: the session ends.
    #[error("the account is suspended")]
    Ended,
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}
