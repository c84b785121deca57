//! The rows of a partner's people. Every statement is bounded by what the actor sees.

use crate::db::standing::{StandingRow, standing_columns};
use crate::db::words::{Beginning, WORDS, found_by};
use crate::db::{DbError, FromRow, Query, Reader, WriteTx};
use crate::domain::access::{Mode, Office};
use crate::domain::day::Day;
use crate::domain::grants::Period;
use crate::domain::id::{AccountId, GrantId, GroupId, MailId, OrganismId, PartnerId};
use crate::domain::opening_hours::Hours;
use crate::domain::territory::Perimeter;
use crate::domain::time::Timestamp;
use crate::domain::users::AccountState;
use crate::web::paging::{At, Page, READ};

/// The partner of a page.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Employer {
    pub(super) legal_name: String,
    pub(super) prefix: String,
    pub(super) mode: Mode,
}

pub(super) const EMPLOYER: &str = "SELECT p.legal_name, p.prefix, p.mode FROM partner p \
     WHERE p.id = $3 AND p.organism_id = $1 AND ($2 IS NULL OR p.id = $2)";

pub(super) async fn employer(query: Query<'_>, partner: PartnerId) -> Result<Option<Employer>, DbError> {
    query.bind(partner).fetch_optional().await
}

/// A state by which a list may be narrowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Filter {
    Active,
    Awaited,
    Suspended,
    WithoutGrant,
}

impl Filter {
    pub(super) const ALL: [Self; 4] = [Self::Active, Self::Awaited, Self::Suspended, Self::WithoutGrant];

    /// The word of the address, and of the statement.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::Active => "actif",
            Self::Awaited => "premiere-connexion",
            Self::Suspended => "suspendu",
            Self::WithoutGrant => "sans-habilitation",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Active => "Actif",
            Self::Awaited => "Première connexion",
            Self::Suspended => "Suspendu",
            Self::WithoutGrant => "Sans habilitation",
        }
    }

    pub(super) fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.code() == code)
    }
}

/// Whom a list is about.
pub(super) struct Look {
    pub(super) partner: PartnerId,
    pub(super) filter: Option<Filter>,
    pub(super) today: Day,
    pub(super) words: [Beginning; WORDS],
}

/// One line of the list.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Listed {
    pub(super) id: AccountId,
    pub(super) identifier: String,
    pub(super) surname: String,
    pub(super) given_name: String,
    pub(super) job: String,
    pub(super) office: Office,
    #[sqlx(flatten)]
    standing: StandingRow,
    pub(super) held: i64,
}

impl Listed {
    pub(super) fn state(&self) -> AccountState {
        self.standing.into()
    }
}

/// What a `Look` selects: `$3` the partner, `$4` the state, `$5` today, `$6` to `$11` three words.
macro_rules! matching {
    () => {
        concat!(
        "FROM account a WHERE a.organism_id = $1 AND ($2 IS NULL OR a.partner_id = $2) AND a.partner_id = $3 \
         AND ($4 IS NULL \
           OR ($4 = 'actif' AND a.suspended_at IS NULL AND a.password_hash IS NOT NULL) \
           OR ($4 = 'premiere-connexion' AND a.suspended_at IS NULL AND a.password_hash IS NULL) \
           OR ($4 = 'suspendu' AND a.suspended_at IS NOT NULL) \
           OR ($4 = 'sans-habilitation' AND a.office = 'user' AND NOT EXISTS (SELECT 1 FROM role_grant g \
               WHERE g.account_id = a.id AND (g.ends_on IS NULL OR g.ends_on >= $5)))) ",
found_by!("account", "$3", "a.id", "$6", "$7", "$8", "$9", "$10", "$11")
        )
    };
}

macro_rules! listed {
    ($tail:literal) => {
        concat!(
            "SELECT a.id, a.identifier, a.surname, a.given_name, a.job, a.office, ",
            standing_columns!(),
            ", (SELECT CAST(count(*) AS BIGINT) FROM role_grant g WHERE g.account_id = a.id \
               AND (g.ends_on IS NULL OR g.ends_on >= $5)) AS held ",
            matching!(),
            $tail
        )
    };
}

