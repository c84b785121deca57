//! How each engine finds traces: every search along an index walks that index, in its order, and nothing else. A full
//! scan or a sort would cost nothing on a small log and everything on ten million rows.

use compte_partenaire::db::Engine;

use crate::sql::statements;
use crate::support::owner::Owner;
use crate::support::{Backend, TestApp};

/// What each walk goes along, and the index of it.
const WALKS: [(&str, &str); 8] = [
    ("t.organism_id = $3", "trace_by_organism"),
    ("t.partner_id = $3", "trace_by_partner"),
    ("t.actor_id = $3", "trace_by_actor"),
    ("t.subject_id = $3", "trace_by_subject"),
    ("t.file_hash = $3", "trace_by_file"),
    ("t.session_hash = $3", "trace_by_session"),
    ("t.correlation = $3", "trace_by_correlation"),
    ("t.fact IN (", "trace_of_the_log"),
];

/// The searches of the log, by the index that each must walk.
fn searches() -> Vec<(String, &'static str)> {
    let ordered = |text: &String| text.contains(" FROM trace t ") && text.contains(" ORDER BY t.at");
    let all: Vec<String> = statements().all.into_keys().filter(ordered).collect();
    let index = |text: &str| WALKS.iter().find(|(walk, _)| text.contains(walk)).map(|(_, index)| *index);
    let searches: Vec<_> = all
        .into_iter()
        .map(|text| {
            let index = index(&text).unwrap_or_else(|| panic!("along what does it walk? {text}"));
            (text, index)
        })
        .collect();
    assert_eq!(
        searches.len(),
        17,
        "each of five ways has its page and its end of step; then session and request; counting walks three ways, and \
         somebody's own traces are read one way; the log tells of itself in one"
    );
    searches
}

/// Two organisms of unequal size, ten partners, some people, sessions and files: a log such as a planner sees one.
async fn fill(app: &TestApp, owner: &mut Owner) {
    let sqlite = app.backend == Backend::Sqlite;
    let (series, at) = if sqlite {
        (
            "WITH RECURSIVE series (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM series WHERE n < 29999)",
            "1795000000000000 + n * 1000000",
        )
    } else {
        (
            "WITH series (n) AS (SELECT generate_series(0, 29999))",
            "to_timestamp(1795000000) + n * interval '1 second'",
        )
    };
    let blob = |n: &str| match sqlite {
        true => format!("unhex(printf('%064x', {n}))"),
        false => format!("decode(lpad(to_hex({n}), 64, '0'), 'hex')"),
    };
    let uuid = |kind: u32, n: &str| match sqlite {
        true => format!("unhex(printf('{kind:02x}%030x', {n}))"),
        false => format!("('{kind:02x}' || lpad(to_hex({n}), 30, '0'))::uuid"),
    };
    let keep_until = if sqlite { "'2027-05-23'" } else { "DATE '2027-05-23'" };
    let sql = format!(
        "INSERT INTO trace (month, id, at, fact, audience, organism_id, partner_id, keep_until, salt, body, key_number, \
         mac, actor_id, subject_id, session_hash, file_hash, outcome, correlation) {series} \
         SELECT 202611, {}, {at}, CASE n % 3 WHEN 0 THEN 'file.read' ELSE 'page.read' END, 'partner', {}, {}, \
         {keep_until}, {salt}, '{{}}', 1, {salt}, {}, CASE n % 2 WHEN 0 THEN {} END, {}, {}, 'done', {} FROM series",
        uuid(1, "n"),
        uuid(2, "(CASE WHEN n % 5 = 0 THEN 1 ELSE 0 END)"),
        uuid(3, "n % 10"),
        uuid(4, "n % 20"),
        uuid(4, "n % 21"),
        blob("n % 100"),
        blob("n % 100"),
        uuid(5, "n / 3"),
        salt = blob("n"),
    );
    owner.run(&sql).await.unwrap();
}

async fn explained_by_sqlite(owner: &mut Owner, text: &str) -> String {
    let Owner::Sqlite(connection) = owner else { panic!("not SQLite") };
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"));
    let rows = sqlx::query(sql).fetch_all(connection).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, "detail")).collect();
    lines.join("\n")
}

