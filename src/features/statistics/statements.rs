//! The monthly statements that somebody received by mail, to the letter: his own, and nobody else's.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;
use time::OffsetDateTime;

use super::asked::month_code;
use super::store::{self, Issued};
use crate::app::App;
use crate::domain::access::{Office, Permission};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{Checkpoint, Statements, Statistics};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Which month is asked for, `AAAA-MM`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    mois: String,
}

#[derive(Template)]
#[template(path = "statistics/statements.html")]
struct StatementsPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    /// Address, month, whether it is the one that is shown.
    months: Vec<(String, Day, bool)>,
    statement: Option<Statement>,
}

/// One of them, as it was sent.
struct Statement {
    month: Day,
    sent: OffsetDateTime,
    /// What comes before the checkpoint, and after it.
    before: Vec<String>,
    note: String,
    after: Vec<String>,
    /// Where that checkpoint is compared with the log, for who may.
    compare: Option<String>,
}

/// Whether statements are sent to the visitor.
pub(super) fn receives(visit: &Visit) -> bool {
    matches!(visit.actor.office(), Office::Principal | Office::OrganismAuditor)
}

/// The months, and the statement of one of them: the last, unless another is asked for.
pub(super) async fn show(
    State(app): State<App>,
    _: Statements,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut reader = app.read(&visit.actor).await?;
    let sent = store::sent(&mut reader, account).await?;
    drop(reader);
    let chosen = sent.iter().find(|one| month_code(one.month) == asked.mois).or(sent.first());
    let month = chosen.map(|one| one.month);
    let href = |month: Day| format!("{Statements}?mois={}", month_code(month));
    let fact = Fact::PageRead { route: Statements::PATH.to_owned(), subject: month.map(month_code) };
    shown(&StatementsPage {
        shell: visit.shell("Mes relevés mensuels"),
        trail: vec![("Statistiques".to_owned(), Statistics.to_string())],
        months: sent.iter().map(|one| (href(one.month), one.month, Some(one.month) == month)).collect(),
        statement: chosen.map(|one| statement(one, &visit)),
    })
    .reading(vec![fact])
}

fn statement(sent: &Issued, visit: &Visit) -> Statement {
    let note = sent.checkpoint.clone().unwrap_or_default();
    let (before, after) = sent.body.split_once(&note).unwrap_or((&sent.body, ""));
    let paragraphs = |text: &str| -> Vec<String> {
        text.split("\n\n").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    let query = serde_html_form::to_string([("empreinte", &note)]).unwrap_or_default();
    Statement {
        month: sent.month,
        sent: visit.zone.local(sent.sent_at),
        before: paragraphs(before),
        after: paragraphs(after),
        compare: visit.actor.may(Permission::WitnessLog).then(|| format!("{Checkpoint}?{query}#comparer")),
        note,
    }
}
