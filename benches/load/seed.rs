//! What the portal holds while it is measured: one CAF, one partner, an open membership, agents who are signed in, and
//! files of households that do not exist, all of them inside the agents' perimeter.

use compte_partenaire::app::App;
use compte_partenaire::db::sessions::{ACCOUNT, OPENED_AT, SessionRows, row_key};
use compte_partenaire::db::{Refused, WriteTx};
use compte_partenaire::domain::access::{Office, Permission, Scope};
use compte_partenaire::domain::day::{Day, Zone};
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::files::File;
use compte_partenaire::domain::id::{
    AccountId, GrantId, MembershipId, MissionId, OrganismId, PartnerId, RoleId, RowId as _,
};
use compte_partenaire::features::files;
use compte_partenaire::features::organisms::{self, Kind, NewOrganism, NewStaff};
use compte_partenaire::web::file_mark;
use compte_partenaire::web::visit::token;
use tower_sessions::SessionStore as _;
use tower_sessions::session::{Id, Record};
use uuid::Uuid;

use crate::Failure;

/// The organism's code, under which its files are imported.
pub(crate) const CODE: &str = "591";
/// Where the agents may read, and where every household lives.
const COMMUNE: &str = "59410";
const SEED: u64 = 591;

/// Somebody signed in, and what his browser holds.
pub(crate) struct Agent {
    /// The value of his cookie.
    pub(crate) session: String,
    /// What his forms carry.
    pub(crate) token: String,
    /// A file that he may read.
    pub(crate) number: String,
}

/// What was sown.
pub(crate) struct Sown {
    pub(crate) agents: Vec<Agent>,
    pub(crate) mission: MissionId,
    pub(crate) organism: OrganismId,
}

/// The same files each time; a longer series begins with the shorter one.
pub(crate) fn households(
    count: u32,
    today: Day,
) -> Result<impl Iterator<Item = File> + Send + use<>, Failure> {
    let within = COMMUNE.parse().map_err(|_| "not a perimeter")?;
    Ok(fictitious::files(SEED, count, &within, today.date()))
}

/// Sows that many agents and files.
pub(crate) async fn sow(app: &App, agents: u32, count: u32) -> Result<Sown, Failure> {
    let today = Zone::default().day(app.now());
    let organism = found(app).await?;
    let mut tx = begin(app, organism).await?;
    let (partner, membership, mission) = open_membership(&mut tx, organism, today).await?;
    let mut accounts = Vec::new();
    for rank in 0..agents {
        accounts.push(add_agent(&mut tx, (organism, partner, membership), rank, today).await?);
    }
    let facts = accounts
        .iter()
        .map(|(account, identifier)| Fact::UserCreated { account: *account, identifier: identifier.clone() });
    let _receipt = tx.commit(facts).await?;

    load(app, organism, count, today).await?;
    let numbers = households(agents, today)?.map(|file| file.number.as_str().to_owned());
    let mut signed_in = Vec::new();
    for ((account, _), number) in accounts.into_iter().zip(numbers) {
        let id = sign_in(app, account).await?;
        signed_in.push(Agent { session: id.to_string(), token: token(app.kit(), &row_key(id)), number });
    }
    Ok(Sown { agents: signed_in, mission, organism })
}

/// Who reads a log, and whom and what the log is about.
pub(crate) struct Reading {
    /// The value of the auditor's cookie.
    pub(crate) session: String,
    pub(crate) organism: Uuid,
    pub(crate) partner: Uuid,
    pub(crate) account: Uuid,
    /// The identifier of that account.
    pub(crate) person: String,
    pub(crate) mission: String,
    /// What every trace says, beside its columns.
    pub(crate) body: String,
    /// When the log begins, in microseconds; it ends today.
    pub(crate) begins_at: u64,
    /// The days of thirty of its days.
    pub(crate) from: Day,
    pub(crate) to: Day,
}

