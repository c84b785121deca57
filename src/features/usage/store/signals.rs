//! Signals: the queue, one of them with its evidence, and what is decided.

use crate::db::{DbError, FromRow, Reader, Selects, WriteTx};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, PartnerId, SignalId, TraceId};
use crate::domain::time::Timestamp;
use crate::web::paging::{At, Page, READ};

/// How a signal stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::features::usage) enum State {
    Open,
    Asked,
    Answered,
    Closed,
}

impl State {
    fn parse(code: &str) -> Self {
        match code {
            "asked" => Self::Asked,
            "answered" => Self::Answered,
            "closed" => Self::Closed,
            _ => Self::Open,
        }
    }
}

/// A signal, with the names of those that it concerns.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::usage) struct Line {
    pub(in crate::features::usage) id: SignalId,
    pub(in crate::features::usage) account_id: AccountId,
    pub(in crate::features::usage) partner_id: PartnerId,
    pub(in crate::features::usage) person: String,
    pub(in crate::features::usage) identifier: String,
    pub(in crate::features::usage) partner: String,
    pub(in crate::features::usage) suspended_at: Option<Timestamp>,
    pub(in crate::features::usage) service: String,
    pub(in crate::features::usage) rule: String,
    pub(in crate::features::usage) day: Day,
    pub(in crate::features::usage) figure: i64,
    pub(in crate::features::usage) threshold: i64,
    pub(in crate::features::usage) usual: Option<i64>,
    pub(in crate::features::usage) peers: Option<i64>,
    /// From where the partner's people were expected, when they came from elsewhere.
    pub(in crate::features::usage) declared: Option<String>,
    pub(in crate::features::usage) raised_at: Timestamp,
    pub(in crate::features::usage) keep_until: Day,
    /// The last look-up that makes it.
    pub(in crate::features::usage) last_at: Option<Timestamp>,
    state: String,
    pub(in crate::features::usage) decision: Option<String>,
    pub(in crate::features::usage) reason: Option<String>,
    pub(in crate::features::usage) decided_by: Option<String>,
    pub(in crate::features::usage) decided_at: Option<Timestamp>,
}

impl Line {
    /// What it told when it was read, as a form keeps it.
    pub(in crate::features::usage) fn seen(&self) -> String {
        self.last_at.map(|at| at.micros().to_string()).unwrap_or_default()
    }

    /// How it stands.
    pub(in crate::features::usage) fn state(&self) -> State {
        State::parse(&self.state)
    }

    /// One that says this much, for the tests of words.
    #[cfg(test)]
    pub(in crate::features::usage) fn of(
        rule: &str,
        (figure, threshold): (i64, i64),
        (usual, peers): (Option<i64>, Option<i64>),
    ) -> Self {
        use crate::domain::id::RowId as _;
        let id = uuid::Uuid::nil();
        let (rule, day) = (rule.to_owned(), Day::of(time::macros::date!(2026 - 11 - 23)));
        let at = Timestamp::new(time::macros::datetime!(2026-11-23 09:00 UTC));
        Self {
            id: SignalId::from_uuid(id),
            account_id: AccountId::from_uuid(id),
            partner_id: PartnerId::from_uuid(id),
            person: String::new(),
            identifier: String::new(),
            partner: String::new(),
            suspended_at: None,
            service: String::new(),
            rule,
            day,
            figure,
            threshold,
            usual,
            peers,
            declared: None,
            raised_at: at,
            keep_until: day,
            last_at: None,
            state: "open".to_owned(),
            decision: None,
            reason: None,
            decided_by: None,
            decided_at: None,
        }
    }
}

/// What the queue is asked to keep.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::features::usage) struct Filter {
    /// One of these two states.
    pub(in crate::features::usage) states: Option<(&'static str, &'static str)>,
    /// One rule.
    pub(in crate::features::usage) rule: Option<&'static str>,
    /// One partner.
    pub(in crate::features::usage) partner: Option<PartnerId>,
}

macro_rules! lines {
    () => {
        "SELECT g.id, g.account_id, g.partner_id, a.given_name || ' ' || a.surname AS person, a.identifier, \
         p.legal_name AS partner, a.suspended_at, s.name AS service, g.rule, g.day, g.figure, g.threshold, g.usual, \
         g.peers, g.declared, g.raised_at, g.keep_until, g.last_at, g.state, g.decision, g.reason, \
         (SELECT d.given_name || ' ' || d.surname FROM account d WHERE d.id = g.decided_by) AS decided_by, \
         g.decided_at FROM use_signal g JOIN account a ON a.id = g.account_id JOIN partner p ON p.id = g.partner_id \
         JOIN service s ON s.code = g.service WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) "
    };
}

/// What the filter keeps: $3 and $4 states, $5 rule, $6 partner.
macro_rules! kept {
    () => {
        "AND ($3 IS NULL OR g.state = $3 OR g.state = $4) AND ($5 IS NULL OR g.rule = $5) \
         AND ($6 IS NULL OR g.partner_id = $6) "
    };
}

