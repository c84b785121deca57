//! The two schemas say the same, and each engine keeps its promises by itself: triggers, rights, read-only views,
//! durability.

use std::collections::BTreeSet;
use std::path::Path;

use compte_partenaire::db::{Db, OpenError, Patience};

use crate::stories;
use crate::support::owner::Owner;
use crate::support::sources::files_under;
use crate::support::{Backend, TestApp};

/// What a SQLite schema says of itself, one line a thing.
async fn told_by_sqlite(owner: &mut Owner) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for table in owner.tables().await {
        let columns = owner.columns(&table).await;
        let questions = [
            format!(
                "SELECT '{table}.' || name || ' ' || type || CASE \"notnull\" WHEN 1 THEN ' not null' ELSE '' END \
                 || CASE WHEN dflt_value IS NULL THEN '' ELSE ' default' END FROM pragma_table_info('{table}')"
            ),
            format!(
                "SELECT '{table} primary key ' || group_concat(name, ' ') FROM \
                 (SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk)"
            ),
            format!(
                "SELECT '{table} unique ' || (SELECT group_concat(name, ' ') FROM \
                 (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) \
                 FROM pragma_index_list('{table}') l WHERE l.origin = 'u'"
            ),
            format!(
                "SELECT '{table} index ' || l.name || ' on ' || (SELECT group_concat(name, ' ') FROM \
                 (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) \
                 || CASE l.\"unique\" WHEN 1 THEN ' unique' ELSE '' END \
                 || CASE l.partial WHEN 1 THEN ' partial' ELSE '' END \
                 FROM pragma_index_list('{table}') l WHERE l.origin = 'c'"
            ),
            format!(
                "SELECT '{table} foreign key ' || \"from\" || ' to ' || \"table\" || ' ' || \"to\" \
                 FROM pragma_foreign_key_list('{table}')"
            ),
            format!(
                "SELECT '{table} trigger ' || name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'"
            ),
        ];
        for question in questions {
            told.extend(owner.lines(&question).await);
        }
        let sql = owner.lines(&format!("SELECT sql FROM sqlite_master WHERE name = '{table}'")).await;
        assert!(sql[0].trim_end().ends_with("STRICT"), "{table} is not STRICT");
        told.extend(
            checks(&sql[0]).iter().map(|check| format!("{table} check {}", essence(check, &columns))),
        );
    }
    told
}

/// What a PostgreSQL schema says of itself, in the words of the other. Triggers of TRUNCATE (bit 32 of their type) are
/// left out: the other has no such statement.
async fn told_by_postgres(owner: &mut Owner) -> BTreeSet<String> {
    let mut told = BTreeSet::new();
    for table in owner.tables().await {
        let columns = owner.columns(&table).await;
        let named = |numbers: &str| {
            format!(
                "(SELECT string_agg(a.attname, ' ' ORDER BY k.n) FROM unnest({numbers}) WITH ORDINALITY AS k (c, n) \
                 JOIN pg_attribute a ON a.attrelid = '{table}'::regclass AND a.attnum = k.c)"
            )
        };
        let keys = named("c.conkey");
        let questions = [
            format!(
                "SELECT '{table}.' || column_name || ' ' || CASE data_type WHEN 'uuid' THEN 'BLOB' \
                 WHEN 'bytea' THEN 'BLOB' WHEN 'text' THEN 'TEXT' WHEN 'date' THEN 'TEXT' \
                 WHEN 'integer' THEN 'INTEGER' WHEN 'bigint' THEN 'INTEGER' WHEN 'boolean' THEN 'INTEGER' \
                 WHEN 'timestamp with time zone' THEN 'INTEGER' ELSE data_type END \
                 || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END \
                 || CASE WHEN column_default IS NULL THEN '' ELSE ' default' END \
                 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}'"
            ),
            format!(
                "SELECT '{table} ' || CASE c.contype WHEN 'p' THEN 'primary key ' ELSE 'unique ' END || {keys} \
                 FROM pg_constraint c WHERE c.conrelid = '{table}'::regclass AND c.contype IN ('p', 'u')"
            ),
            format!(
                "SELECT '{table} index ' || x.relname || ' on ' || {} \
                 || CASE WHEN i.indisunique THEN ' unique' ELSE '' END \
                 || CASE WHEN i.indpred IS NULL THEN '' ELSE ' partial' END \
                 FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = '{table}'::regclass \
                 AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
                named("i.indkey::int2[]")
            ),
            format!(
                "SELECT '{table} foreign key ' || {keys} || ' to ' || f.relname || ' ' || \
                 (SELECT string_agg(a.attname, ' ') FROM pg_attribute a \
                 WHERE a.attrelid = c.confrelid AND a.attnum = ANY (c.confkey)) \
                 FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid \
                 WHERE c.conrelid = '{table}'::regclass AND c.contype = 'f'"
            ),
            format!(
                "SELECT '{table} trigger ' || tgname FROM pg_trigger \
                 WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal AND tgtype & 32 = 0"
            ),
        ];
        for question in questions {
            told.extend(owner.lines(&question).await);
        }
        let checks = owner
            .lines(&format!(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype = 'c'"
            ))
            .await;
        told.extend(checks.iter().map(|check| format!("{table} check {}", essence(check, &columns))));
    }
    told
}

