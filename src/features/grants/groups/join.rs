//! Bringing people into a group: who, and what will change. The same page answers a refusal, with what was chosen and
//! the ways out.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::managed;
use super::members::{self, Joining};
use super::store::{self, GroupRole, Member};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::caps::CapReached;
use crate::domain::facts::{Fact, GrantRefusal};
use crate::domain::grants::Held;
use crate::domain::groups::{MOST_MEMBERS, comers};
use crate::domain::id::{AccountId, GrantId, MembershipId, RowId as _};
use crate::features::grants::form::FOUND;
use crate::features::grants::offer::{self, Membership};
use crate::features::grants::preview::{Effect, effects, place};
use crate::features::grants::refusal::no_place;
use crate::web::answer::{Answer, Tracing, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell};
use crate::web::paths::{Grants, Group, Groups, JoinGroup};
use crate::web::problem::Problem;
use crate::web::standing::state;
use crate::web::visit::Visit;

/// What is typed and chosen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    qui: String,
    personne: Vec<String>,
    etape: String,
}

impl Typed {
    fn people(&self) -> Vec<AccountId> {
        let chosen: BTreeSet<AccountId> = self.personne.iter().filter_map(|id| id.parse().ok()).collect();
        chosen.into_iter().collect()
    }
}

#[derive(Template)]
#[template(path = "groups/join.html")]
struct JoinPage {
    shell: Shell,
    key: String,
    path: JoinGroup,
    back: Group,
    list: Groups,
    group: String,
    typed: Typed,
    faults: Faults,
    found: String,
    people: Vec<Choice>,
    /// What the group gives, in words.
    roles: Vec<(String, String)>,
    effects: Vec<Effect>,
    chosen: usize,
}

/// What the page is made from, read once.
struct Sources {
    group: store::Group,
    roles: Vec<GroupRole>,
    offer: Vec<Membership>,
    chosen: Vec<Member>,
    others: Vec<Member>,
}

async fn sources(app: &App, visit: &Visit, path: JoinGroup, typed: &Typed) -> Result<Sources, Problem> {
    let JoinGroup { partner, group } = path;
    let mut reader = app.read(&visit.actor).await?;
    managed(&mut reader, visit, partner).await?;
    let serving = store::group(&mut reader, partner, group).await?;
    let serving = serving.filter(|group| group.archived_at.is_none()).ok_or(Problem::NotFound)?;
    let roles = store::roles(&mut reader, partner, group).await?;
    let offer = offer::offer(&mut reader, partner).await?;
    let mut chosen = Vec::new();
    for account in typed.people().into_iter().take(MOST_MEMBERS) {
        chosen.extend(store::person(&mut reader, partner, account).await?);
    }
    let others = store::outside(&mut reader, partner, group, &beginnings(&typed.qui), FOUND).await?;
    Ok(Sources { group: serving, roles, offer, chosen, others })
}

/// How the caps would stand with those who are chosen.
fn effects_of(sources: &Sources, visit: &Visit) -> Vec<Effect> {
    let newcomers: Vec<AccountId> = sources.chosen.iter().map(|person| person.id).collect();
    let mut all = Vec::new();
    for membership in &sources.offer {
        let given: Vec<_> = sources
            .roles
            .iter()
            .filter(|role| role.membership == membership.id)
            .map(GroupRole::given)
            .collect();
        let added: Vec<Held> = comers(&newcomers, &given)
            .into_iter()
            .zip(given.iter().cycle())
            .map(|(place, given)| Held {
                grant: GrantId::from_uuid(given.grant.as_uuid()),
                account: place.account,
                role: place.role,
                period: given.period,
                group: Some(sources.group.id),
                able: sources.chosen.iter().any(|person| person.id == place.account && person.able()),
            })
            .collect();
        if !added.is_empty() {
            all.extend(effects(membership, &added, "avec ces personnes", visit.today()));
        }
    }
    all
}

