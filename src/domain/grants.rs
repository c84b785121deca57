//! Grants: from when to when a role is held, by which route, what may be granted, and who takes a place.

use std::collections::BTreeSet;

use super::caps::{CapReached, Limits, Place, admit};
use super::day::Day;
use super::id::{AccountId, CirconscriptionId, GrantId, GroupId, RoleId};
use super::territory::Perimeter;

/// Years during which a grant that was withdrawn is kept (001 art. 5.3.2).
pub const KEPT_YEARS: u16 = 6;

/// The days on which a grant holds, both included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Period {
    /// First day.
    pub starts_on: Day,
    /// Last day; none when it lasts until it is withdrawn.
    pub ends_on: Option<Day>,
}

/// Where a day stands in a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Before it.
    ToCome,
    /// Inside.
    InForce,
    /// After it.
    Ended,
}

impl Period {
    /// A period whose days follow one another.
    pub fn new(starts_on: Day, ends_on: Option<Day>) -> Option<Self> {
        ends_on.is_none_or(|end| end >= starts_on).then_some(Self { starts_on, ends_on })
    }

    /// Whether it holds on a day: decided then, never by a job.
    pub fn holds_on(&self, day: Day) -> bool {
        self.phase(day) == Phase::InForce
    }

    /// Where a day stands in it.
    pub fn phase(&self, day: Day) -> Phase {
        if day < self.starts_on {
            Phase::ToCome
        } else if self.ends_on.is_none_or(|end| day <= end) {
            Phase::InForce
        } else {
            Phase::Ended
        }
    }
}

/// A grant of one membership, as caps see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// The grant.
    pub grant: GrantId,
    /// Who.
    pub account: AccountId,
    /// Which role.
    pub role: RoleId,
    /// When.
    pub period: Period,
    /// The group by which it is held; none when it was given to the person.
    pub group: Option<GroupId>,
    /// Whether the person can sign in: a password was chosen, and the account is not suspended.
    pub able: bool,
}

impl Held {
    /// The place it takes.
    pub fn place(&self) -> Place {
        Place { account: self.account, role: self.role, ends_on: self.period.ends_on }
    }
}

/// The people who take the places of a role or of a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Usage {
    /// They can use it today.
    pub active: u32,
    /// They count, but cannot yet or for now: first sign-in awaited, later start, suspended.
    pub waiting: u32,
}

impl Usage {
    /// Of one role, or of the service as a whole.
    pub fn of(held: &[Held], role: Option<RoleId>, today: Day) -> Self {
        let people = |counts: &dyn Fn(&Held) -> bool| -> BTreeSet<AccountId> {
            let of_role = |held: &&Held| role.is_none_or(|role| held.role == role);
            held.iter().filter(of_role).filter(|held| counts(held)).map(|held| held.account).collect()
        };
        let active = people(&|held| held.able && held.period.holds_on(today));
        let counted = people(&|held| held.place().counts_on(today));
        let number = |people: usize| u32::try_from(people).unwrap_or(u32::MAX);
        Self { active: number(active.len()), waiting: number(counted.difference(&active).count()) }
    }

    /// Everybody who counts.
    pub fn taken(self) -> u32 {
        self.active.saturating_add(self.waiting)
    }
}

/// What somebody asks to grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// To whom.
    pub account: AccountId,
    /// Which role.
    pub role: RoleId,
    /// Where.
    pub perimeter: Perimeter,
    /// The circonscription that is this place, if it is one: the grant follows it.
    pub circonscription: Option<CirconscriptionId>,
    /// When.
    pub period: Period,
}

impl Wanted {
    /// The place that it would take.
    pub fn place(&self) -> Place {
        Place { account: self.account, role: self.role, ends_on: self.period.ends_on }
    }
}

/// What stands between a wish and a grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Obstacle {
    /// It would begin in the past.
    Backdated,
    /// Nowhere.
    Nowhere,
    /// These places are not the membership's to give.
    Outside(Vec<String>),
    /// The service is given by circonscription, and none is named.
    NoCirconscription,
    /// The person holds the role, now or later.
    AlreadyHeld,
    /// No place is left.
    Cap(CapReached),
}

/// How a wish is met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Granted {
    /// The ended grant of the same role whose row this one takes over.
    pub renews: Option<GrantId>,
}

/// What any grant keeps to, whoever gets it: days that are not past, and a part of the membership's perimeter.
pub fn within_bounds(
    perimeter: &Perimeter,
    period: Period,
    within: &Perimeter,
    today: Day,
) -> Result<(), Obstacle> {
    if period.starts_on < today {
        return Err(Obstacle::Backdated);
    }
    if perimeter.is_empty() {
        return Err(Obstacle::Nowhere);
    }
    let outside = perimeter.outside(within);
    if outside.is_empty() { Ok(()) } else { Err(Obstacle::Outside(outside.names())) }
}

/// Decides whether a role may be granted to a person, on what the membership's grants, caps and perimeter are now.
/// What he holds by a group neither stands in the way nor is taken over: each route is withdrawn by itself.
pub fn grant(
    wanted: &Wanted,
    held: &[Held],
    limits: &Limits,
    within: &Perimeter,
    today: Day,
) -> Result<Granted, Obstacle> {
    within_bounds(&wanted.perimeter, wanted.period, within, today)?;
    let same = held
        .iter()
        .find(|held| held.group.is_none() && held.account == wanted.account && held.role == wanted.role);
    let renews = match same {
        Some(held) if held.period.phase(today) == Phase::Ended => Some(held.grant),
        Some(_) => return Err(Obstacle::AlreadyHeld),
        None => None,
    };
    let places: Vec<Place> = held.iter().map(Held::place).collect();
    admit(&places, limits, wanted.place(), today).map_err(Obstacle::Cap)?;
    Ok(Granted { renews })
}

