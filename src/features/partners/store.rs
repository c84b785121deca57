//! The rows of partners: one of them here, `list` those of a page, `principal` the account that manages one,
//! `services` what one joined.

pub(super) mod list;
pub(super) mod seats;
pub(super) mod services;

use super::form::Identity;
use crate::db::{DbError, FromRow, Query, Reader, WriteTx};
use crate::domain::access::Mode;
use crate::domain::day::Day;
use crate::domain::id::{OrganismId, PartnerId, RowId as _};
use crate::domain::partners::Prefix;
use crate::domain::siret::Siret;
use crate::domain::text::fold;
use crate::domain::time::Timestamp;

/// A partner whole, with its convention.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Sheet {
    pub(super) siret: String,
    pub(super) legal_name: String,
    pub(super) category: String,
    pub(super) street: String,
    pub(super) postal_code: String,
    pub(super) city: String,
    pub(super) representative_name: String,
    pub(super) representative_title: String,
    pub(super) security_name: String,
    pub(super) security_mail: String,
    pub(super) security_phone: String,
    pub(super) protection_name: String,
    pub(super) protection_mail: String,
    pub(super) protection_phone: String,
    pub(super) prefix: String,
    pub(super) mode: Mode,
    pub(super) created_at: Timestamp,
    pub(super) version: i64,
    pub(super) number: String,
    pub(super) signed_on: Option<Day>,
    pub(super) effective_on: Option<Day>,
}

/// One partner; its id is still to be bound.
pub(super) const SHEET: &str = "SELECT p.siret, p.legal_name, p.category, p.street, p.postal_code, \
     p.city, p.representative_name, p.representative_title, p.security_name, p.security_mail, p.security_phone, \
     p.protection_name, p.protection_mail, p.protection_phone, p.prefix, p.mode, p.created_at, p.version, c.number, \
     c.signed_on, c.effective_on \
     FROM partner p JOIN convention c ON c.partner_id = p.id \
     WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)";

pub(super) async fn sheet(select: Query<'_>, partner: PartnerId) -> Result<Option<Sheet>, DbError> {
    select.bind(partner).fetch_optional().await
}

impl Sheet {
    /// What an identity changes: name of the field, before, after.
    pub(super) fn changes(&self, to: &Identity) -> Vec<(String, String, String)> {
        let day = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
        let fields = [
            ("legal_name", self.legal_name.clone(), to.legal_name.clone()),
            ("category", self.category.clone(), to.category.code().to_owned()),
            ("street", self.street.clone(), to.street.clone()),
            ("postal_code", self.postal_code.clone(), to.postal_code.clone()),
            ("city", self.city.clone(), to.city.clone()),
            ("representative_name", self.representative_name.clone(), to.representative_name.clone()),
            ("representative_title", self.representative_title.clone(), to.representative_title.clone()),
            ("convention_number", self.number.clone(), to.convention.to_string()),
            ("convention_signed_on", day(self.signed_on), day(to.signed_on)),
            ("convention_effective_on", day(self.effective_on), day(to.effective_on)),
            ("security_name", self.security_name.clone(), to.security.name.clone()),
            ("security_mail", self.security_mail.clone(), to.security.mail.as_str().to_owned()),
            ("security_phone", self.security_phone.clone(), to.security.phone.clone()),
            ("protection_name", self.protection_name.clone(), to.protection.name.clone()),
            ("protection_mail", self.protection_mail.clone(), to.protection.mail.as_str().to_owned()),
            ("protection_phone", self.protection_phone.clone(), to.protection.phone.clone()),
        ];
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        changed.map(|(field, before, after)| (field.to_owned(), before, after)).collect()
    }
}

