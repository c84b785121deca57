//! The third ring: a row that somebody may not see does not exist for him, and what one organism does never shows
//! at another.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::{Method, StatusCode};
use axum_extra::routing::TypedPath as _;
use compte_partenaire::clock::Entropy;
use compte_partenaire::domain::access::{AccountRef, Actor, Mode, Office, Origin, allows_at};
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::domain::id::{
    ConsultationId, CorrelationId, OrganismId, RowId, TraceExportId, TraceId, TraceRequestId, TraceSearchId,
};
use compte_partenaire::web::file_mark;
use compte_partenaire::web::paths::NewGrant;
use compte_partenaire::web::routes::{Access, Entry};
use uuid::Uuid;

use crate::stories;
use crate::support::cast::{Organism, Partner, Person, cast};
use crate::support::forms::{Filled, below, forms, questions};
use crate::support::log::sign;
use crate::support::owner::Owner;
use crate::support::{Browser, Page, TestApp};

/// The ids that stand in addresses, by the names of the parameters.
type Ids = BTreeMap<&'static str, String>;

/// What somebody did that has an address: each is his, or of his partner.
struct Done {
    consultation: ConsultationId,
    /// Of a file that the user of the partner read.
    trace: TraceId,
    search: TraceSearchId,
    /// Ready to be taken.
    export: TraceExportId,
    /// Of his own traces, or of those of the user of his partner.
    demand: TraceRequestId,
}

impl Done {
    /// What nobody did.
    fn by_nobody() -> Self {
        let id = |number| Uuid::from_u128(number);
        Self {
            consultation: RowId::from_uuid(id(7)),
            trace: RowId::from_uuid(id(8)),
            search: RowId::from_uuid(id(9)),
            export: RowId::from_uuid(id(10)),
            demand: RowId::from_uuid(id(10)),
        }
    }
}

/// Those of a partner, as somebody of that office may act on them: the organism acts on who administers the partner.
fn ids(partner: &Partner, office: Office, done: &Done) -> Ids {
    let (account, grant) = match office {
        Office::OrganismAdministrator => (&partner.principal, partner.seat_grant),
        _ => (&partner.user, partner.grant),
    };
    BTreeMap::from([
        ("partner", partner.id.to_string()),
        ("membership", partner.membership.to_string()),
        ("request", partner.request.to_string()),
        ("account", account.id.to_string()),
        ("grant", grant.to_string()),
        ("circonscription", partner.circonscription.to_string()),
        ("group", partner.group.to_string()),
        ("member", partner.user.id.to_string()),
        ("given", partner.given.to_string()),
        ("review", partner.review.to_string()),
        ("hold", partner.hold.to_string()),
        ("signal", partner.signal.to_string()),
        ("surveillance", partner.surveillance.to_string()),
        ("justification", partner.justification.to_string()),
        ("addressee", partner.principal.id.to_string()),
        ("consultation", done.consultation.to_string()),
        ("form", done.consultation.to_string()),
        ("trace", done.trace.to_string()),
        ("search", done.search.to_string()),
        ("export", done.export.to_string()),
        ("demand", if office == Office::User { done.demand } else { partner.trace_request }.to_string()),
    ])
}

/// Ids that nobody has.
fn unknown() -> Ids {
    let names = [
        "partner",
        "membership",
        "request",
        "account",
        "grant",
        "circonscription",
        "group",
        "member",
        "given",
        "review",
        "hold",
        "signal",
        "surveillance",
        "justification",
        "addressee",
        "consultation",
        "form",
        "trace",
        "search",
        "export",
        "demand",
    ];
    names
        .into_iter()
        .zip(1_u128..)
        .map(|(name, n)| (name, Uuid::from_u128(0x0190_dead_0000_7000_8000_0000_0000_0000 + n).to_string()))
        .collect()
}

