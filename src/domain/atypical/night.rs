//! Look-ups at night, or on a Sunday.

use time::Weekday;

use super::{Rule, Setting, Sight, Signal, Thresholds, Use};

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let late: Vec<&Use> =
        sight.of_the_day(Rule::Night).into_iter().filter(|one| is_closed(one, thresholds)).collect();
    Signal::of(Rule::Night, &late, thresholds.get(Setting::NightUses))
}

fn is_closed(one: &Use, thresholds: &Thresholds) -> bool {
    let hour = u32::from(one.hour);
    let sunday = thresholds.get(Setting::Sundays) == 1 && one.day.date().weekday() == Weekday::Sunday;
    sunday || hour >= thresholds.get(Setting::NightFrom) || hour < thresholds.get(Setting::NightTo)
}
