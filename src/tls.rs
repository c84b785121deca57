//! TLS served by the program itself: the certificate, its key, and their renewal while requests are served.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use time::OffsetDateTime;
use tokio::signal::unix::{SignalKind, signal};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::private_files;

/// Between two looks at the files: a renewal is served within that time, or at once on SIGHUP.
const PACE: Duration = Duration::from_secs(30);
/// Far more than a key or a chain of certificates holds.
const MOST_BYTES: u64 = 1_048_576;

/// Where the certificate and its key are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TlsFiles {
    /// The certificate, then those that lead to its authority, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// Why these files cannot serve.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TlsFault {
    /// The certificate cannot be read, or is not one.
    #[error("the certificate cannot be read as PEM")]
    Certificate,
    /// The key cannot be read, is not one, or others may read it.
    #[error("the key cannot be read as PEM, or others may read it")]
    Key,
    /// The key is another certificate's.
    #[error("the key is not the one of the certificate")]
    Mismatch,
}

/// A certificate with its key, ready to serve.
#[derive(Clone)]
pub struct Identity {
    serving: Arc<ServerConfig>,
    /// Until when it is valid.
    pub not_after: OffsetDateTime,
    /// The names it is for, as browsers compare them.
    pub names: Vec<String>,
    /// What the files held, to know when they change.
    content: (Vec<u8>, Vec<u8>),
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.names.join(", "))
    }
}

impl TlsFiles {
    fn content(&self) -> Result<(Vec<u8>, Vec<u8>), TlsFault> {
        let chain = fs::read(&self.certificate).map_err(|_| TlsFault::Certificate)?;
        let key = private_files::read_private(&self.key, private_files::OWNER_AND_GROUP, MOST_BYTES)
            .map_err(|_| TlsFault::Key)?;
        Ok((chain, key))
    }

    /// Reads both files, and checks that they belong together.
    pub fn read(&self) -> Result<Identity, TlsFault> {
        let content = self.content()?;
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&content.0)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsFault::Certificate)?;
        let first = chain.first().ok_or(TlsFault::Certificate)?.clone();
        let (_, leaf) = X509Certificate::from_der(&first).map_err(|_| TlsFault::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&content.1).map_err(|_| TlsFault::Key)?;
        let provider = Arc::new(ring::default_provider());
        provider.key_provider.load_private_key(key.clone_key()).map_err(|_| TlsFault::Key)?;
        let mut serving = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|_| TlsFault::Mismatch)?;
        serving.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Identity {
            serving: Arc::new(serving),
            not_after: leaf.validity().not_after.to_datetime(),
            names: names(&leaf),
            content,
        })
    }
}

fn names(leaf: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternatives)) = leaf.subject_alternative_name() else { return Vec::new() };
    let written = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    alternatives.value.general_names.iter().filter_map(written).collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

impl Identity {
    /// Whether a browser that typed this host accepts the certificate's names.
    pub fn is_for(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(domain) => {
                host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && rest == domain)
            }
            None => *name == host,
        })
    }
}

/// What is served now, replaced as its files change.
#[derive(Debug)]
pub struct Served {
    files: TlsFiles,
    listener: RustlsConfig,
    now: Mutex<Identity>,
}

impl Served {
    /// Begins with what the files hold.
    pub fn open(files: TlsFiles) -> Result<Self, TlsFault> {
        let identity = files.read()?;
        let listener = RustlsConfig::from_config(identity.serving.clone());
        Ok(Self { files, listener, now: Mutex::new(identity) })
    }

    /// What the listener serves with: it follows by itself.
    pub fn listener(&self) -> RustlsConfig {
        self.listener.clone()
    }

    /// Until when the certificate is valid.
    pub fn not_after(&self) -> OffsetDateTime {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).not_after
    }

    /// Serves what the files hold now, if it is something else; tells whether it was.
    pub fn look(&self) -> Result<bool, TlsFault> {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if self.files.content()? == now.content {
            return Ok(false);
        }
        *now = self.files.read()?;
        self.listener.reload_from_config(now.serving.clone());
        Ok(true)
    }
}

/// Serves what the files hold as they change, by themselves or on SIGHUP. Files that cannot serve are told once, and
/// the last good ones stay.
pub async fn follow(served: Arc<Served>) -> std::io::Result<()> {
    let mut told = signal(SignalKind::hangup())?;
    let mut refused = None;
    loop {
        tokio::select! {
            () = tokio::time::sleep(PACE) => {}
            _ = told.recv() => {}
        }
        match served.look() {
            Ok(renewed) => {
                if renewed {
                    tracing::info!(not_after = %served.not_after(), "certificate renewed");
                }
                refused = None;
            }
            Err(fault) if refused == Some(fault) => {}
            Err(fault) => {
                tracing::error!(%fault, "new certificate refused: the former one is still served");
                refused = Some(fault);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};

    use super::*;

    fn issued(names: &[&str]) -> CertifiedKey<KeyPair> {
        generate_simple_self_signed(names.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
    }

    fn put(folder: &Path, certificate: &str, key: &str) -> TlsFiles {
        let files = TlsFiles { certificate: folder.join("portail.pem"), key: folder.join("portail.key") };
        fs::write(&files.certificate, certificate).unwrap();
        fs::write(&files.key, key).unwrap();
        fs::set_permissions(&files.key, fs::Permissions::from_mode(0o640)).unwrap();
        files
    }

    #[test]
    fn a_certificate_and_its_key_are_read_together() {
        let folder = tempfile::tempdir().unwrap();
        let one = issued(&["partenaires.caf.example", "*.essai.example", "127.0.0.1"]);
        let files = put(folder.path(), &one.cert.pem(), &one.signing_key.serialize_pem());
        let identity = files.read().unwrap();
        assert!(identity.not_after.year() > 2026);
        for host in ["partenaires.caf.example", "Partenaires.CAF.example", "a.essai.example", "127.0.0.1"] {
            assert!(identity.is_for(host), "{host}");
        }
        for host in ["caf.example", "essai.example", "a.b.essai.example", ".essai.example", "127.0.0.2"] {
            assert!(!identity.is_for(host), "{host}");
        }
    }

    #[test]
    fn what_cannot_serve_is_refused_for_its_own_reason() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (issued(&["a.example"]), issued(&["a.example"]));
        let key = one.signing_key.serialize_pem();
        let refused = |certificate: &str, key: &str| put(folder.path(), certificate, key).read().unwrap_err();
        assert_eq!(refused("rien", &key), TlsFault::Certificate);
        assert_eq!(refused(&one.cert.pem(), "rien"), TlsFault::Key);
        assert_eq!(refused(&one.cert.pem(), &other.signing_key.serialize_pem()), TlsFault::Mismatch);
        let open = put(folder.path(), &one.cert.pem(), &key);
        fs::set_permissions(&open.key, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(open.read().unwrap_err(), TlsFault::Key);
        fs::remove_file(&open.certificate).unwrap();
        assert_eq!(open.read().unwrap_err(), TlsFault::Certificate);
    }
}
