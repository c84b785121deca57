//! The pulse of the log: a beat a minute, and silences that are told to whoever must know.

use compte_partenaire::domain::pulse::Silence;
use compte_partenaire::jobs::pulse::{announce_stop, beat};
use time::Duration;

use crate::stories;
use crate::support::TestApp;
use crate::support::cast::cast;
use crate::support::log::{chatter, check, seal_all, sign};
use crate::support::owner::Owner;

async fn beats(app: &TestApp) -> usize {
    app.facts().await.iter().filter(|fact| *fact == "log.beat").count()
}

async fn silences(app: &TestApp) -> Vec<(Duration, bool)> {
    let report = check(app.app.db(), &[]).await.pop().unwrap();
    report
        .silences
        .iter()
        .map(|Silence { from, until, announced }| (until.since(*from), *announced))
        .collect()
}

stories! {
    /// Whichever node comes first beats, and nobody else in that minute.
    async fn the_log_beats_once_a_minute_whatever_the_nodes(app) {
        let other = app.second_node().await;
        for minute in 1..=5 {
            for node in [&app.app, &other.app, &app.app] {
                beat(node).await.unwrap();
                app.clock.advance(Duration::seconds(5));
            }
            assert_eq!(beats(app).await, minute);
            app.clock.advance(Duration::seconds(50));
        }
        let (one, two) = tokio::join!(beat(&app.app), beat(&other.app));
        assert!(one.is_ok() && two.is_ok());
        assert_eq!(beats(app).await, 6);
        assert_eq!(silences(app).await, []);
    }

    /// Nobody announced it: the log says it, the check of the log finds it again by itself, the organism's page shows it.
    async fn a_silence_is_told(app) {
        let [organism, _] = cast(app).await;
        beat(&app.app).await.unwrap();
        app.clock.advance(Duration::minutes(10));
        let told = beat(&app.app).await.unwrap().after.unwrap();
        assert_eq!((told.until.since(told.from), told.announced), (Duration::minutes(10), false));
        let body = app.bodies("log.silent").await.pop().unwrap();
        assert_eq!((&body["object"]["announced"], &body["outcome"]), (&false.into(), &"failed".into()));
        assert_eq!(silences(app).await, [(Duration::minutes(10), false)]);

        let mut auditor = organism.auditor.sits_down(app).await;
        auditor.open("/empreinte").await.must_say("Le journal s’est tu le 23 nov. 2026 de").must_say("sans arrêt annoncé");
        let mut principal = organism.partners[0].principal.sits_down(app).await;
        principal.open("/empreinte").await.must_not_say("s’est tu").must_not_say("Veille du journal");

        // Whoever takes it off the page leaves it in the log.
        let mut owner = Owner::of(app).await;
        owner.run("DELETE FROM trace_silence").await.unwrap();
        auditor.open("/empreinte").await.must_say("Aucun silence");
        assert_eq!(silences(app).await, [(Duration::minutes(10), false)]);
    }

    /// A portal that was asked to stop is told apart from one that fell; a stop that another node outlived explains
    /// nothing later.
    async fn a_stop_that_was_announced_is_told_apart(app) {
        let [organism, _] = cast(app).await;
        beat(&app.app).await.unwrap();
        app.clock.advance(Duration::seconds(30));
        announce_stop(&app.app).await.unwrap();
        app.clock.advance(Duration::hours(8));
        assert_eq!(silences(app).await, [(Duration::hours(8) + Duration::seconds(30), true)], "it lasts");
        assert!(beat(&app.app).await.unwrap().after.unwrap().announced);
        let mut administrator = organism.administrator.sits_down(app).await;
        administrator.open("/empreinte").await.must_say("arrêt annoncé du portail").must_not_say("sans arrêt annoncé");

        announce_stop(&app.app).await.unwrap();
        beat(&app.app).await.unwrap();
        app.clock.advance(Duration::minutes(20));
        assert!(!beat(&app.app).await.unwrap().after.unwrap().announced, "another node went on, then fell");
        assert_eq!(silences(app).await.into_iter().map(|(_, announced)| announced).collect::<Vec<_>>(), [true, false]);
    }

    /// A log that does not beat while it should shows it before anything beats again.
    async fn a_silence_that_lasts_is_shown(app) {
        let [organism, _] = cast(app).await;
        beat(&app.app).await.unwrap();
        let mut auditor = organism.auditor.sits_down(app).await;
        auditor.open("/empreinte").await.must_not_say("Le journal se tait");
        app.clock.advance(Duration::minutes(4));
        auditor.open("/empreinte").await.must_say("Le journal se tait");
        beat(&app.app).await.unwrap();
    }

    /// The pace is read from signed sizes: nothing is counted, whatever the size of the log.
    async fn the_pace_of_the_log_is_known_after_a_day(app) {
        let [organism, _] = cast(app).await;
        sign(app.app.db()).await;
        let live = app.app.outlook().await.unwrap();
        assert_eq!((live.a_day, live.days_left), (None, None));
        for _ in 0..4 {
            app.clock.advance(Duration::hours(12));
            chatter(&app.app, 50).await;
            sign(app.app.db()).await;
        }
        let now = app.app.outlook().await.unwrap();
        assert_eq!(now.live, live.live + 200);
        assert_eq!(now.a_day, Some((live.live + 200) / 2), "two days, the first traces included");
        let mut auditor = organism.auditor.sits_down(app).await;
        auditor.open("/empreinte").await.must_say("par jour ces derniers jours");
        // Six months and a month later none of them is live any more.
        app.clock.advance(Duration::days(220));
        seal_all(app.app.db()).await;
        assert!(app.app.outlook().await.unwrap().live < 20);
    }
}
