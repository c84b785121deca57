//! Time, ids and randomness: the only module that asks the machine for them.
//!
//! Everything else receives a [`Clock`] and an [`Entropy`], so that tests choose the instant and replay the ids.

use std::sync::{Arc, Mutex, PoisonError};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use time::OffsetDateTime;
use uuid::{Builder, Uuid};

use crate::domain::id::RowId;
use crate::domain::time::Timestamp;

/// Where the present instant comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's.
    Machine,
    /// One that only moves when it is told to: for tests and generated years.
    Hand(Arc<Mutex<Timestamp>>),
}

impl Clock {
    /// A clock that stays at `start` until it is moved.
    pub fn by_hand(start: Timestamp) -> Self {
        Self::Hand(Arc::new(Mutex::new(start)))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::Machine => machine_now(),
            Self::Hand(instant) => *instant.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a clock held by hand; the machine's does not move.
    pub fn advance(&self, span: time::Duration) {
        if let Self::Hand(instant) = self {
            let mut instant = instant.lock().unwrap_or_else(PoisonError::into_inner);
            *instant = instant.plus(span);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn machine_now() -> Timestamp {
    Timestamp::new(OffsetDateTime::now_utc())
}

/// A cryptographic source of randomness, seeded once: by the machine in service, by a number in tests.
#[derive(Clone)]
pub struct Entropy(Arc<Mutex<Source>>);

struct Source {
    chance: ChaCha20Rng,
    /// The millisecond of the last id, and its random part: ids of one millisecond follow one another.
    last: Option<(u64, [u8; 10])>,
}

/// Letters and figures of printed identifiers and secrets: no O, 0, I, 1.
const PRINTED: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl Entropy {
    /// Seeded by the machine.
    #[expect(clippy::disallowed_methods, reason = "the one place that draws from the machine")]
    pub fn of_the_machine() -> Self {
        Self::from(rand::make_rng())
    }

    /// Seeded by a number, to replay.
    pub fn seeded(seed: u64) -> Self {
        Self::from(ChaCha20Rng::seed_from_u64(seed))
    }

    fn from(chance: ChaCha20Rng) -> Self {
        Self(Arc::new(Mutex::new(Source { chance, last: None })))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().unwrap_or_else(PoisonError::into_inner).chance.fill_bytes(&mut bytes);
        bytes
    }

    /// A new id that sorts by time, and after those made here before it in the same millisecond: traces of one
    /// instant are read in the order in which they were written.
    pub fn id<I: RowId>(&self, now: Timestamp) -> I {
        let millis = u64::try_from(now.micros() / 1_000).unwrap_or(0);
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let random = match source.last {
            Some((last, random)) if last == millis => following(random),
            _ => {
                let mut random = [0; 10];
                source.chance.fill_bytes(&mut random);
                random
            }
        };
        source.last = Some((millis, random));
        I::from_uuid(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// A new id that tells nothing, not even when it was made: for numbers that people see in addresses.
    pub fn opaque_id<I: RowId>(&self) -> I {
        I::from_uuid(Uuid::from_bytes(Builder::from_random_bytes(self.bytes()).into_uuid().into_bytes()))
    }

    /// `length` characters of the printed alphabet, 5 bits each.
    pub fn printed(&self, length: usize) -> String {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (0..length)
            .filter_map(|_| PRINTED.get(usize::try_from(source.chance.next_u32() & 31).unwrap_or(0)))
            .map(|byte| char::from(*byte))
            .collect()
    }
}

/// One more in the last seven bytes: the first three hold the bits that an id's version overwrites.
fn following(mut random: [u8; 10]) -> [u8; 10] {
    for byte in random.iter_mut().skip(3).rev() {
        let (next, carried) = byte.overflowing_add(1);
        *byte = next;
        if !carried {
            break;
        }
    }
    random
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entropy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::TraceId;

    #[test]
    fn ids_of_one_instant_follow_one_another() {
        let (entropy, now) =
            (Entropy::seeded(1), Timestamp::new(time::macros::datetime!(2026-11-23 08:30 UTC)));
        let ids: Vec<TraceId> = (0..1_000).map(|_| entropy.id(now)).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
    }
}
