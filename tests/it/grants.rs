//! Roles given and withdrawn inside caps and perimeters: what changes is told before, refused with the ways out, and
//! never passes a cap, whoever races.

use time::Duration;

use crate::stories;
use crate::support::caisse::{SIRETS, name_principal, open_cdap, register};
use crate::support::{Browser, TestApp};

const QUOTIENT: &str = "01900000-0000-7000-8000-000000000011";
const ADRESSE: &str = "01900000-0000-7000-8000-000000000012";

/// A commune with CDAP for `cap` people, its principal signed in, and people of these names; gives their ids.
struct Commune {
    grants: String,
    membership: String,
    principal: Browser,
    people: Vec<String>,
}

async fn commune(app: &TestApp, organism: &mut Browser, cap: &str, names: &[&str]) -> Commune {
    let partner = register(organism, "Commune de Brumeval", SIRETS[0]).await;
    let membership = open_cdap(organism, &partner, cap).await;
    let mail = "maelle.tournesac@brumeval.example";
    let identifier = name_principal(organism, &partner, mail).await;
    let mut principal = app.first_sign_in(&identifier, mail).await;
    let mut people = Vec::new();
    for name in names {
        principal.open(&format!("{partner}/utilisateurs/nouveau")).await;
        let form =
            principal.form("/nouveau").fill("prenom", "Lou").fill("nom", name).fill("fonction", "Agente");
        form.fill("courriel", &format!("lou.{}@brumeval.example", name.to_lowercase()))
            .send(&mut principal)
            .await;
        let page = principal.page().path.split('?').next().unwrap().to_owned();
        people.push(page.rsplit('/').next().unwrap().to_owned());
    }
    Commune { grants: format!("{partner}/habilitations"), membership, principal, people }
}

impl Commune {
    fn form(&self, person: usize, role: &str) -> String {
        format!("{}/nouvelle?personne={}&role={role}", self.grants, self.people[person])
    }

    async fn grant(&mut self, person: usize, role: &str) {
        let address = self.form(person, role);
        self.principal.open(&address).await;
        self.principal.form("/nouvelle").send(&mut self.principal).await;
    }
}

