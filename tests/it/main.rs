//! The stories, the completeness tests and the faults: one binary, both databases.
//!
//! A story does what a person does, through real forms; each ends by checking every trace that it left.

#![expect(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    unreachable_pub,
    reason = "a test stops at the first surprise, and reads where the database server of the tests is"
)]

mod architecture;
mod caps;
mod commands;
mod consultation;
mod damage;
mod demo;
mod deputy;
mod doctor;
mod exports;
mod facts;
mod faults;
mod grants;
mod groups;
mod guards;
mod holds;
mod import;
mod kept;
mod kept_forms;
mod layers;
mod letters;
mod log;
mod log_events;
mod lost_database;
mod mail;
mod matrix;
mod memberships;
mod migrations;
mod neighbours;
mod networks;
mod outbox;
mod own_sessions;
mod packaging;
mod partners;
mod path;
mod places;
mod plans;
mod processes;
mod pulse;
mod readers;
mod requests;
mod retention;
mod reviews;
mod routes;
mod rows;
mod rsacg;
mod schema;
mod seal;
mod sign_in;
mod sink;
mod sink_places;
mod sql;
mod start;
mod statements;
mod statistics;
mod support;
mod tampering;
mod tls;
mod trace_requests;
mod traces;
mod usage;
mod users;
mod volume;
mod watch;
