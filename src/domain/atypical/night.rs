//! Look-ups at night, on a Sunday, or on a public holiday.

use time::Weekday;

use super::{Rule, Setting, Sight, Signal, Thresholds, Use};
use crate::domain::day::Day;
use crate::domain::holidays::is_holiday;

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let late: Vec<&Use> =
        sight.of_the_day(Rule::Night).into_iter().filter(|one| is_closed(one, thresholds)).collect();
    Signal::of(Rule::Night, &late, thresholds.get(Setting::NightUses))
}

fn is_closed(one: &Use, thresholds: &Thresholds) -> bool {
    let hour = u32::from(one.hour);
    let day_off = thresholds.get(Setting::Sundays) == 1 && is_day_off(one.day);
    day_off || hour >= thresholds.get(Setting::NightFrom) || hour < thresholds.get(Setting::NightTo)
}

fn is_day_off(day: Day) -> bool {
    day.date().weekday() == Weekday::Sunday || is_holiday(day)
}
