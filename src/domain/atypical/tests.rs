//! Each rule just below its threshold and just at it, and what holds for all of them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

use std::net::IpAddr;

use proptest::prelude::*;
use time::Duration;
use time::macros::{date, datetime};
use uuid::Uuid;

use super::*;
use crate::domain::id::RowId as _;

/// A Monday.
const TODAY: Day = Day::of(date!(2026 - 11 - 23));

/// An id that holds its instant, as those of traces do.
fn trace(at: Timestamp, n: u32) -> TraceId {
    let millis = u128::try_from(at.micros() / 1_000).unwrap();
    TraceId::from_uuid(Uuid::from_u128((millis << 80) | u128::from(n)))
}

/// A look-up of today at ten in the morning; `n` makes its trace, its minute and its file.
fn one(n: u32) -> Use {
    let at = Timestamp::new(datetime!(2026-11-23 09:00 UTC)).plus(Duration::minutes(i64::from(n)));
    Use {
        trace: trace(at, n),
        at,
        day: TODAY,
        hour: 10,
        given: Given::Opened,
        file: n.to_be_bytes().to_vec(),
        network: Some(network("192.0.2.7")),
        outside: None,
        commune: Some("59410".parse().unwrap()),
        namesake: false,
    }
}

fn network(address: &str) -> Network {
    Network::of(address.parse::<IpAddr>().unwrap())
}

/// Somebody who made twelve look-ups on each of the last twenty days, always from one network and in one commune.
fn habits() -> Habits {
    Habits {
        days: (1..=20).rev().map(|ago| (TODAY.plus_days(-ago), 12)).collect(),
        communes: ["59410".parse().unwrap()].into(),
        networks: [network("192.0.2.9")].into(),
        peers: vec![9, 14, 15, 16],
    }
}

fn seen(uses: &[Use], habits: &Habits, thresholds: &Thresholds) -> Vec<Signal> {
    look(&Sight { today: TODAY, uses, habits, judged: &Judged::new(), watched: false }, thresholds)
}

fn told(uses: &[Use]) -> Vec<(Rule, u32)> {
    seen(uses, &habits(), &Thresholds::default()).iter().map(|signal| (signal.rule, signal.figure)).collect()
}

fn some(many: u32, change: impl Fn(&mut Use, u32)) -> Vec<Use> {
    (0..many)
        .map(|n| {
            let mut made = one(n);
            change(&mut made, n);
            made
        })
        .collect()
}

#[test]
fn an_ordinary_day_is_told_by_no_rule() {
    assert_eq!(told(&some(40, |_, _| {})), []);
}

#[test]
fn the_night_begins_and_ends_at_its_hours() {
    let at = |hour: u8, many| told(&some(many, |one, _| one.hour = hour));
    assert_eq!(at(21, 1), []);
    assert_eq!(at(21, 2), [(Rule::Night, 2)]);
    assert_eq!(at(5, 2), [(Rule::Night, 2)]);
    assert_eq!((at(20, 9), at(6, 9)), (vec![], vec![]));
}

#[test]
fn a_day_off_is_a_night_unless_it_is_set_otherwise() {
    let (habits, none) = (habits(), Judged::new());
    // A Sunday, and a Friday that is Christmas.
    for day_off in [TODAY.plus_days(-1), Day::of(date!(2026 - 12 - 25))] {
        let uses = some(2, |one, _| one.day = day_off);
        let sight = Sight { today: day_off, uses: &uses, habits: &habits, judged: &none, watched: false };
        let mut thresholds = Thresholds::default();
        assert_eq!(look(&sight, &thresholds)[0].rule, Rule::Night);
        thresholds.set(Setting::Sundays, 0);
        assert_eq!(look(&sight, &thresholds), []);
    }
}

#[test]
fn a_network_is_new_when_nobody_there_used_it_before() {
    let from = |address: &str| told(&some(1, |one, _| one.network = Some(network(address))));
    assert_eq!(from("192.0.2.250"), [], "another address of one network");
    assert_eq!(from("198.51.100.4"), [(Rule::NewSource, 1)]);
    let newcomer = Habits { days: habits().days.split_off(11), ..habits() };
    let uses = some(1, |one, _| one.network = Some(network("198.51.100.4")));
    assert_eq!(seen(&uses, &newcomer, &Thresholds::default()), [], "nine days are too few");
    assert_eq!(network("2001:db8:7:1::4"), network("2001:db8:7:ffff::9"));
    assert_ne!(network("2001:db8:7::4"), network("2001:db8:8::4"));
    assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.8"));
}

