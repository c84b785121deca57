//! What each source or each session may still ask, in the memory of this node. What can be sent without an account is
//! refused here first, before the database and before any hash. The rule is in `domain::budget`; here it is kept for a
//! bounded number of them.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};

use time::Duration;

use crate::domain::access::Actor;
use crate::domain::budget::{Bucket, Flow};
use crate::domain::sign_in::SOURCE;
use crate::domain::time::Timestamp;

/// How many are remembered at most.
const REMEMBERED: usize = 10_000;
/// Between two traces of what one of them was refused.
const REPORT_PACE: Duration = Duration::minutes(1);

/// Whether a request goes further.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Admission {
    /// It does.
    Yes,
    /// It does not.
    No {
        /// Seconds after which one more will.
        retry_after_s: u32,
        /// How many refusals to trace now, this one included; most times there is nothing to trace yet.
        report: Option<u32>,
    },
}

/// Budgets of one kind, each under its key, with who is to be named in the trace of what it was refused.
#[derive(Debug)]
pub struct Budgets<K, W> {
    flow: Flow,
    generations: Mutex<Generations<K, W>>,
}

/// Whoever answers for an address: all of a network of IPv6, since one subscriber has all its addresses.
type Source = Option<IpAddr>;

/// The attempts to sign in of each source. Those whose address is not known share one budget.
#[derive(Debug)]
pub struct SourceBudgets(Budgets<Source, ()>);

/// The requests of each session, under the key of its row.
pub type SessionBudgets = Budgets<[u8; 32], Actor>;

/// Two halves: when the young one is full, it becomes the old one and what the old one still held is forgotten. So
/// those that came last are kept, without ever looking for the oldest.
#[derive(Debug)]
struct Generations<K, W> {
    young: HashMap<K, Entry<W>>,
    old: HashMap<K, Entry<W>>,
    /// Refusals of the forgotten, not traced yet.
    forgotten: u32,
}

#[derive(Clone, Debug)]
struct Entry<W> {
    bucket: Bucket,
    refused: u32,
    /// Who was refused last.
    who: Option<W>,
    reported_at: Option<Timestamp>,
}

impl<K: Copy + Eq + Hash, W: Clone> Budgets<K, W> {
    /// Full budgets.
    pub fn new(flow: Flow) -> Self {
        let generations = Generations { young: HashMap::new(), old: HashMap::new(), forgotten: 0 };
        Self { flow, generations: Mutex::new(generations) }
    }

    /// One more under `key`.
    pub fn admit(&self, key: K, who: &W, now: Timestamp) -> Admission {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = generations.entry(key, now);
        match entry.bucket.take(self.flow, now) {
            Ok(bucket) => {
                entry.bucket = bucket;
                Admission::Yes
            }
            Err(wait) => {
                entry.refused = entry.refused.saturating_add(1);
                entry.who = Some(who.clone());
                let seconds = (wait.whole_milliseconds() + 999) / 1_000;
                Admission::No {
                    retry_after_s: u32::try_from(seconds).unwrap_or(u32::MAX),
                    report: entry.report(now),
                }
            }
        }
    }

    /// Refusals that nothing came to report since: for the job that traces them every minute. Those of the forgotten
    /// come together, without a name.
    pub fn unreported(&self, now: Timestamp) -> Vec<(Option<(K, W)>, u32)> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let Generations { young, old, forgotten } = &mut *generations;
        let mut due: Vec<_> = young
            .iter_mut()
            .chain(old)
            .filter_map(|(key, entry)| {
                entry.report(now).map(|count| (entry.who.clone().map(|who| (*key, who)), count))
            })
            .collect();
        if *forgotten > 0 {
            due.push((None, std::mem::take(forgotten)));
        }
        due
    }
}

impl Default for SourceBudgets {
    fn default() -> Self {
        Self(Budgets::new(SOURCE))
    }
}

impl SourceBudgets {
    /// One more attempt from `source`.
    pub fn admit(&self, source: Source, now: Timestamp) -> Admission {
        self.0.admit(source.map(subscriber), &(), now)
    }

    /// Refusals that no later attempt came to report.
    pub fn unreported(&self, now: Timestamp) -> Vec<(Source, u32)> {
        let due = self.0.unreported(now).into_iter();
        due.map(|(source, count)| (source.and_then(|(source, ())| source), count)).collect()
    }
}

