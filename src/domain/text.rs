//! Text that people type: how it is compared (`fold`, `words`) and what of it is kept (`line`, `paragraph`).
//! Meaning is elsewhere; here a text is only clean.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// A name has few words; what is beyond is not looked at.
const MOST_WORDS: usize = 16;
/// Longer than any word of a name, short enough for an index.
const LONGEST_WORD: usize = 40;

/// What two spellings of one name have in common: lower-case, without accents, words parted by one space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut parted = true;
    for letter in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        if !letter.is_alphanumeric() {
            parted = true;
            continue;
        }
        if parted && !folded.is_empty() {
            folded.push(' ');
        }
        parted = false;
        match letter {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            _ => folded.push(letter),
        }
    }
    folded
}

/// The distinct folded words of a text, in the order in which they come: at most sixteen, each cut at forty letters.
pub fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in fold(text).split(' ').filter(|word| !word.is_empty()) {
        let word: String = word.chars().take(LONGEST_WORD).collect();
        if !words.contains(&word) {
            words.push(word);
        }
        if words.len() == MOST_WORDS {
            break;
        }
    }
    words
}

/// Why a text is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Nothing, or white space only.
    #[error("empty")]
    Empty,
    /// More characters than the field holds.
    #[error("{found} characters where {max} are held")]
    TooLong {
        /// What the field holds.
        max: usize,
        /// What was given.
        found: usize,
    },
    /// A character that is not seen and could make a text read as another one.
    #[error("character U+{:04X} is refused", *.0 as u32)]
    Forbidden(char),
}

/// A text on one line: composed (NFC), every run of white space one space. Tabs and line ends count as white
/// space, because pasting from a table brings them.
pub fn line(text: &str, max_chars: usize) -> Result<String, LineError> {
    bounded(one_line(text)?, max_chars)
}

/// A text on several lines: each is as [`line`] makes it, and at most one empty line parts two others.
pub fn paragraph(text: &str, max_chars: usize) -> Result<String, LineError> {
    let mut kept = String::with_capacity(text.len());
    let mut gap = 0;
    for each in text.lines().map(one_line) {
        let each = each?;
        if each.is_empty() {
            gap = 2;
            continue;
        }
        if !kept.is_empty() {
            kept.push_str("\n\n".get(..gap.max(1)).unwrap_or("\n"));
        }
        kept.push_str(&each);
        gap = 1;
    }
    bounded(kept, max_chars)
}

fn one_line(text: &str) -> Result<String, LineError> {
    let composed: String = text.nfc().collect();
    if let Some(hidden) = composed.chars().find(|c| hides(*c)) {
        return Err(LineError::Forbidden(hidden));
    }
    Ok(composed.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn bounded(text: String, max: usize) -> Result<String, LineError> {
    let found = text.chars().count();
    match found {
        0 => Err(LineError::Empty),
        _ if found > max => Err(LineError::TooLong { max, found }),
        _ => Ok(text),
    }
}

/// Controls, marks and overrides of direction, characters without width: two texts that look alike would differ,
/// or one would read backwards.
fn hides(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folds_what_french_writes_in_several_ways() {
        assert_eq!(fold("  L'Haÿ-les-Roses "), "l hay les roses");
        assert_eq!(fold("MONS EN BARŒUL"), fold("Mons-en-Barœul"));
        assert_eq!(fold("Mons-en-Barœul"), "mons en baroeul");
        assert_eq!(fold("Lætitia Groß, n° 12"), "laetitia gross n 12");
        assert_eq!(fold("d’Été\u{a0}!"), "d ete");
        assert_eq!(fold("…"), "");
    }

    #[test]
    fn words_are_distinct_and_few() {
        assert_eq!(words("Le Quentrec-Le Goff"), ["le", "quentrec", "goff"]);
        let many = (0..30).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(words(&many).len(), 16);
        assert_eq!(words(&"é".repeat(50)), ["e".repeat(40)]);
    }

    #[test]
    fn a_line_is_composed_and_has_single_spaces() {
        assert_eq!(line("  Mairie\u{a0} de\tMons\n", 20).as_deref(), Ok("Mairie de Mons"));
        assert_eq!(line("e\u{301}te\u{301}", 3).as_deref(), Ok("été"));
        assert_eq!(line(" \n ", 20), Err(LineError::Empty));
        assert_eq!(line("abcd", 3), Err(LineError::TooLong { max: 3, found: 4 }));
    }

    #[test]
    fn what_is_not_seen_is_refused() {
        for hidden in ['\0', '\u{1b}', '\u{7f}', '\u{200b}', '\u{202e}', '\u{2066}', '\u{feff}'] {
            assert_eq!(line(&format!("a{hidden}b"), 9), Err(LineError::Forbidden(hidden)));
            assert_eq!(paragraph(&format!("a\n{hidden}b"), 9), Err(LineError::Forbidden(hidden)));
        }
    }

    #[test]
    fn a_paragraph_keeps_its_lines() {
        assert_eq!(
            paragraph("\n Un  mot.\r\nDeux.\n\n\n\nTrois. \n", 40).as_deref(),
            Ok("Un mot.\nDeux.\n\nTrois.")
        );
        assert_eq!(paragraph("\r\n\n", 40), Err(LineError::Empty));
        assert_eq!(paragraph("ab\ncd", 4), Err(LineError::TooLong { max: 4, found: 5 }));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn words_are_within_their_bounds(text in any::<String>()) {
            let words = words(&text);
            prop_assert!(words.len() <= 16);
            prop_assert!(words.iter().all(|w| (1..=40).contains(&w.chars().count()) && !w.contains(' ')));
        }

        #[test]
        fn what_is_kept_is_kept_as_it_is(text in "\\PC{0,40}|[ a-zé\n\r\t]{0,40}") {
            if let Ok(kept) = line(&text, 60) {
                prop_assert_eq!(line(&kept, 60), Ok(kept));
            }
            if let Ok(kept) = paragraph(&text, 60) {
                prop_assert_eq!(paragraph(&kept, 60), Ok(kept));
            }
        }
    }
}
