//! How long personal data is kept: every table that holds some has its kind, and each kind goes on its day, not one
//! before. Clocks of tests run years before those of the engines, which guard what they keep by themselves.

use std::collections::BTreeSet;

use compte_partenaire::domain::id::{RowId as _, TraceSearchId};
use compte_partenaire::domain::retention::kinds::{Ending, KINDS, NOT_PERSONAL};
use compte_partenaire::jobs::expiry::{CLOSED_ACCOUNTS, WITH_AN_ACCOUNT, expire};
use compte_partenaire::jobs::tidy::tidy;
use compte_partenaire::jobs::usage;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use crate::support::cast::cast;
use crate::support::owner::Owner;
use crate::support::sources::files_under;
use crate::support::{Backend, TestApp};

const BOTH: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

/// A day that most years do not have.
const LEAP: OffsetDateTime = datetime!(2012-02-29 09:00 UTC);

/// Then, whatever it is now.
fn at(app: &TestApp, when: OffsetDateTime) {
    app.clock.advance(when - app.clock.now().instant());
}

async fn rows(owner: &mut Owner, table: &str) -> usize {
    owner.rows(table, "1 = 1").await.len()
}

/// A table that nobody has thought about does not pass.
#[tokio::test]
async fn every_table_has_its_kind() {
    for backend in BOTH {
        let app = TestApp::on(backend).await;
        let tables: BTreeSet<String> = Owner::of(&app).await.tables().await.into_iter().collect();
        let known: BTreeSet<String> = KINDS
            .iter()
            .flat_map(|kind| kind.tables.iter())
            .chain(NOT_PERSONAL.iter().map(|(table, _)| table))
            .map(|table| (*table).to_owned())
            .collect();
        assert_eq!(tables, known, "each table is of one kind of personal data, or holds none");
    }
}

/// What a kind says of itself exists: the job that ends it, and the test that shows it.
#[test]
fn every_kind_has_its_job_and_its_test() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = |folder: &str| -> Vec<(String, String)> {
        files_under(&root.join(folder), "rs")
            .iter()
            .map(|file| {
                let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(file).unwrap())
            })
            .collect()
    };
    let (jobs, tests, all) = (sources("src/jobs"), sources("tests/it"), sources("src"));
    for kind in KINDS {
        let (module, name) = kind.test;
        let test = format!("fn {name}(");
        assert!(
            tests.iter().any(|(file, text)| file == module && text.contains(&test)),
            "{}: {module}::{name}",
            kind.code
        );
        let Ending::Job(job) = kind.ending else { continue };
        assert!(jobs.iter().any(|(file, _)| file == job), "{}: no job {job}", kind.code);
        // The purge asks the engine's own function.
        for table in
            kind.tables.iter().filter(|table| !["trace", "search_word", "group_member"].contains(table))
        {
            let erasing = format!("DELETE FROM {table} ");
            assert!(all.iter().any(|(_, text)| text.contains(&erasing)), "nothing ever erases {table}");
        }
    }
}

/// An account goes once nothing refers to it: every reference of the schema is looked at, or goes with it.
#[tokio::test]
async fn every_reference_to_an_account_is_looked_at() {
    let app = TestApp::on(Backend::Sqlite).await;
    let mut owner = Owner::of(&app).await;
    let mut references = 0;
    for table in owner.tables().await {
        let columns =
            format!("SELECT \"from\" FROM pragma_foreign_key_list('{table}') WHERE \"table\" = 'account'");
        for column in owner.lines(&columns).await {
            references += 1;
            let looked_at = CLOSED_ACCOUNTS.split("NOT EXISTS").any(|part| {
                part.contains(&format!("FROM {table} ")) && part.contains(&format!("o.{column} = a.id"))
            });
            let goes = column == "account_id" && WITH_AN_ACCOUNT.iter().any(|(with, _)| *with == table);
            assert!(looked_at || goes, "{table}.{column}");
        }
    }
    assert!(references > 25, "{references} only");
}

