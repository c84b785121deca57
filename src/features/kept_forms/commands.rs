//! Erasing what was kept of a form.

use crate::app::App;
use crate::db::{Receipt, Refused};
use crate::domain::access::{Actor, Permission, Scope};
use crate::domain::facts::{Fact, KeptFormEnd};
use crate::domain::id::KeptFormId;
use crate::web::kept_form::form_at;

/// Erases what the actor had typed; nothing when there is no such form of his.
pub(super) async fn erase(app: &App, actor: &Actor, form: KeptFormId) -> Result<Option<Receipt>, Refused> {
    let account = actor.account().map(|account| account.id).ok_or(Refused::Ended)?;
    let mut tx = app.write(actor).await?.permit(Permission::KeepOwnAccount, Scope::Own)?;
    let erased: Option<(String,)> = tx
        .write("DELETE FROM kept_form WHERE id = $1 AND account_id = $2 RETURNING path")
        .bind(form)
        .bind(account)
        .fetch_optional()
        .await?;
    let Some((path,)) = erased else { return Ok(None) };
    let route = form_at(&path).map_or("", |(route, _)| route).to_owned();
    Ok(Some(tx.commit([Fact::FormErased { route, cause: KeptFormEnd::Erased }]).await?))
}
