//! Where letters go: the address of a mail server, how its connection is secured and whom it must be signed by.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use lettre::transport::smtp;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::Smtp;

/// How long one answer of the mail server is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where letters go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailRoute {
    /// To a mail server.
    Smtp(SmtpRoute),
    /// Into a folder, one `.eml` file a letter.
    Folder(PathBuf),
}

/// A mail server and how to be admitted by it.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpRoute {
    url: String,
    host: String,
    security: Security,
    authority: Option<Authority>,
}

/// How the connection is secured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Security {
    /// From its first byte.
    Wrapped,
    /// By STARTTLS, before anything is said.
    Required,
    /// Not at all: it does not leave this machine.
    None,
}

/// The certificates of an authority that is not public.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Authority(Vec<CertificateDer<'static>>);

impl Authority {
    /// Reads certificates in PEM: one at least, and each usable.
    pub fn parse(pem: &[u8]) -> Option<Self> {
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
        let mut known = RootCertStore::empty();
        let all_usable = certificates.iter().all(|certificate| known.add(certificate.clone()).is_ok());
        (all_usable && !known.is_empty()).then_some(Self(certificates))
    }
}

impl std::fmt::Debug for SmtpRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SmtpRoute")
    }
}

impl MailRoute {
    /// Reads `smtp://user:password@host:587` (STARTTLS is required, except to this very machine),
    /// `smtps://user:password@host:465` or `dossier:/path`.
    pub fn parse(url: &str) -> Option<Self> {
        if let Some(path) = url.strip_prefix("dossier:") {
            return (!path.is_empty()).then(|| Self::Folder(PathBuf::from(path)));
        }
        let uri: Uri = url.parse().ok()?;
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        let here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        if uri.query().is_some() || url.contains('#') || !matches!(uri.path(), "" | "/") {
            return None;
        }
        let security = match uri.scheme_str()? {
            "smtp" if here => Security::None,
            "smtp" => Security::Required,
            "smtps" => Security::Wrapped,
            _ => return None,
        };
        let route = SmtpRoute { url: url.to_owned(), host, security, authority: None };
        route.transport().ok().map(|_| Self::Smtp(route))
    }

    /// The same way, to a server whose certificate this authority signed; nobody else is believed then, and the
    /// connection is secured even on this very machine.
    #[must_use]
    pub fn trusting(self, authority: Option<Authority>) -> Self {
        match self {
            Self::Smtp(route) if authority.is_some() => {
                let security = match route.security {
                    Security::None => Security::Required,
                    other => other,
                };
                Self::Smtp(SmtpRoute { security, authority, ..route })
            }
            other => other,
        }
    }
}

impl SmtpRoute {
    pub(super) fn transport(&self) -> Result<smtp::AsyncSmtpTransportBuilder, smtp::Error> {
        // The address gives the port and the credentials; how the connection is secured is said here.
        let builder = Smtp::from_url(&self.url)?.timeout(Some(PATIENCE));
        let tls = match self.security {
            Security::None => return Ok(builder),
            Security::Required => Tls::Required(self.trusted()?),
            Security::Wrapped => Tls::Wrapper(self.trusted()?),
        };
        Ok(builder.tls(tls))
    }

    fn trusted(&self) -> Result<TlsParameters, smtp::Error> {
        let mut trusted = TlsParameters::builder(self.host.clone());
        if let Some(Authority(certificates)) = &self.authority {
            trusted = trusted.certificate_store(CertificateStore::None);
            for certificate in certificates {
                trusted = trusted.add_root_certificate(Certificate::from_der(certificate.to_vec())?);
            }
        }
        trusted.build()
    }
}
