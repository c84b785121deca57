//! The places of the second sink, as they really fail: a folder that is forbidden, unlinked, replaced or moved away;
//! a syslog server that is down, slow, not ours, or answers anything.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use axum::http::Method;
use compte_partenaire::clock::Clock;
use compte_partenaire::db::Db;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::jobs::carry::{self, Carrier};
use compte_partenaire::sink::{
    DEADLINE, Entry, Outlet as _, Position, Server as SyslogServer, SinkMode, Syslog, Trusted,
};

use crate::consultation::{OneFamily, family, look_up};
use crate::sink::{copied, is_served, is_whole, to_folder};
use crate::stories;
use crate::support::cast::{cast, content_of};
use crate::support::log::{chatter, sign};
use crate::support::small::Small;
use crate::support::syslog::{Certificate, Listening, Manner, issued};
use crate::support::{Backend, PASSWORD, Server, TestApp};

/// The sink fails, and nobody is served; then `mended` is done, and the service returns by itself with nothing lost.
async fn fails_then_returns(
    app: &TestApp,
    carrier: &mut Carrier,
    folder: &Path,
    cause: &str,
    mended: impl FnOnce(),
) {
    chatter(&app.app, 5).await;
    sign(app.app.db()).await;
    carrier.round(&app.app).await.unwrap();
    assert!(!is_served(app).await, "{cause}: served");
    let told = app.bodies("log.sink_failed").await.pop().unwrap();
    assert_eq!(told["object"]["cause"], cause);
    mended();
    returns(app, carrier, folder).await;
}

async fn returns(app: &TestApp, carrier: &mut Carrier, folder: &Path) {
    carrier.round(&app.app).await.unwrap();
    assert!(is_served(app).await);
    sign(app.app.db()).await;
    carrier.round(&app.app).await.unwrap();
    carrier.round(&app.app).await.unwrap();
    is_whole(app, folder).await;
}

