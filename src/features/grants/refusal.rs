//! A grant that is refused: the number, the reason as traces keep it, and each way out.

use super::form::{Sources, Step, Typed};
use super::offer::{Membership, Role, role_of};
use crate::domain::access::Permission;
use crate::domain::caps::{CapReached, Place, admit};
use crate::domain::day::Day;
use crate::domain::facts::{Fact, GrantRefusal};
use crate::domain::grants::{Held, Obstacle, Wanted};
use crate::domain::id::PartnerId;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::counted;
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Tone};
use crate::web::paths::{AskPlaces, Caps, NewGrant};
use crate::web::visit::Visit;

/// The reason as traces keep it.
pub(super) fn cause(obstacle: &Obstacle) -> GrantRefusal {
    match obstacle {
        Obstacle::Backdated => GrantRefusal::Dates,
        Obstacle::Nowhere | Obstacle::Outside(_) => GrantRefusal::Perimeter,
        Obstacle::NoCirconscription => GrantRefusal::Circonscription,
        Obstacle::AlreadyHeld => GrantRefusal::AlreadyHeld,
        Obstacle::Cap(CapReached::Service(_)) => GrantRefusal::ServiceCap,
        Obstacle::Cap(CapReached::Role(..)) => GrantRefusal::RoleCap,
    }
}

/// A form that could not be read is traced as a refused grant when it tells to whom, and of what.
pub(super) fn refusal(typed: &Typed, sources: &Sources, faults: &Faults) -> Vec<Fact> {
    let cause = faults.iter().find_map(|(_, fault)| match fault {
        Fault::PerimeterOutside { .. } => Some(GrantRefusal::Perimeter),
        Fault::CirconscriptionMissing => Some(GrantRefusal::Circonscription),
        Fault::DateBefore { .. } | Fault::EndBeforeStart => Some(GrantRefusal::Dates),
        _ => None,
    });
    let role = typed.role().and_then(|role| role_of(&sources.offer, role));
    let (Some(cause), Some(candidate), Some((membership, role)), Step::Grant) =
        (cause, &sources.person, role, typed.step())
    else {
        return Vec::new();
    };
    vec![Fact::GrantRefused {
        account: candidate.person.id,
        partner: sources.partner,
        service: membership.service_code.clone(),
        role: role.code.clone(),
        cause,
    }]
}

/// The other roles of the service that the person could still be given: label, then address.
pub(super) fn other_roles(
    path: NewGrant,
    wanted: &Wanted,
    membership: &Membership,
    today: Day,
) -> Vec<(String, String)> {
    let places: Vec<_> = membership.held.iter().map(Held::place).collect();
    let limits = membership.limits();
    let open = |other: &&Role| {
        let held = membership.held.iter().any(|held| held.account == wanted.account && held.role == other.id);
        let place = Place { role: other.id, ..wanted.place() };
        other.id != wanted.role && !held && admit(&places, &limits, place, today).is_ok()
    };
    let link = |other: &Role| {
        let href = format!("{path}?personne={}&role={}", wanted.account, other.id);
        (format!("Choisir « {} » : {}", other.name, left(membership.role_gauge(other, today))), href)
    };
    membership.roles.iter().filter(open).map(link).collect()
}

/// The refusal of a cap: the number, and each way out, `others` first.
pub(super) fn no_place(
    cap: &CapReached,
    visit: &Visit,
    partner: PartnerId,
    membership: &Membership,
    others: Vec<(String, String)>,
    spare: bool,
) -> Notice {
    let (of, short, role) = match cap {
        CapReached::Service(short) => (format!("le service « {} »", membership.service), short, None),
        CapReached::Role(role, short) => {
            let name = membership.roles.iter().find(|each| each.id == *role).map(|role| role.name.as_str());
            (format!("le rôle « {} »", name.unwrap_or_default()), short, Some(*role))
        }
    };
    let mut links = others;
    if spare {
        links.push(("Libérer une place peu utilisée".to_owned(), "#liberer".to_owned()));
    }
    let membership = membership.id;
    if visit.actor.may(Permission::ManageCaps) {
        links.push(("Relever le plafond".to_owned(), Caps { partner, membership }.to_string()));
    } else {
        let ask = AskPlaces { partner, membership };
        let href = role.map_or_else(|| ask.to_string(), |role| format!("{ask}?role={role}"));
        links.push(("Demander à l’organisme de relever le plafond".to_owned(), href));
    }
    let places = counted(short.cap, "place");
    let allowed = if visit.actor.partner().is_some() {
        format!("L’organisme accorde {places} à votre structure")
    } else {
        format!("Ce partenaire a {places}")
    };
    let wanted = match short.more {
        1 => String::new(),
        more => format!(" ; il en faudrait {more} de plus"),
    };
    Notice {
        tone: Tone::Bad,
        title: "L’habilitation n’a pas été enregistrée : plafond atteint".to_owned(),
        text: vec![
            format!(
                "{allowed} pour {of} ; {}{wanted}. Votre saisie est conservée.",
                match short.used {
                    0 => "aucune n’est prise".to_owned(),
                    1 => "1 personne est déjà comptée".to_owned(),
                    used => format!("{used} personnes sont déjà comptées"),
                },
            ),
            "Pour continuer :".to_owned(),
        ],
        links,
    }
}

/// The places left of a gauge, in words.
pub(super) fn left(gauge: Gauge) -> String {
    match gauge.cap {
        None => "sans plafond propre".to_owned(),
        Some(cap) if gauge.left() == 0 => format!("complet, {} sur {cap}", gauge.taken()),
        Some(_) => format!("il reste {}", counted(gauge.left(), "place")),
    }
}
