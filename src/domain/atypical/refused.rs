//! Numbers refused one after the other within ten minutes, whether nobody has them or they lie elsewhere: somebody tries.

use time::Duration;

use super::{Given, Rule, Setting, Sight, Signal, Thresholds, Use};

const MINUTES: Duration = Duration::minutes(10);

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let mut refused: Vec<&Use> = sight.of_the_day(Rule::Refused);
    refused.retain(|one| one.given == Given::Refused);
    let mut series: &[&Use] = &[];
    for first in 0..refused.len() {
        let from = refused.get(first..).unwrap_or_default();
        let end =
            from.partition_point(|one| from.first().is_some_and(|first| one.at.since(first.at) <= MINUTES));
        if end > series.len() {
            series = from.get(..end).unwrap_or_default();
        }
    }
    Signal::of(Rule::Refused, series, thresholds.get(Setting::RefusedTimes))
}