fn parameters(path: &'static str) -> Vec<&'static str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

fn filled(path: &str, ids: &Ids) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => ids.get(name).unwrap_or_else(|| panic!("no id for {{{name}}} of {path}")).clone(),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

fn open_to(app: &TestApp, office: Office) -> Vec<Entry> {
    let may = |access| match access {
        Access::Public => false,
        Access::FirstSteps | Access::SignedIn => true,
        // The people of the first partners are their own: see `centralised` below.
        Access::Needs(permission) => allows_at(office, permission, Mode::Delegated),
    };
    app.app.routes().1.into_iter().filter(|entry| may(entry.access)).collect()
}

/// The page without what differs at each asking: ids, keys of forms.
fn blanked(page: &Page) -> (StatusCode, String) {
    let mut text = String::new();
    let mut rest = page.html.as_str();
    while let Some(sign) = rest.chars().next() {
        let id = rest.get(..36).is_some_and(|start| Uuid::try_parse(start).is_ok());
        let key = rest.strip_prefix("name=\"cle\" value=\"").and_then(|rest| rest.split_once('"'));
        if id {
            text.push_str("«id»");
            rest = &rest[36..];
        } else if let Some((_, after)) = key {
            text.push_str("«cle»");
            rest = after;
        } else {
            text.push(sign);
            rest = &rest[sign.len_utf8()..];
        }
    }
    (page.status, text)
}

/// A consultation opened in the session of somebody, a search that he keeps, and a file that the user of his partner
/// has read.
async fn act(app: &TestApp, organism: &Organism, partner: &Partner, person: &Person) -> Done {
    let kit = app.app.kit();
    let trace = read_a_file(app, organism, partner).await;
    let search: TraceSearchId = kit.entropy.opaque_id();
    let id: ConsultationId = kit.entropy.opaque_id();
    let mut owner = Owner::of(app).await;
    let sealed = kit.keys.seal(kit.entropy.bytes(), b"consultation", "0042317");
    let sealed = compte_partenaire::crypto::hex(&sealed);
    let (sealed, at) = match owner {
        Owner::Sqlite(_) => (format!("X'{sealed}'"), app.clock.now().micros().to_string()),
        Owner::Postgres(_) => (format!("'\\x{sealed}'::bytea"), format!("'{}'", app.clock.now().instant())),
    };
    let sql = format!(
        "INSERT INTO consultation (id, session_hash, account_id, organism_id, partner_id, membership_id, mission_id, \
         number_sealed, opened_at) SELECT {}, id_hash, account_id, {}, {}, {}, {}, {sealed}, {at} FROM session \
         WHERE account_id = {}",
        owner.id(id),
        owner.id(organism.id),
        owner.id(partner.id),
        owner.id(partner.membership),
        owner.id(partner.mission),
        owner.id(person.id),
    );
    owner.run(&sql).await.unwrap();
    let of = if person.office.is_of_a_partner() { owner.id(partner.id) } else { "NULL".to_owned() };
    let sql = format!(
        "INSERT INTO trace_search (id, organism_id, partner_id, account_id, name, query, kept_at) \
         VALUES ({}, {}, {of}, {}, 'Refus {search}', 'resultat=refused', {at})",
        owner.id(search),
        owner.id(organism.id),
        owner.id(person.id),
    );
    owner.run(&sql).await.unwrap();
    let export: TraceExportId = kit.entropy.opaque_id();
    let (on, until) = match owner {
        Owner::Sqlite(_) => ("'2026-11-23'", "4000000000000000"),
        Owner::Postgres(_) => ("'2026-11-23'::date", "'2096-11-23'::timestamptz"),
    };
    let sql = format!(
        "INSERT INTO trace_export (id, organism_id, partner_id, account_id, format, from_day, to_day, search, words, \
         reason, asked_at, state, traces, bytes, pieces, turn, attempts, until, ended_at, expires_at) VALUES \
         ({}, {}, {of}, {}, 'csv', {on}, {on}, '', 'aucun', 'Contrôle {export}', {at}, 'ready', 0, 0, 0, 1, 0, {at}, \
         {at}, {until})",
        owner.id(export),
        owner.id(organism.id),
        owner.id(person.id),
    );
    owner.run(&sql).await.unwrap();
    let demand: TraceRequestId = kit.entropy.opaque_id();
    let asked_by = if person.office == Office::User { person.id } else { partner.user.id };
    let columns = "kind, partner_id, reason, from_on, to_on, received_on, due_on, state, way, handed_to, handed_on, \
                   lines, digest, readable_until, closed_on";
    let of_the_first = owner.id(partner.trace_request);
    let by = owner.id(asked_by);
    let sql = format!(
        "INSERT INTO trace_request (id, organism_id, account_id, registered_by, registered_at, {columns}) \
         SELECT {}, organism_id, {by}, {by}, registered_at, {columns} FROM trace_request WHERE id = {of_the_first}",
        owner.id(demand),
    );
    owner.run(&sql).await.unwrap();
    Done { consultation: id, trace, search, export, demand }
}

/// The trace of a file that the user of a partner has read.
async fn read_a_file(app: &TestApp, organism: &Organism, partner: &Partner) -> TraceId {
    let (kit, user) = (app.app.kit(), &partner.user);
    let account =
        AccountRef { id: user.id, identifier: user.identifier.clone(), name: "Camille Vauquelin".to_owned() };
    let correlation: CorrelationId = kit.entropy.opaque_id();
    let origin = Origin { session: Some([0xd4; 32]), ..Origin::default() };
    let actor = Actor::person(user.office, organism.id, Some(partner.id), account, correlation).from(origin);
    let fact = Fact::FileRead {
        file: file_mark::of(kit, organism.id, "0042317"),
        service: "cdap".to_owned(),
        mission: "Adressage".to_owned(),
        rubrics: vec!["adresse".to_owned()],
        grants: vec![partner.grant],
        again: false,
    };
    kit.ledger.hand_over(&actor, vec![fact], None, Vec::new()).await.unwrap().traces[0]
}

/// The names that addresses carry after their «?», by page.
type Names = BTreeMap<String, BTreeSet<String>>;

/// The forms of the pages that somebody sees of his own, by where they are sent; and what each page may be asked after
/// its «?»: what any page's links and filters ask of it.
async fn walk(
    app: &TestApp,
    browser: &mut Browser,
    office: Office,
    own: &Ids,
) -> (BTreeMap<String, Filled>, Names) {
    let chance = Entropy::seeded(1);
    let (mut found, mut names) = (BTreeMap::new(), Names::new());
    for entry in open_to(app, office).into_iter().filter(|entry| entry.method == Method::GET) {
        let page = browser.open(&filled(entry.path, own)).await.clone();
        // A consultation of one's own exists, though its file does not.
        let exists = page.status == StatusCode::OK || entry.path.contains("{consultation}");
        assert!(
            exists && page.status != StatusCode::NOT_FOUND,
            "{} for {}: {}",
            entry.path,
            office.code(),
            page.status
        );
        for form in forms(&page, &chance) {
            found.entry(form.action.clone()).or_insert(form);
        }
        for (path, name) in questions(&page) {
            // Days name no row.
            if !["du", "au"].contains(&name.as_str()) {
                names.entry(path).or_default().insert(name);
            }
        }
    }
    (found, names)
}

struct Looker<'a> {
    browser: Browser,
    own: Ids,
    forms: BTreeMap<String, Filled>,
    token: String,
    faults: Vec<String>,
    who: &'a str,
    asked: u32,
}

