//! Addresses in streets that do not exist of communes that do; numbers and domains reserved for fiction.

use time::Duration;

use super::Places;
use super::dice::Dice;
use super::household::{Household, Member};
use crate::domain::files::{Address, PostalAddress, Reach, Title};
use crate::domain::territory::Commune;
use crate::domain::text::fold;

const WAYS: [&str; 8] = ["allée", "avenue", "chemin", "impasse", "place", "rue", "rue", "square"];
const STREETS: [&str; 24] = [
    "de la Fontaine-aux-Grives",
    "de la Lanterne-Verte",
    "de la Petite-Écluse",
    "des Cinq-Tilleuls",
    "des Deux-Passerelles",
    "des Glaneuses",
    "des Meuniers-Gris",
    "des Quatre-Lavoirs",
    "des Tanneurs-Neufs",
    "des Trois-Charmes",
    "du Bac-aux-Ânes",
    "du Banc-Rond",
    "du Cadran-Bleu",
    "du Grand-Séchoir",
    "du Héron-Couronné",
    "du Long-Préau",
    "du Moulin-Penché",
    "du Noyer-Fourchu",
    "du Petit-Aqueduc",
    "du Pont-Tournant-Vieux",
    "du Puits-Fleuri",
    "du Renard-Blanc",
    "du Vieux-Pigeonnier",
    "du Vivier-Clair",
];
const HAMLETS: [&str; 6] = [
    "La Croix-Haute",
    "Le Bas-Chemin",
    "Le Clos-Roux",
    "Les Essarts-Neufs",
    "Les Granges-Longues",
    "Le Val-Perdu",
];
/// Beginnings of numbers that the regulator keeps for fiction, mobile and fixed.
const PHONES: [&str; 6] = ["063998", "019900", "026191", "035301", "046571", "053649"];

/// Where a household lives, and how it may be reached.
pub(super) fn address(
    dice: &mut Dice,
    household: &Household,
    commune: &'static Commune,
    places: &Places,
) -> Option<Address> {
    let holder = household.adults.first()?;
    let current = postal_address(dice, holder, commune);
    let since = household.as_of - Duration::days(dice.among(0..=12 * 365));
    let since = dice.percent(90).then_some(since.max(holder.born));
    let before = places.one(dice)?;
    let previous = dice.percent(18).then(|| postal_address(dice, holder, before));
    let phone = format!("{}{:04}", dice.word(&PHONES), dice.among(0..=9999)).parse().ok();
    let mail = mail(holder).parse().ok();
    Some(Address { current, since, previous, phone: consent(dice, phone), mail: consent(dice, mail) })
}

fn consent<T>(dice: &mut Dice, value: Option<T>) -> Reach<T> {
    match (dice.among(0..=9), value) {
        (0..=1, _) => Reach::Withheld,
        (2..=7, Some(value)) => Reach::Given(value),
        _ => Reach::Unknown,
    }
}

fn mail(holder: &Member) -> String {
    let part = |text: &str| fold(text).replace(' ', "-");
    format!("{}.{}@courriel.example", part(&holder.name.given_names), part(&holder.name.surname))
}

fn postal_address(dice: &mut Dice, holder: &Member, commune: &Commune) -> PostalAddress {
    let title = match holder.title {
        Title::Madame => "MME",
        Title::Monsieur => "M",
    };
    let number = dice.among(1..=160_u32);
    let rank = if dice.percent(8) { " bis" } else { "" };
    let street = format!("{number}{rank} {} {}", dice.word(&WAYS), dice.word(&STREETS));
    let flat = format!("Appartement {}", dice.among(1..=64_u32));
    let building = format!("Bâtiment {}", dice.word(&["A", "B", "C", "D"]));
    let locality = dice.word(&HAMLETS).to_owned();
    PostalAddress {
        recipient: format!("{title} {} {}", holder.name.surname, holder.name.given_names),
        complement: dice.percent(35).then_some(flat),
        geographic_complement: dice.percent(15).then_some(building),
        street: Some(street),
        locality: dice.percent(5).then_some(locality),
        postal_code: dice.word(&commune.postal_codes).to_owned(),
        city: commune.name.to_owned(),
    }
}