const COUNT: &str = concat!(
    "SELECT CAST(count(*) AS BIGINT) FROM use_signal g WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) ",
    kept!()
);
const FORWARD: &str = concat!(
    lines!(),
    kept!(),
    "AND ($7 IS NULL OR (g.raised_at, g.id) < (SELECT c.raised_at, c.id FROM use_signal c \
     WHERE c.id = $7 AND c.organism_id = $1)) ORDER BY g.raised_at DESC, g.id DESC LIMIT $8"
);
const BACKWARD: &str = concat!(
    lines!(),
    kept!(),
    "AND (g.raised_at, g.id) > (SELECT c.raised_at, c.id FROM use_signal c \
     WHERE c.id = $7 AND c.organism_id = $1) ORDER BY g.raised_at, g.id LIMIT $8"
);
const ONE: &str = concat!(lines!(), "AND g.id = $3");

/// How many signals the filter keeps.
pub(in crate::features::usage) async fn count(reader: &mut Reader, filter: Filter) -> Result<i64, DbError> {
    let (first, second) = filter.states.unzip();
    reader.select(COUNT).bind(first).bind(second).bind(filter.rule).bind(filter.partner).fetch_value().await
}

/// One page of them, newest first.
pub(in crate::features::usage) async fn page(
    reader: &mut Reader,
    filter: Filter,
    at: At<SignalId>,
) -> Result<Page<Line>, DbError> {
    let (cursor, upwards) = at.beside();
    let (first, second) = filter.states.unzip();
    let statement = if upwards { reader.select(BACKWARD) } else { reader.select(FORWARD) };
    let lines = statement
        .bind(first)
        .bind(second)
        .bind(filter.rule)
        .bind(filter.partner)
        .bind(cursor)
        .bind(READ)
        .fetch_all()
        .await?;
    Ok(Page::cut(&at, lines))
}

/// One of them.
pub(in crate::features::usage) async fn one(
    rows: &mut impl Selects,
    id: SignalId,
) -> Result<Option<Line>, DbError> {
    rows.select(ONE).bind(id).fetch_optional().await
}

/// A trace that makes a signal, as long as it is there.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::usage) struct Evidence {
    pub(in crate::features::usage) id: TraceId,
    pub(in crate::features::usage) at: Timestamp,
    pub(in crate::features::usage) source: Option<String>,
    pub(in crate::features::usage) body: String,
}

/// The traces of a signal, oldest first.
pub(in crate::features::usage) async fn evidence(
    reader: &mut Reader,
    id: SignalId,
) -> Result<Vec<Evidence>, DbError> {
    reader
        .select(
            "SELECT t.id, t.at, t.source, t.body FROM use_evidence e \
             JOIN use_signal g ON g.id = e.signal_id JOIN trace t ON t.month = e.month AND t.id = e.trace_id \
             WHERE e.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.id = $3 AND t.organism_id = $1 \
             ORDER BY e.month, e.trace_id LIMIT 100",
        )
        .bind(id)
        .fetch_all()
        .await
}

/// Partners of the organism, for the filter.
pub(in crate::features::usage) async fn partners(
    reader: &mut Reader,
) -> Result<Vec<(PartnerId, String)>, DbError> {
    reader
        .select(
            "SELECT p.id, p.legal_name FROM partner p WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) \
             AND EXISTS (SELECT 1 FROM use_signal g WHERE g.partner_id = p.id) ORDER BY p.name_key, p.id LIMIT 500",
        )
        .fetch_all()
        .await
}

/// What is decided on a signal.
pub(in crate::features::usage) struct Verdict<'a> {
    pub(in crate::features::usage) decision: &'static str,
    pub(in crate::features::usage) reason: &'a str,
    pub(in crate::features::usage) by: AccountId,
}

/// Decides, once: `false` when somebody did meanwhile, or when other look-ups came. What the signal tells is judged, up to
/// its last look-up.
pub(in crate::features::usage) async fn close(
    tx: &mut WriteTx,
    line: &Line,
    verdict: &Verdict<'_>,
) -> Result<bool, DbError> {
    let now = tx.now();
    let closed = tx
        .write(
            "UPDATE use_signal SET state = 'closed', decision = $2, reason = $3, decided_by = $4, decided_at = $5 \
             WHERE id = $1 AND decision IS NULL AND (last_at = $6 OR ($6 IS NULL AND last_at IS NULL))",
        )
        .bind(line.id)
        .bind(verdict.decision)
        .bind(verdict.reason.to_owned())
        .bind(verdict.by)
        .bind(now)
        .bind(line.last_at)
        .execute()
        .await?;
    Ok(closed == 1)
}

/// Says that a justification is awaited; `false` when something else was decided meanwhile.
pub(in crate::features::usage) async fn await_answer(
    tx: &mut WriteTx,
    id: SignalId,
) -> Result<bool, DbError> {
    let asked = tx
        .write("UPDATE use_signal SET state = 'asked' WHERE id = $1 AND state = 'open'")
        .bind(id)
        .execute()
        .await?;
    Ok(asked == 1)
}

/// Says that it was given.
pub(in crate::features::usage) async fn answered(tx: &mut WriteTx, id: SignalId) -> Result<(), DbError> {
    tx.write("UPDATE use_signal SET state = 'answered' WHERE id = $1 AND state = 'asked'")
        .bind(id)
        .execute()
        .await?;
    Ok(())
}
