//! Walking the log along one of its indexes, newest first, in bounded steps. Each index has its own text, so that
//! neither engine has a choice to get wrong: the column walked along is the only one that leads anywhere.

use crate::db::{DbError, FromRow, Query, Reader};
use crate::domain::day::Day;
use crate::domain::facts::Outcome;
use crate::domain::id::{AccountId, CorrelationId, GroupId, OrganismId, PartnerId, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace_search::{Place, Placed, SCATTERED_STEP, STEP, Step};

/// What is walked along.
#[derive(Clone, Debug)]
pub(super) enum Along {
    /// Everything of the organism.
    Organism(OrganismId),
    /// What concerns one partner.
    Partner(PartnerId),
    /// What one person did.
    Actor(AccountId),
    /// What was done about one person.
    Subject(AccountId),
    /// One file, as its keyed hash.
    File(Vec<u8>),
}

impl Along {
    fn bind<'q>(&self, query: Query<'q>) -> Query<'q> {
        match self {
            Self::Organism(id) => query.bind(*id),
            Self::Partner(id) => query.bind(*id),
            Self::Actor(id) | Self::Subject(id) => query.bind(*id),
            Self::File(hash) => query.bind(hash.clone()),
        }
    }

    /// How many traces one step may look at.
    fn step(&self) -> i64 {
        match self {
            Self::Organism(_) => STEP,
            Self::Partner(_) | Self::Actor(_) | Self::Subject(_) | Self::File(_) => SCATTERED_STEP,
        }
    }
}

/// What is kept of the traces that are met. None of it has an index.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// First letters of the facts' codes.
    pub(super) family: Option<&'static str>,
    pub(super) outcome: Option<Outcome>,
    pub(super) service: Option<String>,
    pub(super) source: Option<String>,
    pub(super) partner: Option<PartnerId>,
    pub(super) mission: Option<String>,
    pub(super) group: Option<GroupId>,
}

impl Filter {
    fn keeps_all(&self) -> bool {
        self.family.is_none()
            && self.outcome.is_none()
            && self.service.is_none()
            && self.source.is_none()
            && self.partner.is_none()
            && self.mission.is_none()
            && self.group.is_none()
    }

    /// The mission as a body writes it. A quotation mark inside a text of a body is escaped: this stands nowhere else.
    pub(super) fn mission_written(&self) -> Option<String> {
        let mission = self.mission.as_ref()?;
        Some(format!("\"mission\":{}", serde_json::Value::from(mission.as_str())))
    }

    pub(super) fn group_written(&self) -> Option<String> {
        self.group.map(|group| format!("\"group\":{{\"id\":\"{group}\""))
    }
}

/// The part of the log that is walked: older than `before`, not older than `from`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) before: Place,
    pub(super) from: Place,
    /// The day of the reading.
    pub(super) today: Day,
}

impl Stretch {
    /// From an instant on and up to another, or only what comes before a place between them.
    pub(super) fn between(from: Timestamp, to: Timestamp, before: Option<Place>, today: Day) -> Self {
        let end = Place::first_of(to);
        Self { before: before.map_or(end, |before| before.min(end)), from: Place::first_of(from), today }
    }
}

/// A trace as a list shows it.
#[derive(Clone, Debug, FromRow)]
pub(super) struct Row {
    pub(super) id: TraceId,
    pub(super) at: Timestamp,
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) body: String,
    pub(super) keep_until: Day,
    pub(super) partner_name: Option<String>,
    pub(super) subject_name: Option<String>,
}

/// What is past its day is not a partner's to read any more, though an investigation still keeps it. These rows are the
/// oldest of what was found: without them a page only ends earlier.
fn theirs(reader: &Reader, today: Day, mut rows: Vec<Row>) -> Vec<Row> {
    if reader.visible().partner().is_some() {
        rows.retain(|row| row.keep_until > today);
    }
    rows
}

impl Placed for Row {
    fn place(&self) -> Place {
        Place { at: self.at, id: self.id }
    }
}

/// The traces that the actor may read. A `CASE` is asked of each row that is met, and no engine walks along it.
macro_rules! seen {
    () => {
        "CASE WHEN $2 IS NULL THEN t.organism_id = $1 \
         ELSE t.organism_id = $1 AND t.partner_id = $2 AND t.audience = 'partner' END "
    };
}

/// The rows that a list shows, under a condition. Names come one by one for the few lines that are kept: a join would
/// let an engine begin elsewhere than in the log.
macro_rules! lines {
    ($condition:expr) => {
        concat!(
            "SELECT t.id, t.at, t.fact, t.outcome, t.body, t.keep_until, \
             (SELECT p.legal_name FROM partner p WHERE p.id = t.partner_id) AS partner_name, \
             (SELECT s.given_name || ' ' || s.surname FROM account s WHERE s.id = t.subject_id) AS subject_name \
             FROM trace t WHERE ",
            seen!(),
            $condition
        )
    };
}

