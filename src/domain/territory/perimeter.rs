//! A perimeter: the départements and communes inside which something is allowed.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use super::{Commune, CommuneCode, DepartementCode, communes};
use crate::domain::text::fold;

/// Whole départements, and communes beside them. The empty perimeter covers nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Perimeter {
    /// Covered with all their communes.
    pub departements: BTreeSet<DepartementCode>,
    /// Covered by name; a city is covered with its arrondissements.
    pub communes: BTreeSet<CommuneCode>,
}

/// Why a text is not a perimeter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PerimeterError {
    /// A code that no département or commune has.
    #[error("unknown code {0:?}")]
    Unknown(String),
}

impl Perimeter {
    /// Whether nothing is covered.
    pub fn is_empty(&self) -> bool {
        self.departements.is_empty() && self.communes.is_empty()
    }

    /// Whether a commune is inside.
    pub fn covers(&self, commune: &CommuneCode) -> bool {
        let row = commune.row();
        self.departements.contains(&row.departement)
            || self.communes.contains(commune)
            || row.city.and_then(|city| city.parse().ok()).is_some_and(|city| self.communes.contains(&city))
    }

    /// Whether everything that this perimeter covers, the other covers too.
    pub fn is_within(&self, other: &Self) -> bool {
        let whole = |departement: &DepartementCode| {
            other.departements.contains(departement)
                || communes()
                    .filter(|commune| commune.departement == *departement)
                    .all(|commune| other.covers(&commune.code()))
        };
        self.communes.iter().all(|commune| other.covers(commune)) && self.departements.iter().all(whole)
    }

    /// Every commune inside, by code.
    pub fn covered(&self) -> impl Iterator<Item = &'static Commune> {
        communes().filter(|commune| self.covers(&commune.code()))
    }

    /// What pages print: «Nord (59)» for a département, then the names of communes, each part in order of name.
    pub fn names(&self) -> Vec<String> {
        let mut departements: Vec<_> =
            self.departements.iter().map(|code| format!("{} ({code})", code.name())).collect();
        let mut communes: Vec<_> = self.communes.iter().map(|code| code.name().to_owned()).collect();
        departements.sort_by_cached_key(|name| fold(name));
        communes.sort_by_cached_key(|name| fold(name));
        departements.append(&mut communes);
        departements
    }
}

impl FromStr for Perimeter {
    type Err = PerimeterError;

    /// Reads codes parted by white space: two or three characters name a département, five a commune.
    fn from_str(text: &str) -> Result<Self, PerimeterError> {
        let mut perimeter = Self::default();
        for code in text.split_whitespace() {
            let unknown = |_| PerimeterError::Unknown(code.to_owned());
            if code.len() > 3 {
                perimeter.communes.insert(code.parse().map_err(unknown)?);
            } else {
                perimeter.departements.insert(code.parse().map_err(unknown)?);
            }
        }
        Ok(perimeter)
    }
}

impl fmt::Display for Perimeter {
    /// The form in which it is stored: départements first, each part sorted, one space between: `59 62041`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let departements = self.departements.iter().map(DepartementCode::as_str);
        let communes = self.communes.iter().map(CommuneCode::as_str);
        f.write_str(&departements.chain(communes).collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::{Index, select};

    use super::*;
    use crate::domain::territory::departements;

    fn perimeter(text: &str) -> Perimeter {
        text.parse().unwrap()
    }

    fn covers(perimeter: &Perimeter, code: &str) -> bool {
        perimeter.covers(&code.parse().unwrap())
    }

    #[test]
    fn covers_what_it_names() {
        let nord_and_arras = perimeter("62041 59");
        assert!(covers(&nord_and_arras, "59410") && covers(&nord_and_arras, "62041"));
        assert!(!covers(&nord_and_arras, "62001"));
        assert_eq!(nord_and_arras.to_string(), "59 62041");
        assert_eq!(perimeter("59410 59").names(), ["Nord (59)", "Mons-en-Barœul"]);
        assert!(perimeter(" ").is_empty() && !covers(&perimeter(""), "59410"));
        assert!(covers(&perimeter("974"), "97411"));
    }

    #[test]
    fn a_city_is_covered_with_its_arrondissements() {
        let paris = perimeter("75056");
        assert!(covers(&paris, "75056") && covers(&paris, "75120"));
        assert!(perimeter("75120").is_within(&paris) && !paris.is_within(&perimeter("75120")));
        assert!(perimeter("75").is_within(&paris), "this département is this city");
        assert!(!perimeter("69").is_within(&perimeter("69123")));
    }

    #[test]
    fn an_unknown_code_is_named() {
        assert_eq!("59 59999".parse::<Perimeter>(), Err(PerimeterError::Unknown("59999".into())));
        assert_eq!("5".parse::<Perimeter>(), Err(PerimeterError::Unknown("5".into())));
    }

    /// Few départements, so that perimeters often meet; arrondissements among the communes.
    fn any_perimeter() -> impl Strategy<Value = Perimeter> {
        let near: Vec<_> = ["59", "75", "2A", "971"]
            .into_iter()
            .flat_map(|departement| {
                communes().filter(move |commune| commune.departement.as_str() == departement).take(25)
            })
            .map(Commune::code)
            .collect();
        let wide: Vec<_> = departements()
            .map(crate::domain::territory::Departement::code)
            .filter(|code| ["59", "75", "2A", "971"].contains(&code.as_str()))
            .collect();
        (
            proptest::collection::btree_set(select(wide), 0..3),
            proptest::collection::btree_set(select(near), 0..12),
        )
            .prop_map(|(departements, communes)| Perimeter { departements, communes })
    }

    proptest! {
        #[test]
        fn reads_back_what_it_stores(perimeter in any_perimeter()) {
            prop_assert_eq!(perimeter.to_string().parse(), Ok(perimeter));
        }

        #[test]
        fn what_is_within_covers_no_more(one in any_perimeter(), other in any_perimeter(), pick in any::<Index>()) {
            let union = Perimeter {
                departements: &one.departements | &other.departements,
                communes: &one.communes | &other.communes,
            };
            prop_assert!(one.is_within(&union) && one.is_within(&one));
            prop_assert!(Perimeter::default().is_within(&one));
            let covered: Vec<_> = one.covered().map(Commune::code).collect();
            prop_assert_eq!(one.is_within(&other), covered.iter().all(|commune| other.covers(commune)));
            if !covered.is_empty() {
                prop_assert!(union.covers(pick.get(&covered)));
            }
        }
    }
}
