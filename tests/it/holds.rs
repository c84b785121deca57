//! Legal holds: who places one, who releases it, what it keeps, and who never learns of it.

use compte_partenaire::domain::access::{AccountRef, Actor};
use compte_partenaire::domain::facts::{Fact, LookUp};
use compte_partenaire::domain::id::{HoldId, RowId as _};
use compte_partenaire::jobs::purge::purge;
use compte_partenaire::web::file_mark;
use time::Duration;
use time::macros::datetime;

use crate::stories;
use crate::support::cast::{Organism, Partner, Person, cast};
use crate::support::log::{flaws, seal_all};
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, TestApp};

const NEW: &str = "/conservations/nouvelle";

/// Fills what every hold needs.
async fn place(browser: &mut Browser, kind: &str, fields: &[(&str, &str)], review: &str) {
    browser.open(NEW).await;
    let mut form = browser
        .form(NEW)
        .tick("genre", kind)
        .fill("fondement", "Réquisition du 12 novembre")
        .fill("motif", "Savoir qui a lu ce dossier")
        .fill("reexamen", review);
    for (name, value) in fields {
        form = form.fill(name, value);
    }
    form.send(browser).await;
}

/// The last hold that was placed.
async fn last(app: &TestApp) -> HoldId {
    let body = app.bodies("hold.placed").await.pop().unwrap();
    body["object"]["hold"].as_str().unwrap().parse().unwrap()
}

async fn in_force(app: &TestApp) -> usize {
    app.rows::<(HoldId,)>("SELECT id FROM legal_hold WHERE released_at IS NULL").await.len()
}

/// Looks a file up, as an agent of the partner.
async fn look_up(app: &TestApp, organism: &Organism, partner: &Partner, person: &Person, number: &str) {
    let account =
        AccountRef { id: person.id, identifier: person.identifier.clone(), name: "Camille".to_owned() };
    let kit = app.app.kit();
    let correlation = kit.entropy.id(app.clock.now());
    let actor = Actor::person(person.office, organism.id, Some(partner.id), account, correlation);
    let fact = Fact::FileLookedUp {
        file: file_mark::of(kit, organism.id, number),
        service: "cdap".to_owned(),
        mission: "Adressage".to_owned(),
        result: LookUp::Opened,
    };
    let _receipt = kit.ledger.hand_over(&actor, vec![fact], None, Vec::new()).await.unwrap();
}

