//! How the caps of a partner stand, and who holds what.

use askama::Template;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::offer::{self, Membership};
use super::preview::{place, places};
use super::store::{self, Grant, Look};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::access::{Mode, Permission};
use crate::domain::day::Day;
use crate::domain::grants::Phase;
use crate::domain::id::GrantId;
use crate::domain::time::Timestamp;
use crate::domain::users::{Standing, may_be_managed};
use crate::web::answer::{Answer, shown};
use crate::web::choice::Choice;
use crate::web::conditions;
use crate::web::filters;
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paging::At;
use crate::web::paths::{AskPlaces, Grants, Group, NewGrant, RevokeGrant, User, Users};
use crate::web::problem::Problem;
use crate::web::standing;
use crate::web::visit::Visit;

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    role: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    apres: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    avant: String,
    #[serde(skip_serializing)]
    fait: String,
}

/// What has just been done, as the address tells it.
fn told(word: &str) -> Option<Notice> {
    (word == "places-demandees").then(|| Notice {
        tone: Tone::Ok,
        title: "C’est fait : votre demande de places est envoyée".to_owned(),
        text: vec![
            "L’organisme fixe les plafonds : il vous répondra. Sa réponse se lira sur la page de la demande."
                .to_owned(),
        ],
        links: Vec::new(),
    })
}

impl Asked {
    fn at(&self) -> At<(Timestamp, GrantId)> {
        At::asked(&self.apres, &self.avant, cursor)
    }

    fn href(&self, path: Grants) -> String {
        match serde_html_form::to_string(self) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_string(),
        }
    }
}

/// A line as an address names it: its instant too, because the line itself may go.
fn mark(grant: &Grant) -> String {
    format!("{}_{}", grant.granted_at.micros(), grant.id)
}

fn cursor(mark: &str) -> Option<(Timestamp, GrantId)> {
    let (micros, id) = mark.split_once('_')?;
    Some((Timestamp::from_micros(micros.parse().ok()?)?, id.parse().ok()?))
}

#[derive(Template)]
#[template(path = "grants/list.html")]
struct GrantsPage {
    shell: Shell,
    path: Grants,
    crumbs: Vec<(String, String)>,
    partner: String,
    may_grant: bool,
    may_revoke: bool,
    services: Vec<Service>,
    q: String,
    roles: Vec<Choice>,
    narrowed: bool,
    found: i64,
    range: String,
    lines: Vec<Line>,
    previous: Option<String>,
    next: Option<String>,
}

/// One membership and its gauges.
struct Service {
    id: String,
    name: String,
    state: standing::State,
    gauges: Vec<(String, Gauge, String)>,
    perimeter: String,
    ask: Option<String>,
}

struct Line {
    person_href: String,
    name: String,
    job: String,
    role: String,
    service: String,
    places: String,
    phase: Phase,
    /// Why the person cannot use it yet, or for now.
    waits: Option<standing::State>,
    starts_on: Day,
    ends_on: Option<Day>,
    granted_by: String,
    /// The group by which it is held.
    group: Option<String>,
    /// Where it is withdrawn: its own page, or its group's.
    withdraw: Option<String>,
}

impl GrantsPage {
    fn new_path(&self) -> NewGrant {
        NewGrant { partner: self.path.partner }
    }

    fn users(&self) -> Users {
        Users { partner: self.path.partner }
    }
}

