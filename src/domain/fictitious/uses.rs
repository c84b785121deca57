//! What people who do not exist did with a service, day after day: they work on week days, less in summer, and more each
//! month; some fail to sign in, some look for a file that nobody has.

use std::collections::BTreeSet;

use time::{Month, Weekday};
use uuid::Uuid;

use super::dice::Dice;
use crate::domain::day::Day;
use crate::domain::id::{AccountId, PartnerId, RowId as _};
use crate::domain::statistics::{Matter, Use};

/// Whose uses are invented.
#[derive(Clone, Copy, Debug)]
pub struct Staff {
    /// Same seed, same uses.
    pub seed: u64,
    /// Of which partner.
    pub partner: PartnerId,
    /// How many people.
    pub people: u64,
    /// The code of the service.
    pub service: &'static str,
    /// The codes of its roles: the first is everybody's.
    pub roles: &'static [&'static str],
}

/// What they did on one day.
pub fn uses(staff: Staff, day: Day) -> Vec<Use> {
    let date = day.date();
    let mut dice = Dice::new(staff.seed, u64::from(date.to_julian_day().unsigned_abs()));
    let at_work = match (date.weekday(), date.month()) {
        (Weekday::Saturday | Weekday::Sunday, _) => 1,
        (_, Month::July | Month::August) => 30,
        _ => 55,
    };
    let mut uses = Vec::new();
    for nth in 0..staff.people {
        if !dice.percent(at_work) {
            continue;
        }
        let person = AccountId::from_uuid(Uuid::from_u128(u128::from(staff.seed) << 64 | u128::from(nth)));
        let sign_in = Use {
            day,
            partner: staff.partner,
            person,
            matter: Matter::SignIn,
            service: String::new(),
            roles: BTreeSet::new(),
            refused: false,
        };
        if dice.percent(6) {
            uses.push(Use { refused: true, ..sign_in.clone() });
        }
        for _ in 0..dice.among(0..=5) {
            let refused = dice.percent(4);
            let mut roles: BTreeSet<String> =
                staff.roles.first().map(|role| (*role).to_owned()).into_iter().collect();
            if nth % 3 == 0 {
                roles.extend(dice.pick(staff.roles).map(str::to_owned));
            }
            uses.push(Use {
                matter: Matter::File,
                service: staff.service.to_owned(),
                roles: if refused { BTreeSet::new() } else { roles },
                refused,
                ..sign_in.clone()
            });
        }
        uses.push(sign_in);
    }
    uses
}
