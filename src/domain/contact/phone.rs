//! French telephone numbers, of the mainland and overseas.

use std::fmt;
use std::str::FromStr;

/// A number in its international form: `+33…`, or the code of an overseas territory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone(String);

/// Why a text is not a French telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Nothing was given.
    #[error("empty")]
    Empty,
    /// Something else than digits, a first + and separators.
    #[error("not only digits and separators")]
    Characters,
    /// Not the number of digits that such a number has.
    #[error("{found} digits instead of {expected}")]
    Length {
        /// How many it has, written as it was begun.
        expected: usize,
        /// How many were given.
        found: usize,
    },
    /// Neither a French number nor one of an overseas territory.
    #[error("not a French number")]
    Country,
}

/// Territories of the French numbering plan that have a code of their own, by the beginning of their numbers.
const OVERSEAS: [(&str, &[&str]); 4] = [
    ("262", &["262", "263", "269", "639", "692", "693"]),
    ("590", &["590", "690", "691"]),
    ("594", &["594", "694"]),
    ("596", &["596", "696", "697"]),
];
/// Territories with a plan of their own: code, digits.
const APART: [(&str, usize); 4] = [("508", 6), ("681", 6), ("687", 6), ("689", 8)];
/// A mobile range that the regulator keeps for fiction, though it looks like one of Mayotte.
const FICTION: &str = "63998";

impl Phone {
    /// The international form, without spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Phone {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for Phone {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        let typed = text.trim().replace("(0)", "");
        let dialled: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '/' | '(' | ')'))
            .collect();
        if dialled.is_empty() {
            return Err(PhoneError::Empty);
        }
        let abroad = dialled.strip_prefix('+').or_else(|| dialled.strip_prefix("00"));
        if !abroad.unwrap_or(&dialled).bytes().all(|b| b.is_ascii_digit()) {
            return Err(PhoneError::Characters);
        }
        if let Some(number) = abroad {
            return international(number);
        }
        let number = dialled.strip_prefix('0').unwrap_or_default();
        if dialled.len() != 10 || number.starts_with('0') {
            return Err(PhoneError::Length { expected: 10, found: dialled.len() });
        }
        national(number).ok_or(PhoneError::Country)
    }
}

/// Nine digits, as dialled after the first 0.
fn national(number: &str) -> Option<Phone> {
    if number.len() != 9 || number.starts_with('0') {
        return None;
    }
    if let Some(six) = number.strip_prefix("508") {
        return Some(Phone(format!("+508{six}")));
    }
    let code = OVERSEAS
        .iter()
        .find(|(_, begins)| {
            !number.starts_with(FICTION) && begins.iter().any(|begin| number.starts_with(begin))
        })
        .map_or("33", |(code, _)| code);
    Some(Phone(format!("+{code}{number}")))
}

fn international(number: &str) -> Result<Phone, PhoneError> {
    let length = |expected, rest: &str| PhoneError::Length { expected, found: rest.len() };
    if let Some(rest) = number.strip_prefix("33") {
        // Written «+33 0…» by many hands.
        let rest = rest.strip_prefix('0').unwrap_or(rest);
        return national(rest).ok_or(length(9, rest));
    }
    for (code, digits) in APART {
        if let Some(rest) = number.strip_prefix(code) {
            return if rest.len() == digits {
                Ok(Phone(format!("+{number}")))
            } else {
                Err(length(digits, rest))
            };
        }
    }
    for (code, begins) in OVERSEAS {
        if let Some(rest) = number.strip_prefix(code) {
            let rest = rest.strip_prefix('0').unwrap_or(rest);
            let local = begins.iter().any(|begin| rest.starts_with(begin));
            return match rest.len() {
                9 if local => Ok(Phone(format!("+{code}{rest}"))),
                9 => Err(PhoneError::Country),
                _ => Err(length(9, rest)),
            };
        }
    }
    Err(PhoneError::Country)
}