/// Rows of each kind that began on that 29 February.
async fn sow(owner: &mut Owner) {
    let auditor = "(SELECT a.id FROM account a WHERE a.organism_id = legal_hold.organism_id AND a.office = 'organism_auditor')";
    let texts = [
        "INSERT INTO outbox (id, organism_id, account_id, kind, state, attempts, not_before, created_at) \
         SELECT id, organism_id, id, 'invitation', CASE office WHEN 'user' THEN 'failed' ELSE 'sent' END, 1, created_at, \
         created_at FROM account".to_owned(),
        "INSERT INTO trace_request_notice (id, organism_id, request_id, account_id, kind, state, attempts, not_before, \
         created_at) SELECT id, organism_id, id, account_id, 'closed', 'sent', 1, registered_at, registered_at \
         FROM trace_request".to_owned(),
        "UPDATE cap_request SET state = 'refused', answered_by = asked_by, answered_at = asked_at".to_owned(),
        "INSERT INTO legal_hold_review (hold_id, reviewed_at, organism_id, reviewed_by, reason, review_on) \
         SELECT id, asked_at, organism_id, asked_by, 'Instruction', review_on FROM legal_hold".to_owned(),
        format!("UPDATE legal_hold SET released_by = {auditor}, released_at = asked_at"),
        "INSERT INTO review (id, organism_id, partner_id, year, opened_by, opened_at, transmitted_by, transmitted_at, \
         proof, erase_on) SELECT p.id, p.organism_id, p.id, 2011, a.id, a.created_at, a.id, a.created_at, '{}', \
         '2018-02-28' FROM partner p JOIN account a ON a.partner_id = p.id AND a.office = 'principal'".to_owned(),
        "INSERT INTO review_decision (review_id, grant_id, account_id, organism_id, verdict, decided_by, decided_at, \
         membership_id, role_id, perimeter, starts_on, granted_by, granted_at) \
         SELECT r.id, g.id, g.account_id, r.organism_id, 'confirmed', r.opened_by, r.opened_at, g.membership_id, \
         g.role_id, '59', g.starts_on, g.granted_by, g.granted_at FROM review r \
         JOIN role_grant g ON g.partner_id = r.partner_id WHERE r.erase_on IS NOT NULL".to_owned(),
        "INSERT INTO role_grant_history (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
         starts_on, granted_by, granted_at, revoked_by, revoked_at, reason, erase_on) \
         SELECT id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, starts_on, granted_by, \
         granted_at, granted_by, granted_at, 'Départ', '2018-02-28' FROM role_grant".to_owned(),
        "INSERT INTO grant_use (grant_id, account_id, organism_id, used_at) \
         SELECT id, account_id, organism_id, granted_at FROM role_grant".to_owned(),
        "UPDATE role_grant SET ends_on = '2012-02-29'".to_owned(),
        "UPDATE group_grant SET ends_on = '2012-02-29'".to_owned(),
        "INSERT INTO partner_group (id, organism_id, partner_id, name, name_key, purpose, created_by, created_at, \
         archived_at) SELECT p.id, p.organism_id, p.id, 'Ancien', 'ancien', 'Fini', a.id, a.created_at, a.created_at \
         FROM partner p JOIN account a ON a.partner_id = p.id AND a.office = 'principal'".to_owned(),
    ];
    for text in texts {
        owner.run(&text).await.unwrap_or_else(|error| panic!("{error}: {text}"));
    }
}

/// Calendar months from a 29 February: there the day before, gone the day after.
#[tokio::test]
async fn each_kind_goes_on_its_day() {
    for backend in BOTH {
        let app = TestApp::starting(backend, LEAP).await;
        cast(&app).await;
        let mut owner = Owner::of(&app).await;
        let open_reviews = rows(&mut owner, "review").await;
        let groups = rows(&mut owner, "partner_group").await;
        sow(&mut owner).await;
        // The days on which they are due, the tables, and how many rows are not of that day.
        let due = [
            (datetime!(2012-03-16 12:00 UTC), "trace_request_part", 0),
            (datetime!(2012-08-29 12:00 UTC), "outbox", 0),
            (datetime!(2012-08-29 12:00 UTC), "trace_request_notice", 0),
            (datetime!(2014-02-28 12:00 UTC), "cap_request", 0),
            (datetime!(2017-02-28 12:00 UTC), "trace_request", 0),
            (datetime!(2017-02-28 12:00 UTC), "legal_hold_review", 0),
            (datetime!(2017-02-28 12:00 UTC), "legal_hold", 0),
            (datetime!(2018-02-28 12:00 UTC), "review_decision", 0),
            (datetime!(2018-02-28 12:00 UTC), "review", open_reviews),
            (datetime!(2018-02-28 12:00 UTC), "role_grant_history", 0),
            (datetime!(2018-02-28 12:00 UTC), "role_grant", 0),
            (datetime!(2018-02-28 12:00 UTC), "group_grant", 0),
            (datetime!(2018-02-28 12:00 UTC), "grant_use", 0),
            (datetime!(2018-02-28 12:00 UTC), "partner_group", groups),
        ];
        let mut erased = 0;
        for (day, table, stay) in due {
            if app.clock.now().instant() < day {
                let before = rows(&mut owner, table).await;
                assert!(before > stay, "{table} has nothing to lose");
                at(&app, day - Duration::MICROSECOND);
                expire(&app.app).await.unwrap();
                // All that is due that day is still there.
                for (other, table, stay) in due.iter().filter(|(other, ..)| *other == day) {
                    assert!(rows(&mut owner, table).await > *stay, "{table} went before {other}");
                }
                assert_eq!(rows(&mut owner, table).await, before);
                at(&app, day);
                erased += expire(&app.app).await.unwrap();
            }
            assert_eq!(rows(&mut owner, table).await, stay, "{table} outlives {day}");
        }
        let told: u64 = app
            .bodies("rows.expired")
            .await
            .iter()
            .map(|body| body["object"]["rows"].as_u64().unwrap())
            .sum();
        assert_eq!(told, erased, "as many as went");
        assert_eq!(expire(&app.app).await.unwrap(), 0);
        app.finish().await;
    }
}

