//! Chance that can be replayed.

use std::ops::RangeInclusive;

use rand::RngExt;
use rand::SeedableRng;
use rand::distr::uniform::SampleUniform;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use time::{Date, Duration};

/// The dice of one file: independent of how many files were made before.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, file: u64) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(file);
        Self(chance)
    }

    /// A number of this range; its least one when the range is empty.
    pub(super) fn among<T: SampleUniform + PartialOrd + Copy>(&mut self, range: RangeInclusive<T>) -> T {
        if range.is_empty() { *range.start() } else { self.0.random_range(range) }
    }

    /// True so many times out of a hundred.
    pub(super) fn percent(&mut self, times: u32) -> bool {
        self.among(0..=99) < times
    }

    /// One of these, unless there is none.
    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.choose(&mut self.0).copied()
    }

    /// One of these words.
    pub(super) fn word(&mut self, list: &[&'static str]) -> &'static str {
        self.pick(list).unwrap_or_default()
    }

    /// A day between two others, both included.
    pub(super) fn day(&mut self, from: Date, to: Date) -> Date {
        let days = self.among(0..=(to - from).whole_days());
        from.checked_add(Duration::days(days)).unwrap_or(from)
    }
}
