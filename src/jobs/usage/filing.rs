//! One step: what was looked up is remembered, what rules notice is filed, and the place moves, all at once or not at all.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::habits;
use super::reading::LookedUp;
use crate::app::App;
use crate::db::use_walk::Place;
use crate::db::{DbError, Refused, WriteTx};
use crate::domain::access::{Permission, Scope};
use crate::domain::atypical::{RECENT, Rule, Sight, Signal, Use, look};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, OrganismId, PartnerId, SignalId};
use crate::domain::ranges::{Range, is_outside};
use crate::domain::retention::Category;
use crate::domain::time::Timestamp;
use crate::domain::trace::month_of;

/// One day of one person in one service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Key {
    pub(super) organism: OrganismId,
    pub(super) partner: PartnerId,
    pub(super) account: AccountId,
    pub(super) service: String,
    pub(super) day: Day,
}

/// Files a step; gives how many signals are new, or nothing when another node went on from there.
pub(super) async fn file(
    app: &App,
    (from, to): (Place, Place),
    looked_up: &[LookedUp],
) -> Result<Option<u32>, Refused> {
    let write = app.write(&app.job("usage", None)).await?;
    let mut tx = write.permit(Permission::WatchUse, Scope::Installation)?;
    if !tx.advance_use_walk(from, to).await? {
        return Ok(None);
    }
    let today = Day::from(tx.now().instant().date());
    let (mut keys, mut files) = (BTreeSet::new(), 0);
    let mut declared: BTreeMap<PartnerId, Vec<Range>> = BTreeMap::new();
    for one in looked_up {
        if let Entry::Vacant(unknown) = declared.entry(one.partner) {
            unknown.insert(habits::declared(&mut tx, one.partner).await?);
        }
        let ranges = declared.get(&one.partner).map(Vec::as_slice).unwrap_or_default();
        remember(&mut tx, one, is_outside(ranges, one.source)).await?;
        files += u32::from(one.read);
        if today.days_since(one.one.day) <= RECENT {
            keys.insert(Key {
                organism: one.organism,
                partner: one.partner,
                account: one.account,
                service: one.service.clone(),
                day: one.one.day,
            });
        }
    }
    let mut facts = Vec::new();
    for key in keys {
        let ranges = declared.get(&key.partner).map(Vec::as_slice).unwrap_or_default();
        judge(&mut tx, &key, ranges, &mut facts).await?;
    }
    let signals = u32::try_from(facts.len()).unwrap_or(u32::MAX);
    let look_ups = u32::try_from(looked_up.len()).unwrap_or(u32::MAX);
    facts.push(Fact::UseExamined { look_ups, files, signals });
    let _receipt = tx.commit(facts).await?;
    Ok(Some(signals))
}

async fn remember(tx: &mut WriteTx, looked_up: &LookedUp, outside: Option<bool>) -> Result<(), DbError> {
    let one = &looked_up.one;
    tx.write(
        "INSERT INTO use_seen (trace_id, organism_id, partner_id, account_id, service, day, at, given, file_hash, \
         network, outside, commune, namesake) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
         ON CONFLICT (trace_id) DO NOTHING",
    )
    .bind(one.trace)
    .bind(looked_up.organism)
    .bind(looked_up.partner)
    .bind(looked_up.account)
    .bind(looked_up.service.clone())
    .bind(one.day)
    .bind(one.at)
    .bind(one.given.code())
    .bind(one.file.clone())
    .bind(one.network.as_ref().map(|network| network.as_str().to_owned()))
    .bind(outside)
    .bind(one.commune.as_ref().map(ToString::to_string))
    .bind(one.namesake)
    .execute()
    .await?;
    Ok(())
}

