//! A visit: somebody who is signed in asks for something. Made by the door, used by every page.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use tower_sessions::Session;
use tower_sessions::session::Id;

use super::arrival::Arrival;
use super::filters;
use super::kit::Kit;
use super::page::{Me, Notice, Shell};
use super::paths;
use super::problem::Problem;
use crate::crypto::{Purpose, hex};
use crate::db::DbError;
use crate::db::sessions::{Holder, row_key};
use crate::domain::access::{AccountRef, Actor, Office, Permission};
use crate::domain::day::{Day, Zone};
use crate::domain::facts::SessionEnd;
use crate::domain::id::{OrganismId, PartnerId};
use crate::domain::session::{SessionState, session_state};
use crate::domain::time::Timestamp;

/// Somebody signed in, and all that his page shows of him.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who acts.
    pub actor: Actor,
    /// When the request arrived.
    pub now: Timestamp,
    /// His organism's time zone.
    pub zone: Zone,
    /// His organism.
    pub organism: OrganismId,
    /// His organism's name.
    pub organism_name: String,
    /// His partner's name.
    pub partner_name: Option<String>,
    /// No password yet: only choosing one is possible.
    pub must_choose: bool,
    /// The token that his forms carry.
    pub token: String,
    /// First name.
    pub given_name: String,
    ends_at: Timestamp,
    path: String,
    demonstration: bool,
    menu: fn(&Actor) -> Vec<super::page::MenuSection>,
}

/// What a request's cookie leads to.
#[derive(Debug)]
pub enum Found {
    /// No session, or one that nobody knows.
    Nobody,
    /// A session that has just ended; the person is told why.
    Ended(Box<Actor>, SessionEnd),
    /// Somebody.
    Somebody(Box<Visit>),
}

/// Finds who holds the session of the request.
pub async fn find(kit: &Kit, id: Id, arrival: &Arrival, path: &str) -> Result<Found, DbError> {
    let key = row_key(id);
    let Some(holder) = kit.db.session_holder(key).await? else { return Ok(Found::Nobody) };
    let mut origin = arrival.origin.clone();
    origin.session = Some(kit.keys.hash("session", &key));
    origin.session_row = Some(key);
    let actor = actor_of(&holder, arrival).from(origin);
    let state = session_state(holder.opened_at, holder.last_entry_at, arrival.at);
    let ended = match state {
        _ if holder.suspended_at.is_some() => Some(SessionEnd::Revoked),
        SessionState::Idle => Some(SessionEnd::Idle),
        SessionState::TooOld => Some(SessionEnd::TooOld),
        SessionState::Alive { .. } => None,
    };
    if let Some(cause) = ended {
        return Ok(Found::Ended(Box::new(actor), cause));
    }
    // This request is an entry: the session now ends thirty minutes after it.
    let ends_at = match session_state(holder.opened_at, arrival.at, arrival.at) {
        SessionState::Alive { ends_at } => ends_at,
        SessionState::Idle | SessionState::TooOld => arrival.at,
    };
    Ok(Found::Somebody(Box::new(Visit {
        actor,
        now: arrival.at,
        zone: Zone::parse(&holder.time_zone).unwrap_or_default(),
        organism: holder.organism_id,
        organism_name: holder.organism_name,
        partner_name: holder.partner_name,
        must_choose: holder.must_choose,
        token: token(kit, &key),
        given_name: holder.given_name,
        ends_at,
        path: path.to_owned(),
        demonstration: kit.demonstration,
        menu: kit.menu,
    })))
}

fn actor_of(holder: &Holder, arrival: &Arrival) -> Actor {
    let account = AccountRef {
        id: holder.account_id,
        identifier: holder.identifier.clone(),
        name: format!("{} {}", holder.given_name, holder.surname),
    };
    Actor::person(holder.office, holder.organism_id, holder.partner_id, account, arrival.correlation)
}

/// The token of a session's forms: made from the session, so that nothing has to be kept.
pub fn token(kit: &Kit, session_row: &[u8; 32]) -> String {
    hex(&kit.keys.mac(Purpose::Forms, &[b"token", session_row]))
}

