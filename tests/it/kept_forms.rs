//! Forms that a session's end caught before they were sent: kept for their author alone, given back, never executed,
//! and of some forms never kept.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use compte_partenaire::clock::Entropy;
use compte_partenaire::domain::access::{Mode, Permission, Scope, allows_at};
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::domain::id::KeptFormId;
use compte_partenaire::jobs;
use compte_partenaire::web::kept_form::{FORMS, form_at};
use compte_partenaire::web::paths::{LookUp, NewPartner, NewUser, PrincipalSecret, SuspendUser};
use compte_partenaire::web::routes::Access;
use scraper::{Html, Selector};
use time::Duration;

use crate::stories;
use crate::support::caisse::{SIRETS, register};
use crate::support::cast::{Organism, Partner, Person, cast};
use crate::support::forms::{Filled, forms};
use crate::support::{Browser, Form, PASSWORD, TestApp};

/// Just beyond what a session may idle.
const TOO_LONG: Duration = Duration::minutes(31);

/// The form of a new person, filled in and not sent.
async fn fill_new_user(browser: &mut Browser, partner: &Partner) -> Form {
    browser.open(&NewUser { partner: partner.id }.to_string()).await;
    browser
        .form("/utilisateurs/nouveau")
        .fill("prenom", "Ysaline")
        .fill("nom", "Quervel & sœur")
        .fill("fonction", "Agente d’accueil")
}

/// What a page sends by itself: its form, and what is typed in it.
async fn send_by_itself(
    browser: &mut Browser,
    token: &str,
    form: &str,
    typed: &[(String, String)],
) -> StatusCode {
    let fields =
        [("jeton", token), ("formulaire", form), ("saisie", &serde_html_form::to_string(typed).unwrap())];
    let body = serde_html_form::to_string(fields).unwrap();
    browser.request(Method::POST, "/saisies", Some(body)).await.status
}

/// By address; the last one first where several people typed in the same form.
async fn kept(app: &TestApp) -> Vec<(KeptFormId, String)> {
    app.rows("SELECT id, path FROM kept_form ORDER BY path, kept_at DESC").await
}

/// Gives somebody the password of the tests back, whatever stands in its place.
async fn choose_again(app: &TestApp, person: &Person) {
    let hash = app.app.passwords().hash(PASSWORD.to_owned()).await.unwrap();
    let write = app.app.write(&app.app.job("essai", None)).await.unwrap();
    let mut tx = write.permit(Permission::FoundOrganism, Scope::Installation).unwrap();
    tx.write("UPDATE account SET password_hash = $2 WHERE id = $1")
        .bind(person.id)
        .bind(hash)
        .execute()
        .await
        .unwrap();
    let _receipt = tx.commit([Fact::DemonstrationPasswordSet { account: person.id }]).await.unwrap();
}

async fn sign_in_again(browser: &mut Browser, person: &Person) {
    browser.sign_in(&person.identifier, PASSWORD).await;
}

