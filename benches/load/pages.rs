//! What the portal answers: a file read again and again by agents who are signed in, each answer with its durable
//! trace; beside it, pages that leave none; and the other ways of grouping traces, as controls.

use std::time::Duration;

use compte_partenaire::db::Patience;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::serve;
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Request, header};

use crate::Failure;
use crate::clients::{Load, Processes, after, closed_loop};
use crate::http::{Visitor, connections};
use crate::installation::Installation;
use crate::portal::{Portal, join};
use crate::report::{Raw, columns, heading, note, point, ratio};
use crate::seed::{Sown, sow};

/// How many agents ask at once.
const CROWDS: [usize; 3] = [1, 16, 64];
const AGENTS: u32 = 64;
const FILES: u32 = 3_000;
/// The trace of a file that was read.
const READ: &str = "file.read";

type Question = Request<Full<Bytes>>;

/// A file that an agent has opened: where it is, and what its page must say.
pub(crate) struct Opened {
    path: String,
    session: String,
    number: String,
}

/// Measures, and prints.
pub(crate) async fn measure(
    installation: &Installation,
    raw: &Raw,
    lasting: Duration,
) -> Result<(), Failure> {
    heading(&format!(
        "{}, the portal: files that are read, each reading traced before it is answered",
        installation.title()
    ));
    let sown = prepare(installation, AGENTS, FILES).await?;
    let opened = measure_pages(installation, &sown, raw, lasting).await?;
    match installation.process() {
        None => measure_batches_of_one(installation, &opened, raw, lasting).await,
        Some(_) => compare_with_apart(installation, &opened, lasting).await,
    }
}

/// Fills the installation, and says what a commit is worth there.
pub(crate) async fn prepare(installation: &Installation, agents: u32, files: u32) -> Result<Sown, Failure> {
    let store = serve::open(&installation.foundation(2), Patience::Command).await?;
    let settings = store.db.check_durability().await?.0;
    let settings: Vec<String> = settings.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    note(&format!("as the portal reads them back: {}", settings.join(", ")));
    let app = join(&store, Grouping::default())?;
    let sown = sow(&app, agents, files).await?;
    app.db().close().await;
    Ok(sown)
}

/// The portal as it is served: each crowd reads the answer to nothing, a public page, then its files.
async fn measure_pages(
    installation: &Installation,
    sown: &Sown,
    raw: &Raw,
    lasting: Duration,
) -> Result<Vec<Opened>, Failure> {
    let portal = Portal::start(installation, Grouping::default(), installation.connections)?;
    let opened = open_files(&portal, sown).await?;
    let help = || public(&portal, "/aide");
    let size_of_file = opened.first().ok_or("nobody opened a file")?.visitor(&portal)?.ask().await?;
    let size_of_help = Visitor::new(help()?, "Aide").ask().await?;
    note(&format!("a file is {size_of_file} bytes, /aide {size_of_help} bytes"));
    columns();
    let mut measured = Vec::new();
    for crowd in CROWDS {
        let name = |what: &str| format!("{what}, {crowd} at once");
        let alive = visit(&portal, public(&portal, "/sante")?, "vivant", crowd, lasting).await?;
        point(&name("/sante"), 1, &alive);
        let untraced = visit(&portal, help()?, "Aide", crowd, lasting).await?;
        point(&name("/aide"), 1, &untraced);
        let traced = read_files(installation, &portal, &opened, crowd, lasting).await?;
        point(&name("files"), 1, &traced);
        measured.push((crowd, alive, untraced, traced));
    }
    for (crowd, alive, untraced, traced) in &measured {
        let to = |what: &str, rate: f64| {
            ratio(&format!("files, {crowd} at once, to {what}"), traced.per_second(), rate);
        };
        to("raw commits of one client", raw.alone.per_second());
        if let Some(rate) = raw.of(*crowd) {
            to("raw commits of as many", rate);
        }
        to("/sante", alive.per_second());
        to("/aide", untraced.per_second());
    }
    if let Some((_, alive, _, traced)) = measured.first() {
        let commit = raw.alone.within(50).as_secs_f64();
        let file = traced.within(50).as_secs_f64();
        ratio("median of a file alone, to that of a commit", file, commit);
        ratio("the same, less the median of /sante", file - alive.within(50).as_secs_f64(), commit);
    }
    Ok(opened)
}

/// The control of grouping: one hand a commit brings the rate down to that of raw commits.
async fn measure_batches_of_one(
    installation: &Installation,
    opened: &[Opened],
    raw: &Raw,
    lasting: Duration,
) -> Result<(), Failure> {
    let portal = Portal::start(installation, Grouping::Together(1), installation.connections)?;
    let crowd = opened.len();
    let single = read_files(installation, &portal, opened, crowd, lasting).await?;
    point(&format!("control: one trace a commit, {crowd} at once"), 1, &single);
    ratio("control, to raw commits of one client", single.per_second(), raw.alone.per_second());
    Ok(())
}

