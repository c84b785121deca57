//! Use, counted from the traces: the figures are those of the log, whatever interrupts the count, and no page tells one
//! person apart.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use compte_partenaire::db::Db;
use compte_partenaire::db::faults::Failure;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::file_key::FileKey;
use compte_partenaire::domain::files::write_line;
use compte_partenaire::domain::id::OrganismId;
use compte_partenaire::features::consultation::source::{FileSource, Sheet, SourceFailed};
use compte_partenaire::jobs::statistics::count;
use time::Duration;
use time::macros::{date, datetime};

use crate::stories;
use crate::support::cast::{Organism, Person, cast};
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, TestApp};

/// One family of Mons-en-Barœul answers to every number but one.
struct OneFamily;

const NOBODY: &str = "9999999";

#[async_trait]
impl FileSource for OneFamily {
    async fn find(&self, _: OrganismId, key: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        if key.as_str() == NOBODY {
            return Ok(None);
        }
        let family =
            fictitious::files(1, 1, &"59410".parse().unwrap(), date!(2026 - 11 - 20)).next().unwrap();
        Ok(Some(Sheet::new(family.commune, write_line(&family))))
    }
}

async fn with_files(backend: Backend) -> TestApp {
    TestApp::with(backend, |_: &Db| Arc::new(OneFamily), Grouping::default()).await
}

async fn look_up(agent: &mut Browser, number: &str) {
    agent.open("/consultation").await;
    let form = agent.form("/consultation").fill("numero", number);
    let mission = form.offers("mission").pop().unwrap();
    form.fill("mission", &mission).send(agent).await;
}

/// Signs in, and reads that many files.
async fn reads(app: &TestApp, person: &Person, files: usize) -> Browser {
    let mut browser = person.sits_down(app).await;
    for _ in 0..files {
        look_up(&mut browser, "0042317").await;
        assert_eq!(browser.page().status, 200, "{}", browser.page().text());
    }
    browser
}

/// A Monday at two partners: what is done, what is refused, and what is not theirs.
async fn a_monday(app: &TestApp, ours: &Organism) {
    let [home, neighbour] = &ours.partners;
    let mut clumsy = app.browser();
    clumsy.sign_in(&home.user.identifier, "pas le bon mot de passe").await.must_say("n’a pas abouti");
    clumsy.sign_in("TST-XXXXXX", "pas le bon mot de passe").await.must_say("n’a pas abouti");
    app.clock.advance(Duration::minutes(5));
    let mut agent = reads(app, &home.user, 2).await;
    let address = agent.page().path.clone();
    agent.open(&address).await;
    look_up(&mut agent, NOBODY).await;
    assert_eq!(agent.page().status, 422);
    reads(app, &home.principal, 1).await;
    reads(app, &neighbour.user, 3).await;
    reads(app, &neighbour.principal, 1).await;
    home.colleague.sits_down(app).await;
    ours.administrator.sits_down(app).await;
}

/// Every count, a text each.
async fn counts(app: &TestApp) -> BTreeSet<String> {
    Owner::of(app).await.rows("use_count", "1 = 1").await.into_iter().collect()
}

/// People, done and refused of a month or a day of an organism as a whole, by matter, service and role.
async fn of_the_organism(
    app: &TestApp,
    organism: &Organism,
    span: &str,
    matter: &str,
) -> Vec<(String, String, [i64; 3])> {
    let mut owner = Owner::of(app).await;
    let id = owner.id(organism.id);
    let lines = owner
        .lines(&format!(
            "SELECT starts_on || '|' || service || '|' || role || '|' || people || '|' || done || '|' || refused FROM use_count \
             WHERE body_id = {id} AND span = '{span}' AND matter = '{matter}' ORDER BY starts_on, service, role"
        ))
        .await;
    let parsed = lines.iter().map(|line| {
        let parts: Vec<&str> = line.split('|').collect();
        let number = |nth: usize| parts[nth].parse::<i64>().unwrap();
        (parts[1].to_owned(), parts[2].to_owned(), [number(3), number(4), number(5)])
    });
    parsed.collect()
}

