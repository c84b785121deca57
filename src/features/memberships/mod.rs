//! Memberships: the organism opens a service to a partner, under conditions, for missions, inside a perimeter and
//! for so many people (001 art. 2.1, 2.2.1).
//!
//! `form` is what opening and correcting share, `sheet` shows one, `caps` fixes how many people may hold it.

mod caps;
pub(crate) mod commands;
mod form;
mod pages;
mod sheet;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{Caps, CorrectMembership, Membership, NewMembership};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let manage = Access::Needs(Permission::ManageMemberships);
    let fix = Access::Needs(Permission::ManageCaps);
    routes
        .get(NewMembership::PATH, manage, pages::new)
        .post(NewMembership::PATH, manage, pages::open)
        .get(Membership::PATH, Access::Needs(Permission::ReadPartners), sheet::membership)
        .get(CorrectMembership::PATH, manage, pages::edit)
        .post(CorrectMembership::PATH, manage, pages::correct)
        .get(Caps::PATH, fix, caps::caps)
        .post(Caps::PATH, fix, caps::fix)
}
