//! Where the program must not serve, the process itself leaves before it answers anything, and says why.

use crate::stories;
use crate::support::owner::Owner;
use crate::support::{Backend, Server, TestApp};

stories! {
    /// The database knows its keys: traces signed with others would not be believed later.
    async fn with_other_keys_it_does_not_serve(app) {
        Server::start(app).await.kill();
        std::fs::write(app.database.folder.path().join("cles/1.key"), "08".repeat(32)).unwrap();
        let said = Server::refused(app).await;
        assert!(said.contains("key 1 is not the one of this database"), "{said}");
    }

    /// A schema of another version, older or newer.
    async fn on_another_schema_it_does_not_serve(app) {
        let mut owner = Owner::of(app).await;
        let newer = "UPDATE _sqlx_migrations SET version = version + 1000 WHERE version = (SELECT max(version) FROM _sqlx_migrations)";
        for act in [newer, "DELETE FROM _sqlx_migrations WHERE version > 1"] {
            owner.run(act).await.unwrap();
            let said = Server::refused(app).await;
            assert!(said.contains("the schema is at version"), "{said}");
        }
    }

    /// A database that would forget what it acknowledged.
    async fn on_a_forgetful_database_it_does_not_serve(app) {
        weaken(app).await;
        let said = Server::refused(app).await;
        assert!(said.contains("does not keep what it acknowledges"), "{said}");
    }
}

async fn weaken(app: &TestApp) {
    let mut owner = Owner::of(app).await;
    match app.backend {
        Backend::Sqlite => {
            for act in ["PRAGMA auto_vacuum = NONE", "VACUUM"] {
                owner.run(act).await.unwrap();
            }
        }
        Backend::Postgres => {
            let name = app.database.url.rsplit('/').next().unwrap().split('?').next().unwrap();
            owner.run(&format!("ALTER DATABASE {name} SET synchronous_commit = off")).await.unwrap();
        }
    }
}
