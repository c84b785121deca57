//! The database: reached, durable, at this program's version, with our keys, in the right hands, at the right time.

use std::sync::Arc;

use time::Duration;

use super::Finding;
use super::files;
use crate::clock::{Clock, Entropy};
use crate::config::Config;
use crate::crypto::{Keys, hex};
use crate::db::pulse::Pulse;
use crate::db::{Db, DbError, OpenError, Patience, Recorder, Rights};
use crate::domain::day::Day;
use crate::domain::outlook::{EMBEDDED, Outlook, Room, outlook};
use crate::domain::pulse::silence;
use crate::domain::retention::oldest_kept;
use crate::domain::time::Timestamp;

const SUBJECT: &str = "base de données";
/// Between the clocks of two machines: beyond, traces of two nodes are read in another order than they happened.
const DRIFT: Duration = Duration::seconds(5);

/// Checks all that can be asked of the database; without keys nothing can be asked.
pub(super) async fn examine(
    config: &Config,
    keys: Option<Keys>,
    clock: &Clock,
    entropy: &Entropy,
) -> Vec<Finding> {
    let Some(keys) = keys.map(Arc::new) else {
        return vec![Finding::warning(SUBJECT, "vérifiée quand les clés seront lisibles")];
    };
    if let Some(file) = files::embedded(config).filter(|file| !file.exists()) {
        return vec![Finding::bad(SUBJECT, format!("{} n’existe pas ; lancez « init »", file.display()))];
    }
    let recorder = Recorder { clock: clock.clone(), entropy: entropy.clone(), keys: keys.clone() };
    let url = &config.foundation.database_url;
    let db = match Db::open(url.expose(), 2, Patience::Page, recorder).await {
        Ok(db) => db,
        Err(error) => return vec![Finding::bad(SUBJECT, format!("{url} : {}", opening(&error)))],
    };
    let mut findings = vec![Finding::good(SUBJECT, format!("{url} répond"))];
    findings.push(match db.check_durability().await {
        Ok(settings) => {
            let told: Vec<String> =
                settings.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
            Finding::good("durabilité", told.join(", "))
        }
        Err(error) => Finding::bad("durabilité", opening(&error)),
    });
    match db.check_schema().await {
        Ok(()) => {
            findings.push(Finding::good("schéma", "au niveau de ce programme"));
            findings.extend(within(&db, &keys, clock.now()).await);
        }
        Err(error) => findings.push(Finding::bad("schéma", opening(&error))),
    }
    db.close().await;
    findings
}

/// What only a database of this program's version can tell.
async fn within(db: &Db, keys: &Keys, now: Timestamp) -> Vec<Finding> {
    let asked = async {
        let mut findings = vec![known_keys(&db.known_keys().await?, keys)];
        findings.extend(db.rights().await?.map(role));
        findings.extend(db.server_clock().await?.map(|there| server_clock(now, there)));
        findings.extend(db.last_trace_at().await?.map(|last| last_trace(now, last)));
        findings.extend(pulse(&db.pulse().await?, now));
        let growth = db.growth(now, oldest_kept(Day::from(now.instant().date()))).await?;
        let room = Room { most: db.file().map(|_| EMBEDDED), volume: None };
        findings.push(space(&outlook(growth, room)));
        Ok(findings)
    };
    asked.await.unwrap_or_else(|error: DbError| vec![Finding::bad(SUBJECT, error.to_string())])
}

/// A silence that lasts, and that nothing announced.
fn pulse(pulse: &Pulse, now: Timestamp) -> Option<Finding> {
    let quiet = pulse
        .beat_at
        .and_then(|last| silence(last, now, pulse.stopped_at))
        .filter(|quiet| !quiet.announced)?;
    let text = format!("ne bat plus depuis le {} UTC, sans arrêt annoncé du portail", quiet.from.instant());
    Some(Finding::warning("journal", text))
}

/// How many traces there are, and how long the space for them lasts.
fn space(outlook: &Outlook) -> Finding {
    const SUBJECT: &str = "place pour les traces";
    let Outlook { live, a_day, days_left, warnings } = outlook;
    let a_day = a_day.map_or_else(String::new, |a_day| format!(", {a_day} par jour"));
    let left = days_left.map_or_else(String::new, |days| format!(", {days} jours de place"));
    let text = format!("{live} traces conservées{a_day}{left}");
    if warnings.is_empty() {
        Finding::good(SUBJECT, text)
    } else {
        Finding::warning(
            SUBJECT,
            format!("{text} : la base embarquée est faite pour {EMBEDDED} traces ; prévoyez PostgreSQL"),
        )
    }
}

