//! Who lives together: adults of an age to be parents of the children, and what follows from it.

use time::{Date, Duration};

use super::dice::Dice;
use super::{Births, Places, names};
use crate::domain::files::{Family, Known, Name, Person, Pregnancy, Role, Situation, Title};
use crate::domain::nir::Nir;

/// Years, counted so that nobody is younger than said.
const YEAR: i64 = 366;
/// The age at which a child is no longer dependent.
const GROWN_UP: i64 = 20;

/// A household, with the true dates that its file may not know.
pub(super) struct Household {
    pub(super) as_of: Date,
    situation: Situation,
    pub(super) adults: Vec<Member>,
    /// Youngest first.
    pub(super) children: Vec<Member>,
}

/// Someone of a household.
pub(super) struct Member {
    pub(super) title: Title,
    pub(super) name: Name,
    pub(super) born: Date,
    nir: Option<Nir>,
}

impl Household {
    pub(super) fn new(dice: &mut Dice, places: &Places, births: &Births, as_of: Date) -> Self {
        let (couple, parents) = match dice.among(0..=99) {
            0..=24 => (false, false),
            25..=46 => (false, true),
            47..=56 => (true, false),
            _ => (true, true),
        };
        let age = if parents { dice.among(21..=52) } else { dice.among(18..=67) };
        let title = if dice.percent(70) { Title::Madame } else { Title::Monsieur };
        let first = Member::adult(dice, (births, 0), title, age, as_of, |_| false);
        let taken = first.given_name().to_owned();
        let mut adults = vec![first];
        if couple {
            let other = match (title, dice.percent(96)) {
                (Title::Madame, true) | (Title::Monsieur, false) => Title::Monsieur,
                _ => Title::Madame,
            };
            let age = (age + dice.among(-4..=6)).max(18);
            adults.push(Member::adult(dice, (births, 1), other, age, as_of, |name| name == taken));
        }
        let situation = situation(dice, couple);
        let mut household = Self { as_of, situation, adults, children: Vec::new() };
        if situation == Situation::Married {
            household.share_a_surname(dice);
        }
        if parents {
            household.raise(dice, places);
        }
        household
    }

    /// Children whose births lie at least ten months apart, none before an adult was eighteen or when a mother was
    /// older than forty-five.
    fn raise(&mut self, dice: &mut Dice, places: &Places) {
        let adult_for = self.youngest_adult_born() + Duration::days(18 * YEAR);
        let wanted = [1, 1, 1, 2, 2, 2, 3, 3, 4];
        let wanted = dice.pick(&wanted).unwrap_or(1);
        let surname = self.adults.last().map(|adult| adult.name.surname.clone()).unwrap_or_default();
        let mothers = self.adults.iter().filter(|adult| adult.title == Title::Madame);
        let latest = mothers.map(|mother| mother.born + Duration::days(45 * YEAR)).min();
        let latest = latest.map_or(self.as_of, |day| day.min(self.as_of));
        let mut born = dice.day(adult_for.max(self.as_of - Duration::days(16 * YEAR)), latest);
        for _ in 0..wanted {
            if born < adult_for {
                break;
            }
            let title = if dice.percent(50) { Title::Madame } else { Title::Monsieur };
            let birth = birth_anywhere(dice, places);
            let child = Member::new(dice, birth, title, surname.clone(), born, |name| self.has(name));
            self.children.push(child);
            born -= Duration::days(dice.among(305..=1600));
        }
    }

    fn has(&self, given_name: &str) -> bool {
        self.adults.iter().chain(&self.children).any(|member| member.given_name() == given_name)
    }

    fn youngest_adult_born(&self) -> Date {
        self.adults.iter().map(|adult| adult.born).max().unwrap_or(self.as_of)
    }

    pub(super) fn is_couple(&self) -> bool {
        self.adults.len() > 1
    }

    /// Births of the children who still count for family benefits, youngest first.
    pub(super) fn dependants(&self) -> impl Iterator<Item = Date> {
        self.children.iter().map(|child| child.born).filter(|born| is_dependent(*born, self.as_of))
    }

    /// The household as its file knows it.
    pub(super) fn family(self, dice: &mut Dice) -> Family {
        let grown = (self.youngest_adult_born() + Duration::days(18 * YEAR)).min(self.as_of);
        let from = grown.max(self.as_of - Duration::days(15 * YEAR));
        let since = if dice.percent(6) { Known::Unknown } else { Known::Known(dice.day(from, self.as_of)) };
        let shared_custody = !self.is_couple() && !self.children.is_empty() && dice.percent(15);
        let pregnancy = self.pregnancy(dice);
        let (as_of, situation) = (self.as_of, self.situation);
        let roles = [Role::Responsible, Role::Spouse].into_iter();
        let adults = self.adults.into_iter().zip(roles).map(|(adult, role)| adult.person(role, false));
        let mut persons: Vec<Person> = adults.collect();
        for child in self.children.into_iter().rev() {
            let dependant = is_dependent(child.born, as_of);
            persons.push(child.person(Role::Child, dependant));
        }
        for person in &mut persons {
            if dice.percent(2) {
                (person.born, person.nir) = (Known::Unknown, None);
            }
        }
        Family { situation, since, shared_custody, pregnancy, persons }
    }

