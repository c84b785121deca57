//! A trace as it is given away: its row whole, its rank, and the path from its leaf to a signed checkpoint. Who holds the
//! public key checks it with no database.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, CheckpointFault, PublicKey};
use super::leaf::{Leaf, commitment};
use super::tree::{Hash, climb};
use crate::domain::day::Day;
use crate::domain::id::{OrganismId, PartnerId, TraceId};
use crate::domain::time::Timestamp;
use crate::domain::trace::{Header, header};

/// A trace, all of its row but the columns that search uses: they are in the body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told<'r> {
    /// The trace.
    pub id: TraceId,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// Code of the fact.
    #[serde(borrow)]
    pub fact: std::borrow::Cow<'r, str>,
    /// Code of the audience.
    #[serde(borrow)]
    pub audience: std::borrow::Cow<'r, str>,
    /// The organism concerned.
    pub organism: Option<OrganismId>,
    /// The partner concerned.
    pub partner: Option<PartnerId>,
    /// The day before which it may not be erased.
    #[serde(borrow)]
    pub keep_until: std::borrow::Cow<'r, str>,
    /// Random bytes, in base 64.
    #[serde(borrow)]
    pub salt: std::borrow::Cow<'r, str>,
    /// The canonical body.
    #[serde(borrow)]
    pub body: std::borrow::Cow<'r, str>,
    /// Number of the key of the MAC.
    pub key: i32,
    /// The MAC, in base 64.
    #[serde(borrow)]
    pub mac: std::borrow::Cow<'r, str>,
}

impl Told<'_> {
    /// The leaf that this row makes; `None` when it is no row.
    pub fn leaf(&self) -> Option<Leaf> {
        let at = Timestamp::from_micros(self.at)?;
        let keep_until = Day::read(&self.keep_until)?;
        let (salt, mac) = (BASE64.decode(&*self.salt).ok()?, BASE64.decode(&*self.mac).ok()?);
        let header = header(&Header {
            id: self.id,
            at,
            fact: &self.fact,
            audience: &self.audience,
            organism: self.organism,
            partner: self.partner,
            keep_until,
            salt: &salt,
            key: self.key,
        });
        let commitment = commitment(&header, &self.body, &mac);
        Some(Leaf { month: at.month(), id: self.id, keep_until, commitment })
    }
}

/// The proof that one trace is in the log.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof<'r> {
    /// The trace.
    #[serde(borrow)]
    pub trace: Told<'r>,
    /// Its rank in the log, from 0.
    pub rank: u64,
    /// The path from its leaf to the root, lowest first, in base 64.
    pub path: Vec<String>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ProofFault {
    /// It does not have the form of one.
    #[error("not a proof")]
    Form,
    /// The checkpoint is not believed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointFault),
    /// The trace is not the one that the log holds at that rank.
    #[error("not the trace that was sealed at that rank")]
    Trace,
}

impl<'r> Proof<'r> {
    /// Writes a proof.
    pub fn new(trace: Told<'r>, rank: u64, path: &[Hash], checkpoint: String) -> Self {
        Self { trace, rank, path: path.iter().map(|step| BASE64.encode(step)).collect(), checkpoint }
    }

    /// Checks it against public keys; gives the checkpoint that it stands under.
    pub fn check(&self, trusted: &[PublicKey]) -> Result<Checkpoint, ProofFault> {
        let checkpoint = Checkpoint::open(&self.checkpoint, trusted)?;
        let leaf = self.trace.leaf().ok_or(ProofFault::Form)?;
        let step = |step: &String| BASE64.decode(step).ok().and_then(|bytes| Hash::try_from(bytes).ok());
        let path: Vec<Hash> = self.path.iter().map(step).collect::<Option<_>>().ok_or(ProofFault::Form)?;
        match climb(self.rank, checkpoint.size, leaf.hash(), &path) {
            Some(root) if root == checkpoint.root => Ok(checkpoint),
            _ => Err(ProofFault::Trace),
        }
    }
}
