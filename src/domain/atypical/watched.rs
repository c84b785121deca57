//! Every look-up of somebody under surveillance: no threshold, since somebody decided to look.

use super::{Rule, Sight, Signal, Thresholds};

pub(super) fn look(sight: &Sight<'_>, _: &Thresholds) -> Option<Signal> {
    if !sight.watched {
        return None;
    }
    Signal::of(Rule::Watched, &sight.of_the_day(Rule::Watched), 1)
}
