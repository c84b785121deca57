//! Two organisms with two partners each, everybody with a password: set up in one act, for tests that need the
//! whole world at once and tell no story of how it came.

use compte_partenaire::domain::access::{Mode, Office, Permission, Scope};
use compte_partenaire::domain::day::{Day, Zone};
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::domain::files::File;
use compte_partenaire::domain::id::{
    AccountId, CapRequestId, CirconscriptionId, GrantId, GroupGrantId, GroupId, HoldId, JustificationId,
    MembershipId, MissionId, OrganismId, PartnerId, ReviewId, RoleId, RowId, ServiceId, SignalId,
    SurveillanceId, TraceRequestId,
};
use compte_partenaire::domain::reviews::{Act, Proof};
use compte_partenaire::domain::time::Timestamp;
use time::macros::{date, datetime};
use uuid::Uuid;

use super::{Browser, PASSWORD, TestApp};

/// The service of the migrations, and its roles of the quotient and of the address.
const SERVICE: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0001;
const ROLE: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0011;
const ADDRESS: u128 = 0x0190_0000_0000_7000_8000_0000_0000_0012;

/// What a file says of its people: no trace and no log may hold any of it.
pub fn content_of(file: &File) -> Vec<String> {
    let people = file.family.persons.iter().map(|person| person.name.surname.clone());
    let names = file.family.persons.iter().map(|person| person.name.given_names.clone());
    people.chain(names).chain(file.address.current.street.clone()).collect()
}

/// Somebody.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: AccountId,
    pub identifier: String,
    pub office: Office,
}

/// A partner with one membership, open, of which a user holds a role.
#[derive(Clone, Debug)]
pub struct Partner {
    pub id: PartnerId,
    pub membership: MembershipId,
    pub mission: MissionId,
    pub grant: GrantId,
    /// A role of the principal's own, which the organism gave him.
    pub seat_grant: GrantId,
    pub group: GroupId,
    /// What the group gives; the user is in it.
    pub given: GroupGrantId,
    pub request: CapRequestId,
    pub circonscription: CirconscriptionId,
    pub hold: HoldId,
    /// About the user; its partner was asked to justify it.
    pub signal: SignalId,
    pub justification: JustificationId,
    /// Of the colleague.
    pub surveillance: SurveillanceId,
    /// Of the user’s own traces: answered, given, still readable.
    pub trace_request: TraceRequestId,
    /// Transmitted; another is open.
    pub review: ReviewId,
    pub principal: Person,
    pub deputy: Person,
    pub user: Person,
    pub colleague: Person,
}

/// An organism with two partners.
#[derive(Clone, Debug)]
pub struct Organism {
    pub id: OrganismId,
    pub administrator: Person,
    pub auditor: Person,
    pub partners: [Partner; 2],
    /// A partner whose people the organism manages itself; its principal and its deputy are the organism’s administrator.
    pub centralised: Partner,
}

impl Person {
    /// Signs in, with the password that everybody has.
    pub async fn sits_down(&self, app: &TestApp) -> Browser {
        let mut browser = app.browser();
        browser.sign_in(&self.identifier, PASSWORD).await;
        browser.page().must_not_say("n’a pas abouti");
        browser
    }
}

/// Sets the two organisms up.
pub async fn cast(app: &TestApp) -> [Organism; 2] {
    let mut stage = Stage::open(app, 0).await;
    let first = stage.organism("591", "Caf de la Haute-Deûle").await;
    let second = stage.organism("627", "Caf des Sept-Vallées").await;
    stage.close().await;
    [first, second]
}

/// One more organism like the two others; `people` are there already.
pub async fn another_organism(app: &TestApp, code: &str, people: u32) -> Organism {
    let mut stage = Stage::open(app, people).await;
    let organism = stage.organism(code, "Caf du Lendemain").await;
    stage.close().await;
    organism
}

/// One more partner of an organism; `people` are there already.
pub async fn another_partner(app: &TestApp, organism: OrganismId, people: u32) -> Partner {
    let mut stage = Stage::open(app, people).await;
    let partner = stage.partner(organism, "32000000000073", "Commune de Dernevoix", None).await;
    stage.close().await;
    partner
}

struct Stage {
    tx: compte_partenaire::db::WriteTx,
    hash: String,
    people: u32,
}

