//! Identifiers: one type a kind of row, so that a partner's id cannot stand where an account's is expected.
//! Nothing here makes an id: that is the business of the injected source of ids.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// A row's identifier, as the database keeps it.
pub trait RowId: Copy + Eq + fmt::Display + FromStr + Send + Sync + 'static {
    /// Wraps an identifier read from a row, or just made.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The identifier as the database keeps it.
    fn as_uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl RowId for $name {
            fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            fn as_uuid(self) -> Uuid { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.hyphenated().fmt(f) }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::try_parse(text).map(Self) }
        }
    )+};
}

ids! {
    /// An organism: a CAF, an MSA caisse.
    OrganismId,
    /// A partner: the relation of one organism with one legal entity.
    PartnerId,
    /// An account of one person, for one partner or one organism.
    AccountId,
    /// A service opened on files (CDAP).
    ServiceId,
    /// A role of a service.
    RoleId,
    /// A membership form: one partner, one service.
    MembershipId,
    /// A mission written in a membership.
    MissionId,
    /// A grant: one role to one person, inside a perimeter.
    GrantId,
    /// A circonscription: a named part of a partner's territory.
    CirconscriptionId,
    /// A group of users of one partner.
    GroupId,
    /// A role given to a group.
    GroupGrantId,
    /// A request for a higher cap.
    CapRequestId,
    /// A yearly review of a partner's holdings.
    ReviewId,
    /// A letter that was printed.
    LetterId,
    /// A consultation: the opaque number under which one session reads one file.
    ConsultationId,
    /// What was typed in a form that was not sent.
    KeptFormId,
    /// A version of an organism's files.
    LoadId,
    /// A mail waiting to leave.
    MailId,
    /// A legal hold on traces.
    HoldId,
    /// A use that a rule found atypical.
    SignalId,
    /// A person whose every look-up is shown to the auditor, for a time.
    SurveillanceId,
    /// A request that a partner justify what one of its people did.
    JustificationId,
    /// A trace.
    TraceId,
    /// An export of traces.
    TraceExportId,
    /// A request for traces.
    TraceRequestId,
    /// A mail about a request for traces.
    TraceNoticeId,
    /// A search of traces that somebody keeps.
    TraceSearchId,
    /// What ties together everything that one request did.
    CorrelationId,
}
