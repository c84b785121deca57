//! Granting a role: who, what, how far, and what will change. The same page answers a refusal, with what was typed
//! and the ways out.

use askama::Template;
use axum::extract::{Query, State};

use super::commands::{self, Granting};
use super::extents::{Extents, drawn_at};
use super::form::{FOUND, Sources, Step, Typed, read, sources};
use super::offer::{Membership, Role, role_of};
use super::preview::{Preview, fault};
use super::refusal::{cause, left, no_place, other_roles, refusal};
use super::store::{self, Candidate, Side};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::caps::CapReached;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::grants::{Obstacle, Wanted};
use crate::domain::id::{AccountId, PartnerId};
use crate::web::answer::{Answer, Tracing, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::Faults;
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell};
use crate::web::paths::{Grants, Group, NewGrant, NewUser, RevokeGrant};
use crate::web::problem::Problem;
use crate::web::standing::{moment, state};
use crate::web::visit::Visit;

/// Places proposed to be freed.
const SPARE: i64 = 5;

#[derive(Template)]
#[template(path = "grants/new.html")]
struct NewGrantPage {
    shell: Shell,
    key: String,
    path: NewGrant,
    typed: Typed,
    faults: Faults,
    today: Day,
    /// Whether anything may be granted at all.
    nothing: bool,
    may_add: bool,
    found: String,
    people: Vec<Choice>,
    roles: Vec<Choice>,
    extents: Extents,
    preview: Option<Preview>,
    computed_at: String,
    spare: Vec<Spare>,
}

/// A place that has served little.
struct Spare {
    name: String,
    job: String,
    last: Option<String>,
    granted_by: String,
    role: String,
    /// The group that gives it.
    group: Option<String>,
    /// Where it is withdrawn.
    href: String,
}

impl NewGrantPage {
    fn list(&self) -> Grants {
        Grants { partner: self.path.partner }
    }

    /// Where somebody who is not found is added, by who may.
    fn new_user(&self) -> Option<NewUser> {
        self.may_add.then_some(NewUser { partner: self.path.partner })
    }
}

/// The form, empty, filled in by its address, or as it had been typed.
pub(super) async fn form(
    State(app): State<App>,
    visit: Visit,
    path: NewGrant,
    Query(typed): Query<Typed>,
) -> Answer {
    let typed = visit.resumed().unwrap_or(typed);
    let sources = sources(&app, &visit, path, &typed).await?;
    let wanted = read(&typed, &sources, visit.today(), &mut Faults::new());
    shown(&page(&app, &visit, path, new_key(&app), typed, &sources, Reading { wanted, ..Reading::default() }))
}

/// Grants, or looks for a person, or tells what would change.
pub(super) async fn grant(
    State(app): State<App>,
    visit: Visit,
    path: NewGrant,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let today = visit.today();
    let sources = sources(&app, &visit, path, &typed).await?;
    let mut faults = Faults::new();
    let wanted = read(&typed, &sources, today, &mut faults);
    match typed.step() {
        Step::Search => {
            let reading = Reading { wanted, ..Reading::default() };
            return shown(&page(&app, &visit, path, key, typed, &sources, reading));
        }
        Step::Preview if faults.is_empty() => {
            let reading = Reading { wanted, ..Reading::default() };
            return shown(&page(&app, &visit, path, key, typed, &sources, reading));
        }
        Step::Preview | Step::Grant => {}
    }
    let (Some(asked), true, Step::Grant) = (wanted.clone(), faults.is_empty(), typed.step()) else {
        let told = refusal(&typed, &sources, &faults);
        let reading = Reading { wanted, faults, ..Reading::default() };
        return refused(&page(&app, &visit, path, key, typed, &sources, reading)).reading(told);
    };
    match commands::grant(&app, &visit, path.partner, &key, &asked).await? {
        Granting::Done(act) => acted(&act),
        Granting::Refused(obstacle) => stopped(&app, &visit, path, key, typed, &asked, &obstacle).await,
    }
}

/// The page of a refusal by rule, on what is true now.
async fn stopped(
    app: &App,
    visit: &Visit,
    path: NewGrant,
    key: String,
    typed: Typed,
    wanted: &Wanted,
    obstacle: &Obstacle,
) -> Answer {
    let today = visit.today();
    let sources = sources(app, visit, path, &typed).await?;
    let (membership, role) = role_of(&sources.offer, wanted.role).ok_or(Problem::NotFound)?;
    let mut faults = Faults::new();
    let (field, said) = fault(obstacle, today);
    faults.push(field, said);
    let spare = match obstacle {
        Obstacle::Cap(cap) => {
            let of = matches!(cap, CapReached::Role(..)).then_some(role.id);
            let side = Side::managed_by(&visit.actor, sources.mode);
            let mut reader = app.read(&visit.actor).await?;
            store::least_used(&mut reader, path.partner, membership.id, of, side, today, SPARE).await?
        }
        _ => Vec::new(),
    };
    let notice = match obstacle {
        Obstacle::Cap(cap) => {
            let others = other_roles(path, wanted, membership, today);
            Some(no_place(cap, visit, path.partner, membership, others, !spare.is_empty()))
        }
        _ => None,
    };
    let fact = Fact::GrantRefused {
        account: wanted.account,
        partner: path.partner,
        service: membership.service_code.clone(),
        role: role.code.clone(),
        cause: cause(obstacle),
    };
    let reading = Reading { wanted: Some(wanted.clone()), faults, notice, spare };
    refused(&page(app, visit, path, key, typed, &sources, reading)).reading(vec![fact])
}

