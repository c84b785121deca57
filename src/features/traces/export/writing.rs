//! How far a preparation has come, and its next stretch: counting first, so that a file too large is refused before a
//! line of it is written, and so that it says at its head what it holds; then writing, some leaves of the log at a time.
//! A turn holds one stretch, whatever the size of the file.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cells::{Roles, cells};
use super::csv;
use super::notice::Notice;
use super::sought::Sought;
use super::store::{self, Asker, Export, Row, Seeking, Span};
use super::workbook::{self, Packed};
use crate::app::App;
use crate::db::seal::{Extent, Signed, Wanted};
use crate::db::{DbError, Reader};
use crate::domain::access::Actor;
use crate::domain::day::{Day, Zone};
use crate::domain::trace_export::{Failure, Format, MOST_BYTES, PIECE};
use crate::features::traces::line::Eyes;
use crate::seal::export::{HOW_TO_VERIFY, Preamble, end, preamble};

/// Leaves looked at in one statement.
const STEP: i64 = 1_024;
/// Statements of one turn: of a search that finds little, a turn is kept all the same.
const STEPS: usize = 32;

/// The number of the first log: another is opened after a backup was put back.
const FIRST_LOG: i32 = 1;

/// How far a preparation has come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Work {
    /// The checkpoint under which it stands: its log, its size, its text.
    log: i32,
    size: i64,
    pub(super) note: String,
    /// The day on which it began.
    pub(super) today: Day,
    stage: Stage,
    /// Where the next stretch begins.
    at_log: i32,
    at_rank: i64,
    /// Traces counted, and among them those past their day.
    pub(super) found: u64,
    pub(super) held: u64,
    /// The first day before which one of the others may not be erased.
    pub(super) earliest: Option<Day>,
    /// Traces written.
    written: u64,
    /// What the file says of itself, as it was when its first bytes were written: those of its end are counted from
    /// them, whoever is renamed meanwhile. Of one that proves itself: for whom, what, until when.
    #[serde(default)]
    notice: Vec<String>,
    packed: Packed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Counting,
    Writing,
    Written,
}

/// How a preparation shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Progress {
    /// So many were found so far.
    Counting(u64),
    /// So many are written, out of so many.
    Writing(u64, u64),
}

/// What a turn gives.
pub(super) enum Step {
    /// No checkpoint covers yet what was traced before the asking.
    Wait,
    /// So far, with the next bytes of the file.
    On(Box<Work>, Vec<u8>),
    /// The file is whole.
    Done(Box<Work>),
    /// It cannot be had.
    Failed(Failure),
}

impl Work {
    /// What a row keeps of it; nothing before it began.
    pub(super) fn of(export: &Export) -> Result<Option<Self>, DbError> {
        let read = export.work.as_deref().map(serde_json::from_str).transpose();
        read.map_err(|error| DbError::Defect(error.to_string()))
    }

    /// As a row keeps it.
    pub(super) fn kept(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Traces written so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// For the page.
    pub(super) fn progress(&self) -> Progress {
        match self.stage {
            Stage::Counting => Progress::Counting(self.found),
            Stage::Writing | Stage::Written => Progress::Writing(self.written, self.found),
        }
    }
}

/// A preparation under way: what was asked, and by whom.
pub(super) struct Task<'a> {
    pub(super) app: &'a App,
    pub(super) export: &'a Export,
    pub(super) asker: &'a Asker,
    /// Who asked, as an actor: the file holds what he may see.
    pub(super) actor: Actor,
    pub(super) zone: Zone,
    pub(super) sought: Sought,
}

