//! The statement of a month: made on its first day for each principal and each auditor, once the month before is counted,
//! and sent until it left; what was sent is kept as it was. The key of its row makes it one a person and month, whatever restarts and whichever node is
//! first. It stands apart from the outbox, where a mail that waits is a code that its person awaits.

use std::time::Duration;

use tokio::sync::watch;

use super::mail::Outcome;
use crate::app::App;
use crate::db::{DbError, FromRow, Reader, Refused, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::{Day, Zone};
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, MailId, OrganismId, PartnerId, RowId as _};
use crate::domain::outbox::wait_after;
use crate::domain::statistics::{Matter, Shown};
use crate::domain::time::Timestamp;
use crate::mail::Recipient;
use crate::mail::statement::Statement;
use crate::web::paths::Home;

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_mins(1);
/// How long one attempt may last: a node that dies meanwhile leaves the mail to another.
const HELD: time::Duration = time::Duration::minutes(5);
/// Days of a month on which the statement of the month before is still made: later, it would be no news.
const DAYS: i64 = 7;
/// Statements made, and looked at, in one go.
const AT_ONCE: i64 = 200;
/// What stands for a figure that concerns too few people.
const WITHHELD: &str = "non montré";

/// Makes and sends until told to stop.
pub async fn run(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        if app.kit().ledger.suspended().is_none()
            && let Err(error) = make_and_send(&app).await
        {
            tracing::warn!(%error, "statements stopped short");
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => return,
        }
    }
}

/// One look: gives how many statements left.
pub async fn make_and_send(app: &App) -> Result<u32, Refused> {
    let mut reader = app.read(&app.job("statement", None)).await?;
    let organisms: Vec<(OrganismId, String)> =
        reader.unbounded("SELECT id, time_zone FROM organism ORDER BY id").fetch_all().await?;
    drop(reader);
    for (organism, zone) in organisms {
        let today = Zone::parse(&zone).unwrap_or_default().day(app.now());
        if today.days_since(today.first_of_month()) < DAYS {
            make(app, organism, today.month_before()).await?;
        }
    }
    send_due(app).await
}

/// Makes those of a month that nobody made yet, once it is counted to its end.
async fn make(app: &App, organism: OrganismId, month: Day) -> Result<(), Refused> {
    let last = month.plus_months(1).plus_days(-1);
    let counted = app.db().counted(organism).await?;
    if !counted.is_some_and(|(since, to)| since <= last && to.is_some_and(|to| to >= last)) {
        return Ok(());
    }
    let job = app.job("statement", Some(organism));
    let mut reader = app.read(&job).await?;
    let people: Vec<(AccountId, Option<PartnerId>)> = reader
        .unbounded(
            "SELECT a.id, a.partner_id FROM account a WHERE a.organism_id = $1 \
             AND a.office IN ('principal', 'organism_auditor') AND a.suspended_at IS NULL \
             AND a.password_hash IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM statement s WHERE s.account_id = a.id AND s.month = $2) \
             ORDER BY a.id LIMIT $3",
        )
        .bind(organism)
        .bind(month)
        .bind(AT_ONCE)
        .fetch_all()
        .await?;
    drop(reader);
    if people.is_empty() {
        return Ok(());
    }
    let mut tx = permitted(app, organism).await?;
    let mut made = 0;
    for (account, partner) in people {
        made += insert(&mut tx, (organism, partner, account), month).await?;
    }
    let _receipt = tx.commit([Fact::StatementsMade { month, rows: made }]).await?;
    Ok(())
}

async fn insert(
    tx: &mut WriteTx,
    (organism, partner, account): (OrganismId, Option<PartnerId>, AccountId),
    month: Day,
) -> Result<u64, DbError> {
    let (id, now): (MailId, Timestamp) = (tx.new_id(), tx.now());
    tx.write(
        "INSERT INTO statement (id, organism_id, partner_id, account_id, month, state, attempts, not_before, made_at) \
         VALUES ($1, $2, $3, $4, $5, 'waiting', 0, $6, $6) ON CONFLICT (account_id, month) DO NOTHING",
    )
    .bind(id)
    .bind(organism)
    .bind(partner)
    .bind(account)
    .bind(month)
    .bind(now)
    .execute()
    .await
}

