//! Atypical uses: what agents do through the real forms, what rules notice of it in the sealed log, what the auditor
//! decides, and what nobody at the partner's ever learns.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use compte_partenaire::db::Db;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::db::use_walk::Place;
use compte_partenaire::domain::access::{AccountRef, Actor, Permission, Scope};
use compte_partenaire::domain::facts::{Fact, LookUp};
use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::file_key::FileKey;
use compte_partenaire::domain::files::write_line;
use compte_partenaire::domain::id::{AccountId, HoldId, JustificationId, OrganismId, RowId as _, TraceId};
use compte_partenaire::features::consultation::source::{FileSource, Sheet, SourceFailed};
use compte_partenaire::jobs::usage::{Searched, erase, search};
use compte_partenaire::web::file_mark;
use time::Duration;
use time::macros::{date, datetime};

use crate::stories;
use crate::support::cast::{Organism, Partner, Person, cast};
use crate::support::log::seal_all;
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, TestApp};

/// A family of Mons-en-Barœul answers to every number but those that begin by 9; the one of number 42 bears the surname
/// of everybody here.
struct Families;

#[async_trait]
impl FileSource for Families {
    async fn find(&self, _: OrganismId, key: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        if key.as_str().starts_with('9') {
            return Ok(None);
        }
        let files = fictitious::files(1, 1, &"59410".parse().unwrap(), date!(2026 - 11 - 20));
        let mut family = files.take(1).next().unwrap();
        if key.as_str() == "0000042" {
            family.family.persons[0].name.surname = "VAUQUELIN-DURIEZ".to_owned();
        }
        Ok(Some(Sheet::new(family.commune, write_line(&family))))
    }
}

async fn with_families(backend: Backend) -> TestApp {
    TestApp::with(backend, |_: &Db| Arc::new(Families), Grouping::default()).await
}

async fn look_up(agent: &mut Browser, number: &str) {
    agent.open("/consultation").await;
    let form = agent.form("/consultation").fill("numero", number);
    let mission = form.offers("mission").pop().unwrap();
    form.fill("mission", &mission).send(agent).await;
}

/// Seals what was done, and looks for atypical uses in it.
async fn searched(app: &TestApp) -> Searched {
    seal_all(app.app.db()).await;
    search(&app.app).await.unwrap().expect("no other node is at it")
}

/// Rules and figures of the signals about somebody that nobody decided upon, in order of rule.
async fn waiting(app: &TestApp, person: &Person) -> Vec<(String, i64)> {
    let rows: Vec<(AccountId, String, i64, String)> = app
        .rows("SELECT account_id, rule, figure, state FROM use_signal WHERE decision IS NULL ORDER BY rule")
        .await;
    rows.into_iter()
        .filter(|(account, _, _, state)| *account == person.id && state == "open")
        .map(|(_, rule, figure, _)| (rule, figure))
        .collect()
}

fn told(signals: &[(&str, i64)]) -> Vec<(String, i64)> {
    signals.iter().map(|(rule, figure)| ((*rule).to_owned(), *figure)).collect()
}

/// Six openings of one file, a namesake's, six numbers that nobody has; then two look-ups late in the evening.
async fn misbehave(app: &TestApp, person: &Person) {
    let mut agent = person.sits_down(app).await;
    for _ in 0..6 {
        look_up(&mut agent, "0042317").await;
        app.clock.advance(Duration::minutes(3));
    }
    assert_eq!(agent.page().status, 200, "{}", agent.page().text());
    look_up(&mut agent, "0000042").await;
    for nth in 1..=6 {
        look_up(&mut agent, &format!("900000{nth}")).await;
    }
    assert_eq!(agent.page().status, 422);
    app.clock.advance(Duration::hours(13));
    let mut agent = person.sits_down(app).await;
    look_up(&mut agent, "0042318").await;
    look_up(&mut agent, "0042319").await;
}

/// Opens the signal of a rule from the auditor's queue; gives its address.
async fn opened(auditor: &mut Browser, rule: &str) -> String {
    let queue = auditor.open(&format!("/usages-atypiques?regle={rule}")).await.clone();
    let link = queue.links("Ouvrir");
    assert_eq!(link.len(), 1, "{rule}: {}", queue.text());
    auditor.open(&link[0]).await;
    link[0].clone()
}

async fn decide(auditor: &mut Browser, signal: &str, decision: &str, fields: &[(&str, &str)]) {
    auditor.open(&format!("{signal}/decision")).await;
    let mut form = auditor.form("/decision").tick("decision", decision);
    for (name, value) in fields {
        form = form.fill(name, value);
    }
    form.send(auditor).await;
}

