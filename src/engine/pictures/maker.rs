//! Makes the pictures that are wanted, between two batches and within a small share of the time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::rbm::{Device, Machine, RandomSource, Stream};
use crate::train::{TrainError, Trainer};

use super::super::run::CurrentRun;
use super::order::{by_value, chain, n_chainable};
use super::{
    ActivityPicture, Histogram, HistogramsPicture, ModelSnapshot, ParticleKind, ParticlesPicture,
    Slot, StepPicture, UnitOrder, UnitPicture, UnitsPicture, Wanted, WantedStep, WantedUnits,
};

/// At most ten times a second …
const EVERY: Duration = Duration::from_millis(100);
/// … and so many times what they cost apart: at most a twentieth of the time goes there.
const PAUSE_PER_COST: u32 = 20;
/// Excerpts over which the activity of units is averaged for their order.
const N_ORDER_EXCERPTS: usize = 64;
/// Excerpts and cells of the picture of the activity.
const N_ACTIVITY_EXCERPTS: usize = 128;
const N_ACTIVITY_UNITS: usize = 1024;
/// Weights that the histograms count.
const N_SAMPLED_WEIGHTS: usize = 1 << 16;

pub(in super::super) struct PictureMaker {
    slot: Arc<Slot<ModelSnapshot>>,
    wanted: Wanted,
    /// Of the last picture.
    number: u64,
    made_at: Instant,
    cost: Duration,
    order: Option<KeptOrder>,
    /// A sample of the weights before an update that is to be shown …
    weights_before: Option<Vec<f32>>,
    /// … and by how much it changed them.
    last_update: Option<Vec<f32>>,
}

/// An order stays as it is for a while, so that units do not jump about.
struct KeptOrder {
    order: UnitOrder,
    sorting: u64,
    epochs: u32,
    units: Vec<usize>,
    n_chained: usize,
}

impl PictureMaker {
    pub fn new(slot: Arc<Slot<ModelSnapshot>>) -> Self {
        Self {
            slot,
            wanted: Wanted::default(),
            number: 0,
            made_at: Instant::now(),
            cost: Duration::ZERO,
            order: None,
            weights_before: None,
            last_update: None,
        }
    }

    pub fn want(&mut self, wanted: Wanted) {
        self.wanted = wanted;
        if !self.wanted.histograms {
            self.weights_before = None;
        }
    }

    /// Pictures of a run that is over must not be taken for those of the next.
    pub fn forget(&mut self) {
        self.slot.empty();
        self.order = None;
        self.weights_before = None;
        self.last_update = None;
    }

    /// Whether pictures are wanted, and the last were taken and are long enough ago.
    pub fn is_due(&self) -> bool {
        let pause = EVERY.max(self.cost * PAUSE_PER_COST);
        !self.wanted.is_empty() && self.made_at.elapsed() >= pause && self.slot.is_empty()
    }

    /// Before an update: where its size is to be shown, the weights are looked at. A single update
    /// that was asked for is shown whenever the last picture was made.
    pub fn before_step(&mut self, trainer: &Trainer, is_single: bool) {
        if self.wanted.histograms && (is_single || self.is_due()) {
            self.weights_before = trainer.machine().weight_sample(N_SAMPLED_WEIGHTS).ok();
        }
    }

    pub fn after_step(&mut self, trainer: &Trainer) {
        let Some(mut update) = self.weights_before.take() else { return };
        if let Ok(weights) = trainer.machine().weight_sample(N_SAMPLED_WEIGHTS) {
            update.iter_mut().zip(weights).for_each(|(before, now)| *before = now - *before);
            self.last_update = Some(update);
        }
    }

    /// Makes what is wanted and puts it where the window takes it. Whether there is anything new.
    pub fn make(&mut self, run: &CurrentRun, is_resting: bool) -> bool {
        if self.wanted.is_empty() {
            return false;
        }
        let begin = Instant::now();
        // A picture is not worth a run: should it fail, training goes on without pictures.
        let attempt = AssertUnwindSafe(|| self.snapshot(run, is_resting));
        let Ok(snapshot) = catch_unwind(attempt) else {
            self.wanted = Wanted::default();
            return false;
        };
        self.made_at = Instant::now();
        self.cost = begin.elapsed();
        match snapshot {
            Ok(snapshot) => self.slot.put(snapshot),
            Err(error) => {
                log::warn!("no picture of the model: {error}");
                return false;
            }
        }
        true
    }