#[test]
fn an_address_is_foreign_once_something_is_declared() {
    let from = |outside| told(&some(1, |one, _| one.outside = outside));
    assert_eq!((from(None), from(Some(false))), (vec![], vec![]));
    assert_eq!(from(Some(true)), [(Rule::Foreign, 1)]);
    // Where people are expected is new to nobody.
    let new = |outside| {
        told(&some(1, |one, _| (one.network, one.outside) = (Some(network("198.51.100.4")), outside)))
    };
    assert_eq!(new(Some(false)), []);
    assert_eq!(new(Some(true)), [(Rule::NewSource, 1), (Rule::Foreign, 1)]);
}

#[test]
fn volume_is_compared_with_oneself_and_with_peers() {
    let day = |many| seen(&some(many, |_, _| {}), &habits(), &Thresholds::default());
    assert_eq!(day(45), [], "three times the fifteen of peers");
    let signal = &day(46)[0];
    assert_eq!((signal.rule, signal.figure, signal.threshold), (Rule::Volume, 46, 45));
    assert_eq!((signal.usual, signal.peers), (Some(12), Some(15)));
    assert_eq!(signal.evidence.len(), 46);
    let alone = Habits { peers: vec![900, 900], ..habits() };
    assert_eq!(seen(&some(41, |_, _| {}), &alone, &Thresholds::default())[0].threshold, 40);
    let unknown = Habits::default();
    assert_eq!(seen(&some(120, |_, _| {}), &unknown, &Thresholds::default()), []);
    assert_eq!(seen(&some(121, |_, _| {}), &unknown, &Thresholds::default())[0].evidence.len(), EVIDENCE);
}

#[test]
fn one_file_is_counted_over_seven_days() {
    let days = |first: u32| {
        told(&some(6, |one, n| {
            one.file = vec![1];
            one.day = TODAY.plus_days(if n < first { -3 } else { 0 });
        }))
    };
    assert_eq!(days(5), [(Rule::SameFile, 6)]);
    assert_eq!(days(6), [], "not today");
    assert_eq!(told(&some(5, |one, _| one.file = vec![1])), []);
    let refused = |one: &mut Use, _: u32| (one.file, one.given) = (vec![1], Given::Neither);
    assert_eq!(told(&some(9, refused)), []);
}

#[test]
fn communes_are_new_once_there_are_usual_ones() {
    let elsewhere = |many| some(many, |one, _| one.commune = Some("59350".parse().unwrap()));
    assert_eq!(told(&elsewhere(2)), []);
    assert_eq!(told(&elsewhere(3)), [(Rule::Place, 3)]);
    let mut same = elsewhere(5);
    for one in &mut same {
        one.file = vec![1];
    }
    assert_eq!(told(&same), [], "one file is one file");
    let beginner = Habits { days: vec![(TODAY.plus_days(-1), 29)], ..habits() };
    assert_eq!(seen(&elsewhere(3), &beginner, &Thresholds::default()), []);
}

#[test]
fn an_account_that_wakes_is_told_after_sixty_days() {
    let after = |days: i64, many| {
        let habits = Habits { days: vec![(TODAY.plus_days(-days), 12)], ..habits() };
        seen(&some(many, |_, _| {}), &habits, &Thresholds::default())
    };
    assert_eq!(after(59, 9), []);
    assert_eq!(after(60, 2), []);
    assert_eq!((after(60, 3)[0].rule, after(60, 3)[0].figure), (Rule::Dormant, 60));
    assert_eq!(seen(&some(9, |_, _| {}), &Habits::default(), &Thresholds::default()), [], "a first day");
}

#[test]
fn a_namesake_is_told_when_the_file_was_opened() {
    assert_eq!(told(&some(1, |one, _| one.namesake = true)), [(Rule::Namesake, 1)]);
    let closed = |one: &mut Use, _: u32| (one.namesake, one.given) = (true, Given::Refused);
    assert_eq!(told(&some(1, closed)), []);
}

