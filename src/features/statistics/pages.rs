//! The page of statistics: the months, then one of them in its days, its services and roles, its partners.

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum_extra::routing::TypedPath as _;

use super::asked::{Asked, View};
use super::figures::{Figure, Series, by_day, by_month};
use super::statements::receives;
use super::store::{self, Named};
use crate::app::App;
use crate::db::{DbError, Reader};
use crate::domain::access::Permission;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::statistics::{FEW, KEPT_MONTHS, Matter, Shown};
use crate::web::answer::{Answer, Tracing as _, refused, shown};
use crate::web::choice::Choice;
use crate::web::fault::Faults;
use crate::web::filters;
use crate::web::page::Shell;
use crate::web::paths::{PersonStatistics, Statements, Statistics};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "statistics/show.html")]
struct StatisticsPage {
    shell: Shell,
    faults: Faults,
    partners: Vec<Choice>,
    parts: Vec<Choice>,
    /// What is looked at, in words; nothing when it is everything.
    scope: Option<String>,
    /// The first day that is counted, or will be.
    since: Option<Day>,
    counted_to: Option<Day>,
    files: Series,
    /// Sign-ins are of no service.
    sign_ins: Option<Series>,
    month: Day,
    days: Series,
    roles: Vec<Share>,
    by_partner: Vec<Share>,
    months: Vec<(String, Day, bool)>,
    as_file: String,
    days_as_file: String,
    for_partner: bool,
    of_a_person: bool,
    /// Statements are sent to the reader.
    receives: bool,
    few: u64,
    years: usize,
}

/// A part of a month.
struct Share {
    name: String,
    /// A role, under its service.
    indented: bool,
    counts: Option<Shown>,
    sign_ins: Option<Shown>,
}

impl StatisticsPage {
    /// Whether there is nothing at all to look at yet.
    fn is_bare(&self) -> bool {
        let nothing = |series: &Series| series.lines.iter().all(|line| line.figure == Figure::Uncounted);
        nothing(&self.files) && self.sign_ins.as_ref().is_none_or(nothing)
    }

    fn withholds(&self) -> bool {
        let some = |shares: &[Share]| {
            shares.iter().any(|share| share.counts.is_none_or(|shown| shown.refused.is_none()))
        };
        self.files.withholds
            || self.days.withholds
            || self.sign_ins.as_ref().is_some_and(|series| series.withholds)
            || some(&self.roles)
            || some(&self.by_partner)
    }
}

/// The page.
pub(super) async fn show(
    State(app): State<App>,
    _: Statistics,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let Query(asked) = asked.map_err(|_| Problem::Unreadable)?;
    let counted = app.db().counted(visit.organism).await?;
    let mut faults = Faults::new();
    let mut reader = app.read(&visit.actor).await?;
    let offered = store::offered(&mut reader).await?;
    let view = asked.read(&visit, &offered, counted, &mut faults);
    let [partners, parts] = asked.choices(&offered);
    let files = by_month(&mut reader, &view, Matter::File, visit.today()).await?;
    let sign_ins = if view.part.service.is_empty() {
        Some(by_month(&mut reader, &view, Matter::SignIn, visit.today()).await?)
    } else {
        None
    };
    let days = by_day(&mut reader, &view, Matter::File, visit.today().plus_days(-1)).await?;
    let roles = roles(&mut reader, &view).await?;
    let by_partner = shares_of_partners(&mut reader, &view).await?;
    drop(reader);
    let month_link = |month: Day| (asked.in_month(month), month, month == view.month);
    let page = StatisticsPage {
        shell: visit.shell("Statistiques"),
        faults,
        partners,
        parts,
        scope: scope(&view),
        since: counted.map(|(since, _)| since),
        counted_to: view.counted.map(|(_, to)| to),
        files,
        sign_ins,
        month: view.month,
        days,
        roles,
        by_partner,
        months: view.months.iter().rev().map(|month| month_link(*month)).collect(),
        as_file: asked.as_file(None),
        days_as_file: asked.as_file(Some(view.month)),
        for_partner: visit.actor.partner().is_some(),
        of_a_person: visit.actor.may(Permission::CountOnePerson),
        receives: receives(&visit),
        few: FEW,
        years: KEPT_MONTHS / 12,
    };
    let subject = view.body.partner.map(|partner| partner.to_string());
    let fact = Fact::PageRead { route: Statistics::PATH.to_owned(), subject };
    let answer = if page.faults.is_empty() { shown(&page) } else { refused(&page) };
    answer.reading(vec![fact])
}

/// What is looked at, in words.
fn scope(view: &View) -> Option<String> {
    let (service, role) = &view.part_names;
    let words: Vec<&str> = [view.partner.as_deref().unwrap_or_default(), service, role]
        .into_iter()
        .filter(|words| !words.is_empty())
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

async fn roles(reader: &mut Reader, view: &View) -> Result<Vec<Share>, DbError> {
    if !view.part.service.is_empty() {
        return Ok(Vec::new());
    }
    let own = reader.visible().partner().is_some();
    let rows = store::by_role(reader, view.body, view.month).await?;
    let share = |row: Named| {
        let counts = row.told_to(own);
        let indented = !row.name.is_empty();
        Share { name: if indented { row.name } else { row.under }, indented, counts, sign_ins: None }
    };
    Ok(rows.into_iter().map(share).collect())
}

async fn shares_of_partners(reader: &mut Reader, view: &View) -> Result<Vec<Share>, DbError> {
    if view.body.partner.is_some() {
        return Ok(Vec::new());
    }
    let whole = store::Part::default();
    let files = store::by_partner(reader, (Matter::File, &view.part), view.month).await?;
    let sign_ins = if view.part == whole {
        store::by_partner(reader, (Matter::SignIn, &whole), view.month).await?
    } else {
        Vec::new()
    };
    let (mut shares, mut seen): (Vec<Share>, _) = (Vec::new(), BTreeSet::new());
    for row in sign_ins.iter().chain(&files) {
        // Two partners may bear one name.
        if seen.insert(&row.under) {
            let of = |rows: &[Named]| {
                let row = rows.iter().find(|other| other.under == row.under);
                row.map_or(Some(Shown::NOTHING), |row| row.told_to(false))
            };
            let (counts, sign_ins) = (of(&files), of(&sign_ins));
            shares.push(Share { name: row.name.clone(), indented: false, counts, sign_ins });
        }
    }
    shares.sort_by_key(|share| std::cmp::Reverse(share.counts.map_or(0, |counts| counts.done)));
    Ok(shares)
}
