//! The partner's form: for which cap, how many people, why; and what its organism answered before.

use askama::Template;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, Asking, Wish};
use super::standing::{self, Standing};
use super::store::{self, Request};
use super::words::{outcome, subject};
use crate::app::App;
use crate::domain::caps::{RequestState, least_to_ask};
use crate::domain::facts::Fact;
use crate::domain::id::RoleId;
use crate::domain::text::paragraph;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::{counted, day_of};
use crate::web::form::{Sent, new_key};
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{AskPlaces, Grants};
use crate::web::problem::Problem;
use crate::web::reading::LARGEST_CAP;
use crate::web::visit::Visit;

/// Requests shown under the form.
const KNOWN: i64 = 20;
/// The fewest characters of a reason that an organism can judge.
const SHORTEST: usize = 10;
/// The most.
const LONGEST: usize = 1_000;
/// What the form sends for the service as a whole.
const WHOLE: &str = "service";

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pour: String,
    nombre: String,
    motif: String,
}

/// What an address fills in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Prefilled {
    role: String,
}

#[derive(Template)]
#[template(path = "caps/ask.html")]
struct AskPage {
    shell: Shell,
    key: String,
    path: AskPlaces,
    grants: Grants,
    service: String,
    gauges: Vec<(String, Gauge)>,
    choices: Vec<Choice>,
    /// Whether every cap that could be raised has a request that waits.
    all_asked: bool,
    known: Vec<Known>,
    typed: Typed,
    faults: Faults,
}

/// A request made before.
struct Known {
    about: String,
    wanted: u32,
    tone: &'static str,
    word: &'static str,
    detail: String,
    answer: Option<String>,
}

struct Sources {
    standing: Standing,
    requests: Vec<Request>,
}

impl Sources {
    fn waiting(&self, role: Option<RoleId>) -> Option<&Request> {
        self.requests.iter().find(|request| request.state == RequestState::Open && request.role_id == role)
    }
}

async fn sources(app: &App, visit: &Visit, path: AskPlaces) -> Result<Sources, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let standing =
        standing::one(&mut reader, path.partner, path.membership).await?.ok_or(Problem::NotFound)?;
    let requests = store::of_membership(&mut reader, path.membership, KNOWN).await?;
    Ok(Sources { standing, requests })
}

fn page(
    visit: &Visit,
    path: AskPlaces,
    key: String,
    sources: &Sources,
    typed: Typed,
    faults: Faults,
    notice: Option<Notice>,
) -> AskPage {
    let today = visit.today();
    let Sources { standing, requests } = sources;
    let capped = standing.roles.iter().filter(|role| role.cap.is_some());
    let by_role =
        capped.map(|role| (format!("Rôle « {} »", role.name), standing.gauge(Some(role.id), today)));
    let whole = (standing.service.clone(), standing.gauge(None, today));
    let choices = choices(sources, &typed.pour, visit);
    AskPage {
        shell: visit.shell_with("Demander des places", notice),
        key,
        path,
        grants: Grants { partner: path.partner },
        service: standing.service.clone(),
        gauges: std::iter::once(whole).chain(by_role).collect(),
        all_asked: choices.iter().all(|choice| choice.closed),
        choices,
        known: requests.iter().map(|request| known(request, visit)).collect(),
        typed,
        faults,
    }
}

/// The caps that may be raised; those that cannot say why.
fn choices(sources: &Sources, picked: &str, visit: &Visit) -> Vec<Choice> {
    let Sources { standing, .. } = sources;
    let today = visit.today();
    let whole = Choice::new(WHOLE, "Tout le service");
    let by_role =
        standing.roles.iter().map(|role| (Some(role.id), Choice::new(role.id.to_string(), &role.name)));
    std::iter::once((None, whole))
        .chain(by_role)
        .map(|(role, choice)| {
            let gauge = standing.gauge(role, today);
            let choice = match (gauge.cap, sources.waiting(role)) {
                (_, Some(request)) => choice.closed(format!(
                    "{} déjà le {}, en attente de réponse.",
                    asked(request.wanted()),
                    day_of(visit.zone.local(request.asked_at))
                )),
                (None, None) => choice.closed("Sans plafond propre : c’est celui du service qui compte."),
                (Some(cap), None) => choice.detail(format!(
                    "{} aujourd’hui, {}.",
                    counted(cap, "place"),
                    match gauge.left() {
                        0 => "toutes prises".to_owned(),
                        1 => "dont 1 libre".to_owned(),
                        left => format!("dont {left} libres"),
                    }
                )),
            };
            let picked = choice.value == picked && !choice.closed;
            choice.picked_if(picked)
        })
        .collect()
}

