//! The form of a grant as it was sent: what it asks for, and what cannot be read of it.

use serde::Deserialize;

use super::circonscriptions::{self, Circonscription};
use super::offer::{self, Membership, role_of};
use super::store::{self, Candidate, Side};
use crate::app::App;
use crate::db::words::beginnings;
use crate::domain::access::{Mode, Permission};
use crate::domain::circonscriptions::placed;
use crate::domain::day::Day;
use crate::domain::grants::{Period, Wanted};
use crate::domain::groups;
use crate::domain::id::{AccountId, PartnerId, RoleId};
use crate::domain::territory::Perimeter;
use crate::domain::users::may_be_managed;
use crate::web::fault::{Fault, Faults};
use crate::web::filters;
use crate::web::paths::NewGrant;
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// People shown by a search.
pub(super) const FOUND: i64 = 10;

/// What was typed, or what an address fills in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) qui: String,
    pub(super) personne: String,
    pub(super) role: String,
    pub(super) etendue: String,
    pub(super) lieux: String,
    pub(super) debut: String,
    pub(super) fin: String,
    pub(super) etape: String,
}

/// Which button was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    Search,
    Preview,
    Grant,
}

impl Typed {
    pub(super) fn step(&self) -> Step {
        match self.etape.as_str() {
            "chercher" => Step::Search,
            "apercu" => Step::Preview,
            _ => Step::Grant,
        }
    }

    pub(super) fn person(&self) -> Option<AccountId> {
        self.personne.parse().ok()
    }

    pub(super) fn role(&self) -> Option<RoleId> {
        self.role.parse().ok()
    }
}

/// What the page is made from, read once.
pub(super) struct Sources {
    pub(super) partner: PartnerId,
    pub(super) offer: Vec<Membership>,
    pub(super) person: Option<Candidate>,
    pub(super) people: Vec<Candidate>,
    pub(super) circonscriptions: Vec<Circonscription>,
    /// Who manages the people of the partner.
    pub(super) mode: Mode,
}

pub(super) async fn sources(
    app: &App,
    visit: &Visit,
    path: NewGrant,
    typed: &Typed,
) -> Result<Sources, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let employer = store::employer(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    if !visit.actor.may_at(Permission::GrantRoles, employer.mode) {
        return Err(Problem::NotFound);
    }
    let offer = offer::offer(&mut reader, path.partner).await?;
    let person = match typed.person() {
        Some(account) => {
            store::person(&mut reader, path.partner, account).await?.filter(|Candidate { person, .. }| {
                may_be_managed(&visit.actor, employer.mode, person.id, person.office)
            })
        }
        None => None,
    };
    let side = Side::managed_by(&visit.actor, employer.mode);
    let people = store::people(&mut reader, path.partner, side, &beginnings(&typed.qui), FOUND).await?;
    let circonscriptions = circonscriptions::all(&mut reader, path.partner).await?;
    Ok(Sources { partner: path.partner, offer, person, people, circonscriptions, mode: employer.mode })
}

/// Reads a wish; what cannot be read leaves its fault.
pub(super) fn read(typed: &Typed, sources: &Sources, today: Day, faults: &mut Faults) -> Option<Wanted> {
    let person = match (&sources.person, typed.personne.is_empty()) {
        (Some(candidate), _) => Some(candidate.person.id),
        (None, true) => faults.take("personne", Err(Fault::Missing)),
        (None, false) => faults.take("personne", Err(Fault::NotOffered)),
    };
    let wanted = read_role(typed, &sources.offer, &sources.circonscriptions, today, faults)?;
    let groups::Wanted { role, perimeter, circonscription, period } = wanted;
    Some(Wanted { account: person?, role, perimeter, circonscription, period })
}

/// Reads what a wish is about, whoever it is for.
pub(super) fn read_role(
    typed: &Typed,
    offer: &[Membership],
    circonscriptions: &[Circonscription],
    today: Day,
    faults: &mut Faults,
) -> Option<groups::Wanted> {
    let role = match (typed.role().and_then(|role| role_of(offer, role)), typed.role.is_empty()) {
        (Some(role), _) => Some(role),
        (None, true) => faults.take("role", Err(Fault::Missing)),
        (None, false) => faults.take("role", Err(Fault::NotOffered)),
    };
    let chosen = typed.etendue.parse().ok();
    let circonscription = circonscriptions.iter().find(|each| Some(each.id) == chosen);
    let perimeter = role.and_then(|(membership, _)| match (typed.etendue.as_str(), circonscription) {
        ("partie", _) => faults.take("lieux", Perimeter::typed(&typed.lieux, &membership.perimeter)),
        (_, Some(circonscription)) => Some(circonscription.perimeter.clone()),
        ("" | "tout", None) => Some(membership.perimeter.clone()),
        (_, None) => faults.take("etendue", Err(Fault::NotOffered)),
    });
    let period = period(typed, today, faults);
    let by_circonscription = role.is_some_and(|(membership, _)| membership.by_circonscription);
    let circonscription = circonscription.map(|each| each.id);
    let placed = placed(circonscription, by_circonscription).map_err(|_| Fault::CirconscriptionMissing);
    faults.take("etendue", placed)?;
    let role = role.map(|(_, role)| role.id);
    Some(groups::Wanted { role: role?, perimeter: perimeter?, circonscription, period: period? })
}

fn period(typed: &Typed, today: Day, faults: &mut Faults) -> Option<Period> {
    let start = faults.optional_day("debut", &typed.debut).unwrap_or(today);
    let end = faults.optional_day("fin", &typed.fin);
    if start < today {
        faults.push("debut", Fault::DateBefore { earliest: filters::day_of(today) });
    }
    let period = Period::new(start, end);
    if period.is_none() {
        faults.push("fin", Fault::EndBeforeStart);
    }
    period.filter(|_| faults.get("debut").is_none() && faults.get("fin").is_none())
}