stories! {
    /// The effect is told first; the role is then held, shown to who holds it, withdrawn, and its place is free.
    async fn a_role_is_given_used_and_withdrawn(app) {
        let (_, mut organism) = app.administrator().await;
        let mut commune = commune(app, &mut organism, "2", &["Arvor"]).await;
        let (grants, form) = (commune.grants.clone(), commune.form(0, ADRESSE));
        let principal = &mut commune.principal;
        principal.open(&grants).await.must_say("0 sur 2").must_say("Personne n’est encore habilité");
        principal.open(&format!("{grants}/nouvelle")).await.must_say("Choisissez une personne et un rôle");
        principal.form("/nouvelle").fill("qui", "arv").forge("etape", "chercher").send(principal).await;
        principal.page().must_say("1 personne trouvée").must_say("Lou Arvor");
        principal.open(&form).await.must_say("0 aujourd’hui, 1 avec Lou Arvor").must_say("Lou Arvor pourra voir").must_say("hors de ce rôle");
        let filled = principal.form("/nouvelle").fill("fin", "2027-07-09");
        filled.clone().send(principal).await;
        principal.page().must_say("a un rôle de plus").must_say("Adresse").must_say("9 juil. 2027");
        let done = principal.page().path.clone();
        filled.send(principal).await;
        assert_eq!(principal.page().path, done, "sent twice, done once");
        principal.open(&form).await;
        principal.form("/nouvelle").send(principal).await;
        assert_eq!(principal.page().status, 422);
        principal.page().must_say("a déjà ce rôle");
        principal.open(&grants).await.must_say("1 sur 2").must_say("1 en attente de connexion");
        let revoke = principal.page().links("Retirer ce rôle")[0].clone();
        principal.open(&revoke).await.must_say("Ne sera plus visible").must_say("libérée aussitôt");
        let form = principal.form("/retirer");
        form.clone().fill("motif", "").send(principal).await;
        assert_eq!(principal.page().status, 422);
        form.clone().fill("motif", "Fin de mission").send(principal).await;
        principal.page().must_say("le rôle est retiré").must_say("Aucun rôle");
        form.fill("motif", "Fin de mission").send(principal).await;
        principal.page().must_say("le rôle est retiré");
        principal.open(&grants).await.must_say("0 sur 2");
        let kept: Vec<(String, String)> =
            app.rows("SELECT reason, CAST(erase_on AS TEXT) FROM role_grant_history").await;
        assert_eq!(kept, [("Fin de mission".to_owned(), "2032-11-23".to_owned())]);
        let granted = &app.bodies("grant.made").await[0]["object"];
        assert_eq!((granted["perimeter"].as_str(), granted["ends_on"].as_str()), (Some("59410"), Some("2027-07-09")));
        assert_eq!(app.bodies("grant.revoked").await[0]["object"]["reason"], "Fin de mission");
        assert_eq!(app.bodies("grant.refused").await[0]["object"]["cause"], "already_held");
    }

    /// The cap stops the next one, with the number, the places that could be freed and the way to ask for more.
    async fn the_cap_stops_the_next_one(app) {
        let (_, mut organism) = app.administrator().await;
        let mut commune = commune(app, &mut organism, "2", &["Arvor", "Belrive", "Clairvent"]).await;
        commune.grant(0, QUOTIENT).await;
        commune.grant(1, QUOTIENT).await;
        // Somebody who counts already takes no other place.
        commune.grant(0, ADRESSE).await;
        commune.principal.page().must_say("a un rôle de plus");
        commune.grant(2, QUOTIENT).await;
        let page = commune.principal.page();
        assert_eq!(page.status, 422);
        page.must_say("plafond atteint").must_say("L’organisme accorde 2 places").must_say("2 personnes sont déjà comptées");
        page.must_say("Places peu utilisées").must_say("Retirer ce rôle à Lou Belrive").must_not_say("Retirer ce rôle à Lou Arvor");
        let asked = page.links("Demander à l’organisme")[0].clone();
        assert!(asked.ends_with("/demande"), "{asked}");
        assert_eq!(commune.principal.form("/nouvelle").value("personne"), Some(commune.people[2].as_str()), "kept");
        assert_eq!(app.bodies("grant.refused").await[0]["object"]["cause"], "service_cap");
        assert_eq!(app.bodies("grant.made").await.len(), 3);
        commune.principal.open("/accueil").await.must_say("Complet");
        // A role's own cap stops it too, and leads to the roles that have places left.
        let caps = format!("{}/plafonds", commune.membership);
        organism.open(&caps).await;
        organism.form("/plafonds").fill("plafond", "9").fill_nth("plafond_role", 0, "2").send(&mut organism).await;
        commune.grant(2, QUOTIENT).await;
        let page = commune.principal.page();
        page.must_say("le rôle « Quotient familial »").must_say("Choisir « Adresse »");
        assert_eq!(page.links("Demander à l’organisme")[0], format!("{asked}?role={QUOTIENT}"));
        assert_eq!(app.bodies("grant.refused").await[1]["object"]["cause"], "role_cap");
        commune.principal.follow("Choisir « Adresse »").await;
        commune.principal.form("/nouvelle").send(&mut commune.principal).await;
        commune.principal.page().must_say("a un rôle de plus");
        // Lowered below its use, nobody loses anything and the organism is told.
        organism.open(&caps).await;
        organism.form("/plafonds").fill("plafond", "1").send(&mut organism).await;
        organism.open("/accueil").await.must_say("3 personnes, 1 place").must_say("2 de trop");
        commune.principal.open(&commune.grants).await.must_say("3 sur 1").must_say("2 de trop");
    }

    /// Two administrators of one partner race for its last place: one success, one refusal, never two.
    async fn the_last_place_is_given_once(app) {
        let (_, mut organism) = app.administrator().await;
        let mut commune = commune(app, &mut organism, "1", &["Arvor", "Belrive", "Clairvent", "Delorne"]).await;
        let node = app.second_node().await;
        let mut racers = Vec::new();
        for person in 0..4 {
            let (address, mut browser) = (commune.form(person, QUOTIENT), commune.principal.clone());
            if person % 2 == 1 {
                browser = browser.moved_to(node.app.router());
            }
            browser.open(&address).await;
            racers.push((browser.form("/nouvelle"), browser));
        }
        let mut running = tokio::task::JoinSet::new();
        for (form, mut browser) in racers {
            running.spawn(async move {
                form.send(&mut browser).await;
                browser.page().status.as_u16()
            });
        }
        let mut statuses = running.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422, 422, 422]);
        assert_eq!(app.rows::<(String,)>("SELECT perimeter FROM role_grant").await.len(), 1);
        commune.principal.open(&commune.grants).await.must_say("1 sur 1");
    }

    /// A perimeter stays inside the membership's, and days follow one another; an ended role can be given again.
    async fn perimeter_and_days_have_bounds(app) {
        let (_, mut organism) = app.administrator().await;
        let mut commune = commune(app, &mut organism, "5", &["Arvor"]).await;
        let address = commune.form(0, QUOTIENT);
        let principal = &mut commune.principal;
        principal.open(&address).await;
        let form = principal.form("/nouvelle");
        form.clone().fill("etendue", "partie").fill("lieux", "Lille").send(principal).await;
        assert_eq!(principal.page().status, 422);
        principal.page().must_say("Hors de ce que vous pouvez donner : Lille");
        form.clone().fill("debut", "2026-11-01").fill("fin", "2026-10-01").send(principal).await;
        principal.page().must_say("Cette date est trop tôt").must_say("La fin précède le début");
        let causes: Vec<_> =
            app.bodies("grant.refused").await.iter().map(|body| body["object"]["cause"].clone()).collect();
        assert_eq!(causes, ["perimeter", "dates"]);
        form.fill("etendue", "partie").fill("lieux", "Mons-en-Barœul").fill("debut", "2026-12-01").fill("fin", "2026-12-02").send(principal).await;
        principal.page().must_say("À venir");
        principal.open(&address).await;
        principal.form("/nouvelle").send(principal).await;
        principal.page().must_say("a déjà ce rôle");
        let identifier = app.rows::<(String,)>("SELECT identifier FROM account WHERE office = 'principal'").await[0].0.clone();
        app.clock.advance(Duration::days(15));
        principal.sign_in(&identifier, crate::support::PASSWORD).await;
        principal.open(&commune.grants).await.must_say("Terminée").must_say("0 sur 5");
        principal.open(&address).await;
        principal.form("/nouvelle").send(principal).await;
        principal.page().must_say("a un rôle de plus").must_say("En cours");
        assert_eq!(app.rows::<(String,)>("SELECT reason FROM role_grant_history").await.len(), 1);
    }

    /// A withdrawn role stops at the next request of who held it; the organism reads and does nothing.
    async fn a_withdrawn_role_stops_at_the_next_request(app) {
        let (_, mut organism) = app.administrator().await;
        let mut commune = commune(app, &mut organism, "5", &["Arvor"]).await;
        commune.grant(0, QUOTIENT).await;
        let person = commune.principal.page().path.split('?').next().unwrap().to_owned();
        let identifier = commune.principal.page().select("dd .mono")[0].clone();
        let mut agent = app.first_sign_in(&identifier, "lou.arvor@brumeval.example").await;
        agent.open("/accueil").await.must_say("Consulter un dossier").must_say("Quotient familial");
        agent.open("/mes-habilitations").await.must_say("Mons-en-Barœul").must_say("Adressage des familles").must_say("Maëlle Tournesac");
        assert_eq!(agent.open(&commune.grants).await.status, 404);
        organism.open(&commune.grants).await.must_say("Lou").must_not_say("Retirer").must_not_say("Habiliter");
        // The organism gives roles to who administers the partner, and to nobody else.
        let forged = format!("{}/nouvelle?personne={}&role={QUOTIENT}", commune.grants, commune.people[0]);
        organism.open(&forged).await.must_say("Maëlle Tournesac").must_not_say("Lou Arvor");
        organism.form("/nouvelle").forge("personne", &commune.people[0]).send(&mut organism).await;
        assert_eq!(organism.page().status, 422);
        commune.principal.open(&person).await;
        let revoke = commune.principal.page().links("Retirer le rôle")[0].clone();
        assert_eq!(organism.open(&revoke).await.status, 404);
        commune.principal.open(&revoke).await;
        commune.principal.form("/retirer").fill("motif", "Changement de poste").send(&mut commune.principal).await;
        agent.open("/mes-habilitations").await.must_say("pas encore de rôle");
        agent.open("/accueil").await.must_say("pas de rôle en cours");
    }
}
