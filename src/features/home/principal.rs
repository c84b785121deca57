//! Who administers a partner, principal or deputy: places that run short, people who wait, then the gauges.

use askama::Template;

use super::reviews;
use super::store::{self, CapUse, Staff};
use super::trace_requests::to_pass_on;
use super::welcome::{Welcome, welcome};
use super::{Decision, justifications};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::id::PartnerId;
use crate::web::answer::{Answer, shown};
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Shell};
use crate::web::paths::{AskPlaces, Grants, NewGrant, NewUser, Users};
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "home/principal.html")]
struct PrincipalPage {
    shell: Shell,
    welcome: Welcome,
    partner: PartnerId,
    decisions: Vec<Decision>,
    staff: Staff,
    gauges: Vec<(String, Gauge)>,
}

impl PrincipalPage {
    fn new_grant(&self) -> NewGrant {
        NewGrant { partner: self.partner }
    }

    fn new_user(&self) -> NewUser {
        NewUser { partner: self.partner }
    }

    fn grants(&self) -> Grants {
        Grants { partner: self.partner }
    }
}

/// The page.
pub(super) async fn show(app: &App, visit: &Visit, notice: Option<Notice>) -> Answer {
    let partner = visit.own_partner()?;
    let mut reader = app.read(&visit.actor).await?;
    let caps = store::caps(&mut reader, visit.today()).await?;
    let staff = store::staff(&mut reader, visit.today(), visit.now).await?;
    let review = if visit.actor.may(Permission::ReviewHoldings) {
        reviews::owed(&mut reader, visit, partner).await?
    } else {
        None
    };
    let asked = justifications::awaited(&mut reader, visit.today()).await?;
    let traces = to_pass_on(&mut reader, visit).await?;
    let welcome = welcome(&mut reader, visit).await?;
    drop(reader);
    let caps_short = caps.iter().filter_map(|cap| short(cap, partner));
    let asked = asked.into_iter().chain(review).chain(traces);
    let decisions: Vec<Decision> = asked.chain(caps_short).chain(people(&staff, partner)).collect();
    let title = match decisions.len() {
        0 if staff.people == 0 => "Ajoutez vos collègues".to_owned(),
        0 => "Tout est à jour".to_owned(),
        1 => "1 point demande votre attention".to_owned(),
        many => format!("{many} points demandent votre attention"),
    };
    shown(&PrincipalPage {
        shell: visit.shell_with(title, notice),
        welcome,
        partner,
        decisions,
        staff,
        gauges: caps.iter().map(|cap| (titled(cap), gauge(cap))).collect(),
    })
}

fn titled(cap: &CapUse) -> String {
    match &cap.role {
        Some(role) => format!("Rôle « {role} »"),
        None => cap.service.clone(),
    }
}

fn gauge(cap: &CapUse) -> Gauge {
    let number = |people: i64| u32::try_from(people).unwrap_or(0);
    Gauge::new(number(cap.active), number(cap.taken - cap.active), Some(number(cap.cap)))
}

/// A cap that is reached, or nearly: a tenth of its places is left, or less.
fn short(cap: &CapUse, partner: PartnerId) -> Option<Decision> {
    let left = cap.cap - cap.taken;
    if cap.cap == 0 || left * 10 > cap.cap {
        return None;
    }
    let (tone, delay) = match left {
        ..0 => ("bad", format!("{} de trop", -left)),
        0 => ("warn", "Complet".to_owned()),
        1 => ("wait", "Reste 1 place".to_owned()),
        left => ("wait", format!("Restent {left} places")),
    };
    Some(Decision {
        tone,
        delay,
        kind: "Plafond",
        fact: format!("{} : {} sur {}", titled(cap), cap.taken, cap.cap),
        cause: if left > 0 {
            "Il sera bientôt impossible d’habiliter quelqu’un de plus.".to_owned()
        } else {
            "Retirez un rôle devenu inutile, ou demandez plus de places à l’organisme.".to_owned()
        },
        href: AskPlaces { partner, membership: cap.membership }.to_string(),
        act: "Demander des places",
    })
}

fn people(staff: &Staff, partner: PartnerId) -> Vec<Decision> {
    let filtered = |state: &str| format!("{}?etat={state}", Users { partner });
    let one_or = |count: i64, one: &str, many: &str| {
        if count == 1 { format!("1 personne {one}") } else { format!("{count} personnes {many}") }
    };
    let number = |count: i64| if count == 1 { "1 personne".to_owned() } else { format!("{count} personnes") };
    let mut decisions = Vec::new();
    if staff.unreached > 0 {
        decisions.push(Decision {
            tone: "bad",
            delay: number(staff.unreached),
            kind: "Courriel non remis",
            fact: one_or(staff.unreached, "n’a pas reçu son code", "n’ont pas reçu leur code"),
            cause: "Vérifiez l’adresse avec la personne, puis envoyez un autre code.".to_owned(),
            href: filtered("premiere-connexion"),
            act: "Voir qui",
        });
    }
    if staff.awaited > 0 {
        decisions.push(Decision {
            tone: if staff.expired > 0 { "warn" } else { "wait" },
            delay: number(staff.awaited),
            kind: "Première connexion",
            fact: one_or(staff.awaited, "ne s’est pas encore connectée", "ne se sont pas encore connectées"),
            cause: match staff.expired {
                0 => {
                    "Leur code est parti par courriel, ou va partir ; remettez-leur l’identifiant.".to_owned()
                }
                1 => "1 code n’a pas servi à temps : envoyez-en un autre.".to_owned(),
                many => format!("{many} codes n’ont pas servi à temps : envoyez-en d’autres."),
            },
            href: filtered("premiere-connexion"),
            act: "Voir qui",
        });
    }
    if staff.without_grant > 0 {
        decisions.push(Decision {
            tone: "wait",
            delay: number(staff.without_grant),
            kind: "Sans habilitation",
            fact: one_or(staff.without_grant, "n’a aucun rôle", "n’ont aucun rôle"),
            cause: "Sans rôle, un compte ne donne accès à aucun dossier.".to_owned(),
            href: filtered("sans-habilitation"),
            act: "Voir qui",
        });
    }
    decisions
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::id::{MembershipId, RowId as _};

    #[test]
    fn a_cap_is_told_when_a_tenth_of_its_places_is_left() {
        let partner = PartnerId::from_uuid(Uuid::nil());
        let cap = |cap, taken| CapUse {
            membership: MembershipId::from_uuid(Uuid::nil()),
            partner_id: partner,
            partner: String::new(),
            service: "CDAP".to_owned(),
            role: None,
            cap,
            active: 0,
            taken,
        };
        let told = |all, taken| short(&cap(all, taken), partner).map(|decision| decision.delay);
        assert_eq!(told(25, 22), None);
        assert_eq!(told(25, 23).as_deref(), Some("Restent 2 places"));
        assert_eq!(told(3, 2), None);
        assert_eq!(told(3, 3).as_deref(), Some("Complet"));
        assert_eq!(told(3, 5).as_deref(), Some("2 de trop"));
    }
}
