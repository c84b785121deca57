//! A syslog server in a thread, which behaves as a test says.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use compte_partenaire::sink::{CopiedLeaf, Entry, Server, Trusted};
use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use time::macros::datetime;

use super::TestApp;

/// How a server behaves with those who come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    /// As it should.
    Listens,
    /// Closes what is open, refuses what comes.
    Leaves,
    /// Says something, which no server of its kind does.
    Talks,
    /// Answers in the clear.
    NoTls,
    /// Takes the connection, and says nothing.
    Silent,
    /// Reads nothing of what it is told.
    Deaf,
    /// Shows another certificate than its own.
    Shows(Certificate),
}

/// A certificate that is not the right one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Certificate {
    /// Nobody who is believed vouches for it.
    Strange,
    /// That of another server.
    OfAnother,
    /// Its time is over.
    Expired,
}

type Issued = CertifiedKey<KeyPair>;

/// A certificate that vouches for itself.
pub fn issued(name: &str) -> Issued {
    rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap()
}

fn expired() -> Issued {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = datetime!(2024-01-01 00:00 UTC);
    params.not_after = datetime!(2025-01-01 00:00 UTC);
    let signing_key = KeyPair::generate().unwrap();
    CertifiedKey { cert: params.self_signed(&signing_key).unwrap(), signing_key }
}

fn serving(certificate: &Issued) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key);
    Arc::new(config.unwrap())
}

/// A syslog server.
pub struct Listening {
    pub port: u16,
    /// Its own certificate, and those that it may show to who believes them.
    authorities: String,
    manner: Arc<Mutex<Manner>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Listening {
    /// Starts it; it behaves as it should.
    pub fn start() -> Self {
        let listener = TcpListener::bind("localhost:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let [ours, strange, another, expired] =
            [issued("localhost"), issued("localhost"), issued("ailleurs.example"), expired()];
        let authorities = [&ours, &another, &expired].map(|issued| issued.cert.pem()).concat();
        let (manner, open, taken) = (Arc::new(Mutex::new(Manner::Listens)), Arc::default(), Arc::default());
        let this = Self { port, authorities, manner, open, taken };
        let (manner, open, taken) = (this.manner.clone(), this.open.clone(), this.taken.clone());
        let [ours, strange, another, expired] =
            [ours, strange, another, expired].map(|issued| serving(&issued));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let manner = *manner.lock().unwrap();
                if manner == Manner::Leaves {
                    continue;
                }
                open.lock().unwrap().push(stream.try_clone().unwrap());
                let config = match manner {
                    Manner::Shows(Certificate::Strange) => &strange,
                    Manner::Shows(Certificate::OfAnother) => &another,
                    Manner::Shows(Certificate::Expired) => &expired,
                    _ => &ours,
                };
                let (config, taken) = (config.clone(), taken.clone());
                thread::spawn(move || met(stream, config, manner, &taken));
            }
        });
        this
    }

    /// Behaves so with whoever comes from now on, and lets those go who are there.
    pub fn behave(&mut self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// In PEM, for who believes it.
    pub fn authorities(&self) -> &str {
        &self.authorities
    }

    /// As settings name it.
    pub fn trusted(&self) -> Server {
        let trusted = Trusted::parse(self.authorities.as_bytes()).unwrap();
        Server { host: "localhost".to_owned(), port: self.port, trusted }
    }

    /// What it was told.
    pub fn messages(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    /// The leaves that it was told.
    pub fn leaves(&self) -> Vec<CopiedLeaf> {
        let leaf = |message: &String| match Entry::read(&message[message.find('{').unwrap()..]).unwrap() {
            Entry::Leaf(leaf) => Some(leaf),
            Entry::Checkpoint(_) => None,
        };
        self.messages().iter().filter_map(leaf).collect()
    }

    /// Their ranks.
    pub fn ranks(&self) -> Vec<i64> {
        self.leaves().iter().map(|leaf| leaf.rank).collect()
    }

    /// Nothing is missing of what it was told in all; what was sent last may still be on its way.
    pub async fn has_all(&self, app: &TestApp) {
        let size = i64::try_from(app.app.db().head().await.unwrap().tree.size()).unwrap();
        let start = Instant::now();
        loop {
            let ranks = self.ranks();
            let missing: Vec<i64> = (0..size).filter(|rank| !ranks.contains(rank)).collect();
            if missing.is_empty() {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "of {size} leaves, it never got {missing:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

/// One connection: whole messages are kept, as their lengths cut them.
fn met(mut stream: TcpStream, config: Arc<ServerConfig>, manner: Manner, taken: &Mutex<Vec<String>>) {
    match manner {
        Manner::NoTls => {
            let _ = stream.write_all(b"220 ready\r\n");
            thread::sleep(Duration::from_secs(3));
            return;
        }
        Manner::Silent => {
            thread::sleep(Duration::from_secs(10));
            return;
        }
        _ => {}
    }
    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    if manner == Manner::Talks && stream.write_all(b"500 who are you\r\n").is_err() {
        return;
    }
    if manner == Manner::Deaf {
        while stream.conn.is_handshaking() && stream.conn.complete_io(&mut stream.sock).is_ok() {}
        thread::sleep(Duration::from_secs(10));
        return;
    }
    let mut said = Vec::new();
    let mut piece = [0; 4_096];
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        said.extend_from_slice(&piece[..read]);
        while let Some(space) = said.iter().position(|byte| *byte == b' ') {
            let length: usize = std::str::from_utf8(&said[..space]).unwrap().parse().unwrap();
            if said.len() < space + 1 + length {
                break;
            }
            let message = said[space + 1..space + 1 + length].to_vec();
            said.drain(..=space + length);
            taken.lock().unwrap().push(String::from_utf8(message).unwrap());
        }
    }
}
