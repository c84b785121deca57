//! The hours of a service that is not open all day (004 art. 5: from 5 h to 23 h, every day), on the clocks of its
//! organism. A closed service always says when it opens again.

use super::day::{Day, Zone};
use super::time::Timestamp;

/// Two hours of the day: open from the first, closed from the second.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    opens: u8,
    closes: u8,
}

/// Whether a service is open at an instant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Now {
    /// It is.
    Open,
    /// It is not, until then.
    Closed {
        /// The instant at which it opens again.
        until: Timestamp,
    },
}

impl Hours {
    /// Hours of one day, the first before the second.
    pub fn new(opens: u8, closes: u8) -> Option<Self> {
        (opens < closes && closes <= 24).then_some(Self { opens, closes })
    }

    /// The hours that a row keeps: none when the service is always open.
    pub fn kept(opens: Option<i32>, closes: Option<i32>) -> Option<Self> {
        let hour = |kept: Option<i32>| kept.and_then(|hour| u8::try_from(hour).ok());
        Self::new(hour(opens)?, hour(closes)?)
    }

    /// The hour from which the service is open.
    pub fn opens(self) -> u8 {
        self.opens
    }

    /// The hour from which it is closed.
    pub fn closes(self) -> u8 {
        self.closes
    }

    /// Whether the service is open at that instant, on the clocks of that zone.
    pub fn at(self, at: Timestamp, zone: &Zone) -> Now {
        let clock = zone.local(at);
        let today = Day::from(clock.date());
        if clock.hour() < self.opens {
            return Now::Closed { until: zone.hour_of(today, self.opens) };
        }
        if clock.hour() < self.closes {
            return Now::Open;
        }
        Now::Closed { until: zone.hour_of(today.plus_days(1), self.opens) }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use proptest::prelude::*;
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    /// Each with its own way of changing hours, or of never doing so.
    const ZONES: [&str; 9] = [
        "Europe/Paris",
        "America/Cayenne",
        "America/Guadeloupe",
        "America/Miquelon",
        "Indian/Mayotte",
        "Indian/Reunion",
        "Pacific/Noumea",
        "Pacific/Tahiti",
        "Pacific/Wallis",
    ];

    fn rsacg() -> Hours {
        Hours::new(5, 23).unwrap()
    }

    fn told(at: time::OffsetDateTime, zone: &str) -> Option<time::OffsetDateTime> {
        match rsacg().at(Timestamp::new(at), &Zone::parse(zone).unwrap()) {
            Now::Open => None,
            Now::Closed { until } => Some(until.instant()),
        }
    }

    proptest! {
        /// Whatever the zone and the instant: open exactly from 5 h to 23 h, and what is announced is kept.
        #[test]
        fn a_closed_service_opens_when_it_said_and_not_before(
            zone in 0..ZONES.len(), second in 1_700_000_000_i64..1_900_000_000, before in 1..21_000_i64,
        ) {
            let zone = Zone::parse(ZONES.get(zone).unwrap()).unwrap();
            let at = Timestamp::from_micros(second * 1_000_000).unwrap();
            let hour = zone.local(at).hour();
            match rsacg().at(at, &zone) {
                Now::Open => prop_assert!((5..23).contains(&hour)),
                Now::Closed { until } => {
                    prop_assert!(!(5..23).contains(&hour) && until > at);
                    prop_assert!(until.since(at) <= Duration::hours(7), "six hours, and one more in October");
                    let clock = zone.local(until);
                    prop_assert_eq!((clock.hour(), clock.minute(), clock.second()), (5, 0, 0));
                    prop_assert_eq!(rsacg().at(until, &zone), Now::Open);
                    let earlier = until.minus(Duration::seconds(before)).max(at);
                    prop_assert_eq!(rsacg().at(earlier, &zone), Now::Closed { until });
                }
            }
        }

        #[test]
        fn hours_are_two_of_one_day(opens in 0..30_u8, closes in 0..30_u8) {
            prop_assert_eq!(Hours::new(opens, closes).is_some(), opens < closes && closes <= 24);
        }
    }

    #[test]
    fn the_minute_of_opening_is_open_and_that_of_closing_is_not() {
        let morning = datetime!(2026-11-23 04:00 UTC);
        assert_eq!(told(morning - Duration::MICROSECOND, "Europe/Paris"), Some(morning));
        assert_eq!(told(morning, "Europe/Paris"), None);
        assert_eq!(told(datetime!(2026-11-23 21:59:59 UTC), "Europe/Paris"), None);
        assert_eq!(
            told(datetime!(2026-11-23 22:00 UTC), "Europe/Paris"),
            Some(datetime!(2026-11-24 04:00 UTC))
        );
    }

    #[test]
    fn each_organism_has_its_own_clocks() {
        // Eleven in the evening in Paris: mid-evening in Guiana, the small hours in Réunion.
        let night = datetime!(2026-11-23 22:00 UTC);
        assert_eq!(told(night, "America/Cayenne"), None);
        assert_eq!(told(night, "Indian/Reunion"), Some(datetime!(2026-11-24 01:00 UTC)));
        assert_eq!(told(night, "Pacific/Noumea"), None);
    }

    #[test]
    fn the_night_of_a_change_of_hour_is_as_long_as_it_is() {
        // In March the night loses an hour, in October it gains one; the clock says 5 h both times.
        let spring = datetime!(2027-03-27 22:30 UTC);
        assert_eq!(told(spring, "Europe/Paris"), Some(datetime!(2027-03-28 03:00 UTC)));
        let autumn = datetime!(2026-10-24 21:30 UTC);
        assert_eq!(told(autumn, "Europe/Paris"), Some(datetime!(2026-10-25 04:00 UTC)));
    }
}