/// Looks at one day, and files what rules notice in it.
async fn judge(
    tx: &mut WriteTx,
    key: &Key,
    declared: &[Range],
    facts: &mut Vec<Fact>,
) -> Result<(), DbError> {
    let uses = habits::window(tx, key).await?;
    let Some(last) = uses.last().map(|one| one.at) else { return Ok(()) };
    let thresholds = habits::thresholds(tx, key).await?;
    let habits = habits::habits(tx, key, &uses, &thresholds).await?;
    habits::hold_open(tx, key).await?;
    let mut judged = habits::judged(tx, key, &uses).await?;
    let watched = habits::watched(tx, key, last).await?;
    if let Some(since) = watched {
        let judged = judged.entry((Rule::Watched, Vec::new())).or_insert(since);
        *judged = since.max(*judged);
    }
    let sight =
        Sight { today: key.day, uses: &uses, habits: &habits, judged: &judged, watched: watched.is_some() };
    for mut signal in look(&sight, &thresholds) {
        if signal.rule == Rule::Refused
            && let Some(begun) = habits::begun(tx, key, &signal, &uses).await?
        {
            signal.about = begun;
        }
        // What the last address was foreign to is part of what the signal says.
        let declared = if signal.rule == Rule::Foreign { declared } else { &[] };
        let (id, new) = raise(tx, key, &signal, declared).await?;
        if new {
            facts.push(Fact::UseSignalled {
                signal: id,
                account: key.account,
                organism: key.organism,
                rule: signal.rule.code(),
                service: key.service.clone(),
                day: key.day,
            });
        }
        name(tx, (id, key.organism), &signal, &uses).await?;
    }
    Ok(())
}

/// Files a signal, or brings the one that waits up to date; gives its id, and whether it is new. One that was decided upon
/// is never touched.
async fn raise(
    tx: &mut WriteTx,
    key: &Key,
    signal: &Signal,
    declared: &[Range],
) -> Result<(SignalId, bool), DbError> {
    let declared: Vec<String> = declared.iter().map(ToString::to_string).collect();
    let (id, now): (SignalId, Timestamp) = (tx.new_id(), tx.now());
    let filed: SignalId = tx
        .write(
            "INSERT INTO use_signal (id, organism_id, partner_id, account_id, service, rule, about, day, figure, threshold, \
             usual, peers, last_at, declared, raised_at, keep_until, state) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 'open') \
             ON CONFLICT (account_id, service, rule, about, day) WHERE decision IS NULL DO UPDATE SET \
             figure = EXCLUDED.figure, threshold = EXCLUDED.threshold, usual = EXCLUDED.usual, \
             peers = EXCLUDED.peers, declared = CASE WHEN EXCLUDED.last_at > use_signal.last_at \
             THEN EXCLUDED.declared ELSE use_signal.declared END, last_at = EXCLUDED.last_at RETURNING id",
        )
        .bind(id)
        .bind(key.organism)
        .bind(key.partner)
        .bind(key.account)
        .bind(key.service.clone())
        .bind(signal.rule.code())
        .bind(signal.about.clone())
        .bind(key.day)
        .bind(i64::from(signal.figure))
        .bind(i64::from(signal.threshold))
        .bind(signal.usual.map(i64::from))
        .bind(signal.peers.map(i64::from))
        .bind(signal.last)
        .bind((!declared.is_empty()).then(|| declared.join(", ")))
        .bind(now)
        .bind(key.day.plus_months(Category::Action.months()))
        .fetch_value()
        .await?;
    Ok((filed, filed == id))
}

/// Names the traces that make a signal, and no other: those that made it before may not any more.
async fn name(
    tx: &mut WriteTx,
    (id, organism): (SignalId, OrganismId),
    signal: &Signal,
    uses: &[Use],
) -> Result<(), DbError> {
    tx.write("DELETE FROM use_evidence WHERE signal_id = $1").bind(id).execute().await?;
    for one in uses.iter().filter(|one| signal.evidence.contains(&one.trace)) {
        tx.write(
            "INSERT INTO use_evidence (signal_id, trace_id, organism_id, month, file_hash) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(id)
        .bind(one.trace)
        .bind(organism)
        .bind(month_of(one.trace))
        .bind(one.file.clone())
        .execute()
        .await?;
    }
    Ok(())
}
