//! Reading a second sink back: every line of every file, in the order in which they were written.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use super::Entry;

/// A line is longer than that only if it is none of ours.
const LONGEST: usize = 1_048_576;

/// One line of a copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Line {
    /// What was carried.
    Entry(Entry),
    /// What no program of ours wrote, or what a power cut left half written.
    Unreadable,
}

/// A copy cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {cause}", path.display())]
pub struct CopyFault {
    path: PathBuf,
    cause: io::Error,
}

/// Files of a copy, oldest first.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("journal-") && name.ends_with(".ndjson") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Every line of a copy.
pub fn lines(folder: &Path) -> Result<impl Iterator<Item = Result<Line, CopyFault>>, CopyFault> {
    let files = files(folder).map_err(|cause| CopyFault { path: folder.to_owned(), cause })?;
    Ok(files.into_iter().flat_map(|path| {
        let (opened, failed) = match File::open(&path) {
            Ok(file) => (Some(BufReader::new(file)), None),
            Err(cause) => (None, Some(Err(CopyFault { path: path.clone(), cause }))),
        };
        let read = opened.into_iter().flat_map(|file| file.split(b'\n')).map(move |line| match line {
            Ok(line) if line.len() <= LONGEST => {
                let entry = std::str::from_utf8(&line).ok().and_then(Entry::read);
                Ok(entry.map_or(Line::Unreadable, Line::Entry))
            }
            Ok(_) => Ok(Line::Unreadable),
            Err(cause) => Err(CopyFault { path: path.clone(), cause }),
        });
        failed.into_iter().chain(read)
    }))
}
