//! What goes when its day has come: traces, leaves, and nothing before. Clocks of tests run years before those of the
//! engines, which guard the log by themselves.

use compte_partenaire::db::faults::Failure;
use compte_partenaire::domain::day::Day;
use compte_partenaire::jobs::purge::{Purged, look, purge};
use compte_partenaire::seal::check::{Finding, Flaw};
use compte_partenaire::seal::checkpoint::Checkpoint;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::support::log::{chatter, check, flaws, seal_all};
use crate::support::owner::Owner;
use crate::support::{Backend, TestApp};

const BOTH: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

/// The last day of August, in the evening: six months later is the end of February.
const AUGUST: OffsetDateTime = datetime!(2020-08-31 09:00 UTC);

/// Then, whatever it is now.
fn at(app: &TestApp, when: OffsetDateTime) {
    app.clock.advance(when - app.clock.now().instant());
}

/// A run, an hour after the last one.
async fn run(app: &TestApp) -> Purged {
    app.clock.advance(Duration::HOUR);
    purge(&app.app).await.unwrap().expect("it is the hour")
}

async fn traces(app: &TestApp) -> usize {
    app.rows::<(String,)>("SELECT fact FROM trace").await.len()
}

/// Sealed, signed: what somebody keeps elsewhere.
async fn witnessed(app: &TestApp) -> Checkpoint {
    seal_all(app.app.db()).await;
    app.app.db().sign_head().await.unwrap().unwrap().0
}

/// FT-31: six calendar months, not a day before; what stays holds against an old checkpoint; the purge says what it did.
#[tokio::test]
async fn traces_go_when_their_day_has_come() {
    for backend in BOTH {
        let app = TestApp::starting(backend, AUGUST).await;
        app.found_caf().await;
        chatter(&app.app, 700).await;
        let old = witnessed(&app).await;
        let before = traces(&app).await;
        at(&app, datetime!(2020-09-15 09:00 UTC));
        chatter(&app.app, 30).await;
        let young = witnessed(&app).await;

        // 27 February, one hour before midnight: nothing is due.
        at(&app, datetime!(2021-02-27 22:00 UTC));
        assert_eq!(run(&app).await, Purged::default());
        assert_eq!(traces(&app).await, before + 30);

        at(&app, datetime!(2021-02-28 00:10 UTC));
        let gone = run(&app).await;
        assert_eq!(gone.traces, u64::try_from(before).unwrap());
        let told = app.bodies("log.erased").await;
        let rows: u64 = told.iter().map(|body| body["object"]["rows"].as_u64().unwrap()).sum();
        assert_eq!((rows, told.len()), (gone.traces, 2), "as many as went, in two batches");
        assert!(told.iter().all(|body| body["object"]["until"] == "2021-02-28"), "{told:?}");
        assert_eq!(told[0]["object"]["first"], 0);
        assert_eq!(told[1]["object"]["last"], u64::try_from(before).unwrap() - 1);

        // What stays, and what went, agree with checkpoints that others keep; the purge is sealed like all else.
        seal_all(app.app.db()).await;
        let report = check(app.app.db(), &[old.clone(), young.clone()]).await.pop().unwrap();
        assert_eq!((report.flaws, report.erased, report.rows), (0, gone.traces, 32), "{:?}", report.findings);
        // By a clock of the day before, it was not lawful.
        at(&app, datetime!(2021-02-27 22:00 UTC));
        let early = flaws(app.app.db()).await;
        assert_eq!(early.iter().filter(|finding| finding.flaw == Flaw::Removed).count(), 100);

        // Nothing is left of what they said: every column but those of the leaf went with the row.
        assert_eq!(app.rows::<(i64,)>("SELECT rank FROM trace_leaf").await.len(), before + 32);
        at(&app, datetime!(2021-02-28 03:00 UTC));
        app.finish().await;
    }
}

/// A row without its leaf never goes: what is not sealed could not be told from what never was.
#[tokio::test]
async fn what_is_not_sealed_stays() {
    for backend in BOTH {
        let app = TestApp::starting(backend, AUGUST).await;
        chatter(&app.app, 40).await;
        at(&app, datetime!(2022-03-01 09:00 UTC));
        assert_eq!(run(&app).await, Purged::default());
        let mut owner = Owner::of(&app).await;
        let refused = owner.run("DELETE FROM trace").await.unwrap_err();
        assert!(refused.contains("a trace is never changed or erased"), "{refused}");
        assert_eq!(traces(&app).await, 40);
        app.finish().await;
    }
}

/// The first day, counted back from the engines' own clock, whose traces are not due today.
fn not_due_by_the_engines() -> (OffsetDateTime, Day) {
    let now = OffsetDateTime::now_utc();
    (1..)
        .map(|days| now - Duration::days(190 - days))
        .map(|day| (day, Day::of((day + Duration::hours(14)).date()).plus_months(6)))
        .find(|(_, until)| *until > Day::of(now.date()))
        .unwrap()
}

