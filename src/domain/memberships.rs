//! When a service opens to a partner: four conditions and a date, all of them reached (001 art. 2.1).

use super::day::Day;

/// What must be there before a service opens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Condition {
    /// The data-protection formality of the partner.
    Formality,
    /// The convention d'accès, signed and in force.
    Convention,
    /// The service contract, signed.
    Contract,
    /// The membership form, signed.
    Membership,
    /// The date from which the organism makes the service available.
    Availability,
}

impl Condition {
    /// Every condition, in the order in which pages show them.
    pub const ALL: [Self; 5] =
        [Self::Formality, Self::Convention, Self::Contract, Self::Membership, Self::Availability];
}

/// The day of each condition, where there is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Conditions {
    /// The formality was done on that day.
    pub formality: Option<Day>,
    /// The convention holds from that day ([`convention_holds_from`]).
    pub convention: Option<Day>,
    /// The contract was signed on that day.
    pub contract: Option<Day>,
    /// The membership form was signed on that day.
    pub membership: Option<Day>,
    /// The service is available from that day.
    pub available_on: Option<Day>,
}

/// Whether a service is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    /// It is.
    Open,
    /// Some conditions have no day yet.
    Missing(Vec<Condition>),
    /// Every condition has its day, the last of which is to come: the service opens then.
    NotBefore(Day),
}

impl Opening {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// The day from which a convention holds: its signature, or its later effect.
pub fn convention_holds_from(signed_on: Option<Day>, effective_on: Option<Day>) -> Option<Day> {
    signed_on.map(|signed| effective_on.map_or(signed, |effective| effective.max(signed)))
}

impl Conditions {
    /// The day of one condition.
    pub fn day_of(&self, condition: Condition) -> Option<Day> {
        match condition {
            Condition::Formality => self.formality,
            Condition::Convention => self.convention,
            Condition::Contract => self.contract,
            Condition::Membership => self.membership,
            Condition::Availability => self.available_on,
        }
    }

    /// Whether one condition holds on a day. A day to come does not hold yet.
    pub fn holds(&self, condition: Condition, on: Day) -> bool {
        self.day_of(condition).is_some_and(|day| day <= on)
    }

    /// The latest of the days that are known: before it the service cannot open.
    pub fn latest(&self) -> Option<Day> {
        Condition::ALL.into_iter().filter_map(|condition| self.day_of(condition)).max()
    }

    /// Whether the service is open on a day.
    pub fn opening(&self, on: Day) -> Opening {
        let missing: Vec<Condition> =
            Condition::ALL.into_iter().filter(|condition| self.day_of(*condition).is_none()).collect();
        match self.latest() {
            Some(latest) if missing.is_empty() && latest <= on => Opening::Open,
            Some(latest) if missing.is_empty() => Opening::NotBefore(latest),
            _ => Opening::Missing(missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    fn today() -> Day {
        Day::from(date!(2026 - 11 - 21))
    }

    fn some_day() -> impl Strategy<Value = Option<Day>> {
        prop::option::weighted(0.8, (-40..40_i64).prop_map(|days| today().plus_days(days)))
    }

    prop_compose! {
        fn conditions()(
            formality in some_day(), convention in some_day(), contract in some_day(),
            membership in some_day(), available_on in some_day(),
        ) -> Conditions {
            Conditions { formality, convention, contract, membership, available_on }
        }
    }

    proptest! {
        #[test]
        fn open_exactly_when_every_condition_holds(conditions in conditions(), after in -50..50_i64) {
            let on = today().plus_days(after);
            let all = Condition::ALL.into_iter().all(|condition| conditions.holds(condition, on));
            prop_assert_eq!(conditions.opening(on) == Opening::Open, all);
        }

        #[test]
        fn opens_on_the_day_that_was_announced_and_stays_open(conditions in conditions(), after in 0..50_i64) {
            if let Opening::NotBefore(day) = conditions.opening(today()) {
                prop_assert!(day > today());
                prop_assert_eq!(conditions.opening(day.plus_days(-1)), Opening::NotBefore(day));
                prop_assert_eq!(conditions.opening(day.plus_days(after)), Opening::Open);
            }
        }

        #[test]
        fn time_alone_never_fills_what_is_missing(conditions in conditions(), after in 0..400_i64) {
            if let Opening::Missing(missing) = conditions.opening(today()) {
                prop_assert!(missing.iter().all(|condition| conditions.day_of(*condition).is_none()));
                prop_assert_eq!(conditions.opening(today().plus_days(after)), Opening::Missing(missing));
            }
        }
    }

    #[test]
    fn a_convention_holds_from_the_later_of_its_two_days() {
        let (signed, effective) = (Some(today()), Some(today().plus_days(9)));
        assert_eq!(convention_holds_from(signed, None), signed);
        assert_eq!(convention_holds_from(signed, effective), effective);
        assert_eq!(convention_holds_from(effective, signed), effective);
        assert_eq!(convention_holds_from(None, effective), None, "a draft holds from no day");
    }
}
