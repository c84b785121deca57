//! The list of a partner's people: searched, narrowed, read page by page.

use askama::Template;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::store::{self, Filter, From, Listed, Look};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::access::{Office, Permission};
use crate::web::answer::{Answer, shown};
use crate::web::choice::Choice;
use crate::web::page::Shell;
use crate::web::paths::{NewUser, Partner, Partners, User, Users};
use crate::web::problem::Problem;
use crate::web::standing::{State as Standing, moment, state};
use crate::web::visit::Visit;

/// Lines of a page.
const PAGE: usize = 25;

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
    fn from(&self) -> From {
        match (self.apres.parse(), self.avant.parse()) {
            (Ok(account), _) => From::After(account),
            (_, Ok(account)) => From::Before(account),
            _ => From::Start,
        }
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
    principal: bool,
    held: i64,
    last: Option<String>,
    state: Standing,
}

impl UsersPage {
    fn new_path(&self) -> NewUser {
        NewUser { partner: self.path.partner }
    }

    fn range(&self) -> String {
        let people = if self.found > 1 { "personnes" } else { "personne" };
        match i64::try_from(self.lines.len()) {
            Ok(all) if all == self.found => format!("{all} {people}"),
            Ok(some) => format!("{some} sur {} {people}", self.found),
            Err(_) => String::new(),
        }
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
    let from = asked.from();
    let mut reader = app.read(&visit.actor).await?;
    let employer =
        store::employer(reader.select(store::EMPLOYER), path.partner).await?.ok_or(Problem::NotFound)?;
    let wanted = look(filter, &asked.q);
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = store::list(&mut reader, &wanted, from, limit).await?;
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

    let (previous, next) = neighbours(&mut rows, from, &asked, path);
    let crumbs = if visit.actor.may(Permission::ReadPartners) {
        vec![
            ("Partenaires".to_owned(), Partners.to_string()),
            (employer.legal_name.clone(), Partner { partner: path.partner }.to_string()),
        ]
    } else {
        Vec::new()
    };
    shown(&UsersPage {
        shell: visit.shell("Utilisateurs"),
        path,
        crumbs,
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
        lines: rows.into_iter().map(|row| line(row, &visit, path)).collect(),
        previous,
        next,
    })
}

/// The addresses around a page; what was read beyond it goes.
fn neighbours(
    rows: &mut Vec<Listed>,
    from: From,
    asked: &Asked,
    path: Users,
) -> (Option<String>, Option<String>) {
    let more = rows.len() > PAGE;
    if more {
        let extra = if matches!(from, From::Before(_)) { 0 } else { rows.len() - 1 };
        rows.remove(extra);
    }
    let (before, after) = match from {
        From::Start => (false, more),
        From::After(_) => (true, more),
        From::Before(_) => (more, true),
    };
    let around = |apres: String, avant: String| Asked { apres, avant, ..asked.clone() }.href(path);
    let previous = rows.first().filter(|_| before).map(|row| around(String::new(), row.id.to_string()));
    let next = rows.last().filter(|_| after).map(|row| around(row.id.to_string(), String::new()));
    (previous, next)
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
    Line {
        href: User { partner: path.partner, account: row.id }.to_string(),
        name: format!("{} {}", row.surname, row.given_name),
        state: state(&row.state().standing(visit.now), &visit.zone),
        identifier: row.identifier,
        job: row.job,
        principal: row.office == Office::Principal,
        held: row.held,
        last: row.last_sign_in_at.map(|at| moment(at, &visit.zone, visit.today())),
    }
}
