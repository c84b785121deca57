//! What may be read is decided each time, from what holds now: a role outside its days, places given back, a service
//! that a condition closed. Whatever it was, the agent reads the same answer, and the log the reason.

use std::sync::Arc;

use async_trait::async_trait;
use compte_partenaire::db::Db;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::file_key::FileKey;
use compte_partenaire::domain::files::{File, write_line};
use compte_partenaire::domain::id::OrganismId;
use compte_partenaire::features::consultation::source::{FileSource, Sheet, SourceFailed};
use time::macros::date;

use crate::support::cast::{cast, content_of};
use crate::support::owner::Owner;
use crate::support::{Backend, Browser, TestApp};

/// One family of Mons-en-Barœul answers to every number.
pub struct OneFamily;

#[async_trait]
impl FileSource for OneFamily {
    async fn find(&self, _: OrganismId, _: &FileKey) -> Result<Option<Sheet>, SourceFailed> {
        let family = family();
        Ok(Some(Sheet::new(family.commune, write_line(&family))))
    }
}

pub fn family() -> File {
    fictitious::files(1, 1, &"59410".parse().unwrap(), date!(2026 - 11 - 20)).next().unwrap()
}

pub async fn look_up(agent: &mut Browser) {
    agent.open("/consultation").await;
    let form = agent.form("/consultation").fill("numero", "0042317");
    let mission = form.offers("mission").pop().unwrap();
    form.fill("mission", &mission).send(agent).await;
}

async fn rights_are_looked_at_each_time(backend: Backend) {
    let app = TestApp::with(backend, |_: &Db| Arc::new(OneFamily), Grouping::default()).await;
    let [organism, _] = cast(&app).await;
    let mut agent = organism.partners[0].user.sits_down(&app).await;
    look_up(&mut agent).await;
    assert_eq!(agent.page().status, 200, "{}", agent.page().text());
    // What is read is in no trace: `finish` looks for it in each.
    for content in content_of(&family()) {
        app.received.secret(&content);
    }
    app.received.secret("0042317");
    let address = agent.page().path.clone();
    let mut owner = Owner::of(&app).await;
    for (column, withdrawn, given, reason) in [
        ("role_grant.ends_on", "'2026-11-22'", "NULL", "service_closed"),
        ("role_grant.starts_on", "'2026-11-24'", "'2026-09-02'", "service_closed"),
        ("role_grant.perimeter", "'62041'", "'59410'", "outside_perimeter"),
        ("membership.perimeter", "'62041'", "'59410'", "outside_perimeter"),
        ("membership.formality_done_on", "NULL", "'2026-09-01'", "service_closed"),
        ("membership.contract_signed_on", "NULL", "'2026-09-01'", "service_closed"),
        ("membership.signed_on", "NULL", "'2026-09-01'", "service_closed"),
        ("membership.available_on", "'2026-11-24'", "'2026-09-01'", "service_closed"),
        ("convention.signed_on", "NULL", "'2026-09-01'", "service_closed"),
        ("convention.effective_on", "'2026-11-24'", "'2026-09-01'", "service_closed"),
    ] {
        let (table, column) = column.split_once('.').unwrap();
        let looked_up = app.bodies("file.looked_up").await.len();
        owner.run(&format!("UPDATE {table} SET {column} = {withdrawn}")).await.unwrap();
        look_up(&mut agent).await;
        assert_eq!(agent.page().status, 422, "{table}.{column}");
        agent.page().must_say("Aucun dossier à afficher");
        agent.open(&address).await;
        assert_eq!(agent.page().status, 422, "{table}.{column}, for a consultation that was open");
        agent.page().must_say("Aucun dossier à afficher");
        let told: Vec<_> = app
            .bodies("file.looked_up")
            .await
            .into_iter()
            .map(|body| body["object"]["result"].clone())
            .collect();
        assert_eq!(told[looked_up..], [reason, reason], "{table}.{column}");
        owner.run(&format!("UPDATE {table} SET {column} = {given}")).await.unwrap();
        assert_eq!(agent.open(&address).await.status, 200, "{table}.{column} again");
    }
    app.finish().await;
}

#[tokio::test]
async fn rights_are_looked_at_each_time_on_sqlite() {
    rights_are_looked_at_each_time(Backend::Sqlite).await;
}

#[tokio::test]
async fn rights_are_looked_at_each_time_on_postgres() {
    rights_are_looked_at_each_time(Backend::Postgres).await;
}
