//! The canonical bytes of a sample of every fact: what is signed today must be signed alike for ever.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr};

use compte_partenaire::crypto::hex;
use compte_partenaire::domain::access::{AccountRef, Actor, Mode, Office, Origin};
use compte_partenaire::domain::day::Day;
use compte_partenaire::domain::facts::{
    Fact, FileMark, GrantRefusal, GroupMark, KeptFormEnd, LetterKind, LookUp, Refusal, SessionEnd,
    SignInRefusal,
};
use compte_partenaire::domain::holds::Matter;
use compte_partenaire::domain::id::RowId;
use compte_partenaire::domain::time::Timestamp;
use compte_partenaire::domain::trace::{Happening, SearchColumns, Trace};
use compte_partenaire::domain::trace_export::{Failure, Format};
use time::macros::{date, datetime};
use uuid::Uuid;

use crate::support::golden;

/// The n-th fixed id.
fn id<I: RowId>(n: u128) -> I {
    I::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n))
}

fn text(words: &str) -> String {
    words.to_owned()
}

fn mark() -> FileMark {
    FileMark { hash: "a1".repeat(32), sealed: "b2".repeat(24) }
}

fn group() -> GroupMark {
    GroupMark { id: id(61), name: text("Petite enfance") }
}

/// One line a variant. It is the list and the match at once: a new variant does not compile without its sample.
macro_rules! samples {
    ($($name:ident { $($fields:tt)* }),+ $(,)?) => {
        pub fn samples() -> Vec<Fact> {
            vec![$(Fact::$name { $($fields)* }),+]
        }

        fn name(fact: &Fact) -> &'static str {
            match fact {
                $(Fact::$name { .. } => stringify!($name)),+
            }
        }
    };
}

