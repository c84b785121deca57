//! The list of traces: newest first, by period, person, and whatever else is asked.

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};

use super::asked::{Asked, Choices, Search};
use super::line::{Eyes, Line, by_day};
use super::store::{self, Person};
use super::walk::{Stretch, step};
use crate::app::App;
use crate::db::Reader;
use crate::domain::access::Permission;
use crate::domain::day::Day;
use crate::domain::facts::Fact;
use crate::domain::trace_search::{Found, Then, join};
use crate::web::answer::{Answer, Tracing, refused, shown};
use crate::web::fault::Faults;
use crate::web::filters;
use crate::web::form::new_key;
use crate::web::page::Shell;
use crate::web::paths::{FileTraces, NewTraceExport, TraceExports, TraceSearches, Traces};
use crate::web::problem::Problem;
use crate::web::visit::Visit;

#[derive(Template)]
#[template(path = "traces/list.html")]
struct ListPage {
    shell: Shell,
    asked: Asked,
    from: Day,
    to: Day,
    choices: Choices,
    faults: Faults,
    key: String,
    /// Lines by day, newest first.
    days: Vec<(Day, Vec<Line>)>,
    shown: usize,
    after: After,
    /// People among whom the search did not choose.
    candidates: Vec<(String, String)>,
    nobody: bool,
    for_partner: bool,
    by_file: bool,
    kept: Vec<(String, String)>,
    /// Where the same traces are taken away.
    export: String,
}

/// What comes after the lines: where it is read, and until where was looked when nobody knows.
pub(super) enum After {
    /// Nothing.
    Nothing,
    /// Older lines.
    Older(String),
    /// What was not looked at yet.
    Unsearched { href: String, until: String },
}

impl After {
    /// The way on from a page; `at` gives the address that continues from a place.
    pub(super) fn of(then: Then, visit: &Visit, at: impl Fn(String) -> String) -> Self {
        match then {
            Then::Nothing => Self::Nothing,
            Then::Older(place) => Self::Older(at(place.to_string())),
            Then::Unsearched(place) => {
                let until = filters::moment_of(visit.zone.local(place.at));
                Self::Unsearched { href: at(place.to_string()), until }
            }
        }
    }
}

/// Who is looked for.
pub(super) enum Whose {
    Everybody,
    One(Person),
    /// Nobody, or several: the search chooses none of them.
    Unclear(Vec<Person>),
}

/// The traces that one may read.
pub(super) async fn list(
    State(app): State<App>,
    _: Traces,
    visit: Visit,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Answer {
    let Query(asked) = asked.map_err(|_| Problem::Unreadable)?;
    let account = visit.actor.account().map(|account| account.id).ok_or(Problem::NotFound)?;
    let mut faults = Faults::new();
    let mut reader = app.read(&visit.actor).await?;
    let offered = store::offered(&mut reader).await?;
    let mut search = asked.read(visit.today(), &offered, &mut faults);
    let named = search.named();
    let whose = whose(&mut reader, &asked.personne).await?;
    let person = if let Whose::One(person) = &whose { Some(person) } else { None };
    let searched = faults.is_empty() && !matches!(whose, Whose::Unclear(_));
    let found = if searched {
        find(&mut reader, &visit, &mut search, person, &asked.avant).await?
    } else {
        Found { lines: Vec::new(), then: Then::Nothing }
    };
    let kept = store::kept(&mut reader, account).await?;
    drop(reader);
    let fact = Fact::TracesRead {
        from: search.period.from,
        to: search.period.to,
        person: person.map(|person| person.identifier.clone()),
        action: search.filter.family.map(str::to_owned),
        filters: named,
        shown: u32::try_from(found.lines.len()).unwrap_or(u32::MAX),
    };
    let unclear = if let Whose::Unclear(people) = &whose { people.as_slice() } else { &[] };
    let page = ListPage {
        shell: visit.shell("Traces"),
        from: search.period.from,
        to: search.period.to,
        choices: asked.choices(&offered),
        key: new_key(&app),
        days: by_day(&found.lines, Eyes::of(&visit.actor, &app.kit().keys, &visit.zone)),
        shown: found.lines.len(),
        after: After::of(found.then, &visit, |avant| Asked { avant, ..asked.clone() }.address()),
        candidates: unclear.iter().map(|person| candidate(person, &asked)).collect(),
        nobody: matches!(&whose, Whose::Unclear(people) if people.is_empty()),
        for_partner: visit.actor.partner().is_some(),
        by_file: visit.actor.may(Permission::ReadFileNumbers),
        kept: kept.into_iter().map(|kept| (kept.name, format!("{Traces}?{}", kept.query))).collect(),
        export: format!("{NewTraceExport}?{}", asked.at_its_start().query()),
        asked,
        faults,
    };
    let answer = if page.faults.is_empty() { shown(&page) } else { refused(&page) };
    answer.reading(vec![fact])
}

/// The person whom the search names; of several, the one whose identifier was typed in full.
pub(super) async fn whose(reader: &mut Reader, typed: &str) -> Result<Whose, Problem> {
    if typed.trim().is_empty() {
        return Ok(Whose::Everybody);
    }
    let mut people = store::people(reader, typed).await?;
    let exact = people.iter().position(|person| person.identifier == typed.trim().to_uppercase());
    Ok(match (exact, people.len()) {
        (Some(at), _) => Whose::One(people.swap_remove(at)),
        (None, 1) => Whose::One(people.swap_remove(0)),
        _ => Whose::Unclear(people),
    })
}

async fn find(
    reader: &mut Reader,
    visit: &Visit,
    search: &mut Search,
    person: Option<&Person>,
    before: &str,
) -> Result<Found<super::walk::Row>, Problem> {
    let (from, to) = (search.period.from, search.period.to.plus_days(1));
    let stretch = Stretch::between(
        visit.zone.start_of(from),
        visit.zone.start_of(to),
        before.parse().ok(),
        visit.today(),
    );
    let mut steps = Vec::new();
    for along in search.ways(person, visit.organism, visit.actor.partner()) {
        steps.push(step(reader, &along, stretch, &search.filter).await?);
    }
    Ok(join(steps))
}

fn candidate(person: &Person, asked: &Asked) -> (String, String) {
    let name = format!("{} {}, {}", person.surname, person.given_name, person.identifier);
    (name, Asked { personne: person.identifier.clone(), ..asked.at_its_start() }.address())
}
