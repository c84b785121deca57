//! The other rows of reading traces: one trace in full, what the filters offer, the searches that people keep.

use crate::db::{DbError, FromRow, Reader, Selects, WriteTx, offered, words};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, CorrelationId, GroupId, PartnerId, RoleId, TraceId, TraceSearchId};
use crate::domain::time::Timestamp;
use crate::domain::trace::month_of;

/// One trace.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Whole {
    pub(super) id: TraceId,
    pub(super) at: Timestamp,
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) body: String,
    pub(super) keep_until: Day,
    pub(super) session_hash: Option<Vec<u8>>,
    pub(super) file_hash: Option<Vec<u8>>,
    pub(super) correlation: Option<CorrelationId>,
    pub(super) partner_name: Option<String>,
    pub(super) subject_name: Option<String>,
    pub(super) subject_identifier: Option<String>,
}

/// One trace, if the actor may read it.
pub(super) async fn whole(reader: &mut Reader, id: TraceId, today: Day) -> Result<Option<Whole>, DbError> {
    let of_a_partner = reader.visible().partner().is_some();
    let whole: Option<Whole> = reader
        .select(
            "SELECT t.id, t.at, t.fact, t.outcome, t.body, t.keep_until, t.session_hash, t.file_hash, t.correlation, \
             (SELECT p.legal_name FROM partner p WHERE p.id = t.partner_id) AS partner_name, \
             (SELECT s.given_name || ' ' || s.surname FROM account s WHERE s.id = t.subject_id) AS subject_name, \
             (SELECT s.identifier FROM account s WHERE s.id = t.subject_id) AS subject_identifier \
             FROM trace t WHERE t.organism_id = $1 \
             AND ($2 IS NULL OR (t.partner_id = $2 AND t.audience = 'partner')) AND t.month = $3 AND t.id = $4",
        )
        .bind(month_of(id))
        .bind(id)
        .fetch_optional()
        .await?;
    // What an investigation keeps beyond its day is the organism's alone.
    Ok(whole.filter(|whole| !of_a_partner || whole.keep_until > today))
}

/// The name of a role that a body names by its code or by its id.
pub(super) async fn role_name(
    reader: &mut Reader,
    service: &str,
    role: &str,
) -> Result<Option<String>, DbError> {
    let row: Option<(String,)> = reader
        .unbounded(
            "SELECT r.name FROM service_role r JOIN service s ON s.id = r.service_id \
             WHERE s.code = $1 AND (r.code = $2 OR r.id = $3)",
        )
        .bind(service.to_owned())
        .bind(role.to_owned())
        .bind(role.parse::<RoleId>().ok())
        .fetch_optional()
        .await?;
    Ok(row.map(|(name,)| name))
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

/// What the filters offer to one reader.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    /// Partners, for who reads those of several.
    pub(super) partners: Vec<(PartnerId, String)>,
    /// Services, by their codes.
    pub(super) services: Vec<(String, String)>,
    /// Missions that memberships name.
    pub(super) missions: Vec<String>,
    /// Groups, with the partner of each.
    pub(super) groups: Vec<(GroupId, String, String)>,
}

/// Reads them.
pub(super) async fn offered(reader: &mut Reader) -> Result<Offered, DbError> {
    let partners = offered::partners(reader).await?;
    let services = offered::services(reader).await?.into_iter().map(|one| (one.code, one.name)).collect();
    let missions: Vec<(String,)> = reader
        .select(
            "SELECT DISTINCT i.label FROM membership_mission i JOIN membership m ON m.id = i.membership_id \
             WHERE m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2) ORDER BY i.label LIMIT 300",
        )
        .fetch_all()
        .await?;
    let groups = reader
        .select(
            "SELECT g.id, g.name, p.legal_name FROM partner_group g JOIN partner p ON p.id = g.partner_id \
             WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) \
             ORDER BY p.name_key, g.name_key, g.id LIMIT 500",
        )
        .fetch_all()
        .await?;
    Ok(Offered { partners, services, missions: missions.into_iter().map(|(label,)| label).collect(), groups })
}

/// A search that somebody keeps.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Kept {
    pub(super) id: TraceSearchId,
    pub(super) name: String,
    pub(super) query: String,
}

/// Those of the actor, by name.
pub(super) async fn kept(from: &mut impl Selects, account: AccountId) -> Result<Vec<Kept>, DbError> {
    from.select(
        "SELECT id, name, query FROM trace_search WHERE organism_id = $1 AND ($2 IS NULL OR partner_id = $2) \
         AND account_id = $3 ORDER BY name, id LIMIT 100",
    )
    .bind(account)
    .fetch_all()
    .await
}

/// Keeps one.
pub(super) async fn keep(
    tx: &mut WriteTx,
    id: TraceSearchId,
    account: AccountId,
    (name, query): (&str, &str),
) -> Result<(), DbError> {
    let (now, visible) = (tx.now(), tx.actor().sees());
    tx.write(
        "INSERT INTO trace_search (id, organism_id, partner_id, account_id, name, query, kept_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(id)
    .bind(visible.organism())
    .bind(visible.partner())
    .bind(account)
    .bind(name.to_owned())
    .bind(query.to_owned())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Erases one of the actor's.
pub(super) async fn erase(
    tx: &mut WriteTx,
    id: TraceSearchId,
    account: AccountId,
) -> Result<Option<String>, DbError> {
    let row: Option<(String,)> = tx
        .select(
            "DELETE FROM trace_search WHERE organism_id = $1 AND ($2 IS NULL OR partner_id = $2) \
             AND account_id = $3 AND id = $4 RETURNING name",
        )
        .bind(account)
        .bind(id)
        .fetch_optional()
        .await?;
    Ok(row.map(|(name,)| name))
}
