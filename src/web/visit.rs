//! A visit: somebody who is signed in asks for something. Made by the door, used by every page.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use tower_sessions::Session;
use tower_sessions::session::Id;

use super::arrival::Arrival;
use super::filters;
use super::form::read;
use super::kept_form::Resumed;
use super::kit::Kit;
use super::page::{Me, Notice, Shell, Tone};
use super::paths;
use super::problem::Problem;
use super::standing::moment;
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
    /// When the person had signed in before.
    pub signed_in_before_at: Option<Timestamp>,
    /// What the person had typed in the form of this page.
    pub(super) resumed: Option<Resumed>,
    ends_at: Timestamp,
    /// When the session ends if this request is no entry.
    ended_without: Timestamp,
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
        _ if holder.ended_at.is_some() => Some(SessionEnd::Elsewhere),
        SessionState::Idle => Some(SessionEnd::Idle),
        SessionState::TooOld => Some(SessionEnd::TooOld),
        SessionState::Alive { .. } => None,
    };
    if let Some(cause) = ended {
        return Ok(Found::Ended(Box::new(actor), cause));
    }
    // This request is an entry: the session now ends thirty minutes after it.
    let end_of = |state| match state {
        SessionState::Alive { ends_at } => ends_at,
        SessionState::Idle | SessionState::TooOld => arrival.at,
    };
    let ends_at = end_of(session_state(holder.opened_at, arrival.at, arrival.at));
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
        signed_in_before_at: holder.signed_in_before_at,
        resumed: None,
        ends_at,
        ended_without: end_of(state),
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

/// How long a page that needs no database waits for it to say who is there.
const GLANCE: Duration = Duration::from_millis(500);

/// Whoever is signed in looks at a page that is open to all: it shows his menu, and is no entry. When the database
/// does not say who he is, he is nobody, and the page answers all the same.
pub async fn glance(kit: &Kit, cookie: &Cookie, arrival: &Arrival, path: &str) -> Option<Visit> {
    let id = cookie.0.id().filter(|_| kit.ledger.suspended().is_none())?;
    match tokio::time::timeout(GLANCE, find(kit, id, arrival, path)).await {
        Ok(Ok(Found::Somebody(visit))) => Some(visit.looking_on()),
        _ => None,
    }
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
                typed: self.actor.origin.form.is_some(),
            }),
            notice: notice.or_else(|| self.resumption()),
        }
    }

    /// Says that the form is as it had been left, and that nothing of it is done.
    fn resumption(&self) -> Option<Notice> {
        let resumed = self.resumed.as_ref()?;
        Some(Notice {
            tone: Tone::Wait,
            title: "Votre saisie est reprise".to_owned(),
            text: vec![format!(
                "Telle que vous l’aviez laissée {}. Rien n’est enregistré : relisez, puis envoyez.",
                moment(resumed.kept_at, &self.zone, self.today())
            )],
            links: Vec::new(),
        })
    }

    /// The form of this page as the person had typed it, when he comes back to it.
    pub fn resumed<T: DeserializeOwned>(&self) -> Option<T> {
        self.resumed.as_ref().and_then(|resumed| read(resumed.fields.as_bytes()).ok())
    }

    /// The same visit, when the request is no entry: the session ends when it would have ended without it.
    #[must_use]
    pub fn looking_on(mut self) -> Self {
        self.ends_at = self.ended_without;
        self
    }

    /// Whether what is shown is fictitious.
    pub fn demonstration(&self) -> bool {
        self.demonstration
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
        Office::Principal => "Administration principale",
        Office::Deputy => "Administration suppléante",
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