stories! {
    /// Sent after the end of the session: nothing is done, and everything is there again after signing in.
    async fn a_form_sent_too_late_is_given_back(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        let mut principal = partner.principal.sits_down(app).await;
        let form = fill_new_user(&mut principal, partner).await;
        app.clock.advance(TOO_LONG);
        form.send(&mut principal).await;
        assert_eq!(principal.page().path, "/?fin=inactivite");
        principal.page().must_say("un formulaire commencé vous sera proposé");
        assert!(app.bodies("user.created").await.is_empty(), "what comes too late is not executed");

        // It lies encrypted, and no trace holds a word of it.
        let rows: Vec<(Vec<u8>,)> = app.rows("SELECT sealed FROM kept_form").await;
        assert_eq!(rows.len(), 1);
        assert!(!rows[0].0.windows(7).any(|bytes| bytes == b"Ysaline"), "it lies in clear");
        let traced: Vec<(String,)> = app.rows("SELECT body FROM trace").await;
        assert!(traced.iter().all(|(body,)| !body.contains("Ysaline") && !body.contains("Quervel")));
        let told = app.bodies("form.kept").await;
        assert_eq!(told[0]["object"]["route"], "/partenaires/{partner}/utilisateurs/nouveau");
        assert_eq!(told[0]["correlation"], app.bodies("session.ended").await[0]["correlation"]);

        sign_in_again(&mut principal, &partner.principal).await;
        principal.page().must_say("Vous aviez commencé l’ajout d’une personne").must_say("aujourd’hui");
        principal.follow("Reprendre").await.must_say("Votre saisie est reprise").must_say("Rien n’est enregistré");
        let address = principal.page().path.clone();
        // A page read again, or come back to, loses nothing.
        for _ in 0..2 {
            principal.open(&address).await;
            let form = principal.form("/utilisateurs/nouveau");
            assert_eq!(form.value("prenom"), Some("Ysaline"));
            assert_eq!(form.value("nom"), Some("Quervel & sœur"));
        }
        assert_eq!(app.bodies("form.resumed").await.len(), 3, "each time that it is shown");
        assert!(app.bodies("user.created").await.is_empty());

        // Sent at last, it is kept no more.
        let form = principal.form("/utilisateurs/nouveau").fill("nom", "Quervel");
        form.fill("courriel", "ysaline.quervel@commune.example").send(&mut principal).await;
        principal.page().must_say("C’est fait");
        assert!(kept(app).await.is_empty());
        let erased = app.bodies("form.erased").await;
        assert_eq!(erased[0]["object"]["cause"], "sent");
        assert_eq!(erased[0]["correlation"], app.bodies("user.created").await[0]["correlation"]);
        principal.open("/accueil").await.must_not_say("Vous aviez commencé");
    }

    /// The end of the twelfth hour keeps what was typed too.
    async fn the_longest_day_loses_nothing(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        let mut principal = partner.principal.sits_down(app).await;
        for _ in 0..24 {
            app.clock.advance(Duration::minutes(29));
            principal.open("/accueil").await;
        }
        let form = fill_new_user(&mut principal, partner).await;
        app.clock.advance(Duration::minutes(25));
        form.send(&mut principal).await;
        assert_eq!(principal.page().path, "/?fin=duree");
        sign_in_again(&mut principal, &partner.principal).await;
        principal.page().must_say("Vous aviez commencé l’ajout d’une personne");
    }

    /// It is its author's: nobody else is offered it or shown it, at that place or elsewhere, nor he after a day.
    async fn what_was_typed_is_its_authors_for_a_day(app) {
        let [organism, other] = cast(app).await;
        let [partner, neighbour] = &organism.partners;
        let mut browser = partner.principal.sits_down(app).await;
        let form = fill_new_user(&mut browser, partner).await;
        app.clock.advance(TOO_LONG);
        form.send(&mut browser).await;
        let (id, path) = kept(app).await.remove(0);
        for person in [&neighbour.principal, &organism.administrator, &other.partners[0].principal] {
            sign_in_again(&mut browser, person).await;
            browser.page().must_not_say("Vous aviez commencé");
            browser.open(&format!("{path}?saisie={id}")).await.must_not_say("Quervel").must_not_say("reprise");
            let erase = format!("/saisies/{id}/effacer");
            browser.open("/accueil").await;
            let token = browser.form("/deconnexion").value("jeton").unwrap().to_owned();
            let answer = browser.request(Method::POST, &erase, Some(format!("jeton={token}"))).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            browser.open("/accueil").await;
            browser.sign_out().await;
        }
        sign_in_again(&mut browser, &partner.principal).await;
        // Another form is not filled with it.
        browser.open(&format!("{}?saisie={id}", NewUser { partner: neighbour.id })).await.must_not_say("reprise");
        browser.open(&format!("{path}?saisie={id}")).await.must_say("reprise");
        assert_eq!(app.bodies("form.resumed").await.len(), 1);
        app.clock.advance(Duration::hours(24));
        sign_in_again(&mut browser, &partner.principal).await;
        browser.page().must_not_say("Vous aviez commencé");
        browser.open(&format!("{path}?saisie={id}")).await.must_not_say("reprise");
        app.clock.advance(Duration::seconds(1));
        jobs::tidy::tidy(&app.app).await.unwrap();
        assert!(kept(app).await.is_empty());
        let tidied = app.bodies("rows.tidied").await;
        assert!(tidied.iter().any(|body| body["object"]["what"] == "kept_form"), "{tidied:?}");
    }

    /// No number of a beneficiary, no password; nothing without the session's token; nothing of somebody shut out.
    async fn what_must_not_be_kept_leaves_nothing(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        let mut agent = partner.user.sits_down(app).await;
        let token = agent.form("/deconnexion").value("jeton").unwrap().to_owned();
        let number = [("numero".to_owned(), "0042317".to_owned())];
        for form in ["/consultation", "/mot-de-passe", "/saisies", "/partenaires", "/partenaires/x/modifier", ""] {
            assert_eq!(send_by_itself(&mut agent, &token, form, &number).await, StatusCode::BAD_REQUEST, "{form}");
        }
        let huge = [("nom".to_owned(), "a".repeat(40_000))];
        assert_eq!(send_by_itself(&mut agent, &token, "/partenaires/nouveau", &huge).await, StatusCode::BAD_REQUEST);
        let name = [("nom".to_owned(), "Brumeval".to_owned())];
        assert_eq!(send_by_itself(&mut agent, "0000", "/partenaires/nouveau", &name).await, StatusCode::FORBIDDEN);
        agent.open(&LookUp.to_string()).await;
        let look_up = agent.form("/consultation").fill("numero", "0042317");
        agent.open("/mot-de-passe").await;
        let password = agent.form("/mot-de-passe").fill("actuel", PASSWORD).fill("nouveau", "cinq pies dans un sureau");
        for form in [look_up, password] {
            app.clock.advance(TOO_LONG);
            form.send(&mut agent).await;
            assert_eq!(agent.page().path, "/?fin=inactivite");
            sign_in_again(&mut agent, &partner.user).await;
            agent.page().must_not_say("Vous aviez commencé");
        }
        let mut principal = partner.principal.sits_down(app).await;
        let form = fill_new_user(&mut principal, partner).await;
        app.clock.advance(TOO_LONG);
        form.forge("jeton", "0000").send(&mut principal).await;
        assert!(app.bodies("form.kept").await.is_empty() && kept(app).await.is_empty());

        // Whoever suspends an account erases what it had kept, and a form that comes later still is not kept.
        sign_in_again(&mut agent, &partner.user).await;
        let token = agent.form("/deconnexion").value("jeton").unwrap().to_owned();
        let status = send_by_itself(&mut agent, &token, &NewPartner.to_string(), &name).await;
        assert_eq!((status, kept(app).await.len()), (StatusCode::NO_CONTENT, 1));
        sign_in_again(&mut principal, &partner.principal).await;
        let suspend = SuspendUser { partner: partner.id, account: partner.user.id }.to_string();
        principal.open(&suspend).await;
        principal.form("/suspendre").fill("motif", "Départ").send(&mut principal).await;
        principal.page().must_say("C’est fait");
        assert!(kept(app).await.is_empty());
        send_by_itself(&mut agent, &token, &NewPartner.to_string(), &name).await;
        assert!(kept(app).await.is_empty());
    }

    /// An account made again, by mail or by letter, holds nothing of what its holder had typed.
    async fn an_account_made_again_forgets_what_was_typed(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        let mut administrator = organism.administrator.sits_down(app).await;
        let letter = format!("/lettres/{}/code", partner.principal.id);
        for way in [PrincipalSecret { partner: partner.id }.to_string(), letter] {
            let mut principal = partner.principal.sits_down(app).await;
            let form = fill_new_user(&mut principal, partner).await;
            let token = form.value("jeton").unwrap().to_owned();
            let path = NewUser { partner: partner.id }.to_string();
            let status = send_by_itself(&mut principal, &token, &path, form.fields()).await;
            assert_eq!((status, kept(app).await.len()), (StatusCode::NO_CONTENT, 1));
            administrator.open(&way).await;
            administrator.form("/code").send(&mut administrator).await;
            assert!(administrator.page().status.is_success(), "{}", administrator.page().text());
            assert!(kept(app).await.is_empty(), "{way}");
            choose_again(app, &partner.principal).await;
        }
    }

    /// A page keeps its form by itself before it clears, which is no entry; one that slept does when it wakes.
    async fn a_page_keeps_its_form_before_it_clears(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        let mut principal = partner.principal.sits_down(app).await;
        let form = fill_new_user(&mut principal, partner).await;
        let token = form.value("jeton").unwrap().to_owned();
        let path = NewUser { partner: partner.id }.to_string();
        app.clock.advance(Duration::minutes(28));
        assert_eq!(send_by_itself(&mut principal, &token, &path, form.fields()).await, StatusCode::NO_CONTENT);
        app.clock.advance(Duration::minutes(2) + Duration::microseconds(1));
        let woken = form.fill("nom", "Quervel-Tamarin");
        send_by_itself(&mut principal, &token, &path, woken.fields()).await;
        assert_eq!(app.bodies("session.ended").await.last().unwrap()["object"]["cause"], "idle", "it was an entry");
        assert_eq!(app.bodies("form.kept").await.len(), 2);
        assert_eq!(kept(app).await.len(), 1, "the last typing in place of the one before");
        sign_in_again(&mut principal, &partner.principal).await;
        principal.follow("Reprendre").await;
        assert_eq!(principal.form("/nouveau").value("nom"), Some("Quervel-Tamarin"));
        // One's own may be erased.
        principal.open("/accueil").await;
        principal.form("/effacer").send(&mut principal).await;
        principal.page().must_say("la saisie est effacée").must_not_say("Vous aviez commencé");
        assert_eq!(app.bodies("form.erased").await[0]["object"]["cause"], "erased");
        assert!(kept(app).await.is_empty());
    }

    /// Five forms of an account are kept, the last ones.
    async fn a_few_forms_are_kept(app) {
        let [organism, _] = cast(app).await;
        let [partner, neighbour] = &organism.partners;
        let mut browser = organism.administrator.sits_down(app).await;
        let token = browser.form("/deconnexion").value("jeton").unwrap().to_owned();
        let name = [("nom".to_owned(), "Brumeval".to_owned())];
        let paths = [partner, neighbour]
            .iter()
            .flat_map(|partner| ["modifier", "principal", "bulletins/nouveau"].map(|end| format!("/partenaires/{}/{end}", partner.id)))
            .collect::<Vec<_>>();
        for path in &paths {
            app.clock.advance(Duration::seconds(1));
            assert_eq!(send_by_itself(&mut browser, &token, path, &name).await, StatusCode::NO_CONTENT);
        }
        let left = kept(app).await;
        assert_eq!(left.len(), 5);
        assert!(left.iter().all(|(_, path)| *path != paths[0]), "the oldest goes");
    }

    /// Every form of the list shows again all that was typed in it; and pages mark these forms, and no other.
    async fn every_kept_form_is_given_back_whole(app) {
        let [organism, _] = cast(app).await;
        let chance = Entropy::seeded(10);
        let mut seen = BTreeMap::new();
        let [partner, _] = &organism.partners;
        // A service may still be opened to this one.
        let newcomer = register(&mut organism.administrator.sits_down(app).await, "Commune de Nérivent", SIRETS[1]).await;
        for person in [&organism.administrator, &organism.auditor, &partner.principal, &partner.user] {
            let mut browser = person.sits_down(app).await;
            let token = browser.form("/deconnexion").value("jeton").unwrap().to_owned();
            let opening = format!("{newcomer}/bulletins/nouveau");
            let opening = (person.office == organism.administrator.office).then_some(opening);
            for path in pages_of(app, &organism, person).into_iter().chain(opening) {
                let page = browser.open(&path).await.clone();
                let marked = marked(&page.html);
                for form in forms(&page, &chance) {
                    let action = form.action.split('#').next().unwrap().to_owned();
                    let route = form_at(&action).map(|(route, _)| route);
                    assert_eq!(route.is_some(), marked.contains(&form.action), "{action} on {path}");
                    let Some(route) = route else { continue };
                    assert!(form.fields.iter().all(|(name, _)| name != "numero" && name != "secret"), "{action}");
                    assert!(!page.html.contains("type=\"password\""), "{path}");
                    give_back(app, &mut browser, &token, &action, &form).await;
                    *seen.entry(route).or_insert(0) += 1;
                }
            }
        }
        for (route, _) in FORMS {
            assert!(seen.contains_key(route), "{route} was not seen: {seen:?}");
        }
    }
}

