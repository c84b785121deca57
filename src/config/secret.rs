//! Addresses that hold a password: they are used, and never printed whole.

use std::fmt;

/// The URL of a database.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretUrl(String);

impl SecretUrl {
    /// Keeps a URL.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The URL whole, to connect with.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the database is a file of ours.
    pub fn is_sqlite(&self) -> bool {
        self.0.starts_with("sqlite:")
    }
}

impl fmt::Display for SecretUrl {
    /// Without the password, nor anything after « ? », where one may stand too.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (address, parameters) = match self.0.split_once('?') {
            Some((address, _)) => (address, "?…"),
            None => (self.0.as_str(), ""),
        };
        match address.split_once("://").zip(address.rsplit_once('@')) {
            Some(((scheme, rest), (_, server))) if rest.contains('@') => {
                let user = rest.split([':', '@']).next().unwrap_or_default();
                write!(f, "{scheme}://{user}:…@{server}{parameters}")
            }
            _ => write!(f, "{address}{parameters}"),
        }
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_printed() {
        for (url, printed) in [
            ("postgres://cp:s3cret@base.example:5432/cp", "postgres://cp:…@base.example:5432/cp"),
            ("postgres://cp:s3c@r:e/t@base.example/cp", "postgres://cp:…@base.example/cp"),
            ("postgres://base.example/cp?user=cp&password=s3cret", "postgres://base.example/cp?…"),
            ("postgres://base.example/cp", "postgres://base.example/cp"),
            ("postgres://cp@base.example/cp", "postgres://cp:…@base.example/cp"),
            ("sqlite:donnees/compte-partenaire.db", "sqlite:donnees/compte-partenaire.db"),
        ] {
            let url = SecretUrl::new(url);
            assert_eq!((url.to_string(), format!("{url:?}")), (printed.to_owned(), printed.to_owned()));
        }
    }
}
