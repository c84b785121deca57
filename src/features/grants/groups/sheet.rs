//! One group: what it gives, who is in it, and what its reader may do about it.

use askama::Template;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::store::{self, GroupRole, Member};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::facts::Fact;
use crate::domain::grants::Phase;
use crate::domain::id::{AccountId, GroupGrantId};
use crate::features::grants::preview::place;
use crate::features::grants::store::employer;
use crate::web::answer::{Answer, Tracing, shown};
use crate::web::filters;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{
    ArchiveGroup, CorrectGroup, Group, Groups, JoinGroup, LeaveGroup, NewGroupGrant, RevokeGroupGrant, User,
};
use crate::web::problem::Problem;
use crate::web::standing::{State as Standing, state};
use crate::web::visit::Visit;

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

impl Asked {
    fn notice(&self, group: &store::Group) -> Option<Notice> {
        let name = &group.name;
        let (title, text) = match self.fait.as_str() {
            "cree" => (
                format!("C’est fait : le groupe « {name} » est créé"),
                "Ajoutez-y des personnes, donnez-lui un rôle : l’ordre n’importe pas.",
            ),
            "corrige" => ("C’est fait : le groupe est décrit de nouveau".to_owned(), ""),
            "entree" => (
                format!("C’est fait : « {name} » a de nouveaux membres"),
                "Ils ont dès maintenant les rôles que le groupe donne.",
            ),
            "sortie" => (
                format!("C’est fait : cette personne n’est plus dans « {name} »"),
                "Ce que le groupe lui donnait cesse dès sa prochaine action. Sa place est libre, si rien d’autre ne \
                 la lui garde.",
            ),
            "role" => (
                format!("C’est fait : « {name} » donne un rôle de plus"),
                "Chaque membre l’a dès la date de début, et l’a au journal à son nom.",
            ),
            "role-retire" => (
                "C’est fait : le rôle est retiré au groupe".to_owned(),
                "Qui le tient aussi directement, ou par un autre groupe, le garde et garde sa place.",
            ),
            _ => return None,
        };
        let text = if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        Some(Notice { tone: Tone::Ok, title, text, links: Vec::new() })
    }
}

#[derive(Template)]
#[template(path = "groups/group.html")]
struct SheetPage {
    shell: Shell,
    path: Group,
    crumbs: Vec<(String, String)>,
    group: store::Group,
    /// Whether its reader may change it: it serves, and he manages groups.
    may_manage: bool,
    since: time::OffsetDateTime,
    archived: Option<time::OffsetDateTime>,
    roles: Vec<Given>,
    members: Vec<Line>,
}

/// A role that it gives.
struct Given {
    role: GroupRole,
    phase: Phase,
    places: String,
}

/// Somebody in it.
struct Line {
    member: Member,
    state: Standing,
}

impl SheetPage {
    fn join(&self) -> JoinGroup {
        JoinGroup { partner: self.path.partner, group: self.path.group }
    }

    fn give(&self) -> NewGroupGrant {
        NewGroupGrant { partner: self.path.partner, group: self.path.group }
    }

    fn correct(&self) -> CorrectGroup {
        CorrectGroup { partner: self.path.partner, group: self.path.group }
    }

    fn archive(&self) -> ArchiveGroup {
        ArchiveGroup { partner: self.path.partner, group: self.path.group }
    }

    fn person(&self, account: &AccountId) -> User {
        User { partner: self.path.partner, account: *account }
    }

    fn leave(&self, member: &AccountId) -> LeaveGroup {
        LeaveGroup { partner: self.path.partner, group: self.path.group, member: *member }
    }

    fn take_back(&self, given: &GroupGrantId) -> RevokeGroupGrant {
        RevokeGroupGrant { partner: self.path.partner, group: self.path.group, given: *given }
    }
}

/// The page.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    path: Group,
    Query(asked): Query<Asked>,
) -> Answer {
    let Group { partner, group } = path;
    let mut reader = app.read(&visit.actor).await?;
    let employer = employer(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let group = store::group(&mut reader, partner, group).await?.ok_or(Problem::NotFound)?;
    let roles = store::roles(&mut reader, partner, group.id).await?;
    let members = store::members(&mut reader, partner, group.id).await?;
    drop(reader);
    let today = visit.today();
    let mut crumbs = visit.way_to(partner, &employer.legal_name);
    crumbs.push(("Groupes".to_owned(), Groups { partner }.to_string()));
    let subject = Some(group.id.to_string());
    let page = SheetPage {
        shell: visit.shell_with(group.name.clone(), asked.notice(&group)),
        path,
        crumbs,
        may_manage: visit.actor.may_at(Permission::ManageGroups, employer.mode)
            && group.archived_at.is_none(),
        since: visit.zone.local(group.created_at),
        archived: group.archived_at.map(|at| visit.zone.local(at)),
        roles: roles
            .into_iter()
            .map(|role| Given {
                phase: role.period.phase(today),
                places: place(role.circonscription_name.as_deref(), &role.perimeter),
                role,
            })
            .collect(),
        members: members
            .into_iter()
            .map(|member| Line { state: state(&member.state().standing(visit.now), &visit.zone), member })
            .collect(),
        group,
    };
    shown(&page).reading(vec![Fact::PageRead { route: Group::PATH.to_owned(), subject }])
}
