//! Coming into a group and leaving it: both change what somebody holds, so both take the partner's row first.

use super::commands::serving;
use super::store;
use crate::app::App;
use crate::db::WriteTx;
use crate::db::holdings::{ByGroup, Withdrawal};
use crate::domain::access::Permission;
use crate::domain::caps::CapReached;
use crate::domain::facts::Fact;
use crate::domain::grants::{self, KEPT_YEARS};
use crate::domain::groups::{self, MOST_MEMBERS, reaches};
use crate::domain::id::{AccountId, GrantId, MembershipId, PartnerId};
use crate::features::grants::offer;
use crate::features::grants::store::{Place, insert};
use crate::web::answer::Act;
use crate::web::paths::{Group, JoinGroup, LeaveGroup, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// How coming into a group ended.
pub(super) enum Joining {
    /// They are in.
    Done(Act),
    /// Nobody came in: a service of that membership, or one of its roles, has too few places.
    NoPlace(MembershipId, CapReached),
    /// Nobody came in: a group of so many is too large.
    TooMany,
    /// Nobody came in: they all were there already.
    Inside,
}

/// Brings people into a group: all of them, with all that it gives, or nobody.
pub(super) async fn join(
    app: &App,
    visit: &Visit,
    path: JoinGroup,
    key: &str,
    people: &[AccountId],
) -> Result<Joining, Problem> {
    let JoinGroup { partner, group } = path;
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::ManageGroups, partner).await?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let serving = serving(&mut tx, partner, group).await?;
    let location = told(&Group { partner, group }, "entree");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Joining::Done(Act::Before(taken)));
    }
    let members = store::members(&mut tx, partner, group).await?;
    let mut newcomers: Vec<AccountId> = Vec::new();
    for account in people {
        // Those who manage groups are not among those whom one may have.
        let person = store::person(&mut tx, partner, *account).await?.ok_or(Problem::NotFound)?;
        if !newcomers.contains(&person.id) && members.iter().all(|member| member.id != person.id) {
            newcomers.push(person.id);
        }
    }
    if newcomers.is_empty() {
        return Ok(Joining::Inside);
    }
    if members.len() + newcomers.len() > MOST_MEMBERS {
        return Ok(Joining::TooMany);
    }
    let today = visit.zone.day(tx.now());
    let roles = store::roles(&mut tx, partner, group).await?;
    for membership in offer::offer(&mut tx, partner).await? {
        let given: Vec<_> = roles.iter().filter(|role| role.membership == membership.id).collect();
        let given: Vec<_> = given.into_iter().map(store::GroupRole::given).collect();
        if let Err(cap) = groups::join(&newcomers, &given, &membership.held, &membership.limits(), today) {
            return Ok(Joining::NoPlace(membership.id, cap));
        }
    }
    let mut facts = Vec::new();
    for account in newcomers {
        store::add_member(&mut tx, group, account, by).await?;
        facts.push(Fact::GroupJoined { group: serving.mark(), account });
        for role in &roles {
            let Some(period) = reaches(role.period, today) else { continue };
            let place = Place { organism: visit.organism, partner, membership: role.membership };
            let wanted = grants::Wanted {
                account,
                role: role.role,
                perimeter: role.perimeter.clone(),
                circonscription: role.circonscription,
                period,
            };
            let codes = (role.service_code.as_str(), role.role_code.as_str());
            facts.push(hold(&mut tx, &serving, &place, codes, &wanted, by).await?);
        }
    }
    let receipt = tx.commit(facts).await?;
    Ok(Joining::Done(Act::Done { receipt, location }))
}

/// Writes what one member holds by his group, and tells it.
pub(super) async fn hold(
    tx: &mut WriteTx,
    group: &store::Group,
    place: &Place,
    (service, role): (&str, &str),
    wanted: &grants::Wanted,
    by: AccountId,
) -> Result<Fact, Problem> {
    let grant: GrantId = tx.new_id();
    insert(tx, grant, place, wanted, Some(group.id), by).await?;
    Ok(Fact::RoleGranted {
        grant,
        account: wanted.account,
        partner: place.partner,
        membership: place.membership,
        service: service.to_owned(),
        role: role.to_owned(),
        perimeter: wanted.perimeter.to_string(),
        starts_on: wanted.period.starts_on,
        ends_on: wanted.period.ends_on,
        group: Some(group.mark()),
    })
}

/// Takes somebody out: what the group gave him stops at his next request.
pub(super) async fn leave(
    app: &App,
    visit: &Visit,
    path: LeaveGroup,
    key: &str,
    reason: &str,
) -> Result<Act, Problem> {
    let LeaveGroup { partner, group, member } = path;
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::ManageGroups, partner).await?;
    let serving = serving(&mut tx, partner, group).await?;
    if !is_member(&mut tx, partner, &serving, member).await? {
        // He is out: by the first sending of this very form, or by somebody else.
        return tx.claim(key, "").await?.map(Act::Before).ok_or(Problem::NotFound);
    }
    let location = told(&Group { partner, group }, "sortie");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let erase_on = visit.zone.day(tx.now()).plus_years(KEPT_YEARS);
    let which = ByGroup { group: Some(group), account: Some(member), role: None };
    let mut facts = tx.retire_by_group(partner, which, &Withdrawal { by, reason, erase_on }).await?;
    store::remove_member(&mut tx, group, member).await?;
    let left = Fact::GroupLeft { group: serving.mark(), account: member, partner, reason: reason.to_owned() };
    facts.insert(0, left);
    let receipt = tx.commit(facts).await?;
    Ok(Act::Done { receipt, location })
}

async fn is_member(
    tx: &mut WriteTx,
    partner: PartnerId,
    group: &store::Group,
    member: AccountId,
) -> Result<bool, Problem> {
    Ok(store::members(tx, partner, group.id).await?.iter().any(|known| known.id == member))
}
