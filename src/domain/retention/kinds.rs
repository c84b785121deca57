//! Every kind of personal data that the program keeps: what it is, how long, from when, who reads it, and what ends it.
//! The jobs take their periods here, the page «Durées de conservation» is made of it, and a test compares it with the
//! tables of the schema: what holds personal data and is not here does not pass.

/// Hours for which a session is kept, from its opening.
pub const SESSION_HOURS: u16 = 24;
/// Hours for which an open consultation is kept.
pub const CONSULTATION_HOURS: u16 = 24;
/// Hours for which what was typed and not sent is kept.
pub const KEPT_FORM_HOURS: u16 = 24;
/// Hours for which the mark of a form that was sent is kept.
pub const FORM_SENT_HOURS: u16 = 24;
/// Hours for which failures of an identifier are counted.
pub const SIGN_IN_HOURS: u16 = 48;
/// Days for which a monthly statement can be read again: a year of them, and the month under way.
pub const STATEMENT_DAYS: u16 = 400;
/// Hours for which an export of traces can be taken away.
pub const EXPORT_HOURS: u16 = 24;
/// Months for which it is known that a mail was sent.
pub const MAIL_MONTHS: u16 = 6;
/// Months for which the request for a higher cap is kept, from its answer: two of the yearly reviews.
pub const CAP_REQUEST_MONTHS: u16 = 24;
/// Months for which a request for traces is kept, from its end: as long as somebody may go to law about it.
pub const TRACE_REQUEST_MONTHS: u16 = 60;
/// Months for which a hold is kept, from its release: likewise.
pub const HOLD_MONTHS: u16 = 60;
/// Months for which data of grants is kept, from their end (001 art. 5.3.2), and with them the account.
pub const GRANT_MONTHS: u16 = 72;

/// How long something is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Period {
    /// Hours, counted to the instant.
    Hours(u16),
    /// Days, the last one included.
    Days(u16),
    /// Calendar months.
    Months(u16),
    /// As long as what it is for.
    While,
}

/// In words: «24 heures», «6 mois», «6 ans».
impl std::fmt::Display for Period {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Hours(hours) => write!(f, "{hours} heures"),
            Self::Days(days) => write!(f, "{days} jours"),
            Self::Months(12) => f.write_str("1 an"),
            Self::Months(months) if months.is_multiple_of(12) => write!(f, "{} ans", months / 12),
            Self::Months(months) => write!(f, "{months} mois"),
            Self::While => f.write_str("Tant que"),
        }
    }
}

/// What ends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// A job, by its module.
    Job(&'static str),
    /// An act of somebody, or of what replaces it.
    Act,
}

/// One kind of personal data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    /// How the program calls it.
    pub code: &'static str,
    /// Its name, on the page.
    pub name: &'static str,
    /// What is in it.
    pub holds: &'static str,
    /// The tables that hold it.
    pub tables: &'static [&'static str],
    /// How long.
    pub period: Period,
    /// From when; for what lasts as long as something, what that is.
    pub from: &'static str,
    /// Who reads it.
    pub readers: &'static str,
    /// What ends it.
    pub ending: Ending,
    /// The test that shows it: its module, its name.
    pub test: (&'static str, &'static str),
}

const STAFF: &str = "Les administrateurs de la structure et ceux de l’organisme";
const AUDITED: &str = "Les administrateurs de la structure et ceux de l’organisme, et ses auditeurs";
const NOBODY: &str = "Personne : c’est le programme qui s’en sert";
const EXPIRY: Ending = Ending::Job("expiry");
const TIDY: Ending = Ending::Job("tidy");
const BY_EXPIRY: (&str, &str) = ("kept", "each_kind_goes_on_its_day");
const BY_TIDY: (&str, &str) = ("kept", "what_is_short_lived_goes_in_hours");

