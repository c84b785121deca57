#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use super::*;

const GOOD: [(&str, &str); 3] = [
    ("CP_PUBLIC_URL", "https://partenaires.haute-aure.example/"),
    ("CP_MAIL_URL", "smtp://portail:s3cret@relais.example:587"),
    ("CP_MAIL_FROM", "Caf de la Haute-Aure <ne-pas-repondre@haute-aure.example>"),
];

fn variables(more: &[(&str, &str)]) -> Vec<(String, String)> {
    GOOD.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(more: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    Config::read(variables(more)).map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// What is wrong when everything else is right.
fn fault(name: &str, value: &str) -> String {
    let faults = read(&[(name, value)]).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults.concat()
}

#[test]
fn little_is_needed_to_serve() {
    let config = read(&[("PATH", "/bin"), ("CP_TEST_POSTGRES", "x"), ("CP_EDITOR_NAME", "  ")]).unwrap();
    assert_eq!(config.listen, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(config.public_url, "https://partenaires.haute-aure.example");
    assert_eq!(config.trusted_proxies, Vec::<IpAddr>::new());
    let foundation = &config.foundation;
    assert_eq!(foundation.database_url.expose(), "sqlite:donnees/compte-partenaire.db");
    assert_eq!(foundation.owner_url, Some(foundation.database_url.clone()));
    assert_eq!((foundation.connections, foundation.keys.clone()), (16, PathBuf::from("donnees/cles")));
    assert_eq!(foundation.log, LogSettings { filter: "info".to_owned(), format: LogFormat::Text });
    assert_eq!(config.missing_mentions().len(), 7);
}

#[test]
fn everything_can_be_decided() {
    let config = read(&[
        ("CP_LISTEN", "[::]:8443"),
        ("CP_DATABASE_URL", "postgres://cp_app:s3cret@base.example/cp"),
        ("CP_DATABASE_CONNECTIONS", "40"),
        ("CP_TRUSTED_PROXIES", "10.0.0.1, 2001:db8::1"),
        ("CP_LOG", "warn,compte_partenaire=debug"),
        ("CP_LOG_FORMAT", "json"),
        ("CP_EDITOR_NAME", "Caf de la Haute-Aure"),
    ])
    .unwrap();
    assert_eq!(config.listen.port(), 8443);
    assert_eq!(config.trusted_proxies.len(), 2);
    assert_eq!(config.foundation.owner_url, None, "a server has two roles, and serving needs only one");
    assert_eq!(config.publisher.name.as_deref(), Some("Caf de la Haute-Aure"));
    assert!(!config.missing_mentions().contains(&"CP_EDITOR_NAME"));
    assert!(!format!("{config:?}").contains("s3cret"));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let given = [
        ("CP_LISTEN", "partout"),
        ("CP_MAIL_FORM", "x"),
        ("CP_DATABASE_URL", "mysql://x"),
        ("CP_LOG", "a=b=c"),
    ];
    let faults = Config::read(given.map(|(name, value)| (name.to_owned(), value.to_owned()))).unwrap_err();
    let mut faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
    faults.sort();
    assert_eq!(
        faults,
        [
            "CP_DATABASE_URL (environnement) : valeur refusée. Attendu : sqlite:chemin ou postgres://utilisateur:motdepasse@serveur/base.",
            "CP_LISTEN (environnement) : valeur refusée. Attendu : une adresse IP et un port, comme 127.0.0.1:8080.",
            "CP_LOG (environnement) : valeur refusée. Attendu : un filtre comme info ou warn,compte_partenaire=debug.",
            "CP_MAIL_FORM (environnement) : ce nom n’existe pas. Vouliez-vous dire CP_MAIL_FROM ?",
            "CP_MAIL_FROM : valeur manquante (expéditeur du courrier : « Nom <adresse> »).",
            "CP_MAIL_URL : valeur manquante (envoi du courrier : smtp://utilisateur:motdepasse@serveur:587, smtps://… ou dossier:/chemin).",
            "CP_PUBLIC_URL : valeur manquante (adresse du portail que les personnes saisissent ; https, sauf sur cette machine).",
        ]
    );
}

#[test]
fn a_command_that_does_not_serve_needs_no_mail() {
    let foundation = Foundation::read([("CP_DATABASE_CONNECTIONS".to_owned(), "4".to_owned())]).unwrap();
    assert_eq!(foundation.connections, 4);
    let faults = Foundation::read([("CP_KEY".to_owned(), "x".to_owned())]).unwrap_err();
    assert_eq!(
        faults,
        [ConfigFault::Unknown {
            name: "CP_KEY".to_owned(),
            place: Place::Environment,
            nearest: Some("CP_KEYS")
        }]
    );
}

#[test]
fn names_that_nobody_knows_are_refused() {
    assert_eq!(
        fault("CP_LISTENN", "x"),
        "CP_LISTENN (environnement) : ce nom n’existe pas. Vouliez-vous dire CP_LISTEN ?"
    );
    assert_eq!(
        fault("CP_SOMETHING_ELSE_ALTOGETHER", "x"),
        "CP_SOMETHING_ELSE_ALTOGETHER (environnement) : ce nom n’existe pas."
    );
    assert_eq!(fault("CP_", "x"), "CP_ (environnement) : ce nom n’existe pas.");
}

#[test]
fn every_setting_refuses_what_cannot_be_seen_and_says_so_by_its_name() {
    for setting in table() {
        for unseen in ["a\u{0}b", "a\u{fffd}b", "a\nb"] {
            let faults = Config::read(variables(&[(setting.name, unseen)])).unwrap_err();
            let expected = ConfigFault::Refused {
                name: setting.name.to_owned(),
                expected: Expected::Text,
                place: Place::Environment,
            };
            assert_eq!(faults, [expected], "{unseen:?}");
        }
    }
}

#[test]
fn a_fault_never_repeats_what_was_given() {
    for name in ["CP_DATABASE_URL", "CP_DATABASE_OWNER_URL", "CP_MAIL_URL", "CP_PUBLIC_URL"] {
        assert!(!fault(name, "ftp://u:s3cret@x.example").contains("s3cret"));
    }
}

#[test]
fn the_public_address_is_an_origin_and_private() {
    for (good, kept) in [
        ("https://partenaires.example:8443", "https://partenaires.example:8443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ] {
        assert_eq!(read(&[("CP_PUBLIC_URL", good)]).unwrap().public_url, kept);
    }
    for wrong in [
        "http://partenaires.example",
        "https://partenaires.example/portail",
        "https://partenaires.example?x",
        "https://partenaires.example#x",
        "https://a@partenaires.example",
        "partenaires.example",
        "ftp://localhost",
    ] {
        assert!(fault("CP_PUBLIC_URL", wrong).contains("une origine en https"), "{wrong}");
    }
}

#[test]
fn values_are_read_strictly() {
    for wrong in ["1", "501", "-4", "beaucoup", "4.0"] {
        assert!(fault("CP_DATABASE_CONNECTIONS", wrong).contains("un nombre de 2 à 500"));
    }
    for wrong in ["sqlite:", "sqlite::memory:", "postgres://", "x.db"] {
        assert!(fault("CP_DATABASE_URL", wrong).contains("sqlite:chemin"), "{wrong}");
    }
    assert!(fault("CP_TRUSTED_PROXIES", "10.0.0.1,,").contains("des adresses IP"));
    for wrong in ["59", "100001"] {
        assert!(fault("CP_SESSION_REQUESTS", wrong).contains("un nombre de 60 à 100000"));
    }
    assert!(fault("CP_METRICS_LISTEN", "oui").contains("« non »"));
    assert!(read(&[("CP_METRICS_LISTEN", "non")]).unwrap().figures.address().is_none());
    assert!(fault("CP_LOG_FORMAT", "xml").contains("texte ou json"));
    assert!(fault("CP_MAIL_FROM", "personne").contains("une adresse électronique"));
    assert!(fault("CP_MAIL_URL", "smtp://x.example?tls=none").contains("smtps://"));
    assert!(fault("CP_DATABASE_OWNER_URL", "postgres://o@x.example/cp").contains("la même base"));
}

fn put(folder: &tempfile::TempDir, name: &str, content: &str, rights: u32) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(rights)).unwrap();
    path.display().to_string()
}

/// Faults, with the folder of the test taken out of them.
fn faults_of(folder: &tempfile::TempDir, variables: &[(&str, &str)]) -> Vec<String> {
    let given = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let root = format!("{}/", folder.path().display());
    let faults = Config::read(given).unwrap_err();
    faults.iter().map(|fault| fault.to_string().replace(&root, "")).collect()
}

#[test]
fn a_file_decides_and_the_environment_wins() {
    let folder = tempfile::tempdir().unwrap();
    let file = put(
        &folder,
        "portail.toml",
        "public_url = \"https://du-fichier.example\"\nlisten = \"127.0.0.1:8081\"\n\
         trusted_proxies = [\"10.0.0.1\", \"10.0.0.2\"]\n\
         [database]\nurl = \"postgres://cp:s3cret@base.example/cp\"\nconnections = 40\n",
        0o600,
    );
    let config = read(&[("CP_CONFIG", &file)]).unwrap();
    assert_eq!(config.public_url, "https://partenaires.haute-aure.example", "the environment wins");
    assert_eq!((config.listen.port(), config.trusted_proxies.len()), (8081, 2));
    assert_eq!(config.foundation.database_url.expose(), "postgres://cp:s3cret@base.example/cp");
    assert_eq!(config.foundation.connections, 40);
}

#[test]
fn all_that_is_wrong_in_a_file_is_said_at_once_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = put(
        &folder,
        "portail.toml",
        "listen = \"partout\"\nlog = true\n\n[mail]\nurl = \"ftp://u:s3cret@x.example\"\nform = \"x\"\n\
         [database]\nconnections = 1\n",
        0o644,
    );
    let mut faults = faults_of(&folder, &[("CP_CONFIG", &file), ("CP_MAIL_FROM", "personne")]);
    faults.sort();
    assert_eq!(
        faults,
        [
            "CP_CONFIG : le fichier portail.toml contient un secret que d’autres peuvent lire (droits 644). \
             Faites : chmod 600 portail.toml",
            "CP_DATABASE_CONNECTIONS (portail.toml, ligne 8) : valeur refusée. Attendu : un nombre de 2 à 500.",
            "CP_LISTEN (portail.toml, ligne 1) : valeur refusée. Attendu : une adresse IP et un port, comme 127.0.0.1:8080.",
            "CP_LOG (portail.toml, ligne 2) : valeur refusée. Attendu : un texte entre guillemets, un nombre entier, ou une liste de textes.",
            "CP_MAIL_FORM (portail.toml, ligne 6) : ce nom n’existe pas. Vouliez-vous dire CP_MAIL_FROM ?",
            "CP_MAIL_FROM (environnement) : valeur refusée. Attendu : une adresse électronique, ou « Nom <adresse> ».",
            "CP_MAIL_URL (portail.toml, ligne 5) : valeur refusée. Attendu : smtp://utilisateur:motdepasse@serveur:587, smtps://… ou dossier:/chemin, sans paramètre.",
            "CP_PUBLIC_URL : valeur manquante (adresse du portail que les personnes saisissent ; https, sauf sur cette machine).",
        ]
    );
}

#[test]
fn a_file_that_is_not_one_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let broken = put(&folder, "portail.toml", "listen = \"127.0.0.1:1\"\nlog = s3cret\n", 0o600);
    let nested = put(&folder, "autre.toml", "config = \"encore.toml\"\n", 0o600);
    let first = |file: &str| {
        let faults = read(&[("CP_CONFIG", file)]).unwrap_err();
        faults.first().unwrap().replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(first(&broken), "CP_CONFIG (portail.toml, ligne 2) : ceci n’est pas du TOML.");
    assert_eq!(
        first("/nulle/part.toml"),
        "CP_CONFIG : le fichier /nulle/part.toml ne se lit pas (il n’existe pas)."
    );
    assert!(first(&nested).starts_with("CP_CONFIG (autre.toml, ligne 1) : ce nom n’existe pas."));
}

#[test]
fn a_secret_comes_from_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let secret = put(&folder, "courrier", "smtps://portail:s3cret@relais.example\n", 0o400);
    let base: Vec<_> = GOOD.iter().filter(|(name, _)| *name != "CP_MAIL_URL").copied().collect();
    let given = |more: &[(&str, &str)]| -> Vec<(String, String)> {
        base.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let config = Config::read(given(&[("CP_MAIL_URL_FILE", &secret)])).unwrap();
    assert_eq!(config.mail, MailRoute::parse("smtps://portail:s3cret@relais.example").unwrap());
    let open = put(&folder, "ouvert", "smtps://relais.example", 0o644);
    let bad = put(&folder, "mauvais", "ftp://u:s3cret@relais.example", 0o600);
    let twice = ("CP_MAIL_URL", "smtps://relais.example");
    for (more, told) in [
        (
            &[("CP_MAIL_URL_FILE", open.as_str())][..],
            "CP_MAIL_URL : le fichier ouvert contient un secret que d’autres",
        ),
        (
            &[("CP_MAIL_URL_FILE", "/nulle/part")],
            "CP_MAIL_URL : le fichier /nulle/part ne se lit pas (il n’existe pas).",
        ),
        (&[("CP_MAIL_URL_FILE", bad.as_str())], "CP_MAIL_URL (mauvais) : valeur refusée."),
        (&[("CP_MAIL_URL_FILE", secret.as_str()), twice], "CP_MAIL_URL (environnement) : donné deux fois."),
        (&[("CP_KEYS_FILE", "x"), twice], "CP_KEYS_FILE (environnement) : ce nom n’existe pas."),
    ] {
        let faults = Config::read(given(more)).unwrap_err();
        let root = format!("{}/", folder.path().display());
        let faults: Vec<String> = faults.iter().map(|fault| fault.to_string().replace(&root, "")).collect();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(faults.concat().starts_with(told), "{faults:?}");
        assert!(!faults.concat().contains("s3cret"));
    }
}

#[test]
fn a_certificate_comes_with_its_key_and_a_secure_address() {
    let folder = tempfile::tempdir().unwrap();
    let one = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let certificate = put(&folder, "portail.pem", &one.cert.pem(), 0o644);
    let key = put(&folder, "portail.key", &one.signing_key.serialize_pem(), 0o600);
    let both = [("CP_TLS_CERTIFICATE", certificate.as_str()), ("CP_TLS_KEY", key.as_str())];
    assert!(read(&both).unwrap().tls.is_some());
    let alone = |pair| read(&[pair]).unwrap_err().concat();
    assert!(alone(both[0]).starts_with("CP_TLS_KEY : valeur manquante"));
    assert!(alone(both[1]).starts_with("CP_TLS_CERTIFICATE : valeur manquante"));
    let wrong = read(&[("CP_TLS_CERTIFICATE", &key), both[1]]).unwrap_err().concat();
    assert!(wrong.starts_with("CP_TLS_CERTIFICATE (environnement) : valeur refusée."), "{wrong}");
    let wrong = read(&[both[0], ("CP_TLS_KEY", &certificate)]).unwrap_err().concat();
    assert!(wrong.starts_with("CP_TLS_KEY (environnement) : valeur refusée."), "{wrong}");
    let plain = [("CP_PUBLIC_URL", "http://localhost:8443"), both[0], both[1]];
    let plain = read(&plain).unwrap_err().concat();
    assert!(plain.contains("puisque le programme sert en TLS"), "{plain}");
    assert!(fault("CP_MAIL_CA", &key).contains("un fichier de certificats"));
    assert!(read(&[("CP_MAIL_CA", &certificate)]).is_ok());
}

#[test]
fn a_second_sink_is_a_folder_or_a_server_that_somebody_vouches_for() {
    let sink = |more: &[(&str, &str)]| read(more).unwrap().sink;
    assert_eq!(sink(&[]), None);
    let folder = sink(&[("CP_SECOND_SINK", "dossier:/mnt/temoin")]).unwrap();
    assert_eq!(folder.route, SinkRoute::Folder(PathBuf::from("/mnt/temoin")));
    assert!(!folder.is_required() && !folder.bodies);
    let all = [
        ("CP_SECOND_SINK", "dossier:/mnt/temoin"),
        ("CP_SECOND_SINK_MODE", "exige"),
        ("CP_SECOND_SINK_BODIES", "oui"),
    ];
    assert!(sink(&all).is_some_and(|sink| sink.is_required() && sink.bodies));

    let files = tempfile::tempdir().unwrap();
    let one = rcgen::generate_simple_self_signed(vec!["journal.example".to_owned()]).unwrap();
    let authority = put(&files, "autorite.pem", &one.cert.pem(), 0o644);
    let server =
        |address| sink(&[("CP_SECOND_SINK", address), ("CP_SECOND_SINK_CA", &authority)]).unwrap().route;
    for (address, port) in
        [("syslog+tls://journal.example", 6_514), ("syslog+tls://journal.example:10514/", 10_514)]
    {
        let SinkRoute::Syslog(server) = server(address) else { panic!("{address}") };
        assert_eq!((server.host.as_str(), server.port), ("journal.example", port));
    }
    let SinkRoute::Syslog(here) = server("syslog+tls://[::1]:10514") else { panic!("an address is a name") };
    assert_eq!((here.host.as_str(), here.port), ("::1", 10_514));
    let alone = read(&[("CP_SECOND_SINK", "syslog+tls://journal.example")]).unwrap_err().concat();
    assert!(alone.starts_with("CP_SECOND_SINK_CA : valeur manquante"), "{alone}");
    for wrong in [
        "dossier:",
        "syslog://journal.example",
        "syslog+tls://",
        "syslog+tls://:6514",
        "syslog+tls://qui@journal.example",
        "/mnt",
        // A port that is none is never the usual one.
        "syslog+tls://journal.example:70000",
        "syslog+tls://journal.example:65536",
        "syslog+tls://journal.example:0",
        "syslog+tls://journal.example:",
        "syslog+tls://journal.example:+6514",
        "syslog+tls://journal.example:-1",
        "syslog+tls://journal.example:syslog",
        "syslog+tls://journal.example:6514:6514",
        "syslog+tls://[::1]:70000",
    ] {
        assert_eq!(
            fault("CP_SECOND_SINK", wrong),
            "CP_SECOND_SINK (environnement) : valeur refusée. \
             Attendu : dossier:/chemin ou syslog+tls://serveur:6514 (port de 1 à 65535).",
            "{wrong}"
        );
    }
    assert!(fault("CP_SECOND_SINK_MODE", "required").contains("exige ou differe"));
    assert!(fault("CP_SECOND_SINK_BODIES", "yes").contains("oui ou non"));
}

#[test]
fn the_readme_lists_exactly_these_settings() {
    let Ok(readme) = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")) else {
        return;
    };
    let mut listed: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.trim_start_matches(['|', ' ', '`']).split(['`', '|', ' ']).next())
        .filter(|name| name.starts_with("CP_"))
        .collect();
    let mut known: Vec<&str> = table().iter().map(|setting| setting.name).collect();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
    for setting in table() {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{}`", setting.name))).unwrap();
        assert!(setting.default.is_none_or(|default| row.contains(default)), "{row}");
    }
}
