//! The names of all settings, their defaults, and what they are for: the README prints this table.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Its name in the environment.
    pub name: &'static str,
    /// What it is when nothing is said.
    pub default: Option<&'static str>,
    /// What it is for, in the operator's language.
    pub meaning: &'static str,
    /// Whether it may hold a password: then `_FILE` after its name gives the file that holds it.
    pub secret: bool,
}

const fn setting(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { name, default: if default.is_empty() { None } else { Some(default) }, meaning, secret: false }
}

const fn secret(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { secret: true, ..setting(name, default, meaning) }
}

/// Every setting, in the order in which an operator meets them.
pub const fn table() -> &'static [Setting] {
    TABLE
}

const TABLE: &[Setting] = &[
    setting("CP_CONFIG", "", "fichier de réglages (TOML) ; l’environnement l’emporte sur lui"),
    setting("CP_LISTEN", "127.0.0.1:8080", "adresse et port d’écoute"),
    setting(
        "CP_PUBLIC_URL",
        "",
        "adresse du portail que les personnes saisissent ; https, sauf sur cette machine",
    ),
    setting(
        "CP_TRUSTED_PROXIES",
        "",
        "adresses IP des mandataires dont l’en-tête X-Forwarded-For est cru, séparées par des virgules",
    ),
    setting(
        "CP_TLS_CERTIFICATE",
        "",
        "certificat du portail et de ses autorités (PEM), si le programme sert lui-même en TLS",
    ),
    setting("CP_TLS_KEY", "", "clé privée de ce certificat (PEM, droits 600 ou 640)"),
    setting("CP_METRICS_LISTEN", "127.0.0.1:9464", "adresse et port des mesures (Prometheus), ou « non »"),
    setting("CP_SESSION_REQUESTS", "240", "nombre de requêtes par minute d’une même session"),
    secret(
        "CP_DATABASE_URL",
        "sqlite:donnees/compte-partenaire.db",
        "base de données : sqlite:chemin ou postgres://…",
    ),
    secret(
        "CP_DATABASE_OWNER_URL",
        "",
        "la même base, sous le rôle propriétaire des tables, pour « init » et « migrate » (PostgreSQL)",
    ),
    setting("CP_DATABASE_CONNECTIONS", "16", "nombre maximal de connexions à la base"),
    setting(
        "CP_KEYS",
        "donnees/cles",
        "dossier des clés numérotées 1.key, 2.key…, réservées à leur propriétaire (droits 600)",
    ),
    setting(
        "CP_CHECKPOINTS",
        "",
        "dossier où publier les empreintes signées du journal ; de préférence hors de portée de qui administre la base",
    ),
    setting(
        "CP_SECOND_SINK",
        "",
        "copie extérieure du journal : dossier:/chemin ou syslog+tls://serveur:6514",
    ),
    setting(
        "CP_SECOND_SINK_CA",
        "",
        "certificat (PEM) de l’autorité du serveur syslog : elle seule est crue",
    ),
    setting(
        "CP_SECOND_SINK_MODE",
        "differe",
        "si la copie extérieure est en panne : « exige » suspend le service, « differe » rattrape au retour",
    ),
    setting(
        "CP_SECOND_SINK_BODIES",
        "non",
        "« oui » : copier aussi ce que disent les traces, chiffré sous une clé par mois",
    ),
    secret(
        "CP_MAIL_URL",
        "",
        "envoi du courrier : smtp://utilisateur:motdepasse@serveur:587, smtps://… ou dossier:/chemin",
    ),
    setting(
        "CP_MAIL_CA",
        "",
        "certificat (PEM) de l’autorité du serveur de courrier, si elle n’est pas publique ; elle seule est alors crue",
    ),
    setting("CP_MAIL_FROM", "", "expéditeur du courrier : « Nom <adresse> »"),
    setting("CP_LOG", "info", "filtre du journal d’exploitation"),
    setting("CP_LOG_FORMAT", "texte", "forme du journal d’exploitation : texte ou json"),
    setting("CP_EDITOR_NAME", "", "mentions légales : organisme éditeur"),
    setting("CP_EDITOR_ADDRESS", "", "mentions légales : adresse de l’éditeur"),
    setting("CP_EDITOR_PHONE", "", "mentions légales : téléphone de l’éditeur"),
    setting("CP_PUBLICATION_DIRECTOR", "", "mentions légales : direction de la publication"),
    setting("CP_HOST_NAME", "", "mentions légales : hébergeur (nom, adresse, téléphone)"),
    setting(
        "CP_DATA_PROTECTION",
        "",
        "données personnelles : où joindre la personne déléguée à leur protection",
    ),
    setting("CP_ACCESSIBILITY", "", "accessibilité : où signaler un obstacle"),
];
