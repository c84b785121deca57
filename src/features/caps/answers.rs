//! The organism's side: requests that wait, those that were answered, and answering one.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, Decision};
use super::store::{self, Request, Stage};
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::id::CapRequestId;
use crate::web::answer::{Act, Answer, Tracing, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::{counted, day_of};
use crate::web::form::{Sent, new_key};
use crate::web::gauge::Gauge;
use crate::web::page::{Notice, Shell, Tone};
use crate::web::paths::{CapRequest, CapRequests, Membership, Partner};
use crate::web::problem::Problem;
use crate::web::reading::{LARGEST_CAP, REASON};
use crate::web::visit::Visit;

/// What has just been done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Told {
    Accordee,
    Refusee,
}

/// What may follow the address.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    fait: Option<Told>,
    apres: Option<CapRequestId>,
}

impl Told {
    fn notice(self) -> Notice {
        let (title, text) = match self {
            Self::Accordee => (
                "C’est fait : la demande est accordée",
                "Le plafond est relevé. Le partenaire peut habiliter davantage dès maintenant.",
            ),
            Self::Refusee => ("C’est fait : la demande est refusée", "Le partenaire lit votre motif."),
        };
        Notice { tone: Tone::Ok, title: title.to_owned(), text: vec![text.to_owned()], links: Vec::new() }
    }
}

/// A request that waits.
struct Waiting {
    href: String,
    delay: String,
    tone: &'static str,
    fact: String,
    reason: String,
    by: String,
}

/// A request that was answered.
struct Answered {
    partner: String,
    href: String,
    about: String,
    wanted: i32,
    accepted: bool,
    on: String,
    answer: String,
}

#[derive(Template)]
#[template(path = "caps/requests.html")]
struct RequestsPage {
    shell: Shell,
    waiting: Vec<Waiting>,
    answered: Vec<Answered>,
    first: Option<String>,
    next: Option<String>,
}

/// After how many days a request is to be watched.
const LATE: i64 = 7;

fn waiting(visit: &Visit, request: Request) -> Waiting {
    let days = visit.today().days_since(visit.zone.day(request.asked_at));
    let before = request.limit().map_or_else(|| "sans plafond".to_owned(), |cap| counted(cap, "place"));
    let wanted = counted(u32::try_from(request.wanted).unwrap_or_default(), "personne");
    Waiting {
        href: CapRequest { request: request.id }.to_string(),
        delay: match days {
            0 => "Aujourd’hui".to_owned(),
            1 => "Depuis hier".to_owned(),
            days => format!("{days} jours"),
        },
        tone: if days >= LATE { "warn" } else { "wait" },
        fact: format!("{}, {} : {wanted} pour {before}", request.partner, request.about()),
        by: format!("{} {}", request.given_name, request.surname),
        reason: request.reason,
    }
}

fn answered(visit: &Visit, request: Request) -> Answered {
    let membership = Membership { partner: request.partner_id, membership: request.membership_id };
    Answered {
        href: membership.to_string(),
        about: request.about(),
        wanted: request.wanted,
        accepted: request.stage() == Stage::Accepted,
        on: request.answered_at.map(|at| day_of(visit.zone.local(at))).unwrap_or_default(),
        answer: request.answer.unwrap_or_default(),
        partner: request.partner,
    }
}

/// The list: what waits first.
pub(super) async fn requests(
    State(app): State<App>,
    visit: Visit,
    _: CapRequests,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    let mut reader = app.read(&visit.actor).await?;
    let open = store::open(&mut reader, visit.today()).await?;
    let mut closed = store::answered(&mut reader, visit.today(), asked.apres).await?;
    drop(reader);
    let more = closed.len() > store::PAGE;
    closed.truncate(store::PAGE);
    let last = closed.last().map(|request| request.id);
    shown(&RequestsPage {
        shell: visit.shell_with("Demandes de places", asked.fait.map(Told::notice)),
        waiting: open.into_iter().map(|request| waiting(&visit, request)).collect(),
        answered: closed.into_iter().map(|request| answered(&visit, request)).collect(),
        first: asked.apres.map(|_| CapRequests.to_string()),
        next: last.filter(|_| more).map(|last| format!("{CapRequests}?apres={last}")),
    })
}

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AnswerForm {
    decision: String,
    plafond: String,
    motif: String,
}

