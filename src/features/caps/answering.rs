//! One request, and the organism's answer.

use askama::Template;
use axum::extract::State;
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::commands::{self, Answering, Verdict};
use super::standing::{self, Standing};
use super::store::{self, Request};
use super::words::{outcome, subject};
use crate::app::App;
use crate::domain::caps::{RequestState, least_to_accept};
use crate::domain::facts::Fact;
use crate::web::answer::{Answer, Tracing as _, acted, refused, shown};
use crate::web::fault::{Fault, Faults};
use crate::web::filters::{counted, moment_of};
use crate::web::form::{Sent, new_key};
use crate::web::gauge::Gauge;
use crate::web::page::Shell;
use crate::web::paths::{CapRequest, CapRequests, Caps, Partner};
use crate::web::problem::Problem;
use crate::web::reading::{LARGEST_CAP, REASON};
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    reponse: String,
    nombre: String,
    motif: String,
}

#[derive(Template)]
#[template(path = "caps/request.html")]
struct RequestPage {
    shell: Shell,
    key: String,
    path: CapRequest,
    list: CapRequests,
    partner: Partner,
    caps: Caps,
    request: Request,
    about: String,
    asked_on: String,
    gauges: Vec<(String, Gauge)>,
    /// The least number that may be fixed, in words; none once it is answered.
    least: Option<String>,
    /// The cap of the service, when it is too low for the places of the role to serve.
    narrow: Option<u32>,
    outcome: (&'static str, &'static str, String),
    typed: Typed,
    faults: Faults,
}

async fn found(app: &App, visit: &Visit, path: CapRequest) -> Result<(Request, Standing), Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let request = store::request(&mut reader, path.request).await?.ok_or(Problem::NotFound)?;
    let standing = standing::one(&mut reader, request.partner_id, request.membership_id).await?;
    Ok((request, standing.ok_or(Problem::NotFound)?))
}

fn page(
    visit: &Visit,
    path: CapRequest,
    key: String,
    (request, standing): (Request, Standing),
    typed: Typed,
    faults: Faults,
) -> RequestPage {
    let today = visit.today();
    let mut gauges = vec![(standing.service.clone(), standing.gauge(None, today))];
    if let Some(role) = &request.role {
        gauges.push((format!("Rôle « {role} »"), standing.gauge(request.role_id, today)));
    }
    let open = request.state == RequestState::Open;
    let about = subject(request.role.as_deref());
    let least = least_to_accept(standing.cap_of(request.role_id), request.wanted());
    let asked = visit.zone.local(request.asked_at);
    RequestPage {
        shell: visit.shell(format!("{} demande {}", request.partner, counted(request.wanted(), "place"))),
        key,
        path,
        list: CapRequests,
        partner: Partner { partner: request.partner_id },
        caps: Caps { partner: request.partner_id, membership: request.membership_id },
        asked_on: moment_of(asked),
        gauges,
        least: open
            .then(|| format!("Personnes au plus pour {about}. {least} au moins pour répondre à la demande.")),
        about,
        narrow: (open && request.role_id.is_some() && request.wanted() > standing.cap)
            .then_some(standing.cap),
        outcome: outcome(&request, &visit.zone),
        request,
        typed,
        faults,
    }
}

/// The request, with the form that answers it while it waits.
pub(super) async fn request(State(app): State<App>, visit: Visit, path: CapRequest) -> Answer {
    let found = found(&app, &visit, path).await?;
    let least = least_to_accept(found.1.cap_of(found.0.role_id), found.0.wanted());
    let asked = Typed { nombre: found.0.wanted().max(least).to_string(), ..Typed::default() };
    // A refusal that had been typed holds no number.
    let typed = match visit.resumed::<Typed>() {
        Some(typed) if typed.nombre.is_empty() => Typed { nombre: asked.nombre, ..typed },
        typed => typed.unwrap_or(asked),
    };
    let fact = Fact::PageRead { route: CapRequest::PATH.to_owned(), subject: Some(path.request.to_string()) };
    shown(&page(&visit, path, new_key(&app), found, typed, Faults::new())).reading(vec![fact])
}

/// The answer.
pub(super) async fn answer(
    State(app): State<App>,
    visit: Visit,
    path: CapRequest,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let found = found(&app, &visit, path).await?;
    let mut faults = Faults::new();
    let verdict = match typed.reponse.as_str() {
        "accepter" => faults.number("nombre", &typed.nombre, 1, LARGEST_CAP).map(Verdict::Accept),
        "refuser" => Some(Verdict::Refuse(faults.paragraph("motif", &typed.motif, REASON))),
        _ => return Err(Problem::Unreadable),
    };
    let (Some(verdict), true) = (verdict, faults.is_empty()) else {
        return refused(&page(&visit, path, key, found, typed, faults));
    };
    match commands::answer(&app, &visit, found.0.partner_id, path, &key, &verdict).await? {
        Answering::Done(act) => acted(&act),
        Answering::TooFew { least } => {
            faults.push("nombre", Fault::NumberRange { min: least, max: LARGEST_CAP });
            refused(&page(&visit, path, key, self::found(&app, &visit, path).await?, typed, faults))
        }
    }
}
