//! Caps: the last place, asking for more, answering, and two administrators who race.

use compte_partenaire::domain::id::{MembershipId, PartnerId};
use compte_partenaire::web::paths::{AskPlaces, CapRequests, Caps, Grants};
use time::Duration;

use crate::stories;
use crate::support::world::{
    ADDRESS, BRUMEVAL, Person, QUOTIENT, create_user, grant, name_principal, open_grant, open_membership,
    register_partner, revoke,
};
use crate::support::{Browser, Form, PASSWORD, Server, TestApp, open_session};

/// A commune of which three agents may be habilitated, inside a cap.
struct Town {
    partner: PartnerId,
    membership: MembershipId,
    administrator: Browser,
    principal: Browser,
    maelle: Person,
    agents: [Person; 3],
}

async fn town(app: &TestApp, cap: u32, roles: &[(&str, u32)]) -> Town {
    let (_, mut administrator) = app.administrator().await;
    let partner = register_partner(&mut administrator, &BRUMEVAL).await;
    let membership = open_membership(&mut administrator, partner, cap, roles).await;
    let (mut principal, maelle) = name_principal(app, &mut administrator, partner, &BRUMEVAL).await;
    let agents = [
        create_user(&mut principal, partner, &BRUMEVAL, "Nolwenn", "Brisefort").await,
        create_user(&mut principal, partner, &BRUMEVAL, "Karim", "Delorne").await,
        create_user(&mut principal, partner, &BRUMEVAL, "Ewen", "Marsilhe").await,
    ];
    Town { partner, membership, administrator, principal, maelle, agents }
}

impl Town {
    fn ask(&self) -> AskPlaces {
        AskPlaces { partner: self.partner, membership: self.membership }
    }

    /// The form by which the principal asks for places, filled in.
    async fn asking(&mut self, pour: &str, wanted: &str) -> Form {
        let path = self.ask().to_string();
        self.principal.open(&path).await;
        self.principal
            .form("/demande")
            .fill("pour", pour)
            .fill("nombre", wanted)
            .fill("motif", "Un second guichet ouvre en janvier.")
    }

    async fn grant(&mut self, agent: usize, role: &str) {
        grant(&mut self.principal, self.partner, &self.agents[agent], role).await;
    }
}

async fn holders(app: &TestApp) -> i64 {
    let rows: Vec<(i64,)> =
        app.rows("SELECT CAST(count(DISTINCT account_id) AS BIGINT) FROM role_grant").await;
    rows[0].0
}

async fn requests(app: &TestApp) -> Vec<(String, Option<String>, Option<i32>)> {
    app.rows("SELECT state, answer, fixed FROM cap_request ORDER BY asked_at, id").await
}

