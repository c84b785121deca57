//! The whole path: an organism, its partner, a service under a cap, a principal, an agent, a file, and the traces of
//! all of it, refusals included.

use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::file_number::FileNumber;
use compte_partenaire::domain::files::{File, Known, Reach, Right, RightNature, RightState};
use compte_partenaire::domain::id::OrganismId;
use compte_partenaire::features::files;
use compte_partenaire::web::paths::{LookUp, Traces};
use time::macros::date;

use crate::stories;
use crate::support::world::{
    self, ADDRESS, BRUMEVAL, COMMUNE, FAMILY, PORT_LISSANT, QUOTIENT, create_user, name_principal,
    open_grant, register_partner,
};
use crate::support::{Browser, TestApp};

/// Two hundred invented families, half of them in the commune of the partner.
fn families() -> Vec<File> {
    let within = format!("59 {COMMUNE}").parse().unwrap();
    fictitious::files(7, 200, &within, date!(2026 - 11 - 20)).collect()
}

async fn load(app: &TestApp, organism: OrganismId, families: Vec<File>) {
    let (give, take) = tokio::sync::mpsc::channel(200);
    for family in families {
        give.send(family).await.unwrap();
    }
    drop(give);
    files::load(&app.app, organism, take, |_| {}).await.unwrap();
}

async fn look_up(agent: &mut Browser, number: &str) {
    agent.open(&LookUp.to_string()).await;
    let form = agent.form("/consultation");
    let mission = form.offers("mission").into_iter().find(|mission| !mission.is_empty()).unwrap();
    form.fill("numero", number).fill("mission", &mission).send(agent).await;
}

/// What an answer says, apart from the number that was typed and what each page has of its own.
fn without_number(agent: &Browser, number: FileNumber) -> String {
    agent.page().text().replace(number.as_str(), "")
}

