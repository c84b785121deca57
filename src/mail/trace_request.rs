//! Mails about requests for traces: one waits for whoever passes it on or answers it, or was answered. Neither who asks
//! nor what for is in them.

use askama::Template;

use super::{Letter, Recipient};
use crate::domain::day::Day;
use crate::web::filters::day_of;
use crate::web::typography;

/// What the mail is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// A request waits for the superior.
    ToPassOn,
    /// A request waits for the organism's answer.
    ToAnswer,
    /// One's own was answered, or was not passed on.
    Closed,
}

/// What such a mail says.
#[derive(Template, Debug)]
#[template(path = "mail/trace_request.txt")]
pub struct TraceRequestMail<'a> {
    /// What it is about.
    pub about: About,
    /// The organism's name.
    pub organism: &'a str,
    /// The day before which the request is to be answered.
    pub due_on: Day,
    /// Whether that day has come.
    pub late: bool,
    /// The address where one signs in.
    pub sign_in: &'a str,
}

impl TraceRequestMail<'_> {
    /// The letter, ready to leave.
    pub fn to(&self, recipient: Recipient) -> Result<Letter, askama::Error> {
        let subject = match self.about {
            About::Closed => "Votre demande de traces a reçu sa réponse",
            About::ToPassOn | About::ToAnswer if self.late => "Une demande de traces est en retard",
            About::ToPassOn | About::ToAnswer => "Une demande de traces vous attend",
        };
        Ok(Letter { to: recipient, subject: subject.to_owned(), text: typography::text(&self.render()?) })
    }

    fn deadline(&self) -> String {
        let day = day_of(self.due_on);
        if self.late {
            format!("Elle est en retard : la réponse était due avant le {day}.")
        } else {
            format!("La réponse est due avant le {day}.")
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use time::macros::date;

    use super::*;

    #[test]
    fn it_says_what_waits_and_until_when() {
        let told = |about, late| {
            let mail = TraceRequestMail {
                about,
                organism: "la Caf de la Haute-Aure",
                due_on: Day::from(date!(2026 - 12 - 08)),
                late,
                sign_in: "https://partenaires.haute-aure.example/",
            };
            let to =
                Recipient { name: "Ewen Marsilhe".to_owned(), address: "ewen@brumeval.example".to_owned() };
            let letter = mail.to(to).unwrap();
            (letter.subject, letter.text.replace(['\u{a0}', '\u{202f}'], " "))
        };
        let (subject, text) = told(About::ToAnswer, false);
        assert_eq!(subject, "Une demande de traces vous attend");
        assert!(text.contains("attend votre réponse. La réponse est due avant le 8 déc. 2026."), "{text}");
        let (subject, text) = told(About::ToPassOn, true);
        assert_eq!(subject, "Une demande de traces est en retard");
        assert!(
            text.contains("à la Caf de la Haute-Aure, ou que vous disiez pourquoi non. Elle est en retard"),
            "{text}"
        );
        let (_, text) = told(About::Closed, false);
        assert!(text.contains("« Mes traces »") && !text.contains("due avant"), "{text}");
    }
}
