//! One file opened again and again within seven days: a signal for each such file. Reading its page again is not opening
//! it again.

use std::collections::BTreeMap;

use super::{Given, Rule, Setting, Sight, Signal, Thresholds, Use};

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Vec<Signal> {
    let times = thresholds.get(Setting::FileTimes);
    let mut by_file: BTreeMap<&[u8], Vec<&Use>> = BTreeMap::new();
    let opened = sight.uses.iter().filter(|one| one.given == Given::Opened);
    for one in opened.filter(|one| sight.is_unjudged(Rule::SameFile, &one.file, one)) {
        by_file.entry(&one.file).or_default().push(one);
    }
    let today = |uses: &[&Use]| uses.iter().any(|one| one.day == sight.today);
    by_file
        .into_iter()
        .filter(|(_, uses)| today(uses))
        .filter_map(|(file, uses)| Some(Signal::of(Rule::SameFile, &uses, times)?.about(file)))
        .collect()
}
