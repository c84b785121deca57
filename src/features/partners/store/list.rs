//! The partners of a page of the list.

use crate::db::words::{Beginning, WORDS, found_by};
use crate::db::{DbError, FromRow, Query, Reader};
use crate::domain::id::PartnerId;
use crate::web::paging::{At, Page, READ};

/// What the list is asked to keep.
#[derive(Clone, Debug)]
pub(in crate::features::partners) struct Filter {
    /// Beginnings of words.
    pub(in crate::features::partners) words: [Beginning; WORDS],
    /// One category.
    pub(in crate::features::partners) category: Option<&'static str>,
    /// Only partners for whom something is missing.
    pub(in crate::features::partners) incomplete: bool,
}

/// One line.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::partners) struct Line {
    pub(in crate::features::partners) id: PartnerId,
    pub(in crate::features::partners) siret: String,
    pub(in crate::features::partners) legal_name: String,
    pub(in crate::features::partners) city: String,
    pub(in crate::features::partners) category: String,
    pub(in crate::features::partners) draft: bool,
    pub(in crate::features::partners) without_principal: bool,
    pub(in crate::features::partners) memberships: i64,
    pub(in crate::features::partners) incomplete_memberships: i64,
}

macro_rules! incomplete_membership {
    () => {
        "(m.available_on IS NULL OR m.formality_done_on IS NULL OR m.contract_signed_on IS NULL \
         OR m.signed_on IS NULL)"
    };
}

/// The lines that the filter keeps: $3 to $8 words, $9 category, $10 whether only what is incomplete.
macro_rules! kept {
    () => {
        concat!(
            "FROM partner p JOIN convention c ON c.partner_id = p.id \
             WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) ",
found_by!("partner", "$1", "p.id", "$3", "$4", "$5", "$6", "$7", "$8"),
"AND ($9 IS NULL OR p.category = $9) \
             AND ($10 = FALSE OR c.signed_on IS NULL \
             OR (p.mode = 'delegated' \
             AND NOT EXISTS (SELECT 1 FROM account a WHERE a.partner_id = p.id AND a.office = 'principal')) \
             OR NOT EXISTS (SELECT 1 FROM membership m WHERE m.partner_id = p.id) \
             OR EXISTS (SELECT 1 FROM membership m WHERE m.partner_id = p.id AND ",
            incomplete_membership!(),
            ")) "
        )
    };
}

macro_rules! line {
    () => {
        concat!(
            "SELECT p.id, p.siret, p.legal_name, p.city, p.category, (c.signed_on IS NULL) AS draft, \
             (p.mode = 'delegated' \
             AND NOT EXISTS (SELECT 1 FROM account a WHERE a.partner_id = p.id AND a.office = 'principal')) \
             AS without_principal, \
             (SELECT CAST(count(*) AS BIGINT) FROM membership m WHERE m.partner_id = p.id) AS memberships, \
             (SELECT CAST(count(*) AS BIGINT) FROM membership m WHERE m.partner_id = p.id AND ",
            incomplete_membership!(),
            ") AS incomplete_memberships "
        )
    };
}

const COUNT: &str = concat!("SELECT CAST(count(*) AS BIGINT) ", kept!());

const FORWARD: &str = concat!(
    line!(),
    kept!(),
    "AND ($11 IS NULL OR (p.name_key, p.id) > (SELECT q.name_key, q.id FROM partner q \
     WHERE q.id = $11 AND q.organism_id = $1)) \
     ORDER BY p.name_key, p.id LIMIT $12"
);

const BACKWARD: &str = concat!(
    line!(),
    kept!(),
    "AND (p.name_key, p.id) < (SELECT q.name_key, q.id FROM partner q \
     WHERE q.id = $11 AND q.organism_id = $1) \
     ORDER BY p.name_key DESC, p.id DESC LIMIT $12"
);

fn bound<'q>(query: Query<'q>, filter: &Filter) -> Query<'q> {
    query.bind_beginnings(&filter.words).bind(filter.category).bind(filter.incomplete)
}

/// How many partners the filter keeps.
pub(in crate::features::partners) async fn count(
    reader: &mut Reader,
    filter: &Filter,
) -> Result<i64, DbError> {
    bound(reader.select(COUNT), filter).fetch_value().await
}

/// One page of them, by name.
pub(in crate::features::partners) async fn page(
    reader: &mut Reader,
    filter: &Filter,
    at: At<PartnerId>,
) -> Result<Page<Line>, DbError> {
    let (cursor, upwards) = at.beside();
    let statement = if upwards { BACKWARD } else { FORWARD };
    let lines = bound(reader.select(statement), filter).bind(cursor).bind(READ).fetch_all().await?;
    Ok(Page::cut(&at, lines))
}
