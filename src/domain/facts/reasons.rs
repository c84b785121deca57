//! What a fact says beside itself: why it was refused, how it ended, on which file. Words kept in bodies for ever.

use serde::Serialize;

use crate::domain::id::GroupId;

/// A file in a trace: found again by its hash, read again by who has the key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FileMark {
    /// Keyed hash of the number, in hexadecimal.
    pub hash: String,
    /// The number encrypted, in hexadecimal.
    pub sealed: String,
}

/// A group in a trace, with the name that it had.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct GroupMark {
    /// Which.
    pub id: GroupId,
    /// What it was called.
    pub name: String,
}

/// Why a sign-in was refused. The page never says which.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignInRefusal {
    /// No account has this identifier.
    UnknownIdentifier,
    /// The password or one-time secret is wrong.
    WrongSecret,
    /// The one-time secret is past its date.
    SecretExpired,
    /// The account is suspended.
    Suspended,
    /// Too many failures: the delay has not passed.
    Delayed,
}

/// Why a session ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEnd {
    /// The person signed out.
    SignOut,
    /// Thirty minutes without entry.
    Idle,
    /// Twelve hours.
    TooOld,
    /// The account is suspended, or its secret was made again.
    Revoked,
    /// The person ended it from another session, or changed the password there.
    Elsewhere,
}

/// Why a form that was kept is kept no more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptFormEnd {
    /// It was sent at last.
    Sent,
    /// The person erased it.
    Erased,
}

/// What a look-up gave. The person who asked sees one answer for all but the first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUp {
    /// The file opens.
    Opened,
    /// The organism has no such file.
    Unknown,
    /// The file is outside every perimeter of the person.
    OutsidePerimeter,
    /// The service is not open to the partner.
    ServiceClosed,
    /// The service is open at other hours; nothing was looked up.
    OutOfHours,
    /// The source of files did not answer.
    SourceFailed,
}

/// Why a page was not given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It does not exist, or not for this person.
    NotFound,
    /// The form came from another site, or without its token.
    CrossSite,
    /// What was typed cannot be taken.
    Unacceptable,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// Too many requests.
    TooMany,
    /// The service is open at other hours.
    OutOfHours,
    /// Anything else.
    Other,
}

/// Why a grant was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantRefusal {
    /// The cap of the service is reached.
    ServiceCap,
    /// The cap of the role is reached.
    RoleCap,
    /// The perimeter asked for is wider than the membership's.
    Perimeter,
    /// The person already holds the role.
    AlreadyHeld,
    /// The dates do not follow one another.
    Dates,
    /// The service is given by circonscription, and none was named.
    Circonscription,
}

/// Which of the two letters: never both in one envelope.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LetterKind {
    /// The one that tells an identifier.
    Identifier,
    /// The one that brings a code.
    Secret,
}

impl LetterKind {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Identifier => "identifier",
            Self::Secret => "secret",
        }
    }
}

/// How an act ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done, or shown.
    Done,
    /// It was refused.
    Refused,
    /// It could not be done.
    Failed,
}

impl Outcome {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome written in a row.
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Done, Self::Refused, Self::Failed].into_iter().find(|outcome| outcome.code() == code)
    }
}
