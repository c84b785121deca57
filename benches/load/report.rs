//! How figures are printed: one line a point, always the same columns.

use std::time::Duration;

use crate::Failure;
use crate::clients::Load;

/// What an engine commits durably by itself, one row at a time.
pub(crate) struct Raw {
    /// One client.
    pub(crate) alone: Load,
    /// Commits a second of so many clients at once; none where the engine has one writer.
    pub(crate) crowds: Vec<(usize, f64)>,
}

impl Raw {
    /// Commits a second of that many clients.
    pub(crate) fn of(&self, clients: usize) -> Option<f64> {
        self.crowds.iter().find(|(crowd, _)| *crowd == clients).map(|(_, rate)| *rate)
    }
}

/// Opens a part of the report.
pub(crate) fn heading(title: &str) {
    println!("\n{title}");
}

/// Says something about the figures around it.
pub(crate) fn note(text: &str) {
    println!("  {text}");
}

/// Says on what the figures were obtained.
pub(crate) fn machine() -> Result<(), Failure> {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    note(&format!("Linux {}, {} processors", release.trim(), std::thread::available_parallelism()?));
    if cfg!(debug_assertions) {
        note("built without optimisation: rates bound by the processor are worth nothing");
    }
    Ok(())
}

/// Names the columns that `point` fills.
pub(crate) fn columns() {
    println!(
        "  {:<44} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>6} {:>8} {:>8} {:>8}",
        "",
        "rows/s",
        "acts/s",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        "errors",
        "here µs",
        "portal µs",
        "base µs"
    );
}

/// Prints what clients obtained when each act carried that many rows. Processor time is given for each act: of this
/// process, of the portal's when it is another one, of PostgreSQL's.
pub(crate) fn point(name: &str, rows: u32, load: &Load) {
    let each = |time: Duration| format!("{:.0}", time.as_secs_f64() * 1e6 / f64::from(load.answers().max(1)));
    let others = |time: Option<Duration>| time.map_or_else(|| "–".to_owned(), each);
    println!(
        "  {name:<44} {:>8.0} {:>8.0} {:>8.2} {:>8.2} {:>8.2} {:>8.2} {:>6} {:>8} {:>8} {:>8}",
        load.per_second() * f64::from(rows),
        load.per_second(),
        milliseconds(load.within(50)),
        milliseconds(load.within(95)),
        milliseconds(load.within(99)),
        milliseconds(load.within(100)),
        load.errors,
        each(load.cpu_here),
        others(load.cpu_portal),
        others(load.cpu_database),
    );
    if let Some(error) = &load.first_error {
        note(&format!("first error: {error}"));
    }
}

/// Prints how many times more the first is than the second.
pub(crate) fn ratio(name: &str, figure: f64, reference: f64) {
    println!("  {name:<44} {:>8.2}×", figure / reference);
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
