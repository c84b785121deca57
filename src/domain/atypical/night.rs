//! Look-ups at night, on a Sunday, or on a public holiday.

use super::{Rule, Setting, Sight, Signal, Thresholds, Use};
use crate::domain::holidays::day_off;

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let late: Vec<&Use> =
        sight.of_the_day(Rule::Night).into_iter().filter(|one| is_closed(one, thresholds)).collect();
    Signal::of(Rule::Night, &late, thresholds.get(Setting::NightUses))
}

fn is_closed(one: &Use, thresholds: &Thresholds) -> bool {
    let hour = u32::from(one.hour);
    let off = thresholds.get(Setting::Sundays) == 1 && day_off(one.day).is_some();
    off || hour >= thresholds.get(Setting::NightFrom) || hour < thresholds.get(Setting::NightTo)
}
