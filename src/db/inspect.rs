//! What whoever operates the portal reads of a database, and nothing else does: what our role may do on a server, what
//! time it is there, which keys and which last trace are known, what waits. Nothing here writes.

use sqlx::PgPool;

use super::DbError;
use super::connect::{Db, Pools};
use crate::domain::time::Timestamp;
use crate::metrics::{Mails, Stored};

/// What the role that serves may do with traces on a server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one answer of the server for each right")]
pub struct Rights {
    /// Write new ones.
    pub insert: bool,
    /// Change one.
    pub update: bool,
    /// Erase one.
    pub delete: bool,
    /// Erase all.
    pub truncate: bool,
    /// All that the owner of the table may: drop it, take its guards away.
    pub owner: bool,
    /// Everything.
    pub superuser: bool,
}

/// The server's own catalogue: these questions have no meaning elsewhere, so they are asked in its own words.
const RIGHTS: &str = "VALUES (has_table_privilege('trace', 'INSERT'), has_table_privilege('trace', 'UPDATE'), \
     has_table_privilege('trace', 'DELETE'), has_table_privilege('trace', 'TRUNCATE'), \
     (SELECT pg_has_role(c.relowner, 'USAGE') FROM pg_class c WHERE c.oid = 'trace'::regclass), \
     current_setting('is_superuser') = 'on')";

/// The clock of the server, which a check compares with ours; no act ever reads it.
const SERVER_CLOCK: &str = "VALUES (clock_timestamp())";

/// Beyond, a backlog is only long: counting it further would cost what the sealing of it needs.
const MOST: i64 = 100_000;

const BACKLOG: &str = "SELECT (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM trace_unsealed LIMIT $1) AS u), \
     (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM outbox WHERE state IN ('waiting', 'sending') \
       LIMIT $1) AS w), \
     (SELECT CAST(count(*) AS BIGINT) FROM (SELECT o.id FROM outbox o WHERE o.state = 'failed' \
       AND NOT EXISTS (SELECT 1 FROM outbox l WHERE l.account_id = o.account_id \
         AND l.created_at > o.created_at) LIMIT $1) AS f), \
     (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM statement WHERE state IN ('waiting', 'sending') \
       LIMIT $1) AS sw), \
     (SELECT CAST(count(*) AS BIGINT) FROM (SELECT s.id FROM statement s JOIN account a ON a.id = s.account_id \
       WHERE s.state = 'failed' AND a.suspended_at IS NULL \
       AND NOT EXISTS (SELECT 1 FROM statement l WHERE l.account_id = s.account_id \
         AND l.month > s.month) LIMIT $1) AS sf), \
     (SELECT CAST(count(*) AS BIGINT) FROM (SELECT id FROM trace_request_notice WHERE state = 'waiting' \
       LIMIT $1) AS nw), \
     (SELECT CAST(count(*) AS BIGINT) FROM (SELECT n.id FROM trace_request_notice n \
       JOIN trace_request q ON q.id = n.request_id JOIN account a ON a.id = n.account_id WHERE n.state = 'failed' \
       AND a.suspended_at IS NULL AND (n.kind = 'closed' OR q.closed_on IS NULL) \
       AND NOT EXISTS (SELECT 1 FROM trace_request_notice l WHERE l.account_id = n.account_id \
         AND l.request_id = n.request_id AND l.created_at > n.created_at) LIMIT $1) AS nf), \
     (SELECT done_at FROM trace_purge WHERE id = 1)";

/// A row of it.
type Backlog = (i64, i64, i64, i64, i64, i64, i64, Option<Timestamp>);

impl Db {
    /// What the role that serves may do with traces; nothing to say of an embedded database.
    pub async fn rights(&self) -> Result<Option<Rights>, DbError> {
        let Some(server) = self.server() else { return Ok(None) };
        let (insert, update, delete, truncate, owner, superuser) =
            sqlx::query_as(RIGHTS).fetch_one(server).await?;
        Ok(Some(Rights { insert, update, delete, truncate, owner, superuser }))
    }

    /// What time it is on the server; nothing to say of an embedded database.
    pub async fn server_clock(&self) -> Result<Option<Timestamp>, DbError> {
        let Some(server) = self.server() else { return Ok(None) };
        let (now,): (Timestamp,) = sqlx::query_as(SERVER_CLOCK).fetch_one(server).await?;
        Ok(Some(now))
    }

    /// The instant of the last trace.
    pub async fn last_trace_at(&self) -> Result<Option<Timestamp>, DbError> {
        let mut view = self.view().await?;
        let last: Option<(Timestamp,)> = view
            .query(&self.faults, "SELECT at FROM trace ORDER BY month DESC, id DESC LIMIT 1")
            .fetch_optional()
            .await?;
        Ok(last.map(|(at,)| at))
    }

    /// Number and fingerprint of every key that this database has known.
    pub async fn known_keys(&self) -> Result<Vec<(i32, Vec<u8>)>, DbError> {
        let mut view = self.view().await?;
        view.query(&self.faults, "SELECT number, fingerprint FROM trace_key ORDER BY number")
            .fetch_all()
            .await
    }

    /// What waits to be sealed or sent, for the listener of figures.
    pub async fn stored(&self) -> Result<Stored, DbError> {
        let mut view = self.view().await?;
        let waits: Option<Backlog> = view.query(&self.faults, BACKLOG).bind(MOST).fetch_optional().await?;
        let (unsealed, ow, of, sw, sf, nw, nf, purged_at) = waits.unwrap_or_default();
        let mails = |waiting, failed| Mails { waiting, failed };
        Ok(Stored {
            unsealed,
            purged_at: purged_at.map(|at| at.instant().unix_timestamp()),
            outbox: mails(ow, of),
            statements: mails(sw, sf),
            notices: mails(nw, nf),
        })
    }

    fn server(&self) -> Option<&PgPool> {
        match &self.pools {
            Pools::Sqlite { .. } => None,
            Pools::Postgres { read, .. } => Some(read),
        }
    }
}
