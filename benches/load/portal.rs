//! The portal in a process of its own, so that its processor time is told from that of its visitors.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};

use compte_partenaire::app::App;
use compte_partenaire::db::Patience;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::features::help::Publisher;
use compte_partenaire::mail::Mailer;
use compte_partenaire::serve::{self, Doors, Store, Surroundings};
use compte_partenaire::witness::Witness;

use crate::Failure;
use crate::arguments::{Serving, word};
use crate::installation::{Installation, foundation};

/// Joins the application as `serve` does, but for mail, which goes nowhere.
pub(crate) fn join(store: &Store, grouping: Grouping) -> Result<App, Failure> {
    join_before(store, grouping, None)
}

/// The same, its checkpoints published.
fn join_before(store: &Store, grouping: Grouping, witness: Option<Witness>) -> Result<App, Failure> {
    let from = "Portail <portail@caf-haute-deule.example>".parse().map_err(|_| "not a sender")?;
    let surroundings = Surroundings {
        mailer: Mailer::in_memory(from, store.clock.clone(), store.entropy.clone()),
        public_url: String::new(),
        publisher: Publisher::default(),
        trusted_proxies: Vec::new(),
        witness,
        sink: None,
        session_requests: 100_000_000,
        demonstration: false,
    };
    Ok(serve::join_grouping(store, surroundings, grouping)?)
}

/// The role of the other process: prints its address, and serves until it is killed. It writes the operator's log as
/// in service, since that is part of what a page costs.
pub(crate) async fn serve(asked: &Serving) -> Result<(), Failure> {
    let foundation = foundation(&asked.url, &asked.keys, asked.connections);
    foundation.log.install()?;
    let store = serve::open(&foundation, Patience::Page).await?;
    let app = join_before(&store, asked.grouping, Some(Witness::open(&asked.checkpoints)?))?;
    let listener = serve::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    println!("{}", listener.local_addr()?);
    Ok(serve::serve(app, Doors { people: listener, tls: None, watchers: None }).await?)
}

/// A portal that runs. It is killed when it is dropped: what it acknowledged stands in the database.
pub(crate) struct Portal {
    process: Child,
    pub(crate) address: String,
}

impl Portal {
    /// Starts it on an installation, its log in a file beside.
    pub(crate) fn start(
        installation: &Installation,
        grouping: Grouping,
        connections: u32,
    ) -> Result<Self, Failure> {
        let log = std::fs::File::create(installation.folder().join("portal.log"))?;
        let mut process = Command::new(std::env::current_exe()?)
            .arg("serve")
            .args(["--url", installation.url()])
            .arg("--keys")
            .arg(installation.keys())
            .arg("--checkpoints")
            .arg(installation.checkpoints())
            .args(["--connections", &connections.to_string()])
            .args(["--grouping", &word(grouping)])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut address = String::new();
        if let Some(said) = process.stdout.take() {
            BufReader::new(said).read_line(&mut address)?;
        }
        let portal = Self { process, address: address.trim().to_owned() };
        if portal.address.is_empty() {
            let log = std::fs::read_to_string(installation.folder().join("portal.log"))?;
            return Err(format!("the portal did not start: {log}").into());
        }
        Ok(portal)
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
