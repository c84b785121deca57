//! What an operator decides, from a file and from the environment, which wins: names begin with `CP_`. Everything is
//! read at start, and all that is wrong is said at once. The table of names is in [`settings`], the shape of the file
//! in `file`, what was given and where in `given` and `place`, the wording of faults in [`fault`].

mod environment;
mod fault;
mod file;
mod given;
mod place;
mod secret;
mod settings;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use axum::http::Uri;
use axum::http::uri;

use given::Given;

pub use environment::environment;
pub use fault::{ConfigFault, Expected};
pub use place::Place;
pub use secret::SecretUrl;
pub use settings::{Setting, table};

use crate::features::help::Publisher;
use crate::mail::{Authority, MailRoute, Sender};
use crate::sink::{Server, SinkMode, SinkRoute, SinkSettings, Trusted};
use crate::telemetry::{LogFormat, LogSettings};
use crate::tls::{TlsFault, TlsFiles};

/// Fewer starve the pages, more starve the database.
const CONNECTIONS: (u32, u32) = (2, 500);
/// Requests of one session in a minute: fewer stop somebody who works fast, more stop nobody.
const REQUESTS: (u32, u32) = (60, 100_000);

/// Where syslog over TLS is spoken (RFC 5425).
const SYSLOG: u16 = 6_514;

/// What every command stands on: the store, its keys, the log.
#[derive(Clone, Debug)]
pub struct Foundation {
    /// The database, as the application.
    pub database_url: SecretUrl,
    /// The database, as the owner of its tables: for `migrate`. An embedded database has one role.
    pub owner_url: Option<SecretUrl>,
    /// The most connections.
    pub connections: u32,
    /// The folder of key files.
    pub keys: PathBuf,
    /// The folder where checkpoints of the log are published.
    pub checkpoints: Option<PathBuf>,
    /// The operator's log.
    pub log: LogSettings,
}

/// All that serving needs.
#[derive(Clone, Debug)]
pub struct Config {
    /// What every command stands on.
    pub foundation: Foundation,
    /// Where requests arrive.
    pub listen: SocketAddr,
    /// The origin that people type, without a slash at the end.
    pub public_url: String,
    /// Where letters go.
    pub mail: MailRoute,
    /// Who writes them.
    pub mail_from: Sender,
    /// Proxies whose word on the client's address is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// The certificate, when the program serves TLS itself.
    pub tls: Option<TlsFiles>,
    /// Where figures are read.
    pub figures: Figures,
    /// The most requests of one session in a minute.
    pub session_requests: u32,
    /// The second sink of the log.
    pub sink: Option<SinkSettings>,
    /// Who runs this portal and answers for it.
    pub publisher: Publisher,
}

/// Where figures are read by who watches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Figures {
    /// On a listener of their own.
    At(SocketAddr),
    /// Nowhere.
    Untold,
}

impl Figures {
    /// The address, where there is one.
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            Self::At(address) => Some(address),
            Self::Untold => None,
        }
    }
}

impl Foundation {
    /// Reads what every command stands on, and refuses names that nobody knows.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<ConfigFault>> {
        let mut given = Given::gather(variables);
        let foundation = foundation(&mut given);
        given.finish(foundation)
    }
}

