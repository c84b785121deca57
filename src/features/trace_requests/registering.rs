//! The form that enters the request of another body: who asks, on what ground, for what.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands;
use super::store::Body;
use crate::app::App;
use crate::domain::contact::MailAddress;
use crate::domain::trace_search::Period;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters::day_of;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{NewTraceRequest, TraceRequests};
use crate::web::reading::{NAME, REASON};
use crate::web::visit::Visit;

/// The longest SIRET or code of an organism.
const CODE: usize = 20;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    nom: String,
    code: String,
    contact: String,
    courriel: String,
    objet: String,
    fondement: String,
    motif: String,
    du: String,
    au: String,
    recue: String,
}

#[derive(Template)]
#[template(path = "trace_requests/new.html")]
struct NewPage {
    shell: Shell,
    key: String,
    path: NewTraceRequest,
    list: TraceRequests,
    today: String,
    typed: Typed,
    faults: Faults,
}

fn page(visit: &Visit, key: String, typed: Typed, faults: Faults) -> NewPage {
    NewPage {
        shell: visit.shell("Enregistrer une demande"),
        key,
        path: NewTraceRequest,
        list: TraceRequests,
        today: visit.today().to_string(),
        typed,
        faults,
    }
}

/// The form.
pub(super) async fn form(State(app): State<App>, _: NewTraceRequest, visit: Visit) -> Answer {
    let typed = Typed { recue: visit.today().to_string(), ..Typed::default() };
    shown(&page(&visit, new_key(&app), typed, Faults::new()))
}

/// Enters it.
pub(super) async fn register(
    State(app): State<App>,
    visit: Visit,
    _: NewTraceRequest,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let body = Body {
        name: faults.line("nom", &typed.nom, NAME),
        code: faults.line("code", &typed.code, CODE),
        contact_name: faults.line("contact", &typed.contact, NAME),
        contact_mail: faults
            .value::<MailAddress>("courriel", &typed.courriel)
            .map(|mail| mail.as_str().to_owned())
            .unwrap_or_default(),
        subject: faults.paragraph("objet", &typed.objet, REASON),
        basis: faults.line("fondement", &typed.fondement, NAME),
    };
    let (from, to) = (faults.day("du", &typed.du), faults.day("au", &typed.au));
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        faults.push("au", Fault::EndBeforeStart);
    }
    let received = faults.day("recue", &typed.recue);
    if received.is_some_and(|day| day > visit.today()) {
        faults.push("recue", Fault::DateAfter { latest: day_of(visit.today()) });
    }
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    match (from, to, received) {
        (Some(from), Some(to), Some(received)) if faults.is_empty() => {
            let asked = (Period { from, to }, received, reason.as_str());
            acted(&commands::register(&app, &visit, &key, &body, asked).await?)
        }
        _ => refused(&page(&visit, key, typed, faults)),
    }
}
