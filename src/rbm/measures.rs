//! Measures that say how well a machine knows its data, all from one pass over the excerpts.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::kernel::{self, Flips, MeasureSums};
use super::machine::Parts;
use super::{Device, ExcerptStore, Machine, RandomSource, RbmError, Stream};

/// Cases that are measured at once: bounds memory, changes no figure but by rounding.
const CHUNK: usize = 1024;

/// A hidden unit is dead below this mean of p(h | v) over the excerpts …
pub const DEAD_BELOW: f64 = 0.01;

/// … and saturated above this one.
pub const SATURATED_ABOVE: f64 = 0.99;

/// How a hidden unit fares, by its mean of p(h | v) over excerpts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitHealth {
    /// Never on: it adds nothing.
    Dead,
    Healthy,
    /// Always on: it acts like a bias.
    Saturated,
}

impl UnitHealth {
    pub fn of(mean: f64) -> Self {
        match mean {
            mean if mean < DEAD_BELOW => Self::Dead,
            mean if mean > SATURATED_ABOVE => Self::Saturated,
            _ => Self::Healthy,
        }
    }
}

/// Units flipped a case for the pseudo-log-likelihood, of those that are on and of those that are
/// off. The time of a unit is that of one row of the weights, next to nothing beside the products.
const N_FLIPS: usize = 4;

/// Measures over a set of excerpts.
///
/// The reconstructions are those of the model in use: the hidden-to-visible product counts
/// `hidden_retention`. Free energy and pseudo-log-likelihood are of the raw weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Mean over all excerpts and visible units of (v − p(v | h))², h sampled from p(h | v).
    pub reconstruction_error: f64,
    /// Cross-entropy of the same reconstructions in nats an excerpt: the mean over all excerpts
    /// of −Σᵢ vᵢ log p(vᵢ | h) + (1 − vᵢ) log(1 − p(vᵢ | h)).
    pub cross_entropy: f64,
    /// Mean free energy in nats an excerpt. Only differences mean something.
    pub free_energy: f64,
    /// Mean of Σᵢ log p(vᵢ | the other units) in nats an excerpt (Besag 1975), estimated without
    /// bias: log p(vᵢ | rest) = log σ(F(ṽ) − F(v)), where ṽ is v with unit i flipped, for a few
    /// units of each excerpt drawn at random. The usual estimate (scikit-learn, the deep-learning
    /// tutorial) draws one unit of all; as few are on and those count most, they are drawn among
    /// the units that are on and those that are off apart, which errs far less.
    pub pseudo_log_likelihood: f64,
    /// Mean of p(h | v) over excerpts and hidden units.
    pub hidden_activation: f64,
    /// Hidden units whose mean of p(h | v) over the excerpts lies below 0.01.
    pub dead_hidden_units: usize,
    /// Hidden units whose mean of p(h | v) over the excerpts lies above 0.99.
    pub saturated_hidden_units: usize,
    /// Share of the excerpts' bits that are set.
    pub density: f64,
}

impl Measures {
    /// Measures over every excerpt of the store; `None` when it is empty. The random numbers are
    /// those of `step` in [`Stream::Measure`] and [`Stream::FlippedUnit`], so that measuring never
    /// changes a run.
    ///
    /// Two products of cases × visible × hidden are all that it costs: what the reconstruction
    /// error needs. The other measures read the same numbers, so none has to make do with a sample.
    pub fn take(
        machine: &Machine,
        store: &ExcerptStore,
        seed: u64,
        step: u64,
    ) -> Result<Option<Self>, RbmError> {
        if store.is_empty() {
            return Ok(None);
        }
        let mut random = RandomSource::new(seed, Stream::Measure, step, machine.device());
        // On the processor on every device: the same units are flipped wherever the model is.
        let mut flips = RandomSource::new(seed, Stream::FlippedUnit, step, Device::Cpu);
        let mut sums = Sums::default();
        for start in (0..store.len()).step_by(CHUNK) {
            let range = start..store.len().min(start + CHUNK);
            let n_cases = range.len();
            let visible = store.bits(range.clone());
            let flips = Flips::draw(&visible, N_FLIPS, |bound| flips.below(bound));
            let chunk = match machine.parts() {
                Parts::Processor(weights) => {
                    let retention = machine.hidden_retention();
                    let draw = random.next_draw();
                    kernel::install(|| weights.measure(visible, &flips, retention, draw))
                }
                Parts::Torch(_) => on_torch(machine, &store.batch(range), &flips, &mut random)?,
            };
            sums.add(&chunk, n_cases);
        }
        Ok(Some(sums.means(store.len(), store.n_visible())))
    }
}

/// Sums over the excerpts.
#[derive(Default)]
struct Sums {
    total: MeasureSums,
    /// p(h | v), one number a hidden unit.
    hidden: Vec<f64>,
}

