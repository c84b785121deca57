//! The name and the purpose of a group: for making it, and for describing it anew.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands::{self, Described, Naming};
use super::{managed, store};
use crate::app::App;
use crate::domain::groups::MOST_GROUPS;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{CorrectGroup, Group, Groups, NewGroup};
use crate::web::problem::Problem;
use crate::web::reading::{NAME, REASON};
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    nom: String,
    objet: String,
    version: String,
}

impl Typed {
    fn described(&self, faults: &mut Faults) -> Described {
        let name = faults.line("nom", &self.nom, NAME);
        let purpose = faults.paragraph("objet", &self.objet, REASON);
        Described { name, purpose }
    }
}

#[derive(Template)]
#[template(path = "groups/form.html")]
struct FormPage {
    shell: Shell,
    key: String,
    action: String,
    back: String,
    trail: Vec<(String, String)>,
    verb: &'static str,
    failed: &'static str,
    typed: Typed,
    faults: Faults,
}

async fn new_page(
    app: &App,
    visit: &Visit,
    path: NewGroup,
    key: String,
    typed: Typed,
    faults: Faults,
) -> Result<FormPage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    managed(&mut reader, visit, path.partner).await?;
    drop(reader);
    let back = Groups { partner: path.partner }.to_string();
    Ok(FormPage {
        shell: visit.shell("Créer un groupe"),
        key,
        action: path.to_string(),
        trail: vec![("Groupes".to_owned(), back.clone())],
        back,
        verb: "Créer ce groupe",
        failed: "Le groupe n’a pas été créé",
        typed,
        faults,
    })
}

/// The empty form.
pub(super) async fn new(State(app): State<App>, visit: Visit, path: NewGroup) -> Answer {
    shown(
        &new_page(&app, &visit, path, new_key(&app), visit.resumed().unwrap_or_default(), Faults::new())
            .await?,
    )
}

/// Makes it.
pub(super) async fn create(
    State(app): State<App>,
    visit: Visit,
    path: NewGroup,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let described = typed.described(&mut faults);
    if faults.is_empty() {
        match commands::create(&app, &visit, path.partner, &key, &described).await? {
            Naming::Done(act) => return acted(&act),
            Naming::Taken => faults.push("nom", Fault::GroupNameTaken),
            Naming::TooMany => faults.push("nom", Fault::TooMany { max: MOST_GROUPS }),
        }
    }
    refused(&new_page(&app, &visit, path, key, typed, faults).await?)
}

async fn edit_page(
    app: &App,
    visit: &Visit,
    path: CorrectGroup,
    key: String,
    typed: Option<Typed>,
    faults: Faults,
) -> Result<FormPage, Problem> {
    let CorrectGroup { partner, group } = path;
    let mut reader = app.read(&visit.actor).await?;
    managed(&mut reader, visit, partner).await?;
    let before = store::group(&mut reader, partner, group).await?;
    drop(reader);
    let before = before.filter(|group| group.archived_at.is_none()).ok_or(Problem::NotFound)?;
    let back = Group { partner, group }.to_string();
    let shown = Typed {
        nom: before.name.clone(),
        objet: before.purpose.clone(),
        version: before.version.to_string(),
    };
    Ok(FormPage {
        shell: visit.shell("Renommer ou décrire le groupe"),
        key,
        action: path.to_string(),
        trail: vec![("Groupes".to_owned(), Groups { partner }.to_string()), (before.name, back.clone())],
        back,
        verb: "Enregistrer",
        failed: "Le groupe n’a pas changé",
        typed: typed.unwrap_or(shown),
        faults,
    })
}

/// The form, as the group is.
pub(super) async fn edit(State(app): State<App>, visit: Visit, path: CorrectGroup) -> Answer {
    shown(&edit_page(&app, &visit, path, new_key(&app), visit.resumed(), Faults::new()).await?)
}

/// Names and describes it anew.
pub(super) async fn correct(
    State(app): State<App>,
    visit: Visit,
    path: CorrectGroup,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let described = typed.described(&mut faults);
    let version: i64 = typed.version.parse().map_err(|_| Problem::Unreadable)?;
    if faults.is_empty() {
        match commands::correct(&app, &visit, path, &key, version, &described).await? {
            Naming::Done(act) => return acted(&act),
            Naming::Taken => faults.push("nom", Fault::GroupNameTaken),
            Naming::TooMany => faults.push("nom", Fault::TooMany { max: MOST_GROUPS }),
        }
    }
    refused(&edit_page(&app, &visit, path, key, Some(typed), faults).await?)
}
