//! Granting and withdrawing: the partner's row is taken first, then everything is counted again.

use super::circonscriptions;
use super::offer::{self, role_of};
use super::store::{self, Candidate, Place};
use crate::app::App;
use crate::db::holdings::Withdrawal;
use crate::domain::access::Permission;
use crate::domain::circonscriptions::placed;
use crate::domain::facts::Fact;
use crate::domain::grants::{self, KEPT_YEARS, Obstacle, Wanted};
use crate::domain::id::{GrantId, PartnerId};
use crate::domain::users::may_be_managed;
use crate::web::answer::Act;
use crate::web::paths::{RevokeGrant, User, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// How a wish to grant ended.
pub(super) enum Granting {
    /// It is granted.
    Done(Act),
    /// It is not: nothing was written.
    Refused(Obstacle),
}

/// Why an ended grant leaves for the history when its role is granted again.
pub(super) const ENDED: &str = "terme atteint, rôle donné de nouveau";

/// Grants a role.
pub(super) async fn grant(
    app: &App,
    visit: &Visit,
    partner: PartnerId,
    key: &str,
    wanted: &Wanted,
) -> Result<Granting, Problem> {
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::GrantRoles, partner).await?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let account = wanted.account;
    let employer = store::employer(&mut tx, partner).await?.ok_or(Problem::NotFound)?;
    store::person(&mut tx, partner, account)
        .await?
        .filter(|Candidate { person, .. }| {
            may_be_managed(tx.actor(), employer.mode, person.id, person.office)
        })
        .ok_or(Problem::NotFound)?;
    let location = told(&User { partner, account }, "habilite");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Granting::Done(Act::Before(taken)));
    }
    let offer = offer::offer(&mut tx, partner).await?;
    let (membership, role) = role_of(&offer, wanted.role).ok_or(Problem::NotFound)?;
    let mut wanted = wanted.clone();
    if let Some(chosen) = wanted.circonscription {
        wanted.perimeter = circonscriptions::as_drawn(&mut tx, partner, chosen).await?;
    }
    let wanted = &wanted;
    if let Err(obstacle) = placed(wanted.circonscription, membership.by_circonscription) {
        return Ok(Granting::Refused(obstacle));
    }
    let today = visit.zone.day(tx.now());
    let granted =
        match grants::grant(wanted, &membership.held, &membership.limits(), &membership.perimeter, today) {
            Ok(granted) => granted,
            Err(obstacle) => return Ok(Granting::Refused(obstacle)),
        };
    let revoked = |grant: GrantId| Fact::RoleRevoked {
        grant,
        account,
        partner,
        service: membership.service_code.clone(),
        role: role.code.clone(),
        reason: ENDED.to_owned(),
        group: None,
    };
    let mut facts: Vec<Fact> = granted.renews.map(revoked).into_iter().collect();
    if let Some(ended) = granted.renews {
        let erase_on = today.plus_years(KEPT_YEARS);
        tx.retire(ended, &Withdrawal { by, reason: ENDED, erase_on }).await?;
    }
    let id: GrantId = tx.new_id();
    let place = Place { organism: visit.organism, partner, membership: membership.id };
    store::insert(&mut tx, id, &place, wanted, None, by).await?;
    facts.push(Fact::RoleGranted {
        grant: id,
        account,
        partner,
        membership: membership.id,
        service: membership.service_code.clone(),
        role: role.code.clone(),
        perimeter: wanted.perimeter.to_string(),
        starts_on: wanted.period.starts_on,
        ends_on: wanted.period.ends_on,
        group: None,
    });
    let receipt = tx.commit(facts).await?;
    Ok(Granting::Done(Act::Done { receipt, location }))
}

/// Withdraws a role: its place is free, and the next request of its holder goes without it.
pub(super) async fn revoke(
    app: &App,
    visit: &Visit,
    path: RevokeGrant,
    key: &str,
    reason: &str,
) -> Result<Act, Problem> {
    let draft = app.write_for(&visit.actor, path.partner).await?;
    let mut tx = draft.permit_for(Permission::RevokeRoles, path.partner).await?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let Some(grant) = store::grant(&mut tx, path.partner, path.grant).await? else {
        // It is no more: withdrawn by the first sending of this very form, or by somebody else.
        return tx.claim(key, "").await?.map(Act::Before).ok_or(Problem::NotFound);
    };
    let employer = store::employer(&mut tx, path.partner).await?.ok_or(Problem::NotFound)?;
    if !may_be_managed(tx.actor(), employer.mode, grant.person.id, grant.person.office) {
        return Err(Problem::NotFound);
    }
    let location = told(&User { partner: path.partner, account: grant.person.id }, "retire");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let today = visit.zone.day(tx.now());
    let erase_on = today.plus_years(KEPT_YEARS);
    tx.retire(grant.id, &Withdrawal { by, reason, erase_on }).await?;
    let fact = Fact::RoleRevoked {
        grant: grant.id,
        account: grant.person.id,
        partner: path.partner,
        service: grant.service_code,
        role: grant.role_code,
        reason: reason.to_owned(),
        group: None,
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}
