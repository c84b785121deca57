//! Searching a log of millions of traces, by the pages that people use. The traces are made by the databases
//! themselves, in large batches: they are not signed, and only serve to be found or passed over.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use compte_partenaire::app::App;
use compte_partenaire::db::Patience;
use compte_partenaire::db::ledger::Grouping;
use compte_partenaire::serve;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use crate::Failure;
use crate::installation::Installation;
use crate::pages::cookie;
use crate::portal::join;
use crate::report::{heading, note};
use crate::seed::{Reading, sow_reading};

/// Traces made by one statement.
const BATCH: u64 = 250_000;
/// The traces are spread over half of a year, in microseconds.
const HALF_A_YEAR: u64 = 180 * 86_400 * 1_000_000;
/// How often each page is asked for; the slowest counts.
const TIMES: usize = 7;
/// What the first page by period, partner, person, file or session may take.
const INDEXED: Duration = Duration::from_millis(200);
/// What any other answer may take, or the offer to go on.
const OTHERS: Duration = Duration::from_millis(500);

/// Measures, and prints.
pub(crate) async fn measure(installation: &Installation, count: u64) -> Result<(), Failure> {
    heading(&format!("{}, searching {count} traces", installation.title()));
    let store = serve::open(&installation.foundation(4), Patience::Command).await?;
    let app = join(&store, Grouping::default())?;
    let reading = sow_reading(&app).await?;
    let began = Instant::now();
    let mut made = 0;
    while made < count {
        let last = (made + BATCH).min(count);
        installation.run(&batch(installation, &reading, (made, last, count))).await?;
        made = last;
    }
    // What a server does by itself in the hours that these traces would have taken.
    if installation.process().is_some() {
        installation.run("VACUUM ANALYZE trace").await?;
    }
    note(&format!("made in {:.0} s", began.elapsed().as_secs_f64()));
    let trace = trace_in_the_middle(&reading, count)?;
    let person = &reading.person;
    let (from, to) = (&reading.from, &reading.to);
    let period = format!("du={from}&au={to}");
    let mission = serde_html_form::to_string([("mission", &reading.mission)])?;
    let pages = [
        ("the last seven days", INDEXED, "/traces".to_owned()),
        ("a period", INDEXED, format!("/traces?{period}")),
        ("a partner", INDEXED, format!("/traces?{period}&partenaire={}", reading.partner)),
        ("a person", INDEXED, format!("/traces?{period}&personne={person}")),
        ("a file", INDEXED, format!("/traces/{trace}/dossier?{period}")),
        ("a session", INDEXED, format!("/traces/{trace}/session")),
        ("one trace", INDEXED, format!("/traces/{trace}")),
        ("an outcome that is rare", OTHERS, format!("/traces?{period}&resultat=failed")),
        ("an address that is not there", OTHERS, format!("/traces?{period}&adresse=192.0.2.99")),
        ("a mission that nobody declared", OTHERS, format!("/traces?{period}&{mission}")),
        (
            "refusals, of a partner",
            OTHERS,
            format!("/traces?{period}&partenaire={}&resultat=refused", reading.partner),
        ),
        ("an act, of a person", OTHERS, format!("/traces?{period}&personne={person}&acte=grant.")),
    ];
    let mut late = 0;
    for (what, limit, path) in pages {
        let mut took = Vec::new();
        for _ in 0..TIMES {
            took.push(ask(&app, &reading, &path).await?);
        }
        let first = took.first().copied().unwrap_or_default();
        took.sort();
        let (median, slowest) = (took.get(TIMES / 2).copied(), took.last().copied());
        let (median, slowest) = (median.unwrap_or_default(), slowest.unwrap_or_default());
        late += usize::from(slowest > limit);
        println!(
            "  {what:<44} first {:>7.1} ms, median {:>7.1} ms, slowest {:>7.1} ms, at most {:>4} ms{}",
            milliseconds(first),
            milliseconds(median),
            milliseconds(slowest),
            limit.as_millis(),
            if slowest > limit { "  LATE" } else { "" },
        );
    }
    app.db().close().await;
    if late > 0 { Err(format!("{late} pages came too late").into()) } else { Ok(()) }
}

