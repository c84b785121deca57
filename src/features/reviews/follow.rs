//! Which partners owe their review, which are at it, which are late: the organism's list.

use askama::Template;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::store::owed::{self, Bounds, Look, Standing, State as Filter};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::access::Permission;
use crate::domain::day::{Day, Zone};
use crate::domain::reviews::{NOTICE_DAYS, Owed, in_time_since};
use crate::web::answer::{Answer, shown};
use crate::web::choice::Choice;
use crate::web::filters::{self, counted, day_of};
use crate::web::page::Shell;
use crate::web::paging::At;
use crate::web::paths::{ManagersReview, Partner, ReviewReport, Reviews};
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
    fn href(&self) -> String {
        match serde_html_form::to_string(self) {
            Ok(query) if !query.is_empty() => format!("{Reviews}?{query}"),
            _ => Reviews.to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "reviews/follow.html")]
struct FollowPage {
    shell: Shell,
    today: Day,
    /// How many are late, whatever the list shows.
    late: i64,
    q: String,
    states: Vec<Choice>,
    narrowed: bool,
    found: i64,
    lines: Vec<Line>,
    range: String,
    previous: Option<String>,
    next: Option<String>,
}

struct Line {
    name: String,
    /// Its sheet, for who may read it.
    href: Option<String>,
    tone: &'static str,
    word: &'static str,
    detail: String,
    last: Option<(String, ReviewReport)>,
    open: Option<String>,
    managers: Option<(i64, ManagersReview)>,
}

fn bounds(today: Day, zone: &Zone) -> Bounds {
    let before = |day| {
        let first = in_time_since(day);
        (first, zone.start_of(first))
    };
    Bounds { late: before(today), soon: before(today.plus_days(NOTICE_DAYS + 1)) }
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    _: Reviews,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Answer {
    let today = visit.today();
    let bounds = bounds(today, &visit.zone);
    let look = Look { state: Filter::parse(&asked.etat), bounds, words: beginnings(&asked.q) };
    let at = At::asked(&asked.apres, &asked.avant, |line| line.parse().ok());
    let mut reader = app.read(&visit.actor).await?;
    let page = owed::page(&mut reader, &look, at).await?;
    let found = owed::count(&mut reader, &look).await?;
    let late = Look { state: Some(Filter::Late), bounds, words: beginnings("") };
    let late = owed::count(&mut reader, &late).await?;
    drop(reader);
    let around = |apres: String, avant: String| Asked { apres, avant, ..asked.clone() }.href();
    let previous = page.previous().map(|row| around(String::new(), row.partner.to_string()));
    let next = page.next().map(|row| around(row.partner.to_string(), String::new()));
    shown(&FollowPage {
        shell: visit.shell("Revues inverses"),
        today,
        late,
        states: Filter::ALL
            .into_iter()
            .map(|state| Choice::new(state.code(), state.label()).picked_if(look.state == Some(state)))
            .collect(),
        narrowed: look.state.is_some() || !asked.q.trim().is_empty(),
        q: asked.q,
        found,
        range: page.range(found, "partenaire"),
        lines: page.lines.into_iter().map(|row| line(row, &visit)).collect(),
        previous,
        next,
    })
}

fn line(row: Standing, visit: &Visit) -> Line {
    let (zone, today) = (&visit.zone, visit.today());
    let owed = Owed::of(row.opened_on, row.transmitted_at.map(|at| zone.day(at)), today);
    let (tone, word) = match owed {
        Owed::Nothing => ("off", "Rien à revoir"),
        Owed::Later(_) => ("ok", "À jour"),
        Owed::Soon(_) => ("warn", "Due bientôt"),
        Owed::Late(_) => ("bad", "En retard"),
    };
    let detail = match owed {
        Owed::Nothing => "aucun service ouvert".to_owned(),
        Owed::Late(day) => format!("due le {}, il y a {}", day_of(day), days(today.days_since(day))),
        Owed::Later(day) | Owed::Soon(day) => format!("due le {}", day_of(day)),
    };
    let partner = row.partner;
    let open = row.open_since.map(|at| {
        let decided = u32::try_from(row.decided).unwrap_or(u32::MAX);
        format!("ouverte le {}, {}", day_of(zone.local(at)), counted(decided, "décision"))
    });
    Line {
        name: row.name,
        href: visit.actor.may(Permission::ReadPartners).then(|| Partner { partner }.to_string()),
        tone,
        word,
        detail,
        last: row
            .transmitted_at
            .zip(row.last)
            .map(|(at, review)| (day_of(zone.local(at)), ReviewReport { partner, review })),
        open,
        managers: (row.of_managers > 0 && visit.actor.may(Permission::ReviewManagers))
            .then_some((row.of_managers, ManagersReview { partner })),
    }
}

fn days(count: i64) -> String {
    counted(u32::try_from(count).unwrap_or(0), "jour")
}
