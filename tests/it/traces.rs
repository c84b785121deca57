//! Reading the log: who finds what in it, how far a search goes, and what reading leaves behind.

use compte_partenaire::domain::access::{AccountRef, Actor, Office, Origin};
use compte_partenaire::domain::facts::{Fact, GroupMark, LookUp};
use compte_partenaire::domain::id::{CorrelationId, TraceId};
use compte_partenaire::domain::trace_search::{MOST_KEPT, STEP};
use compte_partenaire::web::file_mark;
use time::Duration;

use crate::facts::samples;
use crate::stories;
use crate::support::cast::{Organism, Partner, Person, cast};
use crate::support::{Browser, Page, TestApp};

const NUMBER: &str = "0042317";

/// Somebody who acts, in one session, from one place.
fn actor(app: &TestApp, organism: &Organism, partner: Option<&Partner>, person: &Person) -> Actor {
    let account = AccountRef {
        id: person.id,
        identifier: person.identifier.clone(),
        name: "Camille Vauquelin".to_owned(),
    };
    let correlation: CorrelationId = app.app.kit().entropy.opaque_id();
    let origin = Origin {
        source: Some("192.0.2.7".parse().unwrap()),
        agent: Some("Firefox"),
        session: Some([0xd4; 32]),
        ..Origin::default()
    };
    Actor::person(person.office, organism.id, partner.map(|partner| partner.id), account, correlation)
        .from(origin)
}

async fn leave(app: &TestApp, actor: &Actor, facts: Vec<Fact>) -> Vec<TraceId> {
    let took = Some(Duration::microseconds(41_200));
    app.app.kit().ledger.hand_over(actor, facts, took, Vec::new()).await.unwrap().traces
}

fn file_read(app: &TestApp, organism: &Organism, partner: &Partner) -> Fact {
    Fact::FileRead {
        file: file_mark::of(app.app.kit(), organism.id, NUMBER),
        service: "cdap".to_owned(),
        mission: "Adressage".to_owned(),
        rubrics: vec!["adresse".to_owned(), "famille".to_owned()],
        grants: vec![partner.grant],
        again: false,
    }
}

fn looked_up(app: &TestApp, organism: &Organism, number: &str, result: LookUp) -> Fact {
    Fact::FileLookedUp {
        file: file_mark::of(app.app.kit(), organism.id, number),
        service: "cdap".to_owned(),
        mission: "Adressage".to_owned(),
        result,
    }
}

fn page_read(n: usize) -> Fact {
    Fact::PageRead { route: format!("/page-{n}"), subject: None }
}

/// Follows a search step by step to the end of its period.
async fn go_on(reader: &mut Browser) -> &Page {
    while !reader.page().links("Continuer la recherche").is_empty() {
        reader.follow("Continuer la recherche").await;
    }
    reader.page()
}

/// The routes of the pages that a list shows, in order.
fn routes(browser: &Browser) -> Vec<String> {
    let told = browser.page().select("main .timeline .mono");
    told.into_iter().filter(|words| words.starts_with("/page-")).collect()
}