/// One day early is impossible, for the application whatever its clock says, and for the owner's plain words.
#[tokio::test]
async fn no_clock_of_ours_erases_a_trace_one_day_early() {
    for backend in BOTH {
        let (happened, until) = not_due_by_the_engines();
        let app = TestApp::starting(backend, happened).await;
        chatter(&app.app, 10).await;
        witnessed(&app).await;
        // Our clock runs ahead of the engine's.
        at(&app, until.date().midnight().assume_utc() + Duration::days(3));
        assert_eq!(run(&app).await, Purged::default());
        assert_eq!(app.rows::<(i32,)>("SELECT id FROM trace_purge").await.len(), 1);
        let mut owner = Owner::of(&app).await;
        let refused = owner.run("DELETE FROM trace").await.unwrap_err();
        assert!(refused.contains("a trace is never changed or erased"), "{refused}");
        let mut application = Owner::at(backend, &app.database.url).await;
        let refused = application.run("DELETE FROM trace").await.unwrap_err();
        let expected = match backend {
            Backend::Sqlite => "a trace is never changed or erased",
            Backend::Postgres => "permission denied",
        };
        assert!(refused.contains(expected), "{refused}");
        if backend == Backend::Postgres {
            let asked = application.lines("SELECT erase_due_traces(1, 0, 999, '9999-12-31')::text").await;
            assert_eq!(asked, ["0"], "the owner's function looks at the server's clock");
        }
        assert_eq!(traces(&app).await, 10);
        app.finish().await;
    }
}

/// A whole block of leaves goes once all of it is due and no row is left; the log still holds against every checkpoint
/// that does not stand inside it.
#[tokio::test]
async fn blocks_fold_into_their_roots() {
    for backend in BOTH {
        let app = TestApp::starting(backend, AUGUST).await;
        for _ in 0..60 {
            chatter(&app.app, 100).await;
        }
        seal_all(app.app.db()).await;
        at(&app, datetime!(2020-10-01 09:00 UTC));
        for _ in 0..23 {
            chatter(&app.app, 100).await;
        }
        let old = witnessed(&app).await;
        assert_eq!(old.size, 8_300, "two blocks, and some leaves");

        // By the end of February the first block is due, and half of the second.
        at(&app, datetime!(2021-02-28 09:00 UTC));
        assert_eq!(run(&app).await, Purged { traces: 6_000, blocks: 1, leaves: 0 });
        let told = app.bodies("log.folded").await;
        let object = &told[0]["object"];
        assert_eq!(
            (&object["first"], &object["last"], &object["until"]),
            (&0.into(), &4_095.into(), &"2021-02-28".into())
        );
        // Whoever was reading the leaves has an hour to end.
        let leaves = async || app.rows::<(i64,)>("SELECT rank FROM trace_leaf ORDER BY rank").await;
        assert_eq!(leaves().await[0].0, 0);
        assert_eq!(flaws(app.app.db()).await, []);
        assert_eq!(run(&app).await, Purged { traces: 0, blocks: 0, leaves: 4_096 });
        assert_eq!(leaves().await[0].0, 4_096);
        seal_all(app.app.db()).await;
        let report = check(app.app.db(), std::slice::from_ref(&old)).await.pop().unwrap();
        assert_eq!((report.flaws, report.erased), (0, 6_000), "{:?}", report.findings);
        assert_eq!(report.held, 2, "the one kept elsewhere, and ours");

        // The second one when its last leaves are due, the day after they are; the first stays as it is.
        at(&app, datetime!(2021-04-01 09:00 UTC));
        let purged = run(&app).await;
        assert_eq!((purged.traces, purged.blocks), (2_300, 1));
        assert_eq!(run(&app).await.leaves, 4_096);
        seal_all(app.app.db()).await;
        let report = check(app.app.db(), std::slice::from_ref(&old)).await.pop().unwrap();
        assert_eq!((report.flaws, report.erased), (0, 8_300), "{:?}", report.findings);
        // By a clock of the day before, the fold was too early.
        at(&app, datetime!(2021-03-31 09:00 UTC));
        let early = flaws(app.app.db()).await;
        assert_eq!(early[0], Finding { rank: Some(4_096), id: None, flaw: Flaw::FoldedEarly });
        at(&app, datetime!(2021-04-01 15:00 UTC));
        app.finish().await;
    }
}

