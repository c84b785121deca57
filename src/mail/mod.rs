//! Mail that leaves: by SMTP, into a folder, or nowhere in tests. What a letter says is made by its own module
//! ([`invitation`], [`trace_request`]) at the moment it leaves; waiting and trying again are the outbox's.
//!
//! Letters hold secrets and names: neither they nor what a mail server answered about them is ever printed.

pub mod invitation;
mod route;
pub mod statement;
pub mod trace_request;

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use tokio::io::AsyncWriteExt as _;

pub use route::{Authority, MailRoute, SmtpRoute};

use crate::clock::{Clock, Entropy};

type Smtp = AsyncSmtpTransport<Tokio1Executor>;

/// A person, as a letter is addressed.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Given name and surname.
    pub name: String,
    /// The mail address.
    pub address: String,
}

/// A letter in plain text.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// For whom.
    pub to: Recipient,
    /// Its subject.
    pub subject: String,
    /// What it says.
    pub text: String,
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Recipient")
    }
}

impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter")
    }
}

/// Why a letter did not leave.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Nobody can have this address.
    #[error("the address of the recipient is not one")]
    Address,
    /// The letter or its recipient was refused for good.
    #[error("the mail server refused the letter for good ({code})")]
    Refused {
        /// What the server answered, without its words: they often repeat the address.
        code: String,
    },
    /// Nothing was refused for good: the server is away, or the folder is full.
    #[error("the letter could not be handed over ({cause})")]
    NotNow {
        /// What the system or the server answered, without its words.
        cause: String,
    },
}

impl MailError {
    /// Whether sending the same letter later cannot succeed either.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Address | Self::Refused { .. })
    }

    /// Whether the server could not even be spoken to: the next letter would meet the same.
    pub fn is_of_the_server(&self) -> bool {
        matches!(self, Self::NotNow { cause } if !cause.starts_with('4'))
    }
}

/// Who writes: a name and an address, or the address alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl std::str::FromStr for Sender {
    type Err = MailError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| MailError::Address)
    }
}

/// Sends letters. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    clock: Clock,
    entropy: Entropy,
    outlet: Outlet,
}

#[derive(Clone)]
enum Outlet {
    Smtp(Smtp),
    Folder(PathBuf),
    Memory(Arc<Mutex<Desk>>),
}

/// Where letters stay in tests.
#[derive(Default)]
struct Desk {
    sent: Vec<Letter>,
    /// Why none leaves, on purpose.
    refusing: Option<MailError>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.outlet {
            Outlet::Smtp(_) => "Mailer(smtp)",
            Outlet::Folder(_) => "Mailer(folder)",
            Outlet::Memory(_) => "Mailer(memory)",
        })
    }
}

impl Mailer {
    /// Sends along `route`. Nothing is connected before the first letter.
    pub fn new(route: &MailRoute, from: Sender, clock: Clock, entropy: Entropy) -> Result<Self, MailError> {
        let outlet = match route {
            MailRoute::Smtp(route) => {
                Outlet::Smtp(route.transport().map_err(|error| answered(&error))?.build())
            }
            MailRoute::Folder(path) => Outlet::Folder(path.clone()),
        };
        Ok(Self { from: from.0, clock, entropy, outlet })
    }

    /// Keeps letters in memory, for tests.
    pub fn in_memory(from: Sender, clock: Clock, entropy: Entropy) -> Self {
        Self { from: from.0, clock, entropy, outlet: Outlet::Memory(Arc::default()) }
    }

    /// The letters that a mailer in memory sent, oldest first.
    pub fn sent(&self) -> Vec<Letter> {
        match &self.outlet {
            Outlet::Memory(desk) => desk.lock().unwrap_or_else(PoisonError::into_inner).sent.clone(),
            Outlet::Smtp(_) | Outlet::Folder(_) => Vec::new(),
        }
    }

