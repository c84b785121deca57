//! The form that decides on a signal: nothing, surveillance, justification, suspension, each with what it needs.

use askama::Template;
use axum::extract::State;
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, Decision};
use super::store::signals;
use super::store::{Line, State as Stands, asked};
use super::words::name_of;
use crate::app::App;
use crate::domain::atypical::{lasts_at_most, lasts_usually};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::day_of;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{JudgeSignal, Signal, Signals};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// Days that a partner is given to answer.
const ANSWER_DAYS: i64 = 15;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    decision: String,
    motif: String,
    jusqu: String,
    question: String,
    annonce: String,
    /// What the signal told when the form was shown.
    vu: String,
}

#[derive(Template)]
#[template(path = "usage/judge.html")]
struct JudgePage {
    shell: Shell,
    key: String,
    path: JudgeSignal,
    queue: Signals,
    back: Signal,
    rule: &'static str,
    /// What the signal told when its reader was last told that it grew: a form sent again for another fault keeps it.
    seen: String,
    line: Line,
    open: bool,
    decisions: Vec<Choice>,
    first: String,
    last: String,
    due: String,
    typed: Typed,
    faults: Faults,
}

fn due(today: Day) -> Day {
    today.plus_days(ANSWER_DAYS)
}

async fn page(
    app: &App,
    visit: &Visit,
    path: JudgeSignal,
    (key, typed, faults): (String, Typed, Faults),
) -> Result<JudgePage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let line = signals::one(&mut reader, path.signal).await?.ok_or(Problem::NotFound)?;
    let answers = asked::somebody_answers(&mut reader, &line).await?;
    drop(reader);
    let back = Signal { signal: path.signal };
    let today = visit.today();
    let choice = |value: &str, label: &str, detail: &str| {
        Choice::new(value, label).detail(detail).picked_if(value == typed.decision)
    };
    let ask = choice(
        "justification",
        "Demander une justification",
        "À l’administration du partenaire, qui ne voit ni la règle ni les dossiers. Vous déciderez ensuite.",
    );
    let ask = match line.state() {
        Stands::Open if answers => ask,
        Stands::Open => {
            ask.closed("Personne d’autre n’administre ce partenaire : il n’y a pas à qui demander.")
        }
        _ => ask.closed("Elle a déjà été demandée."),
    };
    let suspend = choice(
        "suspension",
        "Suspendre l’accès",
        "Tout de suite : les sessions sont fermées, les habilitations gardées.",
    );
    let decisions = vec![
        choice("rien", "Rien à signaler", "Ces faits s’expliquent."),
        choice(
            "surveillance",
            "Mettre le compte sous surveillance",
            "Chaque recherche de cette personne sera signalée ici ; elle n’en saura rien.",
        ),
        ask,
        if line.suspended_at.is_some() { suspend.closed("Cet accès est déjà suspendu.") } else { suspend },
    ];
    let open = line.state() != Stands::Closed;
    let notice = (!open).then(|| Notice {
        tone: Tone::Bad,
        title: "Ce signalement est déjà décidé".to_owned(),
        text: vec!["Rien ne reste à faire ici.".to_owned()],
        links: Vec::new(),
    });
    Ok(JudgePage {
        shell: visit.shell_with("Décider", notice),
        key,
        path,
        queue: Signals,
        back,
        rule: name_of(&line.rule),
        seen: if typed.vu.is_empty() { line.seen() } else { typed.vu.clone() },
        line,
        open,
        decisions,
        first: today.plus_days(1).to_string(),
        last: lasts_at_most(today).to_string(),
        due: day_of(due(today)),
        typed,
        faults,
    })
}

/// The form.
pub(super) async fn form(State(app): State<App>, visit: Visit, path: JudgeSignal) -> Answer {
    let typed = Typed { jusqu: lasts_usually(visit.today()).to_string(), ..Typed::default() };
    let fact = Fact::PageRead { route: JudgeSignal::PATH.to_owned(), subject: Some(path.signal.to_string()) };
    shown(&page(&app, &visit, path, (new_key(&app), typed, Faults::new())).await?).reading(vec![fact])
}

/// Decides.
pub(super) async fn judge(
    State(app): State<App>,
    visit: Visit,
    path: JudgeSignal,
    Sent { key, fields: mut typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    if let Some(decision) = read(&visit, &typed, &mut faults) {
        if let Some(act) = commands::judge(&app, &visit, path.signal, (&key, &typed.vu), &decision).await? {
            return acted(&act);
        }
        faults.push("decision", Fault::Grown);
        typed.vu.clear();
    }
    refused(&page(&app, &visit, path, (key, typed, faults)).await?)
}

/// Only the fields of the decision that was chosen count.
fn read(visit: &Visit, typed: &Typed, faults: &mut Faults) -> Option<Decision> {
    let today = visit.today();
    let decision = match typed.decision.as_str() {
        "rien" => Decision::Nothing { reason: faults.paragraph("motif", &typed.motif, REASON) },
        "surveillance" => Decision::Watch {
            reason: faults.paragraph("motif", &typed.motif, REASON),
            until: until(today, &typed.jusqu, faults)?,
        },
        "justification" => Decision::Ask {
            question: faults.paragraph("question", &typed.question, REASON),
            due_on: due(today),
        },
        "suspension" => Decision::Suspend {
            reason: faults.paragraph("motif", &typed.motif, REASON),
            notice: faults.paragraph("annonce", &typed.annonce, REASON),
        },
        "" => {
            faults.push("decision", Fault::Missing);
            return None;
        }
        _ => {
            faults.push("decision", Fault::NotOffered);
            return None;
        }
    };
    faults.is_empty().then_some(decision)
}

/// The last day of a surveillance, from tomorrow to three months.
pub(super) fn until(today: Day, typed: &str, faults: &mut Faults) -> Option<Day> {
    let until = faults.day("jusqu", typed)?;
    let (first, last) = (today.plus_days(1), lasts_at_most(today));
    if until < first {
        faults.push("jusqu", Fault::DateBefore { earliest: day_of(first) });
        return None;
    }
    if until > last {
        faults.push("jusqu", Fault::DateAfter { latest: day_of(last) });
        return None;
    }
    Some(until)
}
