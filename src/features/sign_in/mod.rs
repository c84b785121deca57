//! Signing in, choosing a password, signing out: the only ways in and out.
//!
//! Nobody registers himself. Whatever is wrong at sign-in, the answer and the work are the same.

mod commands;
mod pages;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::web::paths::{ExtendSession, Home, Password, SignIn, SignOut};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes
        .get(Home::PATH, Access::Public, pages::home)
        .get(SignIn::PATH, Access::Public, pages::home)
        .post(SignIn::PATH, Access::Public, pages::sign_in)
        .get(Password::PATH, Access::FirstSteps, pages::password)
        .post(Password::PATH, Access::FirstSteps, pages::choose_password)
        .post(SignOut::PATH, Access::FirstSteps, pages::sign_out)
        .post(ExtendSession::PATH, Access::FirstSteps, pages::extend)
}
