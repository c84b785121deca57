//! Who gets letters, and the letters of one person: where they are sent, when they were printed.

use askama::Template;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::{Deserialize, Serialize};

use super::commands;
use super::store::{self, Address, Addressee};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::facts::Fact;
use crate::domain::id::AccountId;
use crate::domain::secrets::prints_for;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paging::At;
use crate::web::paths::{IdentifierLetter, LetterAddress, Letters, PersonLetters, SecretLetter};
use crate::web::problem::Problem;
use crate::web::reading::NAME;
use crate::web::standing::moment;
use crate::web::visit::Visit;

/// What the address of the list asks for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Sought {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    apres: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    avant: String,
}

impl Sought {
    fn href(&self) -> String {
        match serde_html_form::to_string(self) {
            Ok(query) if !query.is_empty() => format!("{Letters}?{query}"),
            _ => Letters.to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "letters/list.html")]
struct ListPage {
    shell: Shell,
    q: String,
    found: i64,
    lines: Vec<Line>,
    range: String,
    previous: Option<String>,
    next: Option<String>,
}

struct Line {
    href: PersonLetters,
    name: String,
    job: String,
    of: String,
    state: (&'static str, &'static str),
    identifier: Option<String>,
    secret: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(app): State<App>,
    _: Letters,
    visit: Visit,
    Query(sought): Query<Sought>,
) -> Answer {
    let own = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let words = beginnings(&sought.q);
    let at = At::asked(&sought.apres, &sought.avant, |line| line.parse().ok());
    let mut reader = app.read(&visit.actor).await?;
    let page = store::page(&mut reader, own, &words, at).await?;
    let found = store::count(&mut reader, own, &words).await?;
    drop(reader);
    let around = |apres: String, avant: String| Sought { apres, avant, ..sought.clone() }.href();
    let previous = page.previous().map(|row| around(String::new(), row.id.to_string()));
    let next = page.next().map(|row| around(row.id.to_string(), String::new()));
    shown(&ListPage {
        shell: visit.shell("Lettres"),
        q: sought.q,
        found,
        range: page.range(found, "personne"),
        lines: page.lines.iter().map(|row| line(row, &visit)).collect(),
        previous,
        next,
    })
}

fn line(row: &Addressee, visit: &Visit) -> Line {
    let printed = |at: Option<_>| at.map(|at| moment(at, &visit.zone, visit.today()));
    Line {
        href: PersonLetters { addressee: row.id },
        name: format!("{} {}", row.surname, row.given_name),
        job: row.job.clone(),
        of: of(row, visit),
        state: state(row, visit),
        identifier: printed(row.identifier_printed_at),
        secret: printed(row.secret_printed_at),
    }
}

/// For whom the person acts.
fn of(row: &Addressee, visit: &Visit) -> String {
    row.partner.clone().unwrap_or_else(|| visit.organism_name.clone())
}

/// How the account stands, as far as a letter is concerned.
fn state(row: &Addressee, visit: &Visit) -> (&'static str, &'static str) {
    match row.secret_expires_at {
        _ if row.suspended => ("hold", "Suspendu"),
        _ if row.has_password => ("ok", "Mot de passe choisi"),
        Some(end) if visit.now > end => ("warn", "Code périmé"),
        Some(_) if row.by_letter => ("wait", "Code parti par lettre"),
        Some(_) => ("wait", "Code parti par courriel"),
        None if row.by_letter => ("wait", "Lettre de code à imprimer"),
        None => ("wait", "Courriel en attente"),
    }
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    complement: String,
    rue: String,
    code_postal: String,
    ville: String,
}

#[derive(Template)]
#[template(path = "letters/person.html")]
struct PersonPage {
    shell: Shell,
    /// The keys of the two forms.
    keys: (String, String),
    path: PersonLetters,
    of: String,
    addressee: Addressee,
    state: (&'static str, &'static str),
    lines: Vec<String>,
    identifier: Option<String>,
    secret: Option<String>,
    typed: Typed,
    faults: Faults,
}

impl PersonPage {
    fn address(&self) -> LetterAddress {
        LetterAddress { addressee: self.path.addressee }
    }

    fn print_identifier(&self) -> IdentifierLetter {
        IdentifierLetter { addressee: self.path.addressee }
    }

