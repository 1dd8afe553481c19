//! One run, a step at a time.

use crate::dataset::Dataset;
use crate::rbm::{
    Device, EpochOrder, ExcerptStore, Initialisation, Learner, LearnerState, Machine, Measures,
    Parameters, Rates,
};

use super::batch_plan::{EpochPlan, plan_epoch};
use super::{EpochMetrics, TrainError, TrainSettings, momentum_at};

/// A run under way: the machine, what it learns from and where it stands.
#[derive(Debug)]
pub struct Trainer {
    settings: TrainSettings,
    excerpts: Vec<crate::dataset::Excerpt>,
    training: ExcerptStore,
    held_out: ExcerptStore,
    visible_means: Vec<f32>,
    machine: Machine,
    learner: Learner,
    position: Position,
    epoch: Option<(EpochPlan, EpochOrder)>,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    finished_epochs: u32,
    /// Batches done in the epoch under way.
    batches: usize,
    /// Updates since the start of the run.
    updates: u64,
}

/// Everything that a run needs to go on exactly where it stopped.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainerState {
    pub parameters: Parameters,
    pub learner: LearnerState,
    pub finished_epochs: u32,
    pub batches: usize,
    pub updates: u64,
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StepOutcome {
    Updated,
    /// The update was the last of its epoch.
    EpochFinished(EpochMetrics),
    /// There was nothing left to do.
    Finished,
}

impl Trainer {
    /// Starts a run.
    ///
    /// # Errors
    /// When a setting is out of range, the data is empty or the device has no room.
    pub fn new(
        dataset: &Dataset,
        settings: TrainSettings,
        device: Device,
    ) -> Result<Self, TrainError> {
        settings.validate()?;
        if plan_epoch(&dataset.training, &settings, 0).batches.is_empty() {
            return Err(TrainError::NoExcerpts);
        }
        let first_rows = |excerpts: &[crate::dataset::Excerpt]| {
            excerpts.iter().map(|excerpt| excerpt.first_row).collect::<Vec<u32>>()
        };
        let n_steps = dataset.settings.steps_per_excerpt as usize;
        let training = ExcerptStore::new(
            &dataset.rows,
            dataset.row_width,
            n_steps,
            &first_rows(&dataset.training),
            device,
        )?;
        let held_out = training.sharing_rows(&first_rows(&dataset.held_out))?;
        let visible_means = dataset.visible_means();
        let machine = Machine::new(
            &Initialisation {
                n_visible: training.n_visible(),
                n_hidden: settings.hidden_units,
                weights: settings.initial_weights,
                visible_means: settings.visible_bias_from_data.then_some(&visible_means),
                seed: settings.seed,
            },
            device,
        )?;
        let learner = Learner::new(&machine, settings.rule(), &visible_means, settings.seed)?;
        Ok(Self {
            settings,
            excerpts: dataset.training.clone(),
            training,
            held_out,
            visible_means,
            machine,
            learner,
            position: Position::default(),
            epoch: None,
        })
    }

    /// Takes a run up again where [`state`](Self::state) was taken.
    ///
    /// # Errors
    /// When the state does not fit the data and the settings.
    pub fn resume(
        dataset: &Dataset,
        settings: TrainSettings,
        device: Device,
        state: &TrainerState,
    ) -> Result<Self, TrainError> {
        let mut trainer = Self::new(dataset, settings, device)?;
        let (here, there) = (trainer.machine.n_visible(), state.parameters.n_visible);
        if here != there {
            let words = format!("{there} visible units were saved, the excerpts have {here}");
            return Err(TrainError::StateMismatch(words));
        }
        trainer.machine = Machine::from_parameters(&state.parameters, device)?;
        trainer.learner.restore(&state.learner, &trainer.machine)?;
        trainer.position = Position {
            finished_epochs: state.finished_epochs,
            batches: state.batches,
            updates: state.updates,
        };
        Ok(trainer)
    }

    pub fn state(&self) -> Result<TrainerState, TrainError> {
        Ok(TrainerState {
            parameters: self.machine.parameters()?,
            learner: self.learner.state()?,
            finished_epochs: self.position.finished_epochs,
            batches: self.position.batches,
            updates: self.position.updates,
        })
    }

