//! How a fact is written down for ever: the row of a trace, its canonical body, the bytes that its MAC covers,
//! and the columns that search uses. Nothing here writes: `db` does.

use serde::Serialize;
use serde_json::{Map, Value};

use super::access::{Actor, Office};
use super::day::Day;
use super::facts::Fact;
use super::id::{AccountId, CorrelationId, OrganismId, PartnerId, RowId, TraceId};
use super::retention::Category;
use super::time::Timestamp;

/// Who may read a trace beside the organism.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The partner concerned, and the organism.
    Partner,
    /// The organism only.
    Organism,
}

impl Audience {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Organism => "organism",
        }
    }
}

/// A fact with who did it, when and how long it took: what the ledger is given.
#[derive(Clone, Debug)]
pub struct Happening {
    /// The actor.
    pub actor: Actor,
    /// What happened.
    pub fact: Fact,
    /// The partner on which the act bears, when neither the actor nor the fact says it.
    pub partner: Option<PartnerId>,
    /// When.
    pub at: Timestamp,
    /// Time from the arrival of the request until the trace was handed over.
    pub took: Option<time::Duration>,
}

/// A trace in its final form, all but its secret parts (salt, key, MAC), which `db` adds.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// First part of the key: the month of `at` in UTC, `yyyymm`.
    pub month: i32,
    /// Second part of the key.
    pub id: TraceId,
    /// When it happened.
    pub at: Timestamp,
    /// Code of the fact.
    pub fact: &'static str,
    /// Who reads it.
    pub audience: Audience,
    /// The organism concerned; none for attempts that name no account.
    pub organism: Option<OrganismId>,
    /// The partner concerned.
    pub partner: Option<PartnerId>,
    /// The day before which it may not be erased.
    pub keep_until: Day,
    /// The canonical text.
    pub body: String,
}

impl Trace {
    /// Writes a happening down.
    pub fn of(id: TraceId, happening: &Happening) -> Self {
        let Happening { actor, fact, at, .. } = happening;
        let partner = fact.partner().or(actor.partner()).or(happening.partner);
        Self {
            month: at.month(),
            id,
            at: *at,
            fact: fact.code(),
            audience: if partner.is_some() { Audience::Partner } else { Audience::Organism },
            organism: fact.organism().or(actor.organism()),
            partner,
            keep_until: keep_until(*at, Category::of(fact)),
            body: body(happening, partner),
        }
    }

    /// The bytes of the header, which the MAC covers together with the body.
    pub fn header(&self, salt: &[u8; 16], key: i32) -> Vec<u8> {
        header(&Header {
            id: self.id,
            at: self.at,
            fact: self.fact,
            audience: self.audience.code(),
            organism: self.organism,
            partner: self.partner,
            keep_until: self.keep_until,
            salt,
            key,
        })
    }
}

/// The month that begins a trace's key: an id holds the instant of its trace.
pub fn month_of(id: TraceId) -> i32 {
    instant_of(id).map_or(0, Timestamp::month)
}

/// The millisecond in which the trace of that id was made; nothing for an id of no time.
pub fn instant_of(id: TraceId) -> Option<Timestamp> {
    let millis = i64::try_from(id.as_uuid().as_u128() >> 80).unwrap_or(i64::MAX);
    Timestamp::from_micros(millis.saturating_mul(1_000))
}

/// What stands beside the body of a trace, as a row gives it back.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The trace.
    pub id: TraceId,
    /// When.
    pub at: Timestamp,
    /// Code of the fact.
    pub fact: &'a str,
    /// Code of the audience.
    pub audience: &'a str,
    /// The organism concerned.
    pub organism: Option<OrganismId>,
    /// The partner concerned.
    pub partner: Option<PartnerId>,
    /// The day before which it may not be erased.
    pub keep_until: Day,
    /// Random bytes that make the commitment opaque.
    pub salt: &'a [u8],
    /// Number of the key of the MAC.
    pub key: i32,
}

