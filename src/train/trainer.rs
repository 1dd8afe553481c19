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
            dataset.rows.words(),
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
        let (here, there) = (trainer.machine.n_hidden(), state.parameters.n_hidden);
        if here != there {
            let words = format!("{there} hidden units were saved, the settings say {here}");
            return Err(TrainError::StateMismatch(words));
        }
        trainer.machine = Machine::from_parameters(&state.parameters, device)?;
        trainer.learner.restore(&state.learner, &trainer.machine)?;
        trainer.position = Position {
            finished_epochs: state.finished_epochs,
            batches: state.batches,
            updates: state.updates,
        };
        if state.batches > 0 {
            trainer.resume_epoch()?;
        }
        Ok(trainer)
    }

    pub fn state(&self) -> Result<TrainerState, TrainError> {
        Ok(TrainerState {
            parameters: self.machine.parameters()?,
            learner: self.learner.state(&self.machine)?,
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
        self.learner.update(&mut self.machine, &self.training, batch, &rates, update)?;
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
        let done = f64::from(self.position.finished_epochs) + begun;
        (done / f64::from(self.settings.epochs)).min(1.0)
    }

    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The persistent chains as 0 and 1; empty under plain contrastive divergence.
    pub fn chains(&self) -> Result<Vec<u8>, TrainError> {
        Ok(self.learner.chains(&self.machine)?)
    }

    /// How often each visible unit is on in the training excerpts.
    pub fn visible_means(&self) -> &[f32] {
        &self.visible_means
    }

    /// Plans the epoch in the middle of which the state was taken.
    fn resume_epoch(&mut self) -> Result<(), TrainError> {
        let (plan, order) = self.begin_epoch();
        let (done, there_are) = (self.position.batches, plan.batches.len());
        if done >= there_are {
            let words = format!("{done} batches of an epoch were done, the data gives {there_are}");
            return Err(TrainError::StateMismatch(words));
        }
        self.epoch = Some((plan, order));
        Ok(())
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
            weight_decay_l1: 0.0,
            sparsity_target: 0.05,
            sparsity_cost: 0.0,
            gradient_norm_limit: 0.0,
            dropout: settings.dropout,
            gibbs_steps: settings.gibbs_steps,
        }
    }

    fn measure(&self, learning_rate: f64, examples: u64) -> Result<EpochMetrics, TrainError> {
        let epoch = self.position.finished_epochs;
        let take = |store| Measures::take(&self.machine, store, self.settings.seed, epoch.into());
        let training = take(&self.training)?.ok_or(TrainError::NoExcerpts)?;
        let held_out = take(&self.held_out)?;
        let is_finite = |measures: &Measures| {
            measures.reconstruction_error.is_finite() && measures.free_energy.is_finite()
        };
        let measured_well = is_finite(&training) && held_out.iter().all(is_finite);
        if !measured_well || !self.machine.is_finite() {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{DatasetSong, EncodingSettings, Excerpt};

    /// Twelve excerpts of two steps over three pitches, the last two held out.
    fn dataset() -> Dataset {
        let settings = EncodingSettings {
            steps_per_excerpt: 2,
            pitch_low: 60,
            pitch_count: 3,
            ..EncodingSettings::default()
        };
        let rows: Vec<u8> =
            (0..24 * 6).map(|cell| u8::from(cell % 7 == 0 || cell % 5 == 1)).collect();
        let song = |(first_row, n_rows, is_held_out)| DatasetSong {
            title: "Song".to_owned(),
            source: 0,
            first_row,
            n_rows,
            is_held_out,
            transposition: 0,
        };
        let excerpt = |(row, song): (u32, u32)| Excerpt { first_row: row * 2, song };
        Dataset {
            row_width: settings.row_width(),
            steps_per_excerpt: 2,
            settings,
            rows: crate::dataset::BitRows::from_cells(&rows, 6),
            songs: [(0, 20, false), (20, 4, true)].map(song).to_vec(),
            training: (0..10).map(|row| excerpt((row, 0))).collect(),
            held_out: (10..12).map(|row| excerpt((row, 1))).collect(),
            warnings: Vec::new(),
        }
    }

    fn settings() -> TrainSettings {
        let encoding = dataset().settings;
        TrainSettings {
            encoding,
            hidden_units: 4,
            chains: 3,
            batch_size: 3,
            epochs: 3,
            dropout: 0.2,
            learning_rate: 0.05,
            ..TrainSettings::default()
        }
    }

    fn trainer() -> Trainer {
        Trainer::new(&dataset(), settings(), Device::Cpu).unwrap()
    }

    fn resumed(state: &TrainerState) -> Result<Trainer, TrainError> {
        Trainer::resume(&dataset(), settings(), Device::Cpu, state)
    }

    fn finish(trainer: &mut Trainer) -> TrainerState {
        while trainer.step().unwrap() != StepOutcome::Finished {}
        trainer.state().unwrap()
    }

    #[test]
    fn a_run_taken_up_at_any_update_ends_like_the_one_never_stopped() {
        let end = finish(&mut trainer());
        assert_eq!((end.finished_epochs, end.batches, end.updates), (3, 0, 12));
        let mut stopped = trainer();
        for update in 0..=12 {
            let state = stopped.state().unwrap();
            let mut again = resumed(&state).unwrap();
            assert_eq!(again.progress(), stopped.progress(), "update {update}");
            assert_eq!(finish(&mut again), end, "update {update}");
            stopped.step().unwrap();
        }
    }

    #[test]
    fn measuring_happens_once_an_epoch_and_counts_from_one() {
        let mut trainer = trainer();
        let mut epochs = Vec::new();
        for _ in 0..12 {
            if let StepOutcome::EpochFinished(metrics) = trainer.step().unwrap() {
                assert_eq!(metrics.examples, 10);
                assert!(metrics.held_out_error.is_some() && metrics.held_out_free_energy.is_some());
                epochs.push(metrics.epoch);
            }
        }
        assert_eq!(epochs, [1, 2, 3]);
        assert_eq!(trainer.step().unwrap(), StepOutcome::Finished);
        assert_eq!(trainer.progress(), 1.0);
    }

    #[test]
    fn a_state_of_other_data_is_refused_with_words() {
        let good = trainer().state().unwrap();
        let check = |change: fn(&mut TrainerState), words: &str| {
            let mut state = good.clone();
            change(&mut state);
            let error = resumed(&state).expect_err(words).to_string();
            assert!(error.contains(words), "{error}");
        };
        check(|state| state.batches = 4, "4 batches of an epoch were done, the data gives 4");
        check(|state| state.parameters.n_visible = 13, "13 visible units were saved");
        check(|state| state.parameters.n_hidden = 5, "5 hidden units were saved");
        check(|state| state.learner.chains.truncate(1), "chains has 1 values where 36");
        check(|state| state.learner.velocity.push(0.0), "velocity has 1 values");
        check(|state| state.learner.hidden_offset.clear(), "hidden_offset has 0 values");
        assert!(resumed(&good).is_ok());
    }

    #[test]
    fn weights_that_are_no_numbers_end_the_run_with_a_rate_to_try() {
        let mut state = trainer().state().unwrap();
        state.parameters.weights[0] = f32::INFINITY;
        let mut trainer = resumed(&state).unwrap();
        let error = (0..4).find_map(|_| trainer.step().err()).unwrap().to_string();
        assert!(error.contains("diverged in epoch 1") && error.contains("0.005"), "{error}");
    }

    #[test]
    fn fewer_epochs_in_the_middle_of_one_end_the_run() {
        let mut trainer = trainer();
        for _ in 0..6 {
            trainer.step().unwrap();
        }
        trainer.change("epochs", "1").unwrap();
        assert!(trainer.is_finished());
        assert_eq!(trainer.progress(), 1.0);
        let settings = trainer.settings().clone();
        let state = trainer.state().unwrap();
        let again = Trainer::resume(&dataset(), settings, Device::Cpu, &state).unwrap();
        assert!(again.is_finished());
    }
}
