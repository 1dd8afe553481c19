//! One run, a step at a time.

use crate::dataset::Dataset;
use crate::rbm::{
    Device, EpochOrder, ExcerptStore, Initialisation, Learner, LearnerState, Machine, Measures,
    Parameters, Rates, RbmError,
};

use super::batch_plan::{EpochPlan, plan_epoch};
use super::best_epoch::{BestEpoch, KeptParameters};
use super::divergence::{self, UPDATES_BETWEEN_CHECKS};
use super::schedule::warmup_factor;
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
    /// The best epoch by the measure of the early stop.
    early_stop: Option<BestEpoch>,
    kept: Option<KeptParameters>,
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
    /// The best epoch by the measure of the early stop.
    pub early_stop: Option<BestEpoch>,
    pub kept: Option<KeptParameters>,
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "a box would be made to be opened at once")]
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
        check_watched(&settings, held_out.is_empty())?;
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
            early_stop: None,
            kept: None,
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
        settings.validate()?;
        check_fits(state, dataset.n_visible(), &settings)?;
        let mut trainer = Self::new(dataset, settings, device)?;
        trainer.restore(state)?;
        Ok(trainer)
    }

    /// Goes back to where [`state`](Self::state) was taken. The settings stay as they are.
    ///
    /// # Errors
    /// When the state does not fit the data and the settings.
    pub fn restore(&mut self, state: &TrainerState) -> Result<(), TrainError> {
        check_fits(state, self.machine.n_visible(), &self.settings)?;
        self.machine = Machine::from_parameters(&state.parameters, self.machine.device())?;
        self.learner.restore(&state.learner, &self.machine)?;
        // What was done since the state was taken is not part of the next report.
        self.learner.take_report(&self.machine)?;
        self.position = Position {
            finished_epochs: state.finished_epochs,
            batches: state.batches,
            updates: state.updates,
        };
        self.early_stop = state.early_stop;
        self.kept.clone_from(&state.kept);
        self.epoch = None;
        if state.batches > 0 {
            self.resume_epoch()?;
        }
        Ok(())
    }

    pub fn state(&self) -> Result<TrainerState, TrainError> {
        Ok(TrainerState {
            parameters: self.machine.parameters()?,
            learner: self.learner.state(&self.machine)?,
            finished_epochs: self.position.finished_epochs,
            batches: self.position.batches,
            updates: self.position.updates,
            early_stop: self.early_stop,
            kept: self.kept.clone(),
        })
    }

    /// One update; measures when it was the last of its epoch.
    ///
    /// # Errors
    /// [`TrainError::Diverged`], within an epoch and within some tens of updates of the moment when
    /// the weights went astray.
    pub fn step(&mut self) -> Result<StepOutcome, TrainError> {
        if self.is_finished() {
            self.use_best()?;
            return Ok(StepOutcome::Finished);
        }
        self.use_last()?;
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
            if self.position.updates.is_multiple_of(UPDATES_BETWEEN_CHECKS) {
                self.check(self.position.finished_epochs + 1)?;
            }
            return Ok(StepOutcome::Updated);
        }
        self.position.batches = 0;
        self.position.finished_epochs += 1;
        let examples = plan.batches.iter().map(|batch| batch.1 as u64).sum();
        let metrics = self.measure(rates.learning_rate, examples)?;
        self.watch(&metrics)?;
        Ok(StepOutcome::EpochFinished(metrics))
    }

    /// Whether all epochs are done, or the run has been stopped early.
    pub fn is_finished(&self) -> bool {
        self.position.finished_epochs >= self.settings.epochs || self.has_stopped_early()
    }

    /// Whether the measure of the early stop has had no new best for as long as the settings say.
    pub fn has_stopped_early(&self) -> bool {
        let has_stalled = |best: &BestEpoch| {
            let epochs = self.position.finished_epochs.saturating_sub(best.epoch);
            self.position.batches == 0 && epochs >= self.settings.early_stop_epochs
        };
        self.settings.early_stop_measure.is_on()
            && self.early_stop.as_ref().is_some_and(has_stalled)
    }

    /// The best epoch by the measure of the early stop.
    pub fn best_by_early_stop(&self) -> Option<BestEpoch> {
        self.early_stop
    }

    /// The epoch whose parameters the machine has, when they are not those of the last update.
    pub fn epoch_in_use(&self) -> Option<BestEpoch> {
        self.kept.as_ref().filter(|kept| kept.is_in_use).map(|kept| kept.best)
    }

    /// The parameters of the best epoch take the place of the last, if the settings keep them. The
    /// next step goes on from the last all the same.
    pub fn use_best(&mut self) -> Result<(), TrainError> {
        self.exchange(true)
    }

    fn use_last(&mut self) -> Result<(), TrainError> {
        self.exchange(false)
    }

    fn exchange(&mut self, uses_best: bool) -> Result<(), TrainError> {
        let Some(kept) = self.kept.as_mut().filter(|kept| kept.is_in_use != uses_best) else {
            return Ok(());
        };
        let other = Machine::from_parameters(&kept.parameters, self.machine.device())?;
        kept.parameters = self.machine.parameters()?;
        kept.is_in_use = uses_best;
        self.machine = other;
        Ok(())
    }

    /// After an epoch: is it the best so far, and is it the last?
    fn watch(&mut self, metrics: &EpochMetrics) -> Result<(), TrainError> {
        let settings = &self.settings;
        if let Some(best) = BestEpoch::new(settings.early_stop_measure, metrics, self.early_stop) {
            self.early_stop = Some(best);
        }
        let known = self.kept.as_ref().map(|kept| kept.best);
        if let Some(best) = BestEpoch::new(settings.keep_best, metrics, known) {
            let parameters = self.machine.parameters()?;
            self.kept = Some(KeptParameters { best, parameters, is_in_use: false });
        }
        if self.is_finished() { self.use_best() } else { Ok(()) }
    }

    /// Changes a setting between two batches.
    ///
    /// # Errors
    /// When it acts only at the next run, or the value is out of range.
    pub fn change(&mut self, key: &str, value: &str) -> Result<(), TrainError> {
        let mut settings = self.settings.clone();
        settings.set_during_run(key, value)?;
        check_watched(&settings, self.held_out.is_empty())?;
        // What was best by one measure says nothing about another.
        if settings.early_stop_measure != self.settings.early_stop_measure {
            self.early_stop = None;
        }
        if settings.keep_best != self.settings.keep_best {
            self.use_last()?;
            self.kept = None;
        }
        self.settings = settings;
        Ok(())
    }

    /// The training and the held-out excerpts, over the same rows.
    pub(super) fn shared_excerpts(&self) -> Result<(ExcerptStore, ExcerptStore), TrainError> {
        Ok((self.training.share()?, self.held_out.share()?))
    }

    /// The training excerpts, in the order of the data set.
    pub fn training_excerpts(&self) -> &ExcerptStore {
        &self.training
    }

    /// The held-out excerpts, in the order of the data set.
    pub fn held_out_excerpts(&self) -> &ExcerptStore {
        &self.held_out
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
                * schedule.factor(done / f64::from(settings.epochs))
                * warmup_factor(done + 1.0 / n_batches as f64, settings.warmup_epochs),
            momentum: momentum_at(self.position.finished_epochs, settings.momentum, start_epochs),
            weight_decay: settings.weight_decay,
            weight_decay_l1: settings.weight_decay_l1,
            sparsity_target: settings.sparsity_target,
            sparsity_cost: settings.sparsity_cost,
            gradient_norm_limit: settings.gradient_norm_limit,
            dropout: settings.dropout,
            gibbs_steps: settings.gibbs_steps,
        }
    }

    /// Whether the weights can still be those of a model.
    pub fn is_sound(&self) -> bool {
        divergence::of_machine(&self.machine).is_none()
    }

    fn check(&self, epoch: u32) -> Result<(), TrainError> {
        match divergence::of_machine(&self.machine) {
            None => Ok(()),
            Some(symptom) => Err(self.diverged(epoch, symptom)),
        }
    }

    fn diverged(&self, epoch: u32, symptom: String) -> TrainError {
        let suggested_rate = divergence::gentler_rate(self.settings.learning_rate);
        TrainError::Diverged { epoch, symptom, suggested_rate }
    }

    fn measure(&mut self, learning_rate: f64, examples: u64) -> Result<EpochMetrics, TrainError> {
        let epoch = self.position.finished_epochs;
        let take = |store| Measures::take(&self.machine, store, self.settings.seed, epoch.into());
        let training = take(&self.training)?.ok_or(TrainError::NoExcerpts)?;
        let held_out = take(&self.held_out)?;
        self.check(epoch)?;
        for measures in [Some(&training), held_out.as_ref()].into_iter().flatten() {
            if let Some(symptom) = divergence::of_measures(measures, &self.machine) {
                return Err(self.diverged(epoch, symptom));
            }
        }
        let report = self.learner.take_report(&self.machine)?;
        let finite = |value: f64| Some(value).filter(|value| value.is_finite());
        let of_held_out = |get: fn(&Measures) -> f64| held_out.as_ref().map(get).and_then(finite);
        let held_out_free_energy = of_held_out(|measures| measures.free_energy);
        Ok(EpochMetrics {
            epoch,
            reconstruction_error: training.reconstruction_error,
            held_out_error: of_held_out(|measures| measures.reconstruction_error),
            free_energy: training.free_energy,
            held_out_free_energy,
            free_energy_gap: held_out_free_energy.map(|energy| energy - training.free_energy),
            cross_entropy: finite(training.cross_entropy),
            held_out_cross_entropy: of_held_out(|measures| measures.cross_entropy),
            pseudo_log_likelihood: finite(training.pseudo_log_likelihood),
            held_out_pseudo_log_likelihood: of_held_out(|measures| measures.pseudo_log_likelihood),
            hidden_activation: finite(training.hidden_activation),
            dead_hidden_units: Some(training.dead_hidden_units as u64),
            saturated_hidden_units: Some(training.saturated_hidden_units as u64),
            data_density: finite(training.density),
            chain_density: report.and_then(|report| report.chain_density),
            update_to_weight_ratio: report.and_then(|r| finite(r.update_to_weight_ratio)),
            swap_rate: report.and_then(|report| report.swap_rate),
            learning_rate,
            examples,
        })
    }
}

