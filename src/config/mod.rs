//! What an operator decides, from the environment: names begin with `CP_`. Everything is read at start, and all that
//! is wrong is said at once. The table of names is in [`settings`], the wording of faults in [`fault`].

mod fault;
mod secret;
mod settings;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use axum::http::Uri;

pub use fault::{ConfigFault, Expected};
pub use secret::SecretUrl;
pub use settings::{Setting, table};

use crate::features::help::Publisher;
use crate::mail::{MailRoute, Sender};
use crate::telemetry::{LogFormat, LogSettings};

/// Fewer starve the pages, more starve the database.
const CONNECTIONS: (u32, u32) = (2, 500);

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
    /// Who runs this portal and answers for it.
    pub publisher: Publisher,
}

/// The environment of this process, as [`Config::read`] wants it.
pub fn environment() -> Vec<(String, String)> {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    let all = std::env::vars_os();
    // What is not UTF-8 gets a mark that no setting accepts.
    all.map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
        .collect()
}

impl Foundation {
    /// Reads what every command stands on, and refuses names that nobody knows.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<ConfigFault>> {
        let mut given = Given::sort(variables);
        let foundation = given.foundation();
        given.finish(foundation)
    }
}

impl Config {
    /// Reads everything, and refuses names that nobody knows.
    pub fn read(variables: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<ConfigFault>> {
        let mut given = Given::sort(variables);
        let foundation = given.foundation();
        let listen = given.required("CP_LISTEN", Expected::SocketAddress, |text| text.parse().ok());
        let public_url = given.required("CP_PUBLIC_URL", Expected::PublicUrl, origin);
        let mail = given.required("CP_MAIL_URL", Expected::MailRoute, MailRoute::parse);
        let mail_from = given.required("CP_MAIL_FROM", Expected::Sender, |text| text.parse().ok());
        let proxies = given.optional("CP_TRUSTED_PROXIES", Expected::IpAddresses, addresses);
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
                mail: mail?,
                mail_from: mail_from?,
                trusted_proxies: proxies.unwrap_or_default(),
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

/// What was given, and what has been found wrong with it so far.
struct Given {
    values: BTreeMap<&'static str, String>,
    faults: Vec<ConfigFault>,
}

impl Given {
    /// Keeps what has a name of ours and a value.
    fn sort(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut given = Self { values: BTreeMap::new(), faults: Vec::new() };
        for (name, value) in variables {
            let ours = name.starts_with("CP_") && !name.starts_with("CP_TEST_");
            match table().iter().find(|setting| setting.name == name) {
                Some(setting) if !value.trim().is_empty() => {
                    given.values.insert(setting.name, value.trim().to_owned());
                }
                None if ours => given.faults.push(ConfigFault::unknown(name)),
                _ => {}
            }
        }
        given
    }

    fn foundation(&mut self) -> Option<Foundation> {
        let database_url = self.required("CP_DATABASE_URL", Expected::Database, database);
        let owner_url = self.optional("CP_DATABASE_OWNER_URL", Expected::Database, database);
        let connections = self.required(
            "CP_DATABASE_CONNECTIONS",
            Expected::Count { min: CONNECTIONS.0, max: CONNECTIONS.1 },
            |text| text.parse().ok().filter(|count| (CONNECTIONS.0..=CONNECTIONS.1).contains(count)),
        );
        let keys = self.required("CP_KEYS", Expected::Text, |text| Some(PathBuf::from(text)));
        let format =
            self.required("CP_LOG_FORMAT", Expected::LogFormat, |text| LogFormat::from_str(text).ok());
        let filter = self.required("CP_LOG", Expected::LogFilter, |text| {
            let settings = LogSettings { filter: text.to_owned(), format: LogFormat::Text };
            settings.is_readable().then_some(settings.filter)
        });
        let database_url = database_url?;
        if owner_url.as_ref().is_some_and(|owner| owner.is_sqlite() != database_url.is_sqlite()) {
            self.faults
                .push(ConfigFault::Refused { name: "CP_DATABASE_OWNER_URL", expected: Expected::SameEngine });
        }
        let alone = database_url.is_sqlite().then(|| database_url.clone());
        Some(Foundation {
            owner_url: owner_url.or(alone),
            database_url,
            connections: connections?,
            keys: keys?,
            log: LogSettings { filter: filter?, format: format? },
        })
    }

    /// A setting that may be left out.
    fn optional<T>(
        &mut self,
        name: &'static str,
        expected: Expected,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let default = table().iter().find(|setting| setting.name == name).and_then(|setting| setting.default);
        let value = self.values.get(name).map(String::as_str).or(default)?;
        // The mark of what was not UTF-8 is refused like what is not seen.
        let expected = if value.contains(|sign: char| sign.is_control() || sign == '\u{fffd}') {
            Expected::Text
        } else {
            match read(value) {
                Some(value) => return Some(value),
                None => expected,
            }
        };
        self.faults.push(ConfigFault::Refused { name, expected });
        None
    }

    /// A setting without which nothing starts.
    fn required<T>(
        &mut self,
        name: &'static str,
        expected: Expected,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let before = self.faults.len();
        let value = self.optional(name, expected, read);
        if value.is_none() && self.faults.len() == before {
            self.faults.push(ConfigFault::Missing { name });
        }
        value
    }

    fn text(&mut self, name: &'static str) -> Option<String> {
        self.optional(name, Expected::Text, |text| Some(text.to_owned()))
    }

    fn finish<T>(self, value: Option<T>) -> Result<T, Vec<ConfigFault>> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }
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

fn addresses(text: &str) -> Option<Vec<IpAddr>> {
    text.split(',').map(|address| address.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests;
