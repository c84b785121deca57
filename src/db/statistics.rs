//! Counting uses from the traces: the walk, in bounded steps that each open their own view, so that a long count holds
//! nothing; and whose turn it is to count an organism.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{Db, DbError, FromRow, Reader, WriteTx};
use crate::domain::access::Actor;
use crate::domain::day::{Day, Zone};
use crate::domain::id::{AccountId, GrantId, OrganismId, PartnerId, RowId as _, TraceId};
use crate::domain::statistics::{Cell, Counts, Matter, Tally, Telling, Use};
use crate::domain::time::Timestamp;

/// Along what the traces are walked.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// All of an organism.
    Organism(OrganismId),
    /// What one person did.
    Actor(AccountId),
    /// What was done on his account: sign-ins that were refused.
    Subject(AccountId),
}

/// A trace as counting reads it.
#[derive(Clone, Debug, FromRow)]
struct Seen {
    at: Timestamp,
    id: TraceId,
    fact: String,
    outcome: String,
    partner_id: Option<PartnerId>,
    actor_id: Option<AccountId>,
    subject_id: Option<AccountId>,
    service: Option<String>,
    body: Option<String>,
}

/// Traces looked at in one step.
const STEP: usize = 2_000;

/// One step along a column, from the oldest on.
macro_rules! uses {
    ($column:literal) => {
        concat!(
            "SELECT t.at, t.id, t.fact, t.outcome, t.partner_id, t.actor_id, t.subject_id, t.service, \
             CASE WHEN t.fact = 'file.read' THEN t.body END AS body FROM trace t \
             WHERE t.organism_id = $1 AND $2 IS NULL AND ",
            $column,
            " = $3 AND (t.at, t.id) > ($4, $5) AND t.at < $6 ORDER BY t.at, t.id LIMIT 2000"
        )
    };
}

/// A run that this node holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// Of which organism.
    pub organism: OrganismId,
    /// The first day that is counted.
    pub since: Day,
    /// The last day that was counted.
    pub counted_to: Option<Day>,
    held_until: Timestamp,
}

impl Db {
    /// Counts the uses of some days, from their traces.
    pub async fn tally(
        &self,
        actor: &Actor,
        whose: Whose,
        zone: &Zone,
        (first, last): (Day, Day),
    ) -> Result<Tally, DbError> {
        let until = zone.start_of(last.plus_days(1));
        let mut place = (zone.start_of(first), TraceId::from_uuid(uuid::Uuid::nil()));
        let (mut tally, mut roles) = (Tally::default(), HashMap::new());
        loop {
            let mut reader = self.read(actor).await?;
            let seen = step(&mut reader, whose, place, until).await?;
            for trace in &seen {
                if let Some(used) = used(&mut reader, trace, zone, &mut roles).await? {
                    tally.add(&used);
                }
            }
            drop(reader);
            match seen.last() {
                Some(last) if seen.len() == STEP => place = (last.at, last.id),
                _ => return Ok(tally),
            }
            tokio::task::yield_now().await;
        }
    }

    /// Takes the turn to count an organism up to a day; nothing when it is counted, or another node is at it.
    pub async fn begin_count(
        &self,
        organism: OrganismId,
        (since, last): (Day, Day),
        (now, held_until): (Timestamp, Timestamp),
    ) -> Result<Option<Run>, DbError> {
        if self.counted(organism).await?.is_some_and(|(_, to)| to.is_some_and(|to| to >= last)) {
            return Ok(None);
        }
        let _turn = self.turn().await?;
        let mut tx = self.begin_write().await?;
        tx.query(
            &self.faults,
            "INSERT INTO use_run (organism_id, since) VALUES ($1, $2) ON CONFLICT (organism_id) DO NOTHING",
        )
        .bind(organism)
        .bind(since)
        .execute()
        .await?;
        let taken: Option<(Day, Option<Day>)> = tx
            .query(
                &self.faults,
                "UPDATE use_run SET held_until = $4 WHERE organism_id = $1 \
                 AND (counted_to IS NULL OR counted_to < $2) AND (held_until IS NULL OR held_until <= $3) \
                 RETURNING since, counted_to",
            )
            .bind(organism)
            .bind(last)
            .bind(now)
            .bind(held_until)
            .fetch_optional()
            .await?;
        tx.commit(&self.faults).await?;
        Ok(taken.map(|(since, counted_to)| Run { organism, since, counted_to, held_until }))
    }

