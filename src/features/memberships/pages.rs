//! Opening a membership, and correcting it.

use askama::Template;
use axum::extract::State;

use super::commands;
use super::form::{MembershipForm, NAMES};
use super::store::{self, Mission, Role, Service, Sheet};
use crate::app::App;
use crate::domain::id::RoleId;
use crate::domain::territory::Perimeter;
use crate::web::answer::{Act, Answer, acted, refused, see_other, shown};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{CorrectMembership, Membership, NewMembership, Partner, Partners};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// The roles of one service that may be joined, each with what was typed for it.
pub(super) struct Offer {
    pub(super) service: String,
    pub(super) roles: Vec<RoleLine>,
}

/// A role and the cap that was typed for it.
pub(super) struct RoleLine {
    pub(super) id: RoleId,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) typed: String,
}

impl RoleLine {
    pub(super) fn new(role: &Role, form: &MembershipForm) -> Self {
        Self {
            id: role.id,
            name: role.name.clone(),
            description: role.description.clone(),
            typed: form.typed_for(role.id).to_owned(),
        }
    }
}

#[derive(Template)]
#[template(path = "memberships/new.html")]
struct NewPage {
    shell: Shell,
    key: String,
    action: String,
    list: String,
    back: String,
    partner: String,
    territory: Vec<String>,
    services: Vec<Choice>,
    offers: Vec<Offer>,
    names: &'static [(&'static str, &'static str)],
    form: MembershipForm,
    found: Vec<Choice>,
    faults: Faults,
}

/// What may be joined, and where.
struct Offered {
    partner: store::Partner,
    within: Perimeter,
    services: Vec<Service>,
    roles: Vec<Role>,
}

fn readable(perimeter: &str) -> Result<Perimeter, Problem> {
    perimeter.parse().map_err(|_| {
        tracing::error!("a perimeter that its own reader refuses");
        Problem::Internal { reference: String::new() }
    })
}

async fn offered(app: &App, visit: &Visit, path: NewMembership) -> Result<Offered, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let partner = store::partner(&mut reader, path.partner).await?.ok_or(Problem::NotFound)?;
    let services = store::offered(reader.select(store::OFFERED), path.partner).await?;
    let roles = store::offered_roles(reader.select(store::OFFERED_ROLES), path.partner).await?;
    Ok(Offered { within: readable(&partner.territory)?, partner, services, roles })
}

fn new_page(
    app: &App,
    visit: &Visit,
    path: NewMembership,
    offered: Offered,
    form: MembershipForm,
    faults: Faults,
) -> NewPage {
    let Offered { partner, within, services, roles } = offered;
    let alone = services.len() == 1;
    NewPage {
        shell: visit.shell("Ajouter un bulletin d’adhésion"),
        key: new_key(app),
        action: path.to_string(),
        list: Partners.to_string(),
        back: Partner { partner: path.partner }.to_string(),
        partner: partner.legal_name,
        territory: within.names(),
        found: form.found(&within),
        offers: services
            .iter()
            .map(|service| Offer {
                service: service.name.clone(),
                roles: roles
                    .iter()
                    .filter(|role| role.service_id == service.id)
                    .map(|role| RoleLine::new(role, &form))
                    .collect(),
            })
            .collect(),
        services: services
            .into_iter()
            .map(|service| {
                let picked = alone || form.service == service.id.to_string();
                Choice::new(service.id.to_string(), service.name)
                    .detail(service.description)
                    .picked_if(picked)
            })
            .collect(),
        names: &NAMES,
        form,
        faults,
    }
}

/// The empty form.
pub(super) async fn new(State(app): State<App>, visit: Visit, path: NewMembership) -> Answer {
    let offered = offered(&app, &visit, path).await?;
    let mut form: MembershipForm = visit.resumed().unwrap_or_default();
    form.gather();
    shown(&new_page(&app, &visit, path, offered, form, Faults::new()))
}

