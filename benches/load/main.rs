//! The load benchmark: in one run, what this machine can do at best and what the program does on it,
//! so that their ratios hold on a noisy machine too.
//!
//! `tests/postgres cargo bench --bench load` runs it with a temporary PostgreSQL; without
//! `CP_TEST_POSTGRES` it stops at once, because half of the figures would be missing.
//! `-- --seconds 30` makes each point last longer.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time, and is told its database")]
#![expect(clippy::print_stdout, reason = "the figures are its output")]

mod clients;
mod cpu;
mod http;
mod postgres;
mod report;
mod rows;
mod sqlite;
mod volume;

use std::error::Error;
use std::time::Duration;

use report::{heading, note};

/// Whatever stops the benchmark: it is read by the person who started it.
pub(crate) type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let lasting = seconds_a_point()?;
    let postgres = std::env::var("CP_TEST_POSTGRES")
        .map_err(|_| "CP_TEST_POSTGRES is not set: run `tests/postgres cargo bench --bench load`")?;

    heading("Machine");
    report::machine()?;
    note(&format!("each point lasts {} s", lasting.as_secs_f64()));

    sqlite::limits(lasting).await?;
    postgres::limits(&postgres, lasting).await?;
    http::limits(lasting).await?;
    Ok(())
}

/// How long each point lasts: `--seconds N`, else 3. Cargo adds an argument of its own, `--bench`.
fn seconds_a_point() -> Result<Duration, Failure> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "--seconds").skip(1);
    let seconds = match arguments.next() {
        Some(text) => text.parse().map_err(|_| format!("--seconds {text}: not a number"))?,
        None => 3.0,
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| format!("--seconds {seconds}: not a duration").into())
}
