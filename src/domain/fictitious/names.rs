//! Names that look French. Surnames are put together from two syllables that belong to nobody.

use super::dice::Dice;
use crate::domain::files::Title;

const HEADS: [&str; 40] = [
    "Bar", "Bel", "Bou", "Bri", "Car", "Cha", "Cor", "Cour", "Dar", "Dau", "Dor", "Fau", "Fer", "Fon", "Gar",
    "Gau", "Gri", "Hau", "Jou", "Ker", "Lam", "Lau", "Mar", "Mon", "Mor", "Nau", "Or", "Per", "Plan", "Quer",
    "Ran", "Rou", "Sau", "Ser", "Tar", "Tour", "Val", "Var", "Ver", "Vil",
];
const TAILS: [&str; 24] = [
    "bressin", "chevel", "divel", "donnec", "flaquet", "fressier", "gevin", "grimaux", "laçon", "lebœuf",
    "mérand", "moisac", "nadec", "puisard", "quembre", "relle", "rimontel", "sangeau", "sillouet", "tembert",
    "trichel", "vaquois", "vennec", "zélin",
];
const OF_WOMEN: [&str; 36] = [
    "Adèle",
    "Agathe",
    "Aïcha",
    "Aline",
    "Anaïs",
    "Armelle",
    "Bérénice",
    "Capucine",
    "Céleste",
    "Clémence",
    "Coline",
    "Diane",
    "Édith",
    "Élise",
    "Esther",
    "Fanny",
    "Garance",
    "Hélène",
    "Inès",
    "Jeanne",
    "Juliette",
    "Lætitia",
    "Léonie",
    "Lilas",
    "Maëlle",
    "Margaux",
    "Naïma",
    "Ninon",
    "Nolwenn",
    "Océane",
    "Perrine",
    "Rosalie",
    "Solène",
    "Soraya",
    "Victoire",
    "Zoé",
];
const OF_MEN: [&str; 36] = [
    "Adrien", "Alban", "Anatole", "Bastien", "Benoît", "Clément", "Cyprien", "Damien", "Éloi", "Ewen",
    "Félix", "Florian", "Gaël", "Gaspard", "Hakim", "Ismaël", "Joris", "Jules", "Karim", "Léandre", "Loïc",
    "Lucien", "Maël", "Martin", "Mathis", "Noël", "Octave", "Quentin", "Raphaël", "Rémi", "Sacha", "Théo",
    "Titouan", "Tristan", "Ulysse", "Yanis",
];

/// A surname.
pub(super) fn surname(dice: &mut Dice) -> String {
    format!("{}{}", dice.word(&HEADS), dice.word(&TAILS))
}

/// First names that go with a title: one, sometimes two. The first is not taken by anyone else of the household.
pub(super) fn given_names(dice: &mut Dice, title: Title, is_taken: impl Fn(&str) -> bool) -> String {
    let list = match title {
        Title::Madame => &OF_WOMEN,
        Title::Monsieur => &OF_MEN,
    };
    let skipped = dice.among(0..=list.len() - 1);
    let mut free = list.iter().cycle().skip(skipped).take(list.len()).filter(|name| !is_taken(name));
    let first = free.next().copied().unwrap_or("Camille");
    let second = dice.word(list);
    if first != second && dice.percent(20) { format!("{first} {second}") } else { first.to_owned() }
}
