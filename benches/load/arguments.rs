//! What the benchmark is asked, and the roles that it gives to other processes of itself.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use compte_partenaire::db::ledger::Grouping;

use crate::Failure;

/// The load benchmark.
#[derive(Parser)]
pub(crate) struct Line {
    /// How long each point lasts, in seconds
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Measure pages while files are loaded, rather than pages alone
    #[arg(long)]
    pub(crate) import: bool,
    /// How many files are loaded
    #[arg(long, default_value_t = 500_000)]
    pub(crate) files: u32,
    /// Search that many traces, rather than measure pages
    #[arg(long)]
    pub(crate) traces: Option<u64>,
    /// Measure what the seal costs, and how fast the log is verified
    #[arg(long)]
    pub(crate) sealing: bool,
    /// Measure pages while that many traces are erased
    #[arg(long)]
    pub(crate) purge: Option<u64>,
    /// The connections of the portal, beside the ledger's
    #[arg(long, default_value_t = 16)]
    pub(crate) connections: u32,
    /// Added by Cargo.
    #[arg(long, hide = true)]
    bench: bool,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// What another process of the benchmark does.
#[derive(Subcommand)]
pub(crate) enum Role {
    /// Serves the portal
    #[command(hide = true)]
    Serve(Serving),
    /// Loads files
    #[command(hide = true)]
    Load(Loading),
}

/// How the portal is served.
#[derive(Args)]
pub(crate) struct Serving {
    #[arg(long)]
    pub(crate) url: String,
    #[arg(long)]
    pub(crate) keys: PathBuf,
    #[arg(long)]
    pub(crate) checkpoints: PathBuf,
    #[arg(long)]
    pub(crate) connections: u32,
    /// `apart`, or the most hands written in one commit
    #[arg(long, value_parser = grouping)]
    pub(crate) grouping: Grouping,
}

/// What is loaded, and where.
#[derive(Args)]
pub(crate) struct Loading {
    #[arg(long)]
    pub(crate) url: String,
    #[arg(long)]
    pub(crate) keys: PathBuf,
    #[arg(long)]
    pub(crate) file: PathBuf,
}

impl Line {
    /// How long each point lasts.
    pub(crate) fn lasting(&self) -> Result<Duration, Failure> {
        Duration::try_from_secs_f64(self.seconds)
            .map_err(|_| format!("--seconds {}: not a duration", self.seconds).into())
    }
}

fn grouping(word: &str) -> Result<Grouping, String> {
    match word {
        "apart" => Ok(Grouping::Apart),
        most => most.parse().map(Grouping::Together).map_err(|_| "a number, or « apart »".to_owned()),
    }
}

/// The word that [`Serving`] reads.
pub(crate) fn word(grouping: Grouping) -> String {
    match grouping {
        Grouping::Apart => "apart".to_owned(),
        Grouping::Together(most) => most.to_string(),
    }
}
