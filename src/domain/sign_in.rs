//! How often one may try to sign in: the budget of an identifier, which the database keeps, and that of a source,
//! which each node keeps in memory. Nothing here knows whether an account exists: the answer is the same.

use time::Duration;

use super::budget::Flow;
use super::time::Timestamp;

/// So many failures in a row cost nothing: a forgotten capital letter, the password of before.
const FREE_FAILURES: u32 = 5;
/// The wait after the last free failure; each further one doubles it.
const FIRST_WAIT: Duration = Duration::seconds(60);
/// The longest wait: nobody is ever locked out, and guessing at this pace takes centuries.
const LONGEST_WAIT: Duration = Duration::hours(2);
/// Failures of one day beyond which every further one costs the longest wait, even after a success between them.
const FAILURES_A_DAY: u32 = 25;
const DAY: Duration = Duration::hours(24);

/// What is known of the last attempts on one identifier. An identifier without a row is [`IdentifierBudget::fresh`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IdentifierBudget {
    /// Failures since the last success, or since a whole day without an attempt.
    pub failures: u32,
    /// Failures since the day began.
    pub day_failures: u32,
    /// When the day that is counted began: at its first failure, not at midnight.
    pub day_began_at: Timestamp,
    /// Before that instant nobody is heard.
    pub blocked_until: Timestamp,
}

/// Whether an attempt is heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attempt {
    /// It is, and counts as a failure from now on: this is written **before** the password is verified, so that a
    /// hundred attempts at once are not all heard. A success then takes it back ([`IdentifierBudget::succeeded`]).
    Heard(IdentifierBudget),
    /// It is not, whatever the password.
    Refused {
        /// When the next one will be.
        wait_until: Timestamp,
    },
}

impl IdentifierBudget {
    /// Nothing failed yet.
    pub fn fresh(now: Timestamp) -> Self {
        Self { failures: 0, day_failures: 0, day_began_at: now, blocked_until: now }
    }

    /// One more attempt.
    pub fn attempt(self, now: Timestamp) -> Attempt {
        // A clock set back must not keep anyone out for longer than the longest wait.
        if now < self.blocked_until && self.blocked_until.since(now) <= LONGEST_WAIT {
            return Attempt::Refused { wait_until: self.blocked_until };
        }
        let forgotten = now.since(self.blocked_until) >= DAY;
        let failures = if forgotten { 1 } else { self.failures.saturating_add(1) };
        let same_day = self.day_failures > 0 && (Duration::ZERO..DAY).contains(&now.since(self.day_began_at));
        let (day_failures, day_began_at) =
            if same_day { (self.day_failures.saturating_add(1), self.day_began_at) } else { (1, now) };
        let wait = if day_failures >= FAILURES_A_DAY { LONGEST_WAIT } else { wait_after(failures) };
        Attempt::Heard(Self { failures, day_failures, day_began_at, blocked_until: now.plus(wait) })
    }

    /// The attempt that was just counted succeeded. The other failures of the day remain counted.
    #[must_use]
    pub fn succeeded(self, now: Timestamp) -> Self {
        Self { failures: 0, day_failures: self.day_failures.saturating_sub(1), blocked_until: now, ..self }
    }
}

fn wait_after(failures: u32) -> Duration {
    match failures.checked_sub(FREE_FAILURES) {
        None => Duration::ZERO,
        Some(doublings) => {
            let factor = 2_i32.checked_pow(doublings).unwrap_or(i32::MAX);
            FIRST_WAIT.checked_mul(factor).map_or(LONGEST_WAIT, |wait| wait.min(LONGEST_WAIT))
        }
    }
}

/// What a source may try: a whole office arrives from one address on Monday morning, then comes one attempt each two
/// seconds.
pub const SOURCE: Flow = Flow { at_once: 30, pace: Duration::seconds(2) };

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    fn start() -> Timestamp {
        Timestamp::new(datetime!(2026-11-23 08:00 UTC))
    }

    fn heard(budget: IdentifierBudget, now: Timestamp) -> IdentifierBudget {
        match budget.attempt(now) {
            Attempt::Heard(next) => next,
            Attempt::Refused { wait_until } => panic!("refused until {wait_until:?}"),
        }
    }

    #[test]
    fn five_failures_are_free_then_the_wait_doubles() {
        let (mut now, mut budget) = (start(), IdentifierBudget::fresh(start()));
        let mut waits = Vec::new();
        for _ in 0..14 {
            budget = heard(budget, now);
            waits.push(budget.blocked_until.since(now).whole_seconds());
            if budget.blocked_until > now {
                let early = budget.blocked_until.minus(Duration::microseconds(1));
                assert_eq!(budget.attempt(early), Attempt::Refused { wait_until: budget.blocked_until });
            }
            now = budget.blocked_until;
        }
        assert_eq!(waits, [0, 0, 0, 0, 60, 120, 240, 480, 960, 1_920, 3_840, 7_200, 7_200, 7_200]);
    }

    #[test]
    fn a_success_or_a_quiet_day_forgets() {
        let mut budget = IdentifierBudget::fresh(start());
        for _ in 0..5 {
            budget = heard(budget, start());
        }
        let later = budget.blocked_until;
        let after = heard(budget, later).succeeded(later);
        assert_eq!((after.failures, after.day_failures, after.blocked_until), (0, 5, later));
        let quiet = heard(budget, later.plus(DAY));
        assert_eq!((quiet.failures, quiet.day_failures), (1, 1));
    }

    #[test]
    fn successes_between_do_not_buy_more_than_a_day_allows() {
        let (mut now, mut budget, mut failures) = (start(), IdentifierBudget::fresh(start()), 0);
        while now < start().plus(DAY) {
            match budget.attempt(now) {
                Attempt::Refused { wait_until } => now = wait_until,
                Attempt::Heard(next) if failures % 5 == 4 && next.failures == 5 => {
                    budget = next.succeeded(now);
                }
                Attempt::Heard(next) => (budget, failures) = (next, failures + 1),
            }
            now = now.plus(Duration::seconds(1));
        }
        assert!(failures <= 25 + 12, "{failures}");
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let mut budget = IdentifierBudget::fresh(start());
        for _ in 0..5 {
            budget = heard(budget, start());
        }
        heard(budget, start().minus(DAY));
    }

    proptest! {
        /// Whoever guesses without ever succeeding, at whatever pace, gets at most 25 failures in any 24 hours.
        #[test]
        fn guessing_is_slow(pauses in prop::collection::vec(0_i64..20_000, 60..120)) {
            let (mut now, mut budget) = (start(), IdentifierBudget::fresh(start()));
            let mut heard_at: Vec<Timestamp> = Vec::new();
            for pause in pauses {
                now = now.plus(Duration::seconds(pause));
                match budget.attempt(now) {
                    Attempt::Heard(next) => {
                        budget = next;
                        heard_at.push(now);
                    }
                    Attempt::Refused { wait_until } => {
                        prop_assert!(wait_until > now && wait_until.since(now) <= LONGEST_WAIT);
                        now = wait_until;
                    }
                }
                let today = heard_at.iter().filter(|at| now.since(**at) < DAY).count();
                prop_assert!(today <= 25, "{today} failures within 24 hours");
            }
        }
    }
}
