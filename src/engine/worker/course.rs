//! The course of a run that is there: paused, resumed, stopped, put aside and brought back.

use super::super::{EngineEvent, RunEnd};
use super::{State, Until, Worker};

impl Worker {
    pub(super) fn pause(&mut self) {
        if let State::Running { .. } = self.state {
            self.rest();
            self.report(EngineEvent::RunPaused);
        }
    }

    pub(super) fn resume(&mut self, until: Until) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Resting(run) if !run.is_finished() => {
                self.state = State::Running { run, until };
                self.report(EngineEvent::RunResumed);
            }
            State::Running { run, .. } => self.state = State::Running { run, until },
            // The total was turned down below what is done: there is nothing to go on with.
            State::Resting(run) => {
                self.state = State::Resting(run);
                self.report_end();
            }
            State::Idle => {}
        }
    }

    pub(super) fn stop(&mut self) {
        let (State::Running { run, .. } | State::Resting(run)) = &mut self.state else { return };
        if let Err(error) = run.timed.conclude() {
            return self.fail(error.to_string(), error.device_failure());
        }
        let kept = run.timed.trainer().epoch_in_use();
        self.rest();
        self.report(EngineEvent::RunEnded(RunEnd::Stopped { kept }));
    }

    pub(super) fn reset(&mut self) {
        self.put_aside();
        self.aside = None;
    }

    pub(super) fn put_aside(&mut self) {
        self.drop_pictures();
        let run = match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } | State::Resting(run) => Some(run),
            State::Idle => None,
        };
        self.aside = Some((run, self.fallback.take()));
        self.report(EngineEvent::RunReset);
    }

    /// Only while there is no other run.
    pub(super) fn bring_back(&mut self) {
        let Some((run, fallback)) = self.aside.take() else { return };
        if !matches!(self.state, State::Idle) {
            return;
        }
        self.drop_pictures();
        self.fallback = fallback;
        self.state = run.map_or(State::Idle, State::Resting);
        self.report(EngineEvent::RunBroughtBack);
        self.publish_pictures(true);
    }

    pub(super) fn rest(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } => State::Resting(run),
            other => other,
        };
        self.publish_pictures(true);
    }

    pub(super) fn rename(&mut self, name: String) {
        match &mut self.state {
            State::Running { run, .. } | State::Resting(run) => run.timed.rename(name),
            State::Idle => {
                if let Some(model) = &mut self.fallback {
                    model.run.name = name;
                }
            }
        }
    }

    pub(super) fn change(&mut self, key: &'static str, value: &str) {
        let (State::Running { run, .. } | State::Resting(run)) = &mut self.state else { return };
        match run.timed.change(key, value) {
            Ok(change) => self.report(EngineEvent::SettingChanged(change)),
            Err(error) => {
                self.report(EngineEvent::ChangeRefused { key, reason: error.to_string() });
            }
        }
    }
}
