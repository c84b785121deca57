//! What is wrong with the configuration, in the operator's language: each fault names its setting, where it was read
//! and what is expected, never what was given, which may hold a password.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::place::Place;
use super::settings::table;

/// One thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigFault {
    /// Nobody knows this name.
    Unknown {
        /// The name.
        name: String,
        /// Where it was read.
        place: Place,
        /// The known one that looks most like it.
        nearest: Option<&'static str>,
    },
    /// Nothing was given, and there is no default.
    Missing {
        /// The name.
        name: &'static str,
    },
    /// What was given cannot be used.
    Refused {
        /// The name.
        name: String,
        /// What can.
        expected: Expected,
        /// Where it was read.
        place: Place,
    },
    /// Two values for one setting, in one place.
    Twice {
        /// The name.
        name: &'static str,
        /// Where the second one was read.
        place: Place,
    },
    /// A file that a setting names cannot be read.
    Unreadable {
        /// The name.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::ErrorKind,
    },
    /// A file that holds a secret may be read by others.
    TooOpen {
        /// The name.
        name: &'static str,
        /// The file.
        path: PathBuf,
        /// Its rights.
        rights: u32,
    },
    /// The configuration file is not TOML, from here on.
    NotToml(Place),
}

/// What a setting accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Visible text in UTF-8.
    Text,
    /// An IP address and a port.
    SocketAddress,
    /// IP addresses.
    IpAddresses,
    /// A database of one of the two engines.
    Database,
    /// The engine of the application's database.
    SameEngine,
    /// A number between two others.
    Count {
        /// The smallest.
        min: u32,
        /// The largest.
        max: u32,
    },
    /// A way for letters.
    MailRoute,
    /// Who writes.
    Sender,
    /// An origin.
    PublicUrl,
    /// An origin over TLS.
    SecureUrl,
    /// An IP address and a port, or none.
    MetricsAddress,
    /// A file of certificates.
    CertificateFile,
    /// A file of a private key.
    KeyFile,
    /// The key of the certificate.
    MatchingKey,
    /// A value as the configuration file writes it.
    TomlValue,
    /// Directives of the log.
    LogFilter,
    /// A form of the log.
    LogFormat,
    /// A second sink.
    Sink,
    /// What happens when the second sink fails.
    SinkMode,
    /// Yes or no.
    YesOrNo,
}

impl ConfigFault {
    /// A name that begins like ours and is not.
    pub(super) fn unknown(name: String, place: Place) -> Self {
        let known = table().iter().map(|setting| (distance(&name, setting.name), setting.name));
        let nearest = known.min().filter(|(distance, _)| *distance <= name.len() / 3).map(|(_, name)| name);
        Self::Unknown { name, place, nearest }
    }

    /// A file that cannot be read.
    pub(super) fn unreadable(name: &'static str, path: &Path, cause: &io::Error) -> Self {
        Self::Unreadable { name, path: path.to_owned(), cause: cause.kind() }
    }

    /// Whether a setting of that name is what is wrong.
    pub(super) fn concerns(&self, wrong: &str) -> bool {
        match self {
            Self::Refused { name, .. } => name == wrong,
            Self::Missing { name }
            | Self::Twice { name, .. }
            | Self::Unreadable { name, .. }
            | Self::TooOpen { name, .. } => *name == wrong,
            Self::Unknown { .. } | Self::NotToml(_) => false,
        }
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { name, place, nearest: Some(nearest) } => {
                write!(f, "{name} ({place}) : ce nom n’existe pas. Vouliez-vous dire {nearest} ?")
            }
            Self::Unknown { name, place, nearest: None } => {
                write!(f, "{name} ({place}) : ce nom n’existe pas.")
            }
            Self::Missing { name } => {
                let meaning =
                    table().iter().find(|setting| setting.name == *name).map_or("", |known| known.meaning);
                write!(f, "{name} : valeur manquante ({meaning}).")
            }
            Self::Refused { name, expected, place } => {
                write!(f, "{name} ({place}) : valeur refusée. Attendu : {expected}.")
            }
            Self::Twice { name, place } => {
                write!(f, "{name} ({place}) : donné deux fois. N’en gardez qu’un.")
            }
            Self::Unreadable { name, path, cause } => {
                write!(f, "{name} : le fichier {} ne se lit pas ({}).", path.display(), worded(*cause))
            }
            Self::TooOpen { name, path, rights } => write!(
                f,
                "{name} : le fichier {0} contient un secret que d’autres peuvent lire (droits {rights:03o}). \
                 Faites : chmod 600 {0}",
                path.display()
            ),
            Self::NotToml(place) => write!(f, "CP_CONFIG ({place}) : ceci n’est pas du TOML."),
        }
    }
}

