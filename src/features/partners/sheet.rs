//! The page of one partner: what is decided, what is missing, who manages it.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;

use super::form::dialled;
use super::store::{self, Sheet, principal, services};
use super::words;
use crate::app::App;
use crate::domain::access::{Mode, Permission};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::PartnerId;
use crate::domain::memberships::{Condition, Conditions, convention_holds_from};
use crate::domain::siret::Siret;
use crate::domain::users::AccountState;
use crate::web::answer::{Answer, Tracing, shown};
use crate::web::conditions;
use crate::web::filters::{self, counted};
use crate::web::gauge::Gauge;
use crate::web::page::Shell;
use crate::web::paths::{
    Caps, Circonscriptions, CorrectPartner, Grants, Membership, NewMembership, NewPrincipal, NewUser,
    Partner, Partners, PersonLetters, PrincipalSecret, Users,
};
use crate::web::problem::Problem;
use crate::web::standing::{self, State as Standing};
use crate::web::visit::Visit;

/// The convention, where it stands in its life.
struct Convention {
    number: String,
    signed_on: Option<Day>,
    effective_on: Option<Day>,
    stage: usize,
    state: Standing,
}

impl Convention {
    fn of(sheet: &Sheet, today: Day) -> Self {
        let (stage, standing) = match convention_holds_from(sheet.signed_on, sheet.effective_on) {
            None => (0, Standing { tone: "wait", word: "Brouillon", detail: "à signer".to_owned() }),
            Some(day) if day > today => (
                1,
                Standing {
                    tone: "wait",
                    word: "Signée",
                    detail: format!("en vigueur le {}", filters::day_of(day)),
                },
            ),
            Some(_) => (2, Standing { tone: "ok", word: "En vigueur", detail: String::new() }),
        };
        Self {
            number: sheet.number.clone(),
            signed_on: sheet.signed_on,
            effective_on: sheet.effective_on,
            stage,
            state: standing,
        }
    }
}

/// A membership, its four conditions, and whether its service is open.
struct Joined {
    href: String,
    service: String,
    roles: i64,
    conditions: Conditions,
    state: Standing,
}

/// One of the four conditions as the table shows it.
struct Cell {
    name: &'static str,
    day: Option<Day>,
    holds: bool,
}

impl Joined {
    fn cells(&self, today: Day) -> Vec<Cell> {
        let cell = |name, condition| Cell {
            name,
            day: self.conditions.day_of(condition),
            holds: self.conditions.holds(condition, today),
        };
        vec![
            cell("Formalité", Condition::Formality),
            cell("Convention", Condition::Convention),
            cell("Contrat", Condition::Contract),
            cell("Bulletin", Condition::Membership),
        ]
    }
}

/// A cap, drawn.
struct Cap {
    title: String,
    gauge: Gauge,
    detail: String,
}

impl Cap {
    fn new(title: String, gauge: Gauge) -> Self {
        let detail = match (gauge.used, gauge.held) {
            (0, 0) => String::new(),
            (used, 0) => format!("{used} en activité"),
            (used, held) => format!("{used} en activité, {held} à venir, en attente ou suspendues"),
        };
        Self { title, gauge, detail }
    }
}

/// The principal, as this page shows him.
struct Named {
    name: String,
    job: String,
    mail: String,
    phone: String,
    identifier: String,
    /// Its letters, for who prints them.
    letters: Option<String>,
    state: Standing,
    last_sign_in: Option<String>,
}

struct Links {
    list: String,
    own: String,
    users: String,
    grants: String,
    correct: Option<String>,
    join: Option<String>,
    name: Option<String>,
    secret: Option<String>,
    new_user: Option<String>,
    circonscriptions: String,
}

