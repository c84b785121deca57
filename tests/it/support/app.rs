//! The application under test: as in service, but for its clock, its chance, its mail and its source of files.

use std::path::Path;
use std::sync::Arc;

use compte_partenaire::app::{App, Parts, menu};
use compte_partenaire::clock::{Clock, Entropy};
use compte_partenaire::crypto::{Key, Keys};
use compte_partenaire::db::ledger::{Grouping, Ledger};
use compte_partenaire::db::{Db, FromRow, Patience, Recorder};
use compte_partenaire::domain::budget::Flow;
use compte_partenaire::domain::contact::MailAddress;
use compte_partenaire::domain::day::Zone;
use compte_partenaire::domain::id::OrganismId;
use compte_partenaire::domain::time::Timestamp;
use compte_partenaire::features::consultation::source::{EmbeddedFiles, FileSource};
use compte_partenaire::features::help::Publisher;
use compte_partenaire::features::organisms::{self, Kind, NewOrganism, NewStaff};
use compte_partenaire::jobs;
use compte_partenaire::mail::Mailer;
use compte_partenaire::passwords::Passwords;
use compte_partenaire::space::Space;
use compte_partenaire::web::budget::{SessionBudgets, SourceBudgets};
use compte_partenaire::web::kit::Kit;
use compte_partenaire::witness::Witness;
use time::OffsetDateTime;
use time::macros::datetime;

use super::browser::Browser;
use super::databases::{self, Backend, Fresh};
use super::log;
use super::received::{Left, Received};

/// A password that nobody guesses and that tests may know.
pub const PASSWORD: &str = "quatre loutres sous la pluie";

/// Stories ask faster than anybody reads.
const UNHURRIED: Flow = Flow { at_once: 100_000, pace: time::Duration::milliseconds(1) };

/// An application on one database.
pub struct TestApp {
    pub app: App,
    pub clock: Clock,
    pub backend: Backend,
    pub database: Fresh,
    /// What its browsers received: each answer must have its traces.
    pub received: Received,
}

/// The files of the embedded database, unless a test gives another source.
type Source = fn(&Db) -> Arc<dyn FileSource>;

impl TestApp {
    pub async fn on(backend: Backend) -> Self {
        Self::with(backend, |db| Arc::new(EmbeddedFiles(db.clone())), Grouping::default()).await
    }

    pub async fn with(backend: Backend, source: Source, grouping: Grouping) -> Self {
        Self::made(backend, source, grouping, Timestamp::new(datetime!(2026-11-23 08:30 UTC))).await
    }

    /// One whose clock begins then: what the engines' own clocks guard is tried years before them.
    pub async fn starting(backend: Backend, at: OffsetDateTime) -> Self {
        let files: Source = |db| Arc::new(EmbeddedFiles(db.clone()));
        Self::made(backend, files, Grouping::default(), Timestamp::new(at)).await
    }

    async fn made(backend: Backend, source: Source, grouping: Grouping, start: Timestamp) -> Self {
        let clock = Clock::by_hand(start);
        let entropy = Entropy::seeded(20_261_123);
        let keys = Arc::new(Keys::only(Key::new(1, &[7; 32]).unwrap()));
        let recorder = Recorder { clock: clock.clone(), entropy, keys };
        let database = databases::fresh(backend, &recorder).await;
        let db = Db::open(&database.url, 8, Patience::Page, recorder).await.unwrap();
        let app = build(db, source, grouping, UNHURRIED, None);
        Self { app, clock, backend, database, received: Received::default() }
    }

    /// Another node on the same database: its own pools, its own ledger.
    pub async fn second_node(&self) -> Self {
        self.node(UNHURRIED, None).await
    }

    /// Another node on the same database, which publishes its checkpoints in that folder.
    pub async fn publishing_node(&self, folder: &Path) -> Self {
        self.node(UNHURRIED, Some(Witness::open(folder).unwrap())).await
    }

