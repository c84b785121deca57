//! What a partner is: its category, and the three letters that begin the identifiers of its people.

use std::fmt;
use std::str::FromStr;

use super::text::fold;

/// The kind of legal entity that a partner is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Category {
    /// A commune.
    Commune,
    /// A département.
    Departement,
    /// A grouping of communes.
    Intercommunalite,
    /// A communal or intercommunal centre of social action.
    Ccas,
    /// A social landlord.
    Bailleur,
    /// A place where young children are looked after.
    Eaje,
    /// Another body of social security.
    SecuriteSociale,
    /// An association.
    Association,
    /// None of those.
    Autre,
}

impl Category {
    /// Every category, in the order in which forms offer them.
    pub const ALL: [Self; 9] = [
        Self::Commune,
        Self::Departement,
        Self::Intercommunalite,
        Self::Ccas,
        Self::Bailleur,
        Self::Eaje,
        Self::SecuriteSociale,
        Self::Association,
        Self::Autre,
    ];

    /// The word kept in rows and sent by forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Commune => "commune",
            Self::Departement => "departement",
            Self::Intercommunalite => "intercommunalite",
            Self::Ccas => "ccas",
            Self::Bailleur => "bailleur",
            Self::Eaje => "eaje",
            Self::SecuriteSociale => "securite_sociale",
            Self::Association => "association",
            Self::Autre => "autre",
        }
    }

    /// The category written in a row or sent by a form.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }
}

/// The three letters that begin the identifiers of a partner's people: BRU for Brumeval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prefix(String);

/// Not three letters from A to Z.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not three letters from A to Z")]
pub struct PrefixError;

/// Words of a name that tell nobody apart.
const COMMON: [&str; 28] = [
    "agglomeration",
    "association",
    "au",
    "aux",
    "caisse",
    "ccas",
    "centre",
    "communal",
    "communale",
    "communaute",
    "commune",
    "communes",
    "conseil",
    "creche",
    "d",
    "de",
    "departement",
    "departemental",
    "des",
    "du",
    "et",
    "l",
    "la",
    "le",
    "les",
    "mairie",
    "metropole",
    "ville",
];

impl Prefix {
    /// The letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Letters that recall a name: the first of what tells it apart, then of the rest.
    pub fn proposed(name: &str) -> Self {
        let folded = fold(name);
        let letters = |common: bool| {
            folded
                .split(' ')
                .filter(move |word| COMMON.contains(word) == common)
                .flat_map(str::chars)
                .filter(char::is_ascii_lowercase)
        };
        let told = letters(false).chain(letters(true)).chain(std::iter::repeat('x'));
        Self(told.take(3).map(|letter| letter.to_ascii_uppercase()).collect())
    }

    /// An identifier of this partner: the letters, then what was drawn.
    pub fn identifier(&self, drawn: &str) -> String {
        format!("{}-{drawn}", self.0)
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let letters = text.trim().to_ascii_uppercase();
        let right = letters.len() == 3 && letters.bytes().all(|letter| letter.is_ascii_uppercase());
        if right { Ok(Self(letters)) } else { Err(PrefixError) }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_prefix_recalls_the_name() {
        for (name, letters) in [
            ("Commune de Brumeval", "BRU"),
            ("Département de la Haute-Aure", "HAU"),
            ("CCAS de Port-Lissant", "POR"),
            ("Mairie d’Œuf", "OEU"),
            ("Aÿ", "AYX"),
            ("La Ville", "LAV"),
            ("1901", "XXX"),
        ] {
            assert_eq!(Prefix::proposed(name).as_str(), letters, "{name}");
        }
        assert_eq!(Prefix::proposed("Brumeval").identifier("2M8XC4"), "BRU-2M8XC4");
    }

    #[test]
    fn a_prefix_is_three_plain_letters() {
        assert_eq!(" bru ".parse(), Ok(Prefix("BRU".to_owned())));
        for wrong in ["", "BR", "BRUM", "B2U", "BRÉ"] {
            assert_eq!(wrong.parse::<Prefix>(), Err(PrefixError), "{wrong}");
        }
    }

    #[test]
    fn a_category_is_read_back() {
        for category in Category::ALL {
            assert_eq!(Category::parse(category.code()), Some(category));
        }
        assert_eq!(Category::parse("mairie"), None);
    }

    proptest! {
        #[test]
        fn whatever_the_name_a_prefix_is_proposed(name in any::<String>()) {
            let proposed = Prefix::proposed(&name);
            prop_assert_eq!(proposed.as_str().parse(), Ok(proposed.clone()));
        }
    }
}
