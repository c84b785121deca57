//! The database is lost, then found again: nothing is shown meanwhile, and service returns by itself.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};

use crate::stories;
use crate::support::{Backend, Browser, TestApp, server_url};

/// A database that cannot be written any more, until it is given back.
enum Lost {
    /// Somebody else holds the file.
    Sqlite(SqliteConnection),
    /// Nobody may connect.
    Postgres(PgConnection, String),
}

impl Lost {
    async fn take(app: &TestApp) -> Self {
        match app.backend {
            Backend::Sqlite => {
                let mut holder = SqliteConnection::connect(&app.database.owner_url).await.unwrap();
                holder.execute("BEGIN IMMEDIATE").await.unwrap();
                Self::Sqlite(holder)
            }
            Backend::Postgres => {
                let name = app.database.url.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
                let mut server = PgConnection::connect(&server_url()).await.unwrap();
                let close = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
                server.execute(sqlx::AssertSqlSafe(close)).await.unwrap();
                let end = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
                );
                server.execute(sqlx::AssertSqlSafe(end)).await.unwrap();
                Self::Postgres(server, name)
            }
        }
    }

    async fn give_back(self) {
        match self {
            Self::Sqlite(mut holder) => {
                holder.execute("ROLLBACK").await.unwrap();
                holder.close().await.unwrap();
            }
            Self::Postgres(mut server, name) => {
                let open = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
                server.execute(sqlx::AssertSqlSafe(open)).await.unwrap();
                server.close().await.unwrap();
            }
        }
    }
}

/// The ledger tries each second of the machine: it is asked, never slept for longer than it needs.
async fn wait_until_ready(browser: &mut Browser) {
    for _ in 0..100 {
        if browser.open("/pret").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the service did not return by itself");
}

stories! {
    async fn nothing_is_shown_while_the_database_is_lost(app) {
        let (_, mut browser) = app.administrator().await;
        let lost = Lost::take(app).await;
        assert_eq!(browser.open("/aide").await.status, 200, "help answers whoever is signed in");
        let page = browser.open("/mot-de-passe").await.clone();
        assert_eq!(page.status, 503, "{}", page.text());
        page.must_say("Service suspendu").must_not_say("Nouveau mot de passe");
        assert!(page.headers.contains_key("retry-after"));
        let mut stranger = app.browser();
        assert_eq!(stranger.open("/").await.status, 200, "the sign-in page answers without the database");
        assert_eq!(stranger.open("/sante").await.status, 200);
        assert_eq!(stranger.open("/aide").await.status, 200);
        stranger.sign_in("591-ABCDEF", "peu importe").await;
        assert_eq!(stranger.page().status, 503, "signing in is refused like the rest");
        lost.give_back().await;
        wait_until_ready(&mut stranger).await;
        assert_eq!(browser.open("/mot-de-passe").await.status, 200);
    }
}
