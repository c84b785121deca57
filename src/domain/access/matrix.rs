//! Permissions, and the matrix that says which office has them.

use super::{Mode, Office};

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// Something that somebody may be allowed to do.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Permission { $($(#[$doc])* $name),+ }

        impl Permission {
            /// Every permission, in the order of the matrix.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Its name, as the golden files write it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),+ }
            }
        }
    };
}

permissions! {
    /// Create an organism and its first administrator.
    FoundOrganism,
    /// Load a version of an organism's files.
    LoadFiles,
    /// Make one-time secrets and send what waits in the outbox.
    SendMail,
    /// Erase what serves no more.
    Tidy,
    /// Erase traces whose day has come.
    PurgeTraces,
    /// Count uses from the traces.
    CountUses,
    /// Prepare the files of traces that people ask for, and erase them.
    PrepareExports,
    /// Watch the log itself: its pulse, its silences, its second sink.
    WatchLog,
    /// Try to sign in.
    AttemptSignIn,
    /// End one's own session, choose one's own password.
    KeepOwnAccount,
    /// Read the partners of the organism.
    ReadPartners,
    /// Register a partner.
    RegisterPartner,
    /// Write memberships, their conditions, missions and perimeter.
    ManageMemberships,
    /// Fix caps and answer requests for more.
    ManageCaps,
    /// Name and replace the principal and the deputy.
    ManagePrincipals,
    /// Draw the circonscriptions of a partner.
    DrawCirconscriptions,
    /// Read from which addresses the people of a partner are expected.
    ReadNetworks,
    /// Declare them.
    DeclareNetworks,
    /// Read the users of a partner and what they hold.
    ReadUsers,
    /// Create users.
    CreateUsers,
    /// Send somebody another secret.
    SendSecrets,
    /// Suspend and reactivate somebody.
    SuspendUsers,
    /// Make groups of users, choose who is in them and which roles they give.
    ManageGroups,
    /// Grant roles to somebody.
    GrantRoles,
    /// Withdraw roles from somebody.
    RevokeRoles,
    /// Ask the organism for a higher cap.
    RequestCap,
    /// Make the yearly review of a partner's holdings: what the principal owes, and nobody else.
    ReviewHoldings,
    /// Read the reviews that were transmitted.
    ReadReviews,
    /// Follow which partners owe their review.
    FollowReviews,
    /// Review what the people who manage a partner hold.
    ReviewManagers,
    /// Print the letters that bring identifiers and codes.
    PrintLetters,
    /// Ask for the traces of what one did oneself.
    RequestOwnTraces,
    /// Pass on what the people of a partner ask for of their traces, as their superior.
    PassTraceRequestsOn,
    /// Keep the register of requests for traces, and answer them.
    AnswerTraceRequests,
    /// Look a beneficiary up and read the file.
    ConsultFiles,
    /// Read traces: those of one's partner, or of one's organism, as one sees them.
    ReadTraces,
    /// Take checkpoints of the log away, and bring them back to compare.
    WitnessLog,
    /// Take one away with the proof that it is in the log: it tells all that was written, a refusal's true cause included.
    ProveTraces,
    /// Read in them which file was asked for, and search them by its number.
    ReadFileNumbers,
    /// Take traces away in a file.
    ExportTraces,
    /// Look for atypical uses in what was traced.
    WatchUse,
    /// Read what the rules of atypical use are set to, and who is under surveillance.
    FollowUse,
    /// Read what these rules signal, and decide on it: surveillance, justification, suspension.
    JudgeUse,
    /// Set these rules.
    SetUseThresholds,
    /// Answer the organism when it asks a partner to justify what one of its people did.
    JustifyUse,
    /// Keep traces beyond their day for an investigation, and release those that somebody else keeps.
    HoldTraces,
    /// Read how much the portal is used: by one's partner, or by every partner of one's organism. Nobody is told apart.
    ReadStatistics,
    /// Count, for a reason, what one person did.
    CountOnePerson,
}

