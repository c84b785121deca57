//! One person: identity, access, what he holds, and what the reader may do about it.

use askama::Template;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::store::{self, Account, Holding};
use crate::app::App;
use crate::domain::access::{Actor, Mode, Office, Permission};
use crate::domain::contact::Phone;
use crate::domain::facts::Fact;
use crate::domain::grants::Phase;
use crate::domain::secrets::prints_for;
use crate::domain::users::{Code, Standing, may_be_managed};
use crate::web::answer::{Answer, Tracing, shown};
use crate::web::filters;
use crate::web::form::new_key;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{
    Group, NewGrant, PersonLetters, ReactivateUser, RevokeGrant, SuspendUser, User, UserIdentifier,
    UserNotification, UserSecret, Users,
};
use crate::web::problem::Problem;
use crate::web::standing::{self, moment};
use crate::web::visit::Visit;

/// What the reader may do with this account: the same functions decide again when he does it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Rights(Vec<Permission>);

impl Rights {
    fn of(actor: &Actor, mode: Mode, account: &Account) -> Self {
        let managed = may_be_managed(actor, mode, account.id, account.office);
        let open = |permission: &Permission| match permission {
            // A code would let nobody in while the account is suspended.
            Permission::SendSecrets => account.state().suspended_at.is_none(),
            _ => true,
        };
        let all = [
            Permission::SendSecrets,
            Permission::SuspendUsers,
            Permission::GrantRoles,
            Permission::RevokeRoles,
        ];
        Self(all.into_iter().filter(|each| managed && actor.may_at(*each, mode) && open(each)).collect())
    }

    fn secret(&self) -> bool {
        self.0.contains(&Permission::SendSecrets)
    }

    fn suspend(&self) -> bool {
        self.0.contains(&Permission::SuspendUsers)
    }

    fn grant(&self) -> bool {
        self.0.contains(&Permission::GrantRoles)
    }

    fn revoke(&self) -> bool {
        self.0.contains(&Permission::RevokeRoles)
    }
}

/// What the address says was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    fait: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    Created,
    CreatedByLetter,
    SecretSent,
    Suspended,
    Reactivated,
    Granted,
    Revoked,
}

impl Told {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "cree" => Some(Self::Created),
            "cree-par-lettre" => Some(Self::CreatedByLetter),
            "code" => Some(Self::SecretSent),
            "suspendu" => Some(Self::Suspended),
            "reactive" => Some(Self::Reactivated),
            "habilite" => Some(Self::Granted),
            "retire" => Some(Self::Revoked),
            _ => None,
        }
    }

    fn notice(self, path: User, account: &Account, rights: &Rights) -> Notice {
        let name = account.name();
        let identifier = ("Imprimer la lettre d’identifiant".to_owned(), letter(path).to_string());
        let grant = ("Donner un rôle".to_owned(), grant_to(path));
        let (title, text, links) = match self {
            Self::Created => (
                format!("C’est fait : {name} a un compte"),
                format!(
                    "Remettez-lui son identifiant, {}. Son code part à son adresse, {}, sans passer par vous. \
                     Il reste à lui donner un rôle.",
                    account.identifier, account.mail
                ),
                if rights.grant() { vec![identifier, grant] } else { vec![identifier] },
            ),
            Self::CreatedByLetter => (
                format!("C’est fait : {name} a un compte"),
                "Aucun courriel ne part : il reste à imprimer ses deux lettres, l’identifiant puis le code, et à lui \
                 donner un rôle."
                    .to_owned(),
                vec![
                    ("Imprimer ses lettres".to_owned(), PersonLetters { addressee: account.id }.to_string()),
                    grant,
                ],
            ),
            Self::SecretSent => (
                "C’est fait : un nouveau code va partir".to_owned(),
                format!(
                    "Il part à {}, sans passer par vous. L’ancien mot de passe ne sert plus.",
                    account.mail
                ),
                Vec::new(),
            ),
            Self::Suspended => (
                format!("C’est fait : l’accès de {name} est suspendu"),
                "Ses sessions sont fermées. Ses habilitations sont gardées et comptent dans les plafonds."
                    .to_owned(),
                Vec::new(),
            ),
            Self::Reactivated => (
                format!("C’est fait : {name} a de nouveau accès"),
                "Ses habilitations sont celles d’avant la suspension.".to_owned(),
                Vec::new(),
            ),
            Self::Granted => (
                format!("C’est fait : {name} a un rôle de plus"),
                "L’habilitation figure ci-dessous, avec son périmètre et ses dates.".to_owned(),
                if rights.grant() {
                    vec![("Donner un autre rôle".to_owned(), grant_to(path))]
                } else {
                    Vec::new()
                },
            ),
            Self::Revoked => (
                "C’est fait : le rôle est retiré".to_owned(),
                "Le retrait vaut dès la prochaine action de la personne. La place est libre, si aucun groupe ne lui \
                 donne encore ce rôle."
                    .to_owned(),
                Vec::new(),
            ),
        };
        Notice { tone: Tone::Ok, title, text: vec![text], links }
    }
}

fn letter(path: User) -> UserIdentifier {
    UserIdentifier { partner: path.partner, account: path.account }
}

fn grant_to(path: User) -> String {
    format!("{}?personne={}", NewGrant { partner: path.partner }, path.account)
}

