//! The demonstration as a process: on this machine only, in a folder of its own, on no database but its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::support::received::left_elsewhere;
use crate::support::{Backend, TestApp};

/// A demonstration that runs, until the test is over.
struct Running {
    child: Child,
    said: Vec<String>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs it until it serves; what it says when it refuses to.
fn demo(folder: &Path) -> Result<Running, String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_compte-partenaire"))
        .args(["demo", "--port", "0", "--folder"])
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        said.push(line.unwrap());
        if said.last().unwrap().starts_with("Ctrl+C") {
            return Ok(Running { child, said });
        }
    }
    let mut why = String::new();
    child.stderr.take().unwrap().read_to_string(&mut why).unwrap();
    assert!(!child.wait().unwrap().success(), "{said:#?}");
    Err(why)
}

/// A page of it, as it comes.
fn asked(port: u16, path: &str) -> String {
    let mut line = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(line, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).unwrap();
    answer
}

/// Its people are invented, its passwords are on the screen: nobody else on the network may come.
#[tokio::test]
async fn the_demonstration_listens_on_this_machine_only() {
    let folder = tempfile::tempdir().unwrap();
    let running = demo(folder.path()).unwrap_or_else(|why| panic!("{why}"));
    let told = running.said.iter().find_map(|line| line.split_once("http://")).expect("an address").1;
    let port: u16 = told.strip_prefix("127.0.0.1:").expect("the loopback").trim().parse().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    // The whole of 127/8 is this machine: another of its addresses answers only if every address does.
    assert!(TcpStream::connect(("127.0.0.2", port)).is_err(), "it listens elsewhere");
    let page = asked(port, "/");
    assert!(
        page.contains("200 OK") && page.contains("class=\"demonstration\""),
        "the page does not say what it is: {page}"
    );
    drop(running);
    let file = SqliteConnectOptions::new().filename(folder.path().join("demo.db")).read_only(true);
    let mut database = file.connect().await.unwrap();
    let facts: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT fact FROM trace").fetch_all(&mut database).await.unwrap();
    database.close().await.unwrap();
    assert!(facts.contains(&"rows.invented".to_owned()), "it does not say that its statistics are invented");
    left_elsewhere(facts);
    let again = demo(folder.path()).unwrap_or_else(|why| panic!("{why}"));
    assert!(again.said.iter().any(|line| line.contains("http://127.0.0.1:")));
}

/// A folder that holds anything else is left as it is.
#[test]
fn the_demonstration_takes_no_folder_of_others() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "à garder").unwrap();
    let why = demo(folder.path()).err().expect("it must refuse");
    assert!(why.contains("n’est pas un dossier de démonstration"), "{why}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "something was left there");
}

/// A database of real people under the name of its own is refused before a password is changed in it.
#[tokio::test]
async fn the_demonstration_opens_no_database_but_its_own() {
    let app = TestApp::on(Backend::Sqlite).await;
    app.found_caf().await;
    let folder = tempfile::tempdir().unwrap();
    app.app.db().close().await;
    let file = app.database.url.strip_prefix("sqlite:").unwrap();
    std::fs::copy(file, folder.path().join("demo.db")).unwrap();
    let keys = folder.path().join("cles");
    std::fs::create_dir(&keys).unwrap();
    std::fs::write(keys.join("1.key"), "07".repeat(32)).unwrap();
    let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(keys.join("1.key"), owner_only).unwrap();
    let why = demo(folder.path()).err().expect("it must refuse");
    assert!(why.contains("n’est pas un dossier de démonstration"), "{why}");
}
