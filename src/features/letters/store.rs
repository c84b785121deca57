//! To whom letters are printed, where they are sent, and those that were printed.

use crate::db::words::{Beginning, WORDS, found_by};
use crate::db::{DbError, FromRow, Query, Reader, Selects, WriteTx};
use crate::domain::access::{Mode, Office};
use crate::domain::facts::LetterKind;
use crate::domain::id::{AccountId, LetterId, OrganismId, PartnerId};
use crate::domain::time::Timestamp;
use crate::web::paging::{At, Page, READ};

/// Somebody to whom the organism may print letters.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Addressee {
    pub(super) id: AccountId,
    pub(super) partner_id: Option<PartnerId>,
    pub(super) office: Office,
    pub(super) identifier: String,
    pub(super) surname: String,
    pub(super) given_name: String,
    pub(super) job: String,
    pub(super) suspended: bool,
    pub(super) has_password: bool,
    pub(super) by_letter: bool,
    pub(super) secret_expires_at: Option<Timestamp>,
    pub(super) partner: Option<String>,
    /// Who manages the people of the partner.
    pub(super) mode: Option<Mode>,
    /// An address of his own.
    pub(super) detail: Option<String>,
    pub(super) street: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) city: Option<String>,
    /// That of the partner.
    pub(super) partner_street: Option<String>,
    pub(super) partner_postal_code: Option<String>,
    pub(super) partner_city: Option<String>,
    pub(super) identifier_printed_at: Option<Timestamp>,
    pub(super) secret_printed_at: Option<Timestamp>,
}

/// Where a letter is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Address {
    /// A line before the street; may be empty.
    pub(super) detail: String,
    pub(super) street: String,
    pub(super) postal_code: String,
    pub(super) city: String,
}

impl Addressee {
    /// First name, then name.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }

    /// Where his letters are sent: his own address, else the partner's; nowhere yet for staff without one.
    pub(super) fn address(&self) -> Option<Address> {
        let own = || {
            Some(Address {
                detail: self.detail.clone()?,
                street: self.street.clone()?,
                postal_code: self.postal_code.clone()?,
                city: self.city.clone()?,
            })
        };
        let partners = || {
            Some(Address {
                detail: String::new(),
                street: self.partner_street.clone()?,
                postal_code: self.partner_postal_code.clone()?,
                city: self.partner_city.clone()?,
            })
        };
        own().or_else(partners)
    }
}

macro_rules! addressees {
    ($($tail:expr),+) => {
        concat!(
            "SELECT a.id, a.partner_id, a.office, a.identifier, a.surname, a.given_name, a.job, \
             (a.suspended_at IS NOT NULL) AS suspended, (a.password_hash IS NOT NULL) AS has_password, \
             (a.secret_way = 'letter') AS by_letter, a.secret_expires_at, p.legal_name AS partner, p.mode, d.detail, d.street, \
             d.postal_code, d.city, p.street AS partner_street, p.postal_code AS partner_postal_code, \
             p.city AS partner_city, \
             (SELECT max(l.printed_at) FROM letter l WHERE l.account_id = a.id AND l.kind = 'identifier') \
               AS identifier_printed_at, \
             (SELECT max(l.printed_at) FROM letter l WHERE l.account_id = a.id AND l.kind = 'secret') \
               AS secret_printed_at \
             FROM account a LEFT JOIN partner p ON p.id = a.partner_id \
             LEFT JOIN postal_address d ON d.account_id = a.id \
             WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) ",
            $($tail),+
        )
    };
}

/// One person.
pub(super) async fn one(from: &mut impl Selects, account: AccountId) -> Result<Option<Addressee>, DbError> {
    from.select(addressees!("AND a.id = $3")).bind(account).fetch_optional().await
}

