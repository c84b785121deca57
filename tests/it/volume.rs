//! The database's own volume: full, forbidden, or its file unlinked, replaced or moved while it is open. Nothing is shown
//! from the first trace that cannot be kept, and the service returns by itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use axum::http::Method;
use compte_partenaire::db::{Db, Patience};
use compte_partenaire::domain::id::AccountId;

use crate::stories;
use crate::support::log::sealed_and_true;
use crate::support::owner::Owner;
use crate::support::small::Small;
use crate::support::{Backend, Browser, Server, TestApp, open_session};

/// How long the service may take to return.
const RETURN: Duration = Duration::from_secs(5);

async fn refused(browser: &mut Browser, what: &str) {
    let page = browser.open("/mot-de-passe").await;
    assert_eq!(page.status, 503, "{what}: {}", page.text());
    page.must_say("Service suspendu").must_not_say("Nouveau mot de passe");
}

async fn returned(app: &TestApp, what: &str) {
    let start = Instant::now();
    while app.browser().open("/pret").await.status != 200 {
        assert!(start.elapsed() < RETURN, "{what}: the service did not return");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn allow(path: &Path, rights: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(rights)).unwrap();
}

/// FT-13 and FT-14 on SQLite, which would write on without a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_not_where_it_was_is_written_no_more() {
    let app = TestApp::on(Backend::Sqlite).await;
    let (_, mut browser) = app.administrator().await;
    let file = PathBuf::from(app.database.url.strip_prefix("sqlite:").unwrap());
    let folder = app.database.folder.path().to_owned();
    let journal = folder.join("essai.db-wal");
    let aside = folder.with_extension("ailleurs");
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);

    fs::rename(&file, folder.join("autre.db")).unwrap();
    refused(&mut browser, "unlinked").await;
    fs::copy(folder.join("autre.db"), &file).unwrap();
    refused(&mut browser, "replaced").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    refused(&mut browser, "replaced, and looked at again").await;
    fs::rename(folder.join("autre.db"), &file).unwrap();
    returned(&app, "the file is back").await;
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);

    fs::rename(&folder, &aside).unwrap();
    refused(&mut browser, "the folder moved").await;
    fs::rename(&aside, &folder).unwrap();
    returned(&app, "the folder is back").await;

    fs::rename(&journal, folder.join("autre-wal")).unwrap();
    refused(&mut browser, "the journal unlinked").await;
    fs::rename(folder.join("autre-wal"), &journal).unwrap();
    returned(&app, "the journal is back").await;

    for (path, before) in [(&file, 0o644), (&folder, 0o700), (&journal, 0o644)] {
        allow(path, 0o500);
        refused(&mut browser, "forbidden").await;
        allow(path, before);
        returned(&app, "allowed").await;
        assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    }
    app.finish().await;
}

/// FT-13 and FT-14 on PostgreSQL, whose files are the server's own: a right is taken away, the table moved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_may_not_be_written_or_is_away_shows_nothing() {
    let app = TestApp::on(Backend::Postgres).await;
    let (_, mut browser) = app.administrator().await;
    let mut owner = Owner::of(&app).await;
    for (lost, found) in [
        (
            "REVOKE INSERT ON trace FROM compte_partenaire_application",
            "GRANT INSERT ON trace TO compte_partenaire_application",
        ),
        ("ALTER TABLE trace RENAME TO trace_away", "ALTER TABLE trace_away RENAME TO trace"),
        (
            "CREATE SCHEMA away; ALTER TABLE trace SET SCHEMA away",
            "ALTER TABLE away.trace SET SCHEMA public; DROP SCHEMA away",
        ),
    ] {
        owner.run(lost).await.unwrap();
        refused(&mut browser, lost).await;
        owner.run(found).await.unwrap();
        returned(&app, found).await;
        assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    }
    app.finish().await;
}

/// FT-11 on PostgreSQL: the traces on a volume of their own, which fills up. Where nobody may mount, its disk is its own:
/// `lost_database` plays it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_volume_of_the_server_shows_nothing() {
    let Some(small) = Small::mounted(8_192) else { return };
    small.give_to("postgres");
    let app = TestApp::on(Backend::Postgres).await;
    let (_, mut browser) = app.administrator().await;
    let mut owner = Owner::of(&app).await;
    let name = app.database.url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
    owner
        .run(&format!("CREATE TABLESPACE small_{name} LOCATION '{}'", small.path().display()))
        .await
        .unwrap();
    owner.run(&format!("ALTER TABLE trace SET TABLESPACE small_{name}")).await.unwrap();
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    let filler = small.leave(0);
    // What room is left in the table's last page goes first.
    let start = Instant::now();
    while browser.open("/mot-de-passe").await.status == 200 {
        assert!(start.elapsed() < Duration::from_secs(60), "the volume does not fill");
    }
    refused(&mut browser, "full").await;
    fs::remove_file(filler).unwrap();
    returned(&app, "room was made").await;
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    app.finish().await;
    owner.run("ALTER TABLE trace SET TABLESPACE pg_default").await.unwrap();
    owner.run(&format!("DROP TABLESPACE small_{name}")).await.unwrap();
}