impl Looker<'_> {
    async fn ask(&mut self, entry: &Entry, ids: &Ids) -> Page {
        self.asked += 1;
        let path = filled(entry.path, ids);
        if entry.method == Method::GET {
            return self.browser.request(Method::GET, &path, None).await;
        }
        let form = self.forms.get(&filled(entry.path, &self.own)).cloned();
        let form = form.unwrap_or(Filled { action: String::new(), fields: Vec::new() });
        let form = form.with("jeton", &self.token).with("cle", &format!("cle{}", self.asked));
        let body = serde_html_form::to_string(&form.fields).unwrap();
        self.browser.request(Method::POST, &path, Some(body)).await
    }

    /// Asks for the rows of another in every combination with one's own, and for rows that do not exist.
    async fn compare(&mut self, entry: &Entry, foreign: &Ids) {
        let names = parameters(entry.path);
        for mask in 1_u32..1 << names.len() {
            let mixed = |with: &Ids| -> Ids {
                let mut ids = self.own.clone();
                for (nth, name) in names.iter().enumerate().filter(|(nth, _)| mask & (1 << nth) != 0) {
                    let _ = nth;
                    ids.insert(name, with[name].clone());
                }
                ids
            };
            let (theirs, nobodys) = (mixed(foreign), mixed(&unknown()));
            let (theirs, nobodys) = (self.ask(entry, &theirs).await, self.ask(entry, &nobodys).await);
            let which = format!("{} {} for {} (combination {mask:b})", entry.method, entry.path, self.who);
            // What is typed wrongly may be said first, as long as it is said alike.
            let said_first =
                entry.method == Method::POST && theirs.status == StatusCode::UNPROCESSABLE_ENTITY;
            if theirs.status != StatusCode::NOT_FOUND && !said_first {
                self.faults.push(format!("{which}: {} rather than 404", theirs.status));
            }
            if blanked(&theirs) != blanked(&nobodys) {
                self.faults.push(format!("{which}: {} and {} differ", theirs.status, nobodys.status));
            }
        }
    }

    /// Names the rows of another after the «?» of one's own pages.
    async fn compare_query(&mut self, entry: &Entry, name: &str, foreign: &Ids) {
        let path = filled(entry.path, &self.own);
        for (kind, id) in foreign {
            let theirs = self.browser.request(Method::GET, &format!("{path}?{name}={id}"), None).await;
            let nobody = &unknown()[kind];
            let nobodys = self.browser.request(Method::GET, &format!("{path}?{name}={nobody}"), None).await;
            if blanked(&theirs) != blanked(&nobodys) {
                self.faults.push(format!("{}?{name}=(a {kind}) for {}: they differ", entry.path, self.who));
            }
        }
    }
}

