//! The list of traces: newest first, by day, person, action.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::line::Line;
use super::store::{self, PAGE, Person, Row, Search};
use crate::app::App;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::{PartnerId, TraceId};
use crate::domain::time::Timestamp;
use crate::web::answer::{Answer, Tracing, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::Traces;
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Days searched when none is given.
const DAYS: i64 = 7;

/// Families of facts, as the filter offers them: first letters of their codes, and the words.
const FAMILIES: [(&str, &str); 14] = [
    ("sign_in.", "Connexions"),
    ("session.", "Fins de session"),
    ("password.", "Mots de passe"),
    ("file.", "Consultations"),
    ("grant.", "Habilitations"),
    ("group.", "Groupes"),
    ("review.", "Revues inverses"),
    ("letter.", "Lettres"),
    ("user.", "Utilisateurs"),
    ("principal.", "Administrateurs"),
    ("membership.", "Bulletins"),
    ("cap.", "Plafonds"),
    ("page.", "Pages"),
    ("traces.", "Lectures de traces"),
];

#[derive(Template)]
#[template(path = "traces/list.html")]
struct ListPage {
    shell: Shell,
    filters: Filters,
    /// Lines by day, newest first.
    days: Vec<(Day, Vec<Line>)>,
    /// People among whom the search did not choose.
    candidates: Vec<(String, String)>,
    nobody: bool,
    shown: usize,
    next: Option<String>,
    for_partner: bool,
}

struct Filters {
    person: String,
    from: String,
    to: String,
    families: Vec<Choice>,
    partners: Vec<Choice>,
    faults: Faults,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    personne: String,
    #[serde(default)]
    du: String,
    #[serde(default)]
    au: String,
    #[serde(default)]
    acte: String,
    #[serde(default)]
    partenaire: String,
    #[serde(default)]
    avant: String,
}

/// The traces that one may read.
pub(super) async fn list(
    State(app): State<App>,
    _: Traces,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let Query(asked) = asked.map_err(|_| Problem::Unreadable)?;
    let today = visit.today();
    let mut faults = Faults::new();
    let to = day(&asked.au, "au", today, &mut faults);
    let from = day(&asked.du, "du", to.plus_days(1 - DAYS), &mut faults);
    if faults.is_empty() && from > to {
        faults.push("du", Fault::EndBeforeStart);
    }
    let mut reader = app.read(&visit.actor).await?;
    let for_partner = visit.actor.partner().is_some();
    let partners = if for_partner { Vec::new() } else { store::partners(&mut reader).await? };
    let people = if asked.personne.trim().is_empty() {
        Vec::new()
    } else {
        store::people(&mut reader, &asked.personne).await?
    };
    let exact = people.iter().find(|person| person.identifier == asked.personne.trim().to_uppercase());
    let person = exact.or(if people.len() == 1 { people.first() } else { None }).cloned();
    let nobody = !asked.personne.trim().is_empty() && people.is_empty();
    let searched = faults.is_empty() && (asked.personne.trim().is_empty() || person.is_some());
    let search = Search {
        from: visit.zone.start_of(from),
        to: visit.zone.start_of(to.plus_days(1)),
        person: person.as_ref().map(|person| person.id),
        family: FAMILIES.iter().find(|(family, _)| *family == asked.acte).map(|(family, _)| *family),
        refused: asked.acte == "refus",
        partner: asked.partenaire.parse::<PartnerId>().ok(),
        today,
        before: cursor(&asked.avant),
    };
    let mut rows = if searched { store::find(&mut reader, &search).await? } else { Vec::new() };
    drop(reader);
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = rows.last().filter(|_| more).map(|last| next_page(&asked, last));
    let fact = Fact::TracesRead {
        from,
        to,
        person: person.as_ref().map(|person| person.identifier.clone()),
        action: Some(asked.acte.clone())
            .filter(|acte| !acte.is_empty() && (search.family.is_some() || search.refused)),
        shown: u32::try_from(rows.len()).unwrap_or(u32::MAX),
    };
    let page = ListPage {
        shell: visit.shell("Traces"),
        days: by_day(&rows, &visit, &app, for_partner),
        candidates: if searched { Vec::new() } else { candidates(&people, &asked) },
        nobody,
        shown: rows.len(),
        next,
        for_partner,
        filters: Filters {
            person: asked.personne.chars().take(80).collect(),
            from: from.to_string(),
            to: to.to_string(),
            families: FAMILIES
                .iter()
                .copied()
                .chain([("refus", "Refus")])
                .map(|(family, words)| Choice::new(family, words).picked_if(asked.acte == family))
                .collect(),
            partners: partners
                .iter()
                .map(|(id, name)| {
                    Choice::new(id.to_string(), name.clone()).picked_if(search.partner == Some(*id))
                })
                .collect(),
            faults,
        },
    };
    let answer = if page.filters.faults.is_empty() { shown(&page) } else { refused(&page) };
    answer.reading(vec![fact])
}

fn day(typed: &str, field: &'static str, otherwise: Day, faults: &mut Faults) -> Day {
    if typed.trim().is_empty() {
        return otherwise;
    }
    Day::parse(typed).unwrap_or_else(|| {
        faults.push(field, Fault::DateFormat);
        otherwise
    })
}

fn by_day(rows: &[Row], visit: &Visit, app: &App, for_partner: bool) -> Vec<(Day, Vec<Line>)> {
    let mut days: Vec<(Day, Vec<Line>)> = Vec::new();
    for row in rows {
        let line = Line::read(row, &visit.zone, &app.kit().keys, for_partner);
        let day = visit.zone.day(row.at);
        match days.last_mut() {
            Some((last, lines)) if *last == day => lines.push(line),
            _ => days.push((day, vec![line])),
        }
    }
    days
}

fn cursor(text: &str) -> Option<(Timestamp, TraceId)> {
    let (micros, id) = text.split_once('_')?;
    Some((Timestamp::from_micros(micros.parse().ok()?)?, id.parse().ok()?))
}

fn query(asked: &Asked, person: &str, before: &str) -> String {
    let fields = [
        ("personne", person),
        ("du", &asked.du),
        ("au", &asked.au),
        ("acte", &asked.acte),
        ("partenaire", &asked.partenaire),
        ("avant", before),
    ];
    let kept: Vec<(&str, &str)> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    format!("{Traces}?{}", serde_html_form::to_string(kept).unwrap_or_default())
}

fn next_page(asked: &Asked, last: &Row) -> String {
    query(asked, &asked.personne, &format!("{}_{}", last.at.micros(), last.id))
}

fn candidates(people: &[Person], asked: &Asked) -> Vec<(String, String)> {
    people
        .iter()
        .map(|person| {
            let name = format!("{} {}, {}", person.surname, person.given_name, person.identifier);
            (name, query(asked, &person.identifier, ""))
        })
        .collect()
}
