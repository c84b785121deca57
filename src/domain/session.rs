//! How long a session lives.

use super::time::Timestamp;

/// Whether a session still lives: 30 minutes since the last entry, 12 hours in all (004 art. 7).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SessionState {
    /// It lives, and would end at that instant without another entry.
    Alive {
        /// When it ends.
        ends_at: Timestamp,
    },
    /// More than thirty minutes passed without entry.
    Idle,
    /// Twelve hours passed since signing in.
    TooOld,
}

/// Thirty minutes without entry are allowed; beyond, the session ends.
pub const IDLE_LIMIT: time::Duration = time::Duration::minutes(30);
/// What was typed and not sent is kept so long for its author, then erased.
pub const KEPT_FORM_LIMIT: time::Duration = time::Duration::hours(24);
/// No session lives longer, whatever is typed.
pub const SESSION_LIMIT: time::Duration = time::Duration::hours(12);

/// The state of a session opened at `opened_at` whose last entry was at `last_entry`.
pub fn session_state(opened_at: Timestamp, last_entry: Timestamp, now: Timestamp) -> SessionState {
    let end = opened_at.plus(SESSION_LIMIT);
    if now > end {
        SessionState::TooOld
    } else if now > last_entry.plus(IDLE_LIMIT) {
        SessionState::Idle
    } else {
        SessionState::Alive { ends_at: last_entry.plus(IDLE_LIMIT).min(end) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_session_never_outlives_its_two_limits(idle in 0..100_000_i64, age in 0..100_000_i64) {
            let now = Timestamp::new(time::macros::datetime!(2026-11-21 12:00 UTC));
            let opened = now.minus(time::Duration::seconds(age.max(idle)));
            let state = session_state(opened, now.minus(time::Duration::seconds(idle)), now);
            let alive = matches!(state, SessionState::Alive { .. });
            prop_assert_eq!(alive, idle <= 30 * 60 && age.max(idle) <= 12 * 3600);
        }
    }

    #[test]
    fn thirty_minutes_are_allowed_and_not_a_microsecond_more() {
        let opened = Timestamp::new(time::macros::datetime!(2026-11-21 12:00 UTC));
        let at = |span| session_state(opened, opened, opened.plus(span));
        assert!(matches!(at(IDLE_LIMIT), SessionState::Alive { .. }));
        assert_eq!(at(IDLE_LIMIT + time::Duration::microseconds(1)), SessionState::Idle);
    }
}
