//! Asking for an export: what it holds comes from the list, a session or the timeline of a file; the period, the form and
//! the reason are said here.

use askama::Template;
use axum::extract::{RawQuery, State};
use serde::Deserialize;
use serde_json::Value;

use super::pages::own;
use super::preparing::may_have;
use super::sought::Sought;
use super::store::{self, New};
use crate::app::App;
use crate::crypto::hex;
use crate::db::Reader;
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::{Fact, FileMark};
use crate::domain::id::{TraceExportId, TraceId};
use crate::domain::trace_export::{Format, MOST_AT_ONCE, MOST_KEPT};
use crate::domain::trace_search::Period;
use crate::features::traces::asked::{Asked, Search, period};
use crate::features::traces::line::Eyes;
use crate::features::traces::list::{Whose, whose};
use crate::features::traces::store as traces;
use crate::web::answer::{Act, Answer, acted, refused, see_other, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::file_mark;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{NewTraceExport, TraceExport, Traces};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// What is sent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    recherche: String,
    du: String,
    au: String,
    format: String,
    motif: String,
}

/// One file or one session, by one of its traces: their pages lead here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Only {
    dossier: String,
    session: String,
}

#[derive(Template)]
#[template(path = "traces/export/new.html")]
struct NewPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    key: String,
    back: String,
    query: String,
    words: Vec<String>,
    formats: Vec<Choice>,
    provable: bool,
    from: Day,
    to: Day,
    reason: String,
    faults: Faults,
}

/// What a search comes to, once its people and things are known.
struct Narrowed {
    search: Search,
    person: Option<traces::Person>,
    file: Option<FileMark>,
    session: Option<String>,
    words: Vec<String>,
    /// Where it was made.
    back: String,
}

/// Reads the search of an address. One that designates nobody, or is wrong, is not exported: the list says why.
async fn narrow(app: &App, visit: &Visit, query: &str) -> Result<Option<Narrowed>, Problem> {
    let asked: Asked = serde_html_form::from_str(query).map_err(|_| Problem::Unreadable)?;
    let only: Only = serde_html_form::from_str(query).map_err(|_| Problem::Unreadable)?;
    let mut back = asked.at_its_start().address();
    let asked = Asked { du: String::new(), au: String::new(), ..asked.at_its_start() };
    let mut faults = Faults::new();
    let mut reader = app.read(&visit.actor).await?;
    let offered = traces::offered(&mut reader).await?;
    let search = asked.read(visit.today(), &offered, &mut faults);
    let person = match whose(&mut reader, &asked.personne).await? {
        Whose::Everybody => None,
        Whose::One(person) => Some(person),
        Whose::Unclear(_) => return Ok(None),
    };
    if !faults.is_empty() {
        return Ok(None);
    }
    let (file, session) = only.read(app, visit, &mut reader).await?;
    let mut words = asked.words(&offered);
    if file.is_some() {
        words.push("Un seul dossier".to_owned());
        back = format!("{Traces}/{}/dossier", only.dossier);
    }
    if session.is_some() {
        words.push("Une seule session".to_owned());
        back = format!("{Traces}/{}/session", only.session);
    }
    Ok(Some(Narrowed { search, person, file, session, words, back }))
}

impl Only {
    /// The marks of the file and of the session; a trace that the reader may not see leads nowhere.
    async fn read(
        &self,
        app: &App,
        visit: &Visit,
        reader: &mut Reader,
    ) -> Result<(Option<FileMark>, Option<String>), Problem> {
        let mut file = None;
        if !self.dossier.is_empty() {
            let whole = trace(reader, visit, &self.dossier).await?;
            let body: Value = serde_json::from_str(&whole.body).unwrap_or(Value::Null);
            whole.file_hash.as_ref().ok_or(Problem::NotFound)?;
            let eyes = Eyes::of(&visit.actor, &app.kit().keys, &visit.zone);
            let number = eyes.file_number(&body).ok_or(Problem::NotFound)?;
            file = Some(file_mark::of(app.kit(), visit.organism, &number));
        }
        let mut session = None;
        if !self.session.is_empty() {
            let whole = trace(reader, visit, &self.session).await?;
            session = Some(hex(whole.session_hash.as_ref().ok_or(Problem::NotFound)?));
        }
        Ok((file, session))
    }
}

async fn trace(reader: &mut Reader, visit: &Visit, typed: &str) -> Result<traces::Whole, Problem> {
    let id: TraceId = typed.parse().map_err(|_| Problem::NotFound)?;
    traces::whole(reader, id, visit.today()).await?.ok_or(Problem::NotFound)
}

fn page(
    visit: &Visit,
    narrowed: &Narrowed,
    key: String,
    typed: Typed,
    days: Period,
    faults: Faults,
) -> NewPage {
    NewPage {
        shell: visit.shell("Exporter des traces"),
        trail: vec![("Traces".to_owned(), Traces.to_string())],
        key,
        back: narrowed.back.clone(),
        query: typed.recherche,
        words: narrowed.words.clone(),
        formats: Format::ALL
            .into_iter()
            .filter(|format| may_have(&visit.actor, *format))
            .map(|format| choice(format).picked_if(typed.format == format.code()))
            .collect(),
        provable: may_have(&visit.actor, Format::Proof),
        from: days.from,
        to: days.to,
        reason: typed.motif,
        faults,
    }
}

