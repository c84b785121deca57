//! The places of the second sink, as they really fail: a folder that is full, forbidden, unlinked, replaced or moved away;
//! a syslog server that is down, slow, not ours, or answers anything.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use compte_partenaire::jobs::carry::Carrier;
use compte_partenaire::sink::{DEADLINE, Entry, Server, SinkMode, Syslog, Trusted};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::sink::{copied, is_served, is_whole, to_folder};
use crate::stories;
use crate::support::TestApp;
use crate::support::log::{chatter, sign};
use crate::support::small::Small;

/// The sink fails, and nobody is served; then `mended` is done, and the service returns by itself with nothing lost.
async fn fails_then_returns(
    app: &TestApp,
    carrier: &mut Carrier,
    folder: &Path,
    cause: &str,
    mended: impl FnOnce(),
) {
    chatter(&app.app, 5).await;
    sign(app.app.db()).await;
    carrier.round(&app.app).await.unwrap();
    assert!(!is_served(app).await, "{cause}: served");
    let told = app.bodies("log.sink_failed").await.pop().unwrap();
    assert_eq!(told["object"]["cause"], cause);
    mended();
    returns(app, carrier, folder).await;
}

async fn returns(app: &TestApp, carrier: &mut Carrier, folder: &Path) {
    carrier.round(&app.app).await.unwrap();
    assert!(is_served(app).await);
    sign(app.app.db()).await;
    carrier.round(&app.app).await.unwrap();
    carrier.round(&app.app).await.unwrap();
    is_whole(app, folder).await;
}

stories! {
    /// FT-14 on the second sink, where a process that only looks at its own writes sees nothing.
    async fn a_copy_that_is_taken_away_is_noticed(app) {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("copie");
        fs::create_dir(&folder).unwrap();
        chatter(&app.app, 20).await;
        sign(app.app.db()).await;
        let mut carrier = to_folder(&app.app, &folder, SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        let file = folder.join("journal-2026-11-23.ndjson");

        // Unlinked, with nothing to write: noticed all the same; then all of it is carried again.
        fs::remove_file(&file).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        returns(app, &mut carrier, &folder).await;
        // Unlinked, and something to write.
        fs::remove_file(&file).unwrap();
        fails_then_returns(app, &mut carrier, &folder, "replaced", || {}).await;
        // Another file in its place, with the same content.
        let content = fs::read(&file).unwrap();
        fs::write(folder.join("autre"), &content).unwrap();
        fs::rename(folder.join("autre"), &file).unwrap();
        fails_then_returns(app, &mut carrier, &folder, "replaced", || {}).await;
        // Its end cut off, under the same inode.
        let whole = fs::metadata(&file).unwrap().len();
        fs::File::options().write(true).open(&file).unwrap().set_len(whole - 900).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        carrier.round(&app.app).await.unwrap();
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let report = copied(app, &folder).await;
        assert_eq!((report.unreadable, report.jumped, report.flaws), (1, 0, 0));
        assert_eq!(report.leaves, app.app.db().head().await.unwrap().tree.size());
        // The whole folder moved elsewhere: not served until it is back.
        let away = parent.path().join("ailleurs");
        fs::rename(&folder, &away).unwrap();
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        for _ in 0..3 {
            carrier.round(&app.app).await.unwrap();
            assert!(!is_served(app).await);
        }
        assert!(!folder.exists(), "another folder was made in its place");
        fs::rename(&away, &folder).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        // Something that is no file, where opening it would wait for ever.
        fs::remove_file(&file).unwrap();
        carrier.round(&app.app).await.unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(&file).status().unwrap();
        assert!(pipe.success());
        let start = Instant::now();
        carrier.round(&app.app).await.unwrap();
        assert!(start.elapsed() < DEADLINE && !is_served(app).await);
        fs::remove_file(&file).unwrap();
        returns(app, &mut carrier, &folder).await;
    }

    /// FT-13 on the second sink: a right that is taken away stops it, for root too.
    async fn a_copy_that_may_not_be_written_is_noticed(app) {
        let folder = tempfile::tempdir().unwrap();
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        let mut carrier = to_folder(&app.app, folder.path(), SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        let file = folder.path().join("journal-2026-11-23.ndjson");
        let allow = |path: &Path, rights| fs::set_permissions(path, fs::Permissions::from_mode(rights)).unwrap();
        allow(&file, 0o400);
        fails_then_returns(app, &mut carrier, folder.path(), "not_writable", || allow(&file, 0o600)).await;
        allow(folder.path(), 0o500);
        fails_then_returns(app, &mut carrier, folder.path(), "not_writable", || allow(folder.path(), 0o700)).await;
    }

    /// FT-11 on the second sink: the volume is full in the middle of a write, then room is made. Where nobody may mount,
    /// `a_required_sink_that_fails_suspends_the_service` plays it.
    async fn a_copy_on_a_full_volume_is_noticed(app) {
        let Some(small) = Small::mounted(512) else { return };
        let mut carrier = to_folder(&app.app, small.path(), SinkMode::Required);
        chatter(&app.app, 20).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        let filler = small.leave(0);
        chatter(&app.app, 200).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        assert_eq!(app.bodies("log.sink_failed").await[0]["object"]["cause"], "full");
        let start = Instant::now();
        fs::remove_file(filler).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await && start.elapsed() < Duration::from_secs(5));
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let report = copied(app, small.path()).await;
        assert_eq!((report.jumped, report.flaws), (0, 0), "{:?}", report.findings);
        assert_eq!(report.leaves, app.app.db().head().await.unwrap().tree.size());
    }

    /// FT-15 at a server: each way of failing is noticed within the deadline; what was carried is said again, so that
    /// nothing is missing of what the server has taken in all.
    async fn a_syslog_server_gets_everything_however_it_fails(app) {
        let ours = issued();
        let mut server = Listening::start(&ours, Manner::Listens);
        let outlet = Syslog::to(server.named(&ours), app.clock.clone());
        let mut carrier = Carrier::new(&app.app, Box::new(outlet), SinkMode::Required, false).unwrap();
        chatter(&app.app, 20).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        assert_eq!(app.facts().await.iter().filter(|fact| *fact == "log.sink_failed").count(), 0);

        for (manner, cause) in [
            (Manner::Leaves, "garbled"),
            (Manner::Talks, "garbled"),
            (Manner::NoTls, "untrusted"),
            (Manner::Silent, "hangs"),
            (Manner::AnotherCertificate, "untrusted"),
        ] {
            server.behave(manner);
            chatter(&app.app, 20).await;
            sign(app.app.db()).await;
            let start = Instant::now();
            while is_served(app).await {
                carrier.round(&app.app).await.unwrap();
                assert!(start.elapsed() < Duration::from_secs(5), "{manner:?} is not noticed");
            }
            // The first thing met is that the connection ended; then how the next one goes.
            for _ in 0..2 {
                carrier.round(&app.app).await.unwrap();
            }
            assert!(!is_served(app).await, "{manner:?}");
            let told = app.bodies("log.sink_failed").await.pop().unwrap();
            assert!([cause, "garbled"].contains(&told["object"]["cause"].as_str().unwrap()), "{manner:?}: {told}");
            server.behave(Manner::Listens);
            let start = Instant::now();
            while !is_served(app).await {
                carrier.round(&app.app).await.unwrap();
                assert!(start.elapsed() < Duration::from_secs(5), "{manner:?}: the service does not return");
                thread::sleep(Duration::from_millis(50));
            }
        }
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let size = i64::try_from(app.app.db().head().await.unwrap().tree.size()).unwrap();
        let start = Instant::now();
        loop {
            let ranks = server.ranks();
            if (0..size).all(|rank| ranks.contains(&rank)) {
                break;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{size} leaves, {ranks:?}");
            thread::sleep(Duration::from_millis(50));
        }
        let first = server.messages().remove(0);
        assert!(first.starts_with("<110>1 2026-11-23T08:30:00Z - compte-partenaire - leaf - {\"leaf\":"), "{first}");
    }
}

/// How a server behaves with those who come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Manner {
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
    /// Shows a certificate that nobody vouches for.
    AnotherCertificate,
}

fn issued() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap()
}

