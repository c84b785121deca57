//! A calendar month: the quotient familial is a monthly figure.

use time::Date;

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(Date);

impl Month {
    /// The month of this number (1 to 12) in this year.
    pub fn new(year: i32, month: u8) -> Option<Self> {
        let month = time::Month::try_from(month).ok()?;
        Date::from_calendar_date(year, month, 1).ok().map(Self)
    }

    /// The month in which a day lies.
    pub fn of(day: Date) -> Self {
        Self(day.replace_day(1).unwrap_or(day))
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.0
    }

    /// Its year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// Its number, 1 to 12.
    pub fn number(self) -> u8 {
        u8::from(self.0.month())
    }

    /// The month before.
    #[must_use]
    pub fn previous(self) -> Self {
        self.0.previous_day().map_or(self, Self::of)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_month_knows_the_one_before() {
        assert_eq!(Month::of(date!(2026 - 01 - 31)).previous().first_day(), date!(2025 - 12 - 01));
        assert_eq!(Month::new(2026, 12), Some(Month::of(date!(2026 - 12 - 25))));
        assert_eq!(Month::new(2026, 13), None);
        assert_eq!(Month::of(date!(-9999 - 01 - 01)).previous().first_day(), date!(-9999 - 01 - 01));
    }
}
