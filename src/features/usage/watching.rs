//! Who is under surveillance, until when, and why; prolonging and ending it. The auditor decides, the administrator of
//! the organism knows; nobody at the partner's does.

use std::cmp::Reverse;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, Change};
use super::judging::until;
use super::store::watches::{self, Watch};
use super::words::Told;
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::atypical::{lasts_at_most, lasts_usually};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::{self, day_of};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{Surveillance, Surveillances, UseThresholds};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    fait: Option<Told>,
}

#[derive(Template)]
#[template(path = "usage/watches.html")]
struct WatchesPage {
    shell: Shell,
    thresholds: UseThresholds,
    in_force: Vec<Line>,
    past: Vec<(Line, Ending)>,
}

struct Line {
    watch: Watch,
    from: String,
    /// Where it is changed, for who may.
    href: Option<Surveillance>,
}

/// How a surveillance ended.
struct Ending {
    on: Day,
    /// Who ended it before its day, and why; nobody when its day passed.
    by: Option<(String, String)>,
}

impl Ending {
    /// That of a surveillance, if it ended. One whose day had passed when another began was put away then: it had ended
    /// by itself.
    fn of(watch: &Watch, visit: &Visit) -> Option<Self> {
        let stopped = watch.ended_at.map(|at| visit.zone.day(at));
        match stopped.filter(|day| *day <= watch.until_on) {
            Some(on) => Some(Self { on, by: watch.ended_by.clone().zip(watch.end_reason.clone()) }),
            None => (watch.until_on < visit.today()).then_some(Self { on: watch.until_on, by: None }),
        }
    }
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    _: Surveillances,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let in_force = watches::in_force(&mut reader, visit.today()).await?;
    let past = watches::past(&mut reader, visit.today()).await?;
    drop(reader);
    let may = visit.actor.may(Permission::JudgeUse);
    let line = |watch: Watch| Line {
        from: day_of(visit.zone.local(watch.from_at)),
        href: may.then_some(Surveillance { surveillance: watch.id }),
        watch,
    };
    let ended = |watch: Watch| Ending::of(&watch, &visit).map(|ending| (line(watch), ending));
    let mut past: Vec<(Line, Ending)> = past.into_iter().filter_map(ended).collect();
    past.sort_by_key(|(_, ending)| Reverse(ending.on));
    shown(&WatchesPage {
        shell: visit
            .shell_with("Surveillances", asked.ok().and_then(|Query(asked)| asked.fait).map(Told::notice)),
        thresholds: UseThresholds,
        in_force: in_force.into_iter().map(line).collect(),
        past,
    })
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    suite: String,
    jusqu: String,
    motif: String,
}

#[derive(Template)]
#[template(path = "usage/watch.html")]
struct WatchPage {
    shell: Shell,
    key: String,
    path: Surveillance,
    list: Surveillances,
    watch: Watch,
    from: String,
    /// How it ended, when nothing is left to change.
    ending: Option<Ending>,
    ways: Vec<Choice>,
    first: String,
    last: String,
    typed: Typed,
    faults: Faults,
}

async fn page(
    app: &App,
    visit: &Visit,
    path: Surveillance,
    (key, typed, faults): (String, Typed, Faults),
) -> Result<WatchPage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let watch = watches::one(&mut reader, path.surveillance).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    let today = visit.today();
    let ending = Ending::of(&watch, visit);
    let notice = ending.is_some().then(|| Notice {
        tone: Tone::Bad,
        title: "Cette surveillance est terminée".to_owned(),
        text: vec!["Rien ne reste à faire ici.".to_owned()],
        links: Vec::new(),
    });
    let choice = |value: &str, label: &str, detail: &str| {
        Choice::new(value, label).detail(detail).picked_if(value == typed.suite)
    };
    Ok(WatchPage {
        shell: visit.shell_with("Surveillance d’un compte", notice),
        key,
        path,
        list: Surveillances,
        from: day_of(visit.zone.local(watch.from_at)),
        watch,
        ending,
        ways: vec![
            choice("prolonger", "La prolonger", "Trois mois au plus à partir d’aujourd’hui."),
            choice("lever", "La lever", "Ses recherches ne seront plus toutes signalées."),
        ],
        first: today.plus_days(1).to_string(),
        last: lasts_at_most(today).to_string(),
        typed,
        faults,
    })
}

/// Whether to prolong it or to end it.
pub(super) async fn form(State(app): State<App>, visit: Visit, path: Surveillance) -> Answer {
    let typed = Typed { jusqu: lasts_usually(visit.today()).to_string(), ..Typed::default() };
    let subject = Some(path.surveillance.to_string());
    let fact = Fact::PageRead { route: Surveillance::PATH.to_owned(), subject };
    shown(&page(&app, &visit, path, (new_key(&app), typed, Faults::new())).await?).reading(vec![fact])
}

/// Prolongs it, or ends it.
pub(super) async fn change(
    State(app): State<App>,
    visit: Visit,
    path: Surveillance,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    let change = match typed.suite.as_str() {
        "prolonger" => until(visit.today(), &typed.jusqu, &mut faults).map(Change::Prolong),
        "lever" => Some(Change::End),
        "" => {
            faults.push("suite", Fault::Missing);
            None
        }
        _ => {
            faults.push("suite", Fault::NotOffered);
            None
        }
    };
    match change {
        Some(change) if faults.is_empty() => {
            acted(&commands::change(&app, &visit, path, &key, (&change, &reason)).await?)
        }
        _ => refused(&page(&app, &visit, path, (key, typed, faults)).await?),
    }
}
