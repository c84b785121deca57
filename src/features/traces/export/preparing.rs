//! Preparing the files that people asked for: turn by turn, each of them short, on whichever node. What a turn made is
//! kept with the place where the next one begins, so that a node that stops in the middle loses one turn.

use time::Duration;

use super::JOB;
use super::sought::Sought;
use super::store::{self, Export};
use super::writing::{Step, Task, Work};
use crate::app::App;
use crate::db::exports::{Made, Turn};
use crate::db::{DbError, Refused};
use crate::domain::access::{AccountRef, Actor, Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::trace_export::{Failure, Format, LEASE, MOST_ATTEMPTS, PIECE};

/// How long a preparation waits for a checkpoint before it looks again.
const PATIENCE: Duration = Duration::seconds(1);

/// Takes one turn of the preparation that has waited longest; `false` when none waits.
pub async fn go_on(app: &App) -> Result<bool, Refused> {
    let now = app.now();
    let Some(turn) = app.db().take_export(now, now.plus(LEASE)).await? else { return Ok(false) };
    let mut reader = app.read(&app.job(JOB, None)).await?;
    let Some(export) = store::of_turn(&mut reader, turn).await? else { return Ok(true) };
    let asker = store::asker(&mut reader, export.account_id).await?;
    drop(reader);
    let step = match asker {
        _ if export.attempts > MOST_ATTEMPTS => Step::Failed(Failure::Interrupted),
        Some(asker) => take(app, &export, &asker).await?,
        None => Step::Failed(Failure::RightLost),
    };
    match step {
        Step::Wait => {
            app.db().keep_export(turn, Made::default(), now.plus(PATIENCE)).await?;
        }
        Step::On(work, bytes) => {
            let made = Made {
                work: Some(work.kept()),
                pieces: bytes.chunks(PIECE).map(<[u8]>::to_vec).collect(),
                traces: count(&work),
            };
            app.db().keep_export(turn, made, app.now()).await?;
        }
        Step::Done(work) => end(app, turn, &export, Ok(&work)).await?,
        Step::Failed(failure) => end(app, turn, &export, Err(failure)).await?,
    }
    Ok(true)
}

fn count(work: &Work) -> i64 {
    i64::try_from(work.written()).unwrap_or(i64::MAX)
}

/// The next stretch, if who asked may still have it.
async fn take(app: &App, export: &Export, asker: &store::Asker) -> Result<Step, DbError> {
    let account =
        AccountRef { id: export.account_id, identifier: asker.identifier.clone(), name: asker.name.clone() };
    let correlation = app.kit().entropy.id(app.now());
    let actor = Actor::person(asker.office, asker.organism_id, asker.partner_id, account, correlation);
    if asker.suspended_at.is_some() || !may_have(&actor, export.format) {
        return Ok(Step::Failed(Failure::RightLost));
    }
    let sought: Sought =
        serde_json::from_str(&export.search).map_err(|error| DbError::Defect(error.to_string()))?;
    Task { app, export, asker, actor, zone: asker.zone(), sought }.go_on().await
}

/// Whether somebody may have a file of that form: the one that proves itself tells all that was written.
pub(super) fn may_have(actor: &Actor, format: Format) -> bool {
    actor.may(Permission::ExportTraces) && (format != Format::Proof || actor.may(Permission::ProveTraces))
}

async fn end(app: &App, turn: Turn, export: &Export, made: Result<&Work, Failure>) -> Result<(), Refused> {
    let Export { id, account_id: account, partner_id: partner, organism_id: organism, bytes, .. } = *export;
    let job = app.job(JOB, Some(organism));
    let mut tx = app.write(&job).await?.permit(Permission::PrepareExports, Scope::Organism(organism))?;
    if !store::end(&mut tx, turn, made.err()).await? {
        return Ok(());
    }
    let fact = match made {
        Ok(work) => Fact::TraceExportReady {
            export: id,
            account,
            partner,
            traces: work.written(),
            bytes: bytes.unsigned_abs(),
        },
        Err(cause) => Fact::TraceExportFailed { export: id, account, partner, cause },
    };
    let _receipt = tx.commit([fact]).await?;
    Ok(())
}
