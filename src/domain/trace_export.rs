//! Exports of traces: the forms they take, how large one may be, how long it is kept, and why one may fail. What no
//! spreadsheet may take for a formula is told here too.

use serde::Serialize;
use time::Duration;

use super::day::Day;
use super::retention::Category;

/// How long a file that is ready, or the word that it failed, waits for who asked.
pub const KEPT: Duration = Duration::hours(24);
/// How long a node keeps a preparation without a word: another takes over after that.
pub const LEASE: Duration = Duration::minutes(1);
/// Turns in a row that may end badly before the preparation is given up.
pub const MOST_ATTEMPTS: i32 = 5;
/// Exports of one person that are prepared at once.
pub const MOST_AT_ONCE: i64 = 2;
/// Exports of one person that are kept at once.
pub const MOST_KEPT: i64 = 10;
/// Bytes of one file: it stands in the database for a day.
pub const MOST_BYTES: i64 = 1024 * 1024 * 1024;
/// Bytes of one piece of it.
pub const PIECE: usize = 512 * 1024;

/// What a file of traces is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub enum Format {
    /// Lines for any program.
    #[serde(rename = "csv")]
    Csv,
    /// A workbook.
    #[serde(rename = "xlsx")]
    Workbook,
    /// The log itself, which proves that nothing in it was changed: the traces asked for whole, the others as hashes.
    #[serde(rename = "ndjson")]
    Proof,
}

impl Format {
    /// Every one, in the order in which the form offers them.
    pub const ALL: [Self; 3] = [Self::Workbook, Self::Csv, Self::Proof];

    /// The word kept in rows and sent by the form, which also ends the name of the file.
    pub fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Workbook => "xlsx",
            Self::Proof => "ndjson",
        }
    }

    /// The format written in a row.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.code() == code)
    }

    /// How many traces one file may hold: a sheet has 1,048,576 rows, and the first one names the columns.
    pub fn most(self) -> u64 {
        match self {
            Self::Workbook => 1_048_575,
            Self::Csv | Self::Proof => 3_000_000,
        }
    }
}

/// Why an export cannot be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// It would hold more traces than its format allows.
    TooManyTraces,
    /// It would be longer than a file may be.
    TooLong,
    /// Who asked may not have it any more.
    RightLost,
    /// Its preparation ended badly several times in a row.
    Interrupted,
}

impl Failure {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooManyTraces => "too_many_traces",
            Self::TooLong => "too_long",
            Self::RightLost => "right_lost",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The last day for which a file may be kept: that of the first of its traces whose day comes, for a file is erased
/// whole. Traces that an investigation keeps beyond theirs do not count; an empty file has the longest period.
pub fn keep_until(earliest: Option<Day>, today: Day) -> Day {
    let longest = today.plus_months(Category::Action.months());
    earliest.filter(|day| *day > today).map_or(longest, |day| day.min(longest))
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const TODAY: Day = Day::of(date!(2026 - 11 - 23));

    #[test]
    fn a_file_is_erased_with_the_first_of_its_traces() {
        let soon = Day::of(date!(2026 - 12 - 02));
        assert_eq!(keep_until(Some(soon), TODAY), soon);
        assert_eq!(keep_until(None, TODAY), Day::of(date!(2027 - 05 - 23)));
        // One written a moment ago, of which the latest time zone counts another day.
        assert_eq!(keep_until(Some(Day::of(date!(2027 - 05 - 24))), TODAY), Day::of(date!(2027 - 05 - 23)));
    }

    #[test]
    fn formats_come_back_from_their_words() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.code()), Some(format));
        }
        assert_eq!(Format::parse("pdf"), None);
    }
}