/// The engine refuses too, whoever asks: its clock says that six years have not passed.
#[tokio::test]
async fn nobody_erases_history_before_its_day() {
    for backend in BOTH {
        let app = TestApp::on(backend).await;
        cast(&app).await;
        let mut owner = Owner::of(&app).await;
        sow(&mut owner).await;
        owner.run("UPDATE role_grant_history SET erase_on = '2999-01-01'").await.unwrap();
        let refused = owner.run("DELETE FROM role_grant_history").await.unwrap_err();
        assert!(refused.contains("kept six years"), "{refused}");
        owner.run("DELETE FROM review_decision").await.unwrap();
        let refused = owner.run("DELETE FROM review WHERE erase_on IS NULL").await.unwrap_err();
        assert!(refused.contains("kept six years"), "{refused}");
        let mut application = Owner::at(backend, &app.database.url).await;
        if backend == Backend::Postgres {
            let refused =
                application.run("UPDATE role_grant_history SET reason = 'Autre'").await.unwrap_err();
            assert!(refused.contains("permission denied"), "{refused}");
        }
    }
}

/// An account that was closed for six years goes with its address, its letters, its searches and the words by which it
/// is found; one that something kept still names stays.
#[tokio::test]
async fn a_closed_account_goes_with_all_that_is_its_own() {
    for backend in BOTH {
        let app = TestApp::starting(backend, LEAP).await;
        let [ours, _] = cast(&app).await;
        let [home, neighbour] = &ours.partners;
        let mut owner = Owner::of(&app).await;
        let (gone, kept) = (owner.id(home.colleague.id), owner.id(home.user.id));
        let search = owner.id(TraceSearchId::from_uuid(uuid::Uuid::from_u128(7)));
        for text in [
            format!(
                "INSERT INTO postal_address (account_id, organism_id, detail, street, postal_code, city) \
                     SELECT id, organism_id, '', '1 rue', '59000', 'Lille' FROM account WHERE id = {gone}"
            ),
            format!(
                "INSERT INTO letter (id, organism_id, account_id, kind, printed_by, printed_at) \
                     SELECT id, organism_id, id, 'secret', {}, created_at FROM account WHERE id = {gone}",
                owner.id(ours.administrator.id)
            ),
            format!(
                "INSERT INTO trace_search (id, organism_id, account_id, name, query, kept_at) \
                     SELECT {search}, organism_id, id, 'Refus', '', created_at FROM account WHERE id = {gone}"
            ),
            format!("UPDATE account SET suspended_at = created_at WHERE id IN ({gone}, {kept})"),
        ] {
            owner.run(&text).await.unwrap();
        }
        let mine = async |owner: &mut Owner| {
            let mut found = Vec::new();
            for (table, column) in [
                ("account", "id"),
                ("postal_address", "account_id"),
                ("letter", "account_id"),
                ("trace_search", "account_id"),
                ("search_word", "id"),
            ] {
                found.push(owner.rows(table, &format!("{column} = {gone}")).await.len());
            }
            found
        };
        assert_eq!(mine(&mut owner).await, [1, 1, 1, 1, 2]);
        at(&app, datetime!(2018-02-28 11:59 UTC));
        // It was under surveillance, once.
        usage::erase(&app.app).await.unwrap();
        expire(&app.app).await.unwrap();
        assert_eq!(mine(&mut owner).await, [1, 1, 1, 1, 2], "a day early");
        at(&app, datetime!(2018-02-28 12:00 UTC));
        expire(&app.app).await.unwrap();
        assert_eq!(mine(&mut owner).await, [0; 5]);
        assert_eq!(owner.rows("account", &format!("id = {kept}")).await.len(), 1, "a role in force names it");
        assert_eq!(
            owner.rows("account", &format!("id = {}", owner.id(neighbour.colleague.id))).await.len(),
            1,
            "it is open"
        );
        app.finish().await;
    }
}