samples! {
    SignedIn { one_time: true },
    SignInRefused {
        account: Some(id(30)), partner: Some(id(20)), organism: Some(id(10)), identifier_hash: "c3".repeat(32),
        cause: SignInRefusal::WrongSecret,
    },
    SignInsThrottled { count: 41 },
    SessionEnded { cause: SessionEnd::Idle },
    SessionClosed { session: "d5".repeat(32) },
    FormKept { route: text("/partenaires/nouveau") },
    FormResumed { route: text("/partenaires/nouveau") },
    FormErased { route: text("/partenaires/nouveau"), cause: KeptFormEnd::Sent },
    PasswordChosen { first: true },
    PageRead { route: text("/partenaires/{partner}"), subject: Some(text("01900000-0000-7000-8000-000000000014")) },
    PageRefused { route: text("/partenaires/{partner}"), cause: Refusal::NotFound, status: 404 },
    AnswerWithheld { announced: id(90) },
    OrganismFounded { organism: id(11), code: text("591") },
    StaffCreated { account: id(31), office: Office::OrganismAuditor.code() },
    DemonstrationPasswordSet { account: id(31) },
    PartnerRegistered { partner: id(21), siret: text("21590410300011"), convention: text("2026-21590410300011"), mode: Mode::Delegated },
    PartnerCorrected { partner: id(21), changes: vec![(text("city"), text("Mons"), text("Mons-en-Barœul"))] },
    NetworkDeclared { partner: id(21), changes: vec![(text("addresses"), text(""), text("192.0.2.0/24, 2001:db8:7::/48"))] },
    MembershipOpened { membership: id(40), partner: id(21), service: text("cdap"), perimeter: text("59410"), cap: 12 },
    MembershipChanged {
        membership: id(40), partner: id(21), service: text("cdap"),
        changes: vec![(text("signed_on"), text(""), text("2026-11-03")), (text("perimeter"), text("59410"), text("59"))],
    },
    CapFixed {
        membership: id(40), partner: id(21), service: text("cdap"), role: Some(id(50)), before: None, after: Some(4),
    },
    CapRequested { request: id(60), membership: id(40), service: text("cdap"), role: None, wanted: 15 },
    CapRequestAnswered { request: id(60), partner: id(21), accepted: false },
    CirconscriptionDrawn { circonscription: id(45), partner: id(21), name: text("Haguenau"), perimeter: text("67180 67437") },
    CirconscriptionRedrawn {
        circonscription: id(45), partner: id(21), changes: vec![(text("perimeter"), text("67180"), text("67180 67437"))],
        grants: 3,
    },
    PrincipalCreated { account: id(32), partner: id(21), identifier: text("VIL-7QK4MZ") },
    DeputyCreated { account: id(34), partner: id(21), identifier: text("VIL-H2XR5C") },
    AdministratorReplaced { account: id(32), partner: id(21), by: id(34) },
    UserCreated { account: id(33), identifier: text("VIL-B2H9XT") },
    UserSuspended { account: id(33), partner: id(20), reason: text("Départ à l’été") },
    UserReactivated { account: id(33), partner: id(20) },
    SecretAsked { account: id(33), partner: Some(id(20)) },
    SecretIssued { account: id(33), partner: Some(id(20)) },
    MailSent { account: id(33), partner: None },
    MailFailed { account: id(33), partner: Some(id(20)), attempts: 3 },
    StatementsMade { month: Day::from(date!(2026-11-01)), rows: 12 },
    StatementIssued { account: id(32), partner: Some(id(20)), month: Day::from(date!(2026-11-01)) },
    RoleGranted {
        grant: id(70), account: id(33), partner: id(20), membership: id(40), service: text("cdap"),
        role: text("quotient"), perimeter: text("59410"), starts_on: Day::from(date!(2026-11-23)),
        ends_on: Some(Day::from(date!(2027-08-31))), group: None,
    },
    GrantRefused {
        account: id(33), partner: id(20), service: text("cdap"), role: text("quotient"), cause: GrantRefusal::RoleCap,
    },
    RoleRevoked {
        grant: id(70), account: id(33), partner: id(20), service: text("cdap"), role: text("quotient"),
        reason: text("Changement de poste"), group: None,
    },
    GroupCreated { group: group(), purpose: text("Inscriptions en crèche") },
    GroupChanged { group: group(), changes: vec![(text("name"), text("Crèches"), text("Petite enfance"))] },
    GroupArchived { group: group() },
    GroupJoined { group: group(), account: id(33) },
    GroupLeft { group: group(), account: id(33), partner: id(20), reason: text("Changement de poste") },
    GroupRoleGranted {
        grant: id(62), group: group(), membership: id(40), service: text("cdap"), role: text("quotient"),
        perimeter: text("59410"), starts_on: Day::from(date!(2026-11-23)), ends_on: None,
    },
    GroupRoleRefused {
        group: group(), service: text("cdap"), role: Some(text("quotient")), cause: GrantRefusal::ServiceCap,
    },
    GroupRoleRevoked {
        grant: id(62), group: group(), service: text("cdap"), role: text("quotient"), reason: text("Fin du projet"),
    },
    ReviewOpened { review: id(65), year: 2026 },
    HoldingConfirmed {
        review: id(65), grant: id(70), account: id(33), partner: id(20), service: text("cdap"), role: text("quotient"),
    },
    HoldingWithdrawn {
        review: id(65), grant: id(71), account: id(34), partner: id(20), service: text("cdap"), role: text("adresse"),
    },
    ReviewTransmitted { review: id(65), year: 2026, confirmed: 38, withdrawn: 2, digest: "e5".repeat(32) },
    AddressWritten { account: id(31), partner: None },
    LetterPrinted { account: id(32), partner: Some(id(21)), letter: LetterKind::Secret },
    FileLookedUp { file: mark(), service: text("cdap"), mission: text("Adressage"), result: LookUp::OutsidePerimeter },
    FileRead {
        file: mark(), service: text("cdap"), mission: text("Adressage"), rubrics: vec![text("adresse"), text("famille")],
        grants: vec![id(70), id(71)], again: true,
    },
    FilesStaged { load: id(80), organism: id(10), files: 500 },
    FilesErased { load: id(80), organism: id(10), files: 500 },
    FilesLoaded { load: id(80), organism: id(10), files: 1_250 },
    ServiceResumed { suspended_at: text("2026-11-23 8:29:58.5 +00:00:00"), withheld: 2 },
    LogBeat { beats: 41 },
    LogSilent { from: text("2026-11-23 8:20:00.0 +00:00:00"), announced: false },
    ServiceStopped { beats: 41 },
    SinkFailed { cause: text("replaced") },
    SinkReturned { failed_at: text("2026-11-23 8:29:58.5 +00:00:00") },
    SinkKeyDestroyed { month: 202_605 },
    Tidied { what: text("session"), rows: 17 },
    Expired { what: text("role_grant_history"), rows: 500, until: Day::from(date!(2026-11-22)) },
    SealRefused { trace: id(80), what: text("the MAC") },
    TracesErased { log: 1, first: 500, last: 999, rows: 498, until: Day::from(date!(2026-11-22)) },
    LeavesFolded { log: 1, first: 4_096, last: 8_191, until: Day::from(date!(2026-11-22)) },
    HoldPlaced {
        hold: id(95), matter: Matter::File(mark()), basis: text("Réquisition du procureur"),
        reason: text("Consultations contestées par la famille"), review_on: Day::from(date!(2027-02-23)),
    },
    HoldProlonged { hold: id(95), reason: text("Instruction en cours"), review_on: Day::from(date!(2027-08-23)) },
    HoldReleased { hold: id(95), asked_by: id(31), reason: text("Classement sans suite") },
    UseExamined { look_ups: 50, files: 41, signals: 1 },
    UseSignalled {
        signal: id(97), account: id(33), organism: id(10), rule: "same_file", service: text("cdap"),
        day: Day::from(date!(2026-11-23)),
    },
    UseJudged { signal: id(97), account: id(33), decision: "watched", reason: text("Explications contradictoires") },
    JustificationAsked {
        justification: id(98), signal: id(97), account: id(33), question: text("Pourquoi ce dossier, six fois ?"),
        due_on: Day::from(date!(2026-12-08)),
    },
    JustificationGiven { justification: id(98), account: id(33) },
    SurveillancePlaced {
        surveillance: id(99), account: id(33), until: Day::from(date!(2026-12-23)), reason: text("Explications contradictoires"),
    },
    SurveillanceProlonged {
        surveillance: id(99), account: id(33), until: Day::from(date!(2027-01-23)), reason: text("Faits nouveaux"),
    },
    SurveillanceEnded { surveillance: id(99), account: id(33), reason: text("Plus rien depuis un mois") },
    UseThresholdsSet { service: text("cdap"), changes: vec![(text("meme_dossier"), text("6"), text("4"))] },
    TracesExported { organism: id(10), from: Day::from(date!(2026-11-17)), to: Day::from(date!(2026-11-23)), traces: 41 },
    LogOpened { before: 1, held: 41, root: "e6".repeat(32), published: 57, reason: text("Sauvegarde du 22 novembre remise") },
    TracesRead {
        from: Day::from(date!(2026-11-17)), to: Day::from(date!(2026-11-23)), person: Some(text("VIL-B2H9XT")),
        action: Some(text("file.")), filters: Vec::new(), shown: 50,
    },
    RequestsThrottled { count: 12 },
    TraceRead { trace: id(95) },
    SessionTracesRead { session: "d5".repeat(32), shown: 17 },
    FileTracesRead {
        searched: mark(), from: Day::from(date!(2026-05-23)), to: Day::from(date!(2026-11-23)), shown: 4,
    },
    TraceExportAsked {
        export: id(97), format: Format::Csv, from: Day::from(date!(2026-11-17)), to: Day::from(date!(2026-11-23)),
        filters: vec![(text("outcome"), text("refused"))], searched: Some(mark()), reason: text("Demande du procureur"),
    },
    TraceExportReady { export: id(97), account: id(33), partner: Some(id(20)), traces: 41, bytes: 18_204 },
    TraceExportFailed { export: id(97), account: id(33), partner: Some(id(20)), cause: Failure::TooManyTraces },
    TraceExportTaken { export: id(97), traces: 41 },
    TraceExportErased { export: id(97), account: id(33), partner: Some(id(20)) },
    OwnTracesRequested { request: id(97), from: Day::from(date!(2026-10-23)), to: Day::from(date!(2026-11-23)) },
    TraceRequestPassedOn { request: id(97), account: id(33), partner: id(20), accepted: true },
    TraceRequestRegistered {
        request: id(97), name: text("Caisse d’allocations familiales du Val"), from: Day::from(date!(2026-10-23)),
        to: Day::from(date!(2026-11-23)), received_on: Day::from(date!(2026-11-25)),
    },
    TraceRequestAnswered {
        request: id(97), account: Some(id(33)), partner: Some(id(20)), answer: "given", digest: Some("e5".repeat(32)),
        lines: Some(41),
    },
    TracesHandedOver {
        request: id(97), way: "registered_post", handed_on: Day::from(date!(2026-11-28)), digest: "e5".repeat(32),
    },
    TraceRequestReminded { request: id(97), due_on: Day::from(date!(2026-12-08)), mails: 2 },
    RequestedTracesRead { request: id(97), account: id(33), shown: 41 },
    OwnTracesRead { request: id(97), part: 1 },
    OwnTracesTaken { request: id(97), digest: "e5".repeat(32), format: Format::Csv },
    TraceSearchKept { search: id(96), name: text("Refus de la semaine") },
    TraceSearchErased { search: id(96), name: text("Refus de la semaine") },
    UsesCounted { from: Day::from(date!(2026-11-01)), to: Day::from(date!(2026-11-22)), rows: 17 },
    DemonstrationUsesInvented { organism: id(10), from: Day::from(date!(2025-11-01)), rows: 96 },
    StatisticsExported {
        from: Day::from(date!(2025-11-01)), to: Day::from(date!(2026-11-22)), at: Some(id(20)), rows: 13,
    },
    PersonCounted {
        account: id(33), from: Day::from(date!(2026-11-01)), to: Day::from(date!(2026-11-22)),
        reason: text("Consultations contestées par la famille"),
    },
}

