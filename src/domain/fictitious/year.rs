//! A year of look-ups of an organism that does not exist: its partners, their agents, holidays, telework, leaves, the
//! rush of September, families in trouble whose file is opened every other day; and, here and there, somebody who should
//! not be doing what he does. It is drawn from what such a life is like, not from what the rules look at: some abuses
//! are small, and some ordinary days are strange.

mod abuse;
mod measure;
mod people;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use time::{Date, Duration, Month, Weekday};
use uuid::Uuid;

use self::people::{Agent, Office, Organism};
use super::dice::Dice;
use crate::domain::atypical::{Given, Network, Rule, Use};
use crate::domain::day::Day;
use crate::domain::holidays::is_holiday;
use crate::domain::id::{RowId as _, TraceId};
use crate::domain::time::Timestamp;

/// One day of one agent, and what was wrong with it, if anything was.
pub(super) struct AgentDay {
    pub(super) agent: usize,
    pub(super) day: Day,
    /// In the order of time.
    pub(super) uses: Vec<Use>,
    /// What the day's abuse is an example of.
    pub(super) abuse: BTreeSet<Rule>,
}

/// A look-up before it has a number.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// Minutes since midnight.
    minute: i64,
    given: Given,
    file: u32,
    network: Network,
    commune: usize,
    namesake: bool,
}

/// A year, day by day, agent by agent.
pub(super) struct Year {
    organism: Organism,
    dice: Dice,
    traces: u128,
}

impl Year {
    /// That of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed, 1);
        Self { organism: Organism::new(&mut dice), dice, traces: 0 }
    }

    /// The agents.
    pub(super) fn agents(&self) -> &[Agent] {
        &self.organism.agents
    }

    /// What happens on one day.
    pub(super) fn day(&mut self, date: Date) -> Vec<AgentDay> {
        let mut days = Vec::new();
        for at in 0..self.organism.agents.len() {
            let mut looks = self.ordinary(at, date);
            let abuse = abuse::commit(&mut self.organism, at, date, &mut looks, &mut self.dice);
            if looks.is_empty() {
                continue;
            }
            looks.sort_by_key(|look| look.minute);
            let uses = looks.into_iter().map(|look| self.used(look, date)).collect();
            days.push(AgentDay { agent: at, day: Day::from(date), uses, abuse });
        }
        days
    }

    fn used(&mut self, look: Look, date: Date) -> Use {
        self.traces += 1;
        let at = date.midnight().assume_utc() + Duration::minutes(look.minute);
        Use {
            trace: TraceId::from_uuid(Uuid::from_u128(self.traces)),
            at: Timestamp::new(at),
            day: Day::from(at.date()),
            hour: at.hour(),
            given: look.given,
            file: look.file.to_be_bytes().to_vec(),
            network: Some(look.network),
            outside: None,
            commune: (look.given == Given::Opened)
                .then(|| self.organism.communes.get(look.commune).copied())
                .flatten(),
            namesake: look.namesake,
        }
    }

    /// The day as it would be, had nobody anything to hide.
    fn ordinary(&mut self, at: usize, date: Date) -> Vec<Look> {
        let Self { organism, dice, .. } = self;
        let Some(agent) = organism.agents.get_mut(at) else { return Vec::new() };
        if !works(agent, date, dice) {
            return Vec::new();
        }
        let network = agent.network(dice);
        let mut looks = Vec::new();
        for _ in 0..agent.load(date, dice) {
            let minute = minute(dice);
            let namesake = dice.among(0..=99_999) < agent.namesakes;
            let commune = agent.commune(date, dice);
            // A figure mistyped, and the right one a minute after.
            if dice.percent(4) {
                let file = dice.among(0..=9_999_999);
                let network = network.clone();
                looks.push(Look { minute, given: Given::Refused, file, network, commune, namesake: false });
            }
            let file = agent.file(dice);
            let network = network.clone();
            looks.push(Look { minute: minute + 1, given: Given::Opened, file, network, commune, namesake });
        }
        // The list of last year's families, gone through number by number.
        if dice.among(0..=1_999) == 0 {
            let start = minute(dice);
            for nth in 0..dice.among(5..=25_i64) {
                let given = if dice.percent(50) { Given::Refused } else { Given::Opened };
                let (file, network) = (dice.among(0..=9_999_999), network.clone());
                let commune = agent.commune(date, dice);
                looks.push(Look { minute: start + nth, given, file, network, commune, namesake: false });
            }
        }
        looks
    }
}

fn works(agent: &mut Agent, date: Date, dice: &mut Dice) -> bool {
    if is_holiday(Day::from(date)) || agent.is_away(date) {
        return false;
    }
    match date.weekday() {
        // Somebody catches up, once in a while.
        Weekday::Sunday => dice.among(0..=2_999) == 0,
        Weekday::Saturday => agent.office == Office::Desk && dice.percent(12),
        _ => !dice.percent(agent.absent),
    }
}

/// Office hours most of the time; early birds and late evenings now and then.
fn minute(dice: &mut Dice) -> i64 {
    match dice.among(0..=999) {
        0..=4 => dice.among(6 * 60..=7 * 60 + 29),
        5..=11 => dice.among(18 * 60 + 30..=22 * 60 + 30),
        12..=479 => dice.among(8 * 60..=12 * 60),
        _ => dice.among(13 * 60 + 30..=18 * 60),
    }
}

/// The rush before and after the start of school.
fn is_rush(date: Date) -> bool {
    matches!((date.month(), date.day()), (Month::August, 24..) | (Month::September, ..=18))
}

/// A network of its own for each number.
fn network(number: u32) -> Network {
    let [_, a, b, c] = number.to_be_bytes();
    Network::of(IpAddr::V4(Ipv4Addr::new(10 + a, b, c, 1)))
}
