//! Atypical use of files (domain: the organism's control of «connexions atypiques»): what a rule notices in one day of
//! one person's look-ups of one service, beside what that person and his peers usually do. Each rule is a sentence that
//! an auditor can check against the traces that it names; none accuses anybody.
//!
//! A rule never reads the same trace twice as a reason: what was judged is judged.

mod dormant;
mod foreign;
mod namesake;
mod network;
mod new_source;
mod night;
mod place;
mod refused;
mod same_file;
mod settings;
mod surveillance;
mod volume;
mod watched;

use std::collections::{BTreeMap, BTreeSet};

use super::day::Day;
use super::id::TraceId;
use super::territory::CommuneCode;
use super::time::Timestamp;

pub use namesake::same_surname;
pub use network::Network;
pub use settings::{Setting, Thresholds};
pub use surveillance::{lasts_at_most, lasts_usually};
pub use volume::{LATELY, asks_for_peers, usual_day};

/// Days of look-ups on which rules judge, the day in question included.
pub const WINDOW: i64 = 7;
/// Days of the past that tell what is usual.
pub const HABITS: i64 = 92;
/// Days of the past in which a person's last look-up is searched: no trace is erased sooner, nor remembered longer.
pub const MEMORY: i64 = 181;
/// Days after which a look-up teaches what is usual, and is signalled no more.
pub const RECENT: i64 = 30;
/// Traces named by one signal, at most.
pub const EVIDENCE: usize = 50;

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $code:literal),+ $(,)?) => {
        /// Why a use is atypical.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Rule { $($(#[$doc])* $name),+ }

        impl Rule {
            /// Every rule, as lists offer them.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word kept in rows.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The rule that a row names.
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

rules! {
    /// At night, on a Sunday, or on a public holiday.
    Night "night",
    /// From a network that neither the person nor his colleagues had used.
    NewSource "new_source",
    /// From outside of the ranges of addresses declared for the partner.
    Foreign "foreign",
    /// Far more than the person and his peers usually look up.
    Volume "volume",
    /// One file again and again.
    SameFile "same_file",
    /// Files of communes where the person had never read any.
    Place "place",
    /// After a long silence.
    Dormant "dormant",
    /// A family that bears the person's surname.
    Namesake "namesake",
    /// Numbers refused one after the other.
    Refused "refused",
    /// Whatever it is, by somebody under surveillance.
    Watched "watched",
}

/// What a look-up gave, as far as rules tell it apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given {
    /// A file.
    Opened,
    /// Nothing: the number is unknown, or outside every perimeter of the person.
    Refused,
    /// Nothing, for a reason that has nothing to do with the number.
    Neither,
}

impl Given {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Refused => "refused",
            Self::Neither => "neither",
        }
    }

    /// What the trace of a look-up says that it gave.
    pub fn traced(result: &str) -> Self {
        match result {
            "opened" => Self::Opened,
            "unknown" | "outside_perimeter" => Self::Refused,
            _ => Self::Neither,
        }
    }

    /// What a row says.
    pub fn parse(code: &str) -> Self {
        match code {
            "opened" => Self::Opened,
            "refused" => Self::Refused,
            _ => Self::Neither,
        }
    }
}

/// One look-up, as rules see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Use {
    /// Its trace.
    pub trace: TraceId,
    /// When.
    pub at: Timestamp,
    /// The day, on the organism's clocks.
    pub day: Day,
    /// The hour, on the same.
    pub hour: u8,
    /// What it gave.
    pub given: Given,
    /// Keyed hash of the number.
    pub file: Vec<u8>,
    /// From where.
    pub network: Option<Network>,
    /// Whether that is outside of all that is declared for the partner, if anything is.
    pub outside: Option<bool>,
    /// Where the family lives, when the file was opened.
    pub commune: Option<CommuneCode>,
    /// Whether somebody in it bears the person's surname.
    pub namesake: bool,
}

