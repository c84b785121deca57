//! The acts on memberships: opening, correcting, fixing caps. Each takes its partner's row first: what it changes
//! decides who may hold what.

use super::form::{CapsAsked, Terms};
use super::store::{self, Mission, Role, Sheet};
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::domain::access::{Actor, Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::{MembershipId, MissionId, OrganismId, PartnerId, ServiceId};
use crate::web::answer::Act;
use crate::web::paths::{Membership, NewMembership, told};
use crate::web::problem::Problem;

fn organism_of(actor: &Actor) -> Result<OrganismId, Problem> {
    actor.organism().ok_or(Problem::NotFound)
}

/// Opens a service to a partner. It opens for good only when its conditions hold.
pub(crate) async fn open(
    app: &App,
    actor: &Actor,
    key: &str,
    partner: PartnerId,
    service: ServiceId,
    terms: &Terms,
    caps: &CapsAsked,
) -> Result<Act, Problem> {
    let organism = organism_of(actor)?;
    let scope = Scope::Partner(organism, partner);
    let mut tx = app.write_for(actor, partner).await?.permit(Permission::ManageMemberships, scope)?;
    let membership: MembershipId = tx.new_id();
    let location = told(&Membership { partner, membership }, "ouvert");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    // Joined meanwhile, or a service of another kind of organism: it is not offered.
    let stale = || Problem::Stale { href: NewMembership { partner }.to_string() };
    let offered = store::offered(tx.select(store::OFFERED), partner).await?;
    let service = offered.into_iter().find(|offered| offered.id == service).ok_or_else(stale)?;
    match store::insert(&mut tx, membership, organism, partner, service.id, terms, caps).await {
        Err(DbError::Duplicate) => return Err(stale()),
        inserted => inserted?,
    }
    for label in &terms.missions {
        store::add_mission(&mut tx, membership, label).await?;
    }
    let opened = Fact::MembershipOpened {
        membership,
        partner,
        service: service.code.clone(),
        perimeter: terms.perimeter.to_string(),
        cap: caps.service,
    };
    let fixed = caps.roles.iter().filter(|(_, cap)| cap.is_some()).map(|(role, cap)| Fact::CapFixed {
        membership,
        partner,
        service: service.code.clone(),
        role: Some(*role),
        before: None,
        after: *cap,
    });
    let receipt = tx.commit(std::iter::once(opened).chain(fixed)).await?;
    Ok(Act::Done { receipt, location })
}

/// Corrects a membership's conditions, missions and perimeter. `None` when nothing was changed.
pub(crate) async fn correct(
    app: &App,
    actor: &Actor,
    key: &str,
    path: Membership,
    version: i64,
    terms: &Terms,
    closing: &[MissionId],
) -> Result<Option<Act>, Problem> {
    let Membership { partner, membership } = path;
    let scope = Scope::Partner(organism_of(actor)?, partner);
    let mut tx = app.write_for(actor, partner).await?.permit(Permission::ManageMemberships, scope)?;
    let location = told(&path, "corrige");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Some(Act::Before(taken)));
    }
    let before = before(&mut tx, path).await?;
    let missions = store::missions(tx.select(store::MISSIONS), membership).await?;
    let closing: Vec<&Mission> =
        missions.iter().filter(|mission| !mission.closed && closing.contains(&mission.id)).collect();
    let changes = changes(&before, terms, &closing);
    if changes.is_empty() {
        return Ok(None);
    }
    if !store::update(&mut tx, membership, version, terms).await? {
        return Err(Problem::Stale { href: path.to_string() });
    }
    for mission in closing {
        store::close_mission(&mut tx, membership, mission.id).await?;
    }
    for label in &terms.missions {
        store::add_mission(&mut tx, membership, label).await?;
    }
    let fact = Fact::MembershipChanged { membership, partner, service: before.service_code, changes };
    let receipt = tx.commit([fact]).await?;
    Ok(Some(Act::Done { receipt, location }))
}

async fn before(tx: &mut WriteTx, path: Membership) -> Result<Sheet, Problem> {
    // Nothing here depends on who holds what today: any day gives the same.
    let day = Day::from(tx.now().instant().date());
    let select = tx.select(store::SHEET);
    store::sheet(select, path.partner, path.membership, day).await?.ok_or(Problem::NotFound)
}

/// What changes: name of the field, before, after.
fn changes(before: &Sheet, to: &Terms, closing: &[&Mission]) -> Vec<(String, String, String)> {
    let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let fields = [
        ("perimeter", before.perimeter.clone(), to.perimeter.to_string()),
        ("formality_done_on", day(before.formality_done_on), day(to.formality_done_on)),
        ("contract_signed_on", day(before.contract_signed_on), day(to.contract_signed_on)),
        ("signed_on", day(before.signed_on), day(to.signed_on)),
        ("available_on", day(before.available_on), day(to.available_on)),
    ];
    let closed = closing.iter().map(|mission| ("mission", mission.label.clone(), String::new()));
    let added = to.missions.iter().map(|label| ("mission", String::new(), label.clone()));
    let all = fields.into_iter().chain(closed).chain(added);
    all.filter(|(_, before, after)| before != after)
        .map(|(field, before, after)| (field.to_owned(), before, after))
        .collect()
}

/// Fixes the caps of a membership. A cap lower than its use removes nobody. `None` when nothing was changed.
pub(crate) async fn fix_caps(
    app: &App,
    actor: &Actor,
    key: &str,
    path: Membership,
    version: i64,
    caps: &CapsAsked,
) -> Result<Option<Act>, Problem> {
    let Membership { partner, membership } = path;
    let scope = Scope::Partner(organism_of(actor)?, partner);
    let mut tx = app.write_for(actor, partner).await?.permit(Permission::ManageCaps, scope)?;
    let location = told(&path, "plafonds");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Some(Act::Before(taken)));
    }
    let before = before(&mut tx, path).await?;
    let day = Day::from(tx.now().instant().date());
    let roles = store::roles(tx.select(store::ROLES), membership, day).await?;
    let service = before.service_code;
    let fixed = |role, before, after| Fact::CapFixed {
        membership,
        partner,
        service: service.clone(),
        role,
        before,
        after,
    };
    let mut facts = Vec::new();
    let service_cap = u32::try_from(before.cap).ok();
    if service_cap != Some(caps.service) {
        facts.push(fixed(None, service_cap, Some(caps.service)));
    }
    if !store::set_cap(&mut tx, membership, version, caps.service).await? {
        return Err(Problem::Stale { href: path.to_string() });
    }
    for (role, after) in &caps.roles {
        let before = roles.iter().find(|known| known.id == *role).and_then(Role::fixed);
        if before != *after {
            store::set_role_cap(&mut tx, membership, *role, *after).await?;
            facts.push(fixed(Some(*role), before, *after));
        }
    }
    if facts.is_empty() {
        return Ok(None);
    }
    let receipt = tx.commit(facts).await?;
    Ok(Some(Act::Done { receipt, location }))
}
