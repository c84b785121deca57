//! What the demonstration begins with, in the shape of the source documents and wholly invented: one CAF, one
//! commune as partner, one membership of CDAP, and somebody for each part to play.

use time::Duration;

use super::DemoError;
use crate::app::App;
use crate::db::{DbError, Refused, WriteTx};
use crate::domain::access::{Office, Permission, Scope};
use crate::domain::contact::MailAddress;
use crate::domain::day::{Day, Zone};
use crate::domain::facts::Fact;
use crate::domain::fictitious;
use crate::domain::files;
use crate::domain::id::{
    AccountId, GrantId, MembershipId, MissionId, OrganismId, PartnerId, RoleId, RowId as _, ServiceId,
};
use crate::domain::text::fold;
use crate::features::organisms::{self, Kind, NewOrganism, NewStaff};

/// Who can sign in: the part, and the mail address by which the account is found.
pub(super) const PEOPLE: [(&str, &str); 5] = [
    ("Administratrice de la caisse", "odile.marchepont@caf-haute-deule.example"),
    ("Auditeur de la caisse", "basile.rochedieu@caf-haute-deule.example"),
    ("Administratrice principale de la commune", "maelle.tournesac@mons.example"),
    ("Administrateur suppléant de la commune", "yann.kerdual@mons.example"),
    ("Agente de la commune", "nolwenn.brisefort@mons.example"),
];

const CODE: &str = "591";
const TERRITORY: &str = "59";
/// The partner's commune, a real one: addresses and perimeter need one.
const COMMUNE: &str = "59410";
/// Same seed, same files.
const SEED: u64 = 591;
const FILES: u32 = 5_000;

struct Somebody {
    given_name: &'static str,
    surname: &'static str,
    job: &'static str,
    mail: &'static str,
    identifier: &'static str,
    office: Office,
}

/// Invented people of the commune; the last one has never signed in.
const STAFF: [Somebody; 5] = [
    Somebody {
        given_name: "Maëlle",
        surname: "Tournesac",
        job: "Cheffe du service Enfance",
        mail: "maelle.tournesac@mons.example",
        identifier: "MON-4K7TQ2",
        office: Office::Principal,
    },
    Somebody {
        given_name: "Yann",
        surname: "Kerdual",
        job: "Adjoint à l’enfance",
        mail: "yann.kerdual@mons.example",
        identifier: "MON-8W2CX6",
        office: Office::Deputy,
    },
    Somebody {
        given_name: "Nolwenn",
        surname: "Brisefort",
        job: "Agente d’accueil, guichet unique",
        mail: "nolwenn.brisefort@mons.example",
        identifier: "MON-7D3HK9",
        office: Office::User,
    },
    Somebody {
        given_name: "Karim",
        surname: "Delorne",
        job: "Régisseur, périscolaire",
        mail: "karim.delorne@mons.example",
        identifier: "MON-5P6QT3",
        office: Office::User,
    },
    Somebody {
        given_name: "Ewen",
        surname: "Marsilhe",
        job: "Animateur, petite enfance",
        mail: "ewen.marsilhe@mons.example",
        identifier: "MON-6R4ZB8",
        office: Office::User,
    },
];

/// Creates everything. Each act leaves its trace, as it would in service.
pub(super) async fn sow(app: &App) -> Result<(), DemoError> {
    let organism = found(app).await?;
    let today = Zone::default().day(app.now());
    let partner = sow_partner(app, organism, today).await?;
    sow_staff_and_grants(app, organism, partner, today).await?;
    super::group::sow(app, organism, partner, today).await?;
    sow_files(app, organism, today).await
}

async fn found(app: &App) -> Result<OrganismId, DemoError> {
    let territory = TERRITORY.parse().map_err(|_| DemoError::Seed(TERRITORY.to_owned()))?;
    let new = NewOrganism {
        kind: Kind::Caf,
        code: CODE.to_owned(),
        name: "Caf de la Haute-Deûle".to_owned(),
        territory,
        time_zone: Zone::default(),
    };
    let first = staff("Odile", "Marchepont", "Administratrice des habilitations", PEOPLE[0].1)?;
    let founded = organisms::found(app, &new, &first).await?;
    let auditor = staff("Basile", "Rochedieu", "Auditeur", PEOPLE[1].1)?;
    organisms::name_staff(app, founded.organism, CODE, Office::OrganismAuditor, &auditor).await?;
    Ok(founded.organism)
}

fn staff(given_name: &str, surname: &str, job: &str, mail: &str) -> Result<NewStaff, DemoError> {
    let mail: MailAddress = mail.parse().map_err(|_| DemoError::Seed(mail.to_owned()))?;
    Ok(NewStaff { given_name: given_name.to_owned(), surname: surname.to_owned(), job: job.to_owned(), mail })
}

