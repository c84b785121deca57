//! Exports of traces: who asks for one, what it holds and says of itself, what a stop in the middle changes (nothing), who
//! takes it away, and when it is gone.

use std::io::Read as _;

use compte_partenaire::db::exports::Made;
use compte_partenaire::db::seal::{Pass, Sealer, Wanted};
use compte_partenaire::domain::access::{AccountRef, Actor, Origin};
use compte_partenaire::domain::day::{Day, Zone};
use compte_partenaire::domain::facts::{Fact, GroupMark, LookUp};
use compte_partenaire::domain::id::{CorrelationId, TraceExportId};
use compte_partenaire::domain::trace_export::{LEASE, MOST_ATTEMPTS, PIECE};
use compte_partenaire::features::traces::export::{erase_due, go_on};
use compte_partenaire::seal::check::Flaw;
use compte_partenaire::seal::checkpoint::{Checkpoint, every_public_key, origin, public_keys};
use compte_partenaire::seal::export::{self, Preamble};
use compte_partenaire::web::file_mark;
use time::Duration;
use time::macros::datetime;

use crate::stories;
use crate::support::cast::{Organism, Partner, Person, cast};
use crate::support::log::{seal_all, sign};
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, TestApp};

const NEW: &str = "/traces/exports/nouveau";
const NUMBER: &str = "0042317";
/// What a spreadsheet would run.
const FORMULA: &str = "=HYPERLINK(\"http://ailleurs.example\";\"Voir\")";

fn actor(app: &TestApp, organism: &Organism, partner: &Partner, person: &Person) -> Actor {
    let account = AccountRef {
        id: person.id,
        identifier: person.identifier.clone(),
        name: "Camille Vauquelin".to_owned(),
    };
    let correlation: CorrelationId = app.app.kit().entropy.opaque_id();
    let origin = Origin { session: Some([0xd4; 32]), ..Origin::default() };
    Actor::person(person.office, organism.id, Some(partner.id), account, correlation).from(origin)
}

async fn leave(app: &TestApp, actor: &Actor, facts: Vec<Fact>) {
    let _receipt = app.app.kit().ledger.hand_over(actor, facts, None, Vec::new()).await.unwrap();
}

fn looked_up(app: &TestApp, organism: &Organism, number: &str, result: LookUp) -> Fact {
    let file = file_mark::of(app.app.kit(), organism.id, number);
    Fact::FileLookedUp { file, service: "cdap".to_owned(), mission: "Adressage".to_owned(), result }
}

fn suspended(partner: &Partner, reason: &str) -> Fact {
    Fact::UserSuspended { account: partner.colleague.id, partner: partner.id, reason: reason.to_owned() }
}

/// A page whose address is long: some of them make several pieces.
fn pages(from: usize, to: usize) -> Vec<Fact> {
    (from..to).map(|n| Fact::PageRead { route: format!("/{n}/{}", "a".repeat(600)), subject: None }).collect()
}

/// Asks for an export of what an address says.
async fn ask(browser: &mut Browser, query: &str, format: &str) {
    browser.open(&format!("{NEW}?{query}")).await;
    let form = browser.form(NEW).fill("format", format).fill("motif", "Demande du procureur");
    form.send(browser).await;
}

/// The last export that was asked for.
async fn last(app: &TestApp) -> TraceExportId {
    let body = app.bodies("traces.export_asked").await.pop().unwrap();
    body["object"]["export"].as_str().unwrap().parse().unwrap()
}

/// Lets the job run until nothing waits; gives how many turns it took.
async fn prepare(app: &TestApp) -> usize {
    let mut turns = 0;
    while go_on(&app.app).await.unwrap() {
        turns += 1;
    }
    turns
}

/// The file of an export, as a browser receives it.
async fn take(browser: &mut Browser, export: TraceExportId) -> Vec<u8> {
    let page = browser.open(&format!("/traces/exports/{export}/fichier")).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.headers["content-length"], page.bytes.len().to_string());
    page.bytes.clone()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The lines of traces of a CSV file.