/// The conditions of the `CHECK`s of a table's text.
fn checks(sql: &str) -> Vec<String> {
    let sql: String = sql.lines().map(|line| line.split("--").next().unwrap()).collect::<Vec<_>>().join("\n");
    sql.match_indices("CHECK (")
        .map(|(at, mark)| {
            let mut depth = 1;
            let rest = &sql[at + mark.len()..];
            let end = rest.find(|sign| {
                depth += match sign {
                    '(' => 1,
                    ')' => -1,
                    _ => 0,
                };
                depth == 0
            });
            rest[..end.unwrap()].to_owned()
        })
        .collect()
}

/// What both engines keep of a condition: the columns it is about, and the values.
fn essence(check: &str, columns: &[String]) -> String {
    let mut values: BTreeSet<String> = BTreeSet::new();
    let mut names: BTreeSet<String> = BTreeSet::new();
    for (nth, part) in check.split('\'').enumerate() {
        if nth % 2 == 1 {
            values.insert(format!("'{part}'"));
            continue;
        }
        for word in part.split(|sign: char| !sign.is_alphanumeric() && sign != '_') {
            if columns.iter().any(|column| column == word) {
                names.insert(word.to_owned());
            } else if word.parse::<u32>().is_ok() {
                values.insert(word.to_owned());
            }
        }
    }
    let all: Vec<String> = names.into_iter().chain(values).collect();
    all.join(" ")
}

#[tokio::test]
async fn both_schemas_say_the_same() {
    let sqlite = TestApp::on(Backend::Sqlite).await;
    let postgres = TestApp::on(Backend::Postgres).await;
    let left = told_by_sqlite(&mut Owner::of(&sqlite).await).await;
    let right = told_by_postgres(&mut Owner::of(&postgres).await).await;
    assert!(left.len() > 200, "the reader of schemas lost its way: {} lines", left.len());
    let only = |these: &BTreeSet<String>, those: &BTreeSet<String>| {
        these.difference(those).cloned().collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        left == right,
        "only on SQLite:\n  {}\nonly on PostgreSQL:\n  {}",
        only(&left, &right),
        only(&right, &left)
    );
}

#[test]
fn both_have_the_same_migrations() {
    let names = |engine: &str| -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        files_under(&folder, "sql")
            .iter()
            .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
            .collect()
    };
    assert!(!names("sqlite").is_empty());
    assert_eq!(names("sqlite"), names("postgres"));
}

stories! {
    /// A trace is never changed or erased, whoever asks: the owner is refused too.
    async fn a_trace_is_kept_as_it_was_written(app) {
        app.found_caf().await;
        let mut owner = Owner::of(app).await;
        let before = owner.rows("trace", "1 = 1").await;
        assert!(!before.is_empty());
        for act in ["UPDATE trace SET body = '{}'", "UPDATE trace SET keep_until = keep_until", "DELETE FROM trace"] {
            let refused = owner.run(act).await.unwrap_err();
            assert!(refused.contains("a trace is never changed or erased"), "{act}: {refused}");
        }
        assert_eq!(owner.rows("trace", "1 = 1").await, before);
    }

    /// A view cannot write, whatever text it is given.
    async fn a_reader_is_refused_writes_by_the_engine(app) {
        let (organism, _) = app.found_caf().await;
        let job = app.app.job("essai", Some(organism));
        let before = Owner::of(app).await.rows("organism", "1 = 1").await;
        for act in ["UPDATE organism SET name = 'Autre'", "DELETE FROM trace_unsealed", "CREATE TABLE autre (id INTEGER)"] {
            let mut reader = app.app.read(&job).await.unwrap();
            let refused = reader.unbounded(act).execute().await.unwrap_err().to_string();
            assert!(refused.contains("readonly") || refused.contains("read-only"), "{act}: {refused}");
        }
        assert_eq!(Owner::of(app).await.rows("organism", "1 = 1").await, before);
    }
}

