//! Requests for more places: the partner asks, the organism answers, and what it accepts is fixed in the same act.

mod answers;
mod ask;
mod commands;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{AskPlaces, CapRequest, CapRequests};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let ask = Access::Needs(Permission::RequestCap);
    let answer = Access::Needs(Permission::ManageCaps);
    routes
        .get(AskPlaces::PATH, ask, ask::form)
        .post(AskPlaces::PATH, ask, ask::ask)
        .get(CapRequests::PATH, answer, answers::requests)
        .get(CapRequest::PATH, answer, answers::request)
        .post(CapRequest::PATH, answer, answers::answer)
}
