//! The closed list of what is traced, and how a fact becomes the canonical text that is kept.
//!
//! A fact never holds a session id, a password, a token or the content of a file. File numbers arrive here
//! already as a keyed hash (for search) and a cipher (for display). Nothing here writes: `db` does.

use serde::Serialize;
use serde_json::{Map, Value};

use super::access::{Actor, Office};
use super::day::Day;
use super::id::{
    AccountId, CapRequestId, CorrelationId, GrantId, LoadId, MembershipId, OrganismId, PartnerId, RoleId,
    RowId as _, TraceId,
};
use super::time::Timestamp;

/// A file in a trace: found again by its hash, read again by who has the key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FileMark {
    /// Keyed hash of the number, in hexadecimal.
    pub hash: String,
    /// The number encrypted, in hexadecimal.
    pub sealed: String,
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

/// Who may read a trace beside the organism.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The partner concerned, and the organism.
    Partner,
    /// The organism only.
    Organism,
}

impl Audience {
    /// The word kept in rows.
    pub fn code(self) -> &'static str {
        match self {
            Self::Partner => "partner",
            Self::Organism => "organism",
        }
    }
}

/// Everything that leaves a trace. Adding a variant asks for its code, its outcome and a sample in the golden file.
#[derive(Clone, PartialEq, Debug, Serialize)]
#[serde(untagged)]
pub enum Fact {
    /// Somebody signed in.
    SignedIn {
        /// By the one-time secret: a password must be chosen next.
        one_time: bool,
    },
    /// A sign-in was refused.
    SignInRefused {
        /// The account, when the identifier is one.
        account: Option<AccountId>,
        /// Its partner.
        #[serde(skip)]
        partner: Option<PartnerId>,
        /// Its organism.
        #[serde(skip)]
        organism: Option<OrganismId>,
        /// Keyed hash of what was typed: people type passwords there.
        identifier_hash: String,
        /// The true reason.
        cause: SignInRefusal,
    },
    /// Attempts beyond the budget of their source, counted together.
    SignInsThrottled {
        /// How many, since the last such trace.
        count: u32,
    },
    /// A session ended.
    SessionEnded {
        /// Why.
        cause: SessionEnd,
    },
    /// A person chose a password.
    PasswordChosen {
        /// The first one, in place of the one-time secret.
        first: bool,
    },
    /// A page was shown.
    PageRead {
        /// The route, never the address: no number of the page's matter.
        route: String,
        /// The row it is about, if it is about one.
        subject: Option<String>,
    },
    /// A page or an act was refused.
    PageRefused {
        /// The route.
        route: String,
        /// Why.
        cause: Refusal,
        /// The status answered.
        status: u16,
    },
    /// An answer that had been announced by a trace was withheld («non remise»).
    AnswerWithheld {
        /// The correlation of the trace that announced it.
        announced: CorrelationId,
    },
    /// An organism was created.
    OrganismFounded {
        /// Which.
        organism: OrganismId,
        /// Its code.
        code: String,
    },
    /// An account of the organism was created.
    StaffCreated {
        /// Whose.
        account: AccountId,
        /// Its office.
        office: &'static str,
    },
    /// A password was set by the demonstration, which prints it.
    DemonstrationPasswordSet {
        /// Whose.
        account: AccountId,
    },
    /// A partner was registered.
    PartnerRegistered {
        /// Which.
        partner: PartnerId,
        /// Its SIRET.
        siret: String,
        /// Its convention.
        convention: String,
    },
    /// The identity or contacts of a partner were corrected.
    PartnerCorrected {
        /// Which.
        partner: PartnerId,
        /// What changed: name of the field, before, after.
        changes: Vec<(String, String, String)>,
    },
    /// A membership form was opened.
    MembershipOpened {
        /// Which.
        membership: MembershipId,
        /// Of whom.
        partner: PartnerId,
        /// For what service.
        service: String,
        /// Where.
        perimeter: String,
        /// How many people at most.
        cap: u32,
    },
    /// A membership's conditions, missions or perimeter changed.
    MembershipChanged {
        /// Which.
        membership: MembershipId,
        /// Of whom.
        partner: PartnerId,
        /// For what service.
        service: String,
        /// What changed: name of the field, before, after.
        changes: Vec<(String, String, String)>,
    },
    /// A cap was fixed.
    CapFixed {
        /// Which membership.
        membership: MembershipId,
        /// Of whom.
        partner: PartnerId,
        /// For what service.
        service: String,
        /// One role, or the service as a whole.
        role: Option<RoleId>,
        /// Before.
        before: Option<u32>,
        /// After.
        after: Option<u32>,
    },
    /// A higher cap was asked for.
    CapRequested {
        /// The request.
        request: CapRequestId,
        /// Which membership.
        membership: MembershipId,
        /// For what service.
        service: String,
        /// One role, or the service as a whole.
        role: Option<RoleId>,
        /// How many people.
        wanted: u32,
    },
    /// A request for a higher cap was answered.
    CapRequestAnswered {
        /// The request.
        request: CapRequestId,
        /// Of whom.
        partner: PartnerId,
        /// Whether it was accepted.
        accepted: bool,
    },
    /// The principal of a partner was created.
    PrincipalCreated {
        /// Whose account.
        account: AccountId,
        /// Of which partner.
        partner: PartnerId,
        /// The printable identifier.
        identifier: String,
    },
    /// A user was created.
    UserCreated {
        /// Whose account.
        account: AccountId,
        /// The printable identifier.
        identifier: String,
    },
    /// A user was suspended: his sessions end at their next request.
    UserSuspended {
        /// Whose account.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// A suspension was lifted.
    UserReactivated {
        /// Whose account.
        account: AccountId,
    },
    /// Another secret was asked for.
    SecretAsked {
        /// For whose account.
        account: AccountId,
        /// Of which partner, if of one.
        partner: Option<PartnerId>,
    },
    /// A one-time secret was made, at the moment it is sent.
    SecretIssued {
        /// For whose account.
        account: AccountId,
        /// Of which partner, if of one.
        partner: Option<PartnerId>,
    },
    /// A mail was handed to the mail server.
    MailSent {
        /// For whose account.
        account: AccountId,
        /// Of which partner, if of one.
        partner: Option<PartnerId>,
    },
    /// A mail could not be handed over.
    MailFailed {
        /// For whose account.
        account: AccountId,
        /// Of which partner, if of one.
        partner: Option<PartnerId>,
        /// How many times it was tried.
        attempts: u32,
    },
    /// A role was granted.
    RoleGranted {
        /// The grant.
        grant: GrantId,
        /// To whom.
        account: AccountId,
        /// Which membership.
        membership: MembershipId,
        /// Of what service.
        service: String,
        /// Which role.
        role: String,
        /// Where.
        perimeter: String,
        /// From.
        starts_on: Day,
        /// To, that day included.
        ends_on: Option<Day>,
    },
    /// A grant was refused.
    GrantRefused {
        /// To whom.
        account: AccountId,
        /// Of what service.
        service: String,
        /// Which role.
        role: String,
        /// Why.
        cause: GrantRefusal,
    },
    /// A role was withdrawn: its place is free.
    RoleRevoked {
        /// The grant.
        grant: GrantId,
        /// From whom.
        account: AccountId,
        /// Of what service.
        service: String,
        /// Which role.
        role: String,
        /// Why.
        reason: String,
    },
    /// A file was looked up.
    FileLookedUp {
        /// Which.
        file: FileMark,
        /// By which service.
        service: String,
        /// The mission declared.
        mission: String,
        /// What it gave.
        result: LookUp,
    },
    /// A file was read.
    FileRead {
        /// Which.
        file: FileMark,
        /// By which service.
        service: String,
        /// The mission declared.
        mission: String,
        /// The rubrics shown.
        rubrics: Vec<String>,
        /// The grants that allowed it.
        grants: Vec<GrantId>,
        /// The same page was shown before in this consultation.
        again: bool,
    },
    /// Some files of a version not yet visible were written.
    FilesStaged {
        /// Which version.
        load: LoadId,
        /// Of whom.
        organism: OrganismId,
        /// How many in this batch.
        files: u64,
    },
    /// Files of a version no longer visible were erased.
    FilesErased {
        /// Which version.
        load: LoadId,
        /// Of whom.
        organism: OrganismId,
        /// How many in this batch.
        files: u64,
    },
    /// A version of the files was made visible.
    FilesLoaded {
        /// Which version.
        load: LoadId,
        /// Of whom.
        organism: OrganismId,
        /// How many files.
        files: u64,
    },
    /// Traces are durable again after a suspension of the service.
    ServiceResumed {
        /// Since when nothing could be traced.
        suspended_at: String,
        /// Answers withheld meanwhile although their trace had been kept.
        withheld: u32,
    },
    /// Rows that serve no more were erased.
    Tidied {
        /// Of which table.
        what: String,
        /// How many.
        rows: u64,
    },
    /// Traces were read.
    TracesRead {
        /// From that day.
        from: Day,
        /// To that day.
        to: Day,
        /// Whose, if one person's.
        person: Option<String>,
        /// Which action, if one.
        action: Option<String>,
        /// How many rows were shown.
        shown: u32,
    },
}

impl Fact {
    /// The word kept in rows, for ever.
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "sign_in.done",
            Self::SignInRefused { .. } => "sign_in.refused",
            Self::SignInsThrottled { .. } => "sign_in.throttled",
            Self::SessionEnded { .. } => "session.ended",
            Self::PasswordChosen { .. } => "password.chosen",
            Self::PageRead { .. } => "page.read",
            Self::PageRefused { .. } => "page.refused",
            Self::AnswerWithheld { .. } => "answer.withheld",
            Self::OrganismFounded { .. } => "organism.founded",
            Self::StaffCreated { .. } => "staff.created",
            Self::DemonstrationPasswordSet { .. } => "password.demonstration",
            Self::PartnerRegistered { .. } => "partner.registered",
            Self::PartnerCorrected { .. } => "partner.corrected",
            Self::MembershipOpened { .. } => "membership.opened",
            Self::MembershipChanged { .. } => "membership.changed",
            Self::CapFixed { .. } => "cap.fixed",
            Self::CapRequested { .. } => "cap.requested",
            Self::CapRequestAnswered { .. } => "cap.answered",
            Self::PrincipalCreated { .. } => "principal.created",
            Self::UserCreated { .. } => "user.created",
            Self::UserSuspended { .. } => "user.suspended",
            Self::UserReactivated { .. } => "user.reactivated",
            Self::SecretAsked { .. } => "secret.asked",
            Self::SecretIssued { .. } => "secret.issued",
            Self::MailSent { .. } => "mail.sent",
            Self::MailFailed { .. } => "mail.failed",
            Self::RoleGranted { .. } => "grant.made",
            Self::GrantRefused { .. } => "grant.refused",
            Self::RoleRevoked { .. } => "grant.revoked",
            Self::FileLookedUp { .. } => "file.looked_up",
            Self::FileRead { .. } => "file.read",
            Self::FilesStaged { .. } => "files.staged",
            Self::FilesErased { .. } => "files.erased",
            Self::FilesLoaded { .. } => "files.loaded",
            Self::ServiceResumed { .. } => "service.resumed",
            Self::Tidied { .. } => "rows.tidied",
            Self::TracesRead { .. } => "traces.read",
        }
    }

    /// How the act ended.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::FileLookedUp { result: LookUp::Opened, .. } => Outcome::Done,
            Self::FileLookedUp { result: LookUp::SourceFailed, .. }
            | Self::MailFailed { .. }
            | Self::AnswerWithheld { .. } => Outcome::Failed,
            Self::FileLookedUp { .. }
            | Self::SignInRefused { .. }
            | Self::SignInsThrottled { .. }
            | Self::PageRefused { .. }
            | Self::GrantRefused { .. } => Outcome::Refused,
            _ => Outcome::Done,
        }
    }

    /// The partner that the fact is about, when its actor is not of that partner.
    fn partner(&self) -> Option<PartnerId> {
        match self {
            Self::PartnerRegistered { partner, .. }
            | Self::PartnerCorrected { partner, .. }
            | Self::MembershipOpened { partner, .. }
            | Self::MembershipChanged { partner, .. }
            | Self::CapFixed { partner, .. }
            | Self::CapRequestAnswered { partner, .. }
            | Self::PrincipalCreated { partner, .. } => Some(*partner),
            Self::SignInRefused { partner, .. }
            | Self::SecretAsked { partner, .. }
            | Self::SecretIssued { partner, .. }
            | Self::MailSent { partner, .. }
            | Self::MailFailed { partner, .. } => *partner,
            _ => None,
        }
    }

    /// The organism that the fact is about, when its actor is of none.
    fn organism(&self) -> Option<OrganismId> {
        match self {
            Self::OrganismFounded { organism, .. }
            | Self::FilesStaged { organism, .. }
            | Self::FilesErased { organism, .. }
            | Self::FilesLoaded { organism, .. } => Some(*organism),
            Self::SignInRefused { organism, .. } => *organism,
            _ => None,
        }
    }

    /// The account that the fact is about, when it is not the actor's own.
    fn subject(&self) -> Option<AccountId> {
        match self {
            Self::SignInRefused { account, .. } => *account,
            Self::StaffCreated { account, .. }
            | Self::DemonstrationPasswordSet { account }
            | Self::PrincipalCreated { account, .. }
            | Self::UserCreated { account, .. }
            | Self::UserSuspended { account, .. }
            | Self::UserReactivated { account }
            | Self::SecretAsked { account, .. }
            | Self::SecretIssued { account, .. }
            | Self::MailSent { account, .. }
            | Self::MailFailed { account, .. }
            | Self::RoleGranted { account, .. }
            | Self::GrantRefused { account, .. }
            | Self::RoleRevoked { account, .. } => Some(*account),
            _ => None,
        }
    }
}

