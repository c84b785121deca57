//! One slice of the product a module: its pages, its commands, its SQL. A slice never uses another: what it needs
//! of another's rows it reads by its own statement, and addresses stand in `web::paths`.
//!
//! Adding a verb: its permission and the golden matrix; its rule in `domain`, with a property; its fact, with a
//! sample; its command (open, look, permit, decide, write, commit); its page and template; its story, on both
//! databases; the diffs of the golden files.

pub mod caps;
pub mod circonscriptions;
pub mod consultation;
pub mod files;
pub mod grants;
pub mod health;
pub mod help;
pub mod holds;
pub mod home;
pub mod kept_forms;
pub mod letters;
pub mod memberships;
pub mod networks;
pub mod organisms;
pub mod partners;
pub mod reviews;
pub mod seal;
pub mod sessions;
pub mod sign_in;
pub mod specimen;
pub mod statistics;
pub mod trace_requests;
pub mod traces;
pub mod usage;
pub mod users;
