//! How a run begins: a new one, one of an opened project, or one that goes on after a failure.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::rbm::{Device, DeviceChoice};
use crate::train::TrainError;

use super::super::run::CurrentRun;
use super::super::way_on::{failure_words, with_batch_size};
use super::super::{AdoptRequest, EngineEvent, GoOnRequest, TrainRequest, WayOn, ways_on};
use super::{State, Until, Worker, panic_words};

impl Worker {
    pub(super) fn train(&mut self, request: TrainRequest) {
        self.aside = None;
        self.put_run_away();
        let starts_paused = request.starts_paused;
        let free_bytes = (self.options.free_memory)();
        let (device, batch_size) = (request.device, request.settings.batch_size);
        match catch_unwind(AssertUnwindSafe(|| CurrentRun::start(request, free_bytes))) {
            Ok(Ok(run)) => self.take_up(run, starts_paused),
            Ok(Err(error)) => self.refuse_start(&error, device, batch_size),
            Err(panic) => self.report_failure(panic_words(&*panic), Vec::new()),
        }
    }

    pub(super) fn adopt(&mut self, request: AdoptRequest) {
        self.aside = None;
        self.state = State::Idle;
        self.fallback = Some(request.model.clone());
        match catch_unwind(AssertUnwindSafe(|| CurrentRun::adopt(request))) {
            Ok(Ok(run)) => self.take_up(run, true),
            Ok(Err(error)) => self.report_failure(error.to_string(), Vec::new()),
            Err(panic) => self.report_failure(panic_words(&*panic), Vec::new()),
        }
    }

    /// After a failure of the machine.
    pub(super) fn go_on(&mut self, request: GoOnRequest) {
        let Some(model) = self.fallback.clone().filter(|_| matches!(self.state, State::Idle))
        else {
            return;
        };
        let GoOnRequest { songs, held_out_songs, device, way } = request;
        let (model, change) = match way {
            WayOn::SmallerBatch(size) => {
                let (model, change) = with_batch_size(model, size);
                (model, Some(change))
            }
            WayOn::Processor => (model, None),
        };
        let batch_size = model.run.settings.batch_size;
        let request = AdoptRequest { songs, held_out_songs, model, device };
        match catch_unwind(AssertUnwindSafe(|| CurrentRun::adopt(request))) {
            Ok(Ok(run)) => {
                self.take_up(run, false);
                if let Some(change) = change {
                    self.report(EngineEvent::SettingChanged(change));
                }
            }
            Ok(Err(error)) => self.refuse_start(&error, device, batch_size),
            Err(panic) => self.report_failure(panic_words(&*panic), Vec::new()),
        }
    }

    pub(super) fn take_up(&mut self, run: CurrentRun, is_paused: bool) {
        self.fallback = None;
        self.begin(&run, is_paused);
        let run = Box::new(run);
        self.state = if is_paused {
            State::Resting(run)
        } else {
            State::Running { run, until: Until::Complete }
        };
        self.publish_pictures(true);
    }

    /// No run began; that may be the machine's fault.
    pub(super) fn refuse_start(&self, error: &TrainError, choice: DeviceChoice, batch_size: usize) {
        let Some(failure) = error.device_failure() else {
            return self.report_failure(error.to_string(), Vec::new());
        };
        let device = choice.resolve().unwrap_or(Device::Cpu);
        let words = failure_words(failure, device, &error.to_string());
        self.report_failure(words, ways_on(failure, device, batch_size));
    }

    /// Makes room for another run; should that not begin, the model of this one is still there.
    pub(super) fn put_run_away(&mut self) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } | State::Resting(run) => self.fallback = run.model().ok(),
            State::Idle => {}
        }
    }

    pub(super) fn begin(&mut self, run: &CurrentRun, is_paused: bool) {
        self.drop_pictures();
        let facts = run.facts(self.options.threads, is_paused);
        self.progress.put(run.progress());
        self.report(EngineEvent::RunStarted(Box::new(facts)));
    }
}
