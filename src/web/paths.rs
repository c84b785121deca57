//! Every address of the program, one type each: links and routes cannot disagree. A published address is kept, by a
//! redirect if it must change. No number of a beneficiary ever stands in one.

use axum::extract::rejection::PathRejection;
use axum_extra::routing::TypedPath;
use serde::Deserialize;

use super::problem::Problem;
use crate::domain::id::{
    AccountId, CapRequestId, CirconscriptionId, ConsultationId, GrantId, GroupGrantId, GroupId, HoldId,
    JustificationId, KeptFormId, MembershipId, PartnerId, ReviewId, SignalId, SurveillanceId, TraceExportId,
    TraceId, TraceRequestId, TraceSearchId,
};

/// An address whose ids are not ids leads nowhere.
impl From<PathRejection> for Problem {
    fn from(_: PathRejection) -> Self {
        Self::NotFound
    }
}

macro_rules! paths {
    ($($(#[$doc:meta])* $name:ident $path:literal $(($($field:ident: $type:ty),+))?;)+) => {$(
        paths!(@one $(#[$doc])* $name $path $(($($field: $type),+))?);
    )+};
    (@one $(#[$doc:meta])* $name:ident $path:literal ($($field:ident: $type:ty),+)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, TypedPath)]
        #[typed_path($path, rejection(Problem))]
        pub struct $name {
            $(
                #[expect(missing_docs, reason = "named after what it identifies")]
                pub $field: $type
            ),+
        }
    };
    (@one $(#[$doc:meta])* $name:ident $path:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Deserialize, TypedPath)]
        #[typed_path($path)]
        pub struct $name;
    };
}

paths! {
    /// The home page: signing in.
    Home "/";
    /// Where its form is sent.
    SignIn "/connexion";
    /// The way out.
    SignOut "/deconnexion";
    /// Where the dialog of the end of session is sent.
    ExtendSession "/session/prolonger";
    /// Choosing a password.
    Password "/mot-de-passe";
    /// One's own sessions.
    Sessions "/mes-sessions";
    /// Ending one of the others.
    CloseSession "/mes-sessions/fermer";
    /// Ending all the others.
    CloseOtherSessions "/mes-sessions/fermer-les-autres";
    /// Where a page sends by itself what is typed in its form, before it clears.
    KeepForm "/saisies";
    /// Erasing what was kept of a form.
    EraseForm "/saisies/{form}/effacer" (form: KeptFormId);
    /// What waits for who is signed in.
    Dashboard "/accueil";

    /// The partners of the organism.
    Partners "/partenaires";
    /// Registering one.
    NewPartner "/partenaires/nouveau";
    /// One of them.
    Partner "/partenaires/{partner}" (partner: PartnerId);
    /// Correcting its identity and contacts.
    CorrectPartner "/partenaires/{partner}/modifier" (partner: PartnerId);
    /// Naming its principal, or another in his place.
    NewPrincipal "/partenaires/{partner}/principal" (partner: PartnerId);
    /// Where its principal was once sent another secret: now the same page as for anybody.
    PrincipalSecret "/partenaires/{partner}/principal/code" (partner: PartnerId);
    /// Naming its deputy, or another in his place.
    NewDeputy "/partenaires/{partner}/suppleant" (partner: PartnerId);
    /// Opening a membership.
    NewMembership "/partenaires/{partner}/bulletins/nouveau" (partner: PartnerId);
    /// One membership: conditions, missions, perimeter, caps.
    Membership "/partenaires/{partner}/bulletins/{membership}" (partner: PartnerId, membership: MembershipId);
    /// Correcting its conditions, missions and perimeter.
    CorrectMembership "/partenaires/{partner}/bulletins/{membership}/modifier" (partner: PartnerId, membership: MembershipId);
    /// Fixing its caps.
    Caps "/partenaires/{partner}/bulletins/{membership}/plafonds" (partner: PartnerId, membership: MembershipId);
    /// Asking for more places, by the partner.
    AskPlaces "/partenaires/{partner}/bulletins/{membership}/demande" (partner: PartnerId, membership: MembershipId);
    /// Requests for more places, at the organism.
    CapRequests "/demandes";
    /// Answering one.
    CapRequest "/demandes/{request}" (request: CapRequestId);

    /// From where the people of a partner are expected.
    PartnerNetwork "/partenaires/{partner}/reseau" (partner: PartnerId);
    /// Declaring it.
    DeclareNetwork "/partenaires/{partner}/reseau/declarer" (partner: PartnerId);

    /// The circonscriptions of a partner.
    Circonscriptions "/partenaires/{partner}/circonscriptions" (partner: PartnerId);
    /// Drawing one.
    NewCirconscription "/partenaires/{partner}/circonscriptions/nouvelle" (partner: PartnerId);
    /// Naming or drawing one again.
    Circonscription "/partenaires/{partner}/circonscriptions/{circonscription}" (partner: PartnerId, circonscription: CirconscriptionId);

    /// The users of a partner.
    Users "/partenaires/{partner}/utilisateurs" (partner: PartnerId);
    /// Creating one.
    NewUser "/partenaires/{partner}/utilisateurs/nouveau" (partner: PartnerId);
    /// One of them.
    User "/partenaires/{partner}/utilisateurs/{account}" (partner: PartnerId, account: AccountId);
    /// His printable identifier.
    UserIdentifier "/partenaires/{partner}/utilisateurs/{account}/identifiant" (partner: PartnerId, account: AccountId);
    /// The notification of his habilitation, to print.
    UserNotification "/partenaires/{partner}/utilisateurs/{account}/notification" (partner: PartnerId, account: AccountId);
    /// Sending him another secret.
    UserSecret "/partenaires/{partner}/utilisateurs/{account}/code" (partner: PartnerId, account: AccountId);
    /// Suspending him.
    SuspendUser "/partenaires/{partner}/utilisateurs/{account}/suspendre" (partner: PartnerId, account: AccountId);
    /// Lifting his suspension.
    ReactivateUser "/partenaires/{partner}/utilisateurs/{account}/reactiver" (partner: PartnerId, account: AccountId);

    /// The groups of a partner.
    Groups "/partenaires/{partner}/groupes" (partner: PartnerId);
    /// Making one.
    NewGroup "/partenaires/{partner}/groupes/nouveau" (partner: PartnerId);
    /// One of them: who is in it, and what it gives.
    Group "/partenaires/{partner}/groupes/{group}" (partner: PartnerId, group: GroupId);
    /// Naming and describing it anew.
    CorrectGroup "/partenaires/{partner}/groupes/{group}/modifier" (partner: PartnerId, group: GroupId);
    /// Putting it away.
    ArchiveGroup "/partenaires/{partner}/groupes/{group}/archiver" (partner: PartnerId, group: GroupId);
    /// Bringing people in.
    JoinGroup "/partenaires/{partner}/groupes/{group}/membres/ajouter" (partner: PartnerId, group: GroupId);
    /// Taking somebody out.
    LeaveGroup "/partenaires/{partner}/groupes/{group}/membres/{member}/retirer" (partner: PartnerId, group: GroupId, member: AccountId);
    /// Giving it a role.
    NewGroupGrant "/partenaires/{partner}/groupes/{group}/roles/nouveau" (partner: PartnerId, group: GroupId);
    /// Withdrawing one.
    RevokeGroupGrant "/partenaires/{partner}/groupes/{group}/roles/{given}/retirer" (partner: PartnerId, group: GroupId, given: GroupGrantId);

    /// The grants of a partner, and how its caps stand.
    Grants "/partenaires/{partner}/habilitations" (partner: PartnerId);
    /// Granting a role.
    NewGrant "/partenaires/{partner}/habilitations/nouvelle" (partner: PartnerId);
    /// Withdrawing one.
    RevokeGrant "/partenaires/{partner}/habilitations/{grant}/retirer" (partner: PartnerId, grant: GrantId);
    /// What I hold.
    MyGrants "/mes-habilitations";

    /// The yearly review of who holds what.
    Review "/partenaires/{partner}/revue" (partner: PartnerId);
    /// Deciding on some of what is held.
    ReviewDecisions "/partenaires/{partner}/revue/decisions" (partner: PartnerId);
    /// Transmitting the review.
    TransmitReview "/partenaires/{partner}/revue/transmettre" (partner: PartnerId);
    /// What those who manage the partner hold, which the organism reviews.
    ManagersReview "/partenaires/{partner}/revue/gestionnaires" (partner: PartnerId);
    /// A review that was transmitted.
    ReviewReport "/partenaires/{partner}/revues/{review}" (partner: PartnerId, review: ReviewId);
    /// Which partners owe theirs, at the organism.
    Reviews "/revues";

    /// The people to whom the organism prints letters.
    Letters "/lettres";
    /// Those of one of them.
    PersonLetters "/lettres/{addressee}" (addressee: AccountId);
    /// Where they are sent.
    LetterAddress "/lettres/{addressee}/adresse" (addressee: AccountId);
    /// Printing the one that tells an identifier.
    IdentifierLetter "/lettres/{addressee}/identifiant" (addressee: AccountId);
    /// Printing the one that brings a code.
    SecretLetter "/lettres/{addressee}/code" (addressee: AccountId);

    /// Looking a beneficiary up.
    LookUp "/consultation";
    /// Reading the file, under an opaque number.
    Consultation "/consultation/{consultation}" (consultation: ConsultationId);

    /// Reading traces.
    Traces "/traces";
    /// The searches that one keeps.
    TraceSearches "/traces/recherches";
    /// Erasing one.
    EraseTraceSearch "/traces/recherches/{search}/effacer" (search: TraceSearchId);
    /// One's own exports of traces.
    TraceExports "/traces/exports";
    /// Asking for one.
    NewTraceExport "/traces/exports/nouveau";
    /// How one stands.
    TraceExport "/traces/exports/{export}" (export: TraceExportId);
    /// Its file.
    TraceExportFile "/traces/exports/{export}/fichier" (export: TraceExportId);
    /// Naming a file whose traces are wanted.
    FileTraces "/traces/dossiers";
    /// One trace in full.
    Trace "/traces/{trace}" (trace: TraceId);
    /// The same, with the proof that it is in the log.
    TraceProof "/traces/{trace}/preuve" (trace: TraceId);
    /// The traces of the session to which it belongs.
    TraceSession "/traces/{trace}/session" (trace: TraceId);
    /// The traces of the file that it is about.
    TraceFile "/traces/{trace}/dossier" (trace: TraceId);

    /// One's own traces: asking for them, and what came of it.
    OwnTraces "/mes-traces";
    /// One request of one's own, with what was given.
    OwnTraceRequest "/mes-traces/{demand}" (demand: TraceRequestId);
    /// What was given, to keep.
    OwnTraceDocument "/mes-traces/{demand}/document" (demand: TraceRequestId);
    /// The same, for a spreadsheet.
    OwnTraceTable "/mes-traces/{demand}/tableau.csv" (demand: TraceRequestId);
    /// What the people of a partner ask for of their traces.
    PartnerTraceRequests "/partenaires/{partner}/demandes-de-traces" (partner: PartnerId);
    /// One of these, for their superior.
    PartnerTraceRequest "/partenaires/{partner}/demandes-de-traces/{demand}" (partner: PartnerId, demand: TraceRequestId);
    /// The register of requests for traces.
    TraceRequests "/demandes-de-traces";
    /// Entering the request of another body.
    NewTraceRequest "/demandes-de-traces/nouvelle";
    /// One of the register.
    TraceRequest "/demandes-de-traces/{demand}" (demand: TraceRequestId);
    /// Exactly what would be given, then what was.
    RequestedTraces "/demandes-de-traces/{demand}/liste" (demand: TraceRequestId);
    /// Writing down that it was handed over.
    HandOver "/demandes-de-traces/{demand}/remise" (demand: TraceRequestId);

    /// The checkpoint of the log.
    Checkpoint "/empreinte";
    /// Its text, to keep.
    LastCheckpoint "/empreinte/derniere.txt";
    /// The public keys, to check it elsewhere.
    CheckpointKeys "/empreinte/cles.txt";

    /// How much the portal is used, month by month.
    Statistics "/statistiques";
    /// The same figures, as a file.
    StatisticsFile "/statistiques/tableau.csv";
    /// The monthly statements that one received.
    Statements "/statistiques/releves";
    /// What one person did, counted for a reason.
    PersonStatistics "/statistiques/personne";

    /// What is kept beyond its day for an investigation.
    Holds "/conservations";
    /// Keeping more.
    NewHold "/conservations/nouvelle";
    /// One legal hold.
    Hold "/conservations/{hold}" (hold: HoldId);
    /// Prolonging it.
    ProlongHold "/conservations/{hold}/prolonger" (hold: HoldId);
    /// Releasing it.
    ReleaseHold "/conservations/{hold}/lever" (hold: HoldId);

    /// Uses that a rule found atypical.
    Signals "/usages-atypiques";
    /// What the rules are set to.
    UseThresholds "/usages-atypiques/seuils";
    /// Setting them.
    SetUseThresholds "/usages-atypiques/seuils/reglage";
    /// One signal, with its evidence.
    Signal "/usages-atypiques/{signal}" (signal: SignalId);
    /// Deciding on it.
    JudgeSignal "/usages-atypiques/{signal}/decision" (signal: SignalId);
    /// People under surveillance.
    Surveillances "/surveillances";
    /// Prolonging or ending one.
    Surveillance "/surveillances/{surveillance}" (surveillance: SurveillanceId);
    /// Answering a request for justification, by the partner.
    Justification "/justifications/{justification}" (justification: JustificationId);
}

/// The address with what the page says first: one word of a closed list of its slice.
pub fn told(path: &impl std::fmt::Display, word: &str) -> String {
    format!("{path}?fait={word}")
}