stories! {
    /// One person asks, another releases, and no partner learns of either.
    async fn a_hold_is_released_by_another_person(app) {
        let [ours, theirs] = cast(app).await;
        let [home, _] = &ours.partners;
        let before = in_force(app).await;
        let mut administrator = ours.administrator.sits_down(app).await;
        place(&mut administrator, "personne", &[("identifiant", &home.user.identifier.to_lowercase())], "2027-02-23").await;
        administrator.page().must_say("C’est fait : ces traces sont gardées").must_say(&home.user.identifier)
            .must_say("Réquisition du 12 novembre").must_say("En tout").must_not_say("Lever cette conservation");
        let hold = last(app).await;
        let release = format!("/conservations/{hold}/lever");
        administrator.open("/conservations").await.must_say("Réexamen le 23 févr. 2027");

        // Not by who asked, whatever is sent.
        administrator.open(&release).await.must_say("Une autre personne doit lever cette conservation");
        administrator.open(NEW).await;
        let form = administrator.form(NEW);
        let mut fields: Vec<(String, String)> = form.fields().iter().filter(|(name, _)| name == "jeton" || name == "cle").cloned().collect();
        fields.push(("motif".to_owned(), "Finalement non".to_owned()));
        let refused = administrator.post(&release, &fields).await;
        assert_eq!(refused.status, 422);
        refused.must_say("Une autre personne doit lever cette conservation");
        assert_eq!(in_force(app).await, before + 1);
        // Nor behind the program's back.
        let mut owner = Owner::of(app).await;
        let id = owner.id(hold);
        for act in [
            format!("UPDATE legal_hold SET released_by = asked_by, released_at = asked_at WHERE id = {id}"),
            format!("UPDATE legal_hold SET asked_by = {} WHERE id = {id}", owner.id(ours.auditor.id)),
            format!("UPDATE legal_hold SET review_on = review_on WHERE id = {id}"),
            format!("DELETE FROM legal_hold WHERE id = {id}"),
        ] {
            owner.run(&act).await.unwrap_err();
        }

        // The auditor, with a reason.
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open("/conservations").await.must_say(&home.user.identifier);
        auditor.open(&format!("/conservations/{hold}")).await;
        auditor.follow("Lever cette conservation").await;
        auditor.form(&release).send(&mut auditor).await;
        auditor.page().must_say("Lever cette conservation");
        assert_eq!(in_force(app).await, before + 1, "without a reason nothing is released");
        auditor.form(&release).fill("motif", "Classement sans suite").send(&mut auditor).await;
        auditor.page().must_say("C’est fait : la conservation est levée").must_say("Levées");
        assert_eq!(in_force(app).await, before);
        auditor.open(&format!("/conservations/{hold}")).await.must_say("Classement sans suite").must_say("Levée par");
        let again = owner.run(&format!("UPDATE legal_hold SET release_reason = 'autre' WHERE id = {id}")).await;
        assert!(again.unwrap_err().contains("released once"));

        // Nobody else: not the partner, whose traces say nothing of it, nor another organism.
        for person in [&home.principal, &home.deputy, &home.user, &theirs.administrator] {
            let mut browser = person.sits_down(app).await;
            assert_eq!(browser.open(&format!("/conservations/{hold}")).await.status, 404, "{:?}", person.office);
        }
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/traces").await.must_not_say("Conservation");
        let told: Vec<(String, String)> = app.rows("SELECT fact, audience FROM trace WHERE fact >= 'hold.' AND fact < 'hold/' AND partner_id IS NULL AND subject_id IS NULL ORDER BY fact").await;
        let expected = [("hold.placed", "organism"), ("hold.released", "organism")];
        assert_eq!(told, expected.map(|(fact, audience)| (fact.to_owned(), audience.to_owned())));
        auditor.open("/traces").await.must_say("Conservation exceptionnelle levée");
    }

    /// A hold that still serves is prolonged, by anybody who may place one: when and why stays, and nothing of it changes.
    async fn a_hold_is_prolonged(app) {
        let [ours, theirs] = cast(app).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        place(&mut auditor, "dossier", &[("numero", "42317")], "2027-02-23").await;
        let hold = last(app).await;
        let page = format!("/conservations/{hold}/prolonger");
        auditor.follow("Prolonger").await;
        for (review, reason, said) in [
            ("2026-11-23", "Instruction", "au plus tôt le 24 nov. 2026"), ("2027-11-24", "Instruction", "au plus tard le 23 nov. 2027"),
            ("2027-10-23", "", "Ce champ est à remplir"),
        ] {
            auditor.form(&page).fill("reexamen", review).fill("motif", reason).send(&mut auditor).await;
            assert_eq!(auditor.page().status, 422);
            auditor.page().must_say(said);
        }
        auditor.form(&page).fill("reexamen", "2027-10-23").fill("motif", "Instruction en cours").send(&mut auditor).await;
        auditor.page().must_say("la conservation est prolongée").must_say("Instruction en cours").must_say("23 oct. 2027");
        auditor.open("/conservations").await.must_say("Réexamen le 23 oct. 2027").must_not_say("Réexamen le 23 févr. 2027");
        let told = app.bodies("hold.prolonged").await.pop().unwrap();
        assert_eq!((&told["object"]["review_on"], told.get("partner")), (&"2027-10-23".into(), None));
        for person in [&theirs.auditor, &ours.partners[0].principal] {
            assert_eq!(person.sits_down(app).await.open(&page).await.status, 404);
        }
        let mut owner = Owner::of(app).await;
        for act in ["UPDATE legal_hold_review SET reason = 'Autre'", "DELETE FROM legal_hold_review"] {
            owner.run(act).await.unwrap_err();
        }
        // Once released, nothing is left to prolong.
        let mut administrator = ours.administrator.sits_down(app).await;
        let release = format!("/conservations/{hold}/lever");
        auditor.open(&page).await;
        administrator.open(&release).await;
        administrator.form(&release).fill("motif", "Jugement").send(&mut administrator).await;
        auditor.form(&page).fill("reexamen", "2027-10-24").fill("motif", "Encore").send(&mut auditor).await;
        assert_eq!(auditor.page().status, 409);
    }

    /// What is wrong is said beside its field, and what was typed is kept; another organism's people and partners are
    /// answered as those that nobody has.
    async fn what_is_typed_wrongly_is_said_beside_its_field(app) {
        let [ours, theirs] = cast(app).await;
        let before = in_force(app).await;
        let mut browser = ours.auditor.sits_down(app).await;
        browser.open(NEW).await;
        browser.form(NEW).send(&mut browser).await;
        assert_eq!(browser.page().status, 422);
        browser.page().must_say("Rien n’est gardé pour l’instant");
        for (kind, fields, said) in [
            ("personne", vec![("identifiant", "TST-XXXXXX")], "Aucun compte de votre organisme"),
            ("personne", vec![("identifiant", theirs.auditor.identifier.as_str())], "Aucun compte de votre organisme"),
            ("partenaire", vec![("siret", "32000000300006")], "Votre organisme n’a pas de partenaire avec ce SIRET"),
            ("partenaire", vec![("siret", "123")], "SIRET"),
            ("dossier", vec![("numero", "douze")], "Un numéro d’allocataire compte 7 chiffres au plus"),
            ("incident", vec![("reference", "INC-1"), ("du", "03/11/2026"), ("au", "02/11/2026")], "La fin précède le début"),
            ("incident", vec![("reference", "INC-1"), ("du", "31/11/2026"), ("au", "02/11/2026")], "Cette date n’existe pas"),
        ] {
            place(&mut browser, kind, &fields, "2027-02-23").await;
            assert_eq!(browser.page().status, 422, "{kind} {fields:?}");
            browser.page().must_say(said).must_say("Savoir qui a lu ce dossier");
        }
        for (review, said) in [("2026-11-23", "au plus tôt le 24 nov. 2026"), ("2027-11-24", "au plus tard le 23 nov. 2027")] {
            place(&mut browser, "dossier", &[("numero", "42317")], review).await;
            browser.page().must_say(said);
        }
        assert_eq!(in_force(app).await, before, "nothing was kept");
    }

    /// A file is held by its keyed hash: the number stands nowhere in clear, and only who reads traces reads it.
    async fn the_number_of_a_held_file_is_never_kept_in_clear(app) {
        let [ours, _] = cast(app).await;
        let mut administrator = ours.administrator.sits_down(app).await;
        place(&mut administrator, "dossier", &[("numero", "4 817 263")], "2027-02-23").await;
        administrator.page().must_say("Numéro réservé à l’auditeur").must_not_say("4817263");
        let hold = last(app).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open(&format!("/conservations/{hold}")).await.must_say("4817263");
        let mut owner = Owner::of(app).await;
        for table in owner.tables().await {
            let rows = owner.rows(&table, "1 = 1").await;
            assert!(rows.iter().all(|row| !row.contains("4817263") && !row.contains("4 817 263")), "{table}");
        }
    }
}