stories! {
    async fn one_agent_reads_one_file_and_the_log_knows(app) {
        let (organism, mut administrator) = app.administrator().await;
        load(app, organism, families()).await;
        let brumeval = register_partner(&mut administrator, &BRUMEVAL).await;
        world::open_membership(&mut administrator, brumeval, 1, &[]).await;
        let (mut principal, _) = name_principal(app, &mut administrator, brumeval, &BRUMEVAL).await;

        // One place: the first is granted, the second refused with the number.
        let nolwenn = create_user(&mut principal, brumeval, &BRUMEVAL, "Nolwenn", "Brisefort").await;
        let karim = create_user(&mut principal, brumeval, &BRUMEVAL, "Karim", "Delorne").await;
        world::grant(&mut principal, brumeval, &nolwenn, QUOTIENT).await;
        open_grant(&mut principal, brumeval, &karim, QUOTIENT).await.send(&mut principal).await;
        assert_eq!(principal.page().status, 422);
        principal.page().must_say("plafond atteint");

        // The agent reads what his role shows, where it reaches, and nothing else.
        let mut agent = app.first_sign_in(&nolwenn.identifier, &nolwenn.mail).await;
        let families = families();
        let here = families.iter().find(|family| family.commune.as_str() == COMMUNE).unwrap();
        let elsewhere = families.iter().find(|family| family.commune.as_str() != COMMUNE).unwrap();
        look_up(&mut agent, here.number.as_str()).await;
        assert_eq!(agent.page().status, 200, "{}", agent.page().text());
        let surname = &here.holders()[0].surname;
        agent.page().must_say("Quotient familial").must_say(surname).must_not_say("Adresse actuelle");
        assert!(!agent.page().path.contains(here.number.as_str()), "no number in an address");
        let address = agent.page().path.clone();
        agent.open(&address).await.must_say(surname);

        // Outside the perimeter reads exactly like unknown.
        look_up(&mut agent, elsewhere.number.as_str()).await;
        assert_eq!(agent.page().status, 422);
        agent.page().must_say("Aucun dossier à afficher").must_not_say(&elsewhere.holders()[0].surname);
        let outside = without_number(&agent, elsewhere.number);
        let unknown: FileNumber = "9999998".parse().unwrap();
        look_up(&mut agent, unknown.as_str()).await;
        assert_eq!(without_number(&agent, unknown), outside);

        // The address of a consultation is good in its session only.
        let mut other = app.browser();
        other.sign_in(&nolwenn.identifier, crate::support::PASSWORD).await;
        assert_eq!(other.open(&address).await.status, 404);

        // The principal reads all that, but not why nothing was given; the auditor reads why.
        assert_eq!(agent.open(&Traces.to_string()).await.status, 404);
        agent.open("/").await;
        agent.sign_out().await;
        let told = principal.open(&Traces.to_string()).await.clone();
        told.must_say("Consultation d’un dossier")
            .must_say("(page rechargée)")
            .must_say("aucun dossier remis")
            .must_say("Habilitation refusée : plafond du service atteint")
            .must_not_say("hors périmètre")
            .must_not_say("numéro inconnu");
        let auditor = app.name_auditor(organism, "591").await;
        let mut auditor = app.first_sign_in(&auditor, "basile.rochedieu.591@caf.example").await;
        let told = auditor.open(&format!("{Traces}?acte=file.")).await.clone();
        told.must_say("hors périmètre").must_say("numéro inconnu").must_say("Commune de Brumeval");

        // Another partner sees nothing of it.
        let port = register_partner(&mut administrator, &PORT_LISSANT).await;
        let (mut stranger, _) = name_principal(app, &mut administrator, port, &PORT_LISSANT).await;
        stranger.open(&Traces.to_string()).await.must_not_say("Brisefort").must_not_say("Brumeval");

        let facts = app.facts().await;
        for fact in [
            "organism.founded", "files.loaded", "partner.registered", "membership.opened", "principal.created",
            "secret.issued", "mail.sent", "sign_in.done", "password.chosen", "user.created", "grant.made",
            "grant.refused", "file.looked_up", "file.read", "page.refused", "session.ended", "traces.read",
        ] {
            assert!(facts.iter().any(|traced| traced == fact), "{fact} left no trace: {facts:?}");
        }
        let bodies: Vec<(String,)> = app.rows("SELECT body FROM trace").await;
        for secret in [here.number.as_str(), surname.as_str(), crate::support::PASSWORD] {
            assert!(bodies.iter().all(|(body,)| !body.contains(secret)), "{secret} stands in a trace");
        }
    }

    /// «Non connu» is never a zero nor an empty place: not for an amount, not for a date.
    async fn what_is_not_known_is_said(app) {
        let (organism, mut administrator) = app.administrator().await;
        let mut families = families();
        let family = families.iter_mut().find(|family| family.commune.as_str() == COMMUNE).unwrap();
        family.quotient[0].value = Known::Unknown;
        family.quotient.truncate(1);
        family.family.since = Known::Unknown;
        family.family.persons.iter_mut().for_each(|person| person.born = Known::Unknown);
        family.rights = vec![Right {
            nature: RightNature::Af,
            state: RightState::Open,
            since: date!(2026 - 01 - 01),
            monthly_cents: Known::Unknown,
        }];
        family.address.phone = Reach::Unknown;
        let (number, people) = (family.number, family.family.persons.len());
        load(app, organism, families).await;
        let brumeval = register_partner(&mut administrator, &BRUMEVAL).await;
        world::open_membership(&mut administrator, brumeval, 1, &[]).await;
        let (mut principal, _) = name_principal(app, &mut administrator, brumeval, &BRUMEVAL).await;
        let nolwenn = create_user(&mut principal, brumeval, &BRUMEVAL, "Nolwenn", "Brisefort").await;
        for role in [QUOTIENT, ADDRESS, FAMILY] {
            world::grant(&mut principal, brumeval, &nolwenn, role).await;
        }
        let mut agent = app.first_sign_in(&nolwenn.identifier, &nolwenn.mail).await;
        look_up(&mut agent, number.as_str()).await;
        let page = agent.page();
        let said = |leaf: &str| {
            let unknown = page.select(&format!("section[aria-labelledby='{leaf}'] .unknown"));
            unknown.iter().filter(|words| words.eq_ignore_ascii_case("non connu")).count()
        };
        assert_eq!((said("quotient"), said("droits"), said("famille")), (1, 1, 1 + people), "{}", page.text());
        assert!(said("adresse") >= 1, "{}", page.text());
        page.must_not_say(" 0 ").must_not_say("0 €").must_not_say("0,00");
        for empty in page.select("main dd, main td") {
            assert!(!empty.is_empty(), "{}", page.text());
        }
    }
}
