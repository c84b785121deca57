//! JSON as this format takes it: a key may stand only once in an object.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::Cause;

/// The value of a text.
pub(super) fn parse(text: &str) -> Result<Value, Cause> {
    match serde_json::from_str(text) {
        Ok(Strict(value)) => Ok(value),
        // The only error that is not the parser's own is the one raised below.
        Err(error) if error.classify() == Category::Data => {
            Err(Cause::RepeatedKey { column: error.column() })
        }
        Err(error) => Err(Cause::NotJson { column: error.column() }),
    }
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without repeated keys")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom("repeated key"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_json_and_refuses_a_repeated_key() {
        let text = r#"{"a":[1,-2,0.5,null,true,"é\n"],"b":{}}"#;
        assert_eq!(parse(text).map(|value| value.to_string()).as_deref(), Ok(text));
        assert_eq!(parse(r#"{"a":1,"a":1}"#), Err(Cause::RepeatedKey { column: 13 }));
        assert_eq!(parse(r#"{"a":"#), Err(Cause::NotJson { column: 5 }));
        assert!(matches!(parse("{} {}"), Err(Cause::NotJson { .. })));
        assert!(matches!(parse(&"[".repeat(10_000)), Err(Cause::NotJson { .. })));
    }
}
