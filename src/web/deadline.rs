//! The time left before a day, in words.

use super::filters::counted;
use crate::domain::day::Day;
use crate::domain::trace_requests::is_late;

/// How much time is left for what is due before that day: its tone, and the words.
pub fn time_left(due: Day, today: Day) -> (&'static str, String) {
    let days = due.days_since(today);
    if is_late(due, today) {
        let late = u32::try_from(1 - days).unwrap_or(u32::MAX);
        return ("bad", format!("En retard de {}", counted(late, "jour")));
    }
    match u32::try_from(days - 1).unwrap_or(0) {
        0 => ("bad", "Dernier jour".to_owned()),
        left => (if left < 7 { "warn" } else { "wait" }, format!("Encore {}", counted(left, "jour"))),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_time_left_is_told_to_the_last_day() {
        let today = Day::from(date!(2026 - 11 - 23));
        let told = |days: i64| time_left(today.plus_days(days), today);
        assert_eq!(told(15), ("wait", "Encore 14 jours".to_owned()));
        assert_eq!(told(7), ("warn", "Encore 6 jours".to_owned()));
        assert_eq!(told(2), ("warn", "Encore 1 jour".to_owned()));
        assert_eq!(told(1), ("bad", "Dernier jour".to_owned()));
        assert_eq!(told(0), ("bad", "En retard de 1 jour".to_owned()));
    }
}
