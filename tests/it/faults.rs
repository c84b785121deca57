//! Failures at every step of the database: never a change without its trace, never a trace of what did not happen,
//! never a page that was not traced.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use compte_partenaire::db::Db;
use compte_partenaire::db::faults::Failure;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::domain::file_key::FileKey;
use compte_partenaire::domain::id::OrganismId;
use compte_partenaire::domain::territory::CommuneCode;
use compte_partenaire::features::consultation::source::{FileSource, Sheet, SourceFailed};

use crate::stories;
use crate::support::cast::cast;
use crate::support::{Backend, Browser, PASSWORD, Page, TestApp};

/// Steps after which a request must have come to its end.
const STEPS: i64 = 60;

/// The ledger tries each second of the machine: it is asked until it says that it is back.
async fn wait_until_ready(app: &TestApp) {
    let mut browser = app.browser();
    for _ in 0..60 {
        if browser.open("/pret").await.status == StatusCode::OK {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the service did not return by itself");
}

/// The facts that one request left, by its number.
async fn facts_of(app: &TestApp, page: &Page) -> Vec<String> {
    let number = page.headers["x-request-id"].to_str().unwrap();
    let rows: Vec<(String, String)> = app.rows("SELECT fact, body FROM trace ORDER BY at, month, id").await;
    rows.into_iter()
        .filter(|(fact, body)| {
            body.contains(&format!("\"correlation\":\"{number}\"")) && fact != "answer.withheld"
        })
        .map(|(fact, _)| fact)
        .collect()
}

/// Whether the log says that the answer of that request was withheld.
async fn was_withheld(app: &TestApp, page: &Page) -> bool {
    let number = page.headers["x-request-id"].to_str().unwrap();
    app.bodies("answer.withheld").await.iter().any(|body| body["object"]["announced"] == number)
}

#[track_caller]
fn is_suspended(page: &Page) {
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}: {}", page.path, page.text());
    page.must_say("Service suspendu");
    assert!(page.headers.contains_key("retry-after"), "{}", page.path);
    assert!(
        page.select("main input, main textarea, main table, main dl").is_empty(),
        "{}: {}",
        page.path,
        page.text()
    );
}

/// Sends what a browser holds, without following where it leads.
async fn send(browser: &mut Browser, path: &str, fields: &[(String, String)]) -> Page {
    let body = serde_html_form::to_string(fields).unwrap();
    browser.request(Method::POST, path, Some(body)).await
}

async fn password_hash(app: &TestApp, identifier: &str) -> String {
    let rows: Vec<(String, Option<String>)> = app.rows("SELECT identifier, password_hash FROM account").await;
    rows.into_iter().find(|(of, _)| of == identifier).unwrap().1.unwrap_or_default()
}

/// A change and its trace: both or neither, whatever fails, and however.
async fn a_password_changes_with_its_trace(app: &TestApp, how: Failure) {
    let [organism, _] = cast(app).await;
    let identifier = &organism.administrator.identifier;
    let mut password = PASSWORD.to_owned();
    let (mut changed_in_vain, mut failures) = (0, 0);
    for step in 0..STEPS {
        // Attempts of one source are counted by the minute.
        app.clock.advance(time::Duration::minutes(2));
        let mut browser = app.browser();
        browser.sign_in(identifier, &password).await.must_not_say("n’a pas abouti");
        browser.open("/mot-de-passe").await;
        let next = format!(
            "{} loutres sous la pluie",
            ["trois", "cinq", "six", "sept"][usize::try_from(step % 4).unwrap()]
        );
        let form = browser
            .form("/mot-de-passe")
            .fill("actuel", &password)
            .fill("nouveau", &next)
            .fill("confirmation", &next);
        let before = password_hash(app, identifier).await;
        app.app.db().faults.fail_after(step, how);
        let answer = send(&mut browser, "/mot-de-passe", form.fields()).await;
        let happened = app.app.db().faults.happened();
        app.app.db().faults.heal();
        wait_until_ready(app).await;
        let changed = password_hash(app, identifier).await != before;
        let facts = facts_of(app, &answer).await;
        let traced = facts.iter().filter(|fact| *fact == "password.chosen").count();
        assert_eq!(traced, usize::from(changed), "step {step}, {how:?}: changed {changed}, traced {facts:?}");
        if changed {
            password = next;
        }
        if !happened {
            assert!(changed && answer.status == StatusCode::SEE_OTHER, "{}", answer.text());
            assert!(failures > 5, "only {failures} steps failed");
            // The answer of a commit may be lost on its way back: the change then stands, with its trace.
            assert!(changed_in_vain > 0 || how == Failure::Failed);
            return;
        }
        failures += 1;
        if answer.status == StatusCode::SEE_OTHER {
            assert!(changed, "step {step}, {how:?}: said done");
        } else {
            is_suspended(&answer);
            changed_in_vain += i32::from(changed);
        }
    }
    panic!("the failure still happens after {STEPS} steps");
}

/// A page and its trace: no page without a trace, and a trace whose page was withheld is completed.
async fn a_page_is_read_with_its_trace(app: &TestApp, how: Failure) {
    let [organism, _] = cast(app).await;
    let mut browser = organism.administrator.sits_down(app).await;
    let mut withheld = 0;
    for step in 0..STEPS {
        app.clock.advance(time::Duration::seconds(5));
        app.app.db().faults.fail_after(step, how);
        let answer = browser.request(Method::GET, "/mot-de-passe", None).await;
        let happened = app.app.db().faults.happened();
        app.app.db().faults.heal();
        wait_until_ready(app).await;
        // The next batch carries what was withheld, if the probe did not.
        browser.open("/mot-de-passe").await;
        let traced = facts_of(app, &answer).await.contains(&"page.read".to_owned());
        if answer.status == StatusCode::OK {
            assert!(traced && !was_withheld(app, &answer).await, "step {step}, {how:?}");
        } else {
            is_suspended(&answer);
            assert_eq!(was_withheld(app, &answer).await, traced, "step {step}, {how:?}: traced {traced}");
            withheld += i32::from(traced);
        }
        if !happened {
            assert_eq!(answer.status, StatusCode::OK);
            assert!(step > 3, "only {step} steps failed");
            let lost = i32::from(how == Failure::FailedButPersisted);
            assert_eq!(withheld, lost, "one step keeps the trace without saying so: the commit");
            return;
        }
    }
    panic!("the failure still happens after {STEPS} steps");
}

/// Registering a partner: its five rows, or none, and its trace with them.
async fn a_partner_is_registered_with_its_trace(app: &TestApp, how: Failure) {
    let [organism, _] = cast(app).await;
    let mut browser = organism.administrator.sits_down(app).await;
    let count = "SELECT CAST((SELECT count(*) FROM partner) + 1000 * (SELECT count(*) FROM convention) \
                 + 1000000 * (SELECT count(*) FROM partner_habilitations) AS BIGINT)";
    for step in 0..STEPS {
        app.clock.advance(time::Duration::seconds(5));
        browser.open("/partenaires/nouveau").await;
        let name = format!("Commune numéro {step}");
        let siret = siret(u64::try_from(step).unwrap());
        let form = browser
            .form("/partenaires/nouveau")
            .fill("siret", &siret)
            .fill("nom", &name)
            .fill("categorie", "commune")
            .fill("rue", "2 rue du Moulin")
            .fill("code_postal", "59370")
            .fill("ville", "Mons-en-Barœul")
            .fill("convention", &format!("2026-{siret}"))
            .fill("representant", "Honorine Vasseur")
            .fill("fonction", "Maire")
            .fill("securite_nom", "Informatique")
            .fill("securite_courriel", "dsi@commune.example")
            .fill("donnees_nom", "Données")
            .fill("donnees_courriel", "dpo@commune.example");
        let before: Vec<(i64,)> = app.rows(count).await;
        app.app.db().faults.fail_after(step, how);
        let answer = send(&mut browser, "/partenaires/nouveau", form.fields()).await;
        let happened = app.app.db().faults.happened();
        app.app.db().faults.heal();
        wait_until_ready(app).await;
        let after: Vec<(i64,)> = app.rows(count).await;
        let rows = after[0].0 - before[0].0;
        assert!(rows == 0 || rows == 1_001_001, "step {step}, {how:?}: half of a partner ({rows})");
        let facts = facts_of(app, &answer).await;
        let traced = facts.iter().filter(|fact| *fact == "partner.registered").count();
        assert_eq!(traced, usize::from(rows > 0), "step {step}, {how:?}: {facts:?}");
        if !happened {
            assert!(rows > 0 && answer.status == StatusCode::SEE_OTHER, "{}", answer.text());
            assert!(step > 10, "only {step} steps failed");
            return;
        }
        if answer.status == StatusCode::SEE_OTHER {
            assert!(rows > 0, "step {step}, {how:?}: said done");
        } else {
            is_suspended(&answer);
        }
    }
    panic!("the failure still happens after {STEPS} steps");
}

/// The n-th of a series of valid numbers.
fn siret(n: u64) -> String {
    use compte_partenaire::domain::siret::Siret;
    (0_u64..)
        .map(|k| format!("{:014}", 32_000_000_000_000 + n * 1_000_000_000 + k * 7))
        .find(|digits| digits.parse::<Siret>().is_ok())
        .unwrap()
}

stories! {
    async fn a_change_that_fails_is_neither_done_nor_traced(app) {
        a_password_changes_with_its_trace(app, Failure::Failed).await;
    }

    async fn a_change_whose_answer_is_lost_is_done_and_traced(app) {
        a_password_changes_with_its_trace(app, Failure::FailedButPersisted).await;
    }

    async fn a_page_whose_trace_fails_is_not_shown(app) {
        a_page_is_read_with_its_trace(app, Failure::Failed).await;
    }

    async fn a_page_whose_trace_seemed_to_fail_is_not_shown_and_the_log_says_so(app) {
        a_page_is_read_with_its_trace(app, Failure::FailedButPersisted).await;
    }

    async fn a_partner_is_never_half_registered(app) {
        a_partner_is_registered_with_its_trace(app, Failure::Failed).await;
    }

    async fn a_partner_whose_registration_seemed_to_fail_is_whole(app) {
        a_partner_is_registered_with_its_trace(app, Failure::FailedButPersisted).await;
    }

    /// Signing in leaves a session only with its trace, and never a fault of ours.
    async fn signing_in_fails_closed_at_every_step(app) {
        let [organism, _] = cast(app).await;
        let identifier = &organism.administrator.identifier;
        for how in [Failure::Failed, Failure::FailedButPersisted] {
            for step in 0..STEPS {
                app.clock.advance(time::Duration::minutes(2));
                let mut browser = app.browser();
                browser.open("/").await;
                let form = browser.form("/connexion").fill("identifiant", identifier).fill("secret", PASSWORD);
                app.app.db().faults.fail_after(step, how);
                let answer = send(&mut browser, "/connexion", form.fields()).await;
                let happened = app.app.db().faults.happened();
                app.app.db().faults.heal();
                wait_until_ready(app).await;
                let traced = facts_of(app, &answer).await.contains(&"sign_in.done".to_owned());
                if answer.status == StatusCode::SEE_OTHER {
                    assert!(traced, "step {step}, {how:?}");
                } else {
                    is_suspended(&answer);
                    assert!(browser.cookie("__Host-session").is_none(), "step {step}, {how:?}");
                }
                if !happened {
                    assert_eq!(answer.status, StatusCode::SEE_OTHER);
                    assert!(step > 5, "only {step} steps failed");
                    break;
                }
            }
        }
    }

    /// The store is lost: pages are withheld, what needs no store answers, and service returns by itself.
    async fn service_is_suspended_and_returns_by_itself(app) {
        let [organism, _] = cast(app).await;
        let mut browser = organism.administrator.sits_down(app).await;
        let shown = browser.open("/partenaires").await.clone();
        shown.must_say("Commune de Brumeval");
        app.app.db().faults.go_down();
        let page = browser.open("/partenaires").await.clone();
        is_suspended(&page);
        page.must_not_say("Brumeval");
        let mut stranger = app.browser();
        for path in ["/", "/connexion", "/sante", "/aide", "/mentions-legales"] {
            assert_eq!(stranger.open(path).await.status, StatusCode::OK, "{path}");
        }
        assert_eq!(stranger.open("/pret").await.status, StatusCode::SERVICE_UNAVAILABLE);
        stranger.sign_in(&organism.administrator.identifier, PASSWORD).await;
        is_suspended(stranger.page());
        assert!(stranger.cookie("__Host-session").is_none());
        app.app.db().faults.heal();
        wait_until_ready(app).await;
        browser.open("/partenaires").await.must_say("Commune de Brumeval");
        assert_eq!(app.bodies("service.resumed").await.len(), 1);
    }

    /// A stranger who meets the lost store first makes it known too.
    async fn a_refused_sign_in_tells_that_the_service_is_suspended(app) {
        let [organism, _] = cast(app).await;
        app.app.db().faults.go_down();
        let mut stranger = app.browser();
        stranger.sign_in(&organism.administrator.identifier, PASSWORD).await;
        is_suspended(stranger.page());
        assert_eq!(stranger.open("/pret").await.status, StatusCode::SERVICE_UNAVAILABLE);
        app.app.db().faults.heal();
        wait_until_ready(app).await;
    }
}

/// Files that never come.
struct Slow;

#[async_trait]
impl FileSource for Slow {
    async fn find(&self, _: OrganismId, _: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(None)
    }
}

/// Files whose source says that it fails.
struct Failing;

#[async_trait]
impl FileSource for Failing {
    async fn find(&self, _: OrganismId, _: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        Err(SourceFailed)
    }
}

/// Files that cannot be read.
struct Damaged;

#[async_trait]
impl FileSource for Damaged {
    async fn find(&self, _: OrganismId, _: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        let commune: CommuneCode = "59410".parse().unwrap();
        Ok(Some(Sheet::new(commune, "{\"numero\": \"0042317\"".to_owned())))
    }
}

/// Looks a file up; the page says clearly that nothing was shown, and the log that the source failed.
async fn files_fail_clearly(backend: Backend, source: fn(&Db) -> Arc<dyn FileSource>) {
    let app = TestApp::with(backend, source, Grouping::default()).await;
    let [organism, _] = cast(&app).await;
    let mut browser = organism.partners[0].user.sits_down(&app).await;
    browser.open("/consultation").await;
    let form = browser.form("/consultation").fill("numero", "0042317");
    let mission = form.offers("mission").pop().unwrap();
    let form = form.fill("mission", &mission);
    browser.post("/consultation", form.fields()).await;
    let page = browser.page();
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    page.must_say("Les dossiers ne répondent pas").must_say("Rien n’a été affiché");
    let last = app.bodies("file.looked_up").await.pop().unwrap();
    assert_eq!(last["object"]["result"], "source_failed");
    assert_eq!(last["outcome"], "failed");
    assert!(app.bodies("file.read").await.is_empty());
    app.finish().await;
}

#[tokio::test]
async fn a_slow_source_is_not_waited_for() {
    files_fail_clearly(Backend::Sqlite, |_| Arc::new(Slow)).await;
    files_fail_clearly(Backend::Postgres, |_| Arc::new(Slow)).await;
}

#[tokio::test]
async fn a_failing_source_is_told() {
    files_fail_clearly(Backend::Sqlite, |_| Arc::new(Failing)).await;
    files_fail_clearly(Backend::Postgres, |_| Arc::new(Failing)).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_not_shown() {
    files_fail_clearly(Backend::Sqlite, |_| Arc::new(Damaged)).await;
    files_fail_clearly(Backend::Postgres, |_| Arc::new(Damaged)).await;
}
