//! What filters offer to a reader, within what he sees: partners, and the services that memberships open to them.

use super::{DbError, FromRow, Reader, Selects};
use crate::domain::id::{PartnerId, ServiceId};

/// A service.
#[derive(Clone, Debug, FromRow)]
pub struct Service {
    /// Which.
    pub id: ServiceId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// Partners by their names, for who sees several.
pub async fn partners(reader: &mut Reader) -> Result<Vec<(PartnerId, String)>, DbError> {
    if reader.visible().partner().is_some() {
        return Ok(Vec::new());
    }
    reader
        .select(
            "SELECT id, legal_name FROM partner WHERE organism_id = $1 AND ($2 IS NULL OR id = $2) \
             ORDER BY name_key, id LIMIT 500",
        )
        .fetch_all()
        .await
}

/// Services by their names.
pub async fn services(rows: &mut impl Selects) -> Result<Vec<Service>, DbError> {
    rows.select(
        "SELECT s.id, s.code, s.name FROM service s WHERE EXISTS (SELECT 1 FROM membership m \
         WHERE m.service_id = s.id AND m.organism_id = $1 AND ($2 IS NULL OR m.partner_id = $2)) \
         ORDER BY s.name, s.code",
    )
    .fetch_all()
    .await
}
