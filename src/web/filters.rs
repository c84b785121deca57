//! Filters of the templates: how days, hours and numbers are written. Use them with `use crate::web::filters;`
//! in the module that derives the template. They give plain text, which the template escapes as any other.

#![expect(
    missing_docs,
    clippy::inline_always,
    reason = "filter_fn makes a struct and a method of each function, and keeps its words for itself"
)]

use std::fmt::Display;

use askama::{Result, Values, filter_fn};
use time::{Date, OffsetDateTime};

use super::typography;
use crate::domain::day::Day;

/// What stands on a calendar, already in the reader's time zone.
pub trait OnCalendar {
    /// Its day.
    fn day(&self) -> Date;
}

impl OnCalendar for Date {
    fn day(&self) -> Date {
        *self
    }
}

impl OnCalendar for Day {
    fn day(&self) -> Date {
        self.date()
    }
}

impl OnCalendar for OffsetDateTime {
    fn day(&self) -> Date {
        self.date()
    }
}

impl<T: OnCalendar + ?Sized> OnCalendar for &T {
    fn day(&self) -> Date {
        (**self).day()
    }
}

/// What a clock shows, already in the reader's time zone.
pub trait OnClock {
    /// Its instant.
    fn clock(&self) -> OffsetDateTime;
}

impl OnClock for OffsetDateTime {
    fn clock(&self) -> OffsetDateTime {
        *self
    }
}

impl<T: OnClock + ?Sized> OnClock for &T {
    fn clock(&self) -> OffsetDateTime {
        (**self).clock()
    }
}

const MONTHS: [&str; 12] =
    ["janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
const FULL_MONTHS: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];

