//! The run that the engine has in hand: a trainer, its record and what it can fall back to.

use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::dataset::{Dataset, Song};
use crate::project::{Model, Project, Run};
use crate::train::{EpochRecord, StepOutcome, TrainError, Trainer, TrainerState};

use super::dream::VoiceSource;
use super::{AdoptRequest, ModelSnapshot, Progress, RunFacts, TrainRequest};

/// How often a state to fall back to is taken; it costs a copy of the weights.
const FALLBACK_EVERY: Duration = Duration::from_secs(2);

pub(super) struct CurrentRun {
    trainer: Trainer,
    run: Run,
    /// Seconds of training, pauses left out.
    seconds: f64,
    epoch_seconds: f64,
    training_excerpts: usize,
    held_out_excerpts: usize,
    fallback: TrainerState,
    fallback_taken: Instant,
    fallback_epochs: usize,
}

impl CurrentRun {
    pub(super) fn start(mut request: TrainRequest) -> Result<Self, TrainError> {
        encode_stale(&mut request.songs, &request.settings.encoding)?;
        encode_stale(&mut request.held_out_songs, &request.settings.encoding)?;
        let dataset = dataset_of(request.songs, request.held_out_songs, &request.settings)?;
        let device = request.device.resolve()?;
        let trainer = Trainer::new(&dataset, request.settings.clone(), device)?;
        let run = Run { name: request.name, settings: request.settings, ..Run::default() };
        Self::new(trainer, run, &dataset)
    }

    pub(super) fn adopt(mut request: AdoptRequest) -> Result<Self, TrainError> {
        let Model { run, state } = request.model;
        encode_stale(&mut request.songs, &run.settings.encoding)?;
        encode_stale(&mut request.held_out_songs, &run.settings.encoding)?;
        let dataset = dataset_of(request.songs, request.held_out_songs, &run.settings)?;
        let device = request.device.resolve()?;
        let trainer = Trainer::resume(&dataset, run.settings.clone(), device, &state)?;
        Self::new(trainer, run, &dataset)
    }

    fn new(trainer: Trainer, run: Run, dataset: &Dataset) -> Result<Self, TrainError> {
        Ok(Self {
            fallback: trainer.state()?,
            seconds: run.history.seconds(),
            fallback_epochs: run.history.epochs.len(),
            trainer,
            run,
            epoch_seconds: 0.0,
            training_excerpts: dataset.training.len(),
            held_out_excerpts: dataset.held_out.len(),
            fallback_taken: Instant::now(),
        })
    }

    pub(super) fn facts(&self, threads: usize, is_paused: bool) -> RunFacts {
        let machine = self.trainer.machine();
        RunFacts {
            name: self.run.name.clone(),
            settings: self.trainer.settings().clone(),
            n_visible: machine.n_visible(),
            n_hidden: machine.n_hidden(),
            training_excerpts: self.training_excerpts,
            held_out_excerpts: self.held_out_excerpts,
            device: machine.device().name(),
            threads,
            finished_epochs: self.trainer.finished_epochs(),
            is_paused,
        }
    }

    /// One update, with its time taken.
    pub(super) fn step(&mut self) -> Result<Option<EpochRecord>, TrainError> {
        let start = Instant::now();
        let outcome = self.trainer.step()?;
        let spent = start.elapsed().as_secs_f64();
        self.seconds += spent;
        self.epoch_seconds += spent;
        let StepOutcome::EpochFinished(metrics) = outcome else { return Ok(None) };
        let record = EpochRecord {
            metrics,
            seconds: self.seconds,
            examples_per_second: metrics.examples as f64 / self.epoch_seconds.max(1e-9),
        };
        self.epoch_seconds = 0.0;
        self.run.history.epochs.push(record);
        if self.fallback_taken.elapsed() >= FALLBACK_EVERY {
            self.fallback = self.trainer.state()?;
            self.fallback_epochs = self.run.history.epochs.len();
            self.fallback_taken = Instant::now();
        }
        Ok(Some(record))
    }

    /// The model as it last stood well, after a failure that may have left it in pieces.
    pub(super) fn into_fallback(mut self) -> Model {
        self.run.history.epochs.truncate(self.fallback_epochs);
        Model { run: self.run, state: self.fallback }
    }

    pub(super) fn change(&mut self, key: &str, value: &str) -> Result<(), TrainError> {
        self.trainer.change(key, value)?;
        self.run.settings = self.trainer.settings().clone();
        Ok(())
    }

    pub(super) fn note_change(&mut self, change: crate::train::SettingChange) {
        self.run.history.changes.push(change);
    }

    pub(super) fn is_finished(&self) -> bool {
        self.trainer.is_finished()
    }

    pub(super) fn finished_epochs(&self) -> u32 {
        self.trainer.finished_epochs()
    }

    pub(super) fn progress(&self) -> Progress {
        let last = self.run.history.last();
        Progress {
            finished_epochs: self.trainer.finished_epochs(),
            epochs: self.trainer.settings().epochs,
            share: self.trainer.progress(),
            seconds: self.seconds,
            examples_per_second: last.map_or(0.0, |record| record.examples_per_second),
        }
    }

    pub(super) fn snapshot(&self) -> Result<ModelSnapshot, TrainError> {
        let parameters = self.trainer.machine().parameters()?;
        Ok(ModelSnapshot {
            finished_epochs: self.trainer.finished_epochs(),
            n_visible: parameters.n_visible,
            n_hidden: parameters.n_hidden,
            weights: parameters.weights,
        })
    }

    /// The model for a save: one that diverged since the last epoch must not take the place of a
    /// good one on the disk.
    pub(super) fn model(&self) -> Result<Model, TrainError> {
        if !self.trainer.machine().is_finite() {
            let mut run = self.run.clone();
            run.history.epochs.truncate(self.fallback_epochs);
            return Ok(Model { run, state: self.fallback.clone() });
        }
        Ok(Model { run: self.run.clone(), state: self.trainer.state()? })
    }

    pub(super) fn voice(&self) -> Result<VoiceSource, TrainError> {
        Ok(VoiceSource {
            parameters: self.trainer.machine().parameters()?,
            encoding: self.trainer.settings().encoding.clone(),
            visible_means: self.trainer.visible_means().to_vec(),
            chains: self.trainer.chains()?,
            device: self.trainer.machine().device(),
        })
    }
}

fn dataset_of(
    songs: Vec<Song>,
    held_out_songs: Vec<Song>,
    settings: &crate::train::TrainSettings,
) -> Result<Dataset, TrainError> {
    let project = Project { songs, held_out_songs, ..Project::default() };
    Ok(project.dataset(&settings.encoding)?)
}

/// Brings the songs up to the settings: their rolls, reports and numbers of excerpts.
fn encode_stale(
    songs: &mut [Song],
    settings: &crate::dataset::EncodingSettings,
) -> Result<(), TrainError> {
    let included = songs.par_iter_mut().filter(|song| song.is_included);
    Ok(included.try_for_each(|song| song.encode(settings))?)
}
