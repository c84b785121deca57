//! Signing in, choosing a password, being signed out: what a person and an auditor see of it.

use axum::http::{Method, header};
use time::Duration;

use crate::stories;
use crate::support::cast::cast;
use crate::support::{PASSWORD, Page};

stories! {
    /// The first sign-in asks for a password before anything else, and leaves each step in the log.
    async fn the_first_sign_in_forces_a_password(app) {
        let (_, identifier) = app.found_caf().await;
        let secret = app.secret_mailed_to("odile.marchepont.591@caf.example").await;
        let mut browser = app.browser();
        browser.sign_in(&identifier.to_lowercase(), &secret.to_lowercase()).await;
        browser.page().must_say("Choisissez votre mot de passe");
        let first_cookie = browser.cookie("__Host-session").cloned();
        browser.open("/partenaires").await.must_say("Choisissez votre mot de passe");
        browser.form("/mot-de-passe").fill("nouveau", "marchepont59").fill("confirmation", "autre").send(&mut browser).await;
        assert_eq!(browser.page().status, 422);
        browser.page().must_say("se devine").must_say("diffèrent");
        browser
            .form("/mot-de-passe")
            .fill("nouveau", PASSWORD)
            .fill("confirmation", PASSWORD)
            .tick("engagement", "oui")
            .send(&mut browser)
            .await;
        assert_eq!(browser.page().status, 200, "{}", browser.page().text());
        assert_ne!(browser.cookie("__Host-session").cloned(), first_cookie, "a new id at each change of privilege");
        browser.sign_out().await.must_say("Vous êtes déconnecté");
        let facts = app.facts().await;
        for fact in ["organism.founded", "secret.issued", "mail.sent", "sign_in.done", "password.chosen", "session.ended"] {
            assert!(facts.iter().any(|traced| traced == fact), "{fact} is missing: {facts:?}");
        }
        // The secret was for one use, and nothing of it is kept.
        assert_eq!(app.rows::<(bool,)>("SELECT secret_hash IS NULL AND secret_expires_at IS NULL FROM account").await, [(true,)]);
        browser.sign_in(&identifier, &secret).await.must_say("La connexion n’a pas abouti");
        browser.sign_in(&identifier, PASSWORD).await.must_not_say("n’a pas abouti");
    }

    /// Whatever is wrong, the page is the same; the log knows why, and never what was typed.
    async fn a_refusal_says_nothing_and_the_log_everything(app) {
        let (_, identifier) = app.found_caf().await;
        app.secret_mailed_to("odile.marchepont.591@caf.example").await;
        let mut browser = app.browser();
        let unknown = browser.sign_in("XXX-ABCDEF", "un secret tapé là").await.clone();
        let wrong = browser.sign_in(&identifier, "un secret tapé là").await.clone();
        assert_eq!(unknown.status, wrong.status);
        assert_eq!(unknown.html.replace("XXX-ABCDEF", ""), wrong.html.replace(&identifier, ""));
        let causes: Vec<String> = app
            .bodies("sign_in.refused")
            .await
            .iter()
            .map(|body| body["object"]["cause"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(causes, ["unknown_identifier", "wrong_secret"]);
        let all: Vec<(String,)> = app.rows("SELECT body FROM trace").await;
        assert!(all.iter().all(|(body,)| !body.contains("XXX-ABCDEF") && !body.contains("secret tapé")));
    }

    /// Five failures, then a wait that grows; the right password is not heard before its end.
    async fn guesses_wait_longer_and_longer(app) {
        let (_, identifier) = app.found_caf().await;
        let mut known = app.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await;
        known.sign_out().await;
        let mut browser = app.browser();
        for _ in 0..5 {
            browser.sign_in(&identifier, "faux").await.must_say("n’a pas abouti");
        }
        browser.sign_in(&identifier, PASSWORD).await.must_say("n’a pas abouti");
        app.clock.advance(Duration::seconds(61));
        browser.sign_in(&identifier, PASSWORD).await.must_not_say("n’a pas abouti");
        let causes = app.bodies("sign_in.refused").await;
        assert_eq!(causes.last().unwrap()["object"]["cause"], "delayed");
    }

    /// A whole office may come at once; beyond, its address waits for its turn, whoever is right, and the log counts.
    async fn a_source_that_insists_waits_for_its_turn(app) {
        let [organism, _] = cast(app).await;
        let identifier = &organism.administrator.identifier;
        let mut browser = app.browser();
        for _ in 0..30 {
            assert_eq!(browser.sign_in("XXX-ABCDEF", "faux").await.status, 422);
        }
        for _ in 0..3 {
            let page = browser.sign_in(identifier, PASSWORD).await;
            assert_eq!(page.status, 429, "{}", page.text());
            assert_eq!(page.headers["retry-after"], "2");
        }
        assert!(browser.cookie("__Host-session").is_none());
        let told: Vec<_> = app.bodies("sign_in.throttled").await.iter().map(|body| body["object"]["count"].clone()).collect();
        assert_eq!(told, [1], "the first at once, the others together when a minute has passed");
        assert_eq!(app.bodies("sign_in.refused").await.len(), 30, "nothing beyond the budget was looked up");
        app.clock.advance(Duration::seconds(4));
        browser.sign_in(identifier, PASSWORD).await.must_not_say("n’a pas abouti");
        assert!(browser.cookie("__Host-session").is_some());
    }

    /// Once less than a tenth of the space is left, whoever has no session waits first; signed-in work goes on.
    async fn near_the_end_of_the_space_signed_in_work_goes_on(app) {
        let [organism, _] = cast(app).await;
        let mut working = organism.administrator.sits_down(app).await;
        app.app.space().note(99, 1_000);
        let attempts = app.facts().await.len();
        let mut browser = app.browser();
        let page = browser.sign_in(&organism.auditor.identifier, PASSWORD).await;
        assert_eq!(page.status, 503, "{}", page.text());
        assert_eq!(app.facts().await.len(), attempts, "an attempt that is refused here takes no space");
        working.open("/partenaires").await.must_say("Commune de Brumeval");
        app.app.space().note(100, 1_000);
        browser.sign_in(&organism.auditor.identifier, PASSWORD).await.must_not_say("n’a pas abouti");
        assert!(browser.cookie("__Host-session").is_some());
    }

    /// Whoever signs in where somebody is signed in ends that session: its id opens nothing any more.
    async fn signing_in_again_ends_the_session_before(app) {
        let [organism, _] = cast(app).await;
        let mut tab = app.browser();
        tab.open("/").await;
        let form = tab.form("/connexion").fill("identifiant", &organism.auditor.identifier).fill("secret", PASSWORD);
        let mut browser = organism.administrator.sits_down(app).await;
        let before = browser.cookie("__Host-session").unwrap().clone();
        form.send(&mut browser).await;
        assert_eq!(browser.open("/partenaires").await.status, 404, "the auditor is here now");
        assert_ne!(browser.cookie("__Host-session"), Some(&before));
        let mut thief = app.browser();
        thief.set_cookie("__Host-session", &before);
        assert_eq!(thief.open("/partenaires").await.heading(), "Se connecter");
    }

    /// The cookie of the session is for this site, over TLS, for no script, and for no longer than the browser runs.
    async fn the_cookie_of_the_session_is_closed_on_all_sides(app) {
        let [organism, _] = cast(app).await;
        let mut browser = app.browser();
        browser.open("/").await;
        let form = browser.form("/connexion").fill("identifiant", &organism.administrator.identifier).fill("secret", PASSWORD);
        let body = serde_html_form::to_string(form.fields()).unwrap();
        let answer = browser.request(Method::POST, "/connexion", Some(body)).await;
        let given = attributes(&answer);
        assert_eq!(given, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
        browser.open("/accueil").await;
        let form = browser.form("/deconnexion");
        let body = serde_html_form::to_string(form.fields()).unwrap();
        let taken = attributes(&browser.request(Method::POST, "/deconnexion", Some(body)).await);
        for wanted in ["HttpOnly", "Max-Age=0", "Path=/", "SameSite=Lax", "Secure"] {
            assert!(taken.iter().any(|told| told == wanted), "{wanted}: {taken:?}");
        }
    }

    /// A code that waited too long opens nothing; the log says why.
    async fn a_code_serves_for_seven_days(app) {
        let (_, in_time) = app.found_caf().await;
        let (_, late) = app.found("621", "Caf des Sept-Vallées", "62").await;
        let first = app.secret_mailed_to("odile.marchepont.591@caf.example").await;
        let second = app.secret_mailed_to("odile.marchepont.621@caf.example").await;
        app.clock.advance(Duration::days(7));
        let mut browser = app.browser();
        browser.sign_in(&in_time, &first).await.must_say("Choisissez votre mot de passe");
        app.clock.advance(Duration::microseconds(1));
        let mut browser = app.browser();
        browser.sign_in(&late, &second).await.must_say("n’a pas abouti");
        assert_eq!(app.bodies("sign_in.refused").await.last().unwrap()["object"]["cause"], "secret_expired");
    }

    /// Thirty minutes without entry are allowed; then the next click lands on the home page, with the reason.
    async fn a_session_ends_after_thirty_minutes_without_entry(app) {
        let (_, mut browser) = app.administrator().await;
        app.clock.advance(Duration::minutes(30));
        assert_eq!(browser.open("/mot-de-passe").await.heading(), "Changer de mot de passe");
        app.clock.advance(Duration::minutes(30) + Duration::microseconds(1));
        browser.open("/mot-de-passe").await.must_say("Trente minutes ont passé sans saisie");
        assert_eq!(browser.page().path, "/?fin=inactivite");
        assert!(browser.cookie("__Host-session").is_none());
        assert_eq!(app.bodies("session.ended").await.last().unwrap()["object"]["cause"], "idle");
    }

    /// One key is an entry like any other: thirty more minutes.
    async fn a_session_is_extended(app) {
        let (_, mut browser) = app.administrator().await;
        app.clock.advance(Duration::minutes(29));
        browser.form("/session/prolonger").send(&mut browser).await;
        app.clock.advance(Duration::minutes(29));
        assert_eq!(browser.open("/mot-de-passe").await.heading(), "Changer de mot de passe");
    }

    /// Twelve hours end the busiest session.
    async fn no_session_lasts_longer_than_twelve_hours(app) {
        let (_, mut browser) = app.administrator().await;
        for _ in 0..24 {
            app.clock.advance(Duration::minutes(30));
            assert_eq!(browser.open("/mot-de-passe").await.heading(), "Changer de mot de passe");
        }
        app.clock.advance(Duration::minutes(1));
        browser.open("/mot-de-passe").await.must_say("douze heures");
    }

    /// A form without the token of its session, or from another site, does nothing.
    async fn a_form_from_elsewhere_is_refused(app) {
        let (_, mut browser) = app.administrator().await;
        browser.open("/mot-de-passe").await;
        let form = browser.form("/mot-de-passe").fill("actuel", PASSWORD).fill("nouveau", "cinq pies dans un sureau").fill("confirmation", "cinq pies dans un sureau");
        form.clone().forge("jeton", "0000").send(&mut browser).await;
        assert_eq!(browser.page().status, 403);
        assert!(!app.facts().await.contains(&"password.changed".to_owned()));
        assert_eq!(app.bodies("page.refused").await.last().unwrap()["object"]["cause"], "cross_site");
        assert_eq!(app.bodies("password.chosen").await.len(), 1, "the first one only");
    }
}

/// What the answer says of the session's cookie beside its value, in order.
fn attributes(answer: &Page) -> Vec<String> {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    let mut attributes: Vec<String> = cookie.split(';').skip(1).map(|part| part.trim().to_owned()).collect();
    attributes.sort();
    attributes
}
