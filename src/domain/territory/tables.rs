//! The two tables. A code can only be that of a row, so it leads to its name without fail.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::LazyLock;

use super::Perimeter;
use crate::domain::text::{fold, words};

/// A département, or an overseas territory of the same rank.
#[derive(Debug, PartialEq, Eq)]
pub struct Departement {
    /// Two or three characters: 59, 2A, 974.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// A commune, or an arrondissement of Paris, Lyon or Marseille.
#[derive(Debug, PartialEq, Eq)]
pub struct Commune {
    /// Its code in the official geographic code: 59410.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Where it is.
    pub departement: DepartementCode,
    /// Its postal codes; a few islands have none.
    pub postal_codes: Vec<&'static str>,
    /// The city of which it is an arrondissement.
    pub city: Option<&'static str>,
    /// Words by which it is found: of its name, and its codes.
    words: Vec<String>,
}

/// No département or commune has this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown code")]
pub struct UnknownCode;

macro_rules! code_of {
    ($(#[$doc:meta])* $code:ident, $row:ident, $find:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $code(&'static $row);

        impl $code {
            /// The code itself.
            pub fn as_str(&self) -> &'static str {
                self.0.code
            }

            /// The name that goes with it.
            pub fn name(&self) -> &'static str {
                self.0.name
            }

            /// The row that it names.
            pub fn row(&self) -> &'static $row {
                self.0
            }
        }

        impl $row {
            /// The code as a value of its own.
            pub fn code(&'static self) -> $code {
                $code(self)
            }
        }

        impl FromStr for $code {
            type Err = UnknownCode;

            fn from_str(text: &str) -> Result<Self, UnknownCode> {
                $find(text).map($code).ok_or(UnknownCode)
            }
        }

        impl fmt::Display for $code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $code {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($code), "({})"), self.as_str())
            }
        }

        impl PartialEq for $code {
            fn eq(&self, other: &Self) -> bool {
                self.as_str() == other.as_str()
            }
        }

        impl Eq for $code {}

        impl PartialOrd for $code {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $code {
            fn cmp(&self, other: &Self) -> Ordering {
                self.as_str().cmp(other.as_str())
            }
        }

        impl Hash for $code {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.as_str().hash(state);
            }
        }
    };
}

code_of!(
    /// The code of a département that exists.
    DepartementCode, Departement, departement
);
code_of!(
    /// The code of a commune that exists.
    CommuneCode, Commune, commune
);

static DEPARTEMENTS: LazyLock<BTreeMap<&'static str, Departement>> = LazyLock::new(|| {
    rows(include_str!("departements.csv"))
        .filter_map(|row| {
            let (code, name) = row.split_once(',')?;
            Some((code, Departement { code, name }))
        })
        .collect()
});

static COMMUNES: LazyLock<BTreeMap<&'static str, Commune>> = LazyLock::new(|| {
    rows(include_str!("communes.csv")).filter_map(commune_of).map(|row| (row.code, row)).collect()
});

fn rows(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().skip(1)
}

fn commune_of(row: &'static str) -> Option<Commune> {
    let mut cells = row.split(',');
    let (code, name, departement) = (cells.next()?, cells.next()?, cells.next()?);
    let postal_codes: Vec<_> = cells.next()?.split_whitespace().collect();
    let city = cells.next().filter(|city| !city.is_empty());
    let codes = postal_codes.iter().chain([&code]).map(|code| fold(code));
    let words = words(name).into_iter().chain(codes).collect();
    Some(Commune { code, name, departement: departement.parse().ok()?, postal_codes, city, words })
}

/// The département that has this code.
pub fn departement(code: &str) -> Option<&'static Departement> {
    DEPARTEMENTS.get(code)
}

/// Every département, by code.
pub fn departements() -> impl Iterator<Item = &'static Departement> {
    DEPARTEMENTS.values()
}

/// The commune that has this code.
pub fn commune(code: &str) -> Option<&'static Commune> {
    COMMUNES.get(code)
}

/// Every commune, by code.
pub fn communes() -> impl Iterator<Item = &'static Commune> {
    COMMUNES.values()
}

/// Communes of a perimeter in whose names, or codes, every word of the query begins a word. The name that is the
/// query itself comes first, then those that begin with it, then by name.
pub fn find_communes(query: &str, within: &Perimeter, limit: usize) -> Vec<&'static Commune> {
    let asked: Vec<String> = words(query).iter().map(|word| spelled_out(word).to_owned()).collect();
    let whole = asked.join(" ");
    let mut found: Vec<_> = communes()
        .filter(|commune| asked.iter().all(|asked| commune.words.iter().any(|word| word.starts_with(asked))))
        .filter(|commune| within.covers(&commune.code()))
        .map(|commune| {
            let name = fold(commune.name);
            let rank = if name == whole { 0 } else { 2 - u8::from(name.starts_with(&whole)) };
            ((rank, name, commune.code), commune)
        })
        .collect();
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.into_iter().map(|(_, commune)| commune).take(limit).collect()
}

/// Names are spelled out in the table.
fn spelled_out(word: &str) -> &str {
    match word {
        "st" => "saint",
        "ste" => "sainte",
        _ => word,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use super::*;

    fn names(query: &str, within: &str) -> Vec<&'static str> {
        find_communes(query, &within.parse().unwrap(), 5).iter().map(|commune| commune.name).collect()
    }

    #[test]
    fn every_row_is_read() {
        let lines = |table: &str| table.lines().count() - 1;
        assert_eq!(DEPARTEMENTS.len(), lines(include_str!("departements.csv")));
        assert_eq!(COMMUNES.len(), lines(include_str!("communes.csv")));
        assert!(
            communes()
                .all(|commune| commune.code.len() == 5
                    && commune.code.starts_with(commune.departement.as_str()))
        );
        assert!(communes().filter_map(|commune| commune.city).all(|city| commune(city).is_some()));
        assert!(departements().all(|departement| matches!(departement.code.len(), 2 | 3)));
    }

    #[test]
    fn a_code_is_that_of_a_row() {
        let mons: CommuneCode = "59410".parse().unwrap();
        assert_eq!((mons.name(), mons.row().departement.name()), ("Mons-en-Barœul", "Nord"));
        assert_eq!(mons.row().postal_codes, ["59370"]);
        assert_eq!(format!("{mons} {mons:?}"), "59410 CommuneCode(59410)");
        assert_eq!("2A004".parse::<CommuneCode>().unwrap().row().departement.as_str(), "2A");
        assert_eq!("59999".parse::<CommuneCode>(), Err(UnknownCode));
        assert_eq!("20".parse::<DepartementCode>(), Err(UnknownCode));
    }

    #[test]
    fn communes_are_found_by_the_beginnings_of_words() {
        assert_eq!(names("baroeul mons", "59"), ["Mons-en-Barœul"]);
        assert_eq!(names("MONS", "59").first(), Some(&"Mons-en-Barœul"));
        assert_eq!(names("Lille", "59").first(), Some(&"Lille"));
        assert_eq!(names("59370", "59"), ["Mairieux", "Mons-en-Barœul"]);
        assert_eq!(names("59410", "59410"), ["Mons-en-Barœul"]);
        assert_eq!(names("st amand", "59").first(), Some(&"Saint-Amand-les-Eaux"));
        assert_eq!(names("mons baroeul", "62"), [""; 0]);
        assert_eq!(names("lille", ""), [""; 0]);
        assert_eq!(names("", "59410 59009"), ["Mons-en-Barœul", "Villeneuve-d'Ascq"]);
        assert_eq!(names("paris 2e", "75056"), ["Paris 2e Arrondissement"]);
    }
}
