//! «Qui a consulté ce dossier»: the traces of one file. Its number is sent, never put in an address: what leads to
//! the timeline is one of the traces of the file.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;
use serde_json::Value;

use super::asked::period;
use super::line::{Eyes, Line, by_day};
use super::list::After;
use super::store;
use super::walk::{Along, Filter, Row, Stretch, step};
use crate::app::App;
use crate::crypto::unhex;
use crate::db::Reader;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::file_key::KeyKind;
use crate::domain::trace_search::{Found, Period, Place, join};
use crate::web::answer::{Answer, Tracing, refused, see_other, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::file_mark;
use crate::web::filters;
use crate::web::form::Sent;
use crate::web::page::Shell;
use crate::web::paths::{FileTraces, NewTraceExport, TraceFile, Traces};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What is typed to name a file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    numero: String,
    du: String,
    au: String,
}

#[derive(Template)]
#[template(path = "traces/ask_file.html")]
struct AskPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    number: String,
    from: Day,
    to: Day,
    /// The file was looked for, and has no trace in that period.
    nothing: bool,
    faults: Faults,
}

fn ask_page(visit: &Visit, typed: &Typed, period: Period, nothing: bool, faults: Faults) -> AskPage {
    AskPage {
        shell: visit.shell("Qui a consulté un dossier"),
        trail: vec![("Traces".to_owned(), Traces.to_string())],
        number: typed.numero.chars().take(32).collect(),
        from: period.from,
        to: period.to,
        nothing,
        faults,
    }
}

/// Asks which file.
pub(super) async fn ask(visit: Visit, _: FileTraces) -> Answer {
    let period = Period::given(None, None, visit.today());
    shown(&ask_page(&visit, &Typed::default(), period, false, Faults::new()))
}

/// Finds the last trace of a file, which leads to the others.
pub(super) async fn find(
    State(app): State<App>,
    visit: Visit,
    Sent { key: _, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let number = match KeyKind::likely(&typed.numero).read(&typed.numero) {
        Ok(number) => Some(number),
        Err(error) => {
            faults.push("numero", Fault::from(error));
            None
        }
    };
    let period = period(&typed.du, &typed.au, visit.today(), &mut faults);
    let Some(number) = number.filter(|_| faults.is_empty()) else {
        return refused(&ask_page(&visit, &typed, period, false, faults));
    };
    let mark = file_mark::of(app.kit(), visit.organism, number.as_str());
    let hash = unhex(&mark.hash).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let found = of_file(&mut reader, &visit, hash, period, None).await?;
    drop(reader);
    let fact = Fact::FileTracesRead { searched: mark, from: period.from, to: period.to, shown: 0 };
    let answer = match found.lines.first() {
        Some(last) => {
            let Period { from, to } = period;
            see_other(&format!("{}?du={from}&au={to}", TraceFile { trace: last.id }))
        }
        None => shown(&ask_page(&visit, &typed, period, true, faults)),
    };
    answer.reading(vec![fact])
}

async fn of_file(
    reader: &mut Reader,
    visit: &Visit,
    hash: Vec<u8>,
    period: Period,
    before: Option<Place>,
) -> Result<Found<Row>, Problem> {
    let (from, to) = (visit.zone.start_of(period.from), visit.zone.start_of(period.to.plus_days(1)));
    let stretch = Stretch::between(from, to, before, visit.today());
    Ok(join(vec![step(reader, &Along::File(hash), stretch, &Filter::default()).await?]))
}

#[derive(Template)]
#[template(path = "traces/file.html")]
struct FilePage {
    shell: Shell,
    trail: Vec<(String, String)>,
    path: TraceFile,
    number: String,
    from: Day,
    to: Day,
    days: Vec<(Day, Vec<Line>)>,
    shown: usize,
    after: After,
    for_partner: bool,
    /// Where the same traces are taken away.
    export: String,
    faults: Faults,
}

/// What stands after the «?».
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    du: String,
    au: String,
    avant: String,
}

/// The traces of the file that a trace is about.
pub(super) async fn timeline(
    State(app): State<App>,
    visit: Visit,
    path: TraceFile,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let Query(asked) = asked.map_err(|_| Problem::Unreadable)?;
    let mut faults = Faults::new();
    let period = period(&asked.du, &asked.au, visit.today(), &mut faults);
    let mut reader = app.read(&visit.actor).await?;
    let whole = store::whole(&mut reader, path.trace, visit.today()).await?.ok_or(Problem::NotFound)?;
    let hash = whole.file_hash.clone().ok_or(Problem::NotFound)?;
    let found = of_file(&mut reader, &visit, hash, period, asked.avant.parse().ok()).await?;
    drop(reader);
    let eyes = Eyes::of(&visit.actor, &app.kit().keys, &visit.zone);
    let body: Value = serde_json::from_str(&whole.body).unwrap_or(Value::Null);
    let number = eyes.file_number(&body).ok_or(Problem::NotFound)?;
    let Period { from, to } = period;
    let fact = Fact::FileTracesRead {
        searched: file_mark::of(app.kit(), visit.organism, &number),
        from,
        to,
        shown: u32::try_from(found.lines.len()).unwrap_or(u32::MAX),
    };
    let page = FilePage {
        shell: visit.shell("Qui a consulté ce dossier"),
        trail: vec![("Traces".to_owned(), Traces.to_string())],
        path,
        number,
        from,
        to,
        days: by_day(&found.lines, eyes),
        shown: found.lines.len(),
        after: After::of(found.then, &visit, |avant| format!("{path}?du={from}&au={to}&avant={avant}")),
        for_partner: eyes.of_a_partner,
        export: format!("{NewTraceExport}?dossier={}&du={from}&au={to}", path.trace),
        faults,
    };
    let answer = if page.faults.is_empty() { shown(&page) } else { refused(&page) };
    answer.reading(vec![fact])
}
