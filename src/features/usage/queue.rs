//! The queue of the auditor: what rules noticed and nobody decided yet; what was decided, when it is asked for.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use super::store::Line;
use super::store::signals::{self, Filter};
use super::words::{explanation, name, name_of, standing};
use crate::app::App;
use crate::domain::atypical::Rule;
use crate::domain::id::{PartnerId, SignalId};
use crate::web::answer::{Answer, shown};
use crate::web::choice::Choice;
use crate::web::fault::Faults;
use crate::web::filters::day_of;
use crate::web::page::Shell;
use crate::web::paging::At;
use crate::web::paths::{Signal, Signals, UseThresholds};
use crate::web::visit::Visit;

/// What the address asks for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    etat: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    regle: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    partenaire: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    apres: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    avant: String,
}

/// States that the filter offers: the word of the address, the words, and the codes.
const STATES: [(&str, &str, (&str, &str)); 3] = [
    ("a-examiner", "À examiner", ("open", "answered")),
    ("en-attente", "Justification attendue", ("asked", "asked")),
    ("decides", "Décidés", ("closed", "closed")),
];

/// All of them.
const ALL: &str = "tous";

impl Asked {
    fn filter(&self) -> Filter {
        // What is left to do comes first.
        let wanted = if self.etat.is_empty() { "a-examiner" } else { self.etat.as_str() };
        Filter {
            states: STATES.into_iter().find(|(word, ..)| *word == wanted).map(|(.., codes)| codes),
            rule: Rule::parse(&self.regle).map(Rule::code),
            partner: self.partenaire.parse().ok(),
        }
    }

    fn filters_nothing(&self) -> bool {
        self.etat.is_empty() && self.regle.is_empty() && self.partenaire.is_empty()
    }

    fn address(&self) -> String {
        let asked = serde_html_form::to_string(self).unwrap_or_default();
        if asked.is_empty() { Signals.to_string() } else { format!("{Signals}?{asked}") }
    }

    fn moved(&self, apres: Option<&Line>, avant: Option<&Line>) -> String {
        let id = |line: Option<&Line>| line.map(|line| line.id.to_string()).unwrap_or_default();
        Self { apres: id(apres), avant: id(avant), ..self.clone() }.address()
    }
}

#[derive(Template)]
#[template(path = "usage/queue.html")]
struct QueuePage {
    shell: Shell,
    thresholds: UseThresholds,
    asked: Asked,
    none: Faults,
    states: Vec<Choice>,
    rules: Vec<Choice>,
    partners: Vec<Choice>,
    count: i64,
    lines: Vec<Shown>,
    range: String,
    previous: Option<String>,
    next: Option<String>,
}

struct Shown {
    tone: &'static str,
    standing: &'static str,
    rule: &'static str,
    who: String,
    explanation: String,
    when: String,
    href: Signal,
}

impl Shown {
    fn of(line: &Line) -> Self {
        let (tone, standing) = standing(line.state(), line.decision.as_deref());
        Self {
            tone,
            standing,
            rule: name_of(&line.rule),
            who: format!("{}, {}", line.person, line.partner),
            explanation: explanation(line),
            when: format!("Le {}, {}", day_of(line.day), line.service),
            href: Signal { signal: line.id },
        }
    }
}

/// The queue.
pub(super) async fn list(
    State(app): State<App>,
    _: Signals,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let filter = asked.filter();
    let at = At::asked(&asked.apres, &asked.avant, |line| line.parse::<SignalId>().ok());
    let mut reader = app.read(&visit.actor).await?;
    let count = signals::count(&mut reader, filter).await?;
    let page = signals::page(&mut reader, filter, at).await?;
    let partners = signals::partners(&mut reader).await?;
    drop(reader);
    let choice = |(id, name): (PartnerId, String)| {
        let id = id.to_string();
        let picked = id == asked.partenaire;
        Choice::new(id, name).picked_if(picked)
    };
    let states = STATES.iter().map(|(word, words, _)| (*word, *words)).chain([(ALL, "Tous")]);
    let etat = if asked.etat.is_empty() { "a-examiner" } else { asked.etat.as_str() };
    shown(&QueuePage {
        shell: visit.shell("Usages atypiques"),
        thresholds: UseThresholds,
        none: Faults::new(),
        states: states.map(|(word, words)| Choice::new(word, words).picked_if(word == etat)).collect(),
        rules: Rule::ALL
            .iter()
            .map(|rule| Choice::new(rule.code(), name(*rule)).picked_if(rule.code() == asked.regle))
            .collect(),
        partners: partners.into_iter().map(choice).collect(),
        count,
        range: page.range(count, "signalement"),
        previous: page.previous().map(|line| asked.moved(None, Some(line))),
        next: page.next().map(|line| asked.moved(Some(line), None)),
        lines: page.lines.iter().map(Shown::of).collect(),
        asked,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_shown_unless_something_else_is_asked_for() {
        let filter = |etat: &str| Asked { etat: etat.to_owned(), ..Asked::default() }.filter().states;
        assert_eq!(filter(""), Some(("open", "answered")));
        assert_eq!(filter("en-attente"), Some(("asked", "asked")));
        assert_eq!(filter(ALL), None);
        assert_eq!(Asked::default().address(), "/usages-atypiques");
    }
}
