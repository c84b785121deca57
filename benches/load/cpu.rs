//! Processor time of a process and of the processes it started, as the kernel counts it.

use std::fs;
use std::time::Duration;

use crate::Failure;

/// The kernel counts in hundredths of a second towards programs, whatever it uses inside.
const TICK: Duration = Duration::from_millis(10);

/// The processor time of a process at one moment.
pub(crate) struct CpuTime {
    process: u32,
    family: Family,
    used: Duration,
}

/// Whose time is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// The process and those that it started: PostgreSQL has one a connection.
    Whole,
    /// The process alone.
    Alone,
}

impl CpuTime {
    /// Now. Children count, ended or not, when the family does.
    pub(crate) fn of(process: u32, family: Family) -> Result<Self, Failure> {
        Ok(Self { process, family, used: used(process, family)? })
    }

    /// What has been used since then.
    pub(crate) fn since(&self) -> Result<Duration, Failure> {
        Ok(used(self.process, self.family)?.saturating_sub(self.used))
    }
}

fn used(process: u32, family: Family) -> Result<Duration, Failure> {
    let own = Stat::read(process)?;
    if family == Family::Alone {
        return Ok(TICK * own.ticks);
    }
    let mut ticks = own.ticks + own.ticks_of_the_dead;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process may end between the two lines.
        if let Ok(child) = Stat::read(id)
            && child.parent == process
        {
            ticks += child.ticks;
        }
    }
    Ok(TICK * ticks)
}

/// The fields of `/proc/<id>/stat` that matter here.
struct Stat {
    parent: u32,
    ticks: u32,
    ticks_of_the_dead: u32,
}

impl Stat {
    fn read(process: u32) -> Result<Self, Failure> {
        let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name, between brackets, may hold anything: the fields are counted from the last bracket.
        let (_, fields) = text.rsplit_once(')').ok_or("/proc/<id>/stat has no name")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let number = |at: usize| -> Result<u32, Failure> {
            Ok(fields.get(at).ok_or("/proc/<id>/stat is too short")?.parse()?)
        };
        Ok(Self {
            parent: number(1)?,
            ticks: number(11)? + number(12)?,
            ticks_of_the_dead: number(13)? + number(14)?,
        })
    }
}
