//! The yearly review: made line by line by the principal, transmitted once, read by the organism, late when a year has
//! passed.

use compte_partenaire::domain::access::{Permission, Scope};
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::files::File;
use compte_partenaire::domain::id::{AccountId, GrantId, OrganismId, PartnerId};
use compte_partenaire::domain::time::Timestamp;
use compte_partenaire::features::files;
use compte_partenaire::web::paths::{
    Group, LookUp, ManagersReview, Review, ReviewDecisions, Reviews, TransmitReview,
};
use time::Duration;
use time::macros::date;

use crate::stories;
use crate::support::log::sign;
use crate::support::owner::Owner;
use crate::support::world::{
    self, ADDRESS, BRUMEVAL, COMMUNE, PORT_LISSANT, Person, QUOTIENT, create_group, create_user, grant,
    name_principal, open_give, open_join, register_partner,
};
use crate::support::{Browser, PASSWORD, TestApp};

/// A partner with a service open for five people since 1 October 2026.
struct Town {
    partner: PartnerId,
    principal: Browser,
    own: Person,
}

impl Town {
    async fn of(app: &TestApp, administrator: &mut Browser, town: &world::Town) -> Self {
        let partner = register_partner(administrator, town).await;
        world::open_membership(administrator, partner, 5, &[]).await;
        let (principal, own) = name_principal(app, administrator, partner, town).await;
        Self { partner, principal, own }
    }

    async fn hire(&mut self, given_name: &str, surname: &str, roles: &[&str]) -> Person {
        let person = create_user(&mut self.principal, self.partner, &BRUMEVAL, given_name, surname).await;
        for role in roles {
            grant(&mut self.principal, self.partner, &person, role).await;
            self.principal.page().must_say("a un rôle de plus");
        }
        person
    }

    fn page(&self) -> String {
        Review { partner: self.partner }.to_string()
    }

    fn transmission(&self) -> String {
        TransmitReview { partner: self.partner }.to_string()
    }

    /// Opens the review of the year.
    async fn open_review(&mut self) {
        self.principal.open(&self.page()).await.must_say("Ouvrir la revue inverse");
        self.principal.form("/revue").send(&mut self.principal).await;
        self.principal.page().must_say("la revue est ouverte");
    }

    /// Chooses on lines of the page on the screen, without confirming anything that asks for it.
    async fn choose(&mut self, choices: &[(GrantId, &str)]) {
        let mut form = self.principal.form("/decisions");
        for (grant, choice) in choices {
            form = form.fill(&format!("d_{grant}"), choice);
        }
        form.send(&mut self.principal).await;
    }

    /// Transmits, everything being decided.
    async fn transmit(&mut self) {
        self.principal.open(&self.transmission()).await;
        self.principal.form("/transmettre").tick("verifie", "oui").send(&mut self.principal).await;
        self.principal.page().must_say("votre revue est transmise");
    }
}

/// The grants of somebody, by the role they give.
async fn granted(app: &TestApp, person: &Person, role: &str) -> GrantId {
    let rows: Vec<(GrantId, AccountId, String)> = app
        .rows("SELECT g.id, g.account_id, o.code FROM role_grant g JOIN service_role o ON o.id = g.role_id")
        .await;
    let code = if role == QUOTIENT { "quotient" } else { "adresse" };
    rows.into_iter().find(|(_, of, which)| *of == person.account && which == code).expect("a grant").0
}

async fn held(app: &TestApp) -> i64 {
    app.rows::<(i64,)>("SELECT CAST(count(*) AS BIGINT) FROM role_grant").await[0].0
}

/// Two hundred invented families, half of them in the commune of the partner.
fn families() -> Vec<File> {
    let within = format!("59 {COMMUNE}").parse().unwrap();
    fictitious::files(7, 200, &within, date!(2026 - 11 - 20)).collect()
}

async fn load(app: &TestApp, organism: OrganismId) {
    let (give, take) = tokio::sync::mpsc::channel(200);
    for family in families() {
        give.send(family).await.unwrap();
    }
    drop(give);
    files::load(&app.app, organism, take, |_| {}).await.unwrap();
}