/// Every kind, in the order of the page.
pub const KINDS: &[Kind] = &[
    Kind {
        code: "traces",
        name: "Traces",
        holds: "connexions, pages, recherches, dossiers consultés, refus, changements",
        tables: &["trace"],
        period: Period::Months(6),
        from: "les faits ; davantage si une conservation exceptionnelle les garde",
        readers: "Les administrateurs de la structure pour ce qui la concerne ; les auditeurs de l’organisme",
        ending: Ending::Job("purge"),
        test: ("retention", "traces_go_when_their_day_has_come"),
    },
    Kind {
        code: "accounts",
        name: "Comptes",
        holds: "nom, prénom, fonction, courriel, téléphone, identifiant, adresse postale professionnelle, lettres imprimées, \
                recherches gardées, une empreinte du mot de passe",
        tables: &["account", "postal_address", "letter", "search_word", "trace_search"],
        period: Period::Months(GRANT_MONTHS),
        from: "la suspension du compte, et tant qu’une habilitation, une revue ou une demande conservée le cite",
        readers: STAFF,
        ending: EXPIRY,
        test: ("kept", "a_closed_account_goes_with_all_that_is_its_own"),
    },
    Kind {
        code: "grants_in_force",
        name: "Habilitations en cours, groupes",
        holds: "rôles, périmètre, dates, qui les a donnés, membres des groupes",
        tables: &["role_grant", "group_grant", "group_member", "partner_group"],
        period: Period::Months(GRANT_MONTHS),
        from: "leur date de fin, ou l’archivage du groupe ; retirées, elles rejoignent l’historique",
        readers: AUDITED,
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "grants",
        name: "Historique des habilitations",
        holds: "rôles retirés, dates, motif, qui les a donnés et retirés, jour du dernier usage",
        tables: &["role_grant_history", "grant_use"],
        period: Period::Months(GRANT_MONTHS),
        from: "la fin de l’habilitation",
        readers: AUDITED,
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "reviews",
        name: "Revues inverses",
        holds: "chaque habilitation examinée, la décision, qui l’a prise",
        tables: &["review", "review_decision"],
        period: Period::Months(GRANT_MONTHS),
        from: "la transmission de la revue",
        readers: AUDITED,
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "cap_requests",
        name: "Demandes de places",
        holds: "qui demande, le motif, la réponse",
        tables: &["cap_request"],
        period: Period::Months(CAP_REQUEST_MONTHS),
        from: "la réponse",
        readers: STAFF,
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "trace_requests",
        name: "Demandes de traces",
        holds: "qui demande, le motif, la décision du responsable, la réponse, la preuve de remise",
        tables: &["trace_request"],
        period: Period::Months(TRACE_REQUEST_MONTHS),
        from: "la fin de la demande",
        readers: "La personne, son responsable, les auditeurs de l’organisme",
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "given_traces",
        name: "Traces remises à leur auteur",
        holds: "la copie de ses actes, sans numéro d’allocataire",
        tables: &["trace_request_part"],
        period: Period::Days(30),
        from: "la réponse",
        readers: "La personne, les auditeurs de l’organisme",
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "exports",
        name: "Exports de traces",
        holds: "le fichier demandé, chiffré, le motif de la demande",
        tables: &["trace_export", "trace_export_piece"],
        period: Period::Hours(EXPORT_HOURS),
        from: "la fin de sa préparation",
        readers: "La personne seule",
        ending: Ending::Job("exports"),
        test: ("exports", "an_export_is_asked_prepared_taken_and_erased"),
    },
    Kind {
        code: "signals",
        name: "Usages atypiques",
        holds: "ce que des règles ont relevé de recherches de dossiers, la décision et son motif, la justification",
        tables: &["use_seen", "use_signal", "use_evidence", "justification"],
        period: Period::Months(6),
        from: "les faits ; davantage si une conservation exceptionnelle les garde",
        readers: "Les auditeurs de l’organisme ; d’une justification demandée, la structure aussi",
        ending: Ending::Job("erasing"),
        test: ("usage", "old_signals_go_with_their_period"),
    },
    Kind {
        code: "surveillances",
        name: "Mises sous surveillance",
        holds: "de qui, par qui, le motif, les dates",
        tables: &["surveillance"],
        period: Period::Months(6),
        from: "la fin de la surveillance",
        readers: "Les administrateurs et les auditeurs de l’organisme",
        ending: Ending::Job("erasing"),
        test: ("usage", "old_signals_go_with_their_period"),
    },
    Kind {
        code: "holds",
        name: "Conservations exceptionnelles",
        holds: "objet, fondement, motif, réexamens, qui l’a demandée et levée",
        tables: &["legal_hold", "legal_hold_review"],
        period: Period::Months(HOLD_MONTHS),
        from: "la levée",
        readers: "Les administrateurs et les auditeurs de l’organisme",
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "mails",
        name: "Courriels envoyés",
        holds: "à qui, de quelle sorte, quand ; jamais leur texte",
        tables: &["outbox", "trace_request_notice"],
        period: Period::Months(MAIL_MONTHS),
        from: "leur mise en file",
        readers: NOBODY,
        ending: EXPIRY,
        test: BY_EXPIRY,
    },
    Kind {
        code: "statements",
        name: "Relevés mensuels",
        holds: "ce que dit un relevé, à qui il est parti, et quand",
        tables: &["statement"],
        period: Period::Days(STATEMENT_DAYS),
        from: "leur préparation",
        readers: "La personne seule",
        ending: TIDY,
        test: ("kept", "a_statement_is_known_for_a_year_and_a_month"),
    },
    Kind {
        code: "sessions",
        name: "Sessions",
        holds: "heures, famille du navigateur, adresse du réseau",
        tables: &["session"],
        period: Period::Hours(SESSION_HOURS),
        from: "la connexion",
        readers: "La personne seule",
        ending: TIDY,
        test: BY_TIDY,
    },
    Kind {
        code: "consultations",
        name: "Consultations ouvertes",
        holds: "le numéro du dossier, chiffré, et la mission choisie",
        tables: &["consultation"],
        period: Period::Hours(CONSULTATION_HOURS),
        from: "l’ouverture du dossier",
        readers: NOBODY,
        ending: TIDY,
        test: BY_TIDY,
    },
    Kind {
        code: "kept_forms",
        name: "Formulaires commencés, non envoyés",
        holds: "la saisie, chiffrée, quand la session se ferme avant l’envoi",
        tables: &["kept_form"],
        period: Period::Hours(KEPT_FORM_HOURS),
        from: "la fermeture de la session",
        readers: "La personne seule",
        ending: TIDY,
        test: BY_TIDY,
    },
    Kind {
        code: "forms_sent",
        name: "Formulaires envoyés",
        holds: "une marque qui évite de faire deux fois le même acte",
        tables: &["form_sent"],
        period: Period::Hours(FORM_SENT_HOURS),
        from: "l’envoi",
        readers: NOBODY,
        ending: TIDY,
        test: BY_TIDY,
    },
    Kind {
        code: "sign_in_failures",
        name: "Essais de connexion manqués",
        holds: "une empreinte de l’identifiant tapé, et leur nombre",
        tables: &["sign_in_budget"],
        period: Period::Hours(SIGN_IN_HOURS),
        from: "le dernier essai",
        readers: NOBODY,
        ending: TIDY,
        test: BY_TIDY,
    },
    Kind {
        code: "files",
        name: "Dossiers des allocataires",
        holds: "les rubriques que l’organisme fournit, et par quels numéros on les trouve",
        tables: &["beneficiary_file", "file_holder", "file_load"],
        period: Period::While,
        from: "la version suivante ne les a pas remplacés",
        readers: "Les personnes habilitées, dans leur périmètre, pour une mission",
        ending: Ending::Act,
        test: ("import", "a_new_version_takes_the_place_of_the_old_one"),
    },
    Kind {
        code: "partners",
        name: "Interlocuteurs des partenaires",
        holds: "représentant, responsable sécurité, délégué à la protection des données : nom, courriel, téléphone",
        tables: &["partner"],
        period: Period::While,
        from: "le partenaire est enregistré ; chacun se corrige sur sa fiche",
        readers: "Les administrateurs de l’organisme",
        ending: Ending::Act,
        test: ("partners", "a_correction_is_made_from_what_was_seen"),
    },
];