    /// One update; measures when it was the last of its epoch.
    ///
    /// # Errors
    /// When the weights are no longer finite numbers.
    pub fn step(&mut self) -> Result<StepOutcome, TrainError> {
        if self.is_finished() {
            return Ok(StepOutcome::Finished);
        }
        let (plan, order) = self.epoch.take().unwrap_or_else(|| self.begin_epoch());
        let rates = self.rates(plan.batches.len());
        let (start, length) = plan.batches[self.position.batches];
        let batch = (&order, start, length);
        let update = self.position.updates;
        self.learner.update(&mut self.machine, &self.training, batch, &rates, update);
        self.position.updates += 1;
        self.position.batches += 1;
        if self.position.batches < plan.batches.len() {
            self.epoch = Some((plan, order));
            return Ok(StepOutcome::Updated);
        }
        self.position.batches = 0;
        self.position.finished_epochs += 1;
        let examples = plan.batches.iter().map(|batch| batch.1 as u64).sum();
        self.measure(rates.learning_rate, examples).map(StepOutcome::EpochFinished)
    }

    pub fn is_finished(&self) -> bool {
        self.position.finished_epochs >= self.settings.epochs
    }

    /// Changes a setting between two batches.
    ///
    /// # Errors
    /// When it acts only at the next run, or the value is out of range.
    pub fn change(&mut self, key: &str, value: &str) -> Result<(), TrainError> {
        self.settings.set_during_run(key, value)
    }

    pub fn settings(&self) -> &TrainSettings {
        &self.settings
    }

    pub fn finished_epochs(&self) -> u32 {
        self.position.finished_epochs
    }

    /// Share of the run that is done, 0 to 1.
    pub fn progress(&self) -> f64 {
        let n_batches = self.epoch.as_ref().map_or(1, |(plan, _)| plan.batches.len());
        let begun = self.position.batches as f64 / n_batches as f64;
        (f64::from(self.position.finished_epochs) + begun) / f64::from(self.settings.epochs)
    }

    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The persistent chains as 0 and 1; empty under plain contrastive divergence.
    pub fn chains(&self) -> Result<Vec<u8>, TrainError> {
        Ok(self.learner.chains()?)
    }

    /// How often each visible unit is on in the training excerpts.
    pub fn visible_means(&self) -> &[f32] {
        &self.visible_means
    }

    fn begin_epoch(&self) -> (EpochPlan, EpochOrder) {
        let plan = plan_epoch(&self.excerpts, &self.settings, self.position.finished_epochs);
        let order = self.training.order(&plan.order);
        (plan, order)
    }

    fn rates(&self, n_batches: usize) -> Rates {
        let settings = &self.settings;
        let done = f64::from(self.position.finished_epochs)
            + self.position.batches as f64 / n_batches as f64;
        let schedule = settings.learning_rate_schedule;
        let start_epochs = settings.momentum_start_epochs;
        Rates {
            learning_rate: settings.learning_rate
                * schedule.factor(done / f64::from(settings.epochs)),
            momentum: momentum_at(self.position.finished_epochs, settings.momentum, start_epochs),
            weight_decay: settings.weight_decay,
            dropout: settings.dropout,
            gibbs_steps: settings.gibbs_steps,
        }
    }

    fn measure(&self, learning_rate: f64, examples: u64) -> Result<EpochMetrics, TrainError> {
        let epoch = self.position.finished_epochs;
        let take = |store| Measures::take(&self.machine, store, self.settings.seed, epoch.into());
        let training = take(&self.training)?.ok_or(TrainError::NoExcerpts)?;
        let held_out = take(&self.held_out)?;
        if !training.reconstruction_error.is_finite() || !self.machine.is_finite() {
            let suggested_rate = self.settings.learning_rate / 10.0;
            return Err(TrainError::Diverged { epoch, suggested_rate });
        }
        Ok(EpochMetrics {
            epoch,
            reconstruction_error: training.reconstruction_error,
            held_out_error: held_out.map(|measures| measures.reconstruction_error),
            free_energy: training.free_energy,
            held_out_free_energy: held_out.map(|measures| measures.free_energy),
            learning_rate,
            examples,
        })
    }
}
