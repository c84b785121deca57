//! Groups: a role given to one reaches its members, people count once whatever the route, and no race passes a cap.

use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::id::{GroupGrantId, GroupId, PartnerId};
use compte_partenaire::features::files;
use compte_partenaire::web::paths::{
    ArchiveGroup, CorrectGroup, Grants, Group, Groups, LeaveGroup, LookUp, MyGrants, RevokeGroupGrant, User,
};
use time::macros::date;

use crate::stories;
use crate::support::owner::Owner;
use crate::support::world::{
    self, ADDRESS, BRUMEVAL, COMMUNE, Person, QUOTIENT, create_group, create_user, name_principal, open_give,
    open_join, register_partner, revoke,
};
use crate::support::{Browser, TestApp};

struct Town {
    partner: PartnerId,
    principal: Browser,
    maelle: Person,
    agents: Vec<Person>,
}

async fn town(app: &TestApp, cap: u32, roles: &[(&str, u32)], people: &[&str]) -> Town {
    let (_, mut administrator) = app.administrator().await;
    let partner = register_partner(&mut administrator, &BRUMEVAL).await;
    world::open_membership(&mut administrator, partner, cap, roles).await;
    let (mut principal, maelle) = name_principal(app, &mut administrator, partner, &BRUMEVAL).await;
    let mut agents = Vec::new();
    for name in people {
        agents.push(create_user(&mut principal, partner, &BRUMEVAL, "Lou", name).await);
    }
    Town { partner, principal, maelle, agents }
}

impl Town {
    async fn join(&mut self, group: GroupId, people: &[usize]) -> u16 {
        let people: Vec<&Person> = people.iter().map(|nth| &self.agents[*nth]).collect();
        let form = open_join(&mut self.principal, self.partner, group, &people).await;
        form.forge("etape", "ajouter").send(&mut self.principal).await;
        self.principal.page().status.as_u16()
    }

    async fn give(&mut self, group: GroupId, role: &str) -> u16 {
        open_give(&mut self.principal, self.partner, group, role).await.send(&mut self.principal).await;
        self.principal.page().status.as_u16()
    }

    async fn leave(&mut self, group: GroupId, person: usize) {
        let leave = LeaveGroup { partner: self.partner, group, member: self.agents[person].account };
        self.principal.open(&leave.to_string()).await;
        self.principal.form("/retirer").fill("motif", "Changement de poste").send(&mut self.principal).await;
        self.principal.page().must_say("n’est plus dans");
    }

    async fn take_back(&mut self, app: &TestApp, group: GroupId) {
        let given: Vec<(GroupGrantId,)> = app.rows("SELECT id FROM group_grant").await;
        let path = RevokeGroupGrant { partner: self.partner, group, given: given[0].0 };
        self.principal.open(&path.to_string()).await;
        self.principal.form("/retirer").fill("motif", "Rôle trop large").send(&mut self.principal).await;
        self.principal.page().must_say("le rôle est retiré au groupe");
    }

    async fn counts(&mut self, said: &str) {
        let grants = Grants { partner: self.partner }.to_string();
        self.principal.open(&grants).await.must_say(said);
    }
}

/// Invented families, half of them in the commune of the partner; the number of one of those.
async fn load(app: &TestApp) -> String {
    let organism =
        app.rows::<(compte_partenaire::domain::id::OrganismId,)>("SELECT id FROM organism").await[0].0;
    let within = format!("59 {COMMUNE}").parse().unwrap();
    let families: Vec<_> = fictitious::files(7, 40, &within, date!(2026 - 11 - 20)).collect();
    let own = families.iter().find(|family| family.commune.as_str() == COMMUNE);
    let number = own.expect("a family of the commune").number.to_string();
    let (give, take) = tokio::sync::mpsc::channel(40);
    for family in families {
        give.send(family).await.unwrap();
    }
    drop(give);
    files::load(&app.app, organism, take, |_| {}).await.unwrap();
    number
}

async fn look_up(agent: &mut Browser, number: &str) {
    agent.open(&LookUp.to_string()).await;
    let form = agent.form("/consultation");
    let mission = form.offers("mission").into_iter().find(|mission| !mission.is_empty()).unwrap();
    form.fill("numero", number).fill("mission", &mission).send(agent).await;
}