#[test]
fn surnames_are_compared_as_people_read_them() {
    for (one, other) in
        [("Duriez", "DURIEZ"), ("Lefèvre", "lefevre"), ("Martin-Duriez", "Duriez"), ("de la Tour", "Tour")]
    {
        assert!(same_surname(one, other) && same_surname(other, one), "{one} {other}");
    }
    for (one, other) in
        [("de Brume", "de Clairvigne"), ("Duriez", "Duriezer"), ("", ""), ("Saint-Jean", "Saint-Loup")]
    {
        assert!(!same_surname(one, other), "{one} {other}");
    }
}

#[test]
fn refusals_are_a_series_within_ten_minutes() {
    let every = |minutes: i64, many| {
        told(&some(many, |one, n| {
            one.given = Given::Refused;
            one.at = Timestamp::new(datetime!(2026-11-23 09:00 UTC))
                .plus(Duration::minutes(minutes * i64::from(n)));
        }))
    };
    assert_eq!(every(2, 5), []);
    assert_eq!(every(2, 6), [(Rule::Refused, 6)]);
    assert_eq!(every(2, 30), [(Rule::Refused, 6)], "one series, whatever it lasts");
    assert_eq!(every(3, 30), []);
}

/// Look-ups refused at these minutes of the morning.
fn refused_at(minutes: &[i64]) -> Vec<Use> {
    let at = |minute: i64| Timestamp::new(datetime!(2026-11-23 09:00 UTC)).plus(Duration::minutes(minute));
    (0_u32..)
        .zip(minutes)
        .map(|(n, minute)| Use {
            given: Given::Refused,
            at: at(*minute),
            trace: trace(at(*minute), n),
            ..one(n)
        })
        .collect()
}

#[test]
fn each_file_and_each_series_is_a_signal_of_its_own() {
    let mut two = some(12, |one, n| one.file = vec![u8::from(n >= 6)]);
    assert_eq!(told(&two), [(Rule::SameFile, 6), (Rule::SameFile, 6)]);
    two.extend(some(1, |one, _| (one.file, one.at) = (vec![1], one.at.plus(Duration::hours(1)))));
    assert_eq!(told(&two), [(Rule::SameFile, 6), (Rule::SameFile, 7)]);

    let twice = refused_at(&[0, 1, 2, 3, 4, 5, 6, 60, 61, 62, 63, 64, 65]);
    let signals = seen(&twice, &habits(), &Thresholds::default());
    let figures: Vec<(u32, usize)> =
        signals.iter().map(|signal| (signal.figure, signal.evidence.len())).collect();
    assert_eq!(figures, [(7, 7), (6, 6)]);
    assert_ne!(signals[0].about, signals[1].about);
    // Refusals that go on at the same pace for twenty minutes.
    let long = refused_at(&[0, 1, 2, 3, 4, 5, 11, 12, 13, 14, 15, 25]);
    let signals = seen(&long, &habits(), &Thresholds::default());
    assert_eq!((signals.len(), signals[0].figure, signals[0].evidence.len()), (1, 6, 11));
}

/// What is left to tell once one of the signals was judged.
fn left(uses: &[Use], judged: &Signal) -> Vec<(Rule, Vec<u8>)> {
    let judged = Judged::from([((judged.rule, judged.about.clone()), judged.last)]);
    let sight = Sight { today: TODAY, uses, habits: &habits(), judged: &judged, watched: false };
    look(&sight, &Thresholds::default()).into_iter().map(|signal| (signal.rule, signal.about)).collect()
}