/// What was read of a form, and what came of it.
#[derive(Default)]
struct Reading {
    wanted: Option<Wanted>,
    faults: Faults,
    notice: Option<Notice>,
    spare: Vec<store::Grant>,
}

fn page(
    app: &App,
    visit: &Visit,
    path: NewGrant,
    key: String,
    typed: Typed,
    sources: &Sources,
    reading: Reading,
) -> NewGrantPage {
    let today = visit.today();
    let Reading { wanted, faults, notice, spare } = reading;
    let preview = wanted.as_ref().zip(sources.person.as_ref()).and_then(|(wanted, candidate)| {
        let (membership, role) = role_of(&sources.offer, wanted.role)?;
        Some(Preview::of(wanted, &candidate.person, membership, role, today))
    });
    let chosen = sources.person.as_ref();
    let chosen_id = chosen.map(|candidate| candidate.person.id);
    let others = sources.people.iter().filter(|candidate| chosen_id != Some(candidate.person.id));
    let people =
        chosen.into_iter().chain(others).map(|candidate| choice_of(candidate, chosen_id, visit)).collect();
    NewGrantPage {
        shell: visit.shell_with("Nouvelle habilitation", notice),
        key,
        path,
        faults,
        today,
        nothing: sources.offer.is_empty(),
        may_add: visit.actor.may_at(Permission::CreateUsers, sources.mode),
        found: found(&typed, sources),
        people,
        roles: roles(&typed, &sources.offer, today),
        extents: Extents::of(
            &typed,
            &sources.offer,
            &sources.circonscriptions,
            drawn_at(visit, path.partner),
        ),
        preview,
        computed_at: filters::hour_of(visit.zone.local(app.now())),
        spare: spare.into_iter().map(|grant| spare_of(grant, path.partner, visit)).collect(),
        typed,
    }
}

fn found(typed: &Typed, sources: &Sources) -> String {
    let found = sources.people.len();
    if typed.qui.trim().is_empty() {
        return "La personne".to_owned();
    }
    match found {
        0 => format!("Personne ne répond à « {} »", typed.qui.trim()),
        1 => "1 personne trouvée".to_owned(),
        _ if i64::try_from(found).is_ok_and(|found| found >= FOUND) => {
            format!("Les {found} premières personnes trouvées : précisez au besoin")
        }
        _ => format!("{found} personnes trouvées"),
    }
}

fn choice_of(candidate: &Candidate, chosen: Option<AccountId>, visit: &Visit) -> Choice {
    let person = &candidate.person;
    let standing = state(&person.state().standing(visit.now), &visit.zone);
    let held = match candidate.held {
        0 => "aucune habilitation".to_owned(),
        1 => "1 habilitation".to_owned(),
        many => format!("{many} habilitations"),
    };
    Choice::new(person.id.to_string(), format!("{}, {}", person.name(), person.job))
        .detail(format!("{}, {}, {held}", person.identifier, standing.word.to_lowercase()))
        .picked_if(chosen == Some(person.id))
}

/// The roles that may be given.
pub(super) fn roles(typed: &Typed, offer: &[Membership], today: Day) -> Vec<Choice> {
    let many = offer.len() > 1;
    let asked = typed.role();
    let choice = |membership: &Membership, role: &Role| {
        let label = if many { format!("{} : {}", membership.service, role.name) } else { role.name.clone() };
        let service = membership.gauge(today);
        let gauge = if service.left() == 0 { service } else { membership.role_gauge(role, today) };
        let places = if gauge.cap.is_none() { left(service) } else { left(gauge) };
        Choice::new(role.id.to_string(), label)
            .detail(format!("{} Places : {places}.", role.description))
            .picked_if(asked == Some(role.id))
    };
    offer
        .iter()
        .flat_map(|membership| membership.roles.iter().map(move |role| choice(membership, role)))
        .collect()
}

fn spare_of(grant: store::Grant, partner: PartnerId, visit: &Visit) -> Spare {
    Spare {
        name: grant.person.name(),
        last: grant.person.state().last_sign_in_at.map(|at| moment(at, &visit.zone, visit.today())),
        job: grant.person.job,
        granted_by: grant.granted_by,
        role: grant.role_name,
        href: match &grant.group {
            Some(group) => Group { partner, group: group.id }.to_string(),
            None => RevokeGrant { partner, grant: grant.id }.to_string(),
        },
        group: grant.group.map(|group| group.name),
    }
}
