//! Requests for traces: a person's own, passed on by his superior and answered by the auditor; those of other bodies;
//! and who is reminded of what waits.

use compte_partenaire::crypto::{hex, sha256};
use compte_partenaire::domain::access::{AccountRef, Actor};
use compte_partenaire::domain::facts::{Fact, LookUp};
use compte_partenaire::domain::id::TraceRequestId;
use compte_partenaire::jobs::trace_requests::{remind, send_due};
use compte_partenaire::web::file_mark;
use time::Duration;
use time::macros::datetime;

use crate::stories;
use crate::support::cast::{Organism, Partner, Person, cast};
use crate::support::log::sign;
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, TestApp};

const OWN: &str = "/mes-traces";
const REGISTER: &str = "/demandes-de-traces";

/// Looks a file up, as somebody of the partner.
async fn look_up(
    app: &TestApp,
    organism: &Organism,
    partner: &Partner,
    person: &Person,
    number: &str,
    result: LookUp,
) {
    let name = format!("Camille {}", person.identifier);
    let account = AccountRef { id: person.id, identifier: person.identifier.clone(), name };
    let kit = app.app.kit();
    let correlation = kit.entropy.id(app.clock.now());
    let actor = Actor::person(person.office, organism.id, Some(partner.id), account, correlation);
    let file = file_mark::of(kit, organism.id, number);
    let (service, mission) = ("cdap".to_owned(), "Adressage".to_owned());
    let fact = Fact::FileLookedUp { file, service, mission, result };
    let _receipt = kit.ledger.hand_over(&actor, vec![fact], None, Vec::new()).await.unwrap();
}

/// Asks for one's own traces.
async fn ask(browser: &mut Browser, from: &str, to: &str) {
    browser.open(OWN).await;
    browser.form(OWN).fill("du", from).fill("au", to).fill("motif", "Vérifier mes accès").send(browser).await;
}

/// The last request that was made.
async fn last(app: &TestApp, fact: &str) -> TraceRequestId {
    let body = app.bodies(fact).await.pop().unwrap();
    body["object"]["request"].as_str().unwrap().parse().unwrap()
}

/// The superior passes the last request on.
async fn pass_on(app: &TestApp, superior: &mut Browser, partner: &Partner) -> TraceRequestId {
    let id = last(app, "trace_request.made").await;
    let page = format!("/partenaires/{}/demandes-de-traces/{id}", partner.id);
    superior.open(&page).await;
    superior.form(&page).send(superior).await;
    superior.page().must_say("la demande est transmise");
    id
}

/// The mails sent so far, each with its addressee.
fn mails(app: &TestApp) -> Vec<(String, String)> {
    let told = |letter: compte_partenaire::mail::Letter| (letter.to.address, letter.subject);
    app.app.mailer().sent().into_iter().map(told).collect()
}

/// The mail address of somebody of the cast.
fn address(person: &Person) -> String {
    format!(
        "camille.{}@commune.example",
        person.identifier.trim_start_matches("TST-").trim_start_matches('0')
    )
}

