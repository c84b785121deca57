//! The page of one partner: what is decided, what is missing, who manages it.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;

use super::form::dialled;
use super::store::{self, Sheet, seats, services};
use super::words;
use crate::app::App;
use crate::domain::access::{Mode, Permission};
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::id::PartnerId;
use crate::domain::memberships::{Condition, Conditions, convention_holds_from};
use crate::domain::seats::Seat;
use crate::domain::siret::Siret;
use crate::domain::users::may_be_managed;
use crate::web::answer::{Answer, Tracing, shown};
use crate::web::conditions;
use crate::web::filters::{self, counted};
use crate::web::gauge::Gauge;
use crate::web::page::Shell;
use crate::web::paths::{
    Caps, Circonscriptions, CorrectPartner, Grants, Groups, Membership, NewDeputy, NewMembership,
    NewPrincipal, NewUser, Partner, PartnerNetwork, PartnerTraceRequests, Partners, PersonLetters,
    SuspendUser, User, UserSecret, Users,
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

/// One of the two seats from which the partner is administered.
struct Chair {
    id: &'static str,
    title: &'static str,
    note: &'static str,
    person: Option<Named>,
    /// Where somebody is named, or another in his place.
    name: Option<String>,
}

impl Chair {
    fn of(visit: &Visit, partner: PartnerId, seat: Seat, seated: &[seats::Seated]) -> Self {
        let person = seated.iter().find(|person| person.office == seat.office());
        let (id, title, note, name) = match seat {
            Seat::Principal => (
                "principal",
                "Administrateur principal",
                "Il gère les personnes de sa structure et en répond. Vous seul pouvez le nommer.",
                NewPrincipal { partner }.to_string(),
            ),
            Seat::Deputy => (
                "suppleant",
                "Administrateur suppléant",
                "Il fait de même, sauf la revue annuelle. Aucun des deux ne touche aux droits de l’autre.",
                NewDeputy { partner }.to_string(),
            ),
        };
        let name = visit.actor.may(Permission::ManagePrincipals).then_some(name);
        Self { id, title, note, person: person.map(|row| named_of(visit, partner, row)), name }
    }

    fn deputy(&self) -> bool {
        self.id == "suppleant"
    }
}

/// Who sits there, as this page shows him.
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
    /// His own page: his roles, his access.
    own: User,
    secret: Option<String>,
    suspend: Option<String>,
}

struct Links {
    list: String,
    own: String,
    users: String,
    groups: String,
    grants: String,
    correct: Option<String>,
    join: Option<String>,
    new_user: Option<String>,
    circonscriptions: String,
    network: String,
    trace_requests: Option<String>,
}

impl Links {
    fn of(visit: &Visit, partner: PartnerId, mode: Mode) -> Self {
        let may = |permission| visit.actor.may_at(permission, mode);
        Self {
            list: Partners.to_string(),
            own: Partner { partner }.to_string(),
            users: Users { partner }.to_string(),
            groups: Groups { partner }.to_string(),
            grants: Grants { partner }.to_string(),
            trace_requests: may(Permission::PassTraceRequestsOn)
                .then(|| PartnerTraceRequests { partner }.to_string()),
            correct: may(Permission::RegisterPartner).then(|| CorrectPartner { partner }.to_string()),
            join: may(Permission::ManageMemberships).then(|| NewMembership { partner }.to_string()),
            new_user: may(Permission::CreateUsers).then(|| NewUser { partner }.to_string()),
            circonscriptions: Circonscriptions { partner }.to_string(),
            network: PartnerNetwork { partner }.to_string(),
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
    /// Empty when nobody of the partner administers it.
    chairs: Vec<Chair>,
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
    let seated = seats::seated(reader.select(seats::SEATED), partner).await?;
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
        chairs: Seat::ALL
            .into_iter()
            .filter(|_| sheet.mode.is_delegated())
            .map(|seat| Chair::of(&visit, partner, seat, &seated))
            .collect(),
        sheet,
    };
    let subject = Some(partner.to_string());
    shown(&page).reading(vec![Fact::PageRead { route: Partner::PATH.to_owned(), subject }])
}

fn named_of(visit: &Visit, partner: PartnerId, row: &seats::Seated) -> Named {
    let standing = row.state();
    let account = row.id;
    let may = |permission| {
        let managed = may_be_managed(&visit.actor, Mode::Delegated, row.id, row.office);
        managed && standing.suspended_at.is_none() && visit.actor.may_at(permission, Mode::Delegated)
    };
    let letters = visit.actor.may(Permission::PrintLetters);
    Named {
        letters: letters.then(|| PersonLetters { addressee: row.id }.to_string()),
        name: row.name(),
        job: row.job.clone(),
        mail: row.mail.clone(),
        phone: dialled(&row.phone),
        identifier: row.identifier.clone(),
        state: standing::state(&standing.standing(visit.now), &visit.zone),
        last_sign_in: standing.last_sign_in_at.map(|at| standing::moment(at, &visit.zone, visit.today())),
        own: User { partner, account },
        secret: may(Permission::SendSecrets).then(|| UserSecret { partner, account }.to_string()),
        suspend: may(Permission::SuspendUsers).then(|| SuspendUser { partner, account }.to_string()),
    }
}
