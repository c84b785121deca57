//! For tests: people and pages to try templates with, and what every page must be.
//! `templates/components/specimen.html` shows every component once: it is the guide that tests render.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect by failing")]

use std::collections::HashSet;
use std::path::Path;

use askama::Template;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use scraper::{ElementRef, Html, Selector};

use super::choice::Choice;
use super::fault::{Fault, Faults};
use super::gauge::Gauge;
use super::page::{Me, MenuLink, MenuSection, Notice, Shell, Tone, html};
use super::problem::{Problem, render};

/// A page for nobody in particular.
pub(crate) fn gate() -> Shell {
    Shell { title: "Se connecter".to_owned(), demonstration: true, me: None, notice: None }
}

/// A page for an administrator of a partner.
pub(crate) fn signed_in() -> Shell {
    let link = |label, href: &str, current, count| MenuLink { label, href: href.to_owned(), current, count };
    Shell {
        title: "Composants".to_owned(),
        demonstration: true,
        me: Some(Me {
            name: "Thibaut Sauvelune".to_owned(),
            office: "Administration principale",
            acting_for: "Commune de Brumeval".to_owned(),
            menu: vec![
                MenuSection {
                    title: None,
                    links: vec![
                        link("Accueil", "/", false, 0),
                        link("Utilisateurs", "/utilisateurs", true, 0),
                        link("Habilitations", "/habilitations", false, 3),
                    ],
                },
                MenuSection { title: Some("Contrôle"), links: vec![link("Traces", "/traces", false, 0)] },
            ],
            ends_at: "15 h 02".to_owned(),
            seconds_left: 1800,
            csrf: "un-jeton".to_owned(),
        }),
        notice: None,
    }
}

/// Every component once.
#[derive(Template)]
#[template(path = "components/specimen.html")]
struct Components {
    shell: Shell,
    faults: Faults,
    roles: Vec<Choice>,
    gauges: [Gauge; 4],
    links: Vec<(&'static str, &'static str)>,
    next: Option<String>,
    previous: Option<String>,
}

fn components() -> Components {
    let mut faults = Faults::new();
    faults.push("siret", Fault::AlreadyRegistered { href: "/partenaires/1".to_owned() });
    faults.push("courriel", Fault::MailShared);
    faults.push("role", Fault::CapReached { cap: 25, used: 25 });
    faults.push("engagement", Fault::NotTicked);
    let notice = Notice {
        tone: Tone::Bad,
        title: "L’habilitation n’a pas été enregistrée : plafond atteint".to_owned(),
        text: vec!["La caisse accorde 25 places à votre commune. Votre saisie est conservée.".to_owned()],
        links: vec![(
            "Demander à la caisse de relever le plafond".to_owned(),
            "/plafonds/demande".to_owned(),
        )],
    };
    Components {
        shell: Shell { notice: Some(notice), ..signed_in() },
        faults,
        roles: vec![
            Choice::new("qf", "Quotient seul").detail("Montant du mois et date de calcul").picked_if(true),
            Choice::new("compo", "Quotient et composition").closed("Complet : 25 sur 25"),
            Choice::new("adresse", "Adresse"),
        ],
        gauges: [
            Gauge::new(14, 3, Some(25)),
            Gauge::new(25, 0, Some(25)),
            Gauge::new(24, 3, Some(25)),
            Gauge::new(3, 1, None),
        ],
        links: vec![("Partenaires", "/partenaires"), ("Communes", "/partenaires?categorie=commune")],
        next: Some("/utilisateurs?apres=x".to_owned()),
        previous: None,
    }
}

/// A grave act, as a slice asks to confirm it.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "confirm.html" %}
{% block href_act %}/fin{% endblock %}
{% block consequences %}<li>Elles ne pourront plus rien consulter</li>{% endblock %}
{% block verb %}Mettre fin à 2 accès{% endblock %}
{% block href_back %}/utilisateurs{% endblock %}"#
)]
struct Confirm {
    shell: Shell,
    key: String,
}

/// A welcome, as sign-in does it.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "gate.html" %}
{% import "components/form.html" as form %}
{% block content %}<form class="form" method="post" action="/connexion">
{{ form::text("identifiant", "Identifiant", "", faults, hint="3 lettres, un tiret, 6 caractères. Exemple : BRU-4K7TQ2", class="w-20 mono", autocomplete="username", required=true) }}
{{ form::password("secret", "Mot de passe", faults, hint="À la première connexion : le code de la seconde lettre.") }}
<button class="button" type="submit">Se connecter</button></form>
<p class="small quiet">Accès réservé aux personnes habilitées. Les consultations sans lien avec une mission relèvent de l’article 226-13 du code pénal. Un seul cookie sert à tenir la session.</p>{% endblock %}"#
)]
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

