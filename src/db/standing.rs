//! How an account stands, as every slice that shows people reads it: the columns once, so that no page tells of a
//! code what another denies.

use super::FromRow;
use crate::domain::time::Timestamp;
use crate::domain::users::AccountState;

/// The columns of a [`StandingRow`], of an account named `a`.
macro_rules! standing_columns {
    () => {
        "(a.password_hash IS NOT NULL) AS has_password, a.secret_expires_at, \
         EXISTS (SELECT 1 FROM outbox f WHERE f.account_id = a.id AND f.state = 'failed' AND NOT EXISTS \
           (SELECT 1 FROM outbox l WHERE l.account_id = a.id AND l.created_at > f.created_at)) AS mail_failed, \
         (a.secret_way = 'letter') AS by_letter, a.suspended_at, a.last_sign_in_at"
    };
}
pub(crate) use standing_columns;

/// What a row tells of how its account stands.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct StandingRow {
    has_password: bool,
    secret_expires_at: Option<Timestamp>,
    mail_failed: bool,
    by_letter: bool,
    suspended_at: Option<Timestamp>,
    last_sign_in_at: Option<Timestamp>,
}

impl From<StandingRow> for AccountState {
    fn from(row: StandingRow) -> Self {
        Self {
            suspended_at: row.suspended_at,
            has_password: row.has_password,
            secret_expires_at: row.secret_expires_at,
            mail_failed: row.mail_failed,
            by_letter: row.by_letter,
            last_sign_in_at: row.last_sign_in_at,
        }
    }
}
