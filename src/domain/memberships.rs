//! When a service is open to a partner: four conditions held, and the date come (001 art. 2.1).

use super::day::Day;

/// Something without which a service does not open.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Condition {
    /// The partner's data-protection formality.
    Formality,
    /// The signed convention.
    Convention,
    /// The signed service contract.
    Contract,
    /// The signed membership form.
    Membership,
    /// A date of availability fixed by the organism.
    Date,
}

/// The days on which the conditions of one membership were met.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Conditions {
    /// Data-protection formality done.
    pub formality: Option<Day>,
    /// Convention signed.
    pub convention: Option<Day>,
    /// Service contract signed.
    pub contract: Option<Day>,
    /// Membership form signed.
    pub membership: Option<Day>,
    /// Date of availability.
    pub available_on: Option<Day>,
}

/// Whether a service is open.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Opening {
    /// It is.
    Open,
    /// These are missing, or dated in the future.
    Missing(Vec<Condition>),
    /// Everything holds; it opens that day.
    NotBefore(Day),
}

impl Opening {
    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

impl Conditions {
    /// How the service stands on a day. What is dated after it does not hold yet.
    pub fn opening(&self, today: Day) -> Opening {
        let missing: Vec<Condition> = [
            (Condition::Formality, self.formality),
            (Condition::Convention, self.convention),
            (Condition::Contract, self.contract),
            (Condition::Membership, self.membership),
        ]
        .into_iter()
        .filter(|(_, met)| met.is_none_or(|met| met > today))
        .map(|(condition, _)| condition)
        .chain(self.available_on.is_none().then_some(Condition::Date))
        .collect();
        match self.available_on {
            _ if !missing.is_empty() => Opening::Missing(missing),
            Some(day) if day > today => Opening::NotBefore(day),
            _ => Opening::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    proptest! {
        #[test]
        fn a_service_is_open_only_when_all_five_days_have_come(
            days in prop::array::uniform5(prop::option::of(-3..4_i64)),
        ) {
            let today = Day::from(date!(2026 - 11 - 21));
            let day = |n: usize| days.get(n).copied().flatten().map(|days| today.plus_days(days));
            let conditions = Conditions {
                formality: day(0), convention: day(1), contract: day(2), membership: day(3), available_on: day(4),
            };
            let all_come = days.iter().all(|day| day.is_some_and(|day| day <= 0));
            prop_assert_eq!(conditions.opening(today).is_open(), all_come);
        }
    }
}
