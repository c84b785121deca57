//! What an organism may set of the rules, service by service. Nought puts a rule to sleep.

use std::collections::BTreeMap;

use super::Rule;

macro_rules! settings {
    ($($(#[$doc:meta])* $name:ident $code:literal $rule:ident $default:literal in $min:literal..=$max:literal),+ $(,)?) => {
        /// One number that an organism sets.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Setting { $($(#[$doc])* $name),+ }

        impl Setting {
            /// Every one of them, in the order of the form.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word kept in rows, and the name of the field.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// The rule that it belongs to.
            pub fn rule(self) -> Rule {
                match self { $(Self::$name => Rule::$rule),+ }
            }

            /// What it is until somebody sets it.
            pub fn default(self) -> u32 {
                match self { $(Self::$name => $default),+ }
            }

            /// The least and the most that it may be.
            pub fn bounds(self) -> (u32, u32) {
                match self { $(Self::$name => ($min, $max)),+ }
            }
        }
    };
}

settings! {
    /// Look-ups of one night.
    NightUses "nuit" Night 2 in 0..=100,
    /// The hour at which the night begins.
    NightFrom "nuit_debut" Night 21 in 12..=24,
    /// The hour at which it ends.
    NightTo "nuit_fin" Night 6 in 0..=12,
    /// Whether a Sunday, or a public holiday, is a night: 1 when it is.
    Sundays "dimanche" Night 1 in 0..=1,
    /// Days of use before a network is new.
    SourceDays "adresse" NewSource 10 in 0..=90,
    /// Look-ups of one day from outside of the declared network.
    ForeignUses "hors_reseau" Foreign 1 in 0..=100,
    /// Look-ups of one day below which nothing is a great many.
    VolumeFloor "volume" Volume 40 in 0..=10_000,
    /// How many times the usual is a great many.
    VolumeTimes "volume_fois" Volume 3 in 2..=50,
    /// Look-ups of one file in seven days.
    FileTimes "meme_dossier" SameFile 6 in 0..=100,
    /// Files of new communes in one day.
    PlaceFiles "commune" Place 3 in 0..=100,
    /// Days of silence.
    DormantDays "inactivite" Dormant 60 in 0..=150,
    /// Files of namesakes in one day.
    NamesakeFiles "homonyme" Namesake 1 in 0..=100,
    /// Refused look-ups in ten minutes.
    RefusedTimes "refus" Refused 6 in 0..=100,
}

impl Setting {
    /// The setting that a row names.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|setting| setting.code() == code)
    }
}

/// What an organism set for a service; the rest is as it comes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Thresholds(BTreeMap<Setting, u32>);

impl Thresholds {
    /// What rows keep; what is not one of the settings any more is left out.
    pub fn kept(rows: impl IntoIterator<Item = (String, i32)>) -> Self {
        let read = |(code, value): (String, i32)| Some((Setting::parse(&code)?, u32::try_from(value).ok()?));
        Self(rows.into_iter().filter_map(read).collect())
    }

    /// The number in force.
    pub fn get(&self, setting: Setting) -> u32 {
        self.0.get(&setting).copied().unwrap_or_else(|| setting.default())
    }

    /// Sets one.
    pub fn set(&mut self, setting: Setting, value: u32) {
        self.0.insert(setting, value);
    }
}
