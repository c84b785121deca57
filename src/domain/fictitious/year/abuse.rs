//! What somebody should not do, now and then: out of curiosity, for a relative, for money, or because his password is in
//! other hands. Each is as big or as small as it comes.

use std::collections::BTreeSet;

use time::Date;

use super::super::dice::Dice;
use super::Look;
use super::people::{Agent, Organism};
use crate::domain::atypical::{Given, Network, Rule};

/// Days of agents among which there is one abuse of each kind.
const RARE: u32 = 2_400;

/// Adds what is wrong to a day, if anything is; gives what it is an example of.
pub(super) fn commit(
    organism: &mut Organism,
    at: usize,
    date: Date,
    looks: &mut Vec<Look>,
    dice: &mut Dice,
) -> BTreeSet<Rule> {
    let mut kinds = BTreeSet::new();
    let Some(agent) = organism.agents.get_mut(at) else { return kinds };
    // No network is declared in these years: nothing is drawn for it.
    for rule in Rule::ALL.iter().filter(|rule| **rule != Rule::Foreign) {
        // A forgotten account is used by definition when its owner is not there.
        let its_day = (*rule == Rule::Dormant) == agent.is_forgotten(date);
        let rare = if *rule == Rule::Dormant { RARE / 20 } else { RARE };
        if its_day && dice.among(0..=rare - 1) == 0 {
            let wrong = wrong(*rule, agent, date, dice);
            if !wrong.is_empty() {
                kinds.insert(*rule);
                looks.extend(wrong);
            }
        }
    }
    kinds
}

/// The look-ups of one abuse.
fn wrong(rule: Rule, agent: &mut Agent, date: Date, dice: &mut Dice) -> Vec<Look> {
    let network = agent.network(dice);
    let looks = |many: u32, dice: &mut Dice| -> Vec<Look> {
        (0..many).map(|_| plain(agent, date, &network, dice)).collect()
    };
    match rule {
        // From home, once everybody sleeps.
        Rule::Night => {
            let mut found = looks(dice.among(1..=12), dice);
            for look in &mut found {
                let late = dice.percent(60);
                look.minute = if late { dice.among(22 * 60..=1_439) } else { dice.among(0..=5 * 60) };
            }
            found
        }
        // A password in other hands, at office hours.
        Rule::NewSource => {
            let mut found = looks(dice.among(2..=30), dice);
            let foreign = super::network(dice.among(9_000_001..=16_000_000));
            for look in &mut found {
                look.network = foreign.clone();
            }
            found
        }
        // Families copied by the hundred.
        Rule::Volume => looks(dice.among(60..=500), dice),
        // A former spouse, a neighbour.
        Rule::SameFile => {
            let file = dice.among(0..=9_999_999);
            let mut found = looks(dice.among(3..=14), dice);
            for look in &mut found {
                look.file = file;
            }
            found
        }
        // Families far away, for somebody who asked.
        Rule::Place => {
            let mut found = looks(dice.among(1..=8), dice);
            let far = agent.far(dice);
            for look in &mut found {
                look.commune = far.unwrap_or(look.commune);
            }
            if far.is_some() { found } else { Vec::new() }
        }
        // An account that everybody forgot.
        Rule::Dormant => looks(dice.among(1..=20), dice),
        // A brother, a cousin.
        Rule::Namesake => {
            let mut found = looks(dice.among(1..=3), dice);
            for look in &mut found {
                look.namesake = true;
            }
            found
        }
        // Numbers tried one after the other.
        Rule::Refused => {
            let mut found = looks(dice.among(4..=40), dice);
            let (mut minute, pace) = (dice.among(9 * 60..=17 * 60), dice.among(0..=2_i64));
            for look in &mut found {
                minute += dice.among(0..=pace);
                look.minute = minute;
                look.given = if dice.percent(90) { Given::Refused } else { Given::Opened };
            }
            found
        }
        Rule::Foreign | Rule::Watched => Vec::new(),
    }
}

/// One that nothing tells from the others.
fn plain(agent: &Agent, date: Date, network: &Network, dice: &mut Dice) -> Look {
    Look {
        minute: dice.among(8 * 60..=18 * 60),
        given: Given::Opened,
        file: dice.among(0..=9_999_999),
        network: network.clone(),
        commune: agent.commune(date, dice),
        namesake: false,
    }
}