fn lines(csv: &str) -> Vec<&str> {
    let (_, rest) = csv.split_once("\r\n\r\n").unwrap();
    rest.lines().skip(1).collect()
}

/// How many traces the list shows, page after page.
async fn listed(browser: &mut Browser, query: &str) -> usize {
    browser.open(&format!("/traces?{query}")).await;
    let mut shown = 0;
    loop {
        shown += browser.page().select("main ol.timeline > li").len();
        let Some(next) = browser.page().links("Traces plus anciennes").pop() else { return shown };
        browser.open(&next).await;
    }
}

/// The parts of an archive, each checked against what the directory says of it.
fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
    let two = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    let four = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let size = |at: usize| usize::try_from(four(at)).unwrap();
    let end = bytes.len() - 22;
    assert_eq!(four(end), 0x0605_4b50);
    let (count, mut at) = (two(end + 10), size(end + 16));
    let mut parts = Vec::new();
    for _ in 0..count {
        assert_eq!(four(at), 0x0201_4b50);
        let (method, crc, packed, plain) = (two(at + 10), four(at + 16), size(at + 20), size(at + 24));
        let (name, offset) = (two(at + 28), size(at + 42));
        let name = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
        assert_eq!(four(offset), 0x0403_4b50);
        let begin = offset + 30 + two(offset + 26) + two(offset + 28);
        let body = &bytes[begin..begin + packed];
        let mut content = Vec::new();
        match method {
            0 => content.extend_from_slice(body),
            _ => drop(flate2::read::DeflateDecoder::new(body).read_to_end(&mut content).unwrap()),
        }
        assert_eq!((content.len(), crc32fast::hash(&content)), (plain, crc), "{name}");
        at += 46 + name.len();
        parts.push((name, String::from_utf8(content).unwrap()));
    }
    parts
}

/// Seals all that waits, and signs.
async fn seal(app: &TestApp, sealer: &mut Sealer) -> Checkpoint {
    while sealer.pass().await.unwrap() != Pass::Idle {}
    app.app.db().sign_head().await.unwrap().unwrap().0
}

