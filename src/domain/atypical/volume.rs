//! Far more look-ups in a day than the person and his peers usually make. The usual day is the median of the days with
//! look-ups among the last four weeks: a day that was exceptional before does not move it.

use super::{Rule, Setting, Sight, Signal, Thresholds, Use, count};
use crate::domain::day::Day;

/// Days of the past that make the usual day.
pub const LATELY: i64 = 28;
/// Days with look-ups below which nothing is usual yet.
const DAYS: usize = 5;
/// Peers below whom they say nothing.
const PEERS: usize = 3;

/// Whether what peers do is worth being looked for.
pub fn asks_for_peers(uses_of_the_day: usize, thresholds: &Thresholds) -> bool {
    let floor = thresholds.get(Setting::VolumeFloor);
    floor > 0 && count(uses_of_the_day) > floor
}

pub(super) fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Option<Signal> {
    let uses: Vec<&Use> = sight.of_the_day(Rule::Volume);
    if !asks_for_peers(uses.len(), thresholds) {
        return None;
    }
    let own = usual(sight);
    let peers = (sight.habits.peers.len() >= PEERS).then(|| usual_day(sight.habits.peers.clone())).flatten();
    let times = thresholds.get(Setting::VolumeTimes);
    let floor = thresholds.get(Setting::VolumeFloor);
    // Where neither says anything, the floor stands for both.
    let most = own.into_iter().chain(peers).max().unwrap_or(floor);
    let threshold = most.saturating_mul(times).max(floor);
    let figure = count(uses.len());
    if figure <= threshold {
        return None;
    }
    let mut signal = Signal::told(Rule::Volume, figure, threshold, &uses)?;
    (signal.usual, signal.peers) = (own, peers);
    Some(signal)
}

fn usual(sight: &Sight<'_>) -> Option<u32> {
    let lately = |day: Day| sight.today.days_since(day) <= LATELY;
    let days: Vec<u32> =
        sight.habits.days.iter().filter(|(day, _)| lately(*day)).map(|(_, uses)| *uses).collect();
    (days.len() >= DAYS).then(|| usual_day(days)).flatten()
}

/// The usual day among several: the middle one, the greater of two.
pub fn usual_day(mut counts: Vec<u32>) -> Option<u32> {
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied()
}
