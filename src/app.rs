//! The application: everything a request or a job needs, and the only place that knows every slice.

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;

use crate::db::{Db, DbError, Draft, Reader, Refused};
use crate::domain::access::{Actor, Permission};
use crate::domain::day::Day;
use crate::domain::id::{OrganismId, PartnerId};
use crate::domain::outlook::{EMBEDDED, Outlook, Room, outlook};
use crate::domain::retention::oldest_kept;
use crate::domain::time::Timestamp;
use crate::features;
use crate::features::consultation::source::FileSource;
use crate::features::help::Publisher;
use crate::mail::Mailer;
use crate::passwords::Passwords;
use crate::sink::SinkSettings;
use crate::space::Space;
use crate::web::assets;
use crate::web::budget::SourceBudgets;
use crate::web::kit::Kit;
use crate::web::layers;
use crate::web::page::{MenuLink, MenuSection};
use crate::web::paths::{
    CapRequests, Checkpoint, Dashboard, Grants, Groups, Holds, Letters, LookUp, MyGrants, OwnTraces,
    PartnerNetwork, PartnerTraceRequests, Partners, Password, Review, Reviews, Sessions, Signals, Statistics,
    Surveillances, TraceRequests, Traces, Users,
};
use crate::web::routes::{Entry, Routes, nowhere};
use crate::witness::Witness;

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What the application is made of.
pub struct Parts {
    /// What edges need.
    pub kit: Kit,
    /// Where passwords are hashed.
    pub passwords: Passwords,
    /// Where mail leaves.
    pub mailer: Mailer,
    /// Where files come from.
    pub files: Arc<dyn FileSource>,
    /// Sign-in attempts of each source.
    pub sources: SourceBudgets,
    /// Space left for traces.
    pub space: Space,
    /// Where checkpoints of the log are published, if anywhere.
    pub witness: Option<Witness>,
    /// The second sink of the log, if there is one.
    pub sink: Option<SinkSettings>,
    /// The address that mails give.
    pub public_url: String,
    /// Who publishes and hosts this installation.
    pub publisher: Publisher,
}

impl App {
    /// Joins the parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// What edges need.
    pub fn kit(&self) -> &Kit {
        &self.0.kit
    }

    /// The store.
    pub fn db(&self) -> &Db {
        &self.0.kit.db
    }

    /// Where passwords are hashed.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// Where mail leaves.
    pub fn mailer(&self) -> &Mailer {
        &self.0.mailer
    }

    /// Where files come from.
    pub fn files(&self) -> &dyn FileSource {
        &*self.0.files
    }

    /// Sign-in attempts of each source.
    pub fn sources(&self) -> &SourceBudgets {
        &self.0.sources
    }

    /// Space left for traces.
    pub fn space(&self) -> &Space {
        &self.0.space
    }

    /// Where checkpoints of the log are published, if anywhere.
    pub fn witness(&self) -> Option<&Witness> {
        self.0.witness.as_ref()
    }

    /// The second sink of the log, if there is one.
    pub fn sink(&self) -> Option<&SinkSettings> {
        self.0.sink.as_ref()
    }

    /// The address that mails give.
    pub fn public_url(&self) -> &str {
        &self.0.public_url
    }

    /// Who publishes and hosts this installation.
    pub fn publisher(&self) -> &Publisher {
        &self.0.publisher
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.0.kit.clock.now()
    }

    /// How long the space for traces lasts. The volume of a database server is its own.
    pub async fn outlook(&self) -> Result<Outlook, DbError> {
        let room = Room { most: self.db().file().map(|_| EMBEDDED), volume: self.space().measure() };
        let now = self.now();
        let oldest = oldest_kept(Day::from(now.instant().date()));
        Ok(outlook(self.db().growth(now, oldest).await?, room))
    }

    /// A job as an actor: for one organism, or for the installation.
    pub fn job(&self, name: &'static str, organism: Option<OrganismId>) -> Actor {
        Actor::system(name, organism, self.0.kit.entropy.id(self.now()))
    }

    /// Opens a view bounded by what the actor sees.
    pub async fn read(&self, actor: &Actor) -> Result<Reader, DbError> {
        self.db().read(actor).await
    }

    /// Opens a transaction for an act.
    pub async fn write(&self, actor: &Actor) -> Result<Draft, Refused> {
        self.db().write(actor).await
    }

    /// Opens a transaction for an act on who holds what at a partner's.
    pub async fn write_for(&self, actor: &Actor, partner: PartnerId) -> Result<Draft, Refused> {
        self.db().write_for(actor, partner).await
    }