/// Neither the owner nor the application folds a block too early, nor takes leaves of one that is not folded.
#[tokio::test]
async fn nothing_folds_before_its_time() {
    for backend in BOTH {
        let app = TestApp::starting(backend, AUGUST).await;
        for _ in 0..45 {
            chatter(&app.app, 100).await;
        }
        seal_all(app.app.db()).await;
        let mut owner = Owner::of(&app).await;
        let acts = [
            // Rows are still there.
            "UPDATE trace_block SET folded = '2021-02-28'",
            "UPDATE trace_block SET root = root",
            "DELETE FROM trace_leaf",
            "DELETE FROM trace_leaf WHERE rank = 0",
            "DELETE FROM trace_block",
        ];
        for act in acts {
            let refused = owner.run(act).await.unwrap_err();
            assert!(refused.contains("a seal is never changed or erased"), "{act}: {refused}");
        }
        at(&app, datetime!(2021-03-01 09:00 UTC));
        assert_eq!(run(&app).await, Purged { traces: 4_500, blocks: 1, leaves: 0 });
        for act in [
            // It is folded once.
            "UPDATE trace_block SET folded = '2021-03-01'",
            "UPDATE trace_block SET folded = NULL",
            // The block is folded, the leaves that come after it are not.
            "DELETE FROM trace_leaf WHERE rank = 4096",
        ] {
            let refused = owner.run(act).await.unwrap_err();
            assert!(refused.contains("a seal is never changed or erased"), "{act}: {refused}");
        }
        app.finish().await;
    }
}

/// People work while the purge runs: every trace of theirs is acknowledged, and the log holds at the end.
#[tokio::test]
async fn writers_go_on_beside_the_purge() {
    for backend in BOTH {
        let app = TestApp::starting(backend, AUGUST).await;
        for _ in 0..30 {
            chatter(&app.app, 100).await;
        }
        seal_all(app.app.db()).await;
        at(&app, datetime!(2021-03-01 09:00 UTC));
        let other = app.second_node().await;
        let work = async {
            for _ in 0..60 {
                chatter(&other.app, 1).await;
            }
        };
        app.clock.advance(Duration::HOUR);
        let (purged, second, ()) = tokio::join!(purge(&app.app), purge(&other.app), work);
        let runs = [purged.unwrap(), second.unwrap()];
        assert_eq!(runs.iter().flatten().count(), 1, "one node purges at a time: {runs:?}");
        assert_eq!(runs.iter().flatten().map(|purged| purged.traces).sum::<u64>(), 3_000);
        assert_eq!(app.bodies("rows.tidied").await.len(), 60);
        app.finish().await;
    }
}

/// Space comes back to the volume, by itself.
#[tokio::test]
async fn empty_pages_go_back_to_the_volume() {
    let app = TestApp::starting(Backend::Sqlite, AUGUST).await;
    for _ in 0..30 {
        chatter(&app.app, 100).await;
    }
    seal_all(app.app.db()).await;
    let mut owner = Owner::of(&app).await;
    let pages = async |owner: &mut Owner| {
        let lines = owner.lines("SELECT CAST(page_count AS TEXT) FROM pragma_page_count()").await;
        lines[0].parse::<u32>().unwrap()
    };
    let full = pages(&mut owner).await;
    at(&app, datetime!(2021-03-01 09:00 UTC));
    assert_eq!(run(&app).await.traces, 3_000);
    let left = pages(&mut owner).await;
    assert!(left < full / 2, "{left} of {full} pages");
    let empty = owner.lines("SELECT CAST(freelist_count AS TEXT) FROM pragma_freelist_count()").await;
    assert!(empty[0].parse::<u32>().unwrap() < 20, "{empty:?} empty pages");
    app.finish().await;
}

/// A purge that stops short does half of nothing: what it said went, and nothing else; the figures say that it failed.
#[tokio::test]
async fn a_purge_that_stops_short_is_told() {
    for backend in BOTH {
        let app = TestApp::starting(backend, AUGUST).await;
        chatter(&app.app, 20).await;
        seal_all(app.app.db()).await;
        at(&app, datetime!(2021-03-01 09:00 UTC));
        let mut step = 0;
        loop {
            app.clock.advance(Duration::HOUR);
            app.app.db().faults.fail_after(step, Failure::Failed);
            let ended = purge(&app.app).await;
            let failed = app.app.db().faults.happened();
            app.app.db().faults.heal();
            assert_eq!(ended.is_err(), failed, "{ended:?} at step {step}");
            if !failed {
                break;
            }
            step += 1;
        }
        assert!(step > 8, "{step} statements only");
        let told: u64 =
            app.bodies("log.erased").await.iter().map(|body| body["object"]["rows"].as_u64().unwrap()).sum();
        assert_eq!(told, 20, "each row went once, and was told");
        app.clock.advance(Duration::HOUR);
        app.app.db().faults.fail_after(3, Failure::Failed);
        look(&app.app).await;
        app.app.db().faults.heal();
        let figures = app.app.db().metrics().told(&Default::default()).unwrap();
        assert!(figures.contains("compte_partenaire_purges_failed_total 1"), "{figures}");
        app.finish().await;
    }
}