impl Config {
    /// Reads everything, and refuses names that nobody knows.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<ConfigFault>> {
        let mut given = Given::gather(variables);
        let foundation = foundation(&mut given);
        let listen = given.required("CP_LISTEN", Expected::SocketAddress, |text| text.parse().ok());
        let public_url = given.required("CP_PUBLIC_URL", Expected::PublicUrl, origin);
        let mail = given.required("CP_MAIL_URL", Expected::MailRoute, MailRoute::parse);
        let authority = given.optional("CP_MAIL_CA", Expected::CertificateFile, authority);
        let mail_from = given.required("CP_MAIL_FROM", Expected::Sender, |text| text.parse().ok());
        let proxies = given.optional("CP_TRUSTED_PROXIES", Expected::IpAddresses, addresses);
        let tls = tls(&mut given);
        if tls.is_some() && public_url.as_ref().is_some_and(|url| !url.starts_with("https:")) {
            given.refuse("CP_PUBLIC_URL", Expected::SecureUrl);
        }
        let figures = given.required("CP_METRICS_LISTEN", Expected::MetricsAddress, metrics);
        let session_requests = given.required("CP_SESSION_REQUESTS", counted(REQUESTS), between(REQUESTS));
        let sink = sink(&mut given);
        let publisher = Publisher {
            name: given.text("CP_EDITOR_NAME"),
            address: given.text("CP_EDITOR_ADDRESS"),
            phone: given.text("CP_EDITOR_PHONE"),
            director: given.text("CP_PUBLICATION_DIRECTOR"),
            host: given.text("CP_HOST_NAME"),
            data_protection: given.text("CP_DATA_PROTECTION"),
            accessibility: given.text("CP_ACCESSIBILITY"),
        };
        let config = (|| {
            Some(Self {
                foundation: foundation?,
                listen: listen?,
                public_url: public_url?,
                mail: mail?.trusting(authority),
                mail_from: mail_from?,
                trusted_proxies: proxies.unwrap_or_default(),
                tls,
                figures: figures?,
                session_requests: session_requests?,
                sink,
                publisher,
            })
        })();
        given.finish(config)
    }

    /// Names of settings that the law wants on the site and that are empty: worth a warning at start.
    pub fn missing_mentions(&self) -> Vec<&'static str> {
        let publisher = &self.publisher;
        [
            ("CP_EDITOR_NAME", &publisher.name),
            ("CP_EDITOR_ADDRESS", &publisher.address),
            ("CP_EDITOR_PHONE", &publisher.phone),
            ("CP_PUBLICATION_DIRECTOR", &publisher.director),
            ("CP_HOST_NAME", &publisher.host),
            ("CP_DATA_PROTECTION", &publisher.data_protection),
            ("CP_ACCESSIBILITY", &publisher.accessibility),
        ]
        .into_iter()
        .filter_map(|(name, mention)| mention.is_none().then_some(name))
        .collect()
    }
}

fn foundation(given: &mut Given) -> Option<Foundation> {
    let database_url = given.required("CP_DATABASE_URL", Expected::Database, database);
    let owner_url = given.optional("CP_DATABASE_OWNER_URL", Expected::Database, database);
    let connections = given.required("CP_DATABASE_CONNECTIONS", counted(CONNECTIONS), between(CONNECTIONS));
    let keys = given.required("CP_KEYS", Expected::Text, |text| Some(PathBuf::from(text)));
    let checkpoints = given.text("CP_CHECKPOINTS").map(PathBuf::from);
    let format = given.required("CP_LOG_FORMAT", Expected::LogFormat, |text| LogFormat::from_str(text).ok());
    let filter = given.required("CP_LOG", Expected::LogFilter, |text| {
        let settings = LogSettings { filter: text.to_owned(), format: LogFormat::Text };
        settings.is_readable().then_some(settings.filter)
    });
    let database_url = database_url?;
    if owner_url.as_ref().is_some_and(|owner| owner.is_sqlite() != database_url.is_sqlite()) {
        given.refuse("CP_DATABASE_OWNER_URL", Expected::SameEngine);
    }
    let alone = database_url.is_sqlite().then(|| database_url.clone());
    Some(Foundation {
        owner_url: owner_url.or(alone),
        database_url,
        connections: connections?,
        keys: keys?,
        checkpoints,
        log: LogSettings { filter: filter?, format: format? },
    })
}

/// The certificate and its key: both, or neither.
fn tls(given: &mut Given) -> Option<TlsFiles> {
    let path = |text: &str| Some(PathBuf::from(text));
    let certificate = given.optional("CP_TLS_CERTIFICATE", Expected::CertificateFile, path);
    let key = given.optional("CP_TLS_KEY", Expected::KeyFile, path);
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            let files = TlsFiles { certificate, key };
            match files.read() {
                Ok(_) => return Some(files),
                Err(TlsFault::Certificate) => given.refuse("CP_TLS_CERTIFICATE", Expected::CertificateFile),
                Err(TlsFault::Key) => given.refuse("CP_TLS_KEY", Expected::KeyFile),
                Err(TlsFault::Mismatch) => given.refuse("CP_TLS_KEY", Expected::MatchingKey),
            }
        }
        (Some(_), None) if !given.has("CP_TLS_KEY") => given.miss("CP_TLS_KEY"),
        (None, Some(_)) if !given.has("CP_TLS_CERTIFICATE") => given.miss("CP_TLS_CERTIFICATE"),
        _ => {}
    }
    None
}