fn month_of(date: Date, names: &[&'static str; 12]) -> &'static str {
    names.get(usize::from(u8::from(date.month())) - 1).copied().unwrap_or_default()
}

/// Typography of a text that does not stand on a page (an `aria-label`, a mail): pages are set as a whole.
#[filter_fn]
pub fn typo(words: impl Display, _: &dyn Values) -> Result<String> {
    Ok(typography::text(&words.to_string()))
}

/// A number with its thousands apart: 1 234 567.
#[filter_fn]
pub fn number(count: impl Display, _: &dyn Values) -> Result<String> {
    Ok(grouped(&count.to_string()))
}

/// A day in a sentence: 12 nov. 2026, 1er mars 2027.
#[filter_fn]
pub fn long(when: impl OnCalendar, _: &dyn Values) -> Result<String> {
    Ok(day_of(when))
}

/// The same, for a text put together before its template.
pub fn day_of(when: impl OnCalendar) -> String {
    let date = when.day();
    let first = if date.day() == 1 { "er" } else { "" };
    format!("{}{first}\u{a0}{} {}", date.day(), month_of(date, &MONTHS), date.year())
}

/// A day in a dense table: 12/11/2026. Also what a person types back into a date field.
#[filter_fn]
pub fn dense(when: impl OnCalendar, _: &dyn Values) -> Result<String> {
    let date = when.day();
    Ok(format!("{:02}/{:02}/{:04}", date.day(), u8::from(date.month()), date.year()))
}

/// A month: novembre 2026.
#[filter_fn]
pub fn month(when: impl OnCalendar, _: &dyn Values) -> Result<String> {
    Ok(month_of_year(when))
}

/// The same, for a text put together before its template.
pub fn month_of_year(when: impl OnCalendar) -> String {
    let date = when.day();
    format!("{} {}", month_of(date, &FULL_MONTHS), date.year())
}

/// A month as what something is of: de novembre 2026, d’octobre 2026.
#[filter_fn]
pub fn of_month(when: impl OnCalendar, _: &dyn Values) -> Result<String> {
    Ok(of_month_of_year(when))
}

/// The same, for a text put together before its template.
pub fn of_month_of_year(when: impl OnCalendar) -> String {
    let month = month_of_year(when);
    if month.starts_with(['a', 'o']) { format!("d’{month}") } else { format!("de {month}") }
}

/// An hour in a sentence: 9 h 14.
#[filter_fn]
pub fn hour(when: impl OnClock, _: &dyn Values) -> Result<String> {
    Ok(hour_of(when.clock()))
}

/// The same, for a text put together before its template.
pub fn hour_of(clock: OffsetDateTime) -> String {
    format!("{}\u{a0}h\u{a0}{:02}", clock.hour(), clock.minute())
}

/// A moment in a sentence: 12 nov. 2026, 9 h 14.
pub fn moment_of(clock: OffsetDateTime) -> String {
    format!("{}, {}", day_of(clock), hour_of(clock))
}

/// An hour in traces: 22:10:05.
#[filter_fn]
pub fn exact(when: impl OnClock, _: &dyn Values) -> Result<String> {
    let clock = when.clock();
    Ok(format!("{:02}:{:02}:{:02}", clock.hour(), clock.minute(), clock.second()))
}

/// So many of them: 0 place, 1 place, 2 places.
pub fn counted(count: u32, noun: &str) -> String {
    let plural = if count > 1 { "s" } else { "" };
    format!("{} {noun}{plural}", grouped(&count.to_string()))
}

/// Narrow non-breaking spaces between the thousands of a whole number; a decimal part is kept as it is.
fn grouped(number: &str) -> String {
    let whole = number.find(|sign: char| !sign.is_ascii_digit() && sign != '-').unwrap_or(number.len());
    let mut text = String::with_capacity(number.len() + 8);
    for (at, sign) in number.char_indices() {
        let left = whole.saturating_sub(at);
        let after_digit = text.ends_with(|sign: char| sign.is_ascii_digit());
        if after_digit && left > 0 && left % 3 == 0 {
            text.push('\u{202f}');
        }
        text.push(sign);
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests say what they expect by failing")]
mod tests {
    use askama::{NO_VALUES, Template};
    use time::macros::{date, datetime};

    use super::*;
    use crate::web::filters;

    #[derive(Template)]
    #[template(
        source = "{{ day|long }}, {{ day|dense }}, {{ day|month }}, {{ at|long }}, {{ at|hour }}, {{ at|exact }}, {{ count|number }}",
        ext = "txt"
    )]
    struct Sample<'a> {
        day: &'a Day,
        at: OffsetDateTime,
        count: &'a u32,
    }

    #[test]
    fn a_month_is_elided_as_it_is_said() {
        let of = |month: u8| {
            of_month_of_year(Date::from_calendar_date(2026, month.try_into().unwrap(), 1).unwrap())
        };
        assert_eq!(
            [4, 8, 10, 11].map(of),
            ["d’avril 2026", "d’août 2026", "d’octobre 2026", "de novembre 2026"]
        );
    }

    #[test]
    fn days_hours_and_numbers_are_written_the_french_way() {
        let sample = Sample {
            day: &Day::from(date!(2026 - 11 - 12)),
            at: datetime!(2027-03-01 09:14:05 +1),
            count: &8_214_507,
        };
        assert_eq!(
            sample.render().unwrap(),
            "12\u{a0}nov. 2026, 12/11/2026, novembre 2026, 1er\u{a0}mars 2027, 9\u{a0}h\u{a0}14, 09:14:05, 8\u{202f}214\u{202f}507"
        );
    }

    #[test]
    fn thousands() {
        for (plain, set) in [
            ("0", "0"),
            ("999", "999"),
            ("1000", "1\u{202f}000"),
            ("-12345", "-12\u{202f}345"),
            ("1204,50", "1\u{202f}204,50"),
        ] {
            assert_eq!(grouped(plain), set);
        }
    }

    #[test]
    fn typography_of_one_text() {
        assert_eq!(typo::default().execute("Refus :", NO_VALUES).unwrap(), "Refus\u{a0}:");
    }
}