const COUNT: &str = concat!("SELECT CAST(count(*) AS BIGINT) ", matching!());
const ONWARD: &str = listed!(
    " AND ($12 IS NULL OR (a.name_key, a.id) > (SELECT c.name_key, c.id FROM account c \
     WHERE c.id = $12 AND c.partner_id = $3)) ORDER BY a.name_key, a.id LIMIT $13"
);
const BACKWARD: &str = listed!(
    " AND (a.name_key, a.id) < (SELECT c.name_key, c.id FROM account c \
     WHERE c.id = $12 AND c.partner_id = $3) ORDER BY a.name_key DESC, a.id DESC LIMIT $13"
);

fn looking<'q>(query: Query<'q>, look: &Look) -> Query<'q> {
    let query = query.bind(look.partner).bind(look.filter.map(Filter::code)).bind(look.today);
    query.bind_beginnings(&look.words)
}

/// A page of them, in the order of names.
pub(super) async fn page(
    reader: &mut Reader,
    look: &Look,
    at: At<AccountId>,
) -> Result<Page<Listed>, DbError> {
    let (cursor, upwards) = at.beside();
    let statement = if upwards { BACKWARD } else { ONWARD };
    let lines = looking(reader.select(statement), look).bind(cursor).bind(READ).fetch_all().await?;
    Ok(Page::cut(&at, lines))
}

/// How many people a look finds.
pub(super) async fn count(reader: &mut Reader, look: &Look) -> Result<i64, DbError> {
    looking(reader.select(COUNT), look).fetch_value().await
}

/// An account, as its page shows it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Account {
    pub(super) id: AccountId,
    pub(super) identifier: String,
    pub(super) surname: String,
    pub(super) given_name: String,
    pub(super) job: String,
    pub(super) mail: String,
    pub(super) phone: String,
    pub(super) office: Office,
    #[sqlx(flatten)]
    standing: StandingRow,
    pub(super) suspension_reason: Option<String>,
    pub(super) created_at: Timestamp,
}

impl Account {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.surname)
    }

    pub(super) fn state(&self) -> AccountState {
        self.standing.into()
    }
}

pub(super) const ACCOUNT: &str = concat!(
    "SELECT a.id, a.identifier, a.surname, a.given_name, a.job, a.mail, a.phone, a.office, ",
    standing_columns!(),
    ", a.suspension_reason, a.created_at \
     FROM account a WHERE a.id = $4 AND a.partner_id = $3 AND a.organism_id = $1 \
     AND ($2 IS NULL OR a.partner_id = $2)"
);

/// One account of a partner.
pub(super) async fn account(
    query: Query<'_>,
    partner: PartnerId,
    account: AccountId,
) -> Result<Option<Account>, DbError> {
    query.bind(partner).bind(account).fetch_optional().await
}

/// What somebody holds, as his page shows it.
#[derive(Clone, Debug)]
pub(super) struct Holding {
    pub(super) grant: GrantId,
    pub(super) service: String,
    /// Its hours, when it is not open all day.
    pub(super) hours: Option<Hours>,
    pub(super) role: String,
    pub(super) perimeter: Perimeter,
    /// The name of the circonscription that it follows, if it follows one.
    pub(super) circonscription: Option<String>,
    pub(super) period: Period,
    /// By which group, if not directly.
    pub(super) group: Option<(GroupId, String)>,
    pub(super) granted_by: String,
}

#[derive(FromRow)]
struct HoldingRow {
    id: GrantId,
    service: String,
    opens_at: Option<i32>,
    closes_at: Option<i32>,
    role: String,
    perimeter: String,
    circonscription: Option<String>,
    starts_on: Day,
    ends_on: Option<Day>,
    group_id: Option<GroupId>,
    group_name: Option<String>,
    granted_by: String,
}

