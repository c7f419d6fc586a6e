//! Undo and redo.

use std::sync::Arc;

use crate::kconfig::Delta;

use super::store::Leftover;

/// How many steps can be taken back.
const LIMIT: usize = 1000;

/// The steps that can be taken back, and those that were.
#[derive(Default)]
pub(super) struct History {
    steps: Vec<Step>,
    /// How many of `steps` are done; the rest was taken back.
    done: usize,
}

/// One step: everything that a person did at once.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) label: String,
    pub(super) values: Delta,
    pub(super) leftovers_before: Arc<Vec<Leftover>>,
    pub(super) leftovers_after: Arc<Vec<Leftover>>,
}

impl History {
    /// A new step was done; those that were taken back are forgotten.
    pub(super) fn push(&mut self, step: Step) {
        self.steps.truncate(self.done);
        if self.steps.len() == LIMIT {
            self.steps.remove(0);
        }
        self.steps.push(step);
        self.done = self.steps.len();
    }

    /// The step that was done last.
    pub(super) fn last(&self) -> Option<&Step> {
        self.steps[..self.done].last()
    }

    /// The step that was taken back last.
    pub(super) fn next(&self) -> Option<&Step> {
        self.steps.get(self.done)
    }

    /// The step to take back, which counts as taken back from now on.
    pub(super) fn back(&mut self) -> Option<Step> {
        self.done = self.done.checked_sub(1)?;
        Some(self.steps[self.done].clone())
    }

    /// The step to do again, which counts as done from now on.
    pub(super) fn forth(&mut self) -> Option<Step> {
        let step = self.next()?.clone();
        self.done += 1;
        Some(step)
    }
}
