//! The form of a partner, for registering and for correcting: what is typed, and what it means.

use serde::Deserialize;

use super::store::Sheet;
use crate::domain::contact::{MailAddress, Phone};
use crate::domain::convention_number::ConventionNumber;
use crate::domain::day::Day;
use crate::domain::partners::Category;
use crate::web::fault::{Fault, Faults};
use crate::web::reading::NAME;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PartnerForm {
    pub(super) siret: String,
    pub(super) nom: String,
    pub(super) categorie: String,
    pub(super) rue: String,
    pub(super) code_postal: String,
    pub(super) ville: String,
    pub(super) representant: String,
    pub(super) fonction: String,
    pub(super) convention: String,
    pub(super) signee_le: String,
    pub(super) effet_le: String,
    pub(super) securite_nom: String,
    pub(super) securite_courriel: String,
    pub(super) securite_telephone: String,
    pub(super) donnees_nom: String,
    pub(super) donnees_courriel: String,
    pub(super) donnees_telephone: String,
    pub(super) prefixe: String,
    pub(super) gestion: String,
    pub(super) version: String,
}

/// What each field is called in the summary of what is wrong.
pub(super) const NAMES: [(&str, &str); 19] = [
    ("siret", "SIRET"),
    ("nom", "Raison sociale"),
    ("categorie", "Catégorie"),
    ("rue", "Rue"),
    ("code_postal", "Code postal"),
    ("ville", "Ville"),
    ("representant", "Représentant légal"),
    ("fonction", "Fonction du représentant"),
    ("convention", "Numéro de la convention"),
    ("signee_le", "Date de signature"),
    ("effet_le", "Date d’effet"),
    ("securite_nom", "Contact sécurité"),
    ("securite_courriel", "Courriel du contact sécurité"),
    ("securite_telephone", "Téléphone du contact sécurité"),
    ("donnees_nom", "Contact protection des données"),
    ("donnees_courriel", "Courriel du contact protection des données"),
    ("donnees_telephone", "Téléphone du contact protection des données"),
    ("prefixe", "Lettres des identifiants"),
    ("gestion", "Gestion des personnes"),
];

/// Somebody whom the organism calls about one matter; an office may answer there.
#[derive(Clone, Debug)]
pub(crate) struct Contact {
    pub(crate) name: String,
    pub(crate) mail: MailAddress,
    /// Empty when it is not known.
    pub(crate) phone: String,
}

/// What a partner is, apart from its SIRET and its letters, which never change.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) legal_name: String,
    pub(crate) category: Category,
    pub(crate) street: String,
    pub(crate) postal_code: String,
    pub(crate) city: String,
    pub(crate) representative_name: String,
    pub(crate) representative_title: String,
    pub(crate) convention: ConventionNumber,
    pub(crate) signed_on: Option<Day>,
    pub(crate) effective_on: Option<Day>,
    pub(crate) security: Contact,
    pub(crate) protection: Contact,
}

impl PartnerForm {
    /// What is typed, as it means; `None` when something of it cannot be read, which `faults` then says.
    pub(super) fn identity(&self, faults: &mut Faults) -> Option<Identity> {
        let legal_name = faults.line("nom", &self.nom, NAME);
        let category = Category::parse(&self.categorie);
        if category.is_none() {
            let fault = if self.categorie.is_empty() { Fault::Missing } else { Fault::NotOffered };
            faults.push("categorie", fault);
        }
        let street = faults.line("rue", &self.rue, NAME);
        let postal_code = faults.line("code_postal", &self.code_postal, NAME);
        if postal_code.len() != 5 || !postal_code.bytes().all(|digit| digit.is_ascii_digit()) {
            faults.push("code_postal", Fault::PostalCode);
        }
        let city = faults.line("ville", &self.ville, NAME);
        let representative_name = faults.line("representant", &self.representant, NAME);
        let representative_title = faults.line("fonction", &self.fonction, NAME);
        let convention = faults.value::<ConventionNumber>("convention", &self.convention);
        let signed_on = faults.optional_day("signee_le", &self.signee_le);
        let effective_on = faults.optional_day("effet_le", &self.effet_le);
        let security_name = faults.line("securite_nom", &self.securite_nom, NAME);
        let security_mail = faults.value::<MailAddress>("securite_courriel", &self.securite_courriel);
        let security_phone = faults.optional_phone("securite_telephone", &self.securite_telephone);
        let protection_name = faults.line("donnees_nom", &self.donnees_nom, NAME);
        let protection_mail = faults.value::<MailAddress>("donnees_courriel", &self.donnees_courriel);
        let protection_phone = faults.optional_phone("donnees_telephone", &self.donnees_telephone);
        Some(Identity {
            legal_name,
            category: category?,
            street,
            postal_code,
            city,
            representative_name,
            representative_title,
            convention: convention?,
            signed_on,
            effective_on,
            security: Contact { name: security_name, mail: security_mail?, phone: security_phone },
            protection: Contact { name: protection_name, mail: protection_mail?, phone: protection_phone },
        })
    }

