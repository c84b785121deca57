//! Whether the file of an embedded database is still the one that was opened. SQLite goes on writing to a file that was
//! unlinked, moved or replaced, and what it acknowledges is then lost with the process: each transaction looks first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::DbError;
use crate::on_disk::{folder_of, identity};

/// Where the database is, and which file that was.
#[derive(Clone, Debug)]
pub(super) struct Place {
    file: PathBuf,
    folder: PathBuf,
    journal: PathBuf,
    known: (u64, u64),
}

impl Place {
    /// Remembers the file that stands there.
    pub(super) fn of(file: &Path) -> io::Result<Self> {
        let mut journal = file.as_os_str().to_owned();
        journal.push("-wal");
        let known = identity(&fs::metadata(file)?);
        Ok(Self { file: file.to_owned(), folder: folder_of(file).to_owned(), journal: journal.into(), known })
    }

    /// Looks at it again, while a transaction is open: its journal is there then.
    pub(super) fn check(&self) -> Result<(), DbError> {
        let lost = |what: &str| DbError::Unavailable(format!("{} {what}", self.file.display()));
        let found = fs::metadata(&self.file).map_err(|_| lost("is not there any more"))?;
        if identity(&found) != self.known {
            return Err(lost("is not the file that was opened"));
        }
        let journal = fs::metadata(&self.journal).map_err(|_| lost("has lost its journal"))?;
        let folder = fs::metadata(&self.folder).map_err(|_| lost("has no folder"))?;
        // Root may write anything: the rights are read, not tried.
        if [found, journal, folder].iter().any(|found| found.permissions().readonly()) {
            return Err(lost("may not be written any more"));
        }
        Ok(())
    }
}
