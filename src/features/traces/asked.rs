//! What is looked for, as an address says it: read into a search, written back, told in words.

use serde::{Deserialize, Serialize};

use super::store::{Offered, Person};
use super::walk::{Along, Filter};
use crate::domain::day::Day;
use crate::domain::facts::Outcome;
use crate::domain::id::{GroupId, OrganismId, PartnerId};
use crate::domain::trace_search::Period;
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::day_of;
use crate::web::paths::Traces;

/// Families of facts, as the filter offers them: first letters of their codes, and the words.
const FAMILIES: [(&str, &str); 17] = [
    ("sign_in.", "Connexions"),
    ("session.", "Fins de session"),
    ("password.", "Mots de passe"),
    ("file.", "Consultations"),
    ("grant.", "Habilitations"),
    ("group.", "Groupes"),
    ("review.", "Revues inverses"),
    ("letter.", "Lettres"),
    ("user.", "Utilisateurs"),
    ("principal.", "Administrateurs"),
    ("membership.", "Bulletins"),
    ("cap.", "Plafonds"),
    ("use.", "Usages atypiques"),
    ("page.", "Pages"),
    ("traces.", "Lectures de traces"),
    ("statistics.", "Statistiques"),
    ("trace_request.", "Demandes de traces"),
];

/// Outcomes, as the filter offers them.
const OUTCOMES: [(Outcome, &str); 3] =
    [(Outcome::Done, "Abouti"), (Outcome::Refused, "Refusé"), (Outcome::Failed, "Échoué")];

/// The acts that an address of old called «refus»: an outcome, not a family.
const REFUSALS: &str = "refus";

/// What stands after the «?». Empty fields are left out of addresses.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) personne: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) du: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) au: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) acte: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) resultat: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) partenaire: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) service: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) mission: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) groupe: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) adresse: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) avant: String,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub(super) struct Search {
    pub(super) period: Period,
    pub(super) filter: Filter,
}

impl Asked {
    /// Reads it. What is not among the things offered is a fault of its field.
    pub(super) fn read(&self, today: Day, offered: &Offered, faults: &mut Faults) -> Search {
        let period = period(&self.du, &self.au, today, faults);
        let among = |field, typed: &str, known: bool, faults: &mut Faults| {
            if !typed.is_empty() && !known {
                faults.push(field, Fault::NotOffered);
            }
        };
        let family = FAMILIES.iter().find(|(family, _)| *family == self.acte).map(|(family, _)| *family);
        among("acte", &self.acte, family.is_some() || self.acte == REFUSALS, faults);
        let outcome = match (Outcome::parse(&self.resultat), self.acte.as_str()) {
            (None, REFUSALS) => Some(Outcome::Refused),
            (outcome, _) => outcome,
        };
        among("resultat", &self.resultat, outcome.is_some(), faults);
        let service = offered.services.iter().find(|(code, _)| *code == self.service);
        among("service", &self.service, service.is_some(), faults);
        let mission = offered.missions.iter().find(|label| **label == self.mission);
        among("mission", &self.mission, mission.is_some(), faults);
        let partner: Option<PartnerId> =
            self.partenaire.parse().ok().filter(|id| offered.partners.iter().any(|(known, _)| known == id));
        among("partenaire", &self.partenaire, partner.is_some(), faults);
        let group: Option<GroupId> =
            self.groupe.parse().ok().filter(|id| offered.groups.iter().any(|(known, ..)| known == id));
        among("groupe", &self.groupe, group.is_some(), faults);
        let typed = self.adresse.trim();
        let source = typed.parse::<std::net::IpAddr>().ok().map(|address| address.to_string());
        if !typed.is_empty() && source.is_none() {
            faults.push("adresse", Fault::SourceShape);
        }
        let filter = Filter {
            family,
            outcome,
            service: service.map(|(code, _)| code.clone()),
            source,
            partner,
            mission: mission.cloned(),
            group,
        };
        Search { period, filter }
    }

    /// The same without where it stands in its pages: what may be kept under a name.
    pub(super) fn at_its_start(&self) -> Self {
        Self { avant: String::new(), ..self.clone() }
    }

    /// Whether anything is asked beyond the last days of everybody.
    pub(super) fn asks_something(&self) -> bool {
        !self.at_its_start().query().is_empty()
    }

    /// Whether one of the criteria that are seldom used is used.
    pub(super) fn is_precise(&self) -> bool {
        [&self.resultat, &self.service, &self.mission, &self.groupe, &self.adresse]
            .iter()
            .any(|field| !field.is_empty())
    }

