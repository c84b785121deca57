//! Figures for who watches: on a door of their own, and nothing of anybody in them.

use axum::http::Method;
use http_body_util::BodyExt as _;

use crate::stories;
use crate::support::{Server, open_session};

pub async fn told(address: &str) -> String {
    let client = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
        .build_http::<axum::body::Body>();
    let answer = client.get(format!("http://{address}/metrics").parse().unwrap()).await.unwrap();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(body.to_vec()).unwrap()
}

stories! {
    async fn figures_are_told_on_their_own_door(app) {
        let (_, identifier) = app.found_caf().await;
        app.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await;
        let accounts: Vec<(compte_partenaire::domain::id::AccountId,)> = app.rows("SELECT id FROM account").await;
        let session = open_session(app, accounts[0].0).await;
        let server = Server::start(app).await;
        for _ in 0..3 {
            assert_eq!(server.ask(Method::GET, "/mot-de-passe", &session, None).await.unwrap().status, 200);
        }
        assert_eq!(server.ask(Method::GET, "/metrics", "", None).await.unwrap().status, 404);
        let told = told(&server.figures).await;
        for line in [
            "compte_partenaire_requests_total{route=\"/mot-de-passe\",method=\"GET\",status=\"200\"} 3",
            "compte_partenaire_traces_total{fact=\"page.read\"} 3",
            "compte_partenaire_suspended 0",
            "compte_partenaire_database_answers 1",
            "compte_partenaire_outbox_mails{state=\"waiting\"} 0",
            "compte_partenaire_outbox_mails{state=\"failed\"} 0",
            "compte_partenaire_sink_failing 0",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}\n{told}");
        }
        assert!(told.contains("compte_partenaire_pool_connections{pool=\"read\",state=\"busy\"} "), "{told}");
        assert!(told.contains("compte_partenaire_log_beat_age_seconds "), "{told}");
        assert!(told.contains("compte_partenaire_ledger_commit_seconds_count 3"), "{told}");
        // A figure may hold the digits of the organism's code; its labels may not.
        for private in [identifier.as_str(), "Odile", "Marchepont", "caf.example", "\"591", "127.0.0.1"] {
            assert!(!told.contains(private), "{private}\n{told}");
        }
    }
}
