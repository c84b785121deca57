//! What is usual for one person in one service, as his remembered look-ups tell it.

use std::collections::{BTreeMap, BTreeSet};

use super::filing::Key;
use crate::db::{DbError, FromRow, WriteTx};
use crate::domain::atypical::{
    Given, HABITS, Habits, Judged, LATELY, MEMORY, Network, Rule, Signal, Thresholds, Use, WINDOW,
    asks_for_peers, usual_day,
};
use crate::domain::day::{Day, Zone};
use crate::domain::id::{AccountId, PartnerId, TraceId};
use crate::domain::ranges::Range;
use crate::domain::time::Timestamp;

/// Look-ups of a window that are read, at most: beyond, rules have seen enough.
const MOST: i64 = 3_000;

#[derive(Clone, Debug, FromRow)]
struct Seen {
    trace_id: TraceId,
    at: Timestamp,
    day: Day,
    given: String,
    file_hash: Vec<u8>,
    network: Option<String>,
    outside: Option<bool>,
    commune: Option<String>,
    namesake: bool,
    time_zone: String,
}

/// The look-ups of the window that ends that day, oldest first.
pub(super) async fn window(tx: &mut WriteTx, key: &Key) -> Result<Vec<Use>, DbError> {
    let mut rows: Vec<Seen> = tx
        .write(
            "SELECT u.trace_id, u.at, u.day, u.given, u.file_hash, u.network, u.outside, u.commune, u.namesake, \
             o.time_zone \
             FROM use_seen u JOIN organism o ON o.id = u.organism_id \
             WHERE u.account_id = $1 AND u.service = $2 AND u.day > $3 AND u.day <= $4 \
             ORDER BY u.day DESC, u.at DESC LIMIT $5",
        )
        .bind(key.account)
        .bind(key.service.clone())
        .bind(key.day.plus_days(-WINDOW))
        .bind(key.day)
        .bind(MOST)
        .fetch_all()
        .await?;
    rows.reverse();
    let used = |row: Seen| Use {
        trace: row.trace_id,
        at: row.at,
        day: row.day,
        hour: Zone::parse(&row.time_zone).unwrap_or_default().local(row.at).hour(),
        given: Given::parse(&row.given),
        file: row.file_hash,
        network: row.network.map(Network::kept),
        outside: row.outside,
        commune: row.commune.and_then(|commune| commune.parse().ok()),
        namesake: row.namesake,
    };
    Ok(rows.into_iter().map(used).collect())
}

/// What is usual before that day.
pub(super) async fn habits(
    tx: &mut WriteTx,
    key: &Key,
    uses: &[Use],
    thresholds: &Thresholds,
) -> Result<Habits, DbError> {
    let days: Vec<(Day, i64)> = tx
        .write(
            "SELECT day, CAST(count(*) AS BIGINT) FROM use_seen \
             WHERE account_id = $1 AND service = $2 AND day >= $3 AND day < $4 GROUP BY day ORDER BY day",
        )
        .bind(key.account)
        .bind(key.service.clone())
        .bind(key.day.plus_days(-MEMORY))
        .bind(key.day)
        .fetch_all()
        .await?;
    let communes: Vec<(String,)> = tx
        .write(
            "SELECT DISTINCT commune FROM use_seen WHERE account_id = $1 AND service = $2 \
             AND day >= $3 AND day < $4 AND commune IS NOT NULL",
        )
        .bind(key.account)
        .bind(key.service.clone())
        .bind(key.day.plus_days(-HABITS))
        .bind(key.day)
        .fetch_all()
        .await?;
    let today = uses.iter().filter(|one| one.day == key.day);
    let networks: BTreeSet<&Network> = today.clone().filter_map(|one| one.network.as_ref()).collect();
    let mut known = BTreeSet::new();
    for network in networks {
        if is_known(tx, key, network).await? {
            known.insert(network.clone());
        }
    }
    let peers = if asks_for_peers(today.count(), thresholds) { peers(tx, key).await? } else { Vec::new() };
    Ok(Habits {
        days: days.into_iter().map(|(day, many)| (day, number(many))).collect(),
        communes: communes.into_iter().filter_map(|(commune,)| commune.parse().ok()).collect(),
        networks: known,
        peers,
    })
}

fn number(many: i64) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
}

/// Whether somebody at the same partner's used that network before that day.
async fn is_known(tx: &mut WriteTx, key: &Key, network: &Network) -> Result<bool, DbError> {
    let row: Option<(AccountId,)> = tx
        .write(
            "SELECT account_id FROM use_seen WHERE partner_id = $1 AND network = $2 AND day >= $3 AND day < $4 LIMIT 1",
        )
        .bind(key.partner)
        .bind(network.as_str().to_owned())
        .bind(key.day.plus_days(-HABITS))
        .bind(key.day)
        .fetch_optional()
        .await?;
    Ok(row.is_some())
}