fn page(
    visit: &Visit,
    path: JoinGroup,
    key: String,
    typed: Typed,
    sources: Sources,
    (faults, notice): (Faults, Option<Notice>),
) -> JoinPage {
    let JoinGroup { partner, group } = path;
    let effects = effects_of(&sources, visit);
    let Sources { group: serving, roles, chosen, others, .. } = sources;
    let found = match (others.len(), typed.qui.trim()) {
        (0, "") => "Tout le monde est déjà dans ce groupe".to_owned(),
        (0, typed) => format!("Personne d’autre ne répond à « {typed} »"),
        (_, "") => "Les personnes à ajouter".to_owned(),
        (1, _) => "1 personne trouvée".to_owned(),
        (many, _) => format!("{many} personnes trouvées"),
    };
    let picked: Vec<AccountId> = chosen.iter().map(|person| person.id).collect();
    let rest = others.into_iter().filter(|person| !picked.contains(&person.id));
    let all = chosen.into_iter().map(|person| (person, true)).chain(rest.map(|person| (person, false)));
    let people = all
        .map(|(person, picked)| {
            let standing = state(&person.state().standing(visit.now), &visit.zone);
            Choice::new(person.id.to_string(), format!("{}, {}", person.name(), person.job))
                .detail(format!("{}, {}", person.identifier, standing.word.to_lowercase()))
                .picked_if(picked)
        })
        .collect();
    JoinPage {
        shell: visit.shell_with("Ajouter des membres", notice),
        key,
        path,
        back: Group { partner, group },
        list: Groups { partner },
        group: serving.name,
        typed,
        faults,
        found,
        people,
        roles: roles
            .into_iter()
            .map(|role| (role.role_name, place(role.circonscription_name.as_deref(), &role.perimeter)))
            .collect(),
        effects,
        chosen: picked.len(),
    }
}

/// The form, of nobody yet, or as it had been filled in.
pub(super) async fn form(State(app): State<App>, visit: Visit, path: JoinGroup) -> Answer {
    let typed: Typed = visit.resumed().unwrap_or_default();
    let sources = sources(&app, &visit, path, &typed).await?;
    shown(&page(&visit, path, new_key(&app), typed, sources, (Faults::new(), None)))
}

/// Brings them in, or looks for people, or tells what would change.
pub(super) async fn join(
    State(app): State<App>,
    visit: Visit,
    path: JoinGroup,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let read = sources(&app, &visit, path, &typed).await?;
    if typed.etape == "chercher" || typed.etape == "apercu" {
        return shown(&page(&visit, path, key, typed, read, (Faults::new(), None)));
    }
    let mut faults = Faults::new();
    let people = typed.people();
    if people.is_empty() || people.len() != read.chosen.len() {
        let fault = if people.is_empty() { Fault::Missing } else { Fault::NotOffered };
        faults.push("personne", fault);
        return refused(&page(&visit, path, key, typed, read, (faults, None)));
    }
    match members::join(&app, &visit, path, &key, &people).await? {
        Joining::Done(act) => return acted(&act),
        Joining::NoPlace(membership, cap) => {
            return no_room(&app, &visit, path, key, typed, membership, &cap).await;
        }
        Joining::TooMany => faults.push("personne", Fault::TooMany { max: MOST_MEMBERS }),
        Joining::Inside => faults.push("personne", Fault::NotOffered),
    }
    refused(&page(&visit, path, key, typed, read, (faults, None)))
}

/// The page of a refusal by a cap, on what is true now.
async fn no_room(
    app: &App,
    visit: &Visit,
    path: JoinGroup,
    key: String,
    typed: Typed,
    membership: MembershipId,
    cap: &CapReached,
) -> Answer {
    let read = sources(app, visit, path, &typed).await?;
    let membership = read.offer.iter().find(|each| each.id == membership).ok_or(Problem::NotFound)?;
    let (CapReached::Service(short) | CapReached::Role(_, short)) = cap;
    let mut faults = Faults::new();
    faults.push("personne", Fault::CapReached { cap: short.cap, used: short.used });
    let holders = ("Voir qui prend les places".to_owned(), Grants { partner: path.partner }.to_string());
    let notice = Notice {
        title: "Personne n’a été ajouté : plafond atteint".to_owned(),
        ..no_place(cap, visit, path.partner, membership, vec![holders], false)
    };
    let fact = Fact::GroupRoleRefused {
        group: read.group.mark(),
        service: membership.service_code.clone(),
        role: None,
        cause: match cap {
            CapReached::Service(_) => GrantRefusal::ServiceCap,
            CapReached::Role(..) => GrantRefusal::RoleCap,
        },
    };
    refused(&page(visit, path, key, typed, read, (faults, Some(notice)))).reading(vec![fact])
}
