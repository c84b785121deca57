//! Writing down that what a body asked for was handed over: how, to whom, when, and the digest of what was handed.

use axum::extract::State;
use serde::Deserialize;

use super::answering::{self, Shown};
use super::commands::{self, Handed};
use super::words;
use crate::app::App;
use crate::crypto::unhex;
use crate::domain::day::Day;
use crate::domain::trace_requests::Way;
use crate::web::answer::{Answer, acted, refused};
use crate::web::choice::Choice;
use crate::web::fault::{Fault, Faults};
use crate::web::filters::day_of;
use crate::web::form::Sent;
use crate::web::paths::{HandOver, TraceRequest};
use crate::web::reading::NAME;
use crate::web::visit::Visit;

/// What is typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) moyen: String,
    pub(super) remis_a: String,
    pub(super) remis_le: String,
    pub(super) empreinte: String,
}

impl Typed {
    /// The form as it is first shown.
    pub(super) fn at(today: Day) -> Self {
        Self { remis_le: today.to_string(), ..Self::default() }
    }
}

/// The ways by which traces leave the portal.
pub(super) fn ways(typed: &Typed) -> Vec<Choice> {
    Way::ALL
        .into_iter()
        .filter(|way| *way != Way::Portal)
        .map(|way| Choice::new(way.code(), words::way(way)).picked_if(way.code() == typed.moyen))
        .collect()
}

/// Writes it down.
pub(super) async fn hand_over(
    State(app): State<App>,
    visit: Visit,
    path: HandOver,
    Sent { key, fields: typed }: Sent<Typed>,
) -> Answer {
    let request = answering::found(&app, &visit, TraceRequest { demand: path.demand }).await?;
    let mut faults = Faults::new();
    let way = Way::parse(&typed.moyen).filter(|way| *way != Way::Portal);
    if way.is_none() {
        faults.push("moyen", if typed.moyen.is_empty() { Fault::Missing } else { Fault::NotOffered });
    }
    let to = faults.line("remis_a", &typed.remis_a, NAME);
    let on = faults.day("remis_le", &typed.remis_le);
    match on {
        Some(day) if day > visit.today() => {
            faults.push("remis_le", Fault::DateAfter { latest: day_of(visit.today()) });
        }
        Some(day) if day < request.received_on => {
            faults.push("remis_le", Fault::DateBefore { earliest: day_of(request.received_on) });
        }
        _ => {}
    }
    let digest = digest(&typed.empreinte, &mut faults);
    match (way, on, digest) {
        (Some(way), Some(on), Some(digest)) if faults.is_empty() => {
            let handed = Handed { way, to, on, digest };
            acted(&commands::hand_over(&app, &visit, path, &key, &handed).await?)
        }
        _ => {
            let shown = Shown { handing: typed, faults, ..Shown::default() };
            refused(&answering::page(&app, &visit, key, request, shown).await?)
        }
    }
}

/// A SHA-256 as every tool writes it.
fn digest(typed: &str, faults: &mut Faults) -> Option<[u8; 32]> {
    let typed: String = typed.chars().filter(|sign| !sign.is_whitespace()).collect();
    if typed.is_empty() {
        faults.push("empreinte", Fault::Missing);
        return None;
    }
    let digest = unhex(&typed).and_then(|bytes| bytes.try_into().ok());
    if digest.is_none() {
        faults.push("empreinte", Fault::DigestShape);
    }
    digest
}