fn known_keys(known: &[(i32, Vec<u8>)], keys: &Keys) -> Finding {
    const SUBJECT: &str = "clés et base";
    for (number, fingerprint) in known {
        match keys.all().find(|key| key.number() == *number) {
            None => {
                let text = format!(
                    "la base connaît une clé {number} que ce nœud n’a pas ; copiez {number}.key d’un autre nœud"
                );
                return Finding::bad(SUBJECT, text);
            }
            Some(key) if key.fingerprint().as_slice() != fingerprint.as_slice() => {
                let wanted: String = hex(fingerprint).chars().take(12).collect();
                let text = format!(
                    "la clé {number} d’ici ({}) n’est pas celle de la base ({wanted}) ; remettez {number}.key d’origine",
                    files::short(key)
                );
                return Finding::bad(SUBJECT, text);
            }
            Some(_) => {}
        }
    }
    Finding::good(SUBJECT, "les mêmes")
}

fn role(rights: Rights) -> Finding {
    const SUBJECT: &str = "rôle de l’application";
    let mend = "servez sous un rôle simple : CREATE ROLE … LOGIN IN ROLE compte_partenaire_application";
    let excess = [
        (rights.superuser, "est superutilisateur"),
        (rights.owner, "possède les tables"),
        (rights.update, "peut modifier des traces"),
        (rights.delete, "peut effacer des traces"),
        (rights.truncate, "peut vider le journal"),
    ];
    let told: Vec<&str> = excess.into_iter().filter_map(|(held, told)| held.then_some(told)).collect();
    if !told.is_empty() {
        Finding::bad(SUBJECT, format!("il {} ; {mend}", told.join(", ")))
    } else if rights.insert {
        Finding::good(SUBJECT, "il ajoute des traces, et ne peut ni les modifier ni les effacer")
    } else {
        Finding::bad(SUBJECT, format!("il ne peut pas ajouter de traces ; {mend}"))
    }
}

fn server_clock(now: Timestamp, there: Timestamp) -> Finding {
    let drift = now.since(there).abs();
    let text = format!("{} s d’écart avec celle du serveur de base", drift.whole_seconds());
    if drift > DRIFT {
        Finding::bad("horloge", format!("{text} ; réglez les deux par NTP"))
    } else {
        Finding::good("horloge", text)
    }
}

fn last_trace(now: Timestamp, last: Timestamp) -> Finding {
    if last.since(now) > DRIFT {
        let text = format!(
            "la dernière trace est du {}, dans le futur ; remettez l’horloge à l’heure",
            last.instant()
        );
        Finding::bad("horloge", text)
    } else {
        Finding::good("horloge", "elle avance depuis la dernière trace")
    }
}

/// What went wrong, and what to do about it.
fn opening(error: &OpenError) -> String {
    match error {
        OpenError::Url => {
            "cette adresse n’est pas celle d’une base connue ; corrigez CP_DATABASE_URL".to_owned()
        }
        OpenError::Db(error) => {
            format!("elle ne répond pas, ou nous refuse ({error}) ; vérifiez le serveur et CP_DATABASE_URL")
        }
        OpenError::NotDurable { setting, found, wanted } => {
            format!(
                "{setting} vaut {found} au lieu de {wanted} : des traces acquittées seraient perdues ; corrigez le serveur"
            )
        }
        OpenError::Damaged(what) => {
            format!("le fichier est abîmé ({what}) ; restaurez la dernière sauvegarde")
        }
        OpenError::Schema { found, wanted } if found < wanted => {
            format!("version {found}, il faut {wanted} ; lancez « migrate »")
        }
        OpenError::Schema { found, wanted } => {
            format!("version {found}, plus récente que {wanted} ; installez le programme qui va avec")
        }
        OpenError::Key { number } => format!("la clé {number} n’est pas celle de cette base"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::super::Verdict;
    use super::*;

    const DUE: Rights = Rights {
        insert: true,
        update: false,
        delete: false,
        truncate: false,
        owner: false,
        superuser: false,
    };

    #[test]
    fn a_role_that_may_too_much_or_too_little_is_told() {
        assert_eq!(role(DUE).verdict, Verdict::Good);
        for (rights, told) in [
            (Rights { superuser: true, ..DUE }, "est superutilisateur"),
            (Rights { owner: true, ..DUE }, "possède les tables"),
            (Rights { update: true, ..DUE }, "peut modifier"),
            (Rights { delete: true, ..DUE }, "peut effacer"),
            (Rights { truncate: true, ..DUE }, "peut vider"),
            (Rights { insert: false, ..DUE }, "ne peut pas ajouter"),
        ] {
            let finding = role(rights);
            assert_eq!(finding.verdict, Verdict::Bad);
            assert!(finding.text.contains(told) && finding.text.contains("CREATE ROLE"), "{finding}");
        }
    }

    #[test]
    fn a_clock_apart_or_set_back_is_told() {
        let now = Timestamp::new(datetime!(2026-11-23 08:30 UTC));
        let later = now.plus(Duration::minutes(1));
        assert_eq!(server_clock(now, now.plus(Duration::seconds(1))).verdict, Verdict::Good);
        assert_eq!(server_clock(now, later).verdict, Verdict::Bad);
        assert_eq!(server_clock(later, now).verdict, Verdict::Bad);
        assert_eq!(last_trace(now, later).verdict, Verdict::Bad);
        assert_eq!(last_trace(later, now).verdict, Verdict::Good);
    }
}