/// A fact with who did it, when and how long it took: what the ledger is given.
#[derive(Clone, Debug)]
pub struct Happening {
    /// The actor.
    pub actor: Actor,
    /// What happened.
    pub fact: Fact,
    /// When.
    pub at: Timestamp,
    /// Time from the arrival of the request until the trace was handed over.
    pub took: Option<time::Duration>,
}

/// A trace in its final form, all but its secret parts (salt, key, MAC), which `db` adds.
#[derive(Clone, PartialEq, Debug)]
pub struct Trace {
    /// First part of the key: the month of `at` in UTC, `yyyymm`.
    pub month: i32,
    /// Second part of the key.
    pub id: TraceId,
    /// When it happened.
    pub at: Timestamp,
    /// Code of the fact.
    pub fact: &'static str,
    /// Who reads it.
    pub audience: Audience,
    /// The organism concerned; none for attempts that name no account.
    pub organism: Option<OrganismId>,
    /// The partner concerned.
    pub partner: Option<PartnerId>,
    /// The day before which it may not be erased.
    pub keep_until: Day,
    /// The canonical text.
    pub body: String,
}

/// Traces are kept six calendar months (001 art. 5.3.2).
pub const KEPT_MONTHS: u16 = 6;

impl Trace {
    /// Writes a happening down.
    pub fn of(id: TraceId, happening: &Happening) -> Self {
        let Happening { actor, fact, at, .. } = happening;
        let partner = fact.partner().or(actor.partner());
        Self {
            month: at.month(),
            id,
            at: *at,
            fact: fact.code(),
            audience: if partner.is_some() { Audience::Partner } else { Audience::Organism },
            organism: fact.organism().or(actor.organism()),
            partner,
            keep_until: keep_until(*at),
            body: body(happening, partner),
        }
    }

