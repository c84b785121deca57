//! The operator's check, on installations that are right and on installations that are wrong.

use std::os::unix::fs::PermissionsExt as _;

use compte_partenaire::clock::Clock;
use compte_partenaire::config::Config;
use compte_partenaire::doctor::{Finding, Verdict, examine};

use crate::stories;
use crate::support::{Backend, TestApp};

/// What `doctor` finds on the database of a test, whose keys are in its own folder.
async fn found(app: &TestApp, more: &[(&str, &str)]) -> Vec<Finding> {
    let folder = app.database.folder.path();
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let keys = folder.join("cles");
    if !keys.exists() {
        std::fs::create_dir(&keys).unwrap();
        std::fs::set_permissions(&keys, std::fs::Permissions::from_mode(0o700)).unwrap();
        write_key(app, "07");
    }
    let mail = format!("dossier:{}", folder.join("mail").display());
    let given = [
        ("CP_DATABASE_URL", app.database.url.as_str()),
        ("CP_KEYS", keys.to_str().unwrap()),
        ("CP_MAIL_URL", mail.as_str()),
        ("CP_MAIL_FROM", "Caf <portail@caf.example>"),
        ("CP_PUBLIC_URL", "https://partenaires.caf.example"),
        ("CP_TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let kept = given.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let all = kept.chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    examine(&Config::read(all).unwrap(), &app.clock).await
}

fn write_key(app: &TestApp, byte: &str) {
    let key = app.database.folder.path().join("cles/1.key");
    std::fs::write(&key, byte.repeat(32)).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[track_caller]
fn bad(findings: &[Finding]) -> Vec<String> {
    findings.iter().filter(|finding| finding.verdict == Verdict::Bad).map(ToString::to_string).collect()
}

#[track_caller]
fn must_find(findings: &[Finding], words: &str) {
    assert!(bad(findings).iter().any(|bad| bad.contains(words)), "{words}\n{findings:#?}");
}

/// What the machine of the tests decides: the clock of its PostgreSQL, which is not that of the tests, and its disk.
fn of_the_machine(finding: &Finding) -> bool {
    ["horloge", "espace disque"].contains(&finding.subject)
}

stories! {
    async fn a_sound_installation_is_told_so(app) {
        app.found_caf().await;
        app.app.db().check_keys(&app.app.kit().keys).await.unwrap();
        let mut findings = found(app, &[]).await;
        assert!(app.backend == Backend::Postgres || findings.iter().any(|finding| finding.subject == "espace disque"));
        findings.retain(|finding| !of_the_machine(finding));
        assert_eq!(bad(&findings), Vec::<String>::new());
        let told: Vec<String> = findings.iter().map(ToString::to_string).collect();
        let told = told.join("\n");
        for subject in ["réglages", "clés", "durabilité", "schéma", "clés et base", "TLS", "courrier", "mandataires"] {
            assert!(told.contains(&format!("{subject} :")), "{subject}\n{told}");
        }
        if app.backend == Backend::Postgres {
            assert!(told.contains("rôle de l’application : il ajoute des traces, et ne peut ni"), "{told}");
        }
    }

    async fn what_goes_elsewhere_is_looked_at(app) {
        app.app.db().check_keys(&app.app.kit().keys).await.unwrap();
        let folder = app.database.folder.path().join("temoin");
        let place = format!("dossier:{}", folder.display());
        let checkpoints = folder.display().to_string();
        let settings = [("CP_CHECKPOINTS", checkpoints.as_str()), ("CP_SECOND_SINK", place.as_str()), ("CP_SECOND_SINK_MODE", "exige")];
        let missing = found(app, &settings).await;
        must_find(&missing, "empreintes : ");
        must_find(&missing, "copie extérieure : ");
        must_find(&missing, "n’existe pas ; créez-le");
        std::fs::create_dir(&folder).unwrap();
        let told: Vec<String> = found(app, &settings).await.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.contains("copie extérieure : répond (exigée)")), "{told:?}");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).unwrap();
        must_find(&found(app, &settings).await, "ne peut être écrit");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        let none: Vec<String> = found(app, &[]).await.iter().map(ToString::to_string).collect();
        assert!(none.iter().any(|line| line.contains("publiées nulle part hors de la base")), "{none:?}");
    }

    /// Long after its last beat, and nobody said that it would stop.
    async fn a_log_that_beats_no_more_is_told(app) {
        app.app.db().check_keys(&app.app.kit().keys).await.unwrap();
        compte_partenaire::jobs::pulse::beat(&app.app).await.unwrap();
        let told = async || found(app, &[]).await.iter().any(|finding| finding.to_string().contains("ne bat plus depuis"));
        assert!(!told().await);
        app.clock.advance(time::Duration::minutes(5));
        assert!(told().await);
    }

    async fn keys_of_another_installation_or_open_to_all_are_told(app) {
        app.app.db().check_keys(&app.app.kit().keys).await.unwrap();
        found(app, &[]).await;
        write_key(app, "08");
        must_find(&found(app, &[]).await, "n’est pas celle de la base");
        let folder = app.database.folder.path().join("cles");
        std::fs::rename(folder.join("1.key"), folder.join("2.key")).unwrap();
        must_find(&found(app, &[]).await, "la base connaît une clé 1 que ce nœud n’a pas");
        std::fs::set_permissions(folder.join("2.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
        must_find(&found(app, &[]).await, "droits 644 au lieu de 600");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        must_find(&found(app, &[]).await, "d’autres peuvent remplacer les clés");
    }

    async fn what_cannot_be_reached_is_told_with_what_to_do(app) {
        let findings = found(app, &[("CP_MAIL_URL", "smtp://127.0.0.1:9"), ("CP_TRUSTED_PROXIES", "10.0.0.5")]).await;
        must_find(&findings, "courrier : le serveur ne répond pas");
        must_find(&findings, "mandataires : aucun ne peut joindre 127.0.0.1:8080");
        must_find(&found(app, &[("CP_TRUSTED_PROXIES", "")]).await, "TLS : personne ne le fait");
        let elsewhere = match app.backend {
            Backend::Sqlite => "sqlite:/nulle/part.db",
            Backend::Postgres => "postgres://personne:secret@127.0.0.1:9/rien",
        };
        let findings = found(app, &[("CP_DATABASE_URL", elsewhere)]).await;
        must_find(&findings, "base de données :");
        assert!(!format!("{findings:?}").contains("secret@"));
    }
}

/// An owner that serves could erase what it wrote.
#[tokio::test]
async fn a_role_that_may_too_much_is_told() {
    let app = TestApp::on(Backend::Postgres).await;
    let findings = found(&app, &[("CP_DATABASE_URL", &app.database.owner_url)]).await;
    must_find(
        &findings,
        "rôle de l’application : il est superutilisateur, possède les tables, peut modifier",
    );
}

/// A clock behind the last trace, or far from the server's.
#[tokio::test]
async fn a_clock_set_back_is_told() {
    let app = TestApp::on(Backend::Sqlite).await;
    app.found_caf().await;
    app.clock.advance(time::Duration::hours(-1));
    must_find(&found(&app, &[]).await, "dans le futur");
    let app = TestApp::on(Backend::Postgres).await;
    must_find(&found(&app, &[]).await, "d’écart avec celle du serveur de base");
    assert!(matches!(app.clock, Clock::Hand(_)));
}
