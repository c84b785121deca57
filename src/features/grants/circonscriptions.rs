//! The circonscriptions of a partner, of which one may be the place of a grant.

use super::offer::perimeter;
use crate::db::{DbError, Selects};
use crate::domain::id::{CirconscriptionId, PartnerId};
use crate::domain::territory::Perimeter;
use crate::web::problem::Problem;

/// A circonscription of the partner.
#[derive(Clone, Debug)]
pub(super) struct Circonscription {
    pub(super) id: CirconscriptionId,
    pub(super) name: String,
    pub(super) perimeter: Perimeter,
}

/// Those of the partner, by name.
pub(super) async fn all(
    from: &mut impl Selects,
    partner: PartnerId,
) -> Result<Vec<Circonscription>, DbError> {
    let rows: Vec<(CirconscriptionId, String, String)> = from
        .select(
            "SELECT z.id, z.name, z.perimeter FROM circonscription z \
             WHERE z.partner_id = $3 AND z.organism_id = $1 AND ($2 IS NULL OR z.partner_id = $2) \
             ORDER BY z.name_key, z.id LIMIT 200",
        )
        .bind(partner)
        .fetch_all()
        .await?;
    rows.into_iter()
        .map(|(id, name, stored)| Ok(Circonscription { id, name, perimeter: perimeter(&stored)? }))
        .collect()
}

/// Where one reaches now: drawn again since a form was read, it reaches elsewhere than the form said.
pub(super) async fn as_drawn(
    from: &mut impl Selects,
    partner: PartnerId,
    chosen: CirconscriptionId,
) -> Result<Perimeter, Problem> {
    let known = all(from, partner).await?.into_iter().find(|each| each.id == chosen);
    Ok(known.ok_or(Problem::NotFound)?.perimeter)
}
