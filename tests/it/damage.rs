//! A database file that was damaged is not believed again because it answers again: it is reopened, and read whole.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use compte_partenaire::db::{Db, DbError, OpenError, Patience, traces};

use crate::support::owner::Owner;
use crate::support::{Backend, TestApp};

/// The page of the file where the table of traces begins.
struct Root {
    file: File,
    at: u64,
    whole: Vec<u8>,
}

impl Root {
    async fn of_traces(app: &TestApp, path: &Path) -> Self {
        let mut owner = Owner::of(app).await;
        let number = async |owner: &mut Owner, sql: &str| owner.lines(sql).await[0].parse::<u64>().unwrap();
        let size = number(&mut owner, "SELECT CAST(page_size AS TEXT) FROM pragma_page_size").await;
        let root = "SELECT CAST(rootpage AS TEXT) FROM sqlite_master WHERE name = 'trace'";
        let at = (number(&mut owner, root).await - 1) * size;
        // What the journal holds goes to the file, and whoever kept pages in memory must read them again.
        owner.run("UPDATE organism SET name = name || ' '").await.unwrap();
        owner.run("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        let file = File::options().read(true).write(true).open(path).unwrap();
        let mut whole = vec![0; usize::try_from(size).unwrap()];
        file.read_exact_at(&mut whole, at).unwrap();
        Self { file, at, whole }
    }

    fn damage(&self) {
        self.file.write_all_at(&vec![0xff; self.whole.len()], self.at).unwrap();
    }

    fn mend(&self) {
        self.file.write_all_at(&self.whole, self.at).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_checked_before_it_serves_again() {
    let app = TestApp::on(Backend::Sqlite).await;
    let (_, mut browser) = app.administrator().await;
    let path = PathBuf::from(app.database.url.strip_prefix("sqlite:").unwrap());
    let note = path.with_file_name("essai.db.a-verifier");
    let root = Root::of_traces(&app, &path).await;
    root.damage();
    let page = browser.open("/mot-de-passe").await;
    assert_eq!(page.status, 503, "{}", page.text());
    page.must_say("Service suspendu");
    assert!(note.exists(), "the next start does not know");
    // Though it could be written again, as somebody else shows, it is not tried again.
    root.mend();
    Owner::of(&app).await.run("UPDATE organism SET name = name || ' '").await.unwrap();
    app.app.kit().ledger.look().await;
    assert_eq!(app.browser().open("/pret").await.status, 503);
    app.app.db().close().await;

    let reopen =
        async || Db::open(&app.database.url, 2, Patience::Page, app.app.db().recorder().clone()).await;
    root.damage();
    match reopen().await {
        Err(OpenError::Damaged(_) | OpenError::Db(DbError::Damaged(_))) => assert!(note.exists()),
        other => panic!("{other:?}"),
    }
    root.mend();
    let db = reopen().await.unwrap();
    assert!(!note.exists(), "it was checked");
    assert_eq!(traces::check(&db).await.unwrap().1, []);
}
