//! A trace as a line of the list: what its body says, for who may read it.

use serde_json::Value;
use time::OffsetDateTime;

use super::store::Row;
use crate::crypto::{Keys, unhex};
use crate::domain::day::Zone;

/// A line of the list.
pub(super) struct Line {
    pub(super) at: OffsetDateTime,
    /// Code of the fact: the template has its words.
    pub(super) fact: String,
    pub(super) outcome: String,
    pub(super) who: String,
    pub(super) identifier: String,
    pub(super) partner: Option<String>,
    pub(super) about: Option<String>,
    /// The group that it is about, or by which a role was held.
    pub(super) group: Option<String>,
    pub(super) file: Option<String>,
    pub(super) mission: Option<String>,
    pub(super) rubrics: Vec<String>,
    /// Code of the cause of a refusal.
    pub(super) cause: Option<String>,
    pub(super) route: Option<String>,
    pub(super) source: Option<String>,
    pub(super) again: bool,
}

impl Line {
    /// Reads a row. To a partner every look-up that gave nothing reads alike: whether the number exists, and where
    /// its family lives, is not his to learn from a trace (001 art. 5.3.4 within design §3).
    pub(super) fn read(row: &Row, zone: &Zone, keys: &Keys, for_partner: bool) -> Self {
        let body: Value = serde_json::from_str(&row.body).unwrap_or(Value::Null);
        let text = |path: &str| body.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let cause = text("/object/cause").or_else(|| text("/object/result"));
        let nothing_given = row.fact == "file.looked_up" && row.outcome == "refused";
        let cause = if for_partner && nothing_given { Some("nothing_given".to_owned()) } else { cause };
        let sealed = text("/object/file/sealed").and_then(|sealed| unhex(&sealed));
        Self {
            at: zone.local(row.at),
            fact: row.fact.clone(),
            outcome: row.outcome.clone(),
            who: text("/actor/name").or_else(|| text("/actor/job")).unwrap_or_default(),
            identifier: text("/actor/identifier").unwrap_or_default(),
            partner: row.partner_name.clone(),
            about: row.subject_name.as_ref().map(|surname| {
                format!("{} {surname}", row.subject_given_name.as_deref().unwrap_or_default())
            }),
            group: text("/object/group/name"),
            file: sealed.and_then(|sealed| keys.open(b"trace", &sealed).ok()),
            mission: text("/object/mission"),
            rubrics: body
                .pointer("/object/rubrics")
                .and_then(Value::as_array)
                .map(|rubrics| rubrics.iter().filter_map(Value::as_str).map(str::to_owned).collect())
                .unwrap_or_default(),
            cause,
            route: text("/object/route"),
            source: text("/origin/source"),
            again: body.pointer("/object/again").and_then(Value::as_bool).unwrap_or(false),
        }
    }
}
