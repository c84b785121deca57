//! How long somebody may be watched before somebody else looks at it again (004 art. 7 sets no term; what has none is
//! forgotten).

use crate::domain::day::Day;

/// The last day of a surveillance that begins, or is prolonged, today: three months.
pub fn lasts_at_most(today: Day) -> Day {
    today.plus_months(3)
}

/// The last day that a form proposes: one month.
pub fn lasts_usually(today: Day) -> Day {
    today.plus_months(1)
}
