//! The organism's administrator: decisions that wait, then figures.

use askama::Template;
use time::Duration;

use super::reviews;
use super::store::{self, CapUse, Closed, Figures, OpenRequest, Unmanaged};
use super::trace_requests::to_pass_on;
use super::welcome::{Welcome, welcome};
use super::{Decision, since};
use crate::app::App;
use crate::domain::day::Day;
use crate::domain::memberships::{Condition, Opening};
use crate::domain::time::Timestamp;
use crate::web::answer::{Answer, shown};
use crate::web::conditions::all_missing;
use crate::web::filters;
use crate::web::page::{Notice, Shell};
use crate::web::paths::{CapRequest, Caps, Membership, NewPartner, NewPrincipal, Partner, Partners};
use crate::web::visit::Visit;

/// How long a first sign-in may be awaited before it is a decision: the life of a code.
const PATIENCE: Duration = Duration::days(7);
/// Days after which what waits is late.
const LATE: i64 = 10;

#[derive(Template)]
#[template(path = "home/organism.html")]
struct OrganismPage {
    shell: Shell,
    welcome: Welcome,
    now: time::OffsetDateTime,
    decisions: Vec<Decision>,
    figures: Figures,
}

/// The page.
pub(super) async fn show(app: &App, visit: &Visit, notice: Option<Notice>) -> Answer {
    let today = visit.today();
    let mut reader = app.read(&visit.actor).await?;
    let overdrawn = store::overdrawn(&mut reader, today).await?;
    let requests = store::open_requests(&mut reader).await?;
    let vacant = store::without_principal(&mut reader).await?;
    let silent = store::silent_principals(&mut reader, visit.now.minus(PATIENCE)).await?;
    let unreached = store::unreached_principals(&mut reader).await?;
    let incomplete = store::incomplete(&mut reader).await?;
    let figures = store::figures(&mut reader, today).await?;
    let late = reviews::late(&mut reader, visit).await?;
    let traces = to_pass_on(&mut reader, visit).await?;
    let welcome = welcome(&mut reader, visit).await?;
    drop(reader);
    let days = |at: Timestamp| today.days_since(visit.zone.day(at));
    let decisions: Vec<Decision> = overdrawn
        .iter()
        .map(settle)
        .chain(requests.into_iter().map(|request| {
            let waited = days(request.asked_at);
            answer(request, waited)
        }))
        .chain(traces)
        .chain(late)
        .chain(vacant.iter().map(|vacant| name(vacant, days(vacant.since))))
        .chain(unreached.iter().map(|unreached| reach(unreached, days(unreached.since))))
        .chain(
            silent
                .iter()
                // Whoever could not be written to is told once.
                .filter(|silent| unreached.iter().all(|unreached| unreached.id != silent.id))
                .map(|silent| remind(silent, days(silent.since))),
        )
        .chain(incomplete.iter().map(|closed| complete(closed, days(closed.created_at), today)))
        .collect();
    let title = match decisions.len() {
        0 => "Aucune décision ne vous attend".to_owned(),
        1 => "1 décision vous attend".to_owned(),
        many => format!("{many} décisions vous attendent"),
    };
    shown(&OrganismPage {
        shell: visit.shell_with(title, notice),
        welcome,
        now: visit.zone.local(visit.now),
        decisions,
        figures,
    })
}

fn tone(waited: i64) -> &'static str {
    if waited > LATE { "bad" } else { "warn" }
}

fn settle(cap: &CapUse) -> Decision {
    let of = cap.role.as_ref().map_or_else(|| cap.service.clone(), |role| format!("rôle « {role} »"));
    Decision {
        tone: "bad",
        delay: format!("{} de trop", cap.taken - cap.cap),
        kind: "Dépassement",
        fact: format!("{}, {of} : {} personnes, {} places", cap.partner, cap.taken, cap.cap),
        cause: "Personne n’a perdu son accès ; aucune nouvelle habilitation n’est possible.".to_owned(),
        href: Caps { partner: cap.partner_id, membership: cap.membership }.to_string(),
        act: "Régler le dépassement",
    }
}

fn answer(request: OpenRequest, waited: i64) -> Decision {
    let of = request.role.map_or(request.service, |role| format!("rôle « {role} »"));
    Decision {
        tone: tone(waited),
        delay: since(waited),
        kind: "Demande de places",
        fact: format!("{}, {of} : {} places demandées", request.partner, request.wanted),
        cause: request.reason,
        href: CapRequest { request: request.id }.to_string(),
        act: "Répondre à la demande",
    }
}

fn name(vacant: &Unmanaged, waited: i64) -> Decision {
    Decision {
        tone: tone(waited),
        delay: since(waited),
        kind: "Principal à désigner",
        fact: format!("{} : personne n’administre ses accès", vacant.partner),
        cause: "Sans administration principale, aucune personne ne peut être ajoutée ni habilitée."
            .to_owned(),
        href: NewPrincipal { partner: vacant.id }.to_string(),
        act: "Désigner le principal",
    }
}

fn reach(unreached: &Unmanaged, waited: i64) -> Decision {
    Decision {
        tone: "bad",
        delay: since(waited),
        kind: "Courriel non remis",
        fact: format!("{} : l’administration principale n’a pas reçu son code", unreached.partner),
        cause: "Le serveur de courrier n’en a pas voulu : vérifiez l’adresse, puis envoyez un autre code."
            .to_owned(),
        href: Partner { partner: unreached.id }.to_string(),
        act: "Vérifier l’adresse",
    }
}

fn remind(silent: &Unmanaged, waited: i64) -> Decision {
    Decision {
        tone: tone(waited),
        delay: since(waited),
        kind: "Première connexion",
        fact: format!("{} : l’administration principale ne s’est jamais connectée", silent.partner),
        cause: "Le code reçu par courriel ne vaut que quelques jours : vérifiez l’adresse, puis envoyez-en un autre."
            .to_owned(),
        href: Partner { partner: silent.id }.to_string(),
        act: "Envoyer un autre code",
    }
}

fn complete(closed: &Closed, waited: i64, today: Day) -> Decision {
    let missing = match closed.conditions.opening(today) {
        Opening::Missing(conditions) => conditions,
        Opening::Open | Opening::NotBefore(_) => Vec::new(),
    };
    Decision {
        tone: "wait",
        delay: since(waited),
        kind: "Bulletin à ouvrir",
        fact: format!("{} : il manque {}", closed.partner, all_missing(&missing)),
        cause: format!(
            "{} sur {} conditions ont leur date pour « {} ».",
            Condition::ALL.len() - missing.len(),
            Condition::ALL.len(),
            closed.service
        ),
        href: Membership { partner: closed.partner_id, membership: closed.id }.to_string(),
        act: "Vérifier les conditions",
    }
}
