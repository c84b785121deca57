//! How long a mail that could not be handed over waits before it is tried again, and when it is left to people.

use time::Duration;

/// The wait after each attempt: short while a server restarts, long once somebody must mend something.
const WAITS: [Duration; 8] = [
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(15),
    Duration::hours(1),
    Duration::hours(3),
    Duration::hours(6),
    Duration::hours(12),
    Duration::hours(24),
];

/// How long to wait after that many attempts; nothing when another one would be vain.
pub fn wait_after(attempts: u32) -> Option<Duration> {
    let at = usize::try_from(attempts.checked_sub(1)?).ok()?;
    WAITS.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_and_two_days_pass_before_giving_up() {
        let waits: Vec<Duration> = (1..).map_while(wait_after).collect();
        assert!(waits.is_sorted_by(|one, next| one < next));
        assert!(waits.iter().copied().sum::<Duration>() > Duration::hours(40));
        assert_eq!(wait_after(0), None);
        assert_eq!(wait_after(9), None);
    }
}
