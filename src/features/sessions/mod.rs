//! One's own sessions: where one is signed in, since when, and ending those that one does not need or know.

mod commands;
mod pages;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::web::paths::{CloseOtherSessions, CloseSession, Sessions};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes
        .get(Sessions::PATH, Access::SignedIn, pages::sessions)
        .post(CloseSession::PATH, Access::SignedIn, pages::close)
        .post(CloseOtherSessions::PATH, Access::SignedIn, pages::close_others)
}