/// The body of a response, as text.
pub(crate) async fn body(response: Response) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// Each template's path and text.
pub(crate) fn sources() -> Vec<(String, String)> {
    fn read(folder: &Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, found);
            } else {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &mut found);
    found
}

fn all<'page>(page: &'page Html, selector: &str) -> Vec<ElementRef<'page>> {
    page.select(&Selector::parse(selector).unwrap()).collect()
}

fn words(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What every page must be, whatever it says.
pub(crate) fn check(name: &str, body: &str) {
    let page = Html::parse_document(body);
    assert_eq!(page.errors, Vec::<String>::new().as_slice(), "{name}: broken markup");

    let only = |selector| match all(&page, selector).as_slice() {
        [element] => words(*element),
        found => panic!("{name}: {} {selector}, not one", found.len()),
    };
    let title = only("title");
    let stem = title.trim_start_matches("Erreur :").trim_end_matches("– Compte Partenaire").trim();
    assert_eq!(stem, only("h1"), "{name}: the title is the h1");

    assert_eq!(all(&page, "[style], style").len(), 0, "{name}: no inline style");
    assert!(
        all(&page, "script").iter().all(|script| script.attr("src").is_some()),
        "{name}: no inline script"
    );
    for element in all(&page, "*") {
        let handler = element.value().attrs().find(|(attribute, _)| attribute.starts_with("on"));
        assert_eq!(handler, None, "{name}: no event attribute");
    }

    let mut ids = HashSet::new();
    for element in all(&page, "[id]") {
        let id = element.attr("id").unwrap();
        assert!(ids.insert(id), "{name}: id {id} twice");
    }
    for (selector, attribute) in [
        ("[aria-describedby]", "aria-describedby"),
        ("[aria-labelledby]", "aria-labelledby"),
        ("label[for]", "for"),
    ] {
        for element in all(&page, selector) {
            for id in element.attr(attribute).unwrap().split_whitespace() {
                assert!(ids.contains(id), "{name}: {attribute} names {id}, which is not there");
            }
        }
    }
    for link in all(&page, "a[href^='#']") {
        assert!(ids.contains(link.attr("href").unwrap().trim_start_matches('#')), "{name}: {}", link.html());
    }

    let labelled: HashSet<_> =
        all(&page, "label[for]").iter().filter_map(|label| label.attr("for")).collect();
    for field in all(&page, "input:not([type=hidden]), select, textarea, progress") {
        let wrapped =
            field.ancestors().filter_map(ElementRef::wrap).any(|parent| parent.value().name() == "label");
        let named = wrapped
            || field.attr("aria-label").is_some()
            || field.attr("id").is_some_and(|id| labelled.contains(id));
        assert!(named, "{name}: without a label: {}", field.html());
    }
    for button in all(&page, "button, a") {
        assert!(!words(button).is_empty(), "{name}: without a name: {}", button.html());
    }
}

pub(crate) fn look(name: &str, body: &str) {
    // Where somebody wants to look at the pages: CARGO_MANIFEST_DIR/target/look, if that folder was made.
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/look");
    if folder.is_dir() {
        std::fs::write(folder.join(format!("{name}.html")), body).unwrap();
    }
}

#[test]
fn components_gate_and_confirm_are_well_made() {
    let confirm = Confirm {
        shell: signed_in().titled("Mettre fin aux accès de 2 personnes ?"),
        key: "une-cle".to_owned(),
    };
    let sign_in = SignIn { shell: gate(), faults: Faults::new() };
    let mut wrong = Faults::new();
    wrong.push("identifiant", Fault::Missing);
    let refused = SignIn { shell: gate(), faults: wrong };
    for (name, page) in [
        ("composants", html(&components())),
        ("confirmation", html(&confirm)),
        ("connexion", html(&sign_in)),
        ("connexion-refus", html(&refused)),
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
    let page = html(&components()).unwrap().0;
    assert!(page.contains("<title>Erreur\u{a0}: Composants – Compte Partenaire</title>"));
}

#[test]
fn the_check_sees_what_it_is_for() {
    let good = "<!DOCTYPE html><html lang=\"fr\"><head><title>Un – Compte Partenaire</title></head><body><h1>Un</h1></body></html>";
    check("good", good);
    for bad in [
        "<h1>Deux</h1>",
        "<p style=\"color:red\">x</p>",
        "<script>alert(1)</script>",
        "<p onclick=\"x()\">x</p>",
        "<input name=\"seul\">",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<a href=\"#nulle-part\">x</a>",
        "<button></button>",
        "<p aria-describedby=\"nulle-part\">x</p>",
    ] {
        let page = good.replace("</body>", &format!("{bad}</body>"));
        assert!(std::panic::catch_unwind(|| check("bad", &page)).is_err(), "{bad}");
    }
}
