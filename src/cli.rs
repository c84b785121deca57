//! The command line: what an operator may ask, in French. What each command does is elsewhere.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::ValueParser;
use clap::builder::styling::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::domain::access::Office;
use crate::domain::contact::MailAddress;
use crate::domain::day::{Day, Zone};
use crate::domain::territory::{Perimeter, PerimeterError};
use crate::features::organisms::Kind;

/// Compte Partenaire : le portail par lequel un organisme de Sécurité sociale ouvre ses services à ses partenaires.
#[derive(Parser, Debug)]
#[command(
    name = "compte-partenaire",
    version,
    styles = Styles::plain(),
    disable_help_flag = true,
    disable_help_subcommand = true,
    disable_version_flag = true,
    help_template = "{about}\n\nUsage : compte-partenaire <commande>\n\nCommandes :\n{subcommands}\n\nOptions :\n{options}\n\nLes réglages se lisent dans le fichier que nomme CP_CONFIG et dans l’environnement (noms en CP_) : voir README.md."
)]
struct Line {
    #[command(subcommand)]
    command: Command,
    /// Afficher cette aide
    #[arg(short = 'h', long = "help", alias = "aide", action = ArgAction::Help, global = true, display_order = 100)]
    help: Option<bool>,
    /// Afficher la version
    #[arg(short = 'V', long = "version", action = ArgAction::Version)]
    version: Option<bool>,
}

/// What is asked.
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum Command {
    /// Servir le portail
    Serve,
    /// Essayer le portail sur cette machine, avec trois organismes fictifs et leurs partenaires
    Demo(Demo),
    /// Créer un organisme et son premier administrateur
    Init(Box<Init>),
    /// Créer le compte d’une personne de l’organisme
    Staff(Box<Staff>),
    /// Mettre la base de données au niveau de ce programme
    Migrate,
    /// Vérifier l’installation, et dire ce qui est à corriger
    Doctor,
    /// Vérifier le journal des traces
    #[command(subcommand, subcommand_value_name = "verbe")]
    Traces(Traces),
    /// Importer des données
    #[command(subcommand, subcommand_value_name = "donnees")]
    Import(Import),
}

/// The demonstration.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Demo {
    /// Dossier de la démonstration (« demo » sinon) ; aucun autre n’est touché
    #[arg(long, value_name = "dossier", default_value = "demo")]
    pub folder: PathBuf,
    /// Port d’écoute, sur cette machine seulement (8080 sinon) ; 0 laisse le système choisir
    #[arg(long, value_name = "port", default_value = "8080", value_parser = port)]
    pub port: u16,
}

/// An organism and the person who administers it first.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Init {
    /// Nature de l’organisme : caf ou msa
    #[arg(long, value_name = "nature", value_parser = kind)]
    pub kind: Kind,
    /// Code de l’organisme, comme 001
    #[arg(long, value_name = "code", value_parser = written())]
    pub code: String,
    /// Nom de l’organisme, comme « Caf de la Haute-Aure »
    #[arg(long, value_name = "nom", value_parser = written())]
    pub name: String,
    /// Codes des départements et communes de l’organisme, séparés par des virgules
    #[arg(long, value_name = "codes", value_parser = territory)]
    pub territory: Perimeter,
    /// Fuseau horaire de l’organisme (Europe/Paris sinon)
    #[arg(long, value_name = "fuseau", default_value = "Europe/Paris", value_parser = time_zone)]
    pub time_zone: Zone,
    /// Prénom du premier administrateur
    #[arg(long, value_name = "prenom", value_parser = written())]
    pub given_name: String,
    /// Nom du premier administrateur
    #[arg(long, value_name = "nom", value_parser = written())]
    pub surname: String,
    /// Fonction du premier administrateur
    #[arg(long, value_name = "fonction", default_value = "Administration du portail", value_parser = written())]
    pub job: String,
    /// Adresse électronique personnelle du premier administrateur
    #[arg(long, value_name = "adresse", value_parser = mail)]
    pub mail: MailAddress,
}