/// What somebody holds, role by role and route by route.
pub(super) async fn holdings(
    reader: &mut Reader,
    partner: PartnerId,
    account: AccountId,
) -> Result<Vec<Holding>, DbError> {
    let rows: Vec<HoldingRow> = reader
        .select(
            "SELECT g.id, s.name AS service, s.opens_at, s.closes_at, r.name AS role, g.perimeter, \
             z.name AS circonscription, g.starts_on, g.ends_on, g.group_id, p.name AS group_name, \
             b.given_name || ' ' || b.surname AS granted_by \
             FROM role_grant g JOIN service_role r ON r.id = g.role_id JOIN service s ON s.id = r.service_id \
             JOIN account b ON b.id = g.granted_by LEFT JOIN partner_group p ON p.id = g.group_id \
             LEFT JOIN circonscription z ON z.id = g.circonscription_id \
             WHERE g.organism_id = $1 AND ($2 IS NULL OR g.partner_id = $2) AND g.partner_id = $3 \
             AND g.account_id = $4 ORDER BY s.name, r.position, p.name_key, g.id LIMIT 100",
        )
        .bind(partner)
        .bind(account)
        .fetch_all()
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Holding {
                grant: row.id,
                service: row.service,
                hours: Hours::kept(row.opens_at, row.closes_at),
                role: row.role,
                perimeter: row
                    .perimeter
                    .parse()
                    .map_err(|_| DbError::Defect("a perimeter that its own reader refuses".to_owned()))?,
                circonscription: row.circonscription,
                period: Period { starts_on: row.starts_on, ends_on: row.ends_on },
                group: row.group_id.zip(row.group_name),
                granted_by: row.granted_by,
            })
        })
        .collect()
}

/// Somebody about to have an account.
#[derive(Clone, Debug)]
pub(super) struct Newcomer {
    pub(super) given_name: String,
    pub(super) surname: String,
    pub(super) job: String,
    pub(super) mail: String,
    pub(super) phone: String,
    /// The code goes by a letter that the organism prints.
    pub(super) by_letter: bool,
}

/// Writes the row, unless the identifier is taken.
pub(super) async fn insert(
    tx: &mut WriteTx,
    id: AccountId,
    organism: OrganismId,
    partner: PartnerId,
    identifier: &str,
    newcomer: &Newcomer,
) -> Result<bool, DbError> {
    let now = tx.now();
    let name_key = crate::domain::text::fold(&format!("{} {}", newcomer.surname, newcomer.given_name));
    let inserted = tx
        .write(
            "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, \
             job, mail, phone, created_at) VALUES ($1, $2, $3, 'user', $4, $5, $6, $7, $8, $9, $10, $11) \
             ON CONFLICT (identifier) DO NOTHING",
        )
        .bind(id)
        .bind(organism)
        .bind(partner)
        .bind(identifier.to_owned())
        .bind(newcomer.surname.clone())
        .bind(newcomer.given_name.clone())
        .bind(name_key)
        .bind(newcomer.job.clone())
        .bind(newcomer.mail.clone())
        .bind(newcomer.phone.clone())
        .bind(now)
        .execute()
        .await?;
    Ok(inserted == 1)
}

/// The code will go by a letter that the organism prints.
pub(super) async fn await_letter(tx: &mut WriteTx, account: AccountId) -> Result<(), DbError> {
    tx.write("UPDATE account SET secret_way = 'letter' WHERE id = $1").bind(account).execute().await?;
    Ok(())
}

/// Puts an invitation in the outbox: its code is made when it leaves.
pub(super) async fn invite(
    tx: &mut WriteTx,
    organism: OrganismId,
    account: AccountId,
) -> Result<(), DbError> {
    let (id, now): (MailId, _) = (tx.new_id(), tx.now());
    tx.write(
        "INSERT INTO outbox (id, organism_id, account_id, kind, state, attempts, not_before, created_at) \
         VALUES ($1, $2, $3, 'invitation', 'waiting', 0, $4, $4)",
    )
    .bind(id)
    .bind(organism)
    .bind(account)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Takes password and code away, and what waits in the outbox: only the code about to be sent will serve.
pub(super) async fn clear_secrets(tx: &mut WriteTx, account: AccountId) -> Result<(), DbError> {
    tx.write(
        "UPDATE account SET password_hash = NULL, secret_hash = NULL, secret_expires_at = NULL, \
         secret_way = 'mail' WHERE id = $1",
    )
    .bind(account)
    .execute()
    .await?;
    tx.write("DELETE FROM outbox WHERE account_id = $1 AND state = 'waiting'")
        .bind(account)
        .execute()
        .await?;
    tx.shut_out(account).await
}

/// Lifts a suspension, unless it was done meanwhile.
pub(super) async fn reactivate(tx: &mut WriteTx, account: AccountId) -> Result<bool, DbError> {
    let lifted = tx
        .write(
            "UPDATE account SET suspended_at = NULL, suspension_reason = NULL \
             WHERE id = $1 AND suspended_at IS NOT NULL",
        )
        .bind(account)
        .execute()
        .await?;
    Ok(lifted == 1)
}
