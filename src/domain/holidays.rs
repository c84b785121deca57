//! The eleven public holidays of the whole of France (Code du travail, art. L3133-1): eight on their date, three that follow
//! Easter. Those of Alsace and Moselle alone, and of the overseas départements, are not known here.

use time::{Date, Month, Weekday};

use super::day::Day;

/// Holidays that keep their date: month, day.
const FIXED: [(u8, u8); 8] = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)];
/// Days after Easter Sunday: its Monday, Ascension, the Monday of Pentecost.
const AFTER_EASTER: [i64; 3] = [1, 39, 50];

/// Why nobody is expected at work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DayOff {
    /// A public holiday, a Sunday or not.
    Holiday,
    /// Any other Sunday.
    Sunday,
}

/// Why nobody is expected at work that day, when nobody is.
pub fn day_off(day: Day) -> Option<DayOff> {
    if is_holiday(day) {
        return Some(DayOff::Holiday);
    }
    (day.date().weekday() == Weekday::Sunday).then_some(DayOff::Sunday)
}

/// Whether a day is a public holiday.
pub fn is_holiday(day: Day) -> bool {
    let date = day.date();
    let easter = easter(date.year());
    let follows = easter.is_some_and(|easter| AFTER_EASTER.contains(&day.days_since(easter)));
    follows || FIXED.contains(&(u8::from(date.month()), date.day()))
}

/// Easter Sunday of a year of the Gregorian calendar, by the computation of J.-M. Oudin: the first Sunday after the full
/// moon of the Church that follows 20 March. Nothing for a year that no calendar holds.
pub fn easter(year: i32) -> Option<Day> {
    let (century, golden) = (year / 100, year % 19);
    let correction = (century - 17) / 25;
    let moon = (century - century / 4 - (century - correction) / 3 + 19 * golden + 15) % 30;
    let full_moon = moon - (moon / 28) * (1 - (moon / 28) * (29 / (moon + 1)) * ((21 - golden) / 11));
    let weekday = (year + year / 4 + full_moon + 2 - century + century / 4) % 7;
    let march = Date::from_calendar_date(year, Month::March, 28).ok()?;
    Some(Day::from(march).plus_days(i64::from(full_moon - weekday)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use proptest::prelude::*;
    use time::Weekday;
    use time::macros::date;

    use super::*;

    #[test]
    fn easter_falls_when_the_calendar_says() {
        for day in [
            date!(2024 - 03 - 31),
            date!(2025 - 04 - 20),
            date!(2026 - 04 - 05),
            date!(2027 - 03 - 28),
            date!(2028 - 04 - 16),
            date!(2029 - 04 - 01),
            date!(2030 - 04 - 21),
        ] {
            assert_eq!(easter(day.year()), Some(Day::of(day)));
        }
    }

    #[test]
    fn a_year_has_eleven_holidays() {
        let first = Day::of(date!(2026 - 01 - 01));
        let days: Vec<String> = (0..365)
            .map(|after| first.plus_days(after))
            .filter(|day| is_holiday(*day))
            .map(|day| day.to_string())
            .collect();
        let expected = [
            "2026-01-01",
            "2026-04-06",
            "2026-05-01",
            "2026-05-08",
            "2026-05-14",
            "2026-05-25",
            "2026-07-14",
            "2026-08-15",
            "2026-11-01",
            "2026-11-11",
            "2026-12-25",
        ];
        assert_eq!(days, expected);
        // Not one of the whole country: Good Friday, Saint Stephen.
        assert!(!is_holiday(Day::of(date!(2026 - 04 - 03))) && !is_holiday(Day::of(date!(2026 - 12 - 26))));
    }

    proptest! {
        #[test]
        fn easter_is_a_sunday_of_spring(year in 1_700..4_100) {
            let day = easter(year).unwrap().date();
            prop_assert_eq!(day.weekday(), Weekday::Sunday);
            let (from, to) = ((Month::March, 22), (Month::April, 25));
            let (month, of_month) = (day.month(), day.day());
            prop_assert!(
                (month == from.0 && of_month >= from.1) || (month == to.0 && of_month <= to.1),
                "{}", day
            );
        }
    }
}
