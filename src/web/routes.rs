//! Routes: none can be added without saying who may pass, and nobody passes without leaving a trace.

use axum::Router;
use axum::extract::{FromRef, Request, State};
use axum::handler::Handler;
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use axum_extra::routing::TypedPath as _;
use tower_sessions::Session;

use super::answer::{EndSession, ToTrace, Traced};
use super::arrival::{Arrival, Route};
use super::budget::Admission;
use super::filters;
use super::kept_form::{self, is_kept};
use super::kit::Kit;
use super::paths::{Home, KeepForm, Password};
use super::problem::Problem;
use super::visit::{Found, Visit, find};
use crate::db::{Beside, DbError};
use crate::domain::access::{Permission, SentForm};
use crate::domain::facts::{Fact, Refusal, SessionEnd};
use crate::domain::id::KeptFormId;

/// Who may pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Anybody, signed in or not. Nothing is read from the database for it.
    Public,
    /// Whoever is signed in, even without a password of his own yet.
    FirstSteps,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has the permission; for others the page does not exist.
    Needs(Permission),
}

/// One line of the route table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The verb.
    pub method: Method,
    /// The path, with the names of its parameters.
    pub path: &'static str,
    /// Who may pass.
    pub access: Access,
}

/// The routes of a slice, or of the program.
pub struct Routes<S> {
    router: Router<S>,
    table: Vec<Entry>,
    kit: Kit,
}

impl<S> Routes<S>
where
    S: Clone + Send + Sync + 'static,
    Kit: FromRef<S>,
{
    /// No route yet.
    pub fn new(kit: Kit) -> Self {
        Self { router: Router::new(), table: Vec::new(), kit }
    }

    /// A page.
    #[must_use]
    pub fn get<T: 'static>(self, path: &'static str, access: Access, handler: impl Handler<T, S>) -> Self {
        self.add(Method::GET, MethodFilter::GET, path, access, handler)
    }

    /// An act.
    #[must_use]
    pub fn post<T: 'static>(self, path: &'static str, access: Access, handler: impl Handler<T, S>) -> Self {
        self.add(Method::POST, MethodFilter::POST, path, access, handler)
    }

    fn add<T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &'static str,
        access: Access,
        handler: impl Handler<T, S>,
    ) -> Self {
        let door = Door { kit: self.kit.clone(), access, path };
        self.router = self.router.route(path, on(filter, handler).layer(from_fn_with_state(door, pass)));
        self.table.push(Entry { method, path, access });
        self
    }

    /// The table and the router.
    pub fn into_parts(self) -> (Router<S>, Vec<Entry>) {
        (self.router, self.table)
    }
}

/// The route under which traces keep what led nowhere: an address may hold anything.
const NOWHERE: &str = "/…";

/// What answers where no route leads: to somebody signed in, exactly what a page that he may not see would answer,
/// so that nothing tells the two apart; to others, that there is nothing.
pub async fn nowhere(State(kit): State<Kit>, mut request: Request) -> Response {
    let session = request.extensions().get::<Session>().and_then(Session::id);
    if session.is_none() {
        return Problem::NotFound.into_response();
    }
    let door = Door { kit, access: Access::SignedIn, path: NOWHERE };
    let mut response = match enter(&door, &mut request).await {
        Ok(visit) => hold_back(&door, *visit, None, Problem::NotFound.into_response()).await,
        Err(response) => *response,
    };
    response.extensions_mut().insert(Route(door.path));
    response
}

#[derive(Clone)]
struct Door {
    kit: Kit,
    access: Access,
    path: &'static str,
}

impl Door {
    /// What a page sends by itself is no entry of the person before it.
    fn is_entry(&self) -> bool {
        self.path != KeepForm::PATH
    }
}

async fn pass(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let route = Route(door.path);
    let mut response = if door.access == Access::Public {
        next.run(request).await
    } else {
        match enter(&door, &mut request).await {
            Ok(visit) => go_through(&door, *visit, request, next).await,
            Err(response) => *response,
        }
    };
    response.extensions_mut().insert(route);
    response
}

