//! Look-ups from a network that neither the person nor a colleague had used. Whoever has just begun has no usual network;
//! where the partner's people are expected is new to nobody.

use super::{Rule, Setting, Sight, Signal, Thresholds, Use, count};

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let days = thresholds.get(Setting::SourceDays);
    let known = count(sight.habits.days.len());
    if days == 0 || known < days {
        return None;
    }
    let is_new = |one: &&Use| {
        let unknown = one.network.as_ref().is_some_and(|network| !sight.habits.networks.contains(network));
        unknown && one.outside != Some(false)
    };
    let uses: Vec<&Use> = sight.of_the_day(Rule::NewSource).into_iter().filter(is_new).collect();
    let mut signal = Signal::told(Rule::NewSource, count(uses.len()), 1, &uses)?;
    signal.usual = Some(known);
    Some(signal)
}
