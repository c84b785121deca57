//! What a request can meet instead of its answer. A handler or a layer returns a `Problem`; it travels as data
//! in the response, and one layer, which knows who is asking, turns it into a page by `render`.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::page::{Shell, html};
use crate::db::{DbError, Refused};

/// Why there is no answer, or not that one. Its `Display` is the title of its page.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "errors/title.txt")]
pub enum Problem {
    /// No such page, or not for this person: the same words for both.
    NotFound,
    /// The address exists, the verb does not (a `HEAD`, a `GET` on an act).
    MethodNotAllowed,
    /// What the form would change has changed since it was shown.
    Stale {
        /// Where its present state is.
        href: String,
    },
    /// The form was shown for another partner than the one for which the session acts now.
    OtherPartner {
        /// The partner it was shown for.
        shown_for: String,
        /// The one for which the session acts.
        acting_for: String,
    },
    /// Too many tries.
    TooManyRequests {
        /// Seconds before the next one is looked at.
        retry_after_s: u32,
    },
    /// The service is open at other hours of the day.
    OutOfHours {
        /// The hour from which it is open.
        opens: u8,
        /// The hour from which it is closed.
        closes: u8,
        /// When it opens again, in words («demain à 5 h 00»).
        when: String,
        /// Seconds until then.
        retry_after_s: u32,
    },
    /// The log does not answer: nothing can be traced, so nothing can be shown.
    Suspended {
        /// Since when, in words («14 h 31»), if it is known.
        since: Option<String>,
    },
    /// What was sent cannot be read as what the address expects.
    Unreadable,
    /// The form came from another site.
    CrossSite,
    /// More was sent than is accepted.
    TooLarge,
    /// The answer took too long.
    Timeout,
    /// A fault of ours.
    Internal {
        /// What the operator's log calls it: the request's id. Whoever does not know it leaves it empty,
        /// and the layer that renders the problem fills it.
        reference: String,
    },
}

/// How long a suspended service asks callers to wait.
const SUSPENDED_FOR: u32 = 30;

impl Problem {
    /// The status of the response.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Stale { .. } | Self::OtherPartner { .. } => StatusCode::CONFLICT,
            Self::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::OutOfHours { .. } | Self::Suspended { .. } | Self::Timeout => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// When to come back, for those that pass by themselves.
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooManyRequests { retry_after_s } | Self::OutOfHours { retry_after_s, .. } => {
                Some(*retry_after_s)
            }
            Self::Suspended { .. } | Self::Timeout => Some(SUSPENDED_FOR),
            _ => None,
        }
    }
}

impl IntoResponse for Problem {
    /// The status and the problem itself, without a body: the page depends on who is asking.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<askama::Error> for Problem {
    /// A page that cannot be rendered is a fault of ours: the cause goes to the operator, not to the page.
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "page not rendered");
        Self::Internal { reference: String::new() }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Unavailable(_) | DbError::Damaged(_) => {
                tracing::error!(%error, "the database failed");
                Self::Suspended { since: None }
            }
            DbError::Duplicate => Self::Stale { href: "/accueil".to_owned() },
            DbError::Defect(_) => {
                tracing::error!(%error, "a statement failed");
                Self::Internal { reference: String::new() }
            }
        }
    }
}

impl From<Refused> for Problem {
    /// What may not be done here does not exist here.
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Denied(_) | Refused::Ended => Self::NotFound,
            Refused::Db(error) => error.into(),
        }
    }
}

#[derive(Template)]
#[template(path = "errors/problem.html")]
pub(crate) struct ProblemPage<'problem> {
    pub(crate) shell: Shell,
    pub(crate) problem: &'problem Problem,
}

/// The page that says a problem to the person who meets it.
pub fn render(problem: &Problem, shell: Shell) -> Response {
    let page = ProblemPage { shell: shell.titled(problem.to_string()), problem };
    let mut response = match html(&page) {
        Ok(body) => (problem.status(), body).into_response(),
        Err(_) => problem.status().into_response(),
    };
    if let Some(seconds) = problem.retry_after_s() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests say what they expect by failing")]
mod tests {
    use http_body_util::BodyExt;

    use super::*;
    use crate::web::specimen;

    async fn page(problem: Problem) -> (StatusCode, Option<String>, String) {
        let response = render(&problem, specimen::gate());
        let status = response.status();
        let retry =
            response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap().to_owned());
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, retry, String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn a_problem_travels_as_data_without_a_body() {
        let response = Problem::Suspended { since: None }.into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.extensions().get::<Problem>(), Some(&Problem::Suspended { since: None }));
    }

    #[tokio::test]
    async fn a_suspended_service_says_since_when_and_when_to_come_back() {
        let (status, retry, body) = page(Problem::Suspended { since: Some("14 h 31".to_owned()) }).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(retry.as_deref(), Some("30"));
        assert!(body.contains("depuis 14\u{a0}h\u{a0}31"), "{body}");
        assert!(body.contains("<title>Erreur\u{a0}: Service suspendu"), "{body}");
    }

    #[tokio::test]
    async fn a_fault_of_ours_gives_its_reference() {
        let (status, retry, body) = page(Problem::Internal { reference: "7KQ2-M4TD".to_owned() }).await;
        assert_eq!((status, retry), (StatusCode::INTERNAL_SERVER_ERROR, None));
        assert!(body.contains("7KQ2-M4TD"));
    }
}