fn serving(certificate: &CertifiedKey<KeyPair>) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key);
    Arc::new(config.unwrap())
}

/// A syslog server in a thread.
struct Listening {
    port: u16,
    manner: Arc<Mutex<Manner>>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Listening {
    fn start(certificate: &CertifiedKey<KeyPair>, manner: Manner) -> Self {
        let listener = TcpListener::bind("localhost:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (manner, open, taken) = (Arc::new(Mutex::new(manner)), Arc::default(), Arc::default());
        let this = Self { port, manner, open, taken };
        let (manner, open, taken) = (this.manner.clone(), this.open.clone(), this.taken.clone());
        let (ours, other) = (serving(certificate), serving(&issued()));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let manner = *manner.lock().unwrap();
                if manner == Manner::Leaves {
                    continue;
                }
                open.lock().unwrap().push(stream.try_clone().unwrap());
                let config = if manner == Manner::AnotherCertificate { other.clone() } else { ours.clone() };
                let taken = taken.clone();
                thread::spawn(move || met(stream, config, manner, &taken));
            }
        });
        this
    }

    /// Behaves so with whoever comes from now on, and lets those go who are there.
    fn behave(&mut self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    fn named(&self, certificate: &CertifiedKey<KeyPair>) -> Server {
        let trusted = Trusted::parse(certificate.cert.pem().as_bytes()).unwrap();
        Server { host: "localhost".to_owned(), port: self.port, trusted }
    }

    fn messages(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    fn ranks(&self) -> Vec<i64> {
        let leaf = |message: &String| match Entry::read(&message[message.find('{').unwrap()..]).unwrap() {
            Entry::Leaf(leaf) => Some(leaf.rank),
            Entry::Checkpoint(_) => None,
        };
        self.messages().iter().filter_map(leaf).collect()
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