/// The canonical bytes of a header: a version, then each part preceded by its length.
pub fn header(header: &Header<'_>) -> Vec<u8> {
    let (id, organism, partner) =
        (header.id.as_uuid(), header.organism.map(RowId::as_uuid), header.partner.map(RowId::as_uuid));
    let mut bytes = Vec::with_capacity(160 + header.fact.len());
    bytes.push(1);
    let mut add = |part: &[u8]| {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    };
    add(id.as_bytes());
    add(&header.at.micros().to_be_bytes());
    add(header.fact.as_bytes());
    add(header.audience.as_bytes());
    add(organism.as_ref().map_or(&[], |id| id.as_bytes()));
    add(partner.as_ref().map_or(&[], |id| id.as_bytes()));
    add(&header.keep_until.written());
    add(header.salt);
    add(&header.key.to_be_bytes());
    bytes
}

/// The months of its category from the latest day that any time zone shows at that instant: never a day too early for
/// anyone.
fn keep_until(at: Timestamp, category: Category) -> Day {
    Day::from(at.plus(time::Duration::hours(14)).instant().date()).plus_months(category.months())
}

/// The canonical body: a JSON object whose keys are sorted at every level, without spaces.
fn body(happening: &Happening, partner: Option<PartnerId>) -> String {
    let Happening { actor, fact, took, .. } = happening;
    let mut body = Map::new();
    body.insert("actor".to_owned(), actor_part(actor));
    body.insert("correlation".to_owned(), Value::from(actor.correlation.to_string()));
    body.insert("object".to_owned(), serde_json::to_value(fact).unwrap_or(Value::Null));
    body.insert("outcome".to_owned(), Value::from(fact.outcome().code()));
    if let Some(partner) = partner {
        body.insert("partner".to_owned(), Value::from(partner.to_string()));
    }
    if let Some(subject) = fact.subject() {
        body.insert("subject".to_owned(), Value::from(subject.to_string()));
    }
    let mut origin = Map::new();
    if let Some(source) = actor.origin.source {
        origin.insert("source".to_owned(), Value::from(source.to_string()));
    }
    if let Some(agent) = actor.origin.agent {
        origin.insert("agent".to_owned(), Value::from(agent));
    }
    if let Some(session) = actor.origin.session {
        origin.insert("session".to_owned(), Value::from(hexadecimal(&session)));
    }
    body.insert("origin".to_owned(), Value::Object(origin));
    if let Some(took) = took {
        body.insert(
            "took_us".to_owned(),
            Value::from(i64::try_from(took.whole_microseconds()).unwrap_or(i64::MAX)),
        );
    }
    Value::Object(body).to_string()
}

fn actor_part(actor: &Actor) -> Value {
    let mut part = Map::new();
    part.insert("office".to_owned(), Value::from(actor.office().code()));
    if let Some(account) = actor.account() {
        part.insert("account".to_owned(), Value::from(account.id.to_string()));
        part.insert("identifier".to_owned(), Value::from(account.identifier.clone()));
        part.insert("name".to_owned(), Value::from(account.name.clone()));
    }
    if let (Office::System, Some(job)) = (actor.office(), actor.job()) {
        part.insert("job".to_owned(), Value::from(job));
    }
    Value::Object(part)
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| DIGITS.get(usize::from(digit)))
        .collect()
}

/// The columns that search uses: recomputed from the body, so that an edited column is found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchColumns {
    /// Who acted.
    pub actor: Option<AccountId>,
    /// On whose account.
    pub subject: Option<AccountId>,
    /// In which session, as its keyed hash.
    pub session: Option<Vec<u8>>,
    /// On which file, as its keyed hash.
    pub file: Option<Vec<u8>>,
    /// How it ended.
    pub outcome: String,
    /// By which service.
    pub service: Option<String>,
    /// From where.
    pub source: Option<String>,
    /// What ties the request's traces together.
    pub correlation: Option<CorrelationId>,
}

impl SearchColumns {
    /// Reads them in a body; `None` when it is not a body.
    pub fn of(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let text = |path: &[&str]| {
            path.iter().try_fold(&body, |at, key| at.get(*key)).and_then(Value::as_str).map(str::to_owned)
        };
        let bytes = |path: &[&str]| text(path).and_then(|hex| from_hexadecimal(&hex));
        Some(Self {
            actor: text(&["actor", "account"]).and_then(|id| id.parse().ok()),
            subject: text(&["subject"]).and_then(|id| id.parse().ok()),
            session: bytes(&["origin", "session"]),
            file: bytes(&["object", "file", "hash"]),
            outcome: text(&["outcome"])?,
            service: text(&["object", "service"]),
            source: text(&["origin", "source"]),
            correlation: text(&["correlation"]).and_then(|id| id.parse().ok()),
        })
    }
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}
