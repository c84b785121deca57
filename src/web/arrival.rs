//! The arrival of a request: when, from where, under what number. Nothing is known yet of who asks.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use super::kit::Kit;
use crate::domain::access::Origin;
use crate::domain::id::CorrelationId;
use crate::domain::time::Timestamp;

/// The header that gives an answer its number, for who reports a trouble.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What is known of a request before anything else.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its number: what ties together all that it does.
    pub correlation: CorrelationId,
    /// When.
    pub at: Timestamp,
    /// From where.
    pub origin: Origin,
}

/// Numbers the request, and writes one line to the operator's log when it is answered: no name, no number of a
/// file, no query.
pub async fn receive(State(kit): State<Kit>, mut request: Request, next: Next) -> Response {
    let at = kit.clock.now();
    let arrival = Arrival {
        correlation: kit.entropy.id(at),
        at,
        origin: Origin {
            source: source(&request, &kit.trusted_proxies),
            agent: agent(request.headers()),
            session: None,
            session_row: None,
            form: None,
        },
    };
    let (correlation, method) = (arrival.correlation, request.method().clone());
    request.extensions_mut().insert(arrival);
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&correlation.to_string()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let route = response.extensions().get::<Route>().map_or("", |route| route.0);
    let (took, status) = (kit.clock.now().since(at), response.status().as_u16());
    kit.db.metrics().answered(route, method.as_str(), status, took);
    let took_us = i64::try_from(took.whole_microseconds()).unwrap_or(0);
    tracing::info!(%correlation, %method, route, status, took_us, "answered");
    response
}

/// The route that answered, for the operator's log: never the address, which may hold ids.
#[derive(Clone, Copy, Debug)]
pub struct Route(
    /// Its path, with the names of its parameters.
    pub &'static str,
);

/// The client's address: the connection's, unless it comes from a trusted proxy; then the last address that no
/// trusted proxy has. What a client writes itself is never believed.
fn source(request: &Request, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip())?;
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let forwarded = request.headers().get_all("x-forwarded-for");
    let addresses: Vec<Option<IpAddr>> = forwarded
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|address| address.trim().parse().ok())
        .collect();
    for address in addresses.into_iter().rev() {
        match address {
            Some(address) if trusted.contains(&address) => {}
            Some(address) => return Some(address),
            None => break,
        }
    }
    Some(peer)
}

/// The browser's family: enough to notice another one, too little to follow anyone.
fn agent(headers: &HeaderMap) -> Option<&'static str> {
    let signature = headers.get(header::USER_AGENT)?.to_str().ok()?;
    let families = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    Some(
        families.into_iter().find(|(mark, _)| signature.contains(mark)).map_or("autre", |(_, family)| family),
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use axum::body::Body;

    use super::*;

    fn from(peer: &str, forwarded: Option<&str>) -> Option<String> {
        let mut request = Request::new(Body::empty());
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        if let Some(forwarded) = forwarded {
            request.headers_mut().insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        source(&request, &["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()]).map(|ip| ip.to_string())
    }

    #[test]
    fn the_address_is_what_the_last_trusted_proxy_saw() {
        assert_eq!(
            from("198.51.100.7:1", Some("203.0.113.9")).unwrap(),
            "198.51.100.7",
            "no proxy: not believed"
        );
        assert_eq!(from("10.0.0.1:1", Some("192.0.2.1, 203.0.113.9")).unwrap(), "203.0.113.9");
        assert_eq!(from("10.0.0.1:1", Some("203.0.113.9, 10.0.0.2")).unwrap(), "203.0.113.9");
        assert_eq!(from("10.0.0.1:1", Some("inconnu")).unwrap(), "10.0.0.1");
        assert_eq!(from("10.0.0.1:1", None).unwrap(), "10.0.0.1");
    }
}
