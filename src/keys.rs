//! Key files: `1.key`, `2.key`… in a folder of their own, outside the database, for their owner's eyes only.
//! What keys do is in `crypto`.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::clock::Entropy;
use crate::crypto::{self, Key, Keys};
use crate::private_files::{self, PrivateFault};

/// Far more than a key file holds.
const MOST_BYTES: u64 = 1_024;

/// Why keys cannot be used. Worded for the operator.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The folder holds no key.
    #[error("aucune clé dans le dossier {} : il doit contenir 1.key", .0.display())]
    NoKey(PathBuf),
    /// The folder holds something already.
    #[error("le dossier {} n’est pas vide : aucune clé n’y est créée", .0.display())]
    NotEmpty(PathBuf),
    /// The name of a key file is not a number.
    #[error("{} : une clé se nomme 1.key, 2.key…", .0.display())]
    Name(PathBuf),
    /// The content is not a key.
    #[error("{} : une clé est faite de 64 caractères hexadécimaux", .0.display())]
    Shape(PathBuf),
    /// Others than its owner may use it.
    #[error("{} : d’autres que son propriétaire y ont accès (droits {mode:03o} au lieu de 600)", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its rights.
        mode: u32,
    },
    /// It cannot be read or written.
    #[error("{} : {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// Reads every key of a folder; all that is wrong with it is reported at once.
pub fn read(folder: &Path) -> Result<Keys, Vec<KeyFault>> {
    let (mut keys, mut faults) = (Vec::new(), Vec::new());
    for path in files(folder).map_err(|fault| vec![fault])? {
        match read_one(&path) {
            Ok(key) => keys.push(key),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Keys::new(keys).ok_or_else(|| vec![KeyFault::NoKey(folder.to_owned())])
}

/// Draws the first key of an installation. A folder that holds anything is left as it is: a key made beside a lost
/// one would sign what the old one cannot check.
pub fn generate(folder: &Path, entropy: &Entropy) -> Result<(), KeyFault> {
    let failed = |path: &Path, cause| KeyFault::Io { path: path.to_owned(), cause };
    create_folder(folder).map_err(|cause| failed(folder, cause))?;
    if fs::read_dir(folder).map_err(|cause| failed(folder, cause))?.next().is_some() {
        return Err(KeyFault::NotEmpty(folder.to_owned()));
    }
    let path = folder.join("1.key");
    let secret = crypto::hex(&entropy.bytes::<32>());
    write_new(&path, &secret).map_err(|cause| failed(&path, cause))?;
    // The name must survive a power cut too: what this key signs will.
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| failed(folder, cause))
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, KeyFault> {
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => KeyFault::NoKey(folder.to_owned()),
        _ => KeyFault::Io { path: folder.to_owned(), cause },
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension() == Some(OsStr::new("key")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_one(path: &Path) -> Result<Key, KeyFault> {
    let number = number(path).ok_or_else(|| KeyFault::Name(path.to_owned()))?;
    let content =
        private_files::read_private(path, private_files::OWNER, MOST_BYTES).map_err(|fault| match fault {
            PrivateFault::TooOpen(mode) => KeyFault::TooOpen { path: path.to_owned(), mode },
            PrivateFault::Io(cause) => KeyFault::Io { path: path.to_owned(), cause },
        })?;
    let shape = || KeyFault::Shape(path.to_owned());
    let text = String::from_utf8(content).map_err(|_| shape())?;
    Key::parse(number, &text).map_err(|_| shape())
}

/// One spelling a number: `01.key` beside `1.key` would be two keys of one number.
fn number(path: &Path) -> Option<i32> {
    let stem = path.file_stem()?.to_str()?;
    let number: i32 = stem.parse().ok()?;
    (number >= 1 && number.to_string() == stem).then_some(number)
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn write_new(path: &Path, secret: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{secret}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn put(folder: &Path, name: &str, content: &str) -> PathBuf {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        chmod(&path, 0o600);
        path
    }

    #[cfg(unix)]
    fn chmod(path: &Path, mode: u32) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[cfg(not(unix))]
    fn chmod(_: &Path, _: u32) {}

    fn faults(folder: &Path) -> Vec<String> {
        let root = format!("{}/", folder.display());
        read(folder).unwrap_err().iter().map(|fault| fault.to_string().replace(&root, "")).collect()
    }

    #[test]
    fn a_first_key_is_drawn_once_and_read_back() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("donnees/cles");
        assert!(matches!(read(&folder).unwrap_err().as_slice(), [KeyFault::NoKey(_)]));
        generate(&folder, &Entropy::seeded(1)).unwrap();
        let first = read(&folder).unwrap().current().fingerprint();
        assert!(matches!(generate(&folder, &Entropy::seeded(2)), Err(KeyFault::NotEmpty(_))));
        assert_eq!(read(&folder).unwrap().current().fingerprint(), first);
        assert_eq!(read(&folder).unwrap().current().number(), 1);
    }

    #[test]
    fn every_number_is_read_and_the_highest_makes() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "1.key", &"0a".repeat(32));
        put(folder.path(), "10.key", &"0b".repeat(32));
        put(folder.path(), "2.key", &format!("{}\n", "0c".repeat(32)));
        put(folder.path(), "LISEZ-MOI", "rien");
        let keys = read(folder.path()).unwrap();
        assert_eq!(keys.all().map(Key::number).collect::<Vec<_>>(), [1, 2, 10]);
        assert_eq!(keys.current().number(), 10);
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "01.key", &"0a".repeat(32));
        put(folder.path(), "0.key", &"0a".repeat(32));
        put(folder.path(), "2.key", "0a");
        put(folder.path(), "3.key", &"0a".repeat(2_000));
        assert_eq!(
            faults(folder.path()),
            [
                "0.key : une clé se nomme 1.key, 2.key…",
                "01.key : une clé se nomme 1.key, 2.key…",
                "2.key : une clé est faite de 64 caractères hexadécimaux",
                "3.key : une clé est faite de 64 caractères hexadécimaux",
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = put(folder.path(), "1.key", &"0a".repeat(32));
        chmod(&path, 0o640);
        assert_eq!(
            faults(folder.path()),
            ["1.key : d’autres que son propriétaire y ont accès (droits 640 au lieu de 600)"]
        );
        chmod(&path, 0o400);
        assert!(read(folder.path()).is_ok());
    }
}