    fn snapshot(
        &mut self,
        run: &CurrentRun,
        is_resting: bool,
    ) -> Result<ModelSnapshot, TrainError> {
        let trainer = run.timed.trainer();
        let machine = trainer.machine();
        let wanted = self.wanted.clone();
        let units = wanted.units.as_ref();
        let units = units.map(|units| self.units(trainer, units, is_resting)).transpose()?;
        self.number += 1;
        Ok(ModelSnapshot {
            number: self.number,
            finished_epochs: trainer.finished_epochs(),
            n_visible: machine.n_visible(),
            n_hidden: machine.n_hidden(),
            songs: Arc::clone(&run.songs),
            units,
            particles: wanted.particles.map(|n| particles(trainer, n)).transpose()?,
            step: wanted.step.map(|step| step_picture(trainer, step)).transpose()?,
            histograms: wanted.histograms.then(|| self.histograms(machine)).transpose()?,
            activity: wanted.activity.then(|| activity(trainer)).transpose()?,
        })
    }

    fn units(
        &mut self,
        trainer: &Trainer,
        wanted: &WantedUnits,
        is_resting: bool,
    ) -> Result<UnitsPicture, TrainError> {
        let machine = trainer.machine();
        let n_hidden = machine.n_hidden();
        let activities = mean_activities(trainer)?;
        if !wanted.places.is_empty() && !self.is_order_good(trainer, wanted, is_resting) {
            self.order = Some(sorted(trainer, wanted, &activities)?);
        }
        let kept = self.order.as_ref().filter(|_| !wanted.places.is_empty());
        let units = kept.map_or(&[][..], |kept| &kept.units[..]);
        let first = wanted.places.start.min(units.len());
        let shown = &units[first..wanted.places.end.clamp(first, units.len())];
        let others = wanted.others.iter().copied().filter(|&unit| unit < n_hidden);
        let others: Vec<usize> = others.collect();
        Ok(UnitsPicture {
            order: wanted.order,
            n_chained: kept.map_or(0, |kept| kept.n_chained),
            first_place: first,
            shown: unit_pictures(machine, shown, &activities)?,
            others: unit_pictures(machine, &others, &activities)?,
        })
    }

    /// Whether the order may stay: sorted again when it is asked for, when the number of epochs has
    /// doubled and when the run comes to rest, but never under the pointer.
    fn is_order_good(&self, trainer: &Trainer, wanted: &WantedUnits, is_resting: bool) -> bool {
        let Some(kept) = &self.order else { return false };
        let epochs = trainer.finished_epochs();
        let has_doubled = epochs < kept.epochs || epochs >= 2 * kept.epochs;
        let is_old = epochs != kept.epochs && (has_doubled || is_resting);
        kept.order == wanted.order
            && kept.sorting == wanted.sorting
            && kept.units.len() == trainer.machine().n_hidden()
            && (wanted.holds_order || !is_old)
    }

    fn histograms(&self, machine: &Machine) -> Result<HistogramsPicture, TrainError> {
        let n_weights = machine.n_visible() * machine.n_hidden();
        let (visible_bias, hidden_bias) = machine.biases()?;
        let update = self.last_update.as_ref();
        Ok(HistogramsPicture {
            weights: Histogram::of(&machine.weight_sample(N_SAMPLED_WEIGHTS)?, n_weights),
            visible_bias: Histogram::of(&visible_bias, visible_bias.len()),
            hidden_bias: Histogram::of(&hidden_bias, hidden_bias.len()),
            update: update.map(|update| Histogram::of(update, n_weights)),
        })
    }
}

fn sorted(
    trainer: &Trainer,
    wanted: &WantedUnits,
    activities: &[f32],
) -> Result<KeptOrder, TrainError> {
    let machine = trainer.machine();
    let mut n_chained = 0;
    let units = match wanted.order {
        UnitOrder::Number => (0..machine.n_hidden()).collect(),
        UnitOrder::Activity => by_value(activities),
        UnitOrder::Norm => by_value(&machine.unit_norms()?),
        UnitOrder::Similarity => {
            let mut units = by_value(&machine.unit_norms()?);
            n_chained = n_chainable(machine.n_visible()).min(units.len());
            let strongest = units[..n_chained].to_vec();
            let rows = machine.weights_of_units(&strongest)?;
            let places = chain(&rows, machine.n_visible());
            for (unit, place) in units.iter_mut().zip(places) {
                *unit = strongest[place];
            }
            units
        }
    };
    let (order, sorting) = (wanted.order, wanted.sorting);
    Ok(KeptOrder { order, sorting, epochs: trainer.finished_epochs(), units, n_chained })
}

