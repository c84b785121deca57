//! The load benchmark: in one run, what this machine can do at best and what the portal does on it,
//! so that their ratios hold on a noisy machine too.
//!
//! `tests/postgres cargo bench --bench load` runs it with a temporary PostgreSQL; without
//! `CP_TEST_POSTGRES` it stops at once, because half of the figures would be missing.
//! `-- --seconds 30` makes each point last longer; `-- --import` measures pages while files are loaded;
//! `-- --traces 10000000` makes that many traces and searches them;
//! `-- --sealing` measures what the seal costs, and verifies the log;
//! `-- --purge 500000` makes that many traces of seven months ago, and measures pages while they are erased.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time, and is told its database")]
#![expect(clippy::print_stdout, reason = "the figures are its output")]

mod arguments;
mod clients;
mod cpu;
mod http;
mod import;
mod installation;
mod pages;
mod portal;
mod postgres;
mod purge;
mod report;
mod rows;
mod sealing;
mod seed;
mod sqlite;
mod traces;
mod volume;

use std::error::Error;

use clap::Parser as _;

use arguments::{Line, Role};
use installation::Installation;
use report::{heading, note};

/// Whatever stops the benchmark: it is read by the person who started it.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let asked = Line::parse();
    match &asked.role {
        Some(Role::Serve(serving)) => return portal::serve(serving).await,
        Some(Role::Load(loading)) => return import::load(loading).await,
        None => {}
    }
    let lasting = asked.lasting()?;
    let server = std::env::var("CP_TEST_POSTGRES")
        .map_err(|_| "CP_TEST_POSTGRES is not set: run `tests/postgres cargo bench --bench load`")?;

    heading("Machine");
    report::machine()?;
    note(&format!("each point lasts {} s", lasting.as_secs_f64()));

    if let Some(count) = asked.traces {
        return on_each(&server, &asked, async |installation| traces::measure(installation, count).await)
            .await;
    }
    if asked.sealing {
        return on_each(&server, &asked, async |installation| sealing::measure(installation, lasting).await)
            .await;
    }
    if let Some(count) = asked.purge {
        return on_each(&server, &asked, async |installation| {
            purge::measure(installation, count, lasting).await
        })
        .await;
    }
    let sqlite = sqlite::limits(lasting).await?;
    let postgres = postgres::limits(&server, lasting).await?;
    let embedded = Installation::sqlite(asked.connections).await?;
    let shared = Installation::postgres(&server, asked.connections).await?;
    let measured = if asked.import {
        let embedded = import::measure(&embedded, asked.files, lasting).await;
        let shared = import::measure(&shared, asked.files, lasting).await;
        embedded.and(shared)
    } else {
        http::limits(lasting).await?;
        let embedded = pages::measure(&embedded, &sqlite, lasting).await;
        let shared = pages::measure(&shared, &postgres, lasting).await;
        embedded.and(shared)
    };
    embedded.erase().await?;
    shared.erase().await?;
    measured
}

/// Measures on an installation of each engine, the one gone before the other is made.
async fn on_each(
    server: &str,
    asked: &Line,
    measure: impl AsyncFn(&Installation) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let embedded = Installation::sqlite(asked.connections).await?;
    let measured = measure(&embedded).await;
    embedded.erase().await?;
    let shared = Installation::postgres(server, asked.connections).await?;
    let measured = measured.and(measure(&shared).await);
    shared.erase().await?;
    measured
}
