//! Keys, folders, space, and the mentions that the law wants.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::config::Config;
use crate::crypto::{Key, Keys, hex};
use crate::domain::outlook;
use crate::keys;
use crate::on_disk::folder_of;
use crate::space::{self, Space};

/// Legal mentions.
pub(super) fn mentions(config: &Config) -> Option<Finding> {
    let missing = config.missing_mentions();
    let text = format!("pages légales incomplètes : renseignez {}", missing.join(", "));
    (!missing.is_empty()).then(|| Finding::warning("mentions légales", text))
}

/// The keys of traces: there, readable, and their owner's alone.
pub(super) fn keys(folder: &Path, findings: &mut Vec<Finding>) -> Option<Keys> {
    const SUBJECT: &str = "clés";
    if let Some(rights) = rights_of(folder).filter(|rights| rights & 0o022 != 0) {
        findings.push(Finding::bad(
            SUBJECT,
            format!(
                "d’autres peuvent remplacer les clés (droits {rights:03o}) ; faites : chmod 700 {}",
                folder.display()
            ),
        ));
    }
    match keys::read(folder) {
        Ok(keys) => {
            let told: Vec<String> =
                keys.all().map(|key| format!("{} ({})", key.number(), short(key))).collect();
            findings.push(Finding::good(SUBJECT, format!("n° {}, droits 600", told.join(", "))));
            Some(keys)
        }
        Err(faults) => {
            findings.extend(faults.into_iter().map(|fault| {
                let text = format!(
                    "{fault}. Copiez la clé d’un autre nœud, ou rendez-la à son propriétaire (chmod 600)"
                );
                Finding::bad(SUBJECT, text)
            }));
            None
        }
    }
}

/// The beginning of a fingerprint: enough to compare two nodes by eye.
pub(super) fn short(key: &Key) -> String {
    hex(&key.fingerprint()).chars().take(12).collect()
}

/// The folder and the volume of an embedded database.
pub(super) fn volume(config: &Config) -> Vec<Finding> {
    const SUBJECT: &str = "dossier de la base";
    let Some(file) = embedded(config) else { return Vec::new() };
    let folder = folder_of(&file);
    let mut findings = Vec::new();
    match rights_of(folder) {
        None => {
            let text = format!("{} n’existe pas ; lancez « init »", folder.display());
            return vec![Finding::bad(SUBJECT, text)];
        }
        Some(rights) if rights & 0o007 != 0 => findings.push(Finding::bad(
            SUBJECT,
            format!("tout le monde y accède (droits {rights:03o}) ; faites : chmod 700 {}", folder.display()),
        )),
        Some(rights) => findings.push(Finding::good(SUBJECT, format!("droits {rights:03o}"))),
    }
    if let Some(finding) = owner(folder, &file) {
        findings.push(finding);
    }
    if let Some((left, total)) = Space::around(Some(&file)).measure() {
        let text = format!("{} Go libres sur {}", left / 1_000_000_000, total / 1_000_000_000);
        let used = outlook::filled(left, total);
        findings.push(if space::is_scarce(left, total) {
            Finding::bad("espace disque", format!("{text} : il en faut un dixième ; faites de la place"))
        } else if used >= outlook::PRESSING {
            Finding::warning("espace disque", format!("{text} : rempli à {used} % ; prévoyez de la place"))
        } else {
            Finding::good("espace disque", text)
        });
    }
    findings
}

pub(super) fn embedded(config: &Config) -> Option<PathBuf> {
    let url = config.foundation.database_url.expose();
    url.strip_prefix("sqlite:").map(|path| PathBuf::from(path.trim_start_matches("//")))
}

/// Whoever runs the check must be who serves: a file made by another could not be written by the service.
#[cfg(unix)]
fn owner(folder: &Path, file: &Path) -> Option<Finding> {
    use std::os::unix::fs::MetadataExt as _;
    let me = std::fs::metadata("/proc/self").ok()?.uid();
    let owners = [folder, file].map(|path| std::fs::metadata(path).ok().map(|known| known.uid()));
    owners.into_iter().flatten().any(|owner| owner != me).then(|| {
        let text = "la base appartient à un autre compte que celui qui vérifie ; lancez « doctor » sous le compte du service";
        Finding::bad("dossier de la base", text)
    })
}

#[cfg(not(unix))]
fn owner(_: &Path, _: &Path) -> Option<Finding> {
    None
}

#[cfg(unix)]
fn rights_of(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(std::fs::metadata(folder).ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn rights_of(folder: &Path) -> Option<u32> {
    folder.exists().then_some(0o700)
}
