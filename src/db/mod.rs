//! The database: the only module that names sqlx.
//!
//! One SQL text for two engines, chosen at run time by the URL. `query` runs statements, `value` says how our
//! types are kept, `connect` opens the pools and reads their durability back, `migrate` brings a schema up,
//! `act` gives the three ways in ([`Reader`], [`Draft`], [`WriteTx`]), `ledger` hands traces over in groups,
//! `sessions` keeps sessions, `seal` seals traces and checks them, `retention` erases those that are due, `kept_forms`
//! what was typed and not sent, `exports` files of traces under preparation, `pulse` and `sink` the watch over the log,
//! `offered` what filters offer, `place` the file where it must be, `holdings` withdraws roles, `suspension` suspends accounts, `statistics` counts
//! uses, `use_walk` goes along the sealed log in search of atypical ones, `faults` injects failures in tests. Rules and
//! wording live elsewhere.
//!
//! Rules of the SQL written in `features/*/store.rs`: explicit columns; `$n` placeholders; `RETURNING`,
//! `ON CONFLICT` and row values are fine; never `now()` or `random()`; instants are bound; enums are text with
//! `CHECK`; a row is taken by `UPDATE … RETURNING`, then read in a second statement; never `LIKE`.

mod act;
mod connect;
mod error;
pub mod exports;
pub mod faults;
pub mod holdings;
mod inspect;
pub mod kept_forms;
pub mod ledger;
pub mod migrate;
pub mod offered;
mod place;
pub mod pulse;
mod query;
mod record;
pub mod retention;
pub mod seal;
pub mod sessions;
pub mod sink;
pub mod standing;
pub mod statistics;
mod suspension;
pub mod trace_notices;
pub mod traces;
pub mod use_walk;
mod value;
pub mod words;

pub use act::{Beside, Draft, GrantsUsed, OpenedConsultation, Reader, Receipt, Selects, Taken, WriteTx};
pub use connect::{Db, Durability, Engine, OpenError, Patience};
pub use error::{DbError, Refused};
pub use inspect::Rights;
pub use query::{Query, Record, Value};
pub use record::Recorder;
pub use sqlx::FromRow;

/// Every text that is made for one engine: a test prepares each statement of the program.
pub fn batch_statements(engine: Engine) -> Vec<&'static str> {
    [record::batch_statements(engine), seal::batch_statements(engine), retention::erasing_statements(engine)]
        .concat()
}
