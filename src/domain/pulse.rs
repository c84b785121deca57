//! The pulse of the log: it beats once a minute, so that its silence says something too.

use time::Duration;

use super::time::Timestamp;

/// Between two beats.
pub const BEAT: Duration = Duration::MINUTE;
/// A log that does not beat for longer is silent.
pub const SILENCE: Duration = Duration::minutes(3);

/// Codes of the facts that make a pulse.
const HEARD: &str = "log.beat";
const STOPPED: &str = "service.stopped";

/// A time when the log did not beat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Silence {
    /// The last beat before it.
    pub from: Timestamp,
    /// The first beat after it, or the present instant.
    pub until: Timestamp,
    /// Whether the portal said beforehand that it would stop.
    pub announced: bool,
}

/// The silence that goes from the last beat to `now`, if it is one. A stop explains it when it came no later than the
/// silence began to be one.
pub fn silence(last: Timestamp, now: Timestamp, stopped: Option<Timestamp>) -> Option<Silence> {
    let announced = stopped.is_some_and(|at| at >= last && at.since(last) <= SILENCE);
    (now.since(last) > SILENCE).then_some(Silence { from: last, until: now, announced })
}

/// Hears the pulse in the traces themselves, oldest first.
#[derive(Debug, Default)]
pub struct Listener {
    last: Option<Timestamp>,
    stopped: Option<Timestamp>,
    silences: Vec<Silence>,
}

impl Listener {
    /// A trace of that code, then.
    pub fn hear(&mut self, fact: &str, at: Timestamp) {
        match fact {
            HEARD => {
                self.silences.extend(self.last.and_then(|last| silence(last, at, self.stopped)));
                (self.last, self.stopped) = (Some(at), None);
            }
            STOPPED => self.stopped = Some(at),
            _ => {}
        }
    }

    /// Every silence, the one that may last until now included.
    pub fn end(mut self, now: Timestamp) -> Vec<Silence> {
        self.silences.extend(self.last.and_then(|last| silence(last, now, self.stopped)));
        self.silences
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::new(datetime!(2026-11-23 08:00 UTC)).plus(Duration::minutes(minute))
    }

    fn heard(traces: &[(&str, i64)], now: i64) -> Vec<(i64, i64, bool)> {
        let mut listener = Listener::default();
        for (fact, minute) in traces {
            listener.hear(fact, at(*minute));
        }
        let minutes = |instant: Timestamp| instant.since(at(0)).whole_minutes();
        listener.end(at(now)).iter().map(|s| (minutes(s.from), minutes(s.until), s.announced)).collect()
    }

    #[test]
    fn silences_are_told_and_announced_ones_apart() {
        assert_eq!(heard(&[], 100), []);
        assert_eq!(heard(&[(HEARD, 0), (HEARD, 1), ("page.read", 2), (HEARD, 4)], 7), []);
        assert_eq!(heard(&[(HEARD, 0), ("page.read", 2), (HEARD, 4)], 4), [(0, 4, false)]);
        assert_eq!(heard(&[(HEARD, 0), (STOPPED, 1), (HEARD, 60)], 60), [(0, 60, true)]);
        assert_eq!(heard(&[(HEARD, 0), (HEARD, 1)], 5), [(1, 5, false)], "one that lasts");
        // A stop that another node outlived does not explain what came later, nor one that came after the silence.
        assert_eq!(heard(&[(HEARD, 0), (STOPPED, 0), (HEARD, 1), (HEARD, 9)], 9), [(1, 9, false)]);
        assert_eq!(heard(&[(HEARD, 0), (STOPPED, 8), (HEARD, 9)], 9), [(0, 9, false)]);
    }
}
