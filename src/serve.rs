//! Opening the store, joining the application, serving it, and stopping without losing anything.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsAcceptor;
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio::sync::watch as signals;
use tokio::task::{JoinHandle, JoinSet};

use crate::app::{App, Parts, menu};
use crate::clock::{Clock, Entropy};
use crate::config::{Config, Foundation};
use crate::crypto::Keys;
use crate::db::ledger::{Grouping, Ledger};
use crate::db::migrate::migrate;
use crate::db::{Db, OpenError, Patience, Recorder};
use crate::domain::budget::Flow;
use crate::features::consultation::source::EmbeddedFiles;
use crate::features::help::Publisher;
use crate::jobs;
use crate::jobs::carry::Carrier;
use crate::jobs::seal::Disagreement;
use crate::keys::{self, KeyFault};
use crate::mail::{MailError, Mailer};
use crate::passwords::{Passwords, PasswordsError};
use crate::sink::SinkSettings;
use crate::space::Space;
use crate::supervisor;
use crate::tls::{self, Served, TlsFault};
use crate::watch;
use crate::web::budget::{SessionBudgets, SourceBudgets};
use crate::web::kit::Kit;
use crate::witness::Witness;

/// How long the head of a request may take to come, waiting for it on an open connection included: longer than a proxy
/// keeps one open for later.
const HEAD: Duration = Duration::from_secs(75);
/// How long requests under way may take to end, once told to stop.
const LAST_REQUESTS: Duration = Duration::from_secs(8);