    /// What stands after the «?».
    pub(super) fn query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }

    /// Its address.
    pub(super) fn address(&self) -> String {
        match self.query() {
            query if query.is_empty() => Traces.to_string(),
            query => format!("{Traces}?{query}"),
        }
    }

    /// The search in words, criterion by criterion.
    pub(super) fn words(&self, offered: &Offered) -> Vec<String> {
        let mut words = Vec::new();
        let mut say = |label: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                words.push(format!("{label} : {value}"));
            }
        };
        let day = |typed: &str| Day::parse(typed).map(day_of);
        say("Personne", Some(self.personne.clone()));
        say("Du", day(&self.du));
        say("Au", day(&self.au));
        let family = FAMILIES.iter().chain(&[(REFUSALS, "Refus")]).find(|(code, _)| *code == self.acte);
        say("Acte", family.map(|(_, words)| (*words).to_owned()));
        let outcome = OUTCOMES.iter().find(|(outcome, _)| outcome.code() == self.resultat);
        say("Résultat", outcome.map(|(_, words)| (*words).to_owned()));
        let partner = offered.partners.iter().find(|(id, _)| id.to_string() == self.partenaire);
        say("Partenaire", partner.map(|(_, name)| name.clone()));
        let service = offered.services.iter().find(|(code, _)| *code == self.service);
        say("Service", service.map(|(_, name)| name.clone()));
        say("Mission", Some(self.mission.clone()));
        let group = offered.groups.iter().find(|(id, ..)| id.to_string() == self.groupe);
        say("Groupe", group.map(|(_, name, _)| name.clone()));
        say("Adresse", Some(self.adresse.clone()));
        words
    }

    /// The choices of each list, the one asked for picked.
    pub(super) fn choices(&self, offered: &Offered) -> Choices {
        let several = !offered.partners.is_empty();
        let choice = |value: String, label: String, asked: &str| {
            let picked = value == asked;
            Choice::new(value, label).picked_if(picked)
        };
        Choices {
            families: FAMILIES
                .iter()
                // What is said of atypical uses is the organism's own.
                .filter(|(family, _)| several || *family != "use.")
                .map(|(family, words)| choice((*family).to_owned(), (*words).to_owned(), &self.acte))
                .collect(),
            outcomes: OUTCOMES
                .iter()
                .map(|(outcome, words)| {
                    let refusals = *outcome == Outcome::Refused && self.acte == REFUSALS;
                    Choice::new(outcome.code(), *words).picked_if(outcome.code() == self.resultat || refusals)
                })
                .collect(),
            partners: offered
                .partners
                .iter()
                .map(|(id, name)| choice(id.to_string(), name.clone(), &self.partenaire))
                .collect(),
            services: offered
                .services
                .iter()
                .map(|(code, name)| choice(code.clone(), name.clone(), &self.service))
                .collect(),
            missions: offered
                .missions
                .iter()
                .map(|label| choice(label.clone(), label.clone(), &self.mission))
                .collect(),
            groups: offered
                .groups
                .iter()
                .map(|(id, name, partner)| {
                    let label = if several { format!("{name} ({partner})") } else { name.clone() };
                    choice(id.to_string(), label, &self.groupe)
                })
                .collect(),
        }
    }
}

/// The lists of the filter.
pub(super) struct Choices {
    pub(super) families: Vec<Choice>,
    pub(super) outcomes: Vec<Choice>,
    pub(super) partners: Vec<Choice>,
    pub(super) services: Vec<Choice>,
    pub(super) missions: Vec<Choice>,
    pub(super) groups: Vec<Choice>,
}

impl Search {
    /// Along which indexes it walks: a person is looked for as who acted and as who was acted upon. A partner that is
    /// walked along is a filter no more.
    pub(super) fn ways(
        &mut self,
        person: Option<&Person>,
        organism: OrganismId,
        own: Option<PartnerId>,
    ) -> Vec<Along> {
        if let Some(person) = person {
            return vec![Along::Actor(person.id), Along::Subject(person.id)];
        }
        match own.or_else(|| self.filter.partner.take()) {
            Some(partner) => vec![Along::Partner(partner)],
            None => vec![Along::Organism(organism)],
        }
    }

    /// The filters that the trace of this search names, beside person, period and act.
    pub(super) fn named(&self) -> Vec<(String, String)> {
        let filter = &self.filter;
        let named = [
            ("outcome", filter.outcome.map(|outcome| outcome.code().to_owned())),
            ("partner", filter.partner.map(|id| id.to_string())),
            ("service", filter.service.clone()),
            ("mission", filter.mission.clone()),
            ("group", filter.group.map(|id| id.to_string())),
            ("source", filter.source.clone()),
        ];
        named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// The period typed in `du` and `au`: the last days when nothing is.
pub(super) fn period(from: &str, to: &str, today: Day, faults: &mut Faults) -> Period {
    let mut day = |typed: &str, field| {
        let day = Day::parse(typed);
        if day.is_none() && !typed.trim().is_empty() {
            faults.push(field, Fault::DateFormat);
        }
        day
    };
    let (from, to) = (day(from, "du"), day(to, "au"));
    let period = Period::given(from, to, today);
    if period.is_upside_down() {
        faults.push("du", Fault::EndBeforeStart);
    }
    period
}
