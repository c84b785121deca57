//! What a fact says of its object, field by field, for the page of one trace. Fields that the page shows elsewhere,
//! and those that are only numbers of rows, are set apart.

use serde_json::Value;

use crate::domain::day::Day;
use crate::domain::retention::kinds::KINDS;
use crate::domain::territory::Perimeter;
use crate::web::filters::day_of;

/// Fields that the page shows in places of their own.
const ELSEWHERE: [&str; 8] = ["account", "cause", "file", "group", "mission", "partner", "result", "rubrics"];

/// A field of an object; the template has the words of its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Detail {
    pub(super) name: String,
    pub(super) value: Told,
}

/// How a value is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Told {
    /// As it is.
    Words(String),
    /// Letter for letter.
    Code(String),
    /// One word of a closed list, which the template says.
    Word(String),
    /// What changed: name of the field, before, after.
    Changes(Vec<(String, String, String)>),
    /// Criteria: name, value.
    Criteria(Vec<(String, String)>),
}

/// The fields of an object, and apart from them those that name rows.
pub(super) fn details(body: &Value) -> (Vec<Detail>, Vec<Detail>) {
    let Some(Value::Object(object)) = body.get("object") else { return (Vec::new(), Vec::new()) };
    let all = object
        .iter()
        .filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()))
        .filter_map(|(name, value)| Some(Detail { name: name.clone(), value: told(name, value)? }));
    all.partition(|detail| !matches!(&detail.value, Told::Code(code) if names_rows(code)))
}

fn names_rows(code: &str) -> bool {
    code.split(", ").all(|id| uuid::Uuid::try_parse(id).is_ok())
}

fn told(name: &str, value: &Value) -> Option<Told> {
    let words = |words: String| Some(Told::Words(words));
    match value {
        Value::Bool(yes) => words(if *yes { "oui" } else { "non" }.to_owned()),
        Value::Number(number) => words(number.to_string()),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text_told(name, text)),
        Value::Array(items) if name == "changes" => Some(Told::Changes(triples(items))),
        Value::Array(items) if name == "filters" => Some(Told::Criteria(pairs(items))),
        Value::Array(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
            (!items.is_empty()).then(|| Told::Code(items.join(", ")))
        }
        Value::Null | Value::Object(_) => None,
    }
}

fn text_told(name: &str, text: &str) -> Told {
    if let Some(day) = Day::parse(text) {
        return Told::Words(day_of(day));
    }
    match name {
        "perimeter" => Told::Words(places(text)),
        "office" | "letter" | "action" | "decision" | "answer" | "way" => Told::Word(text.to_owned()),
        "rule" => Told::Word(format!("rule.{text}")),
        "what" => Told::Words(kind_of_table(text).to_owned()),
        "purpose" | "reason" | "role" | "name" | "question" => Told::Words(text.to_owned()),
        "service" => Told::Words(text.to_uppercase()),
        _ => Told::Code(text.to_owned()),
    }
}

/// The kind of data that a table holds, as the page of periods calls it.
fn kind_of_table(table: &str) -> &str {
    KINDS.iter().find(|kind| kind.tables.contains(&table)).map_or(table, |kind| kind.name)
}

/// The names of the places of a perimeter.
fn places(text: &str) -> String {
    text.parse::<Perimeter>().map_or_else(|_| text.to_owned(), |perimeter| perimeter.names().join(", "))
}

fn triples(items: &[Value]) -> Vec<(String, String, String)> {
    let triple = |item: &Value| -> Option<(String, String, String)> {
        let part = |at: usize| item.get(at).and_then(Value::as_str);
        let name = part(0)?;
        let value = |text: &str| match Day::parse(text) {
            Some(day) => day_of(day),
            None if name == "perimeter" => places(text),
            None => text.to_owned(),
        };
        Some((name.to_owned(), value(part(1)?), value(part(2)?)))
    };
    items.iter().filter_map(triple).collect()
}

fn pairs(items: &[Value]) -> Vec<(String, String)> {
    let pair = |item: &Value| -> Option<(String, String)> {
        let part = |at: usize| item.get(at).and_then(Value::as_str).map(str::to_owned);
        Some((part(0)?, part(1)?))
    };
    items.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn days_places_and_answers_are_told_and_rows_stand_apart() {
        let body = json!({ "object": {
            "account": "01900000-0000-7000-8000-00000000001e", "accepted": false, "role": null, "reason": "",
            "grants": ["01900000-0000-7000-8000-000000000046"], "starts_on": "2026-11-23", "perimeter": "59",
            "changes": [["signed_on", "", "2026-11-03"], ["perimeter", "59", "62"]],
        }});
        let (told, rows) = details(&body);
        let told: Vec<(&str, Told)> =
            told.iter().map(|detail| (detail.name.as_str(), detail.value.clone())).collect();
        let words = |words: &str| Told::Words(words.to_owned());
        let change =
            |name: &str, before: &str, after: &str| (name.to_owned(), before.to_owned(), after.to_owned());
        assert_eq!(
            told,
            [
                ("accepted", words("non")),
                (
                    "changes",
                    Told::Changes(vec![
                        change("signed_on", "", "3\u{a0}nov. 2026"),
                        change("perimeter", "Nord (59)", "Pas-de-Calais (62)"),
                    ])
                ),
                ("perimeter", words("Nord (59)")),
                ("starts_on", words("23\u{a0}nov. 2026")),
            ]
        );
        assert_eq!(rows.len(), 1);
    }
}
