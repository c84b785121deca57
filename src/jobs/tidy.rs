//! Erasing what serves no more: dead sessions, consultations and forms kept of the day before, keys of sent
//! forms, quiet budgets, statements of the year before.
//! Traces and grants' history are not tidied here: their erasure is bound by law and proved.

use time::Duration;

use crate::app::App;
use crate::db::Refused;
use crate::domain::access::{Permission, Scope};
use crate::domain::facts::Fact;
use crate::domain::retention::kinds::{
    CONSULTATION_HOURS, FORM_SENT_HOURS, KEPT_FORM_HOURS, SESSION_HOURS, SIGN_IN_HOURS, STATEMENT_DAYS,
};

/// Rows of each kind in one go.
const AT_ONCE: i64 = 500;

/// What is erased, once it is older than so many hours.
const STALE: [(&str, u16, &str); 6] = [
    (
        // Long after its end: a form that comes late is kept for whoever its session tells.
        "session",
        SESSION_HOURS,
        "DELETE FROM session WHERE id_hash IN (SELECT id_hash FROM session WHERE opened_at < $1 LIMIT $2)",
    ),
    (
        "consultation",
        CONSULTATION_HOURS,
        "DELETE FROM consultation WHERE id IN (SELECT id FROM consultation WHERE opened_at < $1 LIMIT $2)",
    ),
    (
        "kept_form",
        KEPT_FORM_HOURS,
        "DELETE FROM kept_form WHERE id IN (SELECT id FROM kept_form WHERE kept_at < $1 LIMIT $2)",
    ),
    (
        "form_sent",
        FORM_SENT_HOURS,
        "DELETE FROM form_sent WHERE (account_id, form_key) IN \
         (SELECT account_id, form_key FROM form_sent WHERE sent_at < $1 LIMIT $2)",
    ),
    (
        "statement",
        24 * STATEMENT_DAYS,
        "DELETE FROM statement WHERE id IN (SELECT id FROM statement WHERE made_at < $1 LIMIT $2)",
    ),
    (
        "sign_in_budget",
        SIGN_IN_HOURS,
        "DELETE FROM sign_in_budget WHERE identifier_hash IN \
         (SELECT identifier_hash FROM sign_in_budget WHERE blocked_until < $1 AND day_began_at < $1 LIMIT $2)",
    ),
];

/// Erases a batch of each kind; gives how many rows went.
pub async fn tidy(app: &App) -> Result<u64, Refused> {
    let mut erased = 0;
    for (what, hours, sql) in STALE {
        let mut tx =
            app.write(&app.job("tidy", None)).await?.permit(Permission::Tidy, Scope::Installation)?;
        let before = tx.now().minus(Duration::hours(i64::from(hours)));
        let rows = tx.write(sql).bind(before).bind(AT_ONCE).execute().await?;
        if rows > 0 {
            let _receipt = tx.commit([Fact::Tidied { what: what.to_owned(), rows }]).await?;
            erased += rows;
        }
    }
    Ok(erased)
}
