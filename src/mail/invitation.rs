//! The mail that brings a one-time secret to the person it is for. The identifier is not in it: it is handed over
//! separately, so that neither is enough alone. No link carries the secret.

use askama::Template;
use time::OffsetDateTime;

use super::{Letter, Recipient};
use crate::domain::secrets::spaced;
use crate::web::{filters, typography};

/// What an invitation says.
#[derive(Template)]
#[template(path = "mail/invitation.txt")]
pub struct Invitation<'a> {
    /// Who opens the access: the name of the organism, with its article where it has one.
    pub organism: &'a str,
    /// The partner for whom the person will act; none for the organism's own staff.
    pub acting_for: Option<&'a str>,
    /// The one-time secret, as it was drawn.
    pub secret: &'a str,
    /// Until when it opens, as clocks of the organism show it.
    pub valid_until: OffsetDateTime,
    /// The address where one signs in.
    pub sign_in: &'a str,
}

impl std::fmt::Debug for Invitation<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invitation")
    }
}

impl Invitation<'_> {
    /// The letter, ready to leave.
    pub fn to(&self, recipient: Recipient) -> Result<Letter, askama::Error> {
        Ok(Letter {
            to: recipient,
            subject: "Votre code d’ouverture du Compte Partenaire".to_owned(),
            text: typography::text(&self.render()?),
        })
    }

    fn spaced_secret(&self) -> String {
        spaced(self.secret)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use time::macros::datetime;

    use super::*;

    fn invitation(acting_for: Option<&str>) -> Letter {
        let invitation = Invitation {
            organism: "La Caf de la Haute-Aure",
            acting_for,
            secret: "KDM47RTX9PQV",
            valid_until: datetime!(2026-11-30 18:05 +1),
            sign_in: "https://partenaires.haute-aure.example/connexion",
        };
        let to = Recipient { name: "Ewen Marsilhe".to_owned(), address: "ewen@brumeval.example".to_owned() };
        invitation.to(to).unwrap()
    }

    #[test]
    fn it_says_who_invites_what_to_do_and_until_when() {
        let letter = invitation(Some("la commune de Brumeval"));
        let text = letter.text.replace(['\u{a0}', '\u{202f}'], " ");
        assert!(text.contains(
            "La Caf de la Haute-Aure vous ouvre un accès au portail Compte Partenaire, pour la commune de Brumeval."
        ));
        assert!(text.contains("au plus tard le 30 nov. 2026 à 18 h 05 :"), "{text}");
        assert!(text.contains("\n    KDM4 7RTX 9PQV\n"));
        assert!(text.contains("ouvrez https://partenaires.haute-aure.example/connexion (tapez"));
        assert!(!text.contains('{') && !text.contains("  \n") && !text.contains("&#"));
        assert!(invitation(None).text.contains("Compte Partenaire.\n"));
    }

    #[test]
    fn no_address_carries_the_secret_and_nothing_prints_it() {
        let letter = invitation(None);
        for address in letter.text.split_whitespace().filter(|word| word.contains("://")) {
            assert!(!address.contains("KDM4") && !address.contains('?'), "{address}");
        }
        assert!(!letter.subject.contains("KDM4"));
        assert!(!format!("{letter:?}").contains("KDM4"));
    }
}