fn choice(format: Format) -> Choice {
    let (label, detail) = match format {
        Format::Workbook => (
            "XLSX",
            "Pour un tableur. 1\u{202f}048\u{202f}575 traces au plus : une feuille n’a pas plus de lignes.",
        ),
        Format::Csv => {
            ("CSV", "Pour un autre logiciel, ou un tableur. 3\u{202f}000\u{202f}000 de traces au plus.")
        }
        Format::Proof => (
            "NDJSON",
            "Pour prouver, loin du portail, que rien n’a été modifié ni retiré. 3\u{202f}000\u{202f}000 de traces au plus.",
        ),
    };
    Choice::new(format.code(), label).detail(detail)
}

/// The form.
pub(super) async fn form(
    State(app): State<App>,
    visit: Visit,
    _: NewTraceExport,
    RawQuery(query): RawQuery,
) -> Answer {
    let query = query.unwrap_or_default();
    let Some(narrowed) = narrow(&app, &visit, &query).await? else {
        return see_other(&format!("{Traces}?{query}"));
    };
    let asked: Typed = serde_html_form::from_str(&query).map_err(|_| Problem::Unreadable)?;
    let days = period(&asked.du, &asked.au, visit.today(), &mut Faults::new());
    let format = Format::Workbook.code().to_owned();
    let typed = Typed { recherche: query, format, ..Typed::default() };
    shown(&page(&visit, &narrowed, new_key(&app), typed, days, Faults::new()))
}

/// What is asked for, well read.
struct Wanted<'a> {
    narrowed: &'a Narrowed,
    days: Period,
    format: Format,
    reason: String,
}

/// Asks for it.
pub(super) async fn ask(
    State(app): State<App>,
    visit: Visit,
    _: NewTraceExport,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let Some(narrowed) = narrow(&app, &visit, &typed.recherche).await? else {
        return Err(Problem::Unreadable);
    };
    let mut faults = Faults::new();
    let days = period(&typed.du, &typed.au, visit.today(), &mut faults);
    let format = Format::parse(&typed.format).filter(|format| may_have(&visit.actor, *format));
    if format.is_none() {
        faults.push("format", if typed.format.is_empty() { Fault::Missing } else { Fault::NotOffered });
    }
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    if let (Some(format), true) = (format, faults.is_empty()) {
        let wanted = Wanted { narrowed: &narrowed, days, format, reason };
        match write(&app, &visit, &key, wanted).await? {
            Ok(act) => return acted(&act),
            Err(fault) => faults.push("format", fault),
        }
    }
    refused(&page(&visit, &narrowed, key, typed, days, faults))
}

/// Writes it down. Two askings at the same instant may both pass the limits: they guard the space, not a rule.
async fn write(
    app: &App,
    visit: &Visit,
    key: &str,
    Wanted { narrowed, days, format, reason }: Wanted<'_>,
) -> Result<Result<Act, Fault>, Problem> {
    let account = own(visit)?;
    let mut tx = app.write(&visit.actor).await?.permit(Permission::ExportTraces, Scope::Own)?;
    let export: TraceExportId = tx.new_id();
    let location = TraceExport { export }.to_string();
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Ok(Act::Before(taken)));
    }
    let (under_way, kept) = store::counts(&mut tx, account, visit.now).await?;
    if under_way >= MOST_AT_ONCE {
        return Ok(Err(Fault::ExportsUnderWay { most: MOST_AT_ONCE }));
    }
    if kept >= MOST_KEPT {
        return Ok(Err(Fault::ExportsKept { most: MOST_KEPT }));
    }
    let Narrowed { search, person, file, session, words, .. } = narrowed;
    let sought = Sought::of(days, &search.filter, person.as_ref().map(|person| person.id))
        .only(file.as_ref().map(|mark| mark.hash.clone()), session.clone());
    let words = if words.is_empty() { "aucun".to_owned() } else { words.join(", ") };
    let new = New { id: export, account, format, sought: &sought, words: &words, reason: &reason };
    store::insert(&mut tx, &new).await?;
    let fact = Fact::TraceExportAsked {
        export,
        format,
        from: days.from,
        to: days.to,
        filters: filters(narrowed),
        searched: file.clone(),
        reason,
    };
    let receipt = tx.commit([fact]).await?;
    Ok(Ok(Act::Done { receipt, location }))
}

/// The criteria that the trace names.
fn filters(Narrowed { search, person, session, .. }: &Narrowed) -> Vec<(String, String)> {
    let own = [
        ("person", person.as_ref().map(|person| person.identifier.clone())),
        ("action", search.filter.family.map(str::to_owned)),
        ("session", session.clone()),
    ];
    let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    own.chain(search.named()).collect()
}
