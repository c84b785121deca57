//! One's own exports, and how one of them stands.

use askama::Template;
use axum::extract::State;
use axum_extra::routing::TypedPath as _;
use time::OffsetDateTime;

use super::store::{self, Export};
use super::writing::{Progress, Work};
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::id::AccountId;
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::filters;
use crate::web::gauge::Gauge;
use crate::web::page::Shell;
use crate::web::paths::{NewTraceExport, TraceExport, TraceExportFile, TraceExports, Traces};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Whose exports one sees.
pub(super) fn own(visit: &Visit) -> Result<AccountId, Problem> {
    visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)
}

/// Whether its file can be taken.
pub(super) fn is_ready(export: &Export) -> bool {
    export.state == "ready"
}

/// How an export stands.
enum Standing {
    /// It has not begun.
    Waiting,
    /// So many traces were found so far.
    Counting(u64),
    /// So many are written, out of so many.
    Writing(Gauge),
    /// So many traces, so many bytes in words.
    Ready(u64, String),
    /// Why it failed.
    Failed(String),
}

fn standing(export: &Export) -> Result<Standing, Problem> {
    if is_ready(export) {
        return Ok(Standing::Ready(export.traces.unsigned_abs(), size(export.bytes)));
    }
    if let Some(cause) = &export.cause {
        return Ok(Standing::Failed(cause.clone()));
    }
    let number = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(match Work::of(export)?.map(|work| work.progress()) {
        None => Standing::Waiting,
        Some(Progress::Counting(found)) => Standing::Counting(found),
        Some(Progress::Writing(written, found)) => {
            Standing::Writing(Gauge::new(number(written), 0, Some(number(found))))
        }
    })
}

/// A length in words: 12 ko, 3,4 Mo.
fn size(bytes: i64) -> String {
    match bytes.unsigned_abs() {
        bytes @ 0..1_000_000 => format!("{}\u{a0}ko", bytes.div_ceil(1_000)),
        bytes => format!("{},{}\u{a0}Mo", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

#[derive(Template)]
#[template(path = "traces/export/list.html")]
struct ListPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    exports: Vec<Line>,
}

struct Line {
    href: TraceExport,
    file: TraceExportFile,
    export: Export,
    asked: OffsetDateTime,
    ends: Option<OffsetDateTime>,
    standing: Standing,
}

fn line(export: Export, visit: &Visit) -> Result<Line, Problem> {
    Ok(Line {
        href: TraceExport { export: export.id },
        file: TraceExportFile { export: export.id },
        asked: visit.zone.local(export.asked_at),
        ends: export.expires_at.map(|at| visit.zone.local(at)),
        standing: standing(&export)?,
        export,
    })
}

/// The list.
pub(super) async fn list(State(app): State<App>, visit: Visit, _: TraceExports) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let exports = store::own(&mut reader, own(&visit)?, visit.now).await?;
    drop(reader);
    shown(&ListPage {
        shell: visit.shell("Mes exports de traces"),
        trail: vec![("Traces".to_owned(), Traces.to_string())],
        exports: exports.into_iter().map(|export| line(export, &visit)).collect::<Result<_, _>>()?,
    })
}

#[derive(Template)]
#[template(path = "traces/export/one.html")]
struct OnePage {
    shell: Shell,
    trail: Vec<(String, String)>,
    line: Line,
}

/// One of them.
pub(super) async fn one(State(app): State<App>, visit: Visit, path: TraceExport) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let export = store::one(&mut reader, path.export, own(&visit)?, visit.now).await?;
    drop(reader);
    let export = export.ok_or(Problem::NotFound)?;
    let fact = Fact::PageRead { route: TraceExport::PATH.to_owned(), subject: Some(export.id.to_string()) };
    shown(&OnePage {
        shell: visit.shell("Export de traces"),
        trail: vec![
            ("Traces".to_owned(), Traces.to_string()),
            ("Mes exports".to_owned(), TraceExports.to_string()),
        ],
        line: line(export, &visit)?,
    })
    .reading(vec![fact])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_words() {
        for (bytes, words) in [(0, "0\u{a0}ko"), (18_204, "19\u{a0}ko"), (3_456_789, "3,4\u{a0}Mo")] {
            assert_eq!(size(bytes), words);
        }
    }
}