/// PostgreSQL groups commits by itself: is the task that writes worth keeping there?
async fn compare_with_apart(
    installation: &Installation,
    opened: &[Opened],
    lasting: Duration,
) -> Result<(), Failure> {
    let mut results = Vec::new();
    for (words, grouping, connections) in [
        ("the task", Grouping::default(), installation.connections),
        ("each for itself", Grouping::Apart, installation.connections),
        // One in four writes: as many writers as agents.
        ("each for itself", Grouping::Apart, 4 * AGENTS),
    ] {
        let portal = Portal::start(installation, grouping, connections)?;
        let load = read_files(installation, &portal, opened, opened.len(), lasting).await?;
        let held = installation.connections_held().await?.unwrap_or_default();
        let words = format!("{words}, {held} connections");
        point(&words, 1, &load);
        results.push((words, load));
    }
    let fastest = results.iter().max_by(|left, right| left.1.per_second().total_cmp(&right.1.per_second()));
    let lightest = results.iter().min_by_key(|(_, load)| work(load));
    if let (Some((fastest, _)), Some((lightest, _))) = (fastest, lightest) {
        note(&format!("fastest: {fastest}; lightest: {lightest}"));
    }
    Ok(())
}

/// Processor time of the portal and of its database, for each answer.
fn work(load: &Load) -> Duration {
    let spent = load.cpu_portal.unwrap_or_default() + load.cpu_database.unwrap_or_default();
    spent / load.answers().max(1)
}

async fn visit(
    portal: &Portal,
    question: Question,
    expected: &str,
    crowd: usize,
    lasting: Duration,
) -> Result<Load, Failure> {
    let visitors = (0..crowd).map(|_| Visitor::new(question.clone(), expected)).collect();
    closed_loop(visitors, after(lasting), Processes { portal: Some(portal.id()), database: None }).await
}

/// Lets the first agents read their files, then counts their traces: none may be missing.
pub(crate) async fn read_files(
    installation: &Installation,
    portal: &Portal,
    opened: &[Opened],
    crowd: usize,
    lasting: Duration,
) -> Result<Load, Failure> {
    read_files_until(installation, portal, opened.get(..crowd).unwrap_or(opened), after(lasting)).await
}

/// The same, until something ends.
pub(crate) async fn read_files_until(
    installation: &Installation,
    portal: &Portal,
    opened: &[Opened],
    end: impl Future<Output = ()>,
) -> Result<Load, Failure> {
    let before = installation.traces(READ).await?;
    let readers = opened.iter().map(|opened| opened.visitor(portal)).collect::<Result<Vec<_>, _>>()?;
    let processes = Processes { portal: Some(portal.id()), database: installation.process() };
    let load = closed_loop(readers, end, processes).await?;
    let traced = installation.traces(READ).await? - before;
    // Each reader was answered once before the clock started.
    let answered = i64::from(load.answers()) + i64::try_from(opened.len())?;
    if traced < answered || (load.errors == 0 && traced != answered) {
        return Err(format!("{answered} files were given, {traced} readings are traced").into());
    }
    Ok(load)
}

/// Opens a file for each agent, by the form that agents fill in.
pub(crate) async fn open_files(portal: &Portal, sown: &Sown) -> Result<Vec<Opened>, Failure> {
    let browser = connections();
    let mut opened = Vec::new();
    for agent in &sown.agents {
        let form = format!("jeton={}&numero={}&mission={}", agent.token, agent.number, sown.mission);
        let sending = Request::post(format!("http://{}/consultation", portal.address))
            .header(header::COOKIE, cookie(&agent.session))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Full::from(form))?;
        let answer = browser.request(sending).await?;
        let status = answer.status();
        let path = answer.headers().get(header::LOCATION).and_then(|path| path.to_str().ok());
        let path = path.filter(|path| path.starts_with("/consultation/"));
        let path = path.ok_or_else(|| format!("no file was opened: {status}"))?.to_owned();
        opened.push(Opened { path, session: agent.session.clone(), number: agent.number.clone() });
    }
    Ok(opened)
}

impl Opened {
    /// Who reads the file again and again: the page must be that of his file.
    fn visitor(&self, portal: &Portal) -> Result<Visitor, Failure> {
        let question = Request::get(format!("http://{}{}", portal.address, self.path))
            .header(header::COOKIE, cookie(&self.session))
            .body(Full::default())?;
        Ok(Visitor::new(question, format!("<span class=\"mono\">{}</span>", self.number)))
    }
}

pub(crate) fn cookie(session: &str) -> String {
    format!("__Host-session={session}")
}

fn public(portal: &Portal, path: &str) -> Result<Question, Failure> {
    Ok(Request::get(format!("http://{}{path}", portal.address)).body(Full::default())?)
}