    /// Another node on the same database, which lets a session ask no faster than that.
    pub async fn node(&self, sessions: Flow, witness: Option<Witness>) -> Self {
        let entropy = Entropy::seeded(4_242);
        let keys = self.app.kit().keys.clone();
        let recorder = Recorder { clock: self.clock.clone(), entropy, keys };
        let db = Db::open(&self.database.url, 8, Patience::Page, recorder).await.unwrap();
        let source: Source = |db| Arc::new(EmbeddedFiles(db.clone()));
        let app = build(db, source, Grouping::default(), sessions, witness);
        let database = Fresh {
            url: self.database.url.clone(),
            owner_url: self.database.owner_url.clone(),
            folder: tempfile::tempdir().unwrap(),
        };
        let received = self.received.clone();
        Self { app, clock: self.clock.clone(), backend: self.backend, database, received }
    }

    /// Somebody sits down at a browser.
    pub fn browser(&self) -> Browser {
        Browser::new(self.app.router(), self.received.clone())
    }

    /// Founds the CAF of the tests; gives it with the identifier of its administrator.
    pub async fn found_caf(&self) -> (OrganismId, String) {
        self.found("591", "Caf de la Haute-Deûle", "59").await
    }

    pub async fn found(&self, code: &str, name: &str, territory: &str) -> (OrganismId, String) {
        self.found_in(Kind::Caf, Zone::default(), code, name, territory).await
    }

    /// Founds an organism of that kind, on the clocks of that zone.
    pub async fn found_in(
        &self,
        kind: Kind,
        time_zone: Zone,
        code: &str,
        name: &str,
        territory: &str,
    ) -> (OrganismId, String) {
        let new = NewOrganism {
            kind,
            code: code.to_owned(),
            name: name.to_owned(),
            territory: territory.parse().unwrap(),
            time_zone,
        };
        let first = staff("Odile", "Marchepont", &format!("odile.marchepont.{code}@caf.example"));
        let founded = organisms::found(&self.app, &new, &first).await.unwrap();
        (founded.organism, founded.identifier)
    }

    /// Names an auditor; gives the identifier.
    pub async fn name_auditor(&self, organism: OrganismId, code: &str) -> String {
        let office = compte_partenaire::domain::access::Office::OrganismAuditor;
        let new = staff("Basile", "Rochedieu", &format!("basile.rochedieu.{code}@caf.example"));
        organisms::name_staff(&self.app, organism, code, office, &new).await.unwrap().1
    }

    /// Lets the mail job run, then gives the one-time secret of the last mail to that address.
    pub async fn secret_mailed_to(&self, address: &str) -> String {
        jobs::mail::send_due(&self.app).await.unwrap();
        let letters = self.app.mailer().sent();
        let letter = letters
            .iter()
            .rev()
            .find(|letter| letter.to.address == address)
            .unwrap_or_else(|| panic!("no mail to {address}"));
        let line = letter
            .text
            .lines()
            .map(str::trim)
            .find(|line| line.len() == 24 && line.split(' ').all(|group| group.len() == 4))
            .unwrap_or_else(|| panic!("no secret in the mail: {}", letter.text));
        self.received.secret(line);
        line.to_owned()
    }

    /// The first sign-in of somebody, through the forms: secret, password, home page.
    pub async fn first_sign_in(&self, identifier: &str, mail: &str) -> Browser {
        let secret = self.secret_mailed_to(mail).await;
        let mut browser = self.browser();
        browser.sign_in(identifier, &secret).await;
        browser.page().must_say("Choisissez votre mot de passe");
        browser
            .form("/mot-de-passe")
            .fill("nouveau", PASSWORD)
            .fill("confirmation", PASSWORD)
            .tick("engagement", "oui")
            .send(&mut browser)
            .await;
        browser
    }

    /// The administrator of a new CAF, signed in.
    pub async fn administrator(&self) -> (OrganismId, Browser) {
        let (organism, identifier) = self.found_caf().await;
        (organism, self.first_sign_in(&identifier, "odile.marchepont.591@caf.example").await)
    }

    /// Rows of a statement that no actor bounds.
    pub async fn rows<T: compte_partenaire::db::Record>(&self, sql: &'static str) -> Vec<T> {
        let job = self.app.job("essai", None);
        let mut reader = self.app.read(&job).await.unwrap();
        reader.unbounded(sql).fetch_all().await.unwrap()
    }