    /// The form of a partner as it is.
    pub(super) fn of(sheet: &Sheet) -> Self {
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            siret: sheet.siret.clone(),
            nom: sheet.legal_name.clone(),
            categorie: sheet.category.clone(),
            rue: sheet.street.clone(),
            code_postal: sheet.postal_code.clone(),
            ville: sheet.city.clone(),
            representant: sheet.representative_name.clone(),
            fonction: sheet.representative_title.clone(),
            convention: sheet.number.clone(),
            signee_le: day(sheet.signed_on),
            effet_le: day(sheet.effective_on),
            securite_nom: sheet.security_name.clone(),
            securite_courriel: sheet.security_mail.clone(),
            securite_telephone: dialled(&sheet.security_phone),
            donnees_nom: sheet.protection_name.clone(),
            donnees_courriel: sheet.protection_mail.clone(),
            donnees_telephone: dialled(&sheet.protection_phone),
            prefixe: sheet.prefix.clone(),
            gestion: sheet.mode.code().to_owned(),
            version: sheet.version.to_string(),
        }
    }
}

/// A telephone number as it is dialled in France.
pub(super) fn dialled(kept: &str) -> String {
    kept.parse::<Phone>().map_or_else(|_| kept.to_owned(), |phone| phone.to_string())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use super::*;

    fn filled() -> PartnerForm {
        let text = str::to_owned;
        PartnerForm {
            nom: text("Commune de Brumeval"),
            categorie: text("commune"),
            rue: text("1 place de la Mairie"),
            code_postal: text("59370"),
            ville: text("Brumeval"),
            representant: text("Idris Valombert"),
            fonction: text("Maire"),
            convention: text("2026-21590410300011"),
            securite_nom: text("Accueil informatique"),
            securite_courriel: text("informatique@brumeval.example"),
            donnees_nom: text("Maëlle Tournesac"),
            donnees_courriel: text("maelle.tournesac@brumeval.example"),
            donnees_telephone: text("01 99 00 14 27"),
            ..PartnerForm::default()
        }
    }

    #[test]
    fn a_draft_without_dates_is_accepted() {
        let mut faults = Faults::new();
        let identity = filled().identity(&mut faults).unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!((identity.signed_on, identity.security.phone.as_str()), (None, ""));
        assert_eq!(identity.protection.phone, "+33199001427");
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut faults = Faults::new();
        assert!(PartnerForm::default().identity(&mut faults).is_none());
        let required =
            ["nom", "categorie", "rue", "code_postal", "ville", "representant", "fonction", "convention"];
        for field in required.into_iter().chain([
            "securite_nom",
            "securite_courriel",
            "donnees_nom",
            "donnees_courriel",
        ]) {
            assert_eq!(faults.get(field), Some(&Fault::Missing), "{field}");
        }
        let form = PartnerForm { code_postal: "5937".into(), signee_le: "31/02/2026".into(), ..filled() };
        let mut faults = Faults::new();
        form.identity(&mut faults);
        assert_eq!(faults.iter().map(|(field, _)| field).collect::<Vec<_>>(), ["code_postal", "signee_le"]);
        assert!(faults.iter().all(|(field, _)| NAMES.iter().any(|(name, _)| *name == field)));
    }
}
