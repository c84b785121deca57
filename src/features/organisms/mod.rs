//! Founding an organism and naming its staff: from the command line only, by the operator of the installation.

mod commands;
mod store;

pub use commands::{Founded, Kind, NewOrganism, NewStaff, found, name_staff};
pub use store::by_code;
