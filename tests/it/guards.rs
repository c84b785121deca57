//! What each engine refuses by itself, whoever asks. Each guard is shown twice: the act is refused, and is not once that
//! guard alone is taken away. A guard that nothing here needs fails the test, and so does one that nobody listed.

use crate::support::log::{chatter, seal_all};
use crate::support::owner::Owner;
use crate::support::{Backend, TestApp};

/// A guard: its name, its table, an act, and the words of the refusal.
type Guard = (&'static str, &'static str, &'static str, &'static str);

const TRACE: &str = "a trace is never changed or erased";
const SEAL: &str = "a seal is never changed or erased";
const LOG: &str = "a log only grows";
const HOLD: &str = "a legal hold is released, never erased";

/// Those of both engines.
const BOTH: [Guard; 19] = [
    ("trace_is_never_updated", "trace", "UPDATE trace SET body = '{}'", TRACE),
    ("trace_is_erased_when_due", "trace", "DELETE FROM trace", TRACE),
    ("trace_leaf_is_never_updated", "trace_leaf", "UPDATE trace_leaf SET month = month + 1", SEAL),
    ("trace_leaf_is_folded_first", "trace_leaf", "DELETE FROM trace_leaf", SEAL),
    ("trace_block_is_folded_when_due", "trace_block", "UPDATE trace_block SET folded = '2020-01-01'", SEAL),
    ("trace_block_is_never_deleted", "trace_block", "DELETE FROM trace_block", SEAL),
    ("trace_log_only_grows", "trace_log", "UPDATE trace_log SET size = 1", LOG),
    ("trace_log_is_never_deleted", "trace_log", "DELETE FROM trace_log", LOG),
    ("trace_checkpoint_only_grows", "trace_checkpoint", "UPDATE trace_checkpoint SET size = 1", LOG),
    ("trace_checkpoint_is_never_deleted", "trace_checkpoint", "DELETE FROM trace_checkpoint", LOG),
    (
        "legal_hold_is_never_rewritten",
        "legal_hold",
        "UPDATE legal_hold SET basis = 'autre' WHERE released_at IS NULL",
        "a legal hold is never rewritten",
    ),
    (
        "legal_hold_is_released_once",
        "legal_hold",
        "UPDATE legal_hold SET release_reason = 'autre' WHERE released_at IS NOT NULL",
        "a legal hold is released once",
    ),
    ("legal_hold_in_force_is_never_deleted", "legal_hold", "DELETE FROM legal_hold", HOLD),
    (
        "legal_hold_review_is_never_rewritten",
        "legal_hold_review",
        "UPDATE legal_hold_review SET review_on = '2099-01-01'",
        "a review of a hold is never rewritten",
    ),
    (
        "legal_hold_review_goes_with_its_hold",
        "legal_hold_review",
        "DELETE FROM legal_hold_review",
        "a review of a hold goes with its hold",
    ),
    (
        "trace_request_is_final",
        "trace_request",
        "UPDATE trace_request SET reason = 'autre'",
        "a closed request is never changed",
    ),
    (
        "role_grant_history_is_kept",
        "role_grant_history",
        "DELETE FROM role_grant_history",
        "the history of grants is kept six years",
    ),
    ("review_is_final", "review", "UPDATE review SET year = 2030", "a transmitted review is never changed"),
    ("review_is_kept", "review", "DELETE FROM review", "a transmitted review is kept six years"),
];

/// On PostgreSQL a table is emptied in one statement, which no row sees.
const TRUNCATED: [Guard; 7] = [
    ("trace_is_never_truncated", "trace", "TRUNCATE trace", TRACE),
    ("trace_unsealed_is_never_truncated", "trace_unsealed", "TRUNCATE trace_unsealed", TRACE),
    ("trace_leaf_is_never_truncated", "trace_leaf", "TRUNCATE trace_leaf", SEAL),
    ("trace_block_is_never_truncated", "trace_block", "TRUNCATE trace_block", SEAL),
    ("trace_log_is_never_truncated", "trace_log", "TRUNCATE trace_log CASCADE", LOG),
    ("trace_checkpoint_is_never_truncated", "trace_checkpoint", "TRUNCATE trace_checkpoint", LOG),
    ("legal_hold_is_never_truncated", "legal_hold", "TRUNCATE legal_hold CASCADE", HOLD),
];

