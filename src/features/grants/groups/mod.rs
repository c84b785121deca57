//! Groups: the other route by which a role reaches people. Whatever can add a holder takes the partner's row first, then
//! counts people again, whichever route gives them their place. What each member holds by his group stands beside what
//! he holds directly: withdrawn by the group, never by itself.

mod archive;
mod commands;
mod form;
mod give;
mod join;
mod leave;
mod list;
mod members;
mod roles;
mod sheet;
mod store;
mod take_back;

use axum_extra::routing::TypedPath as _;

use super::store::{Employer, employer};
use crate::app::App;
use crate::db::Reader;
use crate::domain::access::Permission;
use crate::domain::id::PartnerId;
use crate::web::paths::{
    ArchiveGroup, CorrectGroup, Group, Groups, JoinGroup, LeaveGroup, NewGroup, NewGroupGrant,
    RevokeGroupGrant,
};
use crate::web::problem::Problem;
use crate::web::routes::{Access, Routes};
use crate::web::visit::Visit;

/// The routes of groups.
pub(super) fn add(routes: Routes<App>) -> Routes<App> {
    let read = Access::Needs(Permission::ReadUsers);
    let manage = Access::Needs(Permission::ManageGroups);
    routes
        .get(Groups::PATH, read, list::list)
        .get(NewGroup::PATH, manage, form::new)
        .post(NewGroup::PATH, manage, form::create)
        .get(Group::PATH, read, sheet::show)
        .get(CorrectGroup::PATH, manage, form::edit)
        .post(CorrectGroup::PATH, manage, form::correct)
        .get(ArchiveGroup::PATH, manage, archive::ask)
        .post(ArchiveGroup::PATH, manage, archive::archive)
        .get(JoinGroup::PATH, manage, join::form)
        .post(JoinGroup::PATH, manage, join::join)
        .get(LeaveGroup::PATH, manage, leave::ask)
        .post(LeaveGroup::PATH, manage, leave::leave)
        .get(NewGroupGrant::PATH, manage, give::form)
        .post(NewGroupGrant::PATH, manage, give::give)
        .get(RevokeGroupGrant::PATH, manage, take_back::ask)
        .post(RevokeGroupGrant::PATH, manage, take_back::take_back)
}

/// The partner of a page where groups change: it exists for whoever manages its people.
async fn managed(reader: &mut Reader, visit: &Visit, partner: PartnerId) -> Result<Employer, Problem> {
    let employer = employer(reader, partner).await?;
    let managed = |employer: &Employer| visit.actor.may_at(Permission::ManageGroups, employer.mode);
    employer.filter(managed).ok_or(Problem::NotFound)
}