#[test]
fn judging_one_file_or_one_series_leaves_the_others() {
    let files = some(12, |one, n| one.file = vec![u8::from(n >= 6)]);
    let series = refused_at(&[0, 1, 2, 3, 4, 5, 60, 61, 62, 63, 64, 65]);
    for uses in [files, series] {
        let signals = seen(&uses, &habits(), &Thresholds::default());
        assert_eq!(signals.len(), 2);
        for (judged, other) in [(0, 1), (1, 0)] {
            assert_eq!(left(&uses, &signals[judged]), [(signals[other].rule, signals[other].about.clone())]);
        }
    }
    // What follows a series that was judged counts from there.
    let five_more = refused_at(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let first = &seen(&five_more[..6], &habits(), &Thresholds::default())[0];
    assert_eq!(left(&five_more, first), []);
    // Nor is it told again once its first look-up is out of sight.
    let whole = &seen(&five_more, &habits(), &Thresholds::default())[0];
    assert_eq!(left(&five_more[1..], whole), []);
    assert_eq!(left(&refused_at(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), first).len(), 1);
}

#[test]
fn whoever_is_watched_is_told_each_day() {
    let (uses, habits, none) = (some(1, |_, _| {}), habits(), Judged::new());
    let sight = Sight { today: TODAY, uses: &uses, habits: &habits, judged: &none, watched: true };
    assert_eq!(look(&sight, &Thresholds::default())[0].rule, Rule::Watched);
}

/// A day that every rule tells.
fn notorious() -> Vec<Use> {
    some(140, |one, n| {
        one.hour = 23;
        one.network = Some(network("198.51.100.4"));
        one.outside = Some(true);
        one.namesake = n == 0;
        one.commune = Some("59350".parse().unwrap());
        if n < 10 {
            one.file = vec![1];
        }
        if n > 100 {
            (one.given, one.at) = (Given::Refused, Timestamp::new(datetime!(2026-11-23 21:00 UTC)));
        }
    })
}

#[test]
fn what_was_judged_is_no_reason_any_more() {
    let (uses, mut habits) = (notorious(), habits());
    habits.days = vec![(TODAY.plus_days(-70), 900)];
    let mut judged = Judged::new();
    let signals = |judged: &Judged| -> Vec<Signal> {
        let sight = Sight { today: TODAY, uses: &uses, habits: &habits, judged, watched: true };
        let mut thresholds = Thresholds::default();
        thresholds.set(Setting::SourceDays, 1);
        look(&sight, &thresholds)
    };
    let rules = |judged: &Judged| -> Vec<Rule> { signals(judged).iter().map(|signal| signal.rule).collect() };
    assert_eq!(rules(&judged), Rule::ALL);
    for signal in signals(&judged) {
        judged.insert((signal.rule, signal.about), signal.last);
        assert!(!rules(&judged).contains(&signal.rule), "{:?}", signal.rule);
    }
}

#[test]
fn a_rule_of_nought_sleeps() {
    let mut habits = habits();
    habits.days = vec![(TODAY.plus_days(-70), 900)];
    let mut thresholds = Thresholds::default();
    for setting in Setting::ALL.iter().filter(|setting| setting.bounds().0 == 0) {
        thresholds.set(*setting, 0);
    }
    assert_eq!(seen(&notorious(), &habits, &thresholds), []);
}

proptest! {
    /// A signal always reaches its threshold, and names traces of the person, each once.
    #[test]
    fn every_signal_can_be_checked(hours in prop::collection::vec((0..24_u8, 0..3_u8, 0..9_u8, any::<bool>()), 0..90)) {
        let uses: Vec<Use> = (0_u32..).zip(hours).map(|(n, (hour, given, file, namesake))| {
            let given = [Given::Opened, Given::Refused, Given::Neither][usize::from(given)];
            Use { hour, given, file: vec![file], namesake, ..one(n) }
        }).collect();
        for signal in seen(&uses, &habits(), &Thresholds::default()) {
            prop_assert!(signal.figure >= signal.threshold && !signal.evidence.is_empty());
            let mut evidence = signal.evidence.clone();
            evidence.dedup();
            prop_assert!(evidence.len() == signal.evidence.len() && evidence.len() <= EVIDENCE);
            prop_assert!(evidence.iter().all(|trace| uses.iter().any(|one| one.trace == *trace)));
        }
    }
}

#[test]
fn what_is_kept_is_read_again() {
    for rule in Rule::ALL {
        assert_eq!(Rule::parse(rule.code()), Some(*rule));
    }
    for setting in Setting::ALL {
        assert_eq!(Setting::parse(setting.code()), Some(*setting));
        let (least, most) = setting.bounds();
        assert!((least..=most).contains(&setting.default()), "{setting:?}");
    }
    for given in [Given::Opened, Given::Refused, Given::Neither] {
        assert_eq!(Given::parse(given.code()), given);
    }
}
