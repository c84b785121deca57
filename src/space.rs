//! The space left for traces. Near its end, what can be sent without an account is refused first, so that signed-in
//! work goes on.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::on_disk::folder_of;

/// Attempts to sign in are refused once less than a tenth of the volume is left…
const TENTH: u64 = 10;
/// … unless what is left of a large volume is plenty: two million traces, in bytes.
const PLENTY: u64 = 2 * 1_024 * 1_024 * 1_024;

/// What is known of the volume of an embedded database. A database server watches its own.
#[derive(Clone, Debug, Default)]
pub struct Space {
    folder: Option<PathBuf>,
    scarce: Arc<AtomicBool>,
}

impl Space {
    /// Watches the volume of that file.
    pub fn around(file: Option<&Path>) -> Self {
        let space = Self { folder: file.map(|file| folder_of(file).to_owned()), scarce: Arc::default() };
        space.look();
        space
    }

    /// Bytes left and in all on the volume.
    pub fn measure(&self) -> Option<(u64, u64)> {
        let folder = self.folder.as_ref()?;
        Some((fs4::available_space(folder).ok()?, fs4::total_space(folder).ok()?))
    }

    /// Looks at the volume again.
    pub fn look(&self) {
        if let Some((left, total)) = self.measure() {
            self.note(left, total);
        }
    }

    /// Notes what is left of a volume.
    pub fn note(&self, left: u64, total: u64) {
        let scarce = is_scarce(left, total);
        if scarce != self.scarce.swap(scarce, Ordering::Relaxed) {
            tracing::warn!(left_bytes = left, total_bytes = total, scarce, "space left for traces");
        }
    }

    /// Whether too little was left at the last look.
    pub fn is_scarce(&self) -> bool {
        self.scarce.load(Ordering::Relaxed)
    }
}

/// Whether too little of a volume is left.
pub fn is_scarce(left: u64, total: u64) -> bool {
    left < (total / TENTH).min(PLENTY)
}
