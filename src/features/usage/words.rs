//! The words of this slice: what each rule is called, what a signal says, how it stands, what was just done.

use serde::Deserialize;

use super::store::{Line, State};
use crate::domain::atypical::{Rule, Setting};
use crate::web::filters::counted;
use crate::web::page::{Notice, Tone};

/// What has just been done, as the address tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Told {
    Rien,
    Surveillance,
    Justification,
    Suspension,
    Prolongee,
    Levee,
    Seuils,
    Repondu,
}

impl Told {
    /// The notice at the head of the page.
    pub(super) fn notice(self) -> Notice {
        let (title, text) = match self {
            Self::Rien => {
                ("C’est fait : rien à signaler", "Ces faits ne seront plus signalés ; d’autres le seraient.")
            }
            Self::Surveillance => (
                "C’est fait : le compte est sous surveillance",
                "Chacune de ses recherches sera signalée ici. Ni la personne ni son partenaire n’en savent rien.",
            ),
            Self::Justification => (
                "C’est fait : la justification est demandée",
                "La demande attend l’administration du partenaire sur sa page d’accueil. Sa réponse paraîtra ici.",
            ),
            Self::Suspension => (
                "C’est fait : l’accès est suspendu",
                "Ses sessions sont fermées. Le partenaire voit la suspension et le motif que vous lui donnez.",
            ),
            Self::Prolongee => {
                ("C’est fait : la surveillance est prolongée", "Votre motif est inscrit au journal.")
            }
            Self::Levee => (
                "C’est fait : la surveillance est levée",
                "Les recherches de cette personne ne sont plus signalées que si une règle les remarque.",
            ),
            Self::Seuils => (
                "C’est fait : les seuils sont enregistrés",
                "Ils valent pour les recherches examinées à partir de maintenant.",
            ),
            Self::Repondu => {
                ("C’est fait : votre réponse est transmise", "L’organisme la lira avant de décider.")
            }
        };
        Notice { tone: Tone::Ok, title: title.to_owned(), text: vec![text.to_owned()], links: Vec::new() }
    }
}

/// What a rule is called.
pub(super) fn name(rule: Rule) -> &'static str {
    match rule {
        Rule::Night => "Nuit, dimanche ou jour férié",
        Rule::NewSource => "Réseau nouveau",
        Rule::Foreign => "Adresse étrangère au réseau déclaré",
        Rule::Volume => "Nombre inhabituel",
        Rule::SameFile => "Même dossier, plusieurs fois",
        Rule::Place => "Communes inhabituelles",
        Rule::Dormant => "Retour après une longue absence",
        Rule::Namesake => "Même nom de famille",
        Rule::Refused => "Refus en série",
        Rule::Watched => "Compte sous surveillance",
    }
}

/// What a rule that rows name is called.
pub(super) fn name_of(code: &str) -> &'static str {
    Rule::parse(code).map_or("", name)
}

/// What a signal says: its figure against its threshold, in one sentence that its traces let anybody check.
pub(super) fn explanation(line: &Line) -> String {
    let number = |figure: i64| u32::try_from(figure).unwrap_or(u32::MAX);
    let (figure, threshold) = (number(line.figure), line.threshold);
    let look_ups = |end: &str| format!("{} {end}", counted(figure, "recherche"));
    let Some(rule) = Rule::parse(&line.rule) else { return String::new() };
    match rule {
        Rule::Night => format!("{} Seuil : {threshold}.", look_ups("la nuit, un dimanche ou un jour férié.")),
        Rule::NewSource => format!(
            "{} {} de recherches connus pour cette personne.",
            look_ups("depuis un réseau que ni elle ni ses collègues n’avaient utilisé."),
            counted(number(line.usual.unwrap_or(0)), "jour"),
        ),
        Rule::Foreign => format!(
            "{} Seuil : {threshold}.",
            look_ups("depuis une adresse étrangère au réseau déclaré du partenaire.")
        ),
        Rule::Volume => format!("{} Seuil : {threshold}.{}", look_ups("en un jour."), usual(line)),
        Rule::SameFile => format!("Un même dossier ouvert {figure} fois en sept jours. Seuil : {threshold}."),
        Rule::Place => format!(
            "{} de communes où cette personne n’en avait jamais ouvert, en un jour. Seuil : {threshold}. Communes déjà connues : {}.",
            counted(figure, "dossier"),
            line.usual.unwrap_or(0),
        ),
        Rule::Dormant => format!("Première activité après {}. Seuil : {threshold}.", counted(figure, "jour")),
        Rule::Namesake => format!(
            "{} d’une famille où quelqu’un porte le même nom. Seuil : {threshold}.",
            counted(figure, "dossier")
        ),
        Rule::Refused => {
            format!("Jusqu’à {} Seuil : {threshold}.", look_ups("sans résultat en dix minutes."))
        }
        Rule::Watched => look_ups("par une personne sous surveillance."),
    }
}

