//! The guide of components: each one, in each of its states, from the templates that pages use. Only the demonstration
//! serves it. What is not there does not exist.

use askama::Template;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::routing::TypedPath;
use serde::Deserialize;

use crate::app::App;
use crate::web::chart::Chart;
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters;
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Shell, Tone, html};
use crate::web::problem::{Problem, render};
use crate::web::routes::{Access, Routes};
use crate::web::specimen::{gate, signed_in};

/// The routes of the guide, open to anybody: nothing there is about anybody. What is sent goes back to the guide.
pub fn add(routes: Routes<App>) -> Routes<App> {
    routes
        .get(Guide::PATH, Access::Public, async |_: Guide| html(&components(Faults::new(), None)))
        .get(Refused::PATH, Access::Public, async |_: Refused| {
            html(&components(every_fault(), Some(refusal())))
        })
        .get(Confirmation::PATH, Access::Public, async |_: Confirmation| html(&confirmation()))
        .post(Confirmation::PATH, Access::Public, back)
        .get(Gate::PATH, Access::Public, async |_: Gate| {
            html(&SignIn { shell: gate(), faults: Faults::new() })
        })
        .get(ErrorPage::PATH, Access::Public, error_page)
}

async fn back() -> Redirect {
    Redirect::to(Guide::PATH)
}

/// Every component.
#[derive(TypedPath, Deserialize)]
#[typed_path("/composants")]
struct Guide;

/// The same, all of it refused.
#[derive(TypedPath, Deserialize)]
#[typed_path("/composants/refus")]
struct Refused;

/// A grave act to confirm.
#[derive(TypedPath, Deserialize)]
#[typed_path("/composants/confirmation")]
struct Confirmation;

/// A page of those who are not signed in.
#[derive(TypedPath, Deserialize)]
#[typed_path("/composants/entree")]
struct Gate;

/// An error page, as somebody signed in reads it.
#[derive(TypedPath, Deserialize)]
#[typed_path("/composants/erreurs/{number}")]
struct ErrorPage {
    number: usize,
}

async fn error_page(page: ErrorPage) -> Response {
    let problem = problems().into_iter().nth(page.number).unwrap_or(Problem::NotFound);
    render(&problem, signed_in()).into_response()
}

