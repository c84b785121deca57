//! Who works there: partners of several sizes, agents of several trades, each with habits.

use time::{Date, Duration, Month};

use super::super::dice::Dice;
use super::{is_rush, network};
use crate::domain::atypical::Network;
use crate::domain::territory::{CommuneCode, communes};

/// What somebody does all day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum Office {
    /// Answers people who come or call.
    Desk,
    /// Follows families for months.
    Caseworker,
    /// Looks something up once in a while.
    Occasional,
    /// Works here a few weeks a year.
    Seasonal,
}

/// Somebody.
pub(in super::super) struct Agent {
    pub(super) office: Office,
    pub(in super::super) partner: usize,
    /// Look-ups of a usual day.
    pub(super) usual: u32,
    /// Days off, in a hundred.
    pub(super) absent: u32,
    /// Files of namesakes, in a hundred thousand.
    pub(super) namesakes: u32,
    /// Places in the list of communes: his own, then the partner's.
    sector: Vec<usize>,
    pub(super) territory: Vec<usize>,
    /// The week in which he stands in for a colleague, and whose sector.
    standing_in: Option<(Date, Vec<usize>)>,
    office_network: Network,
    home_network: u32,
    telework: u32,
    away: Vec<(Date, Date)>,
    /// Families whose file is opened every other day, and how many openings are left.
    trouble: Vec<(u32, u32)>,
}

impl Agent {
    pub(super) fn is_away(&self, date: Date) -> bool {
        self.away.iter().any(|(from, to)| (*from..=*to).contains(&date))
    }

    /// Whether nobody has seen him for two months or more.
    pub(super) fn is_forgotten(&self, date: Date) -> bool {
        let long = |(from, to): &(Date, Date)| {
            (from.saturating_add(Duration::days(60))..=*to).contains(&date) && *from > start()
        };
        self.away.iter().any(long)
    }

    /// A commune of the partner where he has nothing to do, if there is one.
    pub(super) fn far(&self, dice: &mut Dice) -> Option<usize> {
        let far: Vec<usize> =
            self.territory.iter().copied().filter(|place| !self.sector.contains(place)).collect();
        dice.pick(&far)
    }

    /// Where he works from today.
    pub(super) fn network(&mut self, dice: &mut Dice) -> Network {
        // A supplier gives another network, about once a year for one in two.
        if dice.among(0..=499) == 0 {
            self.home_network = dice.among(100_000..=900_000);
        }
        // A train, a hotel, a training course.
        if dice.among(0..=799) == 0 {
            return network(dice.among(1_000_000..=9_000_000));
        }
        if dice.percent(self.telework) { network(self.home_network) } else { self.office_network.clone() }
    }

    /// How many look-ups today.
    pub(super) fn load(&self, date: Date, dice: &mut Dice) -> u32 {
        let rush = if is_rush(date) && self.office != Office::Caseworker { 2 } else { 1 };
        let busy = if dice.among(0..=149) == 0 { 2 } else { 1 };
        let around = dice.among(50..=150_u32);
        let most = if self.office == Office::Occasional { 3 } else { 1 };
        (self.usual * around * rush * busy / 100).max(dice.among(0..=most))
    }

    /// Where the next family lives.
    pub(super) fn commune(&self, date: Date, dice: &mut Dice) -> usize {
        let stood_in = self
            .standing_in
            .as_ref()
            .filter(|(from, _)| (*from..=from.saturating_add(Duration::days(6))).contains(&date));
        if let Some((_, sector)) = stood_in
            && dice.percent(60)
        {
            return dice.pick(sector).unwrap_or_default();
        }
        let places = if dice.percent(2) { &self.territory } else { &self.sector };
        dice.pick(places).unwrap_or_default()
    }

