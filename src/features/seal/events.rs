//! What the log tells of itself («événements du journal»): what left it, what could not be sealed, when it was silent or
//! nobody was served. For who reads the traces of a whole organism; it names nobody.

use serde::Deserialize;
use time::OffsetDateTime;

use super::store::{self, LINES, Left, Row};
use crate::app::App;
use crate::db::Reader;
use crate::domain::access::{Actor, Permission};
use crate::domain::day::{Day, Zone};
use crate::domain::id::TraceId;
use crate::domain::time::Timestamp;
use crate::domain::trace_search::Place;
use crate::web::fault::{Fault, Faults};
use crate::web::paths::Checkpoint;
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Days shown when no period is given.
const DAYS: i64 = 30;

/// Whether somebody reads them.
pub(super) fn may_read(actor: &Actor) -> bool {
    actor.partner().is_none() && actor.may(Permission::ReadTraces)
}

/// What an address asks of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    du: String,
    au: String,
    /// The place before which the page stands.
    avant: String,
    /// Of which erasing the proof is asked.
    effacement: String,
}

/// A page of them.
pub(super) struct Events {
    pub(super) from: Day,
    pub(super) to: Day,
    /// Whether the period could be read.
    pub(super) searched: bool,
    pub(super) lines: Vec<Event>,
    /// Whether newer ones stand on another page.
    pub(super) later: bool,
    pub(super) older: Option<String>,
    pub(super) first: String,
    pub(super) proof: Option<Proof>,
}

/// One of them.
pub(super) struct Event {
    pub(super) at: OffsetDateTime,
    /// Of its own leaf.
    pub(super) rank: Option<i64>,
    pub(super) what: What,
    /// Where one reads what it proves.
    pub(super) proof: Option<String>,
}

/// What happened.
pub(super) enum What {
    Erased(Erased),
    Folded {
        log: i32,
        first: i64,
        last: i64,
        until: Day,
    },
    SealRefused,
    Opened {
        before: i64,
        held: i64,
        published: i64,
        reason: String,
    },
    Silent {
        from: OffsetDateTime,
        announced: bool,
    },
    SinkFailed {
        cause: String,
    },
    SinkReturned {
        since: OffsetDateTime,
    },
    KeyDestroyed {
        month: Day,
    },
    Stopped,
    Resumed {
        since: OffsetDateTime,
        withheld: i64,
    },
    /// A body that no program of ours wrote: the check of the log names it.
    Unreadable,
}

/// Some ranks from which traces went.
#[derive(Clone, Copy)]
pub(super) struct Erased {
    pub(super) log: i32,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) rows: i64,
    pub(super) until: Day,
}

/// What an erasing proves.
pub(super) struct Proof {
    pub(super) at: OffsetDateTime,
    pub(super) erased: Erased,
    pub(super) left: Left,
    pub(super) covering: Option<(OffsetDateTime, i64)>,
}

impl What {
    /// How it is shown: nothing, or the tone of a warning or of a fault.
    fn tone(&self) -> &'static str {
        match self {
            Self::SealRefused
            | Self::SinkFailed { .. }
            | Self::Silent { announced: false, .. }
            | Self::Unreadable => "bad",
            Self::Opened { .. } | Self::Resumed { .. } => "warn",
            _ => "",
        }
    }
}

impl Event {
    pub(super) fn tone(&self) -> &'static str {
        self.what.tone()
    }
}

/// The page that is asked for.
pub(super) async fn page(
    app: &App,
    visit: &Visit,
    asked: &Asked,
    faults: &mut Faults,
) -> Result<Events, Problem> {
    let today = visit.today();
    let before = faults.len();
    let (from, to) = period(asked, today, faults);
    let searched = faults.len() == before;
    let zone = &visit.zone;
    let before: Option<Place> = asked.avant.parse().ok();
    let end = Place::first_of(zone.start_of(to.plus_days(1)));
    let mut reader = app.read(&visit.actor).await?;
    let mut rows = if searched {
        let before = before.map_or(end, |before| before.min(end));
        store::events(&mut reader, before, zone.start_of(from)).await?
    } else {
        Vec::new()
    };
    let more = rows.len() > LINES;
    rows.truncate(LINES);
    let last = rows.last().filter(|_| more).map(|row| Place { at: row.at, id: row.id });
    let first = format!("{Checkpoint}?du={from}&au={to}");
    let here =
        asked.avant.parse::<Place>().map_or_else(|_| first.clone(), |at| format!("{first}&avant={at}"));
    let proof = match asked.effacement.parse() {
        Ok(id) => Some(proof(&mut reader, id, zone).await?),
        Err(_) => None,
    };
    Ok(Events {
        from,
        to,
        searched,
        lines: rows.iter().map(|row| read(row, zone, &here)).collect(),
        later: before.is_some(),
        older: last.map(|place| format!("{first}&avant={place}#evenements")),
        first: format!("{first}#evenements"),
        proof,
    })
}

