//! Loading files from a file that nobody here wrote: good lines become visible in one act, a bad line stops all.

use std::io::Cursor;

use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::file_key::FileKey;
use compte_partenaire::domain::files::{File, write_line};
use compte_partenaire::features::files;
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
    import_for(app, "591", text).await
}

async fn import_for(app: &TestApp, organism: &str, text: &str) -> Result<String, String> {
    let content = || Cursor::new(text.as_bytes().to_vec());
    import_files(&store(app), organism, content(), content(), &mut Vec::new()).await
}

fn families(seed: u64, count: u32) -> Vec<File> {
    fictitious::files(seed, count, &"59".parse().unwrap(), date!(2026 - 11 - 20)).collect()
}

fn lines(seed: u64, count: u32) -> String {
    families(seed, count).iter().map(|file| write_line(file) + "\n").collect()
}

async fn written(app: &TestApp) -> i64 {
    let all: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM beneficiary_file").await;
    all[0].0
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
        assert_eq!(written(app).await, 260);
    }

    /// A load is seen in one act: until then what was in service answers, and still does if the load never ends.
    async fn a_load_shows_nothing_before_its_end(app) {
        let (organism, _) = app.found_caf().await;
        import(app, &lines(1, 300)).await.unwrap();
        let (before, after) = (families(1, 300), families(2, 600));
        let old = before.iter().find(|old| after.iter().all(|new| new.number != old.number)).unwrap().number;
        let old = FileKey::Number(old);
        let new = after.iter().find(|new| before.iter().all(|old| old.number != new.number)).unwrap().number;
        let new = FileKey::Number(new);
        let answers = async || {
            let (old, new) = (app.app.files().find(organism, &old).await, app.app.files().find(organism, &new).await);
            (old.unwrap().is_some(), new.unwrap().is_some())
        };
        let (give, take) = tokio::sync::mpsc::channel(1_000);
        let node = app.app.clone();
        let loading = tokio::spawn(async move { files::load(&node, organism, take, |_| {}).await.is_ok() });
        for family in after {
            give.send(family).await.unwrap();
        }
        while written(app).await == 300 {
            tokio::task::yield_now().await;
        }
        assert_eq!(answers().await, (true, false));
        loading.abort();
        assert!(loading.await.unwrap_err().is_cancelled());
        assert_eq!(answers().await, (true, false));
        import(app, &lines(3, 260)).await.unwrap();
        assert_eq!(written(app).await, 260, "what was left behind is erased by the next load");
    }

    /// One organism's load neither shows nor hides a file of another.
    async fn a_load_is_of_one_organism(app) {
        let (first, _) = app.found_caf().await;
        let (second, _) = app.found("621", "Caf des Sept-Vallées", "62").await;
        import_for(app, "591", &lines(1, 20)).await.unwrap();
        import_for(app, "621", &lines(2, 30)).await.unwrap();
        import_for(app, "591", &lines(3, 10)).await.unwrap();
        assert_eq!((live(app).await.len(), written(app).await), (40, 40));
        let key = |seed, count| FileKey::Number(families(seed, count)[0].number);
        let (ours, theirs) = (key(3, 10), key(2, 30));
        let has = async |organism, number| app.app.files().find(organism, number).await.unwrap().is_some();
        assert!(has(first, &ours).await && has(second, &theirs).await);
        assert!(!has(second, &ours).await && !has(first, &theirs).await);
    }

    /// A load that ends erases nothing of a load under way at another organism.
    async fn two_loads_go_side_by_side(app) {
        app.found_caf().await;
        let (second, _) = app.found("621", "Caf des Sept-Vallées", "62").await;
        let (give, take) = tokio::sync::mpsc::channel(1_000);
        let node = app.app.clone();
        let loading = tokio::spawn(async move { files::load(&node, second, take, |_| {}).await.is_ok() });
        let theirs = families(2, 300);
        for family in &theirs {
            give.send(family.clone()).await.unwrap();
        }
        while written(app).await == 0 {
            tokio::task::yield_now().await;
        }
        import(app, &lines(1, 20)).await.unwrap();
        drop(give);
        assert!(loading.await.unwrap());
        assert_eq!((live(app).await.len(), written(app).await), (320, 320));
    }
}
