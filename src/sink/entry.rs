//! What the second sink is given: one line of JSON each. A leaf as it is sealed, or a checkpoint as it is signed.

use serde::{Deserialize, Serialize};

use super::Position;
use crate::crypto;
use crate::domain::day::Day;
use crate::domain::id::TraceId;
use crate::seal::leaf::Leaf;

/// One line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entry {
    /// A leaf of the log.
    Leaf(CopiedLeaf),
    /// A checkpoint over it.
    Checkpoint(CopiedNote),
}

/// A leaf with its rank, in sealing order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedLeaf {
    /// Number of the log.
    pub log: i32,
    /// Its rank.
    pub rank: i64,
    /// First part of the trace's key.
    pub month: i32,
    /// The trace.
    pub id: TraceId,
    /// The day before which it may not be erased.
    pub keep_until: String,
    /// What ties it to its row, in hexadecimal.
    pub commitment: String,
    /// The whole row, encrypted under the key of its month, in base 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

/// A signed checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedNote {
    /// The text that was signed, with its signatures.
    pub note: String,
}

impl CopiedLeaf {
    /// Writes a leaf down.
    pub fn new(at: Position, leaf: &Leaf, body: Option<String>) -> Self {
        Self {
            log: at.log,
            rank: at.rank,
            month: leaf.month,
            id: leaf.id,
            keep_until: leaf.keep_until.to_string(),
            commitment: crypto::hex(&leaf.commitment),
            body,
        }
    }

    /// The leaf; nothing when it is none.
    pub fn leaf(&self) -> Option<Leaf> {
        Some(Leaf {
            month: self.month,
            id: self.id,
            keep_until: Day::parse(&self.keep_until)?,
            commitment: crypto::unhex(&self.commitment)?.try_into().ok()?,
        })
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        Position { log: self.log, rank: self.rank }
    }
}

impl Entry {
    /// The line, without its end.
    pub fn line(&self) -> String {
        // Texts and numbers alone: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a line.
    pub fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    /// The word by which a syslog server sorts it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Leaf(_) => "leaf",
            Self::Checkpoint(_) => "checkpoint",
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::domain::id::RowId as _;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let leaf = Leaf {
            month: 202_611,
            id: TraceId::from_uuid(uuid::Uuid::from_u128(7)),
            keep_until: Day::parse("2027-05-23").unwrap(),
            commitment: [9; 32],
        };
        for body in [None, Some("c2VjcmV0".to_owned())] {
            let copied = CopiedLeaf::new(Position { log: 2, rank: 41 }, &leaf, body);
            assert_eq!(copied.leaf(), Some(leaf));
            let line = Entry::Leaf(copied.clone()).line();
            assert!(!line.contains('\n'));
            assert_eq!(Entry::read(&line), Some(Entry::Leaf(copied)));
        }
        let note = Entry::Checkpoint(CopiedNote { note: "a\nb\n\n— c d\n".to_owned() });
        assert!(!note.line().contains('\n'));
        assert_eq!(Entry::read(&note.line()), Some(note));
        assert_eq!(Entry::read("{\"leaf\":{\"log\":1"), None);
    }
}
