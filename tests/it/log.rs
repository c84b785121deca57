//! The operator's log, of a process that works: it names nobody, and gives nothing away that opens a door.

use std::time::Duration;

use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::files::{File, write_line};
use time::macros::date;

use crate::stories;
use crate::support::cast::{cast, content_of};
use crate::support::owner::Owner;
use crate::support::world::COMMUNE;
use crate::support::{Browser, PASSWORD, Server, TestApp, operated};

/// The operator loads a file, which the agents of the first partner may read.
fn a_file_is_loaded(app: &TestApp) -> File {
    let file = fictitious::files(5, 1, &COMMUNE.parse().unwrap(), date!(2026 - 11 - 20)).next().unwrap();
    let lines = app.database.folder.path().join("dossiers.ndjson");
    std::fs::write(&lines, write_line(&file) + "\n").unwrap();
    let words = ["import", "files", lines.to_str().unwrap(), "--organism", "591"];
    let done = operated(app, env!("CARGO_BIN_EXE_compte-partenaire")).args(words).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    file
}

/// The one-time secret of the first letter that the process leaves in its folder.
async fn secret_in_the_folder(app: &TestApp) -> String {
    let folder = app.database.folder.path().join("mail");
    for _ in 0..150 {
        let letters = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        for letter in letters.filter(|letter| letter.path().extension().is_some_and(|kind| kind == "eml")) {
            let text = std::fs::read_to_string(letter.path()).unwrap();
            let secret = text
                .lines()
                .map(str::trim)
                .find(|line| line.len() == 24 && line.split(' ').all(|group| group.len() == 4));
            if let Some(secret) = secret {
                return secret.to_owned();
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no letter left");
}

stories! {
    /// People sign in, fail to, search and consult; a code leaves by mail. Nothing of that stands in the log, and no
    /// secret in any row.
    async fn the_log_names_nobody_and_no_row_keeps_a_secret(app) {
        let [organism, _] = cast(app).await;
        let [partner, _] = &organism.partners;
        let family = a_file_is_loaded(app);
        let server = Server::start(app).await;
        let sit_down = || Browser::new(server.line().router(), app.received.clone());

        let mut agent = sit_down();
        agent.sign_in(&partner.user.identifier, "une devinette").await.must_say("n’a pas abouti");
        agent.sign_in(&partner.user.identifier, PASSWORD).await.must_not_say("n’a pas abouti");
        agent.open("/consultation").await;
        let form = agent.form("/consultation").fill("numero", &family.number.to_string());
        let mission = form.offers("mission").pop().unwrap();
        form.fill("mission", &mission).send(&mut agent).await;
        agent.page().must_say("Quotient familial");
        let content = content_of(&family);

        let mut principal = sit_down();
        principal.sign_in(&partner.principal.identifier, PASSWORD).await.must_not_say("n’a pas abouti");
        let users = format!("/partenaires/{}/utilisateurs", partner.id);
        principal.open(&format!("{users}?q=vauquelin")).await.must_say("Vauquelin");
        principal.open(&format!("{users}/{}/code", partner.colleague.id)).await;
        principal.form("/code").send(&mut principal).await;
        principal.page().must_say("un nouveau code va partir");
        let secret = secret_in_the_folder(app).await;

        let log = server.said();
        assert!(log.lines().filter(|line| line.contains("\"answered\"")).count() > 10, "{log}");
        let session = agent.cookie("__Host-session").unwrap();
        let token = principal.form("/deconnexion").value("jeton").unwrap().to_owned();
        let bare: String = secret.split(' ').collect();
        for told in [
            PASSWORD, "une devinette", &family.number.to_string(), "auquelin", "Camille", "@commune.example", &partner.user.identifier,
            &partner.colleague.identifier, &partner.user.id.to_string(), &organism.id.to_string(), session, &token,
            &secret, &bare,
        ].into_iter().chain(content.iter().map(String::as_str)) {
            assert!(!log.contains(told), "«{told}» stands in the log");
        }
        let mut owner = Owner::of(app).await;
        for table in owner.tables().await {
            for row in owner.rows(&table, "1 = 1").await {
                for kept in [PASSWORD, "une devinette", &secret, &bare, session, &token] {
                    assert!(!row.contains(kept), "«{kept}» stands in {table}");
                }
                for kept in content.iter().filter(|_| table == "trace") {
                    assert!(!row.contains(kept.as_str()), "«{kept}» stands in {row}");
                }
            }
        }
    }
}
