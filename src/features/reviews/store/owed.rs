//! Who owes what: the last transmission of each partner, the day its first service opened, and how far its review is.

use crate::db::words::{Beginning, WORDS, found_by};
use crate::db::{DbError, FromRow, Query, Reader, Selects};
use crate::domain::day::Day;
use crate::domain::id::{PartnerId, ReviewId};
use crate::domain::time::Timestamp;
use crate::web::paging::{At, Page, READ};

/// Where a partner stands.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::reviews) struct Standing {
    pub(in crate::features::reviews) partner: PartnerId,
    pub(in crate::features::reviews) name: String,
    /// The day its first service opened, or will.
    pub(in crate::features::reviews) opened_on: Option<Day>,
    /// Its last transmitted review.
    pub(in crate::features::reviews) last: Option<ReviewId>,
    pub(in crate::features::reviews) transmitted_at: Option<Timestamp>,
    /// Its open review.
    pub(in crate::features::reviews) open_since: Option<Timestamp>,
    pub(in crate::features::reviews) decided: i64,
    pub(in crate::features::reviews) of_managers: i64,
}

/// A service opens when its last condition is met: the latest of five days, all of them there (001 art. 2.1).
macro_rules! standings {
    ($($tail:expr),+) => {
        concat!(
            "SELECT p.id AS partner, p.legal_name AS name, \
             (SELECT min(k.opened_on) FROM (SELECT (SELECT max(d.day) FROM (SELECT m.available_on AS day \
               UNION ALL SELECT m.formality_done_on UNION ALL SELECT m.contract_signed_on UNION ALL SELECT m.signed_on \
               UNION ALL SELECT c.signed_on UNION ALL SELECT c.effective_on) AS d) AS opened_on \
               FROM membership m JOIN convention c ON c.partner_id = m.partner_id WHERE m.partner_id = p.id \
               AND m.available_on IS NOT NULL AND m.formality_done_on IS NOT NULL AND m.contract_signed_on IS NOT NULL \
               AND m.signed_on IS NOT NULL AND c.signed_on IS NOT NULL) AS k) AS opened_on, \
             (SELECT r.id FROM review r WHERE r.partner_id = p.id AND r.transmitted_at IS NOT NULL \
               ORDER BY r.transmitted_at DESC, r.id DESC LIMIT 1) AS last, \
             (SELECT max(r.transmitted_at) FROM review r WHERE r.partner_id = p.id) AS transmitted_at, \
             (SELECT r.opened_at FROM review r WHERE r.partner_id = p.id AND r.transmitted_at IS NULL) AS open_since, \
             (SELECT CAST(count(*) AS BIGINT) FROM review_decision d JOIN review r ON r.id = d.review_id \
               WHERE r.partner_id = p.id AND r.transmitted_at IS NULL) AS decided, \
             (SELECT CAST(count(*) AS BIGINT) FROM role_grant g JOIN account h ON h.id = g.account_id \
               WHERE g.partner_id = p.id AND h.office <> 'user') AS of_managers \
             FROM partner p WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) AND p.mode = 'delegated' ",
            $($tail),+
        )
    };
}

/// One partner.
pub(in crate::features::reviews) async fn one(
    from: &mut impl Selects,
    partner: PartnerId,
) -> Result<Option<Standing>, DbError> {
    from.select(standings!("AND p.id = $3")).bind(partner).fetch_optional().await
}

/// A state by which the list may be narrowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::features::reviews) enum State {
    Late,
    Soon,
    Open,
}

impl State {
    pub(in crate::features::reviews) const ALL: [Self; 3] = [Self::Late, Self::Soon, Self::Open];

    /// The word of addresses and of the statement.
    pub(in crate::features::reviews) fn code(self) -> &'static str {
        match self {
            Self::Late => "retard",
            Self::Soon => "bientot",
            Self::Open => "en-cours",
        }
    }

    /// What the page calls it.
    pub(in crate::features::reviews) fn label(self) -> &'static str {
        match self {
            Self::Late => "En retard",
            Self::Soon => "Dues dans les 60 jours",
            Self::Open => "En cours",
        }
    }

    /// The state of an address.
    pub(in crate::features::reviews) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// The days from which a year is not over: what began before is late, or soon will be.
