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

    app.finish().await;
}

/// FT-13 on SQLite: the rights are taken away, for root too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_written_shows_nothing() {
    forbidden().await;
}

async fn forbidden() {
    let app = TestApp::on(Backend::Sqlite).await;
    let (_, mut browser) = app.administrator().await;
    let file = PathBuf::from(app.database.url.strip_prefix("sqlite:").unwrap());
    let folder = app.database.folder.path().to_owned();
    let journal = folder.join("essai.db-wal");
    for (path, before) in [(&file, 0o644), (&folder, 0o700), (&journal, 0o644)] {
        allow(path, 0o500);
        refused(&mut browser, "forbidden").await;
        allow(path, before);
        returned(&app, "allowed").await;
        assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    }
    app.finish().await;
}

/// FT-13 on SQLite: the disk is really remounted read-only under the files that the program has open. Nothing is shown;
/// once the disk is mended and the program started again, every trace is there. A disk that failed can only be mended
/// once nobody has a file open there: that the service returns by itself is shown where rights are given back. (The
/// volume of PostgreSQL is its server's, which the tests share: a cluster of its own would show how that server fails,
/// and `lost_database` plays what the program then meets.)
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_turns_read_only_shows_nothing() {
    let Some(disk) = Small::disk(64) else { return forbidden().await };
    let (app, session) = on_a_volume(&disk).await;
    let mut server = Server::start(&app).await;
    let line = server.line();
    let status = async |path: &str| line.ask(Method::GET, path, &session, None).await.unwrap();
    assert_eq!(status("/mot-de-passe").await.status, 200);
    disk.turn_read_only();
    for _ in 0..5 {
        let page = status("/mot-de-passe").await;
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(
            page.body.contains("Service suspendu") && !page.body.contains("confirmation"),
            "{}",
            page.body
        );
        assert_eq!(status("/pret").await.status, 503);
    }
    server.kill();
    let disk = disk.mend();
    let server = Server::start(&app).await;
    let page = server.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap();
    assert_eq!(page.status, 200, "{}", page.body);
    drop(server);
    is_true(&app).await;
    drop(disk);
}

/// An installation whose database is on that volume; a session of its administrator.
async fn on_a_volume(volume: &Small) -> (TestApp, String) {
    let mut app = TestApp::on(Backend::Sqlite).await;
    let (_, identifier) = app.found_caf().await;
    app.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await;
    let accounts: Vec<(AccountId,)> = app.rows("SELECT id FROM account").await;
    let session = open_session(&app, accounts[0].0).await;
    app.app.db().close().await;
    let file = volume.path().join("essai.db");
    fs::copy(app.database.url.strip_prefix("sqlite:").unwrap(), &file).unwrap();
    // As whoever installs it would leave it: on the disk.
    fs::File::open(&file).unwrap().sync_all().unwrap();
    fs::File::open(volume.path()).unwrap().sync_all().unwrap();
    app.database.url = format!("sqlite:{}", file.display());
    (app, session)
}

/// The log of an installation that nobody serves holds.
async fn is_true(app: &TestApp) {
    let recorder = app.app.db().recorder().clone();
    let db = Db::open(&app.database.url, 2, Patience::Page, recorder).await.unwrap();
    sealed_and_true(&db).await;
    db.close().await;
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

/// FT-11 on PostgreSQL: the traces on a volume of their own, which fills up. Where nobody may mount, the server says that
/// its disk is full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_volume_of_the_server_shows_nothing() {
    let Some(small) = Small::mounted(8_192) else { return a_server_that_says_it_is_full().await };
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

/// What PostgreSQL answers when its disk is full, said by a guard of the table.
async fn a_server_that_says_it_is_full() {
    let app = TestApp::on(Backend::Postgres).await;
    let (_, mut browser) = app.administrator().await;
    let mut owner = Owner::of(&app).await;
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$; \
         CREATE TRIGGER full_disk BEFORE INSERT ON trace FOR EACH ROW EXECUTE FUNCTION full_disk()";
    owner.run(full).await.unwrap();
    refused(&mut browser, "full").await;
    owner.run("DROP TRIGGER full_disk ON trace; DROP FUNCTION full_disk()").await.unwrap();
    returned(&app, "room was made").await;
    assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    app.finish().await;
}

/// FT-11 on SQLite: told when it fills, nothing shown once it is full, the service back by itself, the log whole. Where
/// nobody may mount, its files may grow no further.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_volume_is_told_before_and_shows_nothing_after() {
    let Some(small) = Small::mounted(16_384) else { return crate::processes::full_disk().await };
    let (app, session) = on_a_volume(&small).await;
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
    is_true(&app).await;
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