/// A measure on held-out songs can watch only where there are some.
/// Whether a saved state belongs to a run with these settings: asked before anything as large as the
/// settings say is made, as the file that they come from may be damaged.
fn check_fits(
    state: &TrainerState,
    n_visible: usize,
    settings: &TrainSettings,
) -> Result<(), TrainError> {
    let parameters = &state.parameters;
    let n_cells = settings.rule().n_chain_cases().saturating_mul(n_visible);
    let words = if parameters.n_visible != n_visible {
        format!("{} visible units were saved, the excerpts have {n_visible}", parameters.n_visible)
    } else if parameters.n_hidden != settings.hidden_units {
        let (there, here) = (parameters.n_hidden, settings.hidden_units);
        format!("{there} hidden units were saved, the settings say {here}")
    } else if n_cells > 0 && state.learner.chains.len() != n_cells {
        let (what, got) = ("chains", state.learner.chains.len());
        return Err(RbmError::Shape { what, got, expected: n_cells }.into());
    } else {
        return Ok(());
    };
    Err(TrainError::StateMismatch(words))
}

fn check_watched(settings: &TrainSettings, is_none_held_out: bool) -> Result<(), TrainError> {
    for (key, measure) in
        [("early_stop_measure", settings.early_stop_measure), ("keep_best", settings.keep_best)]
    {
        if measure.needs_held_out() && is_none_held_out {
            let value = settings.text(key)?;
            let reason = "no song is held out; hold some out (held_out_share) or choose a measure \
                          of the training excerpts"
                .to_owned();
            return Err(TrainError::BadValue { key, value, reason });
        }
    }
    Ok(())
}