/// A page along one column. The bounds of `at` alone say nothing that the pairs do not, but it is by them that PostgreSQL
/// reckons how short a step is: without them it reads the whole table to find what is rare. (`replace` is the one word
/// for «contains» that both engines have.)
macro_rules! found {
    ($column:literal) => {
        lines!(concat!(
            "AND ",
            $column,
            " = $3 AND t.at <= $4 AND t.at >= $6 AND (t.at, t.id) < ($4, $5) AND (t.at, t.id) >= ($6, $7) \
             AND ($8 IS NULL OR (t.fact >= $8 AND t.fact < $9)) AND ($10 IS NULL OR t.outcome = $10) \
             AND ($11 IS NULL OR t.service = $11) AND ($12 IS NULL OR t.source = $12) \
             AND ($13 IS NULL OR t.partner_id = $13) AND ($14 IS NULL OR replace(t.body, $14, '') <> t.body) \
             AND ($15 IS NULL OR replace(t.body, $15, '') <> t.body) \
             ORDER BY t.at DESC, t.id DESC LIMIT 51"
        ))
    };
}

/// The last trace that one step may look at, along one column.
macro_rules! looked_to {
    ($column:literal) => {
        concat!(
            "SELECT t.at, t.id FROM trace t WHERE ",
            seen!(),
            "AND ",
            $column,
            " = $3 AND t.at <= $4 AND t.at >= $6 AND (t.at, t.id) < ($4, $5) AND (t.at, t.id) >= ($6, $7) \
             ORDER BY t.at DESC, t.id DESC LIMIT 1 OFFSET $8"
        )
    };
}

/// One step. Without a filter every trace met is kept, and the page ends the walk by itself.
pub(super) async fn step(
    reader: &mut Reader,
    along: &Along,
    stretch: Stretch,
    filter: &Filter,
) -> Result<Step<Row>, DbError> {
    let looked_to = if filter.keeps_all() { None } else { end_of_step(reader, along, stretch).await? };
    let from = looked_to.unwrap_or(stretch.from);
    let statement = match along {
        Along::Organism(_) => reader.select(found!("t.organism_id")),
        Along::Partner(_) => reader.select(found!("t.partner_id")),
        Along::Actor(_) => reader.select(found!("t.actor_id")),
        Along::Subject(_) => reader.select(found!("t.subject_id")),
        Along::File(_) => reader.select(found!("t.file_hash")),
    };
    let found = along
        .bind(statement)
        .bind(stretch.before.at)
        .bind(stretch.before.id)
        .bind(from.at)
        .bind(from.id)
        .bind(filter.family.map(str::to_owned))
        .bind(filter.family.map(|family| format!("{family}\u{7f}")))
        .bind(filter.outcome.map(|outcome| outcome.code().to_owned()))
        .bind(filter.service.clone())
        .bind(filter.source.clone())
        .bind(filter.partner)
        .bind(filter.mission_written())
        .bind(filter.group_written())
        .planned_for_its_values()
        .fetch_all()
        .await?;
    Ok(Step { found: theirs(reader, stretch.today, found), looked_to })
}

async fn end_of_step(reader: &mut Reader, along: &Along, stretch: Stretch) -> Result<Option<Place>, DbError> {
    let statement = match along {
        Along::Organism(_) => reader.select(looked_to!("t.organism_id")),
        Along::Partner(_) => reader.select(looked_to!("t.partner_id")),
        Along::Actor(_) => reader.select(looked_to!("t.actor_id")),
        Along::Subject(_) => reader.select(looked_to!("t.subject_id")),
        Along::File(_) => reader.select(looked_to!("t.file_hash")),
    };
    let end: Option<(Timestamp, TraceId)> = along
        .bind(statement)
        .bind(stretch.before.at)
        .bind(stretch.before.id)
        .bind(stretch.from.at)
        .bind(stretch.from.id)
        .bind(along.step() - 1)
        .planned_for_its_values()
        .fetch_optional()
        .await?;
    Ok(end.map(|(at, id)| Place { at, id }))
}

/// The traces of one session in the order in which they happened, after a place.
pub(super) async fn session(
    reader: &mut Reader,
    session: &[u8],
    after: Place,
    until: Timestamp,
    today: Day,
) -> Result<Vec<Row>, DbError> {
    let rows = reader
        .select(lines!(
            "AND t.session_hash = $3 AND (t.at, t.id) > ($4, $5) AND t.at < $6 ORDER BY t.at, t.id LIMIT 51"
        ))
        .bind(session.to_vec())
        .bind(after.at)
        .bind(after.id)
        .bind(until)
        .planned_for_its_values()
        .fetch_all()
        .await?;
    Ok(theirs(reader, today, rows))
}

/// The traces that one request left, in order.
pub(super) async fn of_one_request(
    reader: &mut Reader,
    correlation: CorrelationId,
    today: Day,
) -> Result<Vec<Row>, DbError> {
    let rows = reader
        .select(lines!("AND t.correlation = $3 ORDER BY t.at, t.id LIMIT 21"))
        .bind(correlation)
        .planned_for_its_values()
        .fetch_all()
        .await?;
    Ok(theirs(reader, today, rows))
}
