//! The form that places a hold: what to keep, on what ground, what for, and when to look at it again. What is typed is
//! not kept at the end of a session: a beneficiary's number may stand in it.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands::{self, Asked};
use super::store;
use crate::app::App;
use crate::domain::file_key::KeyKind;
use crate::domain::holds::{Matter, review_bounds};
use crate::domain::siret::Siret;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::file_mark;
use crate::web::filters::day_of;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{Holds, NewHold};
use crate::web::problem::Problem;
use crate::web::reading::{NAME, REASON};
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    genre: String,
    identifiant: String,
    siret: String,
    numero: String,
    reference: String,
    du: String,
    au: String,
    fondement: String,
    motif: String,
    reexamen: String,
}

#[derive(Template)]
#[template(path = "holds/new.html")]
struct NewPage {
    shell: Shell,
    key: String,
    path: NewHold,
    list: Holds,
    kinds: Vec<Choice>,
    review: String,
    first: String,
    last: String,
    typed: Typed,
    faults: Faults,
}

fn page(visit: &Visit, key: String, typed: Typed, faults: Faults) -> NewPage {
    let (first, last) = review_bounds(visit.today());
    let kinds = [
        ("personne", "Une personne", "Ce qu’elle a fait, et ce qui a été fait sur son compte."),
        ("partenaire", "Un partenaire", "Tout ce qui le concerne."),
        ("dossier", "Un dossier", "Qui l’a cherché, qui l’a lu."),
        ("incident", "Un incident", "Tout ce qui s’est passé dans l’organisme pendant une période."),
    ];
    NewPage {
        shell: visit.shell("Garder des traces au-delà de leur terme"),
        key,
        path: NewHold,
        list: Holds,
        kinds: kinds
            .into_iter()
            .map(|(value, label, detail)| {
                Choice::new(value, label).detail(detail).picked_if(value == typed.genre)
            })
            .collect(),
        review: format!("Un an au plus : le {} au plus tard.", day_of(last)),
        first: first.to_string(),
        last: last.to_string(),
        typed,
        faults,
    }
}

/// The form.
pub(super) async fn form(State(app): State<App>, _: NewHold, visit: Visit) -> Answer {
    shown(&page(&visit, new_key(&app), Typed::default(), Faults::new()))
}

/// Places the hold.
pub(super) async fn place(
    State(app): State<App>,
    visit: Visit,
    _: NewHold,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    match read(&app, &visit, &typed, &mut faults).await? {
        Some(asked) => acted(&commands::place(&app, &visit, &key, &asked).await?),
        None => refused(&page(&visit, key, typed, faults)),
    }
}

/// Reads what is asked; what cannot be read leaves its fault.
async fn read(
    app: &App,
    visit: &Visit,
    typed: &Typed,
    faults: &mut Faults,
) -> Result<Option<Asked>, Problem> {
    let matter = read_matter(app, visit, typed, faults).await?;
    let basis = faults.line("fondement", &typed.fondement, NAME);
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    let (first, last) = review_bounds(visit.today());
    let review_on = faults.day("reexamen", &typed.reexamen);
    match review_on {
        Some(day) if day < first => faults.push("reexamen", Fault::DateBefore { earliest: day_of(first) }),
        Some(day) if day > last => faults.push("reexamen", Fault::DateAfter { latest: day_of(last) }),
        _ => {}
    }
    let (Some(matter), Some(review_on), true) = (matter, review_on, faults.is_empty()) else {
        return Ok(None);
    };
    Ok(Some(Asked { matter, basis, reason, review_on }))
}

/// Only the fields of the kind that was chosen count.
async fn read_matter(
    app: &App,
    visit: &Visit,
    typed: &Typed,
    faults: &mut Faults,
) -> Result<Option<Matter>, Problem> {
    Ok(match typed.genre.as_str() {
        "personne" => {
            let identifier = faults.line("identifiant", &typed.identifiant, NAME).to_uppercase();
            let mut reader = app.read(&visit.actor).await?;
            let account = store::account(&mut reader, &identifier).await?;
            if account.is_none() {
                faults.push("identifiant", Fault::IdentifierUnknown);
            }
            account.map(Matter::Person)
        }
        "partenaire" => {
            let Some(siret) = faults.value::<Siret>("siret", &typed.siret) else { return Ok(None) };
            let mut reader = app.read(&visit.actor).await?;
            let partner = store::partner(&mut reader, siret.as_str()).await?;
            if partner.is_none() {
                faults.push("siret", Fault::PartnerUnknown);
            }
            partner.map(Matter::Partner)
        }
        "dossier" => faults
            .take("numero", KeyKind::likely(&typed.numero).read(&typed.numero))
            .map(|number| Matter::File(file_mark::of(app.kit(), visit.organism, number.as_str()))),
        "incident" => {
            let reference = faults.line("reference", &typed.reference, NAME);
            let (from, to) = (faults.day("du", &typed.du), faults.day("au", &typed.au));
            let (Some(from), Some(to)) = (from, to) else { return Ok(None) };
            if to < from {
                faults.push("au", Fault::EndBeforeStart);
            }
            Some(Matter::Incident { reference, from, to })
        }
        "" => {
            faults.push("genre", Fault::Missing);
            None
        }
        _ => {
            faults.push("genre", Fault::NotOffered);
            None
        }
    })
}
