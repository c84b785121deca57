//! What a file of traces holds: a search of the list, once people and things are known by their ids, or the traces of
//! one file or one session.

use serde::{Deserialize, Serialize};

use crate::crypto::unhex;
use crate::db::Query;
use crate::domain::day::{Day, Zone};
use crate::domain::id::{AccountId, PartnerId};
use crate::domain::trace_search::Period;
use crate::features::traces::walk::Filter;

/// What is sought, as a row keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Sought {
    from: Day,
    to: Day,
    /// Who acted, or was acted upon.
    person: Option<AccountId>,
    family: Option<String>,
    outcome: Option<String>,
    service: Option<String>,
    source: Option<String>,
    partner: Option<PartnerId>,
    /// As bodies write it, like the group.
    mission: Option<String>,
    group: Option<String>,
    /// Keyed hashes, in hexadecimal.
    file: Option<String>,
    session: Option<String>,
}

impl Sought {
    /// A search of the list.
    pub(super) fn of(period: Period, filter: &Filter, person: Option<AccountId>) -> Self {
        Self {
            from: period.from,
            to: period.to,
            person,
            family: filter.family.map(str::to_owned),
            outcome: filter.outcome.map(|outcome| outcome.code().to_owned()),
            service: filter.service.clone(),
            source: filter.source.clone(),
            partner: filter.partner,
            mission: filter.mission_written(),
            group: filter.group_written(),
            file: None,
            session: None,
        }
    }

    /// The same, of one file only, or of one session only.
    #[must_use]
    pub(super) fn only(self, file: Option<String>, session: Option<String>) -> Self {
        Self { file, session, ..self }
    }

    /// Its days, both included.
    pub(super) fn period(&self) -> Period {
        Period { from: self.from, to: self.to }
    }

    /// Binds it, from the sixth placeholder on: `today` is the day on which the file was begun.
    pub(super) fn bind<'q>(&self, query: Query<'q>, zone: &Zone, today: Day) -> Query<'q> {
        query
            .bind(today)
            .bind(zone.start_of(self.from))
            .bind(zone.start_of(self.to.plus_days(1)))
            .bind(self.person)
            .bind(self.family.clone())
            .bind(self.family.as_ref().map(|family| format!("{family}\u{7f}")))
            .bind(self.outcome.clone())
            .bind(self.service.clone())
            .bind(self.source.clone())
            .bind(self.partner)
            .bind(self.mission.clone())
            .bind(self.group.clone())
            .bind(self.file.as_deref().and_then(unhex))
            .bind(self.session.as_deref().and_then(unhex))
    }
}
