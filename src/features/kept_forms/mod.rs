//! Forms that a session's end caught before they were sent: a page sends what is typed in it before it clears, and
//! the home page offers it again. What comes too late to the form itself is kept by its door.

mod commands;
mod pages;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::web::paths::{EraseForm, KeepForm};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes.post(KeepForm::PATH, Access::SignedIn, pages::keep).post(
        EraseForm::PATH,
        Access::SignedIn,
        pages::erase,
    )
}
