//! What whoever holds the database could still do to the log, behind every trigger: the check finds it, and names the
//! first trace that is not what it was.

use compte_partenaire::db::seal::{Pass, Sealer};
use compte_partenaire::domain::day::Day;
use compte_partenaire::domain::id::TraceId;
use compte_partenaire::jobs::seal::Sealing;
use compte_partenaire::seal::check::{Finding, Flaw};
use compte_partenaire::seal::checkpoint::{Checkpoint, origin, public_keys};
use compte_partenaire::seal::leaf::Leaf;
use compte_partenaire::seal::tree::Frontier;

use crate::stories;
use crate::support::cast::cast;
use crate::support::log::{chatter, check, flaws, seal_all, sealed_and_true};
use crate::support::owner::Owner;
use crate::support::{Backend, TestApp};

/// What an edit of a column shows.
#[derive(Clone, Copy, PartialEq)]
enum Shows {
    /// The row is there, and is not what was sealed.
    Altered(&'static str),
    /// The row is found no more under its key, and another one that nobody sealed is.
    Moved,
}
use Shows::{Altered, Moved};

/// Each column of a trace, an edit of it in the words of both engines, and what the check then says.
const EDITS: [(&str, &str, Shows); 19] = [
    ("id", "correlation", Moved),
    ("month", "month + 1", Moved),
    ("fact", "'page.read'", Altered("the seal")),
    ("audience", "'organism'", Altered("the seal")),
    ("organism_id", "partner_id", Altered("the seal")),
    ("partner_id", "NULL", Altered("the seal")),
    ("keep_until", "'2026-11-24'", Altered("the seal")),
    ("salt", "mac", Altered("the seal")),
    ("body", "body || ' '", Altered("the seal")),
    ("key_number", "2", Altered("the seal")),
    ("mac", "salt", Altered("the seal")),
    ("actor_id", "NULL", Altered("a search column")),
    ("subject_id", "actor_id", Altered("a search column")),
    ("session_hash", "mac", Altered("a search column")),
    ("file_hash", "mac", Altered("a search column")),
    ("outcome", "'autre'", Altered("a search column")),
    ("service", "'autre'", Altered("a search column")),
    ("source", "'192.0.2.7'", Altered("a search column")),
    ("correlation", "NULL", Altered("a search column")),
];

/// What is done; whether the forger also makes a new head, and erases the checkpoints that he finds; what is then found.
type Forgery = (&'static str, Vec<String>, bool, Vec<(Option<u64>, Flaw)>);

/// Tables that triggers guard.
const GUARDED: [&str; 6] =
    ["trace", "trace_unsealed", "trace_leaf", "trace_block", "trace_log", "trace_checkpoint"];

/// Takes away what keeps the owner himself from changing the log.
async fn unlock(app: &TestApp, owner: &mut Owner) {
    match app.backend {
        Backend::Sqlite => {
            for name in owner.lines("SELECT name FROM sqlite_master WHERE type = 'trigger'").await {
                owner.run(&format!("DROP TRIGGER {name}")).await.unwrap();
            }
        }
        Backend::Postgres => {
            for table in GUARDED {
                owner.run(&format!("ALTER TABLE {table} DISABLE TRIGGER USER")).await.unwrap();
            }
        }
    }
}

/// Bytes, as the engine's texts write them.
fn bytes(app: &TestApp, bytes: &[u8]) -> String {
    let hex = compte_partenaire::crypto::hex(bytes);
    match app.backend {
        Backend::Sqlite => format!("X'{hex}'"),
        Backend::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

async fn leaves(app: &TestApp) -> Vec<Leaf> {
    let rows: Vec<(i32, TraceId, Day, Vec<u8>)> =
        app.rows("SELECT month, id, keep_until, commitment FROM trace_leaf ORDER BY log, rank").await;
    rows.into_iter()
        .map(|(month, id, keep_until, commitment)| Leaf {
            month,
            id,
            keep_until,
            commitment: commitment.try_into().unwrap(),
        })
        .collect()
}

/// Makes the head that of the leaves as they are now, as a thorough forger would.
async fn forge_head(app: &TestApp, owner: &mut Owner) {
    let mut tree = Frontier::default();
    for leaf in leaves(app).await {
        tree.push(leaf.hash());
    }
    let frontier = bytes(app, &tree.written());
    owner.run(&format!("UPDATE trace_log SET size = {}, frontier = {frontier}", tree.size())).await.unwrap();
    owner.run("DELETE FROM trace_checkpoint").await.unwrap();
}

/// A checkpoint of the head as it is, for whoever keeps it elsewhere.
async fn witnessed(app: &TestApp) -> Checkpoint {
    let keys = &app.app.kit().keys;
    let (checkpoint, note) = app.app.db().sign_head().await.unwrap().unwrap();
    assert_eq!(Checkpoint::open(&note, &public_keys(keys, &origin(keys, 1))).as_ref(), Ok(&checkpoint));
    checkpoint
}

fn told(findings: &[Finding]) -> Vec<(Option<u64>, Flaw)> {
    findings.iter().map(|finding| (finding.rank, finding.flaw.clone())).collect()
}

stories! {
    /// No column can be edited unseen: the seal covers header and body, the body tells the rest.
    async fn an_edited_trace_is_found_whatever_was_edited(app) {
        let [organism, _] = cast(app).await;
        let mut agent = organism.partners[0].user.sits_down(app).await;
        agent.open("/consultation").await;
        let form = agent.form("/consultation").fill("numero", "0042317");
        let mission = form.offers("mission").pop().unwrap();
        form.fill("mission", &mission).send(&mut agent).await;
        let looked_up: Vec<(TraceId,)> = app.rows("SELECT id FROM trace WHERE fact = 'file.looked_up'").await;
        let [(id,)] = looked_up[..] else { panic!("{looked_up:?}") };
        sealed_and_true(app.app.db()).await;
        app.clock.advance(time::Duration::seconds(6));

        let mut owner = Owner::of(app).await;
        unlock(app, &mut owner).await;
        owner.run("CREATE TABLE kept AS SELECT * FROM trace").await.unwrap();
        let (row, instant) = (owner.id(id), match app.backend {
            Backend::Sqlite => "at + 1",
            Backend::Postgres => "at + interval '1 microsecond'",
        });
        let edits = EDITS.into_iter().chain([("at", instant, Altered("the seal"))]);
        let mut edited = Vec::new();
        for (column, value, shows) in edits {
            owner.run(&format!("UPDATE trace SET {column} = {value} WHERE id = {row}")).await.unwrap();
            let found = flaws(app.app.db()).await;
            match (shows, found.as_slice()) {
                (Altered(what), [only]) => {
                    assert_eq!((only.id, &only.flaw), (Some(id), &Flaw::Altered(what)), "{column}");
                }
                (Moved, [gone, new]) => {
                    assert_eq!((gone.id, &gone.flaw), (Some(id), &Flaw::Removed), "{column}");
                    assert_eq!((new.rank, &new.flaw), (None, &Flaw::Unsealed), "{column}");
                }
                (_, other) => panic!("{column} = {value}: {other:?}"),
            }
            let whole = format!("(SELECT {column} FROM kept WHERE id = {row})");
            let where_it_is = if column == "id" { "id NOT IN (SELECT id FROM kept)".to_owned() } else { format!("id = {row}") };
            owner.run(&format!("UPDATE trace SET {column} = {whole} WHERE {where_it_is}")).await.unwrap();
            assert_eq!(flaws(app.app.db()).await, [], "{column} as it was");
            edited.push(column.to_owned());
        }
        edited.sort();
        assert_eq!(edited, owner.columns("trace").await, "a column that nobody tried to edit");
        owner.run("DROP TABLE kept").await.unwrap();
    }

    /// One trace deleted, one inserted, one in the place of another, the end cut off: each is named.
    async fn a_forged_log_is_found_by_its_first_false_trace(app) {
        chatter(&app.app, 20).await;
        sealed_and_true(app.app.db()).await;
        let checkpoint = witnessed(app).await;
        app.clock.advance(time::Duration::seconds(6));
        let sealed = leaves(app).await;
        let size = u64::try_from(sealed.len()).unwrap();
        let mut owner = Owner::of(app).await;
        unlock(app, &mut owner).await;
        owner.run("CREATE TABLE kept AS SELECT * FROM trace").await.unwrap();
        owner.run("CREATE TABLE kept_leaf AS SELECT * FROM trace_leaf").await.unwrap();
        owner.run("CREATE TABLE kept_log AS SELECT * FROM trace_log").await.unwrap();
        owner.run("CREATE TABLE kept_checkpoint AS SELECT * FROM trace_checkpoint").await.unwrap();
        let (five, seven) = (owner.id(sealed[5].id), owner.id(sealed[7].id));
        let nobody = bytes(app, &[9; 32]);
        let new_id = match app.backend {
            Backend::Sqlite => "X'0190000000007000800000000000abcd'",
            Backend::Postgres => "'01900000-0000-7000-8000-00000000abcd'::uuid",
        };
        let columns = owner.columns("trace").await.join(", ");
        let forged = columns.replace("id,", "#,").replace("organism_#", "organism_id").replace("partner_#", "partner_id")
            .replace("actor_#", "actor_id").replace("subject_#", "subject_id").replace('#', new_id);
        let insert = format!("INSERT INTO trace ({columns}) SELECT {forged} FROM kept WHERE id = {five}");
        let rewritten = Flaw::Rewritten { from: 0, to: size };
        // What is done; whether the forger also makes a new head and erases the checkpoints that he finds; what the
        // check says with the checkpoint that somebody kept elsewhere.
        let acts: [Forgery; 9] = [
            ("the row deleted", vec![format!("DELETE FROM trace WHERE id = {five}")], false, vec![(Some(5), Flaw::Removed)]),
            ("row and leaf deleted", vec![
                format!("DELETE FROM trace WHERE id = {five}"), "DELETE FROM trace_leaf WHERE rank = 5".to_owned(),
            ], false, vec![(Some(5), Flaw::Missing)]),
            ("a segment deleted", vec![
                "DELETE FROM trace WHERE id IN (SELECT id FROM trace_leaf WHERE rank BETWEEN 2 AND 9)".to_owned(),
                "DELETE FROM trace_leaf WHERE rank BETWEEN 2 AND 9".to_owned(),
            ], false, vec![(Some(2), Flaw::Missing)]),
            ("a row inserted", vec![insert.clone()], false, vec![(None, Flaw::Unsealed)]),
            ("a row inserted with a leaf", vec![
                insert.clone(),
                format!("INSERT INTO trace_leaf SELECT log, {size}, month, {new_id}, keep_until, commitment FROM kept_leaf WHERE rank = 5"),
            ], true, vec![(Some(size), Flaw::Altered("the seal"))]),
            ("two rows swapped", vec![
                format!("UPDATE trace SET body = (SELECT body FROM kept WHERE id = {seven}) WHERE id = {five}"),
                format!("UPDATE trace SET body = (SELECT body FROM kept WHERE id = {five}) WHERE id = {seven}"),
            ], false, vec![(Some(5), Flaw::Altered("the seal")), (Some(7), Flaw::Altered("the seal"))]),
            ("row and leaf edited, head forged", vec![
                format!("UPDATE trace_leaf SET commitment = {nobody} WHERE rank = 5"),
            ], true, vec![(Some(0), rewritten.clone()), (Some(5), Flaw::Altered("the seal"))]),
            ("two leaves swapped, head forged", vec![
                "UPDATE trace_leaf SET rank = -1 WHERE rank = 5".to_owned(),
                "UPDATE trace_leaf SET rank = 5 WHERE rank = 7".to_owned(),
                "UPDATE trace_leaf SET rank = 7 WHERE rank = -1".to_owned(),
            ], true, vec![(Some(0), rewritten)]),
            ("the end cut off, head forged", vec![
                format!("DELETE FROM trace WHERE id IN (SELECT id FROM trace_leaf WHERE rank >= {})", size - 3),
                format!("DELETE FROM trace_leaf WHERE rank >= {}", size - 3),
            ], true, vec![(Some(size - 3), Flaw::CutShort { witnessed: size })]),
        ];
        for (what, statements, forge, expected) in acts {
            for statement in &statements {
                owner.run(statement).await.unwrap();
            }
            if forge {
                forge_head(app, &mut owner).await;
            }
            let report = check(app.app.db(), std::slice::from_ref(&checkpoint)).await.pop().unwrap();
            assert_eq!(told(&report.findings), expected, "{what}");
            for table in ["trace", "trace_leaf", "trace_log", "trace_checkpoint"] {
                let kept = table.replace("trace", "kept");
                let columns = owner.columns(table).await.join(", ");
                // Leaves speak of a log: they go before it and come back after.
                if table == "trace_log" {
                    owner.run("UPDATE trace_log SET size = (SELECT size FROM kept_log), frontier = (SELECT frontier FROM kept_log)").await.unwrap();
                } else {
                    owner.run(&format!("DELETE FROM {table}")).await.unwrap();
                    owner.run(&format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {kept}")).await.unwrap();
                }
            }
            assert_eq!(told(&check(app.app.db(), std::slice::from_ref(&checkpoint)).await.pop().unwrap().findings), [], "after {what}");
        }
        for table in ["kept", "kept_leaf", "kept_log", "kept_checkpoint"] {
            owner.run(&format!("DROP TABLE {table}")).await.unwrap();
        }
    }

    /// A head that is not that of its leaves is not extended, let alone signed; nor is one, made anew over edited leaves,
    /// that forgets what this node sealed.
    async fn a_forged_head_is_not_extended(app) {
        let db = app.app.db();
        chatter(&app.app, 5).await;
        let mut here = Sealer::new(db.clone());
        assert!(matches!(here.pass().await.unwrap(), Pass::Sealed { .. }));
        chatter(&app.app, 1).await;
        let mut owner = Owner::of(app).await;
        unlock(app, &mut owner).await;
        let (head, leaf) = (db.head().await.unwrap(), leaves(app).await[2]);
        let write = |tree: &Frontier| format!("UPDATE trace_log SET frontier = {}", bytes(app, &tree.written()));
        let mut others = Frontier::default();
        for _ in 0..head.tree.size() {
            others.push([9; 32]);
        }
        owner.run(&write(&others)).await.unwrap();
        app.clock.advance(time::Duration::seconds(4));
        let refused = Sealer::new(db.clone()).pass().await.unwrap_err();
        assert!(refused.to_string().contains("not that of its leaves"), "{refused}");
        assert!(here.pass().await.is_err());

        let commitment = |hash: &[u8]| format!("UPDATE trace_leaf SET commitment = {} WHERE rank = 2", bytes(app, hash));
        owner.run(&commitment(&[9; 32])).await.unwrap();
        forge_head(app, &mut owner).await;
        let refused = here.pass().await.unwrap_err();
        assert!(refused.to_string().contains("not that of its leaves"), "{refused}");
        assert_eq!(db.head().await.unwrap().tree.size(), head.tree.size(), "it was extended");

        owner.run(&commitment(&leaf.commitment)).await.unwrap();
        owner.run(&write(&head.tree)).await.unwrap();
        assert!(matches!(here.pass().await.unwrap(), Pass::Sealed { .. }));
    }

    /// A trace altered in the second before its seal is never sealed, and said.
    async fn a_trace_altered_before_its_seal_is_set_aside(app) {
        app.found_caf().await;
        let mut owner = Owner::of(app).await;
        unlock(app, &mut owner).await;
        let first: Vec<(TraceId, String)> = app.rows("SELECT id, body FROM trace ORDER BY month, id LIMIT 1").await;
        let [(id, body)] = &first[..] else { panic!("{first:?}") };
        let row = owner.id(*id);
        owner.run(&format!("UPDATE trace SET body = body || ' ' WHERE id = {row}")).await.unwrap();
        Sealing::new(&app.app).round(&app.app).await.unwrap();
        let told = app.bodies("log.seal_refused").await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["object"], serde_json::json!({ "trace": id.to_string(), "what": "the MAC" }));
        assert_eq!(seal_all(app.app.db()).await, []);
        app.clock.advance(time::Duration::seconds(6));
        let found = flaws(app.app.db()).await;
        assert_eq!(found, [Finding { rank: None, id: Some(*id), flaw: Flaw::Unsealed }]);
        // Put right, it still waits for somebody to look: nothing seals it by itself.
        owner.run(&format!("UPDATE trace SET body = '{}' WHERE id = {row}", body.replace('\'', "''"))).await.unwrap();
        assert_eq!(seal_all(app.app.db()).await, []);
        assert_eq!(flaws(app.app.db()).await.len(), 1);
        owner.run("UPDATE trace_unsealed SET refused_at = NULL").await.unwrap();
    }
}