/// Without statistics as with them: nobody promises that somebody runs ANALYZE.
#[tokio::test]
async fn sqlite_walks_the_index_of_each_search() {
    let app = TestApp::on(Backend::Sqlite).await;
    assert_eq!(app.app.db().engine(), Engine::Sqlite);
    let mut owner = Owner::of(&app).await;
    fill(&app, &mut owner).await;
    for analysed in [false, true] {
        if analysed {
            owner.run("ANALYZE").await.unwrap();
        }
        for (text, index) in searches() {
            let plan = explained_by_sqlite(&mut owner, &text).await;
            let wrong = plan.contains("SCAN") || plan.contains("TEMP B-TREE") || plan.contains("MULTI-INDEX");
            assert!(
                plan.contains(&format!("INDEX {index} ")) && !wrong,
                "analysed: {analysed}\n{text}\n{plan}"
            );
        }
    }
}

/// The types and a value of each parameter, in the order of the walks.
const PARAMETERS: [(&str, &str); 15] = [
    ("uuid", "'02000000-0000-0000-0000-000000000000'"),
    ("uuid", "NULL"),
    ("uuid", "'04000000-0000-0000-0000-000000000007'"),
    ("timestamptz", "'2026-12-31'"),
    ("uuid", "'01000000-0000-0000-0000-000000000000'"),
    ("timestamptz", "'2026-01-01'"),
    ("uuid", "'01000000-0000-0000-0000-000000000000'"),
    ("text", "'file.'"),
    ("text", "'file.z'"),
    ("text", "NULL"),
    ("text", "NULL"),
    ("text", "NULL"),
    ("uuid", "NULL"),
    ("text", "NULL"),
    ("text", "NULL"),
];

async fn explained_by_postgres(owner: &mut Owner, given: &[(&str, &str)]) -> String {
    let values: Vec<&str> = given.iter().map(|(_, value)| *value).collect();
    let Owner::Postgres(connection) = owner else { panic!("not PostgreSQL") };
    let sql = sqlx::AssertSqlSafe(format!("EXPLAIN EXECUTE search ({})", values.join(", ")));
    let rows = sqlx::raw_sql(sql).fetch_all(connection).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| sqlx::Row::get(row, 0)).collect();
    plan.join("\n")
}

/// The walks are planned for their values, each time: so are they here.
#[tokio::test]
async fn postgres_walks_the_index_of_each_search() {
    let app = TestApp::on(Backend::Postgres).await;
    let mut owner = Owner::of(&app).await;
    fill(&app, &mut owner).await;
    owner.run("ANALYZE trace").await.unwrap();
    owner.run("SET plan_cache_mode = force_custom_plan").await.unwrap();
    for (text, index) in searches() {
        let of_step = text.contains("OFFSET $8");
        let count = (1..=15).rev().find(|n| text.contains(&format!("${n}"))).unwrap();
        let mut given = PARAMETERS[..count].to_vec();
        given[2] = match index {
            "trace_by_session" | "trace_by_file" => ("bytea", "decode(lpad('7', 64, '0'), 'hex')"),
            "trace_by_organism" => given[0],
            "trace_by_partner" => ("uuid", "'03000000-0000-0000-0000-000000000007'"),
            _ => given[2],
        };
        if of_step {
            // In proportion to this log.
            given[7] = ("int8", "99");
        }
        if text.contains("t.keep_until > $7") {
            (given[6], given[7]) = (("date", "'2026-01-01'"), ("int8", "20"));
        }
        if index == "trace_of_the_log" {
            given = vec![PARAMETERS[3], PARAMETERS[4], PARAMETERS[5]];
        }
        let types: Vec<&str> = given.iter().map(|(kind, _)| *kind).collect();
        owner.run(&format!("PREPARE search ({}) AS {text}", types.join(", "))).await.unwrap();
        let plan = explained_by_postgres(&mut owner, &given).await;
        let wrong = plan.contains("Sort") || plan.contains("Bitmap") || plan.contains("Seq Scan on trace");
        assert!(plan.contains(&format!("using {index} ")) && !wrong, "{text}\n{plan}");
        if count == 15 {
            // A step of 300 traces in which something rare is looked for: a planner that took it for a quarter of the
            // log would rather read the whole table, as soon as that is large.
            (given[3].1, given[5].1) = ("to_timestamp(1795015300)", "to_timestamp(1795015000)");
            (given[7].1, given[8].1, given[9].1) = ("NULL", "NULL", "'failed'");
            owner.run("SET enable_indexscan = off").await.unwrap();
            let plan = explained_by_postgres(&mut owner, &given).await;
            owner.run("RESET enable_indexscan").await.unwrap();
            let walked =
                plan.split(&format!("on {index} ")).nth(1).and_then(|line| line.split("rows=").nth(1));
            let reckoned = walked.and_then(|rest| rest.split(' ').next()).map(str::parse::<u32>);
            assert!(matches!(reckoned, Some(Ok(..=300))), "{text}\n{plan}");
        }
        owner.run("DEALLOCATE search").await.unwrap();
    }
}