const ACCEPT: &str = "accorder";
const REFUSE: &str = "refuser";

#[derive(Template)]
#[template(path = "caps/request.html")]
struct RequestPage {
    shell: Shell,
    key: String,
    action: String,
    list: String,
    partner: String,
    partner_href: String,
    about: String,
    gauge: Gauge,
    /// The cap of the service, when the request is about one of its roles.
    service_cap: Option<i32>,
    wanted: i32,
    reason: String,
    by: String,
    on: String,
    choices: Vec<Choice>,
    form: AnswerForm,
    faults: Faults,
}

fn page(app: &App, visit: &Visit, request: Request, form: AnswerForm, faults: Faults) -> RequestPage {
    RequestPage {
        shell: visit.shell("Répondre à une demande de places"),
        key: new_key(app),
        action: CapRequest { request: request.id }.to_string(),
        list: CapRequests.to_string(),
        partner_href: Partner { partner: request.partner_id }.to_string(),
        about: request.about(),
        gauge: request.gauge(),
        service_cap: request.role_id.map(|_| request.service_cap),
        wanted: request.wanted,
        by: format!("{} {}", request.given_name, request.surname),
        on: day_of(visit.zone.local(request.asked_at)),
        choices: vec![
            Choice::new(ACCEPT, "Relever le plafond")
                .detail("Il est fixé aussitôt, au nombre que vous donnez")
                .picked_if(form.decision == ACCEPT),
            Choice::new(REFUSE, "Refuser")
                .detail("Le plafond reste où il est ; le partenaire lit votre motif")
                .picked_if(form.decision == REFUSE),
        ],
        partner: request.partner,
        reason: request.reason,
        form,
        faults,
    }
}

async fn waiting_request(app: &App, visit: &Visit, path: CapRequest) -> Result<Request, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let request = store::one(reader.select(store::ONE), path.request, visit.today()).await?;
    let request = request.ok_or(Problem::NotFound)?;
    if request.stage() == Stage::Open {
        Ok(request)
    } else {
        Err(Problem::Stale { href: CapRequests.to_string() })
    }
}

/// The request, with the form that answers it.
pub(super) async fn request(State(app): State<App>, visit: Visit, path: CapRequest) -> Answer {
    let request = waiting_request(&app, &visit, path).await?;
    let form = AnswerForm { plafond: request.wanted.to_string(), ..AnswerForm::default() };
    let subject = Some(request.id.to_string());
    shown(&page(&app, &visit, request, form, Faults::new()))
        .reading(vec![Fact::PageRead { route: CapRequest::PATH.to_owned(), subject }])
}

/// The answer as it is sent.
pub(super) async fn answer(
    State(app): State<App>,
    visit: Visit,
    path: CapRequest,
    Sent { key, fields: form }: Sent<AnswerForm>,
) -> Answer {
    // A second sending finds its request answered already.
    if let Some(taken) = app.read(&visit.actor).await?.sent_before(&key).await? {
        return acted(&Act::Before(taken));
    }
    let request = waiting_request(&app, &visit, path).await?;
    let mut faults = Faults::new();
    let decision = match form.decision.as_str() {
        ACCEPT => {
            let least = request.limit().unwrap_or_default().saturating_add(1);
            let cap = faults.number("plafond", &form.plafond, least, LARGEST_CAP);
            let note =
                (!form.motif.trim().is_empty()).then(|| faults.paragraph("motif", &form.motif, REASON));
            cap.map(|cap| Decision::Accept(cap, note))
        }
        REFUSE => Some(Decision::Refuse(faults.paragraph("motif", &form.motif, REASON))),
        "" => {
            faults.push("decision", Fault::Missing);
            None
        }
        _ => {
            faults.push("decision", Fault::NotOffered);
            None
        }
    };
    let (true, Some(decision)) = (faults.is_empty(), decision) else {
        return refused(&page(&app, &visit, request, form, faults));
    };
    acted(&commands::answer(&app, &visit.actor, &key, &request, visit.today(), &decision).await?)
}