/// The page.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    path: Grants,
    Query(asked): Query<Asked>,
) -> Answer {
    let today = visit.today();
    let look = Look { partner: path.partner, role: asked.role.parse().ok(), words: beginnings(&asked.q) };
    let mut reader = app.read(&visit.actor).await?;
    let partner = store::employer(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    let offer = offer::offer(&mut reader, path.partner).await?;
    let page = store::page(&mut reader, &look, asked.at()).await?;
    let found = store::count(&mut reader, &look).await?;
    drop(reader);

    let around = |apres: String, avant: String| Asked { apres, avant, ..asked.clone() }.href(path);
    let previous = page.previous().map(|grant| around(String::new(), mark(grant)));
    let next = page.next().map(|grant| around(mark(grant), String::new()));
    let range = page.range(found, "habilitation");
    let lines: Vec<Line> =
        page.lines.into_iter().map(|grant| line(grant, &visit, path, partner.mode)).collect();
    let may_ask = visit.actor.may_at(Permission::RequestCap, partner.mode);
    // To a delegated partner the organism gives roles to administrators alone, from the page of each.
    let grants_here = visit.actor.partner().is_some() || partner.mode == Mode::Centralised;
    shown(&GrantsPage {
        shell: visit.shell_with("Habilitations", told(&asked.fait)),
        path,
        crumbs: visit.way_to(path.partner, &partner.legal_name),
        may_grant: grants_here
            && visit.actor.may_at(Permission::GrantRoles, partner.mode)
            && !offer.is_empty(),
        may_revoke: lines.iter().any(|line| line.withdraw.is_some()),
        partner: partner.legal_name,
        services: offer.iter().map(|membership| service(membership, path, may_ask, today)).collect(),
        roles: offer
            .iter()
            .flat_map(|membership| &membership.roles)
            .map(|role| {
                Choice::new(role.id.to_string(), role.name.clone()).picked_if(look.role == Some(role.id))
            })
            .collect(),
        narrowed: look.role.is_some() || !asked.q.trim().is_empty(),
        q: asked.q,
        found,
        range,
        lines,
        previous,
        next,
    })
}

fn service(membership: &Membership, path: Grants, may_ask: bool, today: Day) -> Service {
    let said = |gauge: Gauge| {
        let active = match gauge.used {
            0 => "aucune active".to_owned(),
            1 => "1 active".to_owned(),
            many => format!("{many} actives"),
        };
        match gauge.held {
            0 => active,
            held => format!("{active}, {held} en attente de connexion, à venir ou en suspens"),
        }
    };
    let whole = membership.gauge(today);
    let mut gauges = vec![(membership.service.clone(), whole, said(whole))];
    for role in &membership.roles {
        let gauge = membership.role_gauge(role, today);
        gauges.push((format!("Rôle « {} »", role.name), gauge, said(gauge)));
    }
    let ask = AskPlaces { partner: path.partner, membership: membership.id };
    Service {
        id: format!("service-{}", membership.id),
        name: membership.service.clone(),
        state: conditions::state(&membership.conditions, today),
        gauges,
        perimeter: places(&membership.perimeter),
        ask: may_ask.then(|| ask.to_string()),
    }
}

fn line(grant: Grant, visit: &Visit, path: Grants, mode: Mode) -> Line {
    let standing = grant.person.state().standing(visit.now);
    let partner = path.partner;
    let managed = may_be_managed(&visit.actor, mode, grant.person.id, grant.person.office);
    let withdraw = match &grant.group {
        Some(group) => Some(Group { partner, group: group.id }.to_string()),
        None => (managed && visit.actor.may_at(Permission::RevokeRoles, mode))
            .then(|| RevokeGrant { partner, grant: grant.id }.to_string()),
    };
    Line {
        person_href: User { partner: path.partner, account: grant.person.id }.to_string(),
        name: format!("{} {}", grant.person.surname, grant.person.given_name),
        places: place(grant.circonscription.as_deref(), &grant.perimeter),
        phase: grant.period.phase(visit.today()),
        waits: (!matches!(standing, Standing::Active { .. }))
            .then(|| standing::state(&standing, &visit.zone)),
        starts_on: grant.period.starts_on,
        ends_on: grant.period.ends_on,
        withdraw,
        group: grant.group.map(|group| group.name),
        job: grant.person.job,
        role: grant.role_name,
        service: grant.service,
        granted_by: grant.granted_by,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::id::RowId as _;

    #[test]
    fn a_cursor_is_read_back_and_nothing_else_is_one() {
        let id = GrantId::from_uuid(Uuid::from_u128(7));
        let at = Timestamp::from_micros(1_763_724_000_000_001);
        assert_eq!(cursor(&format!("1763724000000001_{id}")), at.map(|at| (at, id)));
        for wrong in ["", "1", "_", "x_y", "1_2"] {
            assert_eq!(cursor(wrong), None, "{wrong}");
        }
    }
}