stories! {
    /// One trace says everything, to whom it may be said; the timelines of its session and of its file lead on.
    async fn one_trace_is_read_in_full(app) {
        let [ours, theirs] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.user);
        let facts = vec![looked_up(app, &ours, NUMBER, LookUp::Opened), file_read(app, &ours, home)];
        let traces = leave(app, &agent, facts).await;
        app.clock.advance(Duration::seconds(20));
        let outside = vec![looked_up(app, &ours, "0099999", LookUp::OutsidePerimeter)];
        let refused = leave(app, &agent, outside).await[0];
        let colleague = actor(app, &ours, Some(neighbour), &neighbour.user);
        let elsewhere = leave(app, &colleague, vec![file_read(app, &ours, neighbour)]).await[0];
        let path = format!("/traces/{}", traces[1]);

        let mut principal = home.principal.sits_down(app).await;
        principal.open(&path).await
            .must_say("Consultation d’un dossier").must_say("Camille Vauquelin").must_say(&home.user.identifier)
            .must_say("utilisation des services").must_say("Commune de Brumeval").must_say(NUMBER)
            .must_say("Adressage").must_say("adresse, famille").must_say("Abouti").must_say("192.0.2.7")
            .must_say("avec Firefox").must_say("au moins jusqu’au 23 mai 2027").must_say("Recherche d’un dossier")
            .must_not_say("41,2 ms");
        principal.follow("Toute la session").await.must_say("3 traces").must_say("Recherche d’un dossier");
        principal.open(&path).await;
        principal.follow("Qui a consulté ce dossier").await
            .must_say("2 traces").must_say(NUMBER).must_say("par les personnes de votre structure")
            .must_not_say(&neighbour.user.identifier);
        // Why nothing was given is not his to learn, nor from how long it took.
        principal.open(&format!("/traces/{refused}")).await
            .must_say("aucun dossier remis").must_not_say("hors périmètre").must_not_say("ms");
        for trace in [elsewhere, leave(app, &actor(app, &theirs, None, &theirs.auditor), vec![page_read(0)]).await[0]] {
            for page in ["", "/session", "/dossier"] {
                assert_eq!(principal.open(&format!("/traces/{trace}{page}")).await.status, 404);
            }
        }
        assert_eq!(home.user.sits_down(app).await.open(&path).await.status, 404);
        assert_eq!(theirs.auditor.sits_down(app).await.open(&path).await.status, 404);

        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open(&format!("/traces/{refused}")).await.must_say("hors périmètre").must_say("41,2 ms");
        auditor.open(&path).await;
        auditor.follow("Qui a consulté ce dossier").await
            .must_say(&home.user.identifier).must_say(&neighbour.user.identifier).must_say("Commune de Clairvigne");

        // Each of these readings left its own trace, which says of what.
        let read = app.bodies("traces.one_read").await;
        assert!(read.iter().any(|body| body["object"]["trace"] == traces[1].to_string()
            && body["actor"]["identifier"] == ours.auditor.identifier.as_str()));
        assert_eq!(app.bodies("traces.session_read").await[0]["object"]["session"], "d4".repeat(32));
        assert_eq!(app.bodies("traces.file_read").await.len(), 2);
        assert!(app.bodies("traces.file_read").await.iter().all(|body| body["object"]["searched"]["hash"].is_string()));
    }

    /// What the organism searches is never shown to a partner: not in its list, not in full, not by its session, its
    /// file or its person.
    async fn the_searches_of_the_organism_stay_its_own(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.user);
        let trace = leave(app, &agent, vec![file_read(app, &ours, home)]).await[0];
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open(&format!("/traces?personne={}&partenaire={}", home.user.identifier, home.id)).await.must_say("trace");
        for page in ["", "/session", "/dossier"] {
            auditor.open(&format!("/traces/{trace}{page}")).await;
        }
        auditor.open("/traces?acte=traces.").await.must_say("Traces d’un dossier lues").must_say(NUMBER);
        let own = auditor.page().links("Traces d’un dossier lues")[0].clone();
        let mut principal = home.principal.sits_down(app).await;
        for path in [
            "/traces".to_owned(), "/traces?acte=traces.".to_owned(), format!("/traces?personne={}", home.user.identifier),
            format!("/traces?personne={}", ours.auditor.identifier), format!("/traces/{trace}"),
            format!("/traces/{trace}/session"), format!("/traces/{trace}/dossier"),
        ] {
            principal.open(&path).await.must_not_say(&format!("Camille Vauquelin, {}", ours.auditor.identifier));
        }
        for page in ["", "/session", "/dossier"] {
            assert_eq!(principal.open(&format!("{own}{page}")).await.status, 404, "{own}{page}");
        }
    }

    /// A person is found as who acted and as who was acted upon, each trace once, however many there are.
    async fn a_person_is_found_on_both_sides(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let (user, chief) = (actor(app, &ours, Some(home), &home.user), actor(app, &ours, Some(home), &home.principal));
        let other = actor(app, &ours, Some(neighbour), &neighbour.user);
        let mut expected = Vec::new();
        for n in 0..70 {
            leave(app, &other, vec![page_read(n)]).await;
            let facts = vec![Fact::UserSuspended { account: home.user.id, partner: home.id, reason: format!("Motif {n}") }];
            expected.extend(leave(app, &chief, facts).await);
            expected.extend(leave(app, &user, vec![page_read(n)]).await);
            // Most of them share their instant with others.
            if n % 30 == 0 {
                app.clock.advance(Duration::seconds(1));
            }
        }
        expected.reverse();
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open(&format!("/traces?personne={}", home.user.identifier)).await;
        let mut met = Vec::new();
        loop {
            auditor.page().must_not_say(&neighbour.user.identifier).must_say("→ Camille Vauquelin");
            met.extend(auditor.page().links("Utilisateur suspendu").into_iter().chain(auditor.page().links("Page lue")));
            let next = auditor.page().links("Traces plus anciennes");
            let Some(next) = next.first().cloned() else { break };
            auditor.open(&next).await;
        }
        let mut wanted: Vec<String> = expected.iter().map(|id| format!("/traces/{id}")).collect();
        met.sort();
        wanted.sort();
        assert_eq!(met, wanted);
    }

    /// What has no index is looked for in bounded steps: what was not looked at yet is offered, never passed over.
    async fn a_search_goes_on_step_by_step(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.user);
        leave(app, &agent, vec![file_read(app, &ours, home)]).await;
        app.clock.advance(Duration::hours(1));
        for _ in 0..STEP / 500 {
            let facts = (0..500).map(page_read).collect();
            leave(app, &agent, facts).await;
        }
        app.clock.advance(Duration::seconds(1));
        leave(app, &agent, vec![file_read(app, &ours, home)]).await;
        for person in [&home.principal, &ours.auditor] {
            let mut reader = person.sits_down(app).await;
            for query in ["service=cdap", "mission=Adressage", "acte=file.", &format!("service=cdap&personne={}", home.user.identifier)] {
                reader.open(&format!("/traces?{query}")).await.must_say("1 trace").must_say("la recherche peut continuer");
                go_on(&mut reader).await.must_say("1 trace").must_say("Consultation d’un dossier");
            }
            reader.open("/traces?resultat=failed").await.must_say("Aucune trace jusqu’ici");
            go_on(&mut reader).await.must_say("Aucune trace pour cette recherche");
            app.clock.advance(Duration::seconds(1));
        }
    }

    /// Every criterion keeps what it names, and says so when it names nothing.
    async fn every_criterion_keeps_what_it_names(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.user);
        let group = GroupMark { id: home.group, name: "Petite enfance".to_owned() };
        leave(app, &agent, vec![
            page_read(1), Fact::GroupArchived { group }, file_read(app, &ours, home),
            looked_up(app, &ours, NUMBER, LookUp::SourceFailed), looked_up(app, &ours, NUMBER, LookUp::Unknown),
        ]).await;
        let far = agent.clone().from(Origin { source: Some("2001:db8::9".parse().unwrap()), ..Origin::default() });
        leave(app, &far, vec![page_read(2)]).await;
        leave(app, &actor(app, &ours, Some(neighbour), &neighbour.user), vec![page_read(3)]).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        for (query, count, said, unsaid) in [
            (format!("groupe={}", home.group), 1, "Groupe archivé", "/page-1"),
            ("mission=Adressage".to_owned(), 3, "Consultation d’un dossier", "/page-1"),
            ("service=cdap&resultat=refused".to_owned(), 1, "numéro inconnu", "Consultation d’un dossier"),
            ("resultat=failed".to_owned(), 1, "les dossiers ne répondaient pas", "numéro inconnu"),
            ("adresse=2001:DB8:0::9".to_owned(), 1, "/page-2", "/page-1"),
            (format!("partenaire={}", neighbour.id), 1, "/page-3", "/page-1"),
            (format!("partenaire={}&personne={}", neighbour.id, home.user.identifier), 0, "Aucune trace pour cette recherche", "/page-1"),
            ("acte=refus&service=cdap".to_owned(), 1, "numéro inconnu", "/page-1"),
        ] {
            let page = auditor.open(&format!("/traces?{query}")).await;
            page.must_say(said);
            let list = page.select("main .timeline").join(" ");
            assert!(!list.contains(unsaid), "{query}: {list}");
            assert_eq!(page.select("main .timeline li").len(), count, "{query}: {list}");
        }
        for (query, field, typed) in [
            ("adresse=chez+moi", "adresse", "chez moi"), ("du=2026-11-31", "du", ""), ("du=2026-11-20&au=2026-11-10", "du", "2026-11-20"),
            ("service=inconnu", "service", ""), ("mission=Autre", "mission", ""), ("acte=rien", "acte", ""),
            ("resultat=rien", "resultat", ""), (&format!("groupe={}", ours.id), "groupe", ""), (&format!("partenaire={}", ours.id), "partenaire", ""),
        ] {
            let page = auditor.open(&format!("/traces?{query}")).await.clone();
            assert_eq!(page.status, 422, "{query}");
            assert_eq!(page.select(&format!("#{field}-erreur")).len(), 1, "{query}");
            page.must_say("Rien n’a été cherché");
            assert!(page.html.contains(&format!("value=\"{typed}\"")), "{query} forgets what was typed");
        }
        let told = app.bodies("traces.read").await;
        let filters = |body: &serde_json::Value| body["object"]["filters"].to_string();
        assert!(told.iter().any(|body| filters(body) == r#"[["outcome","refused"],["service","cdap"]]"#));
        assert!(told.iter().any(|body| filters(body).contains(&neighbour.id.to_string())));
    }

    /// Pages follow one another without a gap or a repetition, though all share one instant.
    async fn pages_follow_one_another(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.user);
        leave(app, &agent, (0..120).map(page_read).collect()).await;
        app.clock.advance(Duration::seconds(1));
        let mut principal = home.principal.sits_down(app).await;
        let mut met = Vec::new();
        principal.open("/traces?acte=page.").await;
        loop {
            met.extend(routes(&principal));
            let next = principal.page().links("Traces plus anciennes");
            let Some(next) = next.first().cloned() else { break };
            principal.open(&next).await;
        }
        let expected: Vec<String> = (0..120).rev().map(|n| format!("/page-{n}")).collect();
        assert_eq!(met, expected);
        // The session is read forwards.
        let trace = principal.page().links("Page lue").last().unwrap().clone();
        principal.open(&format!("{trace}/session")).await;
        let mut met = Vec::new();
        loop {
            met.extend(routes(&principal));
            let next = principal.page().links("Suite de la session");
            let Some(next) = next.first().cloned() else { break };
            principal.open(&next).await;
        }
        let expected: Vec<String> = (0..120).map(|n| format!("/page-{n}")).collect();
        assert_eq!(met, expected);
    }

    /// Seven days when no period is given; another period when one is.
    async fn a_search_always_has_a_period(app) {
        let [ours, _] = cast(app).await;
        let agent = actor(app, &ours, Some(&ours.partners[0]), &ours.partners[0].user);
        leave(app, &agent, vec![page_read(1)]).await;
        app.clock.advance(Duration::days(7));
        leave(app, &agent, vec![page_read(2)]).await;
        let mut auditor = ours.auditor.sits_down(app).await;
        auditor.open("/traces").await.must_say("/page-2").must_not_say("/page-1");
        auditor.open("/traces?du=2026-11-23").await.must_say("/page-2").must_say("/page-1");
        auditor.open("/traces?au=2026-11-23").await.must_say("/page-1").must_not_say("/page-2");
        let read = app.bodies("traces.read").await;
        assert_eq!((&read[0]["object"]["from"], &read[0]["object"]["to"]), (&"2026-11-24".into(), &"2026-11-30".into()));
    }

    /// A file is named by a form: its number never stands in an address, and is read by those alone who may.
    async fn a_file_is_found_by_its_number(app) {
        let [ours, theirs] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.user);
        leave(app, &agent, vec![file_read(app, &ours, home)]).await;
        // The same number elsewhere is another file.
        leave(app, &actor(app, &theirs, Some(&theirs.partners[0]), &theirs.partners[0].user), vec![file_read(app, &theirs, &theirs.partners[0])]).await;
        for person in [&home.principal, &home.deputy, &ours.auditor] {
            let mut reader = person.sits_down(app).await;
            reader.open("/traces").await;
            reader.follow("Qui a consulté un dossier").await;
            reader.form("/traces/dossiers").fill("numero", "42317 B").send(&mut reader).await;
            reader.page().must_say(&home.user.identifier).must_not_say(&theirs.partners[0].user.identifier);
            assert!(reader.page().path.ends_with("/dossier?du=2026-11-17&au=2026-11-23"), "{}", reader.page().path);
            assert!(!reader.page().html.contains("numero="));
            reader.open("/traces/dossiers").await;
            reader.form("/traces/dossiers").fill("numero", "quarante-deux").send(&mut reader).await;
            assert_eq!(reader.page().status, 422);
            reader.page().must_say("7 chiffres au plus");
            assert_eq!(reader.form("/traces/dossiers").value("numero"), Some("quarante-deux"));
            reader.form("/traces/dossiers").fill("numero", "42318").send(&mut reader).await;
            reader.page().must_say("Aucune trace de ce dossier dans cette période");
            app.clock.advance(Duration::seconds(1));
        }
        // At a partner whose people never asked for it, the file has no trace.
        let mut other = neighbour.principal.sits_down(app).await;
        other.open("/traces/dossiers").await;
        other.form("/traces/dossiers").fill("numero", NUMBER).send(&mut other).await;
        other.page().must_say("Aucune trace de ce dossier dans cette période");
        let bodies: Vec<(String,)> = app.rows("SELECT body FROM trace").await;
        assert!(bodies.iter().all(|(body,)| !body.contains("42317") && !body.contains("42318")));
    }

    /// A search is kept under a name, by and for one person.
    async fn searches_are_kept_by_and_for_one_person(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let mut principal = home.principal.sits_down(app).await;
        principal.open("/traces").await.must_not_say("Garder cette recherche");
        principal.open("/traces?resultat=refused&service=cdap&avant=1_x").await;
        principal.form("/traces/recherches").fill("nom", "Refus CDAP").send(&mut principal).await;
        principal.page().must_say("la recherche est gardée").must_say("Résultat : Refusé").must_not_say("avant");
        principal.open("/traces").await;
        assert_eq!(principal.page().links("Refus CDAP"), ["/traces?resultat=refused&service=cdap"]);
        principal.follow("Refus CDAP").await;
        principal.form("/traces/recherches").fill("nom", "Refus CDAP").send(&mut principal).await;
        assert_eq!(principal.page().status, 422);
        principal.page().must_say("Vous gardez déjà une recherche de ce nom");
        principal.form("/traces/recherches").fill("nom", " ").send(&mut principal).await;
        principal.page().must_say("Ce champ est à remplir");
        principal.form("/traces/recherches").fill("nom", "Tous les refus").send(&mut principal).await;
        principal.page().must_say("Tous les refus");

        let mut deputy = home.deputy.sits_down(app).await;
        deputy.open("/traces/recherches").await.must_not_say("Refus CDAP").must_say("Aucune recherche gardée");
        principal.open("/traces/recherches").await;
        let erase = principal.page().html.split('"').find(|part| part.ends_with("/effacer")).unwrap().to_owned();
        let own = principal.form(&erase);
        let token = deputy.open("/mot-de-passe").await.clone();
        let token = deputy.form("/mot-de-passe").value("jeton").unwrap_or_else(|| panic!("{}", token.html)).to_owned();
        let taken = [("jeton".to_owned(), token), ("cle".to_owned(), "abcd".to_owned())];
        assert_eq!(deputy.post(&erase, &taken).await.status, 404);
        own.send(&mut principal).await;
        principal.page().must_say("la recherche est effacée").must_not_say("Refus CDAP").must_say("Tous les refus");
        assert_eq!(app.bodies("traces.search_kept").await.len(), 2);
        assert_eq!(app.bodies("traces.search_erased").await[0]["object"]["name"], "Refus CDAP");

        for n in 1..MOST_KEPT {
            principal.open("/traces?resultat=done").await;
            principal.form("/traces/recherches").fill("nom", &format!("Série {n}")).send(&mut principal).await;
        }
        principal.open("/traces?resultat=done").await;
        principal.form("/traces/recherches").fill("nom", "Une de trop").send(&mut principal).await;
        principal.page().must_say("Il y en a trop : 30 au plus");
    }

    /// Somebody of another partner is found no more than somebody who is nowhere.
    async fn the_people_of_others_are_not_found(app) {
        let [ours, _] = cast(app).await;
        let [home, neighbour] = &ours.partners;
        let mut principal = home.principal.sits_down(app).await;
        let mut answers = Vec::new();
        for typed in [neighbour.user.identifier.as_str(), "ZZZ-222222"] {
            let page = principal.open(&format!("/traces?personne={typed}")).await.clone();
            answers.push((page.status, page.text().replace(typed, "…")));
        }
        assert_eq!(answers[0], answers[1]);
        principal.open(&format!("/traces?personne={}", home.user.identifier)).await;
        assert_ne!(answers[0].1, principal.page().text().replace(&home.user.identifier, "…"));
    }

    /// Whatever is traced is told in words: no code of ours on the page of any fact.
    async fn every_fact_is_told_in_words(app) {
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.principal);
        let mut auditor = ours.auditor.sits_down(app).await;
        let words = std::fs::read_to_string("templates/traces/words.html").unwrap();
        let mut faults = Vec::new();
        for fact in samples() {
            let (code, elsewhere) = (fact.code(), fact.organism().is_some());
            if !words.contains(&format!("when \"{code}\"")) {
                faults.push(format!("{code} has no words"));
            }
            let trace = leave(app, &agent, vec![fact]).await[0];
            let page = auditor.open(&format!("/traces/{trace}")).await;
            // Those that name an organism name one that is not here.
            if elsewhere {
                assert_eq!(page.status, 404, "{code}");
                continue;
            }
            assert_eq!(page.status, 200, "{code}");
            let bare = |word: &&str| {
                word.contains('_') && !word.starts_with('/')
                    && word.chars().all(|sign| sign == '_' || sign == '.' || sign.is_ascii_lowercase())
            };
            let terms = page.select("main dt, main dd, main .sub, h2").join(" ");
            faults.extend(terms.split(' ').filter(bare).map(|word| format!("{code}: «{word}»")));
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// Who reads traces, and who reads the numbers of files in them.
    async fn files_are_told_to_those_who_may_know_them(app) {
        use compte_partenaire::domain::access::{Permission, allows};
        let [ours, _] = cast(app).await;
        let [home, _] = &ours.partners;
        let agent = actor(app, &ours, Some(home), &home.user);
        leave(app, &agent, vec![file_read(app, &ours, home)]).await;
        for person in [&ours.auditor, &home.principal, &home.deputy] {
            let told = person.sits_down(app).await.open("/traces").await.text().contains(NUMBER);
            assert_eq!(told, allows(person.office, Permission::ReadFileNumbers));
        }
        assert!(!allows(Office::OrganismAdministrator, Permission::ReadFileNumbers));
    }
}
