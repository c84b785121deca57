//! The next look-ups of the sealed log, and what their files say to rules: a commune, and whether a surname is the
//! person's own. Nothing else of a file is kept, nor its number.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;
use time::Duration;

use crate::app::App;
use crate::db::use_walk::Place;
use crate::db::{DbError, FromRow, Reader};
use crate::domain::atypical::{Given, Network, Use, same_surname};
use crate::domain::day::Zone;
use crate::domain::file_key::KeyKind;
use crate::domain::id::{AccountId, OrganismId, PartnerId, TraceId};
use crate::domain::territory::CommuneCode;
use crate::domain::time::Timestamp;
use crate::features::consultation::source::{self, SourceFailed};
use crate::web::file_mark;

/// Leaves gone through in one step.
const LEAVES: i64 = 5_000;
/// Look-ups of one step: the transaction that files them stays short.
const AT_ONCE: usize = 50;
/// How long a source of files that does not answer is waited for, before its files are gone without.
const PATIENCE: Duration = Duration::hours(6);

/// Some leaves that follow a place.
pub(super) enum Stretch {
    /// There is none.
    End,
    /// There is no look-up among them.
    Nothing { to: Place },
    /// These look-ups are.
    LookUps { to: Place, rows: Vec<Row> },
}

/// The trace of a look-up.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    rank: i64,
    id: TraceId,
    at: Timestamp,
    organism_id: OrganismId,
    partner_id: PartnerId,
    actor_id: AccountId,
    service: String,
    source: Option<String>,
    file_hash: Vec<u8>,
    body: String,
}

/// A look-up with what rules need to know.
#[derive(Clone, Debug)]
pub(super) struct LookedUp {
    pub(super) organism: OrganismId,
    pub(super) partner: PartnerId,
    pub(super) account: AccountId,
    pub(super) service: String,
    pub(super) one: Use,
    /// From which address, which is not kept.
    pub(super) source: Option<IpAddr>,
    /// Its file was read.
    pub(super) read: bool,
}

/// What follows a place.
pub(super) async fn next(app: &App, place: Place) -> Result<Stretch, DbError> {
    let mut reader = app.read(&app.job("usage", None)).await?;
    let last = place.rank.saturating_add(LEAVES);
    // The end first: each statement has a view of its own, and what is sealed meanwhile is for the next step.
    let Some(to) = end(app, &mut reader, place, last).await? else { return Ok(Stretch::End) };
    if to.log != place.log {
        return Ok(Stretch::Nothing { to });
    }
    let mut rows: Vec<Row> = reader
        .unbounded(
            "SELECT l.rank, t.id, t.at, t.organism_id, t.partner_id, t.actor_id, t.service, t.source, t.file_hash, t.body \
             FROM trace_leaf l JOIN trace t ON t.month = l.month AND t.id = l.id \
             WHERE l.log = $1 AND l.rank > $2 AND l.rank <= $3 AND t.fact = 'file.looked_up' \
             AND t.organism_id IS NOT NULL AND t.partner_id IS NOT NULL AND t.actor_id IS NOT NULL \
             AND t.service IS NOT NULL AND t.file_hash IS NOT NULL ORDER BY l.rank LIMIT $4",
        )
        .bind(place.log)
        .bind(place.rank)
        .bind(to.rank)
        .bind(i64::try_from(AT_ONCE + 1).unwrap_or(i64::MAX))
        .fetch_all()
        .await?;
    if rows.len() > AT_ONCE {
        rows.truncate(AT_ONCE);
        let rank = rows.last().map_or(place.rank, |row| row.rank);
        return Ok(Stretch::LookUps { to: Place { rank, ..place }, rows });
    }
    Ok(if rows.is_empty() { Stretch::Nothing { to } } else { Stretch::LookUps { to, rows } })
}

