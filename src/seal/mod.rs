//! The seal of the log, as mathematics: what a trace is worth as a leaf, the tree over leaves, the checkpoints that are
//! signed and given away, and how anyone checks all of it with nothing but the rows and one old checkpoint.
//!
//! Nothing here reads a database, a file or a clock: `db::seal` seals, `witness` publishes, and both verifications, of
//! a live database and of an export, are one machine, [`check::Checker`].

pub mod check;
pub mod checkpoint;
pub mod export;
pub mod leaf;
pub mod proof;
pub mod tree;
