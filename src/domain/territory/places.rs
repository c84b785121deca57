//! Places as people type them: one a line, a code or a name, resolved inside what may be given.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::{CommuneCode, DepartementCode, Perimeter, commune, communes, departement, departements};
use crate::domain::text::fold;

/// Why what was typed is not a perimeter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlacesError {
    /// No place was typed.
    #[error("no place")]
    Empty,
    /// Neither the code nor the name of a place.
    #[error("unknown place {0:?}")]
    Unknown(String),
    /// Several places have this name.
    #[error("{typed:?} may be any of {places:?}")]
    Ambiguous {
        /// What was typed.
        typed: String,
        /// The places, each as it can be typed.
        places: Vec<String>,
    },
    /// Places that exist, outside what may be given.
    #[error("outside: {0:?}")]
    Outside(Vec<String>),
}

/// Communes by folded name: several have the same.
static NAMED: LazyLock<BTreeMap<String, Vec<CommuneCode>>> = LazyLock::new(|| {
    let mut named: BTreeMap<String, Vec<CommuneCode>> = BTreeMap::new();
    for commune in communes() {
        named.entry(fold(commune.name)).or_default().push(commune.code());
    }
    named
});

enum Place {
    Departement(DepartementCode),
    Commune(CommuneCode),
}

impl Perimeter {
    /// Reads places typed one a line (or parted by commas): «59», «59410», «Mons-en-Barœul»,
    /// «Mons-en-Barœul (59410)». Names are looked for inside `within`, which bounds the result.
    pub fn typed(text: &str, within: &Self) -> Result<Self, PlacesError> {
        let mut perimeter = Self::default();
        for typed in text.split(['\n', ',', ';']).map(str::trim).filter(|typed| !typed.is_empty()) {
            match place(typed, within)? {
                Place::Departement(code) => perimeter.departements.insert(code),
                Place::Commune(code) => perimeter.communes.insert(code),
            };
        }
        if perimeter.is_empty() {
            return Err(PlacesError::Empty);
        }
        let outside = perimeter.outside(within);
        if outside.is_empty() { Ok(perimeter) } else { Err(PlacesError::Outside(outside.names())) }
    }

    /// The places of this perimeter that the other does not cover.
    #[must_use]
    pub fn outside(&self, other: &Self) -> Self {
        let alone = |departement: &DepartementCode| Self {
            departements: [*departement].into(),
            communes: std::collections::BTreeSet::new(),
        };
        Self {
            departements: self
                .departements
                .iter()
                .filter(|code| !alone(code).is_within(other))
                .copied()
                .collect(),
            communes: self.communes.iter().filter(|code| !other.covers(code)).copied().collect(),
        }
    }

    /// What [`Perimeter::typed`] reads back, one place a line: «Nord (59)», «Mons-en-Barœul (59410)».
    pub fn lines(&self) -> String {
        let departements = self.departements.iter().map(|code| labelled(code.name(), code.as_str()));
        let communes = self.communes.iter().map(|code| labelled(code.name(), code.as_str()));
        departements.chain(communes).collect::<Vec<_>>().join("\n")
    }
}

fn labelled(name: &str, code: &str) -> String {
    format!("{name} ({code})")
}

fn place(typed: &str, within: &Perimeter) -> Result<Place, PlacesError> {
    let bracketed =
        typed.strip_suffix(')').and_then(|open| open.rsplit_once('(')).map(|(_, code)| code.trim());
    let code = bracketed.unwrap_or(typed).to_ascii_uppercase();
    if let Some(found) = commune(&code) {
        return Ok(Place::Commune(found.code()));
    }
    if let Some(found) = departement(&code) {
        return Ok(Place::Departement(found.code()));
    }
    named(typed, within)
}

/// The place of that name: inside the bounds if there is one there, anywhere otherwise.
fn named(typed: &str, within: &Perimeter) -> Result<Place, PlacesError> {
    let name = fold(typed);
    let all = NAMED.get(&name).map(Vec::as_slice).unwrap_or_default();
    let inside: Vec<_> = all.iter().filter(|code| within.covers(code)).copied().collect();
    let found = if inside.is_empty() { all } else { inside.as_slice() };
    match found {
        [one] => Ok(Place::Commune(*one)),
        [] => departements()
            .find(|departement| fold(departement.name) == name)
            .map(|departement| Place::Departement(departement.code()))
            .ok_or_else(|| PlacesError::Unknown(typed.to_owned())),
        several => Err(PlacesError::Ambiguous {
            typed: typed.to_owned(),
            places: several.iter().take(6).map(|code| labelled(code.name(), code.as_str())).collect(),
        }),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn typed(text: &str, within: &str) -> Result<String, PlacesError> {
        Perimeter::typed(text, &within.parse().unwrap()).map(|perimeter| perimeter.to_string())
    }

    #[test]
    fn reads_codes_and_names() {
        assert_eq!(typed("59410\nMONS EN BAROEUL, arras", "59 62").as_deref(), Ok("59410 62041"));
        assert_eq!(typed("Nord", "59").as_deref(), Ok("59"));
        assert_eq!(typed(" Mons-en-Barœul (59410) \r\n\r\n", "59").as_deref(), Ok("59410"));
        assert_eq!(typed("2a", "2A").as_deref(), Ok("2A"));
    }

    #[test]
    fn says_what_cannot_be_read() {
        assert_eq!(typed(" \n ", "59"), Err(PlacesError::Empty));
        assert_eq!(typed("59\nTrifouillis", "59"), Err(PlacesError::Unknown("Trifouillis".into())));
        assert_eq!(
            typed("59\n62041\n62", "59"),
            Err(PlacesError::Outside(vec!["Pas-de-Calais (62)".into(), "Arras".into()]))
        );
        assert!(matches!(typed("Saint-Denis", "59"), Err(PlacesError::Ambiguous { .. })));
        assert_eq!(typed("Saint-Denis", "93").as_deref(), Ok("93066"), "only one is inside");
    }

    proptest! {
        #[test]
        fn reads_back_its_own_lines(at in prop::collection::btree_set(0..600_usize, 1..9)) {
            let within: Perimeter = "59 75".parse().unwrap();
            let all: Vec<_> = within.covered().map(super::super::Commune::code).collect();
            let communes = at.into_iter().filter_map(|at| all.get(at).copied()).collect();
            let perimeter = Perimeter { departements: [departement("75").unwrap().code()].into(), communes };
            prop_assert_eq!(Perimeter::typed(&perimeter.lines(), &within), Ok(perimeter));
        }

        #[test]
        fn what_was_typed_never_leads_outside(text in "([0-9]{2}|59[0-9]{3}|75056|\\PC{0,9})(\n59[0-9]{3}){0,3}") {
            let within: Perimeter = "59".parse().unwrap();
            if let Ok(perimeter) = Perimeter::typed(&text, &within) {
                prop_assert!(perimeter.is_within(&within) && !perimeter.is_empty());
            }
        }
    }
}
