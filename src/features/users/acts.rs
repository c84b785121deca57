//! What is done to one account: each grave act stands behind a page that tells its consequences.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands;
use super::store::{self, Account};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::contact::Phone;
use crate::domain::users::may_be_managed;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::fault::Faults;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{ReactivateUser, SuspendUser, User, UserSecret};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// The account of such a page, if the reader may manage it.
async fn managed(app: &App, visit: &Visit, permission: Permission, path: User) -> Result<Account, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(reader.select(store::EMPLOYER), path.partner).await?;
    let employer =
        employer.filter(|employer| visit.actor.may_at(permission, employer.mode)).ok_or(Problem::NotFound)?;
    let account = store::account(reader.select(store::ACCOUNT), path.partner, path.account).await?;
    account
        .filter(|account| may_be_managed(&visit.actor, employer.mode, account.id, account.office))
        .ok_or(Problem::NotFound)
}

#[derive(Template)]
#[template(path = "users/secret.html")]
struct SecretPage {
    shell: Shell,
    key: String,
    path: UserSecret,
    back: User,
    mail: String,
    phone: Option<String>,
    has_password: bool,
}

/// Whether to send another code.
pub(super) async fn ask_secret(State(app): State<App>, visit: Visit, path: UserSecret) -> Answer {
    let back = User { partner: path.partner, account: path.account };
    let account = managed(&app, &visit, Permission::SendSecrets, back).await?;
    let has_password = account.state().has_password;
    shown(&SecretPage {
        shell: visit.shell(format!("Envoyer un autre code à {} ?", account.name())),
        key: new_key(&app),
        path,
        back,
        phone: account.phone.parse::<Phone>().ok().map(|phone| phone.to_string()),
        mail: account.mail,
        has_password,
    })
}

/// A form without a field of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Sends another code.
pub(super) async fn send_secret(
    State(app): State<App>,
    visit: Visit,
    path: UserSecret,
    Sent { key, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    let path = User { partner: path.partner, account: path.account };
    acted(&commands::send_secret(&app, &visit, path, &key).await?)
}

#[derive(Template)]
#[template(path = "users/suspend.html")]
struct SuspendPage {
    shell: Shell,
    key: String,
    path: SuspendUser,
    back: User,
    name: String,
    reason: String,
    faults: Faults,
}

async fn suspend_page(
    app: &App,
    visit: &Visit,
    path: SuspendUser,
    key: String,
    reason: String,
    faults: Faults,
) -> Result<SuspendPage, Problem> {
    let back = User { partner: path.partner, account: path.account };
    let name = managed(app, visit, Permission::SuspendUsers, back).await?.name();
    let shell = visit.shell(format!("Suspendre l’accès de {name} ?"));
    Ok(SuspendPage { shell, key, path, back, name, reason, faults })
}

/// Whether to suspend.
pub(super) async fn ask_suspension(State(app): State<App>, visit: Visit, path: SuspendUser) -> Answer {
    let Reason { motif } = visit.resumed().unwrap_or_default();
    shown(&suspend_page(&app, &visit, path, new_key(&app), motif, Faults::new()).await?)
}

/// Why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reason {
    motif: String,
}

/// Suspends.
pub(super) async fn suspend(
    State(app): State<App>,
    visit: Visit,
    path: SuspendUser,
    Sent { key, fields }: Sent<Reason>,
) -> Answer {
    let mut faults = Faults::new();
    let reason = faults.paragraph("motif", &fields.motif, REASON);
    if !faults.is_empty() {
        return refused(&suspend_page(&app, &visit, path, key, fields.motif, faults).await?);
    }
    let path = User { partner: path.partner, account: path.account };
    acted(&commands::suspend(&app, &visit, path, &key, &reason).await?)
}

/// Lifts a suspension.
pub(super) async fn reactivate(
    State(app): State<App>,
    visit: Visit,
    path: ReactivateUser,
    Sent { key, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    let path = User { partner: path.partner, account: path.account };
    acted(&commands::reactivate(&app, &visit, path, &key).await?)
}
