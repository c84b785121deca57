//! The statement of a month: one mail to each principal and auditor, whoever restarts, with figures of nobody and a
//! checkpoint that compares.

use compte_partenaire::db::seal::Agreement;
use compte_partenaire::jobs::statements::make_and_send;
use compte_partenaire::jobs::statistics::count;
use compte_partenaire::mail::{Letter, MailError};
use compte_partenaire::seal::checkpoint::{Checkpoint, every_public_key};
use time::Duration;

use crate::stories;
use crate::support::TestApp;
use crate::support::cast::cast;
use crate::support::log::sign;
use crate::support::owner::Owner;

/// From a Monday morning of November to the first night of December, in Paris.
const TO_DECEMBER: Duration = Duration::hours(7 * 24 + 16);

async fn issued(app: &TestApp) -> usize {
    app.bodies("mail.statement").await.len()
}

async fn addressees(app: &TestApp) -> usize {
    app.rows::<(String,)>("SELECT mail FROM account WHERE office IN ('principal', 'organism_auditor')")
        .await
        .len()
}

async fn mail_of(app: &TestApp, account: compte_partenaire::domain::id::AccountId) -> String {
    let rows: Vec<(compte_partenaire::domain::id::AccountId, String)> =
        app.rows("SELECT id, mail FROM account").await;
    rows.into_iter().find(|(id, _)| *id == account).unwrap().1
}

/// What is to be pasted: from the name of the log to the last signature.
fn note(letter: &Letter) -> String {
    let (_, rest) = letter.text.split_once("\n\ncompte-partenaire/").unwrap();
    let lines: Vec<&str> = rest.lines().collect();
    let last = lines.iter().rposition(|line| line.starts_with("— ")).unwrap();
    format!("compte-partenaire/{}\n", lines[..=last].join("\n"))
}

stories! {
    /// On the first of the month and not before; by whichever node; once.
    async fn each_month_has_one_mail_for_each(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        for person in [&home.user, &home.principal, &home.deputy, &neighbour.user] {
            person.sits_down(app).await;
        }
        app.browser().sign_in(&home.user.identifier, "pas le bon mot de passe").await;
        sign(app.app.db()).await;
        app.clock.advance(TO_DECEMBER - Duration::hours(24));
        count(&app.app).await.unwrap();
        assert_eq!(make_and_send(&app.app).await.unwrap(), 0, "November is not over");
        app.clock.advance(Duration::hours(24));
        assert_eq!(make_and_send(&app.app).await.unwrap(), 0, "its last day is not counted");
        count(&app.app).await.unwrap();
        // A server that is away first: nobody has anything, and nothing is lost.
        app.app.mailer().refuse(Some(MailError::NotNow { cause: "connection".to_owned() }));
        assert_eq!(make_and_send(&app.app).await.unwrap(), 0);
        app.app.mailer().refuse(None);
        app.clock.advance(Duration::minutes(2));

        let other = app.second_node().await;
        let (here, there) = tokio::join!(make_and_send(&app.app), make_and_send(&other.app));
        let expected = addressees(app).await;
        assert_eq!(usize::try_from(here.unwrap() + there.unwrap()).unwrap(), expected);
        let letters = [app.app.mailer().sent(), other.app.mailer().sent()].concat();
        assert_eq!(letters.len(), expected);
        assert_eq!(issued(app).await, expected + 1, "and the attempt that failed");
        for day in 0..9 {
            app.clock.advance(Duration::days(i64::from(day > 0)));
            assert_eq!(make_and_send(&app.app).await.unwrap(), 0);
        }
        assert_eq!(issued(app).await, expected + 1);

        // What it says to a principal, and does not say where one person signed in.
        let to = |mail: &str| letters.iter().find(|letter| letter.to.address == mail).unwrap().clone();
        let plain = |letter: &Letter| letter.text.replace(['\u{a0}', '\u{202f}'], " ");
        let ours_of_november = to(&mail_of(app, home.principal.id).await);
        let text = plain(&ours_of_november);
        assert!(text.contains("le relevé de novembre 2026 pour"), "{text}");
        assert!(text.contains("Connexions : 3\nConnexions refusées : non montré\n"), "those of one person: {text}");
        assert!(!text.contains(&home.user.identifier));
        let theirs = plain(&to(&mail_of(app, neighbour.principal.id).await));
        assert!(theirs.contains("Connexions : non montré\nConnexions refusées : non montré\n"), "{theirs}");
        let of_all = plain(&to(&mail_of(app, ours.auditor.id).await));
        assert!(of_all.contains("Connexions : 4\n"), "{of_all}");

        // Its checkpoint is signed, and the log still begins by it; the page says so of what is pasted.
        let note = note(&ours_of_november);
        let trusted = every_public_key(&app.app.kit().keys, 1);
        let checkpoint = Checkpoint::open(&note, &trusted).unwrap();
        assert_eq!(app.app.db().compare(&checkpoint).await.unwrap(), Agreement::Holds);
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/empreinte").await;
        let query = serde_html_form::to_string([("empreinte", note.as_str())]).unwrap();
        principal.open(&format!("/empreinte?{query}")).await.must_say("Le journal n’a pas changé");

        // The portal shows it again, to the letter, to whom it was sent and to nobody else.
        principal.open("/statistiques").await;
        principal.follow("Mes relevés mensuels").await;
        let shown = principal.page().text();
        for line in plain(&ours_of_november).lines().map(str::trim).filter(|line| !line.is_empty()) {
            assert!(shown.replace(['\u{a0}', '\u{202f}'], " ").contains(line), "{line}: {shown}");
        }
        let told = app.bodies("page.read").await.pop().unwrap();
        assert_eq!((&told["object"]["route"], &told["object"]["subject"]), (&"/statistiques/releves".into(), &"2026-11".into()));
        principal.follow("Comparer cette empreinte au journal").await.must_say("Le journal n’a pas changé");
        let mut stranger = neighbour.principal.sits_down(app).await;
        stranger.open("/statistiques/releves?mois=2026-11").await.must_say("novembre 2026").must_not_say("Connexions : 3");
        let mut deputy = home.deputy.sits_down(app).await;
        deputy.open("/statistiques").await.must_not_say("Mes relevés mensuels");
        deputy.open("/statistiques/releves?mois=2026-11").await.must_say("Aucun relevé");
        // What is counted again later changes nothing of it.
        Owner::of(app).await.run("UPDATE use_count SET done = done + 100").await.unwrap();
        assert_eq!(principal.open("/statistiques/releves").await.text(), shown);

        // The next month has another.
        app.clock.advance(Duration::days(23));
        count(&app.app).await.unwrap();
        assert_eq!(usize::try_from(make_and_send(&app.app).await.unwrap()).unwrap(), expected);
        assert!(plain(app.app.mailer().sent().last().unwrap()).contains("décembre 2026"));
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/statistiques/releves").await.must_say("Relevé de décembre 2026");
        principal.follow("novembre 2026").await.must_say("Relevé de novembre 2026").must_say("Connexions : 3");
    }
}