impl Stage {
    async fn open(app: &TestApp, people: u32) -> Self {
        let hash = app.app.passwords().hash(PASSWORD.to_owned()).await.unwrap();
        let write = app.app.write(&app.app.job("essai", None)).await.unwrap();
        let tx = write.permit(Permission::FoundOrganism, Scope::Installation).unwrap();
        Self { tx, hash, people }
    }

    async fn close(self) {
        let fact = Fact::Tidied { what: "essai".to_owned(), rows: 0 };
        let _receipt = self.tx.commit([fact]).await.unwrap();
    }

    async fn organism(&mut self, code: &str, name: &str) -> Organism {
        let id: OrganismId = self.tx.new_id();
        let now = self.tx.now();
        self.tx
            .write(
                "INSERT INTO organism (id, kind, code, name, territory, time_zone, created_at) \
                 VALUES ($1, 'caf', $2, $3, '59 62', 'Europe/Paris', $4)",
            )
            .bind(id)
            .bind(code.to_owned())
            .bind(name.to_owned())
            .bind(now)
            .execute()
            .await
            .unwrap();
        let administrator = self.person(id, None, Office::OrganismAdministrator).await;
        let auditor = self.person(id, None, Office::OrganismAuditor).await;
        let partners = [
            self.partner(id, "21590410300011", "Commune de Brumeval", None).await,
            self.partner(id, "73282932000074", "Commune de Clairvigne", None).await,
        ];
        let manager = Some(&administrator);
        let centralised = self.partner(id, "90000300500015", "Département de Valserine", manager).await;
        Organism { id, administrator, auditor, partners, centralised }
    }

