//! Instants. Days, zones and deadlines live in `day`; nothing here reads a clock.

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

/// As the bodies of facts about the log write an instant, its offset apart.
const WRITTEN: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day] [hour padding:none]:[minute]:[second].[subsecond]");

/// An instant in UTC, to the microsecond: what both databases can keep without loss.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Cuts an instant to the microsecond.
    pub fn new(instant: OffsetDateTime) -> Self {
        let utc = instant.to_offset(time::UtcOffset::UTC);
        Self(utc.replace_nanosecond(utc.nanosecond() / 1_000 * 1_000).unwrap_or(utc))
    }

    /// From microseconds since 1970; out of range becomes the epoch's year bound that `time` knows.
    pub fn from_micros(micros: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).ok().map(Self)
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        i64::try_from(self.0.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
    }

    /// From the text of an instant, as `instant` writes it.
    pub fn written(text: &str) -> Option<Self> {
        let utc = text.strip_suffix(" +00:00:00")?;
        PrimitiveDateTime::parse(utc, WRITTEN).ok().map(|at| Self::new(at.assume_utc()))
    }

    /// The instant, for formatting.
    pub fn instant(self) -> OffsetDateTime {
        self.0
    }

    /// The calendar month in UTC as `yyyymm`: the first part of a trace's key.
    pub fn month(self) -> i32 {
        self.0.year() * 100 + i32::from(u8::from(self.0.month()))
    }

    /// Whole hours since 1970: checkpoints are kept by the hour.
    pub fn hour(self) -> i64 {
        self.micros().div_euclid(3_600_000_000)
    }

    /// Later by `span`; stays where it is if the result cannot be written.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        self.0.checked_add(span).map_or(self, Self)
    }

    /// Earlier by `span`; stays where it is if the result cannot be written.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        self.0.checked_sub(span).map_or(self, Self)
    }

    /// How long after `earlier` this is (negative when before).
    pub fn since(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn microseconds_come_back(micros in -60_000_000_000_000_000_i64..200_000_000_000_000_000_i64) {
            prop_assert_eq!(Timestamp::from_micros(micros).map(Timestamp::micros), Some(micros));
        }

        #[test]
        fn what_is_written_is_read(micros in 0_i64..4_000_000_000_000_000_i64) {
            let at = Timestamp::from_micros(micros);
            prop_assert_eq!(at.and_then(|at| Timestamp::written(&at.instant().to_string())), at);
        }
    }

    #[test]
    fn the_month_begins_the_key() {
        let last = Timestamp::new(time::macros::datetime!(2026-11-30 23:59:59.999999999 UTC));
        assert_eq!(last.month(), 202_611);
        assert_eq!(last.plus(Duration::microseconds(1)).month(), 202_612);
    }
}