/// Rows for the guards, without the people and partners that they name.
const ROWS: [&str; 7] = [
    "INSERT INTO trace_block (log, number, root) VALUES (1, 0, {bytes})",
    "INSERT INTO legal_hold (id, organism_id, kind, account_id, basis, reason, review_on, asked_by, asked_at) \
     VALUES ({1}, {9}, 'person', {8}, 'base', 'motif', '2027-01-01', {7}, {at})",
    "INSERT INTO legal_hold (id, organism_id, kind, account_id, basis, reason, review_on, asked_by, asked_at, \
     released_by, released_at, release_reason) \
     VALUES ({2}, {9}, 'person', {8}, 'base', 'motif', '2027-01-01', {7}, {at}, {6}, {at}, 'fin')",
    "INSERT INTO legal_hold_review (hold_id, reviewed_at, organism_id, reviewed_by, reason, review_on) \
     VALUES ({1}, {at}, {9}, {7}, 'motif', '2028-01-01')",
    "INSERT INTO trace_request (id, organism_id, kind, body_name, reason, from_on, to_on, registered_by, \
     registered_at, received_on, due_on, state, closed_on) VALUES ({1}, {9}, 'body', 'Greffe', 'motif', '2026-01-01', \
     '2026-01-31', {7}, {at}, '2026-02-01', '2026-02-16', 'refused', '2026-02-02')",
    "INSERT INTO role_grant_history (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
     starts_on, granted_by, granted_at, revoked_by, revoked_at, reason, erase_on) VALUES ({1}, {9}, {5}, {4}, {3}, {8}, \
     'whole', '2020-01-01', {7}, {at}, {7}, {at}, 'départ', '2099-01-01')",
    "INSERT INTO review (id, organism_id, partner_id, year, opened_by, opened_at, transmitted_by, transmitted_at, \
     proof, erase_on) VALUES ({1}, {9}, {5}, 2026, {7}, {at}, {7}, {at}, '{}', '2099-01-01')",
];

/// A text of both engines, with ids, an instant and bytes as this one writes them.
fn worded(owner: &Owner, text: &str) -> String {
    let (at, bytes) = match owner {
        Owner::Sqlite(_) => ("0", "X'00'"),
        Owner::Postgres(_) => ("TIMESTAMPTZ 'epoch'", "'\\x00'::bytea"),
    };
    let mut text = text.replace("{at}", at).replace("{bytes}", bytes);
    for number in 1..=9_u128 {
        let id = uuid::Uuid::from_u128(number);
        let literal = match owner {
            Owner::Sqlite(_) => format!("X'{}'", id.simple()),
            Owner::Postgres(_) => format!("'{id}'::uuid"),
        };
        text = text.replace(&format!("{{{number}}}"), &literal);
    }
    text
}

async fn each_is_needed_on(backend: Backend) {
    let app = TestApp::on(backend).await;
    app.found_caf().await;
    chatter(&app.app, 5).await;
    seal_all(app.app.db()).await;
    app.app.db().sign_head().await.unwrap().unwrap();
    // Something waits for its seal too.
    chatter(&app.app, 1).await;
    let mut owner = Owner::of(&app).await;
    let (loose, tight) = match backend {
        Backend::Sqlite => ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = OFF"),
        Backend::Postgres => {
            ("SET session_replication_role = replica", "SET session_replication_role = origin")
        }
    };
    owner.run(loose).await.unwrap();
    for row in ROWS {
        let row = worded(&owner, row);
        owner.run(&row).await.unwrap_or_else(|refused| panic!("{refused}: {row}"));
    }
    owner.run(tight).await.unwrap();

    let mut guards: Vec<Guard> = BOTH.to_vec();
    if backend == Backend::Postgres {
        guards.extend(TRUNCATED);
    }
    let mut listed: Vec<String> = guards.iter().map(|guard| guard.0.to_owned()).collect();
    listed.sort();
    let there = owner
        .lines(match backend {
            Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'trigger'",
            Backend::Postgres => "SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal",
        })
        .await;
    assert_eq!(listed, there, "every guard of the schema is shown here");

    for (name, table, act, words) in guards {
        let before = owner.rows(table, "1 = 1").await;
        assert!(!before.is_empty(), "{name}: nothing to guard");
        let refused = owner.run(act).await.expect_err(name);
        assert!(refused.contains(words), "{name}: {refused}");
        assert_eq!(owner.rows(table, "1 = 1").await, before, "{name}");
        owner.run("BEGIN").await.unwrap();
        let drop = match backend {
            Backend::Sqlite => format!("DROP TRIGGER {name}"),
            Backend::Postgres => format!("DROP TRIGGER {name} ON {table}"),
        };
        owner.run(&drop).await.unwrap();
        // What another guard, or a reference, still refuses is refused in other words.
        let without = owner.run(act).await;
        assert!(
            without.is_ok() || without.as_ref().is_err_and(|error| !error.contains(words)),
            "{name}: {without:?}"
        );
        owner.run("ROLLBACK").await.unwrap();
    }
}

#[tokio::test]
async fn each_guard_is_needed() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        each_is_needed_on(backend).await;
    }
}
