//! What a file says of itself: who made it, why, what it holds, until when it may be kept, and how to check it.

use askama::Template;

use super::store::{Asker, Export};
use super::writing::Work;
use crate::domain::day::{Day, Zone};
use crate::domain::trace_export::{Format, keep_until};
use crate::web::filters;

/// The words of the file, one line a thing.
#[derive(Template)]
#[template(path = "traces/export/notice.txt")]
pub(super) struct Notice<'a> {
    asker: &'a Asker,
    export: &'a Export,
    zone: &'a Zone,
    /// The reason, on one line.
    reason: String,
    asked_on: time::OffsetDateTime,
    traces: u64,
    held: u64,
    keep_until: Day,
    checkpoint: &'a str,
}

impl<'a> Notice<'a> {
    /// The notice of a file whose traces were counted.
    pub(super) fn of(asker: &'a Asker, export: &'a Export, zone: &'a Zone, work: &'a Work) -> Self {
        Self {
            asker,
            export,
            zone,
            reason: export.reason.split_whitespace().collect::<Vec<_>>().join(" "),
            asked_on: zone.local(export.asked_at),
            traces: work.found,
            held: work.held,
            keep_until: keep_until(work.earliest, work.today),
            checkpoint: work.note.trim_end(),
        }
    }

    /// Its lines.
    pub(super) fn lines(&self) -> Vec<String> {
        // A template fails on a broken writer only, and a text is none.
        self.render().unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// For whom it was made, in one line.
    pub(super) fn made_for(&self) -> String {
        let of = self.asker.partner.as_ref().unwrap_or(&self.asker.organism);
        format!("{}, {}, {of}", self.asker.name, self.asker.identifier)
    }

    /// What was asked and why, in one line.
    pub(super) fn search(&self) -> String {
        let Export { from_day, to_day, words, .. } = self.export;
        format!("du {from_day} au {to_day} ; {words} ; motif : {}", self.reason)
    }

    /// The day until which it may be kept.
    pub(super) fn keep_until(&self) -> Day {
        self.keep_until
    }
}