impl Links {
    fn of(visit: &Visit, partner: PartnerId, mode: Mode) -> Self {
        let may = |permission| visit.actor.may_at(permission, mode);
        Self {
            list: Partners.to_string(),
            own: Partner { partner }.to_string(),
            users: Users { partner }.to_string(),
            grants: Grants { partner }.to_string(),
            correct: may(Permission::RegisterPartner).then(|| CorrectPartner { partner }.to_string()),
            join: may(Permission::ManageMemberships).then(|| NewMembership { partner }.to_string()),
            name: may(Permission::ManagePrincipals).then(|| NewPrincipal { partner }.to_string()),
            secret: may(Permission::ManagePrincipals).then(|| PrincipalSecret { partner }.to_string()),
            new_user: may(Permission::CreateUsers).then(|| NewUser { partner }.to_string()),
            circonscriptions: Circonscriptions { partner }.to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "partners/partner.html")]
struct PartnerPage {
    shell: Shell,
    links: Links,
    today: Day,
    since: Day,
    siret: String,
    category: &'static str,
    managed_by: &'static str,
    sheet: Sheet,
    security_phone: String,
    protection_phone: String,
    convention: Convention,
    joined: Vec<Joined>,
    caps: Vec<Cap>,
    /// Caps that more people hold than they allow, with the page that fixes them.
    passed: Vec<(String, String)>,
    principal: Option<Named>,
}

/// The page.
pub(super) async fn partner(
    State(app): State<App>,
    visit: Visit,
    path: Partner,
    query: Result<Query<words::Query>, QueryRejection>,
) -> Answer {
    let (partner, today) = (path.partner, visit.today());
    let mut reader = app.read(&visit.actor).await?;
    let sheet = store::sheet(reader.select(store::SHEET), partner).await?.ok_or(Problem::NotFound)?;
    let joined = services::joined(&mut reader, partner, today).await?;
    let capped = services::capped(&mut reader, partner, today).await?;
    let named = principal::of(reader.select(principal::OF_PARTNER), partner).await?;
    drop(reader);
    let (mut caps, mut passed) = (Vec::new(), Vec::new());
    for membership in &joined {
        let roles = capped.iter().filter(|cap| cap.membership_id == membership.id);
        let all = std::iter::once(Cap::new(membership.service.clone(), membership.gauge())).chain(
            roles.map(|cap| Cap::new(format!("{}, rôle « {} »", membership.service, cap.role), cap.gauge())),
        );
        for cap in all {
            if let (1.., Some(most)) = (cap.gauge.excess(), cap.gauge.cap) {
                let (people, places) = (counted(cap.gauge.taken(), "personne"), counted(most, "place"));
                let words = format!("« {} » compte {people} pour {places}.", cap.title);
                passed.push((words, Caps { partner, membership: membership.id }.to_string()));
            }
            caps.push(cap);
        }
    }
    let joined = joined
        .into_iter()
        .map(|row| {
            let days = row.conditions(sheet.signed_on, sheet.effective_on);
            Joined {
                href: Membership { partner, membership: row.id }.to_string(),
                service: row.service,
                roles: row.roles,
                conditions: days,
                state: conditions::state(&days, today),
            }
        })
        .collect();
    let notice =
        query.ok().and_then(|Query(query)| query.fait).map(|told| told.notice(&sheet.legal_name, sheet.mode));
    let page = PartnerPage {
        shell: visit.shell_with(sheet.legal_name.clone(), notice),
        links: Links::of(&visit, partner, sheet.mode),
        managed_by: words::managed_by(sheet.mode),
        today,
        since: visit.zone.day(sheet.created_at),
        siret: sheet.siret.parse().map_or_else(|_| sheet.siret.clone(), |siret: Siret| siret.to_string()),
        category: words::label_of(&sheet.category),
        security_phone: dialled(&sheet.security_phone),
        protection_phone: dialled(&sheet.protection_phone),
        convention: Convention::of(&sheet, today),
        joined,
        caps,
        passed,
        principal: named.map(|row| named_of(&visit, row)),
        sheet,
    };
    let subject = Some(partner.to_string());
    shown(&page).reading(vec![Fact::PageRead { route: Partner::PATH.to_owned(), subject }])
}

fn named_of(visit: &Visit, row: principal::Principal) -> Named {
    let account = AccountState {
        suspended_at: row.suspended_at,
        has_password: !row.awaited,
        secret_expires_at: row.secret_expires_at,
        mail_failed: row.mail_failed,
        by_letter: row.by_letter,
        last_sign_in_at: row.last_sign_in_at,
    };
    let letters = visit.actor.may(Permission::PrintLetters);
    Named {
        letters: letters.then(|| PersonLetters { addressee: row.id }.to_string()),
        name: format!("{} {}", row.given_name, row.surname),
        job: row.job,
        mail: row.mail,
        phone: dialled(&row.phone),
        identifier: row.identifier,
        state: standing::state(&account.standing(visit.now), &visit.zone),
        last_sign_in: row.last_sign_in_at.map(|at| standing::moment(at, &visit.zone, visit.today())),
    }
}
