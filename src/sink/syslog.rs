//! A second sink at a syslog server: RFC 5424 messages over TLS (RFC 5425, each preceded by its length). The protocol has
//! no receipt: what was in flight when a connection broke may be lost, so each new connection begins by saying the last
//! leaves again.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use time::format_description::well_known::Rfc3339;

use super::hand::DEADLINE;
use super::{Entry, Outlet, Position, SinkFault};
use crate::clock::Clock;

/// Leaves said again on a new connection: more than the buffers between two machines usually hold.
const AGAIN: i64 = 20_000;
/// Facility 13 (log audit), severity 6 (informational).
const PRIORITY: u32 = 13 * 8 + 6;

/// The certificates of the authority that signed the server's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trusted(Vec<CertificateDer<'static>>);

impl Trusted {
    /// Reads certificates in PEM: one at least, and each usable.
    pub fn parse(pem: &[u8]) -> Option<Self> {
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().ok()?;
        let trusted = Self(certificates);
        trusted.roots().filter(|roots| !roots.is_empty()).map(|_| trusted.clone())
    }

    fn roots(&self) -> Option<RootCertStore> {
        let mut roots = RootCertStore::empty();
        self.0.iter().all(|certificate| roots.add(certificate.clone()).is_ok()).then_some(roots)
    }
}

/// A syslog server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// Its name, as its certificate gives it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Who vouches for it.
    pub trusted: Trusted,
}

/// A connection to a syslog server.
pub struct Syslog {
    server: Server,
    clock: Clock,
    stream: Option<StreamOwned<ClientConnection, TcpStream>>,
}

impl std::fmt::Debug for Syslog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Syslog")
    }
}

impl Syslog {
    /// To that server.
    pub fn to(server: Server, clock: Clock) -> Self {
        Self { server, clock, stream: None }
    }

    fn connected(&self) -> Result<StreamOwned<ClientConnection, TcpStream>, SinkFault> {
        let Server { host, port, trusted } = &self.server;
        let roots = trusted.roots().ok_or(SinkFault::Untrusted)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| SinkFault::Untrusted)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(host.clone()).map_err(|_| SinkFault::Unknown)?;
        let mut refused = SinkFault::Unknown;
        for address in (host.as_str(), *port).to_socket_addrs().map_err(|_| SinkFault::Unknown)? {
            match TcpStream::connect_timeout(&address, DEADLINE / 4) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(DEADLINE))?;
                    stream.set_write_timeout(Some(DEADLINE))?;
                    stream.set_nodelay(true)?;
                    let tls =
                        ClientConnection::new(Arc::new(client), name).map_err(|_| SinkFault::Untrusted)?;
                    let mut stream = StreamOwned::new(tls, stream);
                    while stream.conn.is_handshaking() {
                        stream.conn.complete_io(&mut stream.sock).map_err(met)?;
                    }
                    return Ok(stream);
                }
                // Of several addresses, one that cannot be used here says less than one that refused.
                Err(error) if !matches!(refused, SinkFault::Refused | SinkFault::Hangs) => {
                    refused = error.into();
                }
                Err(_) => {}
            }
        }
        Err(refused)
    }

    fn message(&self, entry: &Entry) -> String {
        let now = self.clock.now().instant().format(&Rfc3339).unwrap_or_else(|_| "-".to_owned());
        format!("<{PRIORITY}>1 {now} - compte-partenaire - {} - {}", entry.kind(), entry.line())
    }
}

impl Outlet for Syslog {
    fn open(&mut self, known: Position) -> Result<Position, SinkFault> {
        self.stream = None;
        self.stream = Some(self.connected()?);
        Ok(Position { rank: (known.rank - AGAIN).max(0), ..known })
    }

    fn write(&mut self, entries: &[Entry]) -> Result<(), SinkFault> {
        self.look()?;
        let mut framed = String::new();
        for message in entries.iter().map(|entry| self.message(entry)) {
            framed.push_str(&message.len().to_string());
            framed.push(' ');
            framed.push_str(&message);
        }
        let stream = self.stream.as_mut().ok_or(SinkFault::Left)?;
        stream.write_all(framed.as_bytes()).map_err(met)?;
        stream.flush().map_err(met)?;
        self.look()
    }

    /// A server says nothing after the handshake but what TLS needs, and that it closes.
    fn look(&mut self) -> Result<(), SinkFault> {
        let stream = self.stream.as_mut().ok_or(SinkFault::Left)?;
        stream.sock.set_nonblocking(true)?;
        let said = heard(stream);
        stream.sock.set_nonblocking(false)?;
        said
    }
}

/// Reads what has come, without waiting.
fn heard(stream: &mut StreamOwned<ClientConnection, TcpStream>) -> Result<(), SinkFault> {
    loop {
        match stream.conn.read_tls(&mut stream.sock) {
            Ok(0) => return Err(SinkFault::Left),
            Ok(_) => {
                let state = stream.conn.process_new_packets().map_err(|_| SinkFault::Garbled)?;
                if state.peer_has_closed() {
                    return Err(SinkFault::Left);
                }
                if state.plaintext_bytes_to_read() > 0 {
                    // Emptied, so that the reader of TLS does not grow.
                    let _ = stream.conn.reader().read(&mut [0; 512]);
                    return Err(SinkFault::Garbled);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(met(error)),
        }
    }
}

/// What a connection met.
fn met(error: io::Error) -> SinkFault {
    match error.kind() {
        io::ErrorKind::InvalidData => {
            let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
            cause.map_or(SinkFault::NotTls, of_tls)
        }
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => SinkFault::Left,
        _ => error.into(),
    }
}

/// What is wrong with the server's certificate, or with its TLS.
fn of_tls(error: &rustls::Error) -> SinkFault {
    use rustls::CertificateError as Certificate;
    let rustls::Error::InvalidCertificate(cause) = error else { return SinkFault::NotTls };
    match cause {
        Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => SinkFault::Misnamed,
        Certificate::Expired
        | Certificate::ExpiredContext { .. }
        | Certificate::NotValidYet
        | Certificate::NotValidYetContext { .. } => SinkFault::Expired,
        _ => SinkFault::Untrusted,
    }
}
