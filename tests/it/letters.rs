//! The two letters: printed by the organism alone, one for the identifier, one for a code that is shown that once.

use compte_partenaire::jobs;
use compte_partenaire::web::paths::{NewPrincipal, Partner, PrincipalSecret};

use crate::stories;
use crate::support::world::{BRUMEVAL, create_user, name_principal, register_partner};
use crate::support::{Browser, PASSWORD, TestApp};

/// Names a principal whose code goes by letter; gives the address of the partner's page and of his letters.
async fn principal_by_letter(administrator: &mut Browser) -> (String, String) {
    let partner = register_partner(administrator, &BRUMEVAL).await;
    administrator.open(&NewPrincipal { partner }.to_string()).await;
    administrator
        .form("/principal")
        .fill("prenom", "Maëlle")
        .fill("nom", "Tournesac")
        .fill("fonction", "Cheffe du service Enfance")
        .fill("courriel", "maelle.tournesac@brumeval.example")
        .fill("envoi", "lettre")
        .send(administrator)
        .await;
    administrator.page().must_say("ses deux lettres").must_say("lettre à imprimer par l’organisme");
    let letters = administrator.page().links("Lettres d’identifiant")[0].clone();
    (Partner { partner }.to_string(), letters)
}

/// Prints a code; gives it as the letter shows it.
async fn print_code(administrator: &mut Browser, letters: &str) -> String {
    administrator.open(&format!("{letters}/code")).await.must_say("une seule fois");
    administrator.form("/code").send(administrator).await;
    assert_eq!(administrator.page().status, 200, "{}", administrator.page().text());
    assert_eq!(administrator.page().headers["cache-control"], "no-store");
    administrator.page().select(".secret .value")[0].clone()
}

async fn mails_to(app: &TestApp, address: &str) -> usize {
    jobs::mail::send_due(&app.app).await.unwrap();
    app.app.mailer().sent().iter().filter(|letter| letter.to.address == address).count()
}

