//! The folder where signed checkpoints are published, outside the database: it is the witness of what the log was. To be
//! of use it should be where whoever administers the database cannot write: another machine's, or one that only grows.
//!
//! `derniere.txt` is the last checkpoint; each month has a file of all of them; `cles.txt` holds the public keys.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::seal::checkpoint::{Checkpoint, PublicKey, listed};

/// Between two checkpoints of one file.
const BETWEEN: &str = "----\n";
const LAST: &str = "derniere.txt";
const KEYS: &str = "cles.txt";
/// A file of checkpoints is read no further: a month of one a second is smaller.
const MOST_BYTES: u64 = 2 * 1_024 * 1_024 * 1_024;

/// A folder of checkpoints.
#[derive(Clone, Debug)]
pub struct Witness {
    folder: PathBuf,
}

impl Witness {
    /// Opens the folder, and makes it if it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Writes the public keys beside the checkpoints: a line each.
    pub fn publish_keys(&self, keys: &[PublicKey]) -> io::Result<()> {
        self.replace(KEYS, &listed(keys))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Publishes a checkpoint: it is on the disk when this returns.
    pub fn publish(&self, checkpoint: &Checkpoint, note: &str) -> io::Result<()> {
        let month = checkpoint.at.instant();
        let name = format!("empreintes-{:04}-{:02}.txt", month.year(), u8::from(month.month()));
        let mut file = OpenOptions::new().append(true).create(true).open(self.folder.join(name))?;
        file.write_all(format!("{note}{BETWEEN}").as_bytes())?;
        file.sync_data()?;
        self.replace(LAST, note)
    }

    /// The last checkpoint published here.
    pub fn last(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(self.folder.join(LAST)) {
            Ok(note) => Ok(Some(note)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn replace(&self, name: &str, text: &str) -> io::Result<()> {
        let new = self.folder.join(format!("{name}.nouveau"));
        let mut file = File::create(&new)?;
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        fs::rename(new, self.folder.join(name))
    }
}

/// Every checkpoint of a file: one text, or many as the folder keeps them. What a power cut left half written is between
/// two others, and is left out by whoever reads it.
pub fn checkpoints_in(file: &Path) -> io::Result<Vec<String>> {
    let mut text = String::new();
    File::open(file)?.take(MOST_BYTES).read_to_string(&mut text)?;
    let notes = text.split(BETWEEN).filter(|note| !note.trim().is_empty());
    Ok(notes.map(str::to_owned).collect())
}

/// Every public key of a file.
pub fn keys_in(file: &Path) -> io::Result<Vec<PublicKey>> {
    let mut text = String::new();
    File::open(file)?.take(1_024 * 1_024).read_to_string(&mut text)?;
    Ok(text.lines().filter_map(|line| line.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use time::macros::datetime;

    use super::*;
    use crate::crypto::{Key, Keys};
    use crate::domain::time::Timestamp;
    use crate::seal::checkpoint::{origin, public_keys};

    #[test]
    fn what_is_published_is_read_back() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("journal/empreintes");
        let keys = Keys::only(Key::new(1, &[7; 32]).unwrap());
        let trusted = public_keys(&keys, &origin(&keys, 1));
        let witness = Witness::open(&folder).unwrap();
        witness.publish_keys(&trusted).unwrap();
        assert_eq!(witness.last().unwrap(), None);
        let mut notes = Vec::new();
        for size in [3, 8] {
            let at = Timestamp::new(datetime!(2026-11-23 08:30 UTC));
            let checkpoint = Checkpoint { origin: origin(&keys, 1), size, root: [1; 32], at };
            notes.push(checkpoint.sign(&keys));
            witness.publish(&checkpoint, notes.last().unwrap()).unwrap();
        }
        assert_eq!(witness.last().unwrap().as_ref(), notes.last());
        assert_eq!(checkpoints_in(&folder.join("empreintes-2026-11.txt")).unwrap(), notes);
        assert_eq!(checkpoints_in(&folder.join(LAST)).unwrap(), notes[1..]);
        assert_eq!(keys_in(&folder.join(KEYS)).unwrap(), trusted);
    }
}
