//! Reading an object field by field, so that every fault of a line is found in one passage.

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::{Cause, Kind, LineFault};

/// Enough of an unknown key to find it in the line.
const SHOWN_OF_A_KEY: usize = 40;

/// The faults of a line, as they are found.
#[derive(Default)]
pub(super) struct Faults(RefCell<Vec<LineFault>>);

impl Faults {
    pub(super) fn add(&self, field: String, cause: Cause) {
        self.0.borrow_mut().push(LineFault { field, cause });
    }

    pub(super) fn into_vec(self) -> Vec<LineFault> {
        self.0.into_inner()
    }
}

/// An object of the line. Fields that are asked for are known; [`Fields::close`] reports the others.
///
/// A method that gives `None` for a field that must be there has reported why, so that the caller may go on
/// reading and give up at the end.
pub(super) struct Fields<'a> {
    path: String,
    map: &'a Map<String, Value>,
    asked: RefCell<Vec<&'static str>>,
    faults: &'a Faults,
}

impl<'a> Fields<'a> {
    /// The object that a value must be.
    pub(super) fn of(path: String, value: &'a Value, faults: &'a Faults) -> Option<Self> {
        let Some(map) = value.as_object() else {
            faults.add(path, Cause::Kind { expected: Kind::Object });
            return None;
        };
        Some(Self { path, map, asked: RefCell::default(), faults })
    }

    /// Whether nothing was reported of the whole line yet.
    pub(super) fn faultless(&self) -> bool {
        self.faults.0.borrow().is_empty()
    }

    /// Reports something about a field.
    pub(super) fn fault(&self, key: &str, cause: Cause) {
        self.faults.add(self.at(key), cause);
    }

    fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of a field, unless it is absent or `null`.
    fn value(&self, key: &'static str) -> Option<&'a Value> {
        self.asked.borrow_mut().push(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    fn demanded(&self, key: &'static str) -> Option<&'a Value> {
        let value = self.value(key);
        if value.is_none() {
            self.fault(key, Cause::Missing);
        }
        value
    }

    fn read_as<T>(&self, key: &str, value: &Value, read: impl Fn(&Value) -> Result<T, Cause>) -> Option<T> {
        read(value).map_err(|cause| self.fault(key, cause)).ok()
    }

    /// A field that must be there.
    pub(super) fn must<T>(&self, key: &'static str, read: impl Fn(&Value) -> Result<T, Cause>) -> Option<T> {
        self.read_as(key, self.demanded(key)?, read)
    }

    /// A field that may be absent.
    pub(super) fn may<T>(&self, key: &'static str, read: impl Fn(&Value) -> Result<T, Cause>) -> Option<T> {
        self.read_as(key, self.value(key)?, read)
    }

    /// An object that must be there; it is closed once read.
    pub(super) fn object<T>(&self, key: &'static str, read: impl Fn(&Fields<'a>) -> Option<T>) -> Option<T> {
        self.open(self.at(key), self.demanded(key)?, read)
    }

    /// An object that may be absent; it is closed once read.
    pub(super) fn optional_object<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Fields<'a>) -> Option<T>,
    ) -> Option<T> {
        self.open(self.at(key), self.value(key)?, read)
    }

    /// A list of objects that must be there, perhaps empty. Their places are counted from 1.
    pub(super) fn list<T>(
        &self,
        key: &'static str,
        max: usize,
        read: impl Fn(&Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.items(key, self.demanded(key)?, max, read)
    }

    /// A list of objects that may be absent, which is not the same as empty.
    pub(super) fn optional_list<T>(
        &self,
        key: &'static str,
        max: usize,
        read: impl Fn(&Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.items(key, self.value(key)?, max, read)
    }

    fn items<T>(
        &self,
        key: &'static str,
        value: &'a Value,
        max: usize,
        read: impl Fn(&Fields<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(items) = value.as_array() else {
            self.fault(key, Cause::Kind { expected: Kind::List });
            return None;
        };
        if items.len() > max {
            self.fault(key, Cause::TooMany { max, found: items.len() });
            return None;
        }
        let read: Vec<Option<T>> = items
            .iter()
            .zip(1..)
            .map(|(item, place)| self.open(format!("{}.{place}", self.at(key)), item, &read))
            .collect();
        read.into_iter().collect()
    }

    fn open<T>(&self, path: String, value: &'a Value, read: impl Fn(&Fields<'a>) -> Option<T>) -> Option<T> {
        let fields = Fields::of(path, value, self.faults)?;
        let found = read(&fields);
        fields.close();
        found
    }

    /// Reports the fields that nobody asked for.
    pub(super) fn close(&self) {
        let asked = self.asked.borrow();
        for key in self.map.keys().filter(|key| !asked.contains(&key.as_str())) {
            let key: String = key.chars().filter(|c| !c.is_control()).take(SHOWN_OF_A_KEY).collect();
            self.fault(&key, Cause::UnknownKey);
        }
    }
}
