//! Letters: each leaves once, whichever node looks first.

use std::collections::BTreeSet;

use compte_partenaire::jobs::mail::send_due;

use crate::stories;

stories! {
    /// Two nodes look at the outbox at the same moment: nobody is written to twice, since the second secret would
    /// make the first one useless.
    async fn two_nodes_send_each_letter_once(app) {
        for code in ["591", "621", "751", "601", "021", "801"] {
            app.found(code, &format!("Caf d’essai {code}"), "59").await;
        }
        let node = app.second_node().await;
        let (here, there) = tokio::join!(send_due(&app.app), send_due(&node.app));
        assert_eq!(here.unwrap() + there.unwrap(), 6);
        let letters: Vec<String> = [app, &node]
            .iter()
            .flat_map(|node| node.app.mailer().sent())
            .map(|letter| letter.to.address)
            .collect();
        assert_eq!(letters.iter().collect::<BTreeSet<_>>().len(), 6);
        assert_eq!(letters.len(), 6, "{letters:?}");
        let facts = app.facts().await;
        for fact in ["secret.issued", "mail.sent"] {
            assert_eq!(facts.iter().filter(|traced| *traced == fact).count(), 6, "{fact}");
        }
    }
}