/// A batch of the purge waits for a hold that is being placed: nothing that it keeps goes after that.
#[tokio::test]
async fn a_purge_waits_for_a_hold_under_way() {
    let app = TestApp::starting(Backend::Postgres, datetime!(2020-08-31 09:00 UTC)).await;
    let [ours, _] = cast(&app).await;
    let [home, _] = &ours.partners;
    home.user.sits_down(&app).await;
    app.received.forget();
    seal_all(app.app.db()).await;
    app.clock.advance(Duration::days(200));
    let held = "SELECT count(*)::text FROM trace WHERE actor_id IS NOT NULL";
    let mut owner = Owner::of(&app).await;
    let before = owner.lines(held).await;
    assert_ne!(before, ["0"]);
    owner.run("BEGIN; UPDATE trace_purge SET turn = turn + 1").await.unwrap();
    let hold: HoldId = HoldId::from_uuid(uuid::Uuid::from_u128(9));
    owner.run(&format!(
        "INSERT INTO legal_hold (id, organism_id, kind, account_id, basis, reason, review_on, asked_by, asked_at) \
         VALUES ({}, {}, 'person', {}, 'Plainte', 'Vérification', '2021-06-01', {}, '2021-03-19')",
        owner.id(hold), owner.id(ours.id), owner.id(home.user.id), owner.id(ours.auditor.id)
    )).await.unwrap();
    let mut watcher = Owner::of(&app).await;
    let place = async {
        let waits = "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        // Ends with the purge, or once the purge stands before the row.
        for _ in 0..2_000 {
            if watcher.lines(waits).await != ["0"] {
                break;
            }
        }
        owner.run("COMMIT").await.unwrap();
    };
    let (purged, ()) = tokio::join!(purge(&app.app), place);
    purged.unwrap().unwrap();
    assert_eq!(owner.lines(held).await, before, "what the hold keeps was erased beside it");
    app.finish().await;
}

