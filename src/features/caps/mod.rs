//! Requests for more places: a partner whose cap is reached asks, its organism raises the cap or says why not.
//!
//! `asking` is the partner's page, `requests` and `answering` are the organism's, `standing` is how a membership's
//! caps stand today. Fixing caps without being asked belongs to memberships.

mod answering;
mod asking;
mod commands;
mod requests;
mod standing;
mod store;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{AskPlaces, CapRequest, CapRequests};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let manage = Access::Needs(Permission::ManageCaps);
    let ask = Access::Needs(Permission::RequestCap);
    routes
        .get(AskPlaces::PATH, ask, asking::form)
        .post(AskPlaces::PATH, ask, asking::ask)
        .get(CapRequests::PATH, manage, requests::list)
        .get(CapRequest::PATH, manage, answering::request)
        .post(CapRequest::PATH, manage, answering::answer)
}
