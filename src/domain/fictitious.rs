//! Files of households that do not exist, coherent enough to try everything on them. The same seed gives the same
//! files for ever. Names, streets, telephone numbers and mail domains are invented or reserved for fiction.

mod dice;
mod household;
mod money;
mod names;
mod reach;

use time::Date;

use self::dice::Dice;
use self::household::Household;
use crate::domain::file_number::FileNumber;
use crate::domain::files::File;
use crate::domain::territory::{Commune, CommuneCode, Perimeter};

/// Numbers run from 1 to this one.
const NUMBERS: u64 = 9_999_999;
/// Near the golden section of [`NUMBERS`] and without common divisor: each step lands far from the last ones, and
/// every number is met once before any comes back.
const STEP: u64 = 6_180_341;

/// `count` files (one for each number that there is, at most) of households that live in this perimeter, as they
/// stood on that day. Communes that the perimeter names receive half of the files when it also has départements.
/// A longer series begins with the shorter one. No file where the perimeter has no commune with a postal code.
pub fn files(seed: u64, count: u32, within: &Perimeter, as_of: Date) -> impl Iterator<Item = File> + use<> {
    let places = Places::of(within);
    let first = Dice::new(seed, 0).among(0..=NUMBERS - 1);
    (0..u64::from(count).min(NUMBERS)).filter_map(move |place| {
        let number = 1 + (first + place * STEP) % NUMBERS;
        let number = FileNumber::try_from(u32::try_from(number).ok()?).ok()?;
        file(number, &mut Dice::new(seed, 1 + place), &places, as_of)
    })
}

fn file(number: FileNumber, dice: &mut Dice, places: &Places, as_of: Date) -> Option<File> {
    let commune = places.one(dice)?;
    let household = Household::new(dice, places, as_of);
    let income = money::income(dice, &household);
    let rights = money::rights(dice, &household, income);
    let quotient = money::quotient(dice, income, as_of);
    let address = reach::address(dice, &household, commune, places)?;
    Some(File {
        number,
        commune: commune.code(),
        as_of,
        quotient,
        family: household.family(dice),
        rights,
        address,
    })
}

/// Where households live and were born.
struct Places {
    named: Vec<&'static Commune>,
    around: Vec<&'static Commune>,
}

impl Places {
    fn of(within: &Perimeter) -> Self {
        let reached = |commune: &&Commune| !commune.postal_codes.is_empty();
        let named: Vec<_> = within.communes.iter().map(CommuneCode::row).filter(reached).collect();
        let around =
            within.covered().filter(reached).filter(|commune| !within.communes.contains(&commune.code()));
        Self { around: around.collect(), named }
    }

    fn one(&self, dice: &mut Dice) -> Option<&'static Commune> {
        let named = self.around.is_empty() || (!self.named.is_empty() && dice.percent(50));
        dice.pick(if named { &self.named } else { &self.around })
    }
}

#[cfg(test)]
mod tests;
