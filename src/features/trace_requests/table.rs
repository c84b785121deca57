//! What a person was given, as a table that a spreadsheet opens: the same acts, in the same order, in words.

use askama::Template;
use axum::extract::State;
use time::OffsetDateTime;

use super::{document, reading};
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::own_acts::OwnAct;
use crate::domain::trace_export::Format;
use crate::web::answer::{Answer, Tracing as _};
use crate::web::paths::OwnTraceTable;
use crate::web::visit::Visit;
use crate::web::{csv, filters};

/// The columns.
const HEADER: [&str; 12] = [
    "Quand",
    "Acte",
    "Résultat",
    "Cause",
    "Service",
    "Mission déclarée",
    "Dossier (ordre)",
    "Rubriques montrées",
    "Page",
    "Session (ordre)",
    "Depuis",
    "Avec",
];

/// Something as pages say it.
#[derive(Template)]
#[template(
    source = "{% import \"traces/words.html\" as say %}\
              {%- match self -%}\
              {%- when Self::When(at) -%}{{ at|dense }} {{ at|exact }}\
              {%- when Self::Outcome(code) -%}{{ say::outcome(code) }}\
              {%- when Self::Cause(code) -%}{{ say::cause(code) }}\
              {%- when Self::Rubric(code) -%}{{ say::rubric(code) }}\
              {%- endmatch -%}",
    ext = "txt"
)]
enum Word<'a> {
    When(OffsetDateTime),
    Outcome(&'a String),
    Cause(&'a String),
    Rubric(&'a String),
}

impl Word<'_> {
    fn said(&self) -> String {
        // A template fails on a broken writer only, and a text is none.
        self.render().unwrap_or_default()
    }
}

/// The table.
pub(super) async fn give(State(app): State<App>, visit: Visit, path: OwnTraceTable) -> Answer {
    let (request, digest, text) = reading::kept(&app, &visit, path.demand).await?;
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    rows.extend(document::read(&text).iter().map(|act| row(act, &visit).to_vec()));
    let name = format!("mes-traces-{}-{}", request.days().from, request.days().to);
    let fact = Fact::OwnTracesTaken { request: request.id, digest, format: Format::Csv };
    Ok(csv::file(&name, &rows)).reading(vec![fact])
}

fn row(act: &OwnAct, visit: &Visit) -> [String; HEADER.len()] {
    let maybe = |words: &Option<String>| words.clone().unwrap_or_default();
    let order = |order: Option<usize>| order.map(|order| order.to_string()).unwrap_or_default();
    let rubrics: Vec<String> = act.rubrics.iter().map(|rubric| Word::Rubric(rubric).said()).collect();
    [
        act.instant().map_or_else(|| act.at.clone(), |at| Word::When(visit.zone.local(at)).said()),
        act.name.clone(),
        Word::Outcome(&act.outcome).said(),
        act.cause.as_ref().map(|cause| Word::Cause(cause).said()).unwrap_or_default(),
        maybe(&act.service).to_uppercase(),
        maybe(&act.mission),
        order(act.file),
        rubrics.join(", "),
        maybe(&act.page),
        order(act.session),
        maybe(&act.source),
        maybe(&act.agent),
    ]
}
