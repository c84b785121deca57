//! How the rules fare on such years: of what they tell, how much was an abuse; of the abuses, how many they tell; and how
//! often they cry for nothing. The rules and their thresholds were written before the first year was drawn, and the
//! years of [`JUDGES`] serve for nothing but these figures.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use time::Duration;

use super::people::start;
use super::{AgentDay, Year};
use crate::domain::atypical::{
    Given, HABITS, Habits, Judged, LATELY, MEMORY, Network, Rule, Sight, Thresholds, Use, WINDOW, look,
    usual_day,
};
use crate::domain::day::Day;
use crate::domain::territory::CommuneCode;

/// The year on which anything may be tried.
const TRIAL: u64 = 1;
/// The years that are looked at once.
const JUDGES: [u64; 3] = [2_026, 77, 590];
/// Days that teach what is usual before anything is counted.
const LESSON: i64 = 31;

/// What is remembered of one agent.
#[derive(Default)]
struct Memory {
    days: VecDeque<(Day, u32)>,
    window: VecDeque<Use>,
    communes: BTreeMap<CommuneCode, Day>,
}

impl Memory {
    /// What surrounds a day, as the job that follows the log reads it.
    fn habits(&mut self, today: &AgentDay, networks: &BTreeMap<Network, Day>, peers: Vec<u32>) -> Habits {
        let day = today.day;
        while self.days.front().is_some_and(|(old, _)| day.days_since(*old) > MEMORY) {
            self.days.pop_front();
        }
        while self.window.front().is_some_and(|one| day.days_since(one.day) >= WINDOW) {
            self.window.pop_front();
        }
        let lately = |seen: &Day| day.days_since(*seen) <= HABITS;
        Habits {
            days: self.days.iter().copied().collect(),
            communes: self.communes.iter().filter(|(_, seen)| lately(seen)).map(|(code, _)| *code).collect(),
            networks: today
                .uses
                .iter()
                .filter_map(|one| one.network.as_ref())
                .filter(|network| networks.get(network).is_some_and(lately))
                .cloned()
                .collect(),
            peers,
        }
    }

    fn learn(&mut self, day: &AgentDay) {
        self.days.push_back((day.day, u32::try_from(day.uses.len()).unwrap_or(u32::MAX)));
        for one in day.uses.iter().filter(|one| one.given == Given::Opened) {
            if let Some(commune) = one.commune {
                self.communes.insert(commune, day.day);
            }
        }
    }

    fn usual(&self, day: Day) -> Option<u32> {
        let lately = self.days.iter().filter(|(old, _)| day.days_since(*old) <= LATELY);
        usual_day(lately.map(|(_, many)| *many).collect())
    }
}

/// What became of one rule.
#[derive(Clone, Copy, Default, Debug)]
struct Tally {
    /// Signals on a day with an abuse of that kind, or of another.
    right: u32,
    elsewhere: u32,
    /// Signals on an ordinary day.
    wrong: u32,
    /// Abuses of that kind, and how many of them that rule told.
    abuses: u32,
}

