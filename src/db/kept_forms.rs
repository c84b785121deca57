//! Forms that were kept because a session's end caught them before they were sent: encrypted, a few for each account,
//! for a day. What they mean, and which forms may be kept, is `web::kept_form`'s.

use super::connect::Db;
use super::query::Tx;
use super::{DbError, FromRow, Reader, WriteTx};
use crate::domain::id::{AccountId, KeptFormId};
use crate::domain::session::KEPT_FORM_LIMIT;
use crate::domain::time::Timestamp;

/// What was typed in a form, as its row keeps it.
#[derive(Clone, Debug)]
pub struct KeptForm {
    /// Its number, unless the form was kept before: then it has one.
    pub id: KeptFormId,
    /// Whose.
    pub account: AccountId,
    /// Where the form is sent.
    pub path: String,
    /// What was typed, encrypted.
    pub sealed: Vec<u8>,
    /// When.
    pub at: Timestamp,
}

/// The same, read again.
#[derive(Clone, Debug, FromRow)]
pub struct Found {
    /// What was typed, encrypted.
    pub sealed: Vec<u8>,
    /// When.
    pub kept_at: Timestamp,
}

/// One form a line of an account, the last typing in place of the one before; none for somebody suspended meanwhile.
const KEEP: &str = "INSERT INTO kept_form (id, organism_id, partner_id, account_id, path, sealed, kept_at) \
     SELECT $1, organism_id, partner_id, id, $3, $4, $5 FROM account WHERE id = $2 AND suspended_at IS NULL \
     ON CONFLICT (account_id, path) DO UPDATE SET sealed = excluded.sealed, kept_at = excluded.kept_at";

/// Of an account's forms, the last five stay: whoever sends forms of all kinds fills no disk.
const SPARE_FIVE: &str = "DELETE FROM kept_form WHERE account_id = $1 AND id NOT IN \
     (SELECT id FROM kept_form WHERE account_id = $1 ORDER BY kept_at DESC, id DESC LIMIT 5)";

/// Keeps a form, beside the trace that says so.
pub(super) async fn keep(tx: &mut Tx, db: &Db, form: &KeptForm) -> Result<(), DbError> {
    tx.query(&db.faults, KEEP)
        .bind(form.id)
        .bind(form.account)
        .bind(form.path.clone())
        .bind(form.sealed.clone())
        .bind(form.at)
        .execute()
        .await?;
    tx.query(&db.faults, SPARE_FIVE).bind(form.account).execute().await?;
    Ok(())
}

/// Erases what was kept of a form that is sent; whether there was something.
pub(super) async fn forget(tx: &mut Tx, db: &Db, account: AccountId, path: &str) -> Result<bool, DbError> {
    let erased = tx
        .query(&db.faults, "DELETE FROM kept_form WHERE account_id = $1 AND path = $2")
        .bind(account)
        .bind(path.to_owned())
        .execute()
        .await?;
    Ok(erased > 0)
}

impl Reader {
    /// What the actor himself had typed in the form of that address, if it is still kept at that instant.
    pub async fn kept_form(
        &mut self,
        id: KeptFormId,
        path: &str,
        now: Timestamp,
    ) -> Result<Option<Found>, DbError> {
        let account = self.visible().account();
        self.select(
            "SELECT sealed, kept_at FROM kept_form WHERE id = $3 AND organism_id = $1 \
             AND ($2 IS NULL OR partner_id = $2) AND account_id = $4 AND path = $5 AND kept_at > $6",
        )
        .bind(id)
        .bind(account)
        .bind(path.to_owned())
        .bind(now.minus(KEPT_FORM_LIMIT))
        .fetch_optional()
        .await
    }
}

impl WriteTx {
    /// Ends an account's sessions, and erases the forms that were kept for it: whoever closes an account or has it made
    /// again leaves nothing to whoever opens it next.
    pub async fn shut_out(&mut self, account: AccountId) -> Result<(), DbError> {
        // In the order in which a batch of traces takes them: neither can wait for the other.
        self.write("DELETE FROM kept_form WHERE account_id = $1").bind(account).execute().await?;
        self.write("DELETE FROM session WHERE account_id = $1").bind(account).execute().await?;
        Ok(())
    }
}