async fn begin(app: &App, organism: OrganismId) -> Result<WriteTx, Refused> {
    app.write(&app.job("demo", Some(organism)))
        .await?
        .permit(Permission::FoundOrganism, Scope::Organism(organism))
}

async fn sow_partner(app: &App, organism: OrganismId, today: Day) -> Result<PartnerId, DemoError> {
    let mut tx = begin(app, organism).await?;
    let partner: PartnerId = tx.new_id();
    let now = tx.now();
    let (siret, convention) = ("21590410300011", "2017-21590410300011");
    tx.write("INSERT INTO installation (id, demonstration) VALUES (1, TRUE)").execute().await?;
    tx.write(
        "INSERT INTO partner (id, organism_id, siret, legal_name, name_key, category, street, postal_code, city, \
         representative_name, representative_title, security_name, security_mail, security_phone, protection_name, \
         protection_mail, protection_phone, prefix, created_at) VALUES ($1, $2, $3, 'Commune de Mons-en-Barœul', \
         'commune de mons en baroeul', 'commune', '27, avenue des Tilleuls', '59370', 'Mons-en-Barœul', \
         'Idris Valombert', 'Maire', 'Tom Rochebrise', 'securite@mons.example', '+33320990014', 'Lina Valdoré', \
         'dpo@mons.example', '+33320990015', 'MON', $4)",
    )
    .bind(partner)
    .bind(organism)
    .bind(siret)
    .bind(now)
    .execute()
    .await?;
    tx.write(
        "INSERT INTO convention (partner_id, organism_id, number, signed_on, effective_on) \
         VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(partner)
    .bind(organism)
    .bind(convention)
    .bind(today.plus_days(-300))
    .execute()
    .await?;
    tx.write("INSERT INTO partner_habilitations (partner_id, organism_id, version) VALUES ($1, $2, 1)")
        .bind(partner)
        .bind(organism)
        .execute()
        .await?;
    // Letters to the staff of the organism need an address; those to partners' people have the partner's.
    tx.write(
        "INSERT INTO postal_address (account_id, organism_id, detail, street, postal_code, city) \
         SELECT id, organism_id, 'Cellule habilitations', '12, rue du Beffroi', '59370', 'Mons-en-Barœul' \
         FROM account WHERE organism_id = $1 AND partner_id IS NULL",
    )
    .bind(organism)
    .execute()
    .await?;
    let words = ["Commune de Mons-en-Barœul", siret];
    tx.index_words("partner", organism.as_uuid(), partner.as_uuid(), &words).await?;
    let fact =
        Fact::PartnerRegistered { partner, siret: siret.to_owned(), convention: convention.to_owned() };
    let _receipt = tx.commit([fact]).await?;
    Ok(partner)
}

async fn sow_staff_and_grants(
    app: &App,
    organism: OrganismId,
    partner: PartnerId,
    today: Day,
) -> Result<(), DemoError> {
    let mut tx = begin(app, organism).await?;
    let mut facts = Vec::new();
    let (membership, service) = open_membership(&mut tx, organism, partner, today).await?;
    facts.push(Fact::MembershipOpened {
        membership,
        partner,
        service: service.clone(),
        perimeter: COMMUNE.to_owned(),
        cap: 3,
    });
    let roles: Vec<(RoleId, String)> = tx
        .write("SELECT r.id, r.code FROM service_role r JOIN service s ON s.id = r.service_id WHERE s.code = 'cdap'")
        .fetch_all()
        .await?;
    let mut principal = None;
    for somebody in &STAFF {
        let account = insert_account(&mut tx, organism, partner, somebody).await?;
        let identifier = somebody.identifier.to_owned();
        facts.push(match somebody.office {
            Office::Principal => Fact::PrincipalCreated { account, partner, identifier },
            Office::Deputy => Fact::DeputyCreated { account, partner, identifier },
            _ => Fact::UserCreated { account, identifier },
        });
        let by = *principal.get_or_insert(account);
        let held: &[&str] = match somebody.identifier {
            "MON-7D3HK9" => &["quotient", "famille_droits"],
            "MON-5P6QT3" => &["quotient"],
            _ => &[],
        };
        for (role, code) in roles.iter().filter(|(_, code)| held.contains(&code.as_str())) {
            let grant: GrantId = tx.new_id();
            insert_grant(&mut tx, (organism, partner, membership), (grant, *role, account, by), today)
                .await?;
            facts.push(Fact::RoleGranted {
                grant,
                account,
                partner,
                membership,
                service: service.clone(),
                role: code.clone(),
                perimeter: COMMUNE.to_owned(),
                starts_on: today,
                ends_on: None,
                group: None,
            });
        }
    }
    let _receipt = tx.commit(facts).await?;
    Ok(())
}

async fn open_membership(
    tx: &mut WriteTx,
    organism: OrganismId,
    partner: PartnerId,
    today: Day,
) -> Result<(MembershipId, String), DbError> {
    let service: (ServiceId, String) = {
        let found: Option<(ServiceId, String)> =
            tx.write("SELECT id, code FROM service WHERE code = 'cdap'").fetch_optional().await?;
        found.ok_or_else(|| DbError::Defect("no service".to_owned()))?
    };
    let membership: MembershipId = tx.new_id();
    let now = tx.now();
    tx.write(
        "INSERT INTO membership (id, organism_id, partner_id, service_id, perimeter, available_on, \
         formality_done_on, contract_signed_on, signed_on, cap, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, 3, $8)",
    )
    .bind(membership)
    .bind(organism)
    .bind(partner)
    .bind(service.0)
    .bind(COMMUNE)
    .bind(today.plus_days(-280))
    .bind(today.plus_days(-290))
    .bind(now)
    .execute()
    .await?;
    for (position, label) in [
        "Accès aux quotients familiaux pour les activités petite enfance, enfance et jeunesse",
        "Accès aux informations d’adressage des familles",
    ]
    .into_iter()
    .enumerate()
    {
        let mission: MissionId = tx.new_id();
        tx.write(
            "INSERT INTO membership_mission (id, membership_id, label, position) VALUES ($1, $2, $3, $4)",
        )
        .bind(mission)
        .bind(membership)
        .bind(label)
        .bind(i32::try_from(position).unwrap_or(0))
        .execute()
        .await?;
    }
    Ok((membership, service.1))
}

async fn insert_account(
    tx: &mut WriteTx,
    organism: OrganismId,
    partner: PartnerId,
    somebody: &Somebody,
) -> Result<AccountId, DbError> {
    let account: AccountId = tx.new_id();
    let now = tx.now();
    tx.write(
        "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, job, \
         mail, phone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11)",
    )
    .bind(account)
    .bind(organism)
    .bind(partner)
    .bind(somebody.office)
    .bind(somebody.identifier)
    .bind(somebody.surname)
    .bind(somebody.given_name)
    .bind(fold(&format!("{} {}", somebody.surname, somebody.given_name)))
    .bind(somebody.job)
    .bind(somebody.mail)
    .bind(now.minus(Duration::days(30)))
    .execute()
    .await?;
    let words = [somebody.given_name, somebody.surname, somebody.job, somebody.identifier];
    tx.index_words("account", partner.as_uuid(), account.as_uuid(), &words).await?;
    Ok(account)
}

async fn insert_grant(
    tx: &mut WriteTx,
    (organism, partner, membership): (OrganismId, PartnerId, MembershipId),
    (grant, role, account, by): (GrantId, RoleId, AccountId, AccountId),
    today: Day,
) -> Result<(), DbError> {
    let now = tx.now();
    tx.write(
        "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
         starts_on, ends_on, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10)",
    )
    .bind(grant)
    .bind(organism)
    .bind(partner)
    .bind(membership)
    .bind(role)
    .bind(account)
    .bind(COMMUNE)
    .bind(today)
    .bind(by)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

async fn sow_files(app: &App, organism: OrganismId, today: Day) -> Result<(), DemoError> {
    // Named beside its département, the commune gets half of the files.
    let within = format!("{TERRITORY} {COMMUNE}").parse().map_err(|_| DemoError::Seed(COMMUNE.to_owned()))?;
    let (give, take) = tokio::sync::mpsc::channel(1_000);
    let sowing = tokio::task::spawn_blocking(move || {
        for file in fictitious::files(SEED, FILES, &within, today.date()) {
            if give.blocking_send(file).is_err() {
                return;
            }
        }
    });
    crate::features::files::load(app, organism, take, |_| {})
        .await
        .map_err(|error| DemoError::Seed(error.to_string()))?;
    sowing.await.map_err(|error| DemoError::Seed(error.to_string()))
}

/// A number that the agent of the commune may look up, of a family whose quotient is known.
pub(super) async fn a_number(app: &App) -> Result<String, DemoError> {
    let job = app.job("demo", None);
    let mut reader = app.read(&job).await?;
    let found: Vec<(String,)> = reader
        .unbounded(
            "SELECT f.body FROM beneficiary_file f JOIN file_load l ON l.id = f.load_id \
             WHERE l.state = 'live' AND f.commune = '59410' ORDER BY f.number LIMIT 50",
        )
        .fetch_all()
        .await?;
    let files = || found.iter().filter_map(|(body,)| files::read_line(body).ok());
    let telling = |file: &files::File| {
        let known = file.quotient.first().is_some_and(|month| month.value.value().is_some());
        known && file.family.persons.len() > 2 && !file.rights.is_empty()
    };
    let file = files().find(telling).or_else(|| files().next());
    Ok(file.map(|file| file.number.to_string()).unwrap_or_default())
}
