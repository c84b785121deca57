//! The pages of a partner's network: what is declared, and the form that declares it.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, listed};
use super::store;
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::facts::Fact;
use crate::domain::ranges::{self, MOST, Range};
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{DeclareNetwork, PartnerNetwork};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

impl Asked {
    fn notice(&self) -> Option<Notice> {
        (self.fait == "declare").then(|| Notice {
            tone: Tone::Ok,
            title: "C’est fait : le réseau est déclaré".to_owned(),
            text: vec!["Il vaut pour les recherches examinées à partir de maintenant.".to_owned()],
            links: Vec::new(),
        })
    }
}

#[derive(Template)]
#[template(path = "networks/show.html")]
struct ShowPage {
    shell: Shell,
    trail: Vec<(String, String)>,
    partner: String,
    /// Of the partner itself, rather than of the organism.
    own: bool,
    declare: Option<DeclareNetwork>,
    ranges: Vec<Range>,
}

/// What is declared.
pub(super) async fn read(
    State(app): State<App>,
    visit: Visit,
    path: PartnerNetwork,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let PartnerNetwork { partner } = path;
    let mut reader = app.read(&visit.actor).await?;
    let name = store::name(&mut reader, partner).await?.ok_or(Problem::NotFound)?;
    let ranges = store::declared(&mut reader, partner).await?;
    drop(reader);
    let notice = asked.ok().and_then(|Query(asked)| asked.notice());
    let subject = Some(partner.to_string());
    shown(&ShowPage {
        shell: visit.shell_with("Réseau déclaré", notice),
        trail: visit.way_to(partner, &name),
        partner: name,
        own: visit.actor.office().is_of_a_partner(),
        declare: visit.actor.may(Permission::DeclareNetworks).then_some(DeclareNetwork { partner }),
        ranges,
    })
    .reading(vec![Fact::PageRead { route: PartnerNetwork::PATH.to_owned(), subject }])
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    plages: String,
    /// What was declared when the form was shown.
    vu: String,
}

#[derive(Template)]
#[template(path = "networks/form.html")]
struct FormPage {
    shell: Shell,
    key: String,
    trail: Vec<(String, String)>,
    path: DeclareNetwork,
    back: PartnerNetwork,
    typed: Typed,
    faults: Faults,
}

fn page(
    visit: &Visit,
    (path, name): (DeclareNetwork, &str),
    (key, typed, faults): (String, Typed, Faults),
) -> FormPage {
    let back = PartnerNetwork { partner: path.partner };
    let mut trail = visit.way_to(path.partner, name);
    trail.push(("Réseau déclaré".to_owned(), back.to_string()));
    FormPage { shell: visit.shell("Déclarer le réseau"), key, trail, path, back, typed, faults }
}

/// The form, as the network is declared.
pub(super) async fn form(State(app): State<App>, visit: Visit, path: DeclareNetwork) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let name = store::name(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    let ranges = store::declared(&mut reader, path.partner).await?;
    drop(reader);
    // With what was typed comes what was declared then: somebody may have declared something else since.
    let typed = visit.resumed().unwrap_or_else(|| {
        let lines: Vec<String> = ranges.iter().map(ToString::to_string).collect();
        Typed { plages: lines.join("\n"), vu: listed(&ranges) }
    });
    let subject = Some(path.partner.to_string());
    let fact = Fact::PageRead { route: DeclareNetwork::PATH.to_owned(), subject };
    shown(&page(&visit, (path, &name), (new_key(&app), typed, Faults::new()))).reading(vec![fact])
}

/// Declares.
pub(super) async fn declare(
    State(app): State<App>,
    visit: Visit,
    path: DeclareNetwork,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    match faults.take("plages", ranges::read(&typed.plages)) {
        Some(ranges) if ranges.len() > MOST => faults.push("plages", Fault::TooMany { max: MOST }),
        Some(ranges) => {
            return acted(&commands::declare(&app, &visit, path, &key, (&typed.vu, &ranges)).await?);
        }
        None => {}
    }
    let mut reader = app.read(&visit.actor).await?;
    let name = store::name(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    refused(&page(&visit, (path, &name), (key, typed, faults)))
}
