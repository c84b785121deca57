//! Circonscriptions: the organism draws the named parts of a partner's territory, inside what its memberships reach.
//! A grant made for one follows it when it is drawn again (004 art. 3).

mod commands;
mod pages;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{Circonscription, Circonscriptions, NewCirconscription};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let draw = Access::Needs(Permission::DrawCirconscriptions);
    routes
        .get(Circonscriptions::PATH, draw, pages::list)
        .get(NewCirconscription::PATH, draw, pages::new)
        .post(NewCirconscription::PATH, draw, pages::create)
        .get(Circonscription::PATH, draw, pages::edit)
        .post(Circonscription::PATH, draw, pages::correct)
}