    /// One of two married people often uses the name of the other, or both names.
    fn share_a_surname(&mut self, dice: &mut Dice) {
        let [first, second] = self.adults.as_mut_slice() else { return };
        let used = match dice.among(0..=9) {
            0..=5 => second.name.surname.clone(),
            6 => format!("{}-{}", first.name.surname, second.name.surname),
            _ => return,
        };
        first.name.birth_surname = Some(std::mem::replace(&mut first.name.surname, used));
    }

    fn pregnancy(&self, dice: &mut Dice) -> Option<Pregnancy> {
        let of_age = |adult: &&Member| {
            let years = (self.as_of - adult.born).whole_days() / YEAR;
            adult.title == Title::Madame && (18..=43).contains(&years)
        };
        self.adults.iter().find(of_age)?;
        // Declared in the third month: whoever has just given birth has nothing to declare.
        let rested = self.children.first().is_none_or(|child| (self.as_of - child.born).whole_days() > 120);
        if !rested || !dice.percent(4) {
            return None;
        }
        let declared_on = self.as_of - Duration::days(dice.among(0..=150));
        let due_on = declared_on + Duration::days(dice.among(180..=200));
        Some(Pregnancy { declared_on, due_on, begun_on: None, ended: None })
    }
}

fn situation(dice: &mut Dice, couple: bool) -> Situation {
    let together =
        [Situation::Married, Situation::Married, Situation::CivilPartnership, Situation::SharedLife];
    let alone = [
        Situation::Single,
        Situation::Single,
        Situation::Single,
        Situation::Divorced,
        Situation::SeparatedInFact,
        Situation::SeparatedByLaw,
        Situation::Alone,
        Situation::Widowed,
    ];
    let found = if couple { dice.pick(&together) } else { dice.pick(&alone) };
    found.unwrap_or(Situation::Single)
}

fn is_dependent(born: Date, as_of: Date) -> bool {
    (as_of - born).whole_days() < GROWN_UP * YEAR - 1
}

impl Member {
    fn adult(
        dice: &mut Dice,
        (births, rank): (&Births, u64),
        title: Title,
        age: i64,
        as_of: Date,
        is_taken: impl Fn(&str) -> bool,
    ) -> Self {
        let surname = names::surname(dice);
        let born = as_of - Duration::days(age * YEAR + dice.among(0..=360));
        let birth = Some((births.commune.code.to_owned(), births.first + rank));
        Self::new(dice, birth, title, surname, born, is_taken)
    }

    fn new(
        dice: &mut Dice,
        birth: Option<(String, u64)>,
        title: Title,
        surname: String,
        born: Date,
        is_taken: impl Fn(&str) -> bool,
    ) -> Self {
        let given_names = names::given_names(dice, title, is_taken);
        let name = Name { surname, birth_surname: None, given_names };
        Self { title, name, born, nir: birth.and_then(|(place, order)| nir(&place, order, title, born)) }
    }

    /// The first name by which the person is called.
    fn given_name(&self) -> &str {
        self.name.given_names.split(' ').next().unwrap_or_default()
    }

    fn person(self, role: Role, dependant: bool) -> Person {
        let Self { title, name, born, nir } = self;
        Person {
            role,
            title,
            name,
            born: Known::Known(born),
            dependant,
            nir,
            nationality: None,
            birth_rank: None,
            duties: None,
        }
    }
}

/// Somewhere near, or abroad; and a number there.
fn birth_anywhere(dice: &mut Dice, places: &Places) -> Option<(String, u64)> {
    let place = if dice.percent(85) {
        places.one(dice)?.code.to_owned()
    } else {
        format!("99{}", dice.among(100..=499))
    };
    Some((place, dice.among(1..=999)))
}

/// A number with a valid key that agrees with the sex, the birth and the place of birth.
fn nir(place: &str, order: u64, title: Title, born: Date) -> Option<Nir> {
    let sex = match title {
        Title::Madame => 2,
        Title::Monsieur => 1,
    };
    // Corsica was one département until then.
    let place = match place.strip_prefix("2A").or_else(|| place.strip_prefix("2B")) {
        Some(commune) if born.year() < 1976 => format!("20{commune}"),
        _ => place.to_owned(),
    };
    let (year, month) = (born.year().rem_euclid(100), u8::from(born.month()));
    Nir::with_key(&format!("{sex}{year:02}{month:02}{place}{order:03}")).ok()
}
