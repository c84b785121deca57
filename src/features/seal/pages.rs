//! The page of the checkpoint, and the two texts that one takes away from it.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::IntoResponse as _;
use serde::Deserialize;
use time::OffsetDateTime;

use super::events::{self, Events, What};
use crate::app::App;
use crate::db::seal::Agreement;
use crate::domain::outlook::{Outlook, Pressing};
use crate::domain::pulse::silence;
use crate::seal::checkpoint::{Checkpoint as Signed, CheckpointFault, PublicKey, every_public_key, listed};
use crate::web::answer::{Answer, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{Checkpoint, CheckpointKeys, LastCheckpoint};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Silences are shown for that long.
const SHOWN: time::Duration = time::Duration::days(30);

/// Longer than a checkpoint signed by every key.
const LONGEST: usize = 4_000;

#[derive(Template)]
#[template(path = "seal/show.html")]
struct CheckpointPage {
    shell: Shell,
    last: Option<Last>,
    waiting: i64,
    aside: i64,
    late: bool,
    brought: String,
    told: Option<Told>,
    /// How the log itself is watched: for the organism alone.
    watch: Option<LogWatch>,
    /// What it tells of itself: for who reads the organism's traces.
    events: Option<Events>,
    faults: Faults,
}

struct LogWatch {
    beat_at: Option<OffsetDateTime>,
    /// It has not beaten for too long, and still does not.
    silent: bool,
    silences: Vec<Quiet>,
    outlook: Outlook,
    sink: Option<SinkState>,
}

/// A silence, on the clocks of who reads.
struct Quiet {
    from: OffsetDateTime,
    until: OffsetDateTime,
    announced: bool,
}

impl Quiet {
    fn words(&self) -> String {
        let [from, until] = [self.from, self.until].map(filters::hour_of);
        if self.from.date() == self.until.date() {
            return format!("Le journal s’est tu le {} de {from} à {until}", filters::day_of(self.from));
        }
        let [first, last] = [self.from, self.until].map(filters::day_of);
        format!("Le journal s’est tu du {first} à {from} au {last} à {until}")
    }
}

struct SinkState {
    failing_since: Option<OffsetDateTime>,
    required: bool,
    missing: u64,
}

struct Last {
    at: OffsetDateTime,
    size: i64,
    note: String,
}

/// What a checkpoint that was brought back shows.
struct Told {
    at: OffsetDateTime,
    size: u64,
    agreement: Agreement,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    empreinte: String,
    #[serde(flatten)]
    events: events::Asked,
}

/// The last checkpoint, how sealing goes, and the comparison with one that was kept.
pub(super) async fn show(
    State(app): State<App>,
    _: Checkpoint,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Answer {
    let state = app.db().sealing().await?;
    let late = state.oldest.is_some_and(|at| app.now().since(at) > time::Duration::minutes(1));
    let last = app.db().last_checkpoint().await?.map(|last| Last {
        at: visit.zone.local(last.at),
        size: last.size,
        note: last.note,
    });
    let mut faults = Faults::new();
    let told = match asked.empreinte.trim() {
        "" => None,
        text if text.len() > LONGEST => {
            faults.push("empreinte", Fault::TooLong { max: LONGEST });
            None
        }
        text => match compare(&app, text).await? {
            Ok((checkpoint, agreement)) => {
                Some(Told { at: visit.zone.local(checkpoint.at), size: checkpoint.size, agreement })
            }
            Err(fault) => {
                faults.push(
                    "empreinte",
                    match fault {
                        CheckpointFault::Form => Fault::CheckpointForm,
                        CheckpointFault::Origin => Fault::CheckpointElsewhere,
                        CheckpointFault::Signature => Fault::CheckpointSignature,
                    },
                );
                None
            }
        },
    };
    let events = if events::may_read(&visit.actor) {
        Some(events::page(&app, &visit, &asked.events, &mut faults).await?)
    } else {
        None
    };
    let page = CheckpointPage {
        shell: visit.shell("Empreinte du journal"),
        last,
        waiting: state.waiting,
        aside: state.aside,
        late,
        brought: asked.empreinte,
        told,
        events,
        watch: if visit.actor.partner().is_none() { Some(watch(&app, &visit).await?) } else { None },
        faults,
    };
    if page.faults.is_empty() { shown(&page) } else { refused(&page) }
}

async fn watch(app: &App, visit: &Visit) -> Result<LogWatch, Problem> {
    let (db, zone, now) = (app.db(), &visit.zone, app.now());
    let pulse = db.pulse().await?;
    let silences = db.silences(now.minus(SHOWN)).await?.into_iter().map(|quiet| Quiet {
        from: zone.local(quiet.from),
        until: zone.local(quiet.until),
        announced: quiet.announced,
    });
    let sink = match app.sink() {
        None => None,
        Some(settings) => Some(SinkState {
            failing_since: db.carrying().await?.failing_since.map(|since| zone.local(since)),
            required: settings.is_required(),
            missing: db.sink_lag().await?.rows,
        }),
    };
    Ok(LogWatch {
        beat_at: pulse.beat_at.map(|at| zone.local(at)),
        silent: pulse.beat_at.is_some_and(|at| silence(at, now, None).is_some()),
        silences: silences.collect(),
        outlook: app.outlook().await?,
        sink,
    })
}

async fn compare(app: &App, text: &str) -> Result<Result<(Signed, Agreement), CheckpointFault>, Problem> {
    Ok(match Signed::open(text, &trusted(app).await?) {
        Ok(checkpoint) => {
            let agreement = app.db().compare(&checkpoint).await?;
            Ok((checkpoint, agreement))
        }
        Err(fault) => Err(fault),
    })
}

/// The public keys of every log of this installation.
async fn trusted(app: &App) -> Result<Vec<PublicKey>, Problem> {
    Ok(every_public_key(&app.kit().keys, app.db().head().await?.log))
}

/// The last checkpoint, to keep.
pub(super) async fn last(State(app): State<App>, _: LastCheckpoint, _: Visit) -> Answer {
    let last = app.db().last_checkpoint().await?.ok_or(Problem::NotFound)?;
    let day = last.at.instant().date();
    Ok(text(&format!("empreinte-{day}.txt"), last.note))
}

/// The public keys, to check checkpoints elsewhere.
pub(super) async fn keys(State(app): State<App>, _: CheckpointKeys, _: Visit) -> Answer {
    Ok(text("cles-publiques.txt", listed(&trusted(&app).await?)))
}

fn text(name: &str, text: String) -> axum::response::Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, text).into_response()
}