impl Permission {
    /// Whether it bears on the people of a partner, so that who manages them decides who has it.
    pub fn is_on_people(self) -> bool {
        matches!(
            self,
            Self::ManagePrincipals
                | Self::CreateUsers
                | Self::SendSecrets
                | Self::SuspendUsers
                | Self::ManageGroups
                | Self::GrantRoles
                | Self::RevokeRoles
                | Self::RequestCap
                | Self::PassTraceRequestsOn
                | Self::ReviewHoldings
                | Self::ReviewManagers
        )
    }
}

/// The matrix: the only place that says which office has which permission (design: golden file). For those that bear
/// on the people of a partner, [`allows_at`] says at which; on whose account one may be used is for
/// `users::may_be_managed`.
pub fn allows(office: Office, permission: Permission) -> bool {
    use Permission as P;
    match office {
        Office::OrganismAdministrator => matches!(
            permission,
            P::KeepOwnAccount
                | P::ReadPartners
                | P::RegisterPartner
                | P::ManageMemberships
                | P::ManageCaps
                | P::ManagePrincipals
                | P::DrawCirconscriptions
                | P::ReadNetworks
                | P::DeclareNetworks
                | P::ReadUsers
                | P::CreateUsers
                | P::SendSecrets
                | P::SuspendUsers
                | P::ManageGroups
                | P::GrantRoles
                | P::RevokeRoles
                | P::ReadReviews
                | P::FollowReviews
                | P::ReviewManagers
                | P::PrintLetters
                | P::WitnessLog
                | P::HoldTraces
                | P::ReadStatistics
                | P::FollowUse
                | P::SetUseThresholds
                | P::PassTraceRequestsOn
        ),
        Office::OrganismAuditor => {
            matches!(
                permission,
                P::KeepOwnAccount
                    | P::ReadTraces
                    | P::ExportTraces
                    | P::ProveTraces
                    | P::ReadFileNumbers
                    | P::HoldTraces
                    | P::AnswerTraceRequests
                    | P::ReadReviews
                    | P::FollowReviews
                    | P::WitnessLog
                    | P::ReadStatistics
                    | P::CountOnePerson
                    | P::FollowUse
                    | P::JudgeUse
                    | P::ReadNetworks
            )
        }
        // What the principal owes, and nobody for him.
        Office::Principal => permission == P::ReviewHoldings || allows(Office::Deputy, permission),
        Office::Deputy => matches!(
            permission,
            P::KeepOwnAccount
                | P::ReadUsers
                | P::CreateUsers
                | P::SendSecrets
                | P::SuspendUsers
                | P::ManageGroups
                | P::GrantRoles
                | P::RevokeRoles
                | P::RequestCap
                | P::ReadReviews
                | P::ConsultFiles
                | P::ReadTraces
                | P::ExportTraces
                | P::WitnessLog
                | P::ReadFileNumbers
                | P::ReadStatistics
                | P::JustifyUse
                | P::ReadNetworks
                | P::PassTraceRequestsOn
        ),
        Office::User => matches!(permission, P::KeepOwnAccount | P::ConsultFiles | P::RequestOwnTraces),
        Office::System => {
            matches!(
                permission,
                P::FoundOrganism
                    | P::LoadFiles
                    | P::SendMail
                    | P::Tidy
                    | P::PurgeTraces
                    | P::CountUses
                    | P::PrepareExports
                    | P::WatchUse
                    | P::WatchLog
            )
        }
        Office::Stranger => matches!(permission, P::AttemptSignIn),
    }
}

/// The matrix at a partner of that mode. Of a delegated partner the organism has those who administer it, and the rest
/// is the partner's own; of a centralised one, which nobody of its own administers, everything is the organism's.
pub fn allows_at(office: Office, permission: Permission, mode: Mode) -> bool {
    use Permission as P;
    let managed_here = match (permission, mode) {
        // Who sits there, and the review that is owed to the organism: for a partner that manages its people.
        (P::ManagePrincipals | P::ReviewHoldings | P::ReviewManagers, _) => mode == Mode::Delegated,
        (P::CreateUsers | P::ManageGroups | P::PassTraceRequestsOn, Mode::Delegated) => {
            office.is_of_a_partner()
        }
        (_, Mode::Delegated) => true,
        (_, Mode::Centralised) => !permission.is_on_people() || !office.is_of_a_partner(),
    };
    managed_here && allows(office, permission)
}
