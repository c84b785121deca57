//! Erasing what has been kept as long as it must: the history of grants, reviews, requests, holds that were released,
//! mails, closed accounts. Once a day, a few hundred rows at a time, each batch told by a signed fact. The periods are
//! those of `domain::retention`; a day counts once it has begun everywhere, so that nobody's is a day short.

use time::Duration;
use uuid::Uuid;

use crate::app::App;
use crate::db::{FromRow, Refused, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, OrganismId, PartnerId};
use crate::domain::retention::kinds::{
    CAP_REQUEST_MONTHS, GRANT_MONTHS, HOLD_MONTHS, MAIL_MONTHS, TRACE_REQUEST_MONTHS,
};
use crate::domain::retention::last_due;
use crate::domain::time::Timestamp;

/// Rows of each kind in one go.
const AT_ONCE: i64 = 500;

/// How the first value of a text is counted from today.
#[derive(Clone, Copy)]
enum Since {
    /// A day that the row itself gives: up to today.
    Day,
    /// A day after which so many months have passed.
    DayBefore(u16),
    /// The end of that day.
    InstantBefore(u16),
}

/// What is erased, in an order in which nothing refers to what is gone: the table, from when, and the text.
const DUE: [(&str, Since, &str); 14] = [
    (
        "outbox",
        Since::InstantBefore(MAIL_MONTHS),
        "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox \
         WHERE state IN ('sent', 'failed') AND created_at < $1 ORDER BY created_at, id LIMIT $2)",
    ),
    (
        "trace_request_notice",
        Since::InstantBefore(MAIL_MONTHS),
        "DELETE FROM trace_request_notice WHERE id IN (SELECT id FROM trace_request_notice \
         WHERE state <> 'waiting' AND created_at < $1 ORDER BY id LIMIT $2)",
    ),
    (
        // The last day on which it is read is included.
        "trace_request_part",
        Since::Day,
        "DELETE FROM trace_request_part WHERE (request_id, position) IN (SELECT r.request_id, r.position \
         FROM trace_request_part r JOIN trace_request q ON q.id = r.request_id WHERE q.readable_until < $1 LIMIT $2)",
    ),
    (
        "trace_request",
        Since::DayBefore(TRACE_REQUEST_MONTHS),
        "DELETE FROM trace_request WHERE id IN (SELECT q.id FROM trace_request q WHERE q.closed_on <= $1 \
         AND NOT EXISTS (SELECT 1 FROM trace_request_part r WHERE r.request_id = q.id) \
         AND NOT EXISTS (SELECT 1 FROM trace_request_notice n WHERE n.request_id = q.id) ORDER BY q.id LIMIT $2)",
    ),
    (
        "cap_request",
        Since::InstantBefore(CAP_REQUEST_MONTHS),
        "DELETE FROM cap_request WHERE id IN (SELECT id FROM cap_request \
         WHERE state <> 'open' AND answered_at < $1 ORDER BY id LIMIT $2)",
    ),
    (
        "legal_hold_review",
        Since::InstantBefore(HOLD_MONTHS),
        "DELETE FROM legal_hold_review WHERE (hold_id, reviewed_at) IN (SELECT r.hold_id, r.reviewed_at \
         FROM legal_hold_review r JOIN legal_hold h ON h.id = r.hold_id WHERE h.released_at < $1 LIMIT $2)",
    ),
    (
        "legal_hold",
        Since::InstantBefore(HOLD_MONTHS),
        "DELETE FROM legal_hold WHERE id IN (SELECT h.id FROM legal_hold h WHERE h.released_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM legal_hold_review r WHERE r.hold_id = h.id) ORDER BY h.id LIMIT $2)",
    ),
    (
        "review_decision",
        Since::Day,
        "DELETE FROM review_decision WHERE (review_id, grant_id, account_id) IN \
         (SELECT d.review_id, d.grant_id, d.account_id FROM review_decision d JOIN review r ON r.id = d.review_id \
         WHERE r.erase_on <= $1 LIMIT $2)",
    ),
    (
        "review",
        Since::Day,
        "DELETE FROM review WHERE id IN (SELECT r.id FROM review r WHERE r.erase_on <= $1 \
         AND NOT EXISTS (SELECT 1 FROM review_decision d WHERE d.review_id = r.id) ORDER BY r.id LIMIT $2)",
    ),
    (
        "role_grant_history",
        Since::Day,
        "DELETE FROM role_grant_history WHERE id IN (SELECT id FROM role_grant_history \
         WHERE erase_on <= $1 ORDER BY erase_on, id LIMIT $2)",
    ),
    (
        // Those that ended by themselves, and that nobody withdrew.
        "role_grant",
        Since::DayBefore(GRANT_MONTHS),
        "DELETE FROM role_grant WHERE id IN (SELECT id FROM role_grant WHERE ends_on <= $1 ORDER BY id LIMIT $2)",
    ),
    (
        "group_grant",
        Since::DayBefore(GRANT_MONTHS),
        "DELETE FROM group_grant WHERE id IN (SELECT id FROM group_grant WHERE ends_on <= $1 ORDER BY id LIMIT $2)",
    ),
    (
        // A use is older than the end of its grant: none of a grant that is still known is looked at.
        "grant_use",
        Since::InstantBefore(GRANT_MONTHS),
        "DELETE FROM grant_use WHERE (grant_id, account_id) IN (SELECT u.grant_id, u.account_id FROM grant_use u \
         WHERE u.used_at < $1 AND NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.id = u.grant_id) \
         AND NOT EXISTS (SELECT 1 FROM role_grant_history h WHERE h.id = u.grant_id) LIMIT $2)",
    ),
    (
        "partner_group",
        Since::InstantBefore(GRANT_MONTHS),
        "DELETE FROM partner_group WHERE id IN (SELECT p.id FROM partner_group p WHERE p.archived_at < $1 \
         AND NOT EXISTS (SELECT 1 FROM group_member m WHERE m.group_id = p.id) \
         AND NOT EXISTS (SELECT 1 FROM group_grant g WHERE g.group_id = p.id) \
         AND NOT EXISTS (SELECT 1 FROM role_grant r WHERE r.group_id = p.id) \
         AND NOT EXISTS (SELECT 1 FROM role_grant_history h WHERE h.group_id = p.id) ORDER BY p.id LIMIT $2)",
    ),
];

