//! The notification of somebody's habilitation, to print: who, by which identifier, what, where, until when. No secret
//! ever stands in it (004 art. 4).

use askama::Template;
use axum::extract::State;
use axum_extra::routing::TypedPath as _;

use super::store::{self, Account, Holding};
use crate::app::App;
use crate::domain::access::Permission;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::grants::Phase;
use crate::domain::users::may_be_managed;
use crate::web::answer::{Answer, Tracing, shown};
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{User, UserNotification};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "users/notification.html")]
struct NotificationPage {
    shell: Shell,
    path: User,
    partner: String,
    organism: String,
    account: Account,
    today: Day,
    address: String,
    held: Vec<Held>,
    /// Who delivers it.
    by: String,
}

/// One thing that the person holds or is about to.
struct Held {
    holding: Holding,
    hours: Option<String>,
}

impl Held {
    fn places(&self) -> String {
        self.holding.perimeter.names().join(", ")
    }
}

/// The page. Whoever may grant roles there delivers it.
pub(super) async fn notification(State(app): State<App>, visit: Visit, path: UserNotification) -> Answer {
    let UserNotification { partner, account } = path;
    let mut reader = app.read(&visit.actor).await?;
    let employer =
        store::employer(reader.select(store::EMPLOYER), partner).await?.ok_or(Problem::NotFound)?;
    let person = store::account(reader.select(store::ACCOUNT), partner, account)
        .await?
        .filter(|person| may_be_managed(&visit.actor, employer.mode, person.id, person.office))
        .filter(|_| visit.actor.may_at(Permission::GrantRoles, employer.mode))
        .ok_or(Problem::NotFound)?;
    let holdings = store::holdings(&mut reader, partner, account).await?;
    drop(reader);
    let today = visit.today();
    let hours = |holding: &Holding| {
        let hours = holding.hours?;
        Some(format!("ouvert tous les jours de {} h à {} h", hours.opens(), hours.closes()))
    };
    let page = NotificationPage {
        shell: visit.shell("Notification d’habilitation"),
        path: User { partner, account },
        partner: employer.legal_name,
        organism: visit.organism_name.clone(),
        account: person,
        today,
        address: app.public_url().to_owned(),
        held: holdings
            .into_iter()
            .filter(|holding| holding.period.phase(today) != Phase::Ended)
            .map(|holding| Held { hours: hours(&holding), holding })
            .collect(),
        by: visit.actor.account().map(|account| account.name.clone()).unwrap_or_default(),
    };
    let subject = Some(account.to_string());
    shown(&page).reading(vec![Fact::PageRead { route: UserNotification::PATH.to_owned(), subject }])
}
