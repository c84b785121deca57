//! The seal: who makes it, what is signed and published, what a node does whose database went back, and the proof of one
//! trace.

use std::sync::Arc;

use compte_partenaire::db::seal::{LEASE, Pass, Sealer, Wanted};
use compte_partenaire::domain::day::{Day, Zone};
use compte_partenaire::domain::id::TraceId;
use compte_partenaire::jobs::seal::{Disagreement, Sealing, agree};
use compte_partenaire::seal::check::Flaw;
use compte_partenaire::seal::checkpoint::{Checkpoint, origin, public_keys};
use compte_partenaire::seal::export::{self, Preamble};
use compte_partenaire::seal::proof::{Proof, ProofFault};
use compte_partenaire::witness::{Witness, checkpoints_in, keys_in};

use crate::stories;
use crate::support::cast::cast;
use crate::support::log::{chatter, check, seal_all, sign};
use crate::support::owner::Owner;
use crate::support::{Backend, TestApp};

async fn waiting(app: &TestApp) -> i64 {
    let rows: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM trace_unsealed").await;
    rows[0].0
}

fn sealed(pass: &Pass) -> u64 {
    match pass {
        Pass::Sealed { leaves, .. } => *leaves,
        other => panic!("{other:?}"),
    }
}

stories! {
    /// One node seals; another takes over once it has been silent for three seconds; the first, back from its sleep, can
    /// do nothing with what it had read before.
    async fn one_node_seals_at_a_time(app) {
        app.found_caf().await;
        let other = app.second_node().await;
        let (mut ours, mut theirs) = (Sealer::new(app.app.db().clone()), Sealer::new(other.app.db().clone()));
        assert!(sealed(&ours.pass().await.unwrap()) > 0);
        assert_eq!(waiting(app).await, 0);
        assert_eq!(ours.pass().await.unwrap(), Pass::Idle);

        app.name_auditor(app.rows::<(compte_partenaire::domain::id::OrganismId,)>("SELECT id FROM organism").await[0].0, "591").await;
        let more = waiting(app).await;
        assert!(more > 0);
        assert_eq!(theirs.pass().await.unwrap(), Pass::NotOurs, "the first one was here a moment ago");
        app.clock.advance(time::Duration::try_from(LEASE).unwrap());
        assert_eq!(sealed(&theirs.pass().await.unwrap()), u64::try_from(more).unwrap());
        app.found("592", "Caf de la Lys", "62").await;
        assert_eq!(ours.pass().await.unwrap(), Pass::NotOurs);
        assert!(sealed(&theirs.pass().await.unwrap()) > 0);
    }

    /// Two nodes that both believe the seal is theirs: ranks are given once, and nothing is lost.
    async fn a_race_for_the_seal_gives_each_rank_once(app) {
        cast(app).await;
        let other = app.second_node().await;
        for _ in 0..10 {
            for node in [app, &other] {
                chatter(&node.app, 3).await;
            }
            app.clock.advance(time::Duration::seconds(10));
            let (mut ours, mut theirs) = (Sealer::new(app.app.db().clone()), Sealer::new(other.app.db().clone()));
            let (one, two) = tokio::join!(ours.pass(), theirs.pass());
            for pass in [one.unwrap(), two.unwrap()] {
                assert!(matches!(pass, Pass::Sealed { .. } | Pass::NotOurs | Pass::Idle), "{pass:?}");
            }
        }
        seal_all(app.app.db()).await;
        assert_eq!(waiting(app).await, 0);
    }

    /// Checkpoints are signed when the head moved, and only then; the folder has every one of them, and the keys.
    async fn checkpoints_are_published(app) {
        let folder = tempfile::tempdir().unwrap();
        let node = app.publishing_node(folder.path()).await.app;
        app.found_caf().await;
        let mut sealing = Sealing::new(&node);
        sealing.round(&node).await.unwrap();
        sealing.round(&node).await.unwrap();
        app.found("592", "Caf de la Lys", "62").await;
        sealing.round(&node).await.unwrap();
        agree(&node).await.unwrap();

        let keys = &app.app.kit().keys;
        let trusted = keys_in(&folder.path().join("cles.txt")).unwrap();
        assert_eq!(trusted, public_keys(keys, &origin(keys, 1)));
        let notes = checkpoints_in(&folder.path().join("empreintes-2026-11.txt")).unwrap();
        let published: Vec<Checkpoint> =
            notes.iter().map(|note| Checkpoint::open(note, &trusted).unwrap()).collect();
        let sizes: Vec<u64> = published.iter().map(|checkpoint| checkpoint.size).collect();
        assert_eq!(sizes.len(), 2, "{sizes:?}");
        assert!(sizes[0] < sizes[1]);
        let report = check(app.app.db(), &published).await.pop().unwrap();
        assert_eq!((report.flaws, report.size), (0, sizes[1]));
        // Those published, and the last of the hour, which the database keeps.
        assert_eq!(report.held, 3);
    }

    /// A database put back to an older state serves nobody: not at its start, not if it happens meanwhile.
    async fn a_database_behind_what_was_published_serves_nobody(app) {
        let folder = tempfile::tempdir().unwrap();
        let node = app.publishing_node(folder.path()).await.app;
        app.found_caf().await;
        let mut sealing = Sealing::new(&node);
        sealing.round(&node).await.unwrap();
        agree(&node).await.unwrap();
        let keys = &app.app.kit().keys;
        let trusted = public_keys(keys, &origin(keys, 1));
        let witness = Witness::open(folder.path()).unwrap();
        let last = Checkpoint::open(&witness.last().unwrap().unwrap(), &trusted).unwrap();

        // What was published knew more leaves than the database has now.
        let further = Checkpoint { size: last.size + 5, ..last.clone() };
        witness.publish(&further, &further.sign(keys)).unwrap();
        match agree(&node).await {
            Err(Disagreement::Behind { held, published }) => assert_eq!((held, published), (last.size, last.size + 5)),
            other => panic!("{other:?}"),
        }
        // As many, and others.
        let forked = Checkpoint { root: [3; 32], ..last.clone() };
        witness.publish(&forked, &forked.sign(keys)).unwrap();
        match agree(&node).await {
            Err(Disagreement::Rewritten { published }) => assert_eq!(published, last.size),
            other => panic!("{other:?}"),
        }
        // Of somebody else's.
        let foreign = Checkpoint { origin: "compte-partenaire/ailleurs/1".to_owned(), ..last };
        witness.publish(&foreign, &foreign.sign(keys)).unwrap();
        assert!(matches!(agree(&node).await, Err(Disagreement::Checkpoint(_))));
    }

    /// The log went back under a node that serves: it stops, and says so on every page.
    async fn a_log_that_goes_back_under_a_node_stops_it(app) {
        let folder = tempfile::tempdir().unwrap();
        let node = app.publishing_node(folder.path()).await.app;
        app.found_caf().await;
        let mut sealing = Sealing::new(&node);
        sealing.round(&node).await.unwrap();
        let mut owner = Owner::of(app).await;
        match app.backend {
            Backend::Sqlite => owner.run("DROP TRIGGER trace_checkpoint_only_grows").await.unwrap(),
            Backend::Postgres => owner.run("ALTER TABLE trace_checkpoint DISABLE TRIGGER USER").await.unwrap(),
        }
        let kept = owner.lines("SELECT CAST(size AS TEXT) FROM trace_checkpoint").await.pop().unwrap();
        owner.run("UPDATE trace_checkpoint SET size = 1").await.unwrap();
        assert!(matches!(sealing.round(&node).await, Err(Disagreement::Behind { .. })));
        assert!(node.kit().ledger.suspended().is_some());
        owner.run(&format!("UPDATE trace_checkpoint SET size = {kept}")).await.unwrap();
    }

    /// One trace leaves with its proof: whoever holds the public key checks it far from here, and any change of it shows.
    async fn a_trace_is_proved_far_from_the_database(app) {
        chatter(&app.app, 20).await;
        seal_all(app.app.db()).await;
        app.app.db().sign_head().await.unwrap().unwrap();
        let keys = &app.app.kit().keys;
        let trusted = public_keys(keys, &origin(keys, 1));
        let traces: Vec<(TraceId,)> = app.rows("SELECT id FROM trace ORDER BY month, id").await;
        for (id,) in &traces {
            let text = app.app.db().prove(*id).await.unwrap().unwrap();
            let proof: Proof<'_> = serde_json::from_str(&text).unwrap();
            assert_eq!(proof.check(&trusted).unwrap().size, u64::try_from(traces.len()).unwrap());
        }
        let text = app.app.db().prove(traces[3].0).await.unwrap().unwrap();
        let proof: Proof<'_> = serde_json::from_str(&text).unwrap();
        let mut other = proof.clone();
        other.trace.body = format!("{} ", other.trace.body).into();
        assert_eq!(other.check(&trusted), Err(ProofFault::Trace));
        let mut other = proof.clone();
        other.trace.fact = "page.read".into();
        assert_eq!(other.check(&trusted), Err(ProofFault::Trace));
        let mut other = proof;
        other.rank += 1;
        assert_eq!(other.check(&trusted), Err(ProofFault::Trace));

        // The auditor takes it away from its page; a partner cannot, since it tells more than its page.
        let [organism, _] = cast(app).await;
        let mut auditor = organism.auditor.sits_down(app).await;
        auditor.open("/accueil").await;
        let read: Vec<(TraceId,)> = app.rows("SELECT id FROM trace WHERE fact = 'page.read' ORDER BY month, id").await;
        let page = format!("/traces/{}", read[0].0);
        auditor.open(&page).await.must_say("Sa preuve sera prête quand une empreinte du journal la couvrira");
        sign(app.app.db()).await;
        auditor.open(&page).await.must_say("Prendre la trace et sa preuve");
        let taken = auditor.open(&format!("{page}/preuve")).await.html.clone();
        serde_json::from_str::<Proof<'_>>(&taken).unwrap().check(&trusted).unwrap();
        let mut principal = organism.partners[0].principal.sits_down(app).await;
        assert_eq!(principal.open(&format!("{page}/preuve")).await.status, 404);

        // A trace that is not sealed yet has no proof.
        app.found("592", "Caf de la Lys", "62").await;
        let last: Vec<(TraceId,)> = app.rows("SELECT id FROM trace ORDER BY month DESC, id DESC LIMIT 1").await;
        assert_eq!(app.app.db().prove(last[0].0).await.unwrap(), None);
    }

    /// The page gives the checkpoint, takes one back, and says what it is worth; who may not see it finds nothing.
    async fn a_checkpoint_is_taken_away_and_brought_back(app) {
        let [organism, _] = cast(app).await;
        let mut principal = organism.partners[0].principal.sits_down(app).await;
        principal.open("/empreinte").await;
        principal.page().must_say("Pas encore d’empreinte");
        seal_all(app.app.db()).await;
        app.app.db().sign_head().await.unwrap().unwrap();
        principal.open("/empreinte/derniere.txt").await;
        let kept = principal.page().html.clone();
        let keys = &app.app.kit().keys;
        let checkpoint = Checkpoint::open(&kept, &public_keys(keys, &origin(keys, 1))).unwrap();
        principal.open("/empreinte/cles.txt").await;
        principal.page().must_say(&public_keys(keys, &origin(keys, 1))[0].to_string());

        // A day later the log has grown; what was kept still holds.
        app.clock.advance(time::Duration::minutes(5));
        seal_all(app.app.db()).await;
        app.app.db().sign_head().await.unwrap().unwrap();
        principal.open("/empreinte").await;
        principal.form("/empreinte").fill("empreinte", &kept).send(&mut principal).await;
        principal.page().must_say("Le journal n’a pas changé");

        for (brought, said) in [
            ("bonjour".to_owned(), "Ce n’est pas une empreinte entière"),
            (kept.replacen(&format!("\n{}\n", checkpoint.size), "\n9999\n", 1), "n’a pas été signée par ce portail"),
            (kept.replace("compte-partenaire/", "compte-partenaire/00"), "celle d’un autre portail"),
        ] {
            principal.form("/empreinte").fill("empreinte", &brought).send(&mut principal).await;
            principal.page().must_say(said);
            assert!(principal.page().html.contains(brought.lines().next().unwrap()), "what was brought is kept");
        }
        let forked = Checkpoint { root: [3; 32], ..checkpoint }.sign(keys);
        principal.form("/empreinte").fill("empreinte", &forked).send(&mut principal).await;
        principal.page().must_say("Le journal n’est plus celui qui a été signé");

        let mut agent = organism.partners[0].user.sits_down(app).await;
        agent.open("/empreinte").await;
        assert_eq!(agent.page().status, 404);
    }

    /// After a database was put back to an older state, another log is opened; its first leaf says what was lost, both
    /// are checked, and the portal serves again.
    async fn another_log_tells_what_was_lost(app) {
        let folder = tempfile::tempdir().unwrap();
        let node = app.publishing_node(folder.path()).await.app;
        chatter(&app.app, 20).await;
        let mut sealing = Sealing::new(&node);
        sealing.round(&node).await.unwrap();
        let keys = &app.app.kit().keys;
        let trusted = public_keys(keys, &origin(keys, 1));
        let witness = Witness::open(folder.path()).unwrap();
        let last = Checkpoint::open(&witness.last().unwrap().unwrap(), &trusted).unwrap();
        let further = Checkpoint { size: last.size + 5, ..last.clone() };
        witness.publish(&further, &further.sign(keys)).unwrap();
        assert!(agree(&node).await.is_err());

        app.app.db().open_log(further.size, "Sauvegarde de la veille remise après une panne").await.unwrap();
        agree(&node).await.unwrap();
        let told = app.bodies("log.opened").await;
        assert_eq!(told[0]["object"]["held"], last.size);
        assert_eq!(told[0]["object"]["published"], further.size);
        chatter(&app.app, 3).await;
        app.clock.advance(time::Duration::seconds(4));
        Sealing::new(&node).round(&node).await.unwrap();
        let reports = check(app.app.db(), &[last, further]).await;
        let sizes: Vec<(u64, u64)> = reports.iter().map(|report| (report.size, report.flaws)).collect();
        assert_eq!(sizes[0].1, 1, "the old log is short of what was published: {:?}", reports[0].findings);
        assert_eq!(sizes[1], (4, 0));
    }

    /// What is exported is checked far from here: true with an older checkpoint, and not once a trace is changed, or
    /// once the whole log was forged and signed anew. Another organism's traces are hashes in it.
    async fn an_export_proves_itself_far_from_the_database(app) {
        let (ours, _) = app.found_caf().await;
        app.found("592", "Caf de la Lys", "62").await;
        let old = sign(app.app.db()).await;
        chatter(&app.app, 5).await;
        app.name_auditor(ours, "591").await;
        sign(app.app.db()).await;
        let day = |text| Day::parse(text).unwrap();
        let zone = Zone::default();
        let wanted = Wanted { organism: ours, from: zone.start_of(day("2026-11-23")), to: zone.start_of(day("2026-11-24")) };
        let about = |checkpoint| Preamble {
            checkpoint, made_for: "Basile Rochedieu".to_owned(),
            search: "23 novembre".to_owned(), keep_until: "2027-05-23".to_owned(), how_to_verify: String::new(),
            logs: None,
        };
        let mut out = Vec::new();
        let whole = app.app.db().export(wanted, about, &mut out).await.unwrap();
        let counted: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM trace t JOIN organism o ON o.id = t.organism_id WHERE o.code = '591'").await;
        assert_eq!(i64::try_from(whole).unwrap(), counted[0].0);
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("organism.founded") && !text.contains("592"), "{text}");

        let keys = &app.app.kit().keys;
        let trusted = public_keys(keys, &origin(keys, 1));
        let check = |text: &str, witness: &Checkpoint| {
            export::check(text.as_bytes(), &trusted, std::slice::from_ref(witness), day("2026-11-23")).unwrap().remove(0).1
        };
        let report = check(&text, &old);
        assert_eq!((report.flaws, report.held, report.rows), (0, 1, whole));
        let edited = check(&text.replacen("organism.founded", "organism.closed!", 1), &old);
        assert_eq!(edited.findings[0].flaw, Flaw::Altered("the seal"));
        let forged = check(&text, &Checkpoint { root: [3; 32], ..old.clone() });
        assert_eq!(forged.findings[0].flaw, Flaw::Rewritten { from: 0, to: old.size });
    }
}

/// Blocks of leaves are longer than stories: the tree over them is tried with rows made by hand.
#[tokio::test]
async fn blocks_are_kept_and_proved_through() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::on(backend).await;
        app.found_caf().await;
        for _ in 0..43 {
            chatter(&app.app, 100).await;
        }
        seal_all(app.app.db()).await;
        app.app.db().sign_head().await.unwrap().unwrap();
        let blocks: Vec<(i64,)> = app.rows("SELECT number FROM trace_block").await;
        assert_eq!(blocks, [(0,)]);
        let keys = Arc::clone(&app.app.kit().keys);
        let trusted = public_keys(&keys, &origin(&keys, 1));
        let some: Vec<(TraceId,)> =
            app.rows("SELECT id FROM trace_leaf WHERE rank IN (0, 17, 4095, 4096, 4300)").await;
        assert_eq!(some.len(), 5);
        for (id,) in some {
            let text = app.app.db().prove(id).await.unwrap().unwrap();
            let proof: Proof<'_> = serde_json::from_str(&text).unwrap();
            proof.check(&trusted).unwrap();
        }
        app.finish().await;
    }
}