    /// From which day and to which an organism was counted.
    pub async fn counted(&self, organism: OrganismId) -> Result<Option<(Day, Option<Day>)>, DbError> {
        let mut view = self.view().await?;
        view.query(&self.faults, "SELECT since, counted_to FROM use_run WHERE organism_id = $1")
            .bind(organism)
            .fetch_optional()
            .await
    }
}

async fn step(
    reader: &mut Reader,
    whose: Whose,
    (at, id): (Timestamp, TraceId),
    until: Timestamp,
) -> Result<Vec<Seen>, DbError> {
    let query = match whose {
        Whose::Organism(organism) => reader.select(uses!("t.organism_id")).bind(organism),
        Whose::Actor(account) => reader.select(uses!("t.actor_id")).bind(account),
        Whose::Subject(account) => reader.select(uses!("t.subject_id")).bind(account),
    };
    query.bind(at).bind(id).bind(until).planned_for_its_values().fetch_all().await
}

/// The use that a trace tells of, if it tells of one. A page that is shown again is no other consultation.
async fn used(
    reader: &mut Reader,
    trace: &Seen,
    zone: &Zone,
    roles: &mut HashMap<GrantId, Option<String>>,
) -> Result<Option<Use>, DbError> {
    let (matter, person, refused) = match (trace.fact.as_str(), trace.outcome.as_str()) {
        ("sign_in.done", _) => (Matter::SignIn, trace.actor_id, false),
        ("sign_in.refused", _) => (Matter::SignIn, trace.subject_id, true),
        ("file.looked_up", "refused") => (Matter::File, trace.actor_id, true),
        ("file.read", _) => (Matter::File, trace.actor_id, false),
        _ => return Ok(None),
    };
    let (Some(partner), Some(person)) = (trace.partner_id, person) else { return Ok(None) };
    let mut of_roles = BTreeSet::new();
    if let Some(body) = &trace.body {
        let body: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        if body.pointer("/object/again").and_then(Value::as_bool).unwrap_or(false) {
            return Ok(None);
        }
        for grant in body.pointer("/object/grants").and_then(Value::as_array).into_iter().flatten() {
            let Some(grant) = grant.as_str().and_then(|id| id.parse::<GrantId>().ok()) else { continue };
            let role = match roles.entry(grant) {
                Entry::Occupied(known) => known.get().clone(),
                Entry::Vacant(place) => place.insert(role_of(reader, grant).await?).clone(),
            };
            of_roles.extend(role);
        }
    }
    let service = trace.service.clone().unwrap_or_default();
    let day = zone.day(trace.at);
    Ok(Some(Use { day, partner, person, matter, service, roles: of_roles, refused }))
}

/// The role that a grant gave, in force or not any more.
async fn role_of(reader: &mut Reader, grant: GrantId) -> Result<Option<String>, DbError> {
    let row: Option<(String,)> = reader
        .unbounded(
            "SELECT r.code FROM service_role r WHERE r.id IN (SELECT g.role_id FROM role_grant g WHERE g.id = $1 \
             UNION ALL SELECT h.role_id FROM role_grant_history h WHERE h.id = $1)",
        )
        .bind(grant)
        .fetch_optional()
        .await?;
    Ok(row.map(|(code,)| code))
}

/// A count as its row keeps it.
#[derive(Clone, Debug, FromRow)]
struct Kept {
    body_id: uuid::Uuid,
    matter: String,
    service: String,
    role: String,
    people: i64,
    done: i64,
    refused: i64,
    told: String,
    refused_told: String,
}

