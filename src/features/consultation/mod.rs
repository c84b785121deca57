//! Consulting a beneficiary's file: a number and a mission open a consultation, under whose opaque number the file
//! is read. The number of the file never stands in an address, and a trace is durable before the first byte.

mod pages;
pub mod source;
mod store;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{Consultation, LookUp};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let access = Access::Needs(Permission::ConsultFiles);
    routes
        .get(LookUp::PATH, access, pages::look_up)
        .post(LookUp::PATH, access, pages::open)
        .get(Consultation::PATH, access, pages::read)
}