fn period(asked: &Asked, today: Day, faults: &mut Faults) -> (Day, Day) {
    let mut day = |typed: &str, field| {
        let day = Day::parse(typed);
        if day.is_none() && !typed.trim().is_empty() {
            faults.push(field, Fault::DateFormat);
        }
        day
    };
    let (from, to) = (day(&asked.du, "du"), day(&asked.au, "au"));
    let to = to.unwrap_or(today);
    let from = from.unwrap_or_else(|| to.plus_days(1 - DAYS));
    if from > to {
        faults.push("du", Fault::EndBeforeStart);
    }
    (from, to)
}

async fn proof(reader: &mut Reader, id: TraceId, zone: &Zone) -> Result<Proof, Problem> {
    let row = store::event(reader, id).await?.ok_or(Problem::NotFound)?;
    let What::Erased(erased) = what(&row, zone) else { return Err(Problem::NotFound) };
    let left = store::left(reader, erased.log, (erased.first, erased.last)).await?;
    let covering = store::covering(reader, erased.log, erased.last).await?;
    let covering = covering.map(|(at, size)| (zone.local(at), size));
    Ok(Proof { at: zone.local(row.at), erased, left, covering })
}

fn read(row: &Row, zone: &Zone, here: &str) -> Event {
    let what = what(row, zone);
    let proof = matches!(what, What::Erased(_)).then(|| format!("{here}&effacement={}#preuve", row.id));
    Event { at: zone.local(row.at), rank: row.rank, what, proof }
}

fn what(row: &Row, zone: &Zone) -> What {
    let said =
        serde_json::from_str::<Body>(&row.body).ok().and_then(|body| body.object.said(&row.fact, zone));
    said.unwrap_or(What::Unreadable)
}

#[derive(Deserialize)]
struct Body {
    object: Object,
}

/// What the bodies of these facts hold, together.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Object {
    log: Option<i32>,
    first: Option<i64>,
    last: Option<i64>,
    rows: Option<i64>,
    until: Option<String>,
    before: Option<i64>,
    held: Option<i64>,
    published: Option<i64>,
    reason: Option<String>,
    from: Option<String>,
    announced: Option<bool>,
    cause: Option<String>,
    failed_at: Option<String>,
    month: Option<i32>,
    suspended_at: Option<String>,
    withheld: Option<i64>,
}

impl Object {
    fn said(self, fact: &str, zone: &Zone) -> Option<What> {
        let day = |text: Option<String>| text.as_deref().and_then(Day::parse);
        let clock =
            |text: Option<String>| text.as_deref().and_then(Timestamp::written).map(|at| zone.local(at));
        Some(match fact {
            "log.erased" => What::Erased(Erased {
                log: self.log?,
                first: self.first?,
                last: self.last?,
                rows: self.rows?,
                until: day(self.until)?,
            }),
            "log.folded" => {
                What::Folded { log: self.log?, first: self.first?, last: self.last?, until: day(self.until)? }
            }
            "log.seal_refused" => What::SealRefused,
            "log.opened" => What::Opened {
                before: self.before?,
                held: self.held?,
                published: self.published?,
                reason: self.reason?,
            },
            "log.silent" => What::Silent { from: clock(self.from)?, announced: self.announced? },
            "log.sink_failed" => What::SinkFailed { cause: self.cause? },
            "log.sink_returned" => What::SinkReturned { since: clock(self.failed_at)? },
            "log.sink_key_destroyed" => {
                let month = self.month?;
                What::KeyDestroyed { month: Day::parse(&format!("{}-{:02}-01", month / 100, month % 100))? }
            }
            "service.stopped" => What::Stopped,
            "service.resumed" => What::Resumed { since: clock(self.suspended_at)?, withheld: self.withheld? },
            _ => return None,
        })
    }
}
