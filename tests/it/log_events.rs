//! What the log tells of itself: for who reads the traces of a whole organism, page after page, and of nobody.

use compte_partenaire::domain::day::Day;
use compte_partenaire::domain::facts::Fact;
use compte_partenaire::domain::id::{RowId as _, TraceId};
use compte_partenaire::jobs::pulse::beat;
use compte_partenaire::jobs::purge::purge;
use time::Duration;
use time::macros::datetime;

use crate::stories;
use crate::support::cast::cast;
use crate::support::log::{seal_all, sign};
use crate::support::{Backend, Page, TestApp};

async fn tell(app: &TestApp, facts: Vec<Fact>) {
    let job = app.app.job("essai", None);
    let _receipt = app.app.kit().ledger.hand_over(&job, facts, None, Vec::new()).await.unwrap();
}

/// The lines of a page, whole.
fn lines(page: &Page) -> Vec<String> {
    page.select("ol.timeline > li")
        .into_iter()
        .map(|line| line.replace(['\u{a0}', '\u{202f}'], " "))
        .collect()
}

stories! {
    /// Each kind in plain French, with its ranks or its count; its beats are not events. Partners see nothing of it, nor
    /// does the administrator, who does not read traces.
    async fn the_log_tells_of_itself(app) {
        let [organism, other] = cast(app).await;
        let mut auditor = organism.auditor.sits_down(app).await;
        let page = auditor.open("/empreinte").await;
        page.must_say("Événements du journal").must_say("Aucun événement sur cette période");
        beat(&app.app).await.unwrap();
        let until = Day::parse("2026-05-12").unwrap();
        tell(app, vec![
            Fact::TracesErased { log: 1, first: 0, last: 511, rows: 1, until },
            Fact::LeavesFolded { log: 2, first: 4_096, last: 8_191, until },
            Fact::SealRefused { trace: TraceId::from_uuid(uuid::Uuid::from_u128(9)), what: "the MAC".to_owned() },
            Fact::LogOpened { before: 1, held: 12, root: "00".repeat(32), published: 15, reason: "Sauvegarde de mardi remise".to_owned() },
            Fact::LogSilent { from: datetime!(2026-11-23 03:05 UTC).to_string(), announced: false },
            Fact::LogSilent { from: datetime!(2026-11-22 03:05 UTC).to_string(), announced: true },
            Fact::SinkFailed { cause: "expired".to_owned() },
            Fact::SinkReturned { failed_at: datetime!(2026-11-23 08:29:59.25 UTC).to_string() },
            Fact::SinkKeyDestroyed { month: 202_605 },
            Fact::ServiceStopped { beats: 4 },
            Fact::ServiceResumed { suspended_at: datetime!(2026-11-23 08:20 UTC).to_string(), withheld: 2 },
        ]).await;
        sign(app.app.db()).await;
        let told = lines(auditor.open("/empreinte").await);
        for words in [
            "1 trace effacée à son terme, entre les rangs 0 et 511. Le dernier de ces termes était le 12 mai 2026.",
            "Scellés anciens regroupés, des rangs 4 096 à 8 191 du journal n° 2",
            "Une trace modifiée a été mise à l’écart",
            "Le précédent (n° 1) s’arrête après 12 traces ; sa dernière empreinte publiée en comptait 15. Motif : Sauvegarde de mardi remise",
            "Le journal s’était tu depuis le 23 nov. 2026 à 4 h 05, sans arrêt annoncé.",
            "Le journal s’était tu depuis le 22 nov. 2026 à 4 h 05, après un arrêt annoncé du portail.",
            "Copie extérieure en panne : le certificat du serveur était périmé",
            "Copie extérieure rétablie, en panne depuis le 23 nov. 2026 à 9 h 29.",
            "Clé de la copie extérieure détruite pour mai 2026",
            "Arrêt annoncé d’un nœud du portail",
            "Service rétabli, suspendu depuis le 23 nov. 2026 à 9 h 20 faute de pouvoir tracer. 2 réponses retenues.",
        ] {
            assert_eq!(told.iter().filter(|line| line.contains(words)).count(), 1, "{words}\n{told:#?}");
        }
        assert_eq!(told.len(), 11, "a beat is no event: {told:#?}");
        assert!(told.iter().all(|line| line.contains("Inscrit au rang ")), "{told:#?}");
        for person in [&organism.auditor, &organism.administrator, &organism.partners[0].user] {
            assert!(!told.iter().any(|line| line.contains(&person.identifier)));
        }
        // Another organism's auditor reads the same log; the others nothing of it, whatever they ask.
        let address = "/empreinte?du=2026-11-01&au=2026-11-30";
        assert_eq!(lines(other.auditor.sits_down(app).await.open(address).await), told);
        for person in [&organism.administrator, &organism.partners[0].principal, &organism.partners[0].deputy] {
            let mut browser = person.sits_down(app).await;
            let page = browser.open(address).await;
            page.must_not_say("Événements du journal").must_not_say("Copie extérieure rétablie");
            assert_eq!((page.status.as_u16(), lines(page).len()), (200, 0));
        }
        let read = app.bodies("page.read").await;
        assert!(read.iter().filter(|body| body["object"]["route"] == "/empreinte").count() >= 6, "each reading is traced");
    }

    /// A page after the other, each event once; a period; what is no day.
    async fn its_pages_follow_one_another(app) {
        let [organism, _] = cast(app).await;
        for minute in 0..60 {
            app.clock.advance(Duration::minutes(1));
            // Two at the same instant: the place in the log tells them apart.
            let facts = vec![Fact::SinkKeyDestroyed { month: 200_001 + minute % 12 + 100 * (minute / 12) }, Fact::ServiceStopped { beats: 0 }];
            tell(app, facts).await;
        }
        app.clock.advance(Duration::days(3));
        tell(app, vec![Fact::SinkFailed { cause: "full".to_owned() }]).await;
        let mut auditor = organism.auditor.sits_down(app).await;
        auditor.open("/empreinte").await;
        let mut met = lines(auditor.page());
        assert!(met[0].contains("il n’y avait plus de place") && met.len() == 25);
        auditor.page().must_not_say("Revenir aux plus récents");
        let mut pages = 1;
        while !auditor.page().links("Événements plus anciens").is_empty() {
            auditor.follow("Événements plus anciens").await.must_say("Revenir aux plus récents");
            met.extend(lines(auditor.page()));
            pages += 1;
        }
        assert_eq!((pages, met.len()), (5, 121));
        let destroyed: Vec<&String> = met.iter().filter(|line| line.contains("détruite")).collect();
        let mut once = destroyed.clone();
        once.sort();
        once.dedup();
        assert_eq!((destroyed.len(), once.len()), (60, 60), "each month is told once");
        auditor.open("/empreinte?du=2026-11-26&au=2026-11-26").await;
        assert_eq!(lines(auditor.page()).len(), 1);
        auditor.open("/empreinte?du=2026-11-24&au=2026-11-25").await.must_say("Aucun événement sur cette période");
        for (wrong, words) in [("du=hier", "Cette date n’existe pas"), ("du=2026-11-25&au=2026-11-24", "La fin précède le début")] {
            let page = auditor.open(&format!("/empreinte?{wrong}")).await;
            assert_eq!(page.status, 422, "{wrong}");
            page.must_not_say("Aucun événement").must_say(words);
        }
    }
}

