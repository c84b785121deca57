//! Adding a person.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands::{self, Creation};
use super::store::{self, Newcomer};
use crate::app::App;
use crate::domain::access::{Mode, Permission};
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::choice::{Choice, secret_ways};
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{NewUser, Users};
use crate::web::problem::Problem;
use crate::web::reading::NAME;
use crate::web::visit::Visit;

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    prenom: String,
    nom: String,
    fonction: String,
    courriel: String,
    telephone: String,
    envoi: String,
}

#[derive(Template)]
#[template(path = "users/new.html")]
struct NewUserPage {
    shell: Shell,
    key: String,
    path: NewUser,
    partner: String,
    /// How the code may reach the person, when there is a choice: the organism prints letters to whom it manages.
    ways: Option<Vec<Choice>>,
    typed: Typed,
    faults: Faults,
}

impl NewUserPage {
    fn list(&self) -> Users {
        Users { partner: self.path.partner }
    }
}

async fn page(
    app: &App,
    visit: &Visit,
    path: NewUser,
    key: String,
    typed: Typed,
    faults: Faults,
) -> Result<NewUserPage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let employer =
        store::employer(reader.select(store::EMPLOYER), path.partner).await?.ok_or(Problem::NotFound)?;
    drop(reader);
    if !visit.actor.may_at(Permission::CreateUsers, employer.mode) {
        return Err(Problem::NotFound);
    }
    let shell = visit.shell("Ajouter une personne");
    let ways = (employer.mode == Mode::Centralised).then(|| secret_ways(&typed.envoi));
    Ok(NewUserPage { shell, key, path, partner: employer.legal_name, ways, typed, faults })
}

/// The form.
pub(super) async fn form(State(app): State<App>, visit: Visit, path: NewUser) -> Answer {
    let typed = visit.resumed().unwrap_or_default();
    shown(&page(&app, &visit, path, new_key(&app), typed, Faults::new()).await?)
}

/// Creates the account, or says what is wrong.
pub(super) async fn create(
    State(app): State<App>,
    visit: Visit,
    path: NewUser,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let read = newcomer(&typed, &mut faults);
    if let Some(newcomer) = read.filter(|_| faults.is_empty()) {
        match commands::create(&app, &visit, path.partner, &key, &newcomer).await? {
            Creation::Done(act) => return acted(&act),
            Creation::MailTaken => faults.push("courriel", Fault::MailTaken),
        }
    }
    refused(&page(&app, &visit, path, key, typed, faults).await?)
}

fn newcomer(typed: &Typed, faults: &mut Faults) -> Option<Newcomer> {
    let given_name = faults.line("prenom", &typed.prenom, NAME);
    let surname = faults.line("nom", &typed.nom, NAME);
    let job = faults.line("fonction", &typed.fonction, NAME);
    let mail = faults.own_mail("courriel", &typed.courriel);
    let phone = faults.optional_phone("telephone", &typed.telephone);
    // One person, one account: an address is the same whatever the case in which it is typed.
    let mail = mail?.as_str().to_ascii_lowercase();
    let by_letter = typed.envoi == "lettre";
    Some(Newcomer { given_name, surname, job, mail, phone, by_letter })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed() -> Typed {
        Typed {
            prenom: "Ewen".to_owned(),
            nom: " Marsilhe ".to_owned(),
            fonction: "Animateur".to_owned(),
            courriel: "Ewen.Marsilhe@brumeval.example".to_owned(),
            ..Typed::default()
        }
    }

    #[test]
    fn a_person_is_read_with_one_address_whatever_its_case() {
        let mut faults = Faults::new();
        let read = newcomer(&typed(), &mut faults);
        assert!(faults.is_empty());
        assert!(read.is_some_and(|read| {
            read.surname == "Marsilhe"
                && read.mail == "ewen.marsilhe@brumeval.example"
                && read.phone.is_empty()
        }));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let mut faults = Faults::new();
        let wrong = Typed {
            courriel: "mairie@brumeval.example".to_owned(),
            telephone: "12".to_owned(),
            ..Typed::default()
        };
        assert!(newcomer(&wrong, &mut faults).is_none());
        assert_eq!(faults.len(), 5);
        assert_eq!(faults.get("courriel"), Some(&Fault::MailShared));
        assert_eq!(faults.get("telephone"), Some(&Fault::PhoneShape));
    }
}
