//! What every page shares: its frame, its components, its wording of faults and problems, its static files.
//! No rule of the trade lives here: pages are told what is true, and say it.

pub mod assets;
pub mod choice;
pub mod fault;
pub mod filters;
pub mod gauge;
pub mod page;
pub mod problem;
#[cfg(test)]
pub(crate) mod specimen;
pub mod typography;
