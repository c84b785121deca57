//! Groups: a role given to one reaches all its members, and each of them counts once however he holds it.

use super::access::Office;
use super::caps::{CapReached, Limits, Place, admit_all};
use super::day::Day;
use super::grants::{Held, Obstacle, Period, Phase, within_bounds};
use super::id::{AccountId, CirconscriptionId, GroupGrantId, RoleId};
use super::territory::Perimeter;

/// People at most in one group: a role given to it is one short transaction.
pub const MOST_MEMBERS: usize = 100;
/// Groups at most that serve at one partner: its list is one page.
pub const MOST_GROUPS: usize = 200;

/// Whether the holder of such an office may be in a group. Those who manage groups never are: what they hold is the
/// organism's to decide, and a group would let each decide for himself or for the other.
pub fn may_join(office: Office) -> bool {
    office == Office::User
}

/// A role of one membership that a group gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Given {
    /// The grant.
    pub grant: GroupGrantId,
    /// Which role.
    pub role: RoleId,
    /// When.
    pub period: Period,
}

/// What somebody asks to give to a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// Which role.
    pub role: RoleId,
    /// Where.
    pub perimeter: Perimeter,
    /// The circonscription that is this place, if it is one: the grant follows it.
    pub circonscription: Option<CirconscriptionId>,
    /// When.
    pub period: Period,
}

/// How such a wish is met.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Granted {
    /// The ended grant of the same role that this one replaces.
    pub renews: Option<GroupGrantId>,
}

/// Decides whether a group may be given a role: all its members get it, or nobody does.
pub fn grant(
    wanted: &Wanted,
    members: &[AccountId],
    given: &[Given],
    held: &[Held],
    limits: &Limits,
    within: &Perimeter,
    today: Day,
) -> Result<Granted, Obstacle> {
    within_bounds(&wanted.perimeter, wanted.period, within, today)?;
    let renews = match given.iter().find(|given| given.role == wanted.role) {
        Some(given) if given.period.phase(today) == Phase::Ended => Some(given.grant),
        Some(_) => return Err(Obstacle::AlreadyHeld),
        None => None,
    };
    let comers: Vec<Place> = members
        .iter()
        .map(|account| Place { account: *account, role: wanted.role, ends_on: wanted.period.ends_on })
        .collect();
    admit_all(&places(held), limits, &comers, today).map_err(Obstacle::Cap)?;
    Ok(Granted { renews })
}

/// Decides whether people may come into a group, on what it gives of one membership: all of them, or nobody.
pub fn join(
    newcomers: &[AccountId],
    given: &[Given],
    held: &[Held],
    limits: &Limits,
    today: Day,
) -> Result<(), CapReached> {
    admit_all(&places(held), limits, &comers(newcomers, given), today)
}

/// The places that people would take by coming into a group.
pub fn comers(newcomers: &[AccountId], given: &[Given]) -> Vec<Place> {
    let place = |account: &AccountId, given: &Given| Place {
        account: *account,
        role: given.role,
        ends_on: given.period.ends_on,
    };
    newcomers.iter().flat_map(|account| given.iter().map(move |given| place(account, given))).collect()
}

/// From when to when somebody holds what his group gives: never from before he came.
pub fn reaches(period: Period, today: Day) -> Option<Period> {
    (period.phase(today) != Phase::Ended)
        .then(|| Period { starts_on: period.starts_on.max(today), ends_on: period.ends_on })
}

