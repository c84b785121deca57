//! The rules and the words of the trade: pure functions and types that cannot be wrong.
//! No input or output, no clock, no randomness, no SQL, no HTML.

pub mod access;
pub mod caps;
pub mod day;
pub mod facts;
pub mod id;
pub mod password;
pub mod sign_in;
pub mod text;
pub mod time;