/// The usual day of each of those who hold a role of the service that the person holds, at the same partner's.
async fn peers(tx: &mut WriteTx, key: &Key) -> Result<Vec<u32>, DbError> {
    let rows: Vec<(AccountId, i64)> = tx
        .write(
            "SELECT u.account_id, CAST(count(*) AS BIGINT) FROM use_seen u \
             WHERE u.service = $2 AND u.day >= $3 AND u.day < $4 AND u.account_id IN \
             (SELECT theirs.account_id FROM role_grant mine JOIN role_grant theirs \
             ON theirs.membership_id = mine.membership_id AND theirs.role_id = mine.role_id \
             JOIN membership m ON m.id = mine.membership_id JOIN service s ON s.id = m.service_id \
             WHERE mine.account_id = $1 AND theirs.account_id <> $1 AND s.code = $2) \
             GROUP BY u.account_id, u.day",
        )
        .bind(key.account)
        .bind(key.service.clone())
        .bind(key.day.plus_days(-LATELY))
        .bind(key.day)
        .fetch_all()
        .await?;
    let mut days: BTreeMap<AccountId, Vec<u32>> = BTreeMap::new();
    for (account, many) in rows {
        days.entry(account).or_default().push(number(many));
    }
    Ok(days.into_values().filter_map(usual_day).collect())
}

/// Holds what is open of that day until this step is filed: whoever decides meanwhile waits, or was heard before.
pub(super) async fn hold_open(tx: &mut WriteTx, key: &Key) -> Result<(), DbError> {
    tx.write(
        "UPDATE use_signal SET figure = figure WHERE account_id = $1 AND service = $2 AND day = $3 \
         AND decision IS NULL",
    )
    .bind(key.account)
    .bind(key.service.clone())
    .bind(key.day)
    .execute()
    .await?;
    Ok(())
}

/// The first trace of the series that waits and that this one goes on from: of a long series, the first look-ups leave
/// the window while it lasts.
pub(super) async fn begun(
    tx: &mut WriteTx,
    key: &Key,
    series: &Signal,
    uses: &[Use],
) -> Result<Option<Vec<u8>>, DbError> {
    let first = uses.iter().find(|one| series.evidence.first() == Some(&one.trace)).map(|one| one.at);
    let row: Option<(Vec<u8>,)> = tx
        .write(
            "SELECT about FROM use_signal WHERE account_id = $1 AND service = $2 AND day = $3 AND rule = $4 \
             AND decision IS NULL AND last_at >= $5 ORDER BY raised_at, id LIMIT 1",
        )
        .bind(key.account)
        .bind(key.service.clone())
        .bind(key.day)
        .bind(series.rule.code())
        .bind(first)
        .fetch_optional()
        .await?;
    Ok(row.map(|(about,)| about))
}

/// Until when signals were judged that may have told some of these look-ups.
pub(super) async fn judged(tx: &mut WriteTx, key: &Key, uses: &[Use]) -> Result<Judged, DbError> {
    let rows: Vec<(String, Vec<u8>, Timestamp)> = tx
        .write(
            "SELECT rule, about, max(last_at) FROM use_signal WHERE account_id = $1 AND service = $2 \
             AND decision IS NOT NULL AND last_at >= $3 GROUP BY rule, about",
        )
        .bind(key.account)
        .bind(key.service.clone())
        .bind(uses.first().map(|one| one.at))
        .fetch_all()
        .await?;
    Ok(rows.into_iter().filter_map(|(rule, about, at)| Some(((Rule::parse(&rule)?, about), at))).collect())
}

/// Since when the person was under surveillance at that instant, if he was.
pub(super) async fn watched(
    tx: &mut WriteTx,
    key: &Key,
    at: Timestamp,
) -> Result<Option<Timestamp>, DbError> {
    let row: Option<(Timestamp,)> = tx
        .write(
            "SELECT from_at FROM surveillance WHERE account_id = $1 AND from_at <= $2 AND until_on >= $3 \
             AND (ended_at IS NULL OR ended_at > $2) LIMIT 1",
        )
        .bind(key.account)
        .bind(at)
        .bind(key.day)
        .fetch_optional()
        .await?;
    Ok(row.map(|(from,)| from))
}

/// The ranges of addresses declared for a partner.
pub(super) async fn declared(tx: &mut WriteTx, partner: PartnerId) -> Result<Vec<Range>, DbError> {
    let rows: Vec<(String,)> = tx
        .write("SELECT addresses FROM partner_network WHERE partner_id = $1 ORDER BY addresses")
        .bind(partner)
        .fetch_all()
        .await?;
    Ok(rows.iter().filter_map(|(addresses,)| addresses.parse().ok()).collect())
}

/// What the organism set for the service.
pub(super) async fn thresholds(tx: &mut WriteTx, key: &Key) -> Result<Thresholds, DbError> {
    let rows: Vec<(String, i32)> = tx
        .write(
            "SELECT t.setting, t.value FROM use_threshold t JOIN service s ON s.id = t.service_id \
             WHERE t.organism_id = $1 AND s.code = $2",
        )
        .bind(key.organism)
        .bind(key.service.clone())
        .fetch_all()
        .await?;
    Ok(Thresholds::kept(rows))
}