/// The statement that makes the traces numbered from the first to before the last: half of a year, a hundred partners,
/// two thousand people, sessions of 250 traces, twenty thousand files.
fn batch(installation: &Installation, reading: &Reading, (first, last, count): (u64, u64, u64)) -> String {
    let sqlite = installation.process().is_none();
    let step = HALF_A_YEAR / count;
    let micros = format!("({} + n * {step})", reading.begins_at);
    let id = |id: uuid::Uuid| {
        if sqlite { format!("X'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    };
    let uuid = |head: &str, n: &str| {
        if sqlite {
            format!("unhex({head} || '70008000' || printf('%012x', {n}))")
        } else {
            format!("({head} || '70008000' || lpad(to_hex({n}), 12, '0'))::uuid")
        }
    };
    let hash = |n: &str| {
        if sqlite {
            format!("unhex(printf('%064x', {n}))")
        } else {
            format!("decode(lpad(to_hex({n}), 64, '0'), 'hex')")
        }
    };
    let (series, head, at, month, keep_until) = if sqlite {
        (
            format!(
                "WITH RECURSIVE series (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM series WHERE n < {last} - 1)"
            ),
            format!("printf('%012x', {micros} / 1000)"),
            micros.clone(),
            format!("CAST(strftime('%Y%m', {micros} / 1000000, 'unixepoch') AS INTEGER)"),
            "'2027-12-31'",
        )
    } else {
        let at = format!("(TIMESTAMPTZ 'epoch' + {micros} * INTERVAL '1 microsecond')");
        (
            format!("WITH series (n) AS (SELECT generate_series({first}::bigint, {last} - 1))"),
            format!("lpad(to_hex({micros} / 1000), 12, '0')"),
            at.clone(),
            format!("CAST(to_char({at} AT TIME ZONE 'UTC', 'YYYYMM') AS INTEGER)"),
            "DATE '2027-12-31'",
        )
    };
    format!(
        "INSERT INTO trace (month, id, at, fact, audience, organism_id, partner_id, keep_until, salt, body, key_number, \
         mac, actor_id, subject_id, session_hash, file_hash, outcome, service, source, correlation) {series} \
         SELECT {month}, {}, {at}, \
         CASE WHEN n % 997 = 0 THEN 'grant.made' WHEN n % 2 = 0 THEN 'file.read' ELSE 'page.read' END, 'partner', {}, \
         CASE WHEN n % 100 = 0 THEN {} ELSE {} END, {keep_until}, {}, '{}', 1, {}, \
         CASE WHEN n % 2000 = 0 THEN {} ELSE {} END, CASE WHEN n % 997 = 0 THEN {} END, {}, \
         CASE WHEN n % 2 = 0 THEN {} END, \
         CASE WHEN n % 1000003 = 0 THEN 'failed' WHEN n % 10 = 0 THEN 'refused' ELSE 'done' END, \
         CASE WHEN n % 2 = 0 THEN 'cdap' END, '192.0.2.7', {} FROM series",
        uuid(&head, "n"),
        id(reading.organism),
        id(reading.partner),
        uuid("'019000000001'", "n % 100"),
        hash("n"),
        reading.body,
        hash("n"),
        id(reading.account),
        uuid("'019000000002'", "n % 2000"),
        uuid("'019000000002'", "n % 2000"),
        hash("n / 250"),
        hash("n % 20000"),
        uuid("'019000000003'", "n / 3"),
    )
}

/// The id of a trace of a file, in the middle of the log.
fn trace_in_the_middle(reading: &Reading, count: u64) -> Result<uuid::Uuid, Failure> {
    let n = count / 4 * 2;
    let millis = (reading.begins_at + n * (HALF_A_YEAR / count)) / 1_000;
    Ok(format!("{millis:012x}70008000{n:012x}").parse()?)
}

/// Asks for a page as a browser does, and reads it to its end.
async fn ask(app: &App, reading: &Reading, path: &str) -> Result<Duration, Failure> {
    let request = Request::builder()
        .uri(path)
        .header(header::HOST, "localhost")
        .header("sec-fetch-site", "same-origin")
        .header(header::COOKIE, cookie(&reading.session))
        .body(Body::empty())?;
    let began = Instant::now();
    let answer = app.router().oneshot(request).await?;
    let status = answer.status();
    answer.into_body().collect().await?;
    let took = began.elapsed();
    if status == StatusCode::OK { Ok(took) } else { Err(format!("{path}: {status}").into()) }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
