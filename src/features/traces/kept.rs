//! The searches that somebody keeps under a name: his own, listed and erased by him alone.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::asked::Asked;
use super::store::{self, Offered};
use crate::app::App;
use crate::db::{DbError, Reader};
use crate::domain::access::{Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, TraceSearchId};
use crate::domain::trace_search::MOST_KEPT;
use crate::web::answer::{Act, Answer, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{EraseTraceSearch, TraceSearches, Traces, told};
use crate::web::problem::Problem;
use crate::web::reading::NAME;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "traces/kept.html")]
struct KeptPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    kept: Vec<Line>,
    /// A search that was not kept, and what was typed for it.
    again: Option<Again>,
    faults: Faults,
}

/// A search that is kept.
struct Line {
    name: String,
    words: Vec<String>,
    href: String,
    erase: EraseTraceSearch,
    /// Of the form that erases it: each act has its own.
    key: String,
}

/// A search that was not kept.
struct Again {
    key: String,
    name: String,
    query: String,
    words: Vec<String>,
}

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    fait: String,
}

impl Said {
    fn notice(&self) -> Option<Notice> {
        let title = match self.fait.as_str() {
            "gardee" => "C’est fait : la recherche est gardée",
            "effacee" => "C’est fait : la recherche est effacée",
            _ => return None,
        };
        Some(Notice { tone: Tone::Ok, title: title.to_owned(), text: Vec::new(), links: Vec::new() })
    }
}

fn lines(app: &App, kept: Vec<store::Kept>, offered: &Offered) -> Vec<Line> {
    let line = |kept: store::Kept| {
        let asked: Asked = serde_html_form::from_str(&kept.query).unwrap_or_default();
        Line {
            words: asked.words(offered),
            href: format!("{Traces}?{}", kept.query),
            erase: EraseTraceSearch { search: kept.id },
            key: new_key(app),
            name: kept.name,
        }
    };
    kept.into_iter().map(line).collect()
}

fn own(visit: &Visit) -> Result<AccountId, Problem> {
    visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)
}

async fn page(app: &App, reader: &mut Reader, visit: &Visit, offered: &Offered) -> Result<KeptPage, Problem> {
    let kept = store::kept(reader, own(visit)?).await?;
    Ok(KeptPage {
        shell: visit.shell("Recherches gardées"),
        trail: vec![("Traces".to_owned(), Traces.to_string())],
        kept: lines(app, kept, offered),
        again: None,
        faults: Faults::new(),
    })
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    _: TraceSearches,
    said: Result<Query<Said>, QueryRejection>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let offered = store::offered(&mut reader).await?;
    let mut page = page(&app, &mut reader, &visit, &offered).await?;
    drop(reader);
    if let Some(notice) = said.ok().and_then(|Query(said)| said.notice()) {
        page.shell.notice = Some(notice);
    }
    shown(&page)
}

/// What is sent to keep a search.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    nom: String,
    recherche: String,
}

/// How keeping a search ended.
enum Keeping {
    Done(Act),
    /// Another of one's searches has this name.
    Taken,
    /// There are too many already.
    TooMany,
}

/// Keeps a search under a name.
pub(super) async fn keep(
    State(app): State<App>,
    visit: Visit,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let asked: Asked = serde_html_form::from_str(&typed.recherche).map_err(|_| Problem::Unreadable)?;
    let mut reader = app.read(&visit.actor).await?;
    let offered = store::offered(&mut reader).await?;
    let mut faults = Faults::new();
    let name = faults.line("nom", &typed.nom, NAME);
    // A search is kept as it would be made: what is wrong with it is said where it is made.
    let mut wrong = Faults::new();
    asked.read(visit.today(), &offered, &mut wrong);
    if !wrong.is_empty() {
        return Err(Problem::Unreadable);
    }
    let query = asked.at_its_start().query();
    if faults.is_empty() {
        match write(&app, &visit, &key, &name, &query).await? {
            Keeping::Done(act) => return acted(&act),
            Keeping::Taken => faults.push("nom", Fault::SearchNameTaken),
            Keeping::TooMany => faults.push("nom", Fault::TooMany { max: MOST_KEPT }),
        }
    }
    let mut page = page(&app, &mut reader, &visit, &offered).await?;
    drop(reader);
    page.again = Some(Again { key, name: typed.nom, words: asked.words(&offered), query });
    page.faults = faults;
    refused(&page)
}

async fn write(app: &App, visit: &Visit, key: &str, name: &str, query: &str) -> Result<Keeping, Problem> {
    let account = own(visit)?;
    let mut tx = app.write(&visit.actor).await?.permit(Permission::ReadTraces, Scope::Own)?;
    let search: TraceSearchId = tx.new_id();
    let location = told(&TraceSearches, "gardee");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Keeping::Done(Act::Before(taken)));
    }
    if store::kept(&mut tx, account).await?.len() >= MOST_KEPT {
        return Ok(Keeping::TooMany);
    }
    match store::keep(&mut tx, search, account, (name, query)).await {
        Err(DbError::Duplicate) => return Ok(Keeping::Taken),
        inserted => inserted?,
    }
    let receipt = tx.commit([Fact::TraceSearchKept { search, name: name.to_owned() }]).await?;
    Ok(Keeping::Done(Act::Done { receipt, location }))
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Erases one.
pub(super) async fn erase(
    State(app): State<App>,
    visit: Visit,
    path: EraseTraceSearch,
    Sent { key, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    let account = own(&visit)?;
    let mut tx = app.write(&visit.actor).await?.permit(Permission::ReadTraces, Scope::Own)?;
    let location = told(&TraceSearches, "effacee");
    if let Some(taken) = tx.claim(&key, &location).await? {
        return acted(&Act::Before(taken));
    }
    let name = store::erase(&mut tx, path.search, account).await?.ok_or(Problem::NotFound)?;
    let receipt = tx.commit([Fact::TraceSearchErased { search: path.search, name }]).await?;
    acted(&Act::Done { receipt, location })
}
