//! Atypical uses («usages atypiques»): what rules signal, for the auditor to look at and decide upon. Nobody is measured
//! here: only what a rule noticed is shown, with the traces that say so. Partners see none of it, but for the requests
//! for justification that are sent to them, which name neither the rule nor a file.
//!
//! `queue` is the list of signals, `one` a signal with its evidence, `judging` the decision; `watching` is who is under
//! surveillance, `thresholds` what the rules are set to, `justifying` the answer of a partner. The rules are in
//! `domain::atypical`, and `jobs::usage` follows the log with them.

mod commands;
mod judging;
mod justifying;
mod one;
mod queue;
mod store;
mod thresholds;
mod watching;
mod words;

use axum_extra::routing::TypedPath as _;

use crate::app::App;
use crate::domain::access::Permission;
use crate::web::paths::{
    JudgeSignal, Justification, SetUseThresholds, Signal, Signals, Surveillance, Surveillances, UseThresholds,
};
use crate::web::routes::{Access, Routes};

/// The routes of the slice.
pub fn add(routes: Routes<App>) -> Routes<App> {
    let judge = Access::Needs(Permission::JudgeUse);
    let follow = Access::Needs(Permission::FollowUse);
    let set = Access::Needs(Permission::SetUseThresholds);
    let justify = Access::Needs(Permission::JustifyUse);
    routes
        .get(Signals::PATH, judge, queue::list)
        .get(Signal::PATH, judge, one::signal)
        .get(JudgeSignal::PATH, judge, judging::form)
        .post(JudgeSignal::PATH, judge, judging::judge)
        .get(Surveillances::PATH, follow, watching::list)
        .get(Surveillance::PATH, judge, watching::form)
        .post(Surveillance::PATH, judge, watching::change)
        .get(UseThresholds::PATH, follow, thresholds::read)
        .get(SetUseThresholds::PATH, set, thresholds::form)
        .post(SetUseThresholds::PATH, set, thresholds::set)
        .get(Justification::PATH, justify, justifying::form)
        .post(Justification::PATH, justify, justifying::answer)
}