    /// Codes of the facts traced so far, oldest first.
    pub async fn facts(&self) -> Vec<String> {
        let rows: Vec<(String,)> = self.rows("SELECT fact FROM trace ORDER BY at, month, id").await;
        rows.into_iter().map(|(fact,)| fact).collect()
    }

    /// Bodies of the traces of one fact, oldest first.
    pub async fn bodies(&self, fact: &str) -> Vec<serde_json::Value> {
        let rows: Vec<Told> = self.rows("SELECT fact, body FROM trace ORDER BY at, month, id").await;
        rows.into_iter()
            .filter(|told| told.fact == fact)
            .map(|told| serde_json::from_str(&told.body).unwrap())
            .collect()
    }

    /// Nothing is left behind: every trace is true, every signed-in answer has one, no mail is stuck.
    pub async fn finish(&self) {
        let read = log::sealed_and_true(self.app.db()).await;
        let traced: Vec<Left> = self.rows("SELECT correlation, fact, body FROM trace").await;
        assert_eq!(read, u64::try_from(traced.len()).unwrap());
        self.received.hold_against(&traced);
        jobs::mail::send_due(&self.app).await.unwrap();
        let stuck: Vec<(String,)> = self.rows("SELECT state FROM outbox WHERE state <> 'sent'").await;
        assert!(stuck.is_empty(), "mails that did not leave: {stuck:?}");
        self.groups_give_what_they_say().await;
    }

    /// What people hold by groups is what groups give, no more and no less.
    async fn groups_give_what_they_say(&self) {
        let beyond: Vec<(i64,)> = self
            .rows(
                "SELECT CAST(count(*) AS BIGINT) FROM role_grant g WHERE g.group_id IS NOT NULL AND NOT EXISTS \
                 (SELECT 1 FROM group_member m JOIN group_grant x ON x.group_id = m.group_id \
                 JOIN account a ON a.id = m.account_id WHERE a.office = 'user' AND m.account_id = g.account_id \
                 AND x.group_id = g.group_id AND x.membership_id = g.membership_id AND x.role_id = g.role_id)",
            )
            .await;
        assert_eq!(beyond[0].0, 0, "roles held by a group that does not give them, or by who is not in it");
        let missing: Vec<(i64,)> = self
            .rows(
                "SELECT CAST(count(*) AS BIGINT) FROM group_member m JOIN group_grant x ON x.group_id = m.group_id \
                 WHERE x.ends_on IS NULL AND NOT EXISTS (SELECT 1 FROM role_grant g \
                 WHERE g.account_id = m.account_id AND g.group_id = x.group_id AND g.role_id = x.role_id)",
            )
            .await;
        assert_eq!(missing[0].0, 0, "members who do not hold what their group gives");
    }
}

#[derive(FromRow)]
struct Told {
    fact: String,
    body: String,
}

fn staff(given_name: &str, surname: &str, mail: &str) -> NewStaff {
    NewStaff {
        given_name: given_name.to_owned(),
        surname: surname.to_owned(),
        job: "Habilitations".to_owned(),
        mail: mail.parse::<MailAddress>().unwrap(),
    }
}

fn build(db: Db, source: Source, grouping: Grouping, sessions: Flow, witness: Option<Witness>) -> App {
    let files = source(&db);
    let Recorder { clock, entropy, keys } = db.recorder().clone();
    let kit = Kit {
        ledger: Ledger::start(db.clone(), grouping),
        db,
        clock: clock.clone(),
        entropy: entropy.clone(),
        keys,
        demonstration: false,
        trusted_proxies: Arc::from([]),
        sessions: Arc::new(SessionBudgets::new(sessions)),
        secure: true,
        menu,
    };
    App::new(Parts {
        kit,
        passwords: Passwords::new(entropy.clone()).unwrap(),
        mailer: Mailer::in_memory("Caf <ne-pas-repondre@caf.example>".parse().unwrap(), clock, entropy),
        files,
        sources: SourceBudgets::default(),
        space: Space::default(),
        witness,
        sink: None,
        public_url: "https://partenaires.caf.example".to_owned(),
        publisher: Publisher::default(),
    })
}
