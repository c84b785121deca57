//! Files that others may not read: who else than its owner may use one.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

/// Its owner alone: what the keys of the traces need.
pub const OWNER: u32 = 0o600;
/// Its owner, and the reading of one group: how a supervisor hands a secret to a service.
pub const OWNER_AND_GROUP: u32 = 0o640;

/// Why a private file is not read.
#[derive(Debug, thiserror::Error)]
pub enum PrivateFault {
    /// Others may use it; here are its rights.
    #[error("rights {0:03o}")]
    TooOpen(u32),
    /// It cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The rights of a file, as `chmod` writes them.
#[cfg(unix)]
pub fn of(file: &File) -> io::Result<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o777)
}

/// The rights of a file, where files have none.
#[cfg(not(unix))]
pub fn of(_: &File) -> io::Result<u32> {
    Ok(OWNER)
}

/// Whether rights give nothing beyond `most`.
pub fn within(rights: u32, most: u32) -> bool {
    rights | most == most
}

/// Reads a file whose rights give nothing beyond `most`, and of which at most `bytes` are wanted.
pub fn read_private(path: &Path, most: u32, bytes: u64) -> Result<Vec<u8>, PrivateFault> {
    let file = File::open(path)?;
    let rights = of(&file)?;
    if !within(rights, most) {
        return Err(PrivateFault::TooOpen(rights));
    }
    let mut content = Vec::new();
    file.take(bytes).read_to_end(&mut content)?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_compared_one_by_one() {
        for (rights, most, within_it) in [
            (0o400, OWNER, true),
            (0o600, OWNER, true),
            (0o640, OWNER, false),
            (0o440, OWNER_AND_GROUP, true),
            (0o660, OWNER_AND_GROUP, false),
            (0o644, OWNER_AND_GROUP, false),
            (0o604, OWNER_AND_GROUP, false),
        ] {
            assert_eq!(within(rights, most), within_it, "{rights:o}");
        }
    }
}
