//! What a person is given: his acts of some days, one JSON object a line, built from the log in short reads.

use std::collections::HashMap;

use askama::Template;

use super::store::{self, Act, Request};
use crate::app::App;
use crate::crypto::sha256;
use crate::db::{DbError, Reader};
use crate::domain::id::AccountId;
use crate::domain::own_acts::{OwnAct, Told};
use crate::domain::time::Timestamp;
use crate::domain::trace_requests::MOST_LINES;
use crate::domain::trace_search::{Period, Place};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Acts in one read, and lines in one part.
const AT_ONCE: usize = 200;

/// The name of an act, as every page says it.
#[derive(Template)]
#[template(source = "{% import \"traces/words.html\" as say %}{{ say::fact(code) }}", ext = "txt")]
struct Named {
    code: String,
}

/// The document, part by part.
pub(super) struct Document {
    pub(super) parts: Vec<String>,
    pub(super) lines: usize,
    pub(super) digest: [u8; 32],
}

/// The instants between which the acts of some days stand: none after the request, so that what was seen is what is
/// given.
pub(super) fn bounds(visit: &Visit, request: &Request, days: Period) -> (Timestamp, Timestamp) {
    let until = visit.zone.start_of(days.to.plus_days(1)).min(request.registered_at);
    (visit.zone.start_of(days.from), until)
}

/// Tells acts to their author, under the orders that the document has come to.
#[derive(Default)]
pub(super) struct Teller {
    told: Told,
    names: HashMap<String, String>,
}

impl Teller {
    pub(super) fn tell(&mut self, act: &Act) -> Result<OwnAct, Problem> {
        if !self.names.contains_key(&act.fact) {
            let name = Named { code: act.fact.clone() }.render()?;
            self.names.insert(act.fact.clone(), name);
        }
        let name = self.names.get(&act.fact).map_or("", String::as_str);
        Ok(self.told.act(act.at, (&act.fact, name), &act.outcome, &act.body))
    }
}

/// Builds it; nothing when it would be too long.
pub(super) async fn build(
    app: &App,
    visit: &Visit,
    request: &Request,
    account: AccountId,
    days: Period,
) -> Result<Option<Document>, Problem> {
    let (from, until) = bounds(visit, request, days);
    let mut after = Place::first_of(from);
    let (mut teller, mut parts, mut lines) = (Teller::default(), Vec::new(), 0);
    loop {
        let mut reader = app.read(&visit.actor).await?;
        let acts = next(&mut reader, visit, account, (after, until)).await?;
        drop(reader);
        let Some(last) = acts.last() else { break };
        after = Place { at: last.at, id: last.id };
        lines += acts.len();
        if lines > MOST_LINES {
            return Ok(None);
        }
        let mut part = String::new();
        for act in &acts {
            part.push_str(&teller.tell(act)?.line());
            part.push('\n');
        }
        parts.push(part);
    }
    let digest = sha256(parts.concat().as_bytes());
    Ok(Some(Document { parts, lines, digest }))
}

async fn next(
    reader: &mut Reader,
    visit: &Visit,
    account: AccountId,
    stretch: (Place, Timestamp),
) -> Result<Vec<Act>, DbError> {
    let most = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
    store::acts(reader, account, stretch, visit.today(), most).await
}

/// The acts of a part.
pub(super) fn read(part: &str) -> Vec<OwnAct> {
    part.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}
