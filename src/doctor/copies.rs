//! What of the log goes elsewhere: the folder of checkpoints and the second sink.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::sink::{Command, Hand, Position, SinkRoute};

/// The folder where checkpoints are published.
pub(super) fn checkpoints(config: &Config) -> Finding {
    const SUBJECT: &str = "empreintes";
    match &config.foundation.checkpoints {
        None => {
            let text = "publiées nulle part hors de la base ; donnez CP_CHECKPOINTS, hors de portée de qui l’administre";
            Finding::warning(SUBJECT, text)
        }
        Some(folder) => match unusable(folder) {
            Some(what) => Finding::bad(SUBJECT, what),
            None if beside(config, folder) => {
                let text = format!(
                    "{} est sur le disque de la base : qui la remplace les remplace aussi",
                    folder.display()
                );
                Finding::warning(SUBJECT, text)
            }
            None => Finding::good(SUBJECT, format!("publiées dans {}", folder.display())),
        },
    }
}

/// The second sink: opened, as the portal would; nothing is written there.
pub(super) async fn sink(config: &Config, clock: &Clock) -> Option<Finding> {
    const SUBJECT: &str = "copie extérieure";
    let settings = config.sink.as_ref()?;
    if let SinkRoute::Folder(folder) = &settings.route
        && let Some(what) = unusable(folder)
    {
        return Some(Finding::bad(SUBJECT, what));
    }
    let opened = match Hand::on(settings.route.outlet(clock.clone())) {
        Ok(mut hand) => hand.ask(Command::Open(Position::FIRST)).await.map_err(|fault| fault.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let mode = if settings.is_required() { "exigée" } else { "différée en cas de panne" };
    Some(match opened {
        Ok(_) => Finding::good(SUBJECT, format!("répond ({mode})")),
        Err(why) => Finding::bad(SUBJECT, format!("{why} ({mode})")),
    })
}

/// Why a folder cannot be written by who serves.
fn unusable(folder: &Path) -> Option<String> {
    let shown = folder.display();
    let Ok(found) = fs::metadata(folder) else {
        return Some(format!("{shown} n’existe pas ; créez-le, au compte du service (droits 700)"));
    };
    if !found.is_dir() {
        return Some(format!("{shown} n’est pas un dossier"));
    }
    if found.permissions().readonly() {
        return Some(format!("{shown} ne peut être écrit ; faites : chmod u+wx {shown}"));
    }
    let me = fs::metadata("/proc/self").ok()?.uid();
    (found.uid() != me).then(|| {
        format!("{shown} appartient à un autre compte que celui qui vérifie ; lancez « doctor » sous le compte du service")
    })
}

/// Whether a folder is on the volume of an embedded database.
fn beside(config: &Config, folder: &Path) -> bool {
    let volume = |path: &Path| fs::metadata(path).ok().map(|found| found.dev());
    let file = super::files::embedded(config);
    file.is_some_and(|file| volume(&file).is_some_and(|known| volume(folder) == Some(known)))
}
