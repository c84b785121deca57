//! Figures for who watches: on a door of their own, and nothing of anybody in them.

use axum::http::Method;
use compte_partenaire::domain::id::{MailId, RowId as _};
use compte_partenaire::metrics::Mails;
use http_body_util::BodyExt as _;

use crate::stories;
use crate::support::cast::cast;
use crate::support::owner::Owner;
use crate::support::{Backend, Server, open_session};

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
            "compte_partenaire_statement_mails{state=\"waiting\"} 0",
            "compte_partenaire_statement_mails{state=\"failed\"} 0",
            "compte_partenaire_trace_request_mails{state=\"waiting\"} 0",
            "compte_partenaire_trace_request_mails{state=\"failed\"} 0",
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

    /// Mails that wait or were given up, each kind apart: a code that nobody gets locks somebody out, a statement does
    /// not. One that was followed by another to the same person is nobody's care any more.
    async fn mails_of_each_kind_are_counted_apart(app) {
        let [organism, _] = cast(app).await;
        let partner = &organism.partners[0];
        let mut owner = Owner::of(app).await;
        let now = match app.backend {
            Backend::Sqlite => "1795000000000000",
            Backend::Postgres => "'2026-11-18 08:00:00Z'",
        };
        let before = app.app.db().stored().await.unwrap();
        let ids = |owner: &Owner, count: u128| -> Vec<String> {
            (0..count).map(|id| owner.id(MailId::from_uuid(uuid::Uuid::from_u128(0xFACE + id)))).collect()
        };
        let (home, request) = (owner.id(organism.id), owner.id(partner.trace_request));
        let [one, two] = [&partner.principal, &partner.user].map(|person| owner.id(person.id));
        let made = ids(&owner, 9);
        for (id, account, month, state) in [
            (&made[0], &one, "2026-08-01", "failed"),
            (&made[1], &one, "2026-09-01", "waiting"),
            (&made[2], &two, "2026-09-01", "failed"),
            (&made[3], &two, "2026-08-01", "failed"),
        ] {
            owner
                .run(&format!(
                    "INSERT INTO statement (id, organism_id, account_id, month, state, attempts, not_before, made_at) \
                     VALUES ({id}, {home}, {account}, '{month}', '{state}', 9, {now}, {now})"
                ))
                .await
                .unwrap();
        }
        // The request is closed: that it waited for somebody is nobody's loss any more.
        for (id, account, kind, state) in [
            (&made[4], &one, "closed", "failed"),
            (&made[5], &two, "closed", "waiting"),
            (&made[6], &two, "closed", "waiting"),
            (&made[7], &one, "closed", "sent"),
            (&made[8], &two, "waits", "failed"),
        ] {
            owner
                .run(&format!(
                    "INSERT INTO trace_request_notice (id, organism_id, request_id, account_id, kind, state, attempts, \
                     not_before, created_at) VALUES ({id}, {home}, {request}, {account}, '{kind}', '{state}', 9, {now}, {now})"
                ))
                .await
                .unwrap();
        }
        let told = app.app.db().stored().await.unwrap();
        assert_eq!(told.outbox, before.outbox);
        let more = |then: Mails, now: Mails| (now.waiting - then.waiting, now.failed - then.failed);
        assert_eq!(more(before.statements, told.statements), (1, 1), "the later of two that failed, to one who got none since");
        assert_eq!(more(before.notices, told.notices), (2, 1));
    }
}
