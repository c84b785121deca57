//! Signing in, choosing a password, signing out: the only ways in and out.
//!
//! Nobody registers himself. Whatever is wrong at sign-in, the answer and the work are the same.

mod commands;
mod pages;
mod store;

use crate::app::App;
use crate::web::routes::{Access, HOME, PASSWORD, Routes};

/// Where the form of the home page is sent.
pub const SIGN_IN: &str = "/connexion";
/// Where the form at the foot of the menu is sent.
pub const SIGN_OUT: &str = "/deconnexion";
/// Where the dialog of the end of session is sent.
pub const EXTEND: &str = "/session/prolonger";

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes
        .get(HOME, Access::Public, pages::home)
        .get(SIGN_IN, Access::Public, pages::home)
        .post(SIGN_IN, Access::Public, pages::sign_in)
        .get(PASSWORD, Access::FirstSteps, pages::password)
        .post(PASSWORD, Access::FirstSteps, pages::choose_password)
        .post(SIGN_OUT, Access::FirstSteps, pages::sign_out)
        .post(EXTEND, Access::FirstSteps, pages::extend)
}
