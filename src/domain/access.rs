//! Who may do what: offices, permissions, the matrix that joins them, and the proof of a decision.
//!
//! Every rule of authorisation is a pure function here. A write begins with a [`Permit`], a read carries a
//! [`Visible`], and neither can be made anywhere else.

use std::net::IpAddr;

use super::id::{AccountId, CorrelationId, OrganismId, PartnerId};

mod matrix;

pub use matrix::{Permission, allows, allows_at};

/// What an actor is for the portal. A manager holds no service role by being a manager.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Office {
    /// Registers partners, opens services, fixes caps, names principals (001 art. 2.2.1).
    OrganismAdministrator,
    /// Reads the traces of the organism, holds those that an investigation needs, and nothing else.
    OrganismAuditor,
    /// Manages the staff of one partner inside the caps (001 art. 2.2.2).
    Principal,
    /// The same, but for what only the principal owes.
    Deputy,
    /// Holds roles of services, or is about to.
    User,
    /// A job of the program, or its command line.
    System,
    /// Somebody who has not signed in.
    Stranger,
}

impl Office {
    /// Every office, in the order of the matrix.
    pub const ALL: [Self; 7] = [
        Self::OrganismAdministrator,
        Self::OrganismAuditor,
        Self::Principal,
        Self::Deputy,
        Self::User,
        Self::System,
        Self::Stranger,
    ];

    /// The word kept in rows and traces.
    pub fn code(self) -> &'static str {
        match self {
            Self::OrganismAdministrator => "organism_administrator",
            Self::OrganismAuditor => "organism_auditor",
            Self::Principal => "principal",
            Self::Deputy => "deputy",
            Self::User => "user",
            Self::System => "system",
            Self::Stranger => "stranger",
        }
    }

    /// The office written in a row.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|office| office.code() == code)
    }

    /// Whether accounts of this office belong to a partner.
    pub fn is_of_a_partner(self) -> bool {
        self.administers_a_partner() || self == Self::User
    }

    /// Whether it manages the people of a partner: an office that the organism alone gives and takes.
    pub fn administers_a_partner(self) -> bool {
        matches!(self, Self::Principal | Self::Deputy)
    }
}

/// Who manages the people of a partner: their accounts, and what they hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The partner itself, by its principal (001 art. 2.2.2).
    Delegated,
    /// Its organism: the partner asks, the organism does (004 art. 4).
    Centralised,
}

impl Mode {
    /// Every mode, in the order in which forms offer them.
    pub const ALL: [Self; 2] = [Self::Delegated, Self::Centralised];

    /// The word kept in rows and sent by forms.
    pub fn code(self) -> &'static str {
        match self {
            Self::Delegated => "delegated",
            Self::Centralised => "centralised",
        }
    }

    /// The mode written in a row.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.code() == code)
    }

    /// Whether the partner manages its people itself.
    pub fn is_delegated(&self) -> bool {
        *self == Self::Delegated
    }
}

/// On whose data an act bears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The installation itself: before any organism is concerned.
    Installation,
    /// An organism as a whole.
    Organism(OrganismId),
    /// One partner of an organism, apart from its people.
    Partner(OrganismId, PartnerId),
    /// The people of one partner, which is of that mode.
    People(OrganismId, PartnerId, Mode),
    /// One's own account.
    Own,
}

/// Where a request came from, as traces keep it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// Address of the client, as the last trusted proxy gives it.
    pub source: Option<IpAddr>,
    /// Family of the browser (« Firefox »), never its full signature.
    pub agent: Option<&'static str>,
    /// Keyed hash of the session, for traces.
    pub session: Option<[u8; 32]>,
    /// Plain hash of the session's id: the key of its row. Never in a trace, which would let its readers find it.
    pub session_row: Option<[u8; 32]>,
    /// The form that is being sent, when what is typed in it may have been kept: its act ends that.
    pub form: Option<SentForm>,
}

/// A form that is being sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SentForm {
    /// Its route, as traces name it.
    pub route: &'static str,
    /// Its address.
    pub path: String,
}

/// The account behind an actor.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountRef {
    /// Its row.
    pub id: AccountId,
    /// What the person types to sign in.
    pub identifier: String,
    /// First name and name.
    pub name: String,
}

/// Somebody, or some job, who acts now.
#[derive(Clone, Debug)]
pub struct Actor {
    office: Office,
    organism: Option<OrganismId>,
    partner: Option<PartnerId>,
    account: Option<AccountRef>,
    job: Option<&'static str>,
    /// Where the request came from.
    pub origin: Origin,
    /// What ties together everything this request does.
    pub correlation: CorrelationId,
}

/// An actor was refused: it may not do this, or not there. Pages answer as if the object did not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{permission:?} is not allowed here")]
pub struct Denied {
    /// What was asked.
    pub permission: Permission,
}

