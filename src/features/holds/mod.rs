//! Legal holds («conservations exceptionnelles»): what an auditor or an administrator of the organism keeps beyond its
//! day for an investigation, and what another one of them releases. Partners never see any of it: neither the hold, nor
//! the traces that it keeps beyond six months.
//!
//! `asking` is the form that places one, `pages` are the list and one hold, `prolonging` keeps one
//! longer, `releasing` ends it. Rows that are held stay
//! where they are, among the others (`db::retention` says why).

mod asking;
mod commands;
mod pages;
mod prolonging;
mod releasing;
mod store;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{Hold, Holds, NewHold, ProlongHold, ReleaseHold};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let hold = Access::Needs(Permission::HoldTraces);
    routes
        .get(Holds::PATH, hold, pages::list)
        .get(NewHold::PATH, hold, asking::form)
        .post(NewHold::PATH, hold, asking::place)
        .get(Hold::PATH, hold, pages::hold)
        .get(ProlongHold::PATH, hold, prolonging::ask)
        .post(ProlongHold::PATH, hold, prolonging::prolong)
        .get(ReleaseHold::PATH, hold, releasing::ask)
        .post(ReleaseHold::PATH, hold, releasing::release)
}
