//! Taking traces away in a file. Somebody asks (`asking`), from the list, a session or the timeline of a file; a job
//! prepares the file turn by turn (`preparing`, `writing`), in the order of the sealed log, whose rows do not change; who
//! asked, and nobody else, follows it (`pages`) and takes it away for a day (`taking`); then it is erased (`erasing`).
//!
//! `sought` is what a file holds, `cells` how one trace is told in it, `notice` what the file says of itself, `csv` and
//! `workbook` its forms; the form that proves itself is the log's own (`crate::seal::export`).

mod asking;
mod cells;
mod csv;
mod erasing;
mod notice;
mod pages;
mod preparing;
mod sought;
mod store;
mod taking;
mod words;
mod workbook;
mod writing;

use axum_extra::routing::TypedPath as _;

pub use erasing::erase_due;
pub use preparing::go_on;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{NewTraceExport, TraceExport, TraceExportFile, TraceExports};
use crate::web::routes::{Access, Routes};

/// The name of the job, as its traces give it.
const JOB: &str = "export";

/// The routes of exports.
pub(super) fn add(routes: Routes<App>) -> Routes<App> {
    let export = Access::Needs(Permission::ExportTraces);
    routes
        .get(TraceExports::PATH, export, pages::list)
        .get(NewTraceExport::PATH, export, asking::form)
        .post(NewTraceExport::PATH, export, asking::ask)
        .get(TraceExport::PATH, export, pages::one)
        .get(TraceExportFile::PATH, export, taking::take)
}
