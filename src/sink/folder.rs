//! A second sink in a folder: a file a day, which only grows. Each write is on the disk when it returns, and what was
//! opened is compared each time with what stands under its name: a file that was unlinked or replaced would otherwise be
//! written on in silence.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::read::files;
use super::{Entry, Outlet, Position, SinkFault};
use crate::clock::Clock;
use crate::on_disk::identity;

/// The end of a file holds the last leaf: far more than the lines that may follow it.
const TAIL: u64 = 1_048_576;

/// A folder that only grows. No file of it stays open once one of them failed: its disk can then be mended.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    clock: Clock,
    open: Option<Opened>,
}

#[derive(Debug)]
struct Opened {
    folder: (u64, u64),
    path: PathBuf,
    file: File,
    known: (u64, u64),
    length: u64,
}

impl Folder {
    /// That folder, which must exist: one that was made here could hide that the true one is gone.
    pub fn at(path: &Path, clock: Clock) -> Self {
        Self { path: path.to_owned(), clock, open: None }
    }

    fn today(&self) -> PathBuf {
        self.path.join(format!("journal-{}.ndjson", self.clock.now().instant().date()))
    }

    fn opened(&self) -> Result<Opened, SinkFault> {
        let folder = standing(fs::metadata(&self.path))?;
        let path = self.today();
        let new = match fs::symlink_metadata(&path) {
            Ok(found) if !found.is_file() => return Err(SinkFault::NotAFile),
            Ok(_) => false,
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(error.into()),
        };
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(0o600);
        let mut file = options.open(&path)?;
        if new {
            File::open(&self.path)?.sync_all()?;
        }
        let mut length = file.metadata()?.len();
        if length > 0 && last_byte(&mut file)? != b'\n' {
            // What a power cut left half written ends here.
            file.write_all(b"\n")?;
            length += 1;
        }
        Ok(Opened { folder, known: identity(&file.metadata()?), path, file, length })
    }

    fn check(&self) -> Result<(), SinkFault> {
        let Some(open) = &self.open else { return Err(SinkFault::Replaced) };
        if standing(fs::metadata(&self.path))? != open.folder {
            return Err(SinkFault::Replaced);
        }
        if standing(fs::symlink_metadata(&open.path))? != open.known {
            return Err(SinkFault::Replaced);
        }
        if open.file.metadata()?.len() < open.length {
            return Err(SinkFault::Shortened);
        }
        Ok(())
    }

    fn append(&mut self, entries: &[Entry]) -> Result<(), SinkFault> {
        self.check()?;
        if self.open.as_ref().is_some_and(|open| open.path != self.today()) {
            self.open = Some(self.opened()?);
        }
        let lines: String = entries.iter().map(|entry| entry.line() + "\n").collect();
        if let Some(open) = &mut self.open {
            open.file.write_all(lines.as_bytes())?;
            open.file.sync_data()?;
            open.length += u64::try_from(lines.len()).unwrap_or(0);
        }
        self.check()
    }

    /// A volume that was remounted read-only says so to who opens a file there, or to who asks for it to be on the disk.
    fn stands(&self) -> Result<(), SinkFault> {
        self.check()?;
        if let Some(open) = &self.open {
            OpenOptions::new().append(true).open(&open.path)?.sync_data()?;
        }
        Ok(())
    }

    /// The last leaf of the folder.
    fn last(&self) -> io::Result<Option<Position>> {
        for path in files(&self.path)?.into_iter().rev() {
            let mut file = File::open(path)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))?;
            let mut tail = Vec::new();
            file.take(TAIL).read_to_end(&mut tail)?;
            let last =
                String::from_utf8_lossy(&tail).lines().rev().find_map(|line| match Entry::read(line) {
                    Some(Entry::Leaf(leaf)) => Some(leaf.position()),
                    _ => None,
                });
            if last.is_some() {
                return Ok(last);
            }
        }
        Ok(None)
    }
}

impl Outlet for Folder {
    /// The folder itself says how far it goes: what was taken away from its end is carried again.
    fn open(&mut self, _: Position) -> Result<Position, SinkFault> {
        self.open = None;
        self.open = Some(self.opened()?);
        let last = self.last()?;
        Ok(last.map_or(Position::FIRST, |last| Position { rank: last.rank + 1, ..last }))
    }

    fn write(&mut self, entries: &[Entry]) -> Result<(), SinkFault> {
        self.append(entries).inspect_err(|_| self.open = None)
    }

    fn look(&mut self) -> Result<(), SinkFault> {
        self.stands().inspect_err(|_| self.open = None)
    }
}

/// What stands under a name, if it may be written. Root may write anything: the rights are read, not tried.
fn standing(found: io::Result<Metadata>) -> Result<(u64, u64), SinkFault> {
    match found {
        Ok(found) if found.permissions().readonly() => Err(SinkFault::NotWritable),
        Ok(found) => Ok(identity(&found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(SinkFault::Replaced),
        Err(error) => Err(error.into()),
    }
}

fn last_byte(file: &mut File) -> io::Result<u8> {
    let mut byte = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut byte)?;
    Ok(byte[0])
}