/// Who is at the door of a signed-in page? The answer for whoever may not even come this far is ready-made.
async fn enter(door: &Door, request: &mut Request) -> Result<Box<Visit>, Box<Response>> {
    let stop = |problem: Problem| Box::new(problem.into_response());
    if request.method() == Method::HEAD {
        return Err(stop(Problem::MethodNotAllowed));
    }
    // A page asked for in advance would be traced as read by somebody who never looks at it.
    if request.headers().get("sec-purpose").is_some_and(|value| value.as_bytes().starts_with(b"prefetch")) {
        return Err(stop(Problem::Suspended { since: None }));
    }
    let arrival = request.extensions().get::<Arrival>().cloned();
    let session = request.extensions().get::<Session>().cloned();
    let (Some(arrival), Some(session)) = (arrival, session) else {
        return Err(stop(Problem::Internal { reference: String::new() }));
    };
    let home = |why: &str| {
        let location = format!("{}{why}", Home::PATH);
        let location = HeaderValue::from_str(&location).unwrap_or(HeaderValue::from_static(Home::PATH));
        Box::new((axum::http::StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
    };
    let Some(id) = session.id() else { return Err(home("")) };
    match find(&door.kit, id, &arrival, request.uri().path()).await {
        Ok(Found::Somebody(visit)) => {
            if let Some(refused) = too_many(door, &visit).await {
                return Err(Box::new(refused));
            }
            let visit = if door.is_entry() { visit } else { Box::new(visit.looking_on()) };
            if visit.must_choose && door.access != Access::FirstSteps {
                let location = HeaderValue::from_static(Password::PATH);
                return Err(Box::new(
                    (axum::http::StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
                ));
            }
            Ok(visit)
        }
        Ok(Found::Nobody) => {
            // The cookie leads nowhere: it goes, so that the home page does not send back here.
            let _ = session.flush().await;
            Err(home(""))
        }
        Ok(Found::Ended(actor, cause)) => {
            let (mut facts, mut beside) = (vec![Fact::SessionEnded { cause }], Vec::new());
            // What comes too late is not executed. What was typed in it is kept for its author, unless somebody
            // wanted the session to end.
            if matches!(cause, SessionEnd::Idle | SessionEnd::TooOld)
                && let (Some(account), Some(row)) = (actor.account(), actor.origin.session_row)
            {
                let request = std::mem::take(request);
                if let Some((fact, kept)) =
                    kept_form::late(&door.kit, door.path, request, &row, account.id, arrival.at).await
                {
                    facts.push(fact);
                    beside.push(kept);
                }
            }
            let ended = door.kit.ledger.hand_over(&actor, facts, None, beside).await;
            if ended.is_err() || session.flush().await.is_err() {
                return Err(stop(suspended(&door.kit, None)));
            }
            Err(home(match cause {
                SessionEnd::Idle => "?fin=inactivite",
                SessionEnd::TooOld => "?fin=duree",
                SessionEnd::Elsewhere => "?fin=ailleurs",
                SessionEnd::SignOut | SessionEnd::Revoked => "?fin=acces",
            }))
        }
        Err(error) => {
            tracing::error!(%error, "session not read");
            door.kit.ledger.look().await;
            Err(stop(suspended(&door.kit, None)))
        }
    }
}

/// Refuses a session that asks faster than anybody reads: one trace at once, then one a minute with the count.
async fn too_many(door: &Door, visit: &Visit) -> Option<Response> {
    let key = visit.actor.origin.session_row?;
    let Admission::No { retry_after_s, report } = door.kit.sessions.admit(key, &visit.actor, visit.now)
    else {
        return None;
    };
    door.kit.db.metrics().throttled("session");
    if let Some(count) = report {
        let fact = Fact::RequestsThrottled { count };
        if door.kit.ledger.hand_over(&visit.actor, vec![fact], None, Vec::new()).await.is_err() {
            return Some(suspended(&door.kit, Some(visit)).into_response());
        }
    }
    let mut refused = Problem::TooManyRequests { retry_after_s }.into_response();
    refused.extensions_mut().insert(Traced);
    Some(hold_back(door, visit.clone(), None, refused).await)
}

/// Lets somebody through, if he may.
async fn go_through(door: &Door, mut visit: Visit, mut request: Request, next: Next) -> Response {
    let allowed = match door.access {
        Access::Public | Access::FirstSteps | Access::SignedIn => true,
        Access::Needs(permission) => visit.actor.may(permission),
    };
    let session = request.extensions().get::<Session>().cloned();
    let response = if allowed {
        if request.method() == Method::POST && is_kept(door.path) {
            let path = request.uri().path().to_owned();
            visit.actor.origin.form = Some(SentForm { route: door.path, path });
        }
        match resume(door, &mut visit, kept_form::asked(door.path, &request)).await {
            Ok(()) => {
                request.extensions_mut().insert(visit.clone());
                next.run(request).await
            }
            Err(error) => Problem::from(error).into_response(),
        }
    } else {
        Problem::NotFound.into_response()
    };
    hold_back(door, visit, session, response).await
}

/// Gives a visit what its address says that the person had typed.
async fn resume(door: &Door, visit: &mut Visit, asked: Option<(KeptFormId, String)>) -> Result<(), DbError> {
    if let Some((form, path)) = asked {
        visit.resumed = kept_form::resumed(&door.kit, visit, form, &path).await?;
    }
    Ok(())
}

/// Holds an answer back until its trace is durable, then gives it what every signed-in answer has.
async fn hold_back(door: &Door, visit: Visit, session: Option<Session>, response: Response) -> Response {
    let mut response = hand_over(door, &visit, response).await;
    if response.extensions().get::<EndSession>().is_some()
        && let Some(session) = session
        && session.flush().await.is_err()
    {
        response = suspended(&door.kit, Some(&visit)).into_response();
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // The screen clears by itself when the session ends, without script too.
    let clear = format!("{};url=/ecran-efface", visit.seconds_left() + 1);
    if let Ok(clear) = HeaderValue::from_str(&clear) {
        headers.insert(header::REFRESH, clear);
    }
    response.extensions_mut().insert(visit);
    response
}

async fn hand_over(door: &Door, visit: &Visit, mut response: Response) -> Response {
    if response.extensions().get::<Traced>().is_some() {
        return response;
    }
    let status = response.status();
    let mut to_trace = response.extensions_mut().remove::<ToTrace>().unwrap_or_default();
    if to_trace.facts.is_empty() {
        to_trace.facts.push(if status.is_success() || status.is_redirection() {
            Fact::PageRead { route: door.path.to_owned(), subject: None }
        } else {
            let cause = response.extensions().get::<Problem>().map_or(Refusal::Unacceptable, refusal);
            Fact::PageRefused { route: door.path.to_owned(), cause, status: status.as_u16() }
        });
    }
    if visit.resumed.is_some() && status.is_success() {
        to_trace.facts.push(Fact::FormResumed { route: door.path.to_owned() });
    }
    if let Some(session) = visit.actor.origin.session_row.filter(|_| door.is_entry()) {
        to_trace.beside.push(Beside::Entry { session, at: visit.now });
    }
    let took = door.kit.clock.now().since(visit.now);
    match door.kit.ledger.hand_over(&visit.actor, to_trace.facts, Some(took), to_trace.beside).await {
        Ok(_receipt) => response,
        Err(_) => suspended(&door.kit, Some(visit)).into_response(),
    }
}

/// « Service suspendu », with the hour since which it is when it is known.
pub fn suspended(kit: &Kit, visit: Option<&Visit>) -> Problem {
    let zone = visit.map(|visit| visit.zone.clone()).unwrap_or_default();
    let since = kit.ledger.suspended().map(|suspended| filters::hour_of(zone.local(suspended.since)));
    Problem::Suspended { since }
}

fn refusal(problem: &Problem) -> Refusal {
    match problem {
        Problem::NotFound => Refusal::NotFound,
        Problem::CrossSite => Refusal::CrossSite,
        Problem::Unreadable | Problem::TooLarge => Refusal::Unacceptable,
        Problem::Stale { .. } | Problem::OtherPartner { .. } => Refusal::Conflict,
        Problem::TooManyRequests { .. } => Refusal::TooMany,
        Problem::OutOfHours { .. } => Refusal::OutOfHours,
        Problem::MethodNotAllowed
        | Problem::Suspended { .. }
        | Problem::Timeout
        | Problem::Internal { .. } => Refusal::Other,
    }
}