impl Kept {
    fn of(run: &Run, cell: &Cell, (counts, telling): (Counts, Telling)) -> Self {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            body_id: cell.partner.map_or(run.organism.as_uuid(), PartnerId::as_uuid),
            matter: cell.matter.code().to_owned(),
            service: cell.service.clone(),
            role: cell.role.clone(),
            people: number(counts.people),
            done: number(counts.done),
            refused: number(counts.refused),
            told: telling.counts.code().to_owned(),
            refused_told: telling.refused.code().to_owned(),
        }
    }

    /// Everything that it says.
    fn said(&self) -> impl Ord + use<> {
        let figures = (self.people, self.done, self.refused);
        (
            self.body_id,
            self.matter.clone(),
            self.service.clone(),
            self.role.clone(),
            figures,
            (self.told.clone(), self.refused_told.clone()),
        )
    }
}

/// A count to write.
#[derive(Clone, Debug)]
pub struct Change {
    span: &'static str,
    starts_on: Day,
    kept: Kept,
}

impl Reader {
    /// What differs, among counts of one day or one month, from what is kept of it.
    pub async fn changes<'c>(
        &mut self,
        run: &Run,
        cells: impl IntoIterator<Item = (&'c Cell, (Counts, Telling))> + Send,
    ) -> Result<Vec<Change>, DbError> {
        let mut changes: Vec<Change> = cells
            .into_iter()
            .map(|(cell, counts)| Change {
                span: cell.span.code(),
                starts_on: cell.starts_on,
                kept: Kept::of(run, cell, counts),
            })
            .collect();
        let Some((span, starts_on)) = changes.first().map(|change| (change.span, change.starts_on)) else {
            return Ok(changes);
        };
        let kept: Vec<Kept> = self
            .unbounded(
                "SELECT body_id, matter, service, role, people, done, refused, told, refused_told FROM use_count \
                 WHERE organism_id = $1 AND starts_on = $2 AND span = $3",
            )
            .bind(run.organism)
            .bind(starts_on)
            .bind(span)
            .fetch_all()
            .await?;
        let known: BTreeSet<_> = kept.iter().map(Kept::said).collect();
        changes.retain(|change| !known.contains(&change.kept.said()));
        Ok(changes)
    }
}

impl WriteTx {
    /// Writes counts, if the run is still this node's; `false` when it is not.
    pub async fn keep_counts(&mut self, run: &Run, changes: &[Change]) -> Result<bool, DbError> {
        if !self.holds_run(run).await? {
            return Ok(false);
        }
        for Change { span, starts_on, kept } in changes {
            self.write(
                "INSERT INTO use_count (organism_id, body_id, span, starts_on, matter, service, role, people, done, \
                 refused, told, refused_told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
                 ON CONFLICT (organism_id, body_id, span, starts_on, matter, service, role) DO UPDATE \
                 SET people = excluded.people, done = excluded.done, refused = excluded.refused, told = excluded.told, \
                 refused_told = excluded.refused_told",
            )
            .bind(run.organism)
            .bind(kept.body_id)
            .bind(*span)
            .bind(*starts_on)
            .bind(kept.matter.clone())
            .bind(kept.service.clone())
            .bind(kept.role.clone())
            .bind(kept.people)
            .bind(kept.done)
            .bind(kept.refused)
            .bind(kept.told.clone())
            .bind(kept.refused_told.clone())
            .execute()
            .await?;
        }
        Ok(true)
    }

    /// Ends a run, and erases the counts that are older than `kept_since`; `false` when it is not this node's any more.
    pub async fn end_count(&mut self, run: &Run, last: Day, kept_since: Day) -> Result<bool, DbError> {
        if !self.holds_run(run).await? {
            return Ok(false);
        }
        self.write("UPDATE use_run SET counted_to = $2, held_until = NULL WHERE organism_id = $1")
            .bind(run.organism)
            .bind(last)
            .execute()
            .await?;
        self.write("DELETE FROM use_count WHERE organism_id = $1 AND starts_on < $2")
            .bind(run.organism)
            .bind(kept_since)
            .execute()
            .await?;
        Ok(true)
    }

    async fn holds_run(&mut self, run: &Run) -> Result<bool, DbError> {
        let held = self
            .write("UPDATE use_run SET held_until = $2 WHERE organism_id = $1 AND held_until = $2")
            .bind(run.organism)
            .bind(run.held_until)
            .execute()
            .await?;
        Ok(held == 1)
    }
}
