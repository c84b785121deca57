//! Releasing a hold: what will happen, why, and never by who asked for it.

use askama::Template;
use axum::extract::State;
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, Releasing};
use super::pages::readable;
use super::store;
use super::words::{matter, traces};
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::holds::may_release;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::fault::Faults;
use crate::web::form::{Sent, new_key};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{Hold, Holds, ReleaseHold};
use crate::web::problem::Problem;
use crate::web::reading::REASON;
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    motif: String,
}

#[derive(Template)]
#[template(path = "holds/release.html")]
struct ReleasePage {
    shell: Shell,
    key: String,
    path: ReleaseHold,
    list: Holds,
    back: Hold,
    kind: &'static str,
    matter: String,
    beyond: String,
    /// Whether it may be released here and now.
    open: bool,
    typed: Typed,
    faults: Faults,
}

async fn page(
    app: &App,
    visit: &Visit,
    path: ReleaseHold,
    key: String,
    typed: Typed,
    faults: Faults,
) -> Result<ReleasePage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let hold = store::one(&mut reader, path.hold).await?.ok_or(Problem::NotFound)?;
    let beyond = store::count(&mut reader, &hold, visit.today()).await?;
    drop(reader);
    let (kind, matter) = matter(&hold, &visit.zone, readable(app, visit));
    let me = visit.actor.account().map(|account| account.id);
    let own = !me.is_some_and(|me| may_release(hold.asked_by, me));
    let refusal = match (hold.released_at, own) {
        (Some(_), _) => Some(("Cette conservation est déjà levée", "Rien ne reste à faire ici.")),
        (None, true) => Some((
            "Une autre personne doit lever cette conservation",
            "Vous l’avez demandée : un autre administrateur ou auditeur de l’organisme peut la lever.",
        )),
        (None, false) => None,
    };
    let notice = refusal.map(|(title, text)| Notice {
        tone: Tone::Bad,
        title: title.to_owned(),
        text: vec![text.to_owned()],
        links: Vec::new(),
    });
    Ok(ReleasePage {
        open: notice.is_none(),
        shell: visit.shell_with("Lever cette conservation ?", notice),
        key,
        path,
        list: Holds,
        back: Hold { hold: path.hold },
        kind,
        matter,
        beyond: traces(beyond),
        typed,
        faults,
    })
}

/// Whether to release it.
pub(super) async fn ask(State(app): State<App>, visit: Visit, path: ReleaseHold) -> Answer {
    let fact = Fact::PageRead { route: ReleaseHold::PATH.to_owned(), subject: Some(path.hold.to_string()) };
    shown(&page(&app, &visit, path, new_key(&app), Typed::default(), Faults::new()).await?)
        .reading(vec![fact])
}

/// Releases it.
pub(super) async fn release(
    State(app): State<App>,
    visit: Visit,
    path: ReleaseHold,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let reason = faults.paragraph("motif", &typed.motif, REASON);
    if faults.is_empty() {
        match commands::release(&app, &visit, path.hold, &key, &reason).await? {
            Releasing::Done(act) => return acted(&act),
            Releasing::OwnHold => {}
        }
    }
    refused(&page(&app, &visit, path, key, typed, faults).await?)
}