/// Every component once.
#[derive(Template)]
#[template(path = "components/specimen.html")]
struct Components {
    shell: Shell,
    faults: Faults,
    roles: Vec<Choice>,
    gauges: [(&'static str, Gauge); 4],
    chart: Chart,
    links: Vec<(&'static str, &'static str)>,
    next: Option<String>,
    previous: Option<String>,
    /// One of each tone.
    notices: Vec<Notice>,
    /// The other pages of the guide: label, address.
    pages: Vec<(String, String)>,
}

fn components(faults: Faults, notice: Option<Notice>) -> Components {
    let problems = problems();
    Components {
        shell: Shell { notice, ..signed_in() },
        faults,
        roles: vec![
            Choice::new("qf", "Quotient seul").detail("Montant du mois et date de calcul").picked_if(true),
            Choice::new("compo", "Quotient et composition").closed("Complet : 25 sur 25"),
            Choice::new("adresse", "Adresse"),
        ],
        gauges: [
            ("de la place", Gauge::new(14, 3, Some(25))),
            ("complet", Gauge::new(25, 0, Some(25))),
            ("dépassé", Gauge::new(24, 3, Some(25))),
            ("sans plafond", Gauge::new(3, 1, None)),
        ],
        chart: Chart::of(
            "Dossiers consultés par mois",
            &[("août", Some(212)), ("septembre", None), ("octobre", Some(388))]
                .map(|(month, figure)| (month.to_owned(), figure)),
        ),
        links: vec![("Partenaires", "/partenaires"), ("Communes", "/partenaires?categorie=commune")],
        next: Some("/composants?apres=x".to_owned()),
        previous: Some("/composants?avant=x".to_owned()),
        notices: [
            (Tone::Ok, "C’est fait : 3 accès suspendus"),
            (Tone::Wait, "Une demande attend votre réponse"),
            (Tone::Warn, "Le plafond sera bientôt atteint"),
            (Tone::Bad, "La suspension n’a pas été enregistrée"),
        ]
        .into_iter()
        .map(|(tone, title)| Notice {
            tone,
            title: title.to_owned(),
            text: vec!["Ce qui s’est passé, pourquoi, et quoi faire.".to_owned()],
            links: Vec::new(),
        })
        .collect(),
        pages: [
            ("Les composants", Guide.to_string()),
            ("Les mêmes, refusés", Refused.to_string()),
            ("Un geste à confirmer", Confirmation.to_string()),
            ("Une page d’entrée", Gate.to_string()),
        ]
        .into_iter()
        .map(|(label, href)| (label.to_owned(), href))
        .chain(problems.iter().enumerate().map(|(number, problem)| {
            (format!("Page d’erreur : {problem}"), ErrorPage { number }.to_string())
        }))
        .collect(),
    }
}

/// A fault for each field of the guide.
fn every_fault() -> Faults {
    let mut faults = Faults::new();
    faults.push("siret", Fault::AlreadyRegistered { href: "/partenaires/1".to_owned() });
    faults.push("courriel", Fault::MailShared);
    for field in ["nouveau", "fin", "naissance", "groupe", "missions", "motif"] {
        faults.push(field, Fault::Missing);
    }
    faults.push("role", Fault::CapReached { cap: 25, used: 25 });
    faults.push("engagement", Fault::NotTicked);
    faults
}

fn refusal() -> Notice {
    Notice {
        tone: Tone::Bad,
        title: "L’habilitation n’a pas été enregistrée : plafond atteint".to_owned(),
        text: vec!["La caisse accorde 25 places à votre commune. Votre saisie est conservée.".to_owned()],
        links: vec![(
            "Demander à la caisse de relever le plafond".to_owned(),
            "/plafonds/demande".to_owned(),
        )],
    }
}

fn confirmation() -> Confirm {
    Confirm { shell: signed_in().titled("Mettre fin aux accès de 2 personnes ?"), key: "une-cle".to_owned() }
}

/// A grave act, as a slice asks to confirm it.
#[derive(Template)]
#[template(path = "components/specimen_confirm.html")]
struct Confirm {
    shell: Shell,
    key: String,
}

/// A welcome, as sign-in does it.
#[derive(Template)]
#[template(path = "components/specimen_gate.html")]
struct SignIn {
    shell: Shell,
    faults: Faults,
}

fn problems() -> [Problem; 13] {
    [
        Problem::NotFound,
        Problem::MethodNotAllowed,
        Problem::Stale { href: "/partenaires/1".to_owned() },
        Problem::OtherPartner {
            shown_for: "CCAS de Brumeval".to_owned(),
            acting_for: "Commune de Brumeval".to_owned(),
        },
        Problem::TooManyRequests { retry_after_s: 240 },
        Problem::Suspended { since: Some("14 h 31".to_owned()) },
        Problem::OutOfHours {
            opens: 5,
            closes: 23,
            when: "demain à 5 h 00".to_owned(),
            retry_after_s: 21_600,
        },
        Problem::Suspended { since: None },
        Problem::Unreadable,
        Problem::CrossSite,
        Problem::TooLarge,
        Problem::Timeout,
        Problem::Internal { reference: "7KQ2-M4TD".to_owned() },
    ]
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::web::well_made::{body, check, look, sources};

    #[test]
    fn components_gate_and_confirm_are_well_made() {
        for (name, page) in [
            ("composants", html(&components(Faults::new(), None))),
            ("composants-refus", html(&components(every_fault(), Some(refusal())))),
            ("confirmation", html(&confirmation())),
            ("connexion", html(&SignIn { shell: gate(), faults: Faults::new() })),
        ] {
            let page = page.unwrap().0;
            look(name, &page);
            check(name, &page);
        }
    }

    #[tokio::test]
    async fn every_problem_is_well_made_signed_in_or_not() {
        for (index, problem) in problems().iter().enumerate() {
            for (shell, side) in [(gate(), "dehors"), (signed_in(), "dedans")] {
                let page = body(render(problem, shell).into_response()).await;
                look(&format!("probleme-{index}-{side}"), &page);
                check(&format!("{problem:?}"), &page);
            }
        }
    }

    #[test]
    fn a_title_says_first_that_something_was_refused() {
        let page = html(&components(every_fault(), Some(refusal()))).unwrap().0;
        assert!(page.contains("<title>Erreur\u{a0}: Composants – Compte Partenaire</title>"));
    }

    /// What is not in the guide does not exist: each macro that a page may call is called there.
    #[test]
    fn every_component_is_in_the_guide() {
        let sources = sources();
        let text = |name: &str| {
            sources.iter().find(|(path, _)| path.ends_with(name)).map(|(_, text)| text.clone()).unwrap()
        };
        let guide = text("components/specimen.html");
        for (file, library) in [("components/ui.html", "ui"), ("components/form.html", "form")] {
            let pages: String = sources
                .iter()
                .filter(|(path, _)| !path.contains("/components/"))
                .map(|(_, text)| text.as_str())
                .collect();
            for name in text(file).split("macro ").skip(1).filter_map(|rest| rest.split('(').next()) {
                let used = pages.contains(&format!("{library}::{name}("))
                    || pages.contains(&format!("{library}_::{name}("));
                let shown = guide.contains(&format!("{library}::{name}("));
                assert!(shown || !used, "{library}::{name} is called by pages, and not shown in the guide");
            }
        }
    }
}