async fn permitted(app: &App, organism: OrganismId) -> Result<WriteTx, Refused> {
    let job = app.job("statement", Some(organism));
    app.write(&job).await?.permit(Permission::SendMail, Scope::Organism(organism))
}

/// Sends what is due; gives how many left.
async fn send_due(app: &App) -> Result<u32, Refused> {
    let mut reader = app.read(&app.job("statement", None)).await?;
    let waiting: Vec<(MailId, OrganismId)> = reader
        .unbounded(
            "SELECT id, organism_id FROM statement WHERE state IN ('waiting', 'sending') AND not_before <= $1 \
             ORDER BY not_before, id LIMIT $2",
        )
        .bind(app.now())
        .bind(AT_ONCE)
        .fetch_all()
        .await?;
    drop(reader);
    let mut sent = 0;
    for (statement, organism) in waiting {
        match send(app, statement, organism).await? {
            Outcome::Sent => sent += 1,
            Outcome::NotTaken | Outcome::Failed { server: false } => {}
            // The next ones would each wait for the same silence, and wear their attempts out.
            Outcome::Failed { server: true } => break,
        }
    }
    Ok(sent)
}

/// A statement that this node took, and to whom it goes.
#[derive(Clone, Debug, FromRow)]
struct Taken {
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    month: Day,
    attempts: i32,
    checkpoint: Option<String>,
    mail: String,
    given_name: String,
    surname: String,
    organism_name: String,
    partner_name: Option<String>,
}

async fn send(app: &App, statement: MailId, organism: OrganismId) -> Result<Outcome, Refused> {
    let Some(last) = app.db().last_checkpoint().await? else { return Ok(Outcome::NotTaken) };
    let Some(taken) = take(app, statement, organism, &last.note).await? else { return Ok(Outcome::NotTaken) };
    let letter = letter(app, organism, &taken).await?;
    let text = letter.text.clone();
    let outcome = app.mailer().send(letter).await;
    let (account, partner) = (taken.account_id, taken.partner_id);
    let mut tx = permitted(app, organism).await?;
    let now = tx.now();
    match outcome {
        Ok(()) => {
            keep(&mut tx, statement, text).await?;
            let _receipt = tx.commit([Fact::MailSent { account, partner }]).await?;
            Ok(Outcome::Sent)
        }
        Err(error) => {
            let attempts = u32::try_from(taken.attempts).unwrap_or(0);
            tracing::warn!(mail = %statement, %error, attempts, "statement not handed over");
            match wait_after(attempts).filter(|_| !error.is_permanent()) {
                Some(wait) => close(&mut tx, statement, "waiting", now.plus(wait)).await?,
                None => close(&mut tx, statement, "failed", now).await?,
            }
            let _receipt = tx.commit([Fact::MailFailed { account, partner, attempts }]).await?;
            Ok(Outcome::Failed { server: error.is_of_the_server() })
        }
    }
}

/// Takes it, with the checkpoint of its first attempt. Nothing when another node took it.
async fn take(
    app: &App,
    statement: MailId,
    organism: OrganismId,
    note: &str,
) -> Result<Option<Taken>, Refused> {
    let mut tx = permitted(app, organism).await?;
    let now = tx.now();
    let row: Option<(AccountId, Option<PartnerId>, i32)> = tx
        .write(
            "UPDATE statement SET state = 'sending', attempts = attempts + 1, not_before = $2, \
             checkpoint = COALESCE(checkpoint, $4) \
             WHERE id = $1 AND state IN ('waiting', 'sending') AND not_before <= $3 \
             RETURNING account_id, partner_id, attempts",
        )
        .bind(statement)
        .bind(now.plus(HELD))
        .bind(now)
        .bind(note.to_owned())
        .fetch_optional()
        .await?;
    let Some((account, partner, attempts)) = row else { return Ok(None) };
    // Whoever lost the right to these figures since they were promised does not receive them.
    let taken: Option<Taken> = tx
        .write(
            "SELECT s.account_id, s.partner_id, s.month, s.attempts, s.checkpoint, a.mail, a.given_name, a.surname, \
             o.name AS organism_name, p.legal_name AS partner_name FROM statement s \
             JOIN account a ON a.id = s.account_id JOIN organism o ON o.id = s.organism_id \
             LEFT JOIN partner p ON p.id = s.partner_id WHERE s.id = $1 \
             AND a.office IN ('principal', 'organism_auditor') AND a.suspended_at IS NULL",
        )
        .bind(statement)
        .fetch_optional()
        .await?;
    let Some(taken) = taken else {
        close(&mut tx, statement, "failed", now).await?;
        let attempts = u32::try_from(attempts).unwrap_or(0);
        let _receipt = tx.commit([Fact::MailFailed { account, partner, attempts }]).await?;
        return Ok(None);
    };
    let fact =
        Fact::StatementIssued { account: taken.account_id, partner: taken.partner_id, month: taken.month };
    let _receipt = tx.commit([fact]).await?;
    Ok(Some(taken))
}

