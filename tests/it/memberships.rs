//! Memberships: opening a service under conditions, correcting it, fixing its caps.

use time::Duration;

use crate::stories;
use crate::support::caisse::{SIRETS, open_cdap, register};

stories! {
    /// A service opens when its four conditions hold and its date has come, and the page says what is missing.
    async fn a_service_opens_when_everything_holds(app) {
        let (_, mut browser) = app.administrator().await;
        let partner = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        browser.open(&format!("{partner}/bulletins/nouveau")).await;
        let form = browser.form("/bulletins/nouveau").fill_nth("mission", 0, "Quotients familiaux").fill("lieux", "59410").fill("plafond", "25");
        form.fill("formalite_le", "2026-02-01").send(&mut browser).await;
        let membership = browser.page().path.split('?').next().unwrap().to_owned();
        browser.page().must_say("Pas ouvert").must_say("il manque la signature du contrat de service, la signature du bulletin et la date de mise à disposition");
        browser.open(&format!("{membership}/modifier")).await;
        let form = browser.form("/modifier").fill("contrat_le", "2026-02-02").fill("bulletin_le", "2026-02-03").fill("disponible_le", "2026-12-01");
        form.send(&mut browser).await;
        browser.page().must_say("le bulletin est corrigé").must_say("le service s’ouvrira de lui-même le 1er déc. 2026");
        app.clock.advance(Duration::days(8));
        let mut browser = app.browser();
        browser.sign_in(&administrator(app).await, crate::support::PASSWORD).await;
        browser.open(&membership).await.must_say("Ouvert").must_say("depuis le 1er déc. 2026");
        browser.open(&partner).await.must_say("Ouvert");
        let changes = app.bodies("membership.changed").await[0]["object"]["changes"].clone();
        assert_eq!(changes.as_array().unwrap().len(), 3, "{changes}");
        // Without its convention, no service is open.
        browser.open(&format!("{partner}/modifier")).await;
        browser.form("/modifier").fill("signee_le", "").send(&mut browser).await;
        browser.open(&membership).await.must_say("il manque la signature de la convention");
    }

    /// Places are typed by name or code, looked for, and never outside the territory; a service is joined once.
    async fn places_stay_inside_the_territory(app) {
        let (_, mut browser) = app.administrator().await;
        let partner = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        browser.open(&format!("{partner}/bulletins/nouveau")).await;
        let form = browser.form("/bulletins/nouveau").fill_nth("mission", 0, "Adresses").fill("plafond", "3");
        form.clone().fill("lieux", "Arras").send(&mut browser).await;
        assert_eq!(browser.page().status, 422);
        browser.page().must_say("Hors de ce que vous pouvez donner : Arras");
        form.clone().fill("lieux", "Trifouillis").send(&mut browser).await;
        browser.page().must_say("« Trifouillis » n’est ni un département ni une commune");
        form.fill("cherche", "mons en").forge("etape", "chercher").send(&mut browser).await;
        assert_eq!(browser.page().status, 200);
        let found = browser.form("/bulletins/nouveau");
        assert_eq!(found.value("plafond"), Some("3"), "what was typed stays");
        found.tick("trouve", "59410").send(&mut browser).await;
        browser.page().must_say("le bulletin est enregistré").must_say("Mons-en-Barœul");
        assert_eq!(app.bodies("membership.opened").await[0]["object"]["perimeter"], "59410");
        browser.open(&format!("{partner}/bulletins/nouveau")).await.must_say("Tous les services sont déjà ouverts");
    }

    /// A mission is closed, never erased; the last open one stays.
    async fn a_mission_is_closed(app) {
        let (_, mut browser) = app.administrator().await;
        let partner = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        let membership = open_cdap(&mut browser, &partner, "25").await;
        browser.open(&format!("{membership}/modifier")).await;
        let form = browser.form("/modifier");
        let missions = form.offers("fermer");
        assert_eq!(missions.len(), 2);
        let all = form.clone().tick("fermer", &missions[0]).tick("fermer", &missions[1]);
        all.send(&mut browser).await;
        assert_eq!(browser.page().status, 422);
        form.tick("fermer", &missions[1]).fill_nth("mission", 0, "Aide aux vacances").send(&mut browser).await;
        browser.page().must_say("fermée").must_say("Aide aux vacances");
        let rows: Vec<(String, bool)> = app.rows("SELECT label, closed FROM membership_mission ORDER BY position").await;
        assert_eq!(rows.iter().map(|(_, closed)| *closed).collect::<Vec<_>>(), [false, true, false]);
        // Nothing changed: nothing is written.
        browser.open(&format!("{membership}/modifier")).await;
        browser.form("/modifier").send(&mut browser).await;
        assert_eq!(app.bodies("membership.changed").await.len(), 1);
    }

    /// Caps are fixed for the service and for its roles, each change traced; a page that is late is told.
    async fn caps_are_fixed(app) {
        let (_, mut browser) = app.administrator().await;
        let partner = register(&mut browser, "Commune de Brumeval", SIRETS[0]).await;
        let membership = open_cdap(&mut browser, &partner, "25").await;
        browser.open(&format!("{membership}/plafonds")).await;
        let form = browser.form("/plafonds");
        form.clone().fill("plafond", "beaucoup").send(&mut browser).await;
        browser.page().must_say("Saisissez un nombre de personnes entre 0 et 10 000");
        form.clone().fill("plafond", "20").fill_nth("plafond_role", 0, "30").fill_nth("plafond_role", 2, "5").send(&mut browser).await;
        browser.page().must_say("les plafonds sont enregistrés").must_say("Plus que le service").must_say("0 sur 20");
        let fixed = app.bodies("cap.fixed").await;
        let mut seen: Vec<_> = fixed.iter().map(|body| (body["object"]["before"].as_u64(), body["object"]["after"].as_u64())).collect();
        seen.sort_unstable();
        assert_eq!(seen, [(None, Some(5)), (None, Some(30)), (Some(25), Some(20))]);
        form.fill("plafond", "1").forge("cle", "autre").send(&mut browser).await;
        assert_eq!(browser.page().status, 409);
        browser.open(&format!("{membership}/plafonds")).await;
        browser.form("/plafonds").fill_nth("plafond_role", 0, "").send(&mut browser).await;
        let fixed = app.bodies("cap.fixed").await;
        assert!(fixed.len() == 4 && fixed.iter().any(|body| body["object"]["after"].is_null()), "{fixed:?}");
    }
}

async fn administrator(app: &crate::support::TestApp) -> String {
    let rows: Vec<(String,)> = app.rows("SELECT identifier FROM account WHERE office = 'organism_administrator'").await;
    rows[0].0.clone()
}