fn person(office: Office) -> Actor {
    let partner = office.is_of_a_partner().then(|| id(20));
    let account = AccountRef { id: id(30), identifier: text("VIL-4T8QWN"), name: text("Maëlle Coudert") };
    Actor::person(office, id(10), partner, account, id(91)).from(Origin {
        source: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7))),
        agent: Some("Firefox"),
        session: Some([0xd4; 32]),
        session_row: Some([0xee; 32]),
        form: None,
    })
}

fn trace(actor: Actor, fact: Fact) -> Trace {
    // Late on the last day of a month in UTC: the month, the day and what follows from them all differ by zone.
    let at = Timestamp::new(datetime!(2026-11-30 23:30:00.123456 UTC));
    Trace::of(
        id(1),
        &Happening { actor, fact, partner: None, at, took: Some(time::Duration::microseconds(2_345)) },
    )
}

/// The canonical bytes, as a reviewer compares them.
fn told(trace: &Trace) -> String {
    format!("  {}\n  {}\n", hex(&trace.header(&[0x5a; 16], 3)), trace.body)
}

#[test]
fn the_canonical_bytes_of_every_fact_are_the_golden_ones() {
    let mut table = String::new();
    for fact in samples() {
        writeln!(table, "{} {}", name(&fact), fact.code()).unwrap();
        table.push_str(&told(&trace(person(Office::Principal), fact)));
    }
    let actors = [
        ("an organism's administrator", person(Office::OrganismAdministrator)),
        ("a job of one organism", Actor::system("mail", Some(id(10)), id(91))),
        ("a job of the installation", Actor::system("ledger", None, id(91))),
        ("a stranger", Actor::stranger(id(91))),
    ];
    for (who, actor) in actors {
        writeln!(table, "PageRead by {who}").unwrap();
        let fact = Fact::PageRead { route: text("/traces"), subject: None };
        table.push_str(&told(&trace(actor, fact)));
    }
    table.push_str("TracesRead with filters\n");
    let (from, to) = (Day::from(date!(2026 - 11 - 17)), Day::from(date!(2026 - 11 - 23)));
    let filters = vec![(text("service"), text("cdap")), (text("outcome"), text("refused"))];
    let fact = Fact::TracesRead { from, to, person: None, action: None, filters, shown: 3 };
    table.push_str(&told(&trace(person(Office::OrganismAuditor), fact)));
    golden("facts.txt", &table);
}

#[test]
fn every_fact_has_its_own_code() {
    let mut codes: Vec<&str> = samples().iter().map(Fact::code).collect();
    codes.sort_unstable();
    let all = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), all);
}

/// What search finds must stand in the body, which the MAC covers; and the row's own key never does.
#[test]
fn search_columns_come_back_from_every_body() {
    for fact in samples() {
        let (code, outcome) = (fact.code(), fact.outcome());
        let body = trace(person(Office::Principal), fact).body;
        let columns = SearchColumns::of(&body).unwrap();
        assert_eq!(columns.actor, Some(id(30)), "{code}");
        assert_eq!(columns.session.as_deref(), Some([0xd4; 32].as_slice()), "{code}");
        assert_eq!(columns.correlation, Some(id(91)), "{code}");
        assert_eq!(columns.source.as_deref(), Some("192.0.2.7"), "{code}");
        assert_eq!(columns.outcome, outcome.code(), "{code}");
        assert_eq!(columns.file.is_some(), code.starts_with("file."), "{code}");
        assert!(!body.contains(&"ee".repeat(32)), "{code} gives the session's row away");
    }
}
