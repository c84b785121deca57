//! An account that wakes: look-ups after a long silence.

use super::{Rule, Setting, Sight, Signal, Thresholds, Use, count};

/// Look-ups below which a day after a silence is not a return.
const RETURN: u32 = 3;

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let days = thresholds.get(Setting::DormantDays);
    let (last, _) = sight.habits.days.last()?;
    let silent = u32::try_from(sight.today.days_since(*last)).unwrap_or(0);
    let uses: Vec<&Use> = sight.of_the_day(Rule::Dormant);
    if days == 0 || silent < days || count(uses.len()) < RETURN {
        return None;
    }
    Signal::told(Rule::Dormant, silent, days, &uses)
}
