//! Every command of the program, by its operator: each leaves exactly the facts that are declared here.

use std::collections::BTreeSet;
use std::process::Command;

use compte_partenaire::domain::fictitious;
use compte_partenaire::domain::files::write_line;
use time::macros::date;

use crate::stories;
use crate::support::log::sign;
use crate::support::{TestApp, operated};

/// A command, what it is given, and the facts that it leaves. `serve` and `demo` do what people ask of their pages, and
/// the stories of both are elsewhere.
const COMMANDS: &[(&str, &[&str], &[&str])] = &[
    ("migrate", &[], &[]),
    (
        "init",
        &[
            "--kind",
            "caf",
            "--code",
            "591",
            "--name",
            "Caf de la Haute-Deûle",
            "--territory",
            "59",
            "--given-name",
            "Odile",
            "--surname",
            "Marchepont",
            "--mail",
            "odile.marchepont@caf.example",
        ],
        &["organism.founded", "staff.created"],
    ),
    (
        "staff",
        &[
            "--organism",
            "591",
            "--office",
            "auditor",
            "--given-name",
            "Basile",
            "--surname",
            "Rochedieu",
            "--mail",
            "basile.rochedieu@caf.example",
        ],
        &["staff.created"],
    ),
    ("import files", &["dossiers.ndjson", "--organism", "591"], &["files.loaded", "files.staged"]),
    ("doctor", &[], &[]),
    (
        "traces export",
        &[
            "traces.ndjson",
            "--organism",
            "591",
            "--from",
            "2026-11-01",
            "--to",
            "2026-11-30",
            "--for",
            "Enquête",
        ],
        &["log.exported"],
    ),
    ("traces verify", &[], &[]),
    ("traces open-log", &["--because", "Sauvegarde de la veille"], &["log.opened"]),
];

fn program(app: &TestApp) -> Command {
    let mut command = operated(app, env!("CARGO_BIN_EXE_compte-partenaire"));
    command.current_dir(app.database.folder.path()).env("CP_DATABASE_OWNER_URL", &app.database.owner_url);
    command
}

/// The commands that a help page names.
fn named(app: &TestApp, words: &[&str]) -> Vec<String> {
    let help = program(app).args(words).arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    let lines = text.lines().skip_while(|line| *line != "Commandes :").skip(1);
    lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_whitespace().next().unwrap().to_owned())
        .collect()
}

stories! {
    /// The list above is that of the program's own help.
    async fn no_command_is_left_out(app) {
        let mut all = BTreeSet::new();
        for command in named(app, &[]) {
            let verbs = named(app, &[&command]);
            if verbs.is_empty() {
                all.insert(command);
            } else {
                all.extend(verbs.iter().map(|verb| format!("{command} {verb}")));
            }
        }
        let mut declared: BTreeSet<String> = COMMANDS.iter().map(|(name, ..)| (*name).to_owned()).collect();
        declared.extend(["serve", "demo"].map(str::to_owned));
        assert_eq!(all, declared);
    }

    async fn each_command_leaves_the_facts_that_it_declares(app) {
        let lines = fictitious::files(1, 3, &"59".parse().unwrap(), date!(2026 - 11 - 20));
        let lines: String = lines.map(|file| write_line(&file) + "\n").collect();
        std::fs::write(app.database.folder.path().join("dossiers.ndjson"), lines).unwrap();
        for (name, given, declared) in COMMANDS {
            if *name == "traces export" {
                // It stands under a signed head.
                sign(app.app.db()).await;
            }
            let before = app.facts().await.len();
            let done = program(app).args(name.split(' ')).args(*given).output().unwrap();
            let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).join("\n");
            // What the machine lacks is the doctor's to say.
            assert!(done.status.success() || *name == "doctor", "{name}: {said}");
            let mut left = app.facts().await.split_off(before);
            left.sort();
            assert_eq!(left, *declared, "{name}: {said}");
        }
    }
}
