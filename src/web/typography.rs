//! French typography, set once on the finished page: no author has to think of a non-breaking space,
//! and no line begins with a colon or ends with an opening guillemet.

/// Elements whose content is left as it is: what a person typed, and what is read by machines or to the letter.
const VERBATIM: [&str; 6] = ["textarea", "pre", "code", "script", "style", "svg"];

/// U+00A0, before a colon, inside guillemets, before a unit.
const SPACE: &str = "\u{a0}";
/// U+202F, before the other high signs and between thousands.
const THIN: &str = "\u{202f}";

const MONTHS: [&str; 20] = [
    "janvier",
    "janv.",
    "février",
    "févr.",
    "mars",
    "avril",
    "avr.",
    "mai",
    "juin",
    "juillet",
    "juil.",
    "août",
    "septembre",
    "sept.",
    "octobre",
    "oct.",
    "novembre",
    "nov.",
    "décembre",
    "déc.",
];
const UNITS: [&str; 15] = [
    "%",
    "€",
    "h",
    "min",
    "s",
    "ms",
    "rem",
    "jour",
    "jours",
    "mois",
    "an",
    "ans",
    "heures",
    "minutes",
    "caractères",
];

/// Sets a finished HTML page: every text between tags, except what stands in a verbatim element.
pub fn page(html: &str) -> String {
    let mut set = String::with_capacity(html.len() + html.len() / 32);
    let mut rest = html;
    while let Some((words, tail)) = rest.split_once('<') {
        push(&mut set, words);
        set.push('<');
        let Some((tag, after)) = tail.split_once('>') else {
            set.push_str(tail);
            return set;
        };
        set.push_str(tag);
        set.push('>');
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        rest = if VERBATIM.contains(&name) { verbatim(&mut set, name, after) } else { after };
    }
    push(&mut set, rest);
    set
}

/// Sets a piece of text without tags.
pub fn text(words: &str) -> String {
    let mut set = String::with_capacity(words.len() + 8);
    push(&mut set, words);
    set
}

/// Copies up to the closing tag of `name`; gives what follows it.
fn verbatim<'html>(set: &mut String, name: &str, html: &'html str) -> &'html str {
    let (content, after) = html.split_once(&format!("</{name}>")).unwrap_or((html, ""));
    set.push_str(content);
    if content.len() < html.len() {
        set.push_str("</");
        set.push_str(name);
        set.push('>');
    }
    after
}

fn push(set: &mut String, words: &str) {
    let mut rest = words;
    while let Some((before, after)) = rest.split_once(' ') {
        set.push_str(before);
        set.push_str(between(set, after).unwrap_or(" "));
        rest = after;
    }
    set.push_str(rest);
}

/// The space that binds the end of what is set to what comes after, if they must stay together.
fn between(set: &str, after: &str) -> Option<&'static str> {
    let next = after.chars().next()?;
    match next {
        ':' | '»' => return Some(SPACE),
        ';' | '!' | '?' => return Some(THIN),
        _ => {}
    }
    if set.ends_with('«') || (set.ends_with("n°") && next.is_ascii_digit()) {
        return Some(SPACE);
    }
    let word = |sign: char| !(sign.is_alphanumeric() || sign == '.' || sign == '%' || sign == '€');
    let unit = after.split(word).next().unwrap_or_default();
    let counted = set.ends_with(|sign: char| sign.is_ascii_digit());
    if counted && (UNITS.contains(&unit.trim_end_matches('.')) || MONTHS.contains(&unit)) {
        return Some(SPACE);
    }
    let hours = set.strip_suffix(" h").or_else(|| set.strip_suffix("\u{a0}h"));
    (next.is_ascii_digit() && hours.is_some_and(|set| set.ends_with(|sign: char| sign.is_ascii_digit())))
        .then_some(SPACE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn high_signs_and_guillemets_hold_to_their_words() {
        assert_eq!(text("Refus : plafond atteint"), "Refus\u{a0}: plafond atteint");
        assert_eq!(text("Vraiment ? Oui ; non !"), "Vraiment\u{202f}? Oui\u{202f}; non\u{202f}!");
        assert_eq!(text("le rôle « Quotient seul »"), "le rôle «\u{a0}Quotient seul\u{a0}»");
    }

    #[test]
    fn numbers_hold_to_their_units() {
        assert_eq!(text("à 14 h 32, dans 2 jours"), "à 14\u{a0}h\u{a0}32, dans 2\u{a0}jours");
        assert_eq!(text("le 12 nov. 2026"), "le 12\u{a0}nov. 2026");
        assert_eq!(text("12 % ou 3 € en 6 mois."), "12\u{a0}% ou 3\u{a0}€ en 6\u{a0}mois.");
        assert_eq!(text("trace n° 12"), "trace n°\u{a0}12");
        assert_eq!(text("27 personnes pour 25 places, 3 sur 4"), "27 personnes pour 25 places, 3 sur 4");
    }

    #[test]
    fn tags_and_typed_text_are_left_alone() {
        let html = r#"<p title="a : b">c : d &amp; e ?</p><textarea name="x">f : g</textarea><b>h !</b>"#;
        let set = "<p title=\"a : b\">c\u{a0}: d &amp; e\u{202f}?</p><textarea name=\"x\">f : g</textarea><b>h\u{202f}!</b>";
        assert_eq!(page(html), set);
    }

    #[test]
    fn broken_html_is_copied_and_never_lost() {
        assert_eq!(page("a : <b"), "a\u{a0}: <b");
        assert_eq!(page("<code>x : y"), "<code>x : y");
        assert_eq!(page(""), "");
    }

    proptest::proptest! {
        #[test]
        fn only_spaces_change(html in "[a-z0-9 :;!?«»<>/\"é.%h]{0,60}") {
            let plain = page(&html).replace([SPACE, THIN].map(|space| space.chars().next().unwrap_or(' ')), " ");
            proptest::prop_assert_eq!(plain, html);
        }
    }
}
