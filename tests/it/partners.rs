//! Partners, from the organism's side: registering, finding, correcting, naming the principal.

use crate::stories;
use crate::support::caisse::{SIRETS, name_principal, new_partner, register};

stories! {
    /// A partner is registered with its convention, found by any beginning of its words, and its page says what is next.
    async fn a_partner_is_registered_and_found(app) {
        let (_, mut browser) = app.administrator().await;
        browser.open("/partenaires").await.must_say("Aucun partenaire pour l’instant");
        let brumeval = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        browser.page().must_say("Aucun bulletin").must_say("Personne n’est encore nommé").must_say("En vigueur").must_say("BRU");
        register(&mut browser, "Crèche Les Hirondelles", SIRETS[1]).await;
        browser.open("/partenaires").await.must_say("2 partenaires").must_say("pas d’administrateur principal");
        for (typed, found) in [("brume", 2), ("590410", 0), ("215 904 103 00011", 1), ("BRUM commune", 1), ("creche hiron", 1)] {
            let asked = serde_html_form::to_string([("q", typed)]).unwrap();
            let page = browser.open(&format!("/partenaires?{asked}")).await;
            assert_eq!(page.select("tbody tr").len(), found, "{typed}: {}", page.text());
        }
        browser.open("/partenaires?q=brume&categorie=bailleur").await.must_say("Aucun partenaire ne répond à ces critères");
        browser.open("/partenaires?etat=a-completer").await.must_say("2 partenaires");
        browser.open(&brumeval).await;
        let read = app.bodies("page.read").await;
        let id = brumeval.rsplit('/').next().unwrap();
        assert!(read.iter().any(|body| body["object"]["subject"] == id), "the page says whose it is");
        assert_eq!(app.bodies("partner.registered").await.len(), 2);
    }

    /// What is wrong is said field by field, what was typed stays, and nothing is written.
    async fn what_is_wrong_is_said_and_kept(app) {
        let (_, mut browser) = app.administrator().await;
        let form = new_partner(&mut browser, "Commune de Brumeval", "21590410300012").await;
        form.fill("securite_courriel", "nulle part").fill("code_postal", "597").send(&mut browser).await;
        assert_eq!(browser.page().status, 422);
        browser.page().must_say("3 réponses sont à corriger").must_say("sa clé de contrôle est fausse").must_say("Un code postal compte 5 chiffres");
        let again = browser.form("/partenaires/nouveau");
        assert_eq!(again.value("nom"), Some("Commune de Brumeval"));
        assert!(app.bodies("partner.registered").await.is_empty());
    }

    /// A SIRET that is there already leads to its partner, one form sent twice registers once, two at once too.
    async fn a_siret_is_registered_once(app) {
        let (_, mut browser) = app.administrator().await;
        let form = new_partner(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        form.clone().send(&mut browser).await;
        let first = browser.page().path.clone();
        form.clone().send(&mut browser).await;
        assert_eq!(browser.page().path, first, "sent twice, done once");
        let taken = new_partner(&mut browser, "Mairie de Brumeval", SIRETS[0]).await;
        taken.send(&mut browser).await;
        assert_eq!(browser.page().status, 422);
        browser.page().must_say("déjà celui d’un de vos partenaires");
        assert_eq!(browser.page().links("Ouvrir sa fiche"), [first.split('?').next().unwrap()]);
        let convention = new_partner(&mut browser, "Crèche Les Hirondelles", SIRETS[1]).await;
        convention.fill("convention", &format!("2026-{}", SIRETS[0])).send(&mut browser).await;
        browser.page().must_say("la convention d’un autre de vos partenaires");
        let (mut one, mut other) = (browser.clone(), browser.clone());
        let left = new_partner(&mut one, "Aure Habitat", SIRETS[2]).await;
        let right = new_partner(&mut other, "Aure Habitat", SIRETS[2]).await;
        tokio::join!(left.send(&mut one), right.send(&mut other));
        let mut statuses = [one.page().status.as_u16(), other.page().status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422]);
        assert_eq!(app.bodies("partner.registered").await.len(), 2);
    }

    /// Another organism knows nothing of it: neither its page nor its SIRET.
    async fn another_organism_sees_nothing_of_it(app) {
        let (_, mut browser) = app.administrator().await;
        let partner = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        let (_, identifier) = app.found("621", "Caf des Sept-Vallées", "62").await;
        let mut elsewhere = app.first_sign_in(&identifier, "odile.marchepont.621@caf.example").await;
        let unknown = "/partenaires/0199aaaa-0000-7000-8000-000000000000";
        for path in ["", "/modifier", "/principal", "/principal/code", "/bulletins/nouveau"] {
            let hidden = elsewhere.open(&format!("{partner}{path}")).await.clone();
            let missing = elsewhere.open(&format!("{unknown}{path}")).await.clone();
            assert_eq!((hidden.status.as_u16(), missing.status.as_u16()), (404, 404), "{path}");
        }
        elsewhere.open("/partenaires").await.must_say("Aucun partenaire pour l’instant");
        register(&mut elsewhere, "Commune de Brumeval", SIRETS[0]).await;
    }

    /// A correction says what changed; of two made from the same page, the second is told.
    async fn a_correction_is_made_from_what_was_seen(app) {
        let (_, mut browser) = app.administrator().await;
        let partner = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        browser.open(&format!("{partner}/modifier")).await;
        let form = browser.form("/modifier");
        assert_eq!(form.value("donnees_telephone").map(|phone| phone.replace('\u{a0}', " ")).as_deref(), Some("01 99 00 14 27"));
        form.clone().fill("nom", "Ville de Brumeval").fill("signee_le", "").send(&mut browser).await;
        browser.page().must_say("la fiche est corrigée").must_say("Brouillon");
        assert_eq!(browser.page().heading(), "Ville de Brumeval");
        let changes = &app.bodies("partner.corrected").await[0]["object"]["changes"];
        assert_eq!(changes[0], serde_json::json!(["legal_name", "Commune de Brumeval", "Ville de Brumeval"]));
        assert_eq!(changes[1], serde_json::json!(["convention_signed_on", "2026-01-15", ""]));
        browser.open(&format!("{partner}/modifier")).await;
        let second = browser.form("/modifier").fill("ville", "Port-Lissant").forge("version", "1");
        second.send(&mut browser).await;
        assert_eq!(browser.page().status, 409);
        browser.open("/partenaires?q=ville").await.must_say("1 partenaire");
        browser.open("/partenaires?q=commune").await.must_say("Aucun partenaire ne répond");
    }

    /// The identifier is shown, the secret goes by mail to the person alone; there is one principal, with a mail of his own.
    async fn a_principal_is_named_once(app) {
        let (_, mut browser) = app.administrator().await;
        let partner = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        browser.open(&format!("{partner}/principal")).await;
        let form = browser.form("/principal").fill("nom", "Tournesac").fill("prenom", "Maëlle").fill("fonction", "Cheffe de service");
        form.fill("courriel", "mairie@brumeval.example").send(&mut browser).await;
        browser.page().must_say("semble partagée");
        let late = browser.form("/principal");
        let identifier = name_principal(&mut browser, &partner, "maelle.tournesac@brumeval.example").await;
        assert!(identifier.starts_with("BRU-") && identifier.len() == 10, "{identifier}");
        browser.page().must_say("le code va partir par courriel");
        let secret = app.secret_mailed_to("maelle.tournesac@brumeval.example").await;
        browser.open(&partner).await.must_say("code valable jusqu’au").must_not_say(&secret);
        // A page opened before she was named says so, and changes nothing.
        let late = late.fill("nom", "Autre").fill("prenom", "Une").fill("fonction", "Cheffe").fill("courriel", "une.autre@brumeval.example");
        late.send(&mut browser).await;
        assert_eq!(browser.page().status, 422);
        browser.page().must_say("a déjà un administrateur principal").must_say("Maëlle Tournesac la quittera");
        assert_eq!(app.bodies("principal.created").await.len(), 1);
        let mut principal = app.first_sign_in(&identifier, "maelle.tournesac@brumeval.example").await;
        browser.open(&partner).await.must_say("Actif").must_say("dernière connexion aujourd’hui");
        // Another code: whatever let her in until now does not any more.
        browser.open(&format!("{partner}/principal/code")).await.must_say("ses sessions sont fermées");
        browser.form("/code").send(&mut browser).await;
        browser.page().must_say("un nouveau code va partir");
        principal.open("/mot-de-passe").await.must_say("Identifiant");
        let again = app.secret_mailed_to("maelle.tournesac@brumeval.example").await;
        assert_ne!(secret, again);
        app.first_sign_in(&identifier, "maelle.tournesac@brumeval.example").await;
    }

    /// Pages of the list follow one another without losing or repeating anybody, whatever is added meanwhile.
    async fn the_list_is_paged_by_name(app) {
        let (organism, mut browser) = app.administrator().await;
        sow(app, organism, 60).await;
        let mut names = Vec::new();
        browser.open("/partenaires").await.must_say("60 partenaires");
        loop {
            names.extend(browser.page().select("tbody th b"));
            let Some(next) = browser.page().links("Suivants").first().cloned() else { break };
            if names.len() == 25 {
                register(&mut browser, "Aaa", SIRETS[0]).await;
            }
            browser.open(&next).await;
        }
        let mut sorted = names.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((names.len(), &sorted), (60, &names));
        let previous = browser.page().links("Précédents")[0].clone();
        browser.open(&previous).await;
        assert_eq!(browser.page().select("tbody th b"), names[25..50]);
    }
}

