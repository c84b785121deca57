//! Volumes that a test fills, or loses the right to write: a tmpfs, or a disk of its own in a file. Where this machine
//! lets nobody mount, that is said out loud, and the test proves the same protection in the house's other way: none
//! passes without having proved anything. (A user namespace would let anybody mount a tmpfs, for a process that is alone
//! in it: these tests are threads of one process, whose database server is outside.)

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A small volume, gone at the end of its test.
pub struct Small {
    folder: tempfile::TempDir,
    at: PathBuf,
}

impl Small {
    /// A tmpfs; nothing where nobody may mount.
    pub fn mounted(kilobytes: u32) -> Option<Self> {
        let small = Self::nowhere();
        let options = format!("size={kilobytes}k,mode=0700");
        small.mount(&["-t", "tmpfs", "-o", &options, "tmpfs"])
    }

    /// A disk that the kernel takes the writers' right away from when it fails; nothing where nobody may mount.
    pub fn disk(megabytes: u64) -> Option<Self> {
        let small = Self::nowhere();
        let image = fs::File::create(small.image()).unwrap();
        image.set_len(megabytes * 1_048_576).unwrap();
        let made = Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(small.image()).status();
        if !made.is_ok_and(|status| status.success()) {
            return refused("mkfs.ext4");
        }
        small.attach()
    }

    fn nowhere() -> Self {
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let at = folder.path().join("volume");
        fs::create_dir(&at).unwrap();
        Self { folder, at }
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("disque")
    }

    fn attach(self) -> Option<Self> {
        let image = self.image();
        self.mount(&["-o", "loop,errors=remount-ro", image.to_str().unwrap()])
    }

    fn mount(self, what: &[&str]) -> Option<Self> {
        let at = self.at.to_str().unwrap().to_owned();
        if !as_root("mount", &[what, &[&at]].concat()) {
            return refused("mount");
        }
        let me = fs::metadata("/proc/self").unwrap().uid().to_string();
        assert!(as_root("chown", &[&me, &at]));
        fs::set_permissions(&self.at, fs::Permissions::from_mode(0o700)).unwrap();
        Some(self)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Gives it to another account of the machine.
    pub fn give_to(&self, account: &str) {
        assert!(as_root("chown", &[&format!("{account}:"), self.at.to_str().unwrap()]));
    }

    /// Takes room until that many bytes are left; gives the file that takes it.
    pub fn leave(&self, bytes: u64) -> PathBuf {
        let filler = self.at.join("bourre");
        let left = fs4::available_space(&self.at).unwrap() + filler.metadata().map_or(0, |known| known.len());
        fs::write(&filler, vec![0; usize::try_from(left.saturating_sub(bytes)).unwrap()]).unwrap();
        filler
    }

    /// The disk fails: it is remounted read-only under those who have files open there. (`remount,ro` alone is refused
    /// while anybody does.)
    pub fn turn_read_only(&self) {
        assert!(as_root("mount", &["-o", "remount,abort", self.at.to_str().unwrap()]));
        let written = fs::write(self.at.join("essai"), "essai").unwrap_err();
        assert_eq!(written.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
    }

    /// Whoever operates it checks it, and mounts it again. Nobody may have a file open there.
    pub fn mend(self) -> Self {
        assert!(as_root("umount", &[self.at.to_str().unwrap()]), "somebody still has a file open there");
        let checked = Command::new("e2fsck").args(["-fy"]).arg(self.image()).stdout(Stdio::null()).status();
        assert!(checked.unwrap().code().is_some_and(|code| code < 2));
        self.attach().unwrap()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        as_root("umount", &["--lazy", self.at.to_str().unwrap()]);
    }
}

/// Runs it, by ourselves or as root where nobody asks for a password.
fn as_root(program: &str, words: &[&str]) -> bool {
    let quietly = |command: &mut Command| {
        let done = command.args(words).stdin(Stdio::null()).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success())
    };
    quietly(&mut Command::new(program)) || quietly(Command::new("sudo").args(["-n", program]))
}

/// Said past what the harness keeps of tests that pass.
fn refused(what: &str) -> Option<Small> {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    let told = format!("{what} is refused here: {test} proves its protection without a volume of its own");
    std::io::stderr().write_all(format!("\n*** {told} ***\n").as_bytes()).unwrap();
    None
}
