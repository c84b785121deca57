//! A trace as a leaf: what stays of it for ever, and the commitment that ties it to what it said.

use super::tree::{Hash, leaf_hash};
use crate::crypto;
use crate::domain::day::Day;
use crate::domain::id::{RowId as _, TraceId};

/// What the log keeps of a trace after its content is lawfully gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Leaf {
    /// First part of the trace's key.
    pub month: i32,
    /// The trace.
    pub id: TraceId,
    /// The day before which it may not be erased: inside the leaf, so that an erasure that was due is told from one
    /// that was not.
    pub keep_until: Day,
    /// What ties it to header, body and MAC.
    pub commitment: Hash,
}

impl Leaf {
    /// The bytes of the leaf: a version, then parts of fixed length.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(63);
        bytes.push(1);
        bytes.extend_from_slice(&self.month.to_be_bytes());
        bytes.extend_from_slice(self.id.as_uuid().as_bytes());
        bytes.extend_from_slice(&self.keep_until.written());
        bytes.extend_from_slice(&self.commitment);
        bytes
    }

    /// Its hash in the tree.
    pub fn hash(&self) -> Hash {
        leaf_hash(&self.bytes())
    }
}

/// Ties a leaf to its row: SHA-256 of header, body and MAC, each preceded by its length. The header holds the salt, so
/// that nobody finds an erased body by trying likely ones.
pub fn commitment(header: &[u8], body: &str, mac: &[u8]) -> Hash {
    crypto::sha256_of_parts([header, body.as_bytes(), mac])
}