/// A purge: its line leads to what it proves, its ranks and their days; what is no erasing proves none.
#[tokio::test]
async fn an_erasing_shows_what_it_proves() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = TestApp::starting(backend, datetime!(2020-08-31 09:00 UTC)).await;
        let (organism, _) = app.found_caf().await;
        let identifier = app.name_auditor(organism, "591").await;
        crate::support::log::chatter(&app.app, 300).await;
        sign(app.app.db()).await;
        app.clock.advance(datetime!(2021-02-28 00:10 UTC) - app.clock.now().instant());
        let gone = purge(&app.app).await.unwrap().unwrap().traces;
        sign(app.app.db()).await;
        let mut auditor = app.first_sign_in(&identifier, "basile.rochedieu.591@caf.example").await;
        auditor.open("/empreinte").await;
        let told = lines(auditor.page());
        assert!(
            told.len() == 1
                && told[0].contains(&format!(
                    "{gone} traces effacées à leur terme, entre les rangs 0 et {}",
                    gone - 1
                )),
            "{told:?}"
        );
        let proof = auditor.follow("Ce que cela prouve").await;
        let text = proof.text().replace(['\u{a0}', '\u{202f}'], " ");
        for words in [
            "Ce que prouve l’effacement du 28 févr. 2021".to_owned(),
            format!("de 0 à {}", gone - 1),
            "dernier terme : le 28 févr. 2021".to_owned(),
            format!("Scellés qui restent {gone} terme : le 28 févr. 2021"),
            "Traces encore gardées à ces rangs Aucune".to_owned(),
            "Première empreinte gardée qui les couvre le 31 août 2020".to_owned(),
        ] {
            assert!(text.contains(&words), "{words}\n{text}");
        }
        let address = proof.path.clone();
        let nothing = "/empreinte?effacement=00000000-0000-7000-8000-000000000001";
        assert_eq!(auditor.open(nothing).await.status, 404);
        let mut administrator =
            app.first_sign_in(&administrator(&app).await, "odile.marchepont.591@caf.example").await;
        administrator.open(&address).await.must_not_say("Ce que prouve");
        seal_all(app.app.db()).await;
        app.finish().await;
    }
}

async fn administrator(app: &TestApp) -> String {
    let rows: Vec<(String,)> =
        app.rows("SELECT identifier FROM account WHERE office = 'organism_administrator'").await;
    rows[0].0.clone()
}