/// One more person of an organism.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Staff {
    /// Code de l’organisme
    #[arg(long, value_name = "code", value_parser = written())]
    pub organism: String,
    /// Droits : administrator (habilitations) ou auditor (lecture des traces)
    #[arg(long, value_name = "droits", value_parser = office)]
    pub office: Office,
    /// Prénom
    #[arg(long, value_name = "prenom", value_parser = written())]
    pub given_name: String,
    /// Nom
    #[arg(long, value_name = "nom", value_parser = written())]
    pub surname: String,
    /// Fonction
    #[arg(long, value_name = "fonction", default_value = "Administration du portail", value_parser = written())]
    pub job: String,
    /// Adresse électronique personnelle
    #[arg(long, value_name = "adresse", value_parser = mail)]
    pub mail: MailAddress,
}

/// What is asked of the log.
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum Traces {
    /// Vérifier que rien n’a été modifié, ajouté ni retiré, sans toucher au journal
    Verify(Verify),
    /// Écrire les traces d’un organisme dans un fichier qui se vérifie loin de la base
    Export(Export),
    /// Ouvrir un nouveau journal, après qu’une base a été remise à un état ancien
    OpenLog(OpenLog),
}

/// What is checked, and against what.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Verify {
    /// Empreintes gardées hors de la base : fichiers à comparer au journal
    #[arg(long = "checkpoint", value_name = "fichier")]
    pub checkpoints: Vec<PathBuf>,
    /// Export à vérifier, sans base
    #[arg(long, value_name = "fichier", requires = "keys", conflicts_with = "proof")]
    pub export: Option<PathBuf>,
    /// Preuve d’une seule trace à vérifier, sans base
    #[arg(long, value_name = "fichier", requires = "keys")]
    pub proof: Option<PathBuf>,
    /// Copie extérieure à comparer à la base ou à l’export, ou à vérifier seule avec les clés publiques
    #[arg(long, value_name = "dossier", conflicts_with = "proof")]
    pub sink: Option<PathBuf>,
    /// Clés publiques du portail, pour vérifier sans base
    #[arg(long, value_name = "fichier")]
    pub keys: Option<PathBuf>,
}

/// What is written out, and where.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Export {
    /// Fichier à écrire ; il ne doit pas exister
    #[arg(value_name = "fichier")]
    pub file: PathBuf,
    /// Code de l’organisme dont les traces sont données entières
    #[arg(long, value_name = "code", value_parser = written())]
    pub organism: String,
    /// Premier jour, comme 2026-11-17
    #[arg(long, value_name = "jour", value_parser = day)]
    pub from: Day,
    /// Dernier jour, compris
    #[arg(long, value_name = "jour", value_parser = day)]
    pub to: Day,
    /// Pour qui l’export est fait : la première ligne le dit
    #[arg(long = "for", value_name = "destinataire", value_parser = written())]
    pub recipient: String,
}

/// Another log.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct OpenLog {
    /// Ce qui s’est passé : ce texte est la première trace du nouveau journal
    #[arg(long, value_name = "motif", value_parser = written())]
    pub because: String,
}

/// What is imported.
#[derive(Subcommand, Clone, PartialEq, Debug)]
pub enum Import {
    /// Charger les dossiers d’un organisme (NDJSON, un dossier par ligne)
    Files(Files),
}

/// Files to load.
#[derive(Args, Clone, PartialEq, Debug)]
pub struct Files {
    /// Fichier à charger
    #[arg(value_name = "fichier")]
    pub file: PathBuf,
    /// Code de l’organisme auquel appartiennent les dossiers
    #[arg(long, value_name = "code", value_parser = written())]
    pub organism: String,
}

/// The line does not ask for a command: there is only this text to print.
#[derive(Clone, PartialEq, Debug)]
pub enum Answer {
    /// Help or version, as asked.
    Asked(String),
    /// What is wrong with the line.
    Wrong(String),
}

