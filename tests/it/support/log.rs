//! The log, sealed and checked.

use std::time::Duration;

use compte_partenaire::app::App;
use compte_partenaire::db::Db;
use compte_partenaire::db::seal::{Pass, Sealer, Unsealable};
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::seal::check::{Finding, Report};
use compte_partenaire::seal::checkpoint::Checkpoint;

/// Leaves that many traces, of a fact that says nothing.
pub async fn chatter(app: &App, count: u64) {
    let facts = (0..count).map(|rows| Fact::Tidied { what: "essai".to_owned(), rows }).collect();
    let _receipt =
        app.kit().ledger.hand_over(&app.job("essai", None), facts, None, Vec::new()).await.unwrap();
}

/// Seals all that waits, whoever sealed before; gives what was set aside.
pub async fn seal_all(db: &Db) -> Vec<Unsealable> {
    let mut sealer = Sealer::new(db.clone());
    let mut aside = Vec::new();
    loop {
        match sealer.pass().await.unwrap() {
            Pass::Sealed { refused, .. } => aside.extend(refused),
            // Another held the seal: its hold is over a moment later.
            Pass::NotOurs => db.recorder().clock.advance(time::Duration::seconds(4)),
            Pass::Idle => return aside,
        }
    }
}

/// What the check of the log finds, against these checkpoints too; the last report is that of the open log.
pub async fn check(db: &Db, witnesses: &[Checkpoint]) -> Vec<Report> {
    tokio::time::timeout(Duration::from_secs(120), db.verify(witnesses)).await.unwrap().unwrap()
}

/// Everything that the check finds.
pub async fn flaws(db: &Db) -> Vec<Finding> {
    check(db, &[]).await.into_iter().flat_map(|report| report.findings).collect()
}

/// Signs a checkpoint of all that is traced so far, as the portal does all day long.
pub async fn sign(db: &Db) -> Checkpoint {
    assert_eq!(seal_all(db).await, [], "traces that could not be sealed");
    db.sign_head().await.unwrap().expect("the log grew since the last checkpoint").0
}

/// Seals all that waits, and checks that every trace holds; gives how many there are.
pub async fn sealed_and_true(db: &Db) -> u64 {
    assert_eq!(seal_all(db).await, [], "traces that could not be sealed");
    let reports = check(db, &[]).await;
    for report in &reports {
        assert_eq!((report.findings.as_slice(), report.flaws), (&[][..], 0), "the log does not hold");
    }
    reports.iter().map(|report| report.rows).sum()
}