/// The pages that somebody may open.
fn pages_of(app: &TestApp, organism: &Organism, person: &Person) -> Vec<String> {
    let [partner, _] = &organism.partners;
    let open = |access: &Access| match access {
        Access::Public => false,
        Access::FirstSteps | Access::SignedIn => true,
        Access::Needs(permission) => allows_at(person.office, *permission, Mode::Delegated),
    };
    let filled = |path: &str| {
        path.replace("{partner}", &partner.id.to_string())
            .replace("{membership}", &partner.membership.to_string())
            .replace("{request}", &partner.request.to_string())
            .replace("{account}", &partner.user.id.to_string())
            .replace("{grant}", &partner.grant.to_string())
            .replace("{circonscription}", &partner.circonscription.to_string())
            .replace("{group}", &partner.group.to_string())
            .replace("{member}", &partner.user.id.to_string())
            .replace("{given}", &partner.given.to_string())
    };
    let table = app.app.routes().1.into_iter();
    let pages = table.filter(|entry| entry.method == Method::GET && open(&entry.access));
    pages.filter(|entry| !entry.path.contains("{consultation}")).map(|entry| filled(entry.path)).collect()
}

/// Where the forms that a page marks are sent.
fn marked(html: &str) -> Vec<String> {
    let document = Html::parse_document(html);
    let forms = Selector::parse("form[data-gardee]").unwrap();
    document.select(&forms).map(|form| form.value().attr("action").unwrap().to_owned()).collect()
}

/// Keeps a form as it is filled in, and reads it again on its page.
async fn give_back(app: &TestApp, browser: &mut Browser, token: &str, action: &str, form: &Filled) {
    // The last five stay, by their instant: two of one instant would be told apart by chance.
    app.clock.advance(Duration::seconds(1));
    assert_eq!(
        send_by_itself(browser, token, action, &form.fields).await,
        StatusCode::NO_CONTENT,
        "{action}"
    );
    let id = kept(app).await.into_iter().find(|(_, path)| path == action).expect("kept").0;
    browser.open(&format!("{action}?saisie={id}")).await;
    let again = browser.form(&form.action);
    // What belongs to one sending, and searches, whose answers are not what was typed.
    let aside = ["jeton", "cle", "etape", "cherche", "trouve", "qui"];
    for (name, value) in
        form.fields.iter().filter(|(name, value)| !aside.contains(&name.as_str()) && !value.is_empty())
    {
        let closed = !again.offers(name).is_empty() && !again.offers(name).contains(value);
        let there = again.fields().iter().any(|(field, shown)| field == name && shown.trim() == value.trim());
        assert!(there || closed, "{name} = {value} is lost on {action}: {:?}", again.fields());
    }
}