/// Reads a command line, its first word being the program's name.
pub fn read(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Command, Answer> {
    let mut command = in_french(Line::command());
    command
        .try_get_matches_from_mut(words)
        .and_then(|mut matches| Line::from_arg_matches_mut(&mut matches))
        .map(|line| line.command)
        .map_err(|error| answer(&error))
}

/// Headings and the words that the library would write itself.
fn in_french(command: clap::Command) -> clap::Command {
    command.mut_subcommands(|sub| {
        let mut template = "{about}\n\nUsage : {usage}\n\n".to_owned();
        if sub.has_subcommands() {
            template.push_str("Commandes :\n{subcommands}\n\n");
        }
        if sub.get_positionals().next().is_some() {
            template.push_str("Arguments :\n{positionals}\n\n");
        }
        template.push_str("Options :\n{options}");
        let sub = sub.help_template(template).disable_help_subcommand(true);
        in_french(sub.mut_args(|arg| arg.hide_default_value(true).hide_possible_values(true)))
    })
}

/// A text with something in it.
fn written() -> ValueParser {
    ValueParser::from(|text: &str| match text.trim() {
        "" => Err("un texte est attendu".to_owned()),
        text => Ok(text.to_owned()),
    })
}

fn port(number: &str) -> Result<u16, String> {
    number.parse().map_err(|_| "un nombre de 0 à 65535 est attendu".to_owned())
}

fn kind(word: &str) -> Result<Kind, String> {
    let kind = [Kind::Caf, Kind::Msa].into_iter().find(|kind| kind.code() == word);
    kind.ok_or_else(|| "caf ou msa est attendu".to_owned())
}

fn office(word: &str) -> Result<Office, String> {
    match word {
        "administrator" => Ok(Office::OrganismAdministrator),
        "auditor" => Ok(Office::OrganismAuditor),
        _ => Err("administrator ou auditor est attendu".to_owned()),
    }
}

fn territory(codes: &str) -> Result<Perimeter, String> {
    match codes.replace(',', " ").parse::<Perimeter>() {
        Ok(perimeter) if !perimeter.is_empty() => Ok(perimeter),
        Ok(_) => Err("un code au moins est attendu".to_owned()),
        Err(PerimeterError::Unknown(code)) => Err(format!("{code} n’est ni un département ni une commune")),
    }
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "un jour est attendu, comme 2026-11-17".to_owned())
}

fn mail(address: &str) -> Result<MailAddress, String> {
    address.parse().map_err(|_| "une adresse électronique est attendue".to_owned())
}

fn time_zone(name: &str) -> Result<Zone, String> {
    Zone::parse(name)
        .ok_or_else(|| "un nom de fuseau est attendu, comme Europe/Paris ou Indian/Reunion".to_owned())
}