/// The last leaf of the stretch, or the beginning of the log that follows; nothing when none was sealed since.
async fn end(app: &App, reader: &mut Reader, place: Place, last: i64) -> Result<Option<Place>, DbError> {
    // Nothing is sealed in a log any more once another is open.
    let open = app.db().head().await?.log;
    let found: Option<(i64,)> = reader
        .unbounded(
            "SELECT rank FROM trace_leaf WHERE log = $1 AND rank > $2 AND rank <= $3 ORDER BY rank DESC LIMIT 1",
        )
        .bind(place.log)
        .bind(place.rank)
        .bind(last)
        .fetch_optional()
        .await?;
    if let Some((rank,)) = found {
        return Ok(Some(Place { rank, ..place }));
    }
    // Leaves that were folded before they were looked at leave a gap.
    let beyond: Option<(i64,)> = reader
        .unbounded("SELECT rank FROM trace_leaf WHERE log = $1 AND rank > $2 ORDER BY rank LIMIT 1")
        .bind(place.log)
        .bind(place.rank)
        .fetch_optional()
        .await?;
    if let Some((rank,)) = beyond {
        return Ok(Some(Place { rank: rank - 1, ..place }));
    }
    Ok((open > place.log).then_some(Place { log: place.log + 1, rank: -1 }))
}

/// Whose look-ups these are.
#[derive(Clone, Debug, FromRow)]
struct Person {
    surname: String,
    time_zone: String,
}

/// What rows tell, with what their files say.
pub(super) struct Examined {
    pub(super) looked_up: Vec<LookedUp>,
    /// The rank of the first one whose file does not answer yet: neither it nor those after it were examined.
    pub(super) unanswered: Option<i64>,
}

/// Examines rows, up to the first one whose file does not answer yet.
pub(super) async fn examine(app: &App, rows: Vec<Row>) -> Result<Examined, DbError> {
    let mut people: BTreeMap<AccountId, Person> = BTreeMap::new();
    let mut reader = app.read(&app.job("usage", None)).await?;
    for row in &rows {
        if people.contains_key(&row.actor_id) {
            continue;
        }
        let person: Option<Person> = reader
            .unbounded(
                "SELECT a.surname, o.time_zone FROM account a JOIN organism o ON o.id = a.organism_id WHERE a.id = $1",
            )
            .bind(row.actor_id)
            .fetch_optional()
            .await?;
        if let Some(person) = person {
            people.insert(row.actor_id, person);
        }
    }
    drop(reader);
    let mut looked_up = Vec::with_capacity(rows.len());
    for row in rows {
        // An account is never erased while its traces are there.
        let Some(person) = people.get(&row.actor_id) else { continue };
        let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
        let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let given = Given::traced(text("/object/result"));
        let said = match given {
            Given::Opened => {
                match said(app, row.organism_id, text("/object/file/sealed"), &person.surname).await {
                    Ok(said) => said,
                    Err(SourceFailed) if app.now().since(row.at) < PATIENCE => {
                        return Ok(Examined { looked_up, unanswered: Some(row.rank) });
                    }
                    Err(SourceFailed) => None,
                }
            }
            Given::Refused | Given::Neither => None,
        };
        let zone = Zone::parse(&person.time_zone).unwrap_or_default();
        let clock = zone.local(row.at);
        let source = row.source.as_deref().and_then(|source| source.parse::<IpAddr>().ok());
        let read = said.is_some();
        let (commune, namesake) = said.unzip();
        let one = Use {
            trace: row.id,
            at: row.at,
            day: zone.day(row.at),
            hour: clock.hour(),
            given,
            file: row.file_hash,
            network: source.map(Network::of),
            outside: None,
            commune,
            namesake: namesake.unwrap_or(false),
        };
        looked_up.push(LookedUp {
            organism: row.organism_id,
            partner: row.partner_id,
            account: row.actor_id,
            service: row.service,
            one,
            source,
            read,
        });
    }
    Ok(Examined { looked_up, unanswered: None })
}

/// The commune of a file, and whether somebody in it bears that surname; nothing when the file is there no more.
async fn said(
    app: &App,
    organism: OrganismId,
    sealed: &str,
    surname: &str,
) -> Result<Option<(CommuneCode, bool)>, SourceFailed> {
    let Some(number) = file_mark::read(&app.kit().keys, sealed) else { return Ok(None) };
    let Ok(key) = KeyKind::likely(&number).read(&number) else { return Ok(None) };
    let Some(sheet) = source::ask(app.files(), organism, &key).await? else { return Ok(None) };
    let commune = sheet.commune;
    let named = |file: &crate::domain::files::File| {
        file.family.persons.iter().any(|person| {
            same_surname(surname, &person.name.surname)
                || person.name.birth_surname.as_deref().is_some_and(|born| same_surname(surname, born))
        })
    };
    Ok(Some((commune, sheet.open().is_ok_and(|file| named(&file)))))
}
