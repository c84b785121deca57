//! What the demonstration begins with: each house of the cast, as it would have come to be in service. Each act leaves
//! its trace.

use time::Duration;

use super::cast::{HOUSES, House, Partner, Somebody, Staff};
use super::{DemoError, group, uses};
use crate::app::App;
use crate::db::{DbError, WriteTx};
use crate::domain::access::{Mode, Office, Permission, Scope};
use crate::domain::contact::MailAddress;
use crate::domain::day::{Day, Zone};
use crate::domain::facts::Fact;
use crate::domain::fictitious;
use crate::domain::files::{self, File, Known};
use crate::domain::id::{
    AccountId, CirconscriptionId, GrantId, MembershipId, MissionId, OrganismId, PartnerId, RoleId,
    RowId as _, ServiceId,
};
use crate::domain::opening_hours::Hours;
use crate::domain::text::fold;
use crate::features::organisms::{self, NewOrganism, NewStaff};

/// Creates everything.
pub(super) async fn sow(app: &App) -> Result<(), DemoError> {
    let today = Zone::default().day(app.now());
    mark(app).await?;
    for house in &HOUSES {
        let (organism, founder) = found(app, house).await?;
        sow_partner(app, organism, founder, &house.partner, today).await?;
        sow_files(app, organism, house, today).await?;
        uses::sow(app, (organism, house.seed), &house.partner, today).await?;
    }
    Ok(())
}

/// Says of the database that it is a demonstration's.
async fn mark(app: &App) -> Result<(), DemoError> {
    let job = app.job("demo", None);
    let mut tx = app.write(&job).await?.permit(Permission::FoundOrganism, Scope::Installation)?;
    tx.write("INSERT INTO installation (id, demonstration) VALUES (1, TRUE)").execute().await?;
    let _receipt = tx.commit([Fact::Tidied { what: "installation".to_owned(), rows: 0 }]).await?;
    Ok(())
}

async fn found(app: &App, house: &House) -> Result<(OrganismId, AccountId), DemoError> {
    let new = NewOrganism {
        kind: house.kind,
        code: house.code.to_owned(),
        name: house.name.to_owned(),
        territory: house.territory.parse().map_err(|_| DemoError::Seed(house.territory.to_owned()))?,
        time_zone: Zone::default(),
    };
    let [first, second] = &house.staff;
    let founded = organisms::found(app, &new, &staff(first)?).await?;
    organisms::name_staff(app, founded.organism, house.code, second.office, &staff(second)?).await?;
    Ok((founded.organism, founded.account))
}

fn staff(staff: &Staff) -> Result<NewStaff, DemoError> {
    let mail: MailAddress = staff.mail.parse().map_err(|_| DemoError::Seed(staff.mail.to_owned()))?;
    Ok(NewStaff {
        given_name: staff.given_name.to_owned(),
        surname: staff.surname.to_owned(),
        job: staff.job.to_owned(),
        mail,
    })
}

/// What everything of one partner hangs on.
#[derive(Clone, Copy)]
struct Place {
    organism: OrganismId,
    partner: PartnerId,
    today: Day,
}

async fn sow_partner(
    app: &App,
    organism: OrganismId,
    founder: AccountId,
    partner: &Partner,
    today: Day,
) -> Result<(), DemoError> {
    let job = app.job("demo", Some(organism));
    let draft = app.write(&job).await?;
    let mut tx = draft.permit(Permission::FoundOrganism, Scope::Organism(organism))?;
    let place = Place { organism, partner: tx.new_id(), today };
    let mut facts = vec![insert_partner(&mut tx, place, partner).await?];
    let (membership, opened) = open_membership(&mut tx, place, partner).await?;
    facts.push(opened);
    for (name, communes) in partner.circonscriptions {
        facts.push(insert_circonscription(&mut tx, place, name, communes).await?);
    }
    // Whoever manages the people grants: the principal, who comes first, or the organism.
    let mut grantor = (partner.mode == Mode::Centralised).then_some(founder);
    for somebody in partner.people {
        let account = insert_account(&mut tx, place, somebody).await?;
        let identifier = somebody.identifier.to_owned();
        facts.push(match somebody.office {
            Office::Principal => Fact::PrincipalCreated { account, partner: place.partner, identifier },
            Office::Deputy => Fact::DeputyCreated { account, partner: place.partner, identifier },
            _ => Fact::UserCreated { account, identifier },
        });
        let by = *grantor.get_or_insert(account);
        for role in somebody.roles {
            facts.push(grant(&mut tx, place, membership, partner, (somebody, account, by), role).await?);
        }
    }
    let _receipt = tx.commit(facts).await?;
    if let Some(of) = &partner.group {
        group::sow(app, (organism, place.partner), of, today).await?;
    }
    Ok(())
}

