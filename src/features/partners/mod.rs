//! Partners: the organism registers them, corrects them, and names the principal of each (001 art. 2.2.1).
//!
//! `list` shows them all, `sheet` one of them, `form` is what registering and correcting share, `seats` and `appoint`
//! name the principal and the deputy who manage the partner's people.

mod appoint;
pub(crate) mod commands;
mod form;
mod list;
mod pages;
mod seats;
mod sheet;
mod store;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{
    CorrectPartner, NewDeputy, NewPartner, NewPrincipal, Partner, Partners, PrincipalSecret,
};
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
        .get(NewPrincipal::PATH, name, seats::new_principal)
        .post(NewPrincipal::PATH, name, seats::name_principal)
        .get(PrincipalSecret::PATH, name, seats::moved_secret)
        .get(NewDeputy::PATH, name, seats::new_deputy)
        .post(NewDeputy::PATH, name, seats::name_deputy)
}
