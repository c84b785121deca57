//! Mail addresses, as forms and files give them.

use std::fmt;
use std::str::FromStr;

use crate::domain::text::fold;

const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;
const LONGEST_LABEL: usize = 63;

/// First words of addresses that an office shares: a secret sent there reaches several people.
const SHARED: [&str; 44] = [
    "accueil",
    "admin",
    "administratif",
    "administration",
    "association",
    "bonjour",
    "bureau",
    "caf",
    "ccas",
    "cias",
    "compta",
    "comptabilite",
    "contact",
    "courriel",
    "courrier",
    "creche",
    "departement",
    "direction",
    "ecole",
    "enfance",
    "equipe",
    "info",
    "informatique",
    "information",
    "informations",
    "infos",
    "jeunesse",
    "mail",
    "mairie",
    "msa",
    "noreply",
    "office",
    "periscolaire",
    "postmaster",
    "rh",
    "scolaire",
    "secretaire",
    "secretariat",
    "service",
    "services",
    "social",
    "standard",
    "support",
    "webmaster",
];

/// A mail address that looks deliverable: one sign @, a sane local part, a domain with a dot, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailAddress(String);

/// Why a text is not a mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// Nothing was given.
    #[error("empty")]
    Empty,
    /// More than 254 characters.
    #[error("longer than 254 characters")]
    TooLong,
    /// No sign @, or several.
    #[error("not exactly one @")]
    At,
    /// What stands before the @ cannot be an address (an accent, a space, a misplaced dot).
    #[error("wrong local part")]
    Local,
    /// What stands after the @ cannot be a domain.
    #[error("wrong domain")]
    Domain,
}

impl MailAddress {
    /// The address, its domain in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an office rather than a person reads it: contact, accueil, mairie… A guess, for a warning.
    pub fn is_shared(&self) -> bool {
        let local = self.0.split('@').next().unwrap_or_default();
        let local = fold(local);
        let first =
            local.split(' ').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
        SHARED.contains(&first) || local == "no reply" || local == "etat civil"
    }
}

impl AsRef<str> for MailAddress {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl FromStr for MailAddress {
    type Err = MailError;

    fn from_str(text: &str) -> Result<Self, MailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(MailError::Empty);
        }
        if text.len() > LONGEST {
            return Err(MailError::TooLong);
        }
        let Some((local, domain)) = text.split_once('@').filter(|(_, domain)| !domain.contains('@')) else {
            return Err(MailError::At);
        };
        if !is_local(local) {
            return Err(MailError::Local);
        }
        if !is_domain(domain) {
            return Err(MailError::Domain);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }
}

fn is_local(local: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    local.len() <= LONGEST_LOCAL && local.split('.').all(|part| !part.is_empty() && part.bytes().all(allowed))
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.')
        && domain.split('.').all(is_label)
        && top.len() > 1
        && top.starts_with(|c: char| c.is_ascii_alphabetic())
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops where it is wrong")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mail(text: &str) -> MailAddress {
        text.parse().unwrap()
    }

    #[test]
    fn reads_addresses() {
        assert_eq!(mail(" Ewen.Marsilhe@Ville.Example ").as_str(), "Ewen.Marsilhe@ville.example");
        assert_eq!(
            mail("o'brise+test@sous.domaine.example").to_string(),
            "o'brise+test@sous.domaine.example"
        );
    }

    #[test]
    fn says_what_is_wrong() {
        let wrong = |text: &str| text.parse::<MailAddress>().unwrap_err();
        assert_eq!(wrong(" "), MailError::Empty);
        assert_eq!(wrong("ewen"), MailError::At);
        assert_eq!(wrong("ewen@ville@example.org"), MailError::At);
        assert_eq!(wrong("@ville.example"), MailError::Local);
        assert_eq!(wrong(".ewen@ville.example"), MailError::Local);
        assert_eq!(wrong("ewen..m@ville.example"), MailError::Local);
        assert_eq!(wrong("éwen@ville.example"), MailError::Local);
        assert_eq!(wrong("ewen marsilhe@ville.example"), MailError::Local);
        assert_eq!(wrong("ewen\r\nBcc:x@ville.example"), MailError::Local);
        for domain in
            ["ville", "ville.", ".example", "-ville.example", "vi_lle.example", "127.0.0.1", "ville.e"]
        {
            assert_eq!(wrong(&format!("ewen@{domain}")), MailError::Domain, "{domain}");
        }
        assert_eq!(wrong(&format!("e@{}.example", "v".repeat(64))), MailError::Domain);
        assert_eq!(wrong(&format!("{}@ville.example", "e".repeat(65))), MailError::Local);
        assert_eq!(wrong(&format!("e@{}example", "v.".repeat(130))), MailError::TooLong);
    }

    #[test]
    fn knows_addresses_that_an_office_shares() {
        for shared in [
            "contact",
            "Accueil",
            "mairie.mons",
            "ccas-2",
            "info2",
            "direction.enfance",
            "no-reply",
            "etat-civil",
        ] {
            assert!(mail(&format!("{shared}@ville.example")).is_shared(), "{shared}");
        }
        for own in ["ewen.marsilhe", "c.contact", "infante", "mairieau"] {
            assert!(!mail(&format!("{own}@ville.example")).is_shared(), "{own}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_stable_and_plain(text in "\\PC{0,40}|[a-zA-Z.+-]{1,12}@[a-zA-Z.-]{1,20}") {
            if let Ok(mail) = text.parse::<MailAddress>() {
                prop_assert!(mail.as_str().is_ascii() && !mail.as_str().contains(char::is_whitespace));
                prop_assert_eq!(mail.as_str().parse(), Ok(mail.clone()));
                let _ = mail.is_shared();
            }
        }
    }
}
