//! The rows of circonscriptions.

use crate::db::{DbError, FromRow, Selects, WriteTx};
use crate::domain::circonscriptions::reach;
use crate::domain::id::{CirconscriptionId, OrganismId, PartnerId};
use crate::domain::territory::Perimeter;
use crate::domain::text::fold;

/// The partner of a page, and where its circonscriptions may be.
#[derive(Clone, Debug)]
pub(super) struct Territory {
    pub(super) partner: String,
    pub(super) within: Perimeter,
}

pub(super) async fn territory(
    from: &mut impl Selects,
    partner: PartnerId,
) -> Result<Option<Territory>, DbError> {
    let name: Option<(String,)> = from
        .select(
            "SELECT p.legal_name FROM partner p \
             WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)",
        )
        .bind(partner)
        .fetch_optional()
        .await?;
    let Some((name,)) = name else { return Ok(None) };
    let reached: Vec<(String,)> = from
        .select(
            "SELECT m.perimeter FROM membership m \
             WHERE m.partner_id = $3 AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2)",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    let reached = reached.iter().map(|(stored,)| perimeter(stored)).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Territory { partner: name, within: reach(reached) }))
}

/// A circonscription, and how many people hold something there.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) id: CirconscriptionId,
    pub(super) name: String,
    pub(super) perimeter: String,
    pub(super) version: i64,
    pub(super) people: i64,
}

macro_rules! circonscriptions {
    ($tail:literal) => {
        concat!(
            "SELECT z.id, z.name, z.perimeter, z.version, \
             (SELECT CAST(count(DISTINCT g.account_id) AS BIGINT) FROM role_grant g \
               WHERE g.partner_id = z.partner_id AND g.circonscription_id = z.id) AS people \
             FROM circonscription z \
             WHERE z.partner_id = $3 AND z.organism_id = $1 AND ($2 IS NULL OR z.partner_id = $2) ",
            $tail
        )
    };
}

/// Those of a partner, by name.
pub(super) async fn all(from: &mut impl Selects, partner: PartnerId) -> Result<Vec<Row>, DbError> {
    from.select(circonscriptions!("ORDER BY z.name_key, z.id LIMIT 200")).bind(partner).fetch_all().await
}

/// One of them.
pub(super) async fn one(
    from: &mut impl Selects,
    partner: PartnerId,
    id: CirconscriptionId,
) -> Result<Option<Row>, DbError> {
    from.select(circonscriptions!("AND z.id = $4")).bind(partner).bind(id).fetch_optional().await
}

pub(super) async fn insert(
    tx: &mut WriteTx,
    id: CirconscriptionId,
    organism: OrganismId,
    partner: PartnerId,
    name: &str,
    perimeter: &Perimeter,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO circonscription (id, organism_id, partner_id, name, name_key, perimeter, created_at, version) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, 1)",
    )
    .bind(id)
    .bind(organism)
    .bind(partner)
    .bind(name.to_owned())
    .bind(fold(name))
    .bind(perimeter.to_string())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Writes over a version of a circonscription; `false` when it is no longer the present one.
pub(super) async fn update(
    tx: &mut WriteTx,
    id: CirconscriptionId,
    version: i64,
    name: &str,
    perimeter: &Perimeter,
) -> Result<bool, DbError> {
    let updated = tx
        .write(
            "UPDATE circonscription SET name = $3, name_key = $4, perimeter = $5, version = version + 1 \
             WHERE id = $1 AND version = $2",
        )
        .bind(id)
        .bind(version)
        .bind(name.to_owned())
        .bind(fold(name))
        .bind(perimeter.to_string())
        .execute()
        .await?;
    Ok(updated == 1)
}

/// Lets the grants made for a circonscription reach where it now does, what groups give included. Gives how many
/// people's grants there are.
pub(super) async fn follow(
    tx: &mut WriteTx,
    partner: PartnerId,
    id: CirconscriptionId,
    perimeter: &Perimeter,
) -> Result<u64, DbError> {
    tx.write("UPDATE group_grant SET perimeter = $3 WHERE partner_id = $1 AND circonscription_id = $2")
        .bind(partner)
        .bind(id)
        .bind(perimeter.to_string())
        .execute()
        .await?;
    tx.write("UPDATE role_grant SET perimeter = $3 WHERE partner_id = $1 AND circonscription_id = $2")
        .bind(partner)
        .bind(id)
        .bind(perimeter.to_string())
        .execute()
        .await
}

/// A perimeter as a row keeps it.
pub(super) fn perimeter(stored: &str) -> Result<Perimeter, DbError> {
    stored.parse().map_err(|_| DbError::Defect("a perimeter that its own reader refuses".to_owned()))
}
