//! The list of a partner's people: searched, narrowed, read page by page.

use askama::Template;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::store::{self, Filter, Listed, Look};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::access::{Office, Permission};
use crate::domain::id::AccountId;
use crate::web::answer::{Answer, shown};
use crate::web::choice::Choice;
use crate::web::page::Shell;
use crate::web::paging::At;
use crate::web::paths::{NewUser, User, Users};
use crate::web::problem::Problem;
use crate::web::standing::{State as Standing, moment, state};
use crate::web::visit::Visit;

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    etat: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    apres: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    avant: String,
}

impl Asked {
    fn at(&self) -> At<AccountId> {
        At::asked(&self.apres, &self.avant, |line| line.parse().ok())
    }

    /// The address that asks for this.
    fn href(&self, path: Users) -> String {
        match serde_html_form::to_string(self) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "users/list.html")]
struct UsersPage {
    shell: Shell,
    path: Users,
    crumbs: Vec<(String, String)>,
    partner: String,
    may_create: bool,
    q: String,
    filters: Vec<Choice>,
    /// What narrows the list: its words, and the address without it.
    criteria: Vec<(String, String)>,
    views: Vec<View>,
    everybody: i64,
    found: i64,
    range: String,
    lines: Vec<Line>,
    previous: Option<String>,
    next: Option<String>,
    /// The same words, in every state.
    wider: Option<String>,
}

/// A prepared view of the list.
struct View {
    label: &'static str,
    href: String,
    count: i64,
    current: bool,
}

struct Line {
    href: String,
    name: String,
    identifier: String,
    job: String,
    /// What its holder is for the partner, when he administers it.
    seat: Option<&'static str>,
    held: i64,
    last: Option<String>,
    state: Standing,
}

impl UsersPage {
    fn new_path(&self) -> NewUser {
        NewUser { partner: self.path.partner }
    }
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    path: Users,
    Query(asked): Query<Asked>,
) -> Answer {
    let today = visit.today();
    let look = |filter, q: &str| Look { partner: path.partner, filter, today, words: beginnings(q) };
    let filter = Filter::parse(&asked.etat);
    let mut reader = app.read(&visit.actor).await?;
    let employer =
        store::employer(reader.select(store::EMPLOYER), path.partner).await?.ok_or(Problem::NotFound)?;
    let wanted = look(filter, &asked.q);
    let page = store::page(&mut reader, &wanted, asked.at()).await?;
    let found = store::count(&mut reader, &wanted).await?;
    let everybody = store::count(&mut reader, &look(None, "")).await?;
    let mut views = Vec::new();
    for (filter, label) in [
        (Filter::Awaited, "Première connexion"),
        (Filter::WithoutGrant, "Sans habilitation"),
        (Filter::Suspended, "Suspendus"),
    ] {
        let count = store::count(&mut reader, &look(Some(filter), "")).await?;
        let href = Asked { etat: filter.code().to_owned(), ..Asked::default() }.href(path);
        let current = asked.q.is_empty() && asked.etat == filter.code();
        views.push(View { label, href, count, current });
    }
    drop(reader);

    let around = |apres: String, avant: String| Asked { apres, avant, ..asked.clone() }.href(path);
    let previous = page.previous().map(|row| around(String::new(), row.id.to_string()));
    let next = page.next().map(|row| around(row.id.to_string(), String::new()));
    shown(&UsersPage {
        shell: visit.shell("Utilisateurs"),
        path,
        crumbs: visit.way_to(path.partner, &employer.legal_name),
        partner: employer.legal_name,
        may_create: visit.actor.may_at(Permission::CreateUsers, employer.mode),
        filters: Filter::ALL
            .into_iter()
            .map(|each| Choice::new(each.code(), each.label()).picked_if(filter == Some(each)))
            .collect(),
        criteria: criteria(&asked, filter, path),
        wider: (filter.is_some() && !asked.q.trim().is_empty())
            .then(|| Asked { q: asked.q.clone(), ..Asked::default() }.href(path)),
        q: asked.q,
        views,
        everybody,
        found,
        range: page.range(found, "personne"),
        lines: page.lines.into_iter().map(|row| line(row, &visit, path)).collect(),
        previous,
        next,
    })
}

fn criteria(asked: &Asked, filter: Option<Filter>, path: Users) -> Vec<(String, String)> {
    let words = (!asked.q.trim().is_empty()).then(|| {
        let without = Asked { etat: asked.etat.clone(), ..Asked::default() };
        (format!("Mots : « {} »", asked.q.trim()), without.href(path))
    });
    let state = filter.map(|filter| {
        let without = Asked { q: asked.q.clone(), ..Asked::default() };
        (format!("État : {}", filter.label().to_lowercase()), without.href(path))
    });
    words.into_iter().chain(state).collect()
}

fn line(row: Listed, visit: &Visit, path: Users) -> Line {
    let standing = row.state();
    Line {
        href: User { partner: path.partner, account: row.id }.to_string(),
        name: format!("{} {}", row.surname, row.given_name),
        state: state(&standing.standing(visit.now), &visit.zone),
        identifier: row.identifier,
        job: row.job,
        seat: match row.office {
            Office::Principal => Some("Administration principale, gérée par la caisse"),
            Office::Deputy => Some("Administration suppléante, gérée par la caisse"),
            _ => None,
        },
        held: row.held,
        last: standing.last_sign_in_at.map(|at| moment(at, &visit.zone, visit.today())),
    }
}