pub(super) async fn insert(
    tx: &mut WriteTx,
    organism: OrganismId,
    partner: PartnerId,
    siret: Siret,
    prefix: &Prefix,
    mode: Mode,
    identity: &Identity,
) -> Result<(), DbError> {
    let now = tx.now();
    let row = tx.write(
        "INSERT INTO partner (id, organism_id, siret, legal_name, name_key, category, street, postal_code, city, \
         representative_name, representative_title, security_name, security_mail, security_phone, protection_name, \
         protection_mail, protection_phone, prefix, mode, created_at, version) \
         VALUES ($1, $2, $16, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $17, $18, $19, $20, 1)",
    );
    described(row.bind(partner).bind(organism), identity)
        .bind(siret.as_str().to_owned())
        .bind(identity.protection.phone.clone())
        .bind(prefix.as_str().to_owned())
        .bind(mode)
        .bind(now)
        .execute()
        .await?;
    tx.write(
        "INSERT INTO convention (partner_id, organism_id, number, signed_on, effective_on) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(partner)
    .bind(organism)
    .bind(identity.convention.to_string())
    .bind(identity.signed_on)
    .bind(identity.effective_on)
    .execute()
    .await?;
    tx.write("INSERT INTO partner_habilitations (partner_id, organism_id, version) VALUES ($1, $2, 1)")
        .bind(partner)
        .bind(organism)
        .execute()
        .await?;
    Ok(())
}

/// Writes over a version of a partner; `false` when it is no longer the present one.
pub(super) async fn update(
    tx: &mut WriteTx,
    partner: PartnerId,
    version: i64,
    identity: &Identity,
) -> Result<bool, DbError> {
    let row = tx.write(
        "UPDATE partner SET legal_name = $3, name_key = $4, category = $5, street = $6, postal_code = $7, \
         city = $8, representative_name = $9, representative_title = $10, security_name = $11, \
         security_mail = $12, security_phone = $13, protection_name = $14, protection_mail = $15, \
         protection_phone = $16, version = version + 1 WHERE id = $1 AND version = $2",
    );
    let updated = described(row.bind(partner).bind(version), identity)
        .bind(identity.protection.phone.clone())
        .execute()
        .await?;
    if updated == 0 {
        return Ok(false);
    }
    tx.write("UPDATE convention SET number = $2, signed_on = $3, effective_on = $4 WHERE partner_id = $1")
        .bind(partner)
        .bind(identity.convention.to_string())
        .bind(identity.signed_on)
        .bind(identity.effective_on)
        .execute()
        .await?;
    Ok(true)
}

/// Binds $3 to $15: what both statements say of a partner.
fn described<'q>(row: Query<'q>, identity: &Identity) -> Query<'q> {
    row.bind(identity.legal_name.clone())
        .bind(fold(&identity.legal_name))
        .bind(identity.category.code())
        .bind(identity.street.clone())
        .bind(identity.postal_code.clone())
        .bind(identity.city.clone())
        .bind(identity.representative_name.clone())
        .bind(identity.representative_title.clone())
        .bind(identity.security.name.clone())
        .bind(identity.security.mail.as_str().to_owned())
        .bind(identity.security.phone.clone())
        .bind(identity.protection.name.clone())
        .bind(identity.protection.mail.as_str().to_owned())
}

/// Makes a partner findable by its SIRET, its convention, its name and its city.
pub(super) async fn index(
    tx: &mut WriteTx,
    organism: OrganismId,
    partner: PartnerId,
    siret: &str,
    identity: &Identity,
) -> Result<(), DbError> {
    let texts = [siret, identity.convention.as_str(), &identity.legal_name, &identity.city];
    tx.index_words("partner", organism.as_uuid(), partner.as_uuid(), &texts).await
}

/// Whose a SIRET or a convention's number is, in this organism.
pub(super) async fn owner(
    reader: &mut Reader,
    siret: Option<Siret>,
    number: &str,
) -> Result<(Option<PartnerId>, Option<PartnerId>), DbError> {
    let by_siret: Option<(PartnerId,)> = reader
        .select("SELECT p.id FROM partner p WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) AND p.siret = $3")
        .bind(siret.map(|siret| siret.as_str().to_owned()))
        .fetch_optional()
        .await?;
    let by_number: Option<(PartnerId,)> = reader
        .select(
            "SELECT c.partner_id FROM convention c \
             WHERE c.organism_id = $1 AND ($2 IS NULL OR c.partner_id = $2) AND c.number = $3",
        )
        .bind(number.to_owned())
        .fetch_optional()
        .await?;
    Ok((by_siret.map(|(id,)| id), by_number.map(|(id,)| id)))
}
