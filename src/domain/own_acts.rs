//! What a person is given of the traces of what he did: his own acts, and nothing of anybody else. The number of a
//! beneficiary is never in it: files are told apart by their order. Who was acted upon, the cause that his own partner
//! does not learn, and the references of the log are left out.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::time::Timestamp;

/// One act, as its author reads it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OwnAct {
    /// When, in UTC.
    #[serde(rename = "quand")]
    pub at: String,
    /// Its code.
    pub code: String,
    /// Its name.
    #[serde(rename = "acte")]
    pub name: String,
    /// How it ended: its code.
    #[serde(rename = "resultat")]
    pub outcome: String,
    /// Code of the cause of a refusal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<String>,
    /// The service.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub service: Option<String>,
    /// The mission declared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub mission: Option<String>,
    /// Which file, by its order in the document.
    #[serde(rename = "dossier", skip_serializing_if = "Option::is_none", default)]
    pub file: Option<usize>,
    /// The rubrics shown.
    #[serde(rename = "rubriques", skip_serializing_if = "Vec::is_empty", default)]
    pub rubrics: Vec<String>,
    /// The page, without what it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page: Option<String>,
    /// Which session, by its order in the document.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<usize>,
    /// From which address.
    #[serde(rename = "adresse", skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// With which browser.
    #[serde(rename = "navigateur", skip_serializing_if = "Option::is_none", default)]
    pub agent: Option<String>,
}

impl OwnAct {
    /// The line of the document.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// When it was.
    pub fn instant(&self) -> Option<Timestamp> {
        OffsetDateTime::parse(&self.at, &Rfc3339).ok().map(Timestamp::new)
    }
}

/// The orders of files and sessions, as they come in one document.
#[derive(Clone, Debug, Default)]
pub struct Told {
    files: HashMap<String, usize>,
    sessions: HashMap<String, usize>,
}

impl Told {
    /// What the author of a trace is given of it.
    pub fn act(&mut self, at: Timestamp, (code, name): (&str, &str), outcome: &str, body: &str) -> OwnAct {
        let body: Value = serde_json::from_str(body).unwrap_or(Value::Null);
        let text = |path: &str| body.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let rubrics = body.pointer("/object/rubrics").and_then(Value::as_array);
        OwnAct {
            at: stamp(at),
            code: code.to_owned(),
            name: name.to_owned(),
            outcome: outcome.to_owned(),
            cause: cause(code, outcome, text("/object/cause").or_else(|| text("/object/result"))),
            service: text("/object/service"),
            mission: text("/object/mission"),
            file: text("/object/file/hash").map(|hash| ordered(&mut self.files, hash)),
            rubrics: rubrics.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
            page: text("/object/route"),
            session: text("/origin/session").map(|session| ordered(&mut self.sessions, session)),
            source: text("/origin/source"),
            agent: text("/origin/agent"),
        }
    }
}

fn ordered(known: &mut HashMap<String, usize>, key: String) -> usize {
    let next = known.len() + 1;
    *known.entry(key).or_insert(next)
}

/// Whether a number exists, and where its family lives, is not to be learnt from a look-up that gave nothing.
fn cause(code: &str, outcome: &str, cause: Option<String>) -> Option<String> {
    if code == "file.looked_up" && outcome == "refused" { Some("nothing_given".to_owned()) } else { cause }
}

/// To the millisecond, in UTC.
fn stamp(at: Timestamp) -> String {
    let at = at.instant();
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.millisecond()
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;

    use super::*;

    fn told(told: &mut Told, code: &str, outcome: &str, object: &Value) -> OwnAct {
        let body = json!({
            "actor": { "account": "a1", "name": "Maëlle Coudert" }, "subject": "9f", "correlation": "c0",
            "origin": { "session": "d4d4", "source": "192.0.2.7", "agent": "Firefox" }, "object": object,
        });
        let at = Timestamp::new(datetime!(2026-11-23 08:05:00.123456 UTC));
        told.act(at, (code, "Un acte"), outcome, &body.to_string())
    }

    #[test]
    fn files_are_told_apart_and_never_named() {
        let mut orders = Told::default();
        let file = |hash: &str| json!({ "file": { "hash": hash, "sealed": "b2b2" }, "mission": "Adressage" });
        let acts: Vec<OwnAct> =
            ["a1", "c3", "a1"].map(|hash| told(&mut orders, "file.read", "done", &file(hash))).into();
        assert_eq!(acts.iter().map(|act| act.file).collect::<Vec<_>>(), [Some(1), Some(2), Some(1)]);
        assert_eq!(acts.iter().map(|act| act.session).collect::<Vec<_>>(), [Some(1); 3]);
        for act in acts {
            let line = act.line();
            assert!(line.contains("Adressage") && line.contains("2026-11-23T08:05:00.123Z"), "{line}");
            for hidden in ["b2b2", "a1", "c3", "d4d4", "9f", "c0", "Maëlle"] {
                assert!(!line.contains(hidden), "{hidden} in {line}");
            }
            assert_eq!(serde_json::from_str::<OwnAct>(&line).ok(), Some(act));
        }
    }

    #[test]
    fn why_nothing_was_found_is_not_told() {
        for result in ["unknown", "outside_perimeter"] {
            let act = told(&mut Told::default(), "file.looked_up", "refused", &json!({ "result": result }));
            assert_eq!(act.cause.as_deref(), Some("nothing_given"));
        }
        let act = told(&mut Told::default(), "page.refused", "refused", &json!({ "cause": "not_found" }));
        assert_eq!(act.cause.as_deref(), Some("not_found"));
    }
}
