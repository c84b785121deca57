//! Where files come from: one trait, and the embedded source that imports fill.

use std::time::Duration;

use async_trait::async_trait;

use crate::db::Db;
use crate::domain::access::Actor;
use crate::domain::file_key::FileKey;
use crate::domain::files::{self, File};
use crate::domain::id::OrganismId;
use crate::domain::territory::CommuneCode;

/// How long a source may take.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// A file still closed: only the commune that decides of the perimeter can be seen.
#[derive(Clone)]
pub struct Sheet {
    /// Where the family lives.
    pub commune: CommuneCode,
    body: String,
}

impl Sheet {
    /// A sheet whose body is a line of the documented format.
    pub fn new(commune: CommuneCode, body: String) -> Self {
        Self { commune, body }
    }

    /// Opens it, once it was decided that it may be read.
    pub fn open(&self) -> Result<File, SourceFailed> {
        files::read_line(&self.body).map_err(|_| SourceFailed)
    }
}

/// The source did not answer, or not with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the source of files did not answer")]
pub struct SourceFailed;

/// A source of beneficiaries' files.
#[async_trait]
pub trait FileSource: Send + Sync {
    /// The file of that key at that organism, if there is one.
    async fn find(&self, organism: OrganismId, key: &FileKey) -> Result<Option<Sheet>, SourceFailed>;
}

/// Asks a source, and waits no longer than its patience.
pub async fn ask(
    source: &dyn FileSource,
    organism: OrganismId,
    key: &FileKey,
) -> Result<Option<Sheet>, SourceFailed> {
    tokio::time::timeout(PATIENCE, source.find(organism, key)).await.unwrap_or(Err(SourceFailed))
}

/// The version of the files that was last made visible in the database.
pub struct EmbeddedFiles(
    /// The database.
    pub Db,
);

#[async_trait]
impl FileSource for EmbeddedFiles {
    async fn find(&self, organism: OrganismId, key: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        let failed = |error: crate::db::DbError| {
            tracing::error!(%error, "files not read");
            SourceFailed
        };
        let recorder = self.0.recorder();
        let job = Actor::system("files", Some(organism), recorder.entropy.id(recorder.clock.now()));
        let mut reader = self.0.read(&job).await.map_err(failed)?;
        let statement = match key {
            FileKey::Number(_) => reader.select(
                "SELECT f.commune, f.body FROM beneficiary_file f JOIN file_load l ON l.id = f.load_id \
                 WHERE l.organism_id = $1 AND $2 IS NULL AND l.state = 'live' AND f.number = $3",
            ),
            FileKey::Nir(_) => reader.select(
                "SELECT f.commune, f.body FROM file_holder h \
                 JOIN beneficiary_file f ON f.load_id = h.load_id AND f.number = h.number \
                 JOIN file_load l ON l.id = h.load_id \
                 WHERE l.organism_id = $1 AND $2 IS NULL AND l.state = 'live' AND h.nir = $3",
            ),
        };
        let row: Option<(String, String)> =
            statement.bind(key.as_str().to_owned()).fetch_optional().await.map_err(failed)?;
        let Some((commune, body)) = row else { return Ok(None) };
        let commune = commune.parse().map_err(|_| SourceFailed)?;
        Ok(Some(Sheet::new(commune, body)))
    }
}
