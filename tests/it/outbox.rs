//! Mail that does not leave: tried again later and later, then shown to whoever can do something about it.

use compte_partenaire::jobs::mail::send_due;
use compte_partenaire::mail::MailError;
use compte_partenaire::web::paths::{Dashboard, NewPrincipal, Partner, User};
use time::Duration;

use crate::support::world::{BRUMEVAL, create_user, name_principal, register_partner};
use crate::support::{Backend, TestApp};

fn away() -> MailError {
    MailError::NotNow { cause: "connection".to_owned() }
}

async fn failures(app: &TestApp) -> usize {
    app.facts().await.iter().filter(|fact| *fact == "mail.failed").count()
}

/// A server that is away: one mail a round is tried, at instants further and further apart; two days later it is left to
/// people, whose pages say so; a new code then leaves, and nothing is said any more.
async fn a_mail_that_does_not_leave_is_shown(backend: Backend) {
    let app = &TestApp::on(backend).await;
    let (_, mut administrator) = app.administrator().await;
    let partner = register_partner(&mut administrator, &BRUMEVAL).await;
    let (mut principal, _) = name_principal(app, &mut administrator, partner, &BRUMEVAL).await;
    let one = create_user(&mut principal, partner, &BRUMEVAL, "Ewen", "Marsilhe").await;
    create_user(&mut principal, partner, &BRUMEVAL, "Solenn", "Kerdraon").await;
    let sheet = User { partner, account: one.account }.to_string();
    app.app.mailer().refuse(Some(away()));
    assert_eq!(send_due(&app.app).await.unwrap(), 0);
    assert_eq!(failures(app).await, 1, "the next mail would meet the same silence");
    let codes: Vec<(Option<String>,)> =
        app.rows("SELECT secret_hash FROM account WHERE password_hash IS NULL").await;
    assert!(codes.iter().all(|(hash,)| hash.is_none()), "a code that did not leave opens nothing");
    principal.open(&sheet).await.must_say("Le code va partir");
    // The second person's mail, then nothing before a minute has passed.
    send_due(&app.app).await.unwrap();
    send_due(&app.app).await.unwrap();
    app.clock.advance(Duration::seconds(59));
    send_due(&app.app).await.unwrap();
    assert_eq!(failures(app).await, 2);
    let mut rounds = 0;
    while !app.rows::<(String,)>("SELECT state FROM outbox WHERE state = 'waiting'").await.is_empty() {
        app.clock.advance(Duration::minutes(10));
        send_due(&app.app).await.unwrap();
        rounds += 1;
        assert!(rounds < 1_000, "it is never given up");
    }
    assert!(rounds > 6 * 40, "it was given up after {rounds} rounds of ten minutes");
    assert_eq!(failures(app).await, 18, "nine attempts each");
    let mut principal = app.browser();
    let (identifier,): (String,) =
        app.rows("SELECT identifier FROM account WHERE office = 'principal'").await.remove(0);
    principal.sign_in(&identifier, crate::support::PASSWORD).await;
    principal
        .open(&Dashboard.to_string())
        .await
        .must_say("Courriel non remis")
        .must_say("2 personnes n’ont pas reçu leur code");
    principal.open(&sheet).await.must_say("n’est pas parti").must_say("Vérifiez l’adresse");
    app.app.mailer().refuse(None);
    let secret = {
        principal.open(&format!("{sheet}/code")).await;
        principal.form("/code").send(&mut principal).await;
        app.secret_mailed_to(&one.mail).await
    };
    principal.open(&Dashboard.to_string()).await.must_say("1 personne n’a pas reçu son code");
    app.browser().sign_in(&one.identifier, &secret).await.must_say("Choisissez votre mot de passe");
}

/// A principal whose address is refused for good: the organism is told at once, on its dashboard and on his sheet.
async fn an_address_refused_for_good_is_told_to_the_organism(backend: Backend) {
    let app = &TestApp::on(backend).await;
    let (_, mut administrator) = app.administrator().await;
    let partner = register_partner(&mut administrator, &BRUMEVAL).await;
    administrator.open(&NewPrincipal { partner }.to_string()).await;
    administrator
        .form("/principal")
        .fill("prenom", "Maëlle")
        .fill("nom", "Tournesac")
        .fill("fonction", "Cheffe du service Enfance")
        .fill("courriel", "maelle.tournesac@brumeval.example")
        .send(&mut administrator)
        .await;
    app.app.mailer().refuse(Some(MailError::Refused { code: "550".to_owned() }));
    send_due(&app.app).await.unwrap();
    assert_eq!(failures(app).await, 1);
    administrator
        .open(&Dashboard.to_string())
        .await
        .must_say("Courriel non remis")
        .must_say("Vérifier l’adresse");
    administrator.open(&Partner { partner }.to_string()).await.must_say("n’est pas parti");
}

#[tokio::test]
async fn on_sqlite() {
    a_mail_that_does_not_leave_is_shown(Backend::Sqlite).await;
    an_address_refused_for_good_is_told_to_the_organism(Backend::Sqlite).await;
}

#[tokio::test]
async fn on_postgres() {
    a_mail_that_does_not_leave_is_shown(Backend::Postgres).await;
    an_address_refused_for_good_is_told_to_the_organism(Backend::Postgres).await;
}
