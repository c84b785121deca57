//! After all the stories: together they walked every route that asks who comes, and left every fact that there is. Each
//! story already failed where a route left other facts than `answers.txt` declares; here, what is declared and was never
//! left is found.
//!
//! Cargo runs this after the stories, whose last run it reads. A run of some of them is not enough.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden").join(name)
}

fn lines(file: &Path) -> BTreeSet<String> {
    let text =
        fs::read_to_string(file).unwrap_or_else(|_| panic!("{} is not there: run all tests", file.display()));
    text.lines().map(str::to_owned).collect()
}

/// What the stories of the last run saw: answers, and facts.
fn seen() -> (BTreeSet<String>, BTreeSet<String>) {
    let seen = lines(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("answers.txt"));
    let (facts, answers): (BTreeSet<_>, BTreeSet<_>) =
        seen.into_iter().partition(|line| line.starts_with("fact "));
    (answers, facts)
}

#[test]
fn every_route_leaves_the_facts_that_it_declares() {
    let (answers, _) = seen();
    let file = golden("answers.txt");
    if std::env::var("CP_GOLDEN").is_ok_and(|wish| wish == "write") {
        let mut answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        answers.sort_by_key(|line| line.split_once(' ').map(|(method, rest)| (rest.trim_start(), method)));
        fs::write(&file, answers.join("\n") + "\n").unwrap();
        return;
    }
    let declared = lines(&file);
    let never: Vec<&String> = declared.difference(&answers).collect();
    assert!(never.is_empty(), "declared in {}, and left by no story: {never:#?}", file.display());
}

#[test]
fn every_route_that_asks_who_comes_was_walked() {
    let (answers, _) = seen();
    let walked: BTreeSet<(&str, &str)> = answers.iter().filter_map(|line| two_words(line)).collect();
    let routes = lines(&golden("routes.txt"));
    let never: Vec<(&str, &str)> = routes
        .iter()
        .filter(|line| !line.ends_with("(Public)"))
        .filter_map(|line| two_words(line))
        .filter(|route| !walked.contains(route))
        .collect();
    assert!(never.is_empty(), "no story was answered by {never:#?}");
}

#[test]
fn every_fact_is_left_by_a_story() {
    let (_, left) = seen();
    let facts = fs::read_to_string(golden("facts.txt")).unwrap();
    // A sample begins by the name of its fact and its code; others of the same fact say of whom instead.
    let codes =
        facts.lines().filter(|line| !line.starts_with(' ')).filter_map(|line| match two_words(line)? {
            (_, "by" | "with") => None,
            (_, code) => Some(code),
        });
    let never: Vec<&str> = codes.filter(|code| !left.contains(&format!("fact {code}"))).collect();
    assert!(never.is_empty(), "no story left {never:#?}");
}

fn two_words(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?))
}
