//! What would change if a role were granted: told before it is, and again when it is refused.

use std::collections::BTreeSet;

use super::offer::{Membership, Role};
use super::store::Person;
use crate::domain::caps::CapReached;
use crate::domain::day::Day;
use crate::domain::files::Rubric;
use crate::domain::grants::{Held, Obstacle, Period, Usage, Wanted};
use crate::domain::id::{GrantId, RoleId, RowId as _};
use crate::domain::territory::Perimeter;
use crate::web::fault::Fault;
use crate::web::filters::day_of;
use crate::web::gauge::Gauge;

/// A cap as it would stand: title, gauge after, what it says.
pub(super) type Effect = (String, Gauge, String);

/// The caps of a service and of those of its roles, if what is held became `after`.
fn gauges(membership: &Membership, roles: &[Role], after: &[Held], with: &str, today: Day) -> Vec<Effect> {
    let gauge = |title: String, of: Option<RoleId>, cap: Option<u32>| {
        let (now, then) = (Usage::of(&membership.held, of, today), Usage::of(after, of, today));
        (title, Gauge::new(then.active, then.waiting, cap), said(now.taken(), then.taken(), cap, with))
    };
    let whole = gauge(format!("{}, après", membership.service), None, Some(membership.cap));
    let capped = roles.iter().filter(|role| role.cap.is_some());
    let capped = capped.map(|role| gauge(format!("Rôle « {} », après", role.name), Some(role.id), role.cap));
    std::iter::once(whole).chain(capped).collect()
}

/// The caps that holdings to come would touch.
pub(super) fn effects(membership: &Membership, added: &[Held], with: &str, today: Day) -> Vec<Effect> {
    let after: Vec<Held> = membership.held.iter().chain(added).copied().collect();
    let touched = |role: &&Role| added.iter().any(|held| held.role == role.id);
    let roles: Vec<Role> = membership.roles.iter().filter(touched).cloned().collect();
    gauges(membership, &roles, &after, with, today)
}

/// What would change.
pub(super) struct Preview {
    pub(super) name: String,
    pub(super) service: String,
    /// The service as a whole, then the role if it has a cap: title, gauge after, what it says.
    pub(super) gauges: Vec<Effect>,
    pub(super) sees: BTreeSet<Rubric>,
    pub(super) hidden: BTreeSet<Rubric>,
    pub(super) places: Vec<String>,
    pub(super) period: Period,
}

impl Preview {
    /// The effect of a wish on what the membership holds today.
    pub(super) fn of(
        wanted: &Wanted,
        person: &Person,
        membership: &Membership,
        role: &Role,
        today: Day,
    ) -> Self {
        let mut after: Vec<Held> =
            membership.held.iter().filter(|held| !same(held, wanted)).copied().collect();
        after.push(added(wanted, person));
        let with = format!("avec {}", person.name());
        let gauges = gauges(membership, std::slice::from_ref(role), &after, &with, today);
        let sees = seen(&after, wanted, membership, today);
        let hidden = Rubric::ALL.iter().copied().filter(|rubric| !sees.contains(rubric)).collect();
        Self {
            name: person.name(),
            service: membership.service.clone(),
            gauges,
            sees,
            hidden,
            places: wanted.perimeter.names(),
            period: wanted.period,
        }
    }
}

fn same(held: &Held, wanted: &Wanted) -> bool {
    held.group.is_none() && held.account == wanted.account && held.role == wanted.role
}

/// The wish, as if it were granted.
fn added(wanted: &Wanted, person: &Person) -> Held {
    Held {
        grant: GrantId::from_uuid(wanted.account.as_uuid()),
        account: wanted.account,
        role: wanted.role,
        period: wanted.period,
        group: None,
        able: person.state().is_able(),
    }
}

/// Every rubric that the person sees by one grant or another once this one holds.
fn seen(after: &[Held], wanted: &Wanted, membership: &Membership, today: Day) -> BTreeSet<Rubric> {
    let from = wanted.period.starts_on.max(today);
    let roles: BTreeSet<RoleId> = after
        .iter()
        .filter(|held| held.account == wanted.account && held.period.holds_on(from))
        .map(|held| held.role)
        .collect();
    let of_roles = membership.roles.iter().filter(|role| roles.contains(&role.id));
    of_roles.flat_map(|role| role.rubrics.iter().copied()).collect()
}

fn said(now: u32, then: u32, cap: Option<u32>, with: &str) -> String {
    match cap {
        _ if now == then => format!("{now} aujourd’hui, autant {with} : aucune place de plus."),
        Some(cap) if then > cap => {
            format!("{now} aujourd’hui, {then} {with}. Le trait vertical marque le plafond.")
        }
        Some(cap) if then == cap => format!("{now} aujourd’hui, {then} {with}. Ensuite, plus de place."),
        _ => format!("{now} aujourd’hui, {then} {with}."),
    }
}

/// What is wrong, where the form says it.
pub(super) fn fault(obstacle: &Obstacle, today: Day) -> (&'static str, Fault) {
    match obstacle {
        Obstacle::Backdated => ("debut", Fault::DateBefore { earliest: day_of(today) }),
        Obstacle::Nowhere => ("lieux", Fault::PerimeterEmpty),
        Obstacle::Outside(places) => ("lieux", Fault::PerimeterOutside { places: places.clone() }),
        Obstacle::NoCirconscription => ("etendue", Fault::CirconscriptionMissing),
        Obstacle::AlreadyHeld => ("role", Fault::AlreadyHeld),
        Obstacle::Cap(CapReached::Service(short) | CapReached::Role(_, short)) => {
            ("role", Fault::CapReached { cap: short.cap, used: short.used })
        }
    }
}

/// Where a grant reaches: the name of its circonscription, or its places.
pub(super) fn place(circonscription: Option<&str>, perimeter: &Perimeter) -> String {
    match circonscription {
        Some(name) => format!("Circonscription : {name}"),
        None => places(perimeter),
    }
}

/// A perimeter in words, or how many places it has when they are many.
pub(super) fn places(perimeter: &Perimeter) -> String {
    let names = perimeter.names();
    match names.len() {
        0..=4 => names.join(", "),
        many => format!(
            "{} et {} autres lieux",
            names.iter().take(3).cloned().collect::<Vec<_>>().join(", "),
            many - 3
        ),
    }
}