    /// The bytes of the header, which the MAC covers together with the body.
    pub fn header(&self, salt: &[u8; 16], key: i32) -> Vec<u8> {
        header(&Header {
            id: self.id,
            at: self.at,
            fact: self.fact,
            audience: self.audience.code(),
            organism: self.organism,
            partner: self.partner,
            keep_until: self.keep_until,
            salt,
            key,
        })
    }
}

/// What stands beside the body of a trace, as a row gives it back.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// The trace.
    pub id: TraceId,
    /// When.
    pub at: Timestamp,
    /// Code of the fact.
    pub fact: &'a str,
    /// Code of the audience.
    pub audience: &'a str,
    /// The organism concerned.
    pub organism: Option<OrganismId>,
    /// The partner concerned.
    pub partner: Option<PartnerId>,
    /// The day before which it may not be erased.
    pub keep_until: Day,
    /// Random bytes that make the commitment opaque.
    pub salt: &'a [u8],
    /// Number of the key of the MAC.
    pub key: i32,
}

/// The canonical bytes of a header: a version, then each part preceded by its length.
pub fn header(header: &Header<'_>) -> Vec<u8> {
    let uuid = |id: Option<uuid::Uuid>| id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let parts: [Vec<u8>; 9] = [
        uuid(Some(header.id.as_uuid())),
        header.at.micros().to_be_bytes().to_vec(),
        header.fact.as_bytes().to_vec(),
        header.audience.as_bytes().to_vec(),
        uuid(header.organism.map(super::id::RowId::as_uuid)),
        uuid(header.partner.map(super::id::RowId::as_uuid)),
        header.keep_until.to_string().into_bytes(),
        header.salt.to_vec(),
        header.key.to_be_bytes().to_vec(),
    ];
    let mut bytes = vec![1];
    for part in parts {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(&part);
    }
    bytes
}

