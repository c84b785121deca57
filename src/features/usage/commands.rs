//! What is decided on a signal, on a surveillance, on a request: one verb a function. What says that a rule noticed
//! somebody is told to the organism only; of a suspension, its partner reads what any suspension says.

use super::store::asked::{self, NewAsked};
use super::store::signals::{self, Verdict};
use super::store::watches::{self, NewWatch, Watch};
use super::store::{Line, State};
use crate::app::App;
use crate::db::{WriteTx, offered};
use crate::domain::access::{Permission, Scope};
use crate::domain::atypical::{Setting, Thresholds};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, JustificationId, SignalId, SurveillanceId};
use crate::web::answer::Act;
use crate::web::paths::{Justification, Signal, Surveillance, Surveillances, UseThresholds, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What an auditor decides.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// There is nothing to report.
    Nothing { reason: String },
    /// The person is watched, to that day.
    Watch { reason: String, until: Day },
    /// The partner is asked why, before that day.
    Ask { question: String, due_on: Day },
    /// The person's access is suspended; the partner reads `notice`.
    Suspend { reason: String, notice: String },
}

impl Decision {
    fn told(&self) -> &'static str {
        match self {
            Self::Nothing { .. } => "rien",
            Self::Watch { .. } => "surveillance",
            Self::Ask { .. } => "justification",
            Self::Suspend { .. } => "suspension",
        }
    }
}

/// Decides on a signal; nothing when it tells more than was `seen`: nobody judges what he was not shown.
pub(super) async fn judge(
    app: &App,
    visit: &Visit,
    id: SignalId,
    (key, seen): (&str, &str),
    decision: &Decision,
) -> Result<Option<Act>, Problem> {
    let mut tx =
        app.write(&visit.actor).await?.permit(Permission::JudgeUse, Scope::Organism(visit.organism))?;
    let by = actor(&tx)?;
    let line = signals::one(&mut tx, id).await?.ok_or(Problem::NotFound)?;
    let path = Signal { signal: id };
    let location = told(&path, decision.told());
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Some(Act::Before(taken)));
    }
    let stale = || Problem::Stale { href: path.to_string() };
    if line.state() == State::Closed {
        return Err(stale());
    }
    if line.seen() != seen {
        return Ok(None);
    }
    let facts = match decision {
        Decision::Ask { question, due_on } => {
            if !signals::await_answer(&mut tx, id).await? || !asked::somebody_answers(&mut tx, &line).await? {
                return Err(stale());
            }
            let justification = tx.new_id();
            let organism = visit.organism;
            let new = NewAsked { id: justification, organism, about: &line, question, due_on: *due_on, by };
            asked::ask(&mut tx, &new).await?;
            let (account, question) = (line.account_id, question.clone());
            vec![Fact::JustificationAsked { justification, signal: id, account, question, due_on: *due_on }]
        }
        Decision::Nothing { reason } => {
            let verdict = Verdict { decision: "nothing", reason, by };
            vec![close(&mut tx, &line, &verdict).await?.ok_or_else(stale)?]
        }
        Decision::Watch { reason, until } => {
            let verdict = Verdict { decision: "watched", reason, by };
            let judged = close(&mut tx, &line, &verdict).await?.ok_or_else(stale)?;
            vec![judged, watch(&mut tx, visit, &line, &verdict, *until).await?]
        }
        Decision::Suspend { reason, notice } => {
            let verdict = Verdict { decision: "suspended", reason, by };
            let judged = close(&mut tx, &line, &verdict).await?.ok_or_else(stale)?;
            if !tx.suspend(line.account_id, notice).await? {
                return Err(stale());
            }
            let (account, partner, reason) = (line.account_id, line.partner_id, notice.clone());
            vec![judged, Fact::UserSuspended { account, partner, reason }]
        }
    };
    let receipt = tx.commit(facts).await?;
    Ok(Some(Act::Done { receipt, location }))
}

fn actor(tx: &WriteTx) -> Result<AccountId, Problem> {
    tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)
}

async fn close(tx: &mut WriteTx, line: &Line, verdict: &Verdict<'_>) -> Result<Option<Fact>, Problem> {
    let closed = signals::close(tx, line, verdict).await?;
    Ok(closed.then(|| Fact::UseJudged {
        signal: line.id,
        account: line.account_id,
        decision: verdict.decision,
        reason: verdict.reason.to_owned(),
    }))
}