#[derive(Clone, Copy, Debug)]
pub(in crate::features::reviews) struct Bounds {
    pub(in crate::features::reviews) late: (Day, Timestamp),
    pub(in crate::features::reviews) soon: (Day, Timestamp),
}

/// The year began before that day: by the last transmission, or without one by the first opening.
macro_rules! began_before {
    ($day:literal, $instant:literal) => {
        concat!(
            "(NOT EXISTS (SELECT 1 FROM review r WHERE r.partner_id = p.id AND r.transmitted_at >= ",
            $instant,
            ") AND (EXISTS (SELECT 1 FROM review r WHERE r.partner_id = p.id AND r.transmitted_at < ",
            $instant,
            ") OR EXISTS (SELECT 1 FROM membership m JOIN convention c ON c.partner_id = m.partner_id \
             WHERE m.partner_id = p.id AND m.available_on < ",
            $day,
            " AND m.formality_done_on < ",
            $day,
            " AND m.contract_signed_on < ",
            $day,
            " AND m.signed_on < ",
            $day,
            " AND c.signed_on < ",
            $day,
            " AND (c.effective_on IS NULL OR c.effective_on < ",
            $day,
            "))))"
        )
    };
}

/// `$3` the state, `$4` and `$5` what began before is late, `$6` and `$7` soon; `$8` to `$13` three words.
macro_rules! matching {
    () => {
        concat!(
            "AND ($3 IS NULL OR ($3 = 'en-cours' AND EXISTS (SELECT 1 FROM review r WHERE r.partner_id = p.id \
               AND r.transmitted_at IS NULL)) OR ($3 = 'retard' AND ",
            began_before!("$4", "$5"),
            ") OR ($3 = 'bientot' AND ",
            began_before!("$6", "$7"),
            " AND NOT ",
            began_before!("$4", "$5"),
            ")) ",
found_by!("partner", "$1", "p.id", "$8", "$9", "$10", "$11", "$12", "$13")
        )
    };
}

/// What a list of partners is about.
pub(in crate::features::reviews) struct Look {
    pub(in crate::features::reviews) state: Option<State>,
    pub(in crate::features::reviews) bounds: Bounds,
    pub(in crate::features::reviews) words: [Beginning; WORDS],
}

fn looking<'q>(query: Query<'q>, look: &Look) -> Query<'q> {
    let Bounds { late, soon } = look.bounds;
    let query = query.bind(look.state.map(State::code)).bind(late.0).bind(late.1).bind(soon.0).bind(soon.1);
    query.bind_beginnings(&look.words)
}

/// A page of partners, by name.
pub(in crate::features::reviews) async fn page(
    reader: &mut Reader,
    look: &Look,
    at: At<PartnerId>,
) -> Result<Page<Standing>, DbError> {
    let (beside, upwards) = at.beside();
    let statement = if upwards {
        standings!(
            matching!(),
            "AND (p.name_key, p.id) < (SELECT n.name_key, n.id FROM partner n \
             WHERE n.id = $14 AND n.organism_id = $1) ORDER BY p.name_key DESC, p.id DESC LIMIT $15"
        )
    } else {
        standings!(
            matching!(),
            "AND ($14 IS NULL OR (p.name_key, p.id) > (SELECT n.name_key, n.id FROM partner n \
             WHERE n.id = $14 AND n.organism_id = $1)) ORDER BY p.name_key, p.id LIMIT $15"
        )
    };
    let rows = looking(reader.select(statement), look).bind(beside).bind(READ).fetch_all().await?;
    Ok(Page::cut(&at, rows))
}

/// How many partners a list has.
pub(in crate::features::reviews) async fn count(reader: &mut Reader, look: &Look) -> Result<i64, DbError> {
    let statement = concat!(
        "SELECT CAST(count(*) AS BIGINT) FROM partner p WHERE p.organism_id = $1 AND ($2 IS NULL OR p.id = $2) AND p.mode = 'delegated' ",
        matching!()
    );
    looking(reader.select(statement), look).fetch_value().await
}