/// `$3` oneself, `$4` to `$9` three words. Whoever waits for a letter comes first.
macro_rules! matching {
    () => {
        concat!(
            "AND (a.office <> 'user' OR EXISTS (SELECT 1 FROM partner c WHERE c.id = a.partner_id \
             AND c.mode = 'centralised')) AND a.id <> $3 ",
            found_by!(
                "account",
                "COALESCE(a.partner_id, a.organism_id)",
                "a.id",
                "$4",
                "$5",
                "$6",
                "$7",
                "$8",
                "$9"
            )
        )
    };
}

fn narrowed<'q>(query: Query<'q>, own: AccountId, words: &[Beginning; WORDS]) -> Query<'q> {
    query.bind(own).bind_beginnings(words)
}

/// A page of people, by name.
pub(super) async fn page(
    reader: &mut Reader,
    own: AccountId,
    words: &[Beginning; WORDS],
    at: At<AccountId>,
) -> Result<Page<Addressee>, DbError> {
    let (beside, upwards) = at.beside();
    let statement = if upwards {
        addressees!(
            matching!(),
            "AND (a.name_key, a.id) < (SELECT n.name_key, n.id FROM account n \
             WHERE n.id = $10 AND n.organism_id = $1) ORDER BY a.name_key DESC, a.id DESC LIMIT $11"
        )
    } else {
        addressees!(
            matching!(),
            "AND ($10 IS NULL OR (a.name_key, a.id) > (SELECT n.name_key, n.id FROM account n \
             WHERE n.id = $10 AND n.organism_id = $1)) ORDER BY a.name_key, a.id LIMIT $11"
        )
    };
    let rows = narrowed(reader.select(statement), own, words).bind(beside).bind(READ).fetch_all().await?;
    Ok(Page::cut(&at, rows))
}

/// How many people a list has.
pub(super) async fn count(
    reader: &mut Reader,
    own: AccountId,
    words: &[Beginning; WORDS],
) -> Result<i64, DbError> {
    let statement = concat!(
        "SELECT CAST(count(*) AS BIGINT) FROM account a \
         WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) ",
        matching!()
    );
    narrowed(reader.select(statement), own, words).fetch_value().await
}

/// Writes where somebody's letters are sent.
pub(super) async fn keep_address(
    tx: &mut WriteTx,
    organism: OrganismId,
    account: AccountId,
    address: &Address,
) -> Result<(), DbError> {
    tx.write(
        "INSERT INTO postal_address (account_id, organism_id, detail, street, postal_code, city) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) DO UPDATE SET detail = excluded.detail, \
         street = excluded.street, postal_code = excluded.postal_code, city = excluded.city",
    )
    .bind(account)
    .bind(organism)
    .bind(address.detail.clone())
    .bind(address.street.clone())
    .bind(address.postal_code.clone())
    .bind(address.city.clone())
    .execute()
    .await?;
    Ok(())
}

/// Notes that a letter is printed.
pub(super) async fn note(
    tx: &mut WriteTx,
    organism: OrganismId,
    account: AccountId,
    kind: LetterKind,
    by: AccountId,
) -> Result<(), DbError> {
    let (id, now): (LetterId, Timestamp) = (tx.new_id(), tx.now());
    tx.write(
        "INSERT INTO letter (id, organism_id, account_id, kind, printed_by, printed_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(organism)
    .bind(account)
    .bind(kind.code())
    .bind(by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Puts the hash of a new code in place of whatever let the person in, by any way: only the letter's code will serve.
pub(super) async fn replace_secret(
    tx: &mut WriteTx,
    account: AccountId,
    hash: &str,
    expires_at: Timestamp,
) -> Result<(), DbError> {
    tx.write(
        "UPDATE account SET password_hash = NULL, secret_hash = $2, secret_expires_at = $3, secret_way = 'letter' \
         WHERE id = $1",
    )
    .bind(account)
    .bind(hash.to_owned())
    .bind(expires_at)
    .execute()
    .await?;
    // A mail still on its way would bring another code, and end this one.
    tx.write("DELETE FROM outbox WHERE account_id = $1 AND state IN ('waiting', 'sending')")
        .bind(account)
        .execute()
        .await?;
    tx.shut_out(account).await
}