fn places(held: &[Held]) -> Vec<Place> {
    held.iter().map(Held::place).collect()
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test stops where it is wrong")]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use time::macros::date;
    use uuid::Uuid;

    use super::super::caps::people;
    use super::super::grants;
    use super::super::id::{GrantId, GroupId, RowId};
    use super::*;

    fn today() -> Day {
        Day::from(date!(2026 - 11 - 21))
    }

    fn id<I: RowId>(number: u8) -> I {
        I::from_uuid(Uuid::from_u128(number.into()))
    }

    fn from_today() -> Period {
        Period { starts_on: today(), ends_on: None }
    }

    /// What somebody tries next.
    #[derive(Clone, Debug)]
    enum Act {
        Grant(u8, u8),
        Revoke(u8, u8),
        Join(u8, Vec<u8>),
        Leave(u8, u8),
        Give(u8, u8),
        TakeBack(u8, u8),
    }

    fn act() -> impl Strategy<Value = Act> {
        let (who, role, group) = (0..8_u8, 0..3_u8, 0..3_u8);
        prop_oneof![
            (who.clone(), role.clone()).prop_map(|(who, role)| Act::Grant(who, role)),
            (who.clone(), role.clone()).prop_map(|(who, role)| Act::Revoke(who, role)),
            (group.clone(), prop::collection::vec(who.clone(), 1..4))
                .prop_map(|(group, who)| Act::Join(group, who)),
            (group.clone(), who).prop_map(|(group, who)| Act::Leave(group, who)),
            (group.clone(), role.clone()).prop_map(|(group, role)| Act::Give(group, role)),
            (group, role).prop_map(|(group, role)| Act::TakeBack(group, role)),
        ]
    }

    /// A partner as its rows keep it: what is held, who is where, what each group gives.
    #[derive(Default)]
    struct Books {
        held: Vec<Held>,
        members: BTreeMap<u8, BTreeSet<u8>>,
        given: BTreeMap<u8, BTreeSet<u8>>,
    }

    impl Books {
        fn given(&self, group: u8) -> Vec<Given> {
            let roles = self.given.get(&group).into_iter().flatten();
            roles.map(|role| Given { grant: id(*role), role: id(*role), period: from_today() }).collect()
        }

        fn members(&self, group: u8) -> Vec<AccountId> {
            self.members.get(&group).into_iter().flatten().map(|who| id(*who)).collect()
        }

        fn hold(&mut self, account: AccountId, role: RoleId, group: Option<u8>) {
            let group: Option<GroupId> = group.map(id);
            self.held.push(Held { grant: id(0), account, role, period: from_today(), group, able: true });
        }

        fn tries(&mut self, act: &Act, limits: &Limits) {
            let within = "59410".parse().unwrap_or_default();
            let perimeter: Perimeter = "59410".parse().unwrap_or_default();
            match act {
                Act::Grant(who, role) => {
                    let (account, role) = (id(*who), id(*role));
                    let wanted = grants::Wanted {
                        account,
                        role,
                        perimeter,
                        circonscription: None,
                        period: from_today(),
                    };
                    if grants::grant(&wanted, &self.held, limits, &within, today()).is_ok() {
                        self.hold(account, role, None);
                    }
                }
                Act::Revoke(who, role) => self.held.retain(|held| {
                    held.group.is_some() || held.account != id(*who) || held.role != id(*role)
                }),
                Act::Join(group, who) => {
                    let inside = self.members.entry(*group).or_default();
                    let new: BTreeSet<u8> = who.iter().filter(|who| !inside.contains(who)).copied().collect();
                    let newcomers: Vec<AccountId> = new.iter().map(|who| id(*who)).collect();
                    let given = self.given(*group);
                    if join(&newcomers, &given, &self.held, limits, today()).is_ok() {
                        self.members.entry(*group).or_default().extend(new);
                        for comer in comers(&newcomers, &given) {
                            self.hold(comer.account, comer.role, Some(*group));
                        }
                    }
                }
                Act::Leave(group, who) => {
                    self.members.entry(*group).or_default().remove(who);
                    self.held.retain(|held| held.group != Some(id(*group)) || held.account != id(*who));
                }
                Act::Give(group, role) => {
                    let (members, given) = (self.members(*group), self.given(*group));
                    let wanted =
                        Wanted { role: id(*role), perimeter, circonscription: None, period: from_today() };
                    if grant(&wanted, &members, &given, &self.held, limits, &within, today()).is_ok() {
                        self.given.entry(*group).or_default().insert(*role);
                        for account in members {
                            self.hold(account, id(*role), Some(*group));
                        }
                    }
                }
                Act::TakeBack(group, role) => {
                    self.given.entry(*group).or_default().remove(role);
                    self.held.retain(|held| held.group != Some(id(*group)) || held.role != id(*role));
                }
            }
        }
    }

    proptest! {
        /// Whatever is tried in whatever order by whatever route, no cap is passed; members of a group hold all that
        /// it gives, and nobody holds anything by a group that does not give it or where he is not.
        #[test]
        fn no_route_leads_past_a_cap(
            acts in prop::collection::vec(act(), 0..60), service in 0..6_u32, first in prop::option::of(0..4_u32),
        ) {
            let limits = Limits { service, roles: first.map(|cap| (id(0), cap)).into_iter().collect() };
            let mut books = Books::default();
            for act in &acts {
                books.tries(act, &limits);
                let places = places(&books.held);
                prop_assert!(people(&places, None, today()) <= service);
                prop_assert!(first.is_none_or(|cap| people(&places, Some(id(0)), today()) <= cap));
                for group in 0..3_u8 {
                    let by: BTreeSet<(AccountId, RoleId)> = books
                        .held
                        .iter()
                        .filter(|held| held.group == Some(id(group)))
                        .map(|held| (held.account, held.role))
                        .collect();
                    let given = books.given(group);
                    let members = books.members(group);
                    let due = comers(&members, &given).into_iter().map(|place| (place.account, place.role));
                    prop_assert_eq!(by, due.collect());
                }
            }
        }

        /// Withdrawing one of several routes frees nothing; withdrawing the last one frees the place.
        #[test]
        fn a_place_is_free_when_its_last_route_goes(routes in 1..4_u8) {
            let limits = Limits { service: 1, roles: Vec::new() };
            let mut held: Vec<Held> = (0..routes)
                .map(|route| Held {
                    grant: id::<GrantId>(route),
                    account: id(1),
                    role: id(1),
                    period: from_today(),
                    group: (route > 0).then(|| id(route)),
                    able: true,
                })
                .collect();
            let late = [Place { account: id(2), role: id(1), ends_on: None }];
            while !held.is_empty() {
                prop_assert!(admit_all(&places(&held), &limits, &late, today()).is_err());
                prop_assert_eq!(grants::frees_its_place(held[0].grant, &held, today()), held.len() == 1);
                held.remove(0);
            }
            prop_assert!(admit_all(&places(&held), &limits, &late, today()).is_ok());
        }
    }

    #[test]
    fn those_who_manage_groups_are_in_none() {
        for office in Office::ALL {
            assert_eq!(may_join(office), office == Office::User);
        }
    }

    #[test]
    fn nobody_holds_from_before_he_came() {
        let period = |start: i64, end: Option<i64>| Period {
            starts_on: today().plus_days(start),
            ends_on: end.map(|end| today().plus_days(end)),
        };
        assert_eq!(reaches(period(-9, None), today()), Some(period(0, None)));
        assert_eq!(reaches(period(3, Some(9)), today()), Some(period(3, Some(9))));
        assert_eq!(reaches(period(-9, Some(-1)), today()), None);
    }
}
