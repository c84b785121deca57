//! A partner's people, managed by its principal: added, invited, suspended; read by the organism, hidden from others.

use time::Duration;

use crate::stories;
use crate::support::caisse::{SIRETS, name_principal, register};
use crate::support::owner::Owner;
use crate::support::{Browser, PASSWORD, TestApp};

/// A partner and its principal, signed in; gives the address of its users.
async fn commune(app: &TestApp, organism: &mut Browser, siret: &str, mail: &str) -> (String, Browser) {
    let partner = register(organism, "Commune de Brumeval", siret).await;
    let identifier = name_principal(organism, &partner, mail).await;
    (format!("{partner}/utilisateurs"), app.first_sign_in(&identifier, mail).await)
}

/// Adds somebody; gives the address of his page.
async fn add(principal: &mut Browser, users: &str, given_name: &str, surname: &str, mail: &str) -> String {
    principal.open(&format!("{users}/nouveau")).await;
    let form = principal
        .form("/nouveau")
        .fill("prenom", given_name)
        .fill("nom", surname)
        .fill("fonction", "Agente d’accueil");
    form.fill("courriel", mail).send(principal).await;
    principal.page().must_say("C’est fait");
    principal.page().path.split('?').next().unwrap().to_owned()
}

/// The identifier that the page of a person shows.
fn identifier(browser: &Browser) -> String {
    browser.page().select("dd .mono").first().expect("an identifier").clone()
}

