//! What may be shown of a file. A rubric that was not asked for is not in the value at all, so that no page can
//! print it by mistake.

use std::collections::BTreeSet;

use time::Date;

use super::{Address, Family, File, Income, Known, Name, QuotientMonth, Right, Rsa, Rubric};
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
    /// Rubric [`Rubric::Rsa`]. The application for it is shown among rights, to who sees both.
    pub rsa: Option<Rsa>,
    /// Rubric [`Rubric::Ressources`].
    pub income: Option<Known<Vec<Income>>>,
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
            family: rubrics.contains(&Rubric::Famille).then(|| {
                let whole = self.family.clone();
                if rubrics.contains(&Rubric::Rsa) { whole } else { whole.without_rsa() }
            }),
            rights: rubrics.contains(&Rubric::Droits).then(|| self.rights.clone()),
            rsa: self.rsa.clone().filter(|_| rubrics.contains(&Rubric::Rsa)),
            income: rubrics.contains(&Rubric::Ressources).then(|| self.income.clone()),
        }
    }
}

impl Family {
    /// Without what only RSA needs of people: national numbers, nationality, duties, the course of a pregnancy.
    fn without_rsa(mut self) -> Self {
        for person in &mut self.persons {
            (person.nir, person.nationality) = (None, None);
            (person.birth_rank, person.duties) = (None, None);
        }
        // One that ended is nobody else's to know.
        self.pregnancy = self.pregnancy.filter(|pregnancy| pregnancy.ended.is_none());
        if let Some(pregnancy) = &mut self.pregnancy {
            pregnancy.begun_on = None;
        }
        self
    }
}
