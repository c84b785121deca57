//! A trace as a line of a list: what its body says, for who may read it.

use serde_json::Value;
use time::OffsetDateTime;

use super::walk::Row;
use crate::crypto::Keys;
use crate::domain::access::{Actor, Permission};
use crate::domain::day::{Day, Zone};
use crate::web::file_mark;
use crate::web::paths::{Trace, TraceFile};

/// Who reads, and how much of it.
#[derive(Clone, Copy)]
pub(super) struct Eyes<'a> {
    pub(super) keys: &'a Keys,
    pub(super) zone: &'a Zone,
    /// Somebody of a partner.
    pub(super) of_a_partner: bool,
    /// Whether he may learn which file it was.
    file_numbers: bool,
}

impl<'a> Eyes<'a> {
    /// Those of an actor.
    pub(super) fn of(actor: &Actor, keys: &'a Keys, zone: &'a Zone) -> Self {
        let file_numbers = actor.may(Permission::ReadFileNumbers);
        Self { keys, zone, of_a_partner: actor.partner().is_some(), file_numbers }
    }

    /// The number of the file that a body is about.
    pub(super) fn file_number(&self, body: &Value) -> Option<String> {
        let mark = body.pointer("/object/file").or_else(|| body.pointer("/object/searched"))?;
        let sealed = mark.get("sealed").and_then(Value::as_str)?;
        file_mark::read(self.keys, sealed).filter(|_| self.file_numbers)
    }

    /// Whether a look-up gave nothing to people whose own partner reads it: whether the number exists, and where its
    /// family lives, is not his to learn from a trace (001 art. 5.3.4 within design §3).
    pub(super) fn hides_why(&self, fact: &str, outcome: &str) -> bool {
        self.of_a_partner && fact == "file.looked_up" && outcome == "refused"
    }

    /// The code of the cause of a refusal.
    pub(super) fn cause(&self, fact: &str, outcome: &str, body: &Value) -> Option<String> {
        if self.hides_why(fact, outcome) {
            return Some("nothing_given".to_owned());
        }
        let cause = body.pointer("/object/cause").or_else(|| body.pointer("/object/result"));
        cause.and_then(Value::as_str).map(str::to_owned)
    }
}

/// A text of a body.
pub(super) fn text(body: &Value, path: &str) -> Option<String> {
    body.pointer(path).and_then(Value::as_str).map(str::to_owned)
}

/// The rubrics that a body names.
pub(super) fn rubrics(body: &Value) -> Vec<String> {
    let rubrics = body.pointer("/object/rubrics").and_then(Value::as_array);
    rubrics.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A line of a list.
pub(super) struct Line {
    /// Where the trace is read in full.
    pub(super) href: Trace,
    pub(super) at: OffsetDateTime,
    /// Code of the fact: the template has its words.
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) who: String,
    pub(super) identifier: String,
    pub(super) partner: Option<String>,
    pub(super) about: Option<String>,
    /// The group that it is about, or by which a role was held.
    pub(super) group: Option<String>,
    /// The number of the file.
    pub(super) file: Option<String>,
    /// Where all that was done with it is read.
    pub(super) of_file: Option<TraceFile>,
    pub(super) mission: Option<String>,
    pub(super) rubrics: Vec<String>,
    /// Code of the cause of a refusal.
    pub(super) cause: Option<String>,
    pub(super) route: Option<String>,
    pub(super) source: Option<String>,
    pub(super) again: bool,
    /// The one from which the list was asked for.
    pub(super) current: bool,
}

impl Line {
    /// Reads a row.
    pub(super) fn read(row: &Row, eyes: Eyes<'_>) -> Self {
        let body: Value = serde_json::from_str(&row.body).unwrap_or(Value::Null);
        Self {
            href: Trace { trace: row.id },
            at: eyes.zone.local(row.at),
            fact: row.fact.clone(),
            outcome: row.outcome.clone(),
            who: text(&body, "/actor/name").or_else(|| text(&body, "/actor/job")).unwrap_or_default(),
            identifier: text(&body, "/actor/identifier").unwrap_or_default(),
            partner: row.partner_name.clone().filter(|_| !eyes.of_a_partner),
            about: row.subject_name.clone(),
            group: text(&body, "/object/group/name"),
            of_file: body.pointer("/object/file").map(|_| TraceFile { trace: row.id }),
            file: eyes.file_number(&body),
            mission: text(&body, "/object/mission"),
            rubrics: rubrics(&body),
            cause: eyes.cause(&row.fact, &row.outcome, &body),
            route: text(&body, "/object/route"),
            source: text(&body, "/origin/source"),
            again: body.pointer("/object/again").and_then(Value::as_bool).unwrap_or(false),
            current: false,
        }
    }
}

/// Lines, day by day, in the order of the rows.
pub(super) fn by_day(rows: &[Row], eyes: Eyes<'_>) -> Vec<(Day, Vec<Line>)> {
    let mut days: Vec<(Day, Vec<Line>)> = Vec::new();
    for row in rows {
        let (day, line) = (eyes.zone.day(row.at), Line::read(row, eyes));
        match days.last_mut() {
            Some((last, lines)) if *last == day => lines.push(line),
            _ => days.push((day, vec![line])),
        }
    }
    days
}