/// What is usual for one person in one service.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Habits {
    /// Earlier days with look-ups, oldest first, and how many.
    pub days: Vec<(Day, u32)>,
    /// Communes of the files opened before.
    pub communes: BTreeSet<CommuneCode>,
    /// Networks used before by the person, or by a colleague at the same partner's.
    pub networks: BTreeSet<Network>,
    /// The usual day of each peer: same partner, same role.
    pub peers: Vec<u32>,
}

/// Until when signals were judged: by rule, and by what they are about.
pub type Judged = BTreeMap<(Rule, Vec<u8>), Timestamp>;

/// One day of one person's look-ups of one service, and what surrounds it.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    /// The day in question.
    pub today: Day,
    /// Look-ups of the last [`WINDOW`] days, oldest first; none after the day.
    pub uses: &'a [Use],
    /// What is usual.
    pub habits: &'a Habits,
    /// Until when signals about the person were judged.
    pub judged: &'a Judged,
    /// Whether the person is under surveillance.
    pub watched: bool,
}

impl<'a> Sight<'a> {
    /// Whether a rule may still give a look-up as a reason of a signal about that.
    fn is_unjudged(&self, rule: Rule, about: &[u8], one: &Use) -> bool {
        self.judged.get(&(rule, about.to_vec())).is_none_or(|until| one.at > *until)
    }

    /// Look-ups of the day that a rule may still give as a reason, where it tells one thing a day.
    fn of_the_day(&self, rule: Rule) -> Vec<&'a Use> {
        self.uses.iter().filter(|one| one.day == self.today && self.is_unjudged(rule, &[], one)).collect()
    }
}

/// What a rule noticed: its figure against its threshold, and the traces that make it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signal {
    /// Which rule.
    pub rule: Rule,
    /// What it is about, where a rule may tell several things of one day: a file, or the first trace of a series.
    pub about: Vec<u8>,
    /// What was counted.
    pub figure: u32,
    /// From how many on it is told.
    pub threshold: u32,
    /// What is usual for the person, where the rule compares.
    pub usual: Option<u32>,
    /// What is usual for his peers, where the rule compares.
    pub peers: Option<u32>,
    /// The traces, the oldest first.
    pub evidence: Vec<TraceId>,
    /// The last look-up that makes it: whoever judges the signal judges up to there.
    pub last: Timestamp,
}

impl Signal {
    /// A signal of so many look-ups, when they reach a threshold; a threshold of nought never tells.
    fn of(rule: Rule, uses: &[&Use], threshold: u32) -> Option<Self> {
        let figure = count(uses.len());
        if threshold == 0 || figure < threshold {
            return None;
        }
        Self::told(rule, figure, threshold, uses)
    }

    /// A signal that such look-ups make, if there is any.
    fn told(rule: Rule, figure: u32, threshold: u32, uses: &[&Use]) -> Option<Self> {
        let last = uses.last()?.at;
        let evidence = uses.iter().take(EVIDENCE).map(|one| one.trace).collect();
        Some(Self { rule, about: Vec::new(), figure, threshold, usual: None, peers: None, evidence, last })
    }

    /// The same, about one of several things.
    fn about(self, about: &[u8]) -> Self {
        Self { about: about.to_vec(), ..self }
    }
}

/// What the rules notice, in their order.
pub fn look(sight: &Sight<'_>, thresholds: &Thresholds) -> Vec<Signal> {
    let once_a_day = [
        night::look,
        new_source::look,
        foreign::look,
        volume::look,
        place::look,
        dormant::look,
        namesake::look,
        watched::look,
    ];
    let mut signals: Vec<Signal> =
        once_a_day.into_iter().filter_map(|rule| rule(sight, thresholds)).collect();
    signals.extend(same_file::look(sight, thresholds));
    signals.extend(refused::look(sight, thresholds));
    signals.sort_by_key(|signal| signal.rule);
    signals
}

fn count(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
