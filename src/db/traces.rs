//! A trace as its row gives it back, and whether the row is still what was written.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::FromRow;
use crate::crypto::{Keys, Purpose};
use crate::domain::day::Day;
use crate::domain::id::{AccountId, CorrelationId, OrganismId, PartnerId, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace::{Header, SearchColumns, header};
use crate::seal::leaf::{Leaf, commitment};
use crate::seal::proof::Told;

/// Every column of a trace, for statements where it is called `t`.
macro_rules! trace_columns {
    () => {
        "t.month, t.id, t.at, t.fact, t.audience, t.organism_id, t.partner_id, t.keep_until, t.salt, t.body, \
         t.key_number, t.mac, t.actor_id, t.subject_id, t.session_hash, t.file_hash, t.outcome, t.service, t.source, \
         t.correlation"
    };
}
pub(super) use trace_columns;

/// A row of the log.
#[derive(Clone, Debug, FromRow)]
pub struct Kept {
    pub(super) month: i32,
    pub(super) id: TraceId,
    pub(super) at: Timestamp,
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
    /// What does not hold in the row; nothing when it is what was written.
    pub(super) fn fault(&self, keys: &Keys) -> Option<&'static str> {
        let header = self.header();
        let parts: [&[u8]; 2] = [&header, self.body.as_bytes()];
        if keys.check(Purpose::Traces, self.key_number, &parts, &self.mac).is_err() {
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

    /// The leaf that it makes.
    pub(super) fn leaf(&self) -> Leaf {
        Leaf {
            month: self.month,
            id: self.id,
            keep_until: self.keep_until,
            commitment: commitment(&self.header(), &self.body, &self.mac),
        }
    }

    /// The row as it is given away.
    pub(super) fn told(&self) -> Told<'_> {
        Told {
            id: self.id,
            at: self.at.micros(),
            fact: Cow::Borrowed(&self.fact),
            audience: Cow::Borrowed(&self.audience),
            organism: self.organism_id,
            partner: self.partner_id,
            keep_until: Cow::Owned(self.keep_until.to_string()),
            salt: Cow::Owned(BASE64.encode(&self.salt)),
            body: Cow::Borrowed(&self.body),
            key: self.key_number,
            mac: Cow::Owned(BASE64.encode(&self.mac)),
        }
    }

    fn header(&self) -> Vec<u8> {
        header(&Header {
            id: self.id,
            at: self.at,
            fact: &self.fact,
            audience: &self.audience,
            organism: self.organism_id,
            partner: self.partner_id,
            keep_until: self.keep_until,
            salt: &self.salt,
            key: self.key_number,
        })
    }

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
}