fn worded(cause: io::ErrorKind) -> String {
    match cause {
        io::ErrorKind::NotFound => "il n’existe pas".to_owned(),
        io::ErrorKind::PermissionDenied => "accès refusé".to_owned(),
        io::ErrorKind::IsADirectory => "c’est un dossier".to_owned(),
        other => other.to_string(),
    }
}

impl std::error::Error for ConfigFault {}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("un texte lisible (UTF-8), sans caractère de contrôle"),
            Self::SocketAddress => f.write_str("une adresse IP et un port, comme 127.0.0.1:8080"),
            Self::IpAddresses => f.write_str("des adresses IP séparées par des virgules"),
            Self::Database => f.write_str("sqlite:chemin ou postgres://utilisateur:motdepasse@serveur/base"),
            Self::SameEngine => f.write_str("la même base que CP_DATABASE_URL, sous un autre rôle"),
            Self::Count { min, max } => write!(f, "un nombre de {min} à {max}"),
            Self::MailRoute => {
                f.write_str("smtp://utilisateur:motdepasse@serveur:587, smtps://… ou dossier:/chemin, sans paramètre")
            }
            Self::Sender => f.write_str("une adresse électronique, ou « Nom <adresse> »"),
            Self::PublicUrl => {
                f.write_str("une origine en https, comme https://partenaires.example, sans chemin (http sur cette machine seulement)")
            }
            Self::SecureUrl => f.write_str("une origine en https, puisque le programme sert en TLS"),
            Self::MetricsAddress => f.write_str("une adresse IP et un port, comme 127.0.0.1:9464, ou « non »"),
            Self::CertificateFile => f.write_str("un fichier de certificats (PEM) que le programme peut lire"),
            Self::KeyFile => f.write_str(
                "un fichier de clé privée (PEM) que le programme peut lire, et lui seul (droits 600 ou 640)",
            ),
            Self::MatchingKey => f.write_str("la clé du certificat donné par CP_TLS_CERTIFICATE"),
            Self::TomlValue => {
                f.write_str("un texte entre guillemets, un nombre entier, ou une liste de textes")
            }
            Self::LogFilter => f.write_str("un filtre comme info ou warn,compte_partenaire=debug"),
            Self::LogFormat => f.write_str("texte ou json"),
            Self::Sink => f.write_str("dossier:/chemin ou syslog+tls://serveur:6514 (port de 1 à 65535)"),
            Self::SinkMode => f.write_str("exige ou differe"),
            Self::YesOrNo => f.write_str("oui ou non"),
        }
    }
}

/// How many letters to add, remove or replace between two names (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, given) in left.bytes().enumerate() {
        let mut next = vec![at + 1];
        for (pair, known) in row.windows(2).zip(right.bytes()) {
            let [replaced, removed] =
                [pair.first(), pair.last()].map(|cost| cost.copied().unwrap_or_default());
            let added = next.last().copied().unwrap_or_default();
            next.push((replaced + usize::from(given != known)).min(removed + 1).min(added + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_letter_by_letter() {
        assert_eq!(distance("CP_KEYS", "CP_KEYS"), 0);
        assert_eq!(distance("CP_KEY", "CP_KEYS"), 1);
        assert_eq!(distance("chat", "chien"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
    }
}