stories! {
    /// From the list to the file, and a day later nothing: each step leaves its trace, and only who asked has it.
    async fn an_export_is_asked_prepared_taken_and_erased(app) {
        let [ours, theirs] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let agent = actor(app, &ours, home, &home.user);
        leave(app, &agent, vec![
            looked_up(app, &ours, NUMBER, LookUp::Opened), looked_up(app, &ours, "0099999", LookUp::OutsidePerimeter),
            suspended(home, FORMULA),
        ]).await;
        leave(app, &actor(app, &ours, neighbour, &neighbour.user), vec![looked_up(app, &ours, NUMBER, LookUp::Unknown)]).await;
        leave(app, &agent, pages(0, 70)).await;

        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open("/traces?acte=file.").await;
        auditor.follow("Exporter ces traces").await.must_say("Acte : Consultations").must_say("1 048 575 traces au plus");
        // Nothing without a reason; what was typed stays.
        auditor.form(NEW).fill("format", "csv").send(&mut auditor).await;
        assert_eq!(auditor.page().status, 422);
        auditor.page().must_say("L’export n’est pas demandé");
        auditor.form(NEW).fill("du", "2026-11-24").fill("motif", "Demande du procureur").send(&mut auditor).await;
        auditor.page().must_say("La fin précède le début").must_say("Demande du procureur");
        auditor.form(NEW).fill("du", "2026-11-17").send(&mut auditor).await;
        auditor.page().must_say("La préparation va commencer").must_say("Acte : Consultations");
        let export = last(app).await;
        let file = format!("/traces/exports/{export}/fichier");
        assert_eq!(auditor.open(&file).await.status, 404, "it is not ready");
        // No checkpoint covers the asking yet: the job waits for one.
        app.clock.advance(Duration::seconds(1));
        sign(app.app.db()).await;
        assert!(prepare(app).await > 1);
        auditor.open(&format!("/traces/exports/{export}")).await.must_say("Le fichier est prêt").must_say("3 traces");
        auditor.open("/traces/exports").await.must_say("Prêt").must_say("24 nov. 2026");

        let taken = take(&mut auditor, export).await;
        let headers = &auditor.page().headers;
        assert_eq!(headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(headers["content-disposition"], "attachment; filename=\"traces-2026-11-17-2026-11-23.csv\"");
        assert_eq!((&headers["x-content-type-options"], &headers["cache-control"]), (&"nosniff".parse().unwrap(), &"no-store".parse().unwrap()));
        let csv = text(taken);
        assert!(csv.starts_with("\u{feff}\"Export de traces"));
        for said in ["Caf de la Haute-Deûle", &ours.auditor.identifier, "Motif : Demande du procureur", "du 17/11/2026 au 23/11/2026",
            "Acte : Consultations", "Nombre de traces : 3", "À conserver jusqu’au 23/05/2027", "Empreinte signée du journal", "compte-partenaire/"] {
            assert!(csv.contains(said), "{said}: {csv}");
        }
        assert!(csv.contains("Recherche d’un dossier") && csv.contains(NUMBER) && csv.contains("hors périmètre") && csv.contains("Commune de Clairvigne"));
        assert_eq!(lines(&csv).len(), listed(&mut auditor, "acte=file.").await);

        // What somebody typed is no formula, in either form; all is as the list has it.
        ask(&mut auditor, "acte=user.", "csv").await;
        let plain = last(app).await;
        ask(&mut auditor, "", "xlsx").await;
        let sheet = last(app).await;
        auditor.open(NEW).await;
        auditor.form(NEW).fill("motif", "Encore").send(&mut auditor).await;
        assert_eq!(auditor.page().status, 422);
        auditor.page().must_say("2 de vos exports se préparent déjà").must_say("Encore");
        let signed = sign(app.app.db()).await;
        prepare(app).await;
        let csv = text(take(&mut auditor, plain).await);
        assert!(csv.contains("\"Motif : =HYPERLINK(\"\"http"), "{csv}");
        assert!(lines(&csv).iter().all(|line| line.split("\";\"").all(|cell| !cell.starts_with(['=', '+', '-', '@']))));
        let parts = unpacked(&take(&mut auditor, sheet).await);
        let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[5..], ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]);
        let notice = &parts[5].1;
        assert!(notice.contains("Demande du procureur") && notice.contains("À conserver jusqu’au"));
        let traces = &parts[6].1;
        assert!(!traces.contains("<f>") && traces.contains("t=\"inlineStr\"><is><t xml:space=\"preserve\">Motif : =HYPERLINK"));
        let rows: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM trace t JOIN organism o ON o.id = t.organism_id JOIN trace_leaf l ON l.id = t.id WHERE o.code = '591'").await;
        assert_eq!(i64::try_from(traces.matches("<row ").count()).unwrap(), rows[0].0 + 1, "{signed:?}");

        // Nobody else: the deputy of a partner, an auditor elsewhere, an administrator.
        for person in [&ours.administrator, &theirs.auditor, &home.principal, &home.user] {
            let mut browser = person.sits_down(app).await;
            assert_eq!(browser.open(&file).await.status, 404, "{:?}", person.office);
            assert_eq!(browser.open(&format!("/traces/exports/{export}")).await.status, 404, "{:?}", person.office);
        }
        let told = app.bodies("traces.export_taken").await;
        assert_eq!(told[0]["object"]["traces"], 3);
        assert_eq!(told[0]["actor"]["identifier"], ours.auditor.identifier.as_str());
        assert_eq!(app.bodies("traces.export_ready").await[0]["object"]["account"], ours.auditor.id.to_string());

        // A day later it is gone, before the job erased it and after.
        app.clock.advance(Duration::hours(24) - Duration::seconds(1));
        let mut auditor = ours.auditor.sits_down(app).await;
        let file = format!("/traces/exports/{sheet}/fichier");
        assert_eq!(auditor.open(&file).await.status, 200);
        app.clock.advance(Duration::seconds(2));
        assert_eq!(auditor.open(&file).await.status, 404);
        assert_eq!(erase_due(&app.app).await.unwrap(), 3);
        assert_eq!(app.rows::<(TraceExportId,)>("SELECT export_id FROM trace_export_piece").await, []);
        assert_eq!(app.rows::<(TraceExportId,)>("SELECT id FROM trace_export").await, []);
        assert_eq!(app.bodies("traces.export_erased").await.len(), 3);
        auditor.open("/traces/exports").await.must_say("Aucun export");
    }

    /// A partner takes away what its list shows and no more; an empty period gives a file that says so.
    async fn a_partner_takes_away_what_its_list_shows(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let agent = actor(app, &ours, home, &home.user);
        leave(app, &agent, vec![looked_up(app, &ours, "0099999", LookUp::OutsidePerimeter), looked_up(app, &ours, NUMBER, LookUp::Opened)]).await;
        let group = GroupMark { id: home.group, name: FORMULA.to_owned() };
        let elsewhere = agent.clone().from(Origin::default());
        leave(app, &elsewhere, vec![Fact::GroupArchived { group }]).await;
        leave(app, &actor(app, &ours, neighbour, &neighbour.user), pages(0, 3)).await;
        ours.auditor.sits_down(app).await.open("/traces").await;

        let mut deputy = home.deputy.sits_down(app).await;
        deputy.open(NEW).await.must_not_say("NDJSON").must_say("L’auditeur de votre organisme");
        deputy.form(NEW).forge("format", "ndjson").fill("motif", "Essai").send(&mut deputy).await;
        assert_eq!(deputy.page().status, 422);
        ask(&mut deputy, "", "csv").await;
        let all = last(app).await;
        ask(&mut deputy, "du=2026-10-01&au=2026-10-02", "xlsx").await;
        let nothing = last(app).await;
        sign(app.app.db()).await;
        prepare(app).await;
        let csv = text(take(&mut deputy, all).await);
        assert!(csv.contains("aucun dossier remis") && csv.contains("0099999") && csv.contains(NUMBER));
        assert!(csv.contains(";\"'=HYPERLINK") && !csv.contains("\"=HYPERLINK"), "a spreadsheet would run it: {csv}");
        for hidden in ["hors périmètre", "Traces lues", &ours.auditor.identifier, &neighbour.user.identifier, "Clairvigne"] {
            assert!(!csv.contains(hidden), "{hidden}: {csv}");
        }
        let rows: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM trace t JOIN partner p ON p.id = t.partner_id JOIN organism o ON o.id = t.organism_id \
            JOIN trace_leaf l ON l.id = t.id WHERE p.siret = '21590410300011' AND o.code = '591' AND t.audience = 'partner'").await;
        assert_eq!(i64::try_from(lines(&csv).len()).unwrap(), rows[0].0);
        let parts = unpacked(&take(&mut deputy, nothing).await);
        assert!(parts[5].1.contains("Nombre de traces : 0"));
        assert_eq!(parts[6].1.matches("<row ").count(), 1, "the names of the columns");
        deputy.open(&format!("/traces/exports/{nothing}")).await.must_say("Aucune trace ne répond à cette demande");
        // The traces of the export itself are its partner's.
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/traces?acte=traces.").await.must_say("Export de traces téléchargé").must_say("Export de traces prêt");
        // The file is the deputy's alone.
        principal.open("/traces/exports").await.must_say("Aucun export");
        for page in ["", "/fichier"] {
            assert_eq!(principal.open(&format!("/traces/exports/{all}{page}")).await.status, 404, "somebody else's{page}");
        }

        // From the timeline of a file, and from a session.
        deputy.open("/traces?acte=file.").await;
        deputy.follow(NUMBER).await;
        deputy.follow("Exporter ces traces").await.must_say("Un seul dossier").must_not_say(NUMBER);
        deputy.form(NEW).fill("format", "csv").fill("motif", "Demande de l’allocataire").send(&mut deputy).await;
        let of_file = last(app).await;
        deputy.open("/traces?acte=file.").await;
        deputy.follow("Recherche d’un dossier").await;
        deputy.follow("Toute la session").await;
        deputy.follow("Exporter ces traces").await.must_say("Une seule session");
        deputy.form(NEW).fill("format", "csv").fill("motif", "Demande de l’allocataire").send(&mut deputy).await;
        let of_session = last(app).await;
        sign(app.app.db()).await;
        prepare(app).await;
        let of_file = text(take(&mut deputy, of_file).await);
        assert!(lines(&of_file).len() == 1 && of_file.contains(NUMBER) && !of_file.contains("0099999"), "{of_file}");
        assert_eq!(lines(&text(take(&mut deputy, of_session).await)).len(), 2);
    }

    /// Whoever loses the right loses the file, ready or not.
    async fn a_lost_right_ends_an_export(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mut principal = home.principal.sits_down(app).await;
        ask(&mut principal, "", "csv").await;
        let ready = last(app).await;
        sign(app.app.db()).await;
        prepare(app).await;
        take(&mut principal, ready).await;
        ask(&mut principal, "", "csv").await;
        let under_way = last(app).await;
        let mut owner = Owner::of(app).await;
        let id = owner.id(home.principal.id);
        owner.run(&format!("UPDATE account SET office = 'user' WHERE id = {id}")).await.unwrap();
        assert_eq!(principal.open(&format!("/traces/exports/{ready}/fichier")).await.status, 404);
        sign(app.app.db()).await;
        prepare(app).await;
        let failed = app.bodies("traces.export_failed").await;
        assert_eq!((&failed[0]["object"]["export"], &failed[0]["object"]["cause"]), (&under_way.to_string().into(), &"right_lost".into()));
        owner.run(&format!("UPDATE account SET office = 'principal' WHERE id = {id}")).await.unwrap();
        principal.open(&format!("/traces/exports/{under_way}")).await.must_say("L’export n’a pas abouti").must_say("Votre fonction a changé");
        let suspend = match app.backend { Backend::Sqlite => "1", Backend::Postgres => "'2026-11-23'" };
        owner.run(&format!("UPDATE account SET suspended_at = {suspend} WHERE id = {id}")).await.unwrap();
        let page = principal.open(&format!("/traces/exports/{ready}/fichier")).await;
        assert!(!page.headers.contains_key("content-disposition"));
    }

    /// A node that stops in the middle changes nothing of the file; one that wakes up too late keeps nothing.
    async fn a_stop_in_the_middle_changes_nothing(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let agent = actor(app, &ours, home, &home.user);
        for batch in 0..24 {
            leave(app, &agent, pages(batch * 100, batch * 100 + 100)).await;
        }
        let other = app.second_node().await;
        let mut auditor = ours.auditor.sits_down(app).await;
        // One hand on the seal, so that no time passes between the two askings.
        let mut sealer = Sealer::new(app.app.db().clone());
        let old = seal(app, &mut sealer).await;
        for (format, least) in [("csv", 3), ("xlsx", 3), ("ndjson", 3)] {
            ask(&mut auditor, "", format).await;
            let whole = last(app).await;
            seal(app, &mut sealer).await;
            assert!(prepare(app).await > least, "{format}");
            let whole = take(&mut auditor, whole).await;

            // The same, under the same checkpoint: each second turn is lost with its node.
            ask(&mut auditor, "", format).await;
            let broken = last(app).await;
            let page = format!("/traces/exports/{broken}");
            let mut seen_writing = false;
            loop {
                let lost = app.app.db().take_export(app.clock.now(), app.clock.now().plus(LEASE)).await.unwrap();
                let Some(lost) = lost else { break };
                assert!(!go_on(&other.app).await.unwrap(), "it is in one hand");
                app.clock.advance(LEASE);
                assert!(go_on(&other.app).await.unwrap());
                let late = Made { pieces: vec![b"trop tard".to_vec()], ..Made::default() };
                assert!(!app.app.db().keep_export(lost, late, app.clock.now()).await.unwrap(), "a later turn began");
                let words = auditor.open(&page).await.text();
                seen_writing |= words.contains("Le fichier s’écrit") && words.contains("Traces écrites");
            }
            assert!(seen_writing, "{format}: progress was never to be seen");
            assert!(take(&mut auditor, broken).await == whole, "{format}: not the same bytes");
            // Memory: whatever the size of the file, no more of it is held than this.
            let pieces: Vec<(Vec<u8>,)> = app.rows("SELECT sealed FROM trace_export_piece").await;
            assert!(pieces.iter().all(|(piece,)| piece.len() <= PIECE + 64));
            if format == "ndjson" {
                proves_itself(app, &text(whole), &old);
            }
        }
    }

    /// Whoever is renamed while a workbook is written, it is whole: its end counts from the bytes of its beginning.
    async fn a_name_changed_meanwhile_breaks_no_workbook(app) {
        let [ours, _] = cast(app).await;
        let agent = actor(app, &ours, &ours.partners[0], &ours.partners[0].user);
        for batch in 0..24 {
            leave(app, &agent, pages(batch * 100, batch * 100 + 100)).await;
        }
        let mut auditor = ours.auditor.sits_down(app).await;
        ask(&mut auditor, "", "xlsx").await;
        let export = last(app).await;
        sign(app.app.db()).await;
        let pieces = async || app.rows::<(i32,)>("SELECT pieces FROM trace_export").await[0].0;
        while pieces().await == 0 {
            assert!(go_on(&app.app).await.unwrap(), "it is written in several turns");
        }
        let mut owner = Owner::of(app).await;
        let (account, organism) = (owner.id(ours.auditor.id), owner.id(ours.id));
        owner.run(&format!("UPDATE account SET surname = 'de Saint-Aubin de la Haute-Rive' WHERE id = {account}")).await.unwrap();
        owner.run(&format!("UPDATE organism SET name = 'Caf' WHERE id = {organism}")).await.unwrap();
        assert!(prepare(app).await > 1);
        let parts = unpacked(&take(&mut auditor, export).await);
        assert!(!parts[5].1.contains("Saint-Aubin") && parts[5].1.contains("Caf de la Haute-Deûle"), "as it was begun");
        assert!(parts[6].1.ends_with("</worksheet>"));
        assert!(parts[6].1.matches("<row ").count() > 2_400);
    }

    /// A checkpoint may be signed while traces still wait for their seal: a file waits for one that covers them.
    async fn a_file_waits_for_the_seal_of_what_came_before_it(app) {
        let [ours, _] = cast(app).await;
        let agent = actor(app, &ours, &ours.partners[0], &ours.partners[0].user);
        let mut auditor = ours.auditor.sits_down(app).await;
        app.clock.advance(Duration::seconds(1));
        for batch in 0..12 {
            leave(app, &agent, pages(batch * 100, batch * 100 + 100)).await;
        }
        app.clock.advance(Duration::seconds(1));
        ask(&mut auditor, "", "csv").await;
        let export = last(app).await;
        app.clock.advance(Duration::seconds(1));
        // The sealer stops after one pass, and what it did is signed.
        let mut sealer = Sealer::new(app.app.db().clone());
        sealer.pass().await.unwrap();
        app.app.db().sign_head().await.unwrap().unwrap();
        for _ in 0..3 {
            assert!(go_on(&app.app).await.unwrap());
            app.clock.advance(Duration::seconds(2));
            auditor.open(&format!("/traces/exports/{export}")).await.must_say("En attente du sceau");
        }
        auditor.open("/traces/exports").await.must_say("En attente du sceau");
        seal(app, &mut sealer).await;
        prepare(app).await;
        let csv = text(take(&mut auditor, export).await);
        assert!(csv.contains("/1199/aaaa"), "the last trace before the asking");
    }

    /// After another log was opened, a period has traces in both: the file proves each under its own checkpoint.
    async fn a_proof_tells_every_log(app) {
        let [ours, _] = cast(app).await;
        let agent = actor(app, &ours, &ours.partners[0], &ours.partners[0].user);
        leave(app, &agent, vec![looked_up(app, &ours, NUMBER, LookUp::Opened)]).await;
        let before = sign(app.app.db()).await;
        app.app.db().open_log(before.size, "Sauvegarde de la veille").await.unwrap();
        leave(app, &agent, vec![looked_up(app, &ours, "0042318", LookUp::Opened)]).await;
        app.clock.advance(Duration::seconds(5));
        let mut auditor = ours.auditor.sits_down(app).await;
        ask(&mut auditor, "acte=file.", "ndjson").await;
        let export = last(app).await;
        sign(app.app.db()).await;
        prepare(app).await;
        let file = text(take(&mut auditor, export).await);
        let head = app.app.db().head().await.unwrap();
        let keys = &app.app.kit().keys;
        let today = Day::parse("2026-11-23").unwrap();
        let check = |text: &str| {
            let witness = std::slice::from_ref(&before);
            export::check(text.as_bytes(), &every_public_key(keys, head.log), witness, today)
        };
        let reports = check(&file).unwrap();
        let told: Vec<(u64, u64, u64)> = reports.iter().map(|(_, report)| (report.rows, report.held, report.flaws)).collect();
        assert_eq!(told, [(1, 1, 0), (1, 0, 0)], "{file}");
        assert!(file.lines().filter(|line| line.contains("\"checkpoint\"")).all(|line| line.contains("\"logs\":2") && line.contains("Demande du procureur")));
        // A log that is cut off is missed, and one that is changed is found.
        let second = file.rmatch_indices("{\"checkpoint\"").next().unwrap().0;
        let cut = check(&file[..second]).unwrap();
        assert_eq!((cut.len(), &cut[0].1.findings[0].flaw), (1, &Flaw::Missing));
        assert!(check(&file[second..]).is_ok_and(|reports| reports[0].1.flaws > 0), "the first one is missed as well");
        let (first, last) = file.split_at(second);
        let edited = check(&format!("{first}{}", last.replacen("file.looked_up", "file.read______", 1))).unwrap();
        assert_eq!(edited[1].1.findings[0].flaw, Flaw::Altered("the seal"));
        // So does what the operator writes out.
        let zone = Zone::default();
        let wanted = Wanted { organism: ours.id, from: zone.start_of(today), to: zone.start_of(today.plus_days(1)) };
        let about = |checkpoint| Preamble {
            checkpoint, made_for: String::new(), search: String::new(), keep_until: String::new(), how_to_verify: String::new(), logs: None,
        };
        let mut out = Vec::new();
        let whole = app.app.db().export(wanted, about, &mut out).await.unwrap();
        let reports = check(&text(out)).unwrap();
        assert_eq!((reports.len(), reports.iter().map(|(_, report)| report.rows).sum::<u64>()), (2, whole));
        assert!(reports.iter().all(|(_, report)| report.flaws == 0 && report.rows > 0));
    }

    /// What goes wrong is told with what to do, and leaves no piece behind.
    async fn a_failure_is_told(app) {
        let [ours, _] = cast(app).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        let mut owner = Owner::of(app).await;
        for (format, cause, said) in [("xlsx", "too_many_traces", "période plus courte"), ("csv", "interrupted", "Redemandez cet export")] {
            ask(&mut auditor, "", format).await;
            let export = last(app).await;
            sign(app.app.db()).await;
            assert!(go_on(&app.app).await.unwrap());
            // As if millions more had been counted.
            let id = owner.id(export);
            owner.run(&format!("UPDATE trace_export SET work = replace(work, '\"found\":', '\"found\":2000000') WHERE id = {id}")).await.unwrap();
            if format == "xlsx" {
                owner.run(&format!("UPDATE trace_export SET work = replace(work, '\"writing\"', '\"counting\"') WHERE id = {id}")).await.unwrap();
            }
            prepare(app).await;
            auditor.open(&format!("/traces/exports/{export}")).await.must_say("L’export n’a pas abouti").must_say(said);
            assert_eq!(auditor.open(&format!("/traces/exports/{export}/fichier")).await.status, 404);
            let failed = app.bodies("traces.export_failed").await.pop().unwrap();
            assert_eq!((&failed["object"]["cause"], &failed["outcome"]), (&cause.into(), &"failed".into()));
        }
        // Turns that are lost again and again.
        ask(&mut auditor, "", "csv").await;
        sign(app.app.db()).await;
        for _ in 0..MOST_ATTEMPTS {
            app.app.db().take_export(app.clock.now(), app.clock.now().plus(LEASE)).await.unwrap().unwrap();
            app.clock.advance(LEASE);
        }
        prepare(app).await;
        assert_eq!(app.bodies("traces.export_failed").await.len(), 3);
        erase_due(&app.app).await.unwrap();
        assert_eq!(app.rows::<(TraceExportId,)>("SELECT export_id FROM trace_export_piece").await, []);
    }
}