/// Tables that hold nothing of anybody, and what they hold.
pub const NOT_PERSONAL: &[(&str, &str)] = &[
    ("organism", "an organism, its territory"),
    ("installation", "whether it is a demonstration"),
    ("convention", "number and dates of a convention"),
    ("partner_habilitations", "a row that acts take in turn"),
    ("service", "a service"),
    ("service_role", "a role of a service"),
    ("role_rubric", "what a role shows"),
    ("membership", "conditions and cap of a service for a partner"),
    ("membership_mission", "labels of missions"),
    ("role_cap", "a cap"),
    ("circonscription", "places"),
    ("partner_network", "ranges of addresses of a partner"),
    ("trace_key", "fingerprints of keys"),
    ("trace_unsealed", "ids of traces"),
    ("trace_leaf", "a commitment, opaque without its trace"),
    ("trace_block", "roots"),
    ("trace_log", "the head of a log"),
    ("trace_checkpoint", "signed roots"),
    ("trace_sealer", "whose turn it is to seal"),
    ("trace_purge", "when the purge last ran"),
    ("trace_pulse", "when the log last beat"),
    ("trace_silence", "when it was silent"),
    ("trace_sink", "how far the copy outside goes"),
    ("trace_sink_key", "keys, encrypted, of what was copied"),
    ("use_walk", "how far the log was searched for atypical uses"),
    ("use_threshold", "figures that an organism set"),
    ("use_count", "how many people did what: told from three people on, and from no subtraction"),
    ("use_run", "how far uses are counted"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Category;
    use super::*;
    use crate::domain::day::Day;
    use crate::domain::grants::KEPT_YEARS;
    use crate::domain::session::KEPT_FORM_LIMIT;
    use crate::domain::trace_export;
    use crate::domain::trace_requests::readable_until;

    const TODAY: Day = Day::of(time::macros::date!(2026 - 11 - 23));

    #[test]
    fn each_kind_and_each_table_stands_once() {
        let codes: BTreeSet<&str> = KINDS.iter().map(|kind| kind.code).collect();
        assert_eq!(codes.len(), KINDS.len());
        let tables: Vec<&str> = KINDS
            .iter()
            .flat_map(|kind| kind.tables.iter().copied())
            .chain(NOT_PERSONAL.iter().map(|(table, _)| *table))
            .collect();
        let once: BTreeSet<&str> = tables.iter().copied().collect();
        assert_eq!(once.len(), tables.len());
    }

    #[test]
    fn what_other_rules_say_is_what_stands_here() {
        let traces = KINDS.iter().find(|kind| kind.code == "traces").map(|kind| kind.period);
        assert_eq!(traces, Some(Period::Months(Category::Action.months())));
        assert_eq!(GRANT_MONTHS, 12 * KEPT_YEARS);
        assert_eq!(time::Duration::hours(i64::from(KEPT_FORM_HOURS)), KEPT_FORM_LIMIT);
        assert_eq!(readable_until(TODAY), TODAY.plus_days(30));
        assert_eq!(time::Duration::hours(i64::from(EXPORT_HOURS)), trace_export::KEPT);
    }

    #[test]
    fn a_period_is_told_as_people_say_it() {
        let told: Vec<String> =
            [24, 6, 12, 72].into_iter().map(|months| Period::Months(months).to_string()).collect();
        assert_eq!(told, ["2 ans", "6 mois", "1 an", "6 ans"]);
        assert_eq!(Period::Hours(24).to_string(), "24 heures");
        assert_eq!(Period::Days(30).to_string(), "30 jours");
    }
}