    async fn person(&mut self, organism: OrganismId, partner: Option<PartnerId>, office: Office) -> Person {
        self.people += 1;
        let id: AccountId = self.tx.new_id();
        let identifier = format!("TST-{:06}", self.people);
        let (now, hash) = (self.tx.now(), self.hash.clone());
        self.tx
            .write(
                "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, \
                 job, mail, phone, password_hash, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, 'Camille', $7, 'Accueil', $8, '', $9, $10)",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(office)
            .bind(identifier.clone())
            .bind(format!("Vauquelin {}", self.people))
            .bind(format!("vauquelin {} camille", self.people))
            .bind(format!("camille.{}@commune.example", self.people))
            .bind(hash)
            .bind(now)
            .execute()
            .await
            .unwrap();
        let scope = partner.map_or(organism.as_uuid(), RowId::as_uuid);
        self.tx.index_words("account", scope, id.as_uuid(), &["Vauquelin", "Camille"]).await.unwrap();
        Person { id, identifier, office }
    }

    /// A partner; with a manager of the organism, a centralised one.
    async fn partner(
        &mut self,
        organism: OrganismId,
        siret: &str,
        name: &str,
        manager: Option<&Person>,
    ) -> Partner {
        let id: PartnerId = self.tx.new_id();
        let now = self.tx.now();
        self.tx
            .write(
                "INSERT INTO partner (id, organism_id, siret, legal_name, name_key, category, street, postal_code, city, \
                 representative_name, representative_title, security_name, security_mail, security_phone, \
                 protection_name, protection_mail, protection_phone, prefix, created_at, mode) \
                 VALUES ($1, $2, $3, $4, $5, 'commune', '1 place du Beffroi', '59370', 'Mons-en-Barœul', \
                 'Anselme Duriez', 'Maire', 'Informatique', 'dsi@commune.example', '', 'Données', \
                 'dpo@commune.example', '', 'BRU', $6, $7)",
            )
            .bind(id)
            .bind(organism)
            .bind(siret.to_owned())
            .bind(name.to_owned())
            .bind(name.to_lowercase())
            .bind(now)
            .bind(if manager.is_some() { Mode::Centralised } else { Mode::Delegated })
            .execute()
            .await
            .unwrap();
        self.tx.index_words("partner", organism.as_uuid(), id.as_uuid(), &[name]).await.unwrap();
        let signed = Day::from(date!(2026 - 09 - 01));
        self.tx
            .write(
                "INSERT INTO convention (partner_id, organism_id, number, signed_on, effective_on) \
                 VALUES ($1, $2, $3, $4, $4)",
            )
            .bind(id)
            .bind(organism)
            .bind(format!("2026-{siret}"))
            .bind(signed)
            .execute()
            .await
            .unwrap();
        self.tx
            .write("INSERT INTO partner_habilitations (partner_id, organism_id, version) VALUES ($1, $2, 1)")
            .bind(id)
            .bind(organism)
            .execute()
            .await
            .unwrap();
        let (principal, deputy) = match manager {
            Some(manager) => (manager.clone(), manager.clone()),
            None => (
                self.person(organism, Some(id), Office::Principal).await,
                self.person(organism, Some(id), Office::Deputy).await,
            ),
        };
        let user = self.person(organism, Some(id), Office::User).await;
        let colleague = self.person(organism, Some(id), Office::User).await;
        let (membership, mission) = self.membership(organism, id, signed).await;
        let at = (organism, id, membership);
        let grant = self.grant(at, (ROLE, &user, None), &principal).await;
        let seated = if manager.is_some() { &colleague } else { &principal };
        let seat_grant = self.grant(at, (ADDRESS, seated, None), &principal).await;
        let (group, given) = self.group(at, &user, &principal).await;
        let request = self.request(organism, id, membership, &principal).await;
        let circonscription = self.circonscription(organism, id).await;
        let review = self.reviews(organism, id, &principal, name).await;
        let hold = self.hold(organism).await;
        let (signal, justification) = self.signal(organism, id, &user).await;
        let surveillance = self.surveillance(organism, id, &colleague).await;
        let trace_request = self.trace_request(organism, id, &user).await;
        Partner {
            id,
            membership,
            mission,
            grant,
            seat_grant,
            group,
            given,
            request,
            circonscription,
            hold,
            signal,
            justification,
            surveillance,
            trace_request,
            review,
            principal,
            deputy,
            user,
            colleague,
        }
    }

    async fn membership(
        &mut self,
        organism: OrganismId,
        partner: PartnerId,
        day: Day,
    ) -> (MembershipId, MissionId) {
        let (id, mission): (MembershipId, MissionId) = (self.tx.new_id(), self.tx.new_id());
        let now = self.tx.now();
        self.tx
            .write(
                "INSERT INTO membership (id, organism_id, partner_id, service_id, perimeter, available_on, \
                 formality_done_on, contract_signed_on, signed_on, cap, created_at) \
                 VALUES ($1, $2, $3, $4, '59410', $5, $5, $5, $5, 3, $6)",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(ServiceId::from_uuid(Uuid::from_u128(SERVICE)))
            .bind(day)
            .bind(now)
            .execute()
            .await
            .unwrap();
        self.tx
            .write("INSERT INTO membership_mission (id, membership_id, label, position) VALUES ($1, $2, 'Adressage', 1)")
            .bind(mission)
            .bind(id)
            .execute()
            .await
            .unwrap();
        self.tx
            .write("INSERT INTO role_cap (membership_id, role_id, cap) VALUES ($1, $2, 2)")
            .bind(id)
            .bind(RoleId::from_uuid(Uuid::from_u128(ROLE)))
            .execute()
            .await
            .unwrap();
        (id, mission)
    }

    async fn grant(
        &mut self,
        (organism, partner, membership): (OrganismId, PartnerId, MembershipId),
        (role, user, group): (u128, &Person, Option<GroupId>),
        principal: &Person,
    ) -> GrantId {
        let id: GrantId = self.tx.new_id();
        let now = self.tx.now();
        self.tx
            .write(
                "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
                 starts_on, granted_by, granted_at, group_id) \
                 VALUES ($1, $2, $3, $4, $5, $6, '59410', $7, $8, $9, $10)",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(membership)
            .bind(RoleId::from_uuid(Uuid::from_u128(role)))
            .bind(user.id)
            .bind(Day::from(date!(2026-09-02)))
            .bind(principal.id)
            .bind(now)
            .bind(group)
            .execute()
            .await
            .unwrap();
        id
    }

    async fn group(
        &mut self,
        (organism, partner, membership): (OrganismId, PartnerId, MembershipId),
        user: &Person,
        principal: &Person,
    ) -> (GroupId, GroupGrantId) {
        let (id, given): (GroupId, GroupGrantId) = (self.tx.new_id(), self.tx.new_id());
        let now = self.tx.now();
        self.tx
            .write(
                "INSERT INTO partner_group (id, organism_id, partner_id, name, name_key, purpose, created_by, \
                 created_at) VALUES ($1, $2, $3, 'Petite enfance', 'petite enfance', 'Inscriptions', $4, $5)",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(principal.id)
            .bind(now)
            .execute()
            .await
            .unwrap();
        self.tx
            .write(
                "INSERT INTO group_member (group_id, account_id, organism_id, partner_id, added_by, added_at) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(id)
            .bind(user.id)
            .bind(organism)
            .bind(partner)
            .bind(principal.id)
            .bind(now)
            .execute()
            .await
            .unwrap();
        self.tx
            .write(
                "INSERT INTO group_grant (id, organism_id, partner_id, group_id, membership_id, role_id, perimeter, \
                 starts_on, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6, '59410', $7, $8, $9)",
            )
            .bind(given)
            .bind(organism)
            .bind(partner)
            .bind(id)
            .bind(membership)
            .bind(RoleId::from_uuid(Uuid::from_u128(ADDRESS)))
            .bind(Day::from(date!(2026-09-02)))
            .bind(principal.id)
            .bind(now)
            .execute()
            .await
            .unwrap();
        self.grant((organism, partner, membership), (ADDRESS, user, Some(id)), principal).await;
        (id, given)
    }

    async fn circonscription(&mut self, organism: OrganismId, partner: PartnerId) -> CirconscriptionId {
        let id: CirconscriptionId = self.tx.new_id();
        let now = self.tx.now();
        self.tx
            .write(
                "INSERT INTO circonscription (id, organism_id, partner_id, name, name_key, perimeter, created_at) \
                 VALUES ($1, $2, $3, 'Centre', 'centre', '59410', $4)",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(now)
            .execute()
            .await
            .unwrap();
        id
    }

    /// A review that was transmitted, and one that is open.
    async fn reviews(
        &mut self,
        organism: OrganismId,
        partner: PartnerId,
        principal: &Person,
        name: &str,
    ) -> ReviewId {
        let (past, open): (ReviewId, ReviewId) = (self.tx.new_id(), self.tx.new_id());
        let (now, at) = (self.tx.now(), Zone::default().local(self.tx.now()));
        let act = Act { by: "Camille Vauquelin".to_owned(), identifier: principal.identifier.clone(), at };
        let proof = Proof {
            version: 1,
            organism: String::new(),
            partner: name.to_owned(),
            siret: String::new(),
            year: 2025,
            opened: act.clone(),
            transmitted: act,
            decisions: Vec::new(),
            aside: Vec::new(),
        };
        for (id, year) in [(past, 2025), (open, 2026)] {
            self.tx
                .write(
                    "INSERT INTO review (id, organism_id, partner_id, year, opened_by, opened_at, transmitted_by, \
                     transmitted_at, proof, digest, key_number, mac) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $10)",
                )
                .bind(id)
                .bind(organism)
                .bind(partner)
                .bind(year)
                .bind(principal.id)
                .bind(now)
                .bind((year == 2025).then_some(principal.id))
                .bind((year == 2025).then_some(now))
                .bind((year == 2025).then(|| proof.canonical().unwrap()))
                .bind(vec![0_u8; 32])
                .execute()
                .await
                .unwrap();
        }
        past
    }

    async fn request(
        &mut self,
        organism: OrganismId,
        partner: PartnerId,
        membership: MembershipId,
        principal: &Person,
    ) -> CapRequestId {
        let id: CapRequestId = self.tx.new_id();
        let now = self.tx.now();
        self.tx
            .write(
                "INSERT INTO cap_request (id, organism_id, partner_id, membership_id, wanted, reason, asked_by, \
                 asked_at, state) VALUES ($1, $2, $3, $4, 5, 'Une rentrée chargée', $5, $6, 'open')",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(membership)
            .bind(principal.id)
            .bind(now)
            .execute()
            .await
            .unwrap();
        id
    }

    /// What somebody asked for and was given: no line at all.
    async fn trace_request(
        &mut self,
        organism: OrganismId,
        partner: PartnerId,
        user: &Person,
    ) -> TraceRequestId {
        let id: TraceRequestId = self.tx.new_id();
        let now = self.tx.now();
        let today = Zone::default().day(now);
        self.tx
            .write(
                "INSERT INTO trace_request (id, organism_id, kind, partner_id, account_id, reason, from_on, to_on, \
                 registered_by, registered_at, received_on, due_on, state, way, handed_to, handed_on, lines, digest, \
                 readable_until, closed_on) VALUES ($1, $2, 'own', $3, $4, 'Vérifier', $5, $5, $4, $6, $5, $7, 'given', \
                 'portal', 'Camille', $5, 0, $8, $7, $5)",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(user.id)
            .bind(today)
            .bind(now)
            .bind(today.plus_days(15))
            .bind(vec![0_u8; 32])
            .execute()
            .await
            .unwrap();
        self.tx
            .write("INSERT INTO trace_request_part (request_id, position, organism_id, body) VALUES ($1, 1, $2, '')")
            .bind(id)
            .bind(organism)
            .execute()
            .await
            .unwrap();
        id
    }

    /// A legal hold of the organism, on days so old that it keeps nothing.
    async fn hold(&mut self, organism: OrganismId) -> HoldId {
        let id: HoldId = self.tx.new_id();
        let now = self.tx.now();
        let asked_by: AccountId = self
            .tx
            .write("SELECT id FROM account WHERE organism_id = $1 AND office = 'organism_administrator'")
            .bind(organism)
            .fetch_value()
            .await
            .unwrap();
        self.tx
            .write(
                "INSERT INTO legal_hold (id, organism_id, kind, incident, from_at, until_at, basis, reason, review_on, \
                 asked_by, asked_at) VALUES ($1, $2, 'incident', 'INC-2001-001', $3, $4, 'Plainte', 'Vérification', \
                 $5, $6, $7)",
            )
            .bind(id)
            .bind(organism)
            .bind(Timestamp::new(datetime!(2001-01-01 00:00 UTC)))
            .bind(Timestamp::new(datetime!(2001-01-02 00:00 UTC)))
            .bind(Zone::default().day(now).plus_days(90))
            .bind(asked_by)
            .bind(now)
            .execute()
            .await
            .unwrap();
        id
    }

    /// A signal about somebody, and the request for justification that was sent to his partner.
    async fn signal(
        &mut self,
        organism: OrganismId,
        partner: PartnerId,
        user: &Person,
    ) -> (SignalId, JustificationId) {
        let (id, request): (SignalId, JustificationId) = (self.tx.new_id(), self.tx.new_id());
        let now = self.tx.now();
        let today = Zone::default().day(now);
        let auditor = self.auditor(organism).await;
        self.tx
            .write(
                "INSERT INTO use_signal (id, organism_id, partner_id, account_id, service, rule, day, figure, \
                 threshold, raised_at, keep_until, state) \
                 VALUES ($1, $2, $3, $4, 'cdap', 'volume', $5, 120, 45, $6, $7, 'asked')",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(user.id)
            .bind(today.plus_days(-20))
            .bind(now)
            .bind(today.plus_months(5))
            .execute()
            .await
            .unwrap();
        self.tx
            .write(
                "INSERT INTO justification (id, organism_id, partner_id, account_id, signal_id, day, question, due_on, \
                 asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, 'Une opération particulière ?', $7, $8, $9)",
            )
            .bind(request)
            .bind(organism)
            .bind(partner)
            .bind(user.id)
            .bind(id)
            .bind(today.plus_days(-20))
            .bind(today.plus_days(15))
            .bind(auditor)
            .bind(now)
            .execute()
            .await
            .unwrap();
        (id, request)
    }

    async fn surveillance(
        &mut self,
        organism: OrganismId,
        partner: PartnerId,
        person: &Person,
    ) -> SurveillanceId {
        let id: SurveillanceId = self.tx.new_id();
        let now = self.tx.now();
        let auditor = self.auditor(organism).await;
        self.tx
            .write(
                "INSERT INTO surveillance (id, organism_id, partner_id, account_id, reason, from_at, until_on, asked_by) \
                 VALUES ($1, $2, $3, $4, 'Faits répétés', $5, $6, $7)",
            )
            .bind(id)
            .bind(organism)
            .bind(partner)
            .bind(person.id)
            .bind(now)
            .bind(Zone::default().day(now).plus_days(30))
            .bind(auditor)
            .execute()
            .await
            .unwrap();
        id
    }

    async fn auditor(&mut self, organism: OrganismId) -> AccountId {
        self.tx
            .write("SELECT id FROM account WHERE organism_id = $1 AND office = 'organism_auditor'")
            .bind(organism)
            .fetch_value()
            .await
            .unwrap()
    }
}
