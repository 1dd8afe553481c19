//! One batch after the other, and how a run ends: complete, astray, or failed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::rbm::DeviceFailure;
use crate::train::{TrainError, check_free_memory};

use super::super::event::Divergence;
use super::super::way_on::failure_words;
use super::super::{EngineEvent, RunEnd, WayOn, ways_on};
use super::{State, Until, Worker, panic_words};

/// The free memory is asked for this often at most.
const MEMORY_LOOK_EVERY: Duration = Duration::from_secs(1);

impl Worker {
    pub(super) fn step(&mut self) {
        let fault = self.options.fault;
        self.steps += 1;
        let steps = self.steps;
        let free_bytes = self.look_at_memory();
        let State::Running { run, until } = &mut self.state else { return };
        let until = *until;
        self.pictures.before_step(run.timed.trainer(), until == Until::BatchEnd);
        let attempt = AssertUnwindSafe(|| {
            check_free_memory(free_bytes)?;
            fault.map_or(Ok(()), |fault| fault.strike(steps))?;
            run.timed.step()
        });
        let record = match catch_unwind(attempt) {
            Ok(Ok(record)) => record,
            Ok(Err(TrainError::Diverged { epoch, symptom, suggested_rate })) => {
                let good_epochs = 0;
                let divergence = Divergence { epoch, symptom, good_epochs, suggested_rate };
                return self.roll_back(divergence);
            }
            Ok(Err(error)) => return self.fail(error.to_string(), error.device_failure()),
            Err(panic) => {
                let words = panic_words(&*panic);
                let failure = DeviceFailure::of(&words);
                return self.fail(words, failure);
            }
        };
        self.pictures.after_step(run.timed.trainer());
        let is_finished = run.is_finished();
        let has_epoch_ended = record.is_some();
        if let Some(record) = record {
            self.report(EngineEvent::EpochFinished(record));
            self.audition.note_epoch(record.metrics.epoch);
        }
        self.make_audition();
        if is_finished {
            self.rest();
            self.report_end();
        } else if until == Until::BatchEnd || until == Until::EpochEnd && has_epoch_ended {
            self.pause();
        } else {
            self.publish_pictures(false);
        }
    }

    /// Why a run that is finished is so.
    pub(super) fn report_end(&self) {
        let (State::Running { run, .. } | State::Resting(run)) = &self.state else { return };
        let trainer = run.timed.trainer();
        let kept = trainer.epoch_in_use();
        let end = match trainer.best_by_early_stop().filter(|_| trainer.has_stopped_early()) {
            Some(best) => {
                let measure = trainer.settings().early_stop_measure;
                RunEnd::StoppedEarly { measure, best, kept }
            }
            None => RunEnd::Completed { kept },
        };
        self.report(EngineEvent::RunEnded(end));
    }

    /// A run that went astray rests where it last stood well.
    pub(super) fn roll_back(&mut self, mut divergence: Divergence) {
        let State::Running { run, .. } = &mut self.state else { return };
        match run.timed.roll_back() {
            Ok(good_epochs) => {
                divergence.good_epochs = good_epochs;
                self.rest();
                self.report(EngineEvent::RunDiverged(divergence));
            }
            Err(error) => self.fail(error.to_string(), error.device_failure()),
        }
    }

    /// Ends the run, not the program: what it last was is kept.
    pub(super) fn fail(&mut self, reason: String, failure: Option<DeviceFailure>) {
        let (mut reason, mut ways) = (reason, Vec::new());
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } | State::Resting(run) => {
                let trainer = run.timed.trainer();
                let device = trainer.machine().device();
                if let Some(failure) = failure {
                    ways = ways_on(failure, device, trainer.settings().batch_size);
                    reason = failure_words(failure, device, &reason);
                }
                self.fallback = Some(run.timed.good_model());
            }
            State::Idle => {}
        }
        self.report_failure(reason, ways);
    }

    pub(super) fn report_failure(&self, reason: String, ways_on: Vec<WayOn>) {
        let has_model = self.fallback.is_some();
        self.report(EngineEvent::RunFailed { reason, has_model, ways_on });
    }

    /// What is free, now and then; `None` in between.
    pub(super) fn look_at_memory(&mut self) -> Option<u64> {
        if self.memory_seen.is_some_and(|seen| seen.elapsed() < MEMORY_LOOK_EVERY) {
            return None;
        }
        self.memory_seen = Some(Instant::now());
        (self.options.free_memory)()
    }
}
