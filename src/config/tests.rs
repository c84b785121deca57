#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

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
            "CP_DATABASE_URL : valeur refusée. Attendu : sqlite:chemin ou postgres://utilisateur:motdepasse@serveur/base.",
            "CP_LISTEN : valeur refusée. Attendu : une adresse IP et un port, comme 127.0.0.1:8080.",
            "CP_LOG : valeur refusée. Attendu : un filtre comme info ou warn,compte_partenaire=debug.",
            "CP_MAIL_FORM : ce nom n’existe pas. Vouliez-vous dire CP_MAIL_FROM ?",
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
    assert_eq!(faults, [ConfigFault::Unknown { name: "CP_KEY".to_owned(), nearest: Some("CP_KEYS") }]);
}

#[test]
fn names_that_nobody_knows_are_refused() {
    assert_eq!(fault("CP_LISTENN", "x"), "CP_LISTENN : ce nom n’existe pas. Vouliez-vous dire CP_LISTEN ?");
    assert_eq!(
        fault("CP_SOMETHING_ELSE_ALTOGETHER", "x"),
        "CP_SOMETHING_ELSE_ALTOGETHER : ce nom n’existe pas."
    );
    assert_eq!(fault("CP_", "x"), "CP_ : ce nom n’existe pas.");
}

#[test]
fn every_setting_refuses_what_cannot_be_seen_and_says_so_by_its_name() {
    for setting in table() {
        for unseen in ["a\u{0}b", "a\u{fffd}b", "a\nb"] {
            let faults = Config::read(variables(&[(setting.name, unseen)])).unwrap_err();
            let expected = ConfigFault::Refused { name: setting.name, expected: Expected::Text };
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
    assert!(fault("CP_LOG_FORMAT", "xml").contains("texte ou json"));
    assert!(fault("CP_MAIL_FROM", "personne").contains("une adresse électronique"));
    assert!(fault("CP_MAIL_URL", "smtp://x.example?tls=none").contains("smtps://"));
    assert!(fault("CP_DATABASE_OWNER_URL", "postgres://o@x.example/cp").contains("la même base"));
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
