//! Giving a role to a group: what, how far, and what will change for its members.

use askama::Template;
use axum::extract::State;

use super::managed;
use super::roles::{self, Giving};
use super::store::{self, Member};
use crate::app::App;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::grants::{Held, Obstacle};
use crate::domain::groups::Wanted;
use crate::domain::id::{GrantId, RowId as _};
use crate::features::grants::circonscriptions::{self, Circonscription};
use crate::features::grants::extents::{Extents, drawn_at};
use crate::features::grants::form::{Step, Typed, read_role};
use crate::features::grants::new::roles as choices;
use crate::features::grants::offer::{self, Membership, role_of};
use crate::features::grants::preview::{Effect, effects, fault};
use crate::features::grants::refusal::{cause, no_place};
use crate::web::answer::{Answer, Tracing, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::counted;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell};
use crate::web::paths::{Grants, Group, Groups, NewGroupGrant};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "groups/give.html")]
struct GivePage {
    shell: Shell,
    key: String,
    path: NewGroupGrant,
    back: Group,
    list: Groups,
    group: String,
    typed: Typed,
    faults: Faults,
    today: Day,
    /// Whether anything may be given at all.
    nothing: bool,
    roles: Vec<Choice>,
    extents: Extents,
    members: String,
    effects: Vec<Effect>,
}

/// What the page is made from, read once.
struct Sources {
    group: store::Group,
    members: Vec<Member>,
    offer: Vec<Membership>,
    circonscriptions: Vec<Circonscription>,
}

impl Sources {
    /// Reads what is asked; what cannot be read leaves its fault.
    fn read(&self, typed: &Typed, today: Day, faults: &mut Faults) -> Option<Wanted> {
        read_role(typed, &self.offer, &self.circonscriptions, today, faults)
    }
}

async fn sources(app: &App, visit: &Visit, path: NewGroupGrant) -> Result<Sources, Problem> {
    let NewGroupGrant { partner, group } = path;
    let mut reader = app.read(&visit.actor).await?;
    managed(&mut reader, visit, partner).await?;
    let serving = store::group(&mut reader, partner, group).await?;
    let serving = serving.filter(|group| group.archived_at.is_none()).ok_or(Problem::NotFound)?;
    let members = store::members(&mut reader, partner, group).await?;
    let offer = offer::offer(&mut reader, partner).await?;
    let circonscriptions = circonscriptions::all(&mut reader, partner).await?;
    Ok(Sources { group: serving, members, offer, circonscriptions })
}

fn page(
    visit: &Visit,
    path: NewGroupGrant,
    key: String,
    typed: Typed,
    sources: &Sources,
    wanted: Option<&Wanted>,
    (faults, notice): (Faults, Option<Notice>),
) -> GivePage {
    let NewGroupGrant { partner, group } = path;
    let today = visit.today();
    let effects = wanted.and_then(|wanted| {
        let (membership, _) = role_of(&sources.offer, wanted.role)?;
        let held = |member: &Member| Held {
            grant: GrantId::from_uuid(member.id.as_uuid()),
            account: member.id,
            role: wanted.role,
            period: wanted.period,
            group: Some(sources.group.id),
            able: member.able(),
        };
        let added: Vec<Held> = sources.members.iter().map(held).collect();
        Some(effects(membership, &added, "avec ce groupe", today))
    });
    GivePage {
        shell: visit.shell_with(format!("Donner un rôle au groupe « {} »", sources.group.name), notice),
        key,
        path,
        back: Group { partner, group },
        list: Groups { partner },
        group: sources.group.name.clone(),
        faults,
        today,
        nothing: sources.offer.is_empty(),
        roles: choices(&typed, &sources.offer, today),
        extents: Extents::of(&typed, &sources.offer, &sources.circonscriptions, drawn_at(visit, partner)),
        members: counted(u32::try_from(sources.members.len()).unwrap_or(u32::MAX), "membre"),
        effects: effects.unwrap_or_default(),
        typed,
    }
}

/// The form, empty or as it had been filled in.
pub(super) async fn form(State(app): State<App>, visit: Visit, path: NewGroupGrant) -> Answer {
    let sources = sources(&app, &visit, path).await?;
    let typed: Typed = visit.resumed().unwrap_or_default();
    let wanted = sources.read(&typed, visit.today(), &mut Faults::new());
    let none = (Faults::new(), None);
    shown(&page(&visit, path, new_key(&app), typed, &sources, wanted.as_ref(), none))
}

/// Gives it, or tells what would change.
pub(super) async fn give(
    State(app): State<App>,
    visit: Visit,
    path: NewGroupGrant,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let read = sources(&app, &visit, path).await?;
    let mut faults = Faults::new();
    let wanted = read.read(&typed, visit.today(), &mut faults);
    let (Some(asked), true) = (wanted.as_ref(), faults.is_empty()) else {
        return refused(&page(&visit, path, key, typed, &read, wanted.as_ref(), (faults, None)));
    };
    if typed.step() == Step::Preview {
        return shown(&page(&visit, path, key, typed, &read, Some(asked), (faults, None)));
    }
    match roles::give(&app, &visit, path, &key, asked).await? {
        Giving::Done(act) => acted(&act),
        Giving::Refused(obstacle) => stopped(&app, &visit, path, key, typed, asked, &obstacle).await,
    }
}

/// The page of a refusal by rule, on what is true now.
async fn stopped(
    app: &App,
    visit: &Visit,
    path: NewGroupGrant,
    key: String,
    typed: Typed,
    wanted: &Wanted,
    obstacle: &Obstacle,
) -> Answer {
    let read = sources(app, visit, path).await?;
    let (membership, role) = role_of(&read.offer, wanted.role).ok_or(Problem::NotFound)?;
    let mut faults = Faults::new();
    let (field, said) = match obstacle {
        Obstacle::AlreadyHeld => ("role", Fault::GroupGivesIt),
        _ => fault(obstacle, visit.today()),
    };
    faults.push(field, said);
    let notice = match obstacle {
        Obstacle::Cap(cap) => {
            let holders =
                ("Voir qui prend les places".to_owned(), Grants { partner: path.partner }.to_string());
            Some(Notice {
                title: "Le rôle n’a pas été donné au groupe : plafond atteint".to_owned(),
                ..no_place(cap, visit, path.partner, membership, vec![holders], false)
            })
        }
        _ => None,
    };
    let fact = Fact::GroupRoleRefused {
        group: read.group.mark(),
        service: membership.service_code.clone(),
        role: Some(role.code.clone()),
        cause: cause(obstacle),
    };
    let page = page(visit, path, key, typed, &read, Some(wanted), (faults, notice));
    refused(&page).reading(vec![fact])
}
