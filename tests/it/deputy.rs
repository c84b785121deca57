//! The principal and the deputy: both manage their partner's people, neither touches the other or himself, and the
//! organism alone names, replaces, suspends them and gives them roles.

use compte_partenaire::domain::id::{GrantId, PartnerId};
use compte_partenaire::web::paths::{
    Dashboard, Grants, JoinGroup, MyGrants, NewDeputy, NewGrant, NewPrincipal, Partner, ReactivateUser,
    RevokeGrant, SuspendUser, Traces, User, UserSecret,
};

use crate::stories;
use crate::support::world::{
    self, ADDRESS, BRUMEVAL, Person, QUOTIENT, create_group, create_user, name_deputy, name_principal,
    open_give, open_grant, open_join, register_partner,
};
use crate::support::{Browser, PASSWORD, TestApp};

struct Town {
    partner: PartnerId,
    administrator: Browser,
    principal: Browser,
    maelle: Person,
    deputy: Browser,
    yann: Person,
}

async fn town(app: &TestApp) -> Town {
    let (_, mut administrator) = app.administrator().await;
    let partner = register_partner(&mut administrator, &BRUMEVAL).await;
    world::open_membership(&mut administrator, partner, 3, &[]).await;
    let (principal, maelle) = name_principal(app, &mut administrator, partner, &BRUMEVAL).await;
    let (deputy, yann) = name_deputy(app, &mut administrator, partner, &BRUMEVAL).await;
    Town { partner, administrator, principal, maelle, deputy, yann }
}

fn page_of(partner: PartnerId, person: &Person) -> String {
    User { partner, account: person.account }.to_string()
}