fn unit_pictures(
    machine: &Machine,
    units: &[usize],
    activities: &[f32],
) -> Result<Vec<UnitPicture>, TrainError> {
    let weights = machine.weights_of_units(units)?;
    let rows = weights.chunks_exact(machine.n_visible().max(1));
    let picture = |(&unit, weights): (&usize, &[f32])| UnitPicture {
        unit,
        norm: weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt(),
        activity: activities[unit],
        weights: weights.into(),
    };
    Ok(units.iter().zip(rows).map(picture).collect())
}

/// Excerpts spread evenly over all that are trained on.
fn sample(trainer: &Trainer, at_most: usize) -> Vec<usize> {
    let n_excerpts = trainer.training_excerpts().len();
    let n = at_most.min(n_excerpts);
    (0..n).map(|place| place * n_excerpts / n).collect()
}

fn mean_activities(trainer: &Trainer) -> Result<Vec<f32>, TrainError> {
    let cases = trainer.training_excerpts().bytes(&sample(trainer, N_ORDER_EXCERPTS));
    let probabilities = trainer.machine().hidden_probabilities(&cases)?;
    Ok(means(&probabilities, trainer.machine().n_hidden()))
}

/// Means over the cases of cases × units.
fn means(values: &[f32], n_units: usize) -> Vec<f32> {
    let mut means = vec![0.0; n_units];
    let cases = values.chunks_exact(n_units.max(1));
    let n_cases = cases.len().max(1) as f32;
    for case in cases {
        means.iter_mut().zip(case).for_each(|(mean, value)| *mean += value / n_cases);
    }
    means
}

fn activity(trainer: &Trainer) -> Result<ActivityPicture, TrainError> {
    let n_hidden = trainer.machine().n_hidden();
    let excerpts = sample(trainer, N_ACTIVITY_EXCERPTS);
    let cases = trainer.training_excerpts().bytes(&excerpts);
    let probabilities = trainer.machine().hidden_probabilities(&cases)?;
    let n_shown = n_hidden.min(N_ACTIVITY_UNITS);
    let units: Vec<usize> = (0..n_shown).map(|place| place * n_hidden / n_shown).collect();
    let shade = |p: f32| (p * 255.0).round() as u8;
    let shades = probabilities.chunks_exact(n_hidden.max(1));
    let shades = shades.flat_map(|case| units.iter().map(|&unit| shade(case[unit])));
    Ok(ActivityPicture {
        shades: shades.collect(),
        means: means(&probabilities, n_hidden),
        excerpts,
        units,
    })
}

fn particles(trainer: &Trainer, at_most: usize) -> Result<ParticlesPicture, TrainError> {
    let mut visible = trainer.chains()?;
    let n_visible = trainer.machine().n_visible();
    if !visible.is_empty() {
        visible.truncate(at_most * n_visible);
        return Ok(ParticlesPicture { kind: ParticleKind::Persistent, visible });
    }
    let data = trainer.training_excerpts().bytes(&sample(trainer, at_most));
    let mut random = tosses(trainer, 0);
    let hidden = toss(&mut random, &trainer.machine().hidden_probabilities(&data)?);
    let visible = toss(&mut random, &trainer.machine().visible_probabilities(&hidden)?);
    Ok(ParticlesPicture { kind: ParticleKind::OneGibbsStep, visible })
}

fn step_picture(trainer: &Trainer, wanted: WantedStep) -> Result<StepPicture, TrainError> {
    let machine = trainer.machine();
    let excerpts = trainer.training_excerpts();
    let excerpt = wanted.excerpt.min(excerpts.len().saturating_sub(1));
    let visible = excerpts.bytes(&[excerpt]);
    let hidden_probabilities = machine.hidden_probabilities(&visible)?;
    let hidden = toss(&mut tosses(trainer, wanted.toss), &hidden_probabilities);
    let reconstruction = machine.visible_probabilities(&hidden)?;
    let squares = visible.iter().zip(&reconstruction).map(|(&bit, &p)| {
        let difference = f64::from(bit) - f64::from(p);
        difference * difference
    });
    let error = squares.sum::<f64>() / visible.len().max(1) as f64;
    Ok(StepPicture { excerpt, visible, hidden_probabilities, hidden, reconstruction, error })
}

fn tosses(trainer: &Trainer, number: u64) -> RandomSource {
    RandomSource::new(trainer.settings().seed, Stream::Picture, number, Device::Cpu)
}

fn toss(random: &mut RandomSource, probabilities: &[f32]) -> Vec<u8> {
    probabilities.iter().map(|&p| u8::from(random.uniform() < p)).collect()
}
