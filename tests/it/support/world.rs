//! The people and partners of stories, made as in life: through the forms of those who may make them.

use compte_partenaire::domain::id::{AccountId, GroupId, MembershipId, PartnerId};
use compte_partenaire::web::paths::{
    JoinGroup, NewDeputy, NewGrant, NewGroup, NewGroupGrant, NewMembership, NewPartner, NewPrincipal,
    NewUser, Partner, RevokeGrant,
};

use super::{Browser, TestApp};

/// The roles of CDAP, as the program's own rows number them.
pub const QUOTIENT: &str = "01900000-0000-7000-8000-000000000011";
pub const ADDRESS: &str = "01900000-0000-7000-8000-000000000012";
pub const FAMILY: &str = "01900000-0000-7000-8000-000000000013";

/// The commune of every partner here.
pub const COMMUNE: &str = "59410";

/// A partner to register.
#[derive(Clone, Copy, Debug)]
pub struct Town {
    pub name: &'static str,
    pub siret: &'static str,
    pub prefix: &'static str,
    /// The domain of its people's mail.
    pub mail: &'static str,
}

pub const BRUMEVAL: Town =
    Town { name: "Commune de Brumeval", siret: "98765430800012", prefix: "BRU", mail: "brumeval.example" };
pub const PORT_LISSANT: Town = Town {
    name: "CCAS de Port-Lissant",
    siret: "81234560100015",
    prefix: "POR",
    mail: "port-lissant.example",
};

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    pub account: AccountId,
    pub identifier: String,
    pub mail: String,
}

/// Registers a partner whose convention is signed.
pub async fn register_partner(administrator: &mut Browser, town: &Town) -> PartnerId {
    administrator.open(&NewPartner.to_string()).await;
    let mut form = administrator.form("/partenaires/nouveau");
    for (field, value) in [
        ("siret", town.siret),
        ("nom", town.name),
        ("categorie", "commune"),
        ("rue", "1 place du Marché"),
        ("code_postal", "59370"),
        ("ville", "Brumeval"),
        ("representant", "Honorine Valmirande"),
        ("fonction", "Maire"),
        ("signee_le", "2026-09-01"),
        ("securite_nom", "Service informatique"),
        ("securite_courriel", "securite@brumeval.example"),
        ("donnees_nom", "Délégué à la protection des données"),
        ("donnees_courriel", "dpd@brumeval.example"),
        ("prefixe", town.prefix),
    ] {
        form = form.fill(field, value);
    }
    form.fill("convention", &format!("2026-{}", town.siret)).send(administrator).await;
    administrator.page().must_say("C’est fait");
    id_after(&administrator.page().path, "/partenaires/")
}

/// Opens CDAP to a partner for so many people, with caps for some roles. Everything holds: the service is open.
pub async fn open_membership(
    administrator: &mut Browser,
    partner: PartnerId,
    cap: u32,
    roles: &[(&str, u32)],
) -> MembershipId {
    administrator.open(&NewMembership { partner }.to_string()).await;
    let mut form = administrator
        .form("/bulletins/nouveau")
        .fill_nth("mission", 0, "Quotient familial pour les activités enfance et jeunesse")
        .fill_nth("mission", 1, "Adressage des familles")
        .fill("lieux", COMMUNE)
        .fill("formalite_le", "2026-09-01")
        .fill("contrat_le", "2026-09-01")
        .fill("bulletin_le", "2026-09-01")
        .fill("disponible_le", "2026-10-01")
        .fill("plafond", &cap.to_string());
    let offered: Vec<String> =
        form.fields().iter().filter(|(name, _)| name == "role").map(|(_, id)| id.clone()).collect();
    for (role, cap) in roles {
        let nth = offered.iter().position(|id| id == role).expect("a role of the service");
        form = form.fill_nth("plafond_role", nth, &cap.to_string());
    }
    form.send(administrator).await;
    administrator.page().must_say("C’est fait");
    id_after(&administrator.page().path, "/bulletins/")
}

/// Names the principal of a partner, who signs in and chooses a password. Gives his browser.
pub async fn name_principal(
    app: &TestApp,
    administrator: &mut Browser,
    partner: PartnerId,
    town: &Town,
) -> (Browser, Person) {
    let mail = format!("maelle.tournesac@{}", town.mail);
    administrator.open(&NewPrincipal { partner }.to_string()).await;
    administrator
        .form("/principal")
        .fill("prenom", "Maëlle")
        .fill("nom", "Tournesac")
        .fill("fonction", "Cheffe du service Enfance")
        .fill("courriel", &mail)
        .send(administrator)
        .await;
    administrator.page().must_say("C’est fait");
    administrator.open(&Partner { partner }.to_string()).await;
    let identifier = identifier_on(administrator, town);
    let browser = app.first_sign_in(&identifier, &mail).await;
    let rows: Vec<(AccountId, String)> = app.rows("SELECT id, identifier FROM account").await;
    let account =
        rows.into_iter().find(|(_, known)| *known == identifier).expect("the account of the principal").0;
    (browser, Person { account, identifier, mail })
}

