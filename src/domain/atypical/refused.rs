//! Numbers refused one after the other within ten minutes, whether nobody has them or they lie elsewhere: somebody tries.
//! A series goes on as long as it does so at that pace; another, later that day, is a signal of its own.

use std::ops::Range;

use time::Duration;
use uuid::Uuid;

use super::{Given, Rule, Setting, Sight, Signal, Thresholds, Use, count};
use crate::domain::id::{RowId as _, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace::instant_of;

const MINUTES: Duration = Duration::minutes(10);

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Vec<Signal> {
    let times = thresholds.get(Setting::RefusedTimes);
    let judged = judged(sight);
    let is_judged = |one: &Use| judged.iter().any(|(first, last)| (*first..=*last).contains(&one.at));
    let refused: Vec<&Use> = sight
        .uses
        .iter()
        .filter(|one| one.day == sight.today && one.given == Given::Refused && !is_judged(one))
        .collect();
    let told = |(series, most): (Range<usize>, u32)| {
        let uses = refused.get(series)?;
        let first = uses.first()?.trace.as_uuid();
        Some(Signal::told(Rule::Refused, most, times, uses)?.about(first.as_bytes()))
    };
    series(&refused, times).into_iter().filter_map(told).collect()
}

/// From when to when series were judged. The id of its first trace says when a series began, though that trace may be too
/// old to be among these look-ups.
fn judged(sight: &Sight<'_>) -> Vec<(Timestamp, Timestamp)> {
    let begun = |about: &[u8]| instant_of(TraceId::from_uuid(Uuid::from_slice(about).ok()?));
    let series = sight.judged.iter().filter(|((rule, _), _)| *rule == Rule::Refused);
    series.filter_map(|((_, about), until)| Some((begun(about)?, *until))).collect()
}

/// Stretches of ten minutes that reach the threshold, those that overlap taken together; with each, the most that ten
/// minutes of it hold.
fn series(refused: &[&Use], times: u32) -> Vec<(Range<usize>, u32)> {
    let mut found: Vec<(Range<usize>, u32)> = Vec::new();
    if times == 0 {
        return found;
    }
    for (first, one) in refused.iter().enumerate() {
        let end = refused.partition_point(|other| other.at.since(one.at) <= MINUTES);
        let many = count(end - first);
        if many < times {
            continue;
        }
        match found.last_mut().filter(|(series, _)| first < series.end) {
            Some((series, most)) => (series.end, *most) = (end, many.max(*most)),
            None => found.push((first..end, many)),
        }
    }
    found
}
