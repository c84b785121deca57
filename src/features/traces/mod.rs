//! Reading traces: the principal and the deputy those of their partner, the auditor those of his organism, nobody
//! else. Reading them is traced. Nothing here writes a trace or says what becomes of one.
//!
//! `asked` reads what is looked for, `walk` finds it in bounded steps, `line` says it; `list`, `one`, `session` and
//! `file` are the pages, `kept` the searches that people keep, `export` the files that they take away.

mod asked;
mod details;
pub mod export;
mod file;
mod kept;
mod line;
mod list;
mod one;
mod session;
mod store;
mod walk;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{
    EraseTraceSearch, FileTraces, Trace, TraceFile, TraceProof, TraceSearches, TraceSession, Traces,
};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let traces = Access::Needs(Permission::ReadTraces);
    let files = Access::Needs(Permission::ReadFileNumbers);
    export::add(routes)
        .get(Traces::PATH, traces, list::list)
        .get(TraceSearches::PATH, traces, kept::list)
        .post(TraceSearches::PATH, traces, kept::keep)
        .post(EraseTraceSearch::PATH, traces, kept::erase)
        .get(FileTraces::PATH, files, file::ask)
        .post(FileTraces::PATH, files, file::find)
        .get(Trace::PATH, traces, one::read)
        .get(TraceProof::PATH, Access::Needs(Permission::ProveTraces), one::proof)
        .get(TraceSession::PATH, traces, session::timeline)
        .get(TraceFile::PATH, files, file::timeline)
}
