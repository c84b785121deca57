//! A database that was in use comes up whole: rows kept, references held, nothing forgotten.

use std::borrow::Cow;

use sqlx::migrate::Migrator;
use sqlx::{Connection as _, Executor as _, SqliteConnection};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// The migrations up to a version, as an installation of that time had them.
fn up_to(version: i64) -> Migrator {
    let all = SQLITE.iter().filter(|migration| migration.version <= version).cloned().collect();
    Migrator { migrations: Cow::Owned(all), ..Migrator::DEFAULT }
}

/// SQLite makes the tables of accounts and of grants again: what refers to them still finds its row.
#[tokio::test]
async fn accounts_and_grants_are_made_again_with_all_that_refers_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("avant.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    up_to(8).run(&mut connection).await.unwrap();
    let id = |number: u8| format!("X'{number:032x}'");
    let (organism, partner, account, grant) = (id(1), id(2), id(3), id(4));
    let (service, role) = ("X'01900000000070008000000000000001'", "X'01900000000070008000000000000011'");
    let rows = [
        format!(
            "INSERT INTO organism (id, kind, code, name, territory, time_zone, created_at) \
                 VALUES ({organism}, 'caf', '591', 'Caf', '59', 'Europe/Paris', 1)"
        ),
        format!(
            "INSERT INTO partner (id, organism_id, siret, legal_name, name_key, category, street, postal_code, \
                 city, representative_name, representative_title, security_name, security_mail, security_phone, \
                 protection_name, protection_mail, protection_phone, prefix, created_at) \
                 VALUES ({partner}, {organism}, '1', 'B', 'b', 'commune', 'r', '59370', 'v', 'n', 't', 'n', 'm', '', \
                 'n', 'm', '', 'BRU', 1)"
        ),
        format!(
            "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, \
                 job, mail, phone, created_at) \
                 VALUES ({account}, {organism}, {partner}, 'principal', 'BRU-1', 'n', 'p', 'k', 'j', 'm', '', 1)"
        ),
        format!(
            "INSERT INTO session (id_hash, account_id, opened_at, last_entry_at) VALUES (X'05', {account}, 1, 1)"
        ),
        format!(
            "INSERT INTO membership (id, organism_id, partner_id, service_id, perimeter, cap, created_at) \
                 VALUES ({id}, {organism}, {partner}, {service}, '59410', 3, 1)",
            id = id(6)
        ),
        format!(
            "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
                 starts_on, granted_by, granted_at) VALUES ({grant}, {organism}, {partner}, {id}, {role}, {account}, \
                 '59410', '2026-01-01', {account}, 1)",
            id = id(6)
        ),
    ];
    for row in rows {
        connection.execute(sqlx::AssertSqlSafe(row)).await.unwrap();
    }
    SQLITE.run(&mut connection).await.unwrap();
    let orphans = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(orphans.is_empty(), "{} rows refer to nothing", orphans.len());
    let kept: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM session s JOIN account a ON a.id = s.account_id), \
         (SELECT count(*) FROM role_grant WHERE group_id IS NULL), \
         (SELECT count(*) FROM pragma_index_list('account') WHERE name LIKE 'account_%')",
    )
    .fetch_one(&mut connection)
    .await
    .unwrap();
    assert_eq!(kept, (1, 1, 6));
    let refused = connection.execute("INSERT INTO session VALUES (X'07', X'09', 1, 1)").await;
    assert!(refused.is_err(), "what refers to an account must find one");
}
