//! Caps: how many people may hold a role or a service, and whether one more may (001 art. 2.2.1).

use std::collections::BTreeSet;

use super::day::Day;
use super::id::{AccountId, RoleId};

/// A place taken: somebody holds, or will hold, a role of the membership.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Place {
    /// Who.
    pub account: AccountId,
    /// Which role.
    pub role: RoleId,
    /// Last day of the holding, that day included.
    pub ends_on: Option<Day>,
}

impl Place {
    /// An expired holding takes no place; a future, pending or suspended one does.
    pub fn counts_on(&self, today: Day) -> bool {
        self.ends_on.is_none_or(|end| today <= end)
    }
}

/// The limits of one membership.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Limits {
    /// People at most for the service, whatever their roles.
    pub service: u32,
    /// People at most for one role, where the organism fixed one.
    pub roles: Vec<(RoleId, u32)>,
}

impl Limits {
    /// The cap of a role, where there is one.
    pub fn of_role(&self, role: RoleId) -> Option<u32> {
        self.roles.iter().find(|(capped, _)| *capped == role).map(|(_, cap)| *cap)
    }
}

/// How a cap stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gauge {
    /// Distinct people counted.
    pub used: u32,
    /// People at most.
    pub cap: u32,
}

impl Gauge {
    /// Places left; none when the cap is reached or passed.
    pub fn left(self) -> u32 {
        self.cap.saturating_sub(self.used)
    }

    /// People beyond the cap, after it was lowered.
    pub fn over(self) -> u32 {
        self.used.saturating_sub(self.cap)
    }
}

/// Places that are not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shortage {
    /// Distinct people counted.
    pub used: u32,
    /// People at most.
    pub cap: u32,
    /// People who would each take one more place.
    pub more: u32,
}

/// Why more holders are refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CapReached {
    /// The service has too few places left.
    #[error("{} people for {} places of the service, {} more wanted", .0.used, .0.cap, .0.more)]
    Service(Shortage),
    /// The role has too few places left.
    #[error("{} people for {} places of the role, {} more wanted", .1.used, .1.cap, .1.more)]
    Role(RoleId, Shortage),
}

/// Distinct people who hold the service, or one role of it, by whatever route.
pub fn people(places: &[Place], role: Option<RoleId>, today: Day) -> u32 {
    count(&counted(places, role, today))
}

fn counted(places: &[Place], role: Option<RoleId>, today: Day) -> BTreeSet<AccountId> {
    places
        .iter()
        .filter(|place| place.counts_on(today) && role.is_none_or(|role| place.role == role))
        .map(|place| place.account)
        .collect()
}

fn count(people: &BTreeSet<AccountId>) -> u32 {
    u32::try_from(people.len()).unwrap_or(u32::MAX)
}

/// The gauge of the service.
pub fn service_gauge(places: &[Place], limits: &Limits, today: Day) -> Gauge {
    Gauge { used: people(places, None, today), cap: limits.service }
}

/// The gauge of a role, where it has a cap.
pub fn role_gauge(places: &[Place], limits: &Limits, role: RoleId, today: Day) -> Option<Gauge> {
    limits.of_role(role).map(|cap| Gauge { used: people(places, Some(role), today), cap })
}

/// Whether one place more may be taken.
pub fn admit(places: &[Place], limits: &Limits, comer: Place, today: Day) -> Result<(), CapReached> {
    admit_all(places, limits, &[comer], today)
}

/// Whether all these places may be taken, or none. Somebody who already counts takes no second place, whichever
/// route gives him the first and whichever gives the second.
pub fn admit_all(places: &[Place], limits: &Limits, comers: &[Place], today: Day) -> Result<(), CapReached> {
    let short = |role: Option<RoleId>, cap: u32| {
        let before = counted(places, role, today);
        let more = count(&counted(comers, role, today).difference(&before).copied().collect());
        let used = count(&before);
        (more > cap.saturating_sub(used)).then_some(Shortage { used, cap, more }).filter(|_| more > 0)
    };
    let roles: BTreeSet<RoleId> = comers.iter().map(|comer| comer.role).collect();
    for role in roles {
        if let Some(shortage) = limits.of_role(role).and_then(|cap| short(Some(role), cap)) {
            return Err(CapReached::Role(role, shortage));
        }
    }
    short(None, limits.service).map_or(Ok(()), |shortage| Err(CapReached::Service(shortage)))
}

/// How a request for more places stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestState {
    /// It waits for the organism.
    Open,
    /// The organism raised the cap.
    Accepted,
    /// The organism said why not.
    Refused,
}

impl RequestState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Accepted, Self::Refused];

    /// The word of its row.
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
        }
    }

    /// The state that a row tells.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// The least number that may be asked for: one more than there is. What has no cap has nothing to ask for.
pub fn least_to_ask(now: Option<u32>) -> Option<u32> {
    now.map(|cap| cap.saturating_add(1))
}

