//! RSACG, as 004 has it: an MSA that manages its partner's agents itself, circonscriptions, look-up by NIR, five
//! rubrics, open from 5 h to 23 h.

use compte_partenaire::domain::day::Zone;
use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::files::{File, Fund, Known};
use compte_partenaire::domain::id::OrganismId;
use compte_partenaire::features::files;
use compte_partenaire::features::organisms::Kind;
use compte_partenaire::jobs;
use time::Duration;
use time::macros::date;

use crate::stories;
use crate::support::caisse::new_partner;
use crate::support::{Browser, TestApp};

const SIRET: &str = "90000300500015";
const HAGUENAU: &str = "67180";

/// Invented households of the Bas-Rhin, half of them in Haguenau or Saverne.
fn households() -> Vec<File> {
    let within = "67 67180 67437".parse().unwrap();
    fictitious::files_of(Fund::Msa, 678, 900, &within, date!(2026 - 11 - 20)).collect()
}

async fn load(app: &TestApp, organism: OrganismId, households: &[File]) {
    let (give, take) = tokio::sync::mpsc::channel(1_000);
    for household in households {
        give.send(household.clone()).await.unwrap();
    }
    drop(give);
    files::load(&app.app, organism, take, |_| {}).await.unwrap();
}

/// An MSA, its département with RSACG and a circonscription, and one agent who is habilitated for it.
struct Msa {
    organism: OrganismId,
    administrator: Browser,
    partner: String,
    agent_page: String,
    agent: Browser,
}

async fn msa(app: &TestApp, zone: &str) -> Msa {
    let zone = Zone::parse(zone).unwrap();
    let (organism, identifier) =
        app.found_in(Kind::Msa, zone, "678", "MSA de la Plaine-aux-Houblons", "67 68").await;
    let mut administrator = app.first_sign_in(&identifier, "odile.marchepont.678@caf.example").await;
    new_partner(&mut administrator, "Département du Bas-Rhin", SIRET)
        .await
        .fill("categorie", "departement")
        .fill("gestion", "centralised")
        .send(&mut administrator)
        .await;
    administrator.page().must_say("est enregistré").must_say("créez et habilitez ses agents");
    let partner = administrator.page().path.split('?').next().unwrap().to_owned();
    administrator.open(&format!("{partner}/bulletins/nouveau")).await.must_say("RSACG");
    administrator
        .form("/bulletins/nouveau")
        .fill_nth("mission", 0, "Instruction et suivi du RSA")
        .fill("lieux", "67")
        .fill("formalite_le", "2026-02-01")
        .fill("contrat_le", "2026-02-02")
        .fill("bulletin_le", "2026-02-03")
        .fill("disponible_le", "2026-02-04")
        .fill("plafond", "2")
        .send(&mut administrator)
        .await;
    administrator.page().must_say("le bulletin est enregistré");
    draw(&mut administrator, &partner, "Haguenau", HAGUENAU).await;
    let agent_page = create_agent(&mut administrator, &partner, "Capucine", "Oberlaitre").await;
    habilitate(&mut administrator, &partner, &agent_page).await;
    administrator.page().must_say("a un rôle de plus").must_say("Circonscription : Haguenau");
    let identifier = administrator.page().select("dl.record .mono").pop().unwrap();
    let agent = app.first_sign_in(&identifier, "capucine.oberlaitre@departement67.example").await;
    Msa { organism, administrator, partner, agent_page, agent }
}

async fn draw(administrator: &mut Browser, partner: &str, name: &str, places: &str) {
    administrator.open(&format!("{partner}/circonscriptions/nouvelle")).await;
    administrator.form("/nouvelle").fill("nom", name).fill("lieux", places).send(administrator).await;
    administrator.page().must_say("la circonscription est créée");
}

async fn create_agent(administrator: &mut Browser, partner: &str, given_name: &str, surname: &str) -> String {
    administrator.open(&format!("{partner}/utilisateurs/nouveau")).await;
    let mail = format!("{}.{}@departement67.example", given_name.to_lowercase(), surname.to_lowercase());
    administrator
        .form("/utilisateurs/nouveau")
        .fill("prenom", given_name)
        .fill("nom", surname)
        .fill("fonction", "Assistante de service social")
        .fill("courriel", &mail)
        .send(administrator)
        .await;
    administrator.page().must_say("C’est fait");
    administrator.page().path.split('?').next().unwrap().to_owned()
}

