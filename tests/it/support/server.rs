//! The program itself, as an operator runs it: a process of its own, configured by its environment.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use compte_partenaire::clock::Clock;
use compte_partenaire::db::sessions::{ACCOUNT, OPENED_AT, SessionRows};
use compte_partenaire::domain::id::AccountId;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};

use super::TestApp;

/// A running `serve`.
pub struct Server {
    child: Child,
    /// Where its figures are read.
    pub figures: String,
    line: Line,
    said: Said,
}

/// The lines of a program's log, as they come.
type Said = Arc<Mutex<Vec<String>>>;

/// A way to ask it.
#[derive(Clone)]
pub struct Line {
    pub address: String,
    client: Client<HttpConnector, Body>,
}

/// An answer over a real socket.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Server {
    /// Starts the program on the database of a test, with the keys of the tests.
    pub async fn start(app: &TestApp) -> Self {
        Self::start_with(app, &[]).await
    }

    /// The same, with other settings.
    pub async fn start_with(app: &TestApp, settings: &[(&str, &str)]) -> Self {
        let (child, said, doors) = launched(app, settings).await;
        let [address, figures] =
            doors.unwrap_or_else(|| panic!("the program did not start: {:#?}", said.lock().unwrap()));
        let client = Client::builder(TokioExecutor::new()).build_http();
        Self { child, figures, line: Line { address, client }, said }
    }

    /// Starts it where it must not serve; what it says before it leaves.
    pub async fn refused(app: &TestApp) -> String {
        let (mut child, said, doors) = launched(app, &[]).await;
        if doors.is_some() {
            child.kill().unwrap();
            panic!("the program serves");
        }
        assert!(!child.wait().unwrap().success());
        said.lock().unwrap().join("\n")
    }

    /// What it wrote to its log so far.
    pub fn said(&self) -> String {
        self.said.lock().unwrap().join("\n")
    }

    /// A way to ask it, which outlives it.
    pub fn line(&self) -> Line {
        self.line.clone()
    }

    /// Kills it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Lets its files grow no further than `bytes`, or without limit again.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let most = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        let limit = format!("--fsize={most}:");
        let told =
            Command::new("prlimit").args(["--pid", &self.child.id().to_string(), &limit]).status().unwrap();
        assert!(told.success());
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let told = Command::new("kill").arg(name).arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        self.signal("-TERM");
        self.child.wait().unwrap()
    }

    /// One exchange, while it runs.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        session: &str,
        form: Option<String>,
    ) -> Option<Answer> {
        self.line.ask(method, path, session, form).await
    }
}

/// The program on the database of a test, as its operator sets it; what it does is said by whoever calls this.
pub fn operated(app: &TestApp, program: &str) -> Command {
    let folder = app.database.folder.path();
    let keys = folder.join("cles");
    std::fs::create_dir_all(&keys).unwrap();
    let key = keys.join("1.key");
    if !key.exists() {
        std::fs::write(&key, "07".repeat(32)).unwrap();
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&key, owner_only).unwrap();
    }
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("CP_DATABASE_URL", &app.database.url)
        .env("CP_KEYS", &keys)
        .env("CP_MAIL_URL", format!("dossier:{}", folder.join("mail").display()))
        .env("CP_MAIL_FROM", "Caf <portail@caf.example>")
        .env("CP_PUBLIC_URL", "http://127.0.0.1:8080");
    command
}

/// Runs `serve` until it serves or leaves; where it serves, if it does.
async fn launched(app: &TestApp, settings: &[(&str, &str)]) -> (Child, Said, Option<[String; 2]>) {
    // Told to stay when a file may grow no further, it sees what a full disk shows: a write that fails.
    let mut child = operated(app, "/bin/sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" serve", env!("CARGO_BIN_EXE_compte-partenaire")])
        .env("CP_LISTEN", "127.0.0.1:0")
        .env("CP_METRICS_LISTEN", "127.0.0.1:0")
        .env("CP_SESSION_REQUESTS", "100000")
        .env("CP_LOG", "info,compte_partenaire=trace")
        .env("CP_LOG_FORMAT", "json")
        .envs(settings.iter().copied())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = Said::default();
    let heard = said.clone();
    let doors = tokio::task::spawn_blocking(move || {
        for line in lines.by_ref() {
            let line = line.unwrap();
            let told: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            heard.lock().unwrap().push(line);
            if told["message"] == "serving" {
                // Somebody must read the rest, or the program would wait for room in the pipe.
                std::thread::spawn(move || {
                    lines.map_while(Result::ok).for_each(|line| heard.lock().unwrap().push(line))
                });
                return Some(["address", "figures"].map(|door| told[door].as_str().unwrap().to_owned()));
            }
        }
        None
    })
    .await
    .unwrap();
    (child, said, doors)
}

impl Line {
    /// One exchange; nothing when the program went away meanwhile.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        session: &str,
        form: Option<String>,
    ) -> Option<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header("sec-fetch-site", "same-origin")
            .header(header::COOKIE, format!("__Host-session={session}"));
        if form.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = form.map_or(Body::empty(), Body::from);
        let answer = self.client.request(request.body(body).unwrap()).await.ok()?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }
}

impl Line {
    /// The same way, for a browser: what it asks goes to the program over the socket.
    pub fn router(&self) -> Router {
        let line = self.clone();
        Router::new().fallback(async move |request: Request<Body>| {
            let (parts, body) = request.into_parts();
            let cookies =
                parts.headers.get(header::COOKIE).map(|value| value.to_str().unwrap()).unwrap_or_default();
            let session =
                cookies.split("; ").find_map(|pair| pair.strip_prefix("__Host-session=")).unwrap_or_default();
            let body = body.collect().await.unwrap().to_bytes();
            let form = (parts.method == Method::POST).then(|| String::from_utf8(body.to_vec()).unwrap());
            let path = parts.uri.path_and_query().unwrap().as_str();
            let answer = line.ask(parts.method, path, session, form).await.expect("the program answers");
            (answer.status, answer.headers, answer.body)
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A session opened now for an account, without its password: what a signed-in browser would hold.
pub async fn open_session(app: &TestApp, account: AccountId) -> String {
    let data = [
        (ACCOUNT.to_owned(), serde_json::Value::from(account.to_string())),
        (OPENED_AT.to_owned(), serde_json::Value::from(Clock::Machine.now().micros())),
    ];
    let mut record = Record {
        id: Id::default(),
        data: data.into_iter().collect(),
        expiry_date: time::OffsetDateTime::UNIX_EPOCH,
    };
    SessionRows(app.app.db().clone()).create(&mut record).await.unwrap();
    record.id.to_string()
}
