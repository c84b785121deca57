//! A session asks no faster than anybody reads: beyond, it waits, and the log counts what it was refused.

use compte_partenaire::domain::budget::Flow;
use compte_partenaire::jobs;
use time::Duration;

use crate::stories;

stories! {
    async fn a_session_that_asks_too_fast_waits(app) {
        let (_, identifier) = app.found_caf().await;
        app.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await;
        let few = app.node(Flow::a_minute(60)).await;
        let mut hurried = few.browser();
        hurried.sign_in(&identifier, crate::support::PASSWORD).await;
        let mut refused = 0;
        for _ in 0..80 {
            if hurried.open("/mot-de-passe").await.status == 429 {
                refused += 1;
            }
        }
        assert!((15..=25).contains(&refused), "{refused}");
        hurried.page().must_say("Trop d’essais à la suite").must_say("plus vite qu’une personne ne peut les lire");
        assert_eq!(hurried.page().headers["retry-after"], "1");
        assert_eq!(hurried.open("/aide").await.status, 200, "what needs no session is not counted");
        // The neighbour is another session.
        let mut calm = few.browser();
        calm.sign_in(&identifier, crate::support::PASSWORD).await;
        assert_eq!(calm.open("/mot-de-passe").await.status, 200);
        app.clock.advance(Duration::seconds(61));
        assert_eq!(hurried.open("/mot-de-passe").await.status, 200, "it is heard again");
        jobs::report_refused(&few.app).await;
        let told: u64 = app.bodies("requests.throttled").await.iter()
            .map(|body| body["object"]["count"].as_u64().unwrap())
            .sum();
        assert_eq!(told, refused, "every refusal is told, the first at once and the others together");
        assert_eq!(app.bodies("requests.throttled").await.len(), 2);
    }
}
