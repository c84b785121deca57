//! The words of this slice: categories as pages name them, and what a page says was just done.

use serde::Deserialize;

use crate::domain::access::Mode;
use crate::domain::partners::Category;
use crate::web::choice::Choice;
use crate::web::page::{Notice, Tone};

/// A category as pages name it.
pub(super) fn label(category: Category) -> &'static str {
    match category {
        Category::Commune => "Commune",
        Category::Departement => "Département",
        Category::Intercommunalite => "Intercommunalité",
        Category::Ccas => "CCAS ou CIAS",
        Category::Bailleur => "Bailleur social",
        Category::Eaje => "Accueil du jeune enfant",
        Category::SecuriteSociale => "Organisme de Sécurité sociale",
        Category::Association => "Association",
        Category::Autre => "Autre",
    }
}

/// A category as its row keeps it, named.
pub(super) fn label_of(code: &str) -> &'static str {
    label(Category::parse(code).unwrap_or(Category::Autre))
}

/// The categories to choose from.
pub(super) fn categories(picked: &str) -> Vec<Choice> {
    Category::ALL
        .into_iter()
        .map(|category| Choice::new(category.code(), label(category)).picked_if(category.code() == picked))
        .collect()
}

/// Who manages the people of a partner, as pages name it.
pub(super) fn managed_by(mode: Mode) -> &'static str {
    match mode {
        Mode::Delegated => "Par le partenaire",
        Mode::Centralised => "Par votre organisme",
    }
}

/// The modes to choose from: delegated, unless another was chosen.
pub(super) fn modes(picked: &str) -> Vec<Choice> {
    let picked = Mode::parse(picked).unwrap_or(Mode::Delegated);
    let detail = |mode| match mode {
        Mode::Delegated => {
            "Son administrateur principal crée et habilite ses utilisateurs, dans vos plafonds"
        }
        Mode::Centralised => "Il vous adresse ses demandes ; vous créez et habilitez vous-même chaque agent",
    };
    Mode::ALL
        .into_iter()
        .map(|mode| Choice::new(mode.code(), managed_by(mode)).detail(detail(mode)).picked_if(mode == picked))
        .collect()
}

/// What follows the naming of whoever administers the partner.
const HANDED_OVER: &str = "Remettez-lui son identifiant, ci-dessous. Si son compte est nouveau, son code à usage unique \
     part par courriel à son adresse personnelle, sans passer par vous ni par personne d’autre.";

/// The same, when his code goes by letter.
const TO_PRINT: &str =
    "Il reste à imprimer ses deux lettres, ci-dessous : l’identifiant, puis le code. Aucun courriel ne part.";

/// What has just been done, as the address of the partner's page tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Told {
    Enregistre,
    Corrige,
    Principal,
    PrincipalParLettre,
    Suppleant,
    SuppleantParLettre,
}

/// What may follow the address of a page.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    pub(super) fait: Option<Told>,
}

impl Told {
    /// The notice at the head of the page.
    pub(super) fn notice(self, partner: &str, mode: Mode) -> Notice {
        let (title, text) = match self {
            Self::Enregistre if mode == Mode::Centralised => (
                format!("C’est fait : {partner} est enregistré"),
                "Pour lui ouvrir un service, ajoutez un bulletin d’adhésion, dessinez ses circonscriptions si le \
                 service en demande, puis créez et habilitez ses agents.",
            ),
            Self::Enregistre => (
                format!("C’est fait : {partner} est enregistré"),
                "Deux choses restent à faire pour lui ouvrir un service : nommer l’administrateur principal et \
                 ajouter un bulletin d’adhésion.",
            ),
            Self::Corrige => ("C’est fait : la fiche est corrigée".to_owned(), ""),
            Self::Principal => ("C’est fait : l’administrateur principal est nommé".to_owned(), HANDED_OVER),
            Self::PrincipalParLettre => {
                ("C’est fait : l’administrateur principal est nommé".to_owned(), TO_PRINT)
            }
            Self::SuppleantParLettre => {
                ("C’est fait : l’administrateur suppléant est nommé".to_owned(), TO_PRINT)
            }
            Self::Suppleant => ("C’est fait : l’administrateur suppléant est nommé".to_owned(), HANDED_OVER),
        };
        let text = if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
        Notice { tone: Tone::Ok, title, text, links: Vec::new() }
    }
}