fn asked(wanted: u32) -> String {
    format!("{} demandée{}", counted(wanted, "place"), if wanted > 1 { "s" } else { "" })
}

fn known(request: &Request, visit: &Visit) -> Known {
    let (tone, word, detail) = outcome(request, &visit.zone);
    Known {
        about: request.role.clone().unwrap_or_else(|| "Tout le service".to_owned()),
        wanted: request.wanted(),
        tone,
        word,
        detail,
        answer: request.answer.clone(),
    }
}

/// The form; its address may say for which role.
pub(super) async fn form(
    State(app): State<App>,
    visit: Visit,
    path: AskPlaces,
    Query(prefilled): Query<Prefilled>,
) -> Answer {
    let sources = sources(&app, &visit, path).await?;
    let role = prefilled.role.parse().ok().filter(|role| sources.standing.cap_of(Some(*role)).is_some());
    let pour = role.map_or_else(|| WHOLE.to_owned(), |role: RoleId| role.to_string());
    let typed = visit.resumed().unwrap_or(Typed { pour, ..Typed::default() });
    let fact =
        Fact::PageRead { route: AskPlaces::PATH.to_owned(), subject: Some(path.membership.to_string()) };
    shown(&page(&visit, path, new_key(&app), &sources, typed, Faults::new(), None)).reading(vec![fact])
}

/// Sends the request to the organism.
pub(super) async fn ask(
    State(app): State<App>,
    visit: Visit,
    path: AskPlaces,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let sources = sources(&app, &visit, path).await?;
    let mut faults = Faults::new();
    let Some(wish) = read(&typed, &sources, &mut faults) else {
        return refused(&page(&visit, path, key, &sources, typed, faults, None));
    };
    let notice = match commands::ask(&app, &visit, path, &key, &wish).await? {
        Asking::Done(act) => return acted(&act),
        Asking::TooFew { least } => {
            faults.push("nombre", Fault::NumberRange { min: least, max: LARGEST_CAP });
            None
        }
        Asking::NoCap => {
            faults.push("pour", Fault::NotOffered);
            None
        }
        Asking::Waits(request) => {
            faults.push("pour", Fault::AlreadyAsked);
            Some(waits(&request, &visit))
        }
    };
    let sources = self::sources(&app, &visit, path).await?;
    refused(&page(&visit, path, key, &sources, typed, faults, notice))
}

/// Reads a wish; what cannot be read leaves its fault.
fn read(typed: &Typed, sources: &Sources, faults: &mut Faults) -> Option<Wish> {
    let known = |role: RoleId| sources.standing.roles.iter().any(|known| known.id == role);
    let role = match (typed.pour.as_str(), typed.pour.parse().ok().filter(|role| known(*role))) {
        ("", _) => faults.take("pour", Err(Fault::Missing)),
        (WHOLE, _) => Some(None),
        (_, Some(role)) => Some(Some(role)),
        (_, None) => faults.take("pour", Err(Fault::NotOffered)),
    };
    // Less than there is would be no request; whether it is enough is decided when it is written.
    let least = role.and_then(|role| least_to_ask(sources.standing.cap_of(role))).unwrap_or(1);
    let wanted = faults.number("nombre", &typed.nombre, least.min(LARGEST_CAP), LARGEST_CAP);
    let reason = faults.take("motif", paragraph(&typed.motif, LONGEST));
    if reason.as_ref().is_some_and(|reason| reason.chars().count() < SHORTEST) {
        faults.push("motif", Fault::TooShort { min: SHORTEST });
    }
    let wish = Wish { role: role?, wanted: wanted?, reason: reason? };
    faults.is_empty().then_some(wish)
}

/// The refusal of a second request while the first one waits.
fn waits(request: &Request, visit: &Visit) -> Notice {
    Notice {
        tone: Tone::Bad,
        title: "La demande n’a pas été envoyée : une autre attend sa réponse".to_owned(),
        text: vec![format!(
            "{} pour {} le {} par {}. L’organisme n’a pas encore répondu : inutile de la renouveler. Votre saisie \
             est conservée.",
            asked(request.wanted()),
            subject(request.role.as_deref()),
            day_of(visit.zone.local(request.asked_at)),
            request.asked_by,
        )],
        links: Vec::new(),
    }
}
