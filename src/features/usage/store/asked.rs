//! Requests for justification, and who may be sent one.

use crate::db::{DbError, FromRow, Selects, WriteTx};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, JustificationId, OrganismId, SignalId};
use crate::domain::time::Timestamp;

use super::Line;

/// A request, with the names of those that it concerns.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::usage) struct Request {
    pub(in crate::features::usage) account_id: AccountId,
    pub(in crate::features::usage) signal_id: SignalId,
    pub(in crate::features::usage) person: String,
    pub(in crate::features::usage) identifier: String,
    pub(in crate::features::usage) day: Day,
    pub(in crate::features::usage) question: String,
    pub(in crate::features::usage) due_on: Day,
    pub(in crate::features::usage) asked_at: Timestamp,
    pub(in crate::features::usage) answer: Option<String>,
    pub(in crate::features::usage) answered_by: Option<String>,
    pub(in crate::features::usage) answered_at: Option<Timestamp>,
}

macro_rules! asked {
    ($rest:literal) => {
        concat!(
            "SELECT j.account_id, j.signal_id, a.given_name || ' ' || a.surname AS person, a.identifier, j.day, \
             j.question, j.due_on, j.asked_at, j.answer, \
             (SELECT b.given_name || ' ' || b.surname FROM account b WHERE b.id = j.answered_by) AS answered_by, \
             j.answered_at FROM justification j JOIN account a ON a.id = j.account_id \
             WHERE j.organism_id = $1 AND ($2 IS NULL OR j.partner_id = $2) ",
            $rest
        )
    };
}

/// One request. Nobody answers for himself: of his own case, `me` finds nothing.
pub(in crate::features::usage) async fn one(
    rows: &mut impl Selects,
    id: JustificationId,
    me: AccountId,
) -> Result<Option<Request>, DbError> {
    rows.select(asked!("AND j.id = $3 AND j.account_id <> $4")).bind(id).bind(me).fetch_optional().await
}

/// What was asked about a signal.
pub(in crate::features::usage) async fn about(
    rows: &mut impl Selects,
    signal: SignalId,
) -> Result<Option<Request>, DbError> {
    rows.select(asked!("AND j.signal_id = $3")).bind(signal).fetch_optional().await
}

/// Whether somebody at the partner's can answer for that person: who administers it, and is not the person.
pub(in crate::features::usage) async fn somebody_answers(
    rows: &mut impl Selects,
    line: &Line,
) -> Result<bool, DbError> {
    let row: Option<(AccountId,)> = rows
        .select(
            "SELECT id FROM account WHERE organism_id = $1 AND ($2 IS NULL OR partner_id = $2) AND partner_id = $3 \
             AND office IN ('principal', 'deputy') AND suspended_at IS NULL AND id <> $4 LIMIT 1",
        )
        .bind(line.partner_id)
        .bind(line.account_id)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// A request about to be written.
pub(in crate::features::usage) struct NewAsked<'a> {
    pub(in crate::features::usage) id: JustificationId,
    pub(in crate::features::usage) organism: OrganismId,
    pub(in crate::features::usage) about: &'a Line,
    pub(in crate::features::usage) question: &'a str,
    pub(in crate::features::usage) due_on: Day,
    pub(in crate::features::usage) by: AccountId,
}

/// Sends it.
pub(in crate::features::usage) async fn ask(tx: &mut WriteTx, new: &NewAsked<'_>) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO justification (id, organism_id, partner_id, account_id, signal_id, day, question, due_on, \
         asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(new.id)
    .bind(new.organism)
    .bind(new.about.partner_id)
    .bind(new.about.account_id)
    .bind(new.about.id)
    .bind(new.about.day)
    .bind(new.question.to_owned())
    .bind(new.due_on)
    .bind(new.by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Answers it, once: `false` when somebody did meanwhile.
pub(in crate::features::usage) async fn answer(
    tx: &mut WriteTx,
    id: JustificationId,
    by: AccountId,
    answer: &str,
) -> Result<bool, DbError> {
    let now = tx.now();
    let answered = tx
        .write(
            "UPDATE justification SET answer = $2, answered_by = $3, answered_at = $4 \
             WHERE id = $1 AND answered_at IS NULL",
        )
        .bind(id)
        .bind(answer.to_owned())
        .bind(by)
        .bind(now)
        .execute()
        .await?;
    Ok(answered == 1)
}
