//! What was given, from the file, then from the environment, which wins; and what has been found wrong so far.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fault::{ConfigFault, Expected};
use super::place::Place;
use super::settings::{Setting, table};
use super::{environment, file};
use crate::private_files::{self, PrivateFault};

/// Far more than an address with its password holds.
const MOST_SECRET: u64 = 4_096;

/// What was given.
pub(super) struct Given {
    values: BTreeMap<&'static str, Value>,
    faults: Vec<ConfigFault>,
}

#[derive(Clone)]
struct Value {
    text: String,
    place: Place,
    /// The value is the name of the file that holds it.
    in_a_file: bool,
}

type Values = BTreeMap<&'static str, Value>;

impl Given {
    /// Keeps what has a name of ours and a value.
    pub(super) fn gather(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut given = Self { values: BTreeMap::new(), faults: Vec::new() };
        let (mut around, mut own) = (Values::new(), Values::new());
        for (name, value) in variables {
            let ours = name.starts_with("CP_") && !name.starts_with("CP_TEST_");
            given.keep(&mut around, name, &value, Place::Environment, ours);
        }
        given.values.clone_from(&around);
        let path = given.optional("CP_CONFIG", Expected::Text, |path| Some(PathBuf::from(path)));
        if let Some(path) = path {
            given.keep_file(&mut own, &path);
        }
        own.extend(around);
        given.values =
            own.into_iter().filter_map(|(name, value)| Some((name, given.open(name, value)?))).collect();
        given
    }

    fn keep(&mut self, values: &mut Values, name: String, value: &str, place: Place, ours: bool) {
        let known = table().iter().find_map(|setting| {
            let in_a_file = setting.secret && name.strip_suffix("_FILE") == Some(setting.name);
            (in_a_file || setting.name == name).then_some((setting.name, in_a_file))
        });
        match known {
            Some((name, in_a_file)) if !value.trim().is_empty() => {
                let value = Value { text: value.trim().to_owned(), place: place.clone(), in_a_file };
                // One name twice in an environment is not ours to see; a name and its `_FILE`, or two lines, are.
                let before = values.insert(name, value);
                if before
                    .is_some_and(|before| before.in_a_file != in_a_file || before.place != Place::Environment)
                {
                    self.faults.push(ConfigFault::Twice { name, place });
                }
            }
            None if ours => self.faults.push(ConfigFault::unknown(name, place)),
            _ => {}
        }
    }

    fn keep_file(&mut self, values: &mut Values, path: &Path) {
        let read = file::read(path, &mut self.faults);
        for written in read.written {
            // The file that says where the file is would be read for ever.
            if written.name == "CP_CONFIG" {
                self.faults.push(ConfigFault::unknown(written.name, written.place));
            } else {
                self.keep(values, written.name, &written.value, written.place, true);
            }
        }
        let holds_secret = |(name, value): (&&'static str, &Value)| secret(name) && !value.in_a_file;
        if values.iter().any(holds_secret)
            && !private_files::within(read.rights, private_files::OWNER_AND_GROUP)
        {
            self.faults.push(ConfigFault::TooOpen {
                name: "CP_CONFIG",
                path: path.to_owned(),
                rights: read.rights,
            });
        }
    }

    /// The value itself, when it is in a file of its own.
    fn open(&mut self, name: &'static str, value: Value) -> Option<Value> {
        if !value.in_a_file {
            return Some(value);
        }
        let path = PathBuf::from(value.text);
        match private_files::read_private(&path, private_files::OWNER_AND_GROUP, MOST_SECRET) {
            Ok(content) => Some(Value {
                text: String::from_utf8_lossy(&content).trim().to_owned(),
                place: Place::Secret(path),
                in_a_file: false,
            }),
            Err(PrivateFault::TooOpen(rights)) => {
                self.faults.push(ConfigFault::TooOpen { name, path, rights });
                None
            }
            Err(PrivateFault::Io(cause)) => {
                self.faults.push(ConfigFault::unreadable(name, &path, &cause));
                None
            }
        }
    }

    /// Whether a value was given, good or not.
    pub(super) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// One more thing that is wrong with what was given under a name.
    pub(super) fn refuse(&mut self, name: &'static str, expected: Expected) {
        let place = self.values.get(name).map_or(Place::Default, |value| value.place.clone());
        self.faults.push(ConfigFault::Refused { name: name.to_owned(), expected, place });
    }

    /// A setting that is missing beside another.
    pub(super) fn miss(&mut self, name: &'static str) {
        self.faults.push(ConfigFault::Missing { name });
    }

    /// A setting that may be left out.
    pub(super) fn optional<T>(
        &mut self,
        name: &'static str,
        expected: Expected,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let default = table().iter().find(|setting| setting.name == name).and_then(|setting| setting.default);
        let value = self.values.get(name).map(|value| value.text.as_str()).or(default)?;
        // The mark of what was not UTF-8 is refused like what is not seen.
        let expected = if value.contains(|sign: char| sign.is_control() || sign == environment::NOT_UTF8) {
            Expected::Text
        } else {
            match read(value) {
                Some(value) => return Some(value),
                None => expected,
            }
        };
        self.refuse(name, expected);
        None
    }

    /// A setting without which nothing starts.
    pub(super) fn required<T>(
        &mut self,
        name: &'static str,
        expected: Expected,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let before = self.faults.len();
        let value = self.optional(name, expected, read);
        if value.is_none() && self.faults.len() == before && !self.is_faulty(name) {
            self.miss(name);
        }
        value
    }

    /// Whether something is already known to be wrong with a setting.
    fn is_faulty(&self, name: &str) -> bool {
        self.faults.iter().any(|fault| fault.concerns(name))
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        self.optional(name, Expected::Text, |text| Some(text.to_owned()))
    }

    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Vec<ConfigFault>> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(self.faults),
        }
    }
}

fn secret(name: &str) -> bool {
    table().iter().any(|Setting { name: known, secret, .. }| *secret && *known == name)
}
