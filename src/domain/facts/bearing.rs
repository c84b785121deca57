//! What each fact says of itself: the word by which it is kept, how the act ended, and whom it concerns.

use super::{Fact, LookUp, Outcome};
use crate::domain::id::{AccountId, OrganismId, PartnerId};

impl Fact {
    /// The word kept in rows, for ever.
    #[expect(clippy::too_many_lines, reason = "a closed list, one line a fact")]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "sign_in.done",
            Self::SignInRefused { .. } => "sign_in.refused",
            Self::SignInsThrottled { .. } => "sign_in.throttled",
            Self::RequestsThrottled { .. } => "requests.throttled",
            Self::SessionEnded { .. } => "session.ended",
            Self::SessionClosed { .. } => "session.closed",
            Self::FormKept { .. } => "form.kept",
            Self::FormResumed { .. } => "form.resumed",
            Self::FormErased { .. } => "form.erased",
            Self::PasswordChosen { .. } => "password.chosen",
            Self::PageRead { .. } => "page.read",
            Self::PageRefused { .. } => "page.refused",
            Self::AnswerWithheld { .. } => "answer.withheld",
            Self::OrganismFounded { .. } => "organism.founded",
            Self::StaffCreated { .. } => "staff.created",
            Self::DemonstrationPasswordSet { .. } => "password.demonstration",
            Self::PartnerRegistered { .. } => "partner.registered",
            Self::PartnerCorrected { .. } => "partner.corrected",
            Self::NetworkDeclared { .. } => "partner.network_declared",
            Self::MembershipOpened { .. } => "membership.opened",
            Self::MembershipChanged { .. } => "membership.changed",
            Self::CapFixed { .. } => "cap.fixed",
            Self::CapRequested { .. } => "cap.requested",
            Self::CapRequestAnswered { .. } => "cap.answered",
            Self::CirconscriptionDrawn { .. } => "circonscription.drawn",
            Self::CirconscriptionRedrawn { .. } => "circonscription.redrawn",
            Self::PrincipalCreated { .. } => "principal.created",
            Self::DeputyCreated { .. } => "principal.deputy_created",
            Self::AdministratorReplaced { .. } => "principal.replaced",
            Self::UserCreated { .. } => "user.created",
            Self::UserSuspended { .. } => "user.suspended",
            Self::UserReactivated { .. } => "user.reactivated",
            Self::SecretAsked { .. } => "secret.asked",
            Self::SecretIssued { .. } => "secret.issued",
            Self::MailSent { .. } => "mail.sent",
            Self::MailFailed { .. } => "mail.failed",
            Self::StatementsMade { .. } => "mail.statements_made",
            Self::StatementIssued { .. } => "mail.statement",
            Self::RoleGranted { .. } => "grant.made",
            Self::GrantRefused { .. } => "grant.refused",
            Self::RoleRevoked { .. } => "grant.revoked",
            Self::GroupCreated { .. } => "group.created",
            Self::GroupChanged { .. } => "group.changed",
            Self::GroupArchived { .. } => "group.archived",
            Self::GroupJoined { .. } => "group.joined",
            Self::GroupLeft { .. } => "group.left",
            Self::GroupRoleGranted { .. } => "group.role_granted",
            Self::GroupRoleRefused { .. } => "group.role_refused",
            Self::GroupRoleRevoked { .. } => "group.role_revoked",
            Self::ReviewOpened { .. } => "review.opened",
            Self::HoldingConfirmed { .. } => "review.confirmed",
            Self::HoldingWithdrawn { .. } => "review.withdrawn",
            Self::ReviewTransmitted { .. } => "review.transmitted",
            Self::AddressWritten { .. } => "letter.address",
            Self::LetterPrinted { .. } => "letter.printed",
            Self::FileLookedUp { .. } => "file.looked_up",
            Self::FileRead { .. } => "file.read",
            Self::FilesStaged { .. } => "files.staged",
            Self::FilesErased { .. } => "files.erased",
            Self::FilesLoaded { .. } => "files.loaded",
            Self::ServiceResumed { .. } => "service.resumed",
            Self::LogBeat { .. } => "log.beat",
            Self::LogSilent { .. } => "log.silent",
            Self::ServiceStopped { .. } => "service.stopped",
            Self::SinkFailed { .. } => "log.sink_failed",
            Self::SinkReturned { .. } => "log.sink_returned",
            Self::SinkKeyDestroyed { .. } => "log.sink_key_destroyed",
            Self::Tidied { .. } => "rows.tidied",
            Self::Expired { .. } => "rows.expired",
            Self::SealRefused { .. } => "log.seal_refused",
            Self::TracesErased { .. } => "log.erased",
            Self::LeavesFolded { .. } => "log.folded",
            Self::HoldPlaced { .. } => "hold.placed",
            Self::HoldProlonged { .. } => "hold.prolonged",
            Self::HoldReleased { .. } => "hold.released",
            Self::UseExamined { .. } => "use.examined",
            Self::UseSignalled { .. } => "use.signalled",
            Self::UseJudged { .. } => "use.judged",
            Self::JustificationAsked { .. } => "use.justification_asked",
            Self::JustificationGiven { .. } => "use.justification_given",
            Self::SurveillancePlaced { .. } => "use.surveillance_placed",
            Self::SurveillanceProlonged { .. } => "use.surveillance_prolonged",
            Self::SurveillanceEnded { .. } => "use.surveillance_ended",
            Self::UseThresholdsSet { .. } => "use.thresholds_set",
            Self::TracesExported { .. } => "log.exported",
            Self::LogOpened { .. } => "log.opened",
            Self::TracesRead { .. } => "traces.read",
            Self::TraceRead { .. } => "traces.one_read",
            Self::SessionTracesRead { .. } => "traces.session_read",
            Self::FileTracesRead { .. } => "traces.file_read",
            Self::TraceExportAsked { .. } => "traces.export_asked",
            Self::TraceExportReady { .. } => "traces.export_ready",
            Self::TraceExportFailed { .. } => "traces.export_failed",
            Self::TraceExportTaken { .. } => "traces.export_taken",
            Self::TraceExportErased { .. } => "traces.export_erased",
            Self::OwnTracesRequested { .. } => "trace_request.made",
            Self::TraceRequestPassedOn { .. } => "trace_request.passed_on",
            Self::TraceRequestRegistered { .. } => "trace_request.registered",
            Self::TraceRequestAnswered { .. } => "trace_request.answered",
            Self::TracesHandedOver { .. } => "trace_request.handed_over",
            Self::TraceRequestReminded { .. } => "trace_request.reminded",
            Self::RequestedTracesRead { .. } => "trace_request.read",
            Self::OwnTracesRead { .. } => "trace_request.own_read",
            Self::OwnTracesTaken { .. } => "trace_request.own_taken",
            Self::TraceSearchKept { .. } => "traces.search_kept",
            Self::TraceSearchErased { .. } => "traces.search_erased",
            Self::UsesCounted { .. } => "rows.counted",
            Self::DemonstrationUsesInvented { .. } => "rows.invented",
            Self::StatisticsExported { .. } => "statistics.exported",
            Self::PersonCounted { .. } => "statistics.person",
        }
    }

    /// How the act ended.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::FileLookedUp { result: LookUp::Opened, .. } => Outcome::Done,
            Self::FileLookedUp { result: LookUp::SourceFailed, .. }
            | Self::MailFailed { .. }
            | Self::TraceExportFailed { .. }
            | Self::SealRefused { .. }
            | Self::SinkFailed { .. }
            | Self::LogSilent { announced: false, .. }
            | Self::AnswerWithheld { .. } => Outcome::Failed,
            Self::FileLookedUp { .. }
            | Self::SignInRefused { .. }
            | Self::SignInsThrottled { .. }
            | Self::RequestsThrottled { .. }
            | Self::PageRefused { .. }
            | Self::GrantRefused { .. }
            | Self::GroupRoleRefused { .. } => Outcome::Refused,
            _ => Outcome::Done,
        }
    }

    /// The partner that the fact is about, when its actor is not of that partner.
    pub fn partner(&self) -> Option<PartnerId> {
        match self {
            Self::PartnerRegistered { partner, .. }
            | Self::PartnerCorrected { partner, .. }
            | Self::NetworkDeclared { partner, .. }
            | Self::MembershipOpened { partner, .. }
            | Self::MembershipChanged { partner, .. }
            | Self::CapFixed { partner, .. }
            | Self::CapRequestAnswered { partner, .. }
            | Self::CirconscriptionDrawn { partner, .. }
            | Self::CirconscriptionRedrawn { partner, .. }
            | Self::HoldingConfirmed { partner, .. }
            | Self::HoldingWithdrawn { partner, .. }
            | Self::PrincipalCreated { partner, .. }
            | Self::DeputyCreated { partner, .. }
            | Self::AdministratorReplaced { partner, .. }
            | Self::UserSuspended { partner, .. }
            | Self::UserReactivated { partner, .. }
            | Self::RoleGranted { partner, .. }
            | Self::GrantRefused { partner, .. }
            | Self::RoleRevoked { partner, .. }
            | Self::TraceRequestPassedOn { partner, .. }
            | Self::GroupLeft { partner, .. } => Some(*partner),
            Self::SignInRefused { partner, .. }
            | Self::SecretAsked { partner, .. }
            | Self::SecretIssued { partner, .. }
            | Self::AddressWritten { partner, .. }
            | Self::LetterPrinted { partner, .. }
            | Self::StatementIssued { partner, .. }
            | Self::TraceRequestAnswered { partner, .. }
            | Self::MailSent { partner, .. }
            | Self::MailFailed { partner, .. }
            | Self::TraceExportReady { partner, .. }
            | Self::TraceExportFailed { partner, .. }
            | Self::TraceExportErased { partner, .. } => *partner,
            _ => None,
        }
    }

    /// The organism that the fact is about, when its actor is of none.
    pub fn organism(&self) -> Option<OrganismId> {
        match self {
            Self::OrganismFounded { organism, .. }
            | Self::FilesStaged { organism, .. }
            | Self::FilesErased { organism, .. }
            | Self::FilesLoaded { organism, .. }
            | Self::DemonstrationUsesInvented { organism, .. }
            | Self::UseSignalled { organism, .. }
            | Self::TracesExported { organism, .. } => Some(*organism),
            Self::SignInRefused { organism, .. } => *organism,
            _ => None,
        }
    }

    /// The account that the fact is about, when it is not the actor's own.
    pub fn subject(&self) -> Option<AccountId> {
        match self {
            Self::SignInRefused { account, .. } | Self::TraceRequestAnswered { account, .. } => *account,
            Self::StaffCreated { account, .. }
            | Self::DemonstrationPasswordSet { account }
            | Self::PrincipalCreated { account, .. }
            | Self::DeputyCreated { account, .. }
            | Self::AdministratorReplaced { account, .. }
            | Self::UserCreated { account, .. }
            | Self::UserSuspended { account, .. }
            | Self::UserReactivated { account, .. }
            | Self::SecretAsked { account, .. }
            | Self::SecretIssued { account, .. }
            | Self::StatementIssued { account, .. }
            | Self::MailSent { account, .. }
            | Self::MailFailed { account, .. }
            | Self::HoldingConfirmed { account, .. }
            | Self::HoldingWithdrawn { account, .. }
            | Self::AddressWritten { account, .. }
            | Self::LetterPrinted { account, .. }
            | Self::TraceExportReady { account, .. }
            | Self::TraceExportFailed { account, .. }
            | Self::TraceExportErased { account, .. }
            | Self::RoleGranted { account, .. }
            | Self::GrantRefused { account, .. }
            | Self::RoleRevoked { account, .. }
            | Self::GroupJoined { account, .. }
            | Self::TraceRequestPassedOn { account, .. }
            | Self::RequestedTracesRead { account, .. }
            | Self::PersonCounted { account, .. }
            | Self::GroupLeft { account, .. }
            | Self::UseSignalled { account, .. }
            | Self::UseJudged { account, .. }
            | Self::JustificationAsked { account, .. }
            | Self::JustificationGiven { account, .. }
            | Self::SurveillancePlaced { account, .. }
            | Self::SurveillanceProlonged { account, .. }
            | Self::SurveillanceEnded { account, .. } => Some(*account),
            _ => None,
        }
    }
}