/// Accounts that were suspended for as long, and that nothing kept names any more: every reference to an account is here
/// but those that go with it (a test compares them with the schema).
pub const CLOSED_ACCOUNTS: &str = "SELECT a.id, a.organism_id, a.partner_id FROM account a WHERE a.suspended_at < $1 \
     AND NOT EXISTS (SELECT 1 FROM session o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM form_sent o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM kept_form o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM consultation o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM role_grant o WHERE o.account_id = a.id OR o.granted_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM role_grant_history o WHERE o.account_id = a.id OR o.granted_by = a.id \
     OR o.revoked_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM grant_use o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM trace_export o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM statement o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM use_seen o WHERE o.account_id = a.id) \
     AND NOT EXISTS (SELECT 1 FROM use_signal o WHERE o.account_id = a.id OR o.decided_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM surveillance o WHERE o.account_id = a.id OR o.asked_by = a.id \
     OR o.ended_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM justification o WHERE o.account_id = a.id OR o.asked_by = a.id \
     OR o.answered_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM group_member o WHERE o.account_id = a.id OR o.added_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM group_grant o WHERE o.granted_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM partner_group o WHERE o.created_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM cap_request o WHERE o.asked_by = a.id OR o.answered_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM review o WHERE o.opened_by = a.id OR o.transmitted_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM review_decision o WHERE o.account_id = a.id OR o.decided_by = a.id \
     OR o.granted_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM letter o WHERE o.printed_by = a.id AND o.account_id <> a.id) \
     AND NOT EXISTS (SELECT 1 FROM legal_hold o WHERE o.account_id = a.id OR o.asked_by = a.id \
     OR o.released_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM legal_hold_review o WHERE o.reviewed_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM trace_request o WHERE o.account_id = a.id OR o.registered_by = a.id \
     OR o.passed_by = a.id OR o.answered_by = a.id) \
     AND NOT EXISTS (SELECT 1 FROM trace_request_notice o WHERE o.account_id = a.id) \
     ORDER BY a.suspended_at, a.id LIMIT 20";

