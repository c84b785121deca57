//! The list of partners: searched, filtered, a page at a time.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::store::list::{self, Filter, Line};
use super::words;
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::access::Permission;
use crate::domain::id::PartnerId;
use crate::domain::partners::Category;
use crate::web::answer::{Answer, shown};
use crate::web::choice::Choice;
use crate::web::fault::Faults;
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paging::At;
use crate::web::paths::{NewPartner, Partner, Partners};
use crate::web::visit::Visit;

/// What is asked of the list, as its address says it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    categorie: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    etat: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    apres: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    avant: String,
}

const INCOMPLETE: &str = "a-completer";

impl Asked {
    fn filter(&self) -> Filter {
        Filter {
            words: beginnings(&joined(&self.q)),
            category: Category::parse(&self.categorie).map(Category::code),
            incomplete: self.etat == INCOMPLETE,
        }
    }

    fn at(&self) -> At<PartnerId> {
        At::asked(&self.apres, &self.avant, |line| line.parse().ok())
    }

    fn filters_nothing(&self) -> bool {
        self.q.trim().is_empty() && self.categorie.is_empty() && self.etat.is_empty()
    }

    fn address(&self) -> String {
        let asked = serde_html_form::to_string(self).unwrap_or_default();
        if asked.is_empty() { Partners.to_string() } else { format!("{Partners}?{asked}") }
    }

    fn moved(&self, apres: Option<&Line>, avant: Option<&Line>) -> String {
        let id = |line: Option<&Line>| line.map(|line| line.id.to_string()).unwrap_or_default();
        Self { apres: id(apres), avant: id(avant), ..self.clone() }.address()
    }

    /// The criteria in force: their words, and the address without each.
    fn criteria(&self) -> Vec<(String, String)> {
        let all = Self { apres: String::new(), avant: String::new(), ..self.clone() };
        let mut criteria = Vec::new();
        if !all.q.trim().is_empty() {
            let without = Self { q: String::new(), ..all.clone() };
            criteria.push((format!("Mots : « {} »", all.q.trim()), without.address()));
        }
        if let Some(category) = Category::parse(&all.categorie) {
            let without = Self { categorie: String::new(), ..all.clone() };
            criteria.push((format!("Catégorie : {}", words::label(category)), without.address()));
        }
        if all.etat == INCOMPLETE {
            let without = Self { etat: String::new(), ..all.clone() };
            criteria.push(("À compléter".to_owned(), without.address()));
        }
        criteria
    }
}

/// A SIRET is typed with spaces, and found as one word.
fn joined(typed: &str) -> String {
    let digits = typed.chars().all(|sign| sign.is_ascii_digit() || sign.is_whitespace());
    if digits { typed.chars().filter(char::is_ascii_digit).collect() } else { typed.to_owned() }
}

impl Line {
    fn href(&self) -> String {
        Partner { partner: self.id }.to_string()
    }

    fn category_words(&self) -> &'static str {
        words::label_of(&self.category)
    }

    /// What is missing, in the order in which it is done.
    fn missing(&self) -> Vec<&'static str> {
        [
            (self.draft, "convention non signée"),
            (self.without_principal, "pas d’administrateur principal"),
            (self.memberships == 0, "aucun bulletin"),
            (self.incomplete_memberships > 0, "un bulletin incomplet"),
        ]
        .into_iter()
        .filter(|(missing, _)| *missing)
        .map(|(_, word)| word)
        .collect()
    }
}

#[derive(Template)]
#[template(path = "partners/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    categories: Vec<Choice>,
    states: Vec<Choice>,
    none: Faults,
    criteria: Vec<(String, String)>,
    range: String,
    lines: Vec<Line>,
    count: i64,
    previous: Option<String>,
    next: Option<String>,
    register: Option<String>,
}

/// The list.
pub(super) async fn partners(
    State(app): State<App>,
    visit: Visit,
    _: Partners,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let filter = asked.filter();
    let mut reader = app.read(&visit.actor).await?;
    let count = list::count(&mut reader, &filter).await?;
    let page = list::page(&mut reader, &filter, asked.at()).await?;
    drop(reader);
    let previous = page.previous().map(|line| asked.moved(None, Some(line)));
    let next = page.next().map(|line| asked.moved(Some(line), None));
    let register = visit.actor.may(Permission::RegisterPartner).then(|| NewPartner.to_string());
    shown(&ListPage {
        shell: visit.shell("Partenaires"),
        categories: words::categories(&asked.categorie),
        states: vec![Choice::new(INCOMPLETE, "À compléter").picked_if(asked.etat == INCOMPLETE)],
        none: Faults::new(),
        criteria: asked.criteria(),
        range: page.range(count, "partenaire"),
        lines: page.lines,
        count,
        previous,
        next,
        register,
        asked,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_siret_is_one_word_however_it_is_typed() {
        assert_eq!(joined("215 904 103 00011"), "21590410300011");
        assert_eq!(joined("Brumeval 59"), "Brumeval 59");
    }

    #[test]
    fn each_criterion_can_be_taken_away_alone() {
        let asked = Asked {
            q: "brume & val".into(),
            categorie: "commune".into(),
            etat: INCOMPLETE.into(),
            apres: "x".into(),
            avant: String::new(),
        };
        let criteria = asked.criteria();
        let addresses: Vec<&str> = criteria.iter().map(|(_, address)| address.as_str()).collect();
        let expected = [
            "/partenaires?categorie=commune&etat=a-completer",
            "/partenaires?q=brume+%26+val&etat=a-completer",
            "/partenaires?q=brume+%26+val&categorie=commune",
        ];
        assert_eq!(addresses, expected);
        assert!(Asked::default().filters_nothing() && !asked.filters_nothing());
        assert_eq!(Asked::default().address(), "/partenaires");
    }
}