/// Opens the form of a grant to somebody and sends it with its only circonscription.
async fn habilitate(administrator: &mut Browser, partner: &str, agent_page: &str) {
    let account = agent_page.rsplit('/').next().unwrap();
    administrator.open(&format!("{partner}/habilitations/nouvelle?personne={account}")).await;
    let form = administrator.form("/nouvelle");
    let role = form.offers("role")[0].clone();
    let place = form.offers("etendue")[0].clone();
    form.fill("role", &role).fill("etendue", &place).send(administrator).await;
}

async fn look_up(agent: &mut Browser, nir: &str) {
    agent.open("/consultation").await;
    let form = agent.form("/consultation");
    let mission = form.offers("mission").into_iter().find(|mission| !mission.is_empty()).unwrap();
    form.fill("numero", nir).fill("mission", &mission).send(agent).await;
}

fn nir_of(household: &File) -> String {
    household.rsa_numbers().into_iter().next().unwrap().as_str().to_owned()
}

stories! {
    /// The whole path of 004: the organism does everything, the agent reads the five rubrics of his circonscription.
    async fn an_agent_reads_an_rsa_file_by_nir_in_his_circonscription(app) {
        let mut msa = msa(app, "Europe/Paris").await;
        let households = households();
        load(app, msa.organism, &households).await;
        let here = |file: &&File| file.commune.as_str() == HAGUENAU;
        let rsa = || households.iter().filter(|file| file.rsa.is_some());
        let known = rsa().filter(here).find(|file| matches!(file.income, Known::Known(_))).unwrap();
        let elsewhere = rsa().find(|file| file.commune.as_str() == "67437").unwrap();

        msa.agent.open("/accueil").await.must_say("Tous les jours de 5 h à 23 h");
        msa.agent.open("/consultation").await.must_say("Numéro de Sécurité sociale (NIR)").must_not_say("Numéro d’allocataire");
        let nir = nir_of(known);
        look_up(&mut msa.agent, &nir[..13]).await;
        assert_eq!(msa.agent.page().status, 422);
        msa.agent.page().must_say("compte 15 caractères avec sa clé, vous en avez saisi 13");
        let key: u32 = nir[13..].parse().unwrap();
        look_up(&mut msa.agent, &format!("{}{:02}", &nir[..13], key % 97 + 1)).await;
        msa.agent.page().must_say("contient une erreur de saisie");

        look_up(&mut msa.agent, &nir).await;
        assert_eq!(msa.agent.page().status, 200, "{}", msa.agent.page().text());
        let titles: Vec<String> = msa.agent.page().select("section.leaf h2");
        assert_eq!(titles, ["Famille", "Droits", "RSA", "Ressources", "Adresse"]);
        msa.agent.page().must_say("Demande de RSA").must_say("État du dossier").must_say("Moyenne mensuelle");
        assert!(!msa.agent.page().path.contains(&nir), "no NIR in an address");

        // Another circonscription, somebody without RSA, a number that nobody has: one answer.
        look_up(&mut msa.agent, &nir_of(elsewhere)).await;
        assert_eq!(msa.agent.page().status, 422);
        let outside = msa.agent.page().text().replace(&nir_of(elsewhere), "");
        let without = households.iter().filter(|file| file.rsa.is_none()).filter(here);
        let without = without.flat_map(|file| &file.family.persons).find_map(|person| person.nir).unwrap();
        look_up(&mut msa.agent, without.as_str()).await;
        assert_eq!(msa.agent.page().text().replace(without.as_str(), ""), outside);

        // The trace knows by which number, and nobody reads it there without the key.
        let bodies: Vec<(String,)> = app.rows("SELECT body FROM trace").await;
        assert!(bodies.iter().all(|(body,)| !body.contains(&nir[..13])), "a NIR stands in a trace");
        let read = &app.bodies("file.read").await[0]["object"];
        assert_eq!(read["rubrics"].as_array().unwrap().len(), 5);
        let results: Vec<_> = app.bodies("file.looked_up").await.iter().map(|body| body["object"]["result"].clone()).collect();
        assert_eq!(results, ["opened", "outside_perimeter", "unknown"]);

        // What the organism does there is the partner's in the log.
        let made = app.bodies("grant.made").await;
        assert_eq!(made[0]["partner"].as_str(), msa.partner.rsplit('/').next());

        // The circonscription is drawn again: the next request follows.
        let list = msa.administrator.open(&format!("{}/circonscriptions", msa.partner)).await.must_say("1 commune").clone();
        msa.administrator.open(&list.links("Haguenau")[0]).await.must_say("1 agent suivra");
        let path = msa.administrator.page().path.clone();
        msa.administrator.form(&path).fill("lieux", "Saverne").send(&mut msa.administrator).await;
        msa.administrator.page().must_say("la circonscription est corrigée");
        look_up(&mut msa.agent, &nir).await;
        msa.agent.page().must_say("Aucun dossier à afficher");
        look_up(&mut msa.agent, &nir_of(elsewhere)).await;
        assert_eq!(msa.agent.page().status, 200);
        assert_eq!(app.bodies("circonscription.redrawn").await[0]["object"]["grants"], 1);
    }

    /// Circonscriptions lie inside the membership, have each a name, and are needed; the cap holds for the organism too.
    async fn the_organism_keeps_the_rules_that_it_sets(app) {
        let mut msa = msa(app, "Europe/Paris").await;
        let administrator = &mut msa.administrator;
        administrator.open(&format!("{}/circonscriptions/nouvelle", msa.partner)).await;
        let form = administrator.form("/nouvelle");
        form.clone().fill("nom", "Colmar").fill("lieux", "Colmar").send(administrator).await;
        assert_eq!(administrator.page().status, 422);
        administrator.page().must_say("Hors de ce que vous pouvez donner : Colmar");
        form.clone().fill("nom", "HAGUENAU").fill("lieux", "Saverne").send(administrator).await;
        administrator.page().must_say("porte ce nom");
        let second = create_agent(administrator, &msa.partner, "Anatole", "Krummenwald").await;
        let account = second.rsplit('/').next().unwrap();
        administrator.open(&format!("{}/habilitations/nouvelle?personne={account}", msa.partner)).await;
        let form = administrator.form("/nouvelle");
        let role = form.offers("role")[0].clone();
        form.clone().fill("role", &role).forge("etendue", "tout").send(administrator).await;
        assert_eq!(administrator.page().status, 422);
        administrator.page().must_say("se donne par circonscription");
        let refused = app.bodies("grant.refused").await;
        assert_eq!(refused[0]["object"]["cause"], "circonscription");
        assert_eq!(refused[0]["partner"].as_str(), msa.partner.rsplit('/').next());
        habilitate(administrator, &msa.partner, &second).await;
        administrator.page().must_say("a un rôle de plus");
        let third = create_agent(administrator, &msa.partner, "Ulysse", "Griesfeld").await;
        habilitate(administrator, &msa.partner, &third).await;
        assert_eq!(administrator.page().status, 422);
        administrator.page().must_say("plafond atteint").must_say("Relever le plafond").must_not_say("Demander à l’organisme");

        // The notification says who, by which identifier, what and where, and no secret.
        let page = administrator.open(&format!("{}/notification", msa.agent_page)).await.clone();
        page.must_say("Notification d’habilitation").must_say("Capucine Oberlaitre").must_say("Circonscription : Haguenau")
            .must_say("ouvert tous les jours de 5 h à 23 h").must_say("BAS-").must_not_say("Krummenwald");
        // Its agents manage nobody.
        for page in ["utilisateurs", "habilitations", "circonscriptions", "habilitations/nouvelle"] {
            assert_eq!(msa.agent.open(&format!("{}/{page}", msa.partner)).await.status, 404, "{page}");
        }
        // Suspended by the organism, an agent is out at the next request.
        let suspend = format!("{}/suspendre", msa.agent_page);
        msa.administrator.open(&suspend).await;
        msa.administrator.form("/suspendre").fill("motif", "Fin de mission").send(&mut msa.administrator).await;
        msa.administrator.page().must_say("est suspendu");
        assert_eq!(msa.agent.open("/consultation").await.path, "/", "his session is no more");
    }

    /// The organism prints the two letters of an agent whom it manages itself; he signs in by them, and no mail leaves.
    async fn an_agent_signs_in_by_two_letters(app) {
        let mut msa = msa(app, "Europe/Paris").await;
        let administrator = &mut msa.administrator;
        administrator.open(&format!("{}/utilisateurs/nouveau", msa.partner)).await;
        administrator
            .form("/utilisateurs/nouveau")
            .fill("prenom", "Anatole")
            .fill("nom", "Krummenwald")
            .fill("fonction", "Référent RSA")
            .fill("courriel", "anatole.krummenwald@departement67.example")
            .fill("envoi", "lettre")
            .send(administrator)
            .await;
        let page = administrator.page().must_say("ses deux lettres").must_say("une lettre que l’organisme imprime").clone();
        let agent = page.path.split('?').next().unwrap().to_owned();
        let letters = page.links("Lettres d’identifiant")[0].clone();
        administrator.open("/lettres").await.must_say("Krummenwald Anatole").must_say("Lettre de code à imprimer");
        administrator.open(&letters).await;
        administrator.form("/identifiant").send(administrator).await;
        let identifier = administrator.page().must_say("Département du Bas-Rhin").select(".secret .value")[0].clone();
        administrator.open(&format!("{letters}/code")).await;
        administrator.form("/code").send(administrator).await;
        let code = administrator.page().must_not_say(&identifier).select(".secret .value")[0].clone();
        let mut browser = app.browser();
        browser.sign_in(&identifier, &code).await.must_say("Choisissez votre mot de passe");
        jobs::mail::send_due(&app.app).await.unwrap();
        let mails = app.app.mailer().sent();
        assert!(mails.iter().all(|letter| letter.to.address != "anatole.krummenwald@departement67.example"));
        let printed = app.bodies("letter.printed").await;
        assert!(printed.iter().all(|body| body["partner"].as_str() == msa.partner.rsplit('/').next()), "{printed:?}");
        administrator.open(&agent).await.must_say("par lettre, imprimée par l’organisme");
        assert_eq!(msa.agent.open("/lettres").await.status, 404);
    }

    /// A group gives a role for a circonscription, as a person gets one: it needs one, keeps to it, follows it, and the
    /// history says which it was.
    async fn a_group_gives_a_role_for_a_circonscription(app) {
        let mut msa = msa(app, "Europe/Paris").await;
        let households = households();
        load(app, msa.organism, &households).await;
        let rsa = |commune: &str| {
            let there = |file: &&File| file.rsa.is_some() && file.commune.as_str() == commune;
            nir_of(households.iter().find(there).unwrap())
        };
        let administrator = &mut msa.administrator;
        administrator.open(&format!("{}/groupes/nouveau", msa.partner)).await;
        administrator.form("/groupes/nouveau").fill("nom", "Référents").fill("objet", "Suivi du RSA").send(administrator).await;
        let group = administrator.page().must_say("est créé").path.split('?').next().unwrap().to_owned();
        administrator.open(&format!("{group}/roles/nouveau")).await;
        let form = administrator.form("/roles/nouveau");
        let form = form.clone().fill("role", &form.offers("role")[0]);
        let haguenau = form.offers("etendue")[0].clone();
        form.clone().forge("etendue", "tout").send(administrator).await;
        assert_eq!(administrator.page().status, 422);
        administrator.page().must_say("se donne par circonscription");
        form.fill("etendue", &haguenau).send(administrator).await;
        administrator.page().must_say("donne un rôle de plus").must_say("Circonscription : Haguenau");

        // Drawn again before anybody came: who comes then reaches where it now does.
        let list = administrator.open(&format!("{}/circonscriptions", msa.partner)).await.clone();
        administrator.open(&list.links("Haguenau")[0]).await;
        let path = administrator.page().path.clone();
        administrator.form(&path).fill("lieux", "Saverne").send(administrator).await;
        let agent = create_agent(administrator, &msa.partner, "Anatole", "Krummenwald").await;
        let account = agent.rsplit('/').next().unwrap().to_owned();
        administrator.open(&format!("{group}/membres/ajouter")).await;
        administrator.form("/membres/ajouter").tick("personne", &account).send(administrator).await;
        administrator.page().must_say("a de nouveaux membres");
        let identifier = administrator.open(&agent).await.must_say("Circonscription : Haguenau").select("dl.record .mono").pop().unwrap();
        let mut browser = app.first_sign_in(&identifier, "anatole.krummenwald@departement67.example").await;
        look_up(&mut browser, &rsa("67437")).await;
        assert_eq!(browser.page().status, 200, "{}", browser.page().text());
        look_up(&mut browser, &rsa(HAGUENAU)).await;
        browser.page().must_say("Aucun dossier à afficher");

        administrator.open(&format!("{group}/membres/{account}/retirer")).await;
        administrator.form("/retirer").fill("motif", "Fin de mission").send(administrator).await;
        administrator.page().must_say("n’est plus dans");
        let kept: Vec<(String, String)> = app
            .rows("SELECT z.name, h.perimeter FROM role_grant_history h JOIN circonscription z ON z.id = h.circonscription_id")
            .await;
        assert_eq!(kept, [("Haguenau".to_owned(), "67437".to_owned())]);
    }

    /// At 23 h the service closes and says when it opens; what was tried is in the log as refused.
    async fn the_service_is_closed_at_night(app) {
        let mut msa = msa(app, "Europe/Paris").await;
        let households = households();
        load(app, msa.organism, &households).await;
        let here = households.iter().find(|file| file.rsa.is_some() && file.commune.as_str() == HAGUENAU).unwrap();
        look_up(&mut msa.agent, &nir_of(here)).await;
        let address = msa.agent.page().path.clone();
        msa.agent.open("/consultation").await;
        let form = msa.agent.form("/consultation");
        let mission = form.offers("mission").into_iter().find(|mission| !mission.is_empty()).unwrap();
        let form = form.fill("numero", &nir_of(here)).fill("mission", &mission);
        // From 9 h 30 to 22 h 59 of the same day, an entry now and then.
        for _ in 0..27 {
            app.clock.advance(Duration::minutes(29));
            assert_ne!(msa.agent.open("/accueil").await.status, 404);
            if msa.agent.page().path.starts_with("/?fin") {
                msa.agent.sign_in(&identifier(app).await, crate::support::PASSWORD).await;
            }
        }
        app.clock.advance(Duration::minutes(29));
        let night = msa.agent.open("/consultation").await.clone();
        assert_eq!(night.status, 503, "{}", night.text());
        night.must_say("Ce service est fermé à cette heure").must_say("demain à 5 h 00").must_say("de 5 h à 23 h");
        assert!(night.headers["retry-after"].to_str().unwrap().parse::<u32>().unwrap() > 20_000);
        assert_eq!(app.bodies("page.refused").await.last().unwrap()["object"]["cause"], "out_of_hours");
        msa.agent.open("/mot-de-passe").await;
        let token = msa.agent.form("/mot-de-passe").value("jeton").unwrap().to_owned();
        form.forge("jeton", &token).send(&mut msa.agent).await;
        assert_eq!(msa.agent.page().status, 503);
        let last = app.bodies("file.looked_up").await.pop().unwrap();
        assert_eq!((&last["object"]["result"], &last["outcome"]), (&"out_of_hours".into(), &"refused".into()));
        assert!(matches!(msa.agent.open(&address).await.status.as_u16(), 404 | 503));
        assert_eq!(app.bodies("file.read").await.len(), 1);
        // Past midnight it is today; at five it opens.
        app.clock.advance(Duration::minutes(25));
        msa.agent.open("/accueil").await.must_say("Fermé à cette heure");
    }

    /// Each organism keeps its own clocks: at the same instant one is open, the other not.
    async fn hours_are_those_of_the_organism(app) {
        // 8 h 30 in UTC: half past four in the morning in Guadeloupe.
        let mut msa = msa(app, "America/Guadeloupe").await;
        msa.agent.open("/consultation").await.must_say("aujourd’hui à 5 h 00");
        assert_eq!(msa.agent.page().status, 503);
        app.clock.advance(Duration::minutes(29));
        msa.agent.open("/accueil").await;
        app.clock.advance(Duration::minutes(2));
        msa.agent.open("/consultation").await.must_say("Numéro de Sécurité sociale");
        assert_eq!(msa.agent.page().status, 200);
    }

    /// The same person has a file at a CAF and at an MSA: each agent reads his own organism's, and nothing of the other.
    async fn the_same_number_at_two_organisms_shows_nothing_of_the_other(app) {
        let mut msa = msa(app, "Europe/Paris").await;
        let households = households();
        let here = households.iter().find(|file| file.rsa.is_some() && file.commune.as_str() == HAGUENAU).unwrap();
        let mut twin = here.clone();
        twin.number = "7654321".parse().unwrap();
        twin.address.current.street = Some("1 rue du Jumeau-Invisible".to_owned());
        let (caf, _) = app.found("591", "Caf de la Haute-Deûle", "59 67").await;
        load(app, caf, std::slice::from_ref(&twin)).await;
        look_up(&mut msa.agent, &nir_of(here)).await;
        assert_eq!(msa.agent.page().status, 422, "the MSA has no such file yet");
        load(app, msa.organism, std::slice::from_ref(here)).await;
        look_up(&mut msa.agent, &nir_of(here)).await;
        assert_eq!(msa.agent.page().status, 200);
        msa.agent.page().must_not_say("Jumeau-Invisible");
        let marks: Vec<(OrganismId, Vec<u8>)> = app
            .rows("SELECT organism_id, file_hash FROM trace WHERE file_hash IS NOT NULL ORDER BY at, month, id")
            .await;
        assert!(marks.iter().all(|(organism, _)| *organism == msa.organism));
        // A new version of one organism's files leaves the other's alone.
        load(app, msa.organism, &households[..2]).await;
        let kept: Vec<(String,)> = app.rows("SELECT number FROM file_holder WHERE number = '7654321'").await;
        assert!(!kept.is_empty());
    }
}

/// The identifier of the agent.
async fn identifier(app: &TestApp) -> String {
    let rows: Vec<(String,)> = app.rows("SELECT identifier FROM account WHERE surname = 'Oberlaitre'").await;
    rows[0].0.clone()
}