impl<K: Copy + Eq + Hash, W: Clone> Generations<K, W> {
    fn entry(&mut self, key: K, now: Timestamp) -> &mut Entry<W> {
        if self.young.len() >= REMEMBERED / 2 && !self.young.contains_key(&key) {
            let leaving = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            // The one that comes back is not forgotten.
            for (left, entry) in leaving {
                if left == key {
                    self.young.insert(left, entry);
                } else {
                    self.forgotten = self.forgotten.saturating_add(entry.refused);
                }
            }
        }
        let before = self.old.remove(&key);
        self.young.entry(key).or_insert_with(|| {
            before.unwrap_or(Entry { bucket: Bucket::full(now), refused: 0, who: None, reported_at: None })
        })
    }
}

impl<W> Entry<W> {
    /// What is to be traced now: the first refusal at once, then what came together, once a minute.
    fn report(&mut self, now: Timestamp) -> Option<u32> {
        let due = self.reported_at.is_none_or(|at| now.since(at).abs() >= REPORT_PACE);
        if self.refused == 0 || !due {
            return None;
        }
        self.reported_at = Some(now);
        Some(std::mem::take(&mut self.refused))
    }
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    fn start() -> Timestamp {
        Timestamp::new(datetime!(2026-11-23 08:00 UTC))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn exhaust(budgets: &SourceBudgets, source: Option<IpAddr>, now: Timestamp) {
        while budgets.admit(source, now) == Admission::Yes {}
    }

    #[test]
    fn refusals_are_told_at_once_then_together_each_minute() {
        let (budgets, source) = (SourceBudgets::default(), Some(ip("203.0.113.9")));
        for _ in 0..30 {
            assert_eq!(budgets.admit(source, start()), Admission::Yes);
        }
        assert_eq!(budgets.admit(source, start()), Admission::No { retry_after_s: 2, report: Some(1) });
        for _ in 0..4 {
            assert_eq!(budgets.admit(source, start()), Admission::No { retry_after_s: 2, report: None });
        }
        assert_eq!(budgets.unreported(start()), []);
        let minute = start().plus(Duration::minutes(1));
        assert_eq!(budgets.unreported(minute), [(source, 4)]);
        assert_eq!(budgets.unreported(minute.plus(Duration::minutes(1))), []);
        assert_eq!(
            budgets.admit(Some(ip("203.0.113.10")), start()),
            Admission::Yes,
            "the neighbour is another source"
        );
    }

    #[test]
    fn a_network_of_ipv6_is_one_source_and_a_mapped_address_is_ipv4() {
        let budgets = SourceBudgets::default();
        exhaust(&budgets, Some(ip("2001:db8:1:2::1")), start());
        assert!(matches!(budgets.admit(Some(ip("2001:db8:1:2:ffff::9")), start()), Admission::No { .. }));
        assert_eq!(budgets.admit(Some(ip("2001:db8:1:3::1")), start()), Admission::Yes);
        exhaust(&budgets, Some(ip("198.51.100.7")), start());
        assert!(matches!(budgets.admit(Some(ip("::ffff:198.51.100.7")), start()), Admission::No { .. }));
    }

    #[test]
    fn whoever_has_no_address_has_one_budget_together() {
        let budgets = SourceBudgets::default();
        exhaust(&budgets, None, start());
        assert!(matches!(budgets.admit(None, start()), Admission::No { .. }));
    }

    #[test]
    fn sources_are_bounded_and_what_they_were_refused_is_not_lost() {
        let budgets = SourceBudgets::default();
        let first = Some(ip("203.0.113.9"));
        exhaust(&budgets, first, start());
        assert!(matches!(budgets.admit(first, start()), Admission::No { report: None, .. }));
        for n in 0..3 * u32::try_from(REMEMBERED).unwrap() {
            budgets.admit(Some(IpAddr::V4((0x0a00_0000 + n).into())), start());
            if n == 4_990 {
                assert!(matches!(budgets.admit(first, start()), Admission::No { .. }), "still remembered");
            }
        }
        let generations = budgets.0.generations.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= REMEMBERED);
        drop(generations);
        assert_eq!(budgets.unreported(start()), [(None, 2)]);
        assert_eq!(budgets.admit(first, start()), Admission::Yes, "forgotten");
    }

    proptest! {
        #[test]
        fn every_refusal_is_told_once(steps in prop::collection::vec((0_u8..4, 0_i64..3_000), 1..500)) {
            let (budgets, mut now) = (SourceBudgets::default(), start());
            let (mut refused, mut told) = (0, 0);
            for (source, pause) in steps {
                now = now.plus(Duration::milliseconds(pause));
                for _ in 0..3 {
                    if let Admission::No { report, .. } = budgets.admit(Some(ip(&format!("192.0.2.{source}"))), now) {
                        refused += 1;
                        told += report.unwrap_or(0);
                    }
                }
            }
            let rest: u32 = budgets.unreported(now.plus(REPORT_PACE)).iter().map(|(_, count)| count).sum();
            prop_assert_eq!(refused, told + rest);
        }
    }
}