/// On PostgreSQL a whole table goes in one statement, which no row sees: the owner is refused that too.
#[tokio::test]
async fn the_log_is_not_emptied_at_once() {
    let app = TestApp::on(Backend::Postgres).await;
    app.found_caf().await;
    let mut owner = Owner::of(&app).await;
    for table in ["trace", "trace_unsealed"] {
        let before = owner.rows(table, "1 = 1").await;
        assert!(!before.is_empty());
        for act in [format!("TRUNCATE {table}"), format!("TRUNCATE organism, {table} CASCADE")] {
            let refused = owner.run(&act).await.unwrap_err();
            assert!(refused.contains("a trace is never changed or erased"), "{act}: {refused}");
        }
        assert_eq!(owner.rows(table, "1 = 1").await, before);
    }
}

/// On PostgreSQL the program has a role of its own, which can do no harm to what it writes.
#[tokio::test]
async fn the_role_of_the_application_has_no_more_than_it_needs() {
    let app = TestApp::on(Backend::Postgres).await;
    app.found_caf().await;
    let mut role = Owner::at(Backend::Postgres, &app.database.url).await;
    let kept = [
        ("trace", true),
        ("trace_key", true),
        ("service", false),
        ("service_role", false),
        ("role_rubric", false),
    ];
    let mut acts = vec![
        "CREATE TABLE autre (id INTEGER)".to_owned(),
        "CREATE FUNCTION autre() RETURNS INTEGER LANGUAGE sql AS 'SELECT 1'".to_owned(),
        "ALTER TABLE trace DISABLE TRIGGER ALL".to_owned(),
        "DROP TRIGGER trace_is_never_updated ON trace".to_owned(),
        "DROP TABLE trace".to_owned(),
        "GRANT ALL ON trace TO CURRENT_USER".to_owned(),
        "DELETE FROM _sqlx_migrations".to_owned(),
        "INSERT INTO _sqlx_migrations SELECT * FROM _sqlx_migrations".to_owned(),
    ];
    for (table, inserts) in kept {
        let column = role.columns(table).await.remove(0);
        acts.push(format!("UPDATE {table} SET {column} = {column}"));
        acts.push(format!("DELETE FROM {table}"));
        acts.push(format!("TRUNCATE {table}"));
        if !inserts {
            acts.push(format!("INSERT INTO {table} SELECT * FROM {table}"));
        }
    }
    for act in acts {
        match role.run(&act).await {
            Ok(()) if act.starts_with("GRANT") => {
                // PostgreSQL only warns that nothing was granted.
                let may = "SELECT has_table_privilege('trace', 'UPDATE')::text";
                assert_eq!(role.lines(may).await, ["false"], "{act}");
            }
            Ok(()) => panic!("the application's role may: {act}"),
            Err(refused) => {
                assert!(
                    refused.contains("permission denied") || refused.contains("must be owner"),
                    "{act}: {refused}"
                );
            }
        }
    }
}

/// A setting that would lose an acknowledged trace, wherever it hides, keeps the program from serving.
#[tokio::test]
async fn a_database_that_forgets_what_it_acknowledged_is_refused() {
    let app = TestApp::on(Backend::Postgres).await;
    app.app.db().check_durability().await.unwrap();
    let name = app.database.url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let mut owner = Owner::of(&app).await;
    for place in [format!("DATABASE {name}"), format!("ROLE cp_it_application IN DATABASE {name}")] {
        for value in ["off", "local", "remote_write"] {
            owner.run(&format!("ALTER {place} SET synchronous_commit = {value}")).await.unwrap();
            let db = Db::open(&app.database.url, 2, Patience::Page, app.app.db().recorder().clone())
                .await
                .unwrap();
            match db.check_durability().await {
                Err(OpenError::NotDurable { setting: "synchronous_commit", found, .. }) => {
                    assert_eq!(found, value)
                }
                other => panic!("{place} with {value}: {other:?}"),
            }
            db.close().await;
        }
        owner.run(&format!("ALTER {place} RESET synchronous_commit")).await.unwrap();
    }
    app.app.db().check_durability().await.unwrap();
}

/// Space comes back six months later only if the file was made for it, before its first table.
#[tokio::test]
async fn a_file_that_was_not_made_for_traces_is_refused() {
    let app = TestApp::on(Backend::Sqlite).await;
    app.app.db().check_durability().await.unwrap();
    let file = app.database.folder.path().join("autre.db");
    let url = format!("sqlite:{}", file.display());
    let mut other = Owner::at(Backend::Sqlite, &format!("{url}?mode=rwc")).await;
    other.run("CREATE TABLE autre (id INTEGER)").await.unwrap();
    let db = Db::open(&url, 2, Patience::Page, app.app.db().recorder().clone()).await.unwrap();
    match db.check_durability().await {
        Err(OpenError::NotDurable { setting: "auto_vacuum", .. }) => {}
        other => panic!("{other:?}"),
    }
}