stories! {
    /// The grant that would pass the cap is refused with the number; the organism is asked, accepts, and it passes.
    async fn the_last_place_is_asked_for_and_given(app) {
        let mut town = town(app, 1, &[]).await;
        town.grant(0, QUOTIENT).await;
        town.principal.page().must_say("C’est fait");
        // One person takes one place, whatever the roles.
        town.grant(0, ADDRESS).await;
        town.principal.page().must_say("C’est fait");

        town.grant(1, QUOTIENT).await;
        assert_eq!(town.principal.page().status, 422);
        town.principal.page().must_say("plafond atteint").must_say("1 place").must_say("1 personne");
        assert_eq!(town.principal.form("/habilitations/nouvelle").value("role"), Some(QUOTIENT), "what was typed stays");
        assert_eq!(holders(app).await, 1);
        let refused = app.bodies("grant.refused").await;
        assert_eq!((refused.len(), &refused[0]["object"]["cause"]), (1, &"service_cap".into()));

        town.principal.follow("Demander à l’organisme de relever le plafond").await.must_say("toutes prises");
        let form = town.asking("service", "1").await;
        form.send(&mut town.principal).await;
        town.principal.page().must_say("un nombre entier entre 2 et 10 000");
        let form = town.principal.form("/demande").fill("nombre", "3").fill("motif", "Guichet");
        form.send(&mut town.principal).await;
        town.principal.page().must_say("10 caractères au moins");
        let form = town.principal.form("/demande").fill("motif", "Un second guichet ouvre en janvier.");
        form.clone().send(&mut town.principal).await;
        town.principal.page().must_say("votre demande de places est envoyée");
        assert!(town.principal.page().path.starts_with(&Grants { partner: town.partner }.to_string()));
        // Sent twice, it is one request; another one is told to wait for the first.
        form.clone().send(&mut town.principal).await;
        town.principal.page().must_say("votre demande de places est envoyée");
        form.forge("cle", "un-autre-onglet").send(&mut town.principal).await;
        town.principal.page().must_say("une autre attend sa réponse").must_say("3 places demandées").must_say("le 23 nov. 2026");
        assert_eq!(app.bodies("cap.requested").await.len(), 1);
        let ask = town.ask().to_string();
        town.principal.open(&ask).await.must_say("Votre demande attend une réponse");

        town.administrator.open(&CapRequests.to_string()).await;
        town.administrator
            .page()
            .must_say("1 demande attend votre réponse")
            .must_say("Commune de Brumeval : 3 places pour tout le service")
            .must_say("1 personne pour 1 place aujourd’hui.")
            .must_say("Un second guichet ouvre en janvier.")
            .must_say("Maëlle Tournesac, Cheffe du service Enfance");
        town.administrator.follow("Répondre à cette demande").await.must_say("1 sur 1");
        let form = town.administrator.form("#accepter");
        assert_eq!(form.value("nombre"), Some("3"));
        form.clone().fill("nombre", "1").send(&mut town.administrator).await;
        town.administrator.page().must_say("entre 2 et 10 000");
        form.clone().fill("nombre", "2").send(&mut town.administrator).await;
        town.administrator.page().must_say("le plafond est relevé").must_say("Acceptée").must_say("2 places");
        // The same form once more does nothing more.
        form.fill("nombre", "2").send(&mut town.administrator).await;
        town.administrator.page().must_say("le plafond est relevé");
        assert_eq!(requests(app).await, [("accepted".to_owned(), None, Some(2))]);
        let fixed = app.bodies("cap.fixed").await;
        assert_eq!(fixed.len(), 1);
        assert_eq!((&fixed[0]["object"]["before"], &fixed[0]["object"]["after"]), (&1.into(), &2.into()));
        assert_eq!(app.bodies("cap.answered").await.len(), 1);

        town.principal.open(&ask).await.must_say("Acceptée 2 places");
        town.grant(1, QUOTIENT).await;
        town.principal.page().must_say("C’est fait");
        assert_eq!(holders(app).await, 2);
    }

    /// A refusal keeps its reason, which the partner reads; whoever answers second is told that it is done.
    async fn a_request_is_answered_once(app) {
        let mut town = town(app, 5, &[(QUOTIENT, 1)]).await;
        town.grant(0, QUOTIENT).await;
        town.grant(1, QUOTIENT).await;
        town.principal.page().must_say("« Quotient familial »").must_say("1 place");
        assert_eq!(app.bodies("grant.refused").await[0]["object"]["cause"], "role_cap");
        town.principal.follow("Demander à l’organisme").await;
        let form = town.principal.form("/demande");
        assert_eq!(form.value("pour"), Some(QUOTIENT), "the role that is full is already chosen");
        assert!(!form.offers("pour").contains(&ADDRESS.to_owned()), "a role without a cap has none to raise");
        form.clone().forge("pour", ADDRESS).fill("nombre", "4").fill("motif", "Sans plafond propre").send(&mut town.principal).await;
        assert_eq!(town.principal.page().status, 422);
        form.fill("nombre", "8").fill("motif", "Un second guichet ouvre en janvier.").send(&mut town.principal).await;
        // The service as a whole is another cap: it may be asked for meanwhile.
        app.clock.advance(Duration::minutes(1));
        let form = town.asking("service", "6").await;
        form.send(&mut town.principal).await;

        town.administrator.open(&CapRequests.to_string()).await.must_say("2 demandes attendent");
        let link = town.administrator.page().links("Répondre à cette demande")[0].clone();
        let mut colleague = town.administrator.clone();
        colleague.open(&link).await;
        let late = colleague.form("#accepter");
        town.administrator.open(&link).await.must_say("Le plafond du service est plus bas");
        town.administrator.form("#refuser").send(&mut town.administrator).await;
        town.administrator.page().must_say("Ce champ est à remplir");
        let form = town.administrator.form("#refuser").fill("motif", "Libérez d’abord les places peu utilisées.");
        form.send(&mut town.administrator).await;
        town.administrator.page().must_say("la demande est refusée").must_say("1 demande attend");
        late.send(&mut colleague).await;
        assert_eq!(colleague.page().status, 409);
        colleague.open(&link).await.must_say("Refusée").must_say("Libérez d’abord");
        assert!(app.bodies("cap.fixed").await.iter().all(|body| body["object"]["before"].is_null()), "only at the opening");
        assert_eq!(app.bodies("cap.answered").await[0]["object"]["accepted"], false);
        let ask = town.ask().to_string();
        town.principal.open(&ask).await.must_say("Refusée").must_say("Libérez d’abord les places peu utilisées.");
        town.grant(1, QUOTIENT).await;
        assert_eq!(town.principal.page().status, 422);

        // Asked again, for the role: accepting raises that cap, and that one only.
        app.clock.advance(Duration::minutes(1));
        let form = town.asking(QUOTIENT, "2").await;
        form.send(&mut town.principal).await;
        town.administrator.open(&CapRequests.to_string()).await;
        let link = town.administrator.page().links("Répondre à cette demande")[1].clone();
        town.administrator.open(&link).await;
        town.administrator.form("#accepter").send(&mut town.administrator).await;
        town.administrator.page().must_say("le plafond est relevé");
        let caps: Vec<(i32,)> = app.rows("SELECT cap FROM role_cap").await;
        let service: Vec<(i32,)> = app.rows("SELECT cap FROM membership").await;
        assert_eq!((caps, service), (vec![(2,)], vec![(5,)]));
        town.grant(1, QUOTIENT).await;
        town.principal.page().must_say("C’est fait");
    }

    /// Revoking frees the place at once, and for whoever is next.
    async fn revoking_frees_the_place(app) {
        let mut town = town(app, 1, &[]).await;
        town.grant(0, QUOTIENT).await;
        town.grant(1, QUOTIENT).await;
        assert_eq!(town.principal.page().status, 422);
        revoke(app, &mut town.principal, town.partner, &town.agents[0].clone()).await;
        assert_eq!(holders(app).await, 0);
        town.grant(1, QUOTIENT).await;
        town.principal.page().must_say("C’est fait");
        assert_eq!(holders(app).await, 1);
        let kept: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM role_grant_history").await;
        assert_eq!(kept[0].0, 1);
    }

    /// A cap lower than its use removes nobody, is shown as passed, and lets nobody else in.
    async fn lowering_a_cap_removes_nobody(app) {
        let mut town = town(app, 3, &[]).await;
        town.grant(0, QUOTIENT).await;
        town.grant(1, QUOTIENT).await;
        let caps = Caps { partner: town.partner, membership: town.membership }.to_string();
        town.administrator.open(&caps).await.must_say("2 sur 3");
        let form = town.administrator.form("/plafonds");
        form.clone().send(&mut town.administrator).await;
        assert!(app.bodies("cap.fixed").await.is_empty(), "nothing was changed");
        form.clone().fill("plafond", "10001").send(&mut town.administrator).await;
        assert_eq!(town.administrator.page().status, 422);
        form.clone().fill("plafond", "1").send(&mut town.administrator).await;
        town.administrator.page().must_say("dépassé").must_say("Aucun accès n’a été coupé").must_say("1 de trop");
        assert_eq!(holders(app).await, 2);
        let fixed = app.bodies("cap.fixed").await;
        assert_eq!((fixed.len(), &fixed[0]["object"]["after"]), (1, &1.into()));
        // Another tab still shows the old caps.
        form.fill("plafond", "9").forge("cle", "un-autre-onglet").send(&mut town.administrator).await;
        assert_eq!(town.administrator.page().status, 409);
        town.principal.open(&Grants { partner: town.partner }.to_string()).await.must_say("1 de trop");
        town.grant(2, QUOTIENT).await;
        town.principal.page().must_say("plafond atteint");
        assert_eq!(holders(app).await, 2);
    }

    /// Two sessions of the principal, on two nodes, take the last place at the same moment.
    async fn two_race_for_the_last_place(app) {
        let town = town(app, 1, &[]).await;
        let node = app.second_node().await;
        let mut other = node.browser();
        other.sign_in(&town.maelle.identifier, PASSWORD).await;
        let mut here = town.principal.clone();
        race(app, &town, &mut here, &mut other).await;
    }

    /// The same, between two processes of the program itself.
    async fn two_processes_race_for_the_last_place(app) {
        let town = town(app, 1, &[]).await;
        // Every mail has left: none is under way when the processes end.
        app.secret_mailed_to(&town.agents[2].mail).await;
        let servers = [Server::start(app).await, Server::start(app).await];
        let mut browsers = Vec::new();
        for server in &servers {
            let mut browser = Browser::new(server.line().router(), app.received.clone());
            browser.set_cookie("__Host-session", &open_session(app, town.maelle.account).await);
            browsers.push(browser);
        }
        let [here, there] = browsers.get_disjoint_mut([0, 1]).unwrap();
        race(app, &town, here, there).await;
    }

    /// Two pages that ask for the same places at the same moment make one request.
    async fn two_requests_at_once_are_one(app) {
        let mut town = town(app, 1, &[]).await;
        let node = app.second_node().await;
        let mut other = node.browser();
        other.sign_in(&town.maelle.identifier, PASSWORD).await;
        for wanted in 2..7 {
            let here = town.asking("service", &wanted.to_string()).await;
            let there = here.clone().forge("cle", &format!("ailleurs-{wanted}")).forge("jeton", &token(&mut other).await);
            let mut first = town.principal.clone();
            tokio::join!(here.send(&mut first), there.send(&mut other));
            let outcomes = [first.page().status.as_u16(), other.page().status.as_u16()];
            assert!(outcomes == [200, 422] || outcomes == [422, 200], "{outcomes:?}");
            town.administrator.open(&CapRequests.to_string()).await.must_say("1 demande attend votre réponse");
            town.administrator.follow("Répondre à cette demande").await;
            town.administrator.form("#accepter").send(&mut town.administrator).await;
        }
        assert_eq!(requests(app).await.len(), 5);
    }
}

