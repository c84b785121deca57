//! What an operator does from the command line beside serving: found an organism, name its staff, load its files,
//! check the log.

pub mod copy;
pub mod log;

use std::io::{BufRead, Write};

use crate::app::App;
use crate::cli::{Init, Staff};
use crate::domain::contact::MailAddress;
use crate::domain::files::LineFault;
use crate::features::files::{self, Progress};
use crate::features::help::Publisher;
use crate::features::organisms::{self, NewOrganism, NewStaff};
use crate::mail::Mailer;
use crate::serve::{Store, Surroundings, join};

/// Bad lines printed; the others are counted.
const PRINTED: usize = 50;

/// An application that sends no mail itself: what it leaves in the outbox waits for the portal.
fn app(store: &Store) -> Result<App, String> {
    let from = "Compte Partenaire <portail@localhost.example>".parse().map_err(|_| "adresse".to_owned())?;
    let surroundings = Surroundings {
        mailer: Mailer::in_memory(from, store.clock.clone(), store.entropy.clone()),
        public_url: String::new(),
        publisher: Publisher::default(),
        trusted_proxies: Vec::new(),
        session_requests: 1,
        witness: None,
        sink: None,
        demonstration: false,
    };
    join(store, surroundings).map_err(|error| error.to_string())
}

/// Founds an organism with its first administrator.
pub async fn init(store: &Store, asked: &Init) -> Result<String, String> {
    let new = NewOrganism {
        kind: asked.kind,
        code: asked.code.clone(),
        name: asked.name.clone(),
        territory: asked.territory.clone(),
        time_zone: asked.time_zone.clone(),
    };
    let first = person(&asked.given_name, &asked.surname, &asked.mail, &asked.job);
    let app = app(store)?;
    let founded = organisms::found(&app, &new, &first).await.map_err(|error| match error {
        crate::db::Refused::Db(crate::db::DbError::Duplicate) => {
            format!("L’organisme {} existe déjà, ou cette adresse y a déjà un compte.", asked.code)
        }
        other => other.to_string(),
    })?;
    Ok(format!(
        "{} est créé.\nIdentifiant de {} {} : {}\nSon code d’ouverture partira à {} dès que le portail sera servi.",
        asked.name, asked.given_name, asked.surname, founded.identifier, asked.mail
    ))
}

/// Names one more person of an organism.
pub async fn staff(store: &Store, asked: &Staff) -> Result<String, String> {
    let app = app(store)?;
    let new = person(&asked.given_name, &asked.surname, &asked.mail, &asked.job);
    let (organism, _, _) = organisms::by_code(&app, &asked.organism)
        .await
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("Aucun organisme n’a le code {}.", asked.organism))?;
    let named = organisms::name_staff(&app, organism, &asked.organism, asked.office, &new).await;
    let (_, identifier) = named.map_err(|error| match error {
        crate::db::Refused::Db(crate::db::DbError::Duplicate) => {
            "Cette adresse a déjà un compte dans cet organisme.".to_owned()
        }
        other => other.to_string(),
    })?;
    Ok(format!(
        "Identifiant de {} {} : {identifier}\nSon code d’ouverture partira à {} dès que le portail sera servi.",
        asked.given_name, asked.surname, asked.mail
    ))
}

fn person(given_name: &str, surname: &str, mail: &MailAddress, job: &str) -> NewStaff {
    NewStaff {
        given_name: given_name.to_owned(),
        surname: surname.to_owned(),
        job: job.to_owned(),
        mail: mail.clone(),
    }
}

/// Checks a file from end to end, then loads it: `check` and `load` read the same content.
pub async fn import_files(
    store: &Store,
    code: &str,
    check: impl BufRead + Send + 'static,
    load: impl BufRead + Send + 'static,
    out: &mut impl Write,
) -> Result<String, String> {
    let app = app(store)?;
    let (organism, name, _) = organisms::by_code(&app, code)
        .await
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("Aucun organisme n’a le code {code}."))?;
    let checked = tokio::task::spawn_blocking(move || files::check(check, |_| {}))
        .await
        .map_err(|error| error.to_string())?
        .map_err(|error| format!("Le fichier ne se lit pas : {error}"))?;
    if checked.bad_lines > 0 {
        let more = checked.bad_lines.saturating_sub(u64::try_from(PRINTED).unwrap_or(0));
        let told: Vec<String> =
            std::iter::once("Rien n’a été chargé : le fichier en service n’a pas changé.".to_owned())
                .chain(checked.bad.iter().take(PRINTED).map(|bad| {
                    let faults: Vec<String> = bad.faults.iter().map(worded).collect();
                    format!("ligne {} : {}", bad.line, faults.join(" ; "))
                }))
                .chain((more > 0).then(|| format!("… et {more} autres lignes.")))
                .chain(["Le format et les causes sont décrits dans docs/fichier-des-dossiers.md.".to_owned()])
                .collect();
        return Err(told.join("\n"));
    }
    let (give, take) = tokio::sync::mpsc::channel(1_024);
    let reading = tokio::task::spawn_blocking(move || {
        files::check(load, |file| {
            // The loader stopped: what went wrong there is what is told.
            let _ = give.blocking_send(file.clone());
        })
    });
    let loaded = files::load(&app, organism, take, |progress| {
        let line = match progress {
            Progress::Staged(files) if files.is_multiple_of(10_000) => {
                format!("dossiers écrits, pas encore visibles : {files}")
            }
            Progress::Live(files) => format!("dossiers visibles : {files}"),
            Progress::Staged(_) | Progress::Erased(_) => return,
        };
        // Nobody may be looking at the progress; the load goes on.
        let _ = writeln!(out, "{line}");
    })
    .await;
    reading.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    loaded.map_err(|error| error.to_string())?;
    Ok(format!("{name} : dossiers en service : {}.", checked.files))
}

/// A fault as an operator reads it: the field, then the code that the documentation explains.
fn worded(fault: &LineFault) -> String {
    if fault.field.is_empty() {
        fault.cause.code().to_owned()
    } else {
        format!("{} : {}", fault.field, fault.cause.code())
    }
}
