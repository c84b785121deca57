//! The database is lost, then found again: nothing is shown meanwhile, and service returns by itself.

use std::time::{Duration, Instant};

use compte_partenaire::db::ledger::DEADLINE;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::stories;
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, TestApp, server_url};

/// A database that cannot be written any more, until it is given back.
enum Lost {
    /// Somebody else holds the file.
    Sqlite(SqliteConnection),
    /// Nobody may connect.
    Postgres(PgConnection, String),
}

impl Lost {
    async fn take(app: &TestApp) -> Self {
        match app.backend {
            Backend::Sqlite => {
                let mut holder = SqliteConnection::connect(&app.database.owner_url).await.unwrap();
                holder.execute("BEGIN IMMEDIATE").await.unwrap();
                Self::Sqlite(holder)
            }
            Backend::Postgres => {
                let name = app.database.url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
                let mut server = PgConnection::connect(&server_url()).await.unwrap();
                let close = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
                server.execute(sqlx::AssertSqlSafe(close)).await.unwrap();
                let end = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
                );
                server.execute(sqlx::AssertSqlSafe(end)).await.unwrap();
                Self::Postgres(server, name)
            }
        }
    }

    async fn give_back(self) {
        match self {
            Self::Sqlite(mut holder) => {
                holder.execute("ROLLBACK").await.unwrap();
                holder.close().await.unwrap();
            }
            Self::Postgres(mut server, name) => {
                let open = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
                server.execute(sqlx::AssertSqlSafe(open)).await.unwrap();
                server.close().await.unwrap();
            }
        }
    }
}

/// The ledger tries each second of the machine: it is asked, never slept for longer than it needs.
async fn wait_until_ready(browser: &mut Browser) {
    for _ in 0..100 {
        if browser.open("/pret").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the service did not return by itself");
}

stories! {
    async fn nothing_is_shown_while_the_database_is_lost(app) {
        let (_, mut browser) = app.administrator().await;
        let lost = Lost::take(app).await;
        assert_eq!(browser.open("/aide").await.status, 200, "help answers whoever is signed in");
        let page = browser.open("/mot-de-passe").await.clone();
        assert_eq!(page.status, 503, "{}", page.text());
        page.must_say("Service suspendu").must_not_say("Nouveau mot de passe");
        assert!(page.headers.contains_key("retry-after"));
        let mut stranger = app.browser();
        assert_eq!(stranger.open("/").await.status, 200, "the sign-in page answers without the database");
        assert_eq!(stranger.open("/sante").await.status, 200);
        assert_eq!(stranger.open("/aide").await.status, 200);
        stranger.sign_in("591-ABCDEF", "peu importe").await;
        assert_eq!(stranger.page().status, 503, "signing in is refused like the rest");
        lost.give_back().await;
        wait_until_ready(&mut stranger).await;
        assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    }
}

/// The processes of the server that serve the program's writers: what they ran last was a commit.
async fn writers(app: &TestApp) -> Vec<String> {
    let name = app.database.url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let mut owner = Owner::at(Backend::Postgres, &server_url()).await;
    owner
        .lines(&format!(
            "SELECT pid::text FROM pg_stat_activity WHERE datname = '{name}' AND query = 'COMMIT'"
        ))
        .await
}

fn signal(name: &str, processes: &[String]) {
    let told = std::process::Command::new("kill").arg(name).args(processes).status().unwrap();
    assert!(told.success());
}

/// A server that neither answers nor refuses (a frozen disk, a lost network): nobody waits for it longer than the
/// deadline, and service returns with it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_is_waited_for_until_the_deadline() {
    let app = TestApp::on(Backend::Postgres).await;
    let (_, mut browser) = app.administrator().await;
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    let frozen = writers(&app).await;
    assert!(!frozen.is_empty());
    signal("-STOP", &frozen);
    let start = Instant::now();
    let page = browser.open("/mot-de-passe").await.clone();
    let took = start.elapsed();
    let mut stranger = app.browser();
    let ready = stranger.open("/pret").await.status;
    signal("-CONT", &frozen);
    assert_eq!(page.status, 503, "{}", page.text());
    page.must_say("Service suspendu").must_not_say("Nouveau mot de passe");
    assert!((DEADLINE..DEADLINE * 2).contains(&took), "{took:?}");
    assert_eq!(ready, 503, "the others are told at once");
    wait_until_ready(&mut stranger).await;
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    app.finish().await;
}

/// A table that somebody else holds: a page waits for it no longer than it would wait for its trace.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_held_is_waited_for_until_the_deadline() {
    let app = TestApp::on(Backend::Postgres).await;
    let (_, mut browser) = app.administrator().await;
    let mut holder = PgConnection::connect(&app.database.owner_url).await.unwrap();
    holder.execute("BEGIN; LOCK TABLE partner").await.unwrap();
    let start = Instant::now();
    let page = browser.open("/partenaires").await.clone();
    let took = start.elapsed();
    holder.execute("ROLLBACK").await.unwrap();
    assert_eq!(page.status, 503, "{}", page.text());
    page.must_say("Service suspendu");
    assert!((DEADLINE..DEADLINE * 2).contains(&took), "{took:?}");
    wait_until_ready(&mut app.browser()).await;
    assert_eq!(browser.open("/partenaires").await.status, 200);
    app.finish().await;
}

/// A statement that goes on and on, with no server to end it: the answer does not wait for it, and when it has ended
/// service returns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_goes_on_is_waited_for_until_the_deadline() {
    let app = TestApp::on(Backend::Sqlite).await;
    let (_, mut browser) = app.administrator().await;
    let mut owner = Owner::of(&app).await;
    owner.run("CREATE TABLE bead (n INTEGER NOT NULL) STRICT").await.unwrap();
    let numbers =
        "WITH RECURSIVE bead_of (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM bead_of WHERE n < 1000)";
    owner.run(&format!("{numbers} INSERT INTO bead SELECT n FROM bead_of")).await.unwrap();
    let start = Instant::now();
    owner.lines("SELECT CAST(sum(a.n + b.n) AS TEXT) FROM bead a, bead b").await;
    let rounds = DEADLINE.as_micros() * 4 / start.elapsed().as_micros() + 1;
    let slow = format!(
        "CREATE TRIGGER slow AFTER INSERT ON trace BEGIN \
         SELECT sum(a.n + b.n) FROM bead c, bead a, bead b WHERE c.n <= {rounds}; END"
    );
    owner.run(&slow).await.unwrap();
    let start = Instant::now();
    let page = browser.open("/mot-de-passe").await.clone();
    let took = start.elapsed();
    assert_eq!(page.status, 503, "{}", page.text());
    page.must_say("Service suspendu").must_not_say("Nouveau mot de passe");
    assert!((DEADLINE..DEADLINE * 2).contains(&took), "{took:?}");
    while owner.run("DROP TRIGGER slow").await.is_err() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    wait_until_ready(&mut app.browser()).await;
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    app.finish().await;
}
