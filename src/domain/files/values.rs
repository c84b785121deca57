//! Reading one value of a line: what it must be, or the cause for which it is not.

use std::str::FromStr;

use serde_json::Value;
use time::Date;
use time::macros::format_description;

use super::{Cause, Kind, Known};
use crate::domain::text;

/// The words that stand for an absent value.
const WORDS: &[&str] = &["non_connu", "non_calculable", "plus_de_droit"];

pub(super) fn text(value: &Value) -> Result<&str, Cause> {
    value.as_str().ok_or(Cause::Kind { expected: Kind::Text })
}

pub(super) fn line(value: &Value, max: usize) -> Result<String, Cause> {
    text::line(self::text(value)?, max).map_err(Cause::Text)
}

pub(super) fn parsed<T: FromStr>(value: &Value, cause: impl Fn(T::Err) -> Cause) -> Result<T, Cause> {
    text(value)?.parse().map_err(cause)
}

pub(super) fn boolean(value: &Value) -> Result<bool, Cause> {
    value.as_bool().ok_or(Cause::Kind { expected: Kind::Boolean })
}

pub(super) fn whole(value: &Value, min: u32, max: u32) -> Result<u32, Cause> {
    if !value.is_u64() && !value.is_i64() {
        return Err(Cause::Kind { expected: Kind::Whole });
    }
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number.filter(|number| (min..=max).contains(number)).ok_or(Cause::Range { min, max })
}

/// A number, or one of the words for an absent one.
pub(super) fn known_whole(value: &Value, max: u32) -> Result<Known<u32>, Cause> {
    match value {
        Value::String(word) => match word.as_str() {
            "non_connu" => Ok(Known::Unknown),
            "non_calculable" => Ok(Known::NotComputable),
            "plus_de_droit" => Ok(Known::RightEnded),
            _ => Err(Cause::Code { allowed: WORDS }),
        },
        Value::Number(_) => whole(value, 0, max).map(Known::Known),
        _ => Err(Cause::Kind { expected: Kind::WholeOrWord }),
    }
}

pub(super) fn known_date(value: &Value) -> Result<Known<Date>, Cause> {
    if value == "non_connu" { Ok(Known::Unknown) } else { date(value).map(Known::Known) }
}

pub(super) fn date(value: &Value) -> Result<Date, Cause> {
    let text = text(value)?;
    let format = format_description!("[year]-[month]-[day]");
    let date = Date::parse(text, format).map_err(|_| Cause::Date)?;
    if text.len() == 10 && (1850..=2200).contains(&date.year()) { Ok(date) } else { Err(Cause::Date) }
}

pub(super) fn code<T>(
    value: &Value,
    allowed: &'static [&'static str],
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Cause> {
    parse(text(value)?).ok_or(Cause::Code { allowed })
}

pub(super) fn postal_code(value: &Value) -> Result<String, Cause> {
    let code = text(value)?.trim();
    let digits = code.len() == 5 && code.bytes().all(|b| b.is_ascii_digit());
    if digits { Ok(code.to_owned()) } else { Err(Cause::PostalCode) }
}
