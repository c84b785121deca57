//! The people of a partner: whoever manages them creates them, sends their codes, suspends and reactivates them: its
//! principal and deputy, or the organism when it is centralised. Of a delegated partner the organism reads the same
//! pages and acts on principals and deputies alone: rights are computed once and given to the templates.
//!
//! An identifier may be printed by a manager; a code never passes through one: it is made when its mail leaves.

mod acts;
mod commands;
mod list;
mod new;
mod notification;
mod person;
mod store;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{
    NewUser, ReactivateUser, SuspendUser, User, UserIdentifier, UserNotification, UserSecret, Users,
};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let read = Access::Needs(Permission::ReadUsers);
    let create = Access::Needs(Permission::CreateUsers);
    let secret = Access::Needs(Permission::SendSecrets);
    let suspend = Access::Needs(Permission::SuspendUsers);
    routes
        .get(Users::PATH, read, list::list)
        .get(NewUser::PATH, create, new::form)
        .post(NewUser::PATH, create, new::create)
        .get(User::PATH, read, person::show)
        .get(UserIdentifier::PATH, read, person::identifier)
        .get(UserNotification::PATH, Access::Needs(Permission::GrantRoles), notification::notification)
        .get(UserSecret::PATH, secret, acts::ask_secret)
        .post(UserSecret::PATH, secret, acts::send_secret)
        .get(SuspendUser::PATH, suspend, acts::ask_suspension)
        .post(SuspendUser::PATH, suspend, acts::suspend)
        .post(ReactivateUser::PATH, suspend, acts::reactivate)
}