/// Writes partners down, as registering does.
async fn sow(app: &crate::support::TestApp, organism: compte_partenaire::domain::id::OrganismId, count: u32) {
    use compte_partenaire::domain::access::{Permission, Scope};
    use compte_partenaire::domain::facts::Fact;
    use compte_partenaire::domain::id::PartnerId;

    let job = app.app.job("demo", Some(organism));
    let draft = app.app.write(&job).await.unwrap();
    let mut tx = draft.permit(Permission::FoundOrganism, Scope::Organism(organism)).unwrap();
    for number in 0..count {
        let (partner, now): (PartnerId, _) = (tx.new_id(), tx.now());
        tx.write(
            "INSERT INTO partner (id, organism_id, siret, legal_name, name_key, category, street, postal_code, city, \
             representative_name, representative_title, security_name, security_mail, security_phone, \
             protection_name, protection_mail, protection_phone, prefix, created_at) \
             VALUES ($1, $2, $3, $4, $5, 'commune', 'r', '59370', 'v', 'n', 't', 'n', 'm', '', 'n', 'm', '', 'BRU', $6)",
        )
        .bind(partner)
        .bind(organism)
        .bind(format!("{number:014}"))
        .bind(format!("Bourg {number:03}"))
        .bind(format!("bourg {number:03}"))
        .bind(now)
        .execute()
        .await
        .unwrap();
        tx.write("INSERT INTO convention (partner_id, organism_id, number) VALUES ($1, $2, $3)")
            .bind(partner)
            .bind(organism)
            .bind(format!("2026-1-{number:09}"))
            .execute()
            .await
            .unwrap();
    }
    let fact = Fact::PageRead { route: "/".to_owned(), subject: None };
    let _ = tx.commit([fact]).await.unwrap();
}