fn usual(line: &Line) -> String {
    let own = line.usual.map(|own| format!(" Cette personne en fait d’habitude {own} par jour."));
    let peers = line.peers.map(|peers| format!(" Ses collègues du même rôle, {peers}."));
    format!("{}{}", own.unwrap_or_default(), peers.unwrap_or_default())
}

/// How a signal stands: its tone, and the words.
pub(super) fn standing(state: State, decision: Option<&str>) -> (&'static str, &'static str) {
    match (state, decision) {
        (State::Open, _) => ("warn", "À examiner"),
        (State::Asked, _) => ("wait", "Justification attendue"),
        (State::Answered, _) => ("warn", "Justification reçue"),
        (State::Closed, Some("watched")) => ("hold", "Mis sous surveillance"),
        (State::Closed, Some("suspended")) => ("bad", "Accès suspendu"),
        (State::Closed, _) => ("ok", "Rien à signaler"),
    }
}

/// What a number of the rules is called, and what it does.
pub(super) fn setting(setting: Setting) -> (&'static str, &'static str) {
    match setting {
        Setting::NightUses => {
            ("Recherches en une nuit, un dimanche ou un jour férié", "Signalé à partir de ce nombre.")
        }
        Setting::NightFrom => ("La nuit commence à", "Heure, de 12 à 24."),
        Setting::NightTo => ("La nuit finit à", "Heure, de 0 à 12."),
        Setting::Sundays => (
            "Le dimanche et les jours fériés comptent comme une nuit",
            "1 : oui. 0 : non. Les onze jours fériés de toute la France.",
        ),
        Setting::SourceDays => {
            ("Jours de recherches avant qu’un réseau soit nouveau", "Avant, aucun réseau n’est habituel.")
        }
        Setting::ForeignUses => (
            "Recherches en un jour hors du réseau déclaré",
            "Signalé à partir de ce nombre, si un réseau est déclaré pour le partenaire.",
        ),
        Setting::VolumeFloor => ("Recherches en un jour", "En dessous, jamais signalé."),
        Setting::VolumeTimes => (
            "Combien de fois l’habitude",
            "Celle de la personne, ou celle de ses collègues si elle est plus haute.",
        ),
        Setting::FileTimes => {
            ("Ouvertures d’un même dossier en sept jours", "Signalé à partir de ce nombre.")
        }
        Setting::PlaceFiles => {
            ("Dossiers de communes nouvelles en un jour", "Signalé à partir de ce nombre de dossiers.")
        }
        Setting::DormantDays => {
            ("Jours sans recherche", "Signalé à la reprise, à partir de trois recherches.")
        }
        Setting::NamesakeFiles => ("Dossiers d’homonymes en un jour", "Signalé à partir de ce nombre."),
        Setting::RefusedTimes => {
            ("Recherches sans résultat en dix minutes", "Numéro inconnu ou hors périmètre.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_says_its_figure_and_its_threshold() {
        let line = Line::of("volume", (46, 45), (Some(12), Some(15)));
        let said = "46 recherches en un jour. Seuil : 45. Cette personne en fait d’habitude 12 par jour. \
                    Ses collègues du même rôle, 15.";
        assert_eq!(explanation(&line), said);
        let line = Line::of("namesake", (1, 1), (None, None));
        assert_eq!(explanation(&line), "1 dossier d’une famille où quelqu’un porte le même nom. Seuil : 1.");
    }

    #[test]
    fn every_rule_has_its_words() {
        for rule in Rule::ALL {
            assert!(!name(*rule).is_empty());
            assert!(!explanation(&Line::of(rule.code(), (3, 2), (None, None))).is_empty(), "{rule:?}");
        }
    }
}
