//! A grant that is refused: the number, the reason as traces keep it, and each way out.

use super::form::{Sources, Step, Typed};
use super::offer::{Membership, Role, role_of};
use crate::domain::access::Mode;
use crate::domain::caps::{CapReached, admit};
use crate::domain::day::Day;
use crate::domain::facts::{Fact, GrantRefusal};
use crate::domain::grants::{Held, Obstacle, Wanted};
use crate::web::fault::{Fault, Faults};
use crate::web::filters::counted;
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Tone};
use crate::web::paths::{AskPlaces, Caps, NewGrant};

/// The way out of a partner that manages its people itself.
const ASK: &str = "Demander à l’organisme de relever le plafond";

/// The reason as traces keep it.
pub(super) fn cause(obstacle: &Obstacle) -> GrantRefusal {
    match obstacle {
        Obstacle::Backdated => GrantRefusal::Dates,
        Obstacle::Nowhere | Obstacle::Outside(_) => GrantRefusal::Perimeter,
        Obstacle::NoCirconscription => GrantRefusal::Circonscription,
        Obstacle::AlreadyHeld => GrantRefusal::AlreadyHeld,
        Obstacle::Cap(CapReached::Service(_)) => GrantRefusal::ServiceCap,
        Obstacle::Cap(CapReached::Role(_)) => GrantRefusal::RoleCap,
    }
}

/// A form that could not be read is traced as a refused grant when it tells to whom, and of what.
pub(super) fn refusal(path: NewGrant, typed: &Typed, sources: &Sources, faults: &Faults) -> Vec<Fact> {
    let cause = faults.iter().find_map(|(_, fault)| match fault {
        Fault::PerimeterOutside { .. } => Some(GrantRefusal::Perimeter),
        Fault::CirconscriptionMissing => Some(GrantRefusal::Circonscription),
        Fault::DateBefore { .. } | Fault::EndBeforeStart => Some(GrantRefusal::Dates),
        _ => None,
    });
    let role = typed.role().and_then(|role| role_of(&sources.offer, role));
    let (Some(cause), Some(person), Some((membership, role)), Step::Grant) =
        (cause, &sources.person, role, typed.step())
    else {
        return Vec::new();
    };
    vec![Fact::GrantRefused {
        account: person.id,
        partner: path.partner,
        service: membership.service_code.clone(),
        role: role.code.clone(),
        cause,
    }]
}

/// The refusal of a cap: the number, and each way out.
pub(super) fn no_place(
    cap: &CapReached,
    path: NewGrant,
    wanted: &Wanted,
    (membership, role): (&Membership, &Role),
    today: Day,
    spare: usize,
    mode: Mode,
) -> Notice {
    let (of, gauge) = match cap {
        CapReached::Service(gauge) => (format!("le service « {} »", membership.service), gauge),
        CapReached::Role(gauge) => (format!("le rôle « {} »", role.name), gauge),
    };
    let places: Vec<_> = membership.held.iter().map(Held::place).collect();
    let limits = membership.limits();
    let open = |other: &&Role| {
        let held = membership.held.iter().any(|held| held.account == wanted.account && held.role == other.id);
        other.id != role.id && !held && admit(&places, &limits, wanted.account, other.id, today).is_ok()
    };
    let mut links: Vec<(String, String)> = membership
        .roles
        .iter()
        .filter(open)
        .map(|other| {
            let href = format!("{path}?personne={}&role={}", wanted.account, other.id);
            (format!("Choisir « {} » : {}", other.name, left(membership.role_gauge(other, today))), href)
        })
        .collect();
    if spare > 0 {
        links.push(("Libérer une place peu utilisée".to_owned(), "#liberer".to_owned()));
    }
    let (partner, membership) = (path.partner, membership.id);
    let ask = AskPlaces { partner, membership };
    links.push(match (mode, cap) {
        (Mode::Centralised, _) => ("Relever le plafond".to_owned(), Caps { partner, membership }.to_string()),
        (_, CapReached::Role(_)) => (ASK.to_owned(), format!("{ask}?role={}", role.id)),
        (_, CapReached::Service(_)) => (ASK.to_owned(), ask.to_string()),
    });
    Notice {
        tone: Tone::Bad,
        title: "L’habilitation n’a pas été enregistrée : plafond atteint".to_owned(),
        text: vec![
            format!(
                "{} pour {of} ; {}. Votre saisie est conservée.",
                match mode {
                    Mode::Delegated => {
                        format!("L’organisme accorde {} à votre structure", counted(gauge.cap, "place"))
                    }
                    Mode::Centralised => format!("Ce partenaire a {}", counted(gauge.cap, "place")),
                },
                match gauge.used {
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
