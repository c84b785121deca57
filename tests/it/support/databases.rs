//! A database a test: a copy of a file, or of a template, migrated once.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use compte_partenaire::db::Recorder;
use compte_partenaire::db::migrate::migrate;
use sqlx::{Connection as _, Executor as _, PgConnection};
use tokio::sync::OnceCell;

/// Which engine a test runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A fresh, migrated database.
pub struct Fresh {
    /// What the application is given.
    pub url: String,
    /// What the owner is given: it may do what the application may not.
    pub owner_url: String,
    /// Kept until the test ends.
    pub folder: tempfile::TempDir,
}

static SQLITE: OnceCell<PathBuf> = OnceCell::const_new();
static POSTGRES: OnceCell<()> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

const ROLE: &str = "cp_it_application";

fn template_name() -> String {
    format!("cp_it_template_{}", std::process::id())
}

/// Where the server of the tests is. A missing engine is a failure, never a skipped test.
pub fn server() -> String {
    std::env::var("CP_TEST_POSTGRES")
        .expect("CP_TEST_POSTGRES names the PostgreSQL server of the tests: run tests/run, or tests/postgres cargo test")
}

/// The server's URL for another database, as its owner or as the application's role.
fn url_of(database: &str, application: bool) -> String {
    let server = server();
    let (scheme, rest) = server.split_once("://").unwrap();
    let (authority, rest) = rest.split_once('/').unwrap();
    let query = rest.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let authority = if application { format!("{ROLE}:{ROLE}@{host}") } else { authority.to_owned() };
    format!("{scheme}://{authority}/{database}{query}")
}

pub async fn fresh(backend: Backend, recorder: &Recorder) -> Fresh {
    let folder = tempfile::tempdir().unwrap();
    match backend {
        Backend::Sqlite => {
            let template = SQLITE.get_or_init(|| sqlite_template(recorder)).await;
            let file = folder.path().join("essai.db");
            std::fs::copy(template, &file).unwrap();
            let url = format!("sqlite:{}", file.display());
            Fresh { owner_url: url.clone(), url, folder }
        }
        Backend::Postgres => {
            POSTGRES.get_or_init(|| postgres_template(recorder)).await;
            let name = format!("cp_it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
            let mut server = PgConnection::connect(&server()).await.unwrap();
            let create = format!("CREATE DATABASE {name} TEMPLATE {}", template_name());
            server.execute(sqlx::AssertSqlSafe(create)).await.unwrap();
            server.close().await.unwrap();
            Fresh { url: url_of(&name, true), owner_url: url_of(&name, false), folder }
        }
    }
}

async fn sqlite_template(recorder: &Recorder) -> PathBuf {
    // Left to the operating system: it is one small file for the whole run.
    let folder = tempfile::tempdir().unwrap().keep();
    let file = folder.join("modele.db");
    migrate(&format!("sqlite:{}", file.display()), recorder.clone()).await.unwrap();
    fold_journal(&file).await;
    file
}

/// Brings what the journal holds into the file, which is then whole by itself.
async fn fold_journal(file: &Path) {
    let url = format!("sqlite:{}", file.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    connection.close().await.unwrap();
}

async fn postgres_template(recorder: &Recorder) {
    let mut server = PgConnection::connect(&server()).await.unwrap();
    let name = template_name();
    server.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    migrate(&url_of(&name, false), recorder.clone()).await.unwrap();
    let login = format!(
        "DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}' IN ROLE compte_partenaire_application; \
         EXCEPTION WHEN duplicate_object THEN NULL; END $$"
    );
    server.execute(sqlx::AssertSqlSafe(login)).await.unwrap();
    server.close().await.unwrap();
}
