//! The letters themselves. Each is the answer of the act that prints it, and is shown that once.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands::{self, Printed, Printing};
use super::pages::{envelope, found};
use crate::app::App;
use crate::db::DbError;
use crate::domain::day::Day;
use crate::domain::secrets::{self, spaced};
use crate::web::answer::{Answer, done_here, see_other, shown};
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{IdentifierLetter, Letters, PersonLetters, SecretLetter, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What both letters have: who writes, to whom, on what day.
struct Sheet {
    shell: Shell,
    back: PersonLetters,
    organism: String,
    sender: Option<String>,
    to: Vec<String>,
    today: Day,
    acting_for: Option<String>,
    /// Where one signs in.
    portal: String,
    by: String,
}

impl Sheet {
    fn of(app: &App, visit: &Visit, title: &str, printed: &Printed) -> Self {
        Self {
            shell: visit.shell(title),
            back: PersonLetters { addressee: printed.addressee.id },
            organism: visit.organism_name.clone(),
            sender: app.publisher().address.clone(),
            to: envelope(&printed.addressee, &printed.address),
            today: visit.zone.day(printed.at),
            acting_for: printed.addressee.partner.clone(),
            portal: app.public_url().to_owned(),
            by: visit.actor.account().map(|account| account.name.clone()).unwrap_or_default(),
        }
    }
}

#[derive(Template)]
#[template(path = "letters/identifier.html")]
struct IdentifierSheet {
    sheet: Sheet,
    identifier: String,
}

#[derive(Template)]
#[template(path = "letters/secret.html")]
struct SecretSheet {
    sheet: Sheet,
    secret: String,
    serves_until: time::OffsetDateTime,
}

/// A form without a field of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// It was printed by the first sending of this form.
fn before(page: &PersonLetters) -> Answer {
    see_other(&told(page, "deja"))
}

/// Prints the letter that tells an identifier, and no code.
pub(super) async fn identifier(
    State(app): State<App>,
    visit: Visit,
    path: IdentifierLetter,
    Sent { key, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    let addressee = path.addressee;
    match commands::print(&app, &visit, addressee, &key, None).await? {
        Printing::Before => before(&PersonLetters { addressee }),
        Printing::Done(printed) => {
            let sheet = Sheet::of(&app, &visit, "Votre identifiant pour le Compte Partenaire", &printed);
            let identifier = printed.addressee.identifier.clone();
            done_here(&printed.receipt, &IdentifierSheet { sheet, identifier })
        }
    }
}

#[derive(Template)]
#[template(path = "letters/ask.html")]
struct AskPage {
    shell: Shell,
    key: String,
    path: SecretLetter,
    back: PersonLetters,
    list: Letters,
    name: String,
    has_password: bool,
}

/// Whether to print a code: it ends the one before.
pub(super) async fn ask_secret(State(app): State<App>, visit: Visit, path: SecretLetter) -> Answer {
    let addressee = path.addressee;
    let found = found(&app, &visit, addressee).await?;
    shown(&AskPage {
        shell: visit.shell(format!("Imprimer un code pour {} ?", found.name())),
        key: new_key(&app),
        path,
        back: PersonLetters { addressee },
        list: Letters,
        name: found.name(),
        has_password: found.has_password,
    })
}

/// Prints the letter that brings a code, made now.
pub(super) async fn secret(
    State(app): State<App>,
    visit: Visit,
    path: SecretLetter,
    Sent { key, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    let addressee = path.addressee;
    found(&app, &visit, addressee).await?;
    let secret = app.kit().entropy.printed(secrets::LENGTH);
    let hash = app.passwords().hash(secret.clone()).await;
    let hash = hash.map_err(|error| DbError::Unavailable(error.to_string()))?;
    match commands::print(&app, &visit, addressee, &key, Some(&hash)).await? {
        Printing::Before => before(&PersonLetters { addressee }),
        Printing::Done(printed) => {
            let end = printed.serves_until.ok_or(Problem::NotFound)?;
            let sheet = Sheet::of(&app, &visit, "Votre code d’ouverture du Compte Partenaire", &printed);
            let serves_until = visit.zone.local(end);
            done_here(&printed.receipt, &SecretSheet { sheet, secret: spaced(&secret), serves_until })
        }
    }
}
