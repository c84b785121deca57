//! The rows of declared networks.

use crate::db::{DbError, Selects, WriteTx};
use crate::domain::id::{OrganismId, PartnerId};
use crate::domain::ranges::Range;

/// The name of a partner, if it is there for the reader.
pub(super) async fn name(rows: &mut impl Selects, partner: PartnerId) -> Result<Option<String>, DbError> {
    let row: Option<(String,)> = rows
        .select(
            "SELECT p.legal_name FROM partner p \
             WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)",
        )
        .bind(partner)
        .fetch_optional()
        .await?;
    Ok(row.map(|(name,)| name))
}

/// What is declared for it.
pub(super) async fn declared(rows: &mut impl Selects, partner: PartnerId) -> Result<Vec<Range>, DbError> {
    let rows: Vec<(String,)> = rows
        .select(
            "SELECT n.addresses FROM partner_network n \
             WHERE n.partner_id = $3 AND n.organism_id = $1 AND ($2 IS NULL OR n.partner_id = $2)",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    let mut ranges: Vec<Range> = rows.iter().filter_map(|(addresses,)| addresses.parse().ok()).collect();
    ranges.sort_unstable();
    Ok(ranges)
}

/// Declares these, in place of what was.
pub(super) async fn replace(
    tx: &mut WriteTx,
    organism: OrganismId,
    partner: PartnerId,
    ranges: &[Range],
) -> Result<(), DbError> {
    tx.write("DELETE FROM partner_network WHERE partner_id = $1").bind(partner).execute().await?;
    for range in ranges {
        tx.write("INSERT INTO partner_network (organism_id, partner_id, addresses) VALUES ($1, $2, $3)")
            .bind(organism)
            .bind(partner)
            .bind(range.to_string())
            .execute()
            .await?;
    }
    Ok(())
}
