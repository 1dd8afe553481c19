//! A run with a clock: epochs are stamped with seconds, and a state to go back to is at hand. The
//! window's engine and the command line both train with it.

use std::time::{Duration, Instant};

use crate::dataset::Dataset;
use crate::project::{Model, Run};
use crate::rbm::{Device, share_among_threads, thread_count};
use crate::train::{
    EpochRecord, SettingChange, StepOutcome, TrainError, TrainSettings, Trainer, TrainerState,
};

use super::ThreadChoice;

/// A state to go back to is taken at the end of an epoch once so many times what it costs have
/// passed since the last: at most a per cent of the time goes there.
const PAUSE_PER_COST: u32 = 100;

/// A trainer, its record and what it can go back to.
#[derive(Debug)]
pub struct TimedRun {
    trainer: Trainer,
    run: Run,
    /// Seconds of training, pauses left out.
    seconds: f64,
    epoch_seconds: f64,
    good: GoodState,
    good_taken: Instant,
    good_cost: Duration,
    threads: ThreadChoice,
}

/// A state after which the measures were sound.
#[derive(Clone, Debug)]
struct GoodState {
    state: TrainerState,
    seconds: f64,
}

impl TimedRun {
    /// Starts a run on the data and notes what it learns from.
    ///
    /// # Errors
    /// See [`Trainer::new`].
    pub fn start(
        dataset: &Dataset,
        name: String,
        settings: TrainSettings,
        device: Device,
    ) -> Result<Self, TrainError> {
        let trainer = Trainer::new(dataset, settings.clone(), device)?;
        let data = Some(dataset.fingerprint());
        Self::new(trainer, Run { name, settings, data, ..Run::default() })
    }

    /// Takes up a saved run.
    ///
    /// # Errors
    /// When the data is not what it learned from; see also [`Trainer::resume`].
    pub fn resume(dataset: &Dataset, model: Model, device: Device) -> Result<Self, TrainError> {
        let Model { mut run, state } = model;
        let now = dataset.fingerprint();
        if let Some(difference) = run.data.as_ref().and_then(|data| data.difference(&now)) {
            return Err(TrainError::OtherData { difference });
        }
        run.data = Some(now);
        let trainer = Trainer::resume(dataset, run.settings.clone(), device, &state)?;
        Self::new(trainer, run)
    }

    fn new(trainer: Trainer, run: Run) -> Result<Self, TrainError> {
        let begin = Instant::now();
        let state = trainer.state()?;
        let seconds = run.history.seconds();
        Ok(Self {
            trainer,
            run,
            seconds,
            epoch_seconds: 0.0,
            good: GoodState { state, seconds },
            good_taken: Instant::now(),
            good_cost: begin.elapsed(),
            threads: ThreadChoice::new(thread_count()),
        })
    }

    /// One update, with its time taken.
    ///
    /// # Errors
    /// See [`Trainer::step`]; after [`TrainError::Diverged`] comes [`roll_back`](Self::roll_back).
    pub fn step(&mut self) -> Result<Option<EpochRecord>, TrainError> {
        share_among_threads(self.threads.threads() > 1);
        let start = Instant::now();
        let outcome = self.trainer.step();
        let took = start.elapsed();
        share_among_threads(true);
        self.seconds += took.as_secs_f64();
        self.epoch_seconds += took.as_secs_f64();
        let StepOutcome::EpochFinished(metrics) = outcome? else {
            self.threads.note(took);
            return Ok(None);
        };
        let record = EpochRecord {
            metrics,
            seconds: self.seconds,
            examples_per_second: metrics.examples as f64 / self.epoch_seconds.max(1e-9),
        };
        self.epoch_seconds = 0.0;
        self.run.history.epochs.push(record);
        if self.good_taken.elapsed() >= self.good_cost * PAUSE_PER_COST {
            self.take_good_state()?;
        }
        Ok(Some(record))
    }

    fn take_good_state(&mut self) -> Result<(), TrainError> {
        let begin = Instant::now();
        self.good = GoodState { state: self.trainer.state()?, seconds: self.seconds };
        self.good_taken = Instant::now();
        self.good_cost = begin.elapsed();
        Ok(())
    }

    /// Goes back to the last good state: parameters, momenta, chains, place in the data, history.
    /// The settings stay as they are. Returns the finished epochs.
    pub fn roll_back(&mut self) -> Result<u32, TrainError> {
        self.trainer.restore(&self.good.state)?;
        self.run = self.good_run();
        self.seconds = self.good.seconds;
        self.epoch_seconds = 0.0;
        Ok(self.trainer.finished_epochs())
    }

    /// The record up to the last good state. Settings that were changed since act from there on.
    fn good_run(&self) -> Run {
        let mut run = self.run.clone();
        run.history.truncate(self.good.state.finished_epochs);
        run
    }

    /// The model as it last stood well, after a failure that may have left it in pieces.
    pub fn good_model(&self) -> Model {
        Model { run: self.good_run(), state: self.good.state.clone() }
    }

    /// The model for a save: one that diverged since the last epoch must not take the place of a
    /// good one on the disk.
    pub fn model(&self) -> Result<Model, TrainError> {
        if self.trainer.is_sound() {
            Ok(Model { run: self.run.clone(), state: self.trainer.state()? })
        } else {
            Ok(self.good_model())
        }
    }

    /// Turns a knob between two batches; the history marks it.
    ///
    /// # Errors
    /// See [`Trainer::change`].
    pub fn change(&mut self, key: &str, value: &str) -> Result<SettingChange, TrainError> {
        let before = Some(self.trainer.settings().text(key)?);
        self.trainer.change(key, value)?;
        self.run.settings = self.trainer.settings().clone();
        let epoch = self.trainer.finished_epochs();
        let change = SettingChange { epoch, key: key.to_owned(), value: value.to_owned(), before };
        self.run.history.changes.push(change.clone());
        Ok(change)
    }

    /// Ends the run before its time: where the settings keep the best epoch, that is used now.
    pub fn conclude(&mut self) -> Result<(), TrainError> {
        self.trainer.use_best()
    }

    pub fn rename(&mut self, name: String) {
        self.run.name = name;
    }

    pub fn trainer(&self) -> &Trainer {
        &self.trainer
    }

    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Seconds of training, pauses left out.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }
}
