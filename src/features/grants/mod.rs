//! Grants: a role, to one person or to a group of them, inside a perimeter, between two days. Whoever grants sees what will change before
//! it does; caps are counted again inside the transaction, after the partner's row was taken.

mod circonscriptions;
mod commands;
mod extents;
mod form;
mod groups;
mod list;
mod mine;
mod new;
mod offer;
mod preview;
mod refusal;
mod revoke;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{Grants, MyGrants, NewGrant, RevokeGrant};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let grant = Access::Needs(Permission::GrantRoles);
    let revoke = Access::Needs(Permission::RevokeRoles);
    let routes = groups::add(routes);
    routes
        .get(Grants::PATH, Access::Needs(Permission::ReadUsers), list::list)
        .get(NewGrant::PATH, grant, new::form)
        .post(NewGrant::PATH, grant, new::grant)
        .get(RevokeGrant::PATH, revoke, revoke::ask)
        .post(RevokeGrant::PATH, revoke, revoke::revoke)
        .get(MyGrants::PATH, Access::Needs(Permission::ConsultFiles), mine::mine)
}