#[derive(Template)]
#[template(path = "users/person.html")]
struct PersonPage {
    shell: Shell,
    key: String,
    crumbs: Vec<(String, String)>,
    path: User,
    account: Account,
    state: standing::State,
    standing: Standing,
    since: time::OffsetDateTime,
    last: Option<String>,
    rights: Rights,
    /// His letters, for the organism when it prints them.
    letters: Option<PersonLetters>,
    holdings: Vec<Held>,
}

/// One line of what is held.
struct Held {
    holding: Holding,
    phase: Phase,
}

impl Held {
    fn places(&self) -> String {
        match &self.holding.circonscription {
            Some(name) => format!("Circonscription : {name}"),
            None => self.holding.perimeter.names().join(", "),
        }
    }

    fn revoke(&self, path: &User) -> RevokeGrant {
        RevokeGrant { partner: path.partner, grant: self.holding.grant }
    }

    /// The group that gives it: its name, then where it is.
    fn group(&self, path: &User) -> Option<(&str, Group)> {
        let (group, name) = self.holding.group.as_ref()?;
        Some((name, Group { partner: path.partner, group: *group }))
    }
}

impl PersonPage {
    /// As it is dialled here.
    fn phone(&self) -> Option<String> {
        self.account.phone.parse::<Phone>().ok().map(|phone| phone.to_string())
    }

    fn administers(&self) -> bool {
        self.account.office.administers_a_partner()
    }

    fn deputy(&self) -> bool {
        self.account.office == Office::Deputy
    }

    fn letter(&self) -> UserIdentifier {
        letter(self.path)
    }

    fn notification(&self) -> UserNotification {
        UserNotification { partner: self.path.partner, account: self.path.account }
    }

    fn grant(&self) -> String {
        grant_to(self.path)
    }

    fn secret(&self) -> UserSecret {
        UserSecret { partner: self.path.partner, account: self.path.account }
    }

    fn suspend(&self) -> SuspendUser {
        SuspendUser { partner: self.path.partner, account: self.path.account }
    }

    fn reactivate(&self) -> ReactivateUser {
        ReactivateUser { partner: self.path.partner, account: self.path.account }
    }
}

/// The page of one person.
pub(super) async fn show(
    State(app): State<App>,
    visit: Visit,
    path: User,
    Query(asked): Query<Asked>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let employer =
        store::employer(reader.select(store::EMPLOYER), path.partner).await?.ok_or(Problem::NotFound)?;
    let account = store::account(reader.select(store::ACCOUNT), path.partner, path.account)
        .await?
        .ok_or(Problem::NotFound)?;
    let holdings = store::holdings(&mut reader, path.partner, path.account).await?;
    drop(reader);
    let today = visit.today();
    let rights = Rights::of(&visit.actor, employer.mode, &account);
    let notice = Told::parse(&asked.fait).map(|told| told.notice(path, &account, &rights));
    let mut crumbs = visit.way_to(path.partner, &employer.legal_name);
    crumbs.push(("Utilisateurs".to_owned(), Users { partner: path.partner }.to_string()));
    let standing = account.state().standing(visit.now);
    let page = PersonPage {
        shell: visit.shell_with(account.name(), notice),
        key: new_key(&app),
        crumbs,
        path,
        state: standing::state(&standing, &visit.zone),
        standing,
        since: visit.zone.local(account.created_at),
        last: account.state().last_sign_in_at.map(|at| moment(at, &visit.zone, today)),
        rights,
        letters: (visit.actor.may(Permission::PrintLetters)
            && prints_for(&visit.actor, account.id, account.office, Some(employer.mode)))
        .then_some(PersonLetters { addressee: account.id }),
        holdings: holdings
            .into_iter()
            .map(|holding| Held { phase: holding.period.phase(today), holding })
            .collect(),
        account,
    };
    shown(&page).reading(vec![read(User::PATH, path)])
}

#[derive(Template)]
#[template(path = "users/identifier.html")]
struct IdentifierPage {
    shell: Shell,
    path: User,
    partner: String,
    organism: String,
    account: Account,
    today: crate::domain::day::Day,
    address: String,
    /// Who hands it over.
    by: String,
}

/// The letter that tells a person his identifier, and nothing else.
pub(super) async fn identifier(State(app): State<App>, visit: Visit, path: UserIdentifier) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let employer =
        store::employer(reader.select(store::EMPLOYER), path.partner).await?.ok_or(Problem::NotFound)?;
    let account = store::account(reader.select(store::ACCOUNT), path.partner, path.account)
        .await?
        .ok_or(Problem::NotFound)?;
    drop(reader);
    let path = User { partner: path.partner, account: path.account };
    let page = IdentifierPage {
        shell: visit.shell("Votre identifiant pour le Compte Partenaire"),
        path,
        partner: employer.legal_name,
        organism: visit.organism_name.clone(),
        account,
        today: visit.today(),
        address: app.public_url().to_owned(),
        by: visit.actor.account().map(|account| account.name.clone()).unwrap_or_default(),
    };
    shown(&page).reading(vec![read(UserIdentifier::PATH, path)])
}

fn read(route: &str, path: User) -> Fact {
    Fact::PageRead { route: route.to_owned(), subject: Some(path.account.to_string()) }
}
