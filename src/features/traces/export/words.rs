//! The words of a file, which are those of the pages: codes are said by the same templates.

use askama::Template;

/// A code to be said in words.
#[derive(Template)]
#[template(path = "traces/export/word.txt")]
pub(super) enum Code<'a> {
    /// Of a fact.
    Fact(&'a String),
    /// Of the cause of a refusal.
    Cause(&'a String),
    /// Of an outcome.
    Outcome(&'a String),
    /// Of an office.
    Office(&'a String),
    /// Of a rubric.
    Rubric(&'a String),
    /// Of a field of a fact.
    Field(&'a String),
    /// Of a closed list that a fact holds.
    Word(&'a String),
}

impl Code<'_> {
    /// Its words.
    pub(super) fn said(&self) -> String {
        // A template fails on a broken writer only, and a text is none.
        self.render().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_pages_say() {
        let said = |code: &str| Code::Fact(&code.to_owned()).said();
        assert_eq!(said("file.read"), "Consultation d’un dossier");
        assert_eq!(said("unknown <i>"), "unknown <i>");
        assert_eq!(Code::Field(&"reason".to_owned()).said(), "Motif");
    }
}
