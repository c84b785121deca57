//! What the browsers of a story received, held at its end against the traces that it left: each signed-in answer has its
//! trace, each route leaves the facts that `golden/answers.txt` declares for it, and no trace holds a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};

use axum::http::{Method, StatusCode};
use axum_extra::routing::TypedPath as _;
use compte_partenaire::db::FromRow;
use compte_partenaire::domain::id::CorrelationId;
use compte_partenaire::web::paths::SignOut;

use super::PASSWORD;

/// Shared by the browsers of a story.
#[derive(Clone, Default, Debug)]
pub struct Received(Arc<Mutex<Sheet>>);

#[derive(Default, Debug)]
struct Sheet {
    acknowledged: Vec<CorrelationId>,
    answers: Vec<Answered>,
    secrets: BTreeSet<String>,
}

/// One answer of the program.
#[derive(Clone, Debug)]
pub struct Answered {
    pub method: Method,
    pub route: &'static str,
    pub status: StatusCode,
    pub number: CorrelationId,
}

/// What a trace says of its answer.
#[derive(FromRow)]
pub struct Left {
    correlation: CorrelationId,
    fact: String,
    body: String,
}

/// Where the stories of this process write what they saw, for `tests/walked.rs`, which runs after them.
static SEEN: LazyLock<Mutex<File>> = LazyLock::new(|| {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("answers.txt");
    Mutex::new(OpenOptions::new().create(true).write(true).truncate(true).open(file).unwrap())
});

impl Received {
    /// A signed-in answer, which must have its trace.
    pub fn acknowledged(&self, number: CorrelationId) {
        self.0.lock().unwrap().acknowledged.push(number);
    }

    /// Any answer of a route.
    pub fn answer(&self, answer: Answered) {
        self.0.lock().unwrap().answers.push(answer);
    }

    /// What no trace may ever hold.
    pub fn secret(&self, secret: &str) {
        self.0.lock().unwrap().secrets.insert(secret.to_owned());
    }

    /// Forgets what was received: its traces are to be erased.
    pub fn forget(&self) {
        let mut sheet = self.0.lock().unwrap();
        sheet.acknowledged.clear();
        sheet.answers.clear();
    }

    /// Holds everything against the traces left.
    pub fn hold_against(&self, traces: &[Left]) {
        let sheet = self.0.lock().unwrap();
        let mut facts: BTreeMap<CorrelationId, BTreeSet<&str>> = BTreeMap::new();
        for trace in traces {
            facts.entry(trace.correlation).or_default().insert(&trace.fact);
            let bare = |secret: &&String| trace.body.contains(secret.as_str());
            assert!(!sheet.secrets.iter().any(|secret| bare(&secret)), "a secret in {}", trace.body);
            assert!(!trace.body.contains(PASSWORD), "a password in {}", trace.body);
        }
        for answer in &sheet.acknowledged {
            assert!(facts.contains_key(answer), "answered without a trace: {answer}");
        }
        let mut seen: BTreeSet<String> =
            facts.values().flatten().map(|fact| format!("fact {fact}")).collect();
        let empty = BTreeSet::new();
        for answer in &sheet.answers {
            let left = facts.get(&answer.number).unwrap_or(&empty);
            if !is_of_the_door(answer, left, sheet.acknowledged.contains(&answer.number)) {
                let Answered { method, route, status, .. } = answer;
                let left: Vec<&str> = left.iter().copied().collect();
                let line =
                    format!("{:<4} {route:<72} {} {}", method.as_str(), status.as_u16(), left.join(" "));
                assert!(is_declared(&line), "golden/answers.txt does not declare: {line}");
                seen.insert(line);
            }
        }
        let mut file = SEEN.lock().unwrap();
        for line in seen {
            writeln!(file, "{line}").unwrap();
        }
    }
}

/// Notes what a process of its own left: no story ends with its database.
pub fn left_elsewhere(facts: impl IntoIterator<Item = String>) {
    let mut file = SEEN.lock().unwrap();
    for fact in facts {
        writeln!(file, "fact {fact}").unwrap();
    }
}

/// What the door of any route answers by itself: to who is not signed in, whose session is over, who asks for what is
/// refused, or while the service is suspended.
fn is_of_the_door(answer: &Answered, facts: &BTreeSet<&str>, signed_in: bool) -> bool {
    let only = |fact: &str| facts.len() == 1 && facts.contains(fact);
    let over = facts.iter().all(|fact| ["session.ended", "form.kept"].contains(fact));
    match answer.status.as_u16() {
        303 if answer.route == SignOut::PATH => facts.is_empty(),
        303 => facts.contains("session.ended") && over || !signed_in && facts.is_empty(),
        405 if facts.is_empty() => true,
        429 | 503 => true,
        400.. => only("page.refused"),
        _ => false,
    }
}

fn is_declared(line: &str) -> bool {
    static DECLARED: LazyLock<BTreeSet<&str>> =
        LazyLock::new(|| include_str!("../golden/answers.txt").lines().collect());
    std::env::var("CP_GOLDEN").is_ok_and(|wish| wish == "write") || DECLARED.contains(line)
}