    /// Makes a mailer in memory fail from now on, or no more.
    pub fn refuse(&self, why: Option<MailError>) {
        if let Outlet::Memory(desk) = &self.outlet {
            desk.lock().unwrap_or_else(PoisonError::into_inner).refusing = why;
        }
    }

    /// Hands a letter over.
    pub async fn send(&self, letter: Letter) -> Result<(), MailError> {
        let message = self.message(&letter)?;
        match &self.outlet {
            Outlet::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(answered(&error)),
            },
            Outlet::Folder(folder) => self
                .write(folder, &message.formatted())
                .await
                .map_err(|error| MailError::NotNow { cause: error.kind().to_string() }),
            Outlet::Memory(desk) => {
                let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(error) = &desk.refusing {
                    return Err(error.clone());
                }
                desk.sent.push(letter);
                Ok(())
            }
        }
    }

    /// Goes as far as a letter would, without one: connects, secures the connection, is admitted; or writes into the
    /// folder and takes it back.
    pub async fn check(&self) -> Result<(), MailError> {
        match &self.outlet {
            Outlet::Smtp(transport) => match transport.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(MailError::NotNow { cause: "connection".to_owned() }),
                Err(error) => Err(answered(&error)),
            },
            Outlet::Folder(folder) => {
                let probe = folder.join(format!("{}.part", self.entropy.printed(12)));
                let written = async {
                    tokio::fs::create_dir_all(folder).await?;
                    tokio::fs::write(&probe, b"").await?;
                    tokio::fs::remove_file(&probe).await
                };
                written
                    .await
                    .map_err(|error: io::Error| MailError::NotNow { cause: error.kind().to_string() })
            }
            Outlet::Memory(_) => Ok(()),
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        let address: Address = letter.to.address.parse().map_err(|_| MailError::Address)?;
        let id = format!("<{}@{}>", self.entropy.printed(26), self.from.email.domain());
        // Nobody's absence needs to be told to a machine (RFC 3834).
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(on_one_line(&letter.to.name)), address))
            .subject(on_one_line(&letter.subject))
            .date(SystemTime::from(self.clock.now().instant()))
            .message_id(Some(id))
            .raw_header(automatic)
            // A part ends its last line itself.
            .singlepart(SinglePart::plain(letter.text.trim_end().to_owned()))
            .map_err(|_| MailError::Address)
    }

    /// Under a name that sorts by time; whoever looks for `.eml` files never sees half of one.
    async fn write(&self, folder: &std::path::Path, message: &[u8]) -> io::Result<()> {
        tokio::fs::create_dir_all(folder).await?;
        let name = format!("{}-{}", self.clock.now().micros(), self.entropy.printed(6));
        let (partial, whole) = (folder.join(format!("{name}.part")), folder.join(format!("{name}.eml")));
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&partial).await?;
        file.write_all(message).await?;
        file.sync_all().await?;
        tokio::fs::rename(partial, whole).await
    }
}

/// A line end in a name would begin another header.
fn on_one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

fn answered(error: &smtp::Error) -> MailError {
    let code = error.status().map(|code| code.to_string());
    match code {
        // 53x speaks of our credentials: the letter is good, an operator will mend the rest.
        Some(code) if error.is_permanent() && !code.starts_with("53") => MailError::Refused { code },
        Some(code) => MailError::NotNow { cause: code },
        None if error.is_timeout() => MailError::NotNow { cause: "timeout".to_owned() },
        None if error.is_tls() || is_of_tls(error) => MailError::NotNow { cause: "tls".to_owned() },
        // No STARTTLS, or no way of being admitted that we know.
        None if error.is_client() => MailError::NotNow { cause: "unsupported".to_owned() },
        None => MailError::NotNow { cause: "connection".to_owned() },
    }
}

/// Whether what failed is the securing of the connection: the library reports it as a connection.
fn is_of_tls(error: &smtp::Error) -> bool {
    let mut cause = Error::source(error);
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if inner.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests;