/// Six months from the latest day that any time zone shows at that instant: never a day too early for anyone.
fn keep_until(at: Timestamp) -> Day {
    Day::from(at.plus(time::Duration::hours(14)).instant().date()).plus_months(KEPT_MONTHS)
}

/// The canonical body: a JSON object whose keys are sorted at every level, without spaces.
fn body(happening: &Happening, partner: Option<PartnerId>) -> String {
    let Happening { actor, fact, took, .. } = happening;
    let mut body = Map::new();
    body.insert("actor".to_owned(), actor_part(actor));
    body.insert("correlation".to_owned(), Value::from(actor.correlation.to_string()));
    body.insert("object".to_owned(), serde_json::to_value(fact).unwrap_or(Value::Null));
    body.insert("outcome".to_owned(), Value::from(fact.outcome().code()));
    if let Some(partner) = partner {
        body.insert("partner".to_owned(), Value::from(partner.to_string()));
    }
    if let Some(subject) = fact.subject() {
        body.insert("subject".to_owned(), Value::from(subject.to_string()));
    }
    let mut origin = Map::new();
    if let Some(source) = actor.origin.source {
        origin.insert("source".to_owned(), Value::from(source.to_string()));
    }
    if let Some(agent) = actor.origin.agent {
        origin.insert("agent".to_owned(), Value::from(agent));
    }
    if let Some(session) = actor.origin.session {
        origin.insert("session".to_owned(), Value::from(hexadecimal(&session)));
    }
    body.insert("origin".to_owned(), Value::Object(origin));
    if let Some(took) = took {
        body.insert(
            "took_us".to_owned(),
            Value::from(i64::try_from(took.whole_microseconds()).unwrap_or(i64::MAX)),
        );
    }
    Value::Object(body).to_string()
}

