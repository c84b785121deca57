//! One trace as the cells of a file: what its page says, for who asked, in the words of the page.

use std::collections::BTreeMap;

use serde_json::Value;
use time::OffsetDateTime;

use super::store::Row;
use super::words::Code;
use crate::domain::day::Day;
use crate::features::traces::details::{Told, details};
use crate::features::traces::line::{Eyes, rubrics, text};

/// The columns, in order.
pub(super) const COLUMNS: [&str; 20] = [
    "Quand",
    "Qui",
    "Identifiant",
    "Fonction",
    "Partenaire",
    "Personne concernée",
    "Groupe",
    "Acte",
    "Résultat",
    "Cause",
    "Dossier",
    "Service",
    "Mission déclarée",
    "Rubriques montrées",
    "Page",
    "Précisions",
    "Depuis",
    "Avec",
    "Conservée jusqu’au",
    "Trace",
];

/// What a cell holds.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Cell {
    /// Words.
    Text(String),
    /// An instant, as clocks of the organism show it.
    Moment(OffsetDateTime),
    /// A day.
    Day(Day),
}

/// Fields of a fact that have columns of their own.
const ELSEWHERE: [&str; 3] = ["mission", "route", "service"];

/// The names of roles, by service and by what bodies call them.
pub(super) type Roles = BTreeMap<(String, String), String>;

/// The cells of a trace.
pub(super) fn cells(row: &Row, eyes: Eyes<'_>, roles: &Roles) -> [Cell; COLUMNS.len()] {
    let body: Value = serde_json::from_str(&row.body).unwrap_or(Value::Null);
    let of = |path: &str| Cell::Text(text(&body, path).unwrap_or_default());
    let maybe = |words: Option<String>| Cell::Text(words.unwrap_or_default());
    let office = text(&body, "/actor/office").unwrap_or_default();
    let shown: Vec<String> = rubrics(&body).iter().map(|rubric| Code::Rubric(rubric).said()).collect();
    [
        Cell::Moment(eyes.zone.local(row.at)),
        Cell::Text(who(&body)),
        of("/actor/identifier"),
        Cell::Text(Code::Office(&office).said()),
        maybe(row.partner_name.clone()),
        maybe(row.subject_name.clone()),
        of("/object/group/name"),
        Cell::Text(Code::Fact(&row.fact).said()),
        Cell::Text(Code::Outcome(&row.outcome).said()),
        maybe(eyes.cause(&row.fact, &row.outcome, &body).map(|cause| Code::Cause(&cause).said())),
        maybe(eyes.file_number(&body)),
        maybe(row.service.as_ref().map(|service| service.to_uppercase())),
        of("/object/mission"),
        Cell::Text(shown.join(", ")),
        of("/object/route"),
        Cell::Text(precisions(&body, roles)),
        of("/origin/source"),
        maybe(text(&body, "/origin/agent").filter(|agent| agent != "autre")),
        Cell::Day(row.keep_until),
        Cell::Text(row.id.to_string()),
    ]
}

fn who(body: &Value) -> String {
    match (text(body, "/actor/name"), text(body, "/actor/job")) {
        (Some(name), _) => name,
        (None, Some(job)) => format!("Tâche automatique « {job} »"),
        (None, None) => "Personne non connectée".to_owned(),
    }
}

/// What else the fact says, field by field.
fn precisions(body: &Value, roles: &Roles) -> String {
    let service = text(body, "/object/service").unwrap_or_default();
    let (told, _) = details(body);
    let told = told.iter().filter(|detail| !ELSEWHERE.contains(&detail.name.as_str())).map(|detail| {
        let words = match &detail.value {
            Told::Words(role) if detail.name == "role" => {
                roles.get(&(service.clone(), role.clone())).unwrap_or(role).clone()
            }
            Told::Words(words) | Told::Code(words) => words.clone(),
            Told::Word(code) => Code::Word(code).said(),
            Told::Changes(changes) => changes.iter().map(change).collect::<Vec<_>>().join(", "),
            Told::Criteria(criteria) => criteria.iter().map(criterion).collect::<Vec<_>>().join(", "),
        };
        format!("{} : {words}", Code::Field(&detail.name).said())
    });
    told.collect::<Vec<_>>().join(" ; ")
}

fn change((name, before, after): &(String, String, String)) -> String {
    let value = |words: &str| if words.is_empty() { "rien".to_owned() } else { words.to_owned() };
    format!("{} : {} → {}", Code::Field(name).said(), value(before), value(after))
}

fn criterion((name, value): &(String, String)) -> String {
    format!("{} : {value}", Code::Field(name).said())
}
