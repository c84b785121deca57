//! Legal days and time zones: every deadline is a day of an organism, computed here in its own zone.

use std::fmt;

use jiff::tz::TimeZone;
use time::{Date, Month, OffsetDateTime, UtcOffset};

use super::time::Timestamp;

/// A calendar day, as written in a convention or a deadline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(Date);

/// In bodies of traces a day is read as people write it, not as a year and a number of days.
impl serde::Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Read back as it was written.
impl<'de> serde::Deserialize<'de> for Day {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a day"))
    }
}

impl Day {
    /// The day of a date.
    pub const fn of(date: Date) -> Self {
        Self(date)
    }

    /// The day as a date, for formatting.
    pub fn date(self) -> Date {
        self.0
    }

    /// Reads `JJ/MM/AAAA` (leniently: `1/2/2026`, `1-2-2026`, `1.2.26`) or `AAAA-MM-JJ`, as date fields send it.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> =
            text.trim().split(['/', '-', '.', ' ']).filter(|part| !part.is_empty()).collect();
        let [first, second, third] = parts.as_slice() else { return None };
        let (year, month, day) =
            if first.len() == 4 { (*first, *second, *third) } else { (*third, *second, *first) };
        let year: i32 = match year.len() {
            4 => year.parse().ok()?,
            2 => 2000 + year.parse::<i32>().ok()?,
            _ => return None,
        };
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        let date = Date::from_calendar_date(year, month, day.parse().ok()?).ok()?;
        (1900..=2200).contains(&year).then_some(Self(date))
    }

    /// Its ten bytes, `AAAA-MM-JJ`, made without formatting: leaves are hashed by the hundred thousand.
    pub fn written(self) -> [u8; 10] {
        let year = u16::try_from(self.0.year()).unwrap_or(0);
        let (month, day) = (u16::from(u8::from(self.0.month())), u16::from(self.0.day()));
        let digit = |number: u16| b'0' + u8::try_from(number % 10).unwrap_or(0);
        [
            digit(year / 1_000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            b'-',
            digit(month / 10),
            digit(month),
            b'-',
            digit(day / 10),
            digit(day),
        ]
    }

    /// Reads what [`Day::written`] gives, and no other form.
    pub fn read(text: &str) -> Option<Self> {
        let (year, rest) = text.split_at_checked(4)?;
        let [b'-', _, _, b'-', _, _] = rest.as_bytes() else { return None };
        let number = |digits: &str| {
            digits.bytes().try_fold(0_u16, |number, digit| {
                digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'))
            })
        };
        let month = Month::try_from(u8::try_from(number(rest.get(1..3)?)?).ok()?).ok()?;
        let day = u8::try_from(number(rest.get(4..6)?)?).ok()?;
        Date::from_calendar_date(i32::from(number(year)?), month, day).ok().map(Self)
    }

    /// The same day `months` later, or the last day of that month when it is shorter (31 August + 6 = 28 or 29 February).
    #[must_use]
    pub fn plus_months(self, months: u16) -> Self {
        let index = i32::from(u8::from(self.0.month())) - 1 + i32::from(months);
        let year = self.0.year() + index.div_euclid(12);
        let month = u8::try_from(index.rem_euclid(12) + 1)
            .ok()
            .and_then(|month| Month::try_from(month).ok())
            .unwrap_or(Month::January);
        let day = self.0.day().min(month.length(year));
        Date::from_calendar_date(year, month, day).map_or(self, Self)
    }

    /// The same day `years` later (29 February becomes the 28th).
    #[must_use]
    pub fn plus_years(self, years: u16) -> Self {
        self.plus_months(years.saturating_mul(12))
    }

    /// `days` later.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        self.0.checked_add(time::Duration::days(days)).map_or(self, Self)
    }

    /// The first day of its month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        self.0.replace_day(1).map_or(self, Self)
    }

    /// The first day of the month before.
    #[must_use]
    pub fn month_before(self) -> Self {
        self.first_of_month().plus_days(-1).first_of_month()
    }

    /// Days from `earlier` to this day (negative when before).
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date)
    }
}

impl fmt::Display for Day {
    /// `AAAA-MM-JJ`, for bodies of traces and date fields; pages have their own filters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

/// An IANA time zone, its data bundled with the program.
#[derive(Clone, Debug)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::parse("Europe/Paris").unwrap_or_else(|| Self { name: "UTC".to_owned(), zone: TimeZone::UTC })
    }
}

