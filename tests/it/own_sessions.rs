//! One's own sessions: seen, ended from another one, and never those of somebody else; pages open to all keep the menu.

use std::net::{Ipv4Addr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, StatusCode, header};
use time::Duration;

use crate::stories;
use crate::support::cast::{Person, cast};
use crate::support::{Browser, PASSWORD, TestApp};

/// Signs in from an address, with a browser.
async fn signed_in_from(app: &TestApp, person: &Person, address: [u8; 4], agent: &str) -> Browser {
    let mut browser = app.browser();
    let form =
        serde_html_form::to_string([("identifiant", person.identifier.as_str()), ("secret", PASSWORD)])
            .unwrap();
    let mut request = Request::post("/connexion")
        .header(header::HOST, "partenaires.caf.example")
        .header(header::USER_AGENT, agent)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form))
        .unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::from(address), 40_000))));
    let answer = browser.exchange(request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    browser.open("/accueil").await;
    browser
}

/// The lines of the page of one's sessions.
async fn lines(browser: &mut Browser) -> Vec<String> {
    browser.open("/mes-sessions").await.select("tbody tr")
}

stories! {
    /// Each office sees where it is signed in, and ends what it does not need; what is ended is told why.
    async fn a_person_ends_a_session_from_another(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        for person in [&organism.administrator, &organism.auditor, &partner.principal, &partner.user] {
            let mut office = signed_in_from(app, person, [192, 0, 2, 7], "Mozilla/5.0 Firefox/140.0").await;
            office.page().must_say("C’est votre première connexion");
            app.clock.advance(Duration::minutes(10));
            let mut home = signed_in_from(app, person, [198, 51, 100, 9], "Mozilla/5.0 Chrome/140.0 Edg/140.0").await;
            home.page().must_say("Connexion précédente : aujourd’hui, ");
            home.follow("Mes sessions").await;
            let shown = lines(&mut home).await;
            assert_eq!(shown.len(), 2, "{shown:?}");
            assert!(shown[0].contains("Edge") && shown[0].contains("198.51.100.9") && shown[0].contains("Cette session"));
            assert!(shown[1].contains("Firefox") && shown[1].contains("192.0.2.7") && !shown[1].contains("Cette session"));
            // The key of a row stays in the database.
            let keys: Vec<(Vec<u8>,)> = app.rows("SELECT id_hash FROM session").await;
            assert!(keys.iter().all(|(key,)| !home.page().html.contains(&compte_partenaire::crypto::hex(key))));
            home.form("/mes-sessions/fermer").send(&mut home).await;
            home.page().must_say("la session est fermée");
            assert_eq!(lines(&mut home).await.len(), 1);
            office.open("/accueil").await.must_say("fermée depuis une autre de vos sessions");
            assert_eq!(office.page().path, "/?fin=ailleurs");
            assert!(office.cookie("__Host-session").is_none());
            let closed = app.bodies("session.closed").await.pop().unwrap();
            let ended = app.bodies("session.ended").await.pop().unwrap();
            assert_eq!(ended["object"]["cause"], "elsewhere");
            assert_eq!(closed["object"]["session"], ended["origin"]["session"], "the one that was meant");
            assert_ne!(closed["origin"]["session"], ended["origin"]["session"]);
            home.open("/accueil").await.must_say("Voir mes sessions");
            home.sign_out().await;
        }
    }

    /// All the others at once; what they send then is neither done nor kept. A dead session is not listed.
    async fn all_the_others_end_at_once(app) {
        let [organism, _] = cast(app).await;
        let person = &organism.administrator;
        person.sits_down(app).await;
        app.clock.advance(Duration::minutes(31));
        let mut here = person.sits_down(app).await;
        let (mut one, mut two) = (person.sits_down(app).await, person.sits_down(app).await);
        assert_eq!(lines(&mut here).await.len(), 3, "one of four has idled too long");
        one.open("/partenaires/nouveau").await;
        here.form("/fermer-les-autres").send(&mut here).await;
        here.page().must_say("vos autres sessions sont fermées");
        one.form("/partenaires/nouveau").fill("nom", "Brumeval").send(&mut one).await;
        one.page().must_say("fermée depuis une autre de vos sessions");
        two.open("/accueil").await.must_say("fermée depuis une autre de vos sessions");
        assert_eq!(app.bodies("session.closed").await.len(), 2);
        assert!(app.bodies("form.kept").await.is_empty());
        here.open("/accueil").await.must_not_say("Vous aviez commencé").must_say("Voir mes sessions");
    }

    /// Nobody ends the session of somebody else, nor his own by that page.
    async fn only_ones_own_others_can_be_ended(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        let mut agent = partner.user.sits_down(app).await;
        let second = partner.user.sits_down(app).await;
        agent.open("/mes-sessions").await;
        let theirs = agent.form("/mes-sessions/fermer").value("session").unwrap().to_owned();
        let mut principal = partner.principal.sits_down(app).await;
        let token = principal.form("/deconnexion").value("jeton").unwrap().to_owned();
        let own = app.bodies("page.read").await.pop().unwrap()["origin"]["session"].as_str().unwrap().to_owned();
        for name in [theirs.as_str(), own.as_str(), ""] {
            let form = [("jeton".to_owned(), token.clone()), ("session".to_owned(), name.to_owned())];
            principal.post("/mes-sessions/fermer", &form).await.must_say("plus rien à fermer");
        }
        assert!(app.bodies("session.closed").await.is_empty());
        for mut browser in [agent, second, principal] {
            browser.open("/accueil").await.must_say("Voir mes sessions");
        }
    }

    /// Changing the password ends the other sessions, and they are told.
    async fn a_new_password_ends_the_other_sessions(app) {
        let [organism, _] = cast(app).await;
        let person = &organism.auditor;
        let (mut here, mut there) = (person.sits_down(app).await, person.sits_down(app).await);
        here.open("/mot-de-passe").await;
        here.form("/mot-de-passe")
            .fill("actuel", PASSWORD)
            .fill("nouveau", "cinq pies dans un sureau")
            .fill("confirmation", "cinq pies dans un sureau")
            .send(&mut here)
            .await;
        here.page().must_say("votre mot de passe est enregistré");
        there.open("/accueil").await.must_say("votre mot de passe y a été changé");
        let shown = lines(&mut here).await;
        assert_eq!(shown.len(), 1, "{shown:?}");
        assert!(shown[0].contains("Firefox"), "the new id of a session keeps what was known of it: {shown:?}");
    }

    /// A page open to all keeps the menu of whoever is signed in, and reading it is no entry.
    async fn help_keeps_the_menu_and_is_no_entry(app) {
        let [organism, _] = cast(app).await;
        let mut browser = organism.administrator.sits_down(app).await;
        let before = app.facts().await.len();
        app.clock.advance(Duration::minutes(29));
        let pages = ["/aide", "/accessibilite", "/mentions-legales", "/donnees-personnelles", "/cookies", "/plan-du-site"];
        for path in pages {
            browser.open(path).await.must_say("Mes sessions").must_say("Se déconnecter");
            assert_eq!(browser.page().select("meta[name=fin-de-session]").len(), 1);
            assert!(browser.page().html.contains("name=\"fin-de-session\" content=\"60\""), "one minute is left");
        }
        browser.open("/ecran-efface").await.must_not_say("Se déconnecter");
        assert_eq!(app.facts().await.len(), before, "they leave no trace");
        app.clock.advance(Duration::minutes(1) + Duration::microseconds(1));
        browser.open("/aide").await.must_not_say("Se déconnecter");
        browser.open("/accueil").await.must_say("Trente minutes ont passé");
        let mut stranger = app.browser();
        stranger.set_cookie("__Host-session", "AAAAAAAAAAAAAAAAAAAAAA");
        assert_eq!(stranger.request(Method::GET, "/aide", None).await.status, StatusCode::OK);
    }
}
