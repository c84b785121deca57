//! The operator's log: where it goes and in which form.
//!
//! What is written there, everywhere in the program:
//! - a message that is understood alone, without its fields; figures and codes are fields;
//! - once, at the boundary that handles the matter: an error that is returned is not logged on its way;
//! - `error` when somebody must act, `warn` when somebody may have to, `info` for what a day is made of;
//! - never a name, a mail address, an identifier, a number of a file, a token, a secret, a body, a query, an address
//!   with its ids. Who did what to whom is in the traces, which are kept and protected as the law says; this log is
//!   neither. A correlation id leads from one to the other.
//!
//! Libraries are heard from `info` up whatever the filter says: their debugging shows what they carry.

use std::io::IsTerminal as _;
use std::str::FromStr;

use tracing::level_filters::LevelFilter;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

/// The form of the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl FromStr for LogFormat {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "texte" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(()),
        }
    }
}

/// What is heard, and how it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogSettings {
    /// Directives of `tracing`: `info`, `info,compte_partenaire=debug`.
    pub filter: String,
    /// The form.
    pub format: LogFormat,
}

impl LogSettings {
    /// Whether the filter can be read.
    pub fn is_readable(&self) -> bool {
        EnvFilter::builder().parse(&self.filter).is_ok()
    }

    /// Sends the log of this process to its error output; fails when another log is there already.
    pub fn install(&self) -> Result<(), TryInitError> {
        let colours = std::io::stderr().is_terminal();
        self.subscriber(std::io::stderr, colours).try_init()
    }

    fn subscriber<W>(&self, writer: W, colours: bool) -> impl Subscriber + Send + Sync + use<W>
    where
        W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
    {
        let chosen =
            EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse_lossy(&self.filter);
        let heard = chosen.and(filter_fn(may_be_heard));
        let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours);
        let lines = match self.format {
            LogFormat::Text => lines.boxed(),
            LogFormat::Json => lines.json().flatten_event(true).boxed(),
        };
        Registry::default().with(lines.with_filter(heard))
    }
}

fn may_be_heard(event: &Metadata<'_>) -> bool {
    let ours = event.target().starts_with(env!("CARGO_CRATE_NAME"));
    ours || *event.level() <= tracing::Level::INFO
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn written(filter: &str, format: LogFormat, say: impl FnOnce()) -> String {
        let paper = Paper::default();
        let writer = paper.clone();
        let settings = LogSettings { filter: filter.to_owned(), format };
        assert!(settings.is_readable(), "{filter}");
        tracing::subscriber::with_default(settings.subscriber(move || writer.clone(), false), say);
        let bytes = paper.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn text_is_for_people_and_json_for_machines() {
        let say = || tracing::info!(status = 200, "answered");
        let text = written("info", LogFormat::Text, say);
        assert!(text.contains("INFO compte_partenaire::telemetry::tests: answered status=200"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&written("info", LogFormat::Json, say)).unwrap();
        assert_eq!(
            (&json["message"], &json["status"], &json["level"]),
            (&"answered".into(), &200.into(), &"INFO".into())
        );
    }

    #[test]
    fn libraries_are_never_heard_debugging() {
        let text = written("trace,sqlx=trace", LogFormat::Text, || {
            tracing::debug!(target: "sqlx::query", "statement");
            tracing::trace!(target: "hyper::proto", "bytes");
            tracing::warn!(target: "sqlx::query", "slow");
            tracing::debug!("ours");
        });
        assert!(text.contains("slow") && text.contains("ours"), "{text}");
        assert!(!text.contains("statement") && !text.contains("bytes"), "{text}");
    }

    #[test]
    fn what_is_not_a_filter_is_known_as_such() {
        let settings = |filter: &str| LogSettings { filter: filter.to_owned(), format: LogFormat::Text };
        assert!(settings("warn,compte_partenaire=debug").is_readable());
        assert!(!settings("compte_partenaire=tres-fort").is_readable());
        assert_eq!("xml".parse::<LogFormat>(), Err(()));
    }

    #[test]
    fn a_value_cannot_write_a_line_of_its_own() {
        let text =
            written("info", LogFormat::Text, || tracing::info!(route = "/x\n2026 ERROR forged", "answered"));
        assert_eq!(text.lines().count(), 1, "{text}");
    }
}
