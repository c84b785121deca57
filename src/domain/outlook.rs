//! How long the space for traces lasts, at the pace of the last days.

use time::Duration;

/// What a trace takes, indexes and seal included.
pub const BYTES: u64 = 1_024;
/// Live traces that an embedded database is made for.
pub const EMBEDDED: u64 = 20_000_000;
/// A pace is measured over that long.
pub const LATELY: Duration = Duration::days(7);
/// Traces stay that long; those of an older day make room for new ones.
pub const KEPT_DAYS: u64 = 184;
/// From that share on, somebody is told.
pub const PRESSING: u64 = 80;
/// So is somebody when fewer days are left.
const SOON: u64 = 60;
/// A pace measured over less says nothing.
const SHORTEST: Duration = Duration::DAY;

/// How the log grew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Growth {
    /// Traces that are not past their day.
    pub live: u64,
    /// Traces sealed lately,
    pub lately: u64,
    /// over that long.
    pub over: Duration,
}

/// What limits it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Room {
    /// Live traces at most.
    pub most: Option<u64>,
    /// Bytes left and in all on the volume, where it is ours to see.
    pub volume: Option<(u64, u64)>,
}

/// What is to be expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlook {
    /// Live traces.
    pub live: u64,
    /// Traces a day; nothing before a day was measured.
    pub a_day: Option<u64>,
    /// Days until there is no room; nothing when traces that reach their day will make enough of it.
    pub days_left: Option<u64>,
    /// What somebody should look at.
    pub warnings: Vec<Pressing>,
}

/// What somebody should look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pressing {
    /// So many hundredths of the traces that an embedded database is made for.
    Rows(u64),
    /// So many hundredths of the volume.
    Volume(u64),
    /// So many days are left.
    Days(u64),
}

fn share(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100).checked_div(whole).unwrap_or(0)
}

/// How many hundredths of a volume are filled.
pub fn filled(left: u64, total: u64) -> u64 {
    share(total.saturating_sub(left), total)
}

/// Looks ahead.
pub fn outlook(growth: Growth, room: Room) -> Outlook {
    let seconds = u64::try_from(growth.over.whole_seconds()).unwrap_or(0);
    let a_day = (growth.over >= SHORTEST).then(|| growth.lately.saturating_mul(86_400) / seconds);
    let by_rows = room.most.map(|most| most.saturating_sub(growth.live));
    let by_volume = room.volume.map(|(left, _)| left / BYTES);
    let free = by_rows.into_iter().chain(by_volume).min();
    let days_left = a_day.zip(free).and_then(|(a_day, free)| {
        let settled = a_day.saturating_mul(KEPT_DAYS);
        (growth.live.saturating_add(free) < settled).then(|| free.checked_div(a_day)).flatten()
    });
    let rows = room.most.map(|most| share(growth.live, most)).filter(|share| *share >= PRESSING);
    let volume = room.volume.map(|(left, total)| filled(left, total));
    let volume = volume.filter(|share| *share >= PRESSING);
    let days = days_left.filter(|days| *days < SOON);
    let warnings = rows.map(Pressing::Rows).into_iter();
    let warnings = warnings.chain(volume.map(Pressing::Volume)).chain(days.map(Pressing::Days)).collect();
    Outlook { live: growth.live, a_day, days_left, warnings }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TERA: u64 = 1_000_000_000_000;

    fn week(live: u64, a_day: u64) -> Growth {
        Growth { live, lately: a_day * 7, over: LATELY }
    }

    #[test]
    fn eighty_hundredths_are_told() {
        let room = Room { most: Some(EMBEDDED), volume: Some((TERA, TERA)) };
        assert_eq!(outlook(week(15_999_999, 1_000), room).warnings, []);
        assert_eq!(outlook(week(16_000_000, 1_000), room).warnings, [Pressing::Rows(80)]);
        let small = |left| Room { most: None, volume: Some((left, 2_000_000)) };
        assert_eq!(outlook(week(10, 0), small(400_001)).warnings, []);
        assert_eq!(outlook(week(10, 0), small(400_000)).warnings, [Pressing::Volume(80)]);
    }

    #[test]
    fn days_are_counted_until_traces_make_room_by_themselves() {
        let room = |rows: u64| Room { most: None, volume: Some((rows * BYTES, TERA * 10)) };
        let some = outlook(week(50_000, 10_000), room(100_000));
        assert_eq!((some.a_day, some.days_left), (Some(10_000), Some(10)));
        assert!(some.warnings.contains(&Pressing::Days(10)));
        // Six months of ten thousand a day fit: there is no last day.
        assert_eq!(outlook(week(50_000, 10_000), room(1_790_000)).days_left, None);
        assert_eq!(outlook(week(50_000, 10_000), room(1_789_999)).days_left, Some(178));
        // A server's volume is its own, and a log of an hour has no pace.
        assert_eq!(outlook(week(50_000, 10_000), Room::default()).days_left, None);
        let young = Growth { live: 600, lately: 600, over: Duration::hours(23) };
        assert_eq!(outlook(young, room(10)).a_day, None);
    }

    proptest! {
        #[test]
        fn less_room_is_never_better(live in 0_u64..30_000_000, a_day in 0_u64..400_000, left in 0_u64..TERA) {
            let days = |left| {
                let room = Room { most: Some(EMBEDDED), volume: Some((left, TERA)) };
                outlook(week(live, a_day), room).days_left.unwrap_or(u64::MAX)
            };
            prop_assert!(days(left / 2) <= days(left));
        }
    }
}
