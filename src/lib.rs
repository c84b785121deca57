//! Compte Partenaire: the portal through which a social-security body opens services on its beneficiaries' files
//! to partners, lets each manage its own staff inside limits, and can prove afterwards who did what.
//!
//! `domain` holds the rules, `db` the store and the ledger of traces, `web` the edges, `features` one slice a job
//! of the trade, `jobs` what runs by itself; `app` joins them.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crypto;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod domain;
pub mod features;
pub mod jobs;
pub mod keys;
pub mod mail;
pub mod metrics;
pub mod on_disk;
pub mod operate;
pub mod passwords;
pub mod private_files;

pub mod seal;
pub mod serve;
pub mod sink;
pub mod space;
pub mod supervisor;
pub mod telemetry;
pub mod tls;
pub mod watch;
pub mod web;
pub mod witness;