stories! {
    /// The page of a group says of a member's code what his own page says: that its mail never left, for one.
    async fn every_page_says_where_a_code_is(app) {
        let mut town = town(app, 3, &[], &["Arvor"]).await;
        let (partner, account) = (town.partner, town.agents[0].account);
        let group = create_group(&mut town.principal, partner, "Petite enfance").await;
        town.join(group, &[0]).await;
        Owner::of(app).await.run("UPDATE account SET password_hash = NULL WHERE office = 'user'").await.unwrap();
        Owner::of(app).await.run("UPDATE outbox SET state = 'failed'").await.unwrap();
        town.principal.open(&Group { partner, group }.to_string()).await.must_say("le courriel n’est pas parti");
        town.principal.open(&User { partner, account }.to_string()).await.must_not_say("va partir");
        Owner::of(app).await.run("DELETE FROM outbox WHERE state = 'failed'").await.unwrap();
    }

    /// A role comes with the group, is used, and goes with it; each person's part is told under his own name.
    async fn a_role_comes_and_goes_with_a_group(app) {
        let mut town = town(app, 3, &[], &["Arvor", "Belrive", "Clairvent"]).await;
        let number = load(app).await;
        let partner = town.partner;
        town.principal.open(&Groups { partner }.to_string()).await.must_say("Aucun groupe pour l’instant");
        let group = create_group(&mut town.principal, partner, "Petite enfance").await;
        // Its name is its own, whatever the case.
        town.principal.open(&format!("{}/nouveau", Groups { partner })).await;
        let again = town.principal.form("/nouveau").fill("nom", "petite ENFANCE").fill("objet", "Autre");
        again.send(&mut town.principal).await;
        assert_eq!(town.principal.page().status, 422);
        town.principal.page().must_say("Un autre groupe porte déjà ce nom");
        assert_eq!(town.join(group, &[0, 1]).await, 200);
        town.principal.page().must_say("2 membres").must_say("Aucun rôle");
        town.counts("0 sur 3").await;
        let preview = open_give(&mut town.principal, partner, group, QUOTIENT).await.forge("etape", "apercu");
        preview.send(&mut town.principal).await;
        town.principal.page().must_say("0 aujourd’hui, 2 avec ce groupe");
        assert_eq!(town.give(group, QUOTIENT).await, 200);
        town.principal.page().must_say("donne un rôle de plus").must_say("Quotient familial");
        town.counts("2 sur 3").await;
        town.principal.page().must_say("par le groupe Petite enfance").must_say("Voir le groupe").must_not_say("Retirer ce rôle");
        // Whoever comes later has it at once.
        let form = open_join(&mut town.principal, partner, group, &[&town.agents[2]]).await;
        form.clone().forge("etape", "apercu").send(&mut town.principal).await;
        town.principal.page().must_say("Ensuite, plus de place");
        let form = form.forge("etape", "ajouter");
        form.clone().send(&mut town.principal).await;
        town.principal.page().must_say("a de nouveaux membres");
        form.send(&mut town.principal).await;
        town.principal.page().must_say("a de nouveaux membres");
        town.counts("3 sur 3").await;
        let account = town.agents[0].account;
        town.principal.open(&User { partner, account }.to_string()).await.must_say("par le groupe Petite enfance");
        let mut agent = app.first_sign_in(&town.agents[0].identifier, &town.agents[0].mail).await;
        agent.open(&MyGrants.to_string()).await.must_say("par le groupe Petite enfance");
        look_up(&mut agent, &number).await;
        agent.page().must_say("Quotient familial");
        let read = &app.bodies("file.read").await[0]["object"];
        let own: Vec<(String,)> = app.rows("SELECT CAST(count(*) AS TEXT) FROM role_grant WHERE group_id IS NOT NULL").await;
        assert_eq!((read["grants"].as_array().unwrap().len(), own[0].0.as_str()), (1, "3"));
        // Out of the group: it stops at the next request, and is kept in the history.
        let leave = LeaveGroup { partner, group, member: account };
        town.principal.open(&leave.to_string()).await.must_say("la place de ce rôle est libérée").must_say("Ne sera plus visible");
        town.leave(group, 0).await;
        agent.open(&MyGrants.to_string()).await.must_say("pas encore de rôle");
        town.counts("2 sur 3").await;
        let kept: Vec<(String, bool)> = app.rows("SELECT reason, (group_id IS NOT NULL) FROM role_grant_history").await;
        assert_eq!(kept, [("Changement de poste".to_owned(), true)]);
        town.take_back(app, group).await;
        town.counts("0 sur 3").await;
        // Each person's part, then the group's.
        let count = async |fact: &str| app.bodies(fact).await.len();
        assert_eq!((count("grant.made").await, count("grant.revoked").await), (3, 3));
        assert_eq!((count("group.joined").await, count("group.left").await), (3, 1));
        assert_eq!((count("group.role_granted").await, count("group.role_revoked").await), (1, 1));
        assert_eq!(app.bodies("grant.made").await[0]["object"]["group"]["name"], "Petite enfance");
    }

    /// A group is named anew under one version, put away once it gives nothing, and its name is free again.
    async fn a_group_is_renamed_and_put_away(app) {
        let mut town = town(app, 3, &[], &["Arvor"]).await;
        let partner = town.partner;
        let group = create_group(&mut town.principal, partner, "Crèches").await;
        assert_eq!(town.join(group, &[0]).await, 200);
        assert_eq!(town.give(group, QUOTIENT).await, 200);
        town.principal.open(&CorrectGroup { partner, group }.to_string()).await;
        let form = town.principal.form("/modifier").fill("nom", "Petite enfance");
        form.clone().send(&mut town.principal).await;
        assert_eq!(town.principal.page().heading(), "Petite enfance");
        form.forge("cle", "un-autre-onglet").send(&mut town.principal).await;
        assert_eq!(town.principal.page().status, 409);
        let archive = ArchiveGroup { partner, group }.to_string();
        town.principal.open(&archive).await.must_say("donne encore des rôles").must_not_say("Archiver ce groupe");
        town.take_back(app, group).await;
        town.principal.open(&archive).await;
        town.principal.form("/archiver").send(&mut town.principal).await;
        town.principal.page().must_say("le groupe est archivé").must_say("Aucun groupe pour l’instant");
        town.principal.open(&format!("{}?archives=oui", Groups { partner })).await.must_say("Petite enfance");
        town.principal.open(&Group { partner, group }.to_string()).await.must_say("Groupe archivé").must_not_say("Ajouter des membres");
        assert_eq!(town.principal.open(&archive).await.status, 404);
        create_group(&mut town.principal, partner, "Petite enfance").await;
        let changed = &app.bodies("group.changed").await[0]["object"];
        assert_eq!(changed["changes"], serde_json::json!([["name", "Crèches", "Petite enfance"]]));
        assert_eq!(app.bodies("group.archived").await.len(), 1);
    }

    /// People count once whatever the route; a group's act that would pass a cap is refused whole, with the number.
    async fn caps_count_people_by_any_route(app) {
        let mut town = town(app, 2, &[(ADDRESS, 1)], &["Arvor", "Belrive", "Clairvent"]).await;
        let partner = town.partner;
        let lou = town.agents[0].clone();
        world::grant(&mut town.principal, partner, &lou, QUOTIENT).await;
        let group = create_group(&mut town.principal, partner, "Petite enfance").await;
        assert_eq!(town.join(group, &[0, 1]).await, 200);
        assert_eq!(town.give(group, QUOTIENT).await, 200);
        town.counts("2 sur 2").await;
        // One more by the group: refused, with the number and the way to ask.
        assert_eq!(town.join(group, &[2]).await, 422);
        town.principal.page().must_say("Personne n’a été ajouté : plafond atteint").must_say("L’organisme accorde 2 places");
        let asked = town.principal.page().links("Demander à l’organisme")[0].clone();
        town.principal.open(&asked).await.must_say("2 sur 2");
        // The cap of a role: two members for one place, and nobody gets it.
        assert_eq!(town.give(group, ADDRESS).await, 422);
        town.principal.page().must_say("Le rôle n’a pas été donné au groupe").must_say("il en faudrait 2 de plus");
        assert!(town.principal.page().links("Demander à l’organisme")[0].contains("?role="));
        assert_eq!(town.give(group, QUOTIENT).await, 422);
        town.principal.page().must_say("Ce groupe donne déjà ce rôle");
        let causes: Vec<_> =
            app.bodies("group.role_refused").await.iter().map(|body| body["object"]["cause"].clone()).collect();
        assert_eq!(causes, ["service_cap", "role_cap", "already_held"]);
        // Out of the group, she keeps what was given to her: no place is free.
        let leave = LeaveGroup { partner, group, member: lou.account };
        town.principal.open(&leave.to_string()).await.must_say("aucune place n’est libérée");
        town.leave(group, 0).await;
        town.counts("2 sur 2").await;
        assert_eq!(town.join(group, &[2]).await, 422);
        // Withdrawn, it frees her place, and the other comes in.
        revoke(app, &mut town.principal, partner, &lou).await;
        town.counts("1 sur 2").await;
        assert_eq!(town.join(group, &[2]).await, 200);
        town.counts("2 sur 2").await;
        // Withdrawn from the group while one of them holds it directly: one place is freed, not two.
        let belrive = town.agents[1].clone();
        world::grant(&mut town.principal, partner, &belrive, QUOTIENT).await;
        town.principal.page().must_say("a un rôle de plus");
        town.take_back(app, group).await;
        town.counts("1 sur 2").await;
    }

    /// «Add a member» against «give a role», at two nodes, one place being left: one of the two is refused.
    async fn a_member_and_a_role_race_for_the_last_place(app) {
        let mut town = town(app, 1, &[], &["Arvor", "Belrive"]).await;
        let partner = town.partner;
        let group = create_group(&mut town.principal, partner, "Petite enfance").await;
        assert_eq!(town.join(group, &[0]).await, 200);
        let node = app.second_node().await;
        let mut there = node.browser();
        there.sign_in(&town.maelle.identifier, crate::support::PASSWORD).await;
        for round in 0..12 {
            let join = open_join(&mut there, partner, group, &[&town.agents[1]]).await.forge("etape", "ajouter");
            let give = open_give(&mut town.principal, partner, group, QUOTIENT).await;
            if round % 2 == 0 {
                tokio::join!(join.send(&mut there), give.send(&mut town.principal));
            } else {
                tokio::join!(give.send(&mut town.principal), join.send(&mut there));
            }
            let outcomes = [there.page().status.as_u16(), town.principal.page().status.as_u16()];
            let held: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM role_grant").await;
            match outcomes {
                // Two members, and a role that would need two places.
                [200, 422] => {
                    assert_eq!(held[0].0, 0, "round {round}");
                    town.leave(group, 1).await;
                }
                // One member holds it, and the place is taken.
                [422, 200] => {
                    assert_eq!(held[0].0, 1, "round {round}");
                    town.take_back(app, group).await;
                }
                _ => panic!("round {round}: {outcomes:?}, {} held", held[0].0),
            }
        }
    }

    /// Two groups give the last place to two people at the same moment: one comes in.
    async fn two_members_race_for_the_last_place(app) {
        let mut town = town(app, 1, &[], &["Arvor", "Belrive"]).await;
        let partner = town.partner;
        let groups = [
            create_group(&mut town.principal, partner, "Petite enfance").await,
            create_group(&mut town.principal, partner, "Périscolaire").await,
        ];
        for group in groups {
            assert_eq!(town.give(group, QUOTIENT).await, 200);
        }
        let node = app.second_node().await;
        let mut there = node.browser();
        there.sign_in(&town.maelle.identifier, crate::support::PASSWORD).await;
        for round in 0..8 {
            let mine = open_join(&mut town.principal, partner, groups[0], &[&town.agents[0]]).await;
            let theirs = open_join(&mut there, partner, groups[1], &[&town.agents[1]]).await;
            let (mine, theirs) = (mine.forge("etape", "ajouter"), theirs.forge("etape", "ajouter"));
            tokio::join!(mine.send(&mut town.principal), theirs.send(&mut there));
            let held: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM role_grant").await;
            assert_eq!(held[0].0, 1, "round {round}");
            match [town.principal.page().status.as_u16(), there.page().status.as_u16()] {
                [200, 422] => town.leave(groups[0], 0).await,
                [422, 200] => town.leave(groups[1], 1).await,
                outcomes => panic!("round {round}: {outcomes:?}"),
            }
        }
    }
}
