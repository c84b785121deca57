//! The figures as a file: a line a month, or a line a day of one month. What the page withholds is empty there too.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};

use super::asked::{Asked, View};
use super::figures::{Figure, Line, Series, by_day, by_month};
use super::store;
use crate::app::App;
use crate::domain::facts::Fact;
use crate::domain::statistics::{Matter, Shown};
use crate::web::answer::{Answer, Tracing as _};
use crate::web::csv;
use crate::web::fault::Faults;
use crate::web::paths::StatisticsFile;
use crate::web::problem::Problem;
use crate::web::visit::Visit;

/// The columns.
const HEADER: [&str; 10] = [
    "Période",
    "Partenaire",
    "Service",
    "Rôle",
    "Connexions",
    "Connexions refusées",
    "Personnes connectées",
    "Dossiers consultés",
    "Recherches refusées",
    "Personnes ayant consulté",
];
/// What stands in place of figures that concern too few people.
const WITHHELD: &str = "non montré";
/// And of those that nobody counted.
const UNCOUNTED: &str = "non compté";

/// The file.
pub(super) async fn give(
    State(app): State<App>,
    _: StatisticsFile,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let Query(asked) = asked.map_err(|_| Problem::Unreadable)?;
    let mut faults = Faults::new();
    let counted = app.db().counted(visit.organism).await?;
    let mut reader = app.read(&visit.actor).await?;
    let offered = store::offered(&mut reader).await?;
    let view = asked.read(&visit, &offered, counted, &mut faults);
    if !faults.is_empty() {
        return Err(Problem::NotFound);
    }
    let (today, yesterday) = (visit.today(), visit.today().plus_days(-1));
    let by_days = asked.par == "jour";
    let (files, sign_ins) = if by_days {
        let files = by_day(&mut reader, &view, Matter::File, yesterday).await?;
        (files, by_day(&mut reader, &view, Matter::SignIn, yesterday).await?)
    } else {
        let files = by_month(&mut reader, &view, Matter::File, today).await?;
        (files, by_month(&mut reader, &view, Matter::SignIn, today).await?)
    };
    drop(reader);
    let rows = table(&visit, &view, &files, &sign_ins, by_days);
    // On the first of a month, none of its days is over: the file has no line.
    let first = files.lines.first().map_or(view.month, |line| line.when);
    let last = files.lines.last().map_or(view.month, |line| line.when);
    let fact = Fact::StatisticsExported {
        from: first,
        to: if by_days { last } else { yesterday.max(last) },
        at: view.body.partner,
        rows: u64::try_from(files.lines.len()).unwrap_or(0),
    };
    Ok(csv::file(&format!("statistiques-{last}"), &rows)).reading(vec![fact])
}

fn table(visit: &Visit, view: &View, files: &Series, sign_ins: &Series, by_days: bool) -> Vec<Vec<String>> {
    let (service, role) = view.part_names.clone();
    let partner = view.partner.clone().or_else(|| visit.partner_name.clone());
    let whose = [partner.unwrap_or_else(|| "tous".to_owned()), service, role];
    let mut rows = vec![HEADER.map(str::to_owned).to_vec()];
    for (files, sign_ins) in files.lines.iter().zip(&sign_ins.lines) {
        let when = files.when.to_string();
        let mut row = vec![if by_days { when } else { when.chars().take(7).collect() }];
        row.extend(whose.clone());
        // Sign-ins are of no service.
        if view.part.service.is_empty() {
            row.extend(cells(sign_ins));
        } else {
            row.extend(["", "", ""].map(str::to_owned));
        }
        row.extend(cells(files));
        rows.push(row);
    }
    rows
}

fn cells(line: &Line) -> [String; 3] {
    match line.figure {
        Figure::Told(Shown { people, done, refused }) => [Some(done), refused, Some(people)]
            .map(|count| count.map_or(WITHHELD.to_owned(), |count| count.to_string())),
        Figure::Withheld => [WITHHELD; 3].map(str::to_owned),
        Figure::Uncounted => [UNCOUNTED; 3].map(str::to_owned),
    }
}
