//! Measures that say how well a machine knows its data, all from one pass over the excerpts.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::{Device, ExcerptStore, Machine, RandomSource, RbmError, Stream};

/// Cases that are measured at once: bounds memory, changes no figure but by rounding.
const CHUNK: usize = 1024;

/// A hidden unit is dead below this mean of p(h | v) over the excerpts …
const DEAD_BELOW: f64 = 0.01;

/// … and saturated above this one.
const SATURATED_ABOVE: f64 = 0.99;

/// Units flipped a case for the pseudo-log-likelihood, of those that are on and of those that are
/// off. The time of a unit is that of one row of the weights, next to nothing beside the products.
const FLIPS: i64 = 4;

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
    /// tutorial) draws one unit of all; as few are on and those count most, it is drawn among
    /// those that are on and those that are off apart, which errs far less.
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
        let mut sums = Sums::new(machine);
        for start in (0..store.len()).step_by(CHUNK) {
            let visible = store.batch(start, CHUNK.min(store.len() - start));
            let inputs = machine.hidden_input(&visible);
            let probabilities = inputs.sigmoid();
            let hidden = random.bernoulli(&probabilities);
            sums.hidden += probabilities.sum_dim_intlist([0_i64].as_slice(), false, Kind::Double);
            sums.reconstructions += reconstructions(machine, &visible, &hidden);
            sums.energies += energies(machine, &visible, &inputs, &mut flips);
        }
        sums.means(store.len(), store.n_visible()).map(Some)
    }
}

/// Sums over the excerpts, on the device until the end.
struct Sums {
    /// Squared differences, cross-entropies.
    reconstructions: Tensor,
    /// Free energies, pseudo-log-likelihoods, bits set.
    energies: Tensor,
    /// p(h | v), one number a hidden unit.
    hidden: Tensor,
}

impl Sums {
    fn new(machine: &Machine) -> Self {
        let zeros = |n| Tensor::zeros([n], (Kind::Double, machine.device().torch()));
        let hidden = zeros(machine.n_hidden() as i64);
        Self { reconstructions: zeros(2), energies: zeros(3), hidden }
    }

    fn means(&self, n_excerpts: usize, n_visible: usize) -> Result<Measures, RbmError> {
        let (n_excerpts, n_visible) = (n_excerpts as f64, n_visible as f64);
        let reconstructions = Vec::<f64>::try_from(&self.reconstructions)?;
        let energies = Vec::<f64>::try_from(&self.energies)?;
        let hidden = Vec::<f64>::try_from(&(&self.hidden / n_excerpts))?;
        let count = |is: &dyn Fn(f64) -> bool| hidden.iter().filter(|&&p| is(p)).count();
        Ok(Measures {
            reconstruction_error: reconstructions[0] / (n_excerpts * n_visible),
            cross_entropy: reconstructions[1] / n_excerpts,
            free_energy: energies[0] / n_excerpts,
            pseudo_log_likelihood: energies[1] / n_excerpts,
            hidden_activation: hidden.iter().sum::<f64>() / hidden.len() as f64,
            dead_hidden_units: count(&|p| p < DEAD_BELOW),
            saturated_hidden_units: count(&|p| p > SATURATED_ABOVE),
            density: energies[2] / (n_excerpts * n_visible),
        })
    }
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
fn energies(
    machine: &Machine,
    visible: &Tensor,
    inputs: &Tensor,
    flips: &mut RandomSource,
) -> Tensor {
    let hidden_term = sum_of_softplus(inputs);
    let free_energies = -(visible.mv(&machine.torch().visible_bias) + &hidden_term);
    let flipped = Flips::draw(visible, flips);
    let conditionals = flipped.log_conditionals(machine, inputs, &hidden_term);
    Tensor::stack(&[free_energies.sum(Kind::Double), conditionals, visible.sum(Kind::Double)], 0)
}

/// Units that are flipped, in each case so many that are on and so many that are off.
struct Flips {
    /// Cases × draws; the units that are on first.
    units: Tensor,
    /// Units on and units off, one number a case.
    counts: [Tensor; 2],
}

impl Flips {
    fn draw(visible: &Tensor, random: &mut RandomSource) -> Self {
        let (n_cases, n_visible) = (visible.size()[0], visible.size()[1]);
        let on_so_far = visible.cumsum(1, Kind::Float);
        let places = Tensor::arange(n_visible, (Kind::Float, visible.device())) + 1.0;
        let counts = |so_far: &Tensor| so_far.select(1, n_visible - 1);
        let draw = |so_far: &Tensor, random: &mut RandomSource| {
            let uniforms = random.uniforms(&[n_cases, FLIPS]).to_device(visible.device());
            let count = counts(so_far).unsqueeze(1);
            let rank = (uniforms * &count).floor_() + 1.0;
            let rank = rank.minimum(&count);
            rank.searchsorted(so_far, false, false, "left", None::<&Tensor>)
        };
        let off_so_far = places - &on_so_far;
        let units = [draw(&on_so_far, random), draw(&off_so_far, random)];
        Self { units: Tensor::cat(&units, 1), counts: [counts(&on_so_far), counts(&off_so_far)] }
    }

    /// Sum over the cases of the estimates of Σᵢ log p(vᵢ | rest).
    ///
    /// Flipping unit i adds ±W[i, :] to the inputs of the hidden units, so F(ṽ) costs a row of the
    /// weights and no product.
    fn log_conditionals(&self, machine: &Machine, inputs: &Tensor, hidden_term: &Tensor) -> Tensor {
        let mut sum = Tensor::zeros([], (Kind::Double, inputs.device()));
        for draw in 0..2 * FLIPS {
            let is_on = draw < FLIPS;
            let sign = if is_on { -1.0 } else { 1.0 };
            let units = self.units.select(1, draw);
            let flipped = inputs + machine.torch().weights.index_select(0, &units) * sign;
            let bias_change = machine.torch().visible_bias.index_select(0, &units) * sign;
            let energy_change = hidden_term - sum_of_softplus(&flipped) - bias_change;
            let weights = &self.counts[usize::from(!is_on)] / FLIPS as f64;
            sum += (energy_change.log_sigmoid() * weights).sum(Kind::Double);
        }
        sum
    }
}

/// Σⱼ log(1 + exp(xⱼ)), one number a case.
fn sum_of_softplus(inputs: &Tensor) -> Tensor {
    inputs.softplus().sum_dim_intlist([1_i64].as_slice(), false, Kind::Double)
}
