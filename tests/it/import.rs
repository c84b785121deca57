//! Loading files from a file that nobody here wrote: good lines become visible in one act, a bad line stops all.

use std::io::Cursor;

use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::files::write_line;
use compte_partenaire::operate::import_files;
use compte_partenaire::serve::Store;
use time::macros::date;

use crate::stories;
use crate::support::TestApp;

fn store(app: &TestApp) -> Store {
    let kit = app.app.kit();
    Store {
        db: kit.db.clone(),
        keys: kit.keys.clone(),
        clock: kit.clock.clone(),
        entropy: kit.entropy.clone(),
    }
}

async fn import(app: &TestApp, text: &str) -> Result<String, String> {
    let content = || Cursor::new(text.as_bytes().to_vec());
    import_files(&store(app), "591", content(), content(), &mut Vec::new()).await
}

fn lines(seed: u64, count: u32) -> String {
    let within = "59".parse().unwrap();
    let files = fictitious::files(seed, count, &within, date!(2026 - 11 - 20));
    files.map(|file| write_line(&file) + "\n").collect()
}

async fn live(app: &TestApp) -> Vec<(String,)> {
    app.rows(
        "SELECT f.number FROM beneficiary_file f JOIN file_load l ON l.id = f.load_id WHERE l.state = 'live' \
         ORDER BY f.number",
    )
    .await
}

stories! {
    /// A damaged file is refused line by line, and what was in service stays.
    async fn a_bad_line_changes_nothing(app) {
        app.found_caf().await;
        import(app, &lines(1, 700)).await.unwrap();
        let before = live(app).await;
        assert_eq!(before.len(), 700);
        let twice = lines(2, 1);
        let damaged = format!("{}{{\"numero_allocataire\": 12}}\npas du json\n\n{twice}{twice}", lines(3, 400));
        let told = import(app, &damaged).await.unwrap_err();
        assert!(told.contains("ligne 401 : ") && told.contains("ligne 402 : json_illisible"), "{told}");
        assert!(told.contains("ligne 405 : numero_allocataire : doublon"), "{told}");
        assert_eq!(live(app).await, before);
        assert_eq!(app.bodies("files.loaded").await.len(), 1);
    }

    /// A NIR leads to one RSA file: two lines of one number are refused, and only RSA files are found by theirs.
    async fn a_number_leads_to_one_rsa_file(app) {
        app.found_caf().await;
        let within = "59".parse().unwrap();
        let files: Vec<_> = fictitious::files(5, 400, &within, date!(2026 - 11 - 20)).collect();
        let rsa = files.iter().find(|file| file.rsa.is_some()).unwrap();
        let mut twin = rsa.clone();
        twin.number = "7654321".parse().unwrap();
        let told = import(app, &format!("{}\n{}\n", write_line(rsa), write_line(&twin))).await.unwrap_err();
        assert!(told.contains("ligne 2 : famille.personnes : doublon"), "{told}");
        let lines: String = files.iter().map(|file| write_line(file) + "\n").collect();
        import(app, &lines).await.unwrap();
        let expected: usize = files.iter().map(|file| file.rsa_numbers().len()).sum();
        let holders: Vec<(String,)> = app.rows("SELECT nir FROM file_holder").await;
        assert!(expected > 20);
        assert_eq!(holders.len(), expected);
    }

    /// A new version takes the place of the old one, of which nothing is left.
    async fn a_new_version_takes_the_place_of_the_old_one(app) {
        app.found_caf().await;
        import(app, &lines(1, 300)).await.unwrap();
        import(app, &lines(2, 260)).await.unwrap();
        assert_eq!(live(app).await.len(), 260);
        let all: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM beneficiary_file").await;
        assert_eq!(all[0].0, 260);
    }
}
