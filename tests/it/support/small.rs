//! A volume of a few megabytes, which a test fills: a tmpfs where the machine lets tests mount one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A small volume, gone at the end of its test.
pub struct Small {
    _folder: tempfile::TempDir,
    at: PathBuf,
}

impl Small {
    /// Nothing where nobody may mount: the test then plays the full disk in the house's other way.
    pub fn mounted(kilobytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = folder.path().join("volume");
        fs::create_dir(&at).unwrap();
        let size = format!("size={kilobytes}k,mode=0700");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&at).status();
        mounted.is_ok_and(|status| status.success()).then_some(Self { _folder: folder, at })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Gives it to another account of the machine.
    pub fn give_to(&self, account: &str) {
        let given = Command::new("chown").arg(format!("{account}:")).arg(&self.at).status().unwrap();
        assert!(given.success());
    }

    /// Takes room until that many bytes are left; gives the file that takes it.
    pub fn leave(&self, bytes: u64) -> PathBuf {
        let filler = self.at.join("bourre");
        let left = fs4::available_space(&self.at).unwrap() + filler.metadata().map_or(0, |known| known.len());
        fs::write(&filler, vec![0; usize::try_from(left.saturating_sub(bytes)).unwrap()]).unwrap();
        filler
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy"]).arg(&self.at).status();
    }
}
