//! Look-ups from outside of every range of addresses that the organism declared for the partner. Where none is declared,
//! no address is foreign.

use super::{Rule, Setting, Sight, Signal, Thresholds, Use};

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let mut uses: Vec<&Use> = sight.of_the_day(Rule::Foreign);
    uses.retain(|one| one.outside == Some(true));
    Signal::of(Rule::Foreign, &uses, thresholds.get(Setting::ForeignUses))
}