    /// The next file: one of those that are in trouble, or any.
    pub(super) fn file(&mut self, dice: &mut Dice) -> u32 {
        self.trouble.retain(|(_, left)| *left > 0);
        if self.trouble.len() < 2 && dice.among(0..=399) == 0 {
            self.trouble.push((dice.among(0..=9_999_999), dice.among(2..=7)));
        }
        let chance = if self.office == Office::Caseworker { 8 } else { 2 };
        if dice.percent(chance)
            && let Some((file, left)) = self.trouble.last_mut()
        {
            *left -= 1;
            return *file;
        }
        dice.among(0..=9_999_999)
    }
}

/// The partners and their agents.
pub(in super::super) struct Organism {
    pub(super) communes: Vec<CommuneCode>,
    pub(in super::super) agents: Vec<Agent>,
}

/// Agents of each partner, and communes of its territory.
const PARTNERS: [(usize, usize); 9] =
    [(4, 1), (6, 1), (5, 1), (12, 1), (9, 4), (14, 12), (18, 20), (34, 60), (38, 90)];

impl Organism {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let communes: Vec<CommuneCode> =
            communes().take(200).filter_map(|commune| commune.code.parse().ok()).collect();
        let mut agents = Vec::new();
        let mut first = 0;
        for (partner, (people, places)) in PARTNERS.into_iter().enumerate() {
            let territory: Vec<usize> = (first..first + places).collect();
            first += places;
            for _ in 0..people {
                agents.push(agent(partner, &territory, dice));
            }
        }
        Self { communes, agents }
    }
}

fn agent(partner: usize, territory: &[usize], dice: &mut Dice) -> Agent {
    let office = match dice.among(0..=99) {
        0..=34 => Office::Desk,
        35..=69 => Office::Caseworker,
        70..=91 => Office::Occasional,
        _ => Office::Seasonal,
    };
    let (usual, absent) = match office {
        Office::Desk => (dice.among(18..=55), 14),
        Office::Caseworker => (dice.among(6..=20), 18),
        Office::Occasional => (1, 60),
        Office::Seasonal => (dice.among(10..=30), 12),
    };
    let few = territory.len().min(dice.among(3..=9));
    let mut sector: Vec<usize> = (0..few).filter_map(|_| dice.pick(territory)).collect();
    sector.dedup();
    let other: Vec<usize> = (0..4).filter_map(|_| dice.pick(territory)).collect();
    let day = |dice: &mut Dice| dice.day(start(), start().saturating_add(Duration::days(364)));
    let standing_in = (dice.percent(35) && territory.len() > 1).then(|| (day(dice), other));
    // One surname in ten is common.
    let namesakes = if dice.percent(10) { dice.among(80..=400) } else { dice.among(0..=15) };
    Agent {
        office,
        partner,
        usual,
        absent,
        namesakes,
        sector,
        territory: territory.to_vec(),
        standing_in,
        office_network: network(u32::try_from(partner).unwrap_or(0) + 1),
        home_network: dice.among(100_000..=900_000),
        telework: if dice.percent(45) { dice.among(10..=40) } else { 0 },
        away: leaves(office, dice),
        trouble: Vec::new(),
    }
}

/// The first day of the year.
pub(super) fn start() -> Date {
    Date::from_calendar_date(2026, Month::January, 1).unwrap_or(Date::MIN)
}

fn leaves(office: Office, dice: &mut Dice) -> Vec<(Date, Date)> {
    let on = |day: i64| start().saturating_add(Duration::days(day));
    if office == Office::Seasonal {
        let (from, to) = (dice.among(120..=160), dice.among(255..=280));
        return vec![(on(0), on(from)), (on(to), on(364))];
    }
    let mut leaves = Vec::new();
    for (first, last, longest) in [(45, 70, 7), (100, 125, 7), (185, 235, 21), (292, 305, 5), (352, 358, 8)] {
        let from = dice.among(first..=last);
        leaves.push((on(from), on(from + dice.among(2..=longest))));
    }
    // Illness, a child: long and honest.
    if dice.percent(5) {
        let from = dice.among(20..=240);
        leaves.push((on(from), on(from + dice.among(45..=150))));
    }
    leaves
}