/// FT-11 on SQLite: told when it fills, nothing shown once it is full, the service back by itself, the log whole. Where
/// nobody may mount, `a_full_disk_shows_nothing_and_service_returns_by_itself` plays it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_volume_is_told_before_and_shows_nothing_after() {
    let Some(small) = Small::mounted(16_384) else { return };
    let mut app = TestApp::on(Backend::Sqlite).await;
    let (_, identifier) = app.found_caf().await;
    app.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await;
    let accounts: Vec<(AccountId,)> = app.rows("SELECT id FROM account").await;
    let session = open_session(&app, accounts[0].0).await;
    let recorder = app.app.db().recorder().clone();
    app.app.db().close().await;
    let file = small.path().join("essai.db");
    fs::copy(app.database.url.strip_prefix("sqlite:").unwrap(), &file).unwrap();
    app.database.url = format!("sqlite:{}", file.display());

    let server = Server::start(&app).await;
    let read = async || server.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap();
    let told = |words: &'static str| server.said().contains(words);
    assert_eq!(read().await.status, 200);
    assert!(!told("space for traces runs short"), "{}", server.said());
    let room = fs4::total_space(small.path()).unwrap();
    small.leave(room / 6);
    let start = Instant::now();
    while !told("space for traces runs short") {
        assert!(start.elapsed() < Duration::from_secs(10), "nobody was told");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(read().await.status, 200, "it is only told");
    let filler = small.leave(0);
    let start = Instant::now();
    let mut last = read().await;
    while last.status == 200 {
        assert!(start.elapsed() < Duration::from_secs(60), "the volume does not fill");
        last = read().await;
    }
    assert_eq!(last.status, 503, "{}", last.body);
    assert!(last.body.contains("Service suspendu") && !last.body.contains("confirmation"), "{}", last.body);
    fs::remove_file(filler).unwrap();
    let start = Instant::now();
    while server.ask(Method::GET, "/pret", "", None).await.unwrap().status != 200 {
        assert!(start.elapsed() < RETURN, "the service did not return by itself");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(read().await.status, 200);
    drop(server);
    let db = Db::open(&app.database.url, 2, Patience::Page, recorder).await.unwrap();
    sealed_and_true(&db).await;
    db.close().await;
}

stories! {
    /// The whole of it, as an operator runs it: the program, its second sink, and the figures that tell.
    async fn the_program_watches_its_second_sink(app) {
        let (_, identifier) = app.found_caf().await;
        app.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await;
        let accounts: Vec<(AccountId,)> = app.rows("SELECT id FROM account").await;
        let session = open_session(app, accounts[0].0).await;
        let copy = app.database.folder.path().join("copie");
        fs::create_dir(&copy).unwrap();
        let place = format!("dossier:{}", copy.display());
        let settings = [("CP_SECOND_SINK", place.as_str()), ("CP_SECOND_SINK_MODE", "exige"), ("CP_SECOND_SINK_BODIES", "oui")];
        let mut server = Server::start_with(app, &settings).await;
        let line = server.line();
        let ready = async || line.ask(Method::GET, "/pret", "", None).await.unwrap().status == 200;
        let wait = async |wanted: bool, limit: Duration| {
            let start = Instant::now();
            while ready().await != wanted {
                assert!(start.elapsed() < limit, "not {wanted} within {limit:?}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        wait(true, RETURN).await;
        assert_eq!(line.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap().status, 200);
        // Taken away: noticed within a second; brought back: served again by itself.
        let away = app.database.folder.path().join("ailleurs");
        fs::rename(&copy, &away).unwrap();
        wait(false, Duration::from_secs(1)).await;
        let page = line.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap();
        assert!(page.status == 503 && page.body.contains("Service suspendu"), "{}", page.body);
        fs::rename(&away, &copy).unwrap();
        wait(true, RETURN).await;
        assert_eq!(line.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap().status, 200);
        let figures = crate::watch::told(&server.figures).await;
        for told in ["compte_partenaire_sink_failures_total 1", "compte_partenaire_sink_failing 0", "compte_partenaire_traces_days_left -1"] {
            assert!(figures.lines().any(|line| line == told), "{told}\n{figures}");
        }
        let stopped = tokio::task::spawn_blocking(move || server.stop()).await.unwrap();
        assert!(stopped.success());
        // The stop itself was traced, sealed and carried before it left.
        assert!(app.facts().await.contains(&"service.stopped".to_owned()));
        let head = app.app.db().head().await.unwrap().tree.size();
        let waiting: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM trace_unsealed").await;
        assert_eq!(waiting[0].0, 0);
        let report = crate::sink::copied(app, &copy).await;
        assert_eq!((report.leaves, report.jumped, report.flaws), (head, 0, 0), "{:?}", report.findings);
    }
}
