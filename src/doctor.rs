//! What an operator can get wrong, checked before people meet it: one line each, and what to do. Nothing is changed.

mod copies;
mod database;
mod edges;
mod files;
mod mail;

use std::fmt;
use std::io::Write;

use crate::clock::{Clock, Entropy};
use crate::config::{Config, ConfigFault};
use crate::domain::time::Timestamp;

/// How one thing stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// As it must be.
    Good,
    /// It works; somebody should look.
    Warning,
    /// It does not work, or does not protect.
    Bad,
}

/// One thing that was checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// How it stands.
    pub verdict: Verdict,
    /// What was checked.
    pub subject: &'static str,
    /// What was found, then what to do.
    pub text: String,
}

impl Finding {
    fn good(subject: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Good, subject, text: text.into() }
    }

    fn warning(subject: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warning, subject, text: text.into() }
    }

    fn bad(subject: &'static str, text: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, subject, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.verdict {
            Verdict::Good => "bien",
            Verdict::Warning => "attention",
            Verdict::Bad => "À CORRIGER",
        };
        write!(f, "{word:<11}{} : {}", self.subject, self.text)
    }
}

/// Checks everything, tells each finding as it comes, and fails when something must be mended.
pub async fn run(config: Result<Config, Vec<ConfigFault>>, out: &mut impl Write) -> Result<(), String> {
    let findings = match config {
        Ok(config) => examine(&config, &Clock::Machine).await,
        Err(faults) => {
            let mut findings: Vec<_> =
                faults.iter().map(|fault| Finding::bad("réglages", fault.to_string())).collect();
            let rest = "le reste sera vérifié quand les réglages seront lisibles.";
            findings.push(Finding::warning("réglages", rest));
            findings
        }
    };
    for finding in &findings {
        writeln!(out, "{finding}").map_err(|error| error.to_string())?;
    }
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    match (count(Verdict::Bad), count(Verdict::Warning)) {
        (0, 0) => writeln!(out, "Tout est en ordre."),
        (0, warnings) => writeln!(out, "Le portail peut servir ; à regarder : {warnings}."),
        (bad, _) => return Err(format!("À corriger avant de servir : {bad}.")),
    }
    .map_err(|error| error.to_string())
}

/// Checks everything that a readable configuration names.
pub async fn examine(config: &Config, clock: &Clock) -> Vec<Finding> {
    let entropy = Entropy::of_the_machine();
    let now: Timestamp = clock.now();
    let mut findings = vec![Finding::good("réglages", "lisibles, et tous connus")];
    findings.extend(files::mentions(config));
    let keys = files::keys(&config.foundation.keys, &mut findings);
    findings.extend(files::volume(config));
    findings.extend(database::examine(config, keys, clock, &entropy).await);
    findings.push(copies::checkpoints(config));
    findings.extend(copies::sink(config, clock).await);
    findings.extend(edges::examine(config, now));
    findings.push(mail::examine(config, clock, &entropy).await);
    findings
}
