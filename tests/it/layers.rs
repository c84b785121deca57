//! What surrounds every handler, around handlers that no page has: one that never ends, one that breaks.

use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use compte_partenaire::web::layers;

use crate::support::{Backend, Browser, TestApp};

async fn never() -> &'static str {
    tokio::time::sleep(Duration::from_secs(60)).await;
    "la réponse d’après"
}

async fn breaks() -> &'static str {
    panic!("la cause, qui ne se dit pas")
}

fn around(app: &TestApp) -> Browser {
    let router = Router::new().route("/lent", get(never)).route("/casse", get(breaks));
    Browser::new(layers::around(router, app.app.kit()), app.received.clone())
}

/// Ten seconds, then the page says so and when to come back: a request that hangs holds nothing for ever.
#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let app = TestApp::on(Backend::Sqlite).await;
    let mut browser = around(&app);
    let start = Instant::now();
    let page = browser.open("/lent").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
    assert!(page.headers.contains_key("retry-after"));
    page.must_say("a trop tardé").must_not_say("la réponse d’après");
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// A fault of ours gives its number and never its cause, and the next request is answered.
#[tokio::test]
async fn a_handler_that_breaks_gives_a_number_and_no_cause() {
    let app = TestApp::on(Backend::Sqlite).await;
    let mut browser = around(&app);
    for _ in 0..2 {
        let page = browser.open("/casse").await;
        assert_eq!(page.status, StatusCode::INTERNAL_SERVER_ERROR);
        page.must_say(page.headers["x-request-id"].to_str().unwrap()).must_not_say("la cause");
    }
}