impl Zone {
    /// A zone by its IANA name (`Europe/Paris`, `America/Cayenne`); `None` when unknown.
    pub fn parse(name: &str) -> Option<Self> {
        let zone = TimeZone::get(name).ok()?;
        Some(Self { name: zone.iana_name().unwrap_or(name).to_owned(), zone })
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The instant as clocks of this zone show it.
    pub fn local(&self, at: Timestamp) -> OffsetDateTime {
        let offset = jiff::Timestamp::from_microsecond(at.micros())
            .map_or(0, |instant| self.zone.to_offset(instant).seconds());
        at.instant().to_offset(UtcOffset::from_whole_seconds(offset).unwrap_or(UtcOffset::UTC))
    }

    /// The calendar day at that instant.
    pub fn day(&self, at: Timestamp) -> Day {
        Day(self.local(at).date())
    }

    /// The first instant of a day in this zone.
    pub fn start_of(&self, day: Day) -> Timestamp {
        self.hour_of(day, 0)
    }

    /// The instant at which clocks of this zone show that whole hour of a day. An hour that a change of hour skips
    /// is the one after; of one that it repeats, the first.
    pub fn hour_of(&self, day: Day, hour: u8) -> Timestamp {
        let date = jiff::civil::date(
            i16::try_from(day.0.year()).unwrap_or(i16::MAX),
            i8::try_from(u8::from(day.0.month())).unwrap_or(1),
            i8::try_from(day.0.day()).unwrap_or(1),
        );
        date.at(i8::try_from(hour.min(23)).unwrap_or(0), 0, 0, 0)
            .to_zoned(self.zone.clone())
            .ok()
            .and_then(|start| Timestamp::from_micros(start.timestamp().as_microsecond()))
            .unwrap_or_else(|| Timestamp::new(day.0.midnight().assume_utc()))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn six_months_end_on_a_day_that_exists() {
        assert_eq!(Day::from(date!(2026 - 08 - 31)).plus_months(6), Day::from(date!(2027 - 02 - 28)));
        assert_eq!(Day::from(date!(2027 - 08 - 31)).plus_months(6), Day::from(date!(2028 - 02 - 29)));
        assert_eq!(Day::from(date!(2026 - 11 - 21)).plus_months(6), Day::from(date!(2027 - 05 - 21)));
        assert_eq!(Day::from(date!(2028 - 02 - 29)).plus_years(6), Day::from(date!(2034 - 02 - 28)));
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let expected = Some(Day::from(date!(2026 - 02 - 01)));
        for text in ["01/02/2026", "1/2/2026", " 1-2-2026 ", "2026-02-01", "1.2.26", "1 2 2026"] {
            assert_eq!(Day::parse(text), expected, "{text}");
        }
        for text in ["", "31/02/2026", "1/13/2026", "hier", "1/2", "01/02/1226"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_written_day_is_the_one_that_is_shown_and_read(days in 0_i64..200_000) {
            let day = Day::of(date!(1900 - 01 - 01)).plus_days(days);
            let shown = day.to_string();
            let written = day.written();
            proptest::prop_assert_eq!(&written as &[u8], shown.as_bytes());
            proptest::prop_assert_eq!(Day::read(&shown), Some(day));
        }
    }

    #[test]
    fn a_written_day_has_one_form() {
        for text in ["", "2026-02-30", "2026-2-01", "2026-02-1 ", "01/02/2026", "2026+02-01", "+026-02-01"] {
            assert_eq!(Day::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_is_the_organisms_own() {
        let evening = Timestamp::new(datetime!(2026-11-21 23:30 UTC));
        let day = |zone: &str| Zone::parse(zone).map(|zone| zone.day(evening).to_string());
        assert_eq!(day("Europe/Paris").as_deref(), Some("2026-11-22"));
        assert_eq!(day("America/Cayenne").as_deref(), Some("2026-11-21"));
        assert_eq!(day("Indian/Reunion").as_deref(), Some("2026-11-22"));
        assert_eq!(Zone::parse("Europe/Brumeval"), None);
    }

    #[test]
    fn a_day_begins_where_its_zone_says() {
        let paris = Zone::default();
        let start = paris.start_of(Day::from(date!(2026 - 03 - 29)));
        assert_eq!(start.instant(), datetime!(2026-03-28 23:00 UTC));
        assert_eq!(paris.day(start), Day::from(date!(2026 - 03 - 29)));
    }
}
