//! What a password must be: long, and not to be guessed by who knows the person, the place or the trade. No rule of
//! composition, no renewal. Hashing lives in `passwords`; here a secret is looked at and forgotten.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use zxcvbn::{Score, zxcvbn};

use super::text;

/// The fewest characters of a password.
pub const MIN_CHARS: usize = 12;
/// The most bytes of a password: far beyond what anybody remembers, little enough to be hashed at once.
pub const MAX_BYTES: usize = 1_024;
/// What the estimator is given: its work grows fast with the length, and so much that cannot be guessed is enough.
const ESTIMATED_CHARS: usize = 64;
/// Shorter words would be found in anything.
const SHORTEST_WORD: usize = 3;

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too few characters.
    #[error("fewer than {min} characters")]
    Short {
        /// The fewest that are accepted.
        min: usize,
    },
    /// Too many bytes.
    #[error("more than {max} bytes")]
    Long {
        /// The most that are accepted.
        max: usize,
    },
    /// Without what everybody can know, too little is left to guess.
    #[error("too easy to guess")]
    Guessable,
}

/// What one password is, however a keyboard composed its accents (NFKC): this is what is measured and hashed.
pub fn canonical(secret: &str) -> String {
    secret.nfkc().collect()
}

/// Whether a person may choose this password. `own` is what others know of the person: names, identifier, mail,
/// partner, city.
///
/// A word that is known, of the person or of the trade, counts for nothing: what remains must resist by itself.
pub fn check(secret: &str, own: &[&str]) -> Result<(), PasswordFault> {
    if secret.len() > MAX_BYTES {
        return Err(PasswordFault::Long { max: MAX_BYTES });
    }
    let secret = canonical(secret);
    if secret.chars().count() < MIN_CHARS {
        return Err(PasswordFault::Short { min: MIN_CHARS });
    }
    let rest = without_known_words(&secret, own);
    if zxcvbn(&rest, &[]).score() < Score::Three { Err(PasswordFault::Guessable) } else { Ok(()) }
}

/// The secret without its known words, without its accents, and not longer than what is worth an estimate.
fn without_known_words(secret: &str, own: &[&str]) -> String {
    let letters: Vec<char> = secret.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let read: Vec<char> = letters.iter().map(|c| as_read(*c)).collect();
    let mut known = vec![false; letters.len()];
    for word in known_words(own) {
        for (start, seen) in read.windows(word.len()).enumerate() {
            if seen == word {
                known.iter_mut().skip(start).take(word.len()).for_each(|letter| *letter = true);
            }
        }
    }
    let unknown = letters.iter().zip(&known).filter(|(_, known)| !**known).map(|(letter, _)| *letter);
    unknown.take(ESTIMATED_CHARS).collect()
}

/// Every known word as it is read, and the words of one text set together, as in « mairiedebrumeval ».
fn known_words(own: &[&str]) -> Vec<Vec<char>> {
    let together = own.iter().map(|text| text::fold(text).replace(' ', ""));
    let apart = own.iter().flat_map(|text| text::words(text));
    let known = together.chain(apart).chain(COMMON.split_ascii_whitespace().map(str::to_owned));
    known
        .map(|word| word.chars().map(as_read).collect::<Vec<_>>())
        .filter(|word| word.len() >= SHORTEST_WORD)
        .collect()
}

/// The letter that a reader sees in a figure or a sign: « C0mpt3 » is read « compte ».
fn as_read(letter: char) -> char {
    match letter {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => letter.to_lowercase().next().unwrap_or(letter),
    }
}

