//! Reminding of requests for traces that wait, seven, three and one day before the last one and once they are late, and
//! sending the mails about them. No mail holds a secret: one that leaves twice harms nobody.

use time::Duration;

use super::mail::Outcome;
use crate::app::App;
use crate::db::trace_notices::TraceNotice;
use crate::db::{DbError, FromRow, Refused};
use crate::domain::access::{Office, Permission, Scope};
use crate::domain::day::{Day, Zone};
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, OrganismId, PartnerId, TraceNoticeId, TraceRequestId};
use crate::domain::outbox::wait_after;
use crate::domain::time::Timestamp;
use crate::domain::trace_requests::{State, is_late, reminder};
use crate::mail::Recipient;
use crate::mail::trace_request::{About, TraceRequestMail};
use crate::web::paths::Home;

/// Requests, or mails, in one look.
const AT_ONCE: i64 = 50;
/// How long one attempt may last: a node that dies meanwhile leaves the mail to another.
const HELD: Duration = Duration::minutes(5);

#[derive(Clone, Debug, FromRow)]
struct Pending {
    id: TraceRequestId,
    organism_id: OrganismId,
    partner_id: Option<PartnerId>,
    state: State,
    due_on: Day,
    reminded: i32,
    time_zone: String,
}

/// Reminds of what waits; gives of how many requests.
pub async fn remind(app: &App) -> Result<u32, Refused> {
    let job = app.job("trace_requests", None);
    let (mut reminded, mut after) = (0, None);
    loop {
        let mut reader = app.read(&job).await?;
        let pending: Vec<Pending> = reader
            .unbounded(
                "SELECT q.id, q.organism_id, q.partner_id, q.state, q.due_on, q.reminded, o.time_zone \
                 FROM trace_request q JOIN organism o ON o.id = q.organism_id \
                 WHERE q.closed_on IS NULL AND ($1 IS NULL OR q.id > $1) ORDER BY q.id LIMIT $2",
            )
            .bind(after)
            .bind(AT_ONCE)
            .fetch_all()
            .await?;
        drop(reader);
        let Some(last) = pending.last() else { return Ok(reminded) };
        after = Some(last.id);
        for request in pending {
            let today = Zone::parse(&request.time_zone).unwrap_or_default().day(app.now());
            if let Some(due) = reminder(request.due_on, today, request.reminded) {
                reminded += u32::from(remind_of(app, &request, due.number()).await?);
            }
        }
    }
}

/// Puts the mails of one reminder in their queue; `false` when another node did, or the request moved on meanwhile: it waits
/// for somebody else, or for nobody.
async fn remind_of(app: &App, request: &Pending, number: i32) -> Result<bool, Refused> {
    let organism = request.organism_id;
    let job = app.job("trace_requests", Some(organism));
    let mut tx = app.write(&job).await?.permit(Permission::SendMail, Scope::Organism(organism))?;
    let taken = tx
        .write(
            "UPDATE trace_request SET reminded = $2 \
             WHERE id = $1 AND state = $3 AND closed_on IS NULL AND reminded < $2",
        )
        .bind(request.id)
        .bind(number)
        .bind(request.state)
        .execute()
        .await?;
    if taken == 0 {
        return Ok(false);
    }
    let people = match (request.state, request.partner_id) {
        (State::Asked, Some(partner)) => tx.superiors_of(partner).await?,
        _ => tx.auditors_of(organism).await?,
    };
    tx.queue_trace_notices((organism, request.id), &people, TraceNotice::Waits).await?;
    let fact =
        Fact::TraceRequestReminded { request: request.id, due_on: request.due_on, mails: people.len() };
    let _receipt = tx.commit([fact]).await?;
    Ok(true)
}

#[derive(Clone, Debug, FromRow)]
struct Notice {
    id: TraceNoticeId,
    organism_id: OrganismId,
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    kind: String,
    office: String,
    suspended_at: Option<Timestamp>,
    closed_on: Option<Day>,
    mail: String,
    given_name: String,
    surname: String,
    organism_name: String,
    time_zone: String,
    state: State,
    due_on: Day,
}