/// The form as it is sent; or a search for places, which changes nothing.
pub(super) async fn open(
    State(app): State<App>,
    visit: Visit,
    path: NewMembership,
    Sent { key, fields: mut form }: Sent<MembershipForm>,
) -> Answer {
    // A second sending finds its service joined already.
    if let Some(taken) = app.read(&visit.actor).await?.sent_before(&key).await? {
        return acted(&Act::Before(taken));
    }
    let offered = offered(&app, &visit, path).await?;
    form.gather();
    if form.searches() {
        return shown(&new_page(&app, &visit, path, offered, form, Faults::new()));
    }
    let mut faults = Faults::new();
    let service = offered.services.iter().find(|service| service.id.to_string() == form.service);
    let service = service.map(|service| service.id);
    if service.is_none() {
        let fault = if form.service.is_empty() { Fault::Missing } else { Fault::NotOffered };
        faults.push("service", fault);
    }
    let roles: Vec<Role> =
        offered.roles.iter().filter(|role| Some(role.service_id) == service).cloned().collect();
    let terms = form.terms(&offered.within, &[], &mut faults);
    let caps = form.caps(&roles, &mut faults);
    let (true, Some(service), Some(terms), Some(caps)) = (faults.is_empty(), service, terms, caps) else {
        return refused(&new_page(&app, &visit, path, offered, form, faults));
    };
    acted(&commands::open(&app, &visit.actor, &key, path.partner, service, &terms, &caps).await?)
}

#[derive(Template)]
#[template(path = "memberships/edit.html")]
struct EditPage {
    shell: Shell,
    key: String,
    action: String,
    list: String,
    partner_href: String,
    back: String,
    partner: String,
    service: String,
    territory: Vec<String>,
    missions: Vec<Choice>,
    names: &'static [(&'static str, &'static str)],
    form: MembershipForm,
    found: Vec<Choice>,
    faults: Faults,
}

/// A membership about to be corrected.
struct Corrected {
    sheet: Sheet,
    within: Perimeter,
    missions: Vec<Mission>,
}

async fn corrected(app: &App, visit: &Visit, path: CorrectMembership) -> Result<Corrected, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let select = reader.select(store::SHEET);
    let sheet =
        store::sheet(select, path.partner, path.membership, visit.today()).await?.ok_or(Problem::NotFound)?;
    let missions = store::missions(reader.select(store::MISSIONS), path.membership).await?;
    Ok(Corrected { within: readable(&sheet.territory)?, sheet, missions })
}

fn edit_page(
    app: &App,
    visit: &Visit,
    path: CorrectMembership,
    corrected: Corrected,
    form: MembershipForm,
    faults: Faults,
) -> EditPage {
    let CorrectMembership { partner, membership } = path;
    let Corrected { sheet, within, missions } = corrected;
    EditPage {
        shell: visit.shell("Corriger le bulletin"),
        key: new_key(app),
        action: path.to_string(),
        list: Partners.to_string(),
        partner_href: Partner { partner }.to_string(),
        back: Membership { partner, membership }.to_string(),
        partner: sheet.partner_name,
        service: sheet.service_name,
        territory: within.names(),
        missions: missions
            .into_iter()
            .filter(|mission| !mission.closed)
            .map(|mission| {
                let id = mission.id.to_string();
                let picked = form.fermer.contains(&id);
                Choice::new(id, mission.label).picked_if(picked)
            })
            .collect(),
        names: &NAMES,
        found: form.found(&within),
        form,
        faults,
    }
}

/// The form, as the membership is.
pub(super) async fn edit(State(app): State<App>, visit: Visit, path: CorrectMembership) -> Answer {
    let corrected = corrected(&app, &visit, path).await?;
    let mut form = visit.resumed().unwrap_or_else(|| MembershipForm::of(&corrected.sheet));
    form.gather();
    shown(&edit_page(&app, &visit, path, corrected, form, Faults::new()))
}

/// The form as it is sent; or a search for places, which changes nothing.
pub(super) async fn correct(
    State(app): State<App>,
    visit: Visit,
    path: CorrectMembership,
    Sent { key, fields: mut form }: Sent<MembershipForm>,
) -> Answer {
    let corrected = corrected(&app, &visit, path).await?;
    let version: i64 = form.version.parse().map_err(|_| Problem::Unreadable)?;
    form.gather();
    if form.searches() {
        return shown(&edit_page(&app, &visit, path, corrected, form, Faults::new()));
    }
    let mut faults = Faults::new();
    let terms = form.terms(&corrected.within, &corrected.missions, &mut faults);
    let (true, Some(terms)) = (faults.is_empty(), terms) else {
        return refused(&edit_page(&app, &visit, path, corrected, form, faults));
    };
    let back = Membership { partner: path.partner, membership: path.membership };
    match commands::correct(&app, &visit.actor, &key, back, version, &terms, &form.closing()).await? {
        Some(act) => acted(&act),
        None => see_other(&back.to_string()),
    }
}