/// What is held outlives its day, is found by who reads the organism's traces, and by no partner; once released, it
/// goes.
#[tokio::test]
async fn held_traces_outlive_their_day() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::starting(backend, datetime!(2020-08-31 09:00 UTC)).await;
        let [ours, _] = cast(&app).await;
        let [home, neighbour] = &ours.partners;
        // A person signs in; a file is looked up by another, as is another file; a third signs in during an incident.
        home.user.sits_down(&app).await;
        look_up(&app, &ours, home, &home.colleague, "0042317").await;
        look_up(&app, &ours, home, &home.colleague, "0042318").await;
        home.deputy.sits_down(&app).await;
        app.clock.advance(Duration::days(2));
        home.principal.sits_down(&app).await;
        app.clock.advance(Duration::days(2));
        neighbour.user.sits_down(&app).await;

        let mut administrator = ours.administrator.sits_down(&app).await;
        let mut auditor = ours.auditor.sits_down(&app).await;
        let matters: [(&str, Vec<(&str, &str)>); 4] = [
            ("personne", vec![("identifiant", &home.user.identifier)]),
            ("partenaire", vec![("siret", "73282932000074")]),
            ("dossier", vec![("numero", "42317")]),
            ("incident", vec![("reference", "INC-2020-009"), ("du", "02/09/2020"), ("au", "02/09/2020")]),
        ];
        let mut holds = Vec::new();
        for (kind, fields) in &matters {
            place(&mut administrator, kind, fields, "2021-06-01").await;
            administrator.page().must_say("C’est fait");
            holds.push(last(&app).await);
        }
        auditor.open(&format!("/conservations/{}", holds[2])).await.must_say("1 trace");
        app.received.forget();
        seal_all(app.app.db()).await;

        app.clock.advance(Duration::days(200));
        let purged = purge(&app.app).await.unwrap().unwrap();
        assert!(purged.traces > 10, "{purged:?}");
        let left = async || {
            let mut facts: Vec<(String, Option<Vec<u8>>)> =
                app.rows("SELECT fact, file_hash FROM trace WHERE fact < 'log.' OR fact >= 'log/' ORDER BY at, month, id").await;
            facts.retain(|(fact, _)| fact.starts_with("sign_in") || fact.starts_with("file"));
            facts
        };
        let kept = left().await;
        let facts: Vec<&str> = kept.iter().map(|(fact, _)| fact.as_str()).collect();
        assert_eq!(facts, ["sign_in.done", "file.looked_up", "sign_in.done", "sign_in.done"]);
        seal_all(app.app.db()).await;
        assert_eq!(flaws(app.app.db()).await, []);
        let mut owner = Owner::of(&app).await;
        let refused = owner.run("DELETE FROM trace WHERE fact = 'file.looked_up'").await.unwrap_err();
        assert!(refused.contains("a trace is never changed or erased"), "{refused}");
        if backend == Backend::Postgres {
            let mut application = Owner::at(backend, &app.database.url).await;
            // The purge's own traces are not due by then.
            let asked = application.lines("SELECT erase_due_traces(1, 0, 9999, '2021-04-01')::text").await;
            assert_eq!(asked, ["0"], "the owner's function looks at holds");
        }

        // The auditor finds them; the principal, whose partner they concern, does not.
        let mut auditor = ours.auditor.sits_down(&app).await;
        let period = "/traces?du=2020-08-31&au=2020-09-05";
        auditor.open(period).await.must_say("Recherche d’un dossier").must_say("0042317");
        auditor.open(&format!("/conservations/{}", holds[2])).await.must_say("Au-delà de leur terme");
        let mut principal = home.principal.sits_down(&app).await;
        principal.open(period).await.must_not_say("Recherche d’un dossier").must_not_say("0042317");
        auditor
            .open("/conservations")
            .await
            .must_say("Réexamen dépassé de 114 jours")
            .must_say("INC-2020-009");

        for hold in holds {
            let release = format!("/conservations/{hold}/lever");
            auditor.open(&release).await;
            auditor.form(&release).fill("motif", "Jugement rendu").send(&mut auditor).await;
            auditor.page().must_say("la conservation est levée");
        }
        app.clock.advance(Duration::HOUR);
        let purged = purge(&app.app).await.unwrap().unwrap();
        assert!(purged.traces >= 4, "{purged:?}");
        assert!(left().await.iter().all(|(fact, _)| fact != "file.looked_up"), "what was released is gone");
        app.clock.advance(Duration::HOUR);
        app.finish().await;
    }
}
