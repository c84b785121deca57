//! TLS by the program itself: what browsers are shown, and its renewal while it serves.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::support::{Backend, Server, TestApp};

fn issued() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
}

fn put(folder: &Path, certificate: &str, key: &str) -> [String; 2] {
    let paths = [folder.join("portail.pem"), folder.join("portail.key")];
    for (path, content) in paths.iter().zip([certificate, key]) {
        std::fs::write(path, content).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    paths.map(|path| path.display().to_string())
}

/// Asks for the sign-in page, believing only this certificate; nothing when the server shows another.
async fn ask(address: &str, believed: &CertifiedKey<KeyPair>) -> Option<String> {
    let mut roots = RootCertStore::empty();
    roots.add(believed.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await.ok()?;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    Some(answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renewed_certificate_is_served_without_a_restart() {
    let app = TestApp::on(Backend::Sqlite).await;
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (issued(), issued());
    let [certificate, key] = put(folder.path(), &first.cert.pem(), &first.signing_key.serialize_pem());
    let settings = [
        ("CP_TLS_CERTIFICATE", certificate.as_str()),
        ("CP_TLS_KEY", &key),
        ("CP_PUBLIC_URL", "https://localhost:8443"),
    ];
    let mut server = Server::start_with(&app, &settings).await;
    let address = server.line().address;
    let answer = ask(&address, &first).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(
        answer.contains("strict-transport-security: max-age=31536000; includeSubDomains\r\n"),
        "{answer}"
    );
    assert_eq!(ask(&address, &second).await, None);
    // A key that is not the certificate's: the former pair is still served.
    put(folder.path(), &second.cert.pem(), &first.signing_key.serialize_pem());
    server.signal("-HUP");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(ask(&address, &first).await.is_some());
    put(folder.path(), &second.cert.pem(), &second.signing_key.serialize_pem());
    server.signal("-HUP");
    let mut renewed = false;
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if ask(&address, &second).await.is_some() {
            renewed = true;
            break;
        }
    }
    assert!(renewed, "the new certificate is not served");
    assert_eq!(ask(&address, &first).await, None);
    let status = tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
    assert!(status.success(), "{status}");
}

/// Without TLS anywhere, browsers are not told to come back by TLS only.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_portal_without_tls_promises_none() {
    let app = TestApp::on(Backend::Sqlite).await;
    let server = Server::start(&app).await;
    let answer = server.ask(axum::http::Method::GET, "/", "", None).await.unwrap();
    assert_eq!(answer.status, 200);
    assert!(!answer.headers.contains_key("strict-transport-security"));
}
