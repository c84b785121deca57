//! The timeline of one session: from sign-in to sign-out, in the order in which things happened.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::line::{Eyes, Line, by_day};
use super::store;
use super::walk::{self, Stretch};
use crate::app::App;
use crate::crypto::hex;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::session::{KEPT_FORM_LIMIT, SESSION_LIMIT};
use crate::domain::trace_search::{LINES, Place, Placed as _};
use crate::web::answer::{Answer, Tracing, shown};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{NewTraceExport, Trace, TraceSession, Traces};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "traces/session.html")]
struct SessionPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    who: String,
    identifier: String,
    partner: Option<String>,
    days: Vec<(Day, Vec<Line>)>,
    shown: usize,
    from_the_start: bool,
    start: TraceSession,
    next: Option<String>,
    /// Where the same traces are taken away.
    export: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    apres: String,
}

/// The timeline.
pub(super) async fn timeline(
    State(app): State<App>,
    visit: Visit,
    path: TraceSession,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let Query(asked) = asked.map_err(|_| Problem::Unreadable)?;
    let mut reader = app.read(&visit.actor).await?;
    let whole = store::whole(&mut reader, path.trace, visit.today()).await?.ok_or(Problem::NotFound)?;
    let session = whole.session_hash.clone().ok_or(Problem::NotFound)?;
    // The search has its period: no session lasts longer, and what comes too late is refused a day at most.
    let reach = SESSION_LIMIT + KEPT_FORM_LIMIT;
    let stretch = Stretch::between(whole.at.minus(reach), whole.at.plus(reach), None, visit.today());
    let after: Option<Place> = asked.apres.parse().ok();
    let from = after.unwrap_or(stretch.from);
    let mut rows = walk::session(&mut reader, &session, from, stretch.before.at, visit.today()).await?;
    drop(reader);
    let more = rows.len() > LINES;
    rows.truncate(LINES);
    let next = rows.last().filter(|_| more).map(|last| format!("{path}?apres={}", last.place()));
    let eyes = Eyes::of(&visit.actor, &app.kit().keys, &visit.zone);
    let mut days = by_day(&rows, eyes);
    for line in days.iter_mut().flat_map(|(_, lines)| lines) {
        line.current = line.href.trace == path.trace;
    }
    let first = days.first().and_then(|(_, lines)| lines.first());
    let page = SessionPage {
        shell: visit.shell("Une session"),
        trail: vec![
            ("Traces".to_owned(), Traces.to_string()),
            ("Une trace".to_owned(), Trace { trace: path.trace }.to_string()),
        ],
        who: first.map(|line| line.who.clone()).unwrap_or_default(),
        identifier: first.map(|line| line.identifier.clone()).unwrap_or_default(),
        partner: first.and_then(|line| line.partner.clone()),
        shown: rows.len(),
        from_the_start: after.is_none(),
        start: path,
        next,
        export: format!("{NewTraceExport}?session={}{}", path.trace, period_of(&days)),
        days,
    };
    let shown_count = u32::try_from(page.shown).unwrap_or(u32::MAX);
    shown(&page).reading(vec![Fact::SessionTracesRead { session: hex(&session), shown: shown_count }])
}

/// The days of a session, as addresses say a period.
fn period_of(days: &[(Day, Vec<Line>)]) -> String {
    match (days.first(), days.last()) {
        (Some((from, _)), Some((to, _))) => format!("&du={from}&au={to}"),
        _ => String::new(),
    }
}
