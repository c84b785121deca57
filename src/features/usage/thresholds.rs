//! What the rules are set to, service by service: the administrator of the organism sets, the auditor reads. Whoever
//! judges does not choose what he is shown.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::Deserialize;

use super::commands;
use super::store::watches;
use super::words::{self, Told, name};
use crate::app::App;
use crate::db::offered;
use crate::domain::access::Permission;
use crate::domain::atypical::{Rule, Setting, Thresholds};
use crate::web::answer::{Answer, acted, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::Faults;
use crate::web::form::{Sent, new_key};
use crate::web::page::Shell;
use crate::web::paths::{SetUseThresholds, Surveillances, UseThresholds};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    service: String,
    fait: Option<Told>,
}

#[derive(Template)]
#[template(path = "usage/thresholds.html")]
struct ThresholdsPage {
    shell: Shell,
    key: String,
    list: UseThresholds,
    path: SetUseThresholds,
    watches: Surveillances,
    /// Whether this is the form, rather than what it sets.
    setting: bool,
    may_set: bool,
    services: Vec<Choice>,
    service: Option<(String, String)>,
    groups: Vec<Group>,
    none: Faults,
    names: Vec<(&'static str, &'static str)>,
    faults: Faults,
}

/// The numbers of one rule.
struct Group {
    rule: &'static str,
    id: String,
    fields: Vec<Field>,
}

struct Field {
    name: &'static str,
    label: &'static str,
    hint: String,
    value: String,
}

type Typed = BTreeMap<String, String>;

async fn page(
    app: &App,
    visit: &Visit,
    asked: &Asked,
    (key, typed, faults): (Option<String>, Option<&Typed>, Faults),
) -> Result<ThresholdsPage, Problem> {
    let mut reader = app.read(&visit.actor).await?;
    let services = offered::services(&mut reader).await?;
    let service = services.iter().find(|service| service.code == asked.service).or(services.first()).cloned();
    let thresholds = match &service {
        Some(service) => watches::thresholds(&mut reader, service.id).await?,
        None => Thresholds::default(),
    };
    drop(reader);
    let field = |setting: &Setting| {
        let (label, hint) = words::setting(*setting);
        let kept = || thresholds.get(*setting).to_string();
        let off = if setting.bounds().0 == 0 && setting.bounds().1 > 12 { " 0 : jamais." } else { "" };
        Field {
            name: setting.code(),
            label,
            hint: format!("{hint}{off}"),
            value: typed.and_then(|typed| typed.get(setting.code())).cloned().unwrap_or_else(kept),
        }
    };
    let groups = Rule::ALL.iter().map(|rule| Group {
        rule: name(*rule),
        id: format!("regle-{}", rule.code()),
        fields: Setting::ALL.iter().filter(|setting| setting.rule() == *rule).map(field).collect(),
    });
    let code = service.as_ref().map(|service| service.code.clone()).unwrap_or_default();
    let notice = asked.fait.map(Told::notice);
    Ok(ThresholdsPage {
        shell: visit.shell_with("Seuils des usages atypiques", notice),
        setting: key.is_some(),
        key: key.unwrap_or_default(),
        list: UseThresholds,
        path: SetUseThresholds,
        watches: Surveillances,
        may_set: visit.actor.may(Permission::SetUseThresholds),
        services: services
            .into_iter()
            .map(|found| {
                let picked = found.code == code;
                Choice::new(found.code, found.name).picked_if(picked)
            })
            .collect(),
        service: service.map(|service| (service.code, service.name)),
        groups: groups.filter(|group| !group.fields.is_empty()).collect(),
        none: Faults::new(),
        names: Setting::ALL.iter().map(|setting| (setting.code(), words::setting(*setting).0)).collect(),
        faults,
    })
}

/// The thresholds of a service, to read.
pub(super) async fn read(
    State(app): State<App>,
    _: UseThresholds,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    shown(&page(&app, &visit, &asked, (None, None, Faults::new())).await?)
}

/// The same, to set.
pub(super) async fn form(
    State(app): State<App>,
    _: SetUseThresholds,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let asked = asked.map(|Query(asked)| asked).unwrap_or_default();
    shown(&page(&app, &visit, &asked, (Some(new_key(&app)), None, Faults::new())).await?)
}

/// Sets them.
pub(super) async fn set(
    State(app): State<App>,
    visit: Visit,
    _: SetUseThresholds,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let mut faults = Faults::new();
    let mut wanted = Vec::new();
    for setting in Setting::ALL {
        let (least, most) = setting.bounds();
        let value = typed.get(setting.code()).map(String::as_str).unwrap_or_default();
        wanted.extend(faults.number(setting.code(), value, least, most).map(|value| (*setting, value)));
    }
    let service = typed.get("service").cloned().unwrap_or_default();
    if faults.is_empty() {
        return acted(&commands::set_thresholds(&app, &visit, &key, (&service, &wanted)).await?);
    }
    let asked = Asked { service, fait: None };
    refused(&page(&app, &visit, &asked, (Some(key), Some(&typed), faults)).await?)
}
