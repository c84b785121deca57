//! A file in a trace: found again by a keyed hash, read again by who may read its number. Consulting writes these
//! marks, reading traces looks for them: one recipe for both.

use super::kit::Kit;
use crate::crypto::{Keys, hex, unhex};
use crate::domain::facts::FileMark;
use crate::domain::id::{OrganismId, RowId as _};

/// What a sealed number is bound to: it opens as a trace's number and as nothing else.
const TRACE: &[u8] = b"trace";

/// The mark of an organism's file. The same number at another organism is another file.
pub fn file_mark(kit: &Kit, organism: OrganismId, number: &str) -> FileMark {
    let of = [organism.as_uuid().as_bytes(), number.as_bytes()].concat();
    FileMark {
        hash: hex(&kit.keys.hash("file", &of)),
        sealed: hex(&kit.keys.seal(kit.entropy.bytes(), TRACE, number)),
    }
}

/// The number behind a mark, as a trace keeps it; nothing when it is not of our keys.
pub fn number_of(keys: &Keys, sealed: &str) -> Option<String> {
    keys.open(TRACE, &unhex(sealed)?).ok()
}
