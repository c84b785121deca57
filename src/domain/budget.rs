//! A bucket that fills at a steady pace (GCRA): how much may come at once, and how fast it comes back.

use time::Duration;

use super::time::Timestamp;

/// How much may flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flow {
    /// So many at once.
    pub at_once: i32,
    /// Then one each time this has passed.
    pub pace: Duration,
}

impl Flow {
    /// So many in a minute, all at once if need be.
    pub fn a_minute(count: u32) -> Self {
        let count = count.max(1);
        Self { at_once: i32::try_from(count).unwrap_or(i32::MAX), pace: Duration::MINUTE / count }
    }
}

/// What may still come. One instant is its whole state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bucket {
    /// When it will be full again.
    full_at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn full(now: Timestamp) -> Self {
        Self { full_at: now }
    }

    /// Takes one, or says how long to wait for the next one.
    pub fn take(self, flow: Flow, now: Timestamp) -> Result<Self, Duration> {
        let capacity = flow.pace * flow.at_once;
        // Nothing is emptier than empty: a clock set back keeps nobody out for longer.
        let full_at = self.full_at.max(now).min(now.plus(capacity)).plus(flow.pace);
        let excess = full_at.since(now) - capacity;
        if excess.is_positive() { Err(excess) } else { Ok(Self { full_at }) }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const FLOW: Flow = Flow { at_once: 30, pace: Duration::seconds(2) };

    fn start() -> Timestamp {
        Timestamp::new(datetime!(2026-11-23 08:00 UTC))
    }

    fn emptied(flow: Flow) -> Bucket {
        let mut bucket = Bucket::full(start());
        for nth in 0..flow.at_once {
            bucket = bucket.take(flow, start()).unwrap_or_else(|wait| panic!("{nth} waits {wait}"));
        }
        bucket
    }

    #[test]
    fn thirty_come_at_once_then_one_each_two_seconds() {
        let bucket = emptied(FLOW);
        assert_eq!(bucket.take(FLOW, start()), Err(Duration::seconds(2)));
        let later = start().plus(Duration::seconds(2));
        let next = bucket.take(FLOW, later).unwrap_or_else(|wait| panic!("waits {wait}"));
        assert_eq!(next.take(FLOW, later), Err(Duration::seconds(2)));
    }

    proptest! {
        /// Over any span, no more come than all at once plus one each pace.
        #[test]
        fn the_pace_is_kept(pauses in prop::collection::vec(0_i64..4_000, 1..400)) {
            let (mut now, mut bucket, mut heard) = (start(), Bucket::full(start()), 0_i64);
            for pause in pauses {
                now = now.plus(Duration::milliseconds(pause));
                match bucket.take(FLOW, now) {
                    Ok(next) => {
                        bucket = next;
                        heard += 1;
                    }
                    Err(wait) => prop_assert!(wait.is_positive() && wait <= FLOW.pace),
                }
                prop_assert!(heard <= 30 + now.since(start()).whole_seconds() / 2);
            }
        }
    }

    #[test]
    fn a_clock_set_back_keeps_nobody_out_for_longer() {
        assert_eq!(emptied(FLOW).take(FLOW, start().minus(Duration::days(1))), Err(FLOW.pace));
    }

    #[test]
    fn so_many_a_minute_come_back_in_a_minute() {
        let flow = Flow::a_minute(240);
        assert_eq!(emptied(flow).take(flow, start()), Err(Duration::milliseconds(250)));
        assert_eq!(Flow::a_minute(0).at_once, 1);
    }
}
