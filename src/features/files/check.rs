//! Reading a file of files from end to end before anything is written: each bad line with its number and causes.

use std::collections::HashSet;
use std::io::{self, BufRead};

use crate::domain::files::{self, Cause, File, LONGEST_LINE, LineFault};
use crate::domain::nir::Nir;

/// The most bad lines that are told; beyond, they are counted.
const TOLD: usize = 1_000;

/// A line that cannot be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub faults: Vec<LineFault>,
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files that can be loaded.
    pub files: u64,
    /// Lines that cannot, at most a thousand of them.
    pub bad: Vec<BadLine>,
    /// How many lines cannot.
    pub bad_lines: u64,
}

/// Reads every line; `each` is given the good ones. Empty lines are passed over.
pub fn check(reader: impl BufRead, mut each: impl FnMut(&File)) -> io::Result<Checked> {
    let mut checked = Checked::default();
    let mut numbers: HashSet<u32> = HashSet::new();
    let mut holders: HashSet<Nir> = HashSet::new();
    read_lines(reader, |line, text| {
        let mut faults = match text {
            Err(found) => vec![LineFault {
                field: String::new(),
                cause: Cause::LineTooLong { max: LONGEST_LINE, found },
            }],
            Ok(text) if text.trim().is_empty() => return,
            Ok(text) => match files::read_line(text) {
                Err(faults) => faults,
                Ok(file) => {
                    let number = file.number.as_str().parse().unwrap_or(0);
                    // A number leads to one file: that of an allocataire, and that of an RSA file’s holder.
                    let twice = |field: &str| LineFault { field: field.to_owned(), cause: Cause::Duplicate };
                    let faults: Vec<LineFault> = (!numbers.insert(number))
                        .then(|| twice("numero_allocataire"))
                        .into_iter()
                        .chain(
                            (!file.rsa_numbers().into_iter().all(|nir| holders.insert(nir)))
                                .then(|| twice("famille.personnes")),
                        )
                        .collect();
                    if faults.is_empty() {
                        checked.files += 1;
                        each(&file);
                        return;
                    }
                    faults
                }
            },
        };
        checked.bad_lines += 1;
        if checked.bad.len() < TOLD {
            faults.truncate(20);
            checked.bad.push(BadLine { line, faults });
        }
    })?;
    Ok(checked)
}

/// Gives each line with its number, never holding more than the longest that is accepted; a longer one is given as
/// its length.
fn read_lines(mut reader: impl BufRead, mut each: impl FnMut(u64, Result<&str, usize>)) -> io::Result<()> {
    let mut line = 0;
    let mut held: Vec<u8> = Vec::new();
    let mut length = 0;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            if length > 0 {
                give(line + 1, &held, length, &mut each);
            }
            return Ok(());
        }
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        length += part.len();
        if held.len() + part.len() <= LONGEST_LINE + 1 {
            held.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        reader.consume(used);
        if end.is_some() {
            line += 1;
            give(line, &held, length, &mut each);
            held.clear();
            length = 0;
        }
    }
}

fn give(line: u64, held: &[u8], length: usize, each: &mut impl FnMut(u64, Result<&str, usize>)) {
    if length > LONGEST_LINE {
        each(line, Err(length));
    } else {
        // What is not UTF-8 is not JSON either: the reader of lines says so.
        each(line, Ok(std::str::from_utf8(held).unwrap_or("\u{fffd}")));
    }
}
