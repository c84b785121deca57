//! The configuration file: TOML, whose names are those of the environment, without `CP_`, in small letters; a table
//! is the beginning of the names in it. So `[database]` then `url` is `CP_DATABASE_URL`.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::fault::{ConfigFault, Expected};
use super::place::Place;
use crate::private_files;

/// Far more than a configuration holds.
const MOST_BYTES: usize = 1_048_576;

/// A value with its name in the environment.
pub(super) struct Written {
    pub(super) name: String,
    pub(super) value: String,
    pub(super) place: Place,
}

/// What a file says, and the rights it has.
#[derive(Default)]
pub(super) struct File {
    pub(super) written: Vec<Written>,
    pub(super) rights: u32,
}

/// Reads a file. What cannot be a value is a fault of its own; the other values stand.
pub(super) fn read(path: &Path, faults: &mut Vec<ConfigFault>) -> File {
    let opened = std::fs::File::open(path).and_then(|file| private_files::of(&file));
    let text = opened.and_then(|rights| Ok((rights, std::fs::read_to_string(path)?)));
    let (rights, text) = match text {
        Ok((rights, text)) if text.len() <= MOST_BYTES => (rights, text),
        Ok(_) => {
            faults.push(ConfigFault::NotToml(Place::Line { file: path.to_owned(), line: 1 }));
            return File::default();
        }
        Err(cause) => {
            faults.push(ConfigFault::unreadable("CP_CONFIG", path, &cause));
            return File::default();
        }
    };
    let line = |at: usize| {
        let before = text.as_bytes().iter().take(at);
        Place::Line { file: path.to_owned(), line: before.filter(|byte| **byte == b'\n').count() + 1 }
    };
    match DeTable::parse(&text) {
        Ok(table) => {
            let mut written = Vec::new();
            flatten("CP", table.get_ref(), &line, &mut written, faults);
            File { written, rights }
        }
        Err(error) => {
            faults.push(ConfigFault::NotToml(line(error.span().map_or(0, |span| span.start))));
            File::default()
        }
    }
}

fn flatten(
    prefix: &str,
    table: &DeTable<'_>,
    line: &impl Fn(usize) -> Place,
    written: &mut Vec<Written>,
    faults: &mut Vec<ConfigFault>,
) {
    for (key, value) in table {
        let name = format!("{prefix}_{}", key.get_ref().to_uppercase());
        let place = line(key.span().start);
        if let DeValue::Table(inner) = value.get_ref() {
            flatten(&name, inner, line, written, faults);
        } else if let Some(value) = plain(value.get_ref()) {
            written.push(Written { name, value, place });
        } else {
            faults.push(ConfigFault::Refused { name, expected: Expected::TomlValue, place });
        }
    }
}

/// A value as the environment would give it.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(|value| value.get_ref().as_str()).collect();
            texts.map(|texts| texts.join(", "))
        }
        _ => None,
    }
}
