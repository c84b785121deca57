//! The network of a partner («réseau déclaré»): the ranges of addresses from which its people are expected. The organism
//! declares them, its auditor and who administers the partner read them; a look-up from elsewhere is told by a rule of
//! atypical use, and refused to nobody.

mod commands;
mod pages;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{DeclareNetwork, PartnerNetwork};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let read = Access::Needs(Permission::ReadNetworks);
    let declare = Access::Needs(Permission::DeclareNetworks);
    routes.get(PartnerNetwork::PATH, read, pages::read).get(DeclareNetwork::PATH, declare, pages::form).post(
        DeclareNetwork::PATH,
        declare,
        pages::declare,
    )
}
