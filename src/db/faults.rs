//! Failures on purpose: a test says which step of the database fails, and whether it happened all the same.
//!
//! In service the plan is empty and costs one relaxed load a statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use super::DbError;

/// What the failing step does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// It fails and nothing happened.
    Failed,
    /// It reports a failure, yet it happened (an answer lost on the way back).
    FailedButPersisted,
}

/// A plan of failures, shared by every transaction of a [`super::Db`].
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Plan>);

#[derive(Debug, Default)]
struct Plan {
    armed: AtomicBool,
    /// Steps to let through before the failure; below zero once it happened.
    left: AtomicI64,
    persisted: AtomicBool,
    steps: AtomicI64,
    down: AtomicBool,
}

/// A step is about to be done: what the plan says of it.
pub(super) enum Step {
    Go,
    Fail,
    GoThenFail,
}

impl Faults {
    /// Lets `steps` statements or commits through, then fails one.
    pub fn fail_after(&self, steps: i64, how: Failure) {
        self.0.left.store(steps, Ordering::SeqCst);
        self.0.persisted.store(how == Failure::FailedButPersisted, Ordering::SeqCst);
        self.0.steps.store(0, Ordering::SeqCst);
        self.0.armed.store(true, Ordering::SeqCst);
    }

    /// Every step fails until [`Faults::heal`]: the store is lost.
    pub fn go_down(&self) {
        self.0.down.store(true, Ordering::SeqCst);
        self.0.armed.store(true, Ordering::SeqCst);
    }

    /// No failure any more.
    pub fn heal(&self) {
        self.0.armed.store(false, Ordering::SeqCst);
        self.0.down.store(false, Ordering::SeqCst);
    }

    /// Whether the planned failure happened.
    pub fn happened(&self) -> bool {
        self.0.left.load(Ordering::SeqCst) < 0
    }

    pub(super) fn step(&self) -> Step {
        if !self.0.armed.load(Ordering::Relaxed) {
            return Step::Go;
        }
        if self.0.down.load(Ordering::SeqCst) {
            return Step::Fail;
        }
        match self.0.left.fetch_sub(1, Ordering::SeqCst) {
            0 if self.0.persisted.load(Ordering::SeqCst) => Step::GoThenFail,
            0 => Step::Fail,
            _ => Step::Go,
        }
    }

    pub(super) fn error() -> DbError {
        DbError::Unavailable("injected failure".to_owned())
    }
}