/// Goes through a year; gives each rule's tally, and how many agents and months it took.
fn judge(seed: u64) -> (BTreeMap<Rule, Tally>, u32) {
    let mut year = Year::of(seed);
    let people = year.agents().len();
    let partner: Vec<usize> = year.agents().iter().map(|agent| agent.partner).collect();
    let thresholds = Thresholds::default();
    let mut memories: Vec<Memory> = (0..people).map(|_| Memory::default()).collect();
    let mut networks: BTreeMap<usize, BTreeMap<Network, Day>> = BTreeMap::new();
    let mut tallies: BTreeMap<Rule, Tally> = BTreeMap::new();
    for after in 0..365 {
        let date = start().saturating_add(Duration::days(after));
        let days = year.day(date);
        let usual: Vec<Option<u32>> = memories.iter().map(|memory| memory.usual(Day::from(date))).collect();
        for day in &days {
            let Some(of) = partner.get(day.agent).copied() else { continue };
            let peers = || -> Vec<u32> {
                let others = partner.iter().zip(&usual).enumerate();
                others
                    .filter(|(at, (theirs, _))| **theirs == of && *at != day.agent)
                    .filter_map(|(_, (_, usual))| *usual)
                    .collect()
            };
            let Some(memory) = memories.get_mut(day.agent) else { continue };
            let known = networks.entry(of).or_default();
            let peers = if day.uses.len() > 20 { peers() } else { Vec::new() };
            let habits = memory.habits(day, known, peers);
            memory.window.extend(day.uses.iter().cloned());
            if after >= LESSON {
                let uses = memory.window.make_contiguous();
                let judged = Judged::new();
                let sight = Sight { today: day.day, uses, habits: &habits, judged: &judged, watched: false };
                let told: BTreeSet<Rule> =
                    look(&sight, &thresholds).iter().map(|signal| signal.rule).collect();
                count(&mut tallies, day, &told);
            }
            memory.learn(day);
        }
        for day in &days {
            let Some(of) = partner.get(day.agent).copied() else { continue };
            let known = networks.entry(of).or_default();
            for network in day.uses.iter().filter_map(|one| one.network.as_ref()) {
                known.insert(network.clone(), day.day);
            }
        }
    }
    (tallies, u32::try_from(people).unwrap_or(0) * 11)
}

fn count(tallies: &mut BTreeMap<Rule, Tally>, day: &AgentDay, told: &BTreeSet<Rule>) {
    for rule in &day.abuse {
        tallies.entry(*rule).or_default().abuses += 1;
    }
    for rule in told {
        let tally = tallies.entry(*rule).or_default();
        if day.abuse.contains(rule) {
            tally.right += 1;
        } else if day.abuse.is_empty() {
            tally.wrong += 1;
        } else {
            tally.elsewhere += 1;
        }
    }
}

/// The figures of some years together, one line a rule.
fn report(seeds: &[u64]) -> (BTreeMap<Rule, Tally>, String) {
    let (mut all, mut months) = (BTreeMap::<Rule, Tally>::new(), 0);
    for seed in seeds {
        let (tallies, spent) = judge(*seed);
        months += spent;
        for (rule, tally) in tallies {
            let sum = all.entry(rule).or_default();
            sum.right += tally.right;
            sum.elsewhere += tally.elsewhere;
            sum.wrong += tally.wrong;
            sum.abuses += tally.abuses;
        }
    }
    let mut text = format!("years of {seeds:?}, {months} agent-months\n");
    for (rule, tally) in &all {
        let percent = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole.max(1));
        let told = tally.right + tally.elsewhere + tally.wrong;
        let _ = writeln!(
            text,
            "{:11} {:4} abuses, {:4} told: precision {:5.1} %, recall {:5.1} %, false alarms {:6.1} per 1000 agents and month",
            rule.code(),
            tally.abuses,
            told,
            percent(tally.right + tally.elsewhere, told),
            percent(tally.right, tally.abuses),
            1_000.0 * f64::from(tally.wrong) / f64::from(months.max(1)),
        );
    }
    (all, text)
}

/// Every rule tells something of what it is for, and none tells everything. Nobody is watched in these years, and no
/// network is declared.
#[test]
#[expect(clippy::print_stdout, reason = "the figures are what this test is read for")]
fn the_trial_year_is_measured() {
    let (tallies, text) = report(&[TRIAL]);
    println!("{text}");
    for rule in Rule::ALL.iter().filter(|rule| !matches!(rule, Rule::Watched | Rule::Foreign)) {
        let tally = tallies.get(rule).copied().unwrap_or_default();
        assert!(tally.abuses > 0 && tally.right > 0, "{rule:?}: {tally:?}");
    }
}

/// The figures of the documentation.
#[test]
#[expect(clippy::print_stdout, reason = "the figures are what this test is read for")]
fn the_years_of_the_judges_are_measured() {
    let (_, text) = report(&JUDGES);
    println!("{text}");
}
