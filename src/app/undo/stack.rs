//! The steps that can be taken back and done again.

use std::collections::VecDeque;

use super::Deed;

/// So many steps are kept.
const KEPT: usize = 200;
/// Values of one knob that follow each other within so many seconds are one step.
const PAUSE_SECS: f64 = 1.0;

/// When and how something was done.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) struct When {
    /// Seconds since the start of the program.
    pub now: f64,
    /// The press of the pointer under which it was done, if any: its time.
    pub gesture: Option<f64>,
    /// It set a value, so that the last of a row counts.
    pub is_value: bool,
}

#[derive(Debug)]
struct Step {
    words: String,
    undo: Deed,
    redo: Deed,
    when: When,
}

/// Steps done, and steps taken back, the last at the end.
#[derive(Debug, Default)]
pub(in crate::app) struct Stack {
    done: VecDeque<Step>,
    undone: Vec<Step>,
    /// The last step may still grow: nothing was taken back since.
    is_open: bool,
}

impl Stack {
    /// Notes a step, or lets the last one grow by it.
    pub(super) fn record(&mut self, words: String, undo: Deed, redo: Deed, when: When) {
        self.undone.clear();
        let is_open = std::mem::replace(&mut self.is_open, true);
        match self.done.back_mut() {
            Some(last) if is_open && last.grows_by(&words, when) => {
                last.redo = redo;
                last.when = When { gesture: when.gesture.or(last.when.gesture), ..when };
                // Turned back to where it was: nothing happened.
                if last.redo.is_same(&last.undo) {
                    self.done.pop_back();
                    self.is_open = false;
                }
            }
            _ => {
                self.done.push_back(Step { words, undo, redo, when });
                let surplus = self.done.len().saturating_sub(KEPT);
                self.done.drain(..surplus);
            }
        }
    }

    /// The words of the last step and what takes it back.
    pub(super) fn undo(&mut self) -> Option<(String, Deed)> {
        self.is_open = false;
        let step = self.done.pop_back()?;
        let answer = (step.words.clone(), step.undo.clone());
        self.undone.push(step);
        Some(answer)
    }

    /// The words of the step taken back last and what does it again.
    pub(super) fn redo(&mut self) -> Option<(String, Deed)> {
        self.is_open = false;
        let step = self.undone.pop()?;
        let answer = (step.words.clone(), step.redo.clone());
        self.done.push_back(step);
        Some(answer)
    }

    pub(super) fn next_undo(&self) -> Option<&str> {
        self.done.back().map(|step| step.words.as_str())
    }

    pub(super) fn next_redo(&self) -> Option<&str> {
        self.undone.last().map(|step| step.words.as_str())
    }

    /// The run that was put aside has made room for another.
    pub(in crate::app) fn forget_run_aside(&mut self) {
        self.done.retain(|step| !step.undo.needs_run_aside());
        self.undone.retain(|step| !step.undo.needs_run_aside());
    }
}

impl Step {
    fn grows_by(&self, words: &str, when: When) -> bool {
        let is_one_gesture = when.gesture.is_some() && when.gesture == self.when.gesture;
        let is_soon = when.now - self.when.now <= PAUSE_SECS;
        let are_values = self.when.is_value && when.is_value;
        are_values && self.words == words && (is_one_gesture || is_soon)
    }
}
