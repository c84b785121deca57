//! The rows of counts, within what the actor sees: those of one partner are its own and its organism's.

use uuid::Uuid;

use crate::db::{DbError, FromRow, Reader, offered};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, OrganismId, PartnerId, RowId as _};
use crate::domain::statistics::{Matter, Shown, Span};
use crate::domain::time::Timestamp;

/// Whose counts are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Body {
    /// Of which organism.
    pub(super) organism: OrganismId,
    /// Of one partner; of all together when none.
    pub(super) partner: Option<PartnerId>,
}

impl Body {
    fn id(self) -> Uuid {
        self.partner.map_or(self.organism.as_uuid(), PartnerId::as_uuid)
    }
}

/// A service, or one role of it; both together when empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Part {
    pub(super) service: String,
    pub(super) role: String,
}

/// A count.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) starts_on: Day,
    people: i64,
    done: i64,
    refused: i64,
    told: String,
    refused_told: String,
}

impl Row {
    /// What it says to a reader; nothing when it concerns too few people.
    pub(super) fn told_to(&self, of_the_partner: bool) -> Option<Shown> {
        Shown::kept((self.people, self.done, self.refused), (&self.told, &self.refused_told), of_the_partner)
    }
}

/// The counts of some days or months, both included, the oldest first.
pub(super) async fn series(
    reader: &mut Reader,
    body: Body,
    (matter, part): (Matter, &Part),
    span: Span,
    (from, to): (Day, Day),
) -> Result<Vec<Row>, DbError> {
    reader
        .select(
            "SELECT c.starts_on, c.people, c.done, c.refused, c.told, c.refused_told FROM use_count c \
             WHERE c.organism_id = $1 AND ($2 IS NULL OR c.body_id = $2) AND c.body_id = $3 AND c.span = $4 \
             AND c.starts_on >= $5 AND c.starts_on <= $6 AND c.matter = $7 AND c.service = $8 AND c.role = $9 \
             ORDER BY c.starts_on LIMIT 100",
        )
        .bind(body.id())
        .bind(span.code())
        .bind(from)
        .bind(to)
        .bind(matter.code())
        .bind(part.service.clone())
        .bind(part.role.clone())
        .fetch_all()
        .await
}

/// The count of one part of a month: a role of a service, or a partner.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Named {
    pub(super) name: String,
    /// What it belongs to, or which partner it is.
    pub(super) under: String,
    people: i64,
    done: i64,
    refused: i64,
    told: String,
    refused_told: String,
}

impl Named {
    pub(super) fn told_to(&self, of_the_partner: bool) -> Option<Shown> {
        Shown::kept((self.people, self.done, self.refused), (&self.told, &self.refused_told), of_the_partner)
    }
}

/// What a month is made of: each service, then its roles.
pub(super) async fn by_role(reader: &mut Reader, body: Body, month: Day) -> Result<Vec<Named>, DbError> {
    reader
        .select(
            "SELECT COALESCE(r.name, '') AS name, s.name AS under, c.people, c.done, c.refused, c.told, c.refused_told \
             FROM use_count c JOIN service s ON s.code = c.service \
             LEFT JOIN service_role r ON r.service_id = s.id AND r.code = c.role \
             WHERE c.organism_id = $1 AND ($2 IS NULL OR c.body_id = $2) AND c.body_id = $3 AND c.span = 'month' \
             AND c.starts_on = $4 AND c.matter = 'file' AND (c.role = '' OR r.code IS NOT NULL) \
             ORDER BY s.name, s.code, COALESCE(r.position, 0) LIMIT 200",
        )
        .bind(body.id())
        .bind(month)
        .fetch_all()
        .await
}

/// What a month is made of, partner by partner.
pub(super) async fn by_partner(
    reader: &mut Reader,
    (matter, part): (Matter, &Part),
    month: Day,
) -> Result<Vec<Named>, DbError> {
    reader
        .select(
            "SELECT p.legal_name AS name, CAST(p.siret AS TEXT) AS under, c.people, c.done, c.refused, c.told, c.refused_told \
             FROM use_count c JOIN partner p ON p.id = c.body_id AND p.organism_id = c.organism_id \
             WHERE c.organism_id = $1 AND ($2 IS NULL OR c.body_id = $2) AND c.span = 'month' \
             AND c.starts_on = $3 AND c.matter = $4 AND c.service = $5 AND c.role = $6 \
             ORDER BY p.name_key, p.id LIMIT 500",
        )
        .bind(month)
        .bind(matter.code())
        .bind(part.service.clone())
        .bind(part.role.clone())
        .fetch_all()
        .await
}

/// What the filters offer to one reader.
#[derive(Clone, Debug)]
pub(super) struct Offered {
    /// Partners, for who reads those of several.
    pub(super) partners: Vec<(PartnerId, String)>,
    /// Service, its name, role, its name; of the service as a whole the role is empty.
    pub(super) parts: Vec<(String, String, String, String)>,
}

/// Reads them.
pub(super) async fn offered(reader: &mut Reader) -> Result<Offered, DbError> {
    let partners = offered::partners(reader).await?;
    let parts = reader
        .select(
            "SELECT s.code, s.name, r.code, r.name FROM service s JOIN service_role r ON r.service_id = s.id \
             WHERE EXISTS (SELECT 1 FROM membership m WHERE m.service_id = s.id AND m.organism_id = $1 \
             AND ($2 IS NULL OR m.partner_id = $2)) ORDER BY s.name, s.code, r.position LIMIT 200",
        )
        .fetch_all()
        .await?;
    Ok(Offered { partners, parts })
}

/// Somebody whose uses may be counted: the auditor's own organism's, of a partner.
pub(super) async fn person(
    reader: &mut Reader,
    identifier: &str,
) -> Result<Option<(AccountId, String)>, DbError> {
    reader
        .select(
            "SELECT id, given_name || ' ' || surname FROM account WHERE organism_id = $1 \
             AND ($2 IS NULL OR partner_id = $2) AND partner_id IS NOT NULL AND identifier = $3",
        )
        .bind(identifier.to_owned())
        .fetch_optional()
        .await
}

/// A statement that was sent, to the letter.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Issued {
    pub(super) month: Day,
    pub(super) sent_at: Timestamp,
    pub(super) checkpoint: Option<String>,
    pub(super) body: String,
}

/// Those of somebody, the last one first.
pub(super) async fn sent(reader: &mut Reader, account: AccountId) -> Result<Vec<Issued>, DbError> {
    reader
        .select(
            "SELECT month, sent_at, checkpoint, body FROM statement WHERE organism_id = $1 \
             AND ($2 IS NULL OR partner_id = $2) AND account_id = $3 AND state = 'sent' AND body IS NOT NULL \
             ORDER BY month DESC LIMIT 20",
        )
        .bind(account)
        .fetch_all()
        .await
}
