//! The second sink: a copy of the log somewhere else, written as the log is sealed. It has what proves (leaves and
//! checkpoints), and what traces say only if that was asked for, encrypted under a key a month. Where it goes is an
//! [`Outlet`]: a folder that only grows, or a syslog server over TLS. Who carries, and when, is a job's.

mod cipher;
mod entry;
mod folder;
mod hand;
mod read;
mod syslog;

pub use cipher::MonthKey;
pub use entry::{CopiedLeaf, CopiedNote, Entry};
pub use folder::Folder;
pub use hand::{Command, DEADLINE, Hand};
pub use read::{CopyFault, Line, files, lines};
pub use syslog::{Server, Syslog, Trusted};

use std::path::PathBuf;

use crate::clock::Clock;

/// How the second sink is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkSettings {
    /// Where it is.
    pub route: SinkRoute,
    /// What happens when it fails.
    pub mode: SinkMode,
    /// Whether it also gets what traces say, encrypted.
    pub bodies: bool,
}

impl SinkSettings {
    /// Whether nobody is served without it.
    pub fn is_required(&self) -> bool {
        self.mode == SinkMode::Required
    }
}

/// Where the second sink is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkRoute {
    /// In a folder.
    Folder(PathBuf),
    /// At a syslog server.
    Syslog(Server),
}

impl SinkRoute {
    /// A way there. Nothing is opened yet.
    pub fn outlet(&self, clock: Clock) -> Box<dyn Outlet> {
        match self {
            Self::Folder(path) => Box::new(Folder::at(path, clock)),
            Self::Syslog(server) => Box::new(Syslog::to(server.clone(), clock)),
        }
    }
}

/// What happens when the second sink fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinkMode {
    /// The service is suspended, as when the log itself fails.
    Required,
    /// The log keeps what the sink has not, and somebody is told.
    Deferred,
}

/// The next leaf to carry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// Number of the log.
    pub log: i32,
    /// Rank of the leaf.
    pub rank: i64,
}

impl Position {
    /// Where a sink that has nothing begins.
    pub const FIRST: Self = Self { log: 1, rank: 0 };
}

/// Somewhere to write. Each call may block: it is made by a thread of its own, which nobody waits for beyond a deadline.
pub trait Outlet: Send {
    /// Opens it; gives from where to carry on, when it was known to be at `known`.
    fn open(&mut self, known: Position) -> Result<Position, SinkFault>;
    /// Writes these, durably where that can be known.
    fn write(&mut self, entries: &[Entry]) -> Result<(), SinkFault>;
    /// Looks whether it still stands, without writing.
    fn look(&mut self) -> Result<(), SinkFault>;
}

/// How a second sink fails. Worded for the operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SinkFault {
    /// It does not answer in time.
    #[error("elle ne répond pas dans le délai")]
    Hangs,
    /// What was written is not there any more: unlinked, moved, or another stands in its place.
    #[error("le fichier ou le dossier a été retiré, déplacé ou remplacé")]
    Replaced,
    /// What was written is shorter than it was.
    #[error("le fichier a été raccourci")]
    Shortened,
    /// It may not be written.
    #[error("l’écriture n’y est pas permise")]
    NotWritable,
    /// There is no room left.
    #[error("il n’y a plus de place")]
    Full,
    /// Something else stands where a file of it should be.
    #[error("autre chose qu’un fichier tient sa place")]
    NotAFile,
    /// It has leaves that the database has not.
    #[error(
        "elle va plus loin que la base : la base a perdu des traces, ou la copie est d’une autre installation"
    )]
    Ahead,
    /// What is to be carried cannot be read: a row or a key of the database was changed.
    #[error(
        "ce qu’elle doit recevoir ne se lit plus dans la base (ligne ou clé modifiée, droit retiré, base abîmée)"
    )]
    Unread,
    /// Nobody knows the server by that name.
    #[error("le nom du serveur n’a pas été trouvé (nom inconnu, ou service de noms muet)")]
    Unknown,
    /// Nothing listens there.
    #[error("le serveur refuse la connexion : rien n’écoute à ce port")]
    Refused,
    /// Nobody who is believed vouches for the server's certificate.
    #[error("le certificat du serveur n’est pas signé par l’autorité de CP_SECOND_SINK_CA")]
    Untrusted,
    /// Its certificate is that of another.
    #[error("le certificat du serveur est au nom d’un autre serveur")]
    Misnamed,
    /// Its certificate is not valid today.
    #[error("le certificat du serveur est périmé, ou n’est pas encore valable")]
    Expired,
    /// It does not speak TLS, or not as we do.
    #[error("le serveur ne parle pas TLS, ou pas dans une version acceptée")]
    NotTls,
    /// It ended the connection.
    #[error("le serveur a fermé la connexion")]
    Left,
    /// It says what no server of its kind says.
    #[error("le serveur répond autre chose que ce qu’il doit")]
    Garbled,
    /// Anything else that the system says.
    #[error("erreur du système : {0}")]
    Io(std::io::ErrorKind),
}

impl SinkFault {
    /// The word kept in traces.
    pub fn code(self) -> &'static str {
        match self {
            Self::Hangs => "hangs",
            Self::Replaced => "replaced",
            Self::Shortened => "shortened",
            Self::NotWritable => "not_writable",
            Self::Full => "full",
            Self::NotAFile => "not_a_file",
            Self::Ahead => "ahead",
            Self::Unread => "unread",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Untrusted => "untrusted",
            Self::Misnamed => "misnamed",
            Self::Expired => "expired",
            Self::NotTls => "not_tls",
            Self::Left => "left",
            Self::Garbled => "garbled",
            Self::Io(_) => "unreachable",
        }
    }
}

impl From<std::io::Error> for SinkFault {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Self::NotWritable
            }
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::Full,
            std::io::ErrorKind::ConnectionRefused => Self::Refused,
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => Self::Hangs,
            kind => Self::Io(kind),
        }
    }
}
