//! The organism's auditor: the way to the traces, and the day in figures.

use askama::Template;

use super::Decision;
use super::store::{self, Tally};
use super::trace_requests::to_answer;
use super::welcome::{Welcome, welcome};
use crate::app::App;
use crate::domain::facts::Outcome;
use crate::web::answer::{Answer, shown};
use crate::web::filters;
use crate::web::page::{Notice, Shell};
use crate::web::paths::{Signals, Traces};
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "home/auditor.html")]
struct AuditorPage {
    shell: Shell,
    welcome: Welcome,
    now: time::OffsetDateTime,
    decisions: Vec<Decision>,
    all: i64,
    opened: i64,
    not_opened: i64,
    sign_ins_refused: i64,
    grants: i64,
    signals: i64,
}

/// The page.
pub(super) async fn show(app: &App, visit: &Visit, notice: Option<Notice>) -> Answer {
    let midnight = visit.zone.start_of(visit.today());
    let mut reader = app.read(&visit.actor).await?;
    let tallies = store::tallies(&mut reader, midnight).await?;
    let signals = store::waiting_signals(&mut reader).await?;
    let decisions = to_answer(&mut reader, visit).await?;
    let welcome = welcome(&mut reader, visit).await?;
    drop(reader);
    let count = |wanted: &dyn Fn(&Tally) -> bool| {
        tallies.iter().filter(|tally| wanted(tally)).map(|tally| tally.count).sum()
    };
    let looked_up = |tally: &Tally| tally.fact == "file.looked_up";
    let done = |tally: &Tally| tally.outcome == Outcome::Done.code();
    shown(&AuditorPage {
        shell: visit.shell_with("Le journal aujourd’hui", notice),
        welcome,
        now: visit.zone.local(visit.now),
        decisions,
        all: count(&|_| true),
        opened: count(&|tally| looked_up(tally) && done(tally)),
        not_opened: count(&|tally| looked_up(tally) && !done(tally)),
        sign_ins_refused: count(&|tally| tally.fact == "sign_in.refused"),
        grants: count(&|tally| tally.fact == "grant.made" || tally.fact == "grant.revoked"),
        signals,
    })
}