/// The log as a file: true with an older checkpoint, and not once something in it is changed.
fn proves_itself(app: &TestApp, text: &str, old: &Checkpoint) {
    let keys = &app.app.kit().keys;
    let trusted = public_keys(keys, &origin(keys, 1));
    let today = Day::parse("2026-11-23").unwrap();
    let check = |text: &str| {
        export::check(text.as_bytes(), &trusted, std::slice::from_ref(old), today).unwrap().remove(0).1
    };
    let report = check(text);
    assert_eq!((report.flaws, report.held), (0, 1), "{:?}", report.findings);
    assert!(report.rows > 2_400);
    assert!(text.lines().next().unwrap().contains("Demande du procureur"));
    assert!(text.lines().next().unwrap().contains("traces verify --export"));
    let edited = check(&text.replacen("page.read", "file.read", 1));
    assert_eq!(edited.findings[0].flaw, Flaw::Altered("the seal"));
    let mut lines: Vec<&str> = text.lines().collect();
    lines.remove(1_000);
    assert_eq!(check(&format!("{}\n", lines.join("\n"))).findings[0].flaw, Flaw::Missing);
}

/// What an investigation keeps beyond its day is never a partner's to take; the auditor's file says how long it is his.
#[tokio::test]
async fn what_is_held_beyond_its_day_is_the_auditors() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::starting(backend, datetime!(2020-08-31 09:00 UTC)).await;
        let [ours, _] = cast(&app).await;
        let [home, _] = &ours.partners;
        leave(
            &app,
            &actor(&app, &ours, home, &home.user),
            vec![looked_up(&app, &ours, NUMBER, LookUp::Opened)],
        )
        .await;
        app.received.forget();
        seal_all(app.app.db()).await;
        app.clock.advance(Duration::days(200));
        let query = "acte=file.&du=2020-08-31&au=2020-08-31";
        for (person, found) in [(&ours.auditor, 1), (&home.principal, 0)] {
            let mut browser = person.sits_down(&app).await;
            ask(&mut browser, query, "csv").await;
            let export = last(&app).await;
            sign(app.app.db()).await;
            prepare(&app).await;
            let csv = text(take(&mut browser, export).await);
            assert_eq!(lines(&csv).len(), found, "{csv}");
            assert_eq!(csv.contains("Dont 1 au-delà de leur terme"), found == 1);
        }
        app.finish().await;
    }
}