async fn letter(app: &App, organism: OrganismId, taken: &Taken) -> Result<crate::mail::Letter, Refused> {
    let mut reader = app.read(&app.job("statement", Some(organism))).await?;
    let files = figures(&mut reader, organism, taken, Matter::File).await?;
    let sign_ins = figures(&mut reader, organism, taken, Matter::SignIn).await?;
    drop(reader);
    let words = |figure: Option<u64>| figure.map_or_else(|| WITHHELD.to_owned(), |figure| figure.to_string());
    let refused = |shown: Option<Shown>| shown.and_then(|shown| shown.refused);
    let portal = format!("{}{Home}", app.public_url());
    let statement = Statement {
        organism: &taken.organism_name,
        structure: taken.partner_name.as_deref().unwrap_or(&taken.organism_name),
        month: taken.month,
        files_done: words(files.map(|shown| shown.done)),
        files_refused: words(refused(files)),
        sign_ins_done: words(sign_ins.map(|shown| shown.done)),
        sign_ins_refused: words(refused(sign_ins)),
        withholds: refused(files).is_none() || refused(sign_ins).is_none(),
        portal: &portal,
        note: taken.checkpoint.as_deref().unwrap_or_default(),
    };
    let name = format!("{} {}", taken.given_name, taken.surname);
    let recipient = Recipient { name, address: taken.mail.clone() };
    Ok(statement.to(recipient).map_err(|error| DbError::Defect(error.to_string()))?)
}

/// The figures of the month, as the addressee may be told them.
async fn figures(
    reader: &mut Reader,
    organism: OrganismId,
    taken: &Taken,
    matter: Matter,
) -> Result<Option<Shown>, DbError> {
    let body = taken.partner_id.map_or(organism.as_uuid(), PartnerId::as_uuid);
    let row: Option<(i64, i64, i64, String, String)> = reader
        .unbounded(
            "SELECT people, done, refused, told, refused_told FROM use_count WHERE organism_id = $1 AND body_id = $2 \
             AND span = 'month' AND starts_on = $3 AND matter = $4 AND service = '' AND role = ''",
        )
        .bind(organism)
        .bind(body)
        .bind(taken.month)
        .bind(matter.code())
        .fetch_optional()
        .await?;
    let Some((people, done, refused, told, refused_told)) = row else { return Ok(Some(Shown::NOTHING)) };
    Ok(Shown::kept((people, done, refused), (&told, &refused_told), taken.partner_id.is_some()))
}

/// Keeps what was sent, for its addressee to read again.
async fn keep(tx: &mut WriteTx, statement: MailId, text: String) -> Result<(), DbError> {
    let now = tx.now();
    tx.write("UPDATE statement SET state = 'sent', not_before = $2, sent_at = $2, body = $3 WHERE id = $1")
        .bind(statement)
        .bind(now)
        .bind(text)
        .execute()
        .await?;
    Ok(())
}

/// Leaves a statement that did not leave in its next state, to be looked at from then on.
async fn close(
    tx: &mut WriteTx,
    statement: MailId,
    state: &'static str,
    not_before: Timestamp,
) -> Result<(), DbError> {
    tx.write("UPDATE statement SET state = $2, not_before = $3 WHERE id = $1")
        .bind(statement)
        .bind(state)
        .bind(not_before)
        .execute()
        .await?;
    Ok(())
}