fn answer(error: &clap::Error) -> Answer {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let wrong = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            return Answer::Asked(error.render().to_string());
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return Answer::Wrong(error.render().to_string());
        }
        ErrorKind::MissingSubcommand => "il manque une commande".to_owned(),
        ErrorKind::InvalidSubcommand => {
            format!("« {} » n’est pas une commande", said(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => format!("« {} » n’est pas attendu ici", said(ContextKind::InvalidArg)),
        ErrorKind::MissingRequiredArgument => format!("il manque {}", said(ContextKind::InvalidArg)),
        ErrorKind::ArgumentConflict => {
            format!("« {} » ne se donne qu’une fois", said(ContextKind::InvalidArg))
        }
        ErrorKind::InvalidValue if said(ContextKind::InvalidValue).is_empty() => {
            format!("il manque la valeur de {}", said(ContextKind::InvalidArg))
        }
        _ => {
            let cause =
                std::error::Error::source(error).map(|cause| format!(" ({cause})")).unwrap_or_default();
            format!(
                "« {} » ne convient pas à {}{cause}",
                said(ContextKind::InvalidValue),
                said(ContextKind::InvalidArg)
            )
        }
    };
    Answer::Wrong(format!("{wrong}.\nPour l’aide : compte-partenaire --help"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    fn line(words: &str) -> Result<Command, Answer> {
        read(std::iter::once("compte-partenaire").chain(words.split_ascii_whitespace()))
    }

    fn asked(words: &str) -> String {
        match line(words) {
            Err(Answer::Asked(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    fn wrong(words: &str) -> String {
        match line(words) {
            Err(Answer::Wrong(text)) => text.lines().next().unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    const INIT: &str = "init --kind caf --code 001 --name Caf-de-la-Haute-Aure --territory 65,31555 \
                        --given-name Odile --surname Marchepont --mail odile@haute-aure.example";

    #[test]
    fn the_library_finds_no_contradiction() {
        in_french(Line::command()).debug_assert();
    }

    #[test]
    fn commands_are_read() {
        assert_eq!(line("serve"), Ok(Command::Serve));
        assert_eq!(line("migrate"), Ok(Command::Migrate));
        assert_eq!(line("doctor"), Ok(Command::Doctor));
        assert_eq!(line("demo"), Ok(Command::Demo(Demo { folder: "demo".into(), port: 8080 })));
        let elsewhere = Demo { folder: "/tmp/essai".into(), port: 0 };
        assert_eq!(line("demo --folder /tmp/essai --port 0"), Ok(Command::Demo(elsewhere)));
        let files = Files { file: "dossiers.ndjson".into(), organism: "001".to_owned() };
        assert_eq!(
            line("import files dossiers.ndjson --organism 001"),
            Ok(Command::Import(Import::Files(files)))
        );
    }

    #[test]
    fn init_founds_an_organism_in_its_own_time() {
        let Ok(Command::Init(init)) = line(INIT) else { panic!("{:?}", line(INIT)) };
        assert_eq!((init.kind, init.territory.to_string()), (Kind::Caf, "65 31555".to_owned()));
        assert_eq!(init.time_zone.name(), "Europe/Paris");
        let Ok(Command::Init(init)) = line(&format!("{INIT} --time-zone Indian/Reunion")) else { panic!() };
        assert_eq!(init.time_zone.name(), "Indian/Reunion");
    }

    #[test]
    fn faults_are_said_in_french() {
        let cases = [
            ("servir", "« servir » n’est pas une commande."),
            ("serve --port 3", "« --port » n’est pas attendu ici."),
            ("import files", "il manque --organism <code>, <fichier>."),
            ("import files x", "il manque --organism <code>."),
            ("demo --port", "il manque la valeur de --port <port>."),
            ("demo --port 1 --port 2", "« --port <port> » ne se donne qu’une fois."),
            (
                "demo --port 70000",
                "« 70000 » ne convient pas à --port <port> (un nombre de 0 à 65535 est attendu).",
            ),
            ("init --kind cpam", "« cpam » ne convient pas à --kind <nature> (caf ou msa est attendu)."),
            (
                "init --territory 59,99999",
                "« 59,99999 » ne convient pas à --territory <codes> (99999 n’est ni un département ni une commune).",
            ),
            (
                "init --mail ici",
                "« ici » ne convient pas à --mail <adresse> (une adresse électronique est attendue).",
            ),
        ];
        for (words, said) in cases {
            assert_eq!(wrong(words), said, "{words}");
        }
        let zone = wrong(&format!("{INIT} --time-zone Europe/Brumeval"));
        assert!(zone.contains("(un nom de fuseau est attendu"), "{zone}");
        assert!(matches!(line("import files x --organism"), Err(Answer::Wrong(_))));
        assert!(read(["compte-partenaire", "import", "files", "x", "--organism", " "]).is_err());
    }

    #[test]
    fn help_is_whole_and_in_french() {
        let mut helps = vec![asked("--help"), asked("serve -h"), asked("import --help")];
        helps.extend(
            ["demo", "init", "migrate", "import files"].map(|command| asked(&format!("{command} --aide"))),
        );
        for help in &helps {
            for english in [
                "Usage:",
                "Options:",
                "Commands:",
                "Arguments:",
                "Print ",
                "default",
                "possible values",
                "help>",
            ] {
                assert!(!help.contains(english), "«{english}» in\n{help}");
            }
        }
        let Err(Answer::Wrong(help)) = line("") else { panic!() };
        assert!(help.contains("Commandes :"), "{help}");
        assert_eq!(asked("--version").trim(), format!("compte-partenaire {}", env!("CARGO_PKG_VERSION")));
    }
}
