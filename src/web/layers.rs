//! Everything a request goes through before its handler, in one list, from the outside to the inside.

use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::Entry;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, SessionManagerLayer};

use super::arrival::{REQUEST_ID, receive};
use super::kit::Kit;
use super::page::Shell;
use super::problem::{Problem, render};
use super::visit::Visit;
use crate::db::sessions::SessionRows;

/// The name of the session's cookie: the prefix makes browsers refuse it from any other host or without TLS.
pub const COOKIE: &str = "__Host-session";
/// The largest body of a form, in bytes.
pub const LARGEST_BODY: usize = 64 * 1024;
/// The longest that a request may take before it is given up.
const LONGEST: Duration = Duration::from_secs(10);

/// Puts a router behind all the layers.
pub fn around<S: Clone + Send + Sync + 'static>(router: Router<S>, kit: &Kit) -> Router<S> {
    let sessions = SessionManagerLayer::new(SessionRows(kit.db.clone()))
        .with_name(COOKIE)
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnSessionEnd);
    // The last one added is the first one met.
    router
        .layer(sessions)
        .layer(from_fn(secure_the_removal))
        .layer(CsrfLayer::new())
        .layer(from_fn(refuse_undeclared_origin))
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, LONGEST))
        .layer(CatchPanicLayer::custom(report_panic))
        .layer(from_fn_with_state(kit.clone(), render_problems))
        .layer(from_fn_with_state(kit.secure, set_security_headers))
        .layer(from_fn_with_state(kit.clone(), receive))
}

/// The session layer takes its cookie back without `Secure`: browsers refuse that for this prefix and keep the cookie.
async fn secure_the_removal(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Entry::Occupied(mut cookies) = response.headers_mut().entry(header::SET_COOKIE) {
        for cookie in cookies.iter_mut() {
            let ours = cookie.as_bytes().starts_with(COOKIE.as_bytes());
            if ours && !cookie.to_str().is_ok_and(|cookie| cookie.contains("Secure")) {
                let secured = [cookie.as_bytes(), b"; Secure; HttpOnly; SameSite=Lax"].concat();
                if let Ok(secured) = HeaderValue::from_bytes(&secured) {
                    *cookie = secured;
                }
            }
        }
    }
    response
}

/// A browser always says where a form comes from. Whoever does not is not one.
async fn refuse_undeclared_origin(request: Request, next: Next) -> Response {
    let declared =
        |headers: &HeaderMap| headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN);
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || declared(request.headers()) {
        next.run(request).await
    } else {
        Problem::CrossSite.into_response()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that the layer asks for")]
fn report_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let message = panic.downcast_ref::<&str>().copied().unwrap_or("a panic without words");
    tracing::error!(message, "panic in a handler");
    Problem::Internal { reference: String::new() }.into_response()
}

/// Turns a problem into its page, whoever met it: a handler, a door or a layer.
async fn render_problems(State(kit): State<Kit>, request: Request, next: Next) -> Response {
    let arrival = request.extensions().get::<super::arrival::Arrival>().cloned();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>().or_else(|| unsaid(&response)) else {
        return response;
    };
    let problem = match problem {
        Problem::Internal { .. } => {
            let correlation = arrival.map(|arrival| arrival.correlation.to_string()).unwrap_or_default();
            Problem::Internal { reference: correlation }
        }
        other => other,
    };
    let shell = match response.extensions().get::<Visit>() {
        Some(visit) => visit.shell(""),
        None => Shell { title: String::new(), demonstration: kit.demonstration, me: None, notice: None },
    };
    let mut page = render(&problem, shell);
    for name in [header::CACHE_CONTROL, header::REFRESH, header::SET_COOKIE, header::ALLOW, REQUEST_ID] {
        for value in response.headers().get_all(&name) {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    *page.extensions_mut() = std::mem::take(response.extensions_mut());
    page
}

/// A library's bare refusal: its status says what it is.
fn unsaid(response: &Response) -> Option<Problem> {
    let html = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if html {
        return None;
    }
    match response.status() {
        StatusCode::NOT_FOUND => Some(Problem::NotFound),
        StatusCode::METHOD_NOT_ALLOWED => Some(Problem::MethodNotAllowed),
        StatusCode::FORBIDDEN => Some(Problem::CrossSite),
        StatusCode::PAYLOAD_TOO_LARGE => Some(Problem::TooLarge),
        StatusCode::REQUEST_TIMEOUT => Some(Problem::Timeout),
        StatusCode::BAD_REQUEST => Some(Problem::Unreadable),
        StatusCode::INTERNAL_SERVER_ERROR => Some(Problem::Internal { reference: String::new() }),
        _ => None,
    }
}

/// On every answer, whatever it is.
const SECURITY: [(HeaderName, &str); 7] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // « no-referrer » would make browsers send « Origin: null » with forms.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// A year, for this host and those under it.
const NEVER_WITHOUT_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

async fn set_security_headers(State(secure): State<bool>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in SECURITY {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if secure {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, NEVER_WITHOUT_TLS);
    }
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