/// Reads the nth file of the commune.
async fn read_a_file(agent: &mut Browser, nth: usize) {
    let here = families().into_iter().filter(|family| family.commune.as_str() == COMMUNE).nth(nth).unwrap();
    agent.open(&LookUp.to_string()).await;
    let form = agent.form("/consultation");
    let mission = form.offers("mission").into_iter().find(|mission| !mission.is_empty()).unwrap();
    form.fill("numero", here.number.as_str()).fill("mission", &mission).send(agent).await;
    assert_eq!(agent.page().status, 200, "{}", agent.page().text());
}

/// Gives a role to whoever manages the partner, as nothing in the program does.
async fn give_to_a_manager(app: &TestApp, to: &Person) -> GrantId {
    let write = app.app.write(&app.app.job("essai", None)).await.unwrap();
    let mut tx = write.permit(Permission::FoundOrganism, Scope::Installation).unwrap();
    let id: GrantId = tx.new_id();
    tx.write(
        "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, starts_on, \
         granted_by, granted_at) SELECT $1, organism_id, partner_id, membership_id, role_id, $2, perimeter, starts_on, \
         granted_by, granted_at FROM role_grant LIMIT 1",
    )
    .bind(id)
    .bind(to.account)
    .execute()
    .await
    .unwrap();
    let _receipt = tx.commit([Fact::Tidied { what: "essai".to_owned(), rows: 1 }]).await.unwrap();
    id
}

