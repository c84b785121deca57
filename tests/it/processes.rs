//! The program as a process: killed under load it loses nothing that it acknowledged; asked to stop it ends what is
//! under way.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::http::Method;
use compte_partenaire::domain::id::{AccountId, CorrelationId};
use tokio::task::JoinSet;

use crate::stories;
use crate::support::log::sealed_and_true;
use crate::support::{Server, TestApp, open_session};

/// Readers at once, and answers to wait for before each kill.
const READERS: usize = 12;
const ANSWERS: usize = 150;
const KILLS: usize = 4;

async fn administrator(app: &TestApp) -> AccountId {
    let (_, identifier) = app.found_caf().await;
    app.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await;
    let rows: Vec<(AccountId,)> = app.rows("SELECT id FROM account").await;
    rows[0].0
}

stories! {
    /// kill -9 at any moment: each answer that a browser received has its trace, exactly one, and all of them hold.
    async fn what_was_acknowledged_survives_a_kill(app) {
        let account = administrator(app).await;
        let session = open_session(app, account).await;
        let acknowledged: Arc<Mutex<Vec<CorrelationId>>> = Arc::default();
        for _ in 0..KILLS {
            let mut server = Server::start(app).await;
            let over = Arc::new(AtomicBool::new(false));
            let before = acknowledged.lock().unwrap().len();
            let handle = server.line();
            let mut readers = JoinSet::new();
            for _ in 0..READERS {
                let (handle, session) = (handle.clone(), session.clone());
                let (over, acknowledged) = (over.clone(), acknowledged.clone());
                readers.spawn(async move {
                    while !over.load(Ordering::SeqCst) {
                        let Some(answer) = handle.ask(Method::GET, "/mot-de-passe", &session, None).await else { return };
                        if answer.status == 200 {
                            let id = answer.headers["x-request-id"].to_str().unwrap().parse().unwrap();
                            acknowledged.lock().unwrap().push(id);
                        }
                    }
                });
            }
            while acknowledged.lock().unwrap().len() < before + ANSWERS {
                tokio::task::yield_now().await;
            }
            server.kill();
            over.store(true, Ordering::SeqCst);
            while readers.join_next().await.is_some() {}
        }
        let rows: Vec<(CorrelationId,)> = app.rows("SELECT correlation FROM trace").await;
        let mut traced: HashMap<CorrelationId, u32> = HashMap::new();
        for (correlation,) in rows {
            *traced.entry(correlation).or_default() += 1;
        }
        let acknowledged = acknowledged.lock().unwrap().clone();
        assert!(acknowledged.len() >= KILLS * ANSWERS);
        for answer in acknowledged {
            assert_eq!(traced.get(&answer), Some(&1), "{answer} was acknowledged");
        }
        sealed_and_true(app.app.db()).await;
    }

    /// Asked to stop, it ends what is under way and leaves with a clean status.
    async fn asked_to_stop_it_ends_what_is_under_way(app) {
        let account = administrator(app).await;
        let session = open_session(app, account).await;
        let mut server = Server::start(app).await;
        let answer = server.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        let status = tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
        assert!(status.success(), "{status}");
    }

    /// Sign in on one node, work on the other.
    async fn a_session_is_good_on_every_node(app) {
        let account = administrator(app).await;
        let session = open_session(app, account).await;
        if app.backend == crate::support::Backend::Postgres {
            let (one, other) = (Server::start(app).await, Server::start(app).await);
            for server in [&one, &other] {
                let answer = server.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap();
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
        }
    }
}

/// With the disk full nothing is shown, the page says so, and service returns by itself. (PostgreSQL's disk is its
/// own: for the program it is a database that refuses, which `lost_database` plays.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_shows_nothing_and_service_returns_by_itself() {
    full_disk().await;
}

/// Its files may grow no further, which needs no volume of its own.
pub async fn full_disk() {
    let app = TestApp::on(crate::support::Backend::Sqlite).await;
    let account = administrator(&app).await;
    let session = open_session(&app, account).await;
    let server = Server::start(&app).await;
    let read = async || server.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap();
    assert_eq!(read().await.status, 200);
    server.limit_files(Some(4_096));
    let refused = read().await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert!(
        refused.body.contains("Service suspendu") && !refused.body.contains("confirmation"),
        "{}",
        refused.body
    );
    assert_eq!(server.ask(Method::GET, "/", "", None).await.unwrap().status, 200);
    server.limit_files(None);
    let mut back = false;
    for _ in 0..100 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if server.ask(Method::GET, "/pret", "", None).await.unwrap().status == 200 {
            back = true;
            break;
        }
    }
    assert!(back, "the service did not return by itself");
    assert_eq!(read().await.status, 200);
    drop(server);
    sealed_and_true(app.app.db()).await;
}
