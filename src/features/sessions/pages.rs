//! The page of one's own sessions.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::commands::{self, Which};
use super::store::{self, Session};
use crate::app::App;
use crate::web::answer::{Answer, done, see_other, shown};
use crate::web::form::Sent;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{CloseOtherSessions, CloseSession, Sessions, told};
use crate::web::problem::Problem;
use crate::web::standing::moment;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "sessions/list.html")]
struct SessionsPage {
    shell: Shell,
    close: CloseSession,
    close_others: CloseOtherSessions,
    lines: Vec<Line>,
}

/// A session as the page shows it.
struct Line {
    name: String,
    own: bool,
    browser: String,
    source: Option<String>,
    opened: String,
    last: String,
}

impl SessionsPage {
    fn others(&self) -> usize {
        self.lines.iter().filter(|line| !line.own).count()
    }
}

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

impl Asked {
    fn notice(&self) -> Option<Notice> {
        let title = match self.fait.as_str() {
            "fermee" => "C’est fait : la session est fermée",
            "fermees" => "C’est fait : vos autres sessions sont fermées",
            "aucune" => "Il n’y avait plus rien à fermer",
            _ => return None,
        };
        Some(Notice {
            tone: Tone::Ok,
            title: title.to_owned(),
            text: vec!["Une page restée ouverte là-bas ne montrera plus rien au prochain clic.".to_owned()],
            links: Vec::new(),
        })
    }
}

/// The sessions that live, this one first.
pub(super) async fn sessions(
    State(app): State<App>,
    visit: Visit,
    _: Sessions,
    Query(asked): Query<Asked>,
) -> Answer {
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let living = store::living(&mut reader, account, visit.now).await?;
    drop(reader);
    let mut lines: Vec<Line> = living.iter().map(|session| line(&app, &visit, session)).collect();
    lines.sort_by_key(|line| !line.own);
    shown(&SessionsPage {
        shell: visit.shell_with("Mes sessions", asked.notice()),
        close: CloseSession,
        close_others: CloseOtherSessions,
        lines,
    })
}

fn line(app: &App, visit: &Visit, session: &Session) -> Line {
    let own = visit.actor.origin.session_row.is_some_and(|row| row.as_slice() == session.row());
    let moment = |at| moment(at, &visit.zone, visit.today());
    Line {
        name: commands::name(&app.kit().keys, session),
        own,
        browser: match session.agent.as_deref() {
            None | Some("autre") => "Autre navigateur".to_owned(),
            Some(family) => family.to_owned(),
        },
        source: session.source.clone(),
        opened: moment(session.opened_at),
        last: moment(if own { visit.now } else { session.last_entry_at }),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Chosen {
    session: String,
}

/// Ends one of the others.
pub(super) async fn close(
    State(app): State<App>,
    visit: Visit,
    Sent { key: _, fields }: Sent<Chosen>,
) -> Answer {
    answer(&app, &visit, Which::One(&fields.session), "fermee").await
}

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Ends all the others.
pub(super) async fn close_others(
    State(app): State<App>,
    visit: Visit,
    Sent { key: _, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    answer(&app, &visit, Which::All, "fermees").await
}

/// One that has ended meanwhile needs no ending: sending the form twice does it once.
async fn answer(app: &App, visit: &Visit, which: Which<'_>, word: &str) -> Answer {
    match commands::close(app, &visit.actor, which).await? {
        Some(receipt) => done(&receipt, &told(&Sessions, word)),
        None => see_other(&told(&Sessions, "aucune")),
    }
}
