//! Mail: as far as a letter would go, without one.

use super::Finding;
use crate::clock::{Clock, Entropy};
use crate::config::Config;
use crate::mail::{MailError, MailRoute, Mailer};

const SUBJECT: &str = "courrier";

/// Connects, secures the connection, is admitted.
pub(super) async fn examine(config: &Config, clock: &Clock, entropy: &Entropy) -> Finding {
    let mailer = Mailer::new(&config.mail, config.mail_from.clone(), clock.clone(), entropy.clone());
    let checked = match mailer {
        Ok(mailer) => mailer.check().await,
        Err(error) => Err(error),
    };
    match (checked, &config.mail) {
        (Ok(()), MailRoute::Smtp(_)) => {
            Finding::good(SUBJECT, "le serveur répond et nous admet (rien n’est envoyé)")
        }
        (Ok(()), MailRoute::Folder(folder)) => {
            let text = format!("aucun courriel ne part : ils s’écrivent dans {}", folder.display());
            Finding::warning(SUBJECT, text)
        }
        (Err(error), _) => Finding::bad(SUBJECT, advice(&error)),
    }
}

fn advice(error: &MailError) -> String {
    let (MailError::NotNow { cause } | MailError::Refused { code: cause }) = error else {
        return "l’expéditeur ne convient pas ; corrigez CP_MAIL_FROM".to_owned();
    };
    match cause.as_str() {
        "tls" => {
            "la connexion n’est pas sûre : certificat périmé, d’un autre nom ou d’une autorité inconnue ; \
                  donnez l’autorité du serveur par CP_MAIL_CA, ou corrigez le nom dans CP_MAIL_URL"
                .to_owned()
        }
        "unsupported" => "le serveur n’offre pas STARTTLS, ou aucun moyen connu de s’authentifier ; \
                          essayez smtps:// dans CP_MAIL_URL, ou un autre port"
            .to_owned(),
        "connection" => {
            "le serveur ne répond pas ; vérifiez son nom, son port (CP_MAIL_URL) et le pare-feu".to_owned()
        }
        "timeout" => {
            "le serveur met plus de dix secondes à répondre ; vérifiez le port et le pare-feu".to_owned()
        }
        code if code.starts_with("53") => {
            format!("le serveur refuse l’utilisateur ou le mot de passe ({code}) ; corrigez CP_MAIL_URL")
        }
        other => format!("le serveur ou le dossier refuse ({other}) ; voyez son journal"),
    }
}
