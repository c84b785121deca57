//! Requests for more places: the partner asks, the organism answers, the cap follows.

use crate::stories;
use crate::support::caisse::{SIRETS, name_principal, open_cdap, register};
use crate::support::{Browser, TestApp};

/// A partner with CDAP for two people, and its principal signed in.
async fn partner(app: &TestApp, browser: &mut Browser) -> (String, Browser) {
    let partner = register(browser, "Commune de Brumeval", SIRETS[0]).await;
    let membership = open_cdap(browser, &partner, "2").await;
    let identifier = name_principal(browser, &partner, "maelle.tournesac@brumeval.example").await;
    let principal = app.first_sign_in(&identifier, "maelle.tournesac@brumeval.example").await;
    (membership, principal)
}

stories! {
    /// A request is made once, answered with a number, and both sides read what became of it.
    async fn a_request_is_accepted(app) {
        let (_, mut browser) = app.administrator().await;
        browser.open("/demandes").await.must_say("Rien à décider");
        let (membership, mut principal) = partner(app, &mut browser).await;
        principal.open(&format!("{membership}/demande")).await.must_say("0 sur 2");
        let form = principal.form("/demande");
        form.clone().fill("nombre", "2").fill("motif", "  ").send(&mut principal).await;
        assert_eq!(principal.page().status, 422);
        principal.page().must_say("Ce champ est à remplir");
        form.clone().fill("nombre", "2").fill("motif", "Second guichet.").send(&mut principal).await;
        principal.page().must_say("entre 3 et 10 000");
        let asking = form.clone().fill("nombre", "6").fill("motif", "Second guichet en janvier.");
        asking.send(&mut principal).await;
        assert_eq!(principal.page().status, 200, "{}", principal.page().text());
        principal.open(&format!("{membership}/demande")).await.must_say("Votre demande attend une réponse");
        form.fill("nombre", "9").fill("motif", "Un troisième guichet.").forge("cle", "autre").send(&mut principal).await;
        assert_eq!(principal.page().status, 422, "asked already");
        principal.page().must_say("une autre attend sa réponse");
        let list = browser.open("/demandes").await.must_say("1 demande attend votre réponse").must_say("Second guichet");
        let waiting = list.links("Répondre");
        browser.open(&waiting[0]).await.must_say("Maëlle Tournesac");
        let (accept, refuse) = (browser.form("#accepter"), browser.form("#refuser"));
        accept.clone().fill("nombre", "2").send(&mut browser).await;
        assert_eq!(browser.page().status, 422, "no place more is no answer");
        accept.clone().fill("nombre", "5").send(&mut browser).await;
        browser.page().must_say("le plafond est relevé").must_say("Acceptée");
        browser.open(&membership).await.must_say("0 sur 5");
        refuse.fill("motif", "Trop tard").forge("cle", "autre").send(&mut browser).await;
        assert_eq!(browser.page().status, 409, "answered already");
        principal.open(&format!("{membership}/demande")).await.must_say("Acceptée").must_say("0 sur 5");
        let facts = app.facts().await;
        for fact in ["cap.requested", "cap.fixed", "cap.answered"] {
            assert_eq!(facts.iter().filter(|traced| *traced == fact).count(), 1, "{fact}");
        }
    }

    /// A refusal says why; another request may follow, for one role too.
    async fn a_request_is_refused(app) {
        let (_, mut browser) = app.administrator().await;
        let (membership, mut principal) = partner(app, &mut browser).await;
        browser.open(&format!("{membership}/plafonds")).await;
        browser.form("/plafonds").fill_nth("plafond_role", 1, "1").send(&mut browser).await;
        principal.open(&format!("{membership}/demande")).await;
        let role = principal.form("/demande").offers("pour")[1].clone();
        principal.open(&format!("{membership}/demande?role={role}")).await;
        let form = principal.form("/demande");
        assert_eq!(form.value("pour"), Some(role.as_str()));
        form.fill("nombre", "2").fill("motif", "Deux agents à l’adresse.").send(&mut principal).await;
        let waiting = browser.open("/demandes").await.must_say("Adresse").links("Répondre");
        browser.open(&waiting[0]).await;
        browser.form("#refuser").send(&mut browser).await;
        browser.page().must_say("Ce champ est à remplir");
        browser.form("#refuser").fill("motif", "Un agent suffit.").send(&mut browser).await;
        browser.page().must_say("la demande est refusée");
        principal.open(&format!("{membership}/demande?role={role}")).await.must_say("Un agent suffit.");
        principal.form("/demande").fill("nombre", "2").fill("motif", "Deux équipes se relaient.").send(&mut principal).await;
        assert_eq!(app.bodies("cap.requested").await.len(), 2);
        assert_eq!(app.bodies("cap.fixed").await.len(), 1, "only the one that was fixed by hand");
        // The organism's pages do not exist for the partner, nor the partner's form for the organism.
        assert_eq!(principal.open("/demandes").await.status, 404);
        assert_eq!(principal.open(&membership).await.status, 404);
        assert_eq!(browser.open(&format!("{membership}/demande")).await.status, 404);
    }
}