stories! {
    /// The whole of a review: the least used first, decisions kept as they come, withdrawals at once, what happens
    /// meanwhile told, then a report that nothing changes any more.
    async fn a_review_is_made_and_transmitted(app) {
        let (organism, mut administrator) = app.administrator().await;
        load(app, organism).await;
        let mut town = Town::of(app, &mut administrator, &BRUMEVAL).await;
        let nolwenn = town.hire("Nolwenn", "Brisefort", &[QUOTIENT]).await;
        let karim = town.hire("Karim", "Delorne", &[QUOTIENT, ADDRESS]).await;
        let ewen = town.hire("Ewen", "Marsilhe", &[]).await;
        let mut agent = app.first_sign_in(&nolwenn.identifier, &nolwenn.mail).await;
        read_a_file(&mut agent, 0).await;

        town.principal.open(&town.page()).await.must_say("La prochaine est due le 1er oct. 2027");
        town.open_review().await;
        town.principal.page().must_say("0 sur 3 habilitations examinées").must_say("À examiner 3").must_say("Jamais utilisées 2");
        assert_eq!(town.principal.page().select("tbody th b"), ["Delorne Karim", "Delorne Karim", "Brisefort Nolwenn"]);
        town.principal.page().must_say("23 nov. 2026").must_say("par Maëlle Tournesac");

        // Nothing is confirmed blindly: what never served is left out of the whole page.
        let form = town.principal.form("/decisions").forge("geste", "page");
        form.send(&mut town.principal).await;
        town.principal.page().must_say("Confirmer 1 habilitation").must_say("Brisefort Nolwenn").must_say("2 lignes de la page restent à examiner");
        assert!(app.bodies("review.confirmed").await.is_empty(), "asked, not done");
        town.principal.form("/decisions").send(&mut town.principal).await;
        town.principal.page().must_say("1 sur 3 habilitations examinées");
        assert_eq!(app.bodies("review.confirmed").await[0]["subject"], nolwenn.account.to_string().as_str());

        // A withdrawal says of whom first, then stops at once and frees the place.
        let quotient = granted(app, &karim, QUOTIENT).await;
        town.choose(&[(quotient, "retirer")]).await;
        town.principal.page().must_say("Delorne Karim perd « Quotient familial »").must_say("jamais utilisé");
        assert_eq!(held(app).await, 3, "asked, not done");
        town.principal.form("/decisions").send(&mut town.principal).await;
        town.principal.page().must_say("2 sur 3 habilitations examinées").must_say("Retirées 1");
        assert_eq!(held(app).await, 2);
        let history: Vec<(String,)> = app.rows("SELECT reason FROM role_grant_history").await;
        assert_eq!(history, [("revue inverse 2026".to_owned(),)]);
        assert_eq!(app.bodies("grant.revoked").await[0]["object"]["reason"], "revue inverse 2026");
        assert_eq!(app.bodies("review.withdrawn").await.len(), 1);

        // The work is kept from one day to the next; what is given meanwhile is to be reviewed too.
        app.clock.advance(Duration::days(1));
        town.principal.sign_in(&town.own.identifier, PASSWORD).await.must_say("Continuer la revue");
        grant(&mut town.principal, town.partner, &ewen, QUOTIENT).await;
        town.principal.open(&town.page()).await.must_say("2 sur 4 habilitations examinées").must_say("Donnée depuis l’ouverture");
        administrator.sign_in(&app.rows::<(String,)>("SELECT identifier FROM account WHERE office = 'organism_administrator'").await[0].0.clone(), PASSWORD).await;
        administrator.open(&Reviews.to_string()).await.must_say("ouverte le 23 nov. 2026, 2 décisions").must_say("À jour");

        // Not before everything is decided.
        town.principal.open(&town.transmission()).await.must_say("2 habilitations attendent votre décision");
        let form = town.principal.open(&town.page()).await.clone();
        let forged = town.principal.form("/decisions");
        let fields = [("jeton", forged.value("jeton").unwrap()), ("cle", "avant-l-heure"), ("verifie", "oui")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        town.principal.post(&town.transmission(), &fields).await;
        assert_eq!(town.principal.page().status, 422, "{}", form.path);
        assert!(app.bodies("review.transmitted").await.is_empty());

        // What leaves by another way leaves the list, and is told.
        world::revoke(app, &mut town.principal, town.partner, &karim).await;
        town.principal.open(&town.page()).await.must_say("2 sur 3 habilitations examinées");
        let new = granted(app, &ewen, QUOTIENT).await;
        town.choose(&[(new, "confirmer")]).await;
        town.principal.page().must_say("vos décisions sont enregistrées").must_say("Tout est examiné");
        town.principal.open(&town.transmission()).await.must_say("Retirée pendant la revue, sans passer par elle");
        town.principal.form("/transmettre").send(&mut town.principal).await;
        assert_eq!(town.principal.page().status, 422);
        town.principal.page().must_say("Cochez cette case");
        let twice = town.principal.form("/transmettre").tick("verifie", "oui");
        twice.clone().send(&mut town.principal).await;
        town.principal.page().must_say("votre revue est transmise").must_say("Intact").must_say("24 nov. 2026");
        let report = town.principal.page().path.split('?').next().unwrap().to_owned();
        twice.send(&mut town.principal).await;
        assert!(town.principal.page().path.starts_with(&report), "sent twice, transmitted once");
        let told = &app.bodies("review.transmitted").await[0]["object"];
        assert_eq!((&told["confirmed"], &told["withdrawn"]), (&2.into(), &1.into()));
        town.principal.page().must_say(told["digest"].as_str().unwrap());

        // A checkpoint of the log covers it, once it is sealed: kept, it compares.
        town.principal.page().must_say("En attente de sceau");
        let checkpoint = sign(app.app.db()).await;
        town.principal.open(&report).await.must_say("Scellée").must_not_say("Sa trace et sa preuve");
        let note = town.principal.page().select("pre").remove(0);
        assert!(note.contains(&checkpoint.origin) && note.contains(&checkpoint.size.to_string()), "{note}");
        town.principal.page().must_say(&format!("sur {} traces", checkpoint.size));

        // The organism and its auditor read it; another partner does not.
        administrator.open(&Reviews.to_string()).await.must_say("À jour").must_say("due le 24 nov. 2027");
        administrator.follow("le 24 nov. 2026").await.must_say("Brisefort Nolwenn").must_say("Delorne Karim").must_say("Marsilhe Ewen").must_say("Intact");
        let auditor = app.name_auditor(organism, "591").await;
        let mut auditor = app.first_sign_in(&auditor, "basile.rochedieu.591@caf.example").await;
        auditor.open(&report).await.must_say("Intact").must_not_say("Partenaires");
        auditor.follow("Sa trace et sa preuve").await.must_say("Revue inverse transmise");
        assert_eq!(auditor.open(&town.page()).await.status, 404);
        agent.sign_in(&nolwenn.identifier, PASSWORD).await;
        assert_eq!(agent.open(&report).await.status, 404);
        let mut other = Town::of(app, &mut administrator, &PORT_LISSANT).await;
        assert_eq!(other.principal.open(&report).await.status, 404);
        assert_eq!(other.principal.open(&town.page()).await.status, 404);

        // Later acts are for the next review: the report does not move.
        let before = administrator.open(&report).await.text();
        world::revoke(app, &mut town.principal, town.partner, &ewen).await;
        assert_eq!(administrator.open(&report).await.text().replace("9 h 3", ""), before.replace("9 h 3", ""));
        town.principal.open(&town.page()).await.must_say("Ouvrir la revue inverse 2026").must_say("transmise le 24 nov. 2026");
    }

    /// What was transmitted cannot be changed by the program's own statements, and a change behind its back shows.
    async fn a_transmitted_review_is_frozen(app) {
        let (_, mut administrator) = app.administrator().await;
        let mut town = Town::of(app, &mut administrator, &BRUMEVAL).await;
        town.hire("Nolwenn", "Brisefort", &[QUOTIENT]).await;
        town.open_review().await;
        let nolwenn: Vec<(GrantId,)> = app.rows("SELECT id FROM role_grant").await;
        town.choose(&[(nolwenn[0].0, "confirmer")]).await;
        town.transmit().await;
        let report = town.principal.page().path.split('?').next().unwrap().to_owned();
        let mut owner = Owner::of(app).await;
        for act in ["UPDATE review SET proof = '{}'", "UPDATE review SET year = 2030"] {
            let refused = owner.run(act).await.unwrap_err();
            assert!(refused.contains("a transmitted review is never changed"), "{act}: {refused}");
        }
        let unlocked = match owner {
            Owner::Sqlite(_) => "DROP TRIGGER review_is_final",
            Owner::Postgres(_) => "DROP TRIGGER review_is_final ON review",
        };
        owner.run(unlocked).await.unwrap();
        owner.run("UPDATE review SET proof = replace(proof, 'Brisefort', 'Brisevent')").await.unwrap();
        administrator.open(&report).await.must_say("Ce texte n’est plus celui qui a été transmis").must_say("Brisevent").must_not_say("Intact");
    }

    /// Nobody decides on his own rights: the organism does, of those who manage a partner.
    async fn the_rights_of_managers_are_the_organisms_to_review(app) {
        let (_, mut administrator) = app.administrator().await;
        let mut town = Town::of(app, &mut administrator, &BRUMEVAL).await;
        town.hire("Nolwenn", "Brisefort", &[QUOTIENT]).await;
        let own = give_to_a_manager(app, &town.own).await;
        let managers = ManagersReview { partner: town.partner }.to_string();
        administrator.open(&managers).await.must_say("Aucune revue n’a encore été ouverte");
        town.open_review().await;
        town.principal.page().must_say("0 sur 1").must_say("Pour l’organisme").must_not_say("Tournesac Maëlle");
        for stage in ["", "sur"] {
            let form = town.principal.form("/decisions").forge(&format!("d_{own}"), "retirer").forge("etape", stage);
            form.send(&mut town.principal).await;
            assert_eq!(town.principal.page().status, 404, "«{stage}»");
            town.principal.open(&town.page()).await;
        }
        assert_eq!(town.principal.open(&managers).await.status, 404);
        administrator.open(&Reviews.to_string()).await.must_say("1 habilitation à examiner par vous");
        administrator.follow("à examiner par vous").await.must_say("Tournesac Maëlle").must_say("À examiner");
        administrator.form("/gestionnaires").forge("decision", "confirmer").send(&mut administrator).await;
        administrator.page().must_say("Confirmée");
        administrator.form("/gestionnaires").forge("decision", "retirer").send(&mut administrator).await;
        administrator.page().must_say("Rien à examiner");
        let withdrawn = app.bodies("review.withdrawn").await;
        assert_eq!(withdrawn[0]["actor"]["office"], "organism_administrator");
        assert_eq!(withdrawn[0]["partner"], town.partner.to_string().as_str(), "the partner reads it too");
        // The organism decides on nobody else's.
        let nolwenn: Vec<(GrantId,)> = app.rows("SELECT id FROM role_grant").await;
        let again = give_to_a_manager(app, &town.own).await;
        administrator.open(&managers).await.must_not_say("Brisefort");
        let form = administrator.form("/gestionnaires").forge("habilitation", &nolwenn[0].0.to_string());
        form.forge("decision", "retirer").send(&mut administrator).await;
        assert_eq!(administrator.page().status, 404, "{again}");
        assert_eq!(held(app).await, 2);
    }

    /// A right that changed after its decision is decided on again.
    async fn what_changed_is_looked_at_again(app) {
        let (_, mut administrator) = app.administrator().await;
        let mut town = Town::of(app, &mut administrator, &BRUMEVAL).await;
        let nolwenn = town.hire("Nolwenn", "Brisefort", &[QUOTIENT]).await;
        town.open_review().await;
        // The same review, opened from another page.
        let (mut here, mut there) = (town.principal.clone(), town.principal.clone());
        here.open(&town.page()).await.must_not_say("Ouvrir la revue");
        let key = here.form("/decisions");
        let fields = [("jeton", key.value("jeton").unwrap()), ("cle", "une-autre")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        there.post(&town.page(), &fields).await;
        assert_eq!(there.page().status, 409, "one at a time");
        let grant = granted(app, &nolwenn, QUOTIENT).await;
        town.choose(&[(grant, "confirmer")]).await;
        town.principal.page().must_say("1 sur 1 habilitation examinée");
        let mut owner = Owner::of(app).await;
        owner.run("UPDATE role_grant SET ends_on = '2027-08-31'").await.unwrap();
        town.principal.open(&town.page()).await.must_say("0 sur 1").must_say("Modifiée depuis votre décision").must_say("31 août 2027");
        town.principal.open(&format!("{}?vue=confirmees", town.page())).await.must_say("Aucune ligne dans cette vue");
        town.principal.open(&town.page()).await;
        town.choose(&[(grant, "confirmer")]).await;
        town.transmit().await;
        assert_eq!(app.bodies("review.confirmed").await.len(), 2);
        town.principal.page().must_say("du 23 nov. 2026 au 31 août 2027");
        // Nothing can be chosen on a review that is over.
        let decisions = ReviewDecisions { partner: town.partner }.to_string();
        let fields = [("jeton", key.value("jeton").unwrap().to_owned()), ("cle", "apres".to_owned()), (&*format!("d_{grant}"), "retirer".to_owned()), ("etape", "sur".to_owned())]
            .map(|(name, value)| (name.to_owned(), value));
        town.principal.post(&decisions, &fields).await;
        assert_eq!(town.principal.page().status, 409);
        assert_eq!(held(app).await, 1);
    }

    /// What a group gives ends with the group: whoever loses it leaves, and loses the rest; the page says so before.
    async fn withdrawing_what_a_group_gives_is_leaving_it(app) {
        let (_, mut administrator) = app.administrator().await;
        let mut town = Town::of(app, &mut administrator, &BRUMEVAL).await;
        let nolwenn = town.hire("Nolwenn", "Brisefort", &[]).await;
        let partner = town.partner;
        let group = create_group(&mut town.principal, partner, "Petite enfance").await;
        let form = open_join(&mut town.principal, partner, group, &[&nolwenn]).await;
        form.forge("etape", "ajouter").send(&mut town.principal).await;
        for role in [QUOTIENT, ADDRESS] {
            open_give(&mut town.principal, partner, group, role).await.send(&mut town.principal).await;
        }
        assert_eq!(held(app).await, 2);
        town.open_review().await;
        town.principal.open(&town.page()).await.must_say("par le groupe « Petite enfance »");
        let (quotient, address) = (granted(app, &nolwenn, QUOTIENT).await, granted(app, &nolwenn, ADDRESS).await);
        town.choose(&[(quotient, "confirmer"), (address, "retirer")]).await;
        town.principal.page().must_say("perd « Quotient familial »").must_say("perd « Adresse »").must_say("la personne en sort");
        town.principal.page().must_not_say("a encore besoin");
        town.principal.form("/decisions").send(&mut town.principal).await;
        assert_eq!(held(app).await, 0);
        assert_eq!(app.bodies("review.withdrawn").await.len(), 2);
        assert_eq!(app.bodies("review.confirmed").await.len(), 0);
        let revoked = app.bodies("grant.revoked").await;
        assert_eq!(revoked.len(), 2);
        assert!(revoked.iter().all(|body| body["object"]["group"]["name"] == "Petite enfance"), "{revoked:?}");
        assert_eq!(app.bodies("group.left").await[0]["object"]["reason"], "revue inverse 2026");
        town.principal.open(&Group { partner, group }.to_string()).await.must_say("Personne dans ce groupe");
        town.transmit().await;
    }

    /// Sixty days before its term the review is announced; the day after, it is late, at both ends; transmitting
    /// settles it for a year.
    async fn a_review_is_owed_every_year(app) {
        let (_, mut administrator) = app.administrator().await;
        let mut town = Town::of(app, &mut administrator, &BRUMEVAL).await;
        let mut other = Town::of(app, &mut administrator, &PORT_LISSANT).await;
        let idle = register_partner(&mut administrator, &world::Town { name: "Crèche Les Hirondelles", siret: "90000000100017", prefix: "HIR", mail: "hirondelles.example" }).await;
        let organism = app.rows::<(String,)>("SELECT identifier FROM account WHERE office = 'organism_administrator'").await[0].0.clone();
        administrator.open(&Reviews.to_string()).await.must_say("Rien à revoir").must_say("due le 1er oct. 2027");
        // 1 August 2027: two months before.
        app.clock.advance(Duration::days(251));
        town.principal.sign_in(&town.own.identifier, PASSWORD).await.must_not_say("Faire la revue");
        app.clock.advance(Duration::days(1));
        town.principal.sign_in(&town.own.identifier, PASSWORD).await.must_say("Due le 1er oct. 2027").must_say("Faire la revue");
        administrator.sign_in(&organism, PASSWORD).await.must_not_say("en retard");
        administrator.open(&format!("{Reviews}?etat=bientot")).await.must_say("2 partenaires").must_not_say("Hirondelles");
        administrator.open(&format!("{Reviews}?etat=retard")).await.must_say("Aucun partenaire ne répond");
        // 2 October 2027.
        app.clock.advance(Duration::days(61));
        administrator.sign_in(&organism, PASSWORD).await.must_say("Revue inverse en retard").must_say("2 partenaires");
        administrator.open(&format!("{Reviews}?etat=retard")).await.must_say("due le 1er oct. 2027, il y a 1 jour").must_say("2 partenaires");
        administrator.open(&format!("{Reviews}?etat=bientot")).await.must_say("Aucun partenaire ne répond");
        town.principal.sign_in(&town.own.identifier, PASSWORD).await;
        town.principal.open(&town.page()).await.must_say("En retard : elle était due le 1er oct. 2027").must_say("ne sont pas coupés");
        // Nobody holds anything: the review proves that it was looked at.
        town.open_review().await;
        town.principal.page().must_say("Personne n’a d’habilitation");
        administrator.open(&format!("{Reviews}?etat=en-cours&q=brumeval")).await.must_say("1 partenaire").must_say("0 décision");
        town.transmit().await;
        administrator.open(&format!("{Reviews}?etat=retard")).await.must_say("1 partenaire").must_say("Port-Lissant").must_not_say("Brumeval");
        administrator.open(&Reviews.to_string()).await.must_say("due le 2 oct. 2028");
        assert_eq!(other.principal.sign_in(&other.own.identifier, PASSWORD).await.status, 200, "{idle}");
        other.principal.open("/accueil").await.must_say("Due le 1er oct. 2027");
    }

    /// The last use of a right is the day on which a file was last read by it, noted once a day.
    async fn a_use_is_noted_once_a_day(app) {
        let (organism, mut administrator) = app.administrator().await;
        load(app, organism).await;
        let mut town = Town::of(app, &mut administrator, &BRUMEVAL).await;
        let nolwenn = town.hire("Nolwenn", "Brisefort", &[QUOTIENT]).await;
        let mut agent = app.first_sign_in(&nolwenn.identifier, &nolwenn.mail).await;
        let uses = async || app.rows::<(GrantId, AccountId, Timestamp)>("SELECT grant_id, account_id, used_at FROM grant_use").await;
        assert!(uses().await.is_empty());
        read_a_file(&mut agent, 0).await;
        let first = uses().await;
        assert_eq!((first.len(), first[0].1), (1, nolwenn.account));
        app.clock.advance(Duration::minutes(5));
        read_a_file(&mut agent, 1).await;
        assert_eq!(uses().await, first, "once a day");
        app.clock.advance(Duration::days(1));
        agent.sign_in(&nolwenn.identifier, PASSWORD).await;
        read_a_file(&mut agent, 2).await;
        let later = uses().await;
        assert_eq!((later.len(), later[0].2), (1, app.clock.now()));
        town.principal.sign_in(&town.own.identifier, PASSWORD).await;
        // A withdrawn right keeps its last use, for the report.
        world::revoke(app, &mut town.principal, town.partner, &nolwenn).await;
        assert_eq!(uses().await, later);
    }
}
