//! Founding an organism, naming its staff.

use super::store;
use crate::app::App;
use crate::db::{DbError, Receipt, Refused};
use crate::domain::access::{Office, Permission, Scope};
use crate::domain::contact::MailAddress;
use crate::domain::day::Zone;
use crate::domain::facts::Fact;
use crate::domain::id::{AccountId, OrganismId};
use crate::domain::territory::Perimeter;

/// What an organism is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A caisse d'allocations familiales.
    Caf,
    /// A caisse of the Mutualité sociale agricole.
    Msa,
}

impl Kind {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Caf => "caf",
            Self::Msa => "msa",
        }
    }
}

/// An organism to found.
#[derive(Clone, Debug)]
pub struct NewOrganism {
    /// What it is.
    pub kind: Kind,
    /// Its code (« 591 »).
    pub code: String,
    /// Its name.
    pub name: String,
    /// Where it is competent.
    pub territory: Perimeter,
    /// Its time zone.
    pub time_zone: Zone,
}

/// Somebody of the organism.
#[derive(Clone, Debug)]
pub struct NewStaff {
    /// First name.
    pub given_name: String,
    /// Name.
    pub surname: String,
    /// What the person does there.
    pub job: String,
    /// Personal mail address.
    pub mail: MailAddress,
}

/// An organism and its first administrator.
#[derive(Debug)]
pub struct Founded {
    /// The organism.
    pub organism: OrganismId,
    /// The administrator's account.
    pub account: AccountId,
    /// What the administrator types to sign in; the secret goes by mail.
    pub identifier: String,
    /// Proof that it is kept.
    pub receipt: Receipt,
}

/// Founds an organism with its first administrator, whose secret waits to be made and sent.
pub async fn found(app: &App, new: &NewOrganism, first: &NewStaff) -> Result<Founded, Refused> {
    let mut tx =
        app.write(&app.job("init", None)).await?.permit(Permission::FoundOrganism, Scope::Installation)?;
    let organism: OrganismId = tx.new_id();
    store::insert_organism(&mut tx, organism, new).await?;
    let account: AccountId = tx.new_id();
    let identifier = identifier(app, &new.code);
    let office = Office::OrganismAdministrator;
    store::insert_staff(&mut tx, account, organism, office, &identifier, first).await?;
    let receipt = tx
        .commit([
            Fact::OrganismFounded { organism, code: new.code.clone() },
            Fact::StaffCreated { account, office: office.code() },
        ])
        .await?;
    Ok(Founded { organism, account, identifier, receipt })
}

/// Names one more person of an organism. Gives the account and its identifier.
pub async fn name_staff(
    app: &App,
    organism: OrganismId,
    code: &str,
    office: Office,
    new: &NewStaff,
) -> Result<(AccountId, String), Refused> {
    if office.is_of_a_partner() {
        return Err(DbError::Defect("an office of a partner is not of the staff".to_owned()).into());
    }
    let mut tx = app
        .write(&app.job("staff", Some(organism)))
        .await?
        .permit(Permission::FoundOrganism, Scope::Organism(organism))?;
    let account: AccountId = tx.new_id();
    let identifier = identifier(app, code);
    store::insert_staff(&mut tx, account, organism, office, &identifier, new).await?;
    let _receipt = tx.commit([Fact::StaffCreated { account, office: office.code() }]).await?;
    Ok((account, identifier))
}

/// The identifier of somebody of the organism: three letters or figures of its code, then what nobody guesses.
fn identifier(app: &App, code: &str) -> String {
    let prefix: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .flat_map(char::to_uppercase)
        .chain("ORG".chars())
        .take(3)
        .collect();
    format!("{prefix}-{}", app.kit().entropy.printed(6))
}
