//! Requests for traces. Somebody asks for the traces of what he did (`asking`); his superior, who manages the people of
//! his partner, passes the request on or says why not (`passing`); the auditor answers (`answering`), and the person
//! reads on his page what he is given, for a limited time (`reading`). The request of another body is entered in the
//! same register (`register`, `registering`), answered, and its handing over written down (`handing`).
//!
//! What a person is given is built from the log once (`document`), and kept until it can be read no more: he reads it,
//! takes it away as it is or as a table (`table`), and the auditor reads the same again (`requested`).

mod answering;
mod asking;
mod commands;
mod document;
mod handing;
mod passing;
mod reading;
mod register;
mod registering;
mod requested;
mod store;
mod table;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{
    HandOver, NewTraceRequest, OwnTraceDocument, OwnTraceRequest, OwnTraceTable, OwnTraces,
    PartnerTraceRequest, PartnerTraceRequests, RequestedTraces, TraceRequest, TraceRequests,
};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let own = Access::Needs(Permission::RequestOwnTraces);
    let pass = Access::Needs(Permission::PassTraceRequestsOn);
    let answer = Access::Needs(Permission::AnswerTraceRequests);
    routes
        .get(OwnTraces::PATH, own, asking::page)
        .post(OwnTraces::PATH, own, asking::ask)
        .get(OwnTraceRequest::PATH, own, reading::request)
        .get(OwnTraceDocument::PATH, own, reading::document)
        .get(OwnTraceTable::PATH, own, table::give)
        .get(PartnerTraceRequests::PATH, pass, passing::list)
        .get(PartnerTraceRequest::PATH, pass, passing::request)
        .post(PartnerTraceRequest::PATH, pass, passing::pass)
        .get(TraceRequests::PATH, answer, register::list)
        .get(NewTraceRequest::PATH, answer, registering::form)
        .post(NewTraceRequest::PATH, answer, registering::register)
        .get(TraceRequest::PATH, answer, answering::request)
        .post(TraceRequest::PATH, answer, answering::answer)
        .get(RequestedTraces::PATH, answer, requested::list)
        .post(HandOver::PATH, answer, handing::hand_over)
}
