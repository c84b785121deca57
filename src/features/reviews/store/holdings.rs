//! What is held, with its last use and what was decided on it: the lines of a review, and their counts.

use crate::db::words::{Beginning, WORDS, found_by};
use crate::db::{DbError, FromRow, Query, Reader, Selects};
use crate::domain::access::Office;
use crate::domain::day::Day;
use crate::domain::facts::GroupMark;
use crate::domain::id::{AccountId, GrantId, GroupId, MembershipId, PartnerId, ReviewId, RoleId};
use crate::domain::time::Timestamp;
use crate::web::paging::{At, Page, READ};

/// A right that somebody holds, as a review looks at it.
#[derive(Clone, Debug, FromRow)]
pub(in crate::features::reviews) struct Holding {
    pub(in crate::features::reviews) grant_id: GrantId,
    pub(in crate::features::reviews) account_id: AccountId,
    pub(in crate::features::reviews) surname: String,
    pub(in crate::features::reviews) given_name: String,
    pub(in crate::features::reviews) job: String,
    pub(in crate::features::reviews) office: Office,
    pub(in crate::features::reviews) suspended_at: Option<Timestamp>,
    pub(in crate::features::reviews) membership_id: MembershipId,
    pub(in crate::features::reviews) role_id: RoleId,
    pub(in crate::features::reviews) service_code: String,
    pub(in crate::features::reviews) service: String,
    pub(in crate::features::reviews) role_code: String,
    pub(in crate::features::reviews) role: String,
    pub(in crate::features::reviews) perimeter: String,
    pub(in crate::features::reviews) starts_on: Day,
    pub(in crate::features::reviews) ends_on: Option<Day>,
    pub(in crate::features::reviews) granted_by_id: AccountId,
    pub(in crate::features::reviews) granted_by: String,
    pub(in crate::features::reviews) granted_at: Timestamp,
    group_id: Option<GroupId>,
    group_name: Option<String>,
    pub(in crate::features::reviews) used_at: Option<Timestamp>,
    /// What was decided on it as it is now.
    pub(in crate::features::reviews) settled: bool,
    /// It was decided on, and has changed since.
    pub(in crate::features::reviews) changed: bool,
}

impl Holding {
    /// The group by which it is held, if it is not held directly.
    pub(in crate::features::reviews) fn group(&self) -> Option<GroupMark> {
        let (id, name) = (self.group_id?, self.group_name.clone()?);
        Some(GroupMark { id, name })
    }
}

/// Whose rights are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::features::reviews) enum Side {
    /// Of those whom the principal manages.
    People,
    /// Of those who manage the partner: the organism's to review.
    Managers,
}

/// Which lines of a review.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::features::reviews) enum View {
    /// Those that wait for a decision.
    ToDecide,
    /// Those of them that never served.
    NeverUsed,
    /// Those of them that served last more than six months ago.
    Quiet,
    /// Those that were given, or changed, since the review was opened.
    Recent,
    /// Those that were confirmed.
    Confirmed,
}

impl View {
    /// Every view, in the order of the page.
    pub(in crate::features::reviews) const ALL: [Self; 5] =
        [Self::ToDecide, Self::NeverUsed, Self::Quiet, Self::Recent, Self::Confirmed];

    /// The word of addresses and of the statement.
    pub(in crate::features::reviews) fn code(self) -> &'static str {
        match self {
            Self::ToDecide => "a-examiner",
            Self::NeverUsed => "jamais-utilisees",
            Self::Quiet => "peu-utilisees",
            Self::Recent => "nouvelles",
            Self::Confirmed => "confirmees",
        }
    }

    /// The view of an address.
    pub(in crate::features::reviews) fn parse(code: &str) -> Self {
        Self::ALL.into_iter().find(|view| view.code() == code).unwrap_or(Self::ToDecide)
    }
}

/// On what a list bears.
#[derive(Clone, Debug)]
pub(in crate::features::reviews) struct Look {
    pub(in crate::features::reviews) partner: PartnerId,
    pub(in crate::features::reviews) review: ReviewId,
    pub(in crate::features::reviews) opened_at: Timestamp,
    pub(in crate::features::reviews) today: Day,
    /// Uses from then on are recent.
    pub(in crate::features::reviews) used_since: Timestamp,
}

/// Where a list stands: the line beside, which may go meanwhile.
#[derive(Clone, Debug, FromRow)]
struct Mark {
    used_at: Timestamp,
    name_key: String,
}

/// Whether what was decided still stands: on the holding as it is now.
macro_rules! settled {
    () => {
        "(d.grant_id IS NOT NULL AND d.perimeter = g.perimeter AND d.starts_on = g.starts_on \
         AND d.ends_on IS NOT DISTINCT FROM g.ends_on)"
    };
}

