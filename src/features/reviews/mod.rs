//! The yearly review of who holds what (001 art. 2.2.2). The principal decides on each right of his people, line by
//! line, then transmits: what is transmitted is frozen, with its digest and a MAC. The organism reads it, follows who
//! is late, and reviews itself what those who manage a partner hold: nobody decides on his own rights.
//!
//! `current` is the page of the principal, `decide` takes his decisions, `transmit` ends the review, `report` shows
//! what was transmitted, `follow` who owes what, `managers` the organism's own part.

mod commands;
mod current;
mod decide;
mod follow;
mod lines;
mod managers;
mod proof;
mod report;
mod store;
mod transmit;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{ManagersReview, Review, ReviewDecisions, ReviewReport, Reviews, TransmitReview};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let review = Access::Needs(Permission::ReviewHoldings);
    let managers = Access::Needs(Permission::ReviewManagers);
    routes
        .get(Review::PATH, review, current::show)
        .post(Review::PATH, review, current::open)
        .post(ReviewDecisions::PATH, review, decide::decide)
        .get(TransmitReview::PATH, review, transmit::ask)
        .post(TransmitReview::PATH, review, transmit::transmit)
        .get(ReviewReport::PATH, Access::Needs(Permission::ReadReviews), report::show)
        .get(Reviews::PATH, Access::Needs(Permission::FollowReviews), follow::list)
        .get(ManagersReview::PATH, managers, managers::show)
        .post(ManagersReview::PATH, managers, managers::decide)
}
