//! Sealing what was traced, signing the head of the log, and publishing it outside: all day long, by itself. A node whose
//! database went back behind what was published stops serving.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::app::App;
use crate::db::DbError;
use crate::db::seal::{Agreement, Pass, Sealer};
use crate::domain::facts::Fact;
use crate::seal::checkpoint::{Checkpoint, CheckpointFault, every_public_key, origin, public_keys};

/// From the beginning of one look at what waits to that of the next.
const PACE: Duration = Duration::from_millis(500);
/// Between the end of a look and the next, however long it took: people's acts pass meanwhile.
const REST: Duration = Duration::from_millis(50);
/// How long one look seals before it signs: with a backlog too, two checkpoints are not a second apart.
const LOOK: Duration = Duration::from_millis(400);

/// Why the log of the database is not the one that was published. Worded for the operator.
#[derive(Debug, thiserror::Error)]
pub enum Disagreement {
    /// The database was put back to an older state.
    #[error(
        "le journal compte {held} traces, et la dernière empreinte publiée en comptait {published} : la base a été remise à un état ancien. Cherchez une base plus récente ; s’il n’y en a pas : compte-partenaire traces open-log"
    )]
    Behind {
        /// Leaves in the database.
        held: u64,
        /// Leaves in the checkpoint.
        published: u64,
    },
    /// The first leaves are not those that were signed.
    #[error(
        "les {published} premières traces du journal ne sont plus celles qui ont été signées. Prévenez la personne chargée de la sécurité avant toute autre chose"
    )]
    Rewritten {
        /// Leaves in the checkpoint.
        published: u64,
    },
    /// The folder holds checkpoints of another installation.
    #[error(
        "dossier des empreintes (CP_CHECKPOINTS) : la dernière n’est pas de cette installation, ou son texte a changé ({0})"
    )]
    Checkpoint(#[from] CheckpointFault),
    /// The folder cannot be read.
    #[error("dossier des empreintes (CP_CHECKPOINTS) : {0}")]
    Folder(#[from] std::io::Error),
    /// The database does not answer.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Seals until told to stop, then once more: what the last requests left is sealed too.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    let mut sealing = Sealing::new(&app);
    loop {
        let began = Instant::now();
        match sealing.round(&app).await {
            Ok(()) => {}
            Err(error @ Disagreement::Db(DbError::Defect(_))) => {
                tracing::error!(%error, "sealing refused to go on");
            }
            Err(error) => tracing::warn!(%error, "sealing stopped short"),
        }
        tokio::select! {
            () = tokio::time::sleep(PACE.saturating_sub(began.elapsed()).max(REST)) => {}
            _ = stop.changed() => break,
        }
    }
    if let Err(error) = sealing.round(&app).await {
        tracing::warn!(%error, "the last traces are not sealed yet");
    }
}

/// One node's part in sealing.
#[derive(Debug)]
pub struct Sealing {
    sealer: Sealer,
    /// The head may have moved without having been signed.
    unsigned: bool,
    /// Log and size of the last checkpoint that this node published.
    published: (i32, i64),
}

impl Sealing {
    /// Begins.
    pub fn new(app: &App) -> Self {
        Self { sealer: Sealer::new(app.db().clone()), unsigned: true, published: (0, 0) }
    }

    /// Seals what waits, signs the head if it moved, publishes what was signed here or elsewhere.
    pub async fn round(&mut self, app: &App) -> Result<(), Disagreement> {
        let began = Instant::now();
        loop {
            let Pass::Sealed { leaves, more, refused } = self.sealer.pass().await? else { break };
            self.unsigned |= leaves > 0;
            for unsealable in refused {
                tracing::error!(trace = %unsealable.id, what = unsealable.what, "a trace was altered before its seal");
                let fact = Fact::SealRefused { trace: unsealable.id, what: unsealable.what.to_owned() };
                let job = app.job("seal", None);
                let told = app.kit().ledger.hand_over(&job, vec![fact], None, Vec::new()).await;
                let _receipt = told.map_err(|error| DbError::Unavailable(error.to_string()))?;
            }
            if !more || began.elapsed() >= LOOK {
                break;
            }
        }
        if self.unsigned {
            if let Some((checkpoint, note)) = app.db().sign_head().await? {
                let note = note.trim_end().replace('\n', " | ");
                tracing::info!(target: "compte_partenaire::checkpoint", size = checkpoint.size, %note, "checkpoint");
            }
            self.unsigned = false;
        }
        self.publish(app).await
    }

    async fn publish(&mut self, app: &App) -> Result<(), Disagreement> {
        let Some(witness) = app.witness() else { return Ok(()) };
        let Some(last) = app.db().last_checkpoint().await? else { return Ok(()) };
        let (log, size) = (last.log, last.size);
        if (log, size) < self.published {
            let (held, published) = (size, self.published.1);
            app.kit().ledger.stop();
            return Err(Disagreement::Behind {
                held: u64::try_from(held).unwrap_or(0),
                published: u64::try_from(published).unwrap_or(0),
            });
        }
        if (log, size) > self.published {
            let name = origin(&app.kit().keys, log);
            let checkpoint = Checkpoint::open(&last.note, &public_keys(&app.kit().keys, &name))?;
            witness.publish(&checkpoint, &last.note)?;
            self.published = (log, size);
        }
        Ok(())
    }
}

/// Compares the database with what was published, before it serves: a log that lost leaves, or whose leaves changed,
/// serves nobody.
pub async fn agree(app: &App) -> Result<(), Disagreement> {
    let Some(witness) = app.witness() else { return Ok(()) };
    let (keys, head) = (&app.kit().keys, app.db().head().await?);
    let trusted = every_public_key(keys, head.log);
    witness.publish_keys(&trusted)?;
    let Some(note) = witness.last()? else { return Ok(()) };
    let checkpoint = Checkpoint::open(&note, &trusted)?;
    if checkpoint.origin != origin(keys, head.log) {
        // Another log was opened since: its first leaf tells what became of that one.
        return Ok(());
    }
    let published = checkpoint.size;
    match app.db().compare(&checkpoint).await? {
        Agreement::Shorter { held } => Err(Disagreement::Behind { held, published }),
        Agreement::Rewritten => Err(Disagreement::Rewritten { published }),
        Agreement::Holds | Agreement::TooOld | Agreement::Elsewhere => Ok(()),
    }
}