    /// Every route, in reading order, with the table of who may pass.
    pub fn routes(&self) -> (Router<Self>, Vec<Entry>) {
        let routes = Routes::new(self.kit().clone());
        let routes = features::health::add(routes);
        let routes = features::help::add(routes);
        let routes = features::sign_in::add(routes);
        let routes = features::home::add(routes);
        let routes = features::sessions::add(routes);
        let routes = features::kept_forms::add(routes);
        let routes = features::partners::add(routes);
        let routes = features::memberships::add(routes);
        let routes = features::circonscriptions::add(routes);
        let routes = features::networks::add(routes);
        let routes = features::users::add(routes);
        let routes = features::grants::add(routes);
        let routes = features::caps::add(routes);
        let routes = features::reviews::add(routes);
        let routes = features::letters::add(routes);
        let routes = features::consultation::add(routes);
        let routes = features::traces::add(routes);
        let routes = features::statistics::add(routes);
        let routes = features::seal::add(routes);
        let routes = features::holds::add(routes);
        let routes = features::usage::add(routes);
        let routes = features::trace_requests::add(routes);
        let routes = if self.kit().demonstration { features::specimen::add(routes) } else { routes };
        routes.into_parts()
    }

    /// The whole program as a service: routes, static files, layers.
    pub fn router(&self) -> Router {
        let (routes, _) = self.routes();
        let routes = routes.merge(assets::routes()).fallback(nowhere);
        layers::around(routes, self.kit()).with_state(self.clone())
    }
}

impl FromRef<App> for Kit {
    fn from_ref(app: &App) -> Self {
        app.kit().clone()
    }
}

/// The menu of an actor, from what he may do.
pub fn menu(actor: &Actor) -> Vec<MenuSection> {
    let link = |label, href: String| MenuLink { label, href, current: false, count: 0 };
    let mut main = vec![link("Accueil", Dashboard.to_string())];
    if actor.may(Permission::ReadPartners) {
        main.push(link("Partenaires", Partners.to_string()));
    }
    if actor.may(Permission::ManageCaps) {
        main.push(link("Demandes de places", CapRequests.to_string()));
    }
    if actor.may(Permission::PrintLetters) {
        main.push(link("Lettres", Letters.to_string()));
    }
    if let Some(partner) = actor.partner() {
        if actor.may(Permission::ReadUsers) {
            main.push(link("Utilisateurs", Users { partner }.to_string()));
            main.push(link("Groupes", Groups { partner }.to_string()));
            main.push(link("Habilitations", Grants { partner }.to_string()));
            main.push(link("Réseau déclaré", PartnerNetwork { partner }.to_string()));
        } else if actor.may(Permission::ConsultFiles) {
            main.push(link("Consulter un dossier", LookUp.to_string()));
            main.push(link("Mes habilitations", MyGrants.to_string()));
        }
    }
    let mut sections = vec![MenuSection { title: None, links: main }];
    let mut control = Vec::new();
    if let (Some(partner), true) = (actor.partner(), actor.may(Permission::ReviewHoldings)) {
        control.push(link("Revue inverse", Review { partner }.to_string()));
    }
    if actor.may(Permission::FollowReviews) {
        control.push(link("Revues inverses", Reviews.to_string()));
    }
    if actor.may(Permission::ReadTraces) {
        control.push(link("Traces", Traces.to_string()));
    }
    if actor.may(Permission::ReadStatistics) {
        control.push(link("Statistiques", Statistics.to_string()));
    }
    if actor.may(Permission::JudgeUse) {
        control.push(link("Usages atypiques", Signals.to_string()));
    }
    if actor.may(Permission::FollowUse) {
        control.push(link("Surveillances", Surveillances.to_string()));
    }
    if actor.may(Permission::AnswerTraceRequests) {
        control.push(link("Demandes de traces", TraceRequests.to_string()));
    }
    if let (Some(partner), true) = (actor.partner(), actor.may(Permission::PassTraceRequestsOn)) {
        control.push(link("Demandes de traces", PartnerTraceRequests { partner }.to_string()));
    }
    if actor.may(Permission::HoldTraces) {
        control.push(link("Conservations exceptionnelles", Holds.to_string()));
    }
    if actor.may(Permission::WitnessLog) {
        control.push(link("Empreinte du journal", Checkpoint.to_string()));
    }
    if actor.may(Permission::AnswerTraceRequests) {
        control.push(link("Durées de conservation", features::help::RETENTION.to_owned()));
    }
    if !control.is_empty() {
        sections.push(MenuSection { title: Some("Contrôle"), links: control });
    }
    let mut own =
        vec![link("Mon mot de passe", Password.to_string()), link("Mes sessions", Sessions.to_string())];
    // Whoever administers a partner consults only what the organism may have granted him.
    if actor.office().administers_a_partner() {
        own.insert(0, link("Mes habilitations", MyGrants.to_string()));
    }
    if actor.may(Permission::RequestOwnTraces) {
        own.push(link("Mes traces", OwnTraces.to_string()));
    }
    sections.push(MenuSection { title: Some("Mon compte"), links: own });
    sections
}