/// `$3` the partner, `$4` the review, `$5` today.
macro_rules! from_held {
    () => {
        "FROM role_grant g JOIN account a ON a.id = g.account_id JOIN service_role o ON o.id = g.role_id \
         JOIN service s ON s.id = o.service_id JOIN account b ON b.id = g.granted_by \
         LEFT JOIN grant_use u ON u.grant_id = g.id AND u.account_id = g.account_id \
         LEFT JOIN partner_group q ON q.id = g.group_id \
         LEFT JOIN review_decision d ON d.review_id = $4 AND d.grant_id = g.id AND d.account_id = g.account_id \
         WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 \
         AND (g.ends_on IS NULL OR g.ends_on >= $5) "
    };
}

macro_rules! held {
    ($($tail:expr),+) => {
        concat!(
            "SELECT g.id AS grant_id, g.account_id, a.surname, a.given_name, a.job, a.office, \
             a.suspended_at, g.membership_id, g.role_id, s.code AS service_code, s.name AS service, \
             o.code AS role_code, o.name AS role, g.perimeter, g.starts_on, g.ends_on, \
             g.granted_by AS granted_by_id, b.given_name || ' ' || b.surname AS granted_by, g.granted_at, g.group_id, \
             q.name AS group_name, u.used_at, ",
            settled!(),
            " AS settled, (d.grant_id IS NOT NULL AND NOT ",
            settled!(),
            ") AS changed ",
            from_held!(),
            $($tail),+
        )
    };
}

/// The lines that wait for a decision, of those that a condition keeps.
macro_rules! counted {
    ($condition:literal) => {
        concat!(
            "CAST(COALESCE(sum(CASE WHEN a.office = 'user' AND NOT ",
            settled!(),
            $condition,
            " THEN 1 ELSE 0 END), 0) AS BIGINT)"
        )
    };
}

fn about<'q>(query: Query<'q>, look: &Look) -> Query<'q> {
    query.bind(look.partner).bind(look.review).bind(look.today)
}

/// One line, whatever was decided on it.
pub(in crate::features::reviews) async fn one(
    from: &mut impl Selects,
    look: &Look,
    grant: GrantId,
) -> Result<Option<Holding>, DbError> {
    about(from.select(held!("AND g.id = $6")), look).bind(grant).fetch_optional().await
}

/// All that somebody holds by one group.
pub(in crate::features::reviews) async fn by_group(
    from: &mut impl Selects,
    look: &Look,
    account: AccountId,
    group: GroupId,
) -> Result<Vec<Holding>, DbError> {
    about(from.select(held!("AND g.account_id = $6 AND g.group_id = $7 ORDER BY g.id LIMIT 100")), look)
        .bind(account)
        .bind(group)
        .fetch_all()
        .await
}

/// What those who manage the partner hold.
pub(in crate::features::reviews) async fn of_managers(
    from: &mut impl Selects,
    look: &Look,
) -> Result<Vec<Holding>, DbError> {
    about(from.select(held!("AND a.office <> 'user' ORDER BY a.name_key, g.id LIMIT 200")), look)
        .fetch_all()
        .await
}

/// How a list is narrowed.
pub(in crate::features::reviews) struct Narrow {
    pub(in crate::features::reviews) view: View,
    pub(in crate::features::reviews) role: Option<RoleId>,
    pub(in crate::features::reviews) words: [Beginning; WORDS],
}

/// `$6` the view, `$7` the opening, `$8` the first instant of recent uses, `$9` the role, `$10` to `$15` three words.
macro_rules! matching {
    () => {
        concat!(
            "AND a.office = 'user' AND (($6 = 'confirmees' AND ",
            settled!(),
            ") OR ($6 <> 'confirmees' AND NOT ",
            settled!(),
            " AND ($6 = 'a-examiner' OR ($6 = 'jamais-utilisees' AND u.used_at IS NULL) \
               OR ($6 = 'peu-utilisees' AND u.used_at < $8) \
               OR ($6 = 'nouvelles' AND (g.granted_at >= $7 OR d.grant_id IS NOT NULL))))) \
             AND ($9 IS NULL OR g.role_id = $9) ",
            found_by!("account", "$3", "g.account_id", "$10", "$11", "$12", "$13", "$14", "$15")
        )
    };
}

fn narrowed<'q>(query: Query<'q>, look: &Look, narrow: &Narrow) -> Query<'q> {
    let query = about(query, look)
        .bind(narrow.view.code())
        .bind(look.opened_at)
        .bind(look.used_since)
        .bind(narrow.role);
    query.bind_beginnings(&narrow.words)
}

/// A page of lines: never used first, then those that served longest ago. From a line that went meanwhile, the first.
pub(in crate::features::reviews) async fn page(
    reader: &mut Reader,
    look: &Look,
    narrow: &Narrow,
    at: At<GrantId>,
) -> Result<Page<Holding>, DbError> {
    let never = Timestamp::from_micros(0);
    let mark = match at.beside().0 {
        Some(grant) => mark(reader, look.partner, grant, never).await?,
        None => None,
    };
    let at = if mark.is_some() { at } else { At::Start };
    let (beside, upwards) = at.beside();
    let statement = if upwards {
        held!(
            matching!(),
            "AND (COALESCE(u.used_at, $16), a.name_key, g.id) < ($17, $18, $19) \
             ORDER BY COALESCE(u.used_at, $16) DESC, a.name_key DESC, g.id DESC LIMIT $20"
        )
    } else {
        held!(
            matching!(),
            "AND ($17 IS NULL OR (COALESCE(u.used_at, $16), a.name_key, g.id) > ($17, $18, $19)) \
             ORDER BY COALESCE(u.used_at, $16), a.name_key, g.id LIMIT $20"
        )
    };
    let rows = narrowed(reader.select(statement), look, narrow)
        .bind(never)
        .bind(mark.as_ref().map(|mark| mark.used_at))
        .bind(mark.map(|mark| mark.name_key))
        .bind(beside)
        .bind(READ)
        .fetch_all()
        .await?;
    Ok(Page::cut(&at, rows))
}