async fn every_decision_is_taken_and_told_to_no_partner(backend: Backend) {
    let app = with_families(backend).await;
    let [ours, theirs] = cast(&app).await;
    let [home, neighbour] = &ours.partners;
    misbehave(&app, &home.user).await;
    let found = searched(&app).await;
    assert_eq!((found.look_ups, found.signals), (15, 4));
    let expected = told(&[("namesake", 1), ("night", 2), ("refused", 6), ("same_file", 6)]);
    assert_eq!(waiting(&app, &home.user).await, expected);

    // The queue, its filters, and the evidence.
    let mut auditor = ours.auditor.sits_down(&app).await;
    auditor.open("/accueil").await.must_say("Examiner 4 usages atypiques");
    auditor
        .open("/usages-atypiques")
        .await
        .must_say("4 signalements")
        .must_say("Un même dossier ouvert 6 fois en sept jours. Seuil : 6.")
        .must_say("6 recherches sans résultat en dix minutes.")
        .must_say("1 dossier d’une famille où quelqu’un porte le même nom");
    auditor.open("/usages-atypiques?etat=en-attente").await.must_say("120 recherches en un jour");
    auditor
        .open("/usages-atypiques?etat=decides")
        .await
        .must_say("Aucun signalement ne répond à ces critères");
    let same_file = opened(&mut auditor, "same_file").await;
    let page = auditor.page().clone();
    page.must_say("0042317").must_say("dossier ouvert").must_not_say("0042318");
    let traces: Vec<String> = page.select("tbody th a");
    assert_eq!(traces.len(), 6);
    let trace = page.html.split("href=\"/traces/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    auditor.open(&format!("/traces/{trace}")).await.must_say("0042317");

    // Without a reason nothing is decided, and what was chosen is kept.
    let namesake = opened(&mut auditor, "namesake").await;
    decide(&mut auditor, &namesake, "rien", &[]).await;
    assert_eq!(auditor.page().status, 422);
    auditor.page().must_say("Rien n’est décidé");
    decide(&mut auditor, &namesake, "surveillance", &[("motif", "Parenté"), ("jusqu", "2027-02-24")]).await;
    assert_eq!(auditor.page().status, 422);
    auditor.page().must_say("au plus tard le 23 févr. 2027").must_say("Parenté");
    assert_eq!(waiting(&app, &home.user).await.len(), 4);

    decide(&mut auditor, &namesake, "rien", &[("motif", "Homonyme sans lien")]).await;
    auditor.page().must_say("C’est fait : rien à signaler").must_say("Homonyme sans lien");
    auditor.open(&format!("{namesake}/decision")).await.must_say("Ce signalement est déjà décidé");
    decide_forged(&mut auditor, &namesake).await;
    assert_eq!(auditor.page().status, 409);

    let question = "Six ouvertures du même dossier le même jour : pour quelle démarche ?";
    decide(&mut auditor, &same_file, "justification", &[("question", question)]).await;
    auditor.page().must_say("la justification est demandée").must_say("pas encore donnée");

    let refused = opened(&mut auditor, "refused").await;
    decide(&mut auditor, &refused, "surveillance", &[("motif", "Numéros essayés"), ("jusqu", "2026-12-23")])
        .await;
    auditor.page().must_say("le compte est sous surveillance").must_say("jusqu’au 23 déc. 2026");

    nobody_else_reads(&app, &ours, &theirs, &[&same_file, &refused]).await;

    // Watched, every look-up is told, from then on only.
    app.clock.advance(Duration::hours(10));
    let mut agent = home.user.sits_down(&app).await;
    look_up(&mut agent, "0042320").await;
    assert_eq!(searched(&app).await, Searched { look_ups: 1, signals: 1 });
    let mut auditor = ours.auditor.sits_down(&app).await;
    let watched = opened(&mut auditor, "watched").await;
    auditor.page().must_say("1 recherche par une personne sous surveillance").must_say("0042320");

    // The partner answers; it reads neither the rule nor the file.
    let mut principal = home.principal.sits_down(&app).await;
    principal.open("/accueil").await.must_say("Demande de justification");
    let asked: Vec<(JustificationId,)> =
        app.rows("SELECT id FROM justification WHERE question <> 'Une opération particulière ?'").await;
    let asked = format!("/justifications/{}", asked[0].0);
    principal.open(&asked).await.must_say(question).must_not_say("0042317").must_not_say("surveillance");
    principal.form(&asked).send(&mut principal).await;
    assert_eq!(principal.page().status, 422);
    principal.form(&asked).fill("reponse", "Recours en cours, plusieurs appels.").send(&mut principal).await;
    principal.page().must_say("votre réponse est transmise").must_say("Recours en cours");
    for other in [&neighbour.principal, &home.user, &ours.auditor, &theirs.partners[0].principal] {
        assert_eq!(other.sits_down(&app).await.open(&asked).await.status, 404, "{:?}", other.office);
    }
    auditor.open("/usages-atypiques").await.must_say("Justification reçue");
    auditor.open(&same_file).await.must_say("Recours en cours, plusieurs appels.");
    decide(&mut auditor, &same_file, "rien", &[("motif", "Expliqué")]).await;
    auditor.page().must_say("Expliqué");

    // Suspension, by the same act as anybody's: sessions end, and the partner reads its own reason.
    let night = opened(&mut auditor, "night").await;
    let fields = [("motif", "Mot de passe sans doute volé"), ("annonce", "Mesure conservatoire")];
    decide(&mut auditor, &night, "suspension", &fields).await;
    auditor.page().must_say("l’accès est suspendu");
    agent.open("/consultation").await;
    agent.page().must_not_say("Consulter un dossier");
    let sheet = format!("/partenaires/{}/utilisateurs/{}", home.id, home.user.id);
    principal
        .open(&sheet)
        .await
        .must_say("Mesure conservatoire")
        .must_not_say("volé")
        .must_not_say("urveillance");
    auditor.open(&watched).await;
    auditor.open(&format!("{watched}/decision")).await.must_say("Cet accès est déjà suspendu");

    told_to_the_organism_only(&app, &home.principal).await;
    app.clock.advance(Duration::hours(1));
    app.finish().await;
}

/// Sends the decision that a page of before would send.
async fn decide_forged(auditor: &mut Browser, signal: &str) {
    auditor.open("/mot-de-passe").await;
    let token = auditor.form("/mot-de-passe").value("jeton").unwrap().to_owned();
    let fields = [("jeton", token.as_str()), ("cle", "encore"), ("decision", "rien"), ("motif", "Encore")];
    let fields: Vec<(String, String)> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    auditor.post(&format!("{signal}/decision"), &fields).await;
}

/// The queue, its signals and their decision exist for the auditor of the organism alone.
async fn nobody_else_reads(app: &TestApp, ours: &Organism, theirs: &Organism, signals: &[&String]) {
    let [home, _] = &ours.partners;
    let watch = format!("/surveillances/{}", home.surveillance);
    for person in [&home.principal, &home.deputy, &home.user] {
        let mut browser = person.sits_down(app).await;
        for path in ["/usages-atypiques", "/usages-atypiques/seuils", "/surveillances", &watch] {
            assert_eq!(browser.open(path).await.status, 404, "{path} for {:?}", person.office);
        }
        for signal in signals {
            assert_eq!(browser.open(signal).await.status, 404, "{:?}", person.office);
        }
    }
    // The administrator of the organism knows who is watched, and judges nobody.
    let mut administrator = ours.administrator.sits_down(app).await;
    administrator.open("/surveillances").await.must_say("Numéros essayés").must_say("Faits répétés");
    assert_eq!(administrator.open("/usages-atypiques").await.status, 404);
    assert_eq!(administrator.open(&watch).await.status, 404);
    let mut foreign = theirs.auditor.sits_down(app).await;
    foreign.open("/usages-atypiques?etat=tous").await.must_not_say("Un même dossier");
    for signal in signals {
        assert_eq!(foreign.open(signal).await.status, 404);
        assert_eq!(foreign.open(&format!("{signal}/decision")).await.status, 404);
    }
    assert_eq!(foreign.open(&watch).await.status, 404);
    foreign.open("/surveillances").await.must_not_say("Numéros essayés");
}

/// Whatever was noticed and decided, the traces of the partner say nothing of it, nor does one asked for by its number.
async fn told_to_the_organism_only(app: &TestApp, principal: &Person) {
    let rows: Vec<(TraceId, String, String)> = app
        .rows("SELECT id, fact, audience FROM trace WHERE fact >= 'use.' AND fact < 'use/' ORDER BY at")
        .await;
    let facts: Vec<&str> = rows.iter().map(|(_, fact, _)| fact.as_str()).collect();
    for fact in ["use.signalled", "use.judged", "use.justification_asked", "use.surveillance_placed"] {
        assert!(facts.contains(&fact), "{fact}: {facts:?}");
    }
    let mut browser = principal.sits_down(app).await;
    for (id, fact, audience) in &rows {
        let shared = fact == "use.justification_given";
        assert_eq!(audience == "partner", shared, "{fact}");
        assert_eq!(browser.open(&format!("/traces/{id}")).await.status == 200, shared, "{fact}");
    }
    for path in ["/traces", "/traces?acte=use.", "/traces?personne=Vauquelin"] {
        // Addresses that its own people tried to open stand there; nothing that was noticed or decided does.
        browser
            .open(path)
            .await
            .must_not_say("ise sous surveillance")
            .must_not_say("Usage atypique")
            .must_not_say("Usages examinés")
            .must_not_say("Justification demandée");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_decision_on_sqlite() {
    every_decision_is_taken_and_told_to_no_partner(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_decision_on_postgres() {
    every_decision_is_taken_and_told_to_no_partner(Backend::Postgres).await;
}

/// A node goes on from where another stopped; gone through twice, the same look-ups make the same signals; two nodes are
/// never at it together.
async fn a_search_goes_on_and_files_nothing_twice(backend: Backend) {
    let app = with_families(backend).await;
    let [ours, _] = cast(&app).await;
    let user = &ours.partners[0].user;
    let mut agent = user.sits_down(&app).await;
    for _ in 0..5 {
        look_up(&mut agent, "0042317").await;
    }
    assert_eq!(searched(&app).await, Searched { look_ups: 5, signals: 0 });
    // The program stops here; another node learns the sixth.
    let node = app.second_node().await;
    look_up(&mut agent, "0042317").await;
    seal_all(app.app.db()).await;
    assert_eq!(search(&node.app).await.unwrap(), Some(Searched { look_ups: 1, signals: 1 }));
    assert_eq!(waiting(&app, user).await, told(&[("same_file", 6)]));
    assert_eq!(searched(&app).await, Searched::default());
    // Whoever comes late, from a place that was left behind, moves nothing.
    let (left, on) = (Place { log: 1, rank: -1 }, Place { log: 1, rank: 3 });
    assert!(!app.app.db().pass_use_walk(left, on).await.unwrap());
    let write = app.app.write(&app.app.job("usage", None)).await.unwrap();
    let mut tx = write.permit(Permission::WatchUse, Scope::Installation).unwrap();
    assert!(!tx.advance_use_walk(left, on).await.unwrap());
    drop(tx);

    // While a node is at it, no other is; one that died leaves it after its time.
    let mut owner = Owner::of(&app).await;
    let now = app.clock.now();
    let held = now.plus(Duration::minutes(10));
    let held = match backend {
        Backend::Sqlite => held.micros().to_string(),
        Backend::Postgres => format!("'{}'", held.instant()),
    };
    owner.run(&format!("UPDATE use_walk SET lease_until = {held}")).await.unwrap();
    assert_eq!(search(&node.app).await.unwrap(), None);
    app.clock.advance(Duration::minutes(10));
    // Everything once more, as after a place that was lost.
    owner.run("UPDATE use_walk SET rank = -1").await.unwrap();
    let again = search(&node.app).await.unwrap().unwrap();
    assert_eq!((again.look_ups, again.signals), (6, 0));
    assert_eq!(waiting(&app, user).await, told(&[("same_file", 6)]));
    assert_eq!(app.bodies("use.signalled").await.len(), 1);

    // Judged, these look-ups are no reason any more; a seventh alone is none either.
    let mut auditor = ours.auditor.sits_down(&app).await;
    let signal = opened(&mut auditor, "same_file").await;
    decide(&mut auditor, &signal, "rien", &[("motif", "Expliqué")]).await;
    let mut agent = user.sits_down(&app).await;
    look_up(&mut agent, "0042317").await;
    assert_eq!(searched(&app).await.signals, 0);
    for _ in 0..5 {
        look_up(&mut agent, "0042317").await;
    }
    assert_eq!(searched(&app).await.signals, 1, "six more are a reason again");
    app.finish().await;
}

/// The same families, from a source that stops answering for one number.
struct FallingSilent(&'static AtomicBool);

/// One for each engine: their tests run side by side.
static SILENT: [AtomicBool; 2] = [AtomicBool::new(false), AtomicBool::new(false)];

#[async_trait]
impl FileSource for FallingSilent {
    async fn find(&self, organism: OrganismId, key: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        if key.as_str() == "0055555" && self.0.load(Ordering::SeqCst) {
            return Err(SourceFailed);
        }
        Families.find(organism, key).await
    }
}

/// When files stop answering in the middle, those that were read are traced, and not read again.
async fn what_was_read_before_a_failure_is_traced(backend: Backend) {
    let (silent, app) = match backend {
        Backend::Sqlite => {
            let source = |_: &Db| -> Arc<dyn FileSource> { Arc::new(FallingSilent(&SILENT[0])) };
            (&SILENT[0], TestApp::with(backend, source, Grouping::default()).await)
        }
        Backend::Postgres => {
            let source = |_: &Db| -> Arc<dyn FileSource> { Arc::new(FallingSilent(&SILENT[1])) };
            (&SILENT[1], TestApp::with(backend, source, Grouping::default()).await)
        }
    };
    let [ours, _] = cast(&app).await;
    let mut agent = ours.partners[0].user.sits_down(&app).await;
    for number in ["0042317", "0042318", "0055555", "0042319"] {
        look_up(&mut agent, number).await;
    }
    silent.store(true, Ordering::SeqCst);
    assert_eq!(searched(&app).await.look_ups, 2);
    let read = async || -> u64 {
        let told = app.bodies("use.examined").await;
        told.iter().map(|body| body["object"]["files"].as_u64().unwrap()).sum()
    };
    assert_eq!(read().await, 2, "two files were read: their trace says so");
    assert_eq!(searched(&app).await.look_ups, 0);
    assert_eq!(read().await, 2, "they are not read again");
    silent.store(false, Ordering::SeqCst);
    assert_eq!(searched(&app).await.look_ups, 2);
    assert_eq!(read().await, 4);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_is_traced_on_sqlite() {
    what_was_read_before_a_failure_is_traced(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_is_traced_on_postgres() {
    what_was_read_before_a_failure_is_traced(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_goes_on_on_sqlite() {
    a_search_goes_on_and_files_nothing_twice(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_goes_on_on_postgres() {
    a_search_goes_on_and_files_nothing_twice(Backend::Postgres).await;
}

/// The administrator sets what the rules tell; the auditor reads it. A surveillance is prolonged, then ended.
async fn thresholds_and_surveillances_have_their_forms(backend: Backend) {
    let app = with_families(backend).await;
    let [ours, theirs] = cast(&app).await;
    let [home, _] = &ours.partners;
    let (list, path) = ("/usages-atypiques/seuils", "/usages-atypiques/seuils/reglage");
    let mut administrator = ours.administrator.sits_down(&app).await;
    administrator.open(list).await.must_say("Ouvertures d’un même dossier en sept jours");
    administrator.follow("Régler ces seuils").await;
    let form = administrator.form(path);
    form.clone().fill("meme_dossier", "mille").send(&mut administrator).await;
    assert_eq!(administrator.page().status, 422);
    administrator.page().must_say("Aucun seuil n’a changé");
    assert_eq!(administrator.form(path).value("meme_dossier"), Some("mille"));
    form.fill("meme_dossier", "2").fill("refus", "0").send(&mut administrator).await;
    administrator.page().must_say("les seuils sont enregistrés");
    let changes = &app.bodies("use.thresholds_set").await[0]["object"]["changes"];
    assert_eq!(changes.to_string(), r#"[["meme_dossier","6","2"],["refus","6","0"]]"#);
    let mut auditor = ours.auditor.sits_down(&app).await;
    auditor.open(list).await.must_say("qui juge ne choisit pas").must_not_say("Régler ces seuils");
    assert_eq!(auditor.open(path).await.status, 404);
    decide_forged_thresholds(&mut auditor, path).await;
    assert_eq!(auditor.page().status, 404);

    let mut agent = home.user.sits_down(&app).await;
    look_up(&mut agent, "0042317").await;
    look_up(&mut agent, "0042317").await;
    for nth in 1..=8 {
        look_up(&mut agent, &format!("900000{nth}")).await;
    }
    // Another organism's thresholds are its own.
    let mut elsewhere = theirs.partners[0].user.sits_down(&app).await;
    look_up(&mut elsewhere, "0042317").await;
    look_up(&mut elsewhere, "0042317").await;
    assert_eq!(searched(&app).await.signals, 1);
    assert_eq!(waiting(&app, &home.user).await, told(&[("same_file", 2)]));

    let watch = format!("/surveillances/{}", home.surveillance);
    auditor.open("/surveillances").await.must_say("23 déc. 2026");
    auditor.open(&watch).await;
    auditor
        .form(&watch)
        .tick("suite", "prolonger")
        .fill("jusqu", "2027-03-01")
        .fill("motif", "Faits nouveaux")
        .send(&mut auditor)
        .await;
    assert_eq!(auditor.page().status, 422);
    auditor.page().must_say("au plus tard le 23 févr. 2027").must_say("Faits nouveaux");
    auditor
        .form(&watch)
        .tick("suite", "prolonger")
        .fill("jusqu", "2027-02-01")
        .fill("motif", "Faits nouveaux")
        .send(&mut auditor)
        .await;
    auditor.page().must_say("la surveillance est prolongée").must_say("1er févr. 2027");
    auditor.open(&watch).await;
    auditor.form(&watch).tick("suite", "lever").fill("motif", "Plus rien depuis").send(&mut auditor).await;
    auditor.page().must_say("la surveillance est levée").must_say("Plus rien depuis").must_say("Levée par");
    auditor
        .open(&watch)
        .await
        .must_say("Cette surveillance est terminée")
        .must_say("finie le 23 nov. 2026")
        .must_say("Plus rien depuis");
    app.finish().await;
}

async fn decide_forged_thresholds(auditor: &mut Browser, path: &str) {
    auditor.open("/mot-de-passe").await;
    let token = auditor.form("/mot-de-passe").value("jeton").unwrap().to_owned();
    let fields = vec![("jeton".to_owned(), token), ("meme_dossier".to_owned(), "90".to_owned())];
    auditor.post(path, &fields).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thresholds_and_surveillances_on_sqlite() {
    thresholds_and_surveillances_have_their_forms(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thresholds_and_surveillances_on_postgres() {
    thresholds_and_surveillances_have_their_forms(Backend::Postgres).await;
}

/// What was looked up, as traces say it, by an agent of the partner: one file again and again.
async fn traced(app: &TestApp, organism: &Organism, partner: &Partner, person: &Person, result: LookUp) {
    traced_number(app, organism, (partner, person), "0042317", result).await;
}

/// The same, of a number.
async fn traced_number(
    app: &TestApp,
    organism: &Organism,
    (partner, person): (&Partner, &Person),
    number: &str,
    result: LookUp,
) {
    let account =
        AccountRef { id: person.id, identifier: person.identifier.clone(), name: "Camille".to_owned() };
    let kit = app.app.kit();
    let correlation = kit.entropy.id(app.clock.now());
    let actor = Actor::person(person.office, organism.id, Some(partner.id), account, correlation);
    let fact = Fact::FileLookedUp {
        file: file_mark::of(kit, organism.id, number),
        service: "cdap".to_owned(),
        mission: "Adressage".to_owned(),
        result,
    };
    let _receipt = kit.ledger.hand_over(&actor, vec![fact], None, Vec::new()).await.unwrap();
}

/// A signal and what is remembered of look-ups go with their traces; what an investigation keeps stays until its end.
#[tokio::test]
async fn old_signals_go_with_their_period() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::starting(backend, datetime!(2020-08-31 09:00 UTC)).await;
        let [ours, _] = cast(&app).await;
        let [home, neighbour] = &ours.partners;
        for (partner, person) in [(home, &home.user), (neighbour, &neighbour.user)] {
            for _ in 0..6 {
                traced(&app, &ours, partner, person, LookUp::Opened).await;
            }
        }
        assert_eq!(searched(&app).await, Searched { look_ups: 12, signals: 2 });
        let mut owner = Owner::of(&app).await;
        let hold = HoldId::from_uuid(uuid::Uuid::from_u128(9));
        let (asked_at, released_at) = match backend {
            Backend::Sqlite => ("1598864400000000", "1598864400000001"),
            Backend::Postgres => ("'2020-08-31 09:00:00+00'", "'2020-08-31 09:00:01+00'"),
        };
        owner.run(&format!(
            "INSERT INTO legal_hold (id, organism_id, kind, account_id, basis, reason, review_on, asked_by, asked_at) \
             VALUES ({}, {}, 'person', {}, 'Plainte', 'Vérification', '2021-06-01', {}, {asked_at})",
            owner.id(hold), owner.id(ours.id), owner.id(home.user.id), owner.id(ours.auditor.id)
        )).await.unwrap();
        let left = async |app: &TestApp| {
            let [signals, evidence, seen, watched] = [
                "SELECT CAST(count(*) AS BIGINT) FROM use_signal WHERE rule = 'same_file'",
                "SELECT CAST(count(*) AS BIGINT) FROM use_evidence",
                "SELECT CAST(count(*) AS BIGINT) FROM use_seen",
                "SELECT CAST(count(*) AS BIGINT) FROM surveillance",
            ];
            [
                app.rows::<(i64,)>(signals).await[0].0,
                app.rows::<(i64,)>(evidence).await[0].0,
                app.rows::<(i64,)>(seen).await[0].0,
                app.rows::<(i64,)>(watched).await[0].0,
            ]
        };
        let watches = left(&app).await[3];
        // The day before, and the day: 28 February.
        app.clock.advance(Duration::days(180));
        erase(&app.app).await.unwrap();
        assert_eq!(left(&app).await, [2, 12, 12, watches]);
        app.clock.advance(Duration::days(1));
        erase(&app.app).await.unwrap();
        assert_eq!(left(&app).await[..2], [1, 6], "the neighbour's is gone, the held one stays");
        app.clock.advance(Duration::days(40));
        erase(&app.app).await.unwrap();
        assert_eq!(left(&app).await, [1, 6, 0, 0]);
        owner.run(&format!(
            "UPDATE legal_hold SET released_by = {}, released_at = {released_at}, release_reason = 'Classée' WHERE id = {}",
            owner.id(ours.administrator.id), owner.id(hold)
        )).await.unwrap();
        erase(&app.app).await.unwrap();
        assert_eq!(left(&app).await, [0, 0, 0, 0]);
        app.finish().await;
    }
}

/// Christmas, in the middle of a Friday morning, is a day on which nobody is expected.
#[tokio::test]
async fn a_public_holiday_is_a_closed_day() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::starting(backend, datetime!(2026-12-25 09:00 UTC)).await;
        let [ours, _] = cast(&app).await;
        let [home, _] = &ours.partners;
        for _ in 0..2 {
            traced(&app, &ours, home, &home.user, LookUp::Opened).await;
        }
        assert_eq!(searched(&app).await.signals, 1);
        let mut auditor = ours.auditor.sits_down(&app).await;
        opened(&mut auditor, "night").await;
        auditor.page().must_say("2 recherches la nuit, un dimanche ou un jour férié");
        let rows = auditor.page().select("tbody th");
        assert_eq!(rows.len(), 2);
        assert!(rows.iter().all(|row| row.ends_with("jour férié")), "{rows:?}");
        app.finish().await;
    }
}

/// The addresses of the signals of a rule that wait in the auditor's queue.
async fn queue(auditor: &mut Browser, rule: &str) -> Vec<String> {
    auditor.open(&format!("/usages-atypiques?regle={rule}")).await.links("Ouvrir")
}

stories! {
    /// A decision closes the file, or the series, that it was taken on: the others wait.
    async fn a_decision_closes_what_was_seen_alone(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mine = (home, &home.user);
        for number in ["0042317", "0042318"] {
            for _ in 0..6 {
                traced_number(app, &ours, mine, number, LookUp::Opened).await;
            }
        }
        for _ in 0..2 {
            for _ in 0..6 {
                traced_number(app, &ours, mine, "9000001", LookUp::Unknown).await;
            }
            app.clock.advance(Duration::hours(1));
        }
        assert_eq!(searched(app).await, Searched { look_ups: 24, signals: 4 });
        let twice = told(&[("refused", 6), ("refused", 6), ("same_file", 6), ("same_file", 6)]);
        assert_eq!(waiting(app, &home.user).await, twice);

        let mut auditor = ours.auditor.sits_down(app).await;
        for rule in ["same_file", "refused"] {
            let both = queue(&mut auditor, rule).await;
            decide(&mut auditor, &both[0], "rien", &[("motif", "Expliqué")]).await;
            assert_eq!(queue(&mut auditor, rule).await, both[1..], "{rule}");
        }
        // One opening more of each: the file that was judged is new to nobody, the other goes on.
        for number in ["0042317", "0042318"] {
            traced_number(app, &ours, mine, number, LookUp::Opened).await;
        }
        assert_eq!(searched(app).await.signals, 0);
        assert_eq!(waiting(app, &home.user).await, told(&[("refused", 6), ("same_file", 7)]));
    }

    /// A signal that grew while somebody wrote his decision is read again before it is judged; what he wrote stays.
    async fn nobody_judges_what_he_was_not_shown(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let refused = async |times: usize| {
            for _ in 0..times {
                traced_number(app, &ours, (home, &home.user), "9000001", LookUp::Unknown).await;
            }
            searched(app).await.signals
        };
        assert_eq!(refused(6).await, 1);
        let mut auditor = ours.auditor.sits_down(app).await;
        let signal = opened(&mut auditor, "refused").await;
        auditor.open(&format!("{signal}/decision")).await;
        let form = auditor.form("/decision").tick("decision", "rien").fill("motif", "Fautes de frappe");
        app.clock.advance(Duration::seconds(1));
        assert_eq!(refused(20).await, 0);
        // Sent without a reason first: what he was shown stays what it was.
        form.clone().fill("motif", "").send(&mut auditor).await;
        assert_eq!(auditor.page().status, 422);
        auditor.form("/decision").fill("motif", "Fautes de frappe").send(&mut auditor).await;
        auditor.page().must_say("D’autres recherches se sont ajoutées").must_say("Fautes de frappe");
        assert_eq!(auditor.page().status, 422);
        assert_eq!(waiting(app, &home.user).await, told(&[("refused", 26)]));
        auditor.form("/decision").send(&mut auditor).await;
        auditor.page().must_say("Rien à signaler");
        assert_eq!(waiting(app, &home.user).await, told(&[]));
    }

    /// A series so long that its first look-ups are out of sight is one signal still; judged, it is judged.
    async fn a_long_series_is_one_signal(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let refused = async |times: usize| {
            for _ in 0..times {
                app.clock.advance(Duration::seconds(1));
                traced_number(app, &ours, (home, &home.user), "9000001", LookUp::Unknown).await;
            }
            searched(app).await.signals
        };
        let mut owner = Owner::of(app).await;
        let oldest = "DELETE FROM use_seen WHERE at = (SELECT min(at) FROM use_seen)";
        assert_eq!(refused(8).await, 1);
        owner.run(oldest).await.unwrap();
        assert_eq!(refused(1).await, 0);
        assert_eq!(waiting(app, &home.user).await, told(&[("refused", 8)]));
        let mut auditor = ours.auditor.sits_down(app).await;
        let signal = opened(&mut auditor, "refused").await;
        decide(&mut auditor, &signal, "rien", &[("motif", "Formation")]).await;
        owner.run(oldest).await.unwrap();
        assert_eq!(refused(1).await, 0);
        assert_eq!(waiting(app, &home.user).await, told(&[]));
    }

    /// The traces of a signal are those that make it now; once it is decided upon, they never change.
    async fn evidence_says_what_is_true_until_it_is_judged(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let evidence = async |app: &TestApp, state: &str| {
            let rows: Vec<(TraceId, String)> = app
                .rows("SELECT e.trace_id, s.state FROM use_evidence e JOIN use_signal s ON s.id = e.signal_id ORDER BY e.trace_id")
                .await;
            let of = rows.into_iter().filter(|(_, found)| found == state).map(|(trace, _)| trace);
            of.collect::<Vec<TraceId>>()
        };
        // Half past nine in the evening, twice.
        app.clock.advance(Duration::minutes(11 * 60 + 30));
        for _ in 0..2 {
            traced(app, &ours, home, &home.user, LookUp::SourceFailed).await;
        }
        assert_eq!(searched(app).await.signals, 1);
        let before = evidence(app, "open").await;
        assert_eq!(before.len(), 2);
        // The night now begins at ten: these are no reason any more.
        let mut owner = Owner::of(app).await;
        let organism = owner.id(ours.id);
        owner.run(&format!(
            "INSERT INTO use_threshold (organism_id, service_id, setting, value) \
             SELECT {organism}, id, 'nuit_debut', 22 FROM service WHERE code = 'cdap'"
        )).await.unwrap();
        app.clock.advance(Duration::hours(1));
        for _ in 0..3 {
            traced(app, &ours, home, &home.user, LookUp::SourceFailed).await;
        }
        assert_eq!(searched(app).await.signals, 0);
        assert_eq!(waiting(app, &home.user).await, told(&[("night", 3)]));
        let now = evidence(app, "open").await;
        assert_eq!(now.len(), 3);
        assert!(now.iter().all(|trace| !before.contains(trace)));

        let mut auditor = ours.auditor.sits_down(app).await;
        let signal = opened(&mut auditor, "night").await;
        decide(&mut auditor, &signal, "rien", &[("motif", "Permanence")]).await;
        app.clock.advance(Duration::minutes(1));
        for _ in 0..2 {
            traced(app, &ours, home, &home.user, LookUp::SourceFailed).await;
        }
        assert_eq!(searched(app).await.signals, 1);
        assert_eq!(evidence(app, "closed").await, now);
        assert_eq!(evidence(app, "open").await.len(), 2);
    }

    /// What was decided meanwhile is asked no more; until then, the time left is told to the day.
    async fn what_was_decided_is_asked_no_more(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/accueil").await.must_say("Demande de justification").must_say("Encore 14 jours");
        app.clock.advance(Duration::days(15));
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/accueil").await.must_say("Demande de justification").must_say("En retard de 1 jour");
        let mut auditor = ours.auditor.sits_down(app).await;
        decide(&mut auditor, &format!("/usages-atypiques/{}", home.signal), "rien", &[("motif", "Expliqué")]).await;
        principal.open("/accueil").await.must_not_say("Demande de justification");
    }

    /// A surveillance whose day passed ended that day and by itself, whenever another began.
    async fn a_surveillance_says_how_it_ended(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mut owner = Owner::of(app).await;
        let (watch, user) = (owner.id(home.surveillance), owner.id(home.user.id));
        owner.run(&format!("UPDATE surveillance SET account_id = {user} WHERE id = {watch}")).await.unwrap();
        app.clock.advance(Duration::days(43));
        let mut auditor = ours.auditor.sits_down(app).await;
        let fields = [("motif", "De nouveau"), ("jusqu", "2027-02-05")];
        decide(&mut auditor, &format!("/usages-atypiques/{}", home.signal), "surveillance", &fields).await;
        let page = auditor.open("/surveillances").await.clone();
        // Those of the other partners passed like it, and nobody put them away.
        let ended = page.select("section[aria-labelledby=finies] td");
        assert_eq!(ended.len(), 9);
        for line in ended.chunks(3) {
            assert_eq!(line, ["23 nov. 2026", "23 déc. 2026", "Arrivée à son terme"]);
        }
        auditor
            .open(&format!("/surveillances/{}", home.surveillance))
            .await
            .must_say("finie le 23 déc. 2026")
            .must_say("Arrivée à son terme");
    }

    /// Nobody answers for himself: what is asked about one administrator is for the other.
    async fn nobody_answers_for_himself(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mut owner = Owner::of(app).await;
        let (asked, principal) = (owner.id(home.justification), owner.id(home.principal.id));
        owner.run(&format!("UPDATE justification SET account_id = {principal} WHERE id = {asked}")).await.unwrap();
        let path = format!("/justifications/{}", home.justification);
        assert_eq!(home.principal.sits_down(app).await.open(&path).await.status, 404);
        home.deputy.sits_down(app).await.open(&path).await.must_say("Ce qui explique ces faits");
    }
}
