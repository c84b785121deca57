//! The principal's page: what is owed, the review that is open with its lines, those that were transmitted.

use askama::Template;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::commands;
use super::lines::Line;
use super::store::holdings::{self, Figures, Narrow, View};
use super::store::{self, Review as Row, owed};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::day::Day;
use crate::domain::id::PartnerId;
use crate::domain::reviews::Owed;
use crate::web::answer::{Answer, acted, shown};
use crate::web::choice::Choice;
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paging::At;
use crate::web::paths::{Review, ReviewDecisions, ReviewReport, TransmitReview};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    vue: String,
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

impl Asked {
    fn href(&self, path: Review) -> String {
        match serde_html_form::to_string(self) {
            Ok(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_string(),
        }
    }

    fn notice(&self) -> Option<Notice> {
        let (title, text) = match self.fait.as_str() {
            "ouverte" => (
                "C’est fait : la revue est ouverte",
                "Vous pouvez la faire en plusieurs fois : chaque décision enregistrée est gardée.",
            ),
            "decide" => (
                "C’est fait : vos décisions sont enregistrées",
                "Ce qui est retiré a cessé aussitôt. Ce qui est confirmé peut encore être retiré jusqu’à la transmission.",
            ),
            "rien" => (
                "Rien n’a été enregistré",
                "Choisissez « Confirmer » ou « Retirer » sur une ligne au moins. Une ligne sans choix reste à examiner.",
            ),
            _ => return None,
        };
        let tone = if self.fait == "rien" { Tone::Warn } else { Tone::Ok };
        Some(Notice { tone, title: title.to_owned(), text: vec![text.to_owned()], links: Vec::new() })
    }
}

/// A review that was transmitted.
pub(super) struct Past {
    pub(super) href: ReviewReport,
    pub(super) year: i32,
    pub(super) transmitted: time::OffsetDateTime,
    pub(super) by: String,
}

impl Past {
    pub(super) fn of(row: &Row, partner: PartnerId, visit: &Visit) -> Option<Self> {
        Some(Self {
            href: ReviewReport { partner, review: row.id },
            year: row.year,
            transmitted: visit.zone.local(row.transmitted_at?),
            by: row.transmitted_by.clone().unwrap_or_default(),
        })
    }
}

#[derive(Template)]
#[template(path = "reviews/start.html")]
struct StartPage {
    shell: Shell,
    key: String,
    path: Review,
    partner: String,
    year: i32,
    owed: Owed,
    past: Vec<Past>,
}

#[derive(Template)]
#[template(path = "reviews/current.html")]
struct CurrentPage {
    shell: Shell,
    key: String,
    path: Review,
    partner: String,
    opened_on: Day,
    opened_by: String,
    owed: Owed,
    figures: Figures,
    views: Vec<(String, &'static str, i64, bool)>,
    view: View,
    q: String,
    roles: Vec<Choice>,
    narrowed: bool,
    found: i64,
    lines: Vec<Line>,
    range: String,
    previous: Option<String>,
    next: Option<String>,
    past: Vec<Past>,
}

impl CurrentPage {
    fn decisions(&self) -> ReviewDecisions {
        ReviewDecisions { partner: self.path.partner }
    }

    fn transmission(&self) -> TransmitReview {
        TransmitReview { partner: self.path.partner }
    }

    /// Lines that may be confirmed together.
    fn together(&self) -> usize {
        self.lines.iter().filter(|line| !line.alone && !line.settled).count()
    }
}

/// The page.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    path: Review,
    Query(asked): Query<Asked>,
) -> Answer {
    let partner = path.partner;
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let standing = owed::one(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let reviews = store::all(&mut reader, partner).await?;
    let today = visit.today();
    let owed = Owed::of(standing.opened_on, standing.transmitted_at.map(|at| visit.zone.day(at)), today);
    let past = reviews.iter().filter_map(|row| Past::of(row, partner, &visit)).collect();
    let Some(review) = reviews.into_iter().find(|review| review.transmitted_at.is_none()) else {
        drop(reader);
        let year = visit.zone.local(visit.now).year();
        return shown(&StartPage {
            shell: visit.shell_with("Revue inverse", asked.notice()),
            key: new_key(&app),
            path,
            partner: employer.legal_name,
            year,
            owed,
            past,
        });
    };
    let look = commands::look(partner, &review, &visit.zone, visit.now);
    let narrow =
        Narrow { view: View::parse(&asked.vue), role: asked.role.parse().ok(), words: beginnings(&asked.q) };
    let at = At::asked(&asked.apres, &asked.avant, |line| line.parse().ok());
    let page = holdings::page(&mut reader, &look, &narrow, at).await?;
    let found = holdings::count(&mut reader, &look, &narrow).await?;
    let figures = holdings::figures(&mut reader, &look).await?;
    let roles = holdings::roles(&mut reader, partner).await?;
    drop(reader);
    let around = |apres: String, avant: String| Asked { apres, avant, ..asked.clone() }.href(path);
    let previous = page.previous().map(|line| around(String::new(), line.grant_id.to_string()));
    let next = page.next().map(|line| around(line.grant_id.to_string(), String::new()));
    let line = |row| Line::of(row, review.opened_at, &visit.zone, today, partner);
    shown(&CurrentPage {
        shell: visit.shell_with(format!("Revue inverse {}", review.year), asked.notice()),
        key: new_key(&app),
        path,
        partner: employer.legal_name,
        opened_on: visit.zone.day(review.opened_at),
        opened_by: review.opened_by.clone(),
        owed,
        views: views(path, narrow.view, &figures),
        figures,
        view: narrow.view,
        narrowed: narrow.role.is_some() || !asked.q.trim().is_empty(),
        roles: roles
            .into_iter()
            .map(|(id, name)| Choice::new(id.to_string(), name).picked_if(narrow.role == Some(id)))
            .collect(),
        q: asked.q,
        found,
        range: page.range(found, "ligne"),
        lines: page.lines.into_iter().map(line).collect::<Result<_, _>>()?,
        previous,
        next,
        past,
    })
}

fn views(path: Review, current: View, figures: &Figures) -> Vec<(String, &'static str, i64, bool)> {
    View::ALL
        .into_iter()
        .map(|view| {
            let (label, count) = match view {
                View::ToDecide => ("À examiner", figures.to_decide),
                View::NeverUsed => ("Jamais utilisées", figures.never),
                View::Quiet => ("Pas depuis six mois", figures.quiet),
                View::Recent => ("Nouvelles ou modifiées", figures.recent),
                View::Confirmed => ("Confirmées", figures.confirmed),
            };
            (format!("{path}?vue={}", view.code()), label, count, view == current)
        })
        .collect()
}

/// A form without a field of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Opens the review of the year.
pub(super) async fn open(
    State(app): State<App>,
    visit: Visit,
    path: Review,
    Sent { key, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    acted(&commands::open(&app, &visit, path, &key).await?)
}