    fn print_secret(&self) -> SecretLetter {
        SecretLetter { addressee: self.path.addressee }
    }
}

/// The lines of an envelope: the last two in capitals without commas, as sorting machines read them.
pub(super) fn envelope(addressee: &Addressee, address: &Address) -> Vec<String> {
    let sorted = |line: &str| line.replace(',', "").to_uppercase();
    let between = [addressee.partner.clone().unwrap_or_default(), address.detail.clone()];
    let mut lines = vec![addressee.name()];
    lines.extend(between.into_iter().filter(|line| !line.is_empty()));
    lines.push(sorted(&address.street));
    lines.push(sorted(&format!("{} {}", address.postal_code, address.city)));
    lines
}

/// Somebody who gets letters; the others do not exist here.
pub(super) async fn found(app: &App, visit: &Visit, addressee: AccountId) -> Result<Addressee, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let found = store::one(&mut reader, addressee).await?;
    found
        .filter(|found| prints_for(&visit.actor, found.id, found.office, found.mode))
        .ok_or(Problem::NotFound)
}

fn page(
    app: &App,
    visit: &Visit,
    addressee: Addressee,
    notice: Option<Notice>,
    (typed, faults): (Typed, Faults),
) -> PersonPage {
    let printed = |at: Option<_>| at.map(|at| moment(at, &visit.zone, visit.today()));
    PersonPage {
        shell: visit.shell_with(format!("Lettres à {}", addressee.name()), notice),
        keys: (new_key(app), new_key(app)),
        path: PersonLetters { addressee: addressee.id },
        of: of(&addressee, visit),
        state: state(&addressee, visit),
        lines: addressee.address().map(|address| envelope(&addressee, &address)).unwrap_or_default(),
        identifier: printed(addressee.identifier_printed_at),
        secret: printed(addressee.secret_printed_at),
        addressee,
        typed,
        faults,
    }
}

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

impl Asked {
    fn notice(&self) -> Option<Notice> {
        let (tone, title, text) = match self.fait.as_str() {
            "adresse" => {
                (Tone::Ok, "C’est fait : l’adresse est enregistrée", "Les prochaines lettres la porteront.")
            }
            "deja" => (
                Tone::Warn,
                "Cette lettre a déjà été affichée",
                "Elle ne s’affiche qu’une fois. Si elle n’est pas sortie de l’imprimante, imprimez-en une autre.",
            ),
            _ => return None,
        };
        Some(Notice { tone, title: title.to_owned(), text: vec![text.to_owned()], links: Vec::new() })
    }
}

/// The letters of one person.
pub(super) async fn person(
    State(app): State<App>,
    visit: Visit,
    path: PersonLetters,
    Query(asked): Query<Asked>,
) -> Answer {
    let addressee = found(&app, &visit, path.addressee).await?;
    let typed = addressee.address().map_or_else(Typed::default, |address| Typed {
        complement: address.detail,
        rue: address.street,
        code_postal: address.postal_code,
        ville: address.city,
    });
    let subject = Some(path.addressee.to_string());
    shown(&page(&app, &visit, addressee, asked.notice(), (typed, Faults::new())))
        .reading(vec![Fact::PageRead { route: PersonLetters::PATH.to_owned(), subject }])
}

/// Writes where they are sent.
pub(super) async fn address(
    State(app): State<App>,
    visit: Visit,
    path: LetterAddress,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let address = Address {
        detail: faults.optional_line("complement", &typed.complement, 38),
        street: faults.line("rue", &typed.rue, 38),
        postal_code: faults.line("code_postal", &typed.code_postal, 5),
        city: faults.line("ville", &typed.ville, NAME),
    };
    let code = &address.postal_code;
    if faults.get("code_postal").is_none()
        && !(code.len() == 5 && code.bytes().all(|sign| sign.is_ascii_digit()))
    {
        faults.push("code_postal", Fault::PostalCode);
    }
    if !faults.is_empty() {
        let addressee = found(&app, &visit, path.addressee).await?;
        return refused(&page(&app, &visit, addressee, None, (typed, faults)));
    }
    acted(&commands::write_address(&app, &visit, path.addressee, &key, &address).await?)
}
