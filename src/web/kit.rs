//! What every edge of the program needs: the store, the ledger, the clock, the keys. No page and no rule.

use std::net::IpAddr;
use std::sync::Arc;

use super::budget::SessionBudgets;
use super::page::MenuSection;
use crate::clock::{Clock, Entropy};
use crate::crypto::Keys;
use crate::db::Db;
use crate::db::ledger::Ledger;
use crate::domain::access::Actor;

/// The part of the application that layers and extractors use.
#[derive(Clone, Debug)]
pub struct Kit {
    /// The store.
    pub db: Db,
    /// Where traces are handed over.
    pub ledger: Ledger,
    /// The clock.
    pub clock: Clock,
    /// Ids and randomness.
    pub entropy: Entropy,
    /// Keys.
    pub keys: Arc<Keys>,
    /// Whether every page says « démonstration ».
    pub demonstration: bool,
    /// Proxies whose word on the client's address is believed.
    pub trusted_proxies: Arc<[IpAddr]>,
    /// Requests of each session.
    pub sessions: Arc<SessionBudgets>,
    /// Whether people reach the portal over TLS, so that browsers may be told never to come otherwise.
    pub secure: bool,
    /// The menu of an actor: the application knows all pages, the frame of a page does not.
    pub menu: fn(&Actor) -> Vec<MenuSection>,
}
