//! Partners: the organism registers them, corrects them, and names the principal of each (001 art. 2.2.1).
//!
//! `list` shows them all, `sheet` one of them, `form` is what registering and correcting share, `principal` names
//! the one person who will manage the partner's people.

pub(crate) mod commands;
mod form;
mod list;
mod pages;
mod principal;
mod sheet;
mod store;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{CorrectPartner, NewPartner, NewPrincipal, Partner, Partners, PrincipalSecret};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let read = Access::Needs(Permission::ReadPartners);
    let register = Access::Needs(Permission::RegisterPartner);
    let name = Access::Needs(Permission::ManagePrincipals);
    routes
        .get(Partners::PATH, read, list::partners)
        .get(NewPartner::PATH, register, pages::new)
        .post(NewPartner::PATH, register, pages::register)
        .get(Partner::PATH, read, sheet::partner)
        .get(CorrectPartner::PATH, register, pages::edit)
        .post(CorrectPartner::PATH, register, pages::correct)
        .get(NewPrincipal::PATH, name, principal::new)
        .post(NewPrincipal::PATH, name, principal::create)
        .get(PrincipalSecret::PATH, name, principal::confirm_secret)
        .post(PrincipalSecret::PATH, name, principal::send_secret)
}
