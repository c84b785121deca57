//! Putting a group away, behind the page that tells what stands in the way.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;

use super::commands;
use super::{managed, store};
use crate::app::App;
use crate::web::answer::{Answer, acted, shown};
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{ArchiveGroup, Group};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "groups/archive.html")]
struct ArchivePage {
    shell: Shell,
    key: String,
    path: ArchiveGroup,
    back: Group,
    group: store::Group,
}

/// Whether to put it away; while it gives roles, where to withdraw them.
pub(super) async fn ask(State(app): State<App>, visit: Visit, path: ArchiveGroup) -> Answer {
    let ArchiveGroup { partner, group } = path;
    let mut reader = app.read(&visit.actor).await?;
    managed(&mut reader, &visit, partner).await?;
    let before = store::group(&mut reader, partner, group).await?;
    drop(reader);
    let before = before.filter(|group| group.archived_at.is_none()).ok_or(Problem::NotFound)?;
    let back = Group { partner, group };
    let shell = visit.shell(format!("Archiver le groupe « {} » ?", before.name));
    shown(&ArchivePage { shell, key: new_key(&app), path, back, group: before })
}

/// A form without a field of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

/// Puts it away.
pub(super) async fn archive(
    State(app): State<App>,
    visit: Visit,
    path: ArchiveGroup,
    Sent { key, fields: Nothing {} }: Sent<Nothing>,
) -> Answer {
    acted(&commands::archive(&app, &visit, path, &key).await?)
}
