//! The partner's form: asking for more places.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::commands::{self, Asked};
use super::store::{self, Membership, Request, Role, Stage, Wanted};
use crate::app::App;
use crate::domain::day::Day;
use crate::domain::id::RoleId;
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters;
use crate::web::form::{Sent, new_key};
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{AskPlaces, Grants};
use crate::web::problem::Problem;
use crate::web::reading::{LARGEST_CAP, REASON};
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AskForm {
    pour: String,
    voulu: String,
    motif: String,
}

/// What may follow the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Before {
    role: String,
    fait: String,
}

/// What the form sends for the service as a whole.
const WHOLE: &str = "service";

/// A cap as it stands.
struct Standing {
    title: String,
    gauge: Gauge,
}

/// A request that was made before.
struct Past {
    about: String,
    wanted: i32,
    asked_on: Day,
    tone: &'static str,
    word: &'static str,
    answer: String,
}

#[derive(Template)]
#[template(path = "caps/ask.html")]
struct AskPage {
    shell: Shell,
    key: String,
    action: String,
    back: String,
    organism: String,
    gauges: Vec<Standing>,
    choices: Vec<Choice>,
    past: Vec<Past>,
    form: AskForm,
    faults: Faults,
}

struct Found {
    membership: Membership,
    roles: Vec<Role>,
    past: Vec<Request>,
}

async fn found(app: &App, visit: &Visit, path: AskPlaces) -> Result<Found, Problem> {
    let today = visit.today();
    let mut reader = app.read(&visit.actor).await?;
    let select = reader.select(store::MEMBERSHIP);
    let membership = store::membership(select, path.partner, path.membership, today).await?;
    let membership = membership.ok_or(Problem::NotFound)?;
    let roles = store::roles(reader.select(store::ROLES), path.membership, today).await?;
    let past = store::of_membership(&mut reader, path.membership, today).await?;
    Ok(Found { membership, roles, past })
}

impl Found {
    /// The cap of what is asked for; nothing when it is not offered.
    fn cap_of(&self, pour: &str) -> Option<(Option<RoleId>, u32)> {
        let cap = |cap: i32| u32::try_from(cap).unwrap_or_default();
        if pour == WHOLE {
            return Some((None, cap(self.membership.cap)));
        }
        self.roles.iter().find(|role| role.id.to_string() == pour).map(|role| (Some(role.id), cap(role.cap)))
    }
}

fn page(app: &App, visit: &Visit, path: AskPlaces, found: Found, form: AskForm, faults: Faults) -> AskPage {
    let Found { membership, roles, past } = found;
    let whole = store::gauge(membership.taken, membership.cap);
    let said = |gauge: &Gauge| format!("{} sur {}", gauge.taken(), gauge.cap.unwrap_or_default());
    let mut choices = vec![
        Choice::new(WHOLE, "Le service, tous rôles confondus")
            .detail(said(&whole))
            .picked_if(form.pour == WHOLE),
    ];
    let mut gauges = vec![Standing { title: membership.service.clone(), gauge: whole }];
    for role in roles {
        let (id, gauge) = (role.id.to_string(), store::gauge(role.taken, role.cap));
        let picked = form.pour == id;
        choices.push(
            Choice::new(id, format!("Le rôle « {} »", role.name)).detail(said(&gauge)).picked_if(picked),
        );
        gauges.push(Standing { title: format!("Rôle « {} »", role.name), gauge });
    }
    AskPage {
        shell: visit.shell("Demander des places"),
        key: new_key(app),
        action: path.to_string(),
        back: Grants { partner: path.partner }.to_string(),
        organism: membership.organism,
        gauges,
        choices,
        past: past.into_iter().map(|request| told_of(visit, request)).collect(),
        form,
        faults,
    }
}

fn told_of(visit: &Visit, request: Request) -> Past {
    let (tone, word) = match request.stage() {
        Stage::Open => ("wait", "En attente de réponse"),
        Stage::Accepted => ("ok", "Accordée"),
        Stage::Refused => ("bad", "Refusée"),
    };
    Past {
        about: request.about(),
        wanted: request.wanted,
        asked_on: visit.zone.day(request.asked_at),
        tone,
        word,
        answer: request.answer.unwrap_or_default(),
    }
}

/// The form, filled with what the page before knows.
pub(super) async fn form(
    State(app): State<App>,
    visit: Visit,
    path: AskPlaces,
    before: Result<Query<Before>, QueryRejection>,
) -> Answer {
    let found = found(&app, &visit, path).await?;
    let before = before.map(|Query(before)| before).unwrap_or_default();
    let pour = if found.cap_of(&before.role).is_some() { before.role } else { WHOLE.to_owned() };
    let voulu = found.cap_of(&pour).map(|(_, cap)| cap.saturating_add(1).to_string()).unwrap_or_default();
    let mut page =
        page(&app, &visit, path, found, AskForm { pour, voulu, motif: String::new() }, Faults::new());
    if before.fait == "demande" {
        page.shell.notice = Some(Notice {
            tone: Tone::Ok,
            title: "C’est fait : votre demande est transmise".to_owned(),
            text: vec![format!("{} y répondra. La réponse s’affichera ici.", page.organism)],
            links: vec![("Revenir aux habilitations".to_owned(), page.back.clone())],
        });
    }
    shown(&page)
}

/// The form as it is sent.
pub(super) async fn ask(
    State(app): State<App>,
    visit: Visit,
    path: AskPlaces,
    Sent { key, fields: form }: Sent<AskForm>,
) -> Answer {
    let found = found(&app, &visit, path).await?;
    let mut faults = Faults::new();
    let asked = found.cap_of(&form.pour);
    let mut wanted = None;
    match asked {
        None => faults.push("pour", if form.pour.is_empty() { Fault::Missing } else { Fault::NotOffered }),
        // What is there already is not asked for.
        Some((role, cap)) => {
            let people = faults.number("voulu", &form.voulu, cap.saturating_add(1), LARGEST_CAP);
            wanted = people.map(|people| (role, people));
        }
    }
    let reason = faults.paragraph("motif", &form.motif, REASON);
    let (true, Some((role, people))) = (faults.is_empty(), wanted) else {
        return refused(&page(&app, &visit, path, found, form, faults));
    };
    let wanted = Wanted { role, people, reason };
    match commands::ask(&app, &visit.actor, &key, path, visit.today(), &wanted).await? {
        Asked::Act(act) => acted(&act),
        Asked::Already => {
            faults.push("pour", Fault::AlreadyAsked);
            refused(&page(&app, &visit, path, found, form, faults))
        }
    }
}