impl fmt::Display for Phone {
    /// As it is dialled in France: 06 39 98 41 07, 0590 12 34 56, +687 12 34 56; the spaces do not break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.trim_start_matches('+');
        let (head, tail) = if let Some(number) = digits.strip_prefix("33") {
            (format!("0{}", number.get(..1).unwrap_or_default()), number.get(1..))
        } else if APART.iter().any(|(code, _)| digits.starts_with(code)) {
            (format!("+{}", digits.get(..3).unwrap_or_default()), digits.get(3..))
        } else {
            (format!("0{}", digits.get(3..6).unwrap_or_default()), digits.get(6..))
        };
        f.write_str(&head)?;
        for (place, digit) in tail.unwrap_or_default().chars().enumerate() {
            if place % 2 == 0 {
                f.write_str("\u{a0}")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> (String, String) {
        let phone: Phone = text.parse().unwrap();
        (phone.as_str().to_owned(), phone.to_string().replace('\u{a0}', " "))
    }

    #[test]
    fn reads_the_ways_of_writing_one_number() {
        for typed in [
            "0353011234",
            "03 53 01 12 34",
            "03.53.01.12.34",
            "03-53-01-12-34",
            "+33 3 53 01 12 34",
            "+33 (0)3 53 01 12 34",
            "0033353011234",
            "+33 03 53 01 12 34",
        ] {
            assert_eq!(shown(typed), ("+33353011234".into(), "03 53 01 12 34".into()), "{typed}");
        }
    }

    #[test]
    fn overseas_numbers_have_their_code() {
        assert_eq!(shown("0590 12 34 56"), ("+590590123456".into(), "0590 12 34 56".into()));
        assert_eq!(shown("+590 690 12 34 56"), ("+590690123456".into(), "0690 12 34 56".into()));
        assert_eq!(shown("+33 696 12 34 56"), ("+596696123456".into(), "0696 12 34 56".into()));
        assert_eq!(shown("0694 12 34 56"), ("+594694123456".into(), "0694 12 34 56".into()));
        assert_eq!(shown("0262 12 34 56"), ("+262262123456".into(), "0262 12 34 56".into()));
        assert_eq!(shown("0639 12 34 56"), ("+262639123456".into(), "0639 12 34 56".into()));
        assert_eq!(shown("06 39 98 41 07"), ("+33639984107".into(), "06 39 98 41 07".into()));
        assert_eq!(shown("0508 41 12 34"), ("+508411234".into(), "+508 41 12 34".into()));
        assert_eq!(shown("+687 12.34.56"), ("+687123456".into(), "+687 12 34 56".into()));
        assert_eq!(shown("+689 40 12 34 56"), ("+68940123456".into(), "+689 40 12 34 56".into()));
    }

    #[test]
    fn says_what_is_wrong() {
        let wrong = |text: &str| text.parse::<Phone>().unwrap_err();
        assert_eq!(wrong(" - "), PhoneError::Empty);
        assert_eq!(wrong("03 53 01 12 3O"), PhoneError::Characters);
        assert_eq!(wrong("03+53"), PhoneError::Characters);
        assert_eq!(wrong("03 53 01 12"), PhoneError::Length { expected: 10, found: 8 });
        assert_eq!(wrong("3230"), PhoneError::Length { expected: 10, found: 4 });
        assert_eq!(wrong("+33 3 53 01 12"), PhoneError::Length { expected: 9, found: 7 });
        assert_eq!(wrong("1353011234"), PhoneError::Country);
        assert_eq!(wrong("+32 2 123 45 67"), PhoneError::Country);
        assert_eq!(wrong("+590 353 01 12 34"), PhoneError::Country);
    }

    proptest! {
        #[test]
        fn reads_back_what_it_shows(text in "\\PC{0,20}|0[1-9][0-9]{8}|\\+(33|262|590|594|596|508|681|687|689)[0-9]{6,9}") {
            if let Ok(phone) = text.parse::<Phone>() {
                prop_assert_eq!(phone.to_string().parse(), Ok(phone.clone()));
                prop_assert_eq!(phone.as_str().parse(), Ok(phone));
            }
        }
    }
}
