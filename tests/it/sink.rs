//! The second sink: what it gets, what happens when it fails, required or deferred, and what it shows of a database that
//! lost something.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use compte_partenaire::app::App;
use compte_partenaire::db::sink::CARRY_LEASE;
use compte_partenaire::domain::day::Day;
use compte_partenaire::jobs::carry::Carrier;
use compte_partenaire::jobs::purge::purge;
use compte_partenaire::operate::copy::{self, CopyReport, Flaw};
use compte_partenaire::seal::checkpoint::every_public_key;
use compte_partenaire::seal::proof::Told;
use compte_partenaire::sink::{
    DEADLINE, Entry, Folder, Line, MonthKey, Outlet, Position, SinkFault, SinkMode, lines,
};
use time::macros::datetime;

use crate::stories;
use crate::support::cast::cast;
use crate::support::log::{chatter, seal_all, sign};
use crate::support::owner::Owner;
use crate::support::small::Small;
use crate::support::{Backend, TestApp};

/// A carrier to a folder.
pub fn to_folder(app: &App, folder: &Path, mode: SinkMode) -> Carrier {
    Carrier::new(app, Box::new(Folder::at(folder, app.kit().clock.clone())), mode, false).unwrap()
}

/// What is in a folder, read against the database.
pub async fn copied(app: &TestApp, folder: &Path) -> CopyReport {
    let trusted = every_public_key(&app.app.kit().keys, 1);
    copy::read(folder, &trusted, Some(app.app.db())).await.unwrap()
}

/// The copy has the whole log, each leaf as the database has it, and its checkpoints.
pub async fn is_whole(app: &TestApp, folder: &Path) {
    let report = copied(app, folder).await;
    let head = app.app.db().head().await.unwrap();
    assert_eq!(
        (report.leaves, report.jumped, report.flaws),
        (head.tree.size(), 0, 0),
        "{:?}",
        report.findings
    );
    assert!(report.held > 0 && report.held == u64::try_from(report.checkpoints.len()).unwrap(), "{report:?}");
}

pub async fn is_served(app: &TestApp) -> bool {
    app.browser().open("/pret").await.status == 200
}

/// A sink of which a test decides how it behaves.
#[derive(Clone, Default)]
pub struct Played(Arc<Play>);

#[derive(Default)]
struct Play {
    failing: AtomicBool,
    asked: AtomicUsize,
    hanging: Mutex<bool>,
    back: Condvar,
    /// What it takes for each entry.
    pace: Mutex<Duration>,
    taken: Mutex<Vec<Entry>>,
}

impl Played {
    fn hang(&self, hangs: bool) {
        *self.0.hanging.lock().unwrap() = hangs;
        self.0.back.notify_all();
    }

    fn answer(&self) -> Result<(), SinkFault> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let _held = self.0.back.wait_while(self.0.hanging.lock().unwrap(), |hangs| *hangs).unwrap();
        if self.0.failing.load(Ordering::SeqCst) { Err(SinkFault::Full) } else { Ok(()) }
    }

    fn ranks(&self) -> Vec<i64> {
        let taken = self.0.taken.lock().unwrap();
        let ranks = taken.iter().filter_map(|entry| match entry {
            Entry::Leaf(leaf) => Some(leaf.rank),
            Entry::Checkpoint(_) => None,
        });
        ranks.collect()
    }
}

impl Outlet for Played {
    fn open(&mut self, known: Position) -> Result<Position, SinkFault> {
        self.answer().map(|()| known)
    }

    fn write(&mut self, entries: &[Entry]) -> Result<(), SinkFault> {
        self.answer()?;
        let pace = *self.0.pace.lock().unwrap();
        std::thread::sleep(pace * u32::try_from(entries.len()).unwrap());
        self.0.taken.lock().unwrap().extend_from_slice(entries);
        Ok(())
    }

    fn look(&mut self) -> Result<(), SinkFault> {
        self.answer()
    }
}

fn to_played(app: &App, played: &Played, mode: SinkMode) -> Carrier {
    Carrier::new(app, Box::new(played.clone()), mode, false).unwrap()
}

