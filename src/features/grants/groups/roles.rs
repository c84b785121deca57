//! Giving a role to a group and withdrawing it: every member gets it or loses it, each with a fact of his own.

use super::commands::serving;
use super::members::hold;
use super::store;
use crate::app::App;
use crate::db::holdings::{ByGroup, Withdrawal};
use crate::domain::access::Permission;
use crate::domain::circonscriptions::placed;
use crate::domain::facts::Fact;
use crate::domain::grants::{self, KEPT_YEARS, Obstacle};
use crate::domain::groups::{self, Wanted};
use crate::domain::id::{AccountId, GroupGrantId};
use crate::features::grants::circonscriptions;
use crate::features::grants::commands::ENDED;
use crate::features::grants::offer::{self, role_of};
use crate::features::grants::store::Place;
use crate::web::answer::Act;
use crate::web::paths::{Group, NewGroupGrant, RevokeGroupGrant, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// How giving a role to a group ended.
pub(super) enum Giving {
    /// It gives it.
    Done(Act),
    /// It does not: nothing was written.
    Refused(Obstacle),
}

/// Gives a role to a group: all its members hold it, or nobody does.
pub(super) async fn give(
    app: &App,
    visit: &Visit,
    path: NewGroupGrant,
    key: &str,
    wanted: &Wanted,
) -> Result<Giving, Problem> {
    let NewGroupGrant { partner, group } = path;
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::ManageGroups, partner).await?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let serving = serving(&mut tx, partner, group).await?;
    let location = told(&Group { partner, group }, "role");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Giving::Done(Act::Before(taken)));
    }
    let members: Vec<AccountId> =
        store::members(&mut tx, partner, group).await?.into_iter().map(|member| member.id).collect();
    let roles = store::roles(&mut tx, partner, group).await?;
    let offer = offer::offer(&mut tx, partner).await?;
    let (membership, role) = role_of(&offer, wanted.role).ok_or(Problem::NotFound)?;
    let mut wanted = wanted.clone();
    if let Some(chosen) = wanted.circonscription {
        wanted.perimeter = circonscriptions::as_drawn(&mut tx, partner, chosen).await?;
    }
    let wanted = &wanted;
    if let Err(obstacle) = placed(wanted.circonscription, membership.by_circonscription) {
        return Ok(Giving::Refused(obstacle));
    }
    let today = visit.zone.day(tx.now());
    let given: Vec<_> =
        roles.iter().filter(|given| given.membership == membership.id).map(store::GroupRole::given).collect();
    let (held, limits) = (&membership.held, membership.limits());
    let granted = match groups::grant(wanted, &members, &given, held, &limits, &membership.perimeter, today) {
        Ok(granted) => granted,
        Err(obstacle) => return Ok(Giving::Refused(obstacle)),
    };
    let mut facts = Vec::new();
    if let Some(ended) = granted.renews {
        let withdrawal = Withdrawal { by, reason: ENDED, erase_on: today.plus_years(KEPT_YEARS) };
        let which = ByGroup { group: Some(group), account: None, role: Some(wanted.role) };
        facts.push(Fact::GroupRoleRevoked {
            grant: ended,
            group: serving.mark(),
            service: membership.service_code.clone(),
            role: role.code.clone(),
            reason: ENDED.to_owned(),
        });
        facts.extend(tx.retire_by_group(partner, which, &withdrawal).await?);
        store::delete_role(&mut tx, ended).await?;
    }
    let grant: GroupGrantId = tx.new_id();
    let place = Place { organism: visit.organism, partner, membership: membership.id };
    store::insert_role(&mut tx, grant, group, &place, wanted, by).await?;
    facts.push(Fact::GroupRoleGranted {
        grant,
        group: serving.mark(),
        membership: membership.id,
        service: membership.service_code.clone(),
        role: role.code.clone(),
        perimeter: wanted.perimeter.to_string(),
        starts_on: wanted.period.starts_on,
        ends_on: wanted.period.ends_on,
    });
    for account in members {
        let Wanted { role: id, perimeter, circonscription, period } = wanted.clone();
        let held = grants::Wanted { account, role: id, perimeter, circonscription, period };
        facts.push(hold(&mut tx, &serving, &place, (&membership.service_code, &role.code), &held, by).await?);
    }
    let receipt = tx.commit(facts).await?;
    Ok(Giving::Done(Act::Done { receipt, location }))
}

/// Withdraws a role from a group. Whoever holds it by another route keeps it, and his place.
pub(super) async fn take_back(
    app: &App,
    visit: &Visit,
    path: RevokeGroupGrant,
    key: &str,
    reason: &str,
) -> Result<Act, Problem> {
    let RevokeGroupGrant { partner, group, given } = path;
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::ManageGroups, partner).await?;
    let serving = serving(&mut tx, partner, group).await?;
    let roles = store::roles(&mut tx, partner, group).await?;
    let Some(role) = roles.into_iter().find(|role| role.id == given) else {
        // It gives it no more: by the first sending of this very form, or by somebody else.
        return tx.claim(key, "").await?.map(Act::Before).ok_or(Problem::NotFound);
    };
    let location = told(&Group { partner, group }, "role-retire");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let erase_on = visit.zone.day(tx.now()).plus_years(KEPT_YEARS);
    let which = ByGroup { group: Some(group), account: None, role: Some(role.role) };
    let mut facts = tx.retire_by_group(partner, which, &Withdrawal { by, reason, erase_on }).await?;
    store::delete_role(&mut tx, role.id).await?;
    let revoked = Fact::GroupRoleRevoked {
        grant: role.id,
        group: serving.mark(),
        service: role.service_code,
        role: role.role_code,
        reason: reason.to_owned(),
    };
    facts.insert(0, revoked);
    let receipt = tx.commit(facts).await?;
    Ok(Act::Done { receipt, location })
}
