//! Withdrawing a role from a group, behind the page that tells how many people lose it.

use askama::Template;
use axum::extract::State;

use super::roles;
use super::{managed, store};
use crate::app::App;
use crate::domain::grants::frees_its_place;
use crate::features::grants::offer::{self, role_of};
use crate::features::grants::revoke::Reason;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::fault::Faults;
use crate::web::filters::counted;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{Group, Groups, RevokeGroupGrant};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "groups/take_back.html")]
struct TakeBackPage {
    shell: Shell,
    key: String,
    path: RevokeGroupGrant,
    back: Group,
    list: Groups,
    group: String,
    role: store::GroupRole,
    /// How many people hold it by the group.
    holders: String,
    /// How many places that frees.
    freed: String,
    /// Whether some keep it by another route.
    kept: bool,
    reason: String,
    faults: Faults,
}

async fn page(
    app: &App,
    visit: &Visit,
    path: RevokeGroupGrant,
    key: String,
    reason: String,
    faults: Faults,
) -> Result<TakeBackPage, Problem> {
    let RevokeGroupGrant { partner, group, given } = path;
    let mut reader = app.read(&visit.actor).await?;
    managed(&mut reader, visit, partner).await?;
    let serving = store::group(&mut reader, partner, group).await?;
    let serving = serving.filter(|group| group.archived_at.is_none()).ok_or(Problem::NotFound)?;
    let roles = store::roles(&mut reader, partner, group).await?;
    let role = roles.into_iter().find(|role| role.id == given).ok_or(Problem::NotFound)?;
    let offer = offer::offer(&mut reader, partner).await?;
    drop(reader);
    let (membership, _) = role_of(&offer, role.role).ok_or(Problem::NotFound)?;
    let today = visit.today();
    let by_it: Vec<_> =
        membership.held.iter().filter(|held| held.group == Some(group) && held.role == role.role).collect();
    let freed = by_it.iter().filter(|held| frees_its_place(held.grant, &membership.held, today)).count();
    let number = |people: usize| u32::try_from(people).unwrap_or(u32::MAX);
    Ok(TakeBackPage {
        shell: visit
            .shell(format!("Retirer le rôle « {} » au groupe « {} » ?", role.role_name, serving.name)),
        key,
        path,
        back: Group { partner, group },
        list: Groups { partner },
        group: serving.name,
        holders: counted(number(by_it.len()), "personne"),
        freed: counted(number(freed), "place"),
        kept: freed < by_it.len(),
        role,
        reason,
        faults,
    })
}

/// Whether to withdraw it.
pub(super) async fn ask(State(app): State<App>, visit: Visit, path: RevokeGroupGrant) -> Answer {
    let Reason { motif } = visit.resumed().unwrap_or_default();
    shown(&page(&app, &visit, path, new_key(&app), motif, Faults::new()).await?)
}

/// Withdraws it.
pub(super) async fn take_back(
    State(app): State<App>,
    visit: Visit,
    path: RevokeGroupGrant,
    Sent { key, fields }: Sent<Reason>,
) -> Answer {
    let mut faults = Faults::new();
    let reason = faults.paragraph("motif", &fields.motif, REASON);
    if !faults.is_empty() {
        return refused(&page(&app, &visit, path, key, fields.motif, faults).await?);
    }
    acted(&roles::take_back(&app, &visit, path, &key, &reason).await?)
}