async fn mark(
    reader: &mut Reader,
    partner: PartnerId,
    grant: GrantId,
    never: Option<Timestamp>,
) -> Result<Option<Mark>, DbError> {
    reader
        .select(
            "SELECT COALESCE(u.used_at, $5) AS used_at, a.name_key FROM role_grant g \
             JOIN account a ON a.id = g.account_id \
             LEFT JOIN grant_use u ON u.grant_id = g.id AND u.account_id = g.account_id \
             WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 AND g.id = $4",
        )
        .bind(partner)
        .bind(grant)
        .bind(never)
        .fetch_optional()
        .await
}

/// How many lines a list has.
pub(in crate::features::reviews) async fn count(
    reader: &mut Reader,
    look: &Look,
    narrow: &Narrow,
) -> Result<i64, DbError> {
    let statement = concat!("SELECT CAST(count(*) AS BIGINT) ", from_held!(), matching!());
    narrowed(reader.select(statement), look, narrow).fetch_value().await
}

/// A review in figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, FromRow)]
pub(in crate::features::reviews) struct Figures {
    /// Lines that wait for a decision.
    pub(in crate::features::reviews) to_decide: i64,
    /// Of them, those that never served.
    pub(in crate::features::reviews) never: i64,
    /// Of them, those that served long ago.
    pub(in crate::features::reviews) quiet: i64,
    /// Of them, those that are new or have changed.
    pub(in crate::features::reviews) recent: i64,
    /// Confirmed, and held.
    pub(in crate::features::reviews) confirmed: i64,
    /// Confirmed, then gone all the same.
    pub(in crate::features::reviews) gone: i64,
    /// Withdrawn.
    pub(in crate::features::reviews) withdrawn: i64,
    /// Held by those who manage the partner.
    pub(in crate::features::reviews) of_managers: i64,
}

impl Figures {
    /// Lines decided on.
    pub(in crate::features::reviews) fn done(&self) -> i64 {
        self.confirmed + self.gone + self.withdrawn
    }

    /// Every line.
    pub(in crate::features::reviews) fn all(&self) -> i64 {
        self.done() + self.to_decide
    }
}

pub(in crate::features::reviews) async fn figures(
    from: &mut impl Selects,
    look: &Look,
) -> Result<Figures, DbError> {
    let statement = concat!(
        "SELECT ",
        counted!(" "),
        " AS to_decide, ",
        counted!(" AND u.used_at IS NULL "),
        " AS never, ",
        counted!(" AND u.used_at < $6 "),
        " AS quiet, ",
        counted!(" AND (g.granted_at >= $7 OR d.grant_id IS NOT NULL) "),
        " AS recent, \
         CAST(COALESCE(sum(CASE WHEN a.office = 'user' AND ",
        settled!(),
        " THEN 1 ELSE 0 END), 0) AS BIGINT) AS confirmed, \
         CAST(COALESCE(sum(CASE WHEN a.office <> 'user' THEN 1 ELSE 0 END), 0) AS BIGINT) AS of_managers, \
         (SELECT CAST(count(*) AS BIGINT) FROM review_decision c JOIN account h ON h.id = c.account_id \
           WHERE c.review_id = $4 AND h.office = 'user' AND c.verdict = 'confirmed' AND NOT EXISTS \
           (SELECT 1 FROM role_grant l WHERE l.id = c.grant_id AND (l.ends_on IS NULL OR l.ends_on >= $5))) AS gone, \
         (SELECT CAST(count(*) AS BIGINT) FROM review_decision c JOIN account h ON h.id = c.account_id \
           WHERE c.review_id = $4 AND h.office = 'user' AND c.verdict = 'withdrawn') AS withdrawn ",
        from_held!()
    );
    let row: Option<Figures> = about(from.select(statement), look)
        .bind(look.used_since)
        .bind(look.opened_at)
        .fetch_optional()
        .await?;
    Ok(row.unwrap_or_default())
}

/// The roles of which somebody holds one, for the filter.
pub(in crate::features::reviews) async fn roles(
    reader: &mut Reader,
    partner: PartnerId,
) -> Result<Vec<(RoleId, String)>, DbError> {
    reader
        .select(
            "SELECT o.id, o.name FROM service_role o WHERE EXISTS (SELECT 1 FROM role_grant g WHERE g.role_id = o.id \
             AND g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3) \
             ORDER BY o.name, o.id LIMIT 100",
        )
        .bind(partner)
        .fetch_all()
        .await
}
