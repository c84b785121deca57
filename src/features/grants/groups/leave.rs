//! Taking somebody out of a group, behind the page that tells what he loses.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;

use super::members;
use super::{managed, store};
use crate::app::App;
use crate::domain::day::Day;
use crate::domain::files::Rubric;
use crate::domain::grants::{Held, frees_its_place};
use crate::features::grants::offer::{self, Membership};
use crate::features::grants::revoke::Reason;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::fault::Faults;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{Group, Groups, LeaveGroup};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "groups/leave.html")]
struct LeavePage {
    shell: Shell,
    key: String,
    path: LeaveGroup,
    back: Group,
    list: Groups,
    name: String,
    group: String,
    /// The roles that he loses by it, each with whether a place is freed.
    roles: Vec<(String, bool)>,
    /// Rubrics that nothing else shows him.
    lost: BTreeSet<Rubric>,
    reason: String,
    faults: Faults,
}

async fn page(
    app: &App,
    visit: &Visit,
    path: LeaveGroup,
    key: String,
    reason: String,
    faults: Faults,
) -> Result<LeavePage, Problem> {
    let LeaveGroup { partner, group, member } = path;
    let mut reader = app.read(&visit.actor).await?;
    managed(&mut reader, visit, partner).await?;
    let serving = store::group(&mut reader, partner, group).await?;
    let serving = serving.filter(|group| group.archived_at.is_none()).ok_or(Problem::NotFound)?;
    let members = store::members(&mut reader, partner, group).await?;
    let person = members.into_iter().find(|known| known.id == member).ok_or(Problem::NotFound)?;
    let offer = offer::offer(&mut reader, partner).await?;
    drop(reader);
    let today = visit.today();
    let by_it = |held: &Held| held.account == member && held.group == Some(group);
    let mut roles = Vec::new();
    for membership in &offer {
        for held in membership.held.iter().filter(|held| by_it(held)) {
            let name = membership.roles.iter().find(|role| role.id == held.role);
            let name = name.map(|role| role.name.clone()).unwrap_or_default();
            roles.push((name, frees_its_place(held.grant, &membership.held, today)));
        }
    }
    let seen = |loses: &dyn Fn(&Held) -> bool| -> BTreeSet<Rubric> {
        offer.iter().flat_map(|membership| rubrics(membership, today, loses)).collect()
    };
    let kept = seen(&|held| held.account == member && !by_it(held));
    let name = person.name();
    Ok(LeavePage {
        shell: visit.shell(format!("Retirer {name} du groupe « {} » ?", serving.name)),
        key,
        path,
        back: Group { partner, group },
        list: Groups { partner },
        name,
        group: serving.name,
        roles,
        lost: seen(&by_it).difference(&kept).copied().collect(),
        reason,
        faults,
    })
}

/// What grants of a membership show today.
fn rubrics(membership: &Membership, today: Day, which: &dyn Fn(&Held) -> bool) -> BTreeSet<Rubric> {
    let held = membership.held.iter().filter(|held| which(held) && held.period.holds_on(today));
    let roles = held.filter_map(|held| membership.roles.iter().find(|role| role.id == held.role));
    roles.flat_map(|role| role.rubrics.iter().copied()).collect()
}

/// Whether to take him out.
pub(super) async fn ask(State(app): State<App>, visit: Visit, path: LeaveGroup) -> Answer {
    let Reason { motif } = visit.resumed().unwrap_or_default();
    shown(&page(&app, &visit, path, new_key(&app), motif, Faults::new()).await?)
}

/// Takes him out.
pub(super) async fn leave(
    State(app): State<App>,
    visit: Visit,
    path: LeaveGroup,
    Sent { key, fields }: Sent<Reason>,
) -> Answer {
    let mut faults = Faults::new();
    let reason = faults.paragraph("motif", &fields.motif, REASON);
    if !faults.is_empty() {
        return refused(&page(&app, &visit, path, key, fields.motif, faults).await?);
    }
    acted(&members::leave(&app, &visit, path, &key, &reason).await?)
}
