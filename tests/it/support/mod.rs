//! What stories stand on: an application on each database, a browser that fills real forms, people to play.

mod app;
mod browser;
pub mod caisse;
pub mod cast;
mod databases;
pub mod forms;
mod golden;
pub mod log;
pub mod owner;
pub mod received;
mod server;
pub mod small;
pub mod sources;
pub mod syslog;
pub mod world;

pub use app::{PASSWORD, TestApp};
pub use browser::{Browser, Form, Page};
pub use databases::{Backend, server as server_url};
pub use golden::golden;
pub use server::{Server, open_session, operated};

/// Writes each story once and runs it on both databases; each run ends by checking what it left.
#[macro_export]
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident) $body:block)+) => {$(
        $(#[$doc])*
        async fn $name($app: &$crate::support::TestApp) $body

        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let app = $crate::support::TestApp::on($crate::support::Backend::Sqlite).await;
                super::$name(&app).await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let app = $crate::support::TestApp::on($crate::support::Backend::Postgres).await;
                super::$name(&app).await;
                app.finish().await;
            }
        }
    )+};
}
