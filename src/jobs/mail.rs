//! Sending what waits in the outbox. A secret is made here, at the moment its mail leaves, and nothing keeps it but
//! its hash: sending again makes a new one.

use time::Duration;

use crate::app::App;
use crate::db::{DbError, FromRow, Refused, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::day::Zone;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, MailId, OrganismId, PartnerId};
use crate::domain::outbox::wait_after;
use crate::domain::secrets;
use crate::domain::time::Timestamp;
use crate::mail::Recipient;
use crate::mail::invitation::Invitation;
use crate::web::paths::Home;

/// How long one attempt may last: a node that dies meanwhile leaves the mail to another.
const HELD: Duration = Duration::minutes(5);
/// Mails in one look.
const AT_ONCE: i64 = 20;

#[derive(Clone, Debug, FromRow)]
struct Waiting {
    id: MailId,
    organism_id: OrganismId,
}

#[derive(Clone, Debug, FromRow)]
struct Addressee {
    account_id: AccountId,
    partner_id: Option<PartnerId>,
    mail: String,
    given_name: String,
    surname: String,
    organism_name: String,
    partner_name: Option<String>,
    time_zone: String,
}

/// Sends what is due; gives how many mails left.
pub async fn send_due(app: &App) -> Result<u32, Refused> {
    let job = app.job("mail", None);
    let mut reader = app.read(&job).await?;
    let waiting: Vec<Waiting> = reader
        .unbounded(
            "SELECT id, organism_id FROM outbox WHERE state IN ('waiting', 'sending') AND not_before <= $1 \
             ORDER BY not_before, id LIMIT $2",
        )
        .bind(app.now())
        .bind(AT_ONCE)
        .fetch_all()
        .await?;
    drop(reader);
    let mut sent = 0;
    for mail in waiting {
        match send(app, &mail).await? {
            Outcome::Sent => sent += 1,
            Outcome::NotTaken | Outcome::Failed { server: false } => {}
            // The next ones would each wait for the same silence, and wear their attempts out.
            Outcome::Failed { server: true } => break,
        }
    }
    Ok(sent)
}

/// What became of one mail, of whichever queue.
pub(super) enum Outcome {
    Sent,
    /// Another node took it, or there is nothing to say in it.
    NotTaken,
    Failed {
        /// It is the server that could not be spoken to.
        server: bool,
    },
}

async fn send(app: &App, mail: &Waiting) -> Result<Outcome, Refused> {
    let secret = app.kit().entropy.printed(secrets::LENGTH);
    let hash = app
        .passwords()
        .hash(secret.clone())
        .await
        .map_err(|error| DbError::Unavailable(error.to_string()))?;
    let Some((attempts, to, expires_at)) = issue(app, mail, &hash).await? else {
        return Ok(Outcome::NotTaken);
    };
    let zone = Zone::parse(&to.time_zone).unwrap_or_default();
    let sign_in = format!("{}{Home}", app.public_url());
    let invitation = Invitation {
        organism: &to.organism_name,
        acting_for: to.partner_name.as_deref(),
        secret: &secret,
        valid_until: zone.local(expires_at),
        sign_in: &sign_in,
    };
    let recipient = Recipient { name: format!("{} {}", to.given_name, to.surname), address: to.mail.clone() };
    let letter = invitation.to(recipient).map_err(|error| DbError::Defect(error.to_string()))?;
    let outcome = app.mailer().send(letter).await;
    let (account, partner) = (to.account_id, to.partner_id);
    let mut tx = app
        .write(&app.job("mail", Some(mail.organism_id)))
        .await?
        .permit(Permission::SendMail, Scope::Organism(mail.organism_id))?;
    let now = tx.now();
    match outcome {
        Ok(()) => {
            close(&mut tx, mail.id, "sent", now).await?;
            let _receipt = tx.commit([Fact::MailSent { account, partner }]).await?;
            Ok(Outcome::Sent)
        }
        Err(error) => {
            tracing::warn!(mail = %mail.id, %error, attempts, "mail not handed over");
            let attempts = u32::try_from(attempts).unwrap_or(0);
            match wait_after(attempts).filter(|_| !error.is_permanent()) {
                Some(wait) => close(&mut tx, mail.id, "waiting", now.plus(wait)).await?,
                None => close(&mut tx, mail.id, "failed", now).await?,
            }
            take_back(&mut tx, account, hash).await?;
            let _receipt = tx.commit([Fact::MailFailed { account, partner, attempts }]).await?;
            Ok(Outcome::Failed { server: error.is_of_the_server() })
        }
    }
}

/// Takes the mail and puts the hash of a new secret in place of the old one. Nothing when another node took it.
async fn issue(
    app: &App,
    mail: &Waiting,
    hash: &str,
) -> Result<Option<(i32, Addressee, Timestamp)>, Refused> {
    let mut tx = app
        .write(&app.job("mail", Some(mail.organism_id)))
        .await?
        .permit(Permission::SendMail, Scope::Organism(mail.organism_id))?;
    let now = tx.now();
    let taken: Option<(i32,)> = tx
        .write(
            "UPDATE outbox SET state = 'sending', attempts = attempts + 1, not_before = $2 \
             WHERE id = $1 AND state IN ('waiting', 'sending') AND not_before <= $3 RETURNING attempts",
        )
        .bind(mail.id)
        .bind(now.plus(HELD))
        .bind(now)
        .fetch_optional()
        .await?;
    let Some((attempts,)) = taken else { return Ok(None) };
    let expires_at = now.plus(secrets::BY_MAIL);
    let to: Addressee = {
        let found: Option<Addressee> = tx
            .write(
                "SELECT a.id AS account_id, a.partner_id, a.mail, a.given_name, a.surname, o.name AS organism_name, \
                 p.legal_name AS partner_name, o.time_zone FROM outbox b JOIN account a ON a.id = b.account_id \
                 JOIN organism o ON o.id = a.organism_id LEFT JOIN partner p ON p.id = a.partner_id WHERE b.id = $1",
            )
            .bind(mail.id)
            .fetch_optional()
            .await?;
        found.ok_or_else(|| DbError::Defect("a mail to nobody".to_owned()))?
    };
    tx.write(
        "UPDATE account SET secret_hash = $2, secret_expires_at = $3 WHERE id = $1 AND password_hash IS NULL",
    )
    .bind(to.account_id)
    .bind(hash.to_owned())
    .bind(expires_at)
    .execute()
    .await?;
    let (account, partner) = (to.account_id, to.partner_id);
    let _receipt = tx.commit([Fact::SecretIssued { account, partner }]).await?;
    Ok(Some((attempts, to, expires_at)))
}

/// Leaves the mail in its next state, to be looked at from then on.
async fn close(
    tx: &mut WriteTx,
    mail: MailId,
    state: &'static str,
    not_before: Timestamp,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "UPDATE outbox SET state = $2, sent_at = CASE WHEN $2 = 'sent' THEN $3 ELSE sent_at END, not_before = $4 \
         WHERE id = $1",
    )
    .bind(mail)
    .bind(state)
    .bind(now)
    .bind(not_before)
    .execute()
    .await?;
    Ok(())
}

/// A code that did not leave opens nothing, and no page says that it waits for its person. One that came meanwhile by
/// another way stays.
async fn take_back(tx: &mut WriteTx, account: AccountId, hash: String) -> Result<(), DbError> {
    tx.write(
        "UPDATE account SET secret_hash = NULL, secret_expires_at = NULL WHERE id = $1 AND secret_hash = $2",
    )
    .bind(account)
    .bind(hash)
    .execute()
    .await?;
    Ok(())
}
