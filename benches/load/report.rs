//! How figures are printed: one line a point, always the same columns.

use std::time::Duration;

use crate::Failure;
use crate::clients::Load;

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
        "  {:<44} {:>9} {:>9} {:>8} {:>8} {:>8} {:>7} {:>9} {:>9}",
        "", "rows/s", "acts/s", "p50 ms", "p95 ms", "p99 ms", "errors", "CPU µs", "server µs"
    );
}

/// Prints what clients obtained when each act carried that many rows, and returns the rows a second.
/// Processor time is given for each act.
pub(crate) fn point(name: &str, rows: u32, load: &Load) -> f64 {
    let each = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(load.answers().max(1));
    let server = load.cpu_server.map_or_else(|| "–".to_owned(), |time| format!("{:.0}", each(time)));
    let rows_per_second = load.per_second() * f64::from(rows);
    println!(
        "  {name:<44} {rows_per_second:>9.0} {:>9.0} {:>8.2} {:>8.2} {:>8.2} {:>7} {:>9.0} {server:>9}",
        load.per_second(),
        milliseconds(load.within(50)),
        milliseconds(load.within(95)),
        milliseconds(load.within(99)),
        load.errors,
        each(load.cpu_here),
    );
    if let Some(error) = &load.first_error {
        note(&format!("first error: {error}"));
    }
    rows_per_second
}

/// Prints how many times more the first is than the second.
pub(crate) fn ratio(name: &str, figure: f64, reference: f64) {
    println!("  {name:<44} {:>8.2}×", figure / reference);
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