/// Sows what a log needs to be read: an auditor, a partner, one agent of two thousand.
pub(crate) async fn sow_reading(app: &App) -> Result<Reading, Failure> {
    let today = Zone::default().day(app.now());
    let organism = found(app).await?;
    let auditor = NewStaff {
        given_name: "Basile".to_owned(),
        surname: "Rochedieu".to_owned(),
        job: "Audit".to_owned(),
        mail: "basile.rochedieu@caf-haute-deule.example".parse().map_err(|_| "not an address")?,
    };
    let (auditor, _) = organisms::name_staff(app, organism, CODE, Office::OrganismAuditor, &auditor).await?;
    let mut tx = begin(app, organism).await?;
    let (partner, membership, mission) = open_membership(&mut tx, organism, today).await?;
    let (account, person) = add_agent(&mut tx, (organism, partner, membership), 0, today).await?;
    // Whoever reads needs a password that nobody has.
    tx.write("UPDATE account SET password_hash = '-' WHERE id = $1").bind(auditor).execute().await?;
    let label: String =
        tx.write("SELECT label FROM membership_mission WHERE id = $1").bind(mission).fetch_value().await?;
    let _receipt = tx.commit([Fact::UserCreated { account, identifier: person.clone() }]).await?;
    let mark = file_mark::of(app.kit(), organism, "0042317");
    let body = format!(
        "{{\"actor\":{{\"account\":\"{account}\",\"identifier\":\"{person}\",\"name\":\"Nolwenn Brisefort\",\
         \"office\":\"user\"}},\"object\":{{\"file\":{{\"hash\":\"{}\",\"sealed\":\"{}\"}},\"mission\":\"Adressage\",\
         \"rubrics\":[\"adresse\",\"famille\"],\"service\":\"cdap\"}},\"origin\":{{\"agent\":\"Firefox\",\
         \"source\":\"192.0.2.7\"}},\"outcome\":\"done\",\"took_us\":2345}}",
        mark.hash, mark.sealed
    );
    Ok(Reading {
        session: sign_in(app, auditor).await?.to_string(),
        organism: organism.as_uuid(),
        partner: partner.as_uuid(),
        account: account.as_uuid(),
        person,
        mission: label,
        body,
        begins_at: u64::try_from(app.now().minus(time::Duration::days(180)).micros())?,
        from: today.plus_days(-105),
        to: today.plus_days(-75),
    })
}

async fn begin(app: &App, organism: OrganismId) -> Result<WriteTx, Refused> {
    let job = app.job("load", Some(organism));
    app.write(&job).await?.permit(Permission::FoundOrganism, Scope::Organism(organism))
}

async fn found(app: &App) -> Result<OrganismId, Failure> {
    let new = NewOrganism {
        kind: Kind::Caf,
        code: CODE.to_owned(),
        name: "Caf de la Haute-Deûle".to_owned(),
        territory: "59".parse().map_err(|_| "not a territory")?,
        time_zone: Zone::default(),
    };
    let first = NewStaff {
        given_name: "Odile".to_owned(),
        surname: "Marchepont".to_owned(),
        job: "Habilitations".to_owned(),
        mail: "odile.marchepont@caf-haute-deule.example".parse().map_err(|_| "not an address")?,
    };
    Ok(organisms::found(app, &new, &first).await?.organism)
}

