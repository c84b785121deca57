//! The holds of the organism, and one of them with what it keeps.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;
use serde::Deserialize;

use super::store::{self, Hold as Row};
use super::words::{Told, matter, standing, traces};
use crate::app::App;
use crate::crypto::Keys;
use crate::domain::access::Permission;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::holds::may_release;
use crate::web::answer::{Answer, Tracing as _, shown};
use crate::web::filters::{self, day_of, moment_of};
use crate::web::page::Shell;
use crate::web::paths::{Hold, Holds, NewHold, ProlongHold, ReleaseHold};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// Holds in force shown at once, the most pressing ones.
const SHOWN: i64 = 100;
/// Released ones kept in sight.
const RELEASED: i64 = 50;
/// After every day that a trace may be kept until.
const ALL: Day = Day::of(time::macros::date!(9999 - 12 - 31));

#[derive(Template)]
#[template(path = "holds/list.html")]
struct ListPage {
    shell: Shell,
    new: NewHold,
    in_force: Vec<InForce>,
    released: Vec<Released>,
}

struct InForce {
    tone: &'static str,
    standing: String,
    kind: &'static str,
    matter: String,
    basis: String,
    asked: String,
    href: Hold,
}

struct Released {
    kind: &'static str,
    matter: String,
    href: Hold,
    asked: String,
    ended: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    fait: Option<Told>,
}

/// The keys by which this actor reads the numbers of files, if he does.
pub(super) fn readable<'a>(app: &'a App, visit: &Visit) -> Option<&'a Keys> {
    visit.actor.may(Permission::ReadTraces).then(|| &*app.kit().keys)
}

/// The list: those to review first.
pub(super) async fn list(
    State(app): State<App>,
    _: Holds,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let in_force = store::in_force(&mut reader, SHOWN).await?;
    let released = store::released(&mut reader, RELEASED).await?;
    drop(reader);
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(Told::notice);
    let keys = readable(&app, &visit);
    shown(&ListPage {
        shell: visit.shell_with("Conservations exceptionnelles", notice),
        new: NewHold,
        in_force: in_force.iter().map(|hold| pressing(hold, keys, &visit)).collect(),
        released: released.iter().map(|hold| past(hold, keys, &visit)).collect(),
    })
}

fn pressing(hold: &Row, keys: Option<&Keys>, visit: &Visit) -> InForce {
    let (tone, standing) = standing(hold.review_on, visit.today());
    let (kind, matter) = matter(hold, &visit.zone, keys);
    InForce {
        tone,
        standing,
        kind,
        matter,
        basis: hold.basis.clone(),
        asked: format!("{}, le {}", hold.asked_by_name, day_of(visit.zone.local(hold.asked_at))),
        href: Hold { hold: hold.id },
    }
}

fn past(hold: &Row, keys: Option<&Keys>, visit: &Visit) -> Released {
    let (kind, matter) = matter(hold, &visit.zone, keys);
    let on = hold.released_at.map(|at| day_of(visit.zone.local(at))).unwrap_or_default();
    Released {
        kind,
        matter,
        href: Hold { hold: hold.id },
        asked: format!("{}, le {}", hold.asked_by_name, day_of(visit.zone.local(hold.asked_at))),
        ended: format!("{}, le {on}", hold.released_by_name.clone().unwrap_or_default()),
    }
}

#[derive(Template)]
#[template(path = "holds/hold.html")]
struct HoldPage {
    shell: Shell,
    list: Holds,
    release: ReleaseHold,
    prolong: ProlongHold,
    /// Its reviews, the last one first: by whom and when, why, until when.
    prolonged: Vec<(String, String, Day)>,
    hold: Row,
    state: (&'static str, String),
    kind: &'static str,
    matter: String,
    asked_on: String,
    released_on: String,
    kept: String,
    beyond: String,
    may_release: bool,
}

/// One of them.
pub(super) async fn hold(
    State(app): State<App>,
    visit: Visit,
    path: Hold,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let mut reader = app.read(&visit.actor).await?;
    let hold = store::one(&mut reader, path.hold).await?.ok_or(Problem::NotFound)?;
    let kept = store::count(&mut reader, &hold, ALL).await?;
    let beyond = store::count(&mut reader, &hold, visit.today()).await?;
    let prolonged = store::prolonged(&mut reader, path.hold, SHOWN).await?;
    drop(reader);
    let notice = asked.ok().and_then(|Query(asked)| asked.fait).map(Told::notice);
    let (kind, matter) = matter(&hold, &visit.zone, readable(&app, &visit));
    let moment = |at| moment_of(visit.zone.local(at));
    let me = visit.actor.account().map(|account| account.id);
    let fact = Fact::PageRead { route: Hold::PATH.to_owned(), subject: Some(path.hold.to_string()) };
    shown(&HoldPage {
        // Browsers keep the titles of pages: no name stands in this one.
        shell: visit.shell_with("Conservation exceptionnelle", notice),
        list: Holds,
        release: ReleaseHold { hold: path.hold },
        prolong: ProlongHold { hold: path.hold },
        prolonged: prolonged
            .into_iter()
            .map(|review| {
                (format!("{}, le {}", review.by, moment(review.at)), review.reason, review.review_on)
            })
            .collect(),
        state: match hold.released_at {
            Some(_) => ("off", "Levée".to_owned()),
            None => standing(hold.review_on, visit.today()),
        },
        kind,
        matter,
        asked_on: moment(hold.asked_at),
        released_on: hold.released_at.map(moment).unwrap_or_default(),
        kept: traces(kept),
        beyond: traces(beyond),
        may_release: me.is_some_and(|me| may_release(hold.asked_by, me)),
        hold,
    })
    .reading(vec![fact])
}
