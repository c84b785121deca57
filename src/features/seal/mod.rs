//! The checkpoint of the log («empreinte du journal»): shown to the organism and to those who manage a partner, taken
//! away by them, and compared with the log when they bring one back. Nothing here says what anybody did; what the log
//! tells of itself is for who reads the traces of the whole organism.

mod events;
mod pages;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{Checkpoint, CheckpointKeys, LastCheckpoint};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let witness = Access::Needs(Permission::WitnessLog);
    routes.get(Checkpoint::PATH, witness, pages::show).get(LastCheckpoint::PATH, witness, pages::last).get(
        CheckpointKeys::PATH,
        witness,
        pages::keys,
    )
}
