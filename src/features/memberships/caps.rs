//! Fixing how many people may hold a service, and each of its roles.

use askama::Template;
use axum::extract::State;

use super::commands;
use super::form::MembershipForm;
use super::pages::RoleLine;
use super::store::{self, Role, Sheet};
use crate::app::App;
use crate::web::answer::{Answer, acted, refused, see_other, shown};
use crate::web::fault::Faults;
use crate::web::form::{Sent, new_key};
use crate::web::gauge::Gauge;
use crate::web::page::Shell;
use crate::web::paths::{Caps, Membership, Partner, Partners};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// A cap as it stands.
struct Standing {
    title: String,
    gauge: Gauge,
}

#[derive(Template)]
#[template(path = "memberships/caps.html")]
struct CapsPage {
    shell: Shell,
    key: String,
    action: String,
    list: String,
    partner_href: String,
    back: String,
    partner: String,
    service: String,
    gauges: Vec<Standing>,
    roles: Vec<RoleLine>,
    form: MembershipForm,
    faults: Faults,
}

async fn found(app: &App, visit: &Visit, path: Caps) -> Result<(Sheet, Vec<Role>), Problem> {
    let today = visit.today();
    let mut reader = app.read(&visit.actor).await?;
    let select = reader.select(store::SHEET);
    let sheet = store::sheet(select, path.partner, path.membership, today).await?.ok_or(Problem::NotFound)?;
    let roles = store::roles(reader.select(store::ROLES), path.membership, today).await?;
    Ok((sheet, roles))
}

fn page(
    app: &App,
    visit: &Visit,
    path: Caps,
    sheet: Sheet,
    roles: &[Role],
    form: MembershipForm,
    faults: Faults,
) -> CapsPage {
    let Caps { partner, membership } = path;
    let service = Standing { title: sheet.service_name.clone(), gauge: sheet.gauge() };
    let by_role = roles.iter().map(|role| Standing { title: role.name.clone(), gauge: role.gauge() });
    CapsPage {
        shell: visit.shell("Fixer les plafonds"),
        key: new_key(app),
        action: path.to_string(),
        list: Partners.to_string(),
        partner_href: Partner { partner }.to_string(),
        back: Membership { partner, membership }.to_string(),
        gauges: std::iter::once(service).chain(by_role).collect(),
        roles: roles.iter().map(|role| RoleLine::new(role, &form)).collect(),
        partner: sheet.partner_name,
        service: sheet.service_name,
        form,
        faults,
    }
}

/// The form, as the caps are.
pub(super) async fn caps(State(app): State<App>, visit: Visit, path: Caps) -> Answer {
    let (sheet, roles) = found(&app, &visit, path).await?;
    let form = visit.resumed().unwrap_or_else(|| MembershipForm::of_caps(&sheet, &roles));
    shown(&page(&app, &visit, path, sheet, &roles, form, Faults::new()))
}

/// The form as it is sent. A cap under its use is accepted: nobody loses anything, and the page says so.
pub(super) async fn fix(
    State(app): State<App>,
    visit: Visit,
    path: Caps,
    Sent { key, fields: form }: Sent<MembershipForm>,
) -> Answer {
    let (sheet, roles) = found(&app, &visit, path).await?;
    let version: i64 = form.version.parse().map_err(|_| Problem::Unreadable)?;
    let mut faults = Faults::new();
    let caps = form.caps(&roles, &mut faults);
    let (true, Some(caps)) = (faults.is_empty(), caps) else {
        return refused(&page(&app, &visit, path, sheet, &roles, form, faults));
    };
    let back = Membership { partner: path.partner, membership: path.membership };
    match commands::fix_caps(&app, &visit.actor, &key, back, version, &caps).await? {
        Some(act) => acted(&act),
        None => see_other(&back.to_string()),
    }
}
