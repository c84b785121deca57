//! The closed list of what is traced: the facts, what each says, and whom it concerns.
//!
//! A fact never holds a session id, a password, a token or the content of a file. File numbers arrive here
//! already as a keyed hash (for search) and a cipher (for display). How a fact is written down is `trace`'s.

use serde::Serialize;

use super::access::Mode;
use super::day::Day;
use super::holds::Matter;
use super::id::{
    AccountId, CapRequestId, CirconscriptionId, CorrelationId, GrantId, GroupGrantId, HoldId,
    JustificationId, LoadId, MembershipId, OrganismId, PartnerId, ReviewId, RoleId, SignalId, SurveillanceId,
    TraceExportId, TraceId, TraceRequestId, TraceSearchId,
};
use super::trace_export::{Failure, Format};

mod bearing;
mod reasons;

pub use reasons::{
    FileMark, GrantRefusal, GroupMark, KeptFormEnd, LetterKind, LookUp, Outcome, Refusal, SessionEnd,
    SignInRefusal,
};

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
    /// Requests of one session beyond its budget, counted together.
    RequestsThrottled {
        /// How many, since the last such trace.
        count: u32,
    },
    /// A session ended.
    SessionEnded {
        /// Why.
        cause: SessionEnd,
    },
    /// A person ended one of his other sessions.
    SessionClosed {
        /// Which, as its own traces name it.
        session: String,
    },
    /// What was typed in a form was kept, because the session ended, or was about to, before it was sent.
    FormKept {
        /// The route of the form. What was typed is never in a trace.
        route: String,
    },
    /// A form was shown again with what had been kept of it.
    FormResumed {
        /// The route of the form.
        route: String,
    },
    /// What was kept of a form was erased.
    FormErased {
        /// The route of the form.
        route: String,
        /// Why.
        cause: KeptFormEnd,
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
        /// Who manages its people; not written when it does itself.
        #[serde(skip_serializing_if = "Mode::is_delegated")]
        mode: Mode,
    },
    /// The identity or contacts of a partner were corrected.
    PartnerCorrected {
        /// Which.
        partner: PartnerId,
        /// What changed: name of the field, before, after.
        changes: Vec<(String, String, String)>,
    },
    /// From which addresses the people of a partner are expected was declared.
    NetworkDeclared {
        /// Of whom.
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
    /// A circonscription was drawn.
    CirconscriptionDrawn {
        /// Which.
        circonscription: CirconscriptionId,
        /// Of whom.
        partner: PartnerId,
        /// Its name.
        name: String,
        /// Where.
        perimeter: String,
    },
    /// A circonscription was named or drawn again: the grants made there reach where it does now.
    CirconscriptionRedrawn {
        /// Which.
        circonscription: CirconscriptionId,
        /// Of whom.
        partner: PartnerId,
        /// What changed: name of the field, before, after.
        changes: Vec<(String, String, String)>,
        /// How many grants follow it.
        grants: u64,
    },
    /// The principal of a partner was created, or somebody became it.
    PrincipalCreated {
        /// Whose account.
        account: AccountId,
        /// Of which partner.
        partner: PartnerId,
        /// The printable identifier.
        identifier: String,
    },
    /// The deputy of a partner was created, or somebody became it.
    DeputyCreated {
        /// Whose account.
        account: AccountId,
        /// Of which partner.
        partner: PartnerId,
        /// The printable identifier.
        identifier: String,
    },
    /// A principal or a deputy left his office to another: he is a user like others, suspended.
    AdministratorReplaced {
        /// Whose account.
        account: AccountId,
        /// Of which partner.
        partner: PartnerId,
        /// Who comes after him.
        by: AccountId,
    },
    /// A user was created.
    UserCreated {
        /// Whose account.
        account: AccountId,
        /// The printable identifier.
        identifier: String,
    },
    /// Somebody was suspended: his sessions end at their next request, forms kept for him are erased.
    UserSuspended {
        /// Whose account.
        account: AccountId,
        /// Of which partner.
        #[serde(skip)]
        partner: PartnerId,
        /// Why.
        reason: String,
    },
    /// A suspension was lifted.
    UserReactivated {
        /// Whose account.
        account: AccountId,
        /// Of which partner.
        #[serde(skip)]
        partner: PartnerId,
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
    /// The statements of a month were made, to be sent.
    StatementsMade {
        /// The first day of the month.
        month: Day,
        /// How many.
        rows: u64,
    },
    /// The statement of a month, with the checkpoint of the log, is about to be handed to the mail server.
    StatementIssued {
        /// For whose account.
        account: AccountId,
        /// Of which partner, if of one.
        partner: Option<PartnerId>,
        /// The first day of the month.
        month: Day,
    },
    /// A role was granted.
    RoleGranted {
        /// The grant.
        grant: GrantId,
        /// To whom.
        account: AccountId,
        /// Of which partner.
        #[serde(skip)]
        partner: PartnerId,
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
        /// By which group, if not directly.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<GroupMark>,
    },
    /// A grant was refused.
    GrantRefused {
        /// To whom.
        account: AccountId,
        /// Of which partner.
        #[serde(skip)]
        partner: PartnerId,
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
        /// Of which partner.
        #[serde(skip)]
        partner: PartnerId,
        /// Of what service.
        service: String,
        /// Which role.
        role: String,
        /// Why.
        reason: String,
        /// By which group he held it, if not directly.
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<GroupMark>,
    },
    /// A group was made.
    GroupCreated {
        /// Which.
        group: GroupMark,
        /// For what.
        purpose: String,
    },
    /// A group was named or described anew.
    GroupChanged {
        /// Which.
        group: GroupMark,
        /// What changed: name of the field, before, after.
        changes: Vec<(String, String, String)>,
    },
    /// A group serves no more.
    GroupArchived {
        /// Which.
        group: GroupMark,
    },
    /// Somebody came into a group.
    GroupJoined {
        /// Which.
        group: GroupMark,
        /// Who.
        account: AccountId,
    },
    /// Somebody left a group.
    GroupLeft {
        /// Which.
        group: GroupMark,
        /// Who.
        account: AccountId,
        /// Of which partner.
        #[serde(skip)]
        partner: PartnerId,
        /// Why.
        reason: String,
    },
    /// A role was given to a group; each of its members has a fact of his own.
    GroupRoleGranted {
        /// The grant.
        grant: GroupGrantId,
        /// To which.
        group: GroupMark,
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
    /// A role was refused to a group, or its members to be: nobody got it.
    GroupRoleRefused {
        /// To which.
        group: GroupMark,
        /// Of what service.
        service: String,
        /// Which role, where one alone is at stake.
        role: Option<String>,
        /// Why.
        cause: GrantRefusal,
    },
    /// A role was withdrawn from a group; each of its members has a fact of his own.
    GroupRoleRevoked {
        /// The grant.
        grant: GroupGrantId,
        /// From which.
        group: GroupMark,
        /// Of what service.
        service: String,
        /// Which role.
        role: String,
        /// Why.
        reason: String,
    },
    /// The yearly review of a partner was opened.
    ReviewOpened {
        /// Which.
        review: ReviewId,
        /// Of which year.
        year: i32,
    },
    /// A right was confirmed in a review.
    HoldingConfirmed {
        /// Which review.
        review: ReviewId,
        /// The grant.
        grant: GrantId,
        /// Whose.
        account: AccountId,
        /// Of which partner.
        partner: PartnerId,
        /// Of what service.
        service: String,
        /// Which role.
        role: String,
    },
    /// A right was withdrawn in a review: its place is free.
    HoldingWithdrawn {
        /// Which review.
        review: ReviewId,
        /// The grant.
        grant: GrantId,
        /// From whom.
        account: AccountId,
        /// Of which partner.
        partner: PartnerId,
        /// Of what service.
        service: String,
        /// Which role.
        role: String,
    },
    /// A review was transmitted to the organism.
    ReviewTransmitted {
        /// Which.
        review: ReviewId,
        /// Of which year.
        year: i32,
        /// Rights confirmed.
        confirmed: u32,
        /// Rights withdrawn.
        withdrawn: u32,
        /// SHA-256 of the transmitted text, in hexadecimal.
        digest: String,
    },
    /// The postal address of somebody was written.
    AddressWritten {
        /// Whose account.
        account: AccountId,
        /// Of which partner, if of one.
        partner: Option<PartnerId>,
    },
    /// A letter was printed.
    LetterPrinted {
        /// For whose account.
        account: AccountId,
        /// Of which partner, if of one.
        partner: Option<PartnerId>,
        /// Which letter.
        letter: LetterKind,
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
    /// The log beats: once a minute, so that its silence shows.
    LogBeat {
        /// How many times so far.
        beats: i64,
    },
    /// The log had not beaten for too long.
    LogSilent {
        /// Since when.
        from: String,
        /// Whether the portal had said that it would stop.
        announced: bool,
    },
    /// A node of the portal stops, as it was asked to.
    ServiceStopped {
        /// How many times the log had beaten.
        beats: i64,
    },
    /// The second sink fails: what is traced stays here only.
    SinkFailed {
        /// How.
        cause: String,
    },
    /// The second sink takes what it is given again.
    SinkReturned {
        /// Since when it had failed.
        failed_at: String,
    },
    /// The key of a month's bodies at the second sink was destroyed: all its traces are past their day.
    SinkKeyDestroyed {
        /// Which month, `yyyymm`.
        month: i32,
    },
    /// Rows that serve no more were erased.
    Tidied {
        /// Of which table.
        what: String,
        /// How many.
        rows: u64,
    },
    /// Personal data that had been kept as long as it must was erased.
    Expired {
        /// Of which table.
        what: String,
        /// How many rows.
        rows: u64,
        /// The last day that was due.
        until: Day,
    },
    /// A trace was found altered before it could be sealed: it never will be.
    SealRefused {
        /// Which.
        trace: TraceId,
        /// What does not hold.
        what: String,
    },
    /// Traces whose day had come were erased; their leaves stay.
    TracesErased {
        /// Number of the log.
        log: i32,
        /// Rank of the first of them.
        first: i64,
        /// Rank of the last; what is held between the two stays.
        last: i64,
        /// How many.
        rows: u64,
        /// The last day before which one of them could not be erased.
        until: Day,
    },
    /// A block of leaves, all of them past their day, was folded into its root.
    LeavesFolded {
        /// Number of the log.
        log: i32,
        /// Rank of its first leaf.
        first: i64,
        /// Rank of its last.
        last: i64,
        /// The last day of its leaves.
        until: Day,
    },
    /// Traces are held beyond their day.
    HoldPlaced {
        /// Which hold.
        hold: HoldId,
        /// Which traces.
        matter: Matter,
        /// On what ground.
        basis: String,
        /// What for.
        reason: String,
        /// When it must be looked at again.
        review_on: Day,
    },
    /// A hold was looked at again, and prolonged.
    HoldProlonged {
        /// Which hold.
        hold: HoldId,
        /// Why.
        reason: String,
        /// When it must be looked at next.
        review_on: Day,
    },
    /// A hold was released: traces past their day go.
    HoldReleased {
        /// Which hold.
        hold: HoldId,
        /// Who had asked for it.
        asked_by: AccountId,
        /// Why.
        reason: String,
    },
    /// Look-ups were gone through in search of atypical uses. To compare surnames and communes, their files were read.
    UseExamined {
        /// How many look-ups.
        look_ups: u32,
        /// How many files were read.
        files: u32,
        /// How many signals were filed.
        signals: u32,
    },
    /// A rule found a use atypical. Whom it concerns is told to the organism only, like all that follows from it.
    UseSignalled {
        /// The signal.
        signal: SignalId,
        /// Of whom.
        account: AccountId,
        /// Of which organism.
        #[serde(skip)]
        organism: OrganismId,
        /// Which rule.
        rule: &'static str,
        /// In which service.
        service: String,
        /// On which day.
        day: Day,
    },
    /// Somebody decided on a signal.
    UseJudged {
        /// The signal.
        signal: SignalId,
        /// Of whom.
        account: AccountId,
        /// What was decided.
        decision: &'static str,
        /// Why.
        reason: String,
    },
    /// A partner was asked to justify what one of its people did.
    JustificationAsked {
        /// The request.
        justification: JustificationId,
        /// About which signal.
        signal: SignalId,
        /// About whom.
        account: AccountId,
        /// What is asked.
        question: String,
        /// Before which day an answer is expected.
        due_on: Day,
    },
    /// A partner answered such a request.
    JustificationGiven {
        /// The request.
        justification: JustificationId,
        /// About whom.
        account: AccountId,
    },
    /// Somebody was put under surveillance.
    SurveillancePlaced {
        /// Which.
        surveillance: SurveillanceId,
        /// Who.
        account: AccountId,
        /// To that day, included.
        until: Day,
        /// Why.
        reason: String,
    },
    /// A surveillance goes on longer.
    SurveillanceProlonged {
        /// Which.
        surveillance: SurveillanceId,
        /// Of whom.
        account: AccountId,
        /// To that day, included.
        until: Day,
        /// Why.
        reason: String,
    },
    /// A surveillance ended before its day.
    SurveillanceEnded {
        /// Which.
        surveillance: SurveillanceId,
        /// Of whom.
        account: AccountId,
        /// Why.
        reason: String,
    },
    /// The rules of atypical use were set for a service.
    UseThresholdsSet {
        /// For which.
        service: String,
        /// What changed: name of the number, before, after.
        changes: Vec<(String, String, String)>,
    },
    /// Traces were written out, by who operates the portal.
    TracesExported {
        /// Of whom.
        organism: OrganismId,
        /// From that day.
        from: Day,
        /// To that day, included.
        to: Day,
        /// How many traces are in it whole.
        traces: u64,
    },
    /// Another log was opened, because the one before is not what was published: its first leaf is this.
    LogOpened {
        /// Number of the log before.
        before: i32,
        /// Leaves that the database held of it.
        held: u64,
        /// Its root then, in hexadecimal.
        root: String,
        /// Leaves that the last published checkpoint counted; zero when none is known.
        published: u64,
        /// Why, in the operator's words.
        reason: String,
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
        /// The other filters: name, value.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        filters: Vec<(String, String)>,
        /// How many rows were shown.
        shown: u32,
    },
    /// One trace was read in full.
    TraceRead {
        /// Which.
        trace: TraceId,
    },
    /// The traces of one session were read.
    SessionTracesRead {
        /// Which, as its own traces name it.
        session: String,
        /// How many were shown.
        shown: u32,
    },
    /// The traces of one file were read.
    FileTracesRead {
        /// Which. It is not a trace of that file: who looks for what was done with one does nothing with it.
        searched: FileMark,
        /// From that day.
        from: Day,
        /// To that day.
        to: Day,
        /// How many were shown.
        shown: u32,
    },
    /// An export of traces was asked for.
    TraceExportAsked {
        /// Which.
        export: TraceExportId,
        /// In what form.
        format: Format,
        /// From that day.
        from: Day,
        /// To that day, included.
        to: Day,
        /// What else was asked: name, value.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        filters: Vec<(String, String)>,
        /// Of which file alone, if of one.
        #[serde(skip_serializing_if = "Option::is_none")]
        searched: Option<FileMark>,
        /// What for.
        reason: String,
    },
    /// An export of traces is ready to be taken.
    TraceExportReady {
        /// Which.
        export: TraceExportId,
        /// Whose.
        account: AccountId,
        /// Of which partner, if of one.
        #[serde(skip)]
        partner: Option<PartnerId>,
        /// How many traces it holds whole.
        traces: u64,
        /// How long it is.
        bytes: u64,
    },
    /// An export of traces could not be prepared.
    TraceExportFailed {
        /// Which.
        export: TraceExportId,
        /// Whose.
        account: AccountId,
        /// Of which partner, if of one.
        #[serde(skip)]
        partner: Option<PartnerId>,
        /// Why.
        cause: Failure,
    },
    /// An export of traces was taken away.
    TraceExportTaken {
        /// Which.
        export: TraceExportId,
        /// How many traces it holds whole.
        traces: u64,
    },
    /// An export of traces was erased, a day after it was ready.
    TraceExportErased {
        /// Which.
        export: TraceExportId,
        /// Whose.
        account: AccountId,
        /// Of which partner, if of one.
        #[serde(skip)]
        partner: Option<PartnerId>,
    },
    /// A person asked for his own traces.
    OwnTracesRequested {
        /// Which request.
        request: TraceRequestId,
        /// From that day.
        from: Day,
        /// To that day, included.
        to: Day,
    },
    /// The superior passed a request on, or did not.
    TraceRequestPassedOn {
        /// Which.
        request: TraceRequestId,
        /// Of whom.
        account: AccountId,
        /// Of which partner.
        partner: PartnerId,
        /// Whether it was passed on.
        accepted: bool,
    },
    /// The request of another body was entered in the register.
    TraceRequestRegistered {
        /// Which.
        request: TraceRequestId,
        /// Of whom.
        name: String,
        /// From that day.
        from: Day,
        /// To that day, included.
        to: Day,
        /// When it was received.
        received_on: Day,
    },
    /// A request for traces was answered.
    TraceRequestAnswered {
        /// Which.
        request: TraceRequestId,
        /// Of whom, if of somebody here.
        account: Option<AccountId>,
        /// Of which partner.
        partner: Option<PartnerId>,
        /// What is given.
        answer: &'static str,
        /// SHA-256 of the document that is handed over with the answer, in hexadecimal.
        digest: Option<String>,
        /// How many lines it has.
        lines: Option<usize>,
    },
    /// What a body had asked for was handed over.
    TracesHandedOver {
        /// Which request.
        request: TraceRequestId,
        /// How.
        way: &'static str,
        /// When.
        handed_on: Day,
        /// SHA-256 of what was handed over, in hexadecimal.
        digest: String,
    },
    /// Somebody was reminded of a request that waits.
    TraceRequestReminded {
        /// Which.
        request: TraceRequestId,
        /// The day before which it is to be answered.
        due_on: Day,
        /// To how many people a mail goes.
        mails: usize,
    },
    /// The acts that a person asks for were read, before they are given.
    RequestedTracesRead {
        /// Which request.
        request: TraceRequestId,
        /// Whose acts.
        account: AccountId,
        /// How many were shown.
        shown: usize,
    },
    /// A person read what he was given of his own traces.
    OwnTracesRead {
        /// Which request.
        request: TraceRequestId,
        /// Which part of it.
        part: i32,
    },
    /// A person took the document of his own traces away.
    OwnTracesTaken {
        /// Which request.
        request: TraceRequestId,
        /// SHA-256 of the document, in hexadecimal.
        digest: String,
        /// In which form: as it is, or as a table.
        format: Format,
    },
    /// A search of traces was kept under a name.
    TraceSearchKept {
        /// Which.
        search: TraceSearchId,
        /// Its name.
        name: String,
    },
    /// Uses were counted from the traces.
    UsesCounted {
        /// From that day.
        from: Day,
        /// To that day, included.
        to: Day,
        /// How many figures changed.
        rows: u64,
    },
    /// The demonstration invented the uses of months before it began.
    DemonstrationUsesInvented {
        /// Of whom.
        organism: OrganismId,
        /// From the month that begins that day.
        from: Day,
        /// How many figures.
        rows: u64,
    },
    /// Figures of use were taken away as a file.
    StatisticsExported {
        /// From that day.
        from: Day,
        /// To that day, included.
        to: Day,
        /// At which partner, if at one.
        at: Option<PartnerId>,
        /// How many lines.
        rows: u64,
    },
    /// What one person did was counted, and read.
    PersonCounted {
        /// Whom.
        account: AccountId,
        /// From that day.
        from: Day,
        /// To that day, included.
        to: Day,
        /// Why.
        reason: String,
    },
    /// A search that was kept was erased.
    TraceSearchErased {
        /// Which.
        search: TraceSearchId,
        /// Its name.
        name: String,
    },
}
