//! Files of communes where the person had never opened any, once he has opened enough for that to mean something.

use std::collections::BTreeSet;

use super::{Given, Rule, Setting, Sight, Signal, Thresholds, Use, count};

/// Look-ups below which no commune is usual yet.
const KNOWN: u32 = 30;

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let threshold = thresholds.get(Setting::PlaceFiles);
    let known: u32 = sight.habits.days.iter().map(|(_, uses)| *uses).sum();
    if threshold == 0 || known < KNOWN || sight.habits.communes.is_empty() {
        return None;
    }
    let is_new = |one: &&Use| {
        one.given == Given::Opened
            && one.commune.as_ref().is_some_and(|commune| !sight.habits.communes.contains(commune))
    };
    let uses: Vec<&Use> = sight.of_the_day(Rule::Place).into_iter().filter(is_new).collect();
    let files: BTreeSet<&[u8]> = uses.iter().map(|one| one.file.as_slice()).collect();
    let figure = count(files.len());
    if figure < threshold {
        return None;
    }
    let mut signal = Signal::told(Rule::Place, figure, threshold, &uses)?;
    signal.usual = Some(count(sight.habits.communes.len()));
    Some(signal)
}
