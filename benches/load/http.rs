//! Visitors over HTTP/1.1, each with its own kept connection, and what they obtain from a server that
//! does nothing: no page can be served faster here, the visitors being on the same processors.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

use crate::Failure;
use crate::clients::{Client, Processes, after, closed_loop};
use crate::report::{columns, heading, note, point};

/// Measures, and prints.
pub(crate) async fn limits(lasting: Duration) -> Result<(), Failure> {
    heading("HTTP, alone");
    note("the server is in this process: CPU is for both sides");
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        axum::serve(listener, Router::new().route("/", get(|| async { "rien" }))).await
    });

    columns();
    for clients in [1, 16, 64] {
        let request = Request::get(format!("http://{address}/")).body(Full::default())?;
        let visitors = (0..clients).map(|_| Visitor::new(request.clone(), "rien")).collect();
        let plural = if clients == 1 { "" } else { "s" };
        let name = format!("GET of 4 bytes, {clients} client{plural}");
        point(&name, 1, &closed_loop(visitors, after(lasting), Processes::default()).await?);
    }
    server.abort();
    Ok(())
}

/// Connections, each kept for the next request.
pub(crate) type Connections = Pool<HttpConnector, Full<Bytes>>;

/// A browser's: one, kept.
pub(crate) fn connections() -> Connections {
    Pool::builder(TokioExecutor::new()).pool_max_idle_per_host(1).build_http()
}

/// Somebody who sends the same request again and again.
pub(crate) struct Visitor {
    connections: Connections,
    request: Request<Full<Bytes>>,
    expected: String,
}

impl Visitor {
    /// Each answer must be a success whose body holds the expected text: an error page is no answer,
    /// however fast it comes.
    pub(crate) fn new(request: Request<Full<Bytes>>, expected: impl Into<String>) -> Self {
        Self { connections: connections(), request, expected: expected.into() }
    }

    /// Sends it once; gives the size of the answer.
    pub(crate) async fn ask(&mut self) -> Result<usize, Failure> {
        let answer = self.connections.request(self.request.clone()).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        if status.is_success() && holds(&body, &self.expected) {
            Ok(body.len())
        } else {
            Err(format!("{status}, without «{}»", self.expected).into())
        }
    }
}

impl Client for Visitor {
    async fn act(&mut self) -> Result<(), Failure> {
        self.ask().await.map(drop)
    }
}

fn holds(body: &[u8], text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}
