//! The rows of signals, surveillances, justifications and thresholds, and what of other rows they are shown with.

pub(super) mod asked;
pub(super) mod signals;
pub(super) mod watches;

pub(super) use signals::{Line, State};