/// Words of the trade, and those that French people put first in a password; folded.
const COMMON: &str = "
    accueil acces adherent administrateur administration admin adresse agent agglo agglomeration aide allocataire
    allocation allocations allocs assistante azerty azertyuiop banque beneficiaire bonjour bonsoir bureau caf cafpro
    caisse cdap centre chat chaton cheval chien chocolat chouchou code commune communaute compte conseil
    consultation convention coucou courriel creche departement departemental dossier doudou ecole employeur enfance
    enfant enfants famille familial familiales familles foot football france gestion gestionnaire habilitation
    identifiant intercommunalite internet jeunesse jetaime jetadore loisirs logement loulou
    mairie maison maman mamie marseille mission monmotdepasse motdepasse msa msapro nounours numero ordinateur
    organisme papa papillon paris partenaire partenaires passe passwd password petite portail prefecture
    princesse quotient qsdfgh qsdfghjklm region responsable rsa secret secretaire secretariat securite sociale
    social service services session soleil syndicat travail utilisateur ville vacances wxcvbn wxcvbnm
    janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
    lundi mardi mercredi jeudi vendredi samedi dimanche printemps automne hiver
    alexandre anthony antoine camille caroline catherine celine charlotte christine christophe clement emilie
    fabrice florian francois frederic guillaume isabelle jerome julien kevin laurent marie martine mathieu maxime
    mickael nathalie nicolas olivier pascal patrick philippe pierre romain sandrine sebastien sophie stephane
    stephanie sylvie thomas valerie vincent virginie";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWN: [&str; 5] =
        ["Nolwenn", "Brisefort", "BRU-4K7TQ2", "nolwenn.brisefort@brumeval.example", "Mairie de Brumeval"];

    #[test]
    fn length_is_counted_in_characters_then_in_bytes() {
        assert_eq!(check("kW9-vexu7Qp", &OWN), Err(PasswordFault::Short { min: 12 }));
        assert_eq!(check(&"kW9-vexu7Qpé".repeat(90), &OWN), Err(PasswordFault::Long { max: 1_024 }));
        assert_eq!(check("kW9-vexu7Qpé", &OWN), Ok(()));
        // Eleven characters, of which one is written in two parts.
        assert_eq!(check("kW9-vexu7Qe\u{301}", &OWN), Err(PasswordFault::Short { min: 12 }));
    }

    #[test]
    fn what_others_know_is_worth_nothing() {
        for guessable in [
            "Nolwenn.Brisefort",
            "NOLWENN-BRISEFORT-2026",
            "Mairie-de-Brumeval-26",
            "mairiedebrumeval!!",
            "Br1s3f0rtBrum3val",
            "BRU4K7TQ2BRU4K7TQ2",
            "Brisefört-Nolwénn1",
        ] {
            assert_eq!(check(guessable, &OWN), Err(PasswordFault::Guessable), "{guessable}");
        }
        assert_eq!(check("Br1s3f0rtBrum3valEntre9Hk", &[]), Ok(()), "nothing is known of the person");
    }

    #[test]
    fn what_the_trade_and_everybody_write_is_worth_nothing() {
        for guessable in [
            "motdepasse2026",
            "Bonjour-Soleil-1",
            "AllocataireCaf2026",
            "azertyuiop123",
            "Azerty-Azerty-1!",
            "123456789012",
            "aaaaaaaaaaaaaaaa",
            "partenaireMSA-2027",
            "C0mpt3P@rtena1re",
            "passwordpassword",
        ] {
            assert_eq!(check(guessable, &OWN), Err(PasswordFault::Guessable), "{guessable}");
        }
    }

    #[test]
    fn phrases_and_drawn_passwords_are_accepted() {
        for good in [
            "la grue bleue mange trois tuiles",
            "vieux tracteur sous la pluie fine",
            "T7v#rqLz90-wKe",
            "Mairie vexu-Kw93 pluvier",
            "дождь идёт весь день",
        ] {
            assert_eq!(check(good, &OWN), Ok(()), "{good}");
        }
    }

    #[test]
    fn two_ways_of_writing_an_accent_are_one_password() {
        assert_eq!(canonical("e\u{301}té"), canonical("ét\u{65}\u{301}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_text_gets_an_answer(secret in any::<String>(), own in any::<String>()) {
            let _ = check(&secret, &[&own]);
        }

        #[test]
        fn known_words_alone_never_pass(picks in prop::collection::vec(0_usize..5, 1..20), apart in "[-. ]") {
            let secret = picks.iter().filter_map(|at| OWN.get(*at)).copied().collect::<Vec<_>>().join(&apart);
            // Twenty separators in a row are still a row of one sign; the mail has two signs of its own.
            let rest = without_known_words(&secret, &OWN);
            prop_assert!(rest.chars().all(|c| !c.is_alphabetic() || "example de".contains(c)), "{rest}");
        }
    }
}
