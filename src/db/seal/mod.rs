//! The seal of the log, as rows: who seals (`sealer`), what is sealed and signed so far (`log`), the check of all of it on
//! the database as it stands (`verify`), and writing it out (`export`). The mathematics are in `crate::seal`.

mod batch;
mod export;
mod log;
mod sealer;
mod verify;

pub use batch::batch_statements;
pub use export::{ExportError, Extent, Wanted};
pub(super) use log::Ranked;
pub use log::{Agreement, Covering, Head, Signed};
pub use sealer::{LEASE, Pass, Sealer, Unsealable};
