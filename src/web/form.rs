//! Forms as they arrive: read, checked against the session's token, and numbered so that sending one twice does
//! it once. Meaning is not looked at here.

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::header;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::kit::Kit;
use super::problem::Problem;
use super::visit::Visit;
use crate::crypto::same;

/// A form of a signed-in page.
#[derive(Debug)]
pub struct Sent<T> {
    /// What makes this sending unique.
    pub key: String,
    /// The fields.
    pub fields: T,
}

/// A form sent before sign-in: there is no session to make a token from, its origin alone is checked.
#[derive(Debug)]
pub struct Open<T>(
    /// The fields.
    pub T,
);

#[derive(Deserialize)]
struct Marks {
    #[serde(default)]
    jeton: String,
    #[serde(default)]
    cle: String,
}

const LONGEST_KEY: usize = 40;

/// The bytes of a form.
pub(super) async fn body(request: Request) -> Result<Bytes, Problem> {
    let form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"));
    if !form {
        return Err(Problem::Unreadable);
    }
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if axum::response::IntoResponse::into_response(rejection).status() == 413 {
            Problem::TooLarge
        } else {
            Problem::Unreadable
        }
    })
}

/// Reads fields.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_html_form::from_bytes(body).map_err(|_| Problem::Unreadable)
}

/// Whether a form carries that token.
pub(super) fn is_of(body: &[u8], token: &str) -> bool {
    read::<Marks>(body).is_ok_and(|marks| same(token.as_bytes(), marks.jeton.as_bytes()))
}

impl<S, T> FromRequest<S> for Sent<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let token = request.extensions().get::<Visit>().map(|visit| visit.token.clone()).unwrap_or_default();
        let body = body(request).await?;
        let marks: Marks = read(&body)?;
        if token.is_empty() || !same(token.as_bytes(), marks.jeton.as_bytes()) {
            return Err(Problem::CrossSite);
        }
        if marks.cle.len() > LONGEST_KEY {
            return Err(Problem::Unreadable);
        }
        Ok(Self { key: marks.cle, fields: read(&body)? })
    }
}

impl<S, T> FromRequest<S> for Open<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = body(request).await?;
        Ok(Self(read(&body)?))
    }
}

/// The key of a form about to be shown.
pub fn new_key<S>(state: &S) -> String
where
    Kit: FromRef<S>,
{
    Kit::from_ref(state).entropy.printed(24)
}