/// Names the deputy of a partner, who signs in and chooses a password. Gives his browser.
pub async fn name_deputy(
    app: &TestApp,
    administrator: &mut Browser,
    partner: PartnerId,
    town: &Town,
) -> (Browser, Person) {
    let mail = format!("yann.kerdual@{}", town.mail);
    administrator.open(&NewDeputy { partner }.to_string()).await;
    administrator
        .form("/suppleant")
        .fill("prenom", "Yann")
        .fill("nom", "Kerdual")
        .fill("fonction", "Adjoint à l’enfance")
        .fill("courriel", &mail)
        .send(administrator)
        .await;
    administrator.page().must_say("l’administrateur suppléant est nommé");
    let rows: Vec<(AccountId, String)> =
        app.rows("SELECT id, identifier FROM account WHERE office = 'deputy'").await;
    let (account, identifier) = rows[0].clone();
    let browser = app.first_sign_in(&identifier, &mail).await;
    (browser, Person { account, identifier, mail })
}

/// Makes a group, of nobody yet.
pub async fn create_group(principal: &mut Browser, partner: PartnerId, name: &str) -> GroupId {
    principal.open(&NewGroup { partner }.to_string()).await;
    let form = principal.form("/groupes/nouveau").fill("nom", name);
    form.fill("objet", "Inscriptions et suivi des familles").send(principal).await;
    principal.page().must_say("C’est fait");
    id_after(&principal.page().path, "/groupes/")
}

/// The form that brings these people into a group.
pub async fn open_join(
    principal: &mut Browser,
    partner: PartnerId,
    group: GroupId,
    people: &[&Person],
) -> super::Form {
    principal.open(&JoinGroup { partner, group }.to_string()).await;
    let form = principal.form("/membres/ajouter");
    people.iter().fold(form, |form, person| form.tick("personne", &person.account.to_string()))
}

/// The form that gives a role to a group.
pub async fn open_give(
    principal: &mut Browser,
    partner: PartnerId,
    group: GroupId,
    role: &str,
) -> super::Form {
    principal.open(&NewGroupGrant { partner, group }.to_string()).await;
    principal.form("/roles/nouveau").fill("role", role)
}

/// Creates a user of a partner. He has not signed in.
pub async fn create_user(
    principal: &mut Browser,
    partner: PartnerId,
    town: &Town,
    given_name: &str,
    surname: &str,
) -> Person {
    let mail = format!("{}.{}@{}", given_name.to_lowercase(), surname.to_lowercase(), town.mail);
    principal.open(&NewUser { partner }.to_string()).await;
    principal
        .form("/utilisateurs/nouveau")
        .fill("prenom", given_name)
        .fill("nom", surname)
        .fill("fonction", "Agent d’accueil")
        .fill("courriel", &mail)
        .send(principal)
        .await;
    principal.page().must_say("C’est fait");
    let account = id_after(&principal.page().path, "/utilisateurs/");
    let identifier = identifier_on(principal, town);
    Person { account, identifier, mail }
}

/// Opens the form of a grant of that role to that person, over the whole perimeter.
pub async fn open_grant(
    principal: &mut Browser,
    partner: PartnerId,
    person: &Person,
    role: &str,
) -> super::Form {
    principal.open(&format!("{}?personne={}&role={role}", NewGrant { partner }, person.account)).await;
    let form = principal.form("/habilitations/nouvelle");
    form.fill("personne", &person.account.to_string()).fill("role", role)
}

/// Grants a role; whether it was granted stands on the page.
pub async fn grant(principal: &mut Browser, partner: PartnerId, person: &Person, role: &str) {
    open_grant(principal, partner, person, role).await.send(principal).await;
}

/// Withdraws the only role of somebody.
pub async fn revoke(app: &TestApp, principal: &mut Browser, partner: PartnerId, person: &Person) {
    let held: Vec<(compte_partenaire::domain::id::GrantId, AccountId)> =
        app.rows("SELECT id, account_id FROM role_grant").await;
    let grant =
        held.into_iter().find(|(_, account)| *account == person.account).expect("a role to withdraw").0;
    principal.open(&RevokeGrant { partner, grant }.to_string()).await;
    principal.form("/retirer").fill("motif", "Changement de poste").send(principal).await;
    principal.page().must_say("C’est fait");
}

/// The id that follows `before` in an address.
fn id_after<I: std::str::FromStr<Err: std::fmt::Debug>>(path: &str, before: &str) -> I {
    let (_, rest) = path.rsplit_once(before).unwrap_or_else(|| panic!("no {before} in {path}"));
    rest.split(['/', '?']).next().unwrap().parse().unwrap()
}

/// The identifier that a page gives to hand over.
fn identifier_on(browser: &Browser, town: &Town) -> String {
    let start = format!("{}-", town.prefix);
    let text = browser.page().text();
    let word = text.split_whitespace().find(|word| word.starts_with(&start));
    word.unwrap_or_else(|| panic!("no identifier on: {text}")).trim_end_matches(['.', ',']).to_owned()
}
