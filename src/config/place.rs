//! Where a value was read: a fault says it, so that nobody looks for it.

use std::fmt;
use std::path::PathBuf;

/// Where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// The environment of the process.
    Environment,
    /// A line of the configuration file.
    Line {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A file of its own.
    Secret(
        /// The file.
        PathBuf,
    ),
    /// Nowhere: it is the default.
    Default,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("environnement"),
            Self::Line { file, line } => write!(f, "{}, ligne {line}", file.display()),
            Self::Secret(file) => write!(f, "{}", file.display()),
            Self::Default => f.write_str("valeur par défaut"),
        }
    }
}