stories! {
    /// FT-14 on the second sink, where a process that only looks at its own writes sees nothing.
    async fn a_copy_that_is_taken_away_is_noticed(app) {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("copie");
        fs::create_dir(&folder).unwrap();
        chatter(&app.app, 20).await;
        sign(app.app.db()).await;
        let mut carrier = to_folder(&app.app, &folder, SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        let file = folder.join("journal-2026-11-23.ndjson");

        // Unlinked, with nothing to write: noticed all the same; then all of it is carried again.
        fs::remove_file(&file).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        returns(app, &mut carrier, &folder).await;
        // Unlinked, and something to write.
        fs::remove_file(&file).unwrap();
        fails_then_returns(app, &mut carrier, &folder, "replaced", || {}).await;
        // Another file in its place, with the same content.
        let content = fs::read(&file).unwrap();
        fs::write(folder.join("autre"), &content).unwrap();
        fs::rename(folder.join("autre"), &file).unwrap();
        fails_then_returns(app, &mut carrier, &folder, "replaced", || {}).await;
        // Its end cut off, under the same inode.
        let whole = fs::metadata(&file).unwrap().len();
        fs::File::options().write(true).open(&file).unwrap().set_len(whole - 900).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        carrier.round(&app.app).await.unwrap();
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let report = copied(app, &folder).await;
        assert_eq!((report.unreadable, report.jumped, report.flaws), (1, 0, 0));
        assert_eq!(report.leaves, app.app.db().head().await.unwrap().tree.size());
        // The whole folder moved elsewhere: not served until it is back.
        let away = parent.path().join("ailleurs");
        fs::rename(&folder, &away).unwrap();
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        for _ in 0..3 {
            carrier.round(&app.app).await.unwrap();
            assert!(!is_served(app).await);
        }
        assert!(!folder.exists(), "another folder was made in its place");
        fs::rename(&away, &folder).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        // Something that is no file, where opening it would wait for ever.
        fs::remove_file(&file).unwrap();
        carrier.round(&app.app).await.unwrap();
        let pipe = std::process::Command::new("mkfifo").arg(&file).status().unwrap();
        assert!(pipe.success());
        let start = Instant::now();
        carrier.round(&app.app).await.unwrap();
        assert!(start.elapsed() < DEADLINE && !is_served(app).await);
        fs::remove_file(&file).unwrap();
        returns(app, &mut carrier, &folder).await;
    }

    /// FT-13 on the second sink: a right that is taken away stops it, for root too.
    async fn a_copy_that_may_not_be_written_is_noticed(app) {
        let folder = tempfile::tempdir().unwrap();
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        let mut carrier = to_folder(&app.app, folder.path(), SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        let file = folder.path().join("journal-2026-11-23.ndjson");
        let allow = |path: &Path, rights| fs::set_permissions(path, fs::Permissions::from_mode(rights)).unwrap();
        allow(&file, 0o400);
        fails_then_returns(app, &mut carrier, folder.path(), "not_writable", || allow(&file, 0o600)).await;
        allow(folder.path(), 0o500);
        fails_then_returns(app, &mut carrier, folder.path(), "not_writable", || allow(folder.path(), 0o700)).await;
    }

    /// FT-13 on the second sink: its disk is really remounted read-only under the file that is open there. Noticed with
    /// nothing to write too, as the log may be still; once somebody mended the disk the service returns by itself.
    async fn a_copy_on_a_disk_that_turns_read_only_is_noticed(app) {
        let Some(mut disk) = Small::disk(16) else { return a_copy_that_may_not_be_written_is_noticed(app).await };
        let folder = disk.path().to_owned();
        let mut carrier = to_folder(&app.app, &folder, SinkMode::Required);
        for still in [false, true] {
            chatter(&app.app, 20).await;
            sign(app.app.db()).await;
            carrier.round(&app.app).await.unwrap();
            assert!(is_served(app).await);
            disk.turn_read_only();
            if !still {
                chatter(&app.app, 5).await;
                sign(app.app.db()).await;
            }
            for _ in 0..3 {
                carrier.round(&app.app).await.unwrap();
                assert!(!is_served(app).await);
            }
            assert_eq!(app.bodies("log.sink_failed").await.pop().unwrap()["object"]["cause"], "not_writable");
            disk = disk.mend();
            returns(app, &mut carrier, &folder).await;
        }
    }

    /// FT-15 at a server: each way of failing is noticed within the deadline; what was carried is said again, so that
    /// nothing is missing of what the server has taken in all.
    async fn a_syslog_server_gets_everything_however_it_fails(app) {
        let mut server = Listening::start();
        let outlet = Syslog::to(server.trusted(), app.clock.clone());
        let mut carrier = Carrier::new(&app.app, Box::new(outlet), SinkMode::Required, false).unwrap();
        chatter(&app.app, 20).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        assert_eq!(app.facts().await.iter().filter(|fact| *fact == "log.sink_failed").count(), 0);

        for (manner, cause) in [
            (Manner::Leaves, "left"),
            (Manner::Talks, "garbled"),
            (Manner::NoTls, "not_tls"),
            (Manner::Silent, "hangs"),
            (Manner::Shows(Certificate::Strange), "untrusted"),
        ] {
            server.behave(manner);
            chatter(&app.app, 20).await;
            sign(app.app.db()).await;
            let start = Instant::now();
            while is_served(app).await {
                carrier.round(&app.app).await.unwrap();
                assert!(start.elapsed() < Duration::from_secs(5), "{manner:?} is not noticed");
            }
            // The first thing met is that the connection ended; then how the next one goes.
            for _ in 0..2 {
                carrier.round(&app.app).await.unwrap();
            }
            assert!(!is_served(app).await, "{manner:?}");
            let told = app.bodies("log.sink_failed").await.pop().unwrap();
            assert!([cause, "left"].contains(&told["object"]["cause"].as_str().unwrap()), "{manner:?}: {told}");
            server.behave(Manner::Listens);
            let start = Instant::now();
            while !is_served(app).await {
                carrier.round(&app.app).await.unwrap();
                assert!(start.elapsed() < Duration::from_secs(5), "{manner:?}: the service does not return");
                thread::sleep(Duration::from_millis(50));
            }
        }
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        server.has_all(app).await;
        let first = server.messages().remove(0);
        assert!(first.starts_with("<110>1 2026-11-23T08:30:00Z - compte-partenaire - leaf - {\"leaf\":"), "{first}");
    }

    /// Syslog has no receipt: what a server took into its buffers and never read was carried, as far as anybody here
    /// knows. The next connection says it again; what it says twice is the same line, which a reader counts once.
    async fn what_a_server_never_read_is_said_again(app) {
        let mut server = Listening::start();
        server.behave(Manner::Deaf);
        let outlet = Syslog::to(server.trusted(), app.clock.clone());
        let mut carrier = Carrier::new(&app.app, Box::new(outlet), SinkMode::Required, false).unwrap();
        for _ in 0..3 {
            chatter(&app.app, 20).await;
            sign(app.app.db()).await;
            carrier.round(&app.app).await.unwrap();
        }
        assert!(is_served(app).await, "nothing shows that it does not read");
        assert_eq!(app.app.db().carrying().await.unwrap().next_rank, 60);
        assert_eq!(server.messages(), Vec::<String>::new());
        server.behave(Manner::Listens);
        let start = Instant::now();
        while app.app.db().sink_lag().await.unwrap().rows > 0 || server.messages().is_empty() || !is_served(app).await {
            carrier.round(&app.app).await.unwrap();
            assert!(start.elapsed() < Duration::from_secs(5), "the service does not return");
            thread::sleep(Duration::from_millis(50));
        }
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        server.has_all(app).await;
        // Left again, and back: what it took before is said twice, in the same words.
        server.behave(Manner::Leaves);
        carrier.round(&app.app).await.unwrap();
        server.behave(Manner::Listens);
        while server.ranks().iter().filter(|rank| **rank == 7).count() < 2 {
            carrier.round(&app.app).await.unwrap();
            assert!(start.elapsed() < Duration::from_secs(10), "nothing is said again");
            thread::sleep(Duration::from_millis(50));
        }
        let lines: Vec<String> = server.leaves().into_iter().filter(|leaf| leaf.rank == 7).map(|leaf| Entry::Leaf(leaf).line()).collect();
        assert!(lines.windows(2).all(|pair| pair[0] == pair[1]), "{lines:?}");
    }

    /// Whatever else is wrong with a server, whoever operates the portal reads it in the log of the program, in words,
    /// and once each: also what is met after the first failure.
    async fn the_operator_reads_what_is_wrong_with_a_server(app) {
        let mut server = Listening::start();
        let authority = app.database.folder.path().join("autorite.pem");
        fs::write(&authority, server.authorities()).unwrap();
        let place = format!("syslog+tls://localhost:{}", server.port);
        let settings = [("CP_SECOND_SINK", place.as_str()), ("CP_SECOND_SINK_CA", authority.to_str().unwrap()), ("CP_SECOND_SINK_MODE", "exige")];
        let program = Server::start_with(app, &settings).await;
        let ready = async |wanted: u16| {
            let start = Instant::now();
            while program.ask(Method::GET, "/pret", "", None).await.unwrap().status != wanted {
                assert!(start.elapsed() < Duration::from_secs(10), "not {wanted}\n{}", program.said());
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        ready(200).await;
        for (manner, words) in [
            (Manner::Leaves, "le serveur a fermé la connexion"),
            (Manner::Shows(Certificate::Strange), "le certificat du serveur n’est pas signé par l’autorité de CP_SECOND_SINK_CA"),
            (Manner::Shows(Certificate::OfAnother), "le certificat du serveur est au nom d’un autre serveur"),
            (Manner::Shows(Certificate::Expired), "le certificat du serveur est périmé"),
            (Manner::NoTls, "le serveur ne parle pas TLS"),
            (Manner::Silent, "elle ne répond pas dans le délai"),
        ] {
            let before = program.said().len();
            server.behave(manner);
            ready(503).await;
            let start = Instant::now();
            while !program.said()[before..].contains(words) {
                assert!(start.elapsed() < Duration::from_secs(10), "{manner:?}\n{}", &program.said()[before..]);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            server.behave(Manner::Listens);
            ready(200).await;
            assert_eq!(program.said()[before..].matches(words).count(), 1, "{manner:?}");
        }
    }
}

/// What is met before any server answers.
#[test]
fn a_server_that_is_not_there_is_told_in_words() {
    let trusted = Trusted::parse(issued("localhost").cert.pem().as_bytes()).unwrap();
    let met = |host: &str, port| {
        let server = SyslogServer { host: host.to_owned(), port, trusted: trusted.clone() };
        Syslog::to(server, Clock::Machine).open(Position::FIRST).unwrap_err().to_string()
    };
    assert_eq!(
        met("journal.invalid", 6_514),
        "le nom du serveur n’a pas été trouvé (nom inconnu, ou service de noms muet)"
    );
    assert_eq!(
        met("pas un nom", 6_514),
        "le nom du serveur n’a pas été trouvé (nom inconnu, ou service de noms muet)"
    );
    let gone = TcpListener::bind("localhost:0").unwrap().local_addr().unwrap().port();
    assert_eq!(met("localhost", gone), "le serveur refuse la connexion : rien n’écoute à ce port");
}

/// FT-15, a required server that is away, as the portal itself meets it: an agent has a file open. Not one byte of it
/// leaves from then on, nobody signs in, and everything returns without anybody doing anything.
async fn nothing_of_anybody_leaves_without_a_required_server(backend: Backend) {
    let app = TestApp::with(backend, |_: &Db| Arc::new(OneFamily), Grouping::default()).await;
    let [organism, _] = cast(&app).await;
    let mut agent = organism.partners[0].user.sits_down(&app).await;
    look_up(&mut agent).await;
    let address = agent.page().path.clone();
    let shown: Vec<String> =
        content_of(&family()).into_iter().filter(|content| agent.page().text().contains(content)).collect();
    assert!(agent.page().status == 200 && !shown.is_empty(), "{}", agent.page().text());

    let mut server = Listening::start();
    let outlet = Syslog::to(server.trusted(), app.clock.clone());
    let carrier = Carrier::new(&app.app, Box::new(outlet), SinkMode::Required, false).unwrap();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let carrying = tokio::spawn(carry::run(app.app.clone(), carrier, stopped));
    let until = async |wanted: bool| {
        let start = Instant::now();
        while is_served(&app).await != wanted {
            assert!(start.elapsed() < Duration::from_secs(10), "served: not {wanted}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    until(true).await;
    assert_eq!(agent.open(&address).await.status, 200);
    server.behave(Manner::Leaves);
    until(false).await;
    let signed_in = async || app.facts().await.iter().filter(|fact| *fact == "sign_in.done").count();
    let before = signed_in().await;
    for path in [address.as_str(), "/consultation", "/mot-de-passe"] {
        let page = agent.open(path).await;
        assert_eq!(page.status, 503, "{path}");
        page.must_say("Service suspendu");
        for content in content_of(&family()) {
            page.must_not_say(&content);
            assert!(!page.html.contains(&content), "{content} in {path}");
        }
    }
    let mut other = app.browser();
    other.sign_in(&organism.administrator.identifier, PASSWORD).await;
    assert_eq!(other.page().status, 503, "somebody signs in");
    other.page().must_say("Service suspendu");
    assert_eq!(signed_in().await, before, "somebody signed in");
    server.behave(Manner::Listens);
    until(true).await;
    let page = agent.open(&address).await;
    assert_eq!(page.status, 200);
    shown.iter().for_each(|content| {
        page.must_say(content);
    });
    other.sign_in(&organism.administrator.identifier, PASSWORD).await;
    assert_eq!(other.page().status, 200);
    stop.send(true).unwrap();
    carrying.await.unwrap();
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_anybody_leaves_without_a_required_server_on_sqlite() {
    nothing_of_anybody_leaves_without_a_required_server(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_anybody_leaves_without_a_required_server_on_postgres() {
    nothing_of_anybody_leaves_without_a_required_server(Backend::Postgres).await;
}