/// What serves one session, or one act, goes within hours of it.
#[tokio::test]
async fn what_is_short_lived_goes_in_hours() {
    for backend in BOTH {
        let app = TestApp::starting(backend, LEAP).await;
        let [ours, _] = cast(&app).await;
        let home = &ours.partners[0];
        home.user.sits_down(&app).await;
        let mut owner = Owner::of(&app).await;
        for table in ["form_sent", "sign_in_budget"] {
            owner.run(&format!("DELETE FROM {table}")).await.unwrap();
        }
        for text in [
            "INSERT INTO form_sent (account_id, form_key, sent_at, location) SELECT account_id, 'cle', opened_at, '/' FROM session".to_owned(),
            "INSERT INTO kept_form (id, organism_id, account_id, path, sealed, kept_at) SELECT a.id, a.organism_id, a.id, \
             '/', s.id_hash, s.opened_at FROM session s JOIN account a ON a.id = s.account_id".to_owned(),
            "INSERT INTO sign_in_budget (identifier_hash, failures, day_failures, day_began_at, blocked_until) \
             SELECT id_hash, 1, 1, opened_at, opened_at FROM session".to_owned(),
            format!("INSERT INTO consultation (id, session_hash, account_id, organism_id, partner_id, membership_id, mission_id, \
             number_sealed, opened_at) SELECT a.id, s.id_hash, a.id, a.organism_id, a.partner_id, {}, {}, s.id_hash, s.opened_at \
             FROM session s JOIN account a ON a.id = s.account_id", owner.id(home.membership), owner.id(home.mission)),
        ] {
            owner.run(&text).await.unwrap_or_else(|error| panic!("{error}: {text}"));
        }
        let a_day = ["session", "consultation", "kept_form", "form_sent"];
        at(&app, LEAP + Duration::hours(24));
        tidy(&app.app).await.unwrap();
        for table in a_day {
            assert_eq!(rows(&mut owner, table).await, 1, "{table}");
        }
        app.clock.advance(Duration::seconds(1));
        tidy(&app.app).await.unwrap();
        for table in a_day {
            assert_eq!(rows(&mut owner, table).await, 0, "{table}");
        }
        at(&app, LEAP + Duration::hours(48));
        tidy(&app.app).await.unwrap();
        assert_eq!(rows(&mut owner, "sign_in_budget").await, 1);
        app.clock.advance(Duration::seconds(1));
        tidy(&app.app).await.unwrap();
        assert_eq!(rows(&mut owner, "sign_in_budget").await, 0);
        app.finish().await;
    }
}

/// That a statement was sent is known for a year, and the month under way.
#[tokio::test]
async fn a_statement_is_known_for_a_year_and_a_month() {
    for backend in BOTH {
        let app = TestApp::starting(backend, LEAP).await;
        let [ours, _] = cast(&app).await;
        ours.partners[0].user.sits_down(&app).await;
        let mut owner = Owner::of(&app).await;
        owner
            .run(
                "INSERT INTO statement (id, organism_id, account_id, month, state, attempts, not_before, made_at) \
                 SELECT a.id, a.organism_id, a.id, '2012-01-01', 'sent', 1, s.opened_at, s.opened_at \
                 FROM session s JOIN account a ON a.id = s.account_id",
            )
            .await
            .unwrap();
        at(&app, LEAP + Duration::days(400));
        tidy(&app.app).await.unwrap();
        assert_eq!(rows(&mut owner, "statement").await, 1);
        app.clock.advance(Duration::seconds(1));
        tidy(&app.app).await.unwrap();
        assert_eq!(rows(&mut owner, "statement").await, 0);
        app.finish().await;
    }
}

/// The page says what the list says.
#[tokio::test]
async fn the_page_tells_every_kind() {
    let app = TestApp::on(Backend::Sqlite).await;
    let mut browser = app.browser();
    browser.open("/donnees-personnelles").await;
    browser.follow("Chaque donnée, sa durée et qui la lit").await;
    for kind in KINDS {
        browser.page().must_say(kind.name).must_say(kind.holds);
        if matches!(kind.ending, Ending::Job(_)) {
            browser.page().must_say(&kind.period.to_string());
        }
    }
}