/// The least cap that answers a wish: it gives more than there is, unless there has come to be enough already. Where
/// the cap was lifted meanwhile, a new one gives no less than what was wanted.
pub fn least_to_accept(now: Option<u32>, wanted: u32) -> u32 {
    now.map_or(wanted, |cap| cap.saturating_add(1).min(wanted).max(cap))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;
    use uuid::Uuid;

    use super::super::id::RowId;
    use super::*;

    fn place(account: u8, role: u8, ends_in: Option<i8>) -> Place {
        Place {
            account: AccountId::from_uuid(Uuid::from_u128(account.into())),
            role: RoleId::from_uuid(Uuid::from_u128(role.into())),
            ends_on: ends_in.map(|days| today().plus_days(days.into())),
        }
    }

    fn today() -> Day {
        Day::from(date!(2026 - 11 - 21))
    }

    proptest! {
        /// Whatever is asked in whatever order, what was admitted never passes a cap.
        #[test]
        fn no_sequence_of_admissions_passes_a_cap(
            asked in prop::collection::vec((0..12_u8, 0..3_u8, prop::option::of(-3..9_i8)), 0..60),
            service in 0..9_u32, first in prop::option::of(0..5_u32),
        ) {
            let role = |n: u8| place(0, n, None).role;
            let limits = Limits { service, roles: first.map(|cap| (role(0), cap)).into_iter().collect() };
            let mut places = Vec::new();
            for (account, number, ends_in) in asked {
                let wanted = place(account, number, ends_in);
                if admit(&places, &limits, wanted, today()).is_ok() {
                    places.push(wanted);
                }
                prop_assert!(people(&places, None, today()) <= service);
                if let Some(cap) = first {
                    prop_assert!(people(&places, Some(role(0)), today()) <= cap);
                }
            }
        }

        /// A batch is admitted whole or not at all: never past a cap, and never refused where there is room for all.
        #[test]
        fn a_batch_passes_no_cap_and_is_refused_only_for_want_of_room(
            held in prop::collection::vec((0..9_u8, 0..3_u8, prop::option::of(-3..9_i8)), 0..20),
            comers in prop::collection::vec((0..12_u8, 0..3_u8, prop::option::of(-3..9_i8)), 0..9),
            service in 0..12_u32, first in prop::option::of(0..9_u32),
        ) {
            let places: Vec<Place> = held.into_iter().map(|(who, role, end)| place(who, role, end)).collect();
            let comers: Vec<Place> = comers.into_iter().map(|(who, role, end)| place(who, role, end)).collect();
            let role = place(0, 0, None).role;
            let limits = Limits { service, roles: first.map(|cap| (role, cap)).into_iter().collect() };
            let after: Vec<Place> = places.iter().chain(&comers).copied().collect();
            let fits = |role: Option<RoleId>, cap: u32| {
                people(&after, role, today()) <= cap.max(people(&places, role, today()))
            };
            let room = fits(None, service) && first.is_none_or(|cap| fits(Some(role), cap));
            prop_assert_eq!(admit_all(&places, &limits, &comers, today()).is_ok(), room);
        }

        /// To accept never takes places away, and gives some unless what was wanted is there.
        #[test]
        fn what_is_accepted_gives_more_or_enough(now in prop::option::of(0..40_u32), wanted in 1..40_u32) {
            let least = least_to_accept(now, wanted);
            prop_assert!(now.is_none_or(|cap| least > cap || (least == cap && cap >= wanted)));
            prop_assert!(least <= wanted.max(now.unwrap_or(0)));
            prop_assert!(now.is_some() || least == wanted);
        }

        /// A place given back can be taken again.
        #[test]
        fn revoking_frees_the_place(cap in 1..6_u8) {
            let limits = Limits { service: cap.into(), roles: Vec::new() };
            let mut places: Vec<Place> = (0..cap).map(|n| place(n, 0, None)).collect();
            let late = place(99, 0, None);
            prop_assert!(admit(&places, &limits, late, today()).is_err());
            places.pop();
            prop_assert!(admit(&places, &limits, late, today()).is_ok());
        }
    }

    #[test]
    fn one_person_takes_one_place_whatever_the_roles() {
        let limits = Limits { service: 1, roles: Vec::new() };
        let places = [place(1, 0, None)];
        let second = place(1, 1, None);
        assert_eq!(admit(&places, &limits, second, today()), Ok(()));
        assert_eq!(people(&[places[0], second], None, today()), 1);
    }

    #[test]
    fn the_last_day_still_counts() {
        assert!(place(1, 0, Some(0)).counts_on(today()));
        assert!(!place(1, 0, Some(-1)).counts_on(today()));
    }

    #[test]
    fn lowering_a_cap_removes_nobody_and_shows_the_excess() {
        let places: Vec<Place> = (0..27).map(|n| place(n, 0, None)).collect();
        let gauge = service_gauge(&places, &Limits { service: 25, roles: Vec::new() }, today());
        assert_eq!((gauge.used, gauge.left(), gauge.over()), (27, 0, 2));
    }
}
