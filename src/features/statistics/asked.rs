//! What is asked for, as an address says it: at which partner, of which service or role, which month by its days.

use serde::{Deserialize, Serialize};

use super::store::{Body, Offered, Part};
use crate::domain::day::Day;
use crate::domain::id::PartnerId;
use crate::domain::statistics::shown_months;
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::paths::{Statistics, StatisticsFile};
use crate::web::visit::Visit;

/// What stands after the «?». Empty fields are left out of addresses.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) partenaire: String,
    /// A service, or a service and a role of it with a slash between them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) service: String,
    /// The month that is shown in its parts, `AAAA-MM`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) mois: String,
    /// The file gives each day of that month, not each month.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) par: String,
}

/// What is looked at.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) body: Body,
    /// The name of the partner, if it is one of several.
    pub(super) partner: Option<String>,
    pub(super) part: Part,
    /// The names of the service and of the role.
    pub(super) part_names: (String, String),
    /// The months of the page, the oldest first.
    pub(super) months: Vec<Day>,
    /// The month that is shown in its parts.
    pub(super) month: Day,
    /// From which day to which uses were counted.
    pub(super) counted: Option<(Day, Day)>,
}

impl Asked {
    /// Reads it. What is not among the things offered is a fault of its field.
    pub(super) fn read(
        &self,
        visit: &Visit,
        offered: &Offered,
        counted: Option<(Day, Option<Day>)>,
        faults: &mut Faults,
    ) -> View {
        let chosen = self.partenaire.parse::<PartnerId>().ok();
        let partner = offered.partners.iter().find(|(id, _)| Some(*id) == chosen);
        if !self.partenaire.is_empty() && partner.is_none() {
            faults.push("partenaire", Fault::NotOffered);
        }
        let (service, role) = self.service.split_once('/').unwrap_or((&self.service, ""));
        let known = offered.parts.iter().find(|(s, _, r, _)| s == service && (role.is_empty() || r == role));
        if !self.service.is_empty() && known.is_none() {
            faults.push("service", Fault::NotOffered);
        }
        let months = shown_months(visit.today());
        let month = months.iter().copied().find(|month| month_code(*month) == self.mois);
        if !self.mois.is_empty() && month.is_none() {
            faults.push("mois", Fault::NotOffered);
        }
        let names = known.map(|(_, service, _, name)| {
            (service.clone(), if role.is_empty() { String::new() } else { name.clone() })
        });
        View {
            body: Body {
                organism: visit.organism,
                partner: visit.actor.partner().or(partner.map(|(id, _)| *id)),
            },
            partner: partner.map(|(_, name)| name.clone()),
            part: known
                .map_or_else(Part::default, |_| Part { service: service.to_owned(), role: role.to_owned() }),
            part_names: names.unwrap_or_default(),
            month: month.unwrap_or_else(|| latest(visit.today(), visit.demonstration(), counted)),
            months,
            // Before its first night is over, nothing is counted of what was begun.
            counted: counted.and_then(|(since, to)| Some((since, to.filter(|to| *to >= since)?))),
        }
    }

    /// What is offered, with what is chosen.
    pub(super) fn choices(&self, offered: &Offered) -> [Vec<Choice>; 2] {
        let partners = offered
            .partners
            .iter()
            .map(|(id, name)| Choice::new(id.to_string(), name).picked_if(id.to_string() == self.partenaire))
            .collect();
        let mut parts: Vec<Choice> = Vec::new();
        for (service, service_name, role, role_name) in &offered.parts {
            if !parts.iter().any(|choice| choice.value == *service) {
                parts.push(Choice::new(service, service_name).picked_if(self.service == *service));
            }
            let value = format!("{service}/{role}");
            let label = format!("{} : {role_name}", service.to_uppercase());
            parts.push(Choice::new(&value, label).picked_if(self.service == value));
        }
        [partners, parts]
    }

    /// Its address, for another month.
    pub(super) fn in_month(&self, month: Day) -> String {
        let query = serde_html_form::to_string(Self { mois: month_code(month), ..self.clone() });
        format!("{Statistics}?{}#mois-choisi", query.unwrap_or_default())
    }

    /// The address of its file, by month or by day of a month.
    pub(super) fn as_file(&self, day_by_day: Option<Day>) -> String {
        let asked = Self {
            mois: day_by_day.map(month_code).unwrap_or_default(),
            par: day_by_day.map(|_| "jour".to_owned()).unwrap_or_default(),
            ..self.clone()
        };
        match serde_html_form::to_string(asked) {
            Ok(query) if !query.is_empty() => format!("{StatisticsFile}?{query}"),
            _ => StatisticsFile.to_string(),
        }
    }
}

/// The month that is shown as long as none is chosen: the last one that is over, or this one before any is counted. The
/// demonstration has months from before it began.
fn latest(today: Day, demonstration: bool, counted: Option<(Day, Option<Day>)>) -> Day {
    let this = today.first_of_month();
    match counted {
        Some((since, _)) if since >= this && !demonstration => this,
        _ => this.month_before(),
    }
}

pub(super) fn month_code(month: Day) -> String {
    month.to_string().chars().take(7).collect()
}
