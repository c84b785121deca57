//! The groups of a partner.

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::store;
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::id::GroupId;
use crate::features::grants::store::employer;
use crate::web::answer::{Answer, shown};
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{Group, Groups, NewGroup};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What the address asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    archives: String,
    fait: String,
}

#[derive(Template)]
#[template(path = "groups/list.html")]
struct GroupsPage {
    shell: Shell,
    path: Groups,
    crumbs: Vec<(String, String)>,
    partner: String,
    may_manage: bool,
    archived: bool,
    groups: Vec<store::Group>,
}

impl GroupsPage {
    fn new_path(&self) -> NewGroup {
        NewGroup { partner: self.path.partner }
    }

    fn href(&self, group: &GroupId) -> Group {
        Group { partner: self.path.partner, group: *group }
    }
}

/// The page.
pub(super) async fn list(
    State(app): State<App>,
    visit: Visit,
    path: Groups,
    Query(asked): Query<Asked>,
) -> Answer {
    let archived = asked.archives == "oui";
    let mut reader = app.read(&visit.actor).await?;
    let partner = employer(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    let groups = store::list(&mut reader, path.partner, archived).await?;
    drop(reader);
    let notice = (asked.fait == "archive").then(|| Notice {
        tone: Tone::Ok,
        title: "C’est fait : le groupe est archivé".to_owned(),
        text: vec!["Son nom peut servir à un autre groupe.".to_owned()],
        links: Vec::new(),
    });
    shown(&GroupsPage {
        shell: visit.shell_with(if archived { "Groupes archivés" } else { "Groupes" }, notice),
        path,
        crumbs: visit.way_to(path.partner, &partner.legal_name),
        may_manage: visit.actor.may_at(Permission::ManageGroups, partner.mode),
        partner: partner.legal_name,
        archived,
        groups,
    })
}
