//! Somebody who consults: his services, and the way to a file.

use askama::Template;

use super::store::{self, OwnRole};
use super::welcome::{Welcome, welcome};
use crate::app::App;
use crate::db::DbError;
use crate::domain::memberships::{Conditions, convention_holds_from};
use crate::domain::opening_hours::{Hours, Now};
use crate::domain::territory::Perimeter;
use crate::web::answer::{Answer, shown};
use crate::web::filters;
use crate::web::page::{Notice, Shell};
use crate::web::paths::{LookUp, MyGrants};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "home/user.html")]
struct UserPage {
    shell: Shell,
    welcome: Welcome,
    services: Vec<Service>,
    able: bool,
}

struct Service {
    id: String,
    name: String,
    open: bool,
    /// Its hours, when it is not open all day, and whether it is open now.
    hours: Option<(Hours, bool)>,
    roles: Vec<Role>,
}

struct Role {
    name: String,
    places: String,
    ends_on: Option<crate::domain::day::Day>,
}

/// The page.
pub(super) async fn show(app: &App, visit: &Visit, notice: Option<Notice>) -> Answer {
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let today = visit.today();
    let mut reader = app.read(&visit.actor).await?;
    let rows = store::own_roles(&mut reader, account, today).await?;
    let welcome = welcome(&mut reader, visit).await?;
    drop(reader);
    let mut services: Vec<Service> = Vec::new();
    for row in rows {
        let id = format!("service-{}", row.membership);
        let open = conditions(&row).opening(today).is_open();
        let role = role(&row)?;
        let hours = Hours::kept(row.opens_at, row.closes_at)
            .map(|hours| (hours, hours.at(visit.now, &visit.zone) == Now::Open));
        match services.iter_mut().find(|service| service.id == id) {
            Some(service) => service.roles.push(role),
            None => services.push(Service { id, name: row.service, open, hours, roles: vec![role] }),
        }
    }
    let title = format!("Bonjour {}", visit.given_name);
    shown(&UserPage {
        shell: visit.shell_with(title, notice),
        welcome,
        able: services.iter().any(|service| service.open && service.hours.is_none_or(|(_, now)| now)),
        services,
    })
}

fn role(row: &OwnRole) -> Result<Role, DbError> {
    let perimeter: Perimeter = row
        .perimeter
        .parse()
        .map_err(|_| DbError::Defect("a perimeter that its own reader refuses".to_owned()))?;
    Ok(Role { name: row.role.clone(), places: perimeter.names().join(", "), ends_on: row.ends_on })
}

fn conditions(row: &OwnRole) -> Conditions {
    Conditions {
        formality: row.formality_done_on,
        convention: convention_holds_from(row.convention_signed_on, row.convention_effective_on),
        contract: row.contract_signed_on,
        membership: row.signed_on,
        available_on: row.available_on,
    }
}