/// The second sink, and all that is said of it. A server is believed by the authority given, and by no other.
fn sink(given: &mut Given) -> Option<SinkSettings> {
    let trusted = given.optional("CP_SECOND_SINK_CA", Expected::CertificateFile, |path| {
        std::fs::read(path).ok().and_then(|pem| Trusted::parse(&pem))
    });
    let mode = given.required("CP_SECOND_SINK_MODE", Expected::SinkMode, |text| match text {
        "exige" => Some(SinkMode::Required),
        "differe" => Some(SinkMode::Deferred),
        _ => None,
    });
    let bodies = given.required("CP_SECOND_SINK_BODIES", Expected::YesOrNo, |text| match text {
        "oui" => Some(true),
        "non" => Some(false),
        _ => None,
    });
    let place = given.optional("CP_SECOND_SINK", Expected::Sink, sink_place)?;
    let route = match place {
        SinkPlace::Folder(path) => SinkRoute::Folder(path),
        SinkPlace::Server(host, port) => match trusted {
            Some(trusted) => SinkRoute::Syslog(Server { host, port, trusted }),
            None if given.has("CP_SECOND_SINK_CA") => return None,
            None => {
                given.miss("CP_SECOND_SINK_CA");
                return None;
            }
        },
    };
    Some(SinkSettings { route, mode: mode?, bodies: bodies? })
}

enum SinkPlace {
    Folder(PathBuf),
    Server(String, u16),
}

fn sink_place(text: &str) -> Option<SinkPlace> {
    if let Some(path) = text.strip_prefix("dossier:") {
        return (!path.is_empty()).then(|| SinkPlace::Folder(PathBuf::from(path)));
    }
    let authority: uri::Authority = text.strip_prefix("syslog+tls://")?.trim_end_matches('/').parse().ok()?;
    let host = authority.host();
    // A name of a user stands before the host: it is none of ours.
    let port = match authority.as_str().strip_prefix(host)? {
        "" => SYSLOG,
        given => port(given.strip_prefix(':')?)?,
    };
    let host = host.trim_matches(['[', ']']).to_owned();
    (!host.is_empty()).then_some(SinkPlace::Server(host, port))
}

fn port(digits: &str) -> Option<u16> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|port| plain && *port > 0)
}

const fn counted((min, max): (u32, u32)) -> Expected {
    Expected::Count { min, max }
}

fn between((min, max): (u32, u32)) -> impl Fn(&str) -> Option<u32> {
    move |text| text.parse().ok().filter(|count| (min..=max).contains(count))
}

fn metrics(text: &str) -> Option<Figures> {
    if text == "non" { Some(Figures::Untold) } else { text.parse().ok().map(Figures::At) }
}

fn database(url: &str) -> Option<SecretUrl> {
    let file = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    let embedded = file.is_some_and(|path| !path.is_empty() && path != ":memory:");
    let server = ["postgres://", "postgresql://"]
        .iter()
        .any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    (embedded || server).then(|| SecretUrl::new(url))
}

/// An origin: passwords and sessions travel there, so nothing but TLS, except to this very machine.
fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let loopback = authority.host() == "localhost"
        || authority.host().trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && !authority.as_str().contains('@');
    let private = scheme == "https" || (scheme == "http" && loopback);
    (bare && private && !url.contains('#')).then(|| format!("{scheme}://{authority}"))
}

/// An authority in PEM, kept once it is known to be one.
fn authority(path: &str) -> Option<Authority> {
    std::fs::read(path).ok().and_then(|pem| Authority::parse(&pem))
}

fn addresses(text: &str) -> Option<Vec<IpAddr>> {
    text.split(',').map(|address| address.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests;