/// Whatever one of the two tries on the account or the rights of somebody whom he may not touch.
async fn may_not_touch(browser: &mut Browser, partner: PartnerId, person: &Person, grant: GrantId) {
    let account = person.account;
    browser.open(&page_of(partner, person)).await.must_say("Compte géré par la caisse");
    for act in ["Donner un rôle", "Suspendre", "Envoyer un autre code", "Retirer le rôle"] {
        browser.page().must_not_say(act);
    }
    let pages = [
        SuspendUser { partner, account }.to_string(),
        UserSecret { partner, account }.to_string(),
        RevokeGrant { partner, grant }.to_string(),
    ];
    browser.open("/mot-de-passe").await;
    let token = browser.form("/mot-de-passe").value("jeton").unwrap().to_owned();
    let fields = [("jeton", token.as_str()), ("cle", "une-cle"), ("motif", "Essai")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    for page in pages {
        assert_eq!(browser.open(&page).await.status, 404, "{page}");
        assert_eq!(browser.post(&page, &fields).await.status, 404, "{page}");
    }
    let reactivate = ReactivateUser { partner, account }.to_string();
    assert_eq!(browser.post(&reactivate, &fields).await.status, 404);
    let address = format!("{}?personne={account}&role={QUOTIENT}", NewGrant { partner });
    browser.open(&address).await;
    browser.form("/nouvelle").forge("personne", &account.to_string()).send(browser).await;
    assert_eq!(browser.page().status, 422, "nobody to grant to");
}

stories! {
    /// What the principal does the deputy does too, under his own name; each reads the other's traces.
    async fn a_deputy_does_as_the_principal(app) {
        let mut town = town(app).await;
        let partner = town.partner;
        town.deputy.open(&Dashboard.to_string()).await.must_say("Administration suppléante").must_say("Groupes");
        let nolwenn = create_user(&mut town.deputy, partner, &BRUMEVAL, "Nolwenn", "Brisefort").await;
        open_grant(&mut town.deputy, partner, &nolwenn, QUOTIENT).await.send(&mut town.deputy).await;
        town.deputy.page().must_say("C’est fait").must_say("Yann Kerdual");
        // The principal acts on what the deputy did.
        town.principal.open(&SuspendUser { partner, account: nolwenn.account }.to_string()).await;
        town.principal.form("/suspendre").fill("motif", "Congé").send(&mut town.principal).await;
        town.principal.page().must_say("C’est fait");
        town.principal.open(&Traces.to_string()).await.must_say("Yann Kerdual").must_say("Utilisateur créé");
        town.deputy.open(&Traces.to_string()).await.must_say("Maëlle Tournesac").must_say("Utilisateur suspendu");
        town.deputy.page().must_say("Administrateur suppléant désigné");
        // Naming is the organism's: those pages do not exist for either.
        for browser in [&mut town.principal, &mut town.deputy] {
            assert_eq!(browser.open(&NewDeputy { partner }.to_string()).await.status, 404);
            assert_eq!(browser.open(&NewPrincipal { partner }.to_string()).await.status, 404);
        }
    }

    /// Neither touches the other's rights or account, nor his own: refused, and no button is shown.
    async fn neither_touches_the_other_nor_himself(app) {
        let mut town = town(app).await;
        let partner = town.partner;
        for person in [&town.maelle, &town.yann] {
            open_grant(&mut town.administrator, partner, person, QUOTIENT).await.send(&mut town.administrator).await;
            town.administrator.page().must_say("C’est fait");
        }
        let held: Vec<(GrantId, compte_partenaire::domain::id::AccountId)> =
            app.rows("SELECT id, account_id FROM role_grant").await;
        for person in [&town.maelle, &town.yann] {
            let grant = held.iter().find(|(_, account)| *account == person.account).unwrap().0;
            may_not_touch(&mut town.principal, partner, person, grant).await;
            may_not_touch(&mut town.deputy, partner, person, grant).await;
        }
        // Nor by a group: they are in none, whoever asks.
        let group = create_group(&mut town.deputy, partner, "Petite enfance").await;
        open_give(&mut town.deputy, partner, group, ADDRESS).await.send(&mut town.deputy).await;
        for person in [&town.maelle, &town.yann] {
            town.deputy.open(&JoinGroup { partner, group }.to_string()).await.must_not_say("Tournesac");
            let forged = town.deputy.form("/ajouter").forge("personne", &person.account.to_string());
            forged.forge("etape", "ajouter").send(&mut town.deputy).await;
            assert_eq!(town.deputy.page().status, 422);
        }
        assert!(app.bodies("group.joined").await.is_empty());
        let held: Vec<(i64,)> = app.rows("SELECT CAST(count(*) AS BIGINT) FROM role_grant").await;
        assert_eq!(held[0].0, 2);
        // The organism does not decide for users.
        let lou = create_user(&mut town.principal, partner, &BRUMEVAL, "Lou", "Arvor").await;
        town.administrator.open(&page_of(partner, &lou)).await.must_not_say("Suspendre").must_not_say("Donner un rôle");
        let suspend = SuspendUser { partner, account: lou.account }.to_string();
        assert_eq!(town.administrator.open(&suspend).await.status, 404);
        assert_eq!(town.administrator.open(&JoinGroup { partner, group }.to_string()).await.status, 404);
    }

    /// The organism suspends, sends codes, gives roles inside caps and withdraws them; the partner reads it all.
    async fn the_organism_alone_manages_both(app) {
        let mut town = town(app).await;
        let partner = town.partner;
        let organism = &mut town.administrator;
        organism.open(&Partner { partner }.to_string()).await.must_say("Maëlle Tournesac").must_say("Yann Kerdual");
        organism.follow("Suspendre l’accès de Yann Kerdual").await;
        organism.form("/suspendre").fill("motif", "Absence longue").send(organism).await;
        organism.page().must_say("l’accès de Yann Kerdual est suspendu");
        town.deputy.open(&Dashboard.to_string()).await;
        assert!(town.deputy.cookie("__Host-session").is_none(), "out at his next request");
        organism.open(&page_of(partner, &town.yann)).await;
        organism.form("/reactiver").send(organism).await;
        organism.page().must_say("a de nouveau accès");
        town.deputy.sign_in(&town.yann.identifier, PASSWORD).await.must_say("Administration suppléante");
        organism.open(&Partner { partner }.to_string()).await;
        organism.follow("Envoyer un autre code à Yann Kerdual").await;
        organism.form("/code").send(organism).await;
        organism.page().must_say("un nouveau code va partir");
        town.deputy.open(&Dashboard.to_string()).await;
        assert!(town.deputy.cookie("__Host-session").is_none(), "his password is gone");
        app.first_sign_in(&town.yann.identifier, &town.yann.mail).await;
        // A role for the principal: counted like any other, and of use to her.
        town.principal.open(&MyGrants.to_string()).await.must_say("pas encore de rôle");
        open_grant(organism, partner, &town.maelle, QUOTIENT).await.send(organism).await;
        organism.page().must_say("a un rôle de plus").must_say("Retirer le rôle");
        town.principal.open(&MyGrants.to_string()).await.must_say("Quotient familial").must_say("Consulter un dossier");
        town.principal.open(&Grants { partner }.to_string()).await.must_say("1 sur 3").must_not_say("Retirer ce rôle");
        organism.open(&page_of(partner, &town.maelle)).await;
        organism.follow("Retirer le rôle").await;
        organism.form("/retirer").fill("motif", "Plus nécessaire").send(organism).await;
        organism.page().must_say("le rôle est retiré");
        town.principal.open(&Grants { partner }.to_string()).await.must_say("0 sur 3");
        town.principal.open(&Traces.to_string()).await;
        for told in ["Utilisateur suspendu", "Suspension levée", "Habilitation retirée", "Nouveau code demandé"] {
            town.principal.page().must_say(told);
        }
        let audiences: Vec<(String, String)> =
            app.rows("SELECT fact, audience FROM trace WHERE fact LIKE 'grant.%' OR fact LIKE 'user.%'").await;
        assert!(audiences.len() > 3 && audiences.iter().all(|(_, audience)| audience == "partner"), "{audiences:?}");
    }

    /// A full cap is refused to the organism too, which is led to where it raises it.
    async fn caps_bind_the_organism_too(app) {
        let mut town = town(app).await;
        let partner = town.partner;
        for name in ["Arvor", "Belrive", "Clairvent"] {
            let lou = create_user(&mut town.principal, partner, &BRUMEVAL, "Lou", name).await;
            open_grant(&mut town.principal, partner, &lou, QUOTIENT).await.send(&mut town.principal).await;
        }
        open_grant(&mut town.administrator, partner, &town.maelle, QUOTIENT).await.send(&mut town.administrator).await;
        let page = town.administrator.page();
        assert_eq!(page.status, 422);
        page.must_say("3 personnes sont déjà comptées").must_not_say("Demander à l’organisme");
        town.administrator.follow("Relever le plafond").await.must_say("3 sur 3");
    }

    /// Another comes in place of the principal: a newcomer, then the deputy with the account that he has.
    async fn a_principal_is_replaced(app) {
        let mut town = town(app).await;
        let partner = town.partner;
        let organism = &mut town.administrator;
        organism.open(&Partner { partner }.to_string()).await;
        organism.follow("à la place de Maëlle Tournesac").await.must_say("Maëlle Tournesac la quittera");
        let form = organism.form("/principal").fill("nom", "Harnoult").fill("prenom", "Solène");
        let form = form.fill("fonction", "Directrice générale").fill("courriel", "solene.harnoult@brumeval.example");
        form.send(organism).await;
        organism.page().must_say("l’administrateur principal est nommé").must_say("Solène Harnoult");
        town.principal.open(&Dashboard.to_string()).await;
        assert!(town.principal.cookie("__Host-session").is_none(), "out at her next request");
        let replaced = &app.bodies("principal.replaced").await[0]["object"];
        assert_eq!(replaced["account"], town.maelle.account.to_string());
        // She is a user, whose return is for the partner to decide.
        town.deputy.open(&page_of(partner, &town.maelle)).await.must_say("remplacement à l’administration");
        town.deputy.form("/reactiver").send(&mut town.deputy).await;
        town.deputy.page().must_say("a de nouveau accès");
        town.principal.sign_in(&town.maelle.identifier, PASSWORD).await.must_say("Utilisation des services");
        // The deputy becomes the principal, under the identifier that he has; his own seat is free.
        let organism = &mut town.administrator;
        organism.open(&NewPrincipal { partner }.to_string()).await;
        organism.follow("Désigner Yann Kerdual").await.must_say("garde son identifiant");
        organism.form("/principal").send(organism).await;
        organism.page().must_say("Pas de suppléant").must_say("Yann Kerdual").must_not_say("Solène");
        town.deputy.open(&Dashboard.to_string()).await;
        assert!(town.deputy.cookie("__Host-session").is_none(), "a new session for a new office");
        town.deputy.sign_in(&town.yann.identifier, PASSWORD).await.must_say("Administration principale");
        assert_eq!(app.bodies("principal.replaced").await.len(), 2);
    }

    /// A user becomes the deputy with the account that he has, and leaves his groups with what they gave him.
    async fn a_user_becomes_the_deputy(app) {
        let (_, mut administrator) = app.administrator().await;
        let partner = register_partner(&mut administrator, &BRUMEVAL).await;
        world::open_membership(&mut administrator, partner, 3, &[]).await;
        let (mut principal, _) = name_principal(app, &mut administrator, partner, &BRUMEVAL).await;
        let lou = create_user(&mut principal, partner, &BRUMEVAL, "Lou", "Arvor").await;
        let group = create_group(&mut principal, partner, "Petite enfance").await;
        open_join(&mut principal, partner, group, &[&lou]).await.forge("etape", "ajouter").send(&mut principal).await;
        open_give(&mut principal, partner, group, QUOTIENT).await.send(&mut principal).await;
        administrator.open(&NewDeputy { partner }.to_string()).await;
        let form = administrator.form("/suppleant").fill("nom", "Arvor").fill("prenom", "Lou").fill("fonction", "Adjointe");
        form.fill("courriel", &lou.mail).send(&mut administrator).await;
        administrator.page().must_say("a déjà un compte dans cette structure");
        administrator.follow("Désigner Lou Arvor").await.must_say("quitte ses groupes");
        administrator.form("/suppleant").send(&mut administrator).await;
        administrator.page().must_say("l’administrateur suppléant est nommé").must_say("Lou Arvor");
        principal.open(&Grants { partner }.to_string()).await.must_say("0 sur 3");
        let kept: Vec<(String,)> = app.rows("SELECT reason FROM role_grant_history WHERE group_id IS NOT NULL").await;
        assert_eq!(kept, [("désignation à l’administration de la structure".to_owned(),)]);
        assert_eq!(app.bodies("group.left").await.len(), 1);
        assert_eq!(app.bodies("grant.revoked").await[0]["object"]["group"]["name"], "Petite enfance");
        app.first_sign_in(&lou.identifier, &lou.mail).await.page().must_say("Administration suppléante");
    }
}
