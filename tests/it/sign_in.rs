//! Signing in, choosing a password, being signed out: what a person and an auditor see of it.

use time::Duration;

use crate::stories;
use crate::support::PASSWORD;

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
        // The secret was for one use.
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
