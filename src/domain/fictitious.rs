//! Files of households that do not exist, coherent enough to try everything on them. The same seed gives the same
//! files for ever. Names, streets, telephone numbers and mail domains are invented or reserved for fiction.

mod dice;
mod household;
mod money;
mod names;
mod reach;
mod resources;
pub mod uses;
#[cfg(test)]
mod year;

use time::Date;

use self::dice::Dice;
use self::household::Household;
use self::resources::Case;
use crate::domain::file_number::FileNumber;
use crate::domain::files::{File, Fund};
use crate::domain::territory::{Commune, CommuneCode, Perimeter, communes};

/// Numbers run from 1 to this one.
const NUMBERS: u64 = 9_999_999;
/// Near the golden section of [`NUMBERS`] and without common divisor: each step lands far from the last ones, and
/// every number is met once before any comes back.
const STEP: u64 = 6_180_341;

/// `count` files (one for each number that there is, at most) of households that live in this perimeter, as they
/// stood on that day. Communes that the perimeter names receive half of the files when it also has départements.
/// A longer series begins with the shorter one. No file where the perimeter has no commune with a postal code.
pub fn files(seed: u64, count: u32, within: &Perimeter, as_of: Date) -> impl Iterator<Item = File> + use<> {
    files_of(Fund::Caf, seed, count, within, as_of)
}

/// The same for a CAF or for an MSA caisse. About one household in ten has RSA, and no two of them the same NIR.
pub fn files_of(
    fund: Fund,
    seed: u64,
    count: u32,
    within: &Perimeter,
    as_of: Date,
) -> impl Iterator<Item = File> + use<> {
    let places = Places::of(within);
    let first = Dice::new(seed, 0).among(0..=NUMBERS - 1);
    (0..u64::from(count).min(NUMBERS)).filter_map(move |place| {
        let number = 1 + (first + place * STEP) % NUMBERS;
        let number = FileNumber::try_from(u32::try_from(number).ok()?).ok()?;
        file(fund, number, place, &mut Dice::new(seed, 1 + place), &places, as_of)
    })
}

fn file(
    fund: Fund,
    number: FileNumber,
    place: u64,
    dice: &mut Dice,
    places: &Places,
    as_of: Date,
) -> Option<File> {
    let commune = places.one(dice)?;
    let household = Household::new(dice, places, &places.births(place)?, as_of);
    let around = money::income(dice, &household);
    let rights = money::rights(dice, &household, around);
    let quotient = money::quotient(dice, around, as_of);
    let address = reach::address(dice, &household, commune, places)?;
    let mut family = household.family(dice);
    let case = Case { fund, commune, rights: &rights, as_of };
    let income = case.income(dice, &family);
    let rsa = case.rsa(dice, &mut family, &income);
    Some(File { number, commune: commune.code(), as_of, quotient, family, rights, address, rsa, income })
}

/// Where the adults of a file were born, and under what numbers there: no two files of a series share both, so that
/// no two adults have the same NIR. Their children were born anywhere.
struct Births {
    commune: &'static Commune,
    first: u64,
}

/// Where households live and were born.
struct Places {
    named: Vec<&'static Commune>,
    around: Vec<&'static Commune>,
    everywhere: Vec<&'static Commune>,
}

impl Places {
    fn of(within: &Perimeter) -> Self {
        let reached = |commune: &&Commune| !commune.postal_codes.is_empty();
        let named: Vec<_> = within.communes.iter().map(CommuneCode::row).filter(reached).collect();
        let around =
            within.covered().filter(reached).filter(|commune| !within.communes.contains(&commune.code()));
        Self { around: around.collect(), named, everywhere: communes().collect() }
    }

    fn one(&self, dice: &mut Dice) -> Option<&'static Commune> {
        let named = self.around.is_empty() || (!self.named.is_empty() && dice.percent(50));
        dice.pick(if named { &self.named } else { &self.around })
    }

    /// The births of the adults of one file: two numbers in one commune of France. Numbers of files run out first.
    fn births(&self, file: u64) -> Option<Births> {
        let many = u64::try_from(self.everywhere.len()).ok().filter(|many| *many > 0)?;
        let commune = usize::try_from(file % many).ok().and_then(|at| self.everywhere.get(at))?;
        Some(Births { commune, first: 1 + 2 * (file / many) })
    }
}

#[cfg(test)]
mod tests;
