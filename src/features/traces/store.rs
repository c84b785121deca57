//! The rows of reading traces. Two texts, because each walks its own index: the organism's, or the partner's.

use crate::db::{DbError, FromRow, Reader, words};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, PartnerId, TraceId};
use crate::domain::time::Timestamp;

/// What to look for. A search always has a period.
#[derive(Clone, Debug)]
pub(super) struct Search {
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) person: Option<AccountId>,
    /// First letters of the facts' codes.
    pub(super) family: Option<&'static str>,
    pub(super) refused: bool,
    pub(super) partner: Option<PartnerId>,
    /// What is past its day by then is not a partner's to read, though something still holds it.
    pub(super) today: Day,
    /// Only what comes before this trace.
    pub(super) before: Option<(Timestamp, TraceId)>,
}

/// A trace as a list shows it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) id: TraceId,
    pub(super) at: Timestamp,
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) body: String,
    pub(super) partner_name: Option<String>,
    pub(super) subject_name: Option<String>,
    pub(super) subject_given_name: Option<String>,
}

/// Traces on one page.
pub(super) const PAGE: usize = 50;

pub(super) async fn find(reader: &mut Reader, search: &Search) -> Result<Vec<Row>, DbError> {
    let for_partner = reader.visible().partner().is_some();
    let statement = if for_partner {
        reader.select(
            "SELECT t.id, t.at, t.fact, t.outcome, t.body, p.legal_name AS partner_name, \
             s.surname AS subject_name, s.given_name AS subject_given_name \
             FROM trace t JOIN partner p ON p.id = t.partner_id LEFT JOIN account s ON s.id = t.subject_id \
             WHERE t.organism_id = $1 AND t.partner_id = $2 AND t.audience = 'partner' \
             AND t.keep_until > $12 \
             AND t.at >= $3 AND t.at < $4 AND ($5 IS NULL OR t.actor_id = $5) \
             AND ($6 IS NULL OR (t.fact >= $6 AND t.fact < $7)) AND ($8 IS NULL OR t.outcome = $8) \
             AND ($9 IS NULL OR t.partner_id = $9) AND (t.at, t.id) < ($10, $11) \
             ORDER BY t.at DESC, t.id DESC LIMIT 51",
        )
    } else {
        reader.select(
            "SELECT t.id, t.at, t.fact, t.outcome, t.body, p.legal_name AS partner_name, \
             s.surname AS subject_name, s.given_name AS subject_given_name \
             FROM trace t LEFT JOIN partner p ON p.id = t.partner_id LEFT JOIN account s ON s.id = t.subject_id \
             WHERE t.organism_id = $1 AND $2 IS NULL \
             AND t.at >= $3 AND t.at < $4 AND ($5 IS NULL OR t.actor_id = $5) \
             AND ($6 IS NULL OR (t.fact >= $6 AND t.fact < $7)) AND ($8 IS NULL OR t.outcome = $8) \
             AND ($9 IS NULL OR t.partner_id = $9) AND (t.at, t.id) < ($10, $11) \
             ORDER BY t.at DESC, t.id DESC LIMIT 51",
        )
    };
    let (before, before_id) =
        search.before.unwrap_or((search.to, crate::domain::id::RowId::from_uuid(uuid::Uuid::nil())));
    let statement = statement
        .bind(search.from)
        .bind(search.to)
        .bind(search.person)
        .bind(search.family.map(str::to_owned))
        .bind(search.family.map(|family| format!("{family}\u{7f}")))
        .bind(search.refused.then(|| "refused".to_owned()))
        .bind(search.partner)
        .bind(before)
        .bind(before_id);
    let statement = if for_partner { statement.bind(search.today) } else { statement };
    statement.fetch_all().await
}

/// Somebody whom a search names.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Person {
    pub(super) id: AccountId,
    pub(super) identifier: String,
    pub(super) surname: String,
    pub(super) given_name: String,
}

/// The people whom an identifier or the beginnings of names designate, at most ten.
pub(super) async fn people(reader: &mut Reader, typed: &str) -> Result<Vec<Person>, DbError> {
    let [(first, first_end), (second, second_end), _] = words::beginnings(typed);
    reader
        .select(
            "SELECT a.id, a.identifier, a.surname, a.given_name FROM account a \
             WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) \
             AND (a.identifier = $3 OR ($4 IS NOT NULL \
             AND EXISTS (SELECT 1 FROM search_word w WHERE w.kind = 'account' AND w.id = a.id \
             AND w.word >= $4 AND w.word < $5) \
             AND ($6 IS NULL OR EXISTS (SELECT 1 FROM search_word w WHERE w.kind = 'account' AND w.id = a.id \
             AND w.word >= $6 AND w.word < $7)))) \
             ORDER BY a.name_key, a.id LIMIT 10",
        )
        .bind(typed.trim().to_uppercase())
        .bind(first)
        .bind(first_end)
        .bind(second)
        .bind(second_end)
        .fetch_all()
        .await
}

/// Partners of the organism, for its auditor's filter.
pub(super) async fn partners(reader: &mut Reader) -> Result<Vec<(PartnerId, String)>, DbError> {
    reader
        .select(
            "SELECT id, legal_name FROM partner WHERE organism_id = $1 AND ($2 IS NULL OR id = $2) \
             ORDER BY name_key, id LIMIT 500",
        )
        .fetch_all()
        .await
}
