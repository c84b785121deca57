//! Ending one's other sessions.

use super::store::{self, Session};
use crate::app::App;
use crate::crypto::{Keys, hex};
use crate::db::{Receipt, Refused};
use crate::domain::access::{Actor, Permission, Scope};
use crate::domain::facts::Fact;

/// Which of the others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which<'a> {
    /// The one that has this name.
    One(&'a str),
    /// All of them.
    All,
}

/// How a session is named to its holder, and in traces: its row's key stays here.
pub(super) fn name(keys: &Keys, session: &Session) -> String {
    hex(&keys.hash("session", session.row()))
}

/// Ends sessions of the actor, never the one in which he asks for it. Nothing is written when there is none to end.
pub(super) async fn close(app: &App, actor: &Actor, which: Which<'_>) -> Result<Option<Receipt>, Refused> {
    let account = actor.account().map(|account| account.id).ok_or(Refused::Ended)?;
    let mut tx = app.write(actor).await?.permit(Permission::KeepOwnAccount, Scope::Own)?;
    let now = tx.now();
    let own = actor.origin.session_row.unwrap_or_default();
    let mut facts = Vec::new();
    for session in store::living(&mut tx, account, now).await? {
        let name = name(&app.kit().keys, &session);
        let wanted = match which {
            Which::One(wanted) => wanted == name,
            Which::All => true,
        };
        if wanted && session.row() != own {
            store::end(&mut tx, account, session.row()).await?;
            facts.push(Fact::SessionClosed { session: name });
        }
    }
    if facts.is_empty() { Ok(None) } else { Ok(Some(tx.commit(facts).await?)) }
}