/// Why the program does not start, or stops.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The keys cannot be used.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Keys(Vec<KeyFault>),
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Mail cannot be sent.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    /// The address cannot be listened on.
    #[error("{address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// The certificate cannot be served.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The folder of checkpoints cannot be used.
    #[error("{}: {error}", folder.display())]
    Checkpoints {
        /// Which.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The log is not the one that was published.
    #[error(transparent)]
    Log(#[from] Disagreement),
    /// The listener failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A store, open and checked.
#[derive(Clone, Debug)]
pub struct Store {
    /// The database.
    pub db: Db,
    /// The keys.
    pub keys: Arc<Keys>,
    /// The clock.
    pub clock: Clock,
    /// Ids and randomness.
    pub entropy: Entropy,
}

fn recorder(keys: &Arc<Keys>, entropy: &Entropy) -> Recorder {
    Recorder { clock: Clock::Machine, entropy: entropy.clone(), keys: keys.clone() }
}

/// Brings the schema up, under the owner's URL. An embedded database that does not exist yet gets its first key.
pub async fn prepare(foundation: &Foundation) -> Result<(), ServeError> {
    let entropy = Entropy::of_the_machine();
    let url = foundation.owner_url.as_ref().unwrap_or(&foundation.database_url).expose();
    if let Some(file) = url.strip_prefix("sqlite:") {
        let file = Path::new(file.trim_start_matches("//"));
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        if !file.exists() && !foundation.keys.exists() {
            keys::generate(&foundation.keys, &entropy).map_err(|fault| ServeError::Keys(vec![fault]))?;
        }
    }
    let keys = Arc::new(keys::read(&foundation.keys).map_err(ServeError::Keys)?);
    migrate(url, recorder(&keys, &entropy)).await?;
    Ok(())
}

/// Opens the store, and refuses one that would lose what it acknowledges, or is not this program's.
pub async fn open(foundation: &Foundation, patience: Patience) -> Result<Store, ServeError> {
    let entropy = Entropy::of_the_machine();
    let keys = Arc::new(keys::read(&foundation.keys).map_err(ServeError::Keys)?);
    let url = foundation.database_url.expose();
    let db = Db::open(url, foundation.connections, patience, recorder(&keys, &entropy)).await?;
    let durability = db.check_durability().await?;
    db.check_schema().await?;
    db.check_keys(&keys).await?;
    tracing::info!(engine = ?db.engine(), settings = ?durability.0, "store open");
    Ok(Store { db, keys, clock: Clock::Machine, entropy })
}

/// What differs from one way of running to another.
pub struct Surroundings {
    /// Where mail leaves.
    pub mailer: Mailer,
    /// The address that mails give.
    pub public_url: String,
    /// Who publishes and hosts.
    pub publisher: Publisher,
    /// Proxies whose word on the client's address is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// The most requests of one session in a minute.
    pub session_requests: u32,
    /// Where checkpoints of the log are published.
    pub witness: Option<Witness>,
    /// The second sink of the log.
    pub sink: Option<SinkSettings>,
    /// Whether every page says « démonstration ».
    pub demonstration: bool,
}

/// Joins the application over an open store.
pub fn join(store: &Store, surroundings: Surroundings) -> Result<App, ServeError> {
    join_grouping(store, surroundings, Grouping::default())
}

/// The same, its traces grouped in another way: for who compares them.
pub fn join_grouping(
    store: &Store,
    surroundings: Surroundings,
    grouping: Grouping,
) -> Result<App, ServeError> {
    let Store { db, keys, clock, entropy } = store.clone();
    let kit = Kit {
        ledger: Ledger::start(db.clone(), grouping),
        db: db.clone(),
        clock,
        entropy: entropy.clone(),
        keys,
        demonstration: surroundings.demonstration,
        trusted_proxies: Arc::from(surroundings.trusted_proxies),
        sessions: Arc::new(SessionBudgets::new(Flow::a_minute(surroundings.session_requests))),
        secure: surroundings.public_url.starts_with("https:"),
        menu,
    };
    Ok(App::new(Parts {
        kit,
        passwords: Passwords::new(entropy)?,
        mailer: surroundings.mailer,
        files: Arc::new(EmbeddedFiles(db.clone())),
        sources: SourceBudgets::default(),
        space: Space::around(db.file()),
        witness: surroundings.witness,
        sink: surroundings.sink,
        public_url: surroundings.public_url,
        publisher: surroundings.publisher,
    }))
}

/// What the configuration says of the surroundings.
pub fn configured(config: &Config, store: &Store) -> Result<Surroundings, ServeError> {
    let mailer =
        Mailer::new(&config.mail, config.mail_from.clone(), store.clock.clone(), store.entropy.clone())?;
    Ok(Surroundings {
        mailer,
        public_url: config.public_url.trim_end_matches('/').to_owned(),
        publisher: config.publisher.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        session_requests: config.session_requests,
        witness: witness(&config.foundation)?,
        sink: config.sink.clone(),
        demonstration: false,
    })
}

/// The folder of checkpoints, if one is configured.
pub fn witness(foundation: &Foundation) -> Result<Option<Witness>, ServeError> {
    let Some(folder) = &foundation.checkpoints else { return Ok(None) };
    let open = Witness::open(folder);
    open.map(Some).map_err(|error| ServeError::Checkpoints { folder: folder.clone(), error })
}

/// Where the process is reached.
#[derive(Debug)]
pub struct Doors {
    /// By people.
    pub people: TcpListener,
    /// What people's door is secured with, unless a proxy does it.
    pub tls: Option<Arc<Served>>,
    /// By who watches.
    pub watchers: Option<TcpListener>,
}

/// Listens where the configuration says.
pub async fn doors(config: &Config) -> Result<Doors, ServeError> {
    let watchers = match config.figures.address() {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let tls = config.tls.clone().map(Served::open).transpose()?.map(Arc::new);
    Ok(Doors { people: listen(config.listen).await?, tls, watchers })
}

/// Listens.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })
}

/// Serves until told to stop, then lets what is under way end.
pub async fn serve(app: App, doors: Doors) -> Result<(), ServeError> {
    jobs::seal::agree(&app).await?;
    let (stop, stopped) = signals::channel(false);
    let mut jobs = JoinSet::new();
    jobs.spawn(jobs::purge::run(app.clone(), stopped.clone()));
    jobs.spawn(jobs::statistics::run(app.clone(), stopped.clone()));
    jobs.spawn(jobs::statements::run(app.clone(), stopped.clone()));
    jobs.spawn(jobs::exports::run(app.clone(), stopped.clone()));
    jobs.spawn(jobs::usage::run(app.clone(), stopped.clone()));
    jobs.spawn(jobs::pulse::run(app.clone(), stopped.clone()));
    jobs.spawn(jobs::run(app.clone(), stopped));
    let (seal_last, sealed) = signals::channel(false);
    let (carry_last, told_last) = signals::channel(false);
    let carrying = carry(&app, told_last)?;
    let sealing = tokio::spawn(jobs::seal::run(app.clone(), sealed));
    if let Some(listener) = doors.watchers {
        tokio::spawn(watch::answer(app.clone(), doors.tls.clone(), listener));
    }
    if let Some(served) = &doors.tls {
        tokio::spawn(tls::follow(served.clone()));
    }
    let handle = Handle::new();
    let server = tokio::spawn(answer(app.clone(), doors.people.into_std()?, doors.tls, handle.clone()));
    supervisor::tell_ready();
    let alive = tokio::spawn(supervisor::keep_alive());
    signal().await?;
    tracing::info!("stopping: requests under way may end");
    supervisor::tell_stopping();
    let _ = stop.send(true);
    handle.graceful_shutdown(Some(LAST_REQUESTS));
    match server.await {
        Ok(ended) => ended?,
        Err(error) => tracing::error!(%error, "the server task failed"),
    }
    while let Some(ended) = jobs.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a job failed");
        }
    }
    // What the others left is sealed, and what is sealed is carried.
    let _ = seal_last.send(true);
    if sealing.await.is_err() {
        tracing::error!("sealing failed");
    }
    let _ = carry_last.send(true);
    if let Some(carrying) = carrying
        && carrying.await.is_err()
    {
        tracing::error!("carrying to the second sink failed");
    }
    alive.abort();
    app.db().close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Carries to the second sink, if there is one.
fn carry(app: &App, stop: signals::Receiver<bool>) -> io::Result<Option<JoinHandle<()>>> {
    let Some(sink) = app.sink() else { return Ok(None) };
    let outlet = sink.route.outlet(app.kit().clock.clone());
    let carrier = Carrier::new(app, outlet, sink.mode, sink.bodies)?;
    Ok(Some(tokio::spawn(jobs::carry::run(app.clone(), carrier, stop))))
}

/// Answers people, over TLS or behind the proxy that does it.
async fn answer(
    app: App,
    listener: std::net::TcpListener,
    tls: Option<Arc<Served>>,
    handle: Handle<SocketAddr>,
) -> io::Result<()> {
    let service = app.router().into_make_service_with_connect_info::<SocketAddr>();
    let mut plain = axum_server::from_tcp(listener)?.handle(handle);
    plain.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    plain.http_builder().http2().timer(TokioTimer::new());
    match tls {
        Some(served) => plain.map(|_| RustlsAcceptor::new(served.listener())).serve(service).await,
        None => plain.serve(service).await,
    }
}

/// Waits until the operator, or the machine, asks to stop.
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked,
        _ = terminate.recv() => Ok(()),
    }
}