/// Puts somebody under surveillance; whoever is already there stays to that day.
async fn watch(
    tx: &mut WriteTx,
    visit: &Visit,
    line: &Line,
    verdict: &Verdict<'_>,
    until: Day,
) -> Result<Fact, Problem> {
    let (account, reason) = (line.account_id, verdict.reason.to_owned());
    if let Some(found) = watches::of(tx, account).await? {
        if found.until_on >= visit.today() {
            let until = until.max(found.until_on);
            watches::prolong(tx, found.id, until, verdict.reason).await?;
            return Ok(Fact::SurveillanceProlonged { surveillance: found.id, account, until, reason });
        }
        // Its day passed: it ended by itself, is put away, and another begins.
        watches::end(tx, found.id, verdict.by, &found.reason).await?;
    }
    let surveillance: SurveillanceId = tx.new_id();
    let new = NewWatch {
        id: surveillance,
        organism: visit.organism,
        partner: line.partner_id,
        account,
        reason: verdict.reason,
        until,
        by: verdict.by,
    };
    watches::begin(tx, &new).await?;
    Ok(Fact::SurveillancePlaced { surveillance, account, until, reason })
}

/// What becomes of a surveillance.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// It goes on to that day.
    Prolong(Day),
    /// It ends now.
    End,
}

/// Prolongs or ends a surveillance.
pub(super) async fn change(
    app: &App,
    visit: &Visit,
    path: Surveillance,
    key: &str,
    (change, reason): (&Change, &str),
) -> Result<Act, Problem> {
    let mut tx =
        app.write(&visit.actor).await?.permit(Permission::JudgeUse, Scope::Organism(visit.organism))?;
    let by = actor(&tx)?;
    let watch: Watch = watches::one(&mut tx, path.surveillance).await?.ok_or(Problem::NotFound)?;
    let word = if matches!(change, Change::End) { "levee" } else { "prolongee" };
    let location = told(&Surveillances, word);
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    // One whose day passed ended by itself.
    if watch.until_on < visit.today() {
        return Err(Problem::Stale { href: Surveillances.to_string() });
    }
    let (surveillance, account, reason) = (watch.id, watch.account_id, reason.to_owned());
    let (done, fact) = match *change {
        Change::Prolong(until) => {
            let until = until.max(watch.until_on);
            (
                watches::prolong(&mut tx, watch.id, until, &reason).await?,
                Fact::SurveillanceProlonged { surveillance, account, until, reason },
            )
        }
        Change::End => (
            watches::end(&mut tx, watch.id, by, &reason).await?,
            Fact::SurveillanceEnded { surveillance, account, reason },
        ),
    };
    if !done {
        return Err(Problem::Stale { href: Surveillances.to_string() });
    }
    let receipt = tx.commit([fact]).await?;
    Ok(Act::Done { receipt, location })
}

/// Sets the rules of a service; what is as it was leaves no change.
pub(super) async fn set_thresholds(
    app: &App,
    visit: &Visit,
    key: &str,
    (service, wanted): (&str, &[(Setting, u32)]),
) -> Result<Act, Problem> {
    let mut tx = app
        .write(&visit.actor)
        .await?
        .permit(Permission::SetUseThresholds, Scope::Organism(visit.organism))?;
    let services = offered::services(&mut tx).await?;
    let service = services.into_iter().find(|found| found.code == service).ok_or(Problem::NotFound)?;
    let location = format!("{UseThresholds}?service={}&fait=seuils", service.code);
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    let before: Thresholds = watches::thresholds(&mut tx, service.id).await?;
    let mut changes = Vec::new();
    for (setting, value) in wanted {
        let old = before.get(*setting);
        if old != *value {
            watches::set(&mut tx, visit.organism, service.id, (*setting, *value)).await?;
            changes.push((setting.code().to_owned(), old.to_string(), value.to_string()));
        }
    }
    let receipt = tx.commit([Fact::UseThresholdsSet { service: service.code, changes }]).await?;
    Ok(Act::Done { receipt, location })
}

/// Answers the organism for the partner.
pub(super) async fn answer(
    app: &App,
    visit: &Visit,
    justification: JustificationId,
    key: &str,
    words: &str,
) -> Result<Act, Problem> {
    let partner = visit.own_partner()?;
    let mut tx = app
        .write(&visit.actor)
        .await?
        .permit(Permission::JustifyUse, Scope::Partner(visit.organism, partner))?;
    let by = actor(&tx)?;
    let found = asked::one(&mut tx, justification, by).await?.ok_or(Problem::NotFound)?;
    let path = Justification { justification };
    let location = told(&path, "repondu");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    if !asked::answer(&mut tx, justification, by, words).await? {
        return Err(Problem::Stale { href: path.to_string() });
    }
    signals::answered(&mut tx, found.signal_id).await?;
    let receipt = tx.commit([Fact::JustificationGiven { justification, account: found.account_id }]).await?;
    Ok(Act::Done { receipt, location })
}