/// Whether withdrawing one grant frees a place of its role: nothing else gives that role to the same person.
pub fn frees_its_place(grant: GrantId, held: &[Held], today: Day) -> bool {
    held.iter().find(|each| each.grant == grant).is_some_and(|this| {
        let another =
            |other: &Held| other.grant != grant && other.account == this.account && other.role == this.role;
        this.place().counts_on(today)
            && !held.iter().any(|other| another(other) && other.place().counts_on(today))
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;
    use uuid::Uuid;

    use super::super::caps::people;
    use super::super::id::RowId;
    use super::*;

    fn today() -> Day {
        Day::from(date!(2026 - 11 - 21))
    }

    fn account(number: u8) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number.into()))
    }

    fn role(number: u8) -> RoleId {
        RoleId::from_uuid(Uuid::from_u128(number.into()))
    }

    fn period(start: i64, end: Option<i64>) -> Period {
        Period { starts_on: today().plus_days(start), ends_on: end.map(|end| today().plus_days(end)) }
    }

    fn held(who: u8, which: u8, period: Period, able: bool) -> Held {
        Held {
            grant: GrantId::from_uuid(Uuid::nil()),
            account: account(who),
            role: role(which),
            period,
            group: None,
            able,
        }
    }

    fn wanted(who: u8, which: u8, perimeter: &str, period: Period) -> Wanted {
        let perimeter = perimeter.parse().unwrap();
        Wanted { account: account(who), role: role(which), perimeter, circonscription: None, period }
    }

    fn limits(service: u32) -> Limits {
        Limits { service, roles: Vec::new() }
    }

    proptest! {
        #[test]
        fn a_grant_holds_on_its_days_and_no_other(start in -9..9_i64, length in 0..9_i64, on in -20..20_i64) {
            let period = Period::new(today().plus_days(start), Some(today().plus_days(start + length)));
            let held = period.map(|period| period.holds_on(today().plus_days(on)));
            prop_assert_eq!(held, Some(start <= on && on <= start + length));
        }

        #[test]
        fn days_that_do_not_follow_one_another_make_no_period(start in -9..9_i64, end in -9..9_i64) {
            let made = Period::new(today().plus_days(start), Some(today().plus_days(end)));
            prop_assert_eq!(made.is_some(), start <= end);
        }

        /// Whatever is granted in whatever order, nobody holds a role twice and no cap is passed.
        #[test]
        fn what_is_granted_passes_no_cap_and_doubles_no_role(
            asked in prop::collection::vec((0..9_u8, 0..3_u8, -1..5_i64, prop::option::of(0..5_i64)), 0..50),
            cap in 0..7_u32,
        ) {
            let within = "59410 59350".parse().unwrap();
            let mut all: Vec<Held> = Vec::new();
            for (who, which, start, length) in asked {
                let period = period(start, length.map(|length| start + length));
                if grant(&wanted(who, which, "59410", period), &all, &limits(cap), &within, today()).is_ok() {
                    prop_assert!(start >= 0);
                    all.push(held(who, which, period, who % 2 == 0));
                }
                let pairs: BTreeSet<_> = all.iter().map(|held| (held.account, held.role)).collect();
                prop_assert_eq!(pairs.len(), all.len());
                let places: Vec<Place> = all.iter().map(Held::place).collect();
                prop_assert!(people(&places, None, today()) <= cap);
                prop_assert_eq!(Usage::of(&all, None, today()).taken(), people(&places, None, today()));
            }
        }
    }

    #[test]
    fn a_place_outside_is_named() {
        let within = "59410 59350".parse().unwrap();
        let ask =
            |perimeter| grant(&wanted(1, 1, perimeter, period(0, None)), &[], &limits(9), &within, today());
        assert_eq!(ask("59410"), Ok(Granted { renews: None }));
        assert_eq!(ask("59410 62041"), Err(Obstacle::Outside(vec!["Arras".to_owned()])));
        assert_eq!(ask("59"), Err(Obstacle::Outside(vec!["Nord (59)".to_owned()])));
        assert_eq!(ask(""), Err(Obstacle::Nowhere));
    }

    #[test]
    fn an_ended_grant_is_renewed_and_a_later_one_is_already_held() {
        let within = "59410".parse().unwrap();
        let ask = |before: Period| {
            grant(
                &wanted(1, 1, "59410", period(0, None)),
                &[held(1, 1, before, true)],
                &limits(1),
                &within,
                today(),
            )
        };
        assert!(ask(period(-9, Some(-1))).unwrap().renews.is_some());
        assert_eq!(ask(period(-9, Some(0))), Err(Obstacle::AlreadyHeld));
        assert_eq!(ask(period(5, None)), Err(Obstacle::AlreadyHeld));
    }

    #[test]
    fn one_person_counts_once_and_is_active_if_one_grant_is() {
        let all = [
            held(1, 1, period(0, None), true),
            held(1, 2, period(9, None), true),
            held(2, 1, period(0, None), false),
            held(3, 1, period(3, None), true),
            held(4, 1, period(-9, Some(-1)), true),
        ];
        assert_eq!(Usage::of(&all, None, today()), Usage { active: 1, waiting: 2 });
        assert_eq!(Usage::of(&all, Some(role(2)), today()), Usage { active: 0, waiting: 1 });
    }
}