stories! {
    /// A person is added, gets the identifier from the manager and the code by mail, and signs in.
    async fn a_person_is_added_and_signs_in(app) {
        let (_, mut organism) = app.administrator().await;
        let (users, mut principal) = commune(app, &mut organism, SIRETS[0], "maelle.tournesac@brumeval.example").await;
        principal.page().must_say("Ajoutez vos collègues").must_say("Personne n’a encore de compte");
        principal.open(&users).await.must_say("1 personne");
        let person = add(&mut principal, &users, "Ewen", "Marsilhe", "Ewen.Marsilhe@brumeval.example").await;
        principal.page().must_say("Ewen Marsilhe a un compte").must_say("sans passer par vous").must_say("Le code va partir");
        let written = identifier(&principal);
        assert!(written.starts_with("BRU-") && written.len() == 10, "{written}");
        principal.open(&format!("{person}/identifiant")).await.must_say(&written).must_say("Un code d’ouverture vous parvient par courriel");
        let read = app.bodies("page.read").await;
        let own = person.rsplit('/').next().unwrap();
        let routes: Vec<_> = read.iter().filter(|body| body["object"]["subject"] == own).map(|body| body["object"]["route"].clone()).collect();
        assert!(routes.iter().any(|route| route.as_str().unwrap().ends_with("/identifiant")), "{routes:?}");
        let mut agent = app.first_sign_in(&written, "ewen.marsilhe@brumeval.example").await;
        agent.open("/accueil").await.must_say("Bonjour Ewen").must_say("pas de rôle en cours");
        agent.open("/mes-habilitations").await.must_say("pas encore de rôle");
        principal.open(&person).await.must_say("Actif").must_say("aujourd’hui");
        assert_eq!(app.bodies("user.created").await[0]["object"]["identifier"], written.as_str());
        // The code was never shown to the principal.
        let secret = app.rows::<(String,)>("SELECT body FROM trace WHERE fact = 'secret.issued'").await;
        assert!(secret.iter().all(|(body,)| !body.contains("secret\":")));
    }

    /// What is wrong is said field by field; one address is one account, whatever its case; sent twice, done once.
    async fn an_address_is_of_one_person(app) {
        let (_, mut organism) = app.administrator().await;
        let (users, mut principal) = commune(app, &mut organism, SIRETS[0], "maelle.tournesac@brumeval.example").await;
        principal.open(&format!("{users}/nouveau")).await;
        let form = principal.form("/nouveau").fill("prenom", "Ewen").fill("nom", "Marsilhe").fill("fonction", "Animateur");
        form.clone().fill("courriel", "accueil@brumeval.example").fill("telephone", "12").send(&mut principal).await;
        assert_eq!(principal.page().status, 422);
        principal.page().must_say("semble partagée").must_say("pas un numéro de téléphone");
        assert_eq!(principal.form("/nouveau").value("nom"), Some("Marsilhe"), "what was typed stays");
        form.clone().fill("courriel", "MAELLE.TOURNESAC@brumeval.example").send(&mut principal).await;
        assert_eq!(principal.page().status, 422);
        principal.page().must_say("déjà celle d’un autre compte");
        let good = form.fill("courriel", "ewen.marsilhe@brumeval.example");
        good.clone().send(&mut principal).await;
        let first = principal.page().path.clone();
        good.send(&mut principal).await;
        assert_eq!(principal.page().path, first, "sent twice, done once");
        assert_eq!(app.bodies("user.created").await.len(), 1);
    }

    /// A suspension ends the sessions at the next request; lifting it gives everything back.
    async fn a_suspended_person_is_out_at_the_next_request(app) {
        let (_, mut organism) = app.administrator().await;
        let (users, mut principal) = commune(app, &mut organism, SIRETS[0], "maelle.tournesac@brumeval.example").await;
        let person = add(&mut principal, &users, "Ewen", "Marsilhe", "ewen.marsilhe@brumeval.example").await;
        let written = identifier(&principal);
        let mut agent = app.first_sign_in(&written, "ewen.marsilhe@brumeval.example").await;
        let mut asleep = app.browser();
        asleep.sign_in(&written, PASSWORD).await.must_say("Bonjour Ewen");
        principal.open(&format!("{person}/suspendre")).await.must_say("ses sessions ouvertes sont fermées");
        let form = principal.form("/suspendre");
        form.clone().fill("motif", " ").send(&mut principal).await;
        assert_eq!(principal.page().status, 422);
        form.clone().fill("motif", "Congé long").send(&mut principal).await;
        principal.page().must_say("est suspendu").must_say("Motif : Congé long").must_not_say("Envoyer un autre code");
        agent.open("/accueil").await;
        assert!(agent.cookie("__Host-session").is_none(), "{}", agent.page().text());
        agent.sign_in(&written, PASSWORD).await.must_say("n’a pas abouti");
        form.forge("cle", "une-autre").fill("motif", "Encore").send(&mut principal).await;
        assert_eq!(principal.page().status, 409, "suspended already");
        principal.open(&person).await;
        principal.form("/reactiver").send(&mut principal).await;
        principal.page().must_say("a de nouveau accès").must_say("Actif");
        assert_eq!(asleep.open("/accueil").await.heading(), "Se connecter", "a session does not wait for its person to come back");
        app.clock.advance(Duration::minutes(2));
        agent.sign_in(&written, PASSWORD).await.must_say("Bonjour Ewen");
        // However an account came to be suspended, its next request is its last.
        Owner::of(app).await.run("UPDATE account SET suspended_at = created_at WHERE office = 'user'").await.unwrap();
        assert_eq!(agent.open("/accueil").await.path, "/?fin=acces");
        assert_eq!(app.bodies("session.ended").await.last().unwrap()["object"]["cause"], "revoked");
        assert_eq!(app.bodies("user.suspended").await[0]["object"]["reason"], "Congé long");
        assert_eq!(app.bodies("user.reactivated").await.len(), 1);
    }

    /// Another code clears the password and the sessions; an expired code is told.
    async fn another_code_replaces_the_password(app) {
        let (_, mut organism) = app.administrator().await;
        let (users, mut principal) = commune(app, &mut organism, SIRETS[0], "maelle.tournesac@brumeval.example").await;
        let person = add(&mut principal, &users, "Ewen", "Marsilhe", "ewen.marsilhe@brumeval.example").await;
        let written = identifier(&principal);
        let mut agent = app.first_sign_in(&written, "ewen.marsilhe@brumeval.example").await;
        principal.open(&format!("{person}/code")).await.must_say("Son mot de passe est effacé");
        principal.form("/code").send(&mut principal).await;
        principal.page().must_say("un nouveau code va partir").must_say("Nouveau code");
        agent.open("/accueil").await;
        assert!(agent.cookie("__Host-session").is_none());
        agent.sign_in(&written, PASSWORD).await.must_say("n’a pas abouti");
        app.clock.advance(Duration::minutes(2));
        let agent = app.first_sign_in(&written, "ewen.marsilhe@brumeval.example").await;
        agent.page().must_say("Bonjour Ewen");
        assert_eq!(app.bodies("secret.asked").await.len(), 1);
    }

    /// The list is found by any beginning, narrowed by state, and read page by page in a stable order.
    async fn the_list_is_searched_and_paged(app) {
        let (_, mut organism) = app.administrator().await;
        let (users, mut principal) = commune(app, &mut organism, SIRETS[0], "maelle.tournesac@brumeval.example").await;
        for number in 0..26 {
            let letter = char::from(b'A' + number);
            add(&mut principal, &users, "Lou", &format!("{letter}quatre"), &format!("lou.{number}@brumeval.example")).await;
        }
        // The job sends so many mails a round: the last ones leave when the story ends.
        app.secret_mailed_to("lou.3@brumeval.example").await;
        principal.open(&users).await.must_say("27 personnes").must_say("25 sur 27");
        assert_eq!(principal.page().select("tbody tr").len(), 25);
        let first = principal.page().select("tbody th b");
        principal.follow("Suivants").await.must_say("2 sur 27");
        assert_eq!(principal.page().select("tbody th b"), ["Yquatre Lou", "Zquatre Lou"]);
        principal.follow("Précédents").await;
        assert_eq!(principal.page().select("tbody th b"), first);
        principal.open(&format!("{users}?q=cquatre+agent")).await.must_say("1 personne");
        principal.open(&format!("{users}?etat=premiere-connexion")).await.must_say("26 personnes");
        principal.open(&format!("{users}?etat=suspendu&q=lou")).await.must_say("Personne ne répond à ces critères").must_say("dans tous les états");
        principal.open(&format!("{users}?etat=sans-habilitation")).await.must_say("26 personnes");
        principal.open("/accueil").await.must_say("26 personnes ne se sont pas encore connectées");
    }

    /// The organism reads and does nothing; a principal does nothing to himself; another partner sees nothing.
    async fn nobody_acts_outside_his_people(app) {
        let (_, mut organism) = app.administrator().await;
        let (users, mut principal) = commune(app, &mut organism, SIRETS[0], "maelle.tournesac@brumeval.example").await;
        let person = add(&mut principal, &users, "Ewen", "Marsilhe", "ewen.marsilhe@brumeval.example").await;
        let (elsewhere, mut other) = commune(app, &mut organism, SIRETS[1], "paol.brisefort@aure.example").await;
        organism.open(&person).await.must_say("Ewen Marsilhe").must_not_say("Suspendre").must_not_say("Donner un rôle");
        organism.open(&users).await.must_not_say("Ajouter une personne");
        for path in ["/suspendre", "/code"] {
            assert_eq!(organism.open(&format!("{person}{path}")).await.status, 404, "{path}");
            assert_eq!(other.open(&format!("{person}{path}")).await.status, 404, "{path}");
        }
        assert_eq!(organism.open(&format!("{users}/nouveau")).await.status, 404);
        for hidden in [users.clone(), person.clone(), format!("{person}/identifiant"), format!("{users}/nouveau")] {
            assert_eq!(other.open(&hidden).await.status, 404, "{hidden}");
        }
        // Under another partner's address, the person does not exist either.
        let moved = person.replace(&users, &elsewhere);
        assert_eq!(other.open(&moved).await.status, 404);
        // Oneself.
        principal.open(&format!("{users}?q=tournesac")).await;
        let own = principal.page().links("Tournesac")[0].clone();
        principal.open(&own).await.must_say("Compte géré par la caisse").must_not_say("Suspendre l’accès");
        assert_eq!(principal.open(&format!("{own}/suspendre")).await.status, 404);
        // The token of one's own session opens nobody else's act.
        principal.open(&format!("{person}/suspendre")).await;
        other.open(&format!("{elsewhere}/nouveau")).await;
        let token = other.form("/nouveau").value("jeton").unwrap().to_owned();
        let form = principal.form("/suspendre").fill("motif", "Par un autre").forge("jeton", &token);
        form.send(&mut other).await;
        assert_eq!(other.page().status, 404);
        assert!(app.bodies("user.suspended").await.is_empty());
    }
}