/// What goes with an account: the table, and the text.
pub const WITH_AN_ACCOUNT: [(&str, &str); 4] = [
    ("letter", "DELETE FROM letter WHERE account_id = $1"),
    ("postal_address", "DELETE FROM postal_address WHERE account_id = $1"),
    ("trace_search", "DELETE FROM trace_search WHERE account_id = $1"),
    ("account", "DELETE FROM account WHERE id = $1"),
];

/// Erases all that is due; gives how many rows went.
pub async fn expire(app: &App) -> Result<u64, Refused> {
    // The first zone to begin a day begins it twelve hours before UTC's noon: by then it has begun everywhere.
    let today = Day::from(app.now().minus(Duration::hours(12)).instant().date());
    let mut erased = 0;
    for (what, since, sql) in DUE {
        loop {
            let mut tx = begin(app).await?;
            let query = tx.write(sql);
            let (query, until) = match since {
                Since::Day => (query.bind(today), today),
                Since::DayBefore(months) => (query.bind(last_due(today, months)), last_due(today, months)),
                Since::InstantBefore(months) => (query.bind(end_of(today, months)), last_due(today, months)),
            };
            let rows = query.bind(AT_ONCE).execute().await?;
            if rows == 0 {
                break;
            }
            let _receipt = tx.commit([Fact::Expired { what: what.to_owned(), rows, until }]).await?;
            erased += rows;
            if i64::try_from(rows).is_ok_and(|rows| rows < AT_ONCE) {
                break;
            }
        }
    }
    Ok(erased + expire_accounts(app, today).await?)
}

/// The first instant that is not due: what is before it happened on a day that so many months have left behind, in
/// every zone.
fn end_of(today: Day, months: u16) -> Timestamp {
    let day = last_due(today, months).plus_days(1);
    Timestamp::new(day.date().midnight().assume_utc()).minus(Duration::hours(14))
}

async fn begin(app: &App) -> Result<WriteTx, Refused> {
    app.write(&app.job("expiry", None)).await?.permit(Permission::Tidy, Scope::Installation)
}

#[derive(FromRow)]
struct Closed {
    id: AccountId,
    organism_id: OrganismId,
    partner_id: Option<PartnerId>,
}

async fn expire_accounts(app: &App, today: Day) -> Result<u64, Refused> {
    let mut erased = 0;
    loop {
        let mut tx = begin(app).await?;
        let closed: Vec<Closed> =
            tx.write(CLOSED_ACCOUNTS).bind(end_of(today, GRANT_MONTHS)).fetch_all().await?;
        if closed.is_empty() {
            return Ok(erased);
        }
        let mut rows = 0;
        for account in &closed {
            let scope = account.partner_id.map_or(as_uuid(account.organism_id), as_uuid);
            tx.index_words("account", scope, as_uuid(account.id), &[]).await?;
            for (_, sql) in WITH_AN_ACCOUNT {
                rows += tx.write(sql).bind(account.id).execute().await?;
            }
        }
        let fact = Fact::Expired { what: "account".to_owned(), rows, until: last_due(today, GRANT_MONTHS) };
        let _receipt = tx.commit([fact]).await?;
        erased += rows;
    }
}

fn as_uuid(id: impl crate::domain::id::RowId) -> Uuid {
    id.as_uuid()
}