impl Task<'_> {
    /// The next stretch.
    pub(super) async fn go_on(&self) -> Result<Step, DbError> {
        let work = match Work::of(self.export)? {
            Some(work) => work,
            None => match self.begin().await? {
                Some(work) => work,
                None => return Ok(Step::Wait),
            },
        };
        match work.stage {
            Stage::Counting => self.count(work).await,
            Stage::Writing => self.write(work).await,
            Stage::Written => Ok(Step::Done(Box::new(work))),
        }
    }

    /// Begins under the first checkpoint that covers all that was traced before the asking.
    async fn begin(&self) -> Result<Option<Work>, DbError> {
        let Some(signed) = self.app.db().checkpoint_since(self.export.asked_at).await? else {
            return Ok(None);
        };
        Ok(Some(Work {
            log: signed.log,
            size: signed.size,
            note: signed.note,
            today: self.zone.day(self.app.now()),
            stage: Stage::Counting,
            at_log: FIRST_LOG,
            at_rank: 0,
            found: 0,
            held: 0,
            earliest: None,
            written: 0,
            notice: Vec::new(),
            packed: Packed::default(),
        }))
    }

    async fn count(&self, mut work: Work) -> Result<Step, DbError> {
        let (seeking, mut known) = (self.seeking(&work), None);
        let mut reader = self.app.read(&self.actor).await?;
        for _ in 0..STEPS {
            let Some(span) = self.next_span(&mut work, &mut known).await? else {
                work.stage = Stage::Writing;
                (work.at_log, work.at_rank) = (FIRST_LOG, 0);
                break;
            };
            if let Some(count) = seeking.count(&mut reader, span).await? {
                work.found += count.traces.unsigned_abs();
                work.held += count.held.unsigned_abs();
                work.earliest = work.earliest.into_iter().chain(count.earliest).min();
            }
            work.at_rank = span.to;
        }
        if work.found > self.export.format.most() {
            return Ok(Step::Failed(Failure::TooManyTraces));
        }
        Ok(Step::On(Box::new(work), Vec::new()))
    }

    async fn write(&self, mut work: Work) -> Result<Step, DbError> {
        let begins = self.export.pieces == 0;
        if begins {
            (work.at_log, work.at_rank) = (FIRST_LOG, 0);
        } else if work.notice.is_empty() && self.export.format == Format::Workbook {
            // Begun by a program that did not keep it yet.
            work.notice = Notice::of(self.asker, self.export, &self.zone, &work).lines();
        }
        let (mut out, mut stretch) = if begins { self.head(&mut work).await? } else { Default::default() };
        let over = match self.export.format {
            Format::Proof => self.write_logs(&mut work, &mut stretch).await?,
            Format::Csv | Format::Workbook => self.write_rows(&mut work, &mut stretch).await?,
        };
        if over {
            work.stage = Stage::Written;
        }
        if self.export.format == Format::Workbook {
            out.extend(work.packed.add(&stretch));
            if over {
                out.extend(work.packed.close(&work.notice, work.written));
            }
        } else {
            out.extend_from_slice(stretch.as_bytes());
        }
        let bytes = i64::try_from(out.len()).unwrap_or(i64::MAX);
        if self.export.bytes.saturating_add(bytes) > MOST_BYTES || work.packed.is_too_long() {
            return Ok(Step::Failed(Failure::TooLong));
        }
        // Traces went while the file was written: it would not hold what its head says.
        if over && work.written != work.found {
            return Ok(Step::Failed(Failure::Interrupted));
        }
        Ok(Step::On(Box::new(work), out))
    }

    /// What stands before the first trace: as it is in the file, and what is yet to be packed.
    async fn head(&self, work: &mut Work) -> Result<(Vec<u8>, String), DbError> {
        let notice = Notice::of(self.asker, self.export, &self.zone, work);
        Ok(match self.export.format {
            Format::Csv => (Vec::new(), csv::head(&notice.lines())),
            Format::Workbook => {
                work.notice = notice.lines();
                (workbook::front(&work.notice), workbook::opening())
            }
            Format::Proof => {
                work.notice = vec![notice.made_for(), notice.search(), notice.keep_until().to_string()];
                let logs = self.logs(work).await?;
                (
                    Vec::new(),
                    logs.first().map(|first| first_line(work, first, logs.len())).unwrap_or_default(),
                )
            }
        })
    }

    /// The logs that a proof tells, each under its last checkpoint: the open one under that of the preparation.
    async fn logs(&self, work: &Work) -> Result<Vec<Signed>, DbError> {
        let mut logs = self.app.db().last_checkpoints().await?;
        logs.retain(|signed| signed.log <= work.log);
        if let Some(open) = logs.last_mut() {
            (open.size, open.note) = (work.size, work.note.clone());
        }
        Ok(logs)
    }

    /// Lines or rows of the next traces; whether they are all written.
    async fn write_rows(&self, work: &mut Work, stretch: &mut String) -> Result<bool, DbError> {
        let (seeking, mut known) = (self.seeking(work), None);
        let mut reader = self.app.read(&self.actor).await?;
        let roles = roles(&mut reader).await?;
        let eyes = Eyes::of(&self.actor, &self.app.kit().keys, &self.zone);
        for _ in 0..STEPS {
            if stretch.len() >= PIECE {
                return Ok(false);
            }
            let Some(span) = self.next_span(work, &mut known).await? else { return Ok(true) };
            for row in seeking.rows(&mut reader, span).await? {
                work.written += 1;
                let cells = cells(&row, eyes, &roles);
                stretch.push_str(&match self.export.format {
                    Format::Workbook => workbook::row(work.written, &cells),
                    Format::Csv | Format::Proof => csv::row(&cells),
                });
            }
            work.at_rank = span.to;
        }
        Ok(false)
    }

    /// The next lines of the logs, of which the traces sought are whole; whether they are all written.
    async fn write_logs(&self, work: &mut Work, stretch: &mut String) -> Result<bool, DbError> {
        let (seeking, logs, mut known) = (self.seeking(work), self.logs(work).await?, None);
        let period = self.sought.period();
        let wanted = Wanted {
            organism: self.export.organism_id,
            from: self.zone.start_of(period.from),
            to: self.zone.start_of(period.to.plus_days(1)),
        };
        for _ in 0..STEPS {
            if stretch.len() >= PIECE {
                return Ok(false);
            }
            let log = work.at_log;
            let mut rest = logs.iter().skip_while(|signed| signed.log < log);
            let Some(signed) = rest.next() else { return Ok(true) };
            work.at_log = signed.log;
            if work.at_rank >= signed.size {
                stretch.push_str(&end(signed.size.unsigned_abs()));
                let Some(next) = rest.next() else { return Ok(true) };
                (work.at_log, work.at_rank) = (next.log, 0);
                stretch.push_str(&first_line(work, next, logs.len()));
                continue;
            }
            let extent = self.known_extent(work, &mut known).await?;
            let span = Span { log: work.at_log, from: work.at_rank, to: work.at_rank + STEP };
            let ranks: BTreeSet<i64> = if span.to <= extent.first || span.from >= extent.end {
                BTreeSet::new()
            } else {
                let mut reader = self.app.read(&self.actor).await?;
                seeking.rows(&mut reader, span).await?.iter().map(|row: &Row| row.rank).collect()
            };
            let bounds = (extent.first, signed.size);
            let lines = self.app.db().lines(work.at_log, work.at_rank, bounds, wanted, Some(&ranks)).await?;
            stretch.push_str(&lines.text);
            work.written += lines.whole;
            work.at_rank = lines.next;
        }
        Ok(false)
    }

    fn seeking(&self, work: &Work) -> Seeking<'_> {
        Seeking { sought: &self.sought, zone: &self.zone, today: work.today }
    }

    /// Where the period stands in the log that is read now, as far as its checkpoint covers it. Lines may come of what none
    /// covers, in a log that was left behind; a proof cannot.
    async fn extent(&self, work: &Work) -> Result<Extent, DbError> {
        let period = self.sought.period();
        let (from, to) = (self.zone.start_of(period.from), self.zone.start_of(period.to.plus_days(1)));
        let extent = self.app.db().extent(work.at_log, from, to).await?;
        let end = if work.at_log == work.log {
            work.size
        } else if self.export.format == Format::Proof {
            let logs = self.logs(work).await?;
            logs.iter().find(|signed| signed.log == work.at_log).map_or(0, |signed| signed.size)
        } else {
            extent.end
        };
        Ok(Extent { end: extent.end.min(end), ..extent })
    }

    /// The same, asked once a log.
    async fn known_extent(&self, work: &Work, known: &mut Option<(i32, Extent)>) -> Result<Extent, DbError> {
        let extent = match *known {
            Some((log, extent)) if log == work.at_log => extent,
            _ => self.extent(work).await?,
        };
        *known = Some((work.at_log, extent));
        Ok(extent)
    }

    /// The next leaves, of this log or of one after it; nothing after the last. What is `known` of a log is not asked
    /// again.
    async fn next_span(
        &self,
        work: &mut Work,
        known: &mut Option<(i32, Extent)>,
    ) -> Result<Option<Span>, DbError> {
        loop {
            let extent = self.known_extent(work, known).await?;
            let from = work.at_rank.max(extent.first);
            if from < extent.end {
                return Ok(Some(Span { log: work.at_log, from, to: extent.end.min(from + STEP) }));
            }
            if work.at_log >= work.log {
                return Ok(None);
            }
            (work.at_log, work.at_rank) = (work.at_log + 1, 0);
        }
    }
}

/// The first line of a log: what the file says of itself, under the checkpoint of that one.
fn first_line(work: &Work, signed: &Signed, logs: usize) -> String {
    let told = |at: usize| work.notice.get(at).cloned().unwrap_or_default();
    preamble(&Preamble {
        checkpoint: signed.note.clone(),
        made_for: told(0),
        search: told(1),
        keep_until: told(2),
        how_to_verify: HOW_TO_VERIFY.to_owned(),
        logs: (logs > 1).then_some(logs),
    })
}

async fn roles(reader: &mut Reader) -> Result<Roles, DbError> {
    let mut roles = Roles::new();
    for (service, code, id, name) in store::roles(reader).await? {
        roles.insert((service.clone(), code), name.clone());
        roles.insert((service, id.to_string()), name);
    }
    Ok(roles)
}
