//! Reading traces: the principal those of his partner, the auditor those of his organism, nobody else. Reading them
//! is traced.

mod line;
mod pages;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::Traces;
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes.get(Traces::PATH, Access::Needs(Permission::ReadTraces), pages::list)
}