async fn insert_partner(tx: &mut WriteTx, place: Place, partner: &Partner) -> Result<Fact, DbError> {
    let now = tx.now();
    let [representative_name, representative_title] = partner.representative;
    let [security_name, security_mail] = partner.security;
    let [protection_name, protection_mail] = partner.protection;
    tx.write(
        "INSERT INTO partner (id, organism_id, siret, legal_name, name_key, category, street, postal_code, city, \
         representative_name, representative_title, security_name, security_mail, security_phone, protection_name, \
         protection_mail, protection_phone, prefix, mode, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, \
         $10, $11, $12, $13, '+33320990014', $14, $15, '+33320990015', $16, $17, $18)",
    )
    .bind(place.partner)
    .bind(place.organism)
    .bind(partner.siret)
    .bind(partner.legal_name)
    .bind(fold(partner.legal_name))
    .bind(partner.category)
    .bind(partner.street)
    .bind(partner.postal_code)
    .bind(partner.city)
    .bind(representative_name)
    .bind(representative_title)
    .bind(security_name)
    .bind(security_mail)
    .bind(protection_name)
    .bind(protection_mail)
    .bind(partner.prefix)
    .bind(partner.mode)
    .bind(now)
    .execute()
    .await?;
    tx.write(
        "INSERT INTO convention (partner_id, organism_id, number, signed_on, effective_on) \
         VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(place.partner)
    .bind(place.organism)
    .bind(partner.convention)
    .bind(place.today.plus_days(-300))
    .execute()
    .await?;
    tx.write("INSERT INTO partner_habilitations (partner_id, organism_id, version) VALUES ($1, $2, 1)")
        .bind(place.partner)
        .bind(place.organism)
        .execute()
        .await?;
    // Letters to the staff of the organism need an address; those to partners' people have the partner's.
    tx.write(
        "INSERT INTO postal_address (account_id, organism_id, detail, street, postal_code, city) \
         SELECT id, organism_id, 'Cellule habilitations', $2, $3, $4 \
         FROM account WHERE organism_id = $1 AND partner_id IS NULL",
    )
    .bind(place.organism)
    .bind(partner.street)
    .bind(partner.postal_code)
    .bind(partner.city)
    .execute()
    .await?;
    let words = [partner.legal_name, partner.siret];
    tx.index_words("partner", place.organism.as_uuid(), place.partner.as_uuid(), &words).await?;
    Ok(Fact::PartnerRegistered {
        partner: place.partner,
        siret: partner.siret.to_owned(),
        convention: partner.convention.to_owned(),
        mode: partner.mode,
    })
}

async fn open_membership(
    tx: &mut WriteTx,
    place: Place,
    partner: &Partner,
) -> Result<(MembershipId, Fact), DbError> {
    let service: Option<(ServiceId,)> =
        tx.write("SELECT id FROM service WHERE code = $1").bind(partner.service).fetch_optional().await?;
    let (service,) = service.ok_or_else(|| DbError::Defect("no service".to_owned()))?;
    let membership: MembershipId = tx.new_id();
    let now = tx.now();
    tx.write(
        "INSERT INTO membership (id, organism_id, partner_id, service_id, perimeter, available_on, \
         formality_done_on, contract_signed_on, signed_on, cap, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7, $8, $9)",
    )
    .bind(membership)
    .bind(place.organism)
    .bind(place.partner)
    .bind(service)
    .bind(partner.perimeter)
    .bind(place.today.plus_days(-280))
    .bind(place.today.plus_days(-290))
    .bind(partner.cap)
    .bind(now)
    .execute()
    .await?;
    for (label, position) in partner.missions.into_iter().zip(0_i32..) {
        let mission: MissionId = tx.new_id();
        tx.write(
            "INSERT INTO membership_mission (id, membership_id, label, position) VALUES ($1, $2, $3, $4)",
        )
        .bind(mission)
        .bind(membership)
        .bind(label)
        .bind(position)
        .execute()
        .await?;
    }
    let opened = Fact::MembershipOpened {
        membership,
        partner: place.partner,
        service: partner.service.to_owned(),
        perimeter: partner.perimeter.to_owned(),
        cap: u32::try_from(partner.cap).unwrap_or(0),
    };
    Ok((membership, opened))
}

async fn insert_circonscription(
    tx: &mut WriteTx,
    place: Place,
    name: &str,
    communes: &str,
) -> Result<Fact, DbError> {
    let circonscription: CirconscriptionId = tx.new_id();
    let now = tx.now();
    tx.write(
        "INSERT INTO circonscription (id, organism_id, partner_id, name, name_key, perimeter, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(circonscription)
    .bind(place.organism)
    .bind(place.partner)
    .bind(name.to_owned())
    .bind(fold(name))
    .bind(communes.to_owned())
    .bind(now)
    .execute()
    .await?;
    Ok(Fact::CirconscriptionDrawn {
        circonscription,
        partner: place.partner,
        name: name.to_owned(),
        perimeter: communes.to_owned(),
    })
}

async fn insert_account(tx: &mut WriteTx, place: Place, somebody: &Somebody) -> Result<AccountId, DbError> {
    let account: AccountId = tx.new_id();
    let now = tx.now();
    tx.write(
        "INSERT INTO account (id, organism_id, partner_id, office, identifier, surname, given_name, name_key, job, \
         mail, phone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11)",
    )
    .bind(account)
    .bind(place.organism)
    .bind(place.partner)
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
    tx.index_words("account", place.partner.as_uuid(), account.as_uuid(), &words).await?;
    Ok(account)
}

/// Grants a role of the membership, over its perimeter or for a circonscription.
async fn grant(
    tx: &mut WriteTx,
    place: Place,
    membership: MembershipId,
    partner: &Partner,
    (somebody, account, by): (&Somebody, AccountId, AccountId),
    role: &str,
) -> Result<Fact, DbError> {
    let known: Option<(RoleId,)> = tx
        .write(
            "SELECT r.id FROM service_role r JOIN service s ON s.id = r.service_id \
             WHERE s.code = $1 AND r.code = $2",
        )
        .bind(partner.service)
        .bind(role.to_owned())
        .fetch_optional()
        .await?;
    let (role_id,) = known.ok_or_else(|| DbError::Defect("no role".to_owned()))?;
    let named: Option<(CirconscriptionId, String)> = tx
        .write("SELECT id, perimeter FROM circonscription WHERE partner_id = $1 AND name = $2")
        .bind(place.partner)
        .bind(somebody.circonscription.map(str::to_owned))
        .fetch_optional()
        .await?;
    let (circonscription, perimeter) =
        named.map_or((None, partner.perimeter.to_owned()), |(id, communes)| (Some(id), communes));
    let (id, now): (GrantId, _) = (tx.new_id(), tx.now());
    tx.write(
        "INSERT INTO role_grant (id, organism_id, partner_id, membership_id, role_id, account_id, perimeter, \
         starts_on, ends_on, granted_by, granted_at, circonscription_id) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, $9, $10, $11)",
    )
    .bind(id)
    .bind(place.organism)
    .bind(place.partner)
    .bind(membership)
    .bind(role_id)
    .bind(account)
    .bind(perimeter.clone())
    .bind(place.today)
    .bind(by)
    .bind(now)
    .bind(circonscription)
    .execute()
    .await?;
    Ok(Fact::RoleGranted {
        grant: id,
        account,
        partner: place.partner,
        membership,
        service: partner.service.to_owned(),
        role: role.to_owned(),
        perimeter,
        starts_on: place.today,
        ends_on: None,
        group: None,
    })
}

async fn sow_files(app: &App, organism: OrganismId, house: &House, today: Day) -> Result<(), DemoError> {
    // Named beside their département, these communes get half of the files.
    let within = format!("{} {}", house.territory, house.near);
    let within = within.parse().map_err(|_| DemoError::Seed(house.near.to_owned()))?;
    let (fund, seed, files) = (house.fund, house.seed, house.files);
    let (give, take) = tokio::sync::mpsc::channel(1_000);
    let sowing = tokio::task::spawn_blocking(move || {
        for file in fictitious::files_of(fund, seed, files, &within, today.date()) {
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

/// Files of a house that an agent of its partner may look up.
async fn within_reach(app: &App, house: &House) -> Result<Vec<File>, DemoError> {
    let job = app.job("demo", None);
    let mut reader = app.read(&job).await?;
    let near = house.near.split(' ').next().unwrap_or_default();
    let found: Vec<(String,)> = reader
        .unbounded(
            "SELECT f.body FROM beneficiary_file f JOIN file_load l ON l.id = f.load_id \
             JOIN organism o ON o.id = l.organism_id \
             WHERE l.state = 'live' AND f.commune = $1 AND o.code = $2 ORDER BY f.number LIMIT 400",
        )
        .bind(near.to_owned())
        .bind(house.code)
        .fetch_all()
        .await?;
    Ok(found.iter().filter_map(|(body,)| files::read_line(body).ok()).collect())
}

/// For each house, a number that an agent of its partner may look up: of a family about which there is much to read.
pub(super) async fn numbers(app: &App) -> Result<Vec<(String, String)>, DemoError> {
    let mut numbers = Vec::new();
    for house in &HOUSES {
        let files = within_reach(app, house).await?;
        let (what, number) = match house.partner.mode {
            Mode::Centralised => {
                let rsa = || files.iter().filter(|file| file.rsa.is_some());
                let whole =
                    |file: &&File| matches!(file.income, Known::Known(_)) && file.family.persons.len() > 2;
                let telling = rsa().find(whole).or_else(|| rsa().next());
                let nir = telling.and_then(|file| file.rsa_numbers().into_iter().next());
                ("NIR", nir.map(|nir| nir.as_str().to_owned()))
            }
            Mode::Delegated => {
                let known =
                    |file: &&File| file.quotient.first().is_some_and(|month| month.value.value().is_some());
                let telling = files
                    .iter()
                    .filter(known)
                    .find(|file| file.family.persons.len() > 2 && !file.rights.is_empty())
                    .or(files.first());
                ("numéro d’allocataire", telling.map(|file| file.number.to_string()))
            }
        };
        let of = match house.partner.category {
            "commune" => "de la commune".to_owned(),
            _ => format!("({})", house.partner.legal_name),
        };
        numbers.push((format!("Un {what} {of}"), number.unwrap_or_default()));
    }
    Ok(numbers)
}

/// The services that are not open all day, and their hours.
pub(super) async fn hours(app: &App) -> Result<Vec<(String, Hours)>, DemoError> {
    let job = app.job("demo", None);
    let mut reader = app.read(&job).await?;
    let rows: Vec<(String, Option<i32>, Option<i32>)> = reader
        .unbounded("SELECT name, opens_at, closes_at FROM service WHERE opens_at IS NOT NULL ORDER BY name")
        .fetch_all()
        .await?;
    let timed = |(name, opens, closes)| Some((name, Hours::kept(opens, closes)?));
    Ok(rows.into_iter().filter_map(timed).collect())
}