stories! {
    /// A principal gets his identifier and his code by two letters, and signs in; no mail ever left.
    async fn a_principal_signs_in_by_two_letters(app) {
        let (_, mut administrator) = app.administrator().await;
        let (partner, letters) = principal_by_letter(&mut administrator).await;
        administrator.open("/lettres").await.must_say("Tournesac Maëlle").must_say("Lettre de code à imprimer");
        // The address is the partner's, as sorting machines read it.
        administrator.open(&letters).await.must_say("1 PLACE DU MARCHÉ").must_say("59370 BRUMEVAL");
        administrator.form("/identifiant").send(&mut administrator).await;
        let sheet = administrator.page().clone();
        let identifier = sheet.select(".secret .value")[0].clone();
        assert!(identifier.starts_with("BRU-"), "{identifier}");
        sheet.must_say("Maëlle Tournesac").must_say("Commune de Brumeval").must_say("59370 BRUMEVAL").must_say("à part");
        let code = print_code(&mut administrator, &letters).await;
        administrator.page().must_say("elle ne s’affichera plus").must_say("23 déc. 2026").must_not_say(&identifier);
        assert!(!sheet.text().contains(&code));
        assert_eq!(mails_to(app, "maelle.tournesac@brumeval.example").await, 0);
        administrator.open(&partner).await.must_say("code valable jusqu’au 23 déc. 2026");
        administrator.open(&letters).await.must_say("Imprimée : aujourd’hui").must_say("Code parti par lettre").must_not_say(&code);
        let mut principal = app.browser();
        principal.sign_in(&identifier, &code).await.must_say("Choisissez votre mot de passe");
        principal.form("/mot-de-passe").fill("nouveau", PASSWORD).fill("confirmation", PASSWORD).tick("engagement", "oui").send(&mut principal).await;
        principal.page().must_say("votre mot de passe est enregistré");
        let printed: Vec<_> = app.bodies("letter.printed").await.iter().map(|body| body["object"]["letter"].clone()).collect();
        assert_eq!(printed, ["identifier", "secret"]);
        let issued = app.bodies("secret.issued").await;
        assert_eq!(issued.last().unwrap()["actor"]["office"], "organism_administrator");
        let bodies: Vec<(String,)> = app.rows("SELECT body FROM trace").await;
        let plain = code.replace(' ', "");
        assert!(bodies.iter().all(|(body,)| !body.contains(&plain) && !body.contains(&code)), "a code stands in a trace");
    }

    /// Printing again makes another code; the same form sent twice shows nothing twice, and makes nothing.
    async fn a_code_is_shown_once(app) {
        let (_, mut administrator) = app.administrator().await;
        let (_, letters) = principal_by_letter(&mut administrator).await;
        administrator.open(&letters).await;
        administrator.form("/identifiant").send(&mut administrator).await;
        let identifier = administrator.page().select(".secret .value")[0].clone();
        let first = print_code(&mut administrator, &letters).await;
        administrator.open(&format!("{letters}/code")).await.must_say("ne sert plus");
        let form = administrator.form("/code");
        form.clone().send(&mut administrator).await;
        let second = administrator.page().select(".secret .value")[0].clone();
        assert_ne!(first, second);
        form.send(&mut administrator).await;
        administrator.page().must_say("Cette lettre a déjà été affichée").must_not_say(&second);
        assert_eq!(app.bodies("letter.printed").await.len(), 3);
        let mut principal = app.browser();
        principal.sign_in(&identifier, &first).await.must_say("n’a pas abouti");
        app.clock.advance(time::Duration::minutes(2));
        principal.sign_in(&identifier, &second).await.must_say("Choisissez votre mot de passe");
    }

    /// The two ways exclude one another: a letter stops the mail that waits, a mail ends the code of the letter.
    async fn the_last_way_is_the_one_that_counts(app) {
        let (_, mut administrator) = app.administrator().await;
        let partner = register_partner(&mut administrator, &BRUMEVAL).await;
        administrator.open(&NewPrincipal { partner }.to_string()).await;
        administrator.form("/principal").fill("prenom", "Maëlle").fill("nom", "Tournesac").fill("fonction", "Cheffe")
            .fill("courriel", "maelle.tournesac@brumeval.example").send(&mut administrator).await;
        administrator.page().must_say("part par courriel");
        let letters = administrator.page().links("Lettres d’identifiant")[0].clone();
        let code = print_code(&mut administrator, &letters).await;
        assert_eq!(mails_to(app, "maelle.tournesac@brumeval.example").await, 0, "the mail that waited is gone");
        administrator.open(&PrincipalSecret { partner }.to_string()).await;
        administrator.form("/code").send(&mut administrator).await;
        administrator.page().must_say("un nouveau code va partir").must_say("Le code va partir à");
        assert_eq!(mails_to(app, "maelle.tournesac@brumeval.example").await, 1);
        let identifier = app.rows::<(String,)>("SELECT identifier FROM account WHERE office = 'principal'").await[0].0.clone();
        let mut principal = app.browser();
        principal.sign_in(&identifier, &code).await.must_say("n’a pas abouti");
        app.clock.advance(time::Duration::minutes(2));
        let principal = app.first_sign_in(&identifier, "maelle.tournesac@brumeval.example").await;
        // Printing for somebody who signs in already closes his sessions and clears his password.
        administrator.open(&format!("{letters}/code")).await.must_say("est effacé dès maintenant");
        administrator.form("/code").send(&mut administrator).await;
        let mut out = principal;
        out.open("/accueil").await;
        assert!(out.cookie("__Host-session").is_none(), "{}", out.page().text());
    }

    /// The organism prints for its staff, once it knows where they are; for nobody's agents, and never for oneself.
    async fn letters_are_for_managers_and_staff(app) {
        let (organism, mut administrator) = app.administrator().await;
        let own = app.rows::<(compte_partenaire::domain::id::AccountId,)>("SELECT id FROM account").await[0].0;
        assert_eq!(administrator.open(&format!("/lettres/{own}")).await.status, 404, "oneself");
        app.name_auditor(organism, "591").await;
        administrator.open("/lettres").await.must_say("Rochedieu Basile").must_say("Caf de la Haute-Deûle").must_not_say("Marchepont Odile");
        administrator.follow("Rochedieu").await.must_say("Écrivez d’abord l’adresse postale");
        let letters = administrator.page().path.clone();
        let form = administrator.form("/adresse");
        form.clone().fill("rue", "").fill("code_postal", "5937").fill("ville", "Lille").send(&mut administrator).await;
        assert_eq!(administrator.page().status, 422);
        administrator.page().must_say("Un code postal compte 5 chiffres").must_say("Ce champ est à remplir");
        let form = form.fill("complement", "Cellule habilitations, 2e étage").fill("rue", "27, avenue des Tilleuls");
        form.fill("code_postal", "59370").fill("ville", "Mons-en-Barœul").send(&mut administrator).await;
        administrator.page().must_say("l’adresse est enregistrée").must_say("27 AVENUE DES TILLEULS").must_say("59370 MONS-EN-BARŒUL");
        administrator.form("/identifiant").send(&mut administrator).await;
        administrator.page().must_say("Basile Rochedieu").must_say("Cellule habilitations, 2e étage");
        assert_eq!(app.bodies("letter.address").await.len(), 1);
        // A partner prints no code, whoever it is for; the organism none for a partner's agents.
        let town = register_partner(&mut administrator, &BRUMEVAL).await;
        let (mut principal, maelle) = name_principal(app, &mut administrator, town, &BRUMEVAL).await;
        let agent = create_user(&mut principal, town, &BRUMEVAL, "Ewen", "Marsilhe").await;
        for hidden in ["/lettres".to_owned(), letters.clone(), format!("/lettres/{}/code", agent.account), format!("/lettres/{}/code", maelle.account)] {
            assert_eq!(principal.open(&hidden).await.status, 404, "{hidden}");
        }
        for path in ["", "/code"] {
            assert_eq!(administrator.open(&format!("/lettres/{}{path}", agent.account)).await.status, 404);
        }
        let form = { administrator.open(&format!("/lettres/{}", maelle.account)).await; administrator.form("/identifiant") };
        let fields = form.fields().to_vec();
        administrator.post(&format!("/lettres/{}/identifiant", agent.account), &fields).await;
        assert_eq!(administrator.page().status, 404);
        let (_, other) = app.found("627", "Caf des Sept-Vallées", "62").await;
        let mut other = app.first_sign_in(&other, "odile.marchepont.627@caf.example").await;
        assert_eq!(other.open(&format!("/lettres/{}", maelle.account)).await.status, 404);
        other.open("/lettres").await.must_say("Personne à qui écrire");
    }
}
