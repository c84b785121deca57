//! One file opened again and again within seven days. Reading its page again is not opening it again.

use std::collections::BTreeMap;

use super::{Given, Rule, Setting, Sight, Signal, Thresholds, Use};

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let mut by_file: BTreeMap<&[u8], Vec<&Use>> = BTreeMap::new();
    for one in sight.unjudged(Rule::SameFile).filter(|one| one.given == Given::Opened) {
        by_file.entry(&one.file).or_default().push(one);
    }
    let today = |uses: &Vec<&Use>| uses.iter().any(|one| one.day == sight.today);
    let most = by_file.into_values().filter(today).max_by_key(Vec::len)?;
    Signal::of(Rule::SameFile, &most, thresholds.get(Setting::FileTimes))
}
