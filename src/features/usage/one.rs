//! One signal: what the rule noticed, with the traces that say so, what the partner answered, what was decided.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::store::asked::{self, Request};
use super::store::signals::{self, Evidence};
use super::store::watches;
use super::store::{Line, State as Stands};
use super::words::{Told, explanation, name_of, standing};
use crate::app::App;
use crate::crypto::Keys;
use crate::domain::access::Permission;
use crate::domain::day::Zone;
use crate::domain::facts::Fact;
use crate::domain::holidays::{DayOff, day_off};
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::file_mark;
use crate::web::filters::{self, day_of, moment_of};
use crate::web::page::Shell;
use crate::web::paths::{JudgeSignal, PartnerNetwork, Signal, Signals, Surveillance, Trace};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    fait: Option<Told>,
}

#[derive(Template)]
#[template(path = "usage/signal.html")]
struct SignalPage {
    shell: Shell,
    queue: Signals,
    judge: Option<JudgeSignal>,
    watch: Option<(Surveillance, String)>,
    network: PartnerNetwork,
    line: Line,
    rule: &'static str,
    state: (&'static str, &'static str),
    explanation: String,
    raised: String,
    decided: String,
    request: Option<Request>,
    answered: String,
    evidence: Vec<Look>,
}

/// A trace of the evidence, as a line.
struct Look {
    href: Trace,
    at: OffsetDateTime,
    day_off: Option<DayOff>,
    number: Option<String>,
    result: String,
    mission: String,
    source: Option<String>,
}

impl Look {
    fn of(evidence: &Evidence, zone: &Zone, keys: Option<&Keys>) -> Self {
        let body: Value = serde_json::from_str(&evidence.body).unwrap_or_default();
        let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        Self {
            href: Trace { trace: evidence.id },
            at: zone.local(evidence.at),
            day_off: day_off(zone.day(evidence.at)),
            number: keys.and_then(|keys| file_mark::read(keys, &text("/object/file/sealed"))),
            result: text("/object/result"),
            mission: text("/object/mission"),
            source: evidence.source.clone(),
        }
    }
}

/// The signal.
pub(super) async fn signal(
    State(app): State<App>,
    visit: Visit,
    path: Signal,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let line = signals::one(&mut reader, path.signal).await?.ok_or(Problem::NotFound)?;
    let evidence = signals::evidence(&mut reader, path.signal).await?;
    let request = asked::about(&mut reader, path.signal).await?;
    let watch = watches::of(&mut reader, line.account_id).await?;
    drop(reader);
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(Told::notice);
    let moment = |at| moment_of(visit.zone.local(at));
    let keys = visit.actor.may(Permission::ReadFileNumbers).then(|| &*app.kit().keys);
    let fact = Fact::PageRead { route: Signal::PATH.to_owned(), subject: Some(path.signal.to_string()) };
    let watch = watch.filter(|watch| watch.until_on >= visit.today());
    shown(&SignalPage {
        // Browsers keep the titles of pages: no name stands in this one.
        shell: visit.shell_with("Usage atypique", notice),
        queue: Signals,
        judge: (line.state() != Stands::Closed).then_some(JudgeSignal { signal: path.signal }),
        watch: watch.map(|watch| (Surveillance { surveillance: watch.id }, day_of(watch.until_on))),
        network: PartnerNetwork { partner: line.partner_id },
        rule: name_of(&line.rule),
        state: standing(line.state(), line.decision.as_deref()),
        explanation: explanation(&line),
        raised: moment(line.raised_at),
        decided: line.decided_at.map(moment).unwrap_or_default(),
        answered: request.as_ref().and_then(|asked| asked.answered_at).map(moment).unwrap_or_default(),
        request,
        evidence: evidence.iter().map(|one| Look::of(one, &visit.zone, keys)).collect(),
        line,
    })
    .reading(vec![fact])
}
