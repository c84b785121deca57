//! Answers: a page that was read, an act that was done. Either way the door knows what to trace.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::page;
use super::problem::Problem;
use crate::db::{Beside, Receipt, Taken};
use crate::domain::facts::Fact;

/// What a handler gives: an answer, or the reason why there is none.
pub type Answer = Result<Response, Problem>;

/// What the door hands over before the answer leaves. Without it, the page's route is the fact.
#[derive(Clone, Debug, Default)]
pub struct ToTrace {
    /// What happened.
    pub facts: Vec<Fact>,
    /// What is written in the same batch.
    pub beside: Vec<Beside>,
}

/// The act was traced in its own transaction: nothing is left to hand over.
#[derive(Clone, Copy, Debug)]
pub struct Traced;

/// What happens to the session once everything is durable.
#[derive(Clone, Copy, Debug)]
pub struct EndSession;

/// A page, shown.
pub fn shown(page: &impl Template) -> Answer {
    Ok(page::html(page)?.into_response())
}

/// The same page again, with what is wrong in it: what was typed is kept.
pub fn refused(page: &impl Template) -> Answer {
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page::html(page)?).into_response())
}

/// The act is done, and its traces are durable: the browser goes where it can be seen.
pub fn done(_receipt: &Receipt, location: &str) -> Answer {
    let mut response = see_other(location)?;
    response.extensions_mut().insert(Traced);
    Ok(response)
}

/// The act is done, its traces are durable, and its page is the answer: it is shown once, nothing leads to it again.
pub fn done_here(_receipt: &Receipt, page: &impl Template) -> Answer {
    let mut response = page::html(page)?.into_response();
    response.extensions_mut().insert(Traced);
    Ok(response)
}

/// What became of a form whose key was claimed: done now, or before by its first sending.
#[derive(Debug)]
#[must_use = "an act is answered"]
pub enum Act {
    /// It is done.
    Done {
        /// Its traces are durable.
        receipt: Receipt,
        /// Where it can be seen.
        location: String,
    },
    /// It had been done already.
    Before(Taken),
}

/// Leads to where an act can be seen, whichever of its sendings did it.
pub fn acted(act: &Act) -> Answer {
    match act {
        Act::Done { receipt, location } => done(receipt, location),
        Act::Before(taken) => see_other(&taken.location),
    }
}

/// Leads elsewhere; what happened is handed over by the door.
pub fn see_other(location: &str) -> Answer {
    let location =
        HeaderValue::from_str(location).map_err(|_| Problem::Internal { reference: String::new() })?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

/// Adds to an answer what the door must hand over.
pub trait Tracing {
    /// With these facts rather than the bare route.
    #[must_use]
    fn reading(self, facts: Vec<Fact>) -> Self;
    /// With this, in the same batch.
    #[must_use]
    fn beside(self, beside: Beside) -> Self;
}

impl Tracing for Answer {
    fn reading(self, facts: Vec<Fact>) -> Self {
        self.map(|mut response| {
            response.extensions_mut().get_or_insert_default::<ToTrace>().facts.extend(facts);
            response
        })
    }

    fn beside(self, beside: Beside) -> Self {
        self.map(|mut response| {
            response.extensions_mut().get_or_insert_default::<ToTrace>().beside.push(beside);
            response
        })
    }
}
