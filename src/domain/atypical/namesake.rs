//! Files of families where somebody bears the person's surname: relatives sometimes, strangers more often.

use super::{Given, Rule, Setting, Sight, Signal, Thresholds, Use};
use crate::domain::text;

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let mut uses: Vec<&Use> = sight.of_the_day(Rule::Namesake);
    uses.retain(|one| one.given == Given::Opened && one.namesake);
    Signal::of(Rule::Namesake, &uses, thresholds.get(Setting::NamesakeFiles))
}

/// Words of surnames that are no surname by themselves.
const PARTICLES: [&str; 13] =
    ["de", "du", "des", "la", "le", "les", "van", "von", "der", "den", "del", "ben", "saint"];

/// Whether two surnames have a name in common, however they are written: «MARTIN-DURIEZ» and «Duriez» do.
pub fn same_surname(one: &str, other: &str) -> bool {
    let (one, other) = (text::words(one), text::words(other));
    let names = |word: &&String| word.chars().count() > 1 && !PARTICLES.contains(&word.as_str());
    one.iter().filter(names).any(|word| other.contains(word))
}
