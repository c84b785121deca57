//! The pulse of the log: a trace a minute, by one node at a time (whichever comes first). When it comes late, it says
//! so: in the log, to the operator, and on the page of checkpoints. What is left of the space for traces is watched at
//! the same pace.

use std::time::Duration;

use tokio::sync::watch;

use crate::app::App;
use crate::db::Refused;
use crate::domain::access::{Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::outlook::{Outlook, Pressing};
use crate::domain::pulse::{BEAT, SILENCE, Silence, silence};
use crate::domain::time::Timestamp;

/// Between two looks at whether it is time.
const LOOK: Duration = Duration::from_secs(5);

/// What was told last, so that it is not told every five seconds.
#[derive(Debug, Default)]
pub struct Told {
    /// The last beat that this node knows of.
    heard: Option<Timestamp>,
    /// When the operator was last told of a silence that lasts.
    silence: Option<Timestamp>,
    pressing: Vec<Pressing>,
}

/// Beats until told to stop, and says then that it stops.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut told = Told::default();
    loop {
        look(&app, &mut told).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => break,
        }
    }
    if let Err(error) = announce_stop(&app).await {
        tracing::warn!(%error, "this stop was not traced: it will be read as a silence");
    }
}

/// One look: a beat if it is time, and what the operator must know.
pub async fn look(app: &App, told: &mut Told) {
    match beat(app).await {
        Ok(Beat { at, after }) => {
            if let Some(Silence { from, until, announced: false }) = after {
                app.db().metrics().silent();
                tracing::error!(from = %from.instant(), until = %until.instant(), "the log was silent");
            }
            (told.heard, told.silence) = (Some(at), None);
            watch_space(app, told).await;
        }
        Err(error) => tell_silence(app, told, &error),
    }
}

/// The log cannot beat: said once it is silent, then every minute.
fn tell_silence(app: &App, told: &mut Told, error: &Refused) {
    let now = app.now();
    let silent = told.heard.filter(|heard| now.since(*heard) > SILENCE);
    if let Some(since) = silent
        && told.silence.is_none_or(|at| now.since(at) >= BEAT)
    {
        told.silence = Some(now);
        tracing::error!(since = %since.instant(), %error, "the log is silent");
    }
}

/// A beat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Beat {
    /// When the log last beat, here or by another node.
    pub at: Timestamp,
    /// The silence that it ended.
    pub after: Option<Silence>,
}

/// Beats if it is time.
pub async fn beat(app: &App) -> Result<Beat, Refused> {
    let before = app.db().pulse().await?;
    if let (Some(at), None) = (before.beat_at, before.stopped_at)
        && app.now().since(at) < BEAT
    {
        return Ok(Beat { at, after: None });
    }
    let mut tx =
        app.write(&app.job("pulse", None)).await?.permit(Permission::WatchLog, Scope::Installation)?;
    let now = tx.now();
    let Some(beats) = tx.beat(before).await? else { return Ok(Beat { at: now, after: None }) };
    let after = before.beat_at.and_then(|last| silence(last, now, before.stopped_at));
    let mut facts = vec![Fact::LogBeat { beats }];
    if let Some(silence) = after {
        tx.keep_silence(silence).await?;
        let Silence { from, announced, .. } = silence;
        facts.push(Fact::LogSilent { from: from.instant().to_string(), announced });
    }
    let _receipt = tx.commit(facts).await?;
    Ok(Beat { at: now, after })
}

/// Says in the log that this node stops, as it was asked to.
pub async fn announce_stop(app: &App) -> Result<(), Refused> {
    let mut tx =
        app.write(&app.job("pulse", None)).await?.permit(Permission::WatchLog, Scope::Installation)?;
    let beats = tx.announce_stop().await?;
    let _receipt = tx.commit([Fact::ServiceStopped { beats }]).await?;
    Ok(())
}

async fn watch_space(app: &App, told: &mut Told) {
    match app.outlook().await {
        Ok(Outlook { live, a_day, days_left, warnings }) => {
            let kind = |all: &[Pressing]| all.iter().map(std::mem::discriminant).collect::<Vec<_>>();
            if kind(&warnings) != kind(&told.pressing) && !warnings.is_empty() {
                tracing::warn!(?warnings, live, ?a_day, ?days_left, "space for traces runs short");
            }
            told.pressing = warnings;
        }
        Err(error) => tracing::warn!(%error, "how long the space for traces lasts is not known"),
    }
}