impl Actor {
    /// A signed-in person. `partner` is given exactly for offices of a partner.
    pub fn person(
        office: Office,
        organism: OrganismId,
        partner: Option<PartnerId>,
        account: AccountRef,
        correlation: CorrelationId,
    ) -> Self {
        Self {
            office,
            organism: Some(organism),
            partner,
            account: Some(account),
            job: None,
            origin: Origin::default(),
            correlation,
        }
    }

    /// A job of the program, working for one organism or for the installation.
    pub fn system(job: &'static str, organism: Option<OrganismId>, correlation: CorrelationId) -> Self {
        Self {
            office: Office::System,
            organism,
            partner: None,
            account: None,
            job: Some(job),
            origin: Origin::default(),
            correlation,
        }
    }

    /// Somebody who has not signed in.
    pub fn stranger(correlation: CorrelationId) -> Self {
        Self {
            office: Office::Stranger,
            organism: None,
            partner: None,
            account: None,
            job: None,
            origin: Origin::default(),
            correlation,
        }
    }

    /// The same actor, seen from where the request came.
    #[must_use]
    pub fn from(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Its office.
    pub fn office(&self) -> Office {
        self.office
    }

    /// The organism for which it acts.
    pub fn organism(&self) -> Option<OrganismId> {
        self.organism
    }

    /// The partner for which it acts.
    pub fn partner(&self) -> Option<PartnerId> {
        self.partner
    }

    /// The person's account, if it is a person.
    pub fn account(&self) -> Option<&AccountRef> {
        self.account.as_ref()
    }

    /// The job's name, if it is a job.
    pub fn job(&self) -> Option<&'static str> {
        self.job
    }

    /// Whether the matrix allows it, wherever it may be: what menus and the door ask.
    pub fn may(&self, permission: Permission) -> bool {
        allows(self.office, permission)
    }

    /// Whether the matrix allows it at a partner of that mode: what its pages ask.
    pub fn may_at(&self, permission: Permission, mode: Mode) -> bool {
        allows_at(self.office, permission, mode)
    }

    /// Decides, and hands the proof over.
    pub fn require(&self, permission: Permission, scope: Scope) -> Result<Permit, Denied> {
        // Nobody acts on people without knowing who manages them.
        let allowed = match scope {
            Scope::People(_, _, mode) => self.may_at(permission, mode),
            _ => self.may(permission) && !permission.is_on_people(),
        };
        if allowed && self.reaches(scope) {
            Ok(Permit { permission, scope })
        } else {
            Err(Denied { permission })
        }
    }

    /// What this actor may see.
    pub fn sees(&self) -> Visible {
        Visible {
            organism: self.organism,
            partner: self.partner,
            account: self.account.as_ref().map(|a| a.id),
        }
    }

    fn reaches(&self, scope: Scope) -> bool {
        match scope {
            Scope::Installation => matches!(self.office, Office::System | Office::Stranger),
            Scope::Organism(organism) => {
                self.partner.is_none() && (self.organism == Some(organism) || self.is_installation_job())
            }
            Scope::Partner(organism, partner) | Scope::People(organism, partner, _) => {
                (self.organism == Some(organism) || self.is_installation_job())
                    && self.partner.is_none_or(|own| own == partner)
            }
            Scope::Own => self.account.is_some(),
        }
    }

    fn is_installation_job(&self) -> bool {
        self.office == Office::System && self.organism.is_none()
    }
}

/// Proof of a decision of [`Actor::require`]. Nothing else makes one.
#[derive(Clone, Copy, Debug)]
pub struct Permit {
    permission: Permission,
    scope: Scope,
}

impl Permit {
    /// What was allowed.
    pub fn permission(&self) -> Permission {
        self.permission
    }

    /// Where.
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// On which partner the act bears, if on one.
    pub fn partner(&self) -> Option<PartnerId> {
        match self.scope {
            Scope::Partner(_, partner) | Scope::People(_, partner, _) => Some(partner),
            Scope::Installation | Scope::Organism(_) | Scope::Own => None,
        }
    }
}

/// The bounds of what an actor sees: a statement looks rows up with them, so that the rest does not exist.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visible {
    organism: Option<OrganismId>,
    partner: Option<PartnerId>,
    account: Option<AccountId>,
}

impl Visible {
    /// Only rows of this organism; `None` sees no organism's rows at all.
    pub fn organism(self) -> Option<OrganismId> {
        self.organism
    }

    /// Only rows of this partner; `None` means every partner of the organism.
    pub fn partner(self) -> Option<PartnerId> {
        self.partner
    }

    /// Oneself.
    pub fn account(self) -> Option<AccountId> {
        self.account
    }
}

#[cfg(test)]
mod tests;