impl Visit {
    /// The frame of a page.
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        self.shell_with(title, None)
    }

    /// The frame of a page that begins by saying what was just done or refused.
    pub fn shell_with(&self, title: impl Into<String>, notice: Option<Notice>) -> Shell {
        let mut menu = (self.menu)(&self.actor);
        mark_current(&mut menu, &self.path);
        Shell {
            title: title.into(),
            demonstration: self.demonstration,
            me: Some(Me {
                name: self.actor.account().map(|account| account.name.clone()).unwrap_or_default(),
                office: office_words(self.actor.office()),
                acting_for: self.partner_name.clone().unwrap_or_else(|| self.organism_name.clone()),
                menu: if self.must_choose { Vec::new() } else { menu },
                ends_at: filters::hour_of(self.zone.local(self.ends_at)),
                seconds_left: u32::try_from(self.ends_at.since(self.now).whole_seconds()).unwrap_or(0),
                csrf: self.token.clone(),
            }),
            notice,
        }
    }

    /// Today, for the organism.
    pub fn today(&self) -> Day {
        self.zone.day(self.now)
    }

    /// The way down to a page of a partner, for those who came from the list of partners.
    pub fn way_to(&self, partner: PartnerId, legal_name: &str) -> Vec<(String, String)> {
        if !self.actor.may(Permission::ReadPartners) {
            return Vec::new();
        }
        vec![
            ("Partenaires".to_owned(), paths::Partners.to_string()),
            (legal_name.to_owned(), paths::Partner { partner }.to_string()),
        ]
    }

    /// The partner for which the person acts; pages of a partner do not exist for others.
    pub fn own_partner(&self) -> Result<PartnerId, Problem> {
        self.actor.partner().ok_or(Problem::NotFound)
    }

    /// Seconds until the session ends without another entry.
    pub fn seconds_left(&self) -> i64 {
        self.ends_at.since(self.now).whole_seconds()
    }
}

/// What the header says that a person is.
fn office_words(office: Office) -> &'static str {
    match office {
        Office::OrganismAdministrator => "Administration des habilitations",
        Office::OrganismAuditor => "Lecture des traces",
        Office::Principal => "Administration du partenaire",
        Office::User => "Utilisation des services",
        Office::System | Office::Stranger => "",
    }
}

/// The deepest link that leads to the page, or above it, is the current one.
fn mark_current(menu: &mut [super::page::MenuSection], path: &str) {
    let under =
        |href: &str| path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    let deepest = menu
        .iter()
        .flat_map(|section| &section.links)
        .filter(|link| under(&link.href))
        .map(|link| link.href.clone())
        .max_by_key(String::len);
    for link in menu.iter_mut().flat_map(|section| &mut section.links) {
        link.current = Some(&link.href) == deepest.as_ref();
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    /// Behind the door of a signed-in route there is always a visit.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or(Problem::NotFound)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Arrival {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::Internal { reference: String::new() })
    }
}

/// The session of the request, as its cookie names it.
#[derive(Clone, Debug)]
pub struct Cookie(
    /// The session.
    pub Session,
);

impl<S: Send + Sync> FromRequestParts<S> for Cookie {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let session = parts.extensions.get::<Session>().cloned();
        Ok(Self(session.unwrap_or_else(|| Session::new(None, std::sync::Arc::new(NoStore), None))))
    }
}

/// Stands where no session layer is: it keeps nothing.
#[derive(Clone, Debug)]
struct NoStore;

#[async_trait::async_trait]
impl tower_sessions::SessionStore for NoStore {
    async fn save(&self, _: &tower_sessions::session::Record) -> tower_sessions::session_store::Result<()> {
        Ok(())
    }
    async fn load(
        &self,
        _: &Id,
    ) -> tower_sessions::session_store::Result<Option<tower_sessions::session::Record>> {
        Ok(None)
    }
    async fn delete(&self, _: &Id) -> tower_sessions::session_store::Result<()> {
        Ok(())
    }
}