stories! {
    /// Asked, passed on, answered, read: and nobody reads more than is his.
    async fn a_person_is_given_his_own_traces_and_nothing_else(app) {
        let [ours, theirs] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        for (person, number, result) in [
            (&home.user, "0042317", LookUp::Opened), (&home.user, "0042318", LookUp::OutsidePerimeter),
            (&home.user, "0042317", LookUp::Opened), (&home.colleague, "0042319", LookUp::Opened),
        ] {
            look_up(app, &ours, home, person, number, result).await;
        }
        let mut user = home.user.sits_down(app).await;
        app.clock.advance(Duration::seconds(5));
        ask(&mut user, "2026-11-20", "2026-11-23").await;
        user.page().must_say("votre demande est partie").must_say("À transmettre").must_say("attend sa réponse");
        let id = last(app, "trace_request.made").await;
        let own = format!("{OWN}/{id}");
        user.open(&own).await.must_say("avant le 8 déc. 2026").must_not_say("Garder le document");
        send_due(&app.app).await.unwrap();
        let waits = "Une demande de traces vous attend".to_owned();
        let mut told = mails(app);
        told.sort();
        assert_eq!(told, [(address(&home.principal), waits.clone()), (address(&home.deputy), waits.clone())]);

        // Nobody answers what was not passed on, the auditor neither.
        let mut auditor = ours.auditor.sits_down(app).await;
        let request = format!("{REGISTER}/{id}");
        let answer = format!("{request}#repondre");
        auditor.open(&request).await.must_say("attend d’être transmise").must_not_say("Répondre");
        auditor.open(&format!("{REGISTER}/nouvelle")).await;
        let fields: Vec<(String, String)> = auditor.form(&format!("{REGISTER}/nouvelle")).fields().iter()
            .filter(|(name, _)| name == "jeton" || name == "cle").cloned()
            .chain([("reponse".to_owned(), "donner".to_owned())]).collect();
        assert_eq!(auditor.post(&request, &fields).await.status, 409);

        // Passed on by the deputy, whose home page said it.
        let mut deputy = home.deputy.sits_down(app).await;
        deputy.open("/accueil").await.must_say("Demande de traces").must_say("Encore 14 jours");
        pass_on(app, &mut deputy, home).await;
        send_due(&app.app).await.unwrap();
        assert_eq!(mails(app).last().unwrap(), &(address(&ours.auditor), waits));

        // Read line for line, then given.
        sign(app.app.db()).await;
        auditor.open("/accueil").await.must_say("Demande de traces");
        auditor.open(REGISTER).await.must_say("1 demande attend").must_say("Commune de Brumeval");
        auditor.open(&request).await;
        auditor.follow("Lire la liste exacte").await;
        auditor.page().must_say("Recherche d’un dossier, dossier 1").must_say("dossier 2").must_say("aucun dossier remis")
            .must_not_say("dossier 3").must_not_say("0042317").must_not_say("hors périmètre").must_not_say("Demande de ses propres traces");
        auditor.open(&request).await;
        auditor.form(&answer).send(&mut auditor).await;
        assert_eq!(auditor.page().status, 422);
        auditor.form(&answer).tick("reponse", "donner").send(&mut auditor).await;
        auditor.page().must_say("la réponse est enregistrée").must_say("Sur sa page du portail").must_say("Empreinte du journal à ce moment");
        send_due(&app.app).await.unwrap();
        assert_eq!(mails(app).last().unwrap(), &(address(&home.user), "Votre demande de traces a reçu sa réponse".to_owned()));

        // He reads it, and takes it: letter for letter what the log says was handed over.
        user.open(&own).await.must_say("Recherche d’un dossier, dossier 1").must_say("Garder le document").must_not_say("0042317");
        let document = user.open(&format!("{own}/document")).await.html.clone();
        let digest = hex(&sha256(document.as_bytes()));
        user.open(&own).await.must_say(&digest);
        // The same in words, for a spreadsheet; both are traced.
        let table = user.follow("Le même en tableau (CSV)").await.clone();
        assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(table.html.lines().count(), document.lines().count() + 1);
        let row = table.html.lines().find(|line| line.contains("Recherche d’un dossier")).unwrap();
        assert!(row.starts_with("\"23/11/2026 09:30:00\";\"Recherche d’un dossier\";\"Abouti\";\"dossier ouvert\";\"CDAP\";\"Adressage\";\"1\";"), "{row}");
        assert!(table.html.contains("aucun dossier remis") && !table.html.contains("0042317"));
        let taken: Vec<_> = app.bodies("trace_request.own_taken").await.iter().map(|body| (body["object"]["format"].clone(), body["object"]["digest"].clone())).collect();
        assert_eq!(taken, [("ndjson".into(), digest.as_str().into()), ("csv".into(), digest.as_str().into())]);
        auditor.open(&request).await.must_say(&digest);
        auditor.follow("Relire ce qui a été remis").await.must_say("Ce que la personne a reçu").must_say("Recherche d’un dossier, dossier 1");
        let answered = app.bodies("trace_request.answered").await.pop().unwrap();
        assert_eq!(answered["object"]["digest"], digest.as_str());
        let mut owner = Owner::of(app).await;
        let traces = owner.rows("trace", &format!("actor_id = {}", owner.id(home.user.id))).await.len();
        let lines: Vec<serde_json::Value> = document.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.len() >= 4 && lines.len() < traces, "{} of {traces}", lines.len());
        assert_eq!(lines.iter().filter(|line| line["code"] == "file.looked_up").count(), 3);
        for hidden in ["0042317", "0042318", "0042319", "outside_perimeter", "sealed", "hash", &home.colleague.identifier, "Vauquelin"] {
            assert!(!document.contains(hidden), "{hidden} in:\n{document}");
        }

        // Nobody else reads it: as if it were not.
        for person in [&home.colleague, &neighbour.user, &theirs.partners[0].user, &home.principal, &home.deputy, &ours.administrator, &ours.auditor] {
            let mut browser = person.sits_down(app).await;
            for page in [own.clone(), format!("{own}/document"), format!("{own}/tableau.csv")] {
                assert_eq!(browser.open(&page).await.status, 404, "{page} for {}", person.identifier);
            }
        }
        let mut stranger = theirs.auditor.sits_down(app).await;
        for page in [request.clone(), format!("{request}/liste")] {
            assert_eq!(stranger.open(&page).await.status, 404, "{page}");
        }
        let page = format!("/partenaires/{}/demandes-de-traces/{id}", home.id);
        for person in [&neighbour.principal, &home.user, &ours.administrator, &theirs.administrator] {
            assert_eq!(person.sits_down(app).await.open(&page).await.status, 404, "{}", person.identifier);
        }
        // The superior learns that it was answered, not what was given.
        deputy.open(&page).await.must_say("Remise").must_not_say(&digest);

        let told: Vec<(String, String)> = app.rows("SELECT DISTINCT fact, audience FROM trace WHERE fact >= 'trace_request.' AND fact < 'trace_request/' ORDER BY fact").await;
        let expected = [("answered", "partner"), ("made", "partner"), ("own_read", "partner"), ("own_taken", "partner"),
            ("passed_on", "partner"), ("read", "organism")];
        assert_eq!(told, expected.map(|(fact, audience)| (format!("trace_request.{fact}"), audience.to_owned())));

        // Thirty days later it is read no more.
        app.clock.advance(Duration::days(30));
        let mut user = home.user.sits_down(app).await;
        user.open(&own).await.must_say("Garder le document");
        app.clock.advance(Duration::days(1));
        let mut user = home.user.sits_down(app).await;
        user.open(&own).await.must_say("ne se lit plus ici").must_not_say("Garder le document").must_not_say("Recherche d’un dossier");
        for page in ["document", "tableau.csv"] {
            assert_eq!(user.open(&format!("{own}/{page}")).await.status, 404, "{page}");
        }
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open(&request).await.must_not_say("Relire ce qui a été remis");
        assert_eq!(auditor.open(&format!("{request}/liste")).await.status, 404);
    }

    /// A superior who does not pass a request on writes why; of a centralised partner, it is the organism.
    async fn a_superior_says_why_not(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mut user = home.user.sits_down(app).await;
        for (from, to, said) in [
            ("2026-05-23", "2026-11-23", "au plus tôt le 24 mai 2026"), ("2026-11-20", "2026-11-24", "au plus tard le 23 nov. 2026"),
            ("2026-11-20", "2026-11-19", "La fin précède le début"), ("", "2026-11-19", "Ce champ est à remplir"),
        ] {
            ask(&mut user, from, to).await;
            assert_eq!(user.page().status, 422, "{from} {to}");
            user.page().must_say(said).must_say("Vérifier mes accès");
        }
        ask(&mut user, "2026-05-24", "2026-11-23").await;
        let id = last(app, "trace_request.made").await;
        let page = format!("/partenaires/{}/demandes-de-traces/{id}", home.id);
        let mut principal = home.principal.sits_down(app).await;
        principal.open(&page).await;
        let refusal = principal.form(&page).forge("decision", "ne-pas-transmettre").forge("motif", "");
        refusal.send(&mut principal).await;
        assert_eq!(principal.page().status, 422);
        principal.form(&page).forge("decision", "ne-pas-transmettre").forge("motif", "Déjà remises en octobre").send(&mut principal).await;
        principal.page().must_say("la demande n’est pas transmise");
        user.open(&format!("{OWN}/{id}")).await.must_say("Non transmise").must_say("Déjà remises en octobre").must_say("contester");
        ours.auditor.sits_down(app).await.open(&format!("{REGISTER}/{id}")).await.must_say("Déjà remises en octobre").must_not_say("Répondre");
        // Another may be made; nobody decides on his own.
        ask(&mut user, "2026-11-20", "2026-11-23").await;
        let mut owner = Owner::of(app).await;
        let (row, by) = (owner.id(last(app, "trace_request.made").await), owner.id(home.user.id));
        for column in ["passed", "answered"] {
            let act = format!("UPDATE trace_request SET {column}_by = {by}, {column}_at = registered_at WHERE id = {row}");
            owner.run(&act).await.unwrap_err();
        }

        let ward = &ours.centralised;
        let mut user = ward.user.sits_down(app).await;
        ask(&mut user, "2026-11-20", "2026-11-23").await;
        let mut administrator = ours.administrator.sits_down(app).await;
        administrator.open("/accueil").await.must_say("Demande de traces");
        administrator.open(&format!("/partenaires/{}", ward.id)).await;
        administrator.follow("Demandes de traces").await;
        let before = mails(app).len();
        pass_on(app, &mut administrator, ward).await;
        // What waited for her is another's now: only he is written to.
        send_due(&app.app).await.unwrap();
        let told = &mails(app)[before..];
        assert!(!told.is_empty() && told.iter().all(|(to, _)| *to != address(&ours.administrator)));
    }

    /// The request of another body: registered, answered in part, handed over, with a proof that stays.
    async fn another_body_is_answered_with_a_proof(app) {
        let [ours, theirs] = cast(app).await;
        sign(app.app.db()).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        let new = format!("{REGISTER}/nouvelle");
        auditor.open(REGISTER).await;
        auditor.follow("Enregistrer une demande").await;
        auditor.form(&new).send(&mut auditor).await;
        assert_eq!(auditor.page().status, 422);
        let fill = |auditor: &Browser, received: &str| auditor.form(&new).fill("nom", "MSA du Val").fill("code", "33000000300000")
            .fill("contact", "Aude Larrieu").fill("courriel", "aude.larrieu@msa.example").fill("recue", received)
            .fill("du", "2026-11-01").fill("au", "2026-11-15").fill("objet", "Accès par vecteur d’identification")
            .fill("fondement", "Convention, article 10").fill("motif", "Usurpation signalée");
        fill(&auditor, "2026-11-24").send(&mut auditor).await;
        auditor.page().must_say("au plus tard le 23 nov. 2026").must_say("Usurpation signalée");
        fill(&auditor, "2026-11-18").send(&mut auditor).await;
        auditor.page().must_say("la demande est au registre").must_say("avant le 3 déc. 2026").must_say("Encore 9 jours");
        let id = last(app, "trace_request.registered").await;
        let (request, hand_over) = (format!("{REGISTER}/{id}"), format!("{REGISTER}/{id}/remise"));
        let answer = format!("{request}#repondre");
        assert_eq!(theirs.auditor.sits_down(app).await.open(&request).await.status, 404);
        assert_eq!(ours.administrator.sits_down(app).await.open(&request).await.status, 404);

        // A part is a part of what was asked for, and has its reason.
        for (from, to, reason, said) in [
            ("2026-10-31", "2026-11-10", "Hors convention", "au plus tôt le 1er nov. 2026"),
            ("2026-11-01", "2026-11-16", "Hors convention", "au plus tard le 15 nov. 2026"), ("2026-11-01", "2026-11-10", "", "Ce champ est à remplir"),
        ] {
            auditor.form(&answer).tick("reponse", "en-partie").fill("du", from).fill("au", to).fill("motif", reason).send(&mut auditor).await;
            assert_eq!(auditor.page().status, 422, "{from} {to}");
            auditor.page().must_say(said);
        }
        auditor.form(&answer).tick("reponse", "en-partie").fill("au", "2026-11-10").fill("motif", "Fin de la convention").send(&mut auditor).await;
        auditor.page().must_say("À remettre, en partie").must_say("du 1er nov. 2026 au 10 nov. 2026");
        auditor.open("/accueil").await.must_say("MSA du Val");
        auditor.open(&request).await;
        let digest = "ab".repeat(32);
        let fill = |auditor: &Browser, on: &str, digest: &str| auditor.form(&hand_over).tick("moyen", "registered_post")
            .fill("remis_a", "Aude Larrieu, RSSI").fill("remis_le", on).fill("empreinte", digest);
        for (on, digest, said) in [
            ("2026-11-17", digest.as_str(), "au plus tôt le 18 nov. 2026"), ("2026-11-24", &digest, "au plus tard le 23 nov. 2026"),
            ("2026-11-23", "abcd", "64 signes"), ("2026-11-23", "", "Ce champ est à remplir"),
        ] {
            fill(&auditor, on, digest).send(&mut auditor).await;
            assert_eq!(auditor.page().status, 422, "{on} {digest}");
            auditor.page().must_say(said);
            assert_eq!(auditor.form(&hand_over).value("remis_a"), Some("Aude Larrieu, RSSI"));
        }
        fill(&auditor, "2026-11-23", &digest).send(&mut auditor).await;
        auditor.page().must_say("la remise est enregistrée").must_say("Remise en partie");
        auditor.open(&request).await.must_say("Lettre recommandée").must_say(&digest).must_say("compte-partenaire/")
            .must_not_say("Enregistrer la remise");
        auditor.open("/accueil").await.must_not_say("MSA du Val");
        let mut owner = Owner::of(app).await;
        let row = owner.id(id);
        for act in [format!("UPDATE trace_request SET handed_to = 'Un autre' WHERE id = {row}"), format!("UPDATE trace_request SET due_on = due_on WHERE id = {row}")] {
            assert!(owner.run(&act).await.unwrap_err().contains("a closed request is never changed"));
        }
        let told: Vec<(String, String)> = app.rows("SELECT fact, audience FROM trace WHERE fact >= 'trace_request.' AND fact < 'trace_request/' ORDER BY at, id").await;
        assert!(told.iter().all(|(_, audience)| audience == "organism"), "{told:?}");
        assert_eq!(told.len(), 3, "{told:?}");
    }

    /// A request that moves on while others are reminded of is not reminded of to whom it no longer waits for.
    async fn what_moves_on_meanwhile_is_not_reminded(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let mut ids = Vec::new();
        for person in [&home.user, &neighbour.user] {
            let mut user = person.sits_down(app).await;
            ask(&mut user, "2026-11-20", "2026-11-23").await;
            ids.push(last(app, "trace_request.made").await);
        }
        send_due(&app.app).await.unwrap();
        let before = mails(app).len();
        app.clock.advance(Duration::days(8));
        // As if the second one were passed on just before its turn.
        let mut owner = Owner::of(app).await;
        let (first, second) = (owner.id(ids[0]), owner.id(ids[1]));
        let pass_on = format!("UPDATE trace_request SET state = 'open' WHERE id = {second};");
        let acts = match app.backend {
            Backend::Sqlite => vec![format!("CREATE TRIGGER meanwhile AFTER UPDATE OF reminded ON trace_request WHEN NEW.id = {first} BEGIN {pass_on} END")],
            Backend::Postgres => vec![
                format!("CREATE FUNCTION meanwhile() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {pass_on} RETURN NULL; END $$"),
                format!("CREATE TRIGGER meanwhile AFTER UPDATE OF reminded ON trace_request FOR EACH ROW WHEN (NEW.id = {first}) EXECUTE FUNCTION meanwhile()"),
            ],
        };
        for act in acts {
            owner.run(&act).await.unwrap();
        }
        assert_eq!(remind(&app.app).await.unwrap(), 1);
        send_due(&app.app).await.unwrap();
        let to: Vec<String> = mails(app).split_off(before).into_iter().map(|(to, _)| to).collect();
        assert!(to.contains(&address(&home.principal)) && to.contains(&address(&home.deputy)) && to.len() == 2, "{to:?}");
        // At the next look it is reminded of to whom it waits for now.
        assert_eq!(remind(&app.app).await.unwrap(), 1);
        send_due(&app.app).await.unwrap();
        assert_eq!(mails(app).last().unwrap().0, address(&ours.auditor));
    }

    /// Seven, three and one day before, and when it is late: each once, to whom it waits for.
    async fn what_waits_is_reminded(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mut user = home.user.sits_down(app).await;
        ask(&mut user, "2026-11-20", "2026-11-23").await;
        send_due(&app.app).await.unwrap();
        let mut counts = vec![mails(app).len()];
        for day in 1..=17 {
            app.clock.advance(Duration::days(1));
            if day == 10 {
                let mut principal = home.principal.sits_down(app).await;
                pass_on(app, &mut principal, home).await;
            }
            // Twice: a reminder is sent once.
            for _ in 0..2 {
                remind(&app.app).await.unwrap();
                send_due(&app.app).await.unwrap();
            }
            counts.push(mails(app).len());
        }
        let new: Vec<(usize, usize)> = counts.windows(2).zip(1..).map(|(pair, day)| (day, pair[1] - pair[0])).filter(|(_, new)| *new > 0).collect();
        // A week before: principal and deputy. Passed on: the auditor, then on each of the three last occasions.
        assert_eq!(new, [(8, 2), (10, 2), (12, 1), (14, 1), (15, 1)]);
        assert_eq!(mails(app).last().unwrap(), &(address(&ours.auditor), "Une demande de traces est en retard".to_owned()));
        ours.auditor.sits_down(app).await.open("/accueil").await.must_say("En retard de 3 jours");
        let reminded = app.bodies("trace_request.reminded").await;
        assert_eq!(reminded.iter().map(|body| body["object"]["mails"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 1, 1, 1, 1]);
    }
}

