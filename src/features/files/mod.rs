//! Loading an organism's files: a line-by-line check that changes nothing, then a new version written beside the
//! one in use, in short batches, and made visible in one act.

mod check;
mod load;
mod store;

pub use check::{BadLine, Checked, check};
pub use load::{LoadFailed, Progress, load};
