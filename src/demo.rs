//! The demonstration: three organisms and their partners, none of which exists, in a folder of its own, on this
//! machine only. It opens no other database, and each of its pages says what it is.

mod cast;
mod group;
mod seed;
mod uses;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use crate::app::App;
use crate::cli::Demo;
use crate::config::{Foundation, SecretUrl};
use crate::db::{DbError, Patience, Refused};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Zone;
use crate::domain::facts::Fact;
use crate::domain::id::AccountId;
use crate::domain::opening_hours::Now;
use crate::features::help::Publisher;
use crate::mail::{MailRoute, Mailer};
use crate::passwords::PasswordsError;
use crate::serve::{self, Doors, ServeError, Store, Surroundings};
use crate::telemetry::{LogFormat, LogSettings};
use crate::web::problem::Problem;

/// Why the demonstration does not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder holds something else.
    #[error("{0} n’est pas un dossier de démonstration : choisissez-en un autre avec --folder")]
    Elsewhere(String),
    /// The store or the server.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The disk or the terminal.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// An act of the seed was refused.
    #[error("les données de démonstration n’ont pas pu être créées : {0}")]
    Seed(String),
}

impl From<Refused> for DemoError {
    fn from(error: Refused) -> Self {
        Self::Seed(error.to_string())
    }
}

impl From<DbError> for DemoError {
    fn from(error: DbError) -> Self {
        Self::Seed(error.to_string())
    }
}

impl From<PasswordsError> for DemoError {
    fn from(error: PasswordsError) -> Self {
        Self::Seed(error.to_string())
    }
}

impl From<Problem> for DemoError {
    fn from(problem: Problem) -> Self {
        Self::Seed(format!("{problem:?}"))
    }
}

/// Opens the demonstration's own folder, fills it the first time, prints the address and the sign-ins, and serves.
pub async fn run(asked: &Demo, out: &mut impl Write) -> Result<(), DemoError> {
    let folder = &asked.folder;
    let file = folder.join("demo.db");
    let known = file.exists();
    if !known && folder.exists() && std::fs::read_dir(folder)?.next().is_some() {
        return Err(DemoError::Elsewhere(folder.display().to_string()));
    }
    std::fs::create_dir_all(folder)?;
    let mail = folder.join("mail");
    std::fs::create_dir_all(&mail)?;
    let log = LogSettings { filter: "warn".to_owned(), format: LogFormat::Text };
    // Another log may be there already: then it is used.
    let _ = log.install();
    let url = SecretUrl::new(format!("sqlite:{}", file.display()));
    let foundation = Foundation {
        database_url: url,
        owner_url: None,
        connections: 8,
        keys: folder.join("cles"),
        checkpoints: Some(folder.join("empreintes")),
        log,
    };
    serve::prepare(&foundation).await?;
    let store = serve::open(&foundation, Patience::Page).await?;
    let listener = serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, asked.port))).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let app = serve::join(&store, surroundings(&store, &foundation, &mail, &address)?)?;
    if known {
        refuse_another_database(&app, folder).await?;
    } else {
        writeln!(out, "Première fois : création des données de démonstration…")?;
        out.flush()?;
        seed::sow(&app).await?;
    }
    print_sign_ins(&app, &address, &mail, out).await?;
    serve::serve(app, Doors { people: listener, tls: None, watchers: None }).await?;
    Ok(())
}

fn surroundings(
    store: &Store,
    foundation: &Foundation,
    mail: &Path,
    address: &str,
) -> Result<Surroundings, DemoError> {
    let from = "Caf de la Haute-Deûle <portail@caf-haute-deule.example>";
    let from = from.parse().map_err(|_| DemoError::Seed("l’expéditeur du courrier".to_owned()))?;
    let route = MailRoute::Folder(mail.to_owned());
    Ok(Surroundings {
        mailer: Mailer::new(&route, from, store.clock.clone(), store.entropy.clone())
            .map_err(ServeError::from)?,
        public_url: address.to_owned(),
        publisher: Publisher::default(),
        trusted_proxies: Vec::new(),
        session_requests: 240,
        witness: serve::witness(foundation)?,
        sink: None,
        demonstration: true,
    })
}

async fn refuse_another_database(app: &App, folder: &Path) -> Result<(), DemoError> {
    let job = app.job("demo", None);
    let mut reader = app.read(&job).await?;
    let ours: Option<(bool,)> =
        reader.unbounded("SELECT demonstration FROM installation WHERE id = 1").fetch_optional().await?;
    match ours {
        Some((true,)) => Ok(()),
        _ => Err(DemoError::Elsewhere(folder.display().to_string())),
    }
}

/// New passwords at each start, shown once: nothing on the disk tells them.
async fn print_sign_ins(
    app: &App,
    address: &str,
    mail: &Path,
    out: &mut impl Write,
) -> Result<(), DemoError> {
    writeln!(out, "\nCompte Partenaire, démonstration : {address}\n")?;
    let width = cast::parts().map(|(part, _)| part.chars().count()).max().unwrap_or(0);
    for (office, mail) in cast::parts() {
        let (identifier, password) = set_password(app, mail).await?;
        let pad = " ".repeat(width - office.chars().count());
        writeln!(out, "{office}{pad}  {identifier}  {password}")?;
    }
    writeln!(out, "\nCourrier envoyé : {}", mail.display())?;
    for (what, number) in seed::numbers(app).await? {
        writeln!(out, "{what} : {number}")?;
    }
    for (service, hours) in seed::hours(app).await? {
        let now = match hours.at(app.now(), &Zone::default()) {
            Now::Open => "ouvert en ce moment",
            Now::Closed { .. } => "fermé en ce moment : ses agents lisent la page qui dit quand il rouvre",
        };
        writeln!(out, "{service} : de {} h à {} h, {now}", hours.opens(), hours.closes())?;
    }
    writeln!(out, "Ctrl+C pour arrêter.")?;
    out.flush()?;
    Ok(())
}

async fn set_password(app: &App, mail: &str) -> Result<(String, String), DemoError> {
    let password = app.kit().entropy.printed(16);
    let hash = app.passwords().hash(password.clone()).await?;
    let mut tx =
        app.write(&app.job("demo", None)).await?.permit(Permission::FoundOrganism, Scope::Installation)?;
    let (account, identifier): (AccountId, String) = {
        let found: Option<(AccountId, String)> = tx
            .write(
                "UPDATE account SET password_hash = $2, secret_hash = NULL, secret_expires_at = NULL \
                 WHERE mail = $1 RETURNING id, identifier",
            )
            .bind(mail.to_owned())
            .bind(hash)
            .fetch_optional()
            .await?;
        found.ok_or_else(|| DemoError::Seed(mail.to_owned()))?
    };
    let _receipt = tx.commit([Fact::DemonstrationPasswordSet { account }]).await?;
    Ok((identifier, password))
}
