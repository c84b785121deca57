//! How the number of a file stands where it may not be read in clear: as a keyed hash, by which it is found again, and
//! encrypted, for whoever may read traces. Traces and legal holds make it alike, so that one finds the other.

use super::kit::Kit;
use crate::crypto::{Keys, hex, unhex};
use crate::domain::facts::FileMark;
use crate::domain::id::{OrganismId, RowId as _};

/// What the encrypted number is bound to: it opens nowhere else.
const CONTEXT: &[u8] = b"trace";

/// The mark of a number, which means something inside its organism only.
pub fn of(kit: &Kit, organism: OrganismId, number: &str) -> FileMark {
    let of = [organism.as_uuid().as_bytes(), number.as_bytes()].concat();
    FileMark {
        hash: hex(&kit.keys.hash("file", &of)),
        sealed: hex(&kit.keys.seal(kit.entropy.bytes(), CONTEXT, number)),
    }
}

/// The number, for whoever may read it.
pub fn read(keys: &Keys, sealed: &str) -> Option<String> {
    unhex(sealed).and_then(|sealed| keys.open(CONTEXT, &sealed).ok())
}