stories! {
    /// Another's id is answered exactly like an id that nobody has.
    async fn the_rows_of_others_do_not_exist(app) {
        let [ours, theirs] = cast(app).await;
        sign(app.app.db()).await;
        let [home, neighbour] = &ours.partners;
        let mut faults = Vec::new();
        // Others have consultations of their own, in sessions of their own.
        let mut foreign = Vec::new();
        for (organism, partner, person) in [
            (&theirs, &theirs.partners[0], &theirs.partners[0].user),
            (&ours, neighbour, &neighbour.user),
            (&ours, home, &home.colleague),
        ] {
            person.sits_down(app).await;
            foreign.push((organism.id, partner.id, ids(partner, Office::User, &act(app, organism, partner, person).await)));
        }
        let before = projection(app, theirs.id).await;
        let everybody = [
            ("the administrator", &ours.administrator), ("the auditor", &ours.auditor),
            ("the principal", &home.principal), ("the deputy", &home.deputy), ("the user", &home.user),
        ];
        for (who, person) in everybody {
            let mut browser = person.sits_down(app).await;
            let own = ids(home, person.office, &act(app, &ours, home, person).await);
            let (forms, names) = walk(app, &mut browser, person.office, &own).await;
            browser.open("/mot-de-passe").await;
            let token = browser.form("/mot-de-passe").value("jeton").unwrap().to_owned();
            let mut looker = Looker { browser, own, forms, token, faults: Vec::new(), who, asked: 0 };
            for entry in open_to(app, person.office) {
                for (organism, partner, ids) in &foreign {
                    let of_the_same = *partner == home.id;
                    let sees = *organism == ours.id && !person.office.is_of_a_partner();
                    let personal = ["{consultation}", "{search}", "{export}"].iter().any(|id| entry.path.contains(id))
                        || entry.path.starts_with("/mes-traces/");
                    if (sees || of_the_same) && !personal {
                        continue;
                    }
                    looker.compare(&entry, ids).await;
                    // Reading the traces, or their count, adds to them: two readings are never alike.
                    let counts = entry.path == "/traces" || entry.path == "/accueil";
                    if entry.method == Method::GET && !counts && !of_the_same {
                        let asked = names.get(&filled(entry.path, &looker.own)).into_iter().flatten();
                        for name in asked.map(String::as_str).chain(["apres", "avant"]) {
                            looker.compare_query(&entry, name, ids).await;
                        }
                    }
                }
            }
            assert!(looker.asked > 0 || person.office == Office::OrganismAuditor, "{who} asked for nothing");
            faults.extend(looker.faults);
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert_eq!(projection(app, theirs.id).await, before, "another organism's rows changed");
    }

    /// The organism manages the users of a centralised partner, and those of no other: there its pages do not exist,
    /// and its forms do nothing.
    async fn the_people_of_a_partner_have_one_manager(app) {
        let [ours, theirs] = cast(app).await;
        let mut administrator = ours.administrator.sits_down(app).await;
        administrator.open("/mot-de-passe").await;
        let token = administrator.form("/mot-de-passe").value("jeton").unwrap().to_owned();
        let on_people = |entry: &Entry| {
            matches!(entry.access, Access::Needs(permission) if permission.is_on_people()
                && allows_at(Office::OrganismAdministrator, permission, Mode::Centralised))
        };
        let entries: Vec<Entry> = app.app.routes().1.into_iter().filter(on_people).collect();
        assert!(entries.len() > 20, "{entries:?}");
        let nobody = Done::by_nobody();
        let (before, elsewhere) = (projection(app, ours.id).await, projection(app, theirs.id).await);
        for partner in [&ours.partners[0], &theirs.partners[0], &theirs.centralised] {
            let ids = ids(partner, Office::Principal, &nobody);
            // To its own delegated partner it gives roles too, but to administrators.
            let shared = |entry: &Entry| partner.id == ours.partners[0].id && entry.path == NewGrant::PATH;
            for entry in entries.iter().filter(|entry| !shared(entry)) {
                let path = filled(entry.path, &ids);
                let body = (entry.method == Method::POST).then(|| {
                    let fields = [("jeton", token.as_str()), ("cle", "une-cle"), ("motif", "Fin de mission"), ("version", "1"),
                        ("prenom", "Lou"), ("nom", "Arvor"), ("fonction", "Agente"), ("courriel", "lou.arvor@ville.example")];
                    serde_html_form::to_string(fields).unwrap()
                });
                let page = administrator.request(entry.method.clone(), &path, body).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{} {path}", entry.method);
            }
        }
        let kept = |rows: BTreeSet<String>| -> BTreeSet<String> {
            rows.into_iter().filter(|row| !row.starts_with("trace") && !row.starts_with("session")).collect()
        };
        assert_eq!(kept(projection(app, ours.id).await), kept(before));
        assert_eq!(projection(app, theirs.id).await, elsewhere);
        // At its own centralised partner every one of them is there.
        let own = ids(&ours.centralised, Office::Principal, &nobody);
        for entry in entries.iter().filter(|entry| entry.method == Method::GET) {
            let page = administrator.request(Method::GET, &filled(entry.path, &own), None).await;
            assert_eq!(page.status, StatusCode::OK, "{}", entry.path);
        }
        // It has nobody to name there, and nothing to review.
        for page in ["principal", "suppleant", "revue/gestionnaires"] {
            let page = administrator.open(&format!("/partenaires/{}/{page}", ours.centralised.id)).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND);
        }
    }

    /// «No act of one organism changes what another can read», whatever the people of the first try.
    async fn what_one_organism_does_never_shows_at_another(app) {
        let [ours, theirs] = cast(app).await;
        sign(app.app.db()).await;
        let chance = Entropy::seeded(20_261_123);
        let before = projection(app, theirs.id).await;
        assert!(before.len() > 20, "the other organism has nothing to lose");
        let nobody = Done::by_nobody();
        let of = |organism: &Organism| -> Vec<Ids> {
            let offices = [Office::OrganismAdministrator, Office::User];
            let ids = |partner| offices.map(|office| ids(partner, office, &nobody));
            organism.partners.iter().flat_map(ids).collect()
        };
        let (own, foreign) = (of(&ours), of(&theirs));
        let [partner, _] = &ours.partners;
        let people = [&ours.administrator, &partner.principal, &partner.deputy, &partner.user];
        let mut browsers = Vec::new();
        for person in people {
            browsers.push((person.office, person.sits_down(app).await));
        }
        let mut told = Vec::new();
        for step in 0..640 {
            let (office, browser) = &mut browsers[step % people.len()];
            let pages: Vec<Entry> =
                open_to(app, *office).into_iter().filter(|entry| entry.method == Method::GET).collect();
            // Each page in its turn: chance alone leaves some of so many out.
            let entry = &pages[step / people.len() % pages.len()];
            let which = if below(&chance, 4) == 0 { &foreign } else { &own };
            let page = browser.open(&filled(entry.path, &which[below(&chance, 4)])).await.clone();
            let mut offered = forms(&page, &chance);
            // Another password, secret or office, or a session ended, would only lock the players out.
            let locks = ["/mot-de-passe", "/code", "/suspendre", "/principal", "/suppleant"];
            offered.retain(|form| {
                let ends = locks.iter().any(|lock| form.action.ends_with(lock));
                !ends && !form.action.starts_with("/mes-sessions/")
            });
            if offered.is_empty() {
                continue;
            }
            let mut form = offered.swap_remove(below(&chance, offered.len()));
            if below(&chance, 4) == 0 {
                betray(&mut form, &own, &foreign, &chance);
            }
            let answer = browser.post(&form.action, &form.fields).await;
            told.push(format!("{} {}", form.action, answer.status));
            if step % 40 == 39 {
                assert_eq!(projection(app, theirs.id).await, before, "after:\n{}", told.join("\n"));
            }
        }
        assert_eq!(projection(app, theirs.id).await, before, "after:\n{}", told.join("\n"));
        let done: BTreeSet<String> = app.facts().await.into_iter().collect();
        let changes = ["partner.registered", "partner.corrected", "cap.fixed", "user.created"];
        for change in changes {
            assert!(done.contains(change), "the players did too little ({change}): {done:?}\n{}", told.join("\n"));
        }
    }
}

