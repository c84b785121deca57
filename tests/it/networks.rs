//! The network of a partner: the organism declares it, the auditor and the partner read it, and a look-up from elsewhere
//! is told with what was declared then.

use compte_partenaire::domain::access::{AccountRef, Actor, Origin};
use compte_partenaire::domain::facts::{Fact, LookUp};
use compte_partenaire::jobs::usage::search;
use compte_partenaire::web::file_mark;

use crate::stories;
use crate::support::cast::{Organism, Partner, cast};
use crate::support::log::seal_all;
use crate::support::{Browser, TestApp};

/// Opens the form, and sends what is typed in it.
async fn declare(administrator: &mut Browser, form: &str, ranges: &str) {
    administrator.open(form).await;
    administrator.form(form).fill("plages", ranges).send(administrator).await;
}

/// A look-up by the user of a partner, as its trace says it, from an address; then what rules notice of it.
async fn look_up_from(app: &TestApp, organism: &Organism, partner: &Partner, source: &str) -> u32 {
    let user = &partner.user;
    let account = AccountRef { id: user.id, identifier: user.identifier.clone(), name: "Camille".to_owned() };
    let kit = app.app.kit();
    let correlation = kit.entropy.id(app.clock.now());
    let origin = Origin { source: Some(source.parse().unwrap()), ..Origin::default() };
    let actor = Actor::person(user.office, organism.id, Some(partner.id), account, correlation).from(origin);
    let fact = Fact::FileLookedUp {
        file: file_mark::of(kit, organism.id, "0042317"),
        service: "cdap".to_owned(),
        mission: "Adressage".to_owned(),
        result: LookUp::SourceFailed,
    };
    let _receipt = kit.ledger.hand_over(&actor, vec![fact], None, Vec::new()).await.unwrap();
    seal_all(app.app.db()).await;
    search(&app.app).await.unwrap().expect("no other node is at it").signals
}

stories! {
    /// The administrator declares it on the partner's page; a wrong line is said beside the field, and stays typed.
    async fn a_network_is_declared_and_read(app) {
        let [ours, theirs] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let sheet = format!("/partenaires/{}/reseau", home.id);
        let form = format!("{sheet}/declarer");
        let mut administrator = ours.administrator.sits_down(app).await;
        administrator.open(&format!("/partenaires/{}", home.id)).await;
        administrator.follow("Réseau").await.must_say("Aucune adresse n’est déclarée");
        administrator.follow("Déclarer le réseau").await;

        declare(&mut administrator, &form, "ici\n192.0.2.7/24\n10.0.0.0/33").await;
        assert_eq!(administrator.page().status, 422);
        administrator
            .page()
            .must_say("Rien n’est déclaré")
            .must_say("« ici » n’est pas une plage d’adresses")
            .must_say("Vouliez-vous 192.0.2.0/24")
            .must_say("écrivez après la barre un nombre de 8 à 32");
        assert_eq!(administrator.form(&form).value("plages"), Some("ici\n192.0.2.7/24\n10.0.0.0/33"));
        let many: Vec<String> = (0..51).map(|nth| format!("192.0.2.{nth}")).collect();
        declare(&mut administrator, &form, &many.join("\n")).await;
        administrator.page().must_say("Il y en a trop : 50 au plus");
        assert!(app.bodies("partner.network_declared").await.is_empty());

        let mut late = administrator.clone();
        late.open(&form).await;
        declare(&mut administrator, &form, "192.0.2.0/24\r\n2001:db8:7::/48").await;
        administrator.page().must_say("le réseau est déclaré").must_say("192.0.2.0/24").must_say("2001:db8:7::/48");
        let told = &app.bodies("partner.network_declared").await[0];
        let changes = r#"[["addresses","","192.0.2.0/24, 2001:db8:7::/48"]]"#;
        assert_eq!(told["object"]["changes"].to_string(), changes);
        // From what was shown before, nothing is declared over it.
        late.form(&form).fill("plages", "").send(&mut late).await;
        assert_eq!(late.page().status, 409);

        // The auditor and who administers the partner read it, and change nothing.
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/accueil").await;
        principal.follow("Réseau déclaré").await.must_say("2001:db8:7::/48").must_not_say("signalée");
        principal.open("/traces").await.must_say("Réseau du partenaire déclaré");
        for reader in [&home.principal, &home.deputy, &ours.auditor] {
            let mut browser = reader.sits_down(app).await;
            browser.open(&sheet).await.must_say("192.0.2.0/24").must_not_say("Déclarer le réseau");
            assert_eq!(browser.open(&form).await.status, 404, "{:?}", reader.office);
            browser.open("/mot-de-passe").await;
            let token = browser.form("/mot-de-passe").value("jeton").unwrap().to_owned();
            let fields = vec![("jeton".to_owned(), token), ("plages".to_owned(), String::new())];
            assert_eq!(browser.post(&form, &fields).await.status, 404, "{:?}", reader.office);
        }
        for stranger in [&home.user, &neighbour.principal, &theirs.administrator, &theirs.auditor] {
            assert_eq!(stranger.sits_down(app).await.open(&sheet).await.status, 404, "{:?}", stranger.office);
        }
        administrator.open(&sheet).await.must_say("192.0.2.0/24");
    }

    /// From elsewhere, a look-up is told with its address and with what was declared then.
    async fn a_foreign_address_is_told_with_what_was_declared(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        // Nothing declared: nothing is foreign.
        assert_eq!(look_up_from(app, &ours, home, "203.0.113.9").await, 0);
        let form = format!("/partenaires/{}/reseau/declarer", home.id);
        let mut administrator = ours.administrator.sits_down(app).await;
        declare(&mut administrator, &form, "192.0.2.0/24\n2001:db8:7::/48").await;
        for inside in ["192.0.2.200", "::ffff:192.0.2.4", "2001:db8:7:1::9"] {
            assert_eq!(look_up_from(app, &ours, home, inside).await, 0, "{inside}");
        }
        assert_eq!(look_up_from(app, &ours, neighbour, "203.0.113.9").await, 0, "its network is not declared");
        assert_eq!(look_up_from(app, &ours, home, "203.0.113.9").await, 1);

        let mut auditor = ours.auditor.sits_down(app).await;
        let queue = auditor.open("/usages-atypiques?regle=foreign").await;
        let signal = queue.must_say("Adresse étrangère au réseau déclaré").links("Ouvrir");
        assert_eq!(signal.len(), 1);
        let said = |page: &crate::support::Page| {
            page.must_say("1 recherche depuis une adresse étrangère au réseau déclaré du partenaire")
                .must_say("Réseau déclaré lors de la dernière recherche 192.0.2.0/24, 2001:db8:7::/48");
            assert_eq!(page.select("tbody td[data-label=Depuis]"), ["203.0.113.9"]);
        };
        said(auditor.open(&signal[0]).await);
        // What is declared later says nothing of that day.
        declare(&mut administrator, &form, "203.0.113.0/24").await;
        assert_eq!(look_up_from(app, &ours, home, "203.0.113.9").await, 0);
        said(auditor.open(&signal[0]).await);
        auditor.follow("Son réseau déclaré").await.must_say("203.0.113.0/24");
    }
}
