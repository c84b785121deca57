//! Making a group, naming it anew, putting it away. Who is in it and what it gives are `members` and `roles`.

use super::store;
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::domain::access::Permission;
use crate::domain::facts::{Fact, GroupMark};
use crate::domain::groups::MOST_GROUPS;
use crate::domain::id::{GroupId, PartnerId};
use crate::web::answer::Act;
use crate::web::paths::{ArchiveGroup, CorrectGroup, Group, Groups, told};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// What a group is called, and what for.
#[derive(Clone, Debug)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) purpose: String,
}

impl Described {
    fn pair(&self) -> (&str, &str) {
        (&self.name, &self.purpose)
    }
}

/// How naming a group ended.
pub(super) enum Naming {
    /// It is done.
    Done(Act),
    /// Another group that serves has this name.
    Taken,
    /// There are too many already.
    TooMany,
}

/// A group that serves, looked up again inside the transaction.
pub(super) async fn serving(
    tx: &mut WriteTx,
    partner: PartnerId,
    group: GroupId,
) -> Result<store::Group, Problem> {
    let group = store::group(tx, partner, group).await?;
    group.filter(|group| group.archived_at.is_none()).ok_or(Problem::NotFound)
}

/// Makes a group, of nobody yet.
pub(super) async fn create(
    app: &App,
    visit: &Visit,
    partner: PartnerId,
    key: &str,
    described: &Described,
) -> Result<Naming, Problem> {
    let draft = app.write(&visit.actor).await?;
    let mut tx = draft.permit_for(Permission::ManageGroups, partner).await?;
    let by = tx.actor().account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let group: GroupId = tx.new_id();
    let location = told(&Group { partner, group }, "cree");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Naming::Done(Act::Before(taken)));
    }
    if store::list(&mut tx, partner, false).await?.len() >= MOST_GROUPS {
        return Ok(Naming::TooMany);
    }
    match store::insert(&mut tx, group, partner, described.pair(), by).await {
        Err(DbError::Duplicate) => return Ok(Naming::Taken),
        inserted => inserted?,
    }
    let mark = GroupMark { id: group, name: described.name.clone() };
    let receipt = tx.commit([Fact::GroupCreated { group: mark, purpose: described.purpose.clone() }]).await?;
    Ok(Naming::Done(Act::Done { receipt, location }))
}

/// Names and describes a group anew. The form says which version it was shown from.
pub(super) async fn correct(
    app: &App,
    visit: &Visit,
    path: CorrectGroup,
    key: &str,
    version: i64,
    described: &Described,
) -> Result<Naming, Problem> {
    let CorrectGroup { partner, group } = path;
    let draft = app.write(&visit.actor).await?;
    let mut tx = draft.permit_for(Permission::ManageGroups, partner).await?;
    let before = serving(&mut tx, partner, group).await?;
    let location = told(&Group { partner, group }, "corrige");
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Naming::Done(Act::Before(taken)));
    }
    match store::update(&mut tx, group, version, described.pair()).await {
        Err(DbError::Duplicate) => return Ok(Naming::Taken),
        Ok(false) => return Err(Problem::Stale { href: path.to_string() }),
        updated => updated?,
    };
    let changes = [("name", &before.name, &described.name), ("purpose", &before.purpose, &described.purpose)];
    let changes = changes.into_iter().filter(|(_, before, after)| before != after);
    let changes = changes.map(|(field, before, after)| (field.to_owned(), before.clone(), after.clone()));
    let mark = GroupMark { id: group, name: described.name.clone() };
    let receipt = tx.commit([Fact::GroupChanged { group: mark, changes: changes.collect() }]).await?;
    Ok(Naming::Done(Act::Done { receipt, location }))
}

/// Puts a group away. It gives nothing any more: each role was withdrawn before, and told what it took away.
pub(super) async fn archive(app: &App, visit: &Visit, path: ArchiveGroup, key: &str) -> Result<Act, Problem> {
    let ArchiveGroup { partner, group } = path;
    // A role given meanwhile would be given by a group that nobody sees.
    let draft = app.write_for(&visit.actor, partner).await?;
    let mut tx = draft.permit_for(Permission::ManageGroups, partner).await?;
    let location = told(&Groups { partner }, "archive");
    let before = store::group(&mut tx, partner, group).await?.ok_or(Problem::NotFound)?;
    if let Some(taken) = tx.claim(key, &location).await? {
        return Ok(Act::Before(taken));
    }
    if before.archived_at.is_some() || before.roles > 0 {
        return Err(Problem::Stale { href: Group { partner, group }.to_string() });
    }
    store::archive(&mut tx, group).await?;
    let receipt = tx.commit([Fact::GroupArchived { group: before.mark() }]).await?;
    Ok(Act::Done { receipt, location })
}