/// Puts another organism's ids where one's own stand: in the address, and in the fields.
fn betray(form: &mut Filled, own: &[Ids], foreign: &[Ids], chance: &Entropy) {
    let theirs = &foreign[below(chance, foreign.len())];
    for ids in own {
        for (name, id) in ids {
            form.action = form.action.replace(id, &theirs[name]);
            for (_, value) in form.fields.iter_mut().filter(|(_, value)| value == id) {
                value.clone_from(&theirs[name]);
            }
        }
    }
}

/// Everything that an organism's people can read, one text a row.
async fn projection(app: &TestApp, organism: OrganismId) -> BTreeSet<String> {
    let mut owner = Owner::of(app).await;
    let id = owner.id(organism);
    // Rows that belong to an organism through another row, and rows that belong to all or to none.
    let through = BTreeMap::from([
        ("organism", format!("id = {id}")),
        (
            "membership_mission",
            format!("membership_id IN (SELECT id FROM membership WHERE organism_id = {id})"),
        ),
        ("file_holder", format!("load_id IN (SELECT id FROM file_load WHERE organism_id = {id})")),
        ("role_cap", format!("membership_id IN (SELECT id FROM membership WHERE organism_id = {id})")),
        ("session", format!("account_id IN (SELECT id FROM account WHERE organism_id = {id})")),
        ("form_sent", format!("account_id IN (SELECT id FROM account WHERE organism_id = {id})")),
        ("beneficiary_file", format!("load_id IN (SELECT id FROM file_load WHERE organism_id = {id})")),
        (
            "search_word",
            format!("scope = {id} OR scope IN (SELECT id FROM partner WHERE organism_id = {id})"),
        ),
        (
            "trace_export_piece",
            format!("export_id IN (SELECT id FROM trace_export WHERE organism_id = {id})"),
        ),
        ("trace_unsealed", format!("id IN (SELECT id FROM trace WHERE organism_id = {id})")),
        ("trace_leaf", format!("id IN (SELECT id FROM trace WHERE organism_id = {id})")),
    ]);
    let shared = [
        "installation",
        "role_rubric",
        "service",
        "service_role",
        "sign_in_budget",
        "trace_block",
        "trace_checkpoint",
        "trace_key",
        "trace_log",
        "trace_pulse",
        "trace_purge",
        "trace_sealer",
        "use_walk",
        "trace_silence",
        "trace_sink",
        "trace_sink_key",
    ];
    let mut rows = BTreeSet::new();
    for table in owner.tables().await {
        let columns = owner.columns(&table).await;
        let condition = match through.get(table.as_str()) {
            Some(condition) => condition.clone(),
            None if columns.iter().any(|column| column == "organism_id") => format!("organism_id = {id}"),
            None if shared.contains(&table.as_str()) => continue,
            None => panic!("to whom do the rows of {table} belong?"),
        };
        rows.extend(owner.rows(&table, &condition).await.into_iter().map(|row| format!("{table} {row}")));
    }
    rows
}

/// The projection is worth something only if it sees what changes.
#[tokio::test]
async fn the_projection_sees_an_act_of_the_organism_itself() {
    let app = TestApp::on(crate::support::Backend::Sqlite).await;
    let [ours, theirs] = cast(&app).await;
    sign(app.app.db()).await;
    let (left, right) = (projection(&app, ours.id).await, projection(&app, theirs.id).await);
    let job = app.app.job("essai", Some(ours.id));
    let fact = Fact::Tidied { what: "essai".to_owned(), rows: 0 };
    let _receipt = app.app.kit().ledger.hand_over(&job, vec![fact], None, Vec::new()).await.unwrap();
    assert_ne!(projection(&app, ours.id).await, left);
    assert_eq!(projection(&app, theirs.id).await, right);
}
