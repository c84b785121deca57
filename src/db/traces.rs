//! Checking traces against their MAC and their search columns, row by row.

use super::{Db, DbError, FromRow};
use crate::crypto::Purpose;
use crate::domain::day::Day;
use crate::domain::id::{AccountId, CorrelationId, OrganismId, PartnerId, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace::{Header, SearchColumns, header};

/// A trace that is not what was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anomaly {
    /// Which.
    pub id: TraceId,
    /// What does not hold.
    pub what: &'static str,
}

#[derive(Debug, FromRow)]
struct Kept {
    month: i32,
    id: TraceId,
    at: Timestamp,
    fact: String,
    audience: String,
    organism_id: Option<OrganismId>,
    partner_id: Option<PartnerId>,
    keep_until: Day,
    salt: Vec<u8>,
    body: String,
    key_number: i32,
    mac: Vec<u8>,
    actor_id: Option<AccountId>,
    subject_id: Option<AccountId>,
    session_hash: Option<Vec<u8>>,
    file_hash: Option<Vec<u8>>,
    outcome: String,
    service: Option<String>,
    source: Option<String>,
    correlation: Option<CorrelationId>,
}

impl Kept {
    fn columns(&self) -> SearchColumns {
        SearchColumns {
            actor: self.actor_id,
            subject: self.subject_id,
            session: self.session_hash.clone(),
            file: self.file_hash.clone(),
            outcome: self.outcome.clone(),
            service: self.service.clone(),
            source: self.source.clone(),
            correlation: self.correlation,
        }
    }

    fn anomaly(&self, db: &Db) -> Option<&'static str> {
        let header = header(&Header {
            id: self.id,
            at: self.at,
            fact: &self.fact,
            audience: &self.audience,
            organism: self.organism_id,
            partner: self.partner_id,
            keep_until: self.keep_until,
            salt: &self.salt,
            key: self.key_number,
        });
        let parts: [&[u8]; 2] = [&header, self.body.as_bytes()];
        if db.recorder.keys.check(Purpose::Traces, self.key_number, &parts, &self.mac).is_err() {
            return Some("the MAC");
        }
        if self.month != self.at.month() {
            return Some("the month");
        }
        if SearchColumns::of(&self.body).as_ref() != Some(&self.columns()) {
            return Some("a search column");
        }
        None
    }
}

/// Recomputes every MAC and search column, in steps of a thousand; gives how many rows were read and what is wrong.
pub async fn check(db: &Db) -> Result<(u64, Vec<Anomaly>), DbError> {
    let (mut read, mut anomalies) = (0, Vec::new());
    let mut after: (i32, TraceId) = (0, crate::domain::id::RowId::from_uuid(uuid::Uuid::nil()));
    loop {
        let mut view = db.view().await?;
        let rows: Vec<Kept> = view
            .query(
                &db.faults,
                "SELECT month, id, at, fact, audience, organism_id, partner_id, keep_until, salt, body, key_number, \
                 mac, actor_id, subject_id, session_hash, file_hash, outcome, service, source, correlation \
                 FROM trace WHERE (month, id) > ($1, $2) ORDER BY month, id LIMIT 1000",
            )
            .bind(after.0)
            .bind(after.1)
            .fetch_all()
            .await?;
        let Some(last) = rows.last() else { return Ok((read, anomalies)) };
        after = (last.month, last.id);
        read += u64::try_from(rows.len()).unwrap_or(0);
        anomalies
            .extend(rows.iter().filter_map(|row| row.anomaly(db).map(|what| Anomaly { id: row.id, what })));
    }
}