fn actor_part(actor: &Actor) -> Value {
    let mut part = Map::new();
    part.insert("office".to_owned(), Value::from(actor.office().code()));
    if let Some(account) = actor.account() {
        part.insert("account".to_owned(), Value::from(account.id.to_string()));
        part.insert("identifier".to_owned(), Value::from(account.identifier.clone()));
        part.insert("name".to_owned(), Value::from(account.name.clone()));
    }
    if let (Office::System, Some(job)) = (actor.office(), actor.job()) {
        part.insert("job".to_owned(), Value::from(job));
    }
    Value::Object(part)
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| DIGITS.get(usize::from(digit)))
        .collect()
}

/// The columns that search uses: recomputed from the body, so that an edited column is found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchColumns {
    /// Who acted.
    pub actor: Option<AccountId>,
    /// On whose account.
    pub subject: Option<AccountId>,
    /// In which session, as its keyed hash.
    pub session: Option<Vec<u8>>,
    /// On which file, as its keyed hash.
    pub file: Option<Vec<u8>>,
    /// How it ended.
    pub outcome: String,
    /// By which service.
    pub service: Option<String>,
    /// From where.
    pub source: Option<String>,
    /// What ties the request's traces together.
    pub correlation: Option<CorrelationId>,
}

impl SearchColumns {
    /// Reads them in a body; `None` when it is not a body.
    pub fn of(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let text = |path: &[&str]| {
            path.iter().try_fold(&body, |at, key| at.get(*key)).and_then(Value::as_str).map(str::to_owned)
        };
        let bytes = |path: &[&str]| text(path).and_then(|hex| from_hexadecimal(&hex));
        Some(Self {
            actor: text(&["actor", "account"]).and_then(|id| id.parse().ok()),
            subject: text(&["subject"]).and_then(|id| id.parse().ok()),
            session: bytes(&["origin", "session"]),
            file: bytes(&["object", "file", "hash"]),
            outcome: text(&["outcome"])?,
            service: text(&["object", "service"]),
            source: text(&["origin", "source"]),
            correlation: text(&["correlation"]).and_then(|id| id.parse().ok()),
        })
    }
}

fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}
