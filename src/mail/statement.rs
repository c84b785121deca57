//! The monthly mail to those who manage a partner or audit an organism: a few figures, and the checkpoint of the log, of
//! which their copy is a witness. No figure of one person is in it.

use askama::Template;

use super::{Letter, Recipient};
use crate::domain::day::Day;
use crate::web::{filters, typography};

/// What a statement says.
#[derive(Debug, Template)]
#[template(path = "mail/statement.txt")]
pub struct Statement<'a> {
    /// The organism that sends it.
    pub organism: &'a str,
    /// Of whom: the partner, or the organism itself.
    pub structure: &'a str,
    /// The first day of the month.
    pub month: Day,
    /// Files read; words where the figure is not told.
    pub files_done: String,
    /// Look-ups refused.
    pub files_refused: String,
    /// Sign-ins.
    pub sign_ins_done: String,
    /// Sign-ins refused.
    pub sign_ins_refused: String,
    /// Whether a figure is not told.
    pub withholds: bool,
    /// The address of the portal.
    pub portal: &'a str,
    /// The text of the checkpoint, to the letter.
    pub note: &'a str,
}

impl Statement<'_> {
    /// The letter, ready to leave. Its typography leaves the checkpoint alone: it is signed.
    pub fn to(&self, recipient: Recipient) -> Result<Letter, askama::Error> {
        let text = self.render()?;
        let text = match text.split_once(self.note) {
            Some((before, after)) => {
                [&typography::text(before), self.note, &typography::text(after)].concat()
            }
            None => typography::text(&text),
        };
        let subject =
            format!("Votre relevé {} et l’empreinte du journal", filters::of_month_of_year(self.month));
        Ok(Letter { to: recipient, subject, text })
    }
}
