//! Where requests arrive: TLS, proxies, addresses.

use axum::http::Uri;
use time::Duration;

use super::Finding;
use crate::config::Config;
use crate::domain::time::Timestamp;
use crate::tls::{Identity, TlsFiles};

/// Before its end, a certificate should have been renewed already.
const RENEWAL: Duration = Duration::days(15);

/// Checks how people reach the portal.
pub(super) fn examine(config: &Config, now: Timestamp) -> Vec<Finding> {
    let mut findings = match &config.tls {
        Some(files) => certificate(config, files, now),
        None => vec![without_certificate(config)],
    };
    findings.extend(proxies(config));
    findings.extend(config.figures.address().filter(|address| !address.ip().is_loopback()).map(|address| {
        let text =
            format!("lisibles par tout le réseau sur {address} ; fermez ce port à qui ne surveille pas");
        Finding::warning("mesures", text)
    }));
    findings
}

fn certificate(config: &Config, files: &TlsFiles, now: Timestamp) -> Vec<Finding> {
    const SUBJECT: &str = "certificat";
    let identity = match files.read() {
        Ok(identity) => identity,
        Err(fault) => return vec![Finding::bad(SUBJECT, fault.to_string())],
    };
    let host = config.public_url.parse::<Uri>().ok().and_then(|url| Some(url.host()?.to_owned()));
    let host = host.unwrap_or_default();
    let mut findings = vec![validity(&identity, now)];
    if !identity.is_for(host.trim_matches(['[', ']'])) {
        let names = identity.names.join(", ");
        let text =
            format!("il est fait pour {names}, pas pour {host} ; corrigez CP_PUBLIC_URL ou le certificat");
        findings.push(Finding::bad(SUBJECT, text));
    }
    findings
}

fn validity(identity: &Identity, now: Timestamp) -> Finding {
    const SUBJECT: &str = "certificat";
    let left = identity.not_after - now.instant();
    let until = format!("valable jusqu’au {}", identity.not_after.date());
    if left.is_negative() {
        Finding::bad(SUBJECT, format!("périmé depuis le {} ; renouvelez-le", identity.not_after.date()))
    } else if left < RENEWAL {
        Finding::warning(SUBJECT, format!("{until}, dans {} jours ; renouvelez-le", left.whole_days()))
    } else {
        Finding::good(SUBJECT, format!("{until}, et sa clé est la bonne"))
    }
}

fn without_certificate(config: &Config) -> Finding {
    const SUBJECT: &str = "TLS";
    let far = !config.listen.ip().is_loopback();
    match (config.public_url.starts_with("https:"), config.trusted_proxies.is_empty()) {
        (true, true) => Finding::bad(
            SUBJECT,
            "personne ne le fait : donnez CP_TLS_CERTIFICATE et CP_TLS_KEY, ou placez un mandataire et donnez son \
             adresse par CP_TRUSTED_PROXIES (sans elle, toutes les personnes partagent le même budget de connexion)",
        ),
        (true, false) if far => Finding::warning(
            SUBJECT,
            format!(
                "fait par le mandataire, mais {} reçoit en clair ; n’y laissez passer que lui, ou écoutez sur 127.0.0.1",
                config.listen
            ),
        ),
        (true, false) => Finding::good(SUBJECT, "fait par le mandataire, sur cette machine"),
        (false, _) => Finding::warning(SUBJECT, "portail ouvert sur cette machine seulement, sans TLS"),
    }
}

/// A proxy that cannot be the peer of a connection is never believed.
fn proxies(config: &Config) -> Option<Finding> {
    const SUBJECT: &str = "mandataires";
    let proxies = &config.trusted_proxies;
    if let Some(wrong) = proxies.iter().find(|proxy| proxy.is_unspecified() || proxy.is_multicast()) {
        return Some(Finding::bad(
            SUBJECT,
            format!("{wrong} n’est l’adresse de personne ; corrigez CP_TRUSTED_PROXIES"),
        ));
    }
    if config.listen.ip().is_loopback()
        && !proxies.is_empty()
        && !proxies.iter().any(std::net::IpAddr::is_loopback)
    {
        let text = format!(
            "aucun ne peut joindre {} ; ajoutez 127.0.0.1 à CP_TRUSTED_PROXIES, ou changez CP_LISTEN",
            config.listen
        );
        return Some(Finding::bad(SUBJECT, text));
    }
    (!proxies.is_empty()).then(|| Finding::good(SUBJECT, format!("crus : {}", proxies.len())))
}