/// Twenty rounds for one place. Each time one takes it, and the other is told why not, with the number.
async fn race(app: &TestApp, town: &Town, here: &mut Browser, there: &mut Browser) {
    for round in 0..20 {
        let mine = open_grant(here, town.partner, &town.agents[0], QUOTIENT).await;
        let theirs = open_grant(there, town.partner, &town.agents[1], ADDRESS).await;
        // Whoever is started first changes each round.
        if round % 2 == 0 {
            tokio::join!(mine.send(here), theirs.send(there));
        } else {
            tokio::join!(theirs.send(there), mine.send(here));
        }
        let outcomes = [here.page().status.as_u16(), there.page().status.as_u16()];
        let (winner, loser) = match outcomes {
            [200, 422] => (&town.agents[0], &there),
            [422, 200] => (&town.agents[1], &here),
            _ => panic!("round {round}: {outcomes:?}"),
        };
        loser.page().must_say("plafond atteint").must_say("1 place");
        assert_eq!(holders(app).await, 1, "round {round}");
        let winner = winner.clone();
        revoke(app, here, town.partner, &winner).await;
    }
    assert_eq!(app.bodies("grant.made").await.len(), 20);
    assert_eq!(app.bodies("grant.refused").await.len(), 20);
}

/// The token of the forms of a session.
async fn token(browser: &mut Browser) -> String {
    browser.open("/mot-de-passe").await;
    browser.form("/deconnexion").value("jeton").unwrap().to_owned()
}
