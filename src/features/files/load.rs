//! Writing a version in short batches, so that the portal keeps answering meanwhile.

use tokio::sync::mpsc;

use super::store;
use crate::app::App;
use crate::db::Refused;
use crate::domain::access::{Actor, Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::files::File;
use crate::domain::id::{LoadId, OrganismId};

/// Files in one transaction: about 20 ms of the one writer of an embedded database.
const BATCH: usize = 250;

/// How far a load has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// So many files are written, and nobody sees them yet.
    Staged(u64),
    /// The version is visible.
    Live(u64),
    /// So many files of older versions are erased.
    Erased(u64),
}

/// Why a load stopped. What is visible did not change.
#[derive(Debug, thiserror::Error)]
pub enum LoadFailed {
    /// The database refused, or the act was not allowed.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nothing was given to load.
    #[error("no file to load")]
    Empty,
}

/// Loads the files that `source` gives as a new version of the organism's files.
///
/// Between two batches it waits as long as the last one took: pages, which need the same writer for their traces,
/// always have their turn.
pub async fn load(
    app: &App,
    organism: OrganismId,
    mut source: mpsc::Receiver<File>,
    mut progress: impl FnMut(Progress),
) -> Result<LoadId, LoadFailed> {
    let job = app.job("load", Some(organism));
    let load: LoadId = app.kit().entropy.id(app.now());
    let mut batch = Vec::with_capacity(BATCH);
    let mut staged = 0;
    while source.recv_many(&mut batch, BATCH).await > 0 {
        // A slow producer must not make thin batches: each costs one durable commit.
        while batch.len() < BATCH {
            let missing = BATCH - batch.len();
            if source.recv_many(&mut batch, missing).await == 0 {
                break;
            }
        }
        let pause = Pause::begin(app);
        let mut tx = app
            .write(&job)
            .await?
            .permit(Permission::LoadFiles, Scope::Organism(organism))
            .map_err(LoadFailed::from)?;
        let db = Refused::from;
        if staged == 0 {
            store::begin(&mut tx, load, organism).await.map_err(db)?;
        }
        store::stage(&mut tx, load, &batch).await.map_err(db)?;
        let files = u64::try_from(batch.len()).unwrap_or(0);
        let _receipt = tx.commit([Fact::FilesStaged { load, organism, files }]).await.map_err(db)?;
        staged += files;
        progress(Progress::Staged(staged));
        batch.clear();
        pause.wait(app).await;
    }
    if staged == 0 {
        return Err(LoadFailed::Empty);
    }
    let mut tx = app.write(&job).await?.permit(Permission::LoadFiles, Scope::Organism(organism))?;
    store::show(&mut tx, load, organism, staged).await.map_err(Refused::from)?;
    let _receipt =
        tx.commit([Fact::FilesLoaded { load, organism, files: staged }]).await.map_err(Refused::from)?;
    progress(Progress::Live(staged));
    erase_stale(app, &job, organism, &mut progress).await?;
    Ok(load)
}

/// Erases versions that nobody sees any more.
async fn erase_stale(
    app: &App,
    job: &Actor,
    organism: OrganismId,
    progress: &mut impl FnMut(Progress),
) -> Result<(), LoadFailed> {
    let db = Refused::from;
    let mut erased = 0;
    loop {
        let pause = Pause::begin(app);
        let mut tx = app.write(job).await?.permit(Permission::LoadFiles, Scope::Organism(organism))?;
        let Some(load) = store::stale(&mut tx, organism).await.map_err(db)? else { return Ok(()) };
        let files = store::erase(&mut tx, load, 500).await.map_err(db)?;
        let _receipt = tx.commit([Fact::FilesErased { load, organism, files }]).await.map_err(db)?;
        erased += files;
        progress(Progress::Erased(erased));
        pause.wait(app).await;
    }
}

/// The time that others are given after a batch: as much as it took, a second at most.
struct Pause(crate::domain::time::Timestamp);

impl Pause {
    fn begin(app: &App) -> Self {
        Self(app.now())
    }

    async fn wait(self, app: &App) {
        let took = app.now().since(self.0).clamp(time::Duration::ZERO, time::Duration::SECOND);
        tokio::time::sleep(took.unsigned_abs()).await;
    }
}
