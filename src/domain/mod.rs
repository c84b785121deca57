//! The rules and the words of the trade: pure functions and types that cannot be wrong.
//! No input or output, no clock, no randomness, no SQL, no HTML.

pub mod access;
pub mod budget;
pub mod caps;
pub mod consultation;
pub mod contact;
pub mod convention_number;
pub mod day;
pub mod facts;
pub mod fictitious;
pub mod file_number;
pub mod files;
pub mod grants;
pub mod groups;
pub mod holds;
pub mod id;
pub mod memberships;
pub mod nir;
pub mod outbox;
pub mod partners;
pub mod password;
pub mod retention;
pub mod reviews;
pub mod seats;
pub mod secrets;
pub mod session;
pub mod sign_in;
pub mod siret;
pub mod territory;
pub mod text;
pub mod time;
pub mod trace;
pub mod users;