async fn traced(app: &TestApp, sql: &'static str) -> i64 {
    app.rows::<(i64,)>(sql).await[0].0
}

async fn the_figures_are_those_of_the_traces(backend: Backend) {
    let app = with_files(backend).await;
    let [ours, theirs] = cast(&app).await;
    a_monday(&app, &ours).await;
    assert_eq!(count(&app.app).await.unwrap(), 0, "the day is not over");
    app.clock.advance(Duration::hours(17));
    assert!(count(&app.app).await.unwrap() > 0);
    let sign_ins = of_the_organism(&app, &ours, "month", "sign_in").await;
    assert_eq!(sign_ins, [(String::new(), String::new(), [5, 5, 1])]);
    let done =
        "SELECT CAST(count(*) AS BIGINT) FROM trace WHERE fact = 'sign_in.done' AND partner_id IS NOT NULL";
    assert_eq!(traced(&app, done).await, 5);
    let files = of_the_organism(&app, &ours, "month", "file").await;
    let said = |service: &str, role: &str| {
        files.iter().find(|(s, r, _)| s == service && r == role).map(|(_, _, figures)| *figures)
    };
    assert_eq!(said("", ""), Some([4, 7, 1]));
    assert_eq!(said("cdap", ""), Some([4, 7, 1]));
    assert_eq!(
        said("cdap", "quotient").map(|[_, done, refused]| (done, refused)),
        Some((5, 0)),
        "principals hold the role of the address"
    );
    let reads = "SELECT CAST(count(*) AS BIGINT) FROM trace WHERE fact = 'file.read'";
    assert_eq!(traced(&app, reads).await, 8, "one of them shown again");
    assert_eq!(of_the_organism(&app, &ours, "day", "file").await, files, "the month has one day");
    assert!(of_the_organism(&app, &theirs, "month", "sign_in").await.is_empty());

    // What the auditor reads of it: totals, and of neither partner, where two people read files.
    let mut auditor = ours.auditor.sits_down(&app).await;
    auditor
        .open("/statistiques?mois=2026-11")
        .await
        .must_say("Compté d’après les traces du 23 nov. 2026 au 23 nov. 2026");
    let page = auditor.page().clone();
    assert_eq!(page.select("figure svg").len(), 3);
    let of_november = |caption: &str| {
        let table = page
            .html
            .split("<table")
            .find(|table| table.contains(&format!("<caption>{caption}")))
            .unwrap()
            .to_owned();
        let row = table.split("<tr>").find(|row| row.contains("novembre 2026")).unwrap().to_owned();
        row.split("class=\"num\">")
            .skip(1)
            .map(|cell| cell.split('<').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    // What was refused was refused to one person, though five did something.
    assert_eq!(of_november("Dossiers consultés, par mois"), ["7", "", "", "4"]);
    assert_eq!(of_november("Connexions, par mois"), ["5", "", "", "5"]);
    page.must_say("Quotient familial").must_say("non montré").must_say("moins de 3 personnes");
    // The chart draws what the table says: the last bar is 7 of a scale of 10, the others are flat.
    let heights: Vec<&str> = page
        .html
        .split("<rect")
        .skip(1)
        .take(13)
        .map(|bar| bar.split("height=\"").nth(1).unwrap().split('"').next().unwrap())
        .collect();
    assert_eq!(heights[12], "70.00");
    assert!(heights[..12].iter().all(|height| *height == "0.00"), "{heights:?}");
    page.must_say("10 5 0");
    // The file says the same.
    let file = auditor.open("/statistiques/tableau.csv").await.clone();
    assert!(file.html.starts_with("\u{feff}\"Période\";\"Partenaire\";\"Service\";"), "{}", file.html);
    assert_eq!(
        file.html.lines().last().unwrap().replace('"', ""),
        "2026-11;tous;;;5;non montré;5;7;non montré;4"
    );
    assert_eq!(file.html.lines().count(), 14);
    let exported = app.bodies("statistics.exported").await;
    assert_eq!((exported.len(), &exported[0]["object"]["rows"]), (1, &serde_json::json!(13)));

    // A partner of two people who read: not even its principal is told.
    let [home, _] = &ours.partners;
    let mut principal = home.principal.sits_down(&app).await;
    principal.open("/statistiques").await.must_say("non montré");
    principal.page().must_say("Connexions").must_say("octobre 2026 non compté");
    assert!(principal.page().select("main caption").iter().all(|caption| !caption.contains("artenaire")));
    assert!(principal.page().html.contains("c-untold"));
    let file = principal.open("/statistiques/tableau.csv").await.clone();
    assert!(
        file.html
            .lines()
            .last()
            .unwrap()
            .replace('"', "")
            .ends_with(";3;non montré;3;non montré;non montré;non montré"),
        "{}",
        file.html
    );
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_are_those_of_the_traces_on_sqlite() {
    the_figures_are_those_of_the_traces(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_figures_are_those_of_the_traces_on_postgres() {
    the_figures_are_those_of_the_traces(Backend::Postgres).await;
}

stories! {
    /// Counting again gives the same rows, leaves nothing more, and sees what came late; two nodes count once.
    async fn a_day_counted_again_is_the_same(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        for person in [&home.user, &home.principal, &neighbour.user] {
            person.sits_down(app).await;
        }
        app.clock.advance(Duration::hours(17));
        let other = app.second_node().await;
        let (here, there) = tokio::join!(count(&app.app), count(&other.app));
        let (here, there) = (here.unwrap(), there.unwrap());
        assert!(here + there > 0 && (here == 0 || there == 0), "both counted: {here} and {there}");
        let first = counts(app).await;
        assert!(first.len() >= 6, "{first:?}");
        assert_eq!(count(&app.app).await.unwrap(), 0);
        let told = app.bodies("rows.counted").await.len();

        // The next night, from nothing: the same rows and no other.
        let mut owner = Owner::of(app).await;
        owner.run("UPDATE use_run SET counted_to = NULL").await.unwrap();
        assert_eq!(count(&app.app).await.unwrap(), 0, "nothing differs");
        assert_eq!(app.bodies("rows.counted").await.len(), told + 2, "one fact an organism, without a row");
        owner.run("DELETE FROM use_count").await.unwrap();
        owner.run("UPDATE use_run SET counted_to = NULL").await.unwrap();
        count(&app.app).await.unwrap();
        assert_eq!(counts(app).await, first);

        // A trace of that Monday that is written down on Tuesday.
        app.clock.advance(-Duration::hours(17));
        neighbour.principal.sits_down(app).await;
        app.clock.advance(Duration::hours(41));
        count(&app.app).await.unwrap();
        assert_eq!(of_the_organism(app, &ours, "month", "sign_in").await, [(String::new(), String::new(), [4, 4, 0])]);
        assert_eq!(of_the_organism(app, &ours, "day", "sign_in").await[0].2, [4, 4, 0]);
    }

    /// A node that dies in the middle leaves the rest to another, once its time is over.
    async fn what_a_node_leaves_another_counts(app) {
        let [ours, _] = cast(app).await;
        for person in [&ours.partners[0].user, &ours.partners[0].principal, &ours.partners[0].deputy] {
            person.sits_down(app).await;
        }
        app.clock.advance(Duration::hours(17));
        let faults = app.app.db().faults.clone();
        let mut failures = 0;
        for step in 0..80 {
            let how = if step % 2 == 0 { Failure::Failed } else { Failure::FailedButPersisted };
            faults.fail_after(step, how);
            let done = count(&app.app).await;
            let happened = faults.happened();
            faults.heal();
            if !happened {
                done.unwrap();
                break;
            }
            failures += 1;
            // Meanwhile it is nobody else's, then anybody's.
            app.clock.advance(Duration::minutes(31));
        }
        assert!((10..80).contains(&failures), "{failures}");
        assert_eq!(of_the_organism(app, &ours, "month", "sign_in").await, [(String::new(), String::new(), [3, 3, 0])]);
        let all = counts(app).await;
        Owner::of(app).await.run("UPDATE use_run SET counted_to = NULL").await.unwrap();
        assert_eq!(count(&app.app).await.unwrap(), 0);
        assert_eq!(counts(app).await, all);
    }

    /// One person's uses are the auditor's alone, who says why; the trace of it names that person, and no partner sees it.
    async fn one_person_is_counted_for_a_reason(app) {
        let [ours, theirs] = cast(app).await;
        let [home, _] = &ours.partners;
        app.browser().sign_in(&home.user.identifier, "pas le bon mot de passe").await;
        app.clock.advance(Duration::minutes(5));
        home.user.sits_down(app).await;
        home.user.sits_down(app).await;
        for person in [&ours.administrator, &home.principal, &home.deputy, &home.user] {
            let mut browser = person.sits_down(app).await;
            assert_eq!(browser.open("/statistiques/personne").await.status, 404, "{:?}", person.office);
        }
        for path in ["/statistiques", "/statistiques/tableau.csv"] {
            let mut browser = home.user.sits_down(app).await;
            assert_eq!(browser.open(path).await.status, 404);
        }
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open("/statistiques").await;
        auditor.follow("Usage d’une personne").await;
        let ask = |browser: &Browser, identifier: &str, reason: &str| {
            browser.form("/statistiques/personne").fill("identifiant", identifier).fill("motif", reason)
        };
        ask(&auditor, &home.user.identifier, "").send(&mut auditor).await;
        auditor.page().must_say("Rien n’a été compté");
        assert!(app.bodies("statistics.person").await.is_empty());
        for stranger in [&theirs.partners[0].user.identifier, "TST-XXXXXX"] {
            ask(&auditor, stranger, "Contrôle").send(&mut auditor).await;
            auditor.page().must_say("Aucun compte de votre organisme");
        }
        // A period that holds no day: beside its field, and what was typed stays.
        for (du, au, beside) in [
            ("2026-11-20", "2026-11-10", "La fin précède le début"),
            ("2026-12-01", "2026-12-05", "au plus tard le 23 nov. 2026"),
            ("2025-01-01", "2025-02-01", "au plus tôt le 1er avril 2026"),
        ] {
            let form = ask(&auditor, &home.user.identifier, "Contrôle").fill("du", du).fill("au", au);
            form.send(&mut auditor).await;
            assert_eq!(auditor.page().status, 422, "{du} {au}");
            auditor.page().must_say("Rien n’a été compté").must_say(beside);
            let form = auditor.form("/statistiques/personne");
            assert_eq!((form.value("du"), form.value("au")), (Some(du), Some(au)));
        }
        assert!(app.bodies("statistics.person").await.is_empty());
        auditor.open("/statistiques/personne").await;
        ask(&auditor, &home.user.identifier.to_lowercase(), "Signalement du 12 novembre").send(&mut auditor).await;
        let total = auditor.page().select("tfoot td");
        assert_eq!(total, ["5", "1", "0", "0"], "five sign-ins, one refused, no file");
        let told = app.bodies("statistics.person").await.pop().unwrap();
        assert_eq!(told["subject"], home.user.id.to_string());
        assert_eq!(told["object"]["reason"], "Signalement du 12 novembre");
        auditor.open(&format!("/traces?personne={}", home.user.identifier)).await.must_say("Usage d’une personne compté");
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/traces").await.must_not_say("Usage d’une personne compté");
        // Nothing of it is kept but that trace.
        assert!(counts(app).await.is_empty());
    }

    /// On the first of a month none of its days is over: the page says so, and the address of its file still answers.
    async fn on_the_first_no_day_is_over(app) {
        let [ours, _] = cast(app).await;
        for person in [&ours.partners[0].user, &ours.partners[0].principal, &ours.partners[0].deputy] {
            person.sits_down(app).await;
        }
        // Monday 23 November to the morning of 1 December.
        app.clock.advance(Duration::days(8));
        count(&app.app).await.unwrap();
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open("/statistiques?mois=2026-12").await.must_say("Aucune journée de ce mois").must_not_say("Exporter ces jours");
        let file = auditor.open("/statistiques/tableau.csv?mois=2026-12&par=jour").await.clone();
        assert_eq!((file.status.as_u16(), file.html.lines().count()), (200, 1), "{}", file.html);
        auditor.open("/statistiques?mois=2026-11").await;
        let file = auditor.follow("Exporter ces jours (CSV)").await.clone();
        assert_eq!(file.html.lines().count(), 31);
        let told = app.bodies("statistics.exported").await;
        assert_eq!((&told[0]["object"]["from"], &told[0]["object"]["rows"]), (&"2026-12-01".into(), &0.into()));
        // The next day has one.
        app.clock.advance(Duration::days(1));
        let mut auditor = ours.auditor.sits_down(app).await;
        let file = auditor.open("/statistiques/tableau.csv?mois=2026-12&par=jour").await.clone();
        assert_eq!(file.html.lines().count(), 2);
    }

    /// Many refusals may be those of one person: they are told once they are of three.
    async fn refusals_to_one_person_are_shown_to_nobody(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        for person in [&home.user, &home.principal, &home.deputy, &home.colleague] {
            person.sits_down(app).await;
        }
        for _ in 0..3 {
            app.browser().sign_in(&home.user.identifier, "pas le bon mot de passe").await;
            app.clock.advance(Duration::minutes(5));
        }
        app.clock.advance(Duration::hours(17));
        count(&app.app).await.unwrap();
        let last = async |person: &Person| {
            let mut browser = person.sits_down(app).await;
            let file = browser.open("/statistiques/tableau.csv").await.html.replace('"', "");
            file.lines().find(|line| line.starts_with("2026-11;")).unwrap().split(';').skip(4).take(3).collect::<Vec<_>>().join(" ")
        };
        for person in [&home.principal, &ours.auditor] {
            assert_eq!(last(person).await, "4 non montré 4");
        }
        // The next day, one to each of two others.
        for person in [&home.colleague, &home.deputy] {
            app.clock.advance(Duration::minutes(5));
            app.browser().sign_in(&person.identifier, "pas le bon mot de passe").await.must_say("n’a pas abouti");
        }
        app.clock.advance(Duration::hours(24));
        count(&app.app).await.unwrap();
        for person in [&home.principal, &ours.auditor] {
            assert_eq!(last(person).await, "5 5 4");
        }
    }

    /// Nothing is shown as counted before it is.
    async fn before_the_first_night_the_page_says_when(app) {
        let [ours, _] = cast(app).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open("/statistiques").await.must_say("Rien n’est encore compté").must_say("demain matin");
        let refused = auditor.open("/statistiques?service=inconnu&mois=2020-01").await;
        assert_eq!(refused.status, 422);
        refused.must_say("corrigez les critères signalés");
        assert_eq!(auditor.open("/statistiques/tableau.csv?service=inconnu").await.status, 404);
    }
}

/// A night is the organism’s own; so are the edge of a month and a day of twenty-five hours.
async fn days_end_where_their_zone_says(backend: Backend) {
    // Saturday 24 October, a quarter past midnight of Sunday in Paris; that Sunday has 25 hours.
    let app = TestApp::starting(backend, datetime!(2026-10-24 22:15 UTC)).await;
    let [ours, _] = cast(&app).await;
    let [home, _] = &ours.partners;
    home.user.sits_down(&app).await;
    app.clock.advance(Duration::hours(24));
    home.user.sits_down(&app).await;
    app.clock.advance(Duration::hours(1));
    home.user.sits_down(&app).await;
    // The last evening of October, then the first of November.
    app.clock.advance(Duration::days(5) + Duration::hours(23));
    home.user.sits_down(&app).await;
    app.clock.advance(Duration::hours(1));
    home.user.sits_down(&app).await;
    app.clock.advance(Duration::days(1) + Duration::hours(2));
    count(&app.app).await.unwrap();
    let days = of_the_organism(&app, &ours, "day", "sign_in").await;
    assert_eq!(days.iter().map(|(_, _, [_, done, _])| *done).collect::<Vec<_>>(), [2, 1, 1, 1]);
    let months = of_the_organism(&app, &ours, "month", "sign_in").await;
    assert_eq!(months.iter().map(|(_, _, [_, done, _])| *done).collect::<Vec<_>>(), [4, 1]);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_end_where_their_zone_says_on_sqlite() {
    days_end_where_their_zone_says(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn days_end_where_their_zone_says_on_postgres() {
    days_end_where_their_zone_says(Backend::Postgres).await;
}