stories! {
    /// In sealing order, each once, with the checkpoints that sign them; another day in another file, another start
    /// where the last one ended, what a power cut left half written aside.
    async fn what_is_sealed_is_carried_in_order(app) {
        let folder = tempfile::tempdir().unwrap();
        cast(app).await;
        sign(app.app.db()).await;
        let mut carrier = to_folder(&app.app, folder.path(), SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        carrier.round(&app.app).await.unwrap();
        is_whole(app, folder.path()).await;
        let first = folder.path().join("journal-2026-11-23.ndjson");
        let before = std::fs::read(&first).unwrap();

        app.clock.advance(time::Duration::days(1));
        chatter(&app.app, 10).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert_eq!(std::fs::read(&first).unwrap(), before, "a file of yesterday changed");
        let second = folder.path().join("journal-2026-11-24.ndjson");
        let mut torn = std::fs::read(&second).unwrap();
        torn.truncate(torn.len() - 700);
        std::fs::write(&second, &torn).unwrap();

        app.clock.advance(time::Duration::try_from(CARRY_LEASE).unwrap());
        chatter(&app.app, 10).await;
        sign(app.app.db()).await;
        to_folder(&app.app, folder.path(), SinkMode::Required).round(&app.app).await.unwrap();
        let report = copied(app, folder.path()).await;
        assert_eq!((report.unreadable, report.flaws, report.jumped), (1, 0, 0), "{:?}", report.findings);
        assert_eq!(report.leaves, app.app.db().head().await.unwrap().tree.size());
        assert_eq!(app.app.db().sink_lag().await.unwrap().rows, 0);
    }

    /// One node carries; another takes over once it has been silent; both are suspended by what either meets.
    async fn one_node_carries_at_a_time(app) {
        let played = Played::default();
        let other = app.second_node().await;
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        let mut ours = to_played(&app.app, &played, SinkMode::Required);
        let mut theirs = to_played(&other.app, &played, SinkMode::Required);
        ours.round(&app.app).await.unwrap();
        theirs.round(&other.app).await.unwrap();
        assert_eq!(played.ranks(), (0..5).collect::<Vec<_>>());
        app.clock.advance(time::Duration::try_from(CARRY_LEASE).unwrap());
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        theirs.round(&other.app).await.unwrap();
        ours.round(&app.app).await.unwrap();
        assert_eq!(played.ranks(), (0..10).collect::<Vec<_>>());
        played.0.failing.store(true, Ordering::SeqCst);
        theirs.round(&other.app).await.unwrap();
        ours.round(&app.app).await.unwrap();
        assert!(!is_served(app).await && !is_served(&other).await);
        played.0.failing.store(false, Ordering::SeqCst);
        ours.round(&app.app).await.unwrap();
        theirs.round(&other.app).await.unwrap();
        assert!(is_served(app).await && is_served(&other).await);
        // The traces that tell of it are sealed, and carried like the others: by the other node, as the one that came
        // back first has been silent since.
        sign(app.app.db()).await;
        let before = app.app.db().carrying().await.unwrap().node.unwrap();
        app.clock.advance(time::Duration::try_from(CARRY_LEASE).unwrap());
        theirs.round(&other.app).await.unwrap();
        ours.round(&app.app).await.unwrap();
        let sealed = i64::try_from(app.app.db().head().await.unwrap().tree.size()).unwrap();
        assert_eq!(sealed, 12, "the failure and the return are traced once");
        assert_eq!(played.ranks(), (0..sealed).collect::<Vec<_>>());
        assert_ne!(app.app.db().carrying().await.unwrap().node.unwrap(), before, "the other did not take over");
    }

    /// FT-15 and FT-16, required: nobody is served, no half of an act is left, signing in says so; the service returns
    /// by itself, and what was sealed meanwhile is carried.
    async fn a_required_sink_that_fails_suspends_the_service(app) {
        let [organism, _] = cast(app).await;
        let mut browser = organism.administrator.sits_down(app).await;
        let played = Played::default();
        let mut carrier = to_played(&app.app, &played, SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        browser.open("/mot-de-passe").await.must_say("Nouveau mot de passe");
        let form = browser.form("/mot-de-passe").fill("actuel", crate::support::PASSWORD)
            .fill("nouveau", "cinq loutres sous la pluie").fill("confirmation", "cinq loutres sous la pluie");
        let hashes = app.rows::<(Option<String>,)>("SELECT password_hash FROM account ORDER BY identifier").await;
        let before = app.facts().await.len();

        played.0.failing.store(true, Ordering::SeqCst);
        carrier.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        form.send(&mut browser).await;
        assert_eq!(browser.page().status, 503, "{}", browser.page().text());
        let page = browser.open("/partenaires").await;
        assert_eq!(page.status, 503);
        page.must_say("Service suspendu").must_not_say("Brumeval");
        assert_eq!(app.browser().open("/").await.status, 200);
        assert_eq!(app.rows::<(Option<String>,)>("SELECT password_hash FROM account ORDER BY identifier").await, hashes);
        let facts = app.facts().await;
        assert_eq!(facts.get(before..).unwrap(), ["log.sink_failed"], "nothing else was done or traced");
        assert_eq!(app.bodies("log.sink_failed").await[0]["object"]["cause"], "full");

        sign(app.app.db()).await;
        played.0.failing.store(false, Ordering::SeqCst);
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        assert_eq!(app.facts().await.last().unwrap(), "log.sink_returned");
        assert_eq!(browser.open("/partenaires").await.status, 200);
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let sealed = i64::try_from(app.app.db().head().await.unwrap().tree.size()).unwrap();
        assert_eq!(played.ranks(), (0..sealed).collect::<Vec<_>>());
    }

    /// FT-11 on the second sink: the volume is full in the middle of a write, then room is made. Where nobody may mount,
    /// a sink that says so plays it.
    async fn a_copy_on_a_full_volume_is_noticed(app) {
        let Some(small) = Small::mounted(512) else {
            return a_required_sink_that_fails_suspends_the_service(app).await;
        };
        let mut carrier = to_folder(&app.app, small.path(), SinkMode::Required);
        chatter(&app.app, 20).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        let filler = small.leave(0);
        chatter(&app.app, 200).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        assert_eq!(app.bodies("log.sink_failed").await[0]["object"]["cause"], "full");
        let start = Instant::now();
        std::fs::remove_file(filler).unwrap();
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await && start.elapsed() < Duration::from_secs(5));
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let report = copied(app, small.path()).await;
        assert_eq!((report.jumped, report.flaws), (0, 0), "{:?}", report.findings);
        assert_eq!(report.leaves, app.app.db().head().await.unwrap().tree.size());
    }

    /// FT-15, deferred: people are served, the log keeps what the sink has not, and it gets all of it when it returns.
    async fn a_deferred_sink_that_fails_gets_everything_later(app) {
        let (_, mut browser) = app.administrator().await;
        let played = Played::default();
        let mut carrier = to_played(&app.app, &played, SinkMode::Deferred);
        carrier.round(&app.app).await.unwrap();
        played.0.failing.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            chatter(&app.app, 700).await;
            sign(app.app.db()).await;
            carrier.round(&app.app).await.unwrap();
            assert_eq!(browser.open("/mot-de-passe").await.status, 200);
        }
        let lag = app.app.db().sink_lag().await.unwrap();
        assert!(lag.rows > 2_000 && lag.oldest.is_some(), "{lag:?}");
        assert!(app.app.db().carrying().await.unwrap().failing_since.is_some());
        played.0.failing.store(false, Ordering::SeqCst);
        carrier.round(&app.app).await.unwrap();
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let sealed = i64::try_from(app.app.db().head().await.unwrap().tree.size()).unwrap();
        assert_eq!(played.ranks(), (0..sealed).collect::<Vec<_>>());
        assert_eq!(app.app.db().sink_lag().await.unwrap().rows, 0);
    }

    /// A sink that hangs is waited for until its deadline, once: nothing piles up behind it.
    async fn a_sink_that_hangs_is_waited_for_once(app) {
        let (_, mut browser) = app.administrator().await;
        let played = Played::default();
        let mut carrier = to_played(&app.app, &played, SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        played.hang(true);
        let before = played.0.asked.load(Ordering::SeqCst);
        let start = Instant::now();
        carrier.round(&app.app).await.unwrap();
        assert!((DEADLINE..DEADLINE * 2).contains(&start.elapsed()), "{:?}", start.elapsed());
        assert!(!is_served(app).await);
        let start = Instant::now();
        for _ in 0..20 {
            carrier.round(&app.app).await.unwrap();
        }
        assert!(start.elapsed() < DEADLINE * 2, "{:?}", start.elapsed());
        assert_eq!(played.0.asked.load(Ordering::SeqCst), before + 1, "asked again while it hangs");
        assert_eq!(browser.open("/mot-de-passe").await.status, 503);
        played.hang(false);
        let start = Instant::now();
        while !is_served(app).await {
            carrier.round(&app.app).await.unwrap();
            assert!(start.elapsed() < Duration::from_secs(5));
        }
        assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    }

    /// Two milliseconds an entry: a slow link, not a dead one. What waits is carried in small batches, each in time.
    async fn a_slow_sink_is_not_taken_for_a_dead_one(app) {
        let played = Played::default();
        let mut carrier = to_played(&app.app, &played, SinkMode::Required);
        carrier.round(&app.app).await.unwrap();
        *played.0.pace.lock().unwrap() = Duration::from_millis(2);
        chatter(&app.app, 1_000).await;
        sign(app.app.db()).await;
        let start = Instant::now();
        while app.app.db().sink_lag().await.unwrap().rows > 0 {
            carrier.round(&app.app).await.unwrap();
            assert!(is_served(app).await, "a slow sink suspends the service");
            assert!(start.elapsed() < Duration::from_secs(20));
        }
        assert_eq!(played.ranks(), (0..1_000).collect::<Vec<_>>());
        assert_eq!(app.bodies("log.sink_failed").await.len(), 0);
    }

    /// What is to be carried was changed in the database: a required sink that gets nothing more suspends the service,
    /// whatever the reason, and somebody is told; mended, it goes on where it was.
    async fn a_database_that_was_edited_suspends_as_the_sink_itself(app) {
        let played = Played::default();
        let outlet = Box::new(played.clone());
        let mut carrier = Carrier::new(&app.app, outlet, SinkMode::Required, true).unwrap();
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
        let mut owner = Owner::of(app).await;
        for (edited, mended, traced) in [
            (
                "CREATE TABLE aside AS SELECT * FROM trace_sink_key; UPDATE trace_sink_key SET sealed = salt FROM trace",
                "UPDATE trace_sink_key SET sealed = a.sealed FROM aside a; DROP TABLE aside",
                true,
            ),
            (
                "CREATE TABLE aside AS SELECT * FROM trace_sink; DELETE FROM trace_sink",
                "INSERT INTO trace_sink SELECT * FROM aside; DROP TABLE aside",
                false,
            ),
        ] {
            owner.run(edited).await.unwrap();
            chatter(&app.app, 5).await;
            sign(app.app.db()).await;
            // Where the row that says how it stands is gone, there is nothing to note it in.
            assert_eq!(carrier.round(&app.app).await.is_ok(), traced);
            assert!(!is_served(app).await, "{edited}");
            assert_eq!(app.browser().open("/pret").await.status, 503);
            owner.run(mended).await.unwrap();
            carrier.round(&app.app).await.unwrap();
            assert!(is_served(app).await, "{mended}");
        }
        let causes: Vec<_> = app.bodies("log.sink_failed").await.iter().map(|body| body["object"]["cause"].clone()).collect();
        assert_eq!(causes, ["unread"]);
        seal_all(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        let sealed = i64::try_from(app.app.db().head().await.unwrap().tree.size()).unwrap();
        assert_eq!(played.ranks(), (0..sealed).collect::<Vec<_>>());
    }

    /// FT-16, the other way round: the database is lost and the sink stands. What it got is what the database has.
    async fn a_database_that_is_lost_leaves_nothing_more_in_the_sink(app) {
        let folder = tempfile::tempdir().unwrap();
        let (_, mut browser) = app.administrator().await;
        let mut carrier = to_folder(&app.app, folder.path(), SinkMode::Required);
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        for step in 0..25 {
            chatter(&app.app, 3).await;
            seal_all(app.app.db()).await;
            app.app.db().sign_head().await.unwrap();
            app.app.db().faults.fail_after(step, compte_partenaire::db::faults::Failure::Failed);
            // Wherever it stops, it carries on from there.
            let _stopped = carrier.round(&app.app).await;
            app.app.db().faults.heal();
            app.clock.advance(time::Duration::seconds(1));
        }
        app.app.db().faults.go_down();
        assert!(carrier.round(&app.app).await.is_err());
        assert_eq!(browser.open("/mot-de-passe").await.status, 503);
        app.app.db().faults.heal();
        while !is_served(app).await {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        sign(app.app.db()).await;
        carrier.round(&app.app).await.unwrap();
        is_whole(app, folder.path()).await;
    }

    /// Bodies, when they are asked for: nothing of them is readable without the key of their month, and once it is
    /// destroyed nobody has it any more. Years ago, so that the guards of the engines let it be.
    async fn bodies_are_lost_with_the_key_of_their_month(app) {
        let folder = tempfile::tempdir().unwrap();
        let past = TestApp::starting(app.backend, datetime!(2024-03-30 23:50 UTC)).await;
        chatter(&past.app, 3).await;
        past.clock.advance(time::Duration::days(2));
        chatter(&past.app, 3).await;
        sign(past.app.db()).await;
        let outlet = Box::new(Folder::at(folder.path(), past.clock.clone()));
        let mut carrier = Carrier::new(&past.app, outlet, SinkMode::Deferred, true).unwrap();
        carrier.round(&past.app).await.unwrap();
        let leaves: Vec<_> = lines(folder.path()).unwrap().filter_map(|line| match line.unwrap() {
            Line::Entry(Entry::Leaf(leaf)) => Some(leaf),
            _ => None,
        }).collect();
        assert_eq!(leaves.len(), 6);
        let text = std::fs::read_to_string(folder.path().join("journal-2024-04-01.ndjson")).unwrap();
        assert!(!text.contains("rows.tidied"), "a body stands there as it is");
        let months = [202_403, 202_404];
        for (leaf, month) in leaves.iter().zip([0, 0, 0, 1, 1, 1].map(|which| months[which])) {
            assert_eq!(leaf.month, month);
            let key = MonthKey::new(&past.app.db().month_key(month).await.unwrap()).unwrap();
            let body = key.open(leaf.position(), leaf.body.as_ref().unwrap()).unwrap();
            let told: Told<'_> = serde_json::from_str(&body).unwrap();
            assert_eq!(told.leaf(), leaf.leaf(), "the body is the row that was sealed");
        }
        let march = past.app.db().month_key(202_403).await.unwrap();

        // The last trace of March is due on 30 September; on the 30th some day of March may still have been kept.
        past.clock.advance(time::Duration::days(182));
        assert_eq!(Day::from(past.clock.now().instant().date()).to_string(), "2024-09-30");
        purge(&past.app).await.unwrap();
        assert_eq!(past.app.db().oldest_month_key(999_912).await.unwrap(), Some(202_403));
        past.clock.advance(time::Duration::days(1));
        purge(&past.app).await.unwrap();
        assert_eq!(past.app.db().oldest_month_key(999_912).await.unwrap(), Some(202_404));
        assert_eq!(past.bodies("log.sink_key_destroyed").await[0]["object"]["month"], 202_403);
        // Asked for again it is another one, which opens nothing.
        let other = past.app.db().month_key(202_403).await.unwrap();
        assert_ne!(other, march);
        let key = MonthKey::new(&other).unwrap();
        assert_eq!(key.open(leaves[0].position(), leaves[0].body.as_ref().unwrap()), None);
        let mut owner = Owner::of(&past).await;
        let kept = owner.rows("trace_sink_key", "month > 0").await.join(" ").to_lowercase();
        let secret = compte_partenaire::crypto::hex(&march);
        assert!(!kept.contains(&secret));
        if past.backend == Backend::Sqlite {
            owner.run("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
            let file = std::fs::read(past.database.url.strip_prefix("sqlite:").unwrap()).unwrap();
            assert!(!file.windows(32).any(|window| window == march), "the key is never written as it is");
        }
        drop(owner);
        past.finish().await;
    }

    /// What the database lost, or has otherwise, is found in the copy; so is a copy that was edited.
    async fn a_copy_shows_what_the_database_lost(app) {
        let folder = tempfile::tempdir().unwrap();
        chatter(&app.app, 30).await;
        sign(app.app.db()).await;
        let mut carrier = to_folder(&app.app, folder.path(), SinkMode::Deferred);
        carrier.round(&app.app).await.unwrap();
        is_whole(app, folder.path()).await;
        let file = folder.path().join("journal-2026-11-23.ndjson");
        let text = std::fs::read_to_string(&file).unwrap();

        // Somebody edits the copy.
        let seventh = text.lines().nth(7).unwrap();
        let edited = {
            let at = seventh.find("\"commitment\":\"").unwrap() + 14;
            let digit = if seventh.as_bytes()[at] == b'0' { "1" } else { "0" };
            format!("{}{digit}{}", &seventh[..at], &seventh[at + 1..])
        };
        std::fs::write(&file, text.replace(seventh, &edited)).unwrap();
        let report = copied(app, folder.path()).await;
        let found: Vec<_> = report.findings.iter().map(|(_, rank, _, flaw)| (*rank, flaw.clone())).collect();
        assert!(found.contains(&(7, Flaw::Other)) && found.contains(&(30, Flaw::Disagrees)), "{found:?}");
        let alone = copy::read(folder.path(), &every_public_key(&app.app.kit().keys, 1), None).await.unwrap();
        assert_eq!(alone.findings.iter().map(|(.., flaw)| flaw.clone()).collect::<Vec<_>>(), [Flaw::Disagrees]);
        std::fs::write(&file, &text).unwrap();
        is_whole(app, folder.path()).await;

        // The owner of the database takes its last traces away, with their leaves, and writes the head again.
        let mut owner = Owner::of(app).await;
        let kept = owner.rows("trace_leaf", "rank >= 0").await.len();
        match app.backend {
            Backend::Sqlite => owner.run("DROP TRIGGER trace_leaf_is_folded_first").await.unwrap(),
            Backend::Postgres => owner.run("ALTER TABLE trace_leaf DISABLE TRIGGER USER").await.unwrap(),
        }
        owner.run("CREATE TABLE aside AS SELECT * FROM trace_leaf WHERE rank >= 27").await.unwrap();
        owner.run("DELETE FROM trace_leaf WHERE rank >= 27").await.unwrap();
        let report = copied(app, folder.path()).await;
        let lost: Vec<_> = report.findings.iter().map(|(_, rank, _, flaw)| (*rank, flaw.clone())).collect();
        assert_eq!(lost, [(27, Flaw::Lost), (28, Flaw::Lost), (29, Flaw::Lost)]);
        assert!(copy::told(&report).unwrap_err().contains("perdue par la base"));
        owner.run("INSERT INTO trace_leaf SELECT * FROM aside").await.unwrap();
        owner.run("DROP TABLE aside").await.unwrap();
        assert_eq!(owner.rows("trace_leaf", "rank >= 0").await.len(), kept);
    }

    /// A copy that goes further than the log: the database was put back to an older state, and nothing goes on.
    async fn a_copy_ahead_of_the_log_stops_a_required_sink(app) {
        let folder = tempfile::tempdir().unwrap();
        chatter(&app.app, 5).await;
        sign(app.app.db()).await;
        to_folder(&app.app, folder.path(), SinkMode::Required).round(&app.app).await.unwrap();
        let file = folder.path().join("journal-2026-11-23.ndjson");
        let text = std::fs::read_to_string(&file).unwrap();
        let last = text.lines().nth(4).unwrap().replace("\"rank\":4,", "\"rank\":9,");
        std::fs::write(&file, format!("{text}{last}\n")).unwrap();
        app.clock.advance(time::Duration::try_from(CARRY_LEASE).unwrap());
        let mut again = to_folder(&app.app, folder.path(), SinkMode::Required);
        again.round(&app.app).await.unwrap();
        assert!(!is_served(app).await);
        assert_eq!(app.bodies("log.sink_failed").await[0]["object"]["cause"], "ahead");
        std::fs::write(&file, &text).unwrap();
        again.round(&app.app).await.unwrap();
        assert!(is_served(app).await);
    }
}

/// A database that answers everybody but the carrier: past the time of a lease nobody knows whether the sink stands, and
/// one that is required suspends the service. (On SQLite no statement waits for another's reading.)
#[tokio::test]
async fn a_carrier_that_is_kept_out_suspends_as_the_sink_itself() {
    let app = TestApp::on(Backend::Postgres).await;
    let mut carrier = to_played(&app.app, &Played::default(), SinkMode::Required);
    chatter(&app.app, 5).await;
    sign(app.app.db()).await;
    carrier.round(&app.app).await.unwrap();
    let mut owner = Owner::of(&app).await;
    owner.run("BEGIN").await.unwrap();
    owner.run("LOCK TABLE trace_sink IN ACCESS EXCLUSIVE MODE").await.unwrap();
    assert!(carrier.round(&app.app).await.is_err() && is_served(&app).await, "it may pass");
    app.clock.advance(time::Duration::try_from(CARRY_LEASE).unwrap());
    assert!(carrier.round(&app.app).await.is_err() && !is_served(&app).await);
    owner.run("ROLLBACK").await.unwrap();
    carrier.round(&app.app).await.unwrap();
    assert!(is_served(&app).await);
}