/// Sends the mails that are due; gives how many left.
pub async fn send_due(app: &App) -> Result<u32, Refused> {
    let mut reader = app.read(&app.job("trace_requests", None)).await?;
    let waiting: Vec<Notice> = reader
        .unbounded(
            "SELECT n.id, n.organism_id, n.account_id, a.partner_id, n.kind, a.office, a.suspended_at, \
             q.closed_on, a.mail, a.given_name, a.surname, \
             o.name AS organism_name, o.time_zone, q.state, q.due_on FROM trace_request_notice n \
             JOIN account a ON a.id = n.account_id JOIN organism o ON o.id = n.organism_id \
             JOIN trace_request q ON q.id = n.request_id \
             WHERE n.state = 'waiting' AND n.not_before <= $1 ORDER BY n.not_before, n.id LIMIT $2",
        )
        .bind(app.now())
        .bind(AT_ONCE)
        .fetch_all()
        .await?;
    drop(reader);
    let mut sent = 0;
    for notice in waiting {
        match send(app, &notice).await? {
            Outcome::Sent => sent += 1,
            Outcome::NotTaken | Outcome::Failed { server: false } => {}
            // The next ones would each wait for the same silence, and wear their attempts out.
            Outcome::Failed { server: true } => break,
        }
    }
    Ok(sent)
}

/// What is to be told now to whom it was to be told when it was queued; nothing when it is no matter of his any more.
fn about(notice: &Notice) -> Option<About> {
    let auditor = notice.office == Office::OrganismAuditor.code();
    let about = match (notice.kind.as_str(), notice.state) {
        ("closed", _) => Some(About::Closed),
        _ if notice.closed_on.is_some() => None,
        (_, State::Asked) => (!auditor).then_some(About::ToPassOn),
        _ => auditor.then_some(About::ToAnswer),
    };
    about.filter(|_| notice.suspended_at.is_none())
}

/// Leaves a mail in its next state, with what became of it.
async fn settle(
    app: &App,
    notice: &Notice,
    (state, not_before): (&'static str, Timestamp),
    fact: Fact,
) -> Result<(), Refused> {
    let job = app.job("trace_requests", Some(notice.organism_id));
    let mut tx = app.write(&job).await?.permit(Permission::SendMail, Scope::Organism(notice.organism_id))?;
    tx.write("UPDATE trace_request_notice SET state = $2, not_before = $3 WHERE id = $1")
        .bind(notice.id)
        .bind(state)
        .bind(not_before)
        .execute()
        .await?;
    let _receipt = tx.commit([fact]).await?;
    Ok(())
}

async fn send(app: &App, notice: &Notice) -> Result<Outcome, Refused> {
    let now = app.now();
    let Some(attempts) = app.db().take_trace_notice(notice.id, now, now.plus(HELD)).await? else {
        return Ok(Outcome::NotTaken);
    };
    let attempts = u32::try_from(attempts).unwrap_or(0);
    let (account, partner) = (notice.account_id, notice.partner_id);
    let Some(about) = about(notice) else {
        settle(app, notice, ("failed", now), Fact::MailFailed { account, partner, attempts }).await?;
        return Ok(Outcome::NotTaken);
    };
    let today = Zone::parse(&notice.time_zone).unwrap_or_default().day(app.now());
    let sign_in = format!("{}{Home}", app.public_url());
    let mail = TraceRequestMail {
        about,
        organism: &notice.organism_name,
        due_on: notice.due_on,
        late: is_late(notice.due_on, today),
        sign_in: &sign_in,
    };
    let name = format!("{} {}", notice.given_name, notice.surname);
    let letter = mail
        .to(Recipient { name, address: notice.mail.clone() })
        .map_err(|error| DbError::Defect(error.to_string()))?;
    match app.mailer().send(letter).await {
        Ok(()) => {
            settle(app, notice, ("sent", app.now()), Fact::MailSent { account, partner }).await?;
            Ok(Outcome::Sent)
        }
        Err(error) => {
            tracing::warn!(mail = %notice.id, %error, attempts, "mail not handed over");
            let wait = wait_after(attempts).filter(|_| !error.is_permanent());
            let state = if wait.is_some() { "waiting" } else { "failed" };
            let next = (state, app.now().plus(wait.unwrap_or_default()));
            settle(app, notice, next, Fact::MailFailed { account, partner, attempts }).await?;
            Ok(Outcome::Failed { server: error.is_of_the_server() })
        }
    }
}