impl Sums {
    fn add(&mut self, chunk: &MeasureSums, n_cases: usize) {
        self.total.squares += chunk.squares;
        self.total.entropies += chunk.entropies;
        self.total.free_energies += chunk.free_energies;
        self.total.log_conditionals += chunk.log_conditionals;
        self.total.bits += chunk.bits;
        self.hidden.resize(chunk.hidden.len(), 0.0);
        for (sum, mean) in self.hidden.iter_mut().zip(&chunk.hidden) {
            *sum += f64::from(*mean) * n_cases as f64;
        }
    }

    fn means(&self, n_excerpts: usize, n_visible: usize) -> Measures {
        let (n_excerpts, n_visible) = (n_excerpts as f64, n_visible as f64);
        let hidden: Vec<f64> = self.hidden.iter().map(|sum| sum / n_excerpts).collect();
        let count = |health| hidden.iter().filter(|&&p| UnitHealth::of(p) == health).count();
        Measures {
            reconstruction_error: self.total.squares / (n_excerpts * n_visible),
            cross_entropy: self.total.entropies / n_excerpts,
            free_energy: self.total.free_energies / n_excerpts,
            pseudo_log_likelihood: self.total.log_conditionals / n_excerpts,
            hidden_activation: hidden.iter().sum::<f64>() / hidden.len() as f64,
            dead_hidden_units: count(UnitHealth::Dead),
            saturated_hidden_units: count(UnitHealth::Saturated),
            density: self.total.bits / (n_excerpts * n_visible),
        }
    }
}

/// The sums over some cases, by libtorch.
fn on_torch(
    machine: &Machine,
    visible: &Tensor,
    flips: &[Flips],
    random: &mut RandomSource,
) -> Result<MeasureSums, RbmError> {
    let inputs = machine.hidden_input(visible);
    let probabilities = inputs.sigmoid();
    let hidden = random.bernoulli(&probabilities);
    let reconstructions = reconstructions(machine, visible, &hidden);
    let sums = Tensor::cat(&[reconstructions, energies(machine, visible, &inputs, flips)], 0);
    let sums = Vec::<f64>::try_from(&sums)?;
    let means = probabilities.mean_dim([0_i64].as_slice(), false, Kind::Float);
    Ok(MeasureSums {
        squares: sums[0],
        entropies: sums[1],
        free_energies: sums[2],
        log_conditionals: sums[3],
        bits: sums[4],
        hidden: Vec::<f32>::try_from(&means)?,
    })
}

/// Sums of the squared differences and of the cross-entropies between v and p(v | h).
fn reconstructions(machine: &Machine, visible: &Tensor, hidden: &Tensor) -> Tensor {
    let inputs = machine.retained_visible_input(hidden);
    // −v log σ(x) − (1 − v) log(1 − σ(x)) = softplus(x) − v x, exact however sure the model is.
    let entropy = inputs.softplus().sum(Kind::Double) - (&inputs * visible).sum(Kind::Double);
    let squares = (inputs.sigmoid() - visible).square().sum(Kind::Double);
    Tensor::stack(&[squares, entropy], 0)
}

/// Sums of the free energies, of the pseudo-log-likelihoods and of the bits set; `inputs` is vW + b.
fn energies(machine: &Machine, visible: &Tensor, inputs: &Tensor, flips: &[Flips]) -> Tensor {
    let hidden_term = sum_of_softplus(inputs);
    let free_energies = -(visible.mv(&machine.torch().visible_bias) + &hidden_term);
    let conditional = |flips| log_conditionals(machine, inputs, &hidden_term, flips);
    let conditionals: Tensor = flips.iter().map(conditional).sum();
    Tensor::stack(&[free_energies.sum(Kind::Double), conditionals, visible.sum(Kind::Double)], 0)
}

/// Weighted sum over the cases of log σ(F(ṽ) − F(v)).
///
/// Flipping unit i adds ±W[i, :] to the inputs of the hidden units, so F(ṽ) costs a row of the
/// weights a case and no product.
fn log_conditionals(
    machine: &Machine,
    inputs: &Tensor,
    hidden_term: &Tensor,
    flips: &Flips,
) -> Tensor {
    let place = |tensor: Tensor| tensor.to_device(machine.device().torch());
    let units: Vec<i64> = flips.units.iter().map(|&(unit, _)| unit as i64).collect();
    let units = place(Tensor::from_slice(&units));
    let signs: Vec<f32> = flips.units.iter().map(|&(_, sign)| sign).collect();
    let signs = place(Tensor::from_slice(&signs));
    let rows = machine.torch().weights.index_select(0, &units);
    let flipped = inputs + rows * signs.unsqueeze(1);
    let bias_change = signs * machine.torch().visible_bias.index_select(0, &units);
    let energy_change = hidden_term - sum_of_softplus(&flipped) - bias_change;
    (energy_change.log_sigmoid() * place(Tensor::from_slice(&flips.weights))).sum(Kind::Double)
}

/// Σⱼ log(1 + exp(xⱼ)), one number a case.
fn sum_of_softplus(inputs: &Tensor) -> Tensor {
    inputs.softplus().sum_dim_intlist([1_i64].as_slice(), false, Kind::Double)
}
