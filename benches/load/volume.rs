//! The volume that everything durable waits for: what it is, and how often it can be made to keep.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::report::note;

/// A file system in memory answers at once and keeps nothing.
const MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

/// Says on which file system a folder is; refuses one that keeps nothing.
pub(crate) fn describe(folder: &Path) -> Result<(), Failure> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let (_, kind, source) = mounts
        .lines()
        .filter_map(mount)
        .filter(|(point, ..)| folder.starts_with(point))
        // Of two mounts on one point, the last hides the first.
        .max_by_key(|(point, ..)| point.len())
        .ok_or("no file system holds this folder")?;
    if MEMORY.contains(&kind) {
        return Err(format!("{} is on {kind}: nothing there is durable", folder.display()).into());
    }
    note(&format!("on {kind} ({source})"));
    Ok(())
}

/// The mount point, the kind and the source in a line of `mountinfo`.
fn mount(line: &str) -> Option<(&str, &str, &str)> {
    let (mount, file_system) = line.split_once(" - ")?;
    let mut file_system = file_system.split(' ');
    Some((mount.split(' ').nth(4)?, file_system.next()?, file_system.next()?))
}

/// How many times a second 8 kB can be overwritten and made durable, one after the other: no commit
/// that waits for the disk alone is faster.
pub(crate) fn fdatasync_rate(folder: &Path, lasting: Duration) -> Result<f64, Failure> {
    let path = folder.join("fdatasync");
    let file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let block = [0x5a; 8192];
    file.write_all_at(&block, 0)?;
    file.sync_all()?;
    let began = Instant::now();
    let mut times = 0_u32;
    while began.elapsed() < lasting {
        file.write_all_at(&block, 0)?;
        file.sync_data()?;
        times += 1;
    }
    let rate = f64::from(times) / began.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    note(&format!("fdatasync of 8 kB: {rate:.0}/s"));
    Ok(rate)
}