/// A look-up of the last day of August, which the user asks for on the last day on which he may; his superior passes the
/// request on.
async fn asked_on_the_last_day(app: &TestApp, ours: &Organism, home: &Partner) -> (Browser, TraceRequestId) {
    look_up(app, ours, home, &home.user, "0042317", LookUp::Opened).await;
    app.clock.advance(Duration::days(180));
    let mut user = home.user.sits_down(app).await;
    app.clock.advance(Duration::seconds(5));
    ask(&mut user, "2020-08-31", "2021-02-27").await;
    let mut principal = home.principal.sits_down(app).await;
    let id = pass_on(app, &mut principal, home).await;
    (user, id)
}

/// What was given is read again as it was given, though the log has lost some of it since.
#[tokio::test]
async fn what_was_given_stays_as_it_was_given() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::starting(backend, datetime!(2020-08-31 09:00 UTC)).await;
        let [ours, _] = cast(&app).await;
        let [home, _] = &ours.partners;
        let (mut user, id) = asked_on_the_last_day(&app, &ours, home).await;
        let (request, own) = (format!("{REGISTER}/{id}"), format!("{OWN}/{id}"));
        let mut auditor = ours.auditor.sits_down(&app).await;
        auditor.open(&request).await;
        auditor.form(&format!("{request}#repondre")).tick("reponse", "donner").send(&mut auditor).await;
        let document = user.open(&format!("{own}/document")).await.html.clone();
        let given = user.open(&format!("{own}/tableau.csv")).await.html.clone();
        // The next day the look-up is past its own; he has done other things.
        app.clock.advance(Duration::days(1));
        look_up(&app, &ours, home, &home.user, "0042319", LookUp::Opened).await;
        let mut auditor = ours.auditor.sits_down(&app).await;
        let list = auditor.open(&format!("{request}/liste")).await;
        list.must_say("Recherche d’un dossier, dossier 1")
            .must_not_say("dossier 2")
            .must_say("Ce que la personne a reçu");
        let mut user = home.user.sits_down(&app).await;
        assert_eq!(user.open(&format!("{own}/document")).await.html, document);
        assert_eq!(user.open(&format!("{own}/tableau.csv")).await.html, given);
        assert!(given.contains("Recherche d’un dossier"));
        app.finish().await;
    }
}

/// A trace that an investigation keeps beyond its day is not given: that it is still there would tell of it.
#[tokio::test]
async fn what_is_past_its_day_is_not_given() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::starting(backend, datetime!(2020-08-31 09:00 UTC)).await;
        let [ours, _] = cast(&app).await;
        let [home, _] = &ours.partners;
        let (_, id) = asked_on_the_last_day(&app, &ours, home).await;
        let list = format!("{REGISTER}/{id}/liste");
        ours.auditor.sits_down(&app).await.open(&list).await.must_say("Recherche d’un dossier");
        app.clock.advance(Duration::days(1));
        let mut auditor = ours.auditor.sits_down(&app).await;
        auditor.open(&list).await.must_not_say("Recherche d’un dossier").must_say("Connexion");
        assert_eq!(
            app.facts().await.iter().filter(|fact| *fact == "file.looked_up").count(),
            1,
            "it is still there"
        );
        app.finish().await;
    }
}
