//! Withdrawing a role, behind the page that tells what the person loses.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands;
use super::offer::{self, role_of};
use super::store;
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::facts::Fact;
use crate::domain::files::Rubric;
use crate::domain::grants::frees_its_place;
use crate::domain::users::may_be_managed;
use crate::web::answer::{Answer, Tracing, acted, refused, shown};
use crate::web::fault::Faults;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{Grants, RevokeGrant, User};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// Why.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reason {
    pub(super) motif: String,
}

#[derive(Template)]
#[template(path = "grants/revoke.html")]
struct RevokePage {
    shell: Shell,
    key: String,
    path: RevokeGrant,
    person: User,
    name: String,
    role: String,
    service: String,
    places: String,
    /// Rubrics that nothing else shows the person.
    lost: BTreeSet<Rubric>,
    /// Whether a place of the role is freed.
    frees: bool,
    reason: String,
    faults: Faults,
}

impl RevokePage {
    fn list(&self) -> Grants {
        Grants { partner: self.path.partner }
    }
}

async fn page(
    app: &App,
    visit: &Visit,
    path: RevokeGrant,
    key: String,
    reason: String,
    faults: Faults,
) -> Result<RevokePage, Problem> {
    let today = visit.today();
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    if !visit.actor.may_at(Permission::RevokeRoles, employer.mode) {
        return Err(Problem::NotFound);
    }
    let grant = store::grant(&mut reader, path.partner, path.grant)
        .await?
        .filter(|grant| may_be_managed(&visit.actor, employer.mode, grant.person.id, grant.person.office))
        .ok_or(Problem::NotFound)?;
    let offer = offer::offer(&mut reader, path.partner).await?;
    drop(reader);
    let (membership, role) = role_of(&offer, grant.role).ok_or(Problem::NotFound)?;
    let kept: BTreeSet<Rubric> = membership
        .held
        .iter()
        .filter(|held| held.account == grant.person.id && held.grant != grant.id)
        .filter(|held| held.period.holds_on(today))
        .filter_map(|held| membership.roles.iter().find(|role| role.id == held.role))
        .flat_map(|role| role.rubrics.iter().copied())
        .collect();
    let name = grant.person.name();
    Ok(RevokePage {
        shell: visit.shell(format!("Retirer le rôle « {} » à {name} ?", grant.role_name)),
        key,
        path,
        person: User { partner: path.partner, account: grant.person.id },
        name,
        role: grant.role_name,
        service: grant.service,
        places: grant.perimeter.names().join(", "),
        lost: role.rubrics.difference(&kept).copied().collect(),
        frees: frees_its_place(grant.id, &membership.held, today),
        reason,
        faults,
    })
}

fn read(path: RevokeGrant) -> Vec<Fact> {
    vec![Fact::PageRead { route: RevokeGrant::PATH.to_owned(), subject: Some(path.grant.to_string()) }]
}

/// Whether to withdraw.
pub(super) async fn ask(State(app): State<App>, visit: Visit, path: RevokeGrant) -> Answer {
    let Reason { motif } = visit.resumed().unwrap_or_default();
    shown(&page(&app, &visit, path, new_key(&app), motif, Faults::new()).await?).reading(read(path))
}

/// Withdraws.
pub(super) async fn revoke(
    State(app): State<App>,
    visit: Visit,
    path: RevokeGrant,
    Sent { key, fields }: Sent<Reason>,
) -> Answer {
    let mut faults = Faults::new();
    let reason = faults.paragraph("motif", &fields.motif, REASON);
    if !faults.is_empty() {
        return refused(&page(&app, &visit, path, key, fields.motif, faults).await?);
    }
    acted(&commands::revoke(&app, &visit, path, &key, &reason).await?)
}