async fn open_membership(
    tx: &mut WriteTx,
    organism: OrganismId,
    today: Day,
) -> Result<(PartnerId, MembershipId, MissionId), Failure> {
    let (partner, membership, mission) = (tx.new_id(), tx.new_id(), tx.new_id());
    let (now, long_ago) = (tx.now(), today.plus_days(-300));
    tx.write(
        "INSERT INTO partner (id, organism_id, siret, legal_name, name_key, category, street, postal_code, city, \
         representative_name, representative_title, security_name, security_mail, security_phone, protection_name, \
         protection_mail, protection_phone, prefix, created_at) VALUES ($1, $2, '21590410300011', \
         'Commune de Mons-en-Barœul', 'commune de mons en baroeul', 'commune', '27, avenue des Tilleuls', '59370', \
         'Mons-en-Barœul', 'Idris Valombert', 'Maire', 'Tom Rochebrise', 'securite@mons.example', '+33320990014', \
         'Lina Valdoré', 'dpo@mons.example', '+33320990015', 'MON', $3)",
    )
    .bind(partner)
    .bind(organism)
    .bind(now)
    .execute()
    .await?;
    tx.write(
        "INSERT INTO convention (partner_id, organism_id, number, signed_on, effective_on) \
         VALUES ($1, $2, '2017-21590410300011', $3, $3)",
    )
    .bind(partner)
    .bind(organism)
    .bind(long_ago)
    .execute()
    .await?;
    tx.write("INSERT INTO partner_habilitations (partner_id, organism_id, version) VALUES ($1, $2, 1)")
        .bind(partner)
        .bind(organism)
        .execute()
        .await?;
    tx.write(
        "INSERT INTO membership (id, organism_id, partner_id, service_id, perimeter, available_on, \
         formality_done_on, contract_signed_on, signed_on, cap, created_at) \
         SELECT $1, $2, $3, id, $4, $5, $5, $5, $5, 1000, $6 FROM service WHERE code = 'cdap'",
    )
    .bind(membership)
    .bind(organism)
    .bind(partner)
    .bind(COMMUNE)
    .bind(long_ago)
    .bind(now)
    .execute()
    .await?;
    tx.write(
        "INSERT INTO membership_mission (id, membership_id, label, position) \
         VALUES ($1, $2, 'Accès aux quotients familiaux pour les activités petite enfance', 0)",
    )
    .bind(mission)
    .bind(membership)
    .execute()
    .await?;
    Ok((partner, membership, mission))
}

/// An agent who holds two roles: most of the file is shown to him.
async fn add_agent(
    tx: &mut WriteTx,
    (organism, partner, membership): (OrganismId, PartnerId, MembershipId),
    rank: u32,
    today: Day,
) -> Result<(AccountId, String), Failure> {
    let account: AccountId = tx.new_id();
    let (now, identifier) = (tx.now(), format!("MON-LOAD{rank}"));
    // No password has this hash: nobody signs in, and nobody is asked to choose one.
    tx.write(
        "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, job, \
         mail, phone, password_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, 'Brisefort', 'Nolwenn', 'brisefort nolwenn', 'Accueil', $6, '', '-', $7)",
    )
    .bind(account)
    .bind(organism)
    .bind(partner)
    .bind(Office::User)
    .bind(identifier.clone())
    .bind(format!("agent.{rank}@mons.example"))
    .bind(now)
    .execute()
    .await?;
    let roles: Vec<(RoleId,)> = tx
        .write(
            "SELECT r.id FROM service_role r JOIN service s ON s.id = r.service_id \
             WHERE s.code = 'cdap' AND r.code <> 'adresse'",
        )
        .fetch_all()
        .await?;
    for (role,) in roles {
        let grant: GrantId = tx.new_id();
        tx.write(
            "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
             starts_on, ends_on, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $6, $9)",
        )
        .bind(grant)
        .bind(organism)
        .bind(partner)
        .bind(membership)
        .bind(role)
        .bind(account)
        .bind(COMMUNE)
        .bind(today)
        .bind(now)
        .execute()
        .await?;
    }
    Ok((account, identifier))
}

async fn load(app: &App, organism: OrganismId, count: u32, today: Day) -> Result<(), Failure> {
    let (give, take) = tokio::sync::mpsc::channel(1_000);
    let mut households = households(count, today)?;
    let giving = tokio::task::spawn_blocking(move || households.all(|file| give.blocking_send(file).is_ok()));
    files::load(app, organism, take, |_| {}).await?;
    if giving.await? { Ok(()) } else { Err("the loader stopped before the end".into()) }
}

/// Opens a session without a password, as signing in would.
async fn sign_in(app: &App, account: AccountId) -> Result<Id, Failure> {
    let data =
        [(ACCOUNT.to_owned(), account.to_string().into()), (OPENED_AT.to_owned(), app.now().micros().into())];
    let mut record = Record {
        id: Id(i128::from_le_bytes(app.kit().entropy.bytes())),
        data: data.into_iter().collect(),
        expiry_date: time::OffsetDateTime::UNIX_EPOCH,
    };
    SessionRows(app.db().clone()).create(&mut record).await?;
    Ok(record.id)
}
