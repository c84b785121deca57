//! What may be shown of a file. A rubric that was not asked for is not in the value at all, so that no page can
//! print it by mistake.

use std::collections::BTreeSet;

use time::Date;

use super::{Address, Family, File, Name, QuotientMonth, Right, Rubric};
use crate::domain::file_number::FileNumber;

/// A file without the rubrics that were not asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its number.
    pub number: FileNumber,
    /// The day whose situation this is.
    pub as_of: Date,
    /// Those who hold it: without their names nobody could tell that it is the right file.
    pub holders: Vec<Name>,
    /// Rubric [`Rubric::QuotientFamilial`].
    pub quotient: Option<Vec<QuotientMonth>>,
    /// Rubric [`Rubric::Adresse`].
    pub address: Option<Address>,
    /// Rubric [`Rubric::Famille`].
    pub family: Option<Family>,
    /// Rubric [`Rubric::Droits`].
    pub rights: Option<Vec<Right>>,
}

impl File {
    /// The file with these rubrics only.
    pub fn only(&self, rubrics: &BTreeSet<Rubric>) -> Shown {
        Shown {
            number: self.number,
            as_of: self.as_of,
            holders: self.holders().into_iter().cloned().collect(),
            quotient: rubrics.contains(&Rubric::QuotientFamilial).then(|| self.quotient.clone()),
            address: rubrics.contains(&Rubric::Adresse).then(|| self.address.clone()),
            family: rubrics.contains(&Rubric::Famille).then(|| self.family.clone()),
            rights: rubrics.contains(&Rubric::Droits).then(|| self.rights.clone()),
        }
    }
}
